// SPDX-License-Identifier: GPL-2.0

//! Storage on flash: how much a component has there, and how much it writes.

use crate::{
    claim::Start,
    cred::{
        Blob,
        Subject, //
    },
    model::{
        gate::Gate,
        storage::{
            Charge,
            Refusal, //
        },
        words::Decimal, //
    },
    report::denied,
    Sphere, //
};
use kernel::{
    lsm::{
        Context,
        InodeCharge, //
    },
    prelude::*,
    sync::rcu, //
};

/// Decides whether the current task may write to a file system on flash.
///
/// # Errors
///
/// `EDQUOT`.
pub(crate) fn charge(lsm: &Context<Sphere>, charge: &InodeCharge) -> Result {
    let blob = lsm.current_blob();
    let refusal = match blob.subject.as_deref() {
        Some(Subject::Kernel | Subject::Manager) => return Ok(()),
        Some(Subject::Application { claim, .. }) => match charge_to(claim, blob, charge) {
            Ok(()) => return Ok(()),
            Err(refusal) => refusal,
        },
        None => Refusal::None,
    };
    let wanted = match refusal {
        Refusal::Quota => charge.used.unwrap_or(charge.growth),
        Refusal::None | Refusal::Owner | Refusal::Wear => charge.bytes,
    };
    let wanted = Decimal(wanted);
    denied(
        Gate::Storage,
        format_args!("{wanted}"),
        "write",
        refusal.name(),
        EDQUOT,
    )
}

fn charge_to(start: &Start, blob: &Blob, charge: &InodeCharge) -> Result<(), Refusal> {
    let guard = rcu::read_lock();
    let quota = blob
        .grants(&guard)
        .map_or(0, |grants| grants.storage_bytes());
    let wanted = Charge {
        own: charge.owner == start.uid(),
        used: charge.used,
        growth: charge.growth,
        bytes: charge.bytes,
    };
    wanted.check(quota)?;
    start.component().spend(wanted.bytes, quota)
}
