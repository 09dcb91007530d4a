// SPDX-License-Identifier: GPL-2.0

//! What is counted for a component, as long as the machine runs.
//!
//! It stays when the component ends: otherwise it would get a new wear budget by ending, and nobody
//! could tell why it did. There is one for each component that was ever started, and only managers
//! start components.

use crate::model::{
    gate::Gate,
    policy::Reports,
    storage,
    uuid::Uuid, //
};
use kernel::{
    prelude::*,
    ratelimit::RateLimit,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc,
        SetOnce, //
    },
    time::{
        msecs_to_jiffies,
        Jiffies, //
    }, //
};

kernel::sync::global_lock! {
    // SAFETY: `init` is called before the first exec.
    unsafe(uninit) static COMPONENTS: Mutex<KVec<Arc<Component>>> = KVec::new();
}

/// What is counted for managers and the kernel.
static MANAGERS: SetOnce<Arc<Component>> = SetOnce::new();
/// What is counted for tasks without identity, which do not hide what managers do.
static NOBODY: SetOnce<Arc<Component>> = SetOnce::new();

/// Sets the module up. To be called once, from the start of the security module. Without memory
/// for it, nothing is reported of tasks that belong to no component.
pub(crate) fn init() {
    // SAFETY: The caller promises that this is the only call.
    unsafe { COMPONENTS.init() };
    for others in &[&MANAGERS, &NOBODY] {
        if let Ok(component) = Component::new(Uuid::NIL, Reports::DEFAULT) {
            others.populate(component);
        }
    }
}

/// What is counted for one component.
#[pin_data]
pub(crate) struct Component {
    id: Uuid,
    /// Denials since the boot, by [`Gate`], modulo 2^32.
    denied: [Atomic<u32>; Gate::ALL.len()],
    /// Denials that were not said since the last that was.
    unsaid: Atomic<u32>,
    /// Denials that were not said since the boot, modulo 2^32.
    missed: Atomic<u32>,
    /// Bytes that reached the flash on its behalf since the boot.
    written: Atomic<u64>,
    #[pin]
    limit: RateLimit,
}

fn interval_of(reports: Reports) -> Jiffies {
    // At least one: with none, there would be no limit.
    msecs_to_jiffies(reports.interval).max(1)
}

impl Component {
    fn new(id: Uuid, reports: Reports) -> Result<Arc<Self>> {
        Arc::pin_init(
            pin_init!(Self {
                id,
                denied: [const { Atomic::new(0) }; Gate::ALL.len()],
                unsaid: Atomic::new(0),
                missed: Atomic::new(0),
                written: Atomic::new(0),
                limit <- RateLimit::new(interval_of(reports), reports.count),
            }),
            GFP_KERNEL,
        )
    }

    /// That of the component `id`. Sleeps. `reports` is the limit for a new one.
    ///
    /// # Errors
    ///
    /// `ENOMEM`.
    pub(crate) fn of(id: Uuid, reports: fn() -> Reports) -> Result<Arc<Self>> {
        let mut all = COMPONENTS.lock();
        if let Some(component) = all.iter().find(|component| component.id == id) {
            return Ok(component.clone());
        }
        all.reserve(1, GFP_KERNEL)?;
        let component = Self::new(id, reports())?;
        all.push(component.clone(), GFP_KERNEL)?;
        Ok(component)
    }

    /// What is counted for managers and the kernel. `None` when there was no memory for it.
    pub(crate) fn managers() -> Option<&'static Self> {
        MANAGERS.as_ref().map(|others| &**others)
    }

    /// What is counted for tasks without identity. `None` when there was no memory for it.
    pub(crate) fn nobody() -> Option<&'static Self> {
        NOBODY.as_ref().map(|others| &**others)
    }

    /// Which component it is.
    pub(crate) fn id(&self) -> Uuid {
        self.id
    }

    /// Counts a denial.
    pub(crate) fn count(&self, gate: Gate) {
        if let Some(count) = self.denied.get(gate as usize) {
            count.fetch_add(1, Relaxed);
        }
    }

    /// How often `gate` has denied it something since the boot, modulo 2^32.
    pub(crate) fn denials(&self, gate: Gate) -> u32 {
        self.denied
            .get(gate as usize)
            .map_or(0, |count| count.load(Relaxed))
    }

    /// Whether a denial may be said, and then how many before it were not.
    pub(crate) fn may_say(&self) -> Option<u32> {
        if self.limit.allows() {
            return Some(self.unsaid.xchg(0, Relaxed));
        }
        self.unsaid.fetch_add(1, Relaxed);
        self.missed.fetch_add(1, Relaxed);
        None
    }

    /// Denials that were not said since the boot, modulo 2^32.
    pub(crate) fn missed(&self) -> u32 {
        self.missed.load(Relaxed)
    }

    /// Bytes that reached the flash on its behalf since the boot.
    pub(crate) fn written(&self) -> u64 {
        self.written.load(Relaxed)
    }

    /// Counts `bytes` against the wear budget that goes with a quota of `storage` bytes.
    ///
    /// # Errors
    ///
    /// [`storage::Refusal::Wear`]; nothing is counted then.
    pub(crate) fn spend(&self, bytes: u64, storage: u64) -> Result<(), storage::Refusal> {
        let mut spent = self.written.load(Relaxed);
        loop {
            let next = storage::spend(spent, bytes, storage).ok_or(storage::Refusal::Wear)?;
            match self.written.cmpxchg(spent, next, Relaxed) {
                Ok(_) => return Ok(()),
                Err(now) => spent = now,
            }
        }
    }
}

/// Changes the limit of what is reported of each component. Sleeps.
#[cfg(CONFIG_SECURITY_SPHERE_POLICY)]
pub(crate) fn limit_reports(reports: Reports) {
    let all = COMPONENTS.lock();
    let change = |component: &Component| component.limit.set(interval_of(reports), reports.count);
    all.iter().for_each(|component| change(component));
    let others = [Component::managers(), Component::nobody()];
    others.into_iter().flatten().for_each(change);
}
