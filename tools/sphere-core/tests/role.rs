// SPDX-License-Identifier: GPL-2.0

//! The decisions that depend on roles alone: every combination.

use sphere_core::{
    record::Kind,
    role::{Role, Transition},
    uuid::Uuid,
};

const A: Role = Role::Application(Uuid([0xa; 16]));
const B: Role = Role::Application(Uuid([0xb; 16]));
const ROLES: [Role; 5] = [Role::Kernel, Role::Manager, Role::None, A, B];
const PENDING: [Option<Kind>; 4] = [
    None,
    Some(Kind::None),
    Some(Kind::Application),
    Some(Kind::Manager),
];

#[test]
fn the_first_exec_of_init_makes_the_manager() {
    for pending in PENDING {
        assert_eq!(
            Role::Kernel.at_exec(pending, true),
            Transition::BecomeManager
        );
    }
}

#[test]
fn a_usermode_helper_has_no_identity() {
    for pending in PENDING {
        assert_eq!(Role::Kernel.at_exec(pending, false), Transition::BecomeNone);
    }
}

#[test]
fn a_manager_becomes_what_it_has_chosen() {
    for is_init in [false, true] {
        let at_exec = |pending| Role::Manager.at_exec(pending, is_init);
        assert_eq!(at_exec(None), Transition::BecomeNone);
        assert_eq!(at_exec(Some(Kind::None)), Transition::BecomeNone);
        assert_eq!(at_exec(Some(Kind::Manager)), Transition::Keep);
        assert_eq!(at_exec(Some(Kind::Application)), Transition::BecomePending);
    }
}

/// Whatever is pending by mistake, and even as PID 1.
#[test]
fn nobody_else_changes() {
    for role in [Role::None, A] {
        for pending in PENDING {
            for is_init in [false, true] {
                assert_eq!(role.at_exec(pending, is_init), Transition::Keep);
            }
        }
    }
}

#[test]
fn only_a_manager_gives_identities() {
    for role in ROLES {
        assert_eq!(role.may_give_identity(), role == Role::Manager);
    }
}

#[test]
fn only_the_kernel_and_managers_look_at_others() {
    for one in ROLES {
        for other in ROLES {
            let expected = one == other || matches!(one, Role::Kernel | Role::Manager);
            assert_eq!(one.may_see(other), expected, "{one:?} sees {other:?}");
            assert_eq!(one.may_trace(other), expected, "{one:?} traces {other:?}");
        }
    }
}

/// What a manager hands out is for whom it gives it to.
#[test]
fn sockets_of_other_components_are_useless() {
    for one in ROLES {
        for other in ROLES {
            let expected = one == other || matches!(other, Role::Kernel | Role::Manager);
            assert_eq!(
                one.may_use_sockets_of(other),
                expected,
                "{one:?} by {other:?}"
            );
        }
    }
}

#[test]
fn a_tracer_is_appointed_among_equals() {
    for one in ROLES {
        for other in ROLES {
            assert_eq!(one.may_appoint_tracer(other), one == other);
        }
    }
}

#[test]
fn what_is_for_the_manager_is_for_nobody_else() {
    for role in ROLES {
        let is_manager = matches!(role, Role::Kernel | Role::Manager);
        assert_eq!(role.may_use_restricted_syscalls(), is_manager);
        assert_eq!(role.may_govern(), is_manager);
        assert_eq!(role.may_use_capabilities(), is_manager);
    }
}
