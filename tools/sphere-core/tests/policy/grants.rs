// SPDX-License-Identifier: GPL-2.0

//! What a policy makes of what a record grants.

use super::asks::{asks, decide};
use super::judge;
use super::reader::policy;
use super::said::{A, B, Said, What, granted, lines, record, said};
use proptest::collection::vec;
use proptest::prelude::*;
use sphere_core::grants::Grants;
use sphere_core::net::{Network, family};
use sphere_core::peer::Party;
use sphere_core::policy::{Verb, Who};
use sphere_core::record::{Kind, MtdAccess, Protocol, Record, bare};

fn said_of_everybody() -> impl Strategy<Value = Vec<Said>> {
    vec(said(), 0..8)
}

/// Compares with the second judge, whatever is asked for.
fn check(granted: &[What], said: &[Said], who: Who) {
    let policy = policy(&lines(said));
    let record = match who {
        Who::Component(component) => Some(record(component, granted)),
        _ => None,
    };
    let grants = policy.grants(record.as_ref());
    for ask in asks() {
        let expected = judge::is_granted(granted, said, who, &ask);
        assert_eq!(decide(&grants, &ask), expected, "{ask:?}\n{}", policy.text);
    }
    let expected = judge::storage(granted, said, who);
    assert_eq!(grants.storage_bytes(), expected, "{}", policy.text);
}

proptest! {
    #[test]
    fn components_get_what_a_second_judge_grants(
        granted in granted(),
        said in said_of_everybody(),
        component in prop_oneof![Just(A), Just(B)],
    ) {
        check(&granted, &said, Who::Component(component));
    }

    #[test]
    fn tasks_without_identity_get_what_a_second_judge_grants(said in said_of_everybody()) {
        check(&[], &said, Who::Nobody);
    }

    /// In whatever order, and whoever else allows it.
    #[test]
    fn what_is_denied_is_never_granted(
        granted in granted(),
        mut said in said_of_everybody(),
        denied in said(),
        at: prop::sample::Index,
        everyone: bool,
    ) {
        prop_assume!(denied.verb != Verb::Quarantine && denied.what.is_some());
        prop_assume!(!matches!(denied.what, Some(What::Storage(_))));
        let who = if everyone { Who::Everyone } else { Who::Component(A) };
        let denied = Said { who, verb: Verb::Deny, ..denied };
        said.insert(at.index(said.len() + 1), denied.clone());
        let (policy, record) = (policy(&lines(&said)), record(A, &granted));
        let grants = policy.grants(Some(&record));
        let alone = [Said { verb: Verb::Allow, ..denied }];
        for ask in asks() {
            if judge::is_granted(&[], &alone, Who::Component(A), &ask) {
                let may_read = matches!((&ask, &alone[0].what),
                    (judge::Ask::Read(_), Some(What::Mtd(_, MtdAccess::ReadWrite))));
                prop_assert!(may_read || !decide(&grants, &ask), "{:?}\n{}", ask, policy.text);
            }
        }
    }

    #[test]
    fn who_is_quarantined_has_nothing(
        granted in granted(),
        mut said in said_of_everybody(),
        at: prop::sample::Index,
        everyone: bool,
    ) {
        let who = if everyone { Who::Everyone } else { Who::Component(A) };
        let quarantine = Said { who, verb: Verb::Quarantine, what: None };
        said.insert(at.index(said.len() + 1), quarantine);
        let (policy, record) = (policy(&lines(&said)), record(A, &granted));
        let grants = policy.grants(Some(&record));
        for (gate, is_granted) in super::asks::decisions(&grants) {
            prop_assert!(!is_granted, "{gate:?}");
        }
        prop_assert_eq!(grants.storage_bytes(), 0);
    }

    #[test]
    fn the_order_of_statements_is_nothing(
        granted in granted(),
        said in said_of_everybody(),
    ) {
        let record = record(A, &granted);
        let backwards: Vec<_> = said.iter().rev().cloned().collect();
        let (one, other) = (policy(&lines(&said)), policy(&lines(&backwards)));
        let decisions = |policy: &super::reader::Owned| {
            let grants = policy.grants(Some(&record));
            (super::asks::decisions(&grants), grants.storage_bytes())
        };
        prop_assert_eq!(decisions(&one), decisions(&other));
    }

    /// What is said twice is no more than what is said once.
    #[test]
    fn saying_it_again_changes_nothing(granted in granted(), said in said_of_everybody()) {
        let record = record(A, &granted);
        let (once, twice) = (lines(&said), lines(&said).repeat(2));
        let (once, twice) = (policy(&once), policy(&twice));
        let (one, other) = (once.grants(Some(&record)), twice.grants(Some(&record)));
        prop_assert_eq!(super::asks::decisions(&one), super::asks::decisions(&other));
        prop_assert_eq!(one.storage_bytes(), other.storage_bytes());
    }
}

#[test]
fn a_policy_that_says_nothing_leaves_the_record() {
    let granted = super::said::everything();
    // As much as fits into one record.
    for granted in granted.chunks(40) {
        check(granted, &[], Who::Component(A));
    }
    check(&[], &[], Who::Nobody);
}

/// A task without identity is no component, and `*` stands for components.
#[test]
fn what_is_said_of_every_component_is_not_said_of_nobody() {
    let policy = policy("component * allow capability SystemTime\nnobody allow mtd a read\n");
    let record = record(A, &[]);
    let (nobody, component) = (policy.grants(None), policy.grants(Some(&record)));
    assert!(nobody.has_mtd(c"a", MtdAccess::Read));
    assert_eq!(nobody.capabilities().bits(), 0);
    assert!(!component.has_mtd(c"a", MtdAccess::Read));
    assert_eq!(component.capabilities().bits(), 1);
}

