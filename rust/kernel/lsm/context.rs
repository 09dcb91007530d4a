// SPDX-License-Identifier: GPL-2.0

//! What a hook may do with credentials.

use super::Lsm;
use crate::{
    bindings,
    cred::Credential,
    error::{
        code::ENOMEM,
        Result, //
    },
    sync::aref::ARef,
    task::Task,
    types::NotThreadSafe, //
};
use core::{
    marker::PhantomData,
    mem,
    ptr::NonNull, //
};

/// Returns where the blob of `T` is in credentials.
///
/// # Safety
///
/// - `cred` must point at a `struct cred` whose `security` is set.
/// - `T` must have been initialised.
pub(super) unsafe fn cred_blob_ptr<T: Lsm>(cred: *const bindings::cred) -> NonNull<T::CredBlob> {
    if mem::size_of::<T::CredBlob>() == 0 {
        // The framework reserves nothing, so `security` may be null.
        return NonNull::dangling();
    }
    // SAFETY: The caller promises that `cred` is valid.
    let security = unsafe { (*cred).security };
    // SAFETY: The framework gave every `security` the size of all blobs, and `T`'s begins at the
    // offset that it then wrote to the registration.
    let blob = unsafe { security.byte_add(T::blobs().cred_offset()) };
    // SAFETY: As `blob` is in an allocation, it is not null.
    unsafe { NonNull::new_unchecked(blob.cast()) }
}

fn cred_of(task: &Task) -> ARef<Credential> {
    // SAFETY: `task` is valid.
    let cred = unsafe { bindings::get_task_cred(task.as_ptr()) };
    // SAFETY: `get_task_cred()` never returns null.
    let cred = unsafe { NonNull::new_unchecked(cred.cast_mut().cast()) };
    // SAFETY: `get_task_cred()` returned a reference, which passes to the result.
    unsafe { ARef::from_raw(cred) }
}

/// A call of a hook of the security module `T`.
///
/// # Invariants
///
/// - Exists only while a hook of `T` runs, which is after the framework has initialised `T`: all
///   credentials hold a valid `T::CredBlob`.
/// - The current task's credentials do not change while it is borrowed: only the task itself
///   changes them, and a hook does that through [`Self::commit_creds`] alone.
pub struct Context<T: Lsm> {
    _current: NotThreadSafe,
    _lsm: PhantomData<fn(&T)>,
}

impl<T: Lsm> Context<T> {
    /// # Safety
    ///
    /// A hook of `T` must be running, and must be over when the result is dropped.
    pub(super) unsafe fn new() -> Self {
        // INVARIANT: The caller promises the first; for the second, hooks of one task are nested,
        // and what calls a hook in a hook restores credentials that it overrides.
        Self {
            _current: NotThreadSafe,
            _lsm: PhantomData,
        }
    }

    /// The credentials that the current task acts with.
    pub fn current_cred(&self) -> &Credential {
        // SAFETY: The current task is always valid.
        let cred = unsafe { (*Task::current_raw()).cred };
        // SAFETY: A task's credentials are valid, and by the type invariant they stay the task's
        // while `self` is borrowed.
        unsafe { Credential::from_ptr(cred) }
    }

    /// The module's blob in the credentials that the current task acts with.
    pub fn current_blob(&self) -> &T::CredBlob {
        self.cred_blob(self.current_cred())
    }

    /// The module's blob in `cred`.
    pub fn cred_blob<'a>(&self, cred: &'a Credential) -> &'a T::CredBlob {
        // SAFETY: `cred` is valid, and `T` is initialised by the type invariant.
        let blob = unsafe { cred_blob_ptr::<T>(cred.as_ptr()) };
        // SAFETY: The blob is valid as long as its credentials are. It can be changed only as long
        // as nobody else knows the credentials.
        unsafe { blob.as_ref() }
    }

    /// The credentials by which `task` is judged when others act on it.
    pub fn task_cred(&self, task: &Task) -> ARef<Credential> {
        cred_of(task)
    }

    /// Makes a copy of the current task's credentials, to be changed. Sleeps; hooks that must not
    /// have no exclusive borrow of `self`.
    ///
    /// # Errors
    ///
    /// `ENOMEM`.
    pub fn prepare_creds(&mut self) -> Result<NewCred<T>> {
        // SAFETY: May be called in process context.
        let cred = NonNull::new(unsafe { bindings::prepare_creds() }).ok_or(ENOMEM)?;
        // INVARIANT: Nobody else has seen what `prepare_creds()` returned, and its hooks made the
        // blob.
        Ok(NewCred {
            cred,
            _lsm: PhantomData,
        })
    }

    /// Gives `new` to the current task.
    pub fn commit_creds(&mut self, new: NewCred<T>) {
        let cred = new.cred;
        mem::forget(new);
        // SAFETY: By the type invariant of `NewCred` this is what `prepare_creds()` returned, and
        // the reference passes to the task. It always returns 0.
        unsafe { bindings::commit_creds(cred.as_ptr()) };
    }
}

