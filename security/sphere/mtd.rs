// SPDX-License-Identifier: GPL-2.0

//! Raw access to MTD partitions.

use crate::{
    model::{
        gate::Gate,
        record,
        words::Name, //
    },
    report::denied,
    Sphere, //
};
use kernel::{
    lsm::{
        Context,
        MtdAccess, //
    },
    prelude::*,
    sync::rcu, //
};

/// Decides whether the current task may access the partition `name`.
///
/// # Errors
///
/// `EACCES`.
pub(crate) fn access(lsm: &Context<Sphere>, name: &CStr, access: &MtdAccess) -> Result {
    let (wanted, right) = if access.writes() {
        (record::MtdAccess::ReadWrite, "write")
    } else {
        (record::MtdAccess::Read, "read")
    };
    let guard = rcu::read_lock();
    match lsm.current_blob().grants(&guard) {
        Some(grants) if !grants.has_mtd(name, wanted) => {}
        _ => return Ok(()),
    }
    let name = Name(name.to_bytes());
    denied(
        Gate::Mtd,
        format_args!("{name}"),
        right,
        "not-granted",
        EACCES,
    )
}
