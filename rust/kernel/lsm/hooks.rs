// SPDX-License-Identifier: GPL-2.0

//! What the framework calls. Each function only converts, and asks the module.

#[cfg(CONFIG_GPIO_CDEV)]
use super::gpio::{
    gpio_file,
    gpio_lines, //
};
#[cfg(CONFIG_JFFS2_FS)]
use super::inode::inode_charge;
#[cfg(CONFIG_MTD)]
use super::mtd::mtd_access;
#[cfg(CONFIG_SECURITY_NETWORK)]
use super::net::{
    socket_accept,
    socket_bind,
    socket_connect,
    socket_create,
    socket_listen,
    socket_sendmsg,
    socket_setsockopt, //
};
#[cfg(CONFIG_SECURITY_NETWORK)]
use super::sock::{
    secid_to_secctx,
    sk_clone_security,
    sk_free_security,
    socket_getpeersec_dgram,
    socket_getpeersec_stream,
    socket_post_create,
    socket_socketpair,
    unix_may_send,
    unix_stream_connect, //
};
#[cfg(CONFIG_SYSCALL_POLICY)]
use super::syscall::{
    syscall_denied,
    syscall_restricted, //
};
use super::{
    capability::{
        capable,
        capable_op,
        sb_mount,
        syslog,
        userns_create, //
    },
    context::cred_blob_ptr,
    file::file_receive,
    Attr,
    Context,
    Exec,
    Lsm,
    SelfAttr, //
};
use crate::{
    bindings,
    cred::Credential,
    error::from_result,
    ffi::{
        c_char,
        c_int,
        c_uint,
        c_void, //
    },
    prelude::*,
    str::CStr,
    task::Task, //
};
use core::{
    mem,
    ptr::{
        self,
        NonNull, //
    },
    slice,
};

/// # Safety
///
/// To be called by the LSM framework.
unsafe extern "C" fn cred_prepare<T: Lsm>(
    new: *mut bindings::cred,
    old: *const bindings::cred,
    _gfp: bindings::gfp_t,
) -> c_int {
    // SAFETY: The framework calls hooks of initialised modules, with valid credentials.
    let old = unsafe { cred_blob_ptr::<T>(old) };
    // SAFETY: The old credentials hold a valid blob.
    let blob = unsafe { old.as_ref() }.clone();
    // SAFETY: As above.
    let new = unsafe { cred_blob_ptr::<T>(new) };
    // SAFETY: The new blob is zeroed, which is a valid value, and known to nobody else. Zeros own
    // nothing that would have to be dropped.
    unsafe { new.write(blob) };
    0
}

/// # Safety
///
/// To be called by the LSM framework.
unsafe extern "C" fn cred_transfer<T: Lsm>(new: *mut bindings::cred, old: *const bindings::cred) {
    // SAFETY: The framework calls hooks of initialised modules, with valid credentials.
    let old = unsafe { cred_blob_ptr::<T>(old) };
    // SAFETY: As above.
    let mut new = unsafe { cred_blob_ptr::<T>(new) };
    // SAFETY: The old credentials hold a valid blob.
    let blob = unsafe { old.as_ref() }.clone();
    // SAFETY: So do the new ones, which are known to nobody else.
    *unsafe { new.as_mut() } = blob;
}

/// # Safety
///
/// To be called by the LSM framework.
unsafe extern "C" fn cred_free<T: Lsm>(cred: *mut bindings::cred) {
    // SAFETY: The framework calls hooks of initialised modules, with credentials whose blobs are
    // allocated.
    let blob = unsafe { cred_blob_ptr::<T>(cred) };
    // SAFETY: The last reference to the credentials is gone, and the framework frees the memory
    // next, without looking at it.
    unsafe { blob.drop_in_place() };
}

/// # Safety
///
/// To be called by the LSM framework.
unsafe extern "C" fn bprm_creds_from_file<T: Lsm>(
    bprm: *mut bindings::linux_binprm,
    _file: *const bindings::file,
) -> c_int {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    // SAFETY: The framework's pointer is valid.
    let bprm = unsafe { NonNull::new_unchecked(bprm) };
    // SAFETY: This is the hook, and its argument.
    let mut exec = unsafe { Exec::new(bprm) };
    from_result(|| T::bprm_creds_from_file(&lsm, &mut exec).map(|()| 0))
}

/// # Safety
///
/// To be called by the LSM framework.
unsafe extern "C" fn task_fix_setuid<T: Lsm>(
    new: *mut bindings::cred,
    old: *const bindings::cred,
    _flags: c_int,
) -> c_int {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    // SAFETY: The framework's pointer is valid while the hook runs.
    let new = unsafe { Credential::from_ptr(new) };
    // SAFETY: As above.
    let old = unsafe { Credential::from_ptr(old) };
    from_result(|| T::task_fix_setuid(&lsm, new, old).map(|()| 0))
}

/// # Safety
///
/// To be called by the LSM framework.
unsafe extern "C" fn ptrace_access_check<T: Lsm>(
    child: *mut bindings::task_struct,
    mode: c_uint,
) -> c_int {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    // SAFETY: The framework's pointer is valid while the hook runs; `Task` is transparent.
    let child = unsafe { &*child.cast::<Task>() };
    from_result(|| T::ptrace_access_check(&lsm, child, mode).map(|()| 0))
}

