// SPDX-License-Identifier: GPL-2.0

//! Grants that allow more than an application is likely to need.

use std::net::IpAddr;

use super::Limits;
use super::finding::{Code, Finding};
use crate::board::Direction;
use crate::device::{Application, Device};
use crate::grants::{self, Resource};
use crate::remote::Remote;
use crate::report::{Located, Place, Problem};

pub fn findings(device: &Device, limits: Limits) -> Vec<Finding> {
    device
        .applications
        .iter()
        .flat_map(|application| of_application(application, device, limits))
        .collect()
}

fn of_application(application: &Application, device: &Device, limits: Limits) -> Vec<Finding> {
    let wanted = &application.manifest.capabilities;
    let mut findings = Vec::new();
    findings.extend(ports("TCP", &wanted.tcp_server_ports, limits));
    findings.extend(ports("UDP", &wanted.udp_server_ports, limits));
    for connection in &wanted.connections {
        findings.extend(address(connection, device));
        findings.extend(all_ports(connection, device));
    }
    findings.extend(both_directions(application));
    findings
}

fn ports(protocol: &str, ports: &[Located<u16>], limits: Limits) -> Option<Finding> {
    let mut numbers: Vec<u16> = ports.iter().map(|port| port.value).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let place = &ports.first()?.place;
    (numbers.len() > limits.ports).then(|| Finding {
        code: Code::BroadPorts,
        problem: Problem::warning(
            of_list(place),
            format!(
                "listens on {} {protocol} ports, and more than {} are many",
                numbers.len(),
                limits.ports
            ),
        )
        .hint("list the ports that it serves; --ports-max says how many are fine"),
    })
}

/// The place of a list, given that of its first element.
fn of_list(place: &Place) -> Place {
    let path = place.path.strip_suffix("[0]").unwrap_or(&place.path);
    Place {
        path: path.to_owned(),
        ..place.clone()
    }
}

/// The addresses that a connection leads to.
fn addresses(remote: &Remote, device: &Device) -> Vec<IpAddr> {
    match remote {
        Remote::Address(address) => vec![*address],
        Remote::Host(name) | Remote::Service(name) => {
            grants::addresses_of(name, &device.resolutions)
                .iter()
                .map(|endpoint| endpoint.address)
                .collect()
        }
    }
}

fn address(connection: &Located<Remote>, device: &Device) -> Option<Finding> {
    let addresses = addresses(&connection.value, device);
    let (address, what) = addresses
        .iter()
        .find_map(|address| Some((address, many_hosts(*address)?)))?;
    Some(Finding {
        code: Code::BroadAddress,
        problem: Problem::warning(&connection.place, format!("{address} is {what}"))
            .hint("list the hosts that it talks to"),
    })
}

/// What kind of address it is, if it is not that of one other host.
fn many_hosts(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) if address.is_broadcast() => Some("every host of the network"),
        _ if address.is_multicast() => Some("every host that has joined a group"),
        _ if address.is_loopback() => Some("this device: every application that listens on it"),
        _ => None,
    }
}

/// A manifest cannot name ports of a remote host, so that all are open unless `--resolve` does.
fn all_ports(connection: &Located<Remote>, device: &Device) -> Option<Finding> {
    let remote = &connection.value;
    let is_open = match remote {
        Remote::Address(_) => true,
        Remote::Host(name) | Remote::Service(name) => {
            grants::addresses_of(name, &device.resolutions)
                .iter()
                .any(|endpoint| endpoint.port.is_none())
        }
    };
    is_open.then(|| Finding {
        code: Code::AllPorts,
        problem: Problem::remark(
            &connection.place,
            format!("all TCP and UDP ports of {remote} are allowed"),
        )
        .hint("list the host by name, and say the port with --resolve NAME=ADDRESS:PORT"),
    })
}

/// One finding for an application, not one for each line.
fn both_directions(application: &Application) -> Option<Finding> {
    let mut both = application
        .grants
        .resources
        .iter()
        .filter(|(resource, _)| {
            matches!(resource, Resource::Line(line) if line.direction == Direction::Both)
        })
        .peekable();
    let (_, place) = both.peek()?;
    let problem = Problem::remark(
        *place,
        "the board allows these lines in both directions, and most need only one",
    )
    .hint("set Direction to Input or Output in the board file");
    Some(Finding {
        code: Code::BothDirections,
        problem: both.fold(problem, |problem, (resource, place)| {
            problem.note(format!("{resource}, at {place}"))
        }),
    })
}
