// SPDX-License-Identifier: GPL-2.0

//! Records with owned contents, how to make any of them, and a second encoder to compare with.

use proptest::collection::btree_map;
use proptest::prelude::*;
use proptest::sample::Index;
use sphere_core::capability::{Capability, CapabilitySet};
use sphere_core::record::{
    Entry, GpioGrant, HEADER_SIZE, MtdAccess, MtdGrant, NetAction, NetRule, Prefix, Protocol,
    RECORD_MAX, Record, RecordError, Spec, bare,
};
use sphere_core::uuid::Uuid;

/// What an application's record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owned {
    pub component: Uuid,
    pub tenant: String,
    pub name: String,
    pub capabilities: CapabilitySet,
    pub storage_bytes: u64,
    /// Chip, base, input, output.
    pub gpio: Vec<(String, u32, u64, u64)>,
    pub mtd: Vec<(String, MtdAccess)>,
    pub net: Vec<NetRule>,
    pub peers: Vec<Uuid>,
}

impl Owned {
    pub fn read(record: &Record<&[u8]>) -> Self {
        Self {
            component: record.component(),
            tenant: record.tenant().to_owned(),
            name: record.name().to_owned(),
            capabilities: record.capabilities(),
            storage_bytes: record.storage_bytes(),
            gpio: record
                .gpio()
                .map(|grant| (grant.chip.to_owned(), grant.base, grant.input, grant.output))
                .collect(),
            mtd: record
                .mtd()
                .map(|grant| (grant.partition.to_owned(), grant.access))
                .collect(),
            net: record.net().collect(),
            peers: record.peers().collect(),
        }
    }

    pub fn write(&self) -> Result<Vec<u8>, RecordError> {
        let mut bytes = vec![0; RECORD_MAX];
        let size = self.write_to(&mut bytes)?;
        bytes.truncate(size);
        Ok(bytes)
    }

    pub fn write_to(&self, out: &mut [u8]) -> Result<usize, RecordError> {
        let gpio: Vec<_> = self
            .gpio
            .iter()
            .map(|(chip, base, input, output)| GpioGrant {
                chip,
                base: *base,
                input: *input,
                output: *output,
            })
            .collect();
        let mtd: Vec<_> = self
            .mtd
            .iter()
            .map(|(partition, access)| MtdGrant {
                partition,
                access: *access,
            })
            .collect();
        let spec = Spec {
            component: self.component,
            tenant: &self.tenant,
            name: &self.name,
            capabilities: self.capabilities,
            storage_bytes: self.storage_bytes,
            gpio: &gpio,
            mtd: &mtd,
            net: &self.net,
            peers: &self.peers,
        };
        spec.write(out)
    }

    /// Puts a table out of order. `false` if it has no entry.
    pub fn swap_or_repeat(&mut self, table: usize, at: Index) -> bool {
        fn change<T: Clone>(entries: &mut Vec<T>, at: Index) -> bool {
            match entries.len() {
                0 => return false,
                1 => entries.push(entries[0].clone()),
                n => {
                    let at = at.index(n);
                    if at == 0 {
                        entries.insert(0, entries[0].clone());
                    } else {
                        entries.swap(at - 1, at);
                    }
                }
            }
            true
        }
        match table {
            0 => change(&mut self.gpio, at),
            1 => change(&mut self.mtd, at),
            2 => change(&mut self.net, at),
            _ => change(&mut self.peers, at),
        }
    }
}

fn text(bytes: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(
        any::<char>().prop_filter("control", |c| !c.is_control()),
        0..bytes,
    )
    .prop_map(move |characters| {
        let mut text = String::new();
        for c in characters {
            if text.len() + c.len_utf8() < bytes {
                text.push(c);
            }
        }
        text
    })
}

fn name(bytes: usize) -> impl Strategy<Value = String> {
    text(bytes).prop_map(|text| {
        if text.is_empty() {
            "x".to_owned()
        } else {
            text
        }
    })
}

fn uuid() -> impl Strategy<Value = Uuid> {
    any::<[u8; 16]>()
        .prop_filter("nil", |bytes| *bytes != [0; 16])
        .prop_map(Uuid)
}

