// SPDX-License-Identifier: GPL-2.0

//! System calls that the kernel's system call policy does not let everybody call.

use super::{
    Context,
    Lsm, //
};
use crate::{
    error::from_result,
    ffi::c_int,
    prelude::*, //
};

/// # Safety
///
/// To be called by the LSM framework.
pub(super) unsafe extern "C" fn syscall_restricted<T: Lsm>(nr: c_int) -> c_int {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    from_result(|| T::syscall_restricted(&lsm, nr as u32).map(|()| 0))
}

/// # Safety
///
/// To be called by the LSM framework.
pub(super) unsafe extern "C" fn syscall_denied<T: Lsm>(nr: c_int, error: c_int) {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    T::syscall_denied(&lsm, nr as u32, Error::from_errno(error));
}
