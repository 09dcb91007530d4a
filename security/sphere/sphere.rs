// SPDX-License-Identifier: GPL-2.0

//! Sphere: applications that get what their manifest grants, and nothing else.
//!
//! See `Documentation/security/sphere.rst`.

mod answer;
mod attr;
mod capability;
mod claim;
mod component;
mod cred;
#[cfg(CONFIG_SECURITY_SPHERE_DEVELOPMENT)]
mod debug;
#[cfg(not(CONFIG_SECURITY_SPHERE_DEVELOPMENT))]
#[path = "no_debug.rs"]
mod debug;
mod event;
mod exec;
mod gpio;
mod identity;
#[cfg(CONFIG_SECURITY_NETWORK)]
mod label;
mod mode;
// The tools build the same files as a crate: there all of it is public, and used.
#[allow(dead_code, unreachable_pub)]
#[path = "core/mod.rs"]
mod model;
mod mtd;
#[cfg(CONFIG_SECURITY_NETWORK)]
mod net;
#[cfg(CONFIG_SECURITY_NETWORK)]
mod peer;
#[cfg(CONFIG_SECURITY_SPHERE_POLICY)]
mod policy;
#[cfg(not(CONFIG_SECURITY_SPHERE_POLICY))]
#[path = "fixed_policy.rs"]
mod policy;
#[cfg(CONFIG_SECURITYFS)]
mod policy_file;
#[cfg(CONFIG_SECURITYFS)]
mod policy_fs;
mod report;
mod storage;
#[cfg(CONFIG_SYSCALL_POLICY)]
mod syscall;
mod trace;

#[cfg(CONFIG_SECURITY_NETWORK)]
use kernel::lsm::{
    Message,
    Socket, //
};
use kernel::{
    bindings,
    cred::Credential,
    lsm::{
        Attr,
        Context,
        Exec,
        GpioLines,
        Init,
        InodeCharge,
        Lsm,
        MtdAccess,
        Operation,
        Opinion,
        SelfAttr,
        Written, //
    },
    prelude::*,
    task::Task, //
};
#[cfg(CONFIG_SECURITY_NETWORK)]
use kernel::{
    fs::LocalFile,
    lsm::{
        NewSock,
        Sock, //
    }, //
};

const __LOG_PREFIX: &[u8] = b"sphere\0";

/// The security module.
struct Sphere;

#[vtable]
impl Lsm for Sphere {
    type OwnerModule = ();
    type CredBlob = cred::Blob;
    #[cfg(CONFIG_SECURITY_NETWORK)]
    type SockBlob = peer::SockBlob;
    #[cfg(not(CONFIG_SECURITY_NETWORK))]
    type SockBlob = ();

    fn init(init: &mut Init<Self>) -> Result {
        claim::init();
        component::init();
        mode::init();
        #[cfg(CONFIG_SECURITY_SPHERE_POLICY)]
        policy::init();
        #[cfg(CONFIG_SECURITY_NETWORK)]
        label::init();
        init.set_kernel_blob(cred::Blob::kernel()?);
        pr_info!("ready\n");
        Ok(())
    }

    #[cfg(CONFIG_SECURITYFS)]
    fn securityfs() -> Result {
        policy_fs::init()
    }

    #[cfg(CONFIG_SYSCALL_POLICY)]
    fn syscall_restricted(lsm: &Context<Self>, nr: u32) -> Result {
        syscall::restricted(lsm, nr)
    }

    #[cfg(CONFIG_SYSCALL_POLICY)]
    fn syscall_denied(_lsm: &Context<Self>, nr: u32, error: Error) {
        syscall::denied(nr, error);
    }

    fn capable(lsm: &Context<Self>, cred: &Credential, _cap: u32) -> Result {
        capability::linux(lsm, cred)
    }

    fn capable_op(
        lsm: &Context<Self>,
        cred: &Credential,
        is_init: bool,
        op: Operation,
    ) -> Result<Opinion> {
        capability::operation(lsm, cred, is_init, op)
    }

    fn syslog(lsm: &Context<Self>) -> Result {
        capability::kernel_log(lsm)
    }

    fn sb_mount(lsm: &Context<Self>, fs_type: Option<&CStr>, _flags: usize) -> Result {
        capability::mount(lsm, fs_type)
    }

    fn userns_create(lsm: &Context<Self>) -> Result {
        capability::user_namespace(lsm)
    }

    fn gpio_lines(lsm: &Context<Self>, lines: &GpioLines<'_>) -> Result {
        gpio::lines(lsm, lines)
    }

    fn gpio_file(lsm: &Context<Self>, opener: &Credential, lines: &GpioLines<'_>) -> Result {
        gpio::file(lsm, opener, lines)
    }

    fn bprm_creds_from_file(lsm: &Context<Self>, exec: &mut Exec<'_, Self>) -> Result {
        exec::change_identity(lsm, exec)
    }

    fn task_fix_setuid(lsm: &Context<Self>, new: &Credential, old: &Credential) -> Result {
        claim::keep_uid(lsm.cred_blob(old), &new.uids())
    }

    fn ptrace_access_check(lsm: &Context<Self>, child: &Task, mode: u32) -> Result {
        trace::by_current(lsm, child, mode)
    }

