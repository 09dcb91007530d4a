// SPDX-License-Identifier: GPL-2.0

//! Who may talk to whom: every combination.

use sphere_core::{
    peer::{Party, may_connect},
    record::{RECORD_MAX, Record, Spec},
    role::Role,
    uuid::Uuid,
};

const A: Uuid = Uuid([0xa; 16]);
const B: Uuid = Uuid([0xb; 16]);
const C: Uuid = Uuid([0xc; 16]);

type Owned = Record<Vec<u8>>;

fn record(component: Uuid, peers: &[Uuid]) -> Owned {
    let spec = Spec {
        peers,
        ..Spec::new(component)
    };
    let mut bytes = vec![0; RECORD_MAX];
    let size = spec.write(&mut bytes).unwrap();
    bytes.truncate(size);
    Record::parse(bytes).unwrap()
}

/// Asks from both sides, which have to agree.
fn may_talk(one: &Party<'_>, other: &Party<'_>) -> bool {
    let answer = one.may_talk(other);
    assert_eq!(answer, other.may_talk(one));
    answer
}

fn may_components_talk(one: &Owned, other: &Owned) -> bool {
    may_talk(&party(one), &party(other))
}

fn party(record: &Owned) -> Party<'_> {
    Party::Application(record.component(), record.into())
}

#[test]
fn both_sides_have_to_list_each_other() {
    let lists_nobody = record(B, &[]);
    let lists_other = record(B, &[C]);
    let lists_us = record(B, &[A]);
    let lists_both = record(B, &[A, C]);
    for (peers, expected) in [
        (&[][..], [false; 4]),
        (&[A], [false; 4]),
        (&[C], [false; 4]),
        (&[B], [false, false, true, true]),
        (&[B, C], [false, false, true, true]),
    ] {
        let us = record(A, peers);
        let others = [&lists_nobody, &lists_other, &lists_us, &lists_both];
        let answers = others.map(|other| may_components_talk(&us, other));
        assert_eq!(answers, expected, "{peers:?}");
    }
}

/// Also when it was started again with another record.
#[test]
fn a_component_talks_to_itself() {
    for one in [&[][..], &[A], &[B]] {
        for other in [&[][..], &[A], &[B]] {
            assert!(may_components_talk(&record(A, one), &record(A, other)));
        }
    }
}

#[test]
fn the_last_of_many_peers_counts() {
    let mut peers: Vec<_> = (1..200).map(|i| Uuid([i; 16])).collect();
    peers.retain(|&peer| peer != A);
    let last = *peers.last().unwrap();
    assert!(may_components_talk(&record(A, &peers), &record(last, &[A])));
}

#[test]
fn kernel_and_manager_talk_to_everybody() {
    let application = record(A, &[]);
    let all = [
        Party::Kernel,
        Party::Manager,
        Party::None,
        party(&application),
    ];
    for other in &all {
        assert!(may_talk(&Party::Kernel, other));
        assert!(may_talk(&Party::Manager, other));
    }
}

#[test]
fn a_task_without_identity_has_no_peers_but_its_like() {
    assert!(may_talk(&Party::None, &Party::None));
    for peers in [&[][..], &[A], &[B]] {
        let application = record(A, peers);
        assert!(!may_talk(&Party::None, &party(&application)));
    }
}

#[test]
fn only_who_made_a_socket_connects_it() {
    let roles = [
        Role::Kernel,
        Role::Manager,
        Role::None,
        Role::Application(A),
        Role::Application(B),
    ];
    for current in roles {
        for maker in roles {
            let expected = maker == Role::Kernel || maker == current;
            assert_eq!(may_connect(current, maker), expected);
        }
    }
}
