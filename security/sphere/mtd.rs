// SPDX-License-Identifier: GPL-2.0

//! Raw access to MTD partitions.

use crate::{
    answer::allow_if,
    cred::Grants,
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
    let allowed = match lsm.current_blob().grants() {
        Grants::All => true,
        Grants::Those(record) => mtd::is_granted(record, name, wanted),
        Grants::Nothing => false,
    };
    allow_if(allowed, EACCES)
}
