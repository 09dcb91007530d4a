// SPDX-License-Identifier: GPL-2.0

//! Tracing, and all else that the kernel permits by the rule for tracing: the memory, the files and
//! much of `/proc` of another process.

use crate::{
    cred::Blob,
    debug,
    model::{
        debug::Refusal,
        gate::Gate, //
    },
    report::denied_anyway,
    Sphere, //
};
use kernel::{
    bindings,
    lsm::Context,
    prelude::*,
    task::Task, //
};

/// Decides whether the current task may trace `child`. `mode` is `PTRACE_MODE_*`.
///
/// # Errors
///
/// `EPERM`.
pub(crate) fn by_current(lsm: &Context<Sphere>, child: &Task, mode: u32) -> Result {
    let cred = lsm.task_cred(child);
    let (current, child) = (lsm.current_blob(), lsm.cred_blob(&cred));
    if current.role().may_trace(child.role()) {
        return Ok(());
    }
    let takes_file = mode & bindings::PTRACE_MODE_GETFD != 0;
    debug::may_trace(current, child, takes_file).map_err(|why| refused(child, "trace", why))
}

/// Decides whether the current task may make `parent` its tracer.
///
/// # Errors
///
/// `EPERM`.
pub(crate) fn of_current(lsm: &Context<Sphere>, parent: &Task) -> Result {
    let cred = lsm.task_cred(parent);
    let (current, parent) = (lsm.current_blob(), lsm.cred_blob(&cred));
    if current.role().may_appoint_tracer(parent.role()) {
        return Ok(());
    }
    debug::may_trace(parent, current, false).map_err(|why| refused(parent, "be-traced", why))
}

/// The current task is refused `right` about a task with the blob `other`. Says so.
pub(crate) fn refused(other: &Blob, right: &str, why: Refusal) -> Error {
    let other = other.role();
    let other = format_args!("{other}");
    denied_anyway(Gate::Trace, other, right, why.name(), EPERM)
}
