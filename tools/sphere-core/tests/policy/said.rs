// SPDX-License-Identifier: GPL-2.0

//! Statements as they are meant, how they are written, and a small world of them in which any two
//! have much to do with each other.

use proptest::prelude::*;
use proptest::sample::select;
use sphere_core::capability::{Capability, CapabilitySet};
use sphere_core::policy::{Verb, Who};
use sphere_core::record::{
    Entry, GpioGrant, MtdAccess, MtdGrant, NetAction, NetRule, Prefix, Protocol, Record, Spec,
};
use sphere_core::uuid::Uuid;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

pub const A: Uuid = Uuid([0xa; 16]);
pub const B: Uuid = Uuid([0xb; 16]);

/// What a statement is about, or a record grants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Gpio {
        chip: String,
        /// First and last line of each run.
        runs: Vec<(u32, u32)>,
        input: bool,
        output: bool,
    },
    Mtd(String, MtdAccess),
    Net(NetRule),
    Peer(Uuid),
    Capability(Capability),
    Storage(u64),
}

/// A statement about somebody. To quarantine is about nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub who: Who,
    pub verb: Verb,
    pub what: Option<What>,
}

/// Writes more as `%` and digits than has to be.
fn encoded(name: &str) -> String {
    name.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' => char::from(byte).to_string(),
            _ => format!("%{byte:02x}"),
        })
        .collect()
}

fn direction(input: bool, output: bool) -> &'static str {
    match (input, output) {
        (true, true) => "inout",
        (true, false) => "in",
        _ => "out",
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gpio {
                chip,
                runs,
                input,
                output,
            } => {
                let runs: Vec<_> = runs.iter().map(|(a, b)| format!("{a}-{b}")).collect();
                let (chip, runs) = (encoded(chip), runs.join(","));
                write!(f, "gpio {chip} {runs} {}", direction(*input, *output))
            }
            Self::Mtd(partition, MtdAccess::Read) => write!(f, "mtd {} read", encoded(partition)),
            Self::Mtd(partition, _) => write!(f, "mtd {} write", encoded(partition)),
            Self::Net(rule) => write_rule(f, rule),
            Self::Peer(peer) => write!(f, "peer {peer}"),
            Self::Capability(capability) => write!(f, "capability {capability:?}"),
            Self::Storage(bytes) => write!(f, "storage {bytes}"),
        }
    }
}

fn write_rule(f: &mut fmt::Formatter<'_>, rule: &NetRule) -> fmt::Result {
    let protocol = match rule.protocol {
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
    };
    match rule.action {
        NetAction::Bind => write!(f, "{protocol} bind")?,
        NetAction::Connect(Prefix::V4(ip, bits)) => {
            write!(f, "{protocol} connect {}/{bits}", Ipv4Addr::from(ip))?;
        }
        NetAction::Connect(Prefix::V6(ip, bits)) => {
            write!(f, "{protocol} connect {}/{bits}", Ipv6Addr::from(ip))?;
        }
    }
    write!(f, " {}-{}", rule.port_first, rule.port_last)
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.who {
            Who::Nobody => f.write_str("nobody ")?,
            Who::Everyone => f.write_str("component * ")?,
            Who::Component(id) => write!(f, "component {id} ")?,
        }
        f.write_str(match self.verb {
            Verb::Allow => "allow",
            Verb::Deny => "deny",
            Verb::Limit => "limit",
            Verb::Quarantine => "quarantine",
        })?;
        match &self.what {
            Some(what) => write!(f, " {what}"),
            None => Ok(()),
        }
    }
}

impl Said {
    /// Whether the language has such a statement.
    pub fn is_legal(&self) -> bool {
        let is_storage = matches!(self.what, Some(What::Storage(_)));
        let is_for_nobody = self.verb == Verb::Allow
            && !matches!(self.what, Some(What::Storage(_) | What::Peer(_)));
        (self.who != Who::Nobody || is_for_nobody)
            && match self.verb {
                Verb::Allow => self.what.is_some(),
                Verb::Deny => self.what.is_some() && !is_storage,
                Verb::Limit => is_storage,
                Verb::Quarantine => self.what.is_none(),
            }
    }
}

