// SPDX-License-Identifier: GPL-2.0

//! What the board has and nobody asks for.

use std::collections::BTreeSet;

use super::finding::{Code, Finding};
use super::lines::{Run, unowned_lines};
use crate::device::Device;
use crate::grants::Resource;
use crate::report::{Place, Problem};

pub fn findings(device: &Device) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (chip, runs) in unowned_lines(device) {
        for Run { first, last, place } in runs {
            let what = if first == last {
                format!("line {first} of GPIO chip {chip:?} belongs to nobody")
            } else {
                format!("lines {first}-{last} of GPIO chip {chip:?} belong to nobody")
            };
            findings.push(unowned(&place, what));
        }
    }
    // A node may have several names, and is one device.
    let mut known = BTreeSet::new();
    for (kind, name, node) in device.board.devices() {
        if known.insert(&node.value) && !is_owned(device, &node.value) {
            let what = format!("{} ({} {name}) belongs to nobody", node.value, kind.key());
            findings.push(unowned(&node.place, what));
        }
    }
    findings
}

fn unowned(place: &Place, what: String) -> Finding {
    Finding {
        code: Code::Unowned,
        problem: Problem::remark(place, what)
            .hint("nothing to do; if nothing on the board needs it, take it out of the board file"),
    }
}

fn is_owned(device: &Device, node: &str) -> bool {
    let mut applications = device.applications.iter();
    applications.any(|application| {
        let mut resources = application.grants.resources.keys();
        resources.any(|resource| matches!(resource, Resource::Device(owned, _) if owned == node))
    })
}
