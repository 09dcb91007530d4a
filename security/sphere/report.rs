// SPDX-License-Identifier: GPL-2.0

//! What happens when something was denied: it is counted, and said in the log.
//!
//! Counting loses nothing. The log is for people and has a limit: a task that does nothing but
//! what it must not do does not fill it.

use crate::{
    model::role::Role,
    Sphere, //
};
use kernel::{
    fmt,
    lsm::with_current_blob,
    prelude::*,
    ratelimit::RateLimit,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        SetOnce, //
    },
    time::msecs_to_jiffies, //
};

/// Denials that are said in each [`INTERVAL_MS`].
const BURST: u32 = 10;

/// Milliseconds.
const INTERVAL_MS: u32 = 5000;

/// Which of Sphere's questions was answered with no.
#[derive(Clone, Copy)]
#[repr(usize)]
pub(crate) enum Gate {
    Capability,
    Exec,
    Gpio,
    Mount,
    Mtd,
    Network,
    Peer,
    Storage,
    Syscall,
    Trace,
}

impl Gate {
    /// All of them, by number.
    pub(crate) const ALL: [Self; 10] = [
        Self::Capability,
        Self::Exec,
        Self::Gpio,
        Self::Mount,
        Self::Mtd,
        Self::Network,
        Self::Peer,
        Self::Storage,
        Self::Syscall,
        Self::Trace,
    ];

    /// What it is called in the log and in securityfs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Capability => "capability",
            Self::Exec => "exec",
            Self::Gpio => "gpio",
            Self::Mount => "mount",
            Self::Mtd => "mtd",
            Self::Network => "network",
            Self::Peer => "peer",
            Self::Storage => "storage",
            Self::Syscall => "syscall",
            Self::Trace => "trace",
        }
    }
}

/// Denials since the boot, by [`Gate`].
static COUNTS: [Atomic<u32>; Gate::ALL.len()] = [const { Atomic::new(0) }; Gate::ALL.len()];

/// Unset before [`init`], and when there was no memory for it: nothing is said in the log then.
static LIMIT: SetOnce<Pin<KBox<RateLimit>>> = SetOnce::new();

/// Sets the log's limit up. Without memory for it, denials are counted, and that is all.
pub(crate) fn init() {
    let limit = RateLimit::new(msecs_to_jiffies(INTERVAL_MS), BURST);
    if let Ok(limit) = KBox::pin_init(limit, GFP_KERNEL) {
        LIMIT.populate(limit);
    }
}

/// Reports that the current task was denied `what`, and is told `error`. Can be called in any
/// context in which the current task is the one that asked.
#[cold]
pub(crate) fn denied(gate: Gate, what: fmt::Arguments<'_>, error: Error) {
    COUNTS[gate as usize].fetch_add(1, Relaxed);
    if LIMIT.as_ref().is_some_and(|limit| limit.allows()) {
        with_current_blob::<Sphere, _>(|blob| say(gate, what, error, blob.role()));
    }
}

fn say(gate: Gate, what: fmt::Arguments<'_>, error: Error, role: Role) {
    let pid = current!().pid();
    let errno = error.to_errno();
    let gate = gate.name();
    match role {
        Role::Application(component) => {
            // The model's types know core's traits alone.
            let component = format_args!("{component}");
            pr_notice!("denied: {gate}{what}, pid {pid}, component {component}: errno {errno}\n");
        }
        _ => pr_notice!("denied: {gate}{what}, pid {pid}, {role:?}: errno {errno}\n"),
    }
}

/// Hands on the answer of `gate`, and reports it if that was no.
pub(crate) fn check<T>(gate: Gate, answer: Result<T>) -> Result<T> {
    if let Err(error) = answer {
        denied(gate, fmt!(""), error);
    }
    answer
}

/// How often `gate` has said no since the boot, modulo 2^32.
pub(crate) fn count(gate: Gate) -> u32 {
    COUNTS[gate as usize].load(Relaxed)
}
