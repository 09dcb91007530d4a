// SPDX-License-Identifier: GPL-2.0

//! Linux Security Modules, written in Rust.
//!
//! A security module is a type that implements [`Lsm`], and one use of [`lsm!`](crate::lsm!) that
//! registers it. Everything that the framework needs is then in statics of the module's own object
//! file: there is no C shim, and no code that runs before the framework calls the module's `init`.
//! Only hooks that the type implements are registered, so those that it leaves out cost nothing.
//!
//! Security modules are built in, never loaded, and stay for as long as the kernel runs. A kernel
//! may have any number of them; each needs its slot in `include/linux/lsm_count.h` and its name in
//! `CONFIG_LSM` or on the command line.
//!
//! # Memory that belongs to a module
//!
//! [`Lsm::CredBlob`] lives in every `struct cred`, zeroed when the credentials are new and cloned
//! when they are copied. Hooks reach it through a [`Context`], the proof that the module has been
//! initialised and that its blob is therefore there.
//!
//! # Not supported (yet)
//!
//! - Blobs of other objects than credentials, and such whose copy can fail.
//! - Hooks that no user in the tree needs. Adding one takes a method of [`Lsm`], its conversion in
//!   `lsm/hooks.rs`, and a line in the table at the end of that file. A hook with an enum argument
//!   also needs the enum in `rust/bindgen_parameters`, for KCFI.
//! - Early security modules (`DEFINE_EARLY_LSM`), and those with `LSM_FLAG_LEGACY_MAJOR` or
//!   `LSM_FLAG_EXCLUSIVE`.
//!
//! # Examples
//!
//! A module that forbids a task to trace one that has another secret. Whoever starts with the
//! kernel has none.
//!
//! ```
//! use kernel::{
//!     lsm::{Attr, Context, Init, Lsm},
//!     prelude::*,
//!     task::Task,
//! };
//!
//! struct Secrets;
//!
//! #[vtable]
//! impl Lsm for Secrets {
//!     type OwnerModule = ();
//!     type CredBlob = u32;
//!
//!     fn init(_init: &mut Init<Self>) -> Result {
//!         Ok(())
//!     }
//!
//!     fn ptrace_access_check(lsm: &Context<Self>, child: &Task, _mode: u32) -> Result {
//!         let child = lsm.task_cred(child);
//!         if lsm.current_blob() != lsm.cred_blob(&child) {
//!             return Err(EPERM);
//!         }
//!         Ok(())
//!     }
//!
//!     fn setselfattr(lsm: &mut Context<Self>, attr: Attr, value: &[u8]) -> Result {
//!         if attr != Attr::CURRENT {
//!             return Err(EOPNOTSUPP);
//!         }
//!         let secret = value.try_into().map_err(|_| EINVAL)?;
//!         let mut cred = lsm.prepare_creds()?;
//!         *cred.blob_mut() = u32::from_ne_bytes(secret);
//!         lsm.commit_creds(cred);
//!         Ok(())
//!     }
//! }
//!
//! kernel::lsm! {
//!     type: Secrets,
//!     name: c"secrets",
//!     id: 0xdeca_fbad,
//! }
//! # Ok::<(), Error>(())
//! ```
//!
//! C header: [`include/linux/lsm_hooks.h`](srctree/include/linux/lsm_hooks.h).
//!
//! Reference: <https://docs.kernel.org/security/lsm.html>

use crate::{
    cred::Credential,
    error::VTABLE_DEFAULT_ERROR,
    prelude::*,
    str::CStr,
    task::Task, //
};
use pin_init::Zeroable;

mod attr;
mod context;
mod exec;
mod hooks;
mod inode;
mod registration;

pub use self::{
    attr::{
        Attr,
        SelfAttr,
        Written, //
    },
    context::{
        Context,
        Init,
        NewCred, //
    },
    exec::Exec,
    inode::InodeCharge,
    registration::{
        hook_count,
        Blobs,
        Hooks,
        Id,
        Info,
        Registered, //
    },
};

