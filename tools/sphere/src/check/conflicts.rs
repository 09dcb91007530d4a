// SPDX-License-Identifier: GPL-2.0

//! What two applications cannot both have, and what none can have because there is not enough.

use super::finding::{Code, Finding};
use crate::conflict;
use crate::device::{Application, Device};
use crate::report::Problem;
use crate::{launch, record};

pub fn findings(device: &Device) -> Vec<Finding> {
    let applications = &device.applications;
    let mut findings: Vec<_> = applications.iter().flat_map(too_much).collect();
    for (index, one) in applications.iter().enumerate() {
        for other in &applications[index + 1..] {
            findings.extend(between(one, other));
        }
    }
    findings.extend(storage(device));
    findings
}

fn too_much(application: &Application) -> Vec<Finding> {
    let Application { manifest, grants } = application;
    let record = record::write(grants).err().map(|error| error.to_string());
    let launch = launch::write(manifest, grants).err();
    let launch = launch.map(|reason| format!("no launch file can be made of it: {reason}"));
    [record, launch]
        .into_iter()
        .flatten()
        .map(|reason| Finding {
            code: Code::TooMuch,
            problem: Problem::error(&manifest.place, reason)
                .hint("ask for less, or make two applications of it"),
        })
        .collect()
}

fn between(one: &Application, other: &Application) -> Vec<Finding> {
    let (one, other) = (one.borrowed(), other.borrowed());
    if let Some(problem) = conflict::same_component(&one, &other) {
        return vec![Finding {
            code: Code::SameComponent,
            problem,
        }];
    }
    conflict::shared_resources(&one, &other)
        .into_iter()
        .map(|problem| Finding {
            code: Code::Conflict,
            problem,
        })
        .collect()
}

/// Whether all applications together want more storage than the board says that there is.
fn storage(device: &Device) -> Option<Finding> {
    let most = device.board.storage_bytes?;
    let wanted: u64 = device
        .applications
        .iter()
        .map(|application| application.grants.storage_bytes)
        .sum();
    if wanted <= most {
        return None;
    }
    let reason = format!(
        "the applications ask for {} KiB of storage, and the board has {} KiB",
        wanted / 1024,
        most / 1024
    );
    let mut problem = Problem::error(&device.board.file, reason)
        .hint("lower SizeKB in one of the manifests, or correct MutableStorage of the board file");
    for application in &device.applications {
        if let Some(place) = &application.manifest.capabilities.storage_place {
            let size = application.grants.storage_bytes / 1024;
            problem = problem.note(format!("{size} KiB at {place}"));
        }
    }
    Some(Finding {
        code: Code::StorageExceeded,
        problem,
    })
}
