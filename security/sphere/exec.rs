// SPDX-License-Identifier: GPL-2.0

//! What an exec makes of a task.

#[cfg(CONFIG_SECURITY_NETWORK)]
use crate::label;
use crate::{
    claim::{
        sole_uid,
        Claim, //
    },
    cred::{
        Blob,
        Subject, //
    },
    model::{
        gate::Gate,
        role::{
            Role,
            Transition, //
        }, //
    },
    report::denied_anyway,
    Sphere, //
};
use kernel::{
    lsm::{
        Context,
        Exec, //
    },
    prelude::*,
    sync::Arc, //
};

/// Decides about an exec, and brings the identity that it gives into force.
///
/// # Errors
///
/// The exec fails then, and the task stays what it is.
///
/// - `EPERM` when an application executes a file that would give it other ids or capabilities, or
///   when somebody outside would keep a hold of a task that changes its identity.
/// - As [`Claim::new`] and [`label::of_application`].
pub(crate) fn change_identity(lsm: &Context<Sphere>, exec: &mut Exec<'_, Sphere>) -> Result {
    let old = lsm.current_blob();
    let is_init = kernel::current!().pid() == 1;
    let subject = match old.role().at_exec(old.pending_kind(), is_init) {
        Transition::Keep => {
            if matches!(old.role(), Role::Application(_)) {
                refuse_gain(exec)?;
            }
            old.subject.clone()
        }
        Transition::BecomeManager => Some(Arc::new(Subject::Manager, GFP_KERNEL)?),
        Transition::BecomeNone => {
            refuse_hold(old, exec)?;
            None
        }
        Transition::BecomePending => {
            refuse_hold(old, exec)?;
            refuse_gain(exec)?;
            Some(pending_subject(old, exec)?)
        }
    };
    *exec.blob_mut() = Blob {
        subject,
        pending: None,
    };
    Ok(())
}

/// The subject that the pending identity describes.
fn pending_subject(old: &Blob, exec: &Exec<'_, Sphere>) -> Result<Arc<Subject>> {
    let identity = old.pending.clone().ok_or(EINVAL)?;
    let uid = sole_uid(&exec.new_uids()).ok_or_else(|| refused("no-single-uid", EPERM))?;
    #[cfg(CONFIG_SECURITY_NETWORK)]
    let label = label::of_application(&identity)?;
    let claim = Claim::new(uid, identity).inspect_err(|&error| {
        if error == EBUSY {
            refused("uid-in-use", error);
        }
    })?;
    let subject = Subject::Application {
        claim,
        #[cfg(CONFIG_SECURITY_NETWORK)]
        label,
    };
    Ok(Arc::new(subject, GFP_KERNEL_ACCOUNT)?)
}

/// An application keeps the ids that it was started with, and gets no Linux capability that it did
/// not have: not from a file, and not from being uid 0.
fn refuse_gain(exec: &Exec<'_, Sphere>) -> Result {
    if exec.is_secure() || exec.gains_capabilities() {
        return Err(refused("gain", EPERM));
    }
    Ok(())
}

/// A tracer rules its tracee, and whoever shares its root directory chooses its files. Neither may
/// reach across a change of identity.
///
/// PID 1 shares its root directory with the kernel, which resolves paths by it. In its first exec
/// that is harmless; afterwards it is the reason why only its children can become anything else.
fn refuse_hold(old: &Blob, exec: &Exec<'_, Sphere>) -> Result {
    if old.role() == Role::Kernel {
        return Ok(());
    }
    if exec.shares_fs() || exec.is_traced() || exec.is_tracing() {
        return Err(refused("held", EPERM));
    }
    Ok(())
}

/// Reports that an exec is refused, for this reason, and returns the answer.
fn refused(reason: &str, error: Error) -> Error {
    denied_anyway(Gate::Exec, format_args!("-"), "exec", reason, error)
}
