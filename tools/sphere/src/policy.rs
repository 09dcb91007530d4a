// SPDX-License-Identifier: GPL-2.0

//! Checks a policy as the kernel does, and for what the board does not have.
//!
//! The kernel takes a policy about a chip that it has not, as a device may get one later. So that
//! is a warning: a name with a slip of the pen grants nothing, and denies nothing either.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use sphere_core::policy::{Grant, Statement};
use sphere_core::policy_check::{self, At};
use sphere_core::words::Decoded;

use crate::board::{self, Board};
use crate::report::{Problem, Report, similar};

/// What to check.
#[derive(Debug, Default)]
pub struct Request {
    /// What the policy is called.
    pub name: String,
    pub policy: Vec<u8>,
    pub board: Option<PathBuf>,
}

/// What a statement names of a board.
struct Thing {
    kind: Kind,
    name: String,
}

#[derive(Clone, Copy)]
enum Kind {
    Chip,
    Partition,
}

/// Returns how many statements there are. `None` if anything is wrong; the report says what.
pub fn check(request: &Request, report: &mut Report) -> Option<usize> {
    report.unless_errors(|report| {
        let board = match &request.board {
            Some(path) => Some(board::read(path, &[], report)?),
            None => None,
        };
        // By line, each of which names one thing at most, but may be several statements.
        let mut things = BTreeMap::new();
        let count = policy_check::check(&request.policy, &mut |text, statement| {
            things.extend(thing(text, &statement).map(|thing| (line(text, &statement), thing)));
        });
        match count {
            Ok(_) => warn_of_absent(&request.name, &things, board.as_ref(), report),
            Err(error) => {
                let place = At(&request.name, error.line).to_string();
                report.error(place, error.reason.text());
            }
        }
        count.ok()
    })
}

fn thing(text: &str, statement: &Statement) -> Option<Thing> {
    let (kind, word) = match statement.grant {
        Grant::Gpio { chip, .. } => (Kind::Chip, chip),
        Grant::Mtd { partition, .. } => (Kind::Partition, partition),
        _ => return None,
    };
    let bytes: Vec<u8> = Decoded::of(word.of(text.as_bytes())).flatten().collect();
    // What is not UTF-8 is on no board: a board file has no such names.
    let name = String::from_utf8_lossy(&bytes).into_owned();
    Some(Thing { kind, name })
}

/// The number of the line that a statement of `text` is on.
fn line(text: &str, statement: &Statement) -> u32 {
    let words = statement.words.of(text.as_bytes());
    let start = (words.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize);
    let before = text.get(..start).unwrap_or("");
    // A policy has fewer lines than bytes.
    1 + before.matches('\n').count() as u32
}

fn warn_of_absent(
    policy: &str,
    things: &BTreeMap<u32, Thing>,
    board: Option<&Board>,
    report: &mut Report,
) {
    let Some(board) = board else {
        return;
    };
    for (line, thing) in things {
        let known = thing.kind.names(board);
        if !known.contains(thing.name.as_str()) {
            report.push(absent(At(policy, *line), thing, &known, board));
        }
    }
}

impl Kind {
    /// The names of all such things that the board file has.
    fn names(self, board: &Board) -> BTreeSet<&str> {
        match self {
            Self::Chip => board
                .line_ranges()
                .iter()
                .map(|range| range.chip.as_str())
                .collect(),
            Self::Partition => board
                .components()
                .flat_map(|(_, extras)| extras.partitions.keys())
                .map(String::as_str)
                .collect(),
        }
    }
}

fn absent(place: At<&str>, thing: &Thing, known: &BTreeSet<&str>, board: &Board) -> Problem {
    let Thing { kind, name } = thing;
    let (what, where_it_belongs) = match kind {
        Kind::Chip => ("GPIO chip", "\"Gpio\""),
        Kind::Partition => ("flash partition", "\"Components\""),
    };
    let file = &board.file;
    let reason = format!("{file} has no {what} {name:?}");
    let problem = Problem::warning(place.to_string(), reason);
    match similar(name, known.iter().copied()) {
        Some(known) => problem.hint(format!("did you mean {known:?}?")),
        None => problem.hint(format!(
            "compare it with those under {where_it_belongs} in the board file"
        )),
    }
}
