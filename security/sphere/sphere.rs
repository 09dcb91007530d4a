// SPDX-License-Identifier: GPL-2.0

//! Sphere: applications that get what their manifest grants, and nothing else.
//!
//! See `Documentation/security/sphere.rst`.

mod attr;
mod claim;
mod cred;
mod exec;
mod identity;
// The tools build the same files as a crate: there all of it is public, and used.
#[allow(dead_code, unreachable_pub)]
#[path = "core/mod.rs"]
mod model;
mod storage;
mod trace;

use kernel::{
    bindings,
    cred::Credential,
    lsm::{
        Attr,
        Context,
        Exec,
        Init,
        InodeCharge,
        Lsm,
        SelfAttr,
        Written, //
    },
    prelude::*,
    task::Task, //
};

const __LOG_PREFIX: &[u8] = b"sphere\0";

/// The security module.
struct Sphere;

#[vtable]
impl Lsm for Sphere {
    type OwnerModule = ();
    type CredBlob = cred::Blob;

    fn init(init: &mut Init<Self>) -> Result {
        claim::init();
        storage::init();
        init.set_kernel_blob(cred::Blob::kernel()?);
        pr_info!("ready\n");
        Ok(())
    }

    fn bprm_creds_from_file(lsm: &Context<Self>, exec: &mut Exec<'_, Self>) -> Result {
        exec::change_identity(lsm, exec)
    }

    fn task_fix_setuid(lsm: &Context<Self>, new: &Credential, old: &Credential) -> Result {
        claim::keep_uid(lsm.cred_blob(old), &new.uids())
    }

    fn ptrace_access_check(lsm: &Context<Self>, child: &Task, _mode: u32) -> Result {
        trace::by_current(lsm, child)
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
}

kernel::lsm! {
    type: Sphere,
    name: c"sphere",
    id: bindings::LSM_ID_SPHERE as u64,
}