/// One line for each.
pub fn lines(said: &[Said]) -> String {
    said.iter().map(|said| format!("{said}\n")).collect()
}

pub fn rule(protocol: Protocol, action: NetAction, ports: (u16, u16)) -> What {
    What::Net(NetRule {
        action,
        protocol,
        port_first: ports.0,
        port_last: ports.1,
    })
}

/// Names that are easily taken for others.
pub const NAMES: [&str; 4] = ["a", "-", "a b", "größe"];
/// Lines at the ends of windows.
const RUNS: [(u32, u32); 7] = [
    (0, 0),
    (0, 3),
    (2, 63),
    (62, 65),
    (0, 200),
    (64, 64),
    (u32::MAX - 64, u32::MAX),
];
pub const CAPABILITIES: [Capability; 3] = [
    Capability::SystemTime,
    Capability::NetworkConfig,
    Capability::EnableCoredumps,
];
const BYTES: [u64; 4] = [0, 4096, 4097, u64::MAX];
const PORTS: [(u16, u16); 5] = [(1, 65535), (80, 80), (79, 81), (81, 90), (443, 443)];

const fn v4(ip: [u8; 4], bits: u8) -> NetAction {
    NetAction::Connect(Prefix::V4(ip, bits))
}

fn v6(ip: &str, bits: u8) -> NetAction {
    let ip: Ipv6Addr = ip.parse().expect("an address");
    NetAction::Connect(Prefix::V6(ip.octets(), bits))
}

fn actions() -> Vec<NetAction> {
    vec![
        NetAction::Bind,
        v4([0; 4], 0),
        v4([0; 4], 1),
        v4([127, 0, 0, 0], 8),
        v4([127, 0, 0, 1], 32),
        v4([10, 0, 0, 0], 8),
        v4([10, 1, 0, 0], 16),
        v6("::", 0),
        v6("::", 64),
        v6("::1", 128),
        v6("fe80::", 10),
        v6("fe80::1", 128),
    ]
}

/// All of the small world.
pub fn everything() -> Vec<What> {
    let mut all = Vec::new();
    for chip in NAMES {
        for run in RUNS {
            for (input, output) in [(true, false), (false, true), (true, true)] {
                all.push(What::Gpio {
                    chip: chip.to_owned(),
                    runs: vec![run],
                    input,
                    output,
                });
            }
        }
        for access in [MtdAccess::Read, MtdAccess::ReadWrite] {
            all.push(What::Mtd(chip.to_owned(), access));
        }
    }
    for protocol in [Protocol::Tcp, Protocol::Udp] {
        for action in actions() {
            all.extend(PORTS.map(|ports| rule(protocol, action, ports)));
        }
    }
    all.extend([A, B].map(What::Peer));
    all.extend(CAPABILITIES.map(What::Capability));
    all.extend(BYTES.map(What::Storage));
    all
}

/// Anything of the small world, each kind as often as the others.
pub fn what() -> impl Strategy<Value = What> {
    let all = everything();
    let of = |kind: fn(&What) -> bool| {
        select(
            all.iter()
                .filter(|what| kind(what))
                .cloned()
                .collect::<Vec<_>>(),
        )
    };
    let runs = proptest::collection::vec(select(&RUNS[..]), 1..3);
    let lines = (select(&NAMES[..2]), runs, 0..3).prop_map(|(chip, runs, direction)| What::Gpio {
        chip: chip.to_owned(),
        runs,
        input: direction != 0,
        output: direction != 1,
    });
    prop_oneof![
        2 => lines,
        2 => of(|what| matches!(what, What::Mtd(..))),
        4 => of(|what| matches!(what, What::Net(_))),
        1 => of(|what| matches!(what, What::Peer(_))),
        1 => of(|what| matches!(what, What::Capability(_))),
        2 => of(|what| matches!(what, What::Storage(_))),
    ]
}

