// SPDX-License-Identifier: GPL-2.0

//! Whom a debugger may trace.

use proptest::prelude::*;
use sphere_core::{
    capability::{Capability, CapabilitySet},
    debug::{Party, Refusal},
    role::Role,
    uuid::Uuid,
};

const A: Role = Role::Application(Uuid([0xa; 16]));
const B: Role = Role::Application(Uuid([0xb; 16]));
const ROLES: [Role; 5] = [Role::Kernel, Role::Manager, Role::None, A, B];
const DEBUG: CapabilitySet = CapabilitySet::EMPTY.with(Capability::Debug);

const fn party(role: Role, capabilities: CapabilitySet) -> Party {
    Party { role, capabilities }
}

#[test]
fn a_debugger_is_an_application_that_has_the_capability() {
    for role in ROLES {
        let is_application = matches!(role, Role::Application(_));
        assert_eq!(party(role, DEBUG).is_debugger(), is_application, "{role}");
        let all_but = all().without(DEBUG);
        assert!(!party(role, all_but).is_debugger(), "{role}");
    }
}

#[test]
fn a_debugger_traces_applications_alone() {
    let debugger = party(A, all());
    for role in ROLES {
        let other = party(role, CapabilitySet::EMPTY);
        let expected = match role {
            Role::Application(_) => Ok(()),
            _ => Err(Refusal::Identity),
        };
        assert_eq!(debugger.may_debug(&other, false), expected, "{role}");
    }
}

#[test]
fn who_is_no_debugger_traces_nobody() {
    for role in ROLES {
        for other in ROLES {
            let tracer = party(role, all().without(DEBUG));
            assert_eq!(
                tracer.may_debug(&party(other, CapabilitySet::EMPTY), false),
                Err(Refusal::Identity),
                "{role} and {other}"
            );
        }
    }
}

/// Taking over who has more capabilities, one at a time: CVE-2020-16992.
#[test]
fn no_capability_is_won() {
    for &capability in Capability::ALL {
        let one = CapabilitySet::EMPTY.with(capability);
        let other = party(B, one);
        let without = party(A, all().without(one).and(DEBUG));
        let expected = match capability {
            Capability::Debug => Ok(()),
            _ => Err(Refusal::Capabilities),
        };
        assert_eq!(without.may_debug(&other, false), expected, "{capability}");
        let with = party(A, DEBUG.with(capability));
        assert_eq!(with.may_debug(&other, false), Ok(()), "{capability}");
    }
}

/// Also if everything else is as it should be.
#[test]
fn files_are_not_taken() {
    let other = party(B, CapabilitySet::EMPTY);
    assert_eq!(party(A, all()).may_debug(&other, true), Err(Refusal::File));
}

#[test]
fn reasons_are_words() {
    for refusal in [Refusal::Identity, Refusal::Capabilities, Refusal::File] {
        let name = refusal.name();
        assert!(name.bytes().all(|b| b == b'-' || b.is_ascii_lowercase()));
    }
}

fn all() -> CapabilitySet {
    Capability::ALL
        .iter()
        .fold(CapabilitySet::EMPTY, |set, &one| set.with(one))
}

fn capabilities() -> impl Strategy<Value = CapabilitySet> {
    proptest::sample::subsequence(Capability::ALL, 0..=Capability::ALL.len()).prop_map(|members| {
        members
            .into_iter()
            .fold(CapabilitySet::EMPTY, CapabilitySet::with)
    })
}

fn any_party() -> impl Strategy<Value = Party> {
    (proptest::sample::select(&ROLES[..]), capabilities()).prop_map(|(role, set)| party(role, set))
}

proptest! {
    /// What may be traced is an application with nothing that the tracer lacks, and the tracer a
    /// debugger.
    #[test]
    fn nothing_is_won(tracer in any_party(), other in any_party(), takes_file: bool) {
        let is_allowed = tracer.may_debug(&other, takes_file).is_ok();
        let lacks = Capability::ALL.iter().any(|&one| {
            other.capabilities.contains(one) && !tracer.capabilities.contains(one)
        });
        let both = [tracer.role, other.role]
            .iter()
            .all(|role| matches!(role, Role::Application(_)));
        let is_debugger = tracer.capabilities.contains(Capability::Debug);
        prop_assert_eq!(is_allowed, both && is_debugger && !lacks && !takes_file);
    }

    #[test]
    fn sets_are_compared_and_joined_by_members(one in capabilities(), other in capabilities()) {
        let members = |set: CapabilitySet| set.iter().collect::<Vec<_>>();
        prop_assert_eq!(
            one.is_within(other),
            members(one).iter().all(|&member| other.contains(member))
        );
        let joined = one.and(other);
        for &capability in Capability::ALL {
            prop_assert_eq!(
                joined.contains(capability),
                one.contains(capability) || other.contains(capability)
            );
        }
    }
}