/// # Safety
///
/// To be called by the LSM framework.
unsafe extern "C" fn ptrace_traceme<T: Lsm>(parent: *mut bindings::task_struct) -> c_int {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    // SAFETY: The framework's pointer is valid while the hook runs; `Task` is transparent.
    let parent = unsafe { &*parent.cast::<Task>() };
    from_result(|| T::ptrace_traceme(&lsm, parent).map(|()| 0))
}

/// # Safety
///
/// To be called by the LSM framework.
unsafe extern "C" fn getselfattr<T: Lsm>(
    attr: c_uint,
    ctx: *mut bindings::lsm_ctx,
    size: *mut u32,
    _flags: u32,
) -> c_int {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    // SAFETY: The framework's `size` is valid while the hook runs.
    let out = unsafe { SelfAttr::new::<T>(ctx, size) };
    // The framework expects the number of values.
    from_result(|| T::getselfattr(&lsm, Attr::from_raw(attr), out).map(|_written| 1))
}

/// # Safety
///
/// To be called by the LSM framework.
unsafe extern "C" fn setselfattr<T: Lsm>(
    attr: c_uint,
    ctx: *mut bindings::lsm_ctx,
    _size: u32,
    _flags: u32,
) -> c_int {
    // SAFETY: This is a hook of `T`.
    let mut lsm = unsafe { Context::<T>::new() };
    // SAFETY: The framework's copy of the user's structure is valid.
    let flags = unsafe { (*ctx).flags };
    if flags != 0 {
        return EINVAL.to_errno();
    }
    // SAFETY: As above.
    let len = unsafe { (*ctx).ctx_len };
    // SAFETY: As above.
    let value = unsafe { (&raw const (*ctx).ctx).cast::<u8>() };
    // SAFETY: The framework has checked that the structure ends after `ctx_len` bytes of value or
    // later. Nobody changes its copy.
    let value = unsafe { slice::from_raw_parts(value, len as usize) };
    from_result(|| T::setselfattr(&mut lsm, Attr::from_raw(attr), value).map(|()| 0))
}

/// # Safety
///
/// To be called by the LSM framework.
unsafe extern "C" fn getprocattr<T: Lsm>(
    task: *mut bindings::task_struct,
    name: *const c_char,
    value: *mut *mut c_char,
) -> c_int {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    // SAFETY: The framework's pointer is valid while the hook runs; `Task` is transparent.
    let task = unsafe { &*task.cast::<Task>() };
    // SAFETY: The framework passes the name of a file.
    let name = unsafe { CStr::from_char_ptr(name) };
    from_result(|| {
        let bytes = T::getprocattr(&lsm, task, name)?;
        if bytes.is_empty() {
            // The vector may own memory all the same, so it must not be forgotten; the caller
            // takes its own null pointer for an empty value.
            return Ok(0);
        }
        let (bytes, len, _) = bytes.into_raw_parts();
        // SAFETY: The framework's pointer is valid. Its caller passes the value to `kfree()`, which
        // is what vectors of this type are freed by.
        unsafe { value.write(bytes.cast()) };
        Ok(len as c_int)
    })
}

/// # Safety
///
/// To be called by the LSM framework.
unsafe extern "C" fn setprocattr<T: Lsm>(
    name: *const c_char,
    value: *mut c_void,
    size: usize,
) -> c_int {
    // SAFETY: This is a hook of `T`.
    let mut lsm = unsafe { Context::<T>::new() };
    // SAFETY: The framework passes the name of a file.
    let name = unsafe { CStr::from_char_ptr(name) };
    let value = if size == 0 {
        // It need not be a pointer then.
        &[]
    } else {
        // SAFETY: The framework passes the kernel's copy of what was written.
        unsafe { slice::from_raw_parts(value.cast::<u8>(), size) }
    };
    from_result(|| T::setprocattr(&mut lsm, name, value).map(|()| size as c_int))
}

/// Whether the module has a blob in credentials.
const fn has_cred_blob<T: Lsm>() -> bool {
    mem::size_of::<T::CredBlob>() != 0
}

/// Whether the module has a blob in sockets.
#[cfg(CONFIG_SECURITY_NETWORK)]
const fn has_sock_blob<T: Lsm>() -> bool {
    mem::size_of::<T::SockBlob>() != 0
}

