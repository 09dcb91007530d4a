// SPDX-License-Identifier: GPL-2.0

//! Tracing, and all else that the kernel permits by the rule for tracing: the memory, the files and
//! much of `/proc` of another process.

use crate::{
    model::role::Role,
    Sphere, //
};
use kernel::{
    lsm::Context,
    prelude::*,
    task::Task, //
};

/// Decides whether the current task may trace `child`.
///
/// # Errors
///
/// `EPERM`.
pub(crate) fn by_current(lsm: &Context<Sphere>, child: &Task) -> Result {
    check(lsm.current_blob().role(), role_of(lsm, child))
}

/// Decides whether `parent` may trace the current task.
///
/// # Errors
///
/// `EPERM`.
pub(crate) fn of_current(lsm: &Context<Sphere>, parent: &Task) -> Result {
    check(role_of(lsm, parent), lsm.current_blob().role())
}

fn role_of(lsm: &Context<Sphere>, task: &Task) -> Role {
    lsm.cred_blob(&lsm.task_cred(task)).role()
}

fn check(tracer: Role, tracee: Role) -> Result {
    if tracer.may_trace(tracee) {
        Ok(())
    } else {
        Err(EPERM)
    }
}
