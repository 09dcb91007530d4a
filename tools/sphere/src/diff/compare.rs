// SPDX-License-Identifier: GPL-2.0

//! From two sets of rights to what has changed, in words.

use std::cmp::Ordering;
use std::fmt;

use serde::Serialize;
use sphere_core::describe::{PrefixWords, protocol_words};
use sphere_core::limits::Limit;
use sphere_core::record::NetAction;

use super::ports::Ports;
use super::rights::{Right, Rights, Sort, Target};

/// One right that is new, or that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub right: Right,
    pub is_gain: bool,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.is_gain { '+' } else { '-' };
        write!(f, "{sign} {}", self.right.words)
    }
}

/// What `new` has gained and lost against `old`; what concerns one thing stands together, the loss
/// first.
pub fn compare(old: &Rights, new: &Rights) -> Vec<Change> {
    let gains = beyond(new, old).into_iter().map(|right| (right, true));
    let losses = beyond(old, new).into_iter().map(|right| (right, false));
    let mut changes: Vec<_> = gains
        .chain(losses)
        .map(|(right, is_gain)| Change { right, is_gain })
        .collect();
    changes.sort_by(|one, other| {
        let key = |change: &Change| (change.right.sort, change.right.key.clone(), change.is_gain);
        key(one).cmp(&key(other))
    });
    changes
}

/// The rights of `one` that `other` does not have.
fn beyond(one: &Rights, other: &Rights) -> Vec<Right> {
    let mut rights: Vec<_> = one.single.difference(&other.single).cloned().collect();
    rights.extend(storage(one.storage_bytes, other.storage_bytes));
    rights.extend(limits(one, other));
    for (&target, ports) in &one.ports {
        let covering = other.ports.iter().filter(|(other, _)| other.covers(target));
        let left = covering.fold(ports.clone(), |left, (_, ports)| left.without(ports));
        rights.extend(of_ports(target, &left));
    }
    rights
}

fn storage(one: u64, other: u64) -> Option<Right> {
    let words = match (one.cmp(&other), other) {
        (Ordering::Greater, 0) => format!("keep {} KiB", one / 1024),
        (Ordering::Greater, _) => format!(
            "keep {} KiB, {} KiB more than {} KiB",
            one / 1024,
            (one - other) / 1024,
            other / 1024
        ),
        _ => return None,
    };
    Some(Right {
        sort: Sort::Storage,
        key: String::new(),
        words,
    })
}

/// Where one side does not say, nothing has changed.
fn limits(one: &Rights, other: &Rights) -> Vec<Right> {
    let (Some(one), Some(other)) = (one.limits, other.limits) else {
        return Vec::new();
    };
    Limit::ALL
        .into_iter()
        .filter(|&limit| one.get(limit) > other.get(limit))
        .map(|limit| {
            let unit = match limit {
                Limit::Memory => "KiB of memory",
                Limit::Processes => "processes",
                Limit::Cpu => "% of a processor",
            };
            Right {
                sort: Sort::Limit,
                key: limit.name().to_owned(),
                words: format!("use {} {unit}, not {}", one.get(limit), other.get(limit)),
            }
        })
        .collect()
}

fn of_ports(target: Target, ports: &Ports) -> Vec<Right> {
    let (sort, place) = match target.action {
        NetAction::Bind => (Sort::Listen, "listen on".to_owned()),
        NetAction::Connect(prefix) => {
            let place = format!("connect to {},", PrefixWords(prefix));
            (Sort::Connect, place)
        }
    };
    let protocol = protocol_words(target.protocol);
    ports
        .words()
        .map(|ports| Right {
            sort,
            key: format!("{place} {protocol}"),
            words: format!("{place} {protocol} {ports}"),
        })
        .collect()
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    changes: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    change: &'static str,
    kind: &'static str,
    right: &'a str,
}

/// Changes as JSON.
pub fn json(changes: &[Change]) -> serde_json::Result<String> {
    let changes = changes
        .iter()
        .map(|change| Entry {
            change: if change.is_gain { "gain" } else { "loss" },
            kind: change.right.sort.word(),
            right: &change.right.words,
        })
        .collect();
    serde_json::to_string_pretty(&Document {
        version: 1,
        changes,
    })
}
