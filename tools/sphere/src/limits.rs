// SPDX-License-Identifier: GPL-2.0

//! How much of a device its applications may use: `Limits` and `ApplicationLimits` of board files.

use std::collections::BTreeMap;

use sphere_core::limits::{Limit, Limits};
use sphere_core::uuid::Uuid;

use crate::guid;
use crate::json::{Node, Object};
use crate::report::{Place, Problem, Report};

/// Which application an element of `ApplicationLimits` is about.
const COMPONENT: &str = "ComponentId";

/// The key of a limit.
const fn key(limit: Limit) -> &'static str {
    match limit {
        Limit::Memory => "MemoryKB",
        Limit::Processes => "Processes",
        Limit::Cpu => "CpuPercent",
    }
}

/// What a board file says about limits.
#[derive(Debug, Default)]
pub struct BoardLimits {
    /// Of every application.
    all: Limits,
    /// Of one, and where the board file has them.
    single: BTreeMap<Uuid, (Limits, Place)>,
}

impl BoardLimits {
    /// Reads them from the object that a board file is. What is wrong goes to the report.
    pub fn read(board: Object<'_>, report: &mut Report) -> Self {
        let mut limits = Self::default();
        if let Some(node) = board.get("Limits") {
            limits.all = read_all(node, report).unwrap_or_default();
        }
        if let Some(node) = board.get("ApplicationLimits") {
            for element in node.array(report).unwrap_or_default() {
                limits.read_one(element, report);
            }
        }
        limits
    }

    fn read_one(&mut self, node: &Node, report: &mut Report) {
        let Some(object) = node.object(report) else {
            return;
        };
        let known: Vec<_> = [COMPONENT].into_iter().chain(Limit::ALL.map(key)).collect();
        object.refuse_unknown("key", &known, report);
        // Both are read before either is given up, so that one run names what is wrong with both.
        let component = object.required(COMPONENT, report);
        let component = component.and_then(|node| Some((guid::read(node, report)?, node)));
        let limits = read(object, report);
        let Some((id, node)) = component else {
            return;
        };
        if let Some((_, first)) = self.single.get(&id) {
            report.push(
                Problem::error(&node.place, format!("{id} stands here twice"))
                    .note(format!("first at {first}")),
            );
            return;
        }
        self.single.insert(id, (limits, node.place.clone()));
    }

    /// Those of an application; what is said about it alone goes first.
    pub fn of(&self, component: Uuid) -> Limits {
        self.single
            .get(&component)
            .map_or(self.all, |(limits, _)| limits.or(&self.all))
    }
}

fn read_all(node: &Node, report: &mut Report) -> Option<Limits> {
    let object = node.object(report)?;
    object.refuse_unknown("key", &Limit::ALL.map(key), report);
    Some(read(object, report))
}

fn read(object: Object<'_>, report: &mut Report) -> Limits {
    let mut limits = Limits::NONE;
    for limit in Limit::ALL {
        let range = limit.range();
        let value = object
            .get(key(limit))
            .and_then(|node| node.integer(*range.start(), *range.end(), report));
        if let Some(value) = value {
            // It has just been read as one of that range.
            let _ = limits.say(limit, value);
        }
    }
    limits
}
