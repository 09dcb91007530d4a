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
//! initialised and that its blob is therefore there. [`Lsm::SockBlob`] is the same for sockets.
//!
//! # Not supported (yet)
//!
//! - Blobs of other objects than credentials and sockets, and such whose copy can fail.
//! - Hooks that no user in the tree needs. Adding one takes a method of [`Lsm`], its conversion in
//!   `lsm/`, and a line in the table at the end of `lsm/hooks.rs`. A hook with an enum argument
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
//!     type SockBlob = ();
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
    fs::LocalFile,
    prelude::*,
    str::CStr,
    task::Task, //
};
use pin_init::Zeroable;

mod attr;
mod capability;
mod context;
mod exec;
mod file;
#[cfg_attr(not(CONFIG_GPIO_CDEV), allow(dead_code))]
mod gpio;
mod hooks;
mod inode;
mod mtd;
#[cfg(CONFIG_SECURITY_NETWORK)]
mod net;
mod registration;
#[cfg(CONFIG_SECURITYFS)]
pub mod securityfs;
#[cfg(CONFIG_SECURITY_NETWORK)]
mod sock;
#[cfg(CONFIG_SYSCALL_POLICY)]
mod syscall;

#[cfg(CONFIG_SECURITY_NETWORK)]
pub use self::net::{
    Control,
    Message,
    Socket,
    StoredAddress, //
};
#[cfg(CONFIG_SECURITY_NETWORK)]
pub use self::sock::{
    NewSock,
    Sock, //
};
pub use self::{
    attr::{
        Attr,
        SelfAttr,
        Written, //
    },
    capability::{
        Operation,
        Opinion, //
    },
    context::{
        with_current_blob,
        with_task_blob,
        Context,
        Init,
        NewCred, //
    },
    exec::Exec,
    gpio::GpioLines,
    inode::InodeCharge,
    mtd::MtdAccess,
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
/// said. The exceptions are the ends of [`Self::CredBlob`] and [`Self::SockBlob`], see there.
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

    /// What the module keeps in every `struct sock`, or `()`.
    ///
    /// All zeros is the value in sockets that are new; [`Self::socket_post_create`] and
    /// [`Self::unix_stream_connect`] are where it can be set. It is cloned when a socket is made
    /// after the model of another, as for each TCP connection that a listener gets, and dropped
    /// with the last reference to the socket. Neither may sleep. It is aligned as
    /// [`Self::CredBlob`]. Kernels without `CONFIG_SECURITY_NETWORK` have none.
    type SockBlob: Zeroable + Clone + Send + Sync + 'static;

    /// Sets the module up, early in the boot: memory can be allocated, nothing else is there.
    ///
    /// The hooks are active by then. An error is a `WARN` and leaves them active, so fail only
    /// where they deny then what they would have to.
    fn init(init: &mut Init<Self>) -> Result;

    /// Decides whether a task with `cred` may make use of a Linux capability that it has, `CAP_*`.
    ///
    /// Called when the module of capabilities has agreed. `cred` need not be the current task's.
    /// Can be called in any context: must not sleep.
    fn capable(lsm: &Context<Self>, cred: &Credential, cap: u32) -> Result {
        let _ = (lsm, cred, cap);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Decides whether a task with `cred` may do one of the things that a Linux capability stands
    /// for; `is_init` tells whether what it is done to belongs to the initial user namespace.
    ///
    /// An error refuses it even to tasks that have the capability. Must not sleep.
    fn capable_op(
        lsm: &Context<Self>,
        cred: &Credential,
        is_init: bool,
        op: Operation,
    ) -> Result<Opinion> {
        let _ = (lsm, cred, is_init, op);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Makes the module's files in securityfs, during boot. An error is a warning, and changes
    /// nothing else.
    #[cfg(CONFIG_SECURITYFS)]
    fn securityfs() -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Decides whether the current task may call a system call that the kernel's system call policy
    /// restricts.
    #[cfg(CONFIG_SYSCALL_POLICY)]
    fn syscall_restricted(lsm: &Context<Self>, nr: u32) -> Result {
        let _ = (lsm, nr);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Is told that the current task has called a system call that the kernel's system call policy
    /// denies to everybody, and that it gets `error`.
    #[cfg(CONFIG_SYSCALL_POLICY)]
    fn syscall_denied(lsm: &Context<Self>, nr: u32, error: Error) {
        let _ = (lsm, nr, error);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Decides whether the current task may read or control the kernel log.
    fn syslog(lsm: &Context<Self>) -> Result {
        let _ = lsm;
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Decides whether the current task may call `mount()` with a type of file system, if it names
    /// one, and `MS_*` flags.
    fn sb_mount(lsm: &Context<Self>, fs_type: Option<&CStr>, flags: usize) -> Result {
        let _ = (lsm, fs_type, flags);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Decides whether the current task may create a user namespace.
    fn userns_create(lsm: &Context<Self>) -> Result {
        let _ = lsm;
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Decides whether the current task may have what it wants of GPIO lines. Called once for all
    /// lines of a request, before the first is touched.
    fn gpio_lines(lsm: &Context<Self>, lines: &GpioLines<'_>) -> Result {
        let _ = (lsm, lines);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Decides whether the current task may use an open file of GPIO `lines`, or of the events of a
    /// chip, that a task with the credentials `opener` got. The lines are in the set of their
    /// direction at the moment.
    fn gpio_file(lsm: &Context<Self>, opener: &Credential, lines: &GpioLines<'_>) -> Result {
        let _ = (lsm, opener, lines);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

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

    /// Decides about an access by the current task to the MTD device `name`, with the character or
    /// block devices that stand for it. Never called where the kernel has no MTD (`CONFIG_MTD`).
    ///
    /// Names are not unique.
    fn mtd_access(lsm: &Context<Self>, name: &CStr, access: &MtdAccess) -> Result {
        let _ = (lsm, name, access);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Decides whether the current task may receive `file`, which another task has sent it, or
    /// which it takes from another one.
    fn file_receive(lsm: &Context<Self>, file: &LocalFile) -> Result {
        let _ = (lsm, file);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Decides whether the current task may have the socket that it has just made, and sets the
    /// blob; `kern` says that the kernel has made it for itself.
    #[cfg(CONFIG_SECURITY_NETWORK)]
    fn socket_post_create(lsm: &Context<Self>, sock: &mut NewSock<'_, Self>, kern: bool) -> Result {
        let _ = (lsm, sock, kern);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Decides whether two sockets, which the current task has just made, may be connected to each
    /// other.
    #[cfg(CONFIG_SECURITY_NETWORK)]
    fn socket_socketpair(lsm: &Context<Self>, one: &Sock, other: &Sock) -> Result {
        let _ = (lsm, one, other);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Decides whether the current task may connect `client`, an AF_UNIX socket, to `listener`, and
    /// sets the blob of `accepted`, which will be the other end. Called with the locks of `client`
    /// and `listener` held: must not sleep.
    #[cfg(CONFIG_SECURITY_NETWORK)]
    fn unix_stream_connect(
        lsm: &Context<Self>,
        client: &Sock,
        listener: &Sock,
        accepted: &mut NewSock<'_, Self>,
    ) -> Result {
        let _ = (lsm, client, listener, accepted);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Decides whether the current task may send datagrams from `sender` to `receiver`, two AF_UNIX
    /// sockets, when it connects and for each datagram. Called with the lock of `receiver` held:
    /// must not sleep.
    #[cfg(CONFIG_SECURITY_NETWORK)]
    fn unix_may_send(lsm: &Context<Self>, sender: &Sock, receiver: &Sock) -> Result {
        let _ = (lsm, sender, receiver);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Says who is at the other end of `sock`, for `SO_PEERSEC`. `ENOPROTOOPT` when that is not
    /// known. What keeps the label alive is up to the module, which gives it away for ever.
    #[cfg(CONFIG_SECURITY_NETWORK)]
    fn socket_getpeersec_stream(lsm: &Context<Self>, sock: &Sock) -> Result<&'static CStr> {
        let _ = (lsm, sock);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// The number by which the current task is known to who receives what it is about to send by
    /// `sock`, for `SCM_SECURITY`. Nobody says when a number is not in use any more. Not called for
    /// packets from the network.
    #[cfg(CONFIG_SECURITY_NETWORK)]
    fn socket_getpeersec_dgram(lsm: &Context<Self>, sock: &Sock) -> Result<u32> {
        let _ = (lsm, sock);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// The label that the number `secid` stands for. Called in any context: must not sleep. As for
    /// [`Self::socket_getpeersec_stream`], the label is given away for ever.
    #[cfg(CONFIG_SECURITY_NETWORK)]
    fn secid_to_secctx(secid: u32) -> Result<&'static CStr> {
        let _ = secid;
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Decides whether the current task may make a socket; `kern` says that the kernel makes it for
    /// itself. The family is `AF_*`, the kind `SOCK_*` without flags; a protocol of 0 leaves it to
    /// the family. For `socketpair()`, called for each of the two.
    #[cfg(CONFIG_SECURITY_NETWORK)]
    fn socket_create(
        lsm: &Context<Self>,
        family: i32,
        kind: i32,
        protocol: i32,
        kern: bool,
    ) -> Result {
        let _ = (lsm, family, kind, protocol, kern);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Decides whether the current task may give `socket` a local address. `address` is all of the
    /// kernel's copy, of whatever length and family.
    #[cfg(CONFIG_SECURITY_NETWORK)]
    fn socket_bind(lsm: &Context<Self>, socket: &Socket, address: &[u8]) -> Result {
        let _ = (lsm, socket, address);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Decides whether the current task may connect `socket` to an address, which can also mean to
    /// end a connection (`AF_UNSPEC`). `address` is as for [`Self::socket_bind`].
    #[cfg(CONFIG_SECURITY_NETWORK)]
    fn socket_connect(lsm: &Context<Self>, socket: &Socket, address: &[u8]) -> Result {
        let _ = (lsm, socket, address);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Decides whether the current task may have `socket` listen.
    #[cfg(CONFIG_SECURITY_NETWORK)]
    fn socket_listen(lsm: &Context<Self>, socket: &Socket) -> Result {
        let _ = (lsm, socket);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Decides whether the current task may accept a connection from `socket`, a listener.
    #[cfg(CONFIG_SECURITY_NETWORK)]
    fn socket_accept(lsm: &Context<Self>, socket: &Socket) -> Result {
        let _ = (lsm, socket);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Decides whether the current task may send `message` by `socket`. Called for `write()` and
    /// what splices, too; by `sendmmsg()` not again for the same address.
    #[cfg(CONFIG_SECURITY_NETWORK)]
    fn socket_sendmsg(lsm: &Context<Self>, socket: &Socket, message: &Message) -> Result {
        let _ = (lsm, socket, message);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Decides whether the current task may set an option of `socket`; the value is not known.
    #[cfg(CONFIG_SECURITY_NETWORK)]
    fn socket_setsockopt(lsm: &Context<Self>, socket: &Socket, level: i32, option: i32) -> Result {
        let _ = (lsm, socket, level, option);
        build_error!(VTABLE_DEFAULT_ERROR)
    }
}
