// SPDX-License-Identifier: GPL-2.0

//! Linux' capabilities, and the slices of them that are granted one by one.

use crate::{
    answer::allow_if,
    cred::Grants,
    model::{
        capability::Capability,
        privilege, //
    },
    Sphere, //
};
use kernel::{
    cred::Credential,
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
    allow_if(has(lsm, Capability::KernelLog), EPERM)
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

/// Whether the current task has an extended capability. Managers and the kernel have all.
pub(crate) fn has(lsm: &Context<Sphere>, capability: Capability) -> bool {
    match lsm.current_blob().grants() {
        Grants::All => true,
        Grants::Those(record) => record.capabilities().contains(capability),
        Grants::Nothing => false,
    }
}
