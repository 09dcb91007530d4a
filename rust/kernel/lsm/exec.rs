// SPDX-License-Identifier: GPL-2.0

//! Execution of programs.

use super::{
    context::cred_blob_ptr,
    Lsm, //
};
use crate::{
    bindings,
    cred::{
        Credential,
        Uids, //
    },
    task::Task, //
};
use core::{
    marker::PhantomData,
    ptr::NonNull, //
};

/// An exec that has not happened yet.
///
/// C header: [`include/linux/binfmts.h`](srctree/include/linux/binfmts.h).
///
/// # Invariants
///
/// - `bprm` is valid and exclusively used for `'a`.
/// - Nobody else has seen its credentials, and they hold a valid `T::CredBlob`.
pub struct Exec<'a, T: Lsm> {
    bprm: NonNull<bindings::linux_binprm>,
    _borrow: PhantomData<&'a mut bindings::linux_binprm>,
    _lsm: PhantomData<fn(&T)>,
}

impl<T: Lsm> Exec<'_, T> {
    /// # Safety
    ///
    /// The caller must be a hook of `T`, `bprm` be what it was called with, and the result be
    /// dropped before the hook returns.
    pub(super) unsafe fn new(bprm: NonNull<bindings::linux_binprm>) -> Self {
        // INVARIANT: Hooks have the bprm for themselves, and `prepare_exec_creds()` made its
        // credentials.
        Self {
            bprm,
            _borrow: PhantomData,
            _lsm: PhantomData,
        }
    }

    /// The credentials that the task will have.
    ///
    /// Not for others: from a [`Credential`], a reference can be made that outlives the borrow of
    /// `self`, and through which the blob could be read while [`Self::blob_mut`] changes it.
    #[inline]
    fn new_cred(&self) -> *mut bindings::cred {
        // SAFETY: By the type invariant, the bprm is valid.
        unsafe { (*self.bprm.as_ptr()).cred }
    }

    /// The user ids that the task will have.
    pub fn new_uids(&self) -> Uids {
        // SAFETY: The credentials are valid while the bprm is; the reference ends here.
        unsafe { Credential::from_ptr(self.new_cred()) }.uids()
    }

    /// The module's blob in the credentials that the task will have.
    pub fn blob_mut(&mut self) -> &mut T::CredBlob {
        // SAFETY: By the type invariant the credentials are valid; that a hook of `T` runs says
        // that `T` is initialised.
        let mut blob = unsafe { cred_blob_ptr::<T>(self.new_cred()) };
        // SAFETY: By the type invariant the blob is valid, and nobody else knows it; `self` is
        // borrowed exclusively.
        unsafe { blob.as_mut() }
    }

    /// Whether user space will be told to distrust its environment (`AT_SECURE`): the file gives
    /// the task ids that it did not have, or capabilities that do not come from its user id, as far
    /// as this has been found out by modules before this one. That of the capabilities comes first.
    pub fn is_secure(&self) -> bool {
        // SAFETY: By the type invariant, the bprm is valid.
        unsafe { (*self.bprm.as_ptr()).secureexec() != 0 }
    }

    /// Whether the task will have capabilities that it does not have now, wherever they come from.
    pub fn gains_capabilities(&self) -> bool {
        // SAFETY: By the type invariant, the bprm and its credentials are valid.
        let new = unsafe { (*self.new_cred()).cap_permitted.val };
        // SAFETY: The current task is valid.
        let cred = unsafe { (*Task::current_raw()).cred };
        // SAFETY: A task's credentials are valid.
        let old = unsafe { (*cred).cap_permitted.val };
        new & !old != 0
    }

    /// Whether another process shares the task's working and root directory, and so could change
    /// them.
    pub fn shares_fs(&self) -> bool {
        self.is_unsafe(bindings::LSM_UNSAFE_SHARE)
    }

    /// Whether the task is being traced.
    pub fn is_traced(&self) -> bool {
        self.is_unsafe(bindings::LSM_UNSAFE_PTRACE)
    }

    #[inline]
    fn is_unsafe(&self, flag: u32) -> bool {
        // SAFETY: By the type invariant, the bprm is valid.
        let flags = unsafe { (*self.bprm.as_ptr()).unsafe_ };
        flags & flag as i32 != 0
    }

    /// Whether the task traces others.
    pub fn is_tracing(&self) -> bool {
        // SAFETY: The current task is valid, and so is a pointer to one of its fields.
        let list = unsafe { &raw const (*Task::current_raw()).ptraced };
        // SAFETY: `list` is valid. A child may add itself at any time, so the read is volatile.
        let first = unsafe { (&raw const (*list).next).read_volatile() };
        !core::ptr::eq(first, list)
    }
}
