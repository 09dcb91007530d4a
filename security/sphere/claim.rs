// SPDX-License-Identifier: GPL-2.0

//! One component, one uid.
//!
//! Much in Linux is decided by uid. If two components had the same, each could do to the other all
//! that a uid allows; if one had two, what is kept for it under one would be out of its reach under
//! the other.

use crate::{
    component::Component,
    cred::{
        Blob,
        Subject, //
    },
    identity::Identity,
    model::gate::Gate,
    policy,
    report::denied_anyway, //
};
use core::ops::Deref;
use kernel::{
    cred::Uids,
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Release, //
        },
        rcu,
        Arc, //
    },
    task::Kuid,
    time::{
        delay::fsleep,
        Delta, //
    }, //
};

/// How often to look again whether a hold is left. That of a task which was waited for goes with
/// its credentials, by three callbacks of RCU, each of which queues the next. The first is queued
/// when the task has left its CPU for the last time: who waits has to let it run.
const PATIENCE: u32 = 10;

/// How long it is let run between.
const PAUSE: Delta = Delta::from_millis(1);

kernel::sync::global_lock! {
    // SAFETY: `init` is called before the first exec.
    unsafe(uninit) static STARTS: Mutex<Starts> = Starts::new();
}

/// Sets the module up. To be called once, from the start of the security module.
pub(crate) fn init() {
    // SAFETY: The caller promises that this is the only call.
    unsafe { STARTS.init() };
}

/// One start of a component: the tasks that descend from one exec.
pub(crate) struct Start {
    uid: Kuid,
    identity: Arc<Identity>,
    component: Arc<Component>,
    /// Whether any of them is left.
    lives: Atomic<bool>,
}

impl Start {
    /// The uid that its tasks run under.
    pub(crate) fn uid(&self) -> Kuid {
        self.uid
    }

    /// What is granted to it.
    pub(crate) fn identity(&self) -> &Arc<Identity> {
        &self.identity
    }

    /// What is counted for it.
    pub(crate) fn component(&self) -> &Component {
        &self.component
    }
}

/// The starts that live, and some that do not any more.
///
/// Credentials are freed where sleeping is not allowed, so the end of a start cannot take the lock:
/// it only says so, and who comes next clears up.
struct Starts(KVec<Arc<Start>>);

impl Starts {
    const fn new() -> Self {
        Self(KVec::new())
    }

    fn clear_up(&mut self) {
        self.0.retain(|start| start.lives.load(Acquire));
    }

    fn claim(
        &mut self,
        uid: Kuid,
        identity: Arc<Identity>,
        component: Arc<Component>,
    ) -> Result<Claim> {
        self.clear_up();
        let id = component.id();
        let conflict = |start: &Start| (start.uid == uid) != (start.component.id() == id);
        if self.0.iter().any(|start| conflict(start)) {
            return Err(EBUSY);
        }
        self.0.reserve(1, GFP_KERNEL)?;
        let start = Arc::new(
            Start {
                uid,
                identity,
                component,
                lives: Atomic::new(true),
            },
            GFP_KERNEL,
        )?;
        self.0.push(start.clone(), GFP_KERNEL)?;
        Ok(Claim(start))
    }
}

/// A component's hold of a uid. As long as there is one, no other component can have the uid, and
/// the component no other uid.
pub(crate) struct Claim(Arc<Start>);

impl Claim {
    /// Takes hold of `uid` for the component of `identity`. Sleeps, for some milliseconds and grace
    /// periods of RCU if it is held: those who held it may have ended.
    ///
    /// # Errors
    ///
    /// - `EBUSY` when another component holds `uid`, or the component another uid.
    /// - `ENOMEM`.
    pub(crate) fn new(uid: Kuid, identity: Arc<Identity>) -> Result<Self> {
        let component = Component::of(identity.record().component(), policy::reports)?;
        let claim = || {
            STARTS
                .lock()
                .claim(uid, identity.clone(), component.clone())
        };
        for _ in 0..PATIENCE {
            match claim() {
                Err(error) if error == EBUSY => {
                    rcu::rcu_barrier();
                    fsleep(PAUSE);
                }
                decided => return decided,
            }
        }
        claim()
    }
}

impl Deref for Claim {
    type Target = Start;

    fn deref(&self) -> &Start {
        &self.0
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.0.lives.store(false, Release);
    }
}

/// The starts that live, in their order.
///
/// # Errors
///
/// `ENOMEM`.
pub(crate) fn starts() -> Result<KVec<Arc<Start>>> {
    let mut starts = STARTS.lock();
    starts.clear_up();
    let mut all = KVec::with_capacity(starts.0.len(), GFP_KERNEL)?;
    for start in &starts.0 {
        all.push(start.clone(), GFP_KERNEL)?;
    }
    Ok(all)
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
        Some(Subject::Application { claim, .. }) if sole_uid(new) != Some(claim.uid) => Err(
            denied_anyway(Gate::Exec, format_args!("-"), "setuid", "uid-kept", EPERM),
        ),
        _ => Ok(()),
    }
}

#[cfg(CONFIG_SECURITY_SPHERE_KUNIT_TEST)]
#[kunit_tests(sphere_claim)]
mod tests {
    use super::*;
    use crate::model::uuid::Uuid;
    use kernel::bindings;

    const A: Uuid = Uuid([0xa; 16]);
    const B: Uuid = Uuid([0xb; 16]);

    fn uid(val: u32) -> Kuid {
        Kuid::from_raw(bindings::kuid_t { val })
    }

    fn claim(starts: &mut Starts, uid: Kuid, id: Uuid) -> Result<Claim> {
        let component = Component::of(id, policy::reports)?;
        starts.claim(uid, Identity::of_component(id)?, component)
    }

    #[test]
    fn a_uid_has_one_component() {
        let mut starts = Starts::new();
        let _a = claim(&mut starts, uid(1001), A).unwrap();
        assert_eq!(claim(&mut starts, uid(1001), B).err(), Some(EBUSY));
    }

    #[test]
    fn a_component_has_one_uid() {
        let mut starts = Starts::new();
        let _a = claim(&mut starts, uid(1001), A).unwrap();
        assert_eq!(claim(&mut starts, uid(1002), A).err(), Some(EBUSY));
    }

    #[test]
    fn components_with_their_own_uids_coexist() {
        let mut starts = Starts::new();
        let _a = claim(&mut starts, uid(1001), A).unwrap();
        assert!(claim(&mut starts, uid(1002), B).is_ok());
    }

    #[test]
    fn a_component_may_claim_its_uid_again() {
        let mut starts = Starts::new();
        let first = claim(&mut starts, uid(1001), A).unwrap();
        let second = claim(&mut starts, uid(1001), A).unwrap();
        drop(first);
        assert_eq!(claim(&mut starts, uid(1001), B).err(), Some(EBUSY));
        drop(second);
        assert!(claim(&mut starts, uid(1001), B).is_ok());
    }

    #[test]
    fn ended_claims_leave_nothing_behind() {
        let mut starts = Starts::new();
        for i in 0..100 {
            drop(claim(&mut starts, uid(i), A).unwrap());
        }
        assert_eq!(starts.0.len(), 1);
    }
}
