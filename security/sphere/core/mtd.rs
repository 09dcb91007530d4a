// SPDX-License-Identifier: GPL-2.0

//! Raw access to MTD partitions.

use super::{
    grants::Grants,
    record::MtdAccess, //
};
use core::ffi::CStr;

/// Whether `access` to all partitions that have the name `partition` is granted.
///
/// Linux does not keep names unique, and grants are by name. A name that no record can hold, as it
/// is empty or too long, is never granted.
pub fn is_granted(grants: &Grants<'_>, partition: &CStr, access: MtdAccess) -> bool {
    grants.has_mtd(partition, access)
}
