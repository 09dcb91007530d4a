// SPDX-License-Identifier: GPL-2.0

//! Peers that an application lists and cannot talk to.

use super::finding::{Code, Finding};
use crate::conflict;
use crate::device::{Application, Device};
use crate::report::Problem;

pub fn findings(device: &Device, complete: bool) -> Vec<Finding> {
    let applications = &device.applications;
    let mut findings = Vec::new();
    for (index, one) in applications.iter().enumerate() {
        for other in &applications[index + 1..] {
            let problems = conflict::one_sided_peers(&one.borrowed(), &other.borrowed());
            findings.extend(problems.into_iter().map(|problem| Finding {
                code: Code::OneSidedPeer,
                problem,
            }));
        }
        findings.extend(alone(one, device, complete));
    }
    findings
}

/// Peers for which no second application is needed to see that they are of no use.
fn alone(one: &Application, device: &Device, complete: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for peer in &one.grants.peers {
        if peer.value == one.grants.component {
            let reason = "an application needs no grant to talk to itself";
            findings.push(Finding {
                code: Code::SelfPeer,
                problem: Problem::warning(&peer.place, reason).hint("take it out of the list"),
            });
            continue;
        }
        let mut applications = device.applications.iter();
        if complete && !applications.any(|other| other.grants.component == peer.value) {
            let reason = format!(
                "connections stay refused: no application here is component {}",
                peer.value
            );
            findings.push(Finding {
                code: Code::AbsentPeer,
                problem: Problem::warning(&peer.place, reason)
                    .hint("check its manifest, too, or take it out of the list"),
            });
        }
    }
    findings
}
