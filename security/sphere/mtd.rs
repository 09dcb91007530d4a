// SPDX-License-Identifier: GPL-2.0

//! Raw access to MTD partitions.

use crate::{
    cred::Subject,
    model::{
        mtd,
        record, //
    },
    Sphere, //
};
use kernel::{
    lsm::{
        Context,
        MtdAccess, //
    },
    prelude::*, //
};

/// Decides whether the current task may access the partition `name`.
///
/// # Errors
///
/// `EACCES`.
pub(crate) fn access(lsm: &Context<Sphere>, name: &CStr, access: &MtdAccess) -> Result {
    let wanted = if access.writes() {
        record::MtdAccess::ReadWrite
    } else {
        record::MtdAccess::Read
    };
    let allowed = match lsm.current_blob().subject.as_deref() {
        Some(Subject::Kernel | Subject::Manager) => true,
        Some(Subject::Application { identity, .. }) => {
            mtd::is_granted(identity.record(), name, wanted)
        }
        None => false,
    };
    if allowed {
        Ok(())
    } else {
        Err(EACCES)
    }
}