    fn ptrace_traceme(lsm: &Context<Self>, parent: &Task) -> Result {
        trace::of_current(lsm, parent)
    }

    fn inode_charge(lsm: &Context<Self>, charge: &InodeCharge) -> Result {
        storage::charge(lsm, charge)
    }

    fn getselfattr<'a>(lsm: &Context<Self>, attr: Attr, out: SelfAttr<'a>) -> Result<Written<'a>> {
        out.write(attr::get(lsm.current_blob(), attr)?)
    }

    fn setselfattr(lsm: &mut Context<Self>, attr: Attr, value: &[u8]) -> Result {
        attr::set(lsm, attr, value)
    }

    fn getprocattr(lsm: &Context<Self>, task: &Task, name: &CStr) -> Result<KVec<u8>> {
        attr::get_of_task(lsm, task, Attr::from_proc_name(name).ok_or(EINVAL)?)
    }

    fn setprocattr(lsm: &mut Context<Self>, name: &CStr, value: &[u8]) -> Result {
        attr::set(lsm, Attr::from_proc_name(name).ok_or(EINVAL)?, value)
    }

    fn mtd_access(lsm: &Context<Self>, name: &CStr, access: &MtdAccess) -> Result {
        mtd::access(lsm, name, access)
    }

    #[cfg(CONFIG_SECURITY_NETWORK)]
    fn file_receive(lsm: &Context<Self>, file: &LocalFile) -> Result {
        #[cfg(CONFIG_SECURITY_SPHERE_DEVELOPMENT)]
        debug::receive(lsm, file)?;
        peer::receive(lsm, file)
    }

    #[cfg(CONFIG_SECURITY_NETWORK)]
    fn socket_post_create(lsm: &Context<Self>, sock: &mut NewSock<'_, Self>, kern: bool) -> Result {
        peer::own(lsm, sock, kern);
        Ok(())
    }

    #[cfg(CONFIG_SECURITY_NETWORK)]
    fn socket_socketpair(lsm: &Context<Self>, one: &Sock, other: &Sock) -> Result {
        peer::pair(lsm, one, other);
        Ok(())
    }

    #[cfg(CONFIG_SECURITY_NETWORK)]
    fn unix_stream_connect(
        lsm: &Context<Self>,
        client: &Sock,
        listener: &Sock,
        accepted: &mut NewSock<'_, Self>,
    ) -> Result {
        peer::connect(lsm, client, listener, accepted)
    }

    #[cfg(CONFIG_SECURITY_NETWORK)]
    fn unix_may_send(lsm: &Context<Self>, _sender: &Sock, receiver: &Sock) -> Result {
        peer::send(lsm, receiver)
    }

    #[cfg(CONFIG_SECURITY_NETWORK)]
    fn socket_getpeersec_stream(lsm: &Context<Self>, sock: &Sock) -> Result<&'static CStr> {
        peer::label_of_peer(lsm, sock)
    }

    #[cfg(CONFIG_SECURITY_NETWORK)]
    fn socket_getpeersec_dgram(lsm: &Context<Self>, _sock: &Sock) -> Result<u32> {
        Ok(label::of_task(lsm.current_blob()))
    }

    #[cfg(CONFIG_SECURITY_NETWORK)]
    fn secid_to_secctx(secid: u32) -> Result<&'static CStr> {
        label::text(secid)
    }

    #[cfg(CONFIG_SECURITY_NETWORK)]
    fn socket_create(
        lsm: &Context<Self>,
        family: i32,
        kind: i32,
        protocol: i32,
        kern: bool,
    ) -> Result {
        net::create(lsm, family, kind, protocol, kern)
    }

    #[cfg(CONFIG_SECURITY_NETWORK)]
    fn socket_bind(lsm: &Context<Self>, socket: &Socket, address: &[u8]) -> Result {
        net::bind(lsm, socket, address)
    }

    #[cfg(CONFIG_SECURITY_NETWORK)]
    fn socket_connect(lsm: &Context<Self>, socket: &Socket, address: &[u8]) -> Result {
        net::connect(lsm, socket, address)
    }

    #[cfg(CONFIG_SECURITY_NETWORK)]
    fn socket_listen(lsm: &Context<Self>, socket: &Socket) -> Result {
        net::listen(lsm, socket)
    }

    #[cfg(CONFIG_SECURITY_NETWORK)]
    fn socket_accept(lsm: &Context<Self>, socket: &Socket) -> Result {
        net::accept(lsm, socket)
    }

    #[cfg(CONFIG_SECURITY_NETWORK)]
    fn socket_sendmsg(lsm: &Context<Self>, socket: &Socket, message: &Message) -> Result {
        net::send(lsm, socket, message)
    }

    #[cfg(CONFIG_SECURITY_NETWORK)]
    fn socket_setsockopt(lsm: &Context<Self>, socket: &Socket, level: i32, option: i32) -> Result {
        net::set_option(lsm, socket, level, option)
    }
}

kernel::lsm! {
    type: Sphere,
    name: c"sphere",
    id: bindings::LSM_ID_SPHERE as u64,
}
