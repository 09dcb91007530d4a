// SPDX-License-Identifier: GPL-2.0

//! System calls that the policy in `security/sphere/syscalls.classes` denies, to everybody or to
//! all but the manager.
//!
//! The decision for a call is in the kernel's table of them; here is what happens then.

use crate::{
    model::gate::Gate,
    policy,
    report,
    Sphere, //
};
use kernel::{
    bindings,
    lsm::Context,
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    }, //
};

/// Numbers in the kernel's table.
const NUMBERS: usize = bindings::__NR_syscalls as usize;

/// Denials since the boot, by the number of the system call.
static COUNTS: [Atomic<u32>; NUMBERS] = [const { Atomic::new(0) }; NUMBERS];

/// Decides whether the current task may call the restricted system call `nr`.
///
/// # Errors
///
/// `EPERM`.
pub(crate) fn restricted(lsm: &Context<Sphere>, nr: u32) -> Result {
    if lsm.current_blob().role().may_use_restricted_syscalls() {
        return Ok(());
    }
    // Who is not asked denies nothing.
    if !policy::is_off(Gate::Syscall) {
        count(nr);
    }
    report::denied(
        Gate::Syscall,
        format_args!("{nr}"),
        "call",
        "restricted",
        EPERM,
    )
}

/// Reports that the current task has been denied the system call `nr`: there is nothing in the
/// kernel's table that a policy could let pass.
pub(crate) fn denied(nr: u32, error: Error) {
    count(nr);
    report::denied_anyway(Gate::Syscall, format_args!("{nr}"), "call", "denied", error);
}

fn count(nr: u32) {
    if let Some(count) = COUNTS.get(nr as usize) {
        count.fetch_add(1, Relaxed);
    }
}

/// The numbers that have been denied since the boot, and how often, modulo 2^32.
pub(crate) fn counts() -> impl Iterator<Item = (usize, u32)> {
    COUNTS
        .iter()
        .map(|count| count.load(Relaxed))
        .enumerate()
        .filter(|&(_, count)| count != 0)
}
