// SPDX-License-Identifier: GPL-2.0

//! Linux' capabilities, and the operations that are behind them.

use super::{
    Context,
    Lsm, //
};
use crate::{
    bindings,
    cred::Credential,
    error::from_result,
    ffi::{
        c_char,
        c_int,
        c_uint,
        c_ulong,
        c_void, //
    },
    prelude::*,
    str::CStr, //
};

/// What a module has to say about an operation that needs a capability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opinion {
    /// The capability decides.
    Indifferent,
    /// The operation is permitted without the capability.
    Permit,
}

/// An operation that stock Linux has behind a capability, `CAPABLE_OP_*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation(c_int);

impl Operation {
    /// `CAPABLE_OP_*`.
    pub fn number(self) -> u32 {
        self.0 as u32
    }
}

/// # Safety
///
/// To be called by the LSM framework.
pub(super) unsafe extern "C" fn capable<T: Lsm>(
    cred: *const bindings::cred,
    _ns: *mut bindings::user_namespace,
    cap: c_int,
    _opts: c_uint,
) -> c_int {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    // SAFETY: The framework's pointer is valid while the hook runs.
    let cred = unsafe { Credential::from_ptr(cred) };
    from_result(|| T::capable(&lsm, cred, cap as u32).map(|()| 0))
}

/// # Safety
///
/// To be called by the LSM framework.
pub(super) unsafe extern "C" fn capable_op<T: Lsm>(
    cred: *const bindings::cred,
    ns: *mut bindings::user_namespace,
    _cap: c_int,
    op: c_int,
) -> c_int {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    // SAFETY: The framework's pointer is valid while the hook runs.
    let cred = unsafe { Credential::from_ptr(cred) };
    // Only the address is taken.
    let is_init = core::ptr::eq(ns, &raw const bindings::init_user_ns);
    from_result(|| {
        Ok(match T::capable_op(&lsm, cred, is_init, Operation(op))? {
            Opinion::Indifferent => 0,
            Opinion::Permit => 1,
        })
    })
}

/// # Safety
///
/// To be called by the LSM framework.
pub(super) unsafe extern "C" fn userns_create<T: Lsm>(_cred: *const bindings::cred) -> c_int {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    from_result(|| T::userns_create(&lsm).map(|()| 0))
}

/// # Safety
///
/// To be called by the LSM framework.
pub(super) unsafe extern "C" fn syslog<T: Lsm>(_type: c_int) -> c_int {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    from_result(|| T::syslog(&lsm).map(|()| 0))
}

/// # Safety
///
/// To be called by the LSM framework.
pub(super) unsafe extern "C" fn sb_mount<T: Lsm>(
    _dev_name: *const c_char,
    _path: *const bindings::path,
    fs_type: *const c_char,
    flags: c_ulong,
    _data: *mut c_void,
) -> c_int {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    let fs_type = if fs_type.is_null() {
        None
    } else {
        // SAFETY: The framework passes the kernel's copy of the name, if there is one.
        Some(unsafe { CStr::from_char_ptr(fs_type) })
    };
    from_result(|| T::sb_mount(&lsm, fs_type, flags).map(|()| 0))
}
