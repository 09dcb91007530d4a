// SPDX-License-Identifier: GPL-2.0

//! What a manifest comes to on a board: the resources that an application gets.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};

use sphere_core::capability::CapabilitySet;
use sphere_core::limits::Limits;
use sphere_core::record::MtdAccess;
use sphere_core::uuid::Uuid;

use crate::board::{Board, Line};
use crate::capabilities::{Capabilities, Reference, Request};
use crate::manifest::Manifest;
use crate::peripheral::{Kind, Value};
use crate::remote::{Remote, Resolution};
use crate::report::{Located, Place, Problem, Report, similar};

/// All that an application gets, with every place where its manifest asks for it.
#[derive(Debug)]
pub struct Grants {
    pub component: Uuid,
    pub name: String,
    pub tenant: String,
    pub storage_bytes: u64,
    pub extended: CapabilitySet,
    /// What only one application may have.
    pub resources: BTreeMap<Resource, Place>,
    pub endpoints: Vec<Endpoint>,
    pub peers: Vec<Located<Uuid>>,
    pub partitions: BTreeMap<String, MtdAccess>,
    /// How much of the device it may use.
    pub limits: Limits,
}

/// Something that belongs to one application.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    Line(Line),
    /// A device node, and the kind of controller that it is.
    Device(String, Kind),
    TcpPort(u16),
    UdpPort(u16),
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(Line { chip, offset, .. }) => {
                write!(f, "line {offset} of GPIO chip {chip:?}")
            }
            Self::Device(node, _) => f.write_str(node),
            Self::TcpPort(port) => write!(f, "TCP port {port}"),
            Self::UdpPort(port) => write!(f, "UDP port {port}"),
        }
    }
}

impl Resource {
    /// Whether two applications cannot both have this and `other`.
    pub fn collides_with(&self, other: &Self) -> bool {
        match (self, other) {
            // A board may know a line by two values, one for each direction.
            (Self::Line(line), Self::Line(other)) => {
                (&line.chip, line.offset) == (&other.chip, other.offset)
            }
            // One node is one resource, whatever it is called.
            (Self::Device(node, _), Self::Device(other, _)) => node == other,
            _ => self == other,
        }
    }
}

/// Where an application may connect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    pub address: IpAddr,
    /// `None`: all ports.
    pub port: Option<u16>,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => SocketAddr::new(self.address, port).fmt(f),
            None => self.address.fmt(f),
        }
    }
}

/// Finds out what `manifest` comes to on `board`. What cannot be found goes to the report.
pub fn resolve(
    manifest: &Manifest,
    board: &Board,
    resolutions: &[Resolution],
    report: &mut Report,
) -> Option<Grants> {
    report.unless_errors(|report| {
        let capabilities = &manifest.capabilities;
        let mut resources = BTreeMap::new();
        for request in &capabilities.peripherals {
            match resource(request, board) {
                // The same thing twice, perhaps by two names, is the same as once.
                Ok(resource) => drop(resources.insert(resource, request.place.clone())),
                Err(problem) => report.push(*problem),
            }
        }
        add_ports(capabilities, &mut resources);
        let component = manifest.component.value;
        let extras = board.extras(component);
        Some(Grants {
            component,
            name: manifest.name.clone(),
            tenant: capabilities.tenant.clone(),
            storage_bytes: capabilities.storage_bytes,
            extended: extras.map_or(capabilities.extended, |extras| {
                extras
                    .capabilities
                    .iter()
                    .fold(capabilities.extended, CapabilitySet::with)
            }),
            resources,
            endpoints: endpoints(capabilities, resolutions, report),
            peers: capabilities.peers.clone(),
            partitions: extras
                .map(|extras| extras.partitions.clone())
                .unwrap_or_default(),
            limits: board.limits.of(component),
        })
    })
}

/// What one peripheral of a manifest is on `board`.
pub fn resource(request: &Located<Request>, board: &Board) -> Result<Resource, Box<Problem>> {
    let Request { kind, reference } = &request.value;
    let value = match reference {
        Reference::Value(value) => value.clone(),
        Reference::Name(name) => board.hardware.resolve(name, *kind, &request.place)?,
    };
    let found = match &value {
        Value::Line(line) => board.line(*line).map(Resource::Line),
        Value::Controller(name) => board
            .device(*kind, name)
            .map(|node| Resource::Device(node.to_owned(), *kind)),
    };
    found.ok_or_else(|| not_on_board(request, &value, board))
}

