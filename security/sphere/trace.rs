// SPDX-License-Identifier: GPL-2.0

//! Tracing, and all else that the kernel permits by the rule for tracing: the memory, the files and
//! much of `/proc` of another process.

use crate::{
    model::{
        gate::Gate,
        role::Role, //
    },
    report::denied_anyway,
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
    let child = role_of(lsm, child);
    if lsm.current_blob().role().may_trace(child) {
        return Ok(());
    }
    Err(refused(child, "trace"))
}

/// Decides whether the current task may make `parent` its tracer.
///
/// # Errors
///
/// `EPERM`.
pub(crate) fn of_current(lsm: &Context<Sphere>, parent: &Task) -> Result {
    let parent = role_of(lsm, parent);
    if lsm.current_blob().role().may_appoint_tracer(parent) {
        return Ok(());
    }
    Err(refused(parent, "be-traced"))
}

fn refused(other: Role, right: &str) -> Error {
    let other = format_args!("{other}");
    denied_anyway(Gate::Trace, other, right, "other-identity", EPERM)
}

fn role_of(lsm: &Context<Sphere>, task: &Task) -> Role {
    lsm.cred_blob(&lsm.task_cred(task)).role()
}
