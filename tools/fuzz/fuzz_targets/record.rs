// SPDX-License-Identifier: GPL-2.0

//! What a hostile program could hand to the kernel as a record.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sphere_core::describe::Description;
use sphere_core::grants::Grants;
use sphere_core::net::{Class, Network, family};
use sphere_core::record::{HEADER_SIZE, Kind, NetAction, Prefix, RECORD_MAX, Record, Spec, bare};

fuzz_target!(|data: &[u8]| {
    read(data);
    // The same behind a frame that is right, so that the fuzzer need not find one.
    if (HEADER_SIZE..=RECORD_MAX).contains(&data.len()) {
        let mut framed = data.to_vec();
        framed[..8].copy_from_slice(&bare(Kind::Application)[..8]);
        framed[8..12].copy_from_slice(&(data.len() as u32).to_le_bytes());
        framed[12..16].fill(0);
        read(&framed);
    }
});

fn read(data: &[u8]) {
    let Ok(record) = Record::parse(data) else {
        return;
    };
    assert!(!Description(&record).to_string().is_empty());
    if record.kind() == Kind::Application {
        check_rewritten(&record);
        check_network(&record);
    }
}

/// Every rule grants what it says.
fn check_network(record: &Record<&[u8]>) {
    let network = Network(Grants::from(record));
    for rule in record.net() {
        let mut address = [0; 28];
        let number = match rule.action {
            NetAction::Bind | NetAction::Connect(Prefix::V4(..)) => family::INET,
            NetAction::Connect(Prefix::V6(..)) => family::INET6,
        };
        address[..2].copy_from_slice(&number.to_ne_bytes());
        address[2..4].copy_from_slice(&rule.port_last.to_be_bytes());
        let decision = match rule.action {
            NetAction::Bind => network.may_bind(rule.protocol, &address),
            NetAction::Connect(Prefix::V4(ip, _)) => {
                address[4..8].copy_from_slice(&ip);
                network.may_connect(rule.protocol, &address)
            }
            NetAction::Connect(Prefix::V6(ip, _)) => {
                address[8..24].copy_from_slice(&ip);
                network.may_connect(rule.protocol, &address)
            }
        };
        // What an unspecified address becomes is not for every rule to say.
        assert!(decision.is_ok() || address[4..] == [0; 24]);
        assert!(network.may_create(Class::Inet(rule.protocol)).is_ok());
    }
}

/// Writing what was read gives a record that says the same, and the same bytes unless the record
/// is of a later version.
fn check_rewritten(record: &Record<&[u8]>) {
    let gpio: Vec<_> = record.gpio().collect();
    let mtd: Vec<_> = record.mtd().collect();
    let net: Vec<_> = record.net().collect();
    let peers: Vec<_> = record.peers().collect();
    let spec = Spec {
        component: record.component(),
        tenant: record.tenant(),
        name: record.name(),
        capabilities: record.capabilities(),
        storage_bytes: record.storage_bytes(),
        gpio: &gpio,
        mtd: &mtd,
        net: &net,
        peers: &peers,
    };
    let mut bytes = vec![0; spec.size()];
    spec.write(&mut bytes)
        .expect("what was read can be written");
    let again = Record::parse(bytes.as_slice()).expect("what was written can be read");
    assert!(again.gpio().eq(record.gpio()));
    assert!(again.mtd().eq(record.mtd()));
    assert!(again.net().eq(record.net()));
    assert!(again.peers().eq(record.peers()));
    if bytes.len() == record.bytes().len() {
        assert_eq!(bytes, record.bytes());
    }
}
