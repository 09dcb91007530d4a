// SPDX-License-Identifier: GPL-2.0

//! What two applications cannot both have, and what none can have because there is not enough.

use std::collections::BTreeMap;

use super::finding::{Code, Finding};
use crate::conflict;
use crate::device::{Application, Device};
use crate::report::{Place, Problem};
use crate::{launch, record};

pub fn findings(device: &Device) -> Vec<Finding> {
    let applications = &device.applications;
    let mut findings: Vec<_> = applications.iter().flat_map(too_much).collect();
    for (index, one) in applications.iter().enumerate() {
        let others = &applications[index + 1..];
        findings.extend(others.iter().filter_map(|other| same(one, other)));
    }
    findings.extend(shared(applications));
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

fn same(one: &Application, other: &Application) -> Option<Finding> {
    conflict::same_component(&one.borrowed(), &other.borrowed()).map(|problem| Finding {
        code: Code::SameComponent,
        problem,
    })
}

/// One finding for each resource, however many applications ask for it. Those that are the same
/// component count as one: that is another mistake.
fn shared(applications: &[Application]) -> Vec<Finding> {
    // What two resources that collide have in common is how they are called.
    let mut holders: BTreeMap<String, BTreeMap<[u8; 16], (&Application, &Place)>> = BTreeMap::new();
    for application in applications {
        for (resource, place) in &application.grants.resources {
            let holders = holders.entry(resource.to_string()).or_default();
            let component = application.grants.component.0;
            holders.entry(component).or_insert((application, place));
        }
    }
    holders
        .into_iter()
        .filter(|(_, holders)| holders.len() > 1)
        .filter_map(|(resource, holders)| conflict(&resource, holders.into_values().collect()))
        .collect()
}

fn conflict(resource: &str, mut holders: Vec<(&Application, &Place)>) -> Option<Finding> {
    holders.sort_by_key(|(application, place)| (&application.manifest.name, &place.file));
    let (_, place) = holders.first()?;
    let count = holders.len();
    let reason = format!("{resource} can belong to one application, and {count} ask for it");
    let problem = Problem::error(*place, reason)
        .hint("give it to one of them; the others ask that one, as peers");
    Some(Finding {
        code: Code::Conflict,
        problem: holders
            .iter()
            .fold(problem, |problem, (application, place)| {
                problem.note(format!("{:?}, at {place}", application.manifest.name))
            }),
    })
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
