// SPDX-License-Identifier: GPL-2.0

//! Linux' capabilities, and the slices of them that are granted one by one.

use crate::{
    answer::allow_if,
    cred::Blob,
    debug,
    model::{
        capability::Capability,
        gate::Gate,
        privilege::{
            self,
            Need, //
        },
        words::Name, //
    },
    report::denied,
    Sphere, //
};
use kernel::{
    bindings,
    cred::Credential,
    ffi::c_int,
    lsm::{
        Context,
        Operation,
        Opinion, //
    },
    prelude::*,
    sync::rcu, //
};

/// Decides whether Linux' capabilities have an effect in a task with `cred`.
///
/// # Errors
///
/// `EPERM`.
pub(crate) fn linux(lsm: &Context<Sphere>, cred: &Credential) -> Result {
    allow_if(lsm.cred_blob(cred).role().may_use_capabilities(), EPERM)
}

/// Decides about one operation of a task with `cred`. Managers go by Linux' capabilities.
///
/// # Errors
///
/// `EPERM`.
pub(crate) fn operation(
    lsm: &Context<Sphere>,
    cred: &Credential,
    is_init: bool,
    op: Operation,
) -> Result<Opinion> {
    let guard = rcu::read_lock();
    let Some(grants) = lsm.cred_blob(cred).grants(&guard) else {
        return Ok(Opinion::Indifferent);
    };
    let op = privilege::Operation::from_number(op.number());
    if op == Some(privilege::Operation::Trace) {
        return Ok(debug::opinion(lsm.cred_blob(cred), is_init));
    }
    if is_init && op.is_some_and(|op| op.is_permitted(grants.capabilities())) {
        return Ok(Opinion::Permit);
    }
    let (name, need) = op.map_or(("Unknown", Need::Manager), |op| (op.name(), op.needs()));
    denied_for(name, need)?;
    // What could be granted is let pass as if it were; about the rest Linux decides.
    Ok(match need {
        Need::Capability(_) if is_init => Opinion::Permit,
        _ => Opinion::Indifferent,
    })
}

/// The current task is denied something that has this need.
fn denied_for(object: &str, need: Need) -> Result {
    let reason = match need {
        Need::Manager => "manager-only",
        Need::Capability(_) | Need::Nothing => "not-granted",
    };
    let object = format_args!("{object}");
    denied(Gate::Capability, object, need.name(), reason, EPERM)
}

/// Decides whether the current task may read the kernel log.
///
/// # Errors
///
/// `EPERM`.
pub(crate) fn kernel_log(lsm: &Context<Sphere>) -> Result {
    if has(lsm.current_blob(), Capability::KernelLog) {
        return Ok(());
    }
    denied_for("ReadLog", Need::Capability(Capability::KernelLog))
}

/// Decides whether the current task may mount a file system of this type. An application that may
/// mount images still needs the flags of one: the operation is asked about, too.
///
/// # Errors
///
/// `EPERM`.
pub(crate) fn mount(lsm: &Context<Sphere>, fs_type: Option<&CStr>) -> Result {
    let name = fs_type.map_or(&[][..], |name| name.to_bytes());
    let is_image = privilege::is_image_type(name);
    let blob = lsm.current_blob();
    if blob.role().may_use_capabilities() {
        return Ok(());
    }
    let (right, reason) = match (is_image, has(blob, Capability::MountImage)) {
        (true, true) => return Ok(()),
        (true, false) => (Capability::MountImage.name(), "not-granted"),
        (false, true) => (Need::Manager.name(), "no-image"),
        (false, false) => (Need::Manager.name(), "not-granted"),
    };
    let name = Name(name);
    denied(Gate::Mount, format_args!("{name}"), right, reason, EPERM)
}

/// Decides whether the current task may create a user namespace: in a new one it would have all of
/// Linux' capabilities, and kernel code that only they reach.
///
/// # Errors
///
/// `EPERM`.
pub(crate) fn user_namespace(lsm: &Context<Sphere>) -> Result {
    if lsm.current_blob().role().may_use_capabilities() {
        return Ok(());
    }
    denied_for("UserNamespace", Need::Manager)
}

/// Whether the current task has the extended capability with this bit number, for drivers. Where
/// Sphere is not active, `CAP_SYS_ADMIN` decides.
#[export]
extern "C" fn __sphere_capable(cap: c_int) -> bool {
    let capability = u32::try_from(cap).ok().and_then(Capability::from_bit);
    let has = kernel::lsm::with_current_blob::<Sphere, _>(|blob| {
        capability.is_some_and(|capability| {
            has(blob, capability)
                || denied_for(capability.name(), Need::Capability(capability)).is_ok()
        })
    });
    // SAFETY: Can be called in process context, and by the task itself.
    has.unwrap_or_else(|| unsafe { bindings::capable(bindings::CAP_SYS_ADMIN as c_int) })
}

/// Whether a task has an extended capability. Managers and the kernel have all.
fn has(blob: &Blob, capability: Capability) -> bool {
    let guard = rcu::read_lock();
    blob.grants(&guard)
        .is_none_or(|grants| grants.capabilities().contains(capability))
}
