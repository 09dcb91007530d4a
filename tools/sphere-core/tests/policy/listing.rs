// SPDX-License-Identifier: GPL-2.0

//! What a record grants, in the words of policies: said of a component without grants, they give
//! it what the record gives.

use super::asks::decisions;
use super::reader::{Owned, policy};
use super::said::{A, B, CAPABILITIES, What, granted, record, rule};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use sphere_core::capability::Capability;
use sphere_core::grants::Grants;
use sphere_core::listing::Listing;
use sphere_core::record::{
    MtdAccess, NetAction, NetRule, Prefix, Protocol, Record, RecordError, Spec,
};
use sphere_core::uuid::Uuid;
use std::collections::BTreeSet;
use std::ffi::CString;

fn listing(record: &Record<Vec<u8>>, prefix: &str) -> String {
    let record = record.as_slice();
    Listing { record, prefix }.to_string()
}

/// The policy that allows every component what the record grants.
fn as_policy(record: &Record<Vec<u8>>) -> Owned {
    policy(&listing(record, "component * allow "))
}

#[test]
fn one_line_for_each_grant() {
    let connect = |prefix| NetAction::Connect(prefix);
    let lines = |runs: &[(u32, u32)], input, output| What::Gpio {
        chip: "gpio-sim.0".to_owned(),
        runs: runs.to_vec(),
        input,
        output,
    };
    let record = record(
        A,
        &[
            lines(&[(3, 3), (5, 7)], false, true),
            lines(&[(0, 1), (3, 3)], true, false),
            lines(&[(64, 64), (126, 127)], true, true),
            What::Mtd("user data".to_owned(), MtdAccess::Read),
            What::Mtd("-".to_owned(), MtdAccess::ReadWrite),
            rule(Protocol::Tcp, NetAction::Bind, (80, 80)),
            rule(
                Protocol::Udp,
                connect(Prefix::V4([10, 0, 0, 0], 8)),
                (1, 65535),
            ),
            rule(
                Protocol::Tcp,
                connect(Prefix::V6(1u128.to_be_bytes(), 128)),
                (443, 444),
            ),
            What::Peer(B),
            What::Capability(CAPABILITIES[0]),
            What::Storage(8192),
        ],
    );
    let expected = " grant gpio gpio-sim.0 3 inout
 grant gpio gpio-sim.0 0-1 in
 grant gpio gpio-sim.0 5-7 out
 grant gpio gpio-sim.0 64,126-127 inout
 grant mtd %2D write
 grant mtd user%20data read
 grant tcp bind 80-80
 grant udp connect 10.0.0.0/8 1-65535
 grant tcp connect ::1/128 443-444
 grant peer 0b0b0b0b-0b0b-0b0b-0b0b-0b0b0b0b0b0b
 grant capability SystemTime
 grant storage 8192
";
    assert_eq!(listing(&record, " grant "), expected);
}

#[test]
fn no_line_for_nothing() {
    assert_eq!(listing(&record(A, &[]), " grant "), "");
    assert_eq!(listing(&record(A, &[What::Storage(0)]), " grant "), "");
}

/// Those that a policy can allow, too: it makes no debugger.
fn capabilities() -> Vec<Capability> {
    let all = Capability::ALL.iter().copied();
    all.filter(|&one| one != Capability::Debug).collect()
}

#[test]
fn a_debugger_is_listed() {
    let record = record(A, &[What::Capability(Capability::Debug)]);
    assert_eq!(listing(&record, " grant "), " grant capability Debug\n");
}

#[test]
fn all_capabilities_have_their_words() {
    let all: Vec<_> = capabilities().into_iter().map(What::Capability).collect();
    let record = record(A, &all);
    let policy = as_policy(&record);
    let empty = super::said::record(A, &[]);
    let capabilities = policy.grants(Some(&empty)).capabilities();
    assert_eq!(capabilities, record.capabilities());
}

#[test]
fn the_last_window_that_there_can_be() {
    let what = What::Gpio {
        chip: "a".to_owned(),
        runs: vec![(u32::MAX - 63, u32::MAX)],
        input: true,
        output: false,
    };
    let record = record(A, &[what]);
    assert_eq!(listing(&record, ""), "gpio a 4294967232-4294967295 in\n");
    let empty = super::said::record(A, &[]);
    let window = as_policy(&record)
        .grants(Some(&empty))
        .gpio_window(c"a", u32::MAX - 63);
    assert_eq!(window, (u64::MAX, 0));
}

