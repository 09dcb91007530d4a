// SPDX-License-Identifier: GPL-2.0

//! `sphere check`: what is wrong, useless or too much in the manifests of a whole device.
//!
//! Each file knows one sort of finding; this one only asks them all.

mod absent;
mod broad;
mod conflicts;
mod finding;
mod json;
mod lines;
mod peers;
mod powers;
mod reading;
mod unowned;
mod unused;

pub use finding::{Code, Finding};
pub use json::json;
pub(crate) use lines::{Run, unowned_lines};

use crate::device::{self, Device, Reports};
use crate::report::Severity;

/// What is still no reason for a finding.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Server ports of one protocol that one application may listen on.
    pub ports: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { ports: 8 }
    }
}

/// Everything that is to be said about a device, what matters most first.
pub fn check(request: device::Request, limits: Limits) -> Vec<Finding> {
    let mut reports = Reports::default();
    let device = device::read(request, &mut reports);
    let mut findings = reading::findings(&reports);
    if let Some(device) = device {
        let complete = !reports.have_errors();
        findings.extend(about(&device, complete, limits));
    }
    findings.sort_by_cached_key(Finding::key);
    findings
}

/// What is to be said about a device that could be read. Who is missing in the set is said only if
/// the set is `complete`: the application that was refused may be the one.
fn about(device: &Device, complete: bool, limits: Limits) -> Vec<Finding> {
    let mut findings = conflicts::findings(device);
    findings.extend(peers::findings(device, complete));
    findings.extend(unused::findings(device));
    findings.extend(broad::findings(device, limits));
    findings.extend(powers::findings(device));
    if complete {
        findings.extend(absent::findings(device));
        findings.extend(unowned::findings(device));
    }
    findings
}

/// How many findings have each severity, in words: `1 error, 2 warnings, 0 notes`.
pub fn summary(findings: &[Finding]) -> String {
    let count = |severity: Severity| {
        let count = findings.iter().filter(|one| one.is(severity)).count();
        let end = if count == 1 { "" } else { "s" };
        format!("{count} {severity}{end}")
    };
    [Severity::Error, Severity::Warning, Severity::Note]
        .map(count)
        .join(", ")
}