/// Zeroes what is beyond the prefix.
fn masked<const N: usize>(mut address: [u8; N], prefix: u8) -> [u8; N] {
    for (bit, index) in (0..N * 8).map(|bit| (bit % 8, bit / 8)) {
        if index * 8 + bit >= usize::from(prefix) {
            address[index] &= !(0x80 >> bit);
        }
    }
    address
}

fn action() -> impl Strategy<Value = NetAction> {
    prop_oneof![
        Just(NetAction::Bind),
        (any::<[u8; 4]>(), 0u8..=32)
            .prop_map(|(address, prefix)| Prefix::V4(masked(address, prefix), prefix))
            .prop_filter("nobody", |prefix| *prefix != Prefix::V4([0; 4], 32))
            .prop_map(NetAction::Connect),
        (any::<[u8; 16]>(), 0u8..=128)
            .prop_map(|(address, prefix)| Prefix::V6(masked(address, prefix), prefix))
            .prop_filter("nobody", |prefix| *prefix != Prefix::V6([0; 16], 128))
            .prop_map(NetAction::Connect),
    ]
}

prop_compose! {
    fn rule()(
        action in action(),
        protocol in prop_oneof![Just(Protocol::Tcp), Just(Protocol::Udp)],
        one in 1u16..,
        other in 1u16..,
    ) -> NetRule {
        NetRule { action, protocol, port_first: one.min(other), port_last: one.max(other) }
    }
}

/// Rules in the order of their bytes, each once.
fn rules() -> impl Strategy<Value = Vec<NetRule>> {
    proptest::collection::vec(rule(), 0..16).prop_map(|mut rules| {
        rules.sort_by_key(encode_rule);
        rules.dedup();
        rules
    })
}

fn capabilities() -> impl Strategy<Value = CapabilitySet> {
    proptest::sample::subsequence(Capability::ALL, 0..=Capability::ALL.len()).prop_map(|members| {
        members
            .into_iter()
            .fold(CapabilitySet::EMPTY, CapabilitySet::with)
    })
}

type Gpio = Vec<(String, u32, u64, u64)>;

fn gpio() -> impl Strategy<Value = Gpio> {
    let lines = (any::<u64>(), any::<u64>()).prop_filter("nothing", |(i, o)| i | o != 0);
    btree_map(
        (name(32), (0u32..4).prop_map(|window| window * 64)),
        lines,
        0..8,
    )
    .prop_map(|windows| {
        windows
            .into_iter()
            .map(|((chip, base), (input, output))| (chip, base, input, output))
            .collect()
    })
}

fn mtd() -> impl Strategy<Value = Vec<(String, MtdAccess)>> {
    let access = prop_oneof![Just(MtdAccess::Read), Just(MtdAccess::ReadWrite)];
    btree_map(name(64), access, 0..4).prop_map(|partitions| partitions.into_iter().collect())
}

prop_compose! {
    /// Whatever an application's record may say.
    pub fn owned()(
        component in uuid(),
        tenant in text(64),
        name in text(32),
        capabilities in capabilities(),
        storage_bytes: u64,
        gpio in gpio(),
        mtd in mtd(),
        net in rules(),
        peers in proptest::collection::btree_set(uuid(), 0..16),
    ) -> Owned {
        let peers = peers.into_iter().collect();
        Owned { component, tenant, name, capabilities, storage_bytes, gpio, mtd, net, peers }
    }
}

/// Makes the first bytes those of an application's record of this size.
pub fn frame(bytes: &mut [u8]) {
    let size = u32::try_from(bytes.len()).expect("a record is small");
    bytes[..16].copy_from_slice(&bare(sphere_core::record::Kind::Application)[..16]);
    bytes[8..12].copy_from_slice(&size.to_le_bytes());
    bytes[32..128].fill(0);
    bytes[128..136].fill(0);
}