fn not_on_board(request: &Located<Request>, value: &Value, board: &Board) -> Box<Problem> {
    let Request { kind, reference } = &request.value;
    let key = kind.key();
    let what = match reference {
        Reference::Name(name) => format!("${name} is {key} {value}"),
        Reference::Value(_) => format!("this is {key} {value}"),
    };
    let reason = format!("{what}, which is not on the board of {}", board.file);
    let problem = Problem::error(&request.place, reason);
    let known = match value {
        Value::Controller(name) => similar(name, board.controllers(*kind)),
        Value::Line(_) => None,
    };
    Box::new(match known {
        Some(known) => problem.hint(format!("did you mean {known:?}?")),
        None => problem.hint(format!("map it under {key:?} in the board file")),
    })
}

fn add_ports(capabilities: &Capabilities, resources: &mut BTreeMap<Resource, Place>) {
    for port in &capabilities.tcp_server_ports {
        resources.insert(Resource::TcpPort(port.value), port.place.clone());
    }
    for port in &capabilities.udp_server_ports {
        resources.insert(Resource::UdpPort(port.value), port.place.clone());
    }
}

/// Addresses stand for themselves, names for what `--resolve` says. A name without an address
/// stays refused, because the kernel decides by addresses.
fn endpoints(
    capabilities: &Capabilities,
    resolutions: &[Resolution],
    report: &mut Report,
) -> Vec<Endpoint> {
    let mut endpoints = Vec::new();
    for connection in &capabilities.connections {
        match &connection.value {
            Remote::Address(address) => endpoints.push(Endpoint {
                address: *address,
                port: None,
            }),
            Remote::Host(name) | Remote::Service(name) => {
                let addresses = addresses_of(name, resolutions);
                report.push(match addresses.as_slice() {
                    [] => unresolved(name, &connection.place),
                    addresses => resolved(name, addresses, &connection.place),
                });
                endpoints.extend(addresses);
            }
        }
    }
    warn_of_unused(capabilities, resolutions, report);
    merge(endpoints)
}

/// The addresses that `--resolve` gives to a name.
pub fn addresses_of(name: &str, resolutions: &[Resolution]) -> Vec<Endpoint> {
    resolutions
        .iter()
        .filter(|resolution| resolution.name == name)
        .map(|resolution| Endpoint {
            address: resolution.address,
            port: resolution.port,
        })
        .collect()
}

fn resolved(name: &str, addresses: &[Endpoint], place: &Place) -> Problem {
    let addresses: Vec<_> = addresses.iter().map(Endpoint::to_string).collect();
    Problem::remark(
        place,
        format!(
            "{name} is {}, as --resolve says, until it is packed again",
            addresses.join(" and ")
        ),
    )
}

fn unresolved(name: &str, place: &Place) -> Problem {
    Problem::warning(
        place,
        format!("connections to {name} stay refused: the kernel needs an address"),
    )
    .hint(format!("name one with --resolve {name}=ADDRESS"))
}

fn warn_of_unused(capabilities: &Capabilities, resolutions: &[Resolution], report: &mut Report) {
    for Resolution { name, .. } in resolutions {
        let listed = capabilities.connections.iter().any(|connection| {
            matches!(&connection.value, Remote::Host(known) | Remote::Service(known) if known == name)
        });
        if !listed {
            let reason = "the manifest does not list it under AllowedConnections";
            report.push(Problem::warning(format!("--resolve {name}"), reason));
        }
    }
}

/// Each endpoint once; a port of an address only where not all its ports are allowed anyway.
fn merge(mut endpoints: Vec<Endpoint>) -> Vec<Endpoint> {
    endpoints.sort();
    endpoints.dedup();
    let whole: Vec<_> = endpoints
        .iter()
        .filter(|endpoint| endpoint.port.is_none())
        .map(|endpoint| endpoint.address)
        .collect();
    endpoints.retain(|endpoint| endpoint.port.is_none() || !whole.contains(&endpoint.address));
    endpoints
}
