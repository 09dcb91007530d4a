// SPDX-License-Identifier: GPL-2.0

//! From grants to the bytes of a record.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use sphere_core::record::{
    Entry, GpioGrant, MtdGrant, NAME_SIZE, NetAction, NetRule, Prefix, Protocol, RECORD_MAX, Spec,
    WINDOW,
};
use sphere_core::uuid::Uuid;

use crate::grants::{Endpoint, Grants, Resource};
use crate::text::truncated;

/// Why there is no record.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    #[error("asks for too much: the record would have {size} bytes, and {RECORD_MAX} is the most")]
    TooLarge { size: usize },
    #[error("no valid record can be made of it: {0}")]
    Invalid(sphere_core::record::RecordError),
}

/// Writes the record that grants `grants`.
pub fn write(grants: &Grants) -> Result<Vec<u8>, RecordError> {
    let windows = windows(grants);
    let gpio = gpio(&windows);
    let mtd: Vec<_> = grants
        .partitions
        .iter()
        .map(|(partition, &access)| MtdGrant { partition, access })
        .collect();
    let net = net(grants);
    let peers: BTreeSet<Uuid> = grants.peers.iter().map(|peer| peer.value).collect();
    let peers: Vec<_> = peers.into_iter().collect();
    let spec = Spec {
        component: grants.component,
        tenant: &grants.tenant,
        name: truncated(&grants.name, NAME_SIZE - 1),
        capabilities: grants.extended,
        storage_bytes: grants.storage_bytes,
        gpio: &gpio,
        mtd: &mtd,
        net: &net,
        peers: &peers,
    };
    let size = spec.size();
    if size > RECORD_MAX {
        return Err(RecordError::TooLarge { size });
    }
    let mut bytes = vec![0; size];
    spec.write(&mut bytes).map_err(RecordError::Invalid)?;
    Ok(bytes)
}

/// Lines of a window that may be inputs, and lines that may be outputs.
#[derive(Clone, Copy, Default)]
struct Lines {
    input: u64,
    output: u64,
}

/// Sets of lines, by chip and first line of the window.
type Windows<'a> = BTreeMap<(&'a str, u32), Lines>;

/// A manifest does not say in which direction it uses a line: the board does.
fn windows(grants: &Grants) -> Windows<'_> {
    let mut windows = Windows::new();
    for resource in grants.resources.keys() {
        if let Resource::Line(line) = resource {
            let bit = line.offset % WINDOW;
            let window = windows
                .entry((line.chip.as_str(), line.offset - bit))
                .or_default();
            window.input |= u64::from(line.direction.is_input()) << bit;
            window.output |= u64::from(line.direction.is_output()) << bit;
        }
    }
    windows
}

fn gpio<'a>(windows: &Windows<'a>) -> Vec<GpioGrant<'a>> {
    windows
        .iter()
        .map(|(&(chip, base), &Lines { input, output })| GpioGrant {
            chip,
            base,
            input,
            output,
        })
        .collect()
}

fn net(grants: &Grants) -> Vec<NetRule> {
    let tcp = grants
        .resources
        .keys()
        .filter_map(|resource| match resource {
            Resource::TcpPort(port) => Some(*port),
            _ => None,
        });
    let udp = grants
        .resources
        .keys()
        .filter_map(|resource| match resource {
            Resource::UdpPort(port) => Some(*port),
            _ => None,
        });
    let mut rules = bind_rules(Protocol::Tcp, tcp);
    rules.extend(bind_rules(Protocol::Udp, udp));
    rules.extend(grants.endpoints.iter().copied().flat_map(connect_rules));
    rules.sort_by_key(order);
    rules
}

/// One rule for each run of consecutive ports, which come in ascending order.
fn bind_rules(protocol: Protocol, ports: impl Iterator<Item = u16>) -> Vec<NetRule> {
    let mut rules: Vec<NetRule> = Vec::new();
    for port in ports {
        match rules.last_mut() {
            Some(rule) if rule.port_last.checked_add(1) == Some(port) => rule.port_last = port,
            _ => rules.push(NetRule {
                action: NetAction::Bind,
                protocol,
                port_first: port,
                port_last: port,
            }),
        }
    }
    rules
}

/// A manifest does not say which protocol it uses, so each may be used.
fn connect_rules(endpoint: Endpoint) -> [NetRule; 2] {
    let prefix = match endpoint.address {
        IpAddr::V4(address) => Prefix::V4(address.octets(), 32),
        IpAddr::V6(address) => Prefix::V6(address.octets(), 128),
    };
    [Protocol::Tcp, Protocol::Udp].map(|protocol| NetRule {
        action: NetAction::Connect(prefix),
        protocol,
        port_first: endpoint.port.unwrap_or(1),
        port_last: endpoint.port.unwrap_or(u16::MAX),
    })
}

/// Records hold rules in the order of their bytes.
fn order(rule: &NetRule) -> [u8; NetRule::SIZE] {
    let mut bytes = [0; NetRule::SIZE];
    // It has room for one rule, and nothing else can fail.
    let _ = rule.write(&mut bytes);
    bytes
}
