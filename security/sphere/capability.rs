// SPDX-License-Identifier: GPL-2.0

//! Linux' capabilities, and the slices of them that are granted one by one.

use crate::{
    answer::allow_if,
    cred::{
        Blob,
        Grants, //
    },
    model::{
        capability::Capability,
        privilege, //
    },
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
    prelude::*, //
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
    let record = match lsm.cred_blob(cred).grants() {
        Grants::All => return Ok(Opinion::Indifferent),
        Grants::Those(record) => record,
        Grants::Nothing => return Err(EPERM),
    };
    let op = privilege::Operation::from_number(op.number()).ok_or(EPERM)?;
    if is_init && op.is_permitted(record.capabilities()) {
        Ok(Opinion::Permit)
    } else {
        Err(EPERM)
    }
}

/// Decides whether the current task may read the kernel log.
///
/// # Errors
///
/// `EPERM`.
pub(crate) fn kernel_log(lsm: &Context<Sphere>) -> Result {
    allow_if(has(lsm.current_blob(), Capability::KernelLog), EPERM)
}

/// Decides whether the current task may mount a file system of this type. An application that may
/// mount images still needs the flags of one: the operation is asked about, too.
///
/// # Errors
///
/// `EPERM`.
pub(crate) fn mount(lsm: &Context<Sphere>, fs_type: Option<&CStr>) -> Result {
    let is_image = || fs_type.is_some_and(|name| privilege::is_image_type(name.to_bytes()));
    let allowed = match lsm.current_blob().grants() {
        Grants::All => true,
        Grants::Those(record) => {
            record.capabilities().contains(Capability::MountImage) && is_image()
        }
        Grants::Nothing => false,
    };
    allow_if(allowed, EPERM)
}

/// Decides whether the current task may create a user namespace: in a new one it would have all of
/// Linux' capabilities, and kernel code that only they reach.
///
/// # Errors
///
/// `EPERM`.
pub(crate) fn user_namespace(lsm: &Context<Sphere>) -> Result {
    allow_if(lsm.current_blob().role().may_use_capabilities(), EPERM)
}

/// Whether the current task has the extended capability with this bit number, for drivers. Where
/// Sphere is not active, `CAP_SYS_ADMIN` decides.
#[export]
extern "C" fn __sphere_capable(cap: c_int) -> bool {
    let has = kernel::lsm::with_current_blob::<Sphere, _>(|blob| {
        u32::try_from(cap)
            .ok()
            .and_then(Capability::from_bit)
            .is_some_and(|capability| has(blob, capability))
    });
    // SAFETY: Can be called in process context, and by the task itself.
    has.unwrap_or_else(|| unsafe { bindings::capable(bindings::CAP_SYS_ADMIN as c_int) })
}

/// Whether a task has an extended capability. Managers and the kernel have all.
fn has(blob: &Blob, capability: Capability) -> bool {
    match blob.grants() {
        Grants::All => true,
        Grants::Those(record) => record.capabilities().contains(capability),
        Grants::Nothing => false,
    }
}
