// SPDX-License-Identifier: GPL-2.0

//! One component, one uid.
//!
//! Much in Linux is decided by uid. If two components had the same, each could do to the other all
//! that a uid allows; if one had two, what is kept for it under one would be out of its reach under
//! the other.

use crate::{
    cred::{
        Blob,
        Subject, //
    },
    model::uuid::Uuid, //
};
use kernel::{
    cred::Uids,
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Relaxed,
            Release, //
        },
        Arc, //
    },
    task::Kuid, //
};

kernel::sync::global_lock! {
    // SAFETY: `init` is called before the first exec.
    unsafe(uninit) static HOLDINGS: Mutex<Holdings> = Holdings::new();
}

/// Sets the module up. To be called once, from the start of the security module.
pub(crate) fn init() {
    // SAFETY: The caller promises that this is the only call.
    unsafe { HOLDINGS.init() };
}

/// A pair of component and uid.
struct Holding {
    uid: Kuid,
    component: Uuid,
    /// [`Claim`]s that there are. Rises only under the lock of [`HOLDINGS`].
    claims: Atomic<u32>,
}

/// The pairs that are in force, and some that nobody claims any more.
///
/// Credentials are freed where sleeping is not allowed, so the end of a claim cannot take the lock:
/// it only counts down, and the next new claim clears up.
struct Holdings(KVec<Arc<Holding>>);

impl Holdings {
    const fn new() -> Self {
        Self(KVec::new())
    }

    fn claim(&mut self, uid: Kuid, component: Uuid) -> Result<Claim> {
        self.0.retain(|holding| holding.claims.load(Acquire) != 0);
        let conflict = |h: &Holding| (h.uid == uid) != (h.component == component);
        if self.0.iter().any(|holding| conflict(holding)) {
            return Err(EBUSY);
        }
        if let Some(holding) = self.0.iter().find(|holding| holding.uid == uid) {
            holding.claims.fetch_add(1, Relaxed);
            return Ok(Claim(holding.clone()));
        }
        self.0.reserve(1, GFP_KERNEL)?;
        let holding = Arc::new(
            Holding {
                uid,
                component,
                claims: Atomic::new(1),
            },
            GFP_KERNEL,
        )?;
        self.0.push(holding.clone(), GFP_KERNEL)?;
        Ok(Claim(holding))
    }
}

/// A component's hold of a uid. As long as there is one, no other component can have the uid, and
/// the component no other uid.
pub(crate) struct Claim(Arc<Holding>);

impl Claim {
    /// Takes hold of `uid` for `component`. Sleeps.
    ///
    /// # Errors
    ///
    /// - `EBUSY` when another component holds `uid`, or `component` another uid.
    /// - `ENOMEM`.
    pub(crate) fn new(uid: Kuid, component: Uuid) -> Result<Self> {
        HOLDINGS.lock().claim(uid, component)
    }

    /// The uid.
    pub(crate) fn uid(&self) -> Kuid {
        self.0.uid
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.0.claims.fetch_sub(1, Release);
    }
}

/// The uid of a task that has but one.
pub(crate) fn sole_uid(uids: &Uids) -> Option<Kuid> {
    let others = [uids.euid, uids.suid, uids.fsuid];
    others
        .iter()
        .all(|other| *other == uids.uid)
        .then_some(uids.uid)
}

/// Refuses to let a component change its uid.
///
/// # Errors
///
/// `EPERM`.
pub(crate) fn keep_uid(blob: &Blob, new: &Uids) -> Result {
    match blob.subject.as_deref() {
        Some(Subject::Application { claim, .. }) if sole_uid(new) != Some(claim.0.uid) => {
            Err(EPERM)
        }
        _ => Ok(()),
    }
}

#[cfg(CONFIG_SECURITY_SPHERE_KUNIT_TEST)]
#[kunit_tests(sphere_claim)]
mod tests {
    use super::*;
    use kernel::bindings;

    const A: Uuid = Uuid([0xa; 16]);
    const B: Uuid = Uuid([0xb; 16]);

    fn uid(val: u32) -> Kuid {
        Kuid::from_raw(bindings::kuid_t { val })
    }

    #[test]
    fn a_uid_has_one_component() {
        let mut holdings = Holdings::new();
        let _a = holdings.claim(uid(1001), A).unwrap();
        assert_eq!(holdings.claim(uid(1001), B).err(), Some(EBUSY));
    }

    #[test]
    fn a_component_has_one_uid() {
        let mut holdings = Holdings::new();
        let _a = holdings.claim(uid(1001), A).unwrap();
        assert_eq!(holdings.claim(uid(1002), A).err(), Some(EBUSY));
    }

    #[test]
    fn components_with_their_own_uids_coexist() {
        let mut holdings = Holdings::new();
        let _a = holdings.claim(uid(1001), A).unwrap();
        assert!(holdings.claim(uid(1002), B).is_ok());
    }

    #[test]
    fn a_component_may_claim_its_uid_again() {
        let mut holdings = Holdings::new();
        let first = holdings.claim(uid(1001), A).unwrap();
        let second = holdings.claim(uid(1001), A).unwrap();
        drop(first);
        assert_eq!(holdings.claim(uid(1001), B).err(), Some(EBUSY));
        drop(second);
        assert!(holdings.claim(uid(1001), B).is_ok());
    }

    #[test]
    fn ended_claims_leave_nothing_behind() {
        let mut holdings = Holdings::new();
        for i in 0..100 {
            drop(holdings.claim(uid(i), A).unwrap());
        }
        assert_eq!(holdings.0.len(), 1);
    }
}
