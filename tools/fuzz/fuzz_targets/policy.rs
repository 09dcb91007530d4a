// SPDX-License-Identifier: GPL-2.0

//! What a manager could write into the kernel as a policy.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sphere_core::capability::{Capability, CapabilitySet};
use sphere_core::grants::Grants;
use sphere_core::policy::{
    Grant, POLICY_MAX, Policy, Reason, STATEMENTS_MAX, Span, Statement, Verb, Who, parse, text,
};
use sphere_core::record::{
    GpioGrant, MtdAccess, MtdGrant, NetAction, NetRule, Protocol, Record, Spec,
};
use sphere_core::uuid::Uuid;
use sphere_core::words::Decoded;
use std::ffi::CString;

fuzz_target!(|data: &[u8]| {
    read(data);
    // The same behind a version, so that the fuzzer need not find one.
    read(&[b"version 1\n", data].concat());
});

fn read(data: &[u8]) {
    let mut statements = Vec::new();
    let parsed = text(data).and_then(|text| {
        let settings = parse(text, &mut |statement| {
            if statements.len() == STATEMENTS_MAX {
                return Err(Reason::TooMany);
            }
            statements.push(statement);
            Ok(())
        })?;
        Ok((text, settings))
    });
    match parsed {
        Ok((text, settings)) => check_policy(&Policy {
            text: text.as_bytes(),
            settings,
            statements: &statements,
        }),
        // What is refused is explained, with a place.
        Err(error) => assert_eq!(error.line == 0, data.len() > POLICY_MAX, "{error}"),
    }
}

fn check_policy(policy: &Policy<'_>) {
    assert!(policy.is_within(policy));
    let bytes = granting();
    let record = Record::parse(bytes.as_slice()).expect("a valid record");
    for (record, who) in [
        (None, Who::Nobody),
        (Some(record), Who::Component(record.component())),
    ] {
        let grants = Grants::new(record, policy.text, policy.statements);
        let is_quarantined = policy
            .statements
            .iter()
            .any(|said| said.who.includes(who) && said.verb == Verb::Quarantine);
        for said in policy.statements {
            assert!(!said.words.of(policy.text).contains(&b'\n'));
            let is_denied = said.who.includes(who) && said.verb == Verb::Deny;
            let is_allowed = has_part(policy, &grants, said);
            assert!(!(is_allowed && (is_denied || is_quarantined)), "{said:?}");
        }
    }
}

/// A record of a component that policies can name without many digits to find.
fn granting() -> Vec<u8> {
    let spec = Spec {
        component: Uuid([0xa; 16]),
        tenant: "",
        name: "",
        capabilities: CapabilitySet::EMPTY.with(Capability::SystemTime),
        storage_bytes: 4096,
        gpio: &[GpioGrant {
            chip: "a",
            base: 0,
            input: u64::MAX,
            output: u64::MAX,
        }],
        mtd: &[MtdGrant {
            partition: "a",
            access: MtdAccess::ReadWrite,
        }],
        net: &[NetRule {
            action: NetAction::Bind,
            protocol: Protocol::Tcp,
            port_first: 1,
            port_last: 80,
        }],
        peers: &[Uuid([0xb; 16])],
    };
    let mut bytes = vec![0; spec.size()];
    spec.write(&mut bytes).expect("a valid record");
    bytes
}

/// Whether any of what a statement is about is granted.
fn has_part(policy: &Policy<'_>, grants: &Grants<'_>, said: &Statement) -> bool {
    // What has a zero in its name is not there.
    let name = |span: Span| {
        let bytes: Result<Vec<_>, _> = Decoded::of(span.of(policy.text)).collect();
        CString::new(bytes.expect("a name")).unwrap_or_default()
    };
    match said.grant {
        Grant::Gpio {
            chip,
            base,
            input,
            output,
        } => {
            let (inputs, outputs) = grants.gpio_window(&name(chip), base);
            grants.has_gpio_chip(&name(chip));
            inputs & input | outputs & output != 0
        }
        Grant::Mtd { partition, access } => grants.has_mtd(&name(partition), access),
        Grant::Net(rule) => grants.has_net_rule(&|_, other| *other == rule),
        Grant::Peer(peer) => grants.lists(peer),
        Grant::Capability(capability) => grants.capabilities().contains(capability),
        Grant::Storage(_) | Grant::All => match said.verb {
            Verb::Quarantine | Verb::Limit => false,
            _ => grants.storage_bytes() > 0,
        },
    }
}