/// Uses all that a valid record has.
pub fn read_everything(record: &Record<&[u8]>) {
    let owned = Owned::read(record);
    assert!(owned.gpio.iter().all(|(chip, ..)| !chip.is_empty()));
    assert!(owned.mtd.iter().all(|(partition, _)| !partition.is_empty()));
    assert!(owned.net.iter().all(|rule| rule.port_first > 0));
    assert!(owned.peers.iter().all(|peer| !peer.is_nil()));
    assert!(record.bytes().len() <= RECORD_MAX);
}

/// A second encoder, which shares no code with the first, and can also write what a later version
/// would: a larger header, larger entries.
pub struct Layout {
    pub header_size: usize,
    /// Bytes that each entry of each table has in addition.
    pub extra: [usize; 4],
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            header_size: HEADER_SIZE,
            extra: [0; 4],
        }
    }
}

impl Layout {
    pub fn encode(&self, owned: &Owned) -> Vec<u8> {
        let tables: [Vec<Vec<u8>>; 4] = [
            owned.gpio.iter().map(encode_gpio).collect(),
            owned.mtd.iter().map(encode_mtd).collect(),
            owned
                .net
                .iter()
                .map(|rule| encode_rule(rule).to_vec())
                .collect(),
            owned.peers.iter().map(|peer| peer.0.to_vec()).collect(),
        ];
        let mut out = vec![0; self.header_size];
        let mut descriptors = Vec::new();
        for (entries, extra) in tables.iter().zip(self.extra) {
            let stride = entries.first().map_or(0, |entry| entry.len() + extra);
            let offset = if entries.is_empty() { 0 } else { out.len() };
            for field in [offset, entries.len(), stride, 0] {
                descriptors.extend(u16::try_from(field).unwrap().to_le_bytes());
            }
            for entry in entries {
                out.extend(entry);
                out.extend(vec![0; extra]);
            }
        }
        let size = u32::try_from(out.len()).unwrap();
        let mut header = b"SPHR".to_vec();
        header.extend(u16::try_from(self.header_size).unwrap().to_le_bytes());
        header.extend(1u16.to_le_bytes());
        header.extend(size.to_le_bytes());
        header.extend([0; 4]);
        header.extend(owned.component.0);
        header.extend(padded(&owned.tenant, 64));
        header.extend(padded(&owned.name, 32));
        header.extend(owned.capabilities.bits().to_le_bytes());
        header.extend(owned.storage_bytes.to_le_bytes());
        header.extend(descriptors);
        out[..header.len()].copy_from_slice(&header);
        out
    }
}

fn padded(text: &str, size: usize) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize(size, 0);
    bytes
}

fn encode_gpio((chip, base, input, output): &(String, u32, u64, u64)) -> Vec<u8> {
    let mut bytes = padded(chip, 32);
    bytes.extend(base.to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend(input.to_le_bytes());
    bytes.extend(output.to_le_bytes());
    bytes
}

fn encode_mtd((partition, access): &(String, MtdAccess)) -> Vec<u8> {
    let mut bytes = padded(partition, 64);
    let access: u32 = match access {
        MtdAccess::Read => 1,
        MtdAccess::ReadWrite => 1 | 2,
    };
    bytes.extend(access.to_le_bytes());
    bytes.extend([0; 4]);
    bytes
}

fn encode_rule(rule: &NetRule) -> [u8; NetRule::SIZE] {
    let (action, family, prefix, address) = match &rule.action {
        NetAction::Bind => (1, 0, 0, &[][..]),
        NetAction::Connect(Prefix::V4(address, prefix)) => (2, 4, *prefix, &address[..]),
        NetAction::Connect(Prefix::V6(address, prefix)) => (2, 6, *prefix, &address[..]),
    };
    let protocol = match rule.protocol {
        Protocol::Tcp => 6,
        Protocol::Udp => 17,
    };
    let mut bytes = [0; NetRule::SIZE];
    bytes[..4].copy_from_slice(&[action, family, protocol, prefix]);
    bytes[4..6].copy_from_slice(&rule.port_first.to_le_bytes());
    bytes[6..8].copy_from_slice(&rule.port_last.to_le_bytes());
    bytes[8..8 + address.len()].copy_from_slice(address);
    bytes
}
