// SPDX-License-Identifier: GPL-2.0

//! What a log says was denied: each thing once, by component.

use std::collections::BTreeMap;

use sphere_core::denial_line::{Denial, LOG_PREFIX};
use sphere_core::gate::Gate;
use sphere_core::role::Role;
use sphere_core::token::Token;
use sphere_core::uuid::Uuid;

use crate::report::{Problem, Report};

/// One thing that was denied, or would have been.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    pub gate: Gate,
    pub object: String,
    pub right: String,
    pub reason: String,
}

/// All that one component was denied.
#[derive(Debug, Default)]
pub struct Component {
    /// With the first place that says so.
    pub refusals: BTreeMap<Refusal, String>,
    /// What the first thread was called.
    pub comm: String,
}

/// What a log says.
#[derive(Debug, Default)]
pub struct Log {
    pub components: BTreeMap<Uuid, Component>,
}

/// A name as it is meant.
pub fn decoded(token: &str) -> Option<String> {
    let bytes = Token::new(token)?.bytes().collect();
    String::from_utf8(bytes).ok()
}

/// Reads log or audit lines. `name` is that of the file.
pub fn read(name: &str, text: &[u8], report: &mut Report) -> Log {
    let mut log = Log::default();
    let mut others = 0;
    for (number, line) in (1..).zip(text.split(|&byte| byte == b'\n')) {
        let line = String::from_utf8_lossy(line);
        let place = format!("{name}:{number}");
        let Some(denial) = Denial::find(&line) else {
            if is_like_a_denial(&line) {
                let reason = "seems to say what was denied, but not in known words";
                report.push(Problem::warning(place, reason));
            }
            continue;
        };
        if denial.missed != 0 {
            report.push(missed(&place, &denial));
        }
        match denial.component {
            Role::Application(id) => log.components.entry(id).or_default().add(&denial, place),
            _ => others += 1,
        }
    }
    if others != 0 {
        let reason = format!("{others} lines are not about a component: no manifest can help");
        report.push(Problem::remark(name, reason));
    }
    log
}

fn is_like_a_denial(line: &str) -> bool {
    ["denied gate=", "permitted gate="]
        .iter()
        .any(|start| line.contains(&format!("{LOG_PREFIX}{start}")))
}

fn missed(place: &str, denial: &Denial<'_>) -> Problem {
    let Denial {
        missed, component, ..
    } = denial;
    let reason = format!("{missed} denials of {component} before this one were not said");
    Problem::warning(place, reason)
        .note("what is learned is not complete")
        .hint("load a policy with a line such as `reports 10000 1000`, and let it run again")
}

impl Component {
    fn add(&mut self, denial: &Denial<'_>, place: String) {
        if self.refusals.is_empty() {
            self.comm = denial.comm.to_string();
        }
        let refusal = Refusal {
            gate: denial.gate,
            object: denial.object.to_owned(),
            right: denial.right.to_owned(),
            reason: denial.reason.to_owned(),
        };
        self.refusals.entry(refusal).or_insert(place);
    }
}
