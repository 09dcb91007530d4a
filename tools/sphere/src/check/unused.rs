// SPDX-License-Identifier: GPL-2.0

//! Grants that change nothing.

use std::collections::BTreeMap;
use std::net::IpAddr;

use sphere_core::capability::Capability;
use sphere_core::privilege::{Need, Operation};

use super::finding::{Code, Finding};
use crate::device::{Application, Device};
use crate::grants::{self, Resource};
use crate::remote::Remote;
use crate::report::{Located, Place, Problem};

/// Capabilities that drivers of this project ask for, by `sphere_capable()`.
const OF_DRIVERS: [Capability; 1] = [Capability::Postcode];

pub fn findings(device: &Device) -> Vec<Finding> {
    device
        .applications
        .iter()
        .flat_map(|application| of_application(application, device))
        .collect()
}

fn of_application(application: &Application, device: &Device) -> Vec<Finding> {
    let mut findings = twice_on_board(application, device);
    let wanted = &application.manifest.capabilities;
    findings.extend(twice("TCP port", &wanted.tcp_server_ports));
    findings.extend(twice("UDP port", &wanted.udp_server_ports));
    findings.extend(twice("component", &wanted.peers));
    findings.extend(connections(application, device));
    findings.extend(no_network_rule(application));
    findings.extend(no_gate(application, device));
    findings
}

fn duplicate(place: &Place, reason: String, first: &Place) -> Finding {
    Finding {
        code: Code::DuplicateGrant,
        problem: Problem::warning(place, reason)
            .note(format!("first at {first}"))
            .hint("take one of the two out"),
    }
}

/// Lines and devices that a manifest asks for twice, perhaps by two names.
fn twice_on_board(application: &Application, device: &Device) -> Vec<Finding> {
    let mut known: Vec<(Resource, &Place)> = Vec::new();
    let mut findings = Vec::new();
    for request in &application.manifest.capabilities.peripherals {
        // What is not on the board has been said.
        let Ok(resource) = grants::resource(request, &device.board) else {
            continue;
        };
        let first = known
            .iter()
            .find(|(other, _)| resource.collides_with(other));
        if let Some((_, first)) = first {
            let reason = format!("{resource} is asked for twice");
            findings.push(duplicate(&request.place, reason, first));
        }
        known.push((resource, &request.place));
    }
    findings
}

fn twice<T: Ord + Clone + ToString>(what: &str, values: &[Located<T>]) -> Vec<Finding> {
    let mut known: BTreeMap<T, &Place> = BTreeMap::new();
    let mut findings = Vec::new();
    for Located { value, place } in values {
        if let Some(first) = known.get(value) {
            let reason = format!("{what} {} is listed twice", value.to_string());
            findings.push(duplicate(place, reason, first));
        } else {
            known.insert(value.clone(), place);
        }
    }
    findings
}

/// Connections that are listed twice, or that lead only to where another one leads, too.
fn connections(application: &Application, device: &Device) -> Vec<Finding> {
    let connections = &application.manifest.capabilities.connections;
    let mut findings = Vec::new();
    for (index, connection) in connections.iter().enumerate() {
        let (value, place) = (&connection.value, &connection.place);
        if let Some(first) = connections[..index].iter().find(|one| one.value == *value) {
            let reason = format!("{value} is listed twice");
            findings.push(duplicate(place, reason, &first.place));
        } else if let Some(other) = covering(connection, connections, device) {
            findings.push(Finding {
                code: Code::CoveredConnection,
                problem: Problem::warning(
                    place,
                    format!(
                        "{value} leads only to addresses that {} allows",
                        other.value
                    ),
                )
                .note(format!("listed at {}", other.place))
                .hint("take one of the two out"),
            });
        }
    }
    findings
}

/// The literal address that allows all that a name resolves to.
fn covering<'a>(
    connection: &Located<Remote>,
    connections: &'a [Located<Remote>],
    device: &Device,
) -> Option<&'a Located<Remote>> {
    let (Remote::Host(name) | Remote::Service(name)) = &connection.value else {
        return None;
    };
    let mut addresses: Vec<IpAddr> = grants::addresses_of(name, &device.resolutions)
        .iter()
        .map(|endpoint| endpoint.address)
        .collect();
    addresses.dedup();
    let [address] = addresses.as_slice() else {
        return None;
    };
    connections
        .iter()
        .find(|other| other.value == Remote::Address(*address))
}

fn no_network_rule(application: &Application) -> Option<Finding> {
    let capabilities = &application.manifest.capabilities;
    let place = capabilities
        .extended_places
        .get(&Capability::NetworkConfig)?;
    let uses_network = !capabilities.connections.is_empty()
        || !capabilities.tcp_server_ports.is_empty()
        || !capabilities.udp_server_ports.is_empty();
    (!uses_network).then(|| Finding {
        code: Code::NoNetworkRule,
        problem: Problem::warning(
            place,
            "configures the network, but may neither connect nor listen",
        )
        .hint("leave NetworkConfig out, unless configuring the network is all that it does"),
    })
}

/// Whether the kernel, or a driver of this project, ever asks for a capability.
fn is_asked_for(capability: Capability) -> bool {
    OF_DRIVERS.contains(&capability)
        || Operation::ALL
            .iter()
            .any(|operation| operation.needs() == Need::Capability(capability))
}

fn no_gate(application: &Application, device: &Device) -> Vec<Finding> {
    let of_board = device.board.extras(application.grants.component);
    let of_board = of_board.map(|extras| &extras.capability_places);
    application
        .manifest
        .capabilities
        .extended_places
        .iter()
        .chain(of_board.into_iter().flatten())
        .filter(|(capability, _)| !is_asked_for(**capability))
        .map(|(capability, place)| Finding {
            code: Code::NoGate,
            problem: Problem::remark(
                place,
                format!("nothing in the kernel asks for {capability}"),
            )
            .hint("it has an effect only where a driver or service of yours asks for it"),
        })
        .collect()
}
