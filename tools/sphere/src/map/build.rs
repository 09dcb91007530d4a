// SPDX-License-Identifier: GPL-2.0

//! From a device to its map.

use std::collections::{BTreeMap, BTreeSet};

use sphere_core::record::MtdAccess;
use sphere_core::uuid::Uuid;

use super::model::{Access, Application, Group, Map, Row, key};
use crate::board::Direction;
use crate::capabilities::Reference;
use crate::check::{Run, unowned_lines};
use crate::device::Device;
use crate::grants::{self, Resource};
use crate::remote::Remote;

/// What the caller may say about a map.
#[derive(Debug, Default)]
pub struct Labels {
    pub title: Option<String>,
    pub date: Option<String>,
}

/// Draws up the map of a device.
pub fn build(device: &Device, labels: Labels) -> Map {
    let board = &device.board;
    let board = board.name.clone().unwrap_or_else(|| board.file.clone());
    let mut groups = lines(device);
    groups.extend([
        devices(device),
        partitions(device),
        storage(device),
        ports(device),
        connections(device),
        peers(device),
        capabilities(device),
    ]);
    groups.retain(|group| !group.rows.is_empty());
    Map {
        title: labels
            .title
            .unwrap_or_else(|| format!("Who may touch what: {board}")),
        board,
        date: labels.date,
        applications: applications(device),
        groups,
    }
}

fn applications(device: &Device) -> Vec<Application> {
    let applications = device.applications.iter().enumerate();
    applications
        .map(|(index, application)| Application {
            key: key(index),
            name: application.manifest.name.clone(),
            component: application.grants.component.to_string(),
            tenant: application.grants.tenant.clone(),
        })
        .collect()
}

/// All resources that applications get, with who gets them.
fn owners(device: &Device) -> impl Iterator<Item = (usize, &Resource)> {
    let applications = device.applications.iter().enumerate();
    applications.flat_map(|(index, application)| {
        let resources = application.grants.resources.keys();
        resources.map(move |resource| (index, resource))
    })
}

/// The `$NAMES` by which manifests ask for resources.
fn names(device: &Device) -> BTreeMap<String, BTreeSet<String>> {
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for application in &device.applications {
        for request in &application.manifest.capabilities.peripherals {
            let resource = grants::resource(request, &device.board);
            if let (Reference::Name(name), Ok(resource)) = (&request.value.reference, resource) {
                let known = names.entry(resource.to_string()).or_default();
                known.insert(name.clone());
            }
        }
    }
    names
}

fn joined(names: Option<&BTreeSet<String>>) -> String {
    let names: Vec<_> = names.into_iter().flatten().map(String::as_str).collect();
    names.join(", ")
}

/// Two applications have it, and only one can.
fn is_conflict(row: &Row) -> bool {
    row.cells.len() > 1
}

/// A group for each chip, its lines in order.
fn lines(device: &Device) -> Vec<Group> {
    let mut chips: BTreeMap<String, BTreeMap<u32, Row>> = BTreeMap::new();
    for (chip, runs) in unowned_lines(device) {
        let rows = chips.entry(chip).or_default();
        rows.extend(runs.into_iter().map(|run| (run.first, unowned(&run))));
    }
    let names = names(device);
    for (index, resource) in owners(device) {
        let Resource::Line(line) = resource else {
            continue;
        };
        let rows = chips.entry(line.chip.clone()).or_default();
        let row = rows.entry(line.offset).or_insert_with(|| Row {
            detail: joined(names.get(&resource.to_string())),
            ..Row::new(format!("line {}", line.offset))
        });
        let access = match line.direction {
            Direction::Input => Access::Read,
            Direction::Output => Access::Drive,
            Direction::Both => Access::Both,
        };
        let held = row.cells.entry(index).or_insert(access);
        // One line by two values, one for each direction.
        if *held != access {
            *held = Access::Both;
        }
        row.is_conflict = is_conflict(row);
    }
    chips
        .into_iter()
        .map(|(chip, rows)| Group {
            title: format!("GPIO chip {chip}"),
            meaning: "reads or drives the line",
            is_exclusive: true,
            rows: rows.into_values().collect(),
        })
        .collect()
}

fn unowned(run: &Run) -> Row {
    if run.first == run.last {
        Row::new(format!("line {}", run.first))
    } else {
        Row {
            further: (run.last - run.first).into(),
            ..Row::new(format!("lines {}\u{2013}{}", run.first, run.last))
        }
    }
}

fn devices(device: &Device) -> Group {
    let mut called: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (kind, name, node) in device.board.devices() {
        let words = format!("{} {name}", kind.key());
        called.entry(&node.value).or_default().insert(words);
    }
    let names = names(device);
    let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
    for (node, mut details) in called {
        details.extend(names.get(node).into_iter().flatten().cloned());
        let row = Row {
            detail: joined(Some(&details)),
            ..Row::new(node)
        };
        rows.insert(node, row);
    }
    for (index, resource) in owners(device) {
        let Resource::Device(node, _) = resource else {
            continue;
        };
        let row = rows.entry(node).or_insert_with(|| Row::new(node));
        row.cells.insert(index, Access::Use);
        row.is_conflict = is_conflict(row);
    }
    Group {
        title: "Devices".into(),
        meaning: "opens the device node",
        is_exclusive: true,
        rows: rows.into_values().collect(),
    }
}

