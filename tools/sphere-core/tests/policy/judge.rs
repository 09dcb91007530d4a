// SPDX-License-Identifier: GPL-2.0

//! A second judge: slow, obvious, and without a line of code in common with the first.

use super::said::{Said, What};
use sphere_core::capability::Capability;
use sphere_core::policy::{Verb, Who};
use sphere_core::record::{MtdAccess, NetAction, NetRule, Prefix, Protocol};
use sphere_core::uuid::Uuid;
use std::net::IpAddr;

/// The least that can be asked for.
#[derive(Clone, Debug)]
pub enum Ask {
    Input(&'static str, u32),
    Output(&'static str, u32),
    Read(&'static str),
    Write(&'static str),
    Bind(Protocol, u16),
    Reach(Protocol, IpAddr, u16),
    Talk(Uuid),
    Use(Capability),
}

/// Whether what is asked for is part of `what`.
fn is_in(what: &What, ask: &Ask) -> bool {
    let has_line = |wanted: &str, line: u32| match what {
        What::Gpio { chip, runs, .. } => {
            chip == wanted && runs.iter().any(|&(a, b)| a <= line && line <= b)
        }
        _ => false,
    };
    match (ask, what) {
        (Ask::Input(chip, line), What::Gpio { input, .. }) => *input && has_line(chip, *line),
        (Ask::Output(chip, line), What::Gpio { output, .. }) => *output && has_line(chip, *line),
        (Ask::Read(wanted), What::Mtd(partition, _)) => partition == wanted,
        (Ask::Write(wanted), What::Mtd(partition, access)) => {
            partition == wanted && *access == MtdAccess::ReadWrite
        }
        (Ask::Bind(protocol, port), What::Net(rule)) => {
            rule.action == NetAction::Bind && has_port(rule, *protocol, *port)
        }
        (Ask::Reach(protocol, ip, port), What::Net(rule)) => {
            has_address(rule, *ip) && has_port(rule, *protocol, *port)
        }
        (Ask::Talk(wanted), What::Peer(peer)) => peer == wanted,
        (Ask::Use(wanted), What::Capability(capability)) => capability == wanted,
        _ => false,
    }
}

fn has_port(rule: &NetRule, protocol: Protocol, port: u16) -> bool {
    rule.protocol == protocol && rule.port_first <= port && port <= rule.port_last
}

/// Compares addresses as text of ones and zeros.
fn has_address(rule: &NetRule, ip: IpAddr) -> bool {
    let digits = |bytes: &[u8]| -> String { bytes.iter().map(|b| format!("{b:08b}")).collect() };
    let (network, bits, address) = match (rule.action, ip) {
        (NetAction::Connect(Prefix::V4(network, bits)), IpAddr::V4(ip)) => {
            (digits(&network), bits, digits(&ip.octets()))
        }
        (NetAction::Connect(Prefix::V6(network, bits)), IpAddr::V6(ip)) => {
            (digits(&network), bits, digits(&ip.octets()))
        }
        _ => return false,
    };
    address.starts_with(&network[..usize::from(bits)])
}

/// Whether to deny `what` denies what is asked for. Who may not read may not write either.
fn is_denied_by(what: &What, ask: &Ask) -> bool {
    match (ask, what) {
        (Ask::Write(wanted), What::Mtd(partition, _)) => partition == wanted,
        (Ask::Read(wanted), What::Mtd(partition, access)) => {
            partition == wanted && *access == MtdAccess::Read
        }
        _ => is_in(what, ask),
    }
}

/// What is said of `who` with this verb.
fn said_of(said: &[Said], who: Who, verb: Verb) -> impl Iterator<Item = &Said> {
    said.iter().filter(move |said| {
        let is_meant = match who {
            Who::Component(_) => said.who == who || said.who == Who::Everyone,
            _ => said.who == who,
        };
        is_meant && said.verb == verb
    })
}

fn is_quarantined(said: &[Said], who: Who) -> bool {
    said_of(said, who, Verb::Quarantine).next().is_some()
}

/// Whether it is granted to who has a record that grants `granted`.
pub fn is_granted(granted: &[What], said: &[Said], who: Who, ask: &Ask) -> bool {
    let about = |verb| said_of(said, who, verb).filter_map(|said| said.what.as_ref());
    let is_allowed = granted.iter().any(|what| is_in(what, ask))
        || about(Verb::Allow).any(|what| is_in(what, ask));
    is_allowed
        && !is_quarantined(said, who)
        && !about(Verb::Deny).any(|what| is_denied_by(what, ask))
}

/// The quota of who has that record.
pub fn storage(granted: &[What], said: &[Said], who: Who) -> u64 {
    if is_quarantined(said, who) {
        return 0;
    }
    let bytes = |what: &What| match what {
        What::Storage(bytes) => *bytes,
        _ => 0,
    };
    let about = |verb| said_of(said, who, verb).filter_map(|said| said.what.as_ref());
    let granted = granted.iter().chain(about(Verb::Allow)).map(bytes).max();
    let limit = about(Verb::Limit).map(bytes).min();
    granted.unwrap_or(0).min(limit.unwrap_or(u64::MAX))
}
