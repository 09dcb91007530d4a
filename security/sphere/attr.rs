// SPDX-License-Identifier: GPL-2.0

//! Identities as attributes of tasks: `lsm_set_self_attr(2)`, `lsm_get_self_attr(2)` and
//! `/proc/PID/attr/sphere/`.

use crate::{
    cred::Blob,
    identity::Identity,
    model::record::Kind,
    Sphere, //
};
use core::ptr;
use kernel::{
    lsm::{
        Attr,
        Context, //
    },
    prelude::*,
    sync::Arc,
    task::Task, //
};

/// The record behind an attribute.
///
/// # Errors
///
/// `EOPNOTSUPP` for attributes that Sphere does not have.
pub(crate) fn get(blob: &Blob, attr: Attr) -> Result<&[u8]> {
    match attr {
        Attr::CURRENT => Ok(blob.current_record()),
        Attr::EXEC => Ok(blob.pending_record()),
        _ => Err(EOPNOTSUPP),
    }
}

/// A copy of the record behind an attribute of `task`.
///
/// # Errors
///
/// - `EACCES` when the current task may not see it.
/// - As [`get`], and `ENOMEM`.
pub(crate) fn get_of_task(lsm: &Context<Sphere>, task: &Task, attr: Attr) -> Result<KVec<u8>> {
    let cred = lsm.task_cred(task);
    let blob = lsm.cred_blob(&cred);
    let is_self = ptr::eq(task.as_ptr(), Task::current_raw());
    if !is_self && !lsm.current_blob().role().may_see(blob.role()) {
        return Err(EACCES);
    }
    let mut record = KVec::new();
    record.extend_from_slice(get(blob, attr)?, GFP_KERNEL)?;
    Ok(record)
}

/// Sets the pending identity of the current task.
///
/// # Errors
///
/// Nothing changes then.
///
/// - `EPERM` when the task is no manager, or `attr` is the identity in force.
/// - `EOPNOTSUPP` for attributes that Sphere does not have.
/// - As [`Identity::new`].
pub(crate) fn set(lsm: &mut Context<Sphere>, attr: Attr, record: &[u8]) -> Result {
    match attr {
        Attr::EXEC => {}
        Attr::CURRENT => return Err(EPERM),
        _ => return Err(EOPNOTSUPP),
    }
    if !lsm.current_blob().role().may_give_identity() {
        return Err(EPERM);
    }
    let pending = parse_pending(record)?;
    let mut cred = lsm.prepare_creds()?;
    cred.blob_mut().pending = pending;
    lsm.commit_creds(cred);
    Ok(())
}

/// No record, or one that says so, stands for no identity, which is what an exec gives anyway.
fn parse_pending(record: &[u8]) -> Result<Option<Arc<Identity>>> {
    if record.is_empty() {
        return Ok(None);
    }
    let identity = Identity::new(record)?;
    Ok(match identity.record().kind() {
        Kind::None => None,
        Kind::Application | Kind::Manager => Some(identity),
    })
}
