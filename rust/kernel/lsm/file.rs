// SPDX-License-Identifier: GPL-2.0

//! Files on their way from one task to another.

use super::{
    Context,
    Lsm, //
};
use crate::{
    bindings,
    error::from_result,
    ffi::c_int,
    fs::LocalFile, //
};

/// # Safety
///
/// To be called by the LSM framework.
pub(super) unsafe extern "C" fn file_receive<T: Lsm>(file: *mut bindings::file) -> c_int {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    // SAFETY:
    // - The framework's pointer is valid while the hook runs.
    // - The file has not got into the table of the current task yet. Where it came from, a position
    //   was taken without a lock only if nobody else had it.
    let file = unsafe { LocalFile::from_raw_file(file) };
    from_result(|| T::file_receive(&lsm, file).map(|()| 0))
}