#[test]
fn nothing_is_nothing_under_no_policy() {
    for (gate, is_granted) in super::asks::decisions(&Grants::NOTHING) {
        assert!(!is_granted, "{gate:?}");
    }
    let bytes = bare(Kind::None);
    let none = Record::parse(bytes.as_slice()).unwrap();
    for (gate, is_granted) in super::asks::decisions(&Grants::from(&none)) {
        assert!(!is_granted, "{gate:?}");
    }
}

/// One direction of a line can be taken, and the other stays.
#[test]
fn a_line_that_may_be_no_output_is_still_an_input() {
    let record = record(
        A,
        &[What::Gpio {
            chip: "a".to_owned(),
            runs: vec![(0, 63)],
            input: true,
            output: true,
        }],
    );
    let window = |lines: &str| {
        let policy = policy(lines);
        policy.grants(Some(&record)).gpio_window(c"a", 0)
    };
    assert_eq!(window("component * deny gpio a 0-3 out\n"), (!0, !0xf));
    assert_eq!(window("component * deny gpio a 63 in\n"), (!0 >> 1, !0));
    assert_eq!(window("component * deny gpio a 0-63 inout\n"), (0, 0));
    assert_eq!(window("component * deny gpio b 0-63 inout\n"), (!0, !0));
    assert_eq!(window("component * deny gpio a 64-127 inout\n"), (!0, !0));
}

/// How many lines there are tells nothing about them.
#[test]
fn a_chip_without_its_lines_is_still_there() {
    let policy = policy("nobody allow gpio a 1 in\ncomponent * deny gpio a 0-63 inout\n");
    let chip = What::Gpio {
        chip: "a".to_owned(),
        runs: vec![(0, 63)],
        input: true,
        output: true,
    };
    let (with, without) = (record(A, &[chip]), record(A, &[]));
    assert!(policy.grants(Some(&with)).has_gpio_chip(c"a"));
    assert!(!policy.grants(Some(&without)).has_gpio_chip(c"a"));
    assert!(policy.grants(None).has_gpio_chip(c"a"));
    assert!(!policy.grants(None).has_gpio_chip(c"b"));
}

/// An unspecified address becomes any of the machine's own: all of IPv4 has to be granted, and what
/// is denied of it, however little, is enough. The other family is nothing to it.
#[test]
fn an_unspecified_address_is_denied_with_any_that_it_may_become() {
    let reaches = |lines: &str, family: u16, bytes: usize| {
        let allow = "component * allow tcp connect 0.0.0.0/0 80\n\
                     component * allow tcp connect ::/0 80\n";
        let (policy, record) = (policy(&format!("{allow}{lines}")), record(A, &[]));
        let mut address = vec![0; bytes];
        address[..2].copy_from_slice(&family.to_ne_bytes());
        address[3] = 80;
        let network = Network(policy.grants(Some(&record)));
        network.may_connect(Protocol::Tcp, &address).is_ok()
    };
    for (denied, v4, v6) in [
        ("", true, true),
        ("10.1.2.3 80", false, true),
        ("10.0.0.0/8 1-100", false, true),
        ("127.0.0.1 80", false, false),
        ("127.0.0.1 81", true, true),
        ("::1 80", true, false),
        ("fe80::/10 80", true, true),
        ("::/0 80", true, false),
    ] {
        let lines = match denied {
            "" => String::new(),
            denied => format!("component * deny tcp connect {denied}\n"),
        };
        let answers = (
            reaches(&lines, family::INET, 16),
            reaches(&lines, family::INET6, 28),
        );
        assert_eq!(answers, (v4, v6), "{denied}");
    }
}

/// Both have to want it, so one that is denied it is enough.
#[test]
fn one_side_that_is_denied_its_peer_ends_the_talk() {
    let may_talk = |lines: &str| {
        let policy = policy(lines);
        let (a, b) = (record(A, &[What::Peer(B)]), record(B, &[]));
        let a = Party::Application(A, policy.grants(Some(&a)));
        let b = Party::Application(B, policy.grants(Some(&b)));
        assert_eq!(a.may_talk(&b), b.may_talk(&a));
        // Who is in quarantine is still itself.
        assert!(a.may_talk(&a) && b.may_talk(&b));
        a.may_talk(&b)
    };
    let allow = format!("component {B} allow peer {A}\n");
    assert!(!may_talk(""));
    assert!(may_talk(&allow));
    assert!(may_talk(&format!("component * allow peer {A}\n")));
    assert!(!may_talk(&format!("{allow}component {A} deny peer {B}\n")));
    assert!(!may_talk(&format!("{allow}component * deny peer {A}\n")));
    assert!(!may_talk(&format!("{allow}component {A} quarantine\n")));
    assert!(!may_talk(&format!("{allow}component {B} quarantine\n")));
}

#[test]
fn of_storage_the_limit_wins() {
    let bytes = |lines: &str| {
        let policy = policy(lines);
        let record = record(A, &[What::Storage(100)]);
        policy.grants(Some(&record)).storage_bytes()
    };
    assert_eq!(bytes(""), 100);
    assert_eq!(bytes("component * allow storage 99\n"), 100);
    assert_eq!(bytes("component * allow storage 101\n"), 101);
    assert_eq!(bytes("component * limit storage 101\n"), 100);
    assert_eq!(bytes("component * limit storage 0\n"), 0);
    let both = "component * limit storage 50\ncomponent * allow storage 200\n";
    assert_eq!(bytes(both), 50);
    let other = format!("component {B} limit storage 1\n");
    assert_eq!(bytes(&other), 100);
    let most = format!("component * allow storage {}\n", u64::MAX);
    assert_eq!(bytes(&most), u64::MAX);
}