/// A Linux security module.
///
/// Every method but [`Self::init`] is a hook; the documentation of what each decides, and of the
/// locks that are held, is in `security/security.c` at `security_<name>()`. A hook returns `Ok` to
/// allow, and the error that user space gets to deny.
///
/// Hooks run in process context on behalf of the current task and may sleep, where nothing else is
/// said. The one exception is the end of a [`Self::CredBlob`], see there.
#[vtable]
pub trait Lsm: Registered {
    /// Security modules are built in and have no module: implementations write `()`.
    type OwnerModule;

    /// What the module keeps in every `struct cred`, or `()`.
    ///
    /// All zeros is the value in credentials that are new. It is cloned when credentials are
    /// copied, for `fork()` as for every change. It is dropped in an RCU callback, where sleeping
    /// is not allowed. Pointers are the most that it can be aligned to, because the framework
    /// aligns blobs to no more.
    type CredBlob: Zeroable + Clone + Send + Sync + 'static;

    /// Sets the module up, early in the boot: memory can be allocated, nothing else is there.
    ///
    /// The hooks are active by then. An error is a `WARN` and leaves them active, so fail only
    /// where they deny then what they would have to.
    fn init(init: &mut Init<Self>) -> Result;

    /// Computes the credentials that an exec results in.
    ///
    /// Called once for each exec, with the file whose set-id bits count, before anything of the
    /// caller is given up: an error makes `execve()` fail and changes nothing.
    /// `signal->cred_guard_mutex` is held.
    fn bprm_creds_from_file(lsm: &Context<Self>, exec: &mut Exec<'_, Self>) -> Result {
        let _ = (lsm, exec);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Decides whether the user ids of the current task may change from those in `old` to those in
    /// `new`. Both are for reading: `new` can be referred to for longer than the hook runs.
    fn task_fix_setuid(lsm: &Context<Self>, new: &Credential, old: &Credential) -> Result {
        let _ = (lsm, new, old);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Decides whether the current task may trace, or look into, `child`; `mode` is a set of
    /// `PTRACE_MODE_*`. Called with a spinlock held in some cases: must not sleep.
    fn ptrace_access_check(lsm: &Context<Self>, child: &Task, mode: u32) -> Result {
        let _ = (lsm, child, mode);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Decides whether `parent` may trace the current task. Called with `tasklist_lock` held: must
    /// not sleep.
    fn ptrace_traceme(lsm: &Context<Self>, parent: &Task) -> Result {
        let _ = (lsm, parent);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Decides whether the current task may use, and wear, flash memory for a file system. Called
    /// before anything is written, and not for deletion.
    fn inode_charge(lsm: &Context<Self>, charge: &InodeCharge) -> Result {
        let _ = (lsm, charge);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Reads an attribute of the current task for `lsm_get_self_attr(2)`.
    ///
    /// An attribute that the module does not have is `EOPNOTSUPP`.
    fn getselfattr<'a>(lsm: &Context<Self>, attr: Attr, out: SelfAttr<'a>) -> Result<Written<'a>> {
        let _ = (lsm, attr, out);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Sets an attribute of the current task to `value` for `lsm_set_self_attr(2)`.
    ///
    /// `value` is the kernel's copy. `signal->cred_guard_mutex` is held. Callers that set flags are
    /// refused before.
    fn setselfattr(lsm: &mut Context<Self>, attr: Attr, value: &[u8]) -> Result {
        let _ = (lsm, attr, value);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Reads the attribute of `task` that the file `name` in `/proc/PID/attr/` stands for.
    fn getprocattr(lsm: &Context<Self>, task: &Task, name: &CStr) -> Result<KVec<u8>> {
        let _ = (lsm, task, name);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Sets the attribute of the current task that the file `name` in `/proc/self/attr/` stands
    /// for, to all of `value`. `signal->cred_guard_mutex` is held.
    fn setprocattr(lsm: &mut Context<Self>, name: &CStr, value: &[u8]) -> Result {
        let _ = (lsm, name, value);
        build_error!(VTABLE_DEFAULT_ERROR)
    }
}
