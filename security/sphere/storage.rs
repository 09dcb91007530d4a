// SPDX-License-Identifier: GPL-2.0

//! Storage on flash: how much a component has there, and how much it writes.

use crate::{
    cred::Subject,
    model::{
        storage,
        uuid::Uuid, //
    },
    Sphere, //
};
use kernel::{
    lsm::{
        Context,
        InodeCharge, //
    },
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc, //
    }, //
};

kernel::sync::global_lock! {
    // SAFETY: `init` is called before the first exec.
    unsafe(uninit) static WRITTEN: Mutex<KVec<Arc<Written>>> = KVec::new();
}

/// Sets the module up. To be called once, from the start of the security module.
pub(crate) fn init() {
    // SAFETY: The caller promises that this is the only call.
    unsafe { WRITTEN.init() };
}

/// The bytes that reached the flash on behalf of a component since the boot.
///
/// Stays when the component ends, or it would get a new budget by ending. There is one for each
/// component that was ever started with storage, and only managers start components.
pub(crate) struct Written {
    component: Uuid,
    bytes: Atomic<u64>,
}

impl Written {
    /// That of `component`. Sleeps.
    ///
    /// # Errors
    ///
    /// `ENOMEM`.
    pub(crate) fn of(component: Uuid) -> Result<Arc<Self>> {
        let mut all = WRITTEN.lock();
        if let Some(written) = all.iter().find(|written| written.component == component) {
            return Ok(written.clone());
        }
        all.reserve(1, GFP_KERNEL)?;
        let written = Arc::new(
            Self {
                component,
                bytes: Atomic::new(0),
            },
            GFP_KERNEL,
        )?;
        all.push(written.clone(), GFP_KERNEL)?;
        Ok(written)
    }

    /// Counts `bytes` against the budget that goes with a quota of `storage` bytes.
    fn spend(&self, bytes: u64, storage: u64) -> Result {
        let mut spent = self.bytes.load(Relaxed);
        loop {
            let next = storage::spend(spent, bytes, storage).ok_or(EDQUOT)?;
            match self.bytes.cmpxchg(spent, next, Relaxed) {
                Ok(_) => return Ok(()),
                Err(now) => spent = now,
            }
        }
    }
}

/// Decides whether the current task may write to a file system on flash.
///
/// # Errors
///
/// `EDQUOT`.
pub(crate) fn charge(lsm: &Context<Sphere>, charge: &InodeCharge) -> Result {
    match lsm.current_blob().subject.as_deref() {
        Some(Subject::Kernel | Subject::Manager) => Ok(()),
        Some(Subject::Application {
            identity,
            claim,
            written: Some(written),
            ..
        }) => {
            let quota = identity.record().storage_bytes();
            let wanted = storage::Charge {
                own: charge.owner == claim.uid(),
                used: charge.used,
                growth: charge.growth,
                bytes: charge.bytes,
            };
            if !wanted.fits(quota) {
                return Err(EDQUOT);
            }
            written.spend(wanted.bytes, quota)
        }
        Some(Subject::Application { written: None, .. }) | None => Err(EDQUOT),
    }
}