/// Calls `f` with the blob of the security module `T` in the current task's credentials, outside of
/// hooks: for what a module offers to the rest of the kernel. `None` when the module is not active.
pub fn with_current_blob<T: Lsm, R>(f: impl FnOnce(&T::CredBlob) -> R) -> Option<R> {
    if !T::is_active() {
        return None;
    }
    // SAFETY: The current task is always valid.
    let cred = unsafe { (*Task::current_raw()).cred };
    // SAFETY: A task's credentials are valid, and it does not replace them right here.
    let cred: ARef<Credential> = unsafe { Credential::from_ptr(cred) }.into();
    // SAFETY: `T` is active.
    Some(unsafe { with_blob::<T, R>(&cred, f) })
}

/// As [`with_current_blob`], with the blob in the credentials by which `task` is judged when others
/// act on it.
pub fn with_task_blob<T: Lsm, R>(task: &Task, f: impl FnOnce(&T::CredBlob) -> R) -> Option<R> {
    if !T::is_active() {
        return None;
    }
    // SAFETY: `T` is active.
    Some(unsafe { with_blob::<T, R>(&cred_of(task), f) })
}

/// # Safety
///
/// `T` must be active.
unsafe fn with_blob<T: Lsm, R>(cred: &Credential, f: impl FnOnce(&T::CredBlob) -> R) -> R {
    // SAFETY: `cred` is valid, and `T` is initialised, as it is active.
    let blob = unsafe { cred_blob_ptr::<T>(cred.as_ptr()) };
    // SAFETY: The blob is valid as long as its credentials are, and nobody changes it. The caller
    // keeps them, even if `f` replaced the task's.
    f(unsafe { blob.as_ref() })
}

/// Credentials that no task has yet.
///
/// # Invariants
///
/// `cred` is what `prepare_creds()` returned, is known to nobody else, and holds a valid
/// `T::CredBlob`.
pub struct NewCred<T: Lsm> {
    cred: NonNull<bindings::cred>,
    _lsm: PhantomData<fn(&T)>,
}

impl<T: Lsm> NewCred<T> {
    /// The module's blob.
    pub fn blob_mut(&mut self) -> &mut T::CredBlob {
        // SAFETY: The type invariant says that the credentials are valid, and by that of `Context`
        // that made them `T` is initialised.
        let mut blob = unsafe { cred_blob_ptr::<T>(self.cred.as_ptr()) };
        // SAFETY: The blob is valid, and nobody else knows it.
        unsafe { blob.as_mut() }
    }
}

impl<T: Lsm> Drop for NewCred<T> {
    fn drop(&mut self) {
        // SAFETY: The type invariant says that this is what `prepare_creds()` returned.
        unsafe { bindings::abort_creds(self.cred.as_ptr()) };
    }
}

/// The start of the security module `T`.
///
/// # Invariants
///
/// Exists only while `T` is initialised by the framework: nothing but the boot task runs, and its
/// credentials hold a valid `T::CredBlob`.
pub struct Init<T: Lsm> {
    context: Context<T>,
}

impl<T: Lsm> Init<T> {
    /// # Safety
    ///
    /// Must be called by the framework's call of the module's `init` only, and dropped there.
    #[doc(hidden)]
    pub unsafe fn new() -> Self {
        // INVARIANT: The caller promises it.
        Self {
            // SAFETY: Nothing runs beside `init`, and the blobs are set up.
            context: unsafe { Context::new() },
        }
    }

    /// Sets the module's blob in the credentials of the kernel's own tasks, which are those that
    /// all tasks descend from.
    pub fn set_kernel_blob(&mut self, value: T::CredBlob) {
        let cred = self.context.current_cred().as_ptr();
        // SAFETY: The credentials are valid, and the framework has allocated their blobs.
        let mut blob = unsafe { cred_blob_ptr::<T>(cred) };
        // SAFETY: The blob is valid, and by the type invariant nobody reads it at the moment.
        *unsafe { blob.as_mut() } = value;
    }
}
