// SPDX-License-Identifier: GPL-2.0

//! Tracing, and all else that the kernel permits by the rule for tracing: the memory, the files and
//! much of `/proc` of another process.

use crate::{
    answer::allow_if,
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
    allow_if(
        lsm.current_blob().role().may_trace(role_of(lsm, child)),
        EPERM,
    )
}

/// Decides whether the current task may make `parent` its tracer.
///
/// # Errors
///
/// `EPERM`.
pub(crate) fn of_current(lsm: &Context<Sphere>, parent: &Task) -> Result {
    allow_if(
        lsm.current_blob()
            .role()
            .may_appoint_tracer(role_of(lsm, parent)),
        EPERM,
    )
}

fn role_of(lsm: &Context<Sphere>, task: &Task) -> Role {
    lsm.cred_blob(&lsm.task_cred(task)).role()
}
