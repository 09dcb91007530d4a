// SPDX-License-Identifier: GPL-2.0

//! Raw access to MTD partitions.

use super::record::{
    MtdAccess,
    Record, //
};
use core::{
    ffi::CStr,
    ops::Deref, //
};

/// Whether `record` grants `access` to all partitions that have the name `partition`.
///
/// Linux does not keep names unique, and grants are by name. A name that no record can hold, as it
/// is empty or too long, is never granted.
pub fn is_granted<B: Deref<Target = [u8]>>(
    record: &Record<B>,
    partition: &CStr,
    access: MtdAccess,
) -> bool {
    record
        .mtd_access(partition)
        .is_some_and(|granted| access == MtdAccess::Read || granted == MtdAccess::ReadWrite)
}