fn partitions(device: &Device) -> Group {
    let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
    for (id, extras) in device.board.components() {
        for (partition, access) in &extras.partitions {
            let row = rows.entry(partition).or_insert_with(|| Row::new(partition));
            let access = match access {
                MtdAccess::Read => Access::Read,
                MtdAccess::ReadWrite => Access::Both,
            };
            let holders = with_component(device, id);
            row.cells.extend(holders.map(|index| (index, access)));
            row.is_conflict = is_conflict(row);
        }
    }
    Group {
        title: "Flash partitions".into(),
        meaning: "reads, or reads and writes the raw flash",
        is_exclusive: true,
        rows: rows.into_values().collect(),
    }
}

fn with_component(device: &Device, id: Uuid) -> impl Iterator<Item = usize> {
    let applications = device.applications.iter().enumerate();
    applications
        .filter(move |(_, application)| application.grants.component == id)
        .map(|(index, _)| index)
}

fn storage(device: &Device) -> Group {
    let mut row = Row::new("own storage, KiB");
    let mut total = 0;
    for (index, application) in device.applications.iter().enumerate() {
        let bytes = application.grants.storage_bytes;
        if bytes > 0 {
            total += bytes;
            row.cells.insert(index, Access::Kib(bytes / 1024));
        }
    }
    let most = device.board.storage_bytes;
    row.is_conflict = most.is_some_and(|most| total > most);
    row.detail = match most {
        Some(most) => format!("{} of {}", total / 1024, most / 1024),
        None => format!("{} in all", total / 1024),
    };
    let is_empty = row.is_unowned();
    Group {
        title: "Storage".into(),
        meaning: "keeps files of its own, so many KiB",
        is_exclusive: false,
        rows: (!is_empty).then_some(row).into_iter().collect(),
    }
}

fn ports(device: &Device) -> Group {
    let mut rows: BTreeMap<&Resource, Row> = BTreeMap::new();
    for (index, resource) in owners(device) {
        if matches!(resource, Resource::TcpPort(_) | Resource::UdpPort(_)) {
            let row = rows
                .entry(resource)
                .or_insert_with(|| Row::new(resource.to_string()));
            row.cells.insert(index, Access::Use);
            row.is_conflict = is_conflict(row);
        }
    }
    Group {
        title: "Listens on".into(),
        meaning: "accepts connections on the port",
        is_exclusive: true,
        rows: rows.into_values().collect(),
    }
}

fn connections(device: &Device) -> Group {
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for (index, application) in device.applications.iter().enumerate() {
        for connection in &application.manifest.capabilities.connections {
            let remote = &connection.value;
            let (detail, access) = reached(remote, device);
            let row = rows.entry(remote.to_string()).or_insert_with(|| Row {
                detail,
                ..Row::new(remote.to_string())
            });
            row.cells.insert(index, access);
        }
    }
    Group {
        title: "Connects to".into(),
        meaning: "may open connections to the host",
        is_exclusive: false,
        rows: rows.into_values().collect(),
    }
}

/// What is known of a remote, and whether the kernel will let anybody reach it.
fn reached(remote: &Remote, device: &Device) -> (String, Access) {
    let (Remote::Host(name) | Remote::Service(name)) = remote else {
        return ("all ports".into(), Access::Use);
    };
    let addresses = grants::addresses_of(name, &device.resolutions);
    if addresses.is_empty() {
        return ("no address".into(), Access::Refused);
    }
    let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
    (addresses.join(", "), Access::Use)
}

/// A row for each application or component that somebody lists as a peer.
fn peers(device: &Device) -> Group {
    let mut rows: BTreeMap<(usize, Uuid), Row> = BTreeMap::new();
    for (index, application) in device.applications.iter().enumerate() {
        for peer in &application.grants.peers {
            let other = with_component(device, peer.value).next();
            let position = other.unwrap_or(usize::MAX);
            let row = rows
                .entry((position, peer.value))
                .or_insert_with(|| match other {
                    Some(other) => {
                        let name = &device.applications[other].manifest.name;
                        Row::new(format!("{}: {name}", key(other)))
                    }
                    None => Row {
                        detail: "not on this device".into(),
                        ..Row::new(peer.value.to_string())
                    },
                });
            let is_mutual = other.is_some_and(|other| {
                let other = &device.applications[other];
                other.borrowed().lists(&application.borrowed())
            });
            let access = if is_mutual {
                Access::Use
            } else {
                Access::Refused
            };
            row.cells.insert(index, access);
        }
    }
    Group {
        title: "Talks to".into(),
        meaning: "may connect to the application; both sides have to list each other",
        is_exclusive: false,
        rows: rows.into_values().collect(),
    }
}

fn capabilities(device: &Device) -> Group {
    let mut rows = BTreeMap::new();
    for (index, application) in device.applications.iter().enumerate() {
        for capability in application.grants.extended.iter() {
            let row = rows
                .entry(capability)
                .or_insert_with(|| Row::new(capability.name()));
            let own = &application.manifest.capabilities.extended;
            let access = if own.contains(capability) {
                Access::Use
            } else {
                Access::ByBoard
            };
            row.cells.insert(index, access);
        }
    }
    Group {
        title: "Capabilities".into(),
        meaning: "may do what usually only root can",
        is_exclusive: false,
        rows: rows.into_values().collect(),
    }
}
