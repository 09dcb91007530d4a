// SPDX-License-Identifier: GPL-2.0

//! Flash memory: who uses it, and who wears it out.

#[cfg(CONFIG_JFFS2_FS)]
use super::{
    Context,
    Lsm, //
};
use crate::task::Kuid;
#[cfg(CONFIG_JFFS2_FS)]
use crate::{
    bindings,
    error::from_result,
    ffi::c_int, //
};

/// What the current task is about to write to a file system on flash.
pub struct InodeCharge {
    /// Who pays for the space.
    pub owner: Kuid,
    /// Bytes that the owner has on this file system if all of [`Self::growth`] is needed. `None` if
    /// the file system does not know.
    pub used: Option<u64>,
    /// Bytes that it may take more after the operation than before.
    pub growth: u64,
    /// Bytes that can reach the medium.
    pub bytes: u64,
}

/// # Safety
///
/// To be called by the LSM framework.
#[cfg(CONFIG_JFFS2_FS)]
pub(super) unsafe extern "C" fn inode_charge<T: Lsm>(
    inode: *const bindings::inode,
    used: u64,
    growth: u64,
    bytes: u64,
) -> c_int {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    // SAFETY: The framework's pointer is valid while the hook runs, and the owner does not change:
    // the file system holds the inode's lock, or has just made the inode.
    let owner = unsafe { (*inode).i_uid };
    let charge = InodeCharge {
        owner: Kuid::from_raw(owner),
        used: (used != u64::MAX).then_some(used),
        growth,
        bytes,
    };
    from_result(|| T::inode_charge(&lsm, &charge).map(|()| 0))
}
