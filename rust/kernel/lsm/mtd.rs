// SPDX-License-Identifier: GPL-2.0

//! Raw access to MTD devices.

#[cfg(CONFIG_MTD)]
use super::{
    Context,
    Lsm, //
};
use crate::bindings;
#[cfg(CONFIG_MTD)]
use crate::{
    error::from_result,
    ffi::{
        c_char,
        c_int, //
    },
    prelude::*,
    str::CStr, //
};
use core::ops::Range;

/// What the current task wants to do with an MTD device.
pub struct MtdAccess {
    mask: u32,
    start: u64,
    len: u64,
}

impl MtdAccess {
    /// Whether it reads, or asks what the device is like.
    pub fn reads(&self) -> bool {
        self.mask & bindings::MAY_READ != 0
    }

    /// Whether it changes something: writes, erases, locks, unlocks, or marks blocks as bad.
    pub fn writes(&self) -> bool {
        self.mask & bindings::MAY_WRITE != 0
    }

    /// The bytes that are concerned, of the device or, where the task has switched its file to
    /// that, of its one-time-programmable area. `None` for more bytes than there are numbers for;
    /// the device may be smaller than what there is.
    pub fn range(&self) -> Option<Range<u64>> {
        Some(self.start..self.start.checked_add(self.len)?)
    }
}

/// # Safety
///
/// To be called by the LSM framework.
#[cfg(CONFIG_MTD)]
pub(super) unsafe extern "C" fn mtd_access<T: Lsm>(
    name: *const c_char,
    mask: c_int,
    offset: u64,
    len: u64,
) -> c_int {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    // SAFETY: The framework passes the name of a device, which stays while the hook runs.
    let name = unsafe { CStr::from_char_ptr(name) };
    let access = MtdAccess {
        mask: mask as u32,
        start: offset,
        len,
    };
    from_result(|| T::mtd_access(&lsm, name, &access).map(|()| 0))
}
