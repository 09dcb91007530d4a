// SPDX-License-Identifier: GPL-2.0

//! What happens when something was denied: it is counted, traced, and said.
//!
//! Counting and tracing lose nothing. What is said, to the audit subsystem where that listens and
//! in the log elsewhere, is for people and has a limit for each component: one that does nothing
//! but what it must not do neither fills the log nor hides what others do.

use crate::{
    component::Component,
    cred::{
        Blob,
        Subject, //
    },
    event,
    mode,
    model::{
        denial::Denial,
        gate::Gate,
        words::Buffer, //
    },
    policy,
    Sphere, //
};
use core::fmt;
#[cfg(CONFIG_AUDIT)]
use kernel::audit;
use kernel::{
    bindings,
    lsm::with_current_blob,
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    },
    task::Task, //
};

/// Bytes of the name of a thread, with its final zero.
const COMM_SIZE: usize = bindings::TASK_COMM_LEN as usize;

/// Denials since the boot, by [`Gate`], modulo 2^32.
static COUNTS: [Atomic<u32>; Gate::ALL.len()] = [const { Atomic::new(0) }; Gate::ALL.len()];

/// The current task is denied something, for good. Says so, and returns the answer. Can be called
/// in any context in which the current task is the one that asked.
///
/// `object`, `right` and `reason` are what [`Denial`] has of these names; what is too long of
/// `object` is cut off.
#[cold]
#[inline(never)]
pub(crate) fn denied_anyway(
    gate: Gate,
    object: fmt::Arguments<'_>,
    right: &str,
    reason: &str,
    error: Error,
) -> Error {
    report(false, gate, object, right, reason, error);
    error
}

/// The current task is denied something, unless the policy or the mode let it pass. As
/// [`denied_anyway`].
///
/// # Errors
///
/// `error`.
#[cold]
pub(crate) fn denied(
    gate: Gate,
    object: fmt::Arguments<'_>,
    right: &str,
    reason: &str,
    error: Error,
) -> Result {
    if gate.is_negotiable() {
        if policy::is_off(gate) {
            return Ok(());
        }
        if mode::is_permissive() {
            report(true, gate, object, right, reason, error);
            return Ok(());
        }
    }
    Err(denied_anyway(gate, object, right, reason, error))
}

fn report(
    permitted: bool,
    gate: Gate,
    object: fmt::Arguments<'_>,
    right: &str,
    reason: &str,
    error: Error,
) {
    if let Some(count) = COUNTS.get(gate as usize) {
        count.fetch_add(1, Relaxed);
    }
    let comm = comm();
    let object = &Buffer::of(object);
    with_current_blob::<Sphere, _>(|blob| {
        let component = counts_of(blob);
        if let Some(component) = component {
            component.count(gate);
        }
        let mut denial = Denial {
            permitted,
            gate,
            object,
            right,
            reason,
            errno: -error.to_errno(),
            who: blob.role(),
            pid: kernel::current!().tgid(),
            comm: comm.split(|&byte| byte == 0).next().unwrap_or(&[]),
            missed: 0,
        };
        event::denied(&denial);
        if let Some(missed) = component.and_then(Component::may_say) {
            denial.missed = missed;
            say(&denial);
        }
    });
}

fn counts_of(blob: &Blob) -> Option<&Component> {
    match blob.subject.as_deref() {
        Some(Subject::Application { claim, .. }) => Some(claim.component()),
        Some(Subject::Kernel | Subject::Manager) => Component::managers(),
        None => Component::nobody(),
    }
}

/// The name of the current thread.
fn comm() -> [u8; COMM_SIZE] {
    // SAFETY: The current task is valid. Others can change the name, so the read is volatile; what
    // it is in between does not matter.
    unsafe { (&raw const (*Task::current_raw()).comm).read_volatile() }
}

fn say(denial: &Denial<'_>) {
    #[cfg(CONFIG_AUDIT)]
    if audit::is_enabled() {
        if let Some(mut record) = audit::Record::start(bindings::SPHERE_AUDIT_DENIED, GFP_ATOMIC) {
            let denial = format_args!("{denial}");
            record.write(fmt!("{denial}"));
        }
        return;
    }
    // The model's types know core's traits alone.
    let denial = format_args!("{denial}");
    pr_notice!("{denial}\n");
}

/// How often `gate` has said no since the boot, modulo 2^32.
pub(crate) fn count(gate: Gate) -> u32 {
    COUNTS
        .get(gate as usize)
        .map_or(0, |count| count.load(Relaxed))
}