pub fn who() -> impl Strategy<Value = Who> {
    prop_oneof![
        Just(Who::Nobody),
        Just(Who::Everyone),
        Just(Who::Component(A)),
        Just(Who::Component(B)),
    ]
}

pub fn said() -> impl Strategy<Value = Said> {
    let verb = prop_oneof![
        8 => Just(Verb::Allow),
        8 => Just(Verb::Deny),
        2 => Just(Verb::Limit),
        1 => Just(Verb::Quarantine),
    ];
    (who(), verb, what()).prop_map(|(who, verb, what)| {
        // What the language has not becomes what is next to it.
        let verb = match (&what, verb) {
            (What::Storage(_), Verb::Deny) => Verb::Limit,
            (What::Storage(_), verb) => verb,
            (_, Verb::Limit) => Verb::Deny,
            (_, verb) => verb,
        };
        let what = (verb != Verb::Quarantine).then_some(what);
        let said = Said { who, verb, what };
        match said.is_legal() {
            true => said,
            false => Said {
                who: Who::Component(A),
                ..said
            },
        }
    })
}

/// What a record of component A grants.
pub fn granted() -> impl Strategy<Value = Vec<What>> {
    proptest::collection::vec(what(), 0..6)
}

/// The record that grants all this to `component`.
pub fn record(component: Uuid, granted: &[What]) -> Record<Vec<u8>> {
    let mut gpio = BTreeMap::<(String, u32), (u64, u64)>::new();
    let mut mtd = BTreeMap::<String, MtdAccess>::new();
    let (mut net, mut peers) = (Vec::new(), BTreeSet::new());
    let (mut capabilities, mut storage_bytes) = (CapabilitySet::EMPTY, 0);
    for what in granted {
        match what {
            What::Gpio {
                chip,
                runs,
                input,
                output,
            } => {
                for line in runs.iter().flat_map(|&(first, last)| first..=last) {
                    let window = gpio.entry((chip.clone(), line / 64 * 64)).or_default();
                    window.0 |= u64::from(*input) << (line % 64);
                    window.1 |= u64::from(*output) << (line % 64);
                }
            }
            What::Mtd(partition, access) => {
                let had = mtd.entry(partition.clone()).or_insert(*access);
                if *access == MtdAccess::ReadWrite {
                    *had = *access;
                }
            }
            What::Net(rule) => net.push(*rule),
            What::Peer(peer) => drop(peers.insert(*peer)),
            What::Capability(capability) => capabilities = capabilities.with(*capability),
            What::Storage(bytes) => storage_bytes = storage_bytes.max(*bytes),
        }
    }
    net.sort_by_key(|rule| {
        let mut bytes = [0; NetRule::SIZE];
        rule.write(&mut bytes).expect("a rule has room");
        bytes
    });
    net.dedup();
    let gpio: Vec<_> = gpio
        .iter()
        .map(|((chip, base), (input, output))| GpioGrant {
            chip,
            base: *base,
            input: *input,
            output: *output,
        })
        .collect();
    let mtd: Vec<_> = mtd
        .iter()
        .map(|(partition, access)| MtdGrant {
            partition,
            access: *access,
        })
        .collect();
    let spec = Spec {
        component,
        tenant: "",
        name: "",
        capabilities,
        storage_bytes,
        gpio: &gpio,
        mtd: &mtd,
        net: &net,
        peers: &peers.into_iter().collect::<Vec<_>>(),
    };
    let mut bytes = vec![0; spec.size()];
    spec.write(&mut bytes).expect("a valid record");
    Record::parse(bytes).expect("a valid record")
}
