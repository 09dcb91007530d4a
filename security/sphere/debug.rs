// SPDX-License-Identifier: GPL-2.0

//! Development mode: debuggers trace other applications, as long as it lasts.

use crate::{
    cred::{
        Blob,
        Subject, //
    },
    mode,
    model::{
        capability::{
            Capability,
            CapabilitySet, //
        },
        debug::{
            Party,
            Refusal, //
        }, //
    },
    trace,
    Sphere, //
};
#[cfg(CONFIG_SECURITY_NETWORK)]
use kernel::fs::LocalFile;
use kernel::{
    bindings,
    lsm::{
        with_task_blob,
        Context,
        Opinion, //
    },
    prelude::*,
    sync::rcu::{
        self,
        Guard, //
    },
    task::Task, //
};

/// Decides whether a task with the blob `tracer` may trace one with the blob `other`, which is
/// another.
///
/// # Errors
///
/// The reason against it.
pub(crate) fn may_trace(tracer: &Blob, other: &Blob, takes_file: bool) -> Result<(), Refusal> {
    if !mode::is_development() {
        return Err(Refusal::Identity);
    }
    let guard = rcu::read_lock();
    let mut other_party = party(other, &guard);
    other_party.capabilities = other_party.capabilities.and(recorded(other));
    party(tracer, &guard).may_debug(&other_party, takes_file)
}

/// Whether a task with `blob` may trace tasks of other users, whom Linux keeps apart. Which of them
/// is asked next, so nothing is said of who may not.
pub(crate) fn opinion(blob: &Blob, is_init: bool) -> Opinion {
    if is_init && mode::is_development() && party(blob, &rcu::read_lock()).is_debugger() {
        Opinion::Permit
    } else {
        Opinion::Indifferent
    }
}

/// Decides whether the current task may receive `file` from another. What a debugger has opened may
/// be the memory of another application: it stays with the debugger, and ends with it.
///
/// # Errors
///
/// `EPERM`.
#[cfg(CONFIG_SECURITY_NETWORK)]
pub(crate) fn receive(lsm: &Context<Sphere>, file: &LocalFile) -> Result {
    let (current, opener) = (lsm.current_blob(), lsm.cred_blob(file.cred()));
    if !recorded(opener).contains(Capability::Debug)
        || current.has_identity_of(opener)
        || current.role().may_govern()
    {
        return Ok(());
    }
    Err(trace::refused(opener, "receive", Refusal::File))
}

/// Ends all debuggers: the kernel does not ask again who traces already, or has opened the memory
/// of another process. To be called when they may no longer do that.
pub(crate) fn end_debuggers() {
    extern "C" {
        fn sphere_kill_processes(is_one: unsafe extern "C" fn(*mut bindings::task_struct) -> bool);
    }
    // SAFETY: It can be called in process context, and `is_debugger` is made for it.
    unsafe { sphere_kill_processes(is_debugger) };
}

/// # Safety
///
/// `task` must be valid.
unsafe extern "C" fn is_debugger(task: *mut bindings::task_struct) -> bool {
    // SAFETY: The caller promises that it is valid; `Task` is transparent.
    let task = unsafe { &*task.cast::<Task>() };
    // Also one whom the policy does not let trace any more.
    with_task_blob::<Sphere, _>(task, |blob| recorded(blob).contains(Capability::Debug))
        .unwrap_or(false)
}

fn party(blob: &Blob, guard: &Guard) -> Party {
    Party {
        role: blob.role(),
        capabilities: blob
            .grants(guard)
            .map_or(CapabilitySet::EMPTY, |grants| grants.capabilities()),
    }
}

/// The capabilities in a task's record, whatever the policy says.
fn recorded(blob: &Blob) -> CapabilitySet {
    match blob.subject.as_deref() {
        Some(Subject::Application { claim, .. }) => claim.identity().record().capabilities(),
        _ => CapabilitySet::EMPTY,
    }
}