/// A name as records can have it: UTF-8 without control characters.
fn name(size: usize) -> impl Strategy<Value = String> {
    let c = prop_oneof![
        proptest::sample::select(&['%', '"', '#', '-', ' ', '2', 'D', 'ß', '\u{a0}'][..]),
        any::<char>().prop_filter("control", |c| !c.is_control()),
    ];
    vec(c, 1..size).prop_filter_map("too long", move |name| {
        let name: String = name.into_iter().collect();
        (name.len() < size).then_some(name)
    })
}

/// Lines in runs and single ones.
fn set() -> impl Strategy<Value = u64> {
    prop_oneof![
        any::<u64>(),
        (any::<u64>(), any::<u64>()).prop_map(|(a, b)| a & b),
        (0u32..64, 0u32..64).prop_map(|(a, b)| u64::MAX << a.min(b) & u64::MAX >> (63 - a.max(b))),
        Just(0),
    ]
}

fn masked(ip: u128, bits: u8, all: u8) -> u128 {
    let rest = u32::from(all - bits);
    ip.checked_shr(rest)
        .unwrap_or(0)
        .checked_shl(rest)
        .unwrap_or(0)
}

fn net() -> impl Strategy<Value = NetRule> {
    let prefix = prop_oneof![
        (any::<u32>(), 0u8..=32).prop_map(|(ip, bits)| {
            Prefix::V4((masked(ip.into(), bits, 32) as u32).to_be_bytes(), bits)
        }),
        (any::<u128>(), 0u8..=128)
            .prop_map(|(ip, bits)| Prefix::V6(masked(ip, bits, 128).to_be_bytes(), bits)),
        // Written with zeros left out, or as if they stood for IPv4.
        (any::<u32>(), 97u8..=128)
            .prop_map(|(ip, bits)| Prefix::V6(masked(ip.into(), bits, 128).to_be_bytes(), bits)),
    ]
    .prop_filter("nobody", |prefix| prefix.is_valid());
    let action = prop_oneof![
        1 => Just(NetAction::Bind),
        3 => prefix.prop_map(NetAction::Connect),
    ];
    let protocol = prop_oneof![Just(Protocol::Tcp), Just(Protocol::Udp)];
    (action, protocol, 1u16.., 1u16..).prop_map(|(action, protocol, a, b)| NetRule {
        action,
        protocol,
        port_first: a.min(b),
        port_last: a.max(b),
    })
}

prop_compose! {
    /// Whatever a record may grant, with few enough lines for one policy.
    fn any_record()(
        gpio in btree_map((name(32), 0u32..1 << 26), (set(), set()), 0..4),
        mtd in btree_map(name(64), any::<bool>(), 0..4),
        net in vec(net(), 0..6),
        peers in vec(1u8.., 0..4),
        capabilities in proptest::sample::subsequence(capabilities(), 0..8),
        storage in prop_oneof![Just(0), any::<u64>()],
    ) -> Record<Vec<u8>> {
        let mut granted = Vec::new();
        for ((chip, window), (input, output)) in gpio {
            for bit in 0..64 {
                let (line, has) = (window * 64 + bit, |set: u64| set >> bit & 1 != 0);
                if has(input) || has(output) {
                    granted.push(What::Gpio {
                        chip: chip.clone(),
                        runs: vec![(line, line)],
                        input: has(input),
                        output: has(output),
                    });
                }
            }
        }
        let access = |writes| if writes { MtdAccess::ReadWrite } else { MtdAccess::Read };
        granted.extend(mtd.into_iter().map(|(name, writes)| What::Mtd(name, access(writes))));
        granted.extend(net.into_iter().map(What::Net));
        granted.extend(peers.into_iter().map(|peer| What::Peer(Uuid([peer; 16]))));
        granted.extend(capabilities.into_iter().map(What::Capability));
        granted.push(What::Storage(storage));
        record(A, &granted)
    }
}