macro_rules! hooks {
    ($($(#[$cfg:meta])* $name:ident if $implemented:expr,)*) => {
        const KNOWN: usize = [$($(#[$cfg])* stringify!($name)),*].len();

        /// All hooks that there are conversions for, and whether `T` implements them.
        const fn known<T: Lsm>() -> [(bool, bindings::security_hook_list); KNOWN] {
            [$($(#[$cfg])* (
                $implemented,
                bindings::security_hook_list {
                    // SAFETY: The address of the table is taken, and nothing of it read. It is
                    // packed, hence no reference.
                    scalls: unsafe { &raw mut bindings::static_calls_table.$name }.cast(),
                    hook: bindings::security_list_options { $name: Some($name::<T>) },
                    lsmid: ptr::null(),
                },
            ),)*]
        }
    };
}

hooks! {
    cred_prepare if has_cred_blob::<T>(),
    cred_transfer if has_cred_blob::<T>(),
    cred_free if has_cred_blob::<T>() && mem::needs_drop::<T::CredBlob>(),
    capable if T::HAS_CAPABLE,
    capable_op if T::HAS_CAPABLE_OP,
    #[cfg(CONFIG_SYSCALL_POLICY)]
    syscall_restricted if T::HAS_SYSCALL_RESTRICTED,
    #[cfg(CONFIG_SYSCALL_POLICY)]
    syscall_denied if T::HAS_SYSCALL_DENIED,
    syslog if T::HAS_SYSLOG,
    sb_mount if T::HAS_SB_MOUNT,
    bprm_creds_from_file if T::HAS_BPRM_CREDS_FROM_FILE,
    task_fix_setuid if T::HAS_TASK_FIX_SETUID,
    ptrace_access_check if T::HAS_PTRACE_ACCESS_CHECK,
    ptrace_traceme if T::HAS_PTRACE_TRACEME,
    userns_create if T::HAS_USERNS_CREATE,
    getselfattr if T::HAS_GETSELFATTR,
    setselfattr if T::HAS_SETSELFATTR,
    getprocattr if T::HAS_GETPROCATTR,
    setprocattr if T::HAS_SETPROCATTR,
    #[cfg(CONFIG_GPIO_CDEV)]
    gpio_lines if T::HAS_GPIO_LINES,
    #[cfg(CONFIG_GPIO_CDEV)]
    gpio_file if T::HAS_GPIO_FILE,
    #[cfg(CONFIG_MTD)]
    mtd_access if T::HAS_MTD_ACCESS,
    #[cfg(CONFIG_SECURITY_NETWORK)]
    sk_free_security if has_sock_blob::<T>() && mem::needs_drop::<T::SockBlob>(),
    #[cfg(CONFIG_SECURITY_NETWORK)]
    sk_clone_security if has_sock_blob::<T>(),
    #[cfg(CONFIG_SECURITY_NETWORK)]
    socket_post_create if T::HAS_SOCKET_POST_CREATE,
    #[cfg(CONFIG_SECURITY_NETWORK)]
    socket_socketpair if T::HAS_SOCKET_SOCKETPAIR,
    #[cfg(CONFIG_SECURITY_NETWORK)]
    unix_stream_connect if T::HAS_UNIX_STREAM_CONNECT,
    #[cfg(CONFIG_SECURITY_NETWORK)]
    unix_may_send if T::HAS_UNIX_MAY_SEND,
    #[cfg(CONFIG_SECURITY_NETWORK)]
    socket_getpeersec_stream if T::HAS_SOCKET_GETPEERSEC_STREAM,
    #[cfg(CONFIG_SECURITY_NETWORK)]
    socket_getpeersec_dgram if T::HAS_SOCKET_GETPEERSEC_DGRAM,
    #[cfg(CONFIG_SECURITY_NETWORK)]
    secid_to_secctx if T::HAS_SECID_TO_SECCTX,
    file_receive if T::HAS_FILE_RECEIVE,
    #[cfg(CONFIG_SECURITY_NETWORK)]
    socket_create if T::HAS_SOCKET_CREATE,
    #[cfg(CONFIG_SECURITY_NETWORK)]
    socket_bind if T::HAS_SOCKET_BIND,
    #[cfg(CONFIG_SECURITY_NETWORK)]
    socket_connect if T::HAS_SOCKET_CONNECT,
    #[cfg(CONFIG_SECURITY_NETWORK)]
    socket_listen if T::HAS_SOCKET_LISTEN,
    #[cfg(CONFIG_SECURITY_NETWORK)]
    socket_accept if T::HAS_SOCKET_ACCEPT,
    #[cfg(CONFIG_SECURITY_NETWORK)]
    socket_sendmsg if T::HAS_SOCKET_SENDMSG,
    #[cfg(CONFIG_SECURITY_NETWORK)]
    socket_setsockopt if T::HAS_SOCKET_SETSOCKOPT,
    #[cfg(CONFIG_JFFS2_FS)]
    inode_charge if T::HAS_INODE_CHARGE,
}

/// The number of hooks that `T` implements.
pub(super) const fn count<T: Lsm>() -> usize {
    let known = known::<T>();
    let mut count = 0;
    let mut i = 0;
    while i < KNOWN {
        if known[i].0 {
            count += 1;
        }
        i += 1;
    }
    count
}

/// The hooks that `T` implements. `N` must be their number.
pub(super) const fn implemented<T: Lsm, const N: usize>() -> [bindings::security_hook_list; N] {
    let known = known::<T>();
    let mut hooks = [known[0].1; N];
    let mut found = 0;
    let mut i = 0;
    while i < KNOWN {
        if known[i].0 {
            hooks[found] = known[i].1;
            found += 1;
        }
        i += 1;
    }
    assert!(found == N);
    hooks
}