/// Grant by grant: all that the record has, nothing that it has not.
fn check_same(record: &Record<Vec<u8>>, grants: &Grants<'_>) {
    assert_eq!(grants.capabilities(), record.capabilities());
    assert_eq!(grants.storage_bytes(), record.storage_bytes());
    for window in record.gpio() {
        let chip = CString::new(window.chip).unwrap();
        assert!(grants.has_gpio_chip(&chip));
        // Those next to it, too.
        for base in [
            window.base.wrapping_sub(64),
            window.base,
            window.base.wrapping_add(64),
        ] {
            assert_eq!(
                grants.gpio_window(&chip, base),
                record.gpio_window(&chip, base)
            );
        }
    }
    for grant in record.mtd() {
        let partition = CString::new(grant.partition).unwrap();
        for access in [MtdAccess::Read, MtdAccess::ReadWrite] {
            let expected = grant.access.includes(access);
            assert_eq!(grants.has_mtd(&partition, access), expected);
        }
    }
    for rule in record.net() {
        assert!(
            grants.has_net_rule(&|_, granted| *granted == rule),
            "{rule:?}"
        );
    }
    let is_new = |rule: &NetRule| record.net().all(|granted| granted != *rule);
    assert!(!grants.has_net_rule_in_part(&is_new));
    let peers: BTreeSet<_> = record.peers().collect();
    for peer in (0..=255).map(|byte| Uuid([byte; 16])) {
        assert_eq!(grants.lists(peer), peers.contains(&peer));
    }
}

proptest! {
    #[test]
    fn what_is_listed_grants_what_the_record_grants(record in any_record()) {
        let policy = as_policy(&record);
        let empty = super::said::record(B, &[]);
        check_same(&record, &policy.grants(Some(&empty)));
        // What it has already, it gets no more of.
        check_same(&record, &policy.grants(Some(&record)));
    }

    /// As denials, the same words take all of it, but for the storage.
    #[test]
    fn what_is_listed_takes_what_the_record_grants(record in any_record()) {
        let listing = listing(&record, "component * deny ");
        let lines: Vec<_> = listing.lines().filter(|line| !line.contains("deny storage")).collect();
        let policy = policy(&(lines.join("\n") + "\ncomponent * limit storage 0\n"));
        let grants = policy.grants(Some(&record));
        prop_assert_eq!(grants.capabilities().bits(), 0);
        prop_assert_eq!(grants.storage_bytes(), 0);
        for window in record.gpio() {
            let chip = CString::new(window.chip).unwrap();
            prop_assert_eq!(grants.gpio_window(&chip, window.base), (0, 0));
        }
        for grant in record.mtd() {
            // To deny writing leaves reading.
            let partition = CString::new(grant.partition).unwrap();
            prop_assert!(!grants.has_mtd(&partition, grant.access));
        }
        for rule in record.net() {
            prop_assert!(!grants.has_net_rule(&|_, said| *said == rule));
        }
        for peer in record.peers() {
            prop_assert!(!grants.lists(peer));
        }
    }

    /// In the small world, by all decisions that there are.
    #[test]
    fn decisions_are_those_of_the_record(granted in granted()) {
        let record = record(A, &granted);
        let policy = as_policy(&record);
        let empty = super::said::record(B, &[]);
        let listed = decisions(&policy.grants(Some(&empty)));
        prop_assert_eq!(listed, decisions(&Grants::from(&record)));
    }

    /// Whatever names are.
    #[test]
    fn lines_are_words_with_one_space_between_them(record in any_record()) {
        for line in listing(&record, "").lines() {
            prop_assert!(line.split(' ').all(|word| !word.is_empty()));
            prop_assert!(line.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{}", line);
            prop_assert!(!line.contains(['"', '#']), "{}", line);
        }
    }
}

/// A record that is as full as can be, but of nothing that takes many statements.
#[test]
fn a_full_record_fits_into_a_policy() -> Result<(), RecordError> {
    let peers: Vec<_> = (1..=243).map(|i| Uuid([i; 16])).collect();
    let spec = Spec {
        component: A,
        tenant: "",
        name: "",
        capabilities: Default::default(),
        storage_bytes: 0,
        gpio: &[],
        mtd: &[],
        net: &[],
        peers: &peers,
    };
    let mut bytes = vec![0; spec.size()];
    spec.write(&mut bytes)?;
    let record = Record::parse(bytes)?;
    let policy = as_policy(&record);
    assert_eq!(policy.statements.len(), peers.len());
    Ok(())
}
