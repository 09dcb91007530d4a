// SPDX-License-Identifier: GPL-2.0

//! The policy in force, the mode, and the lock.
//!
//! A policy is replaced as a whole: who decides sees the one or the other.

use crate::{
    answer::allow_if,
    component,
    debug,
    identity::GATES,
    model::{
        gate::Gate,
        grants::Grants,
        mode::Mode,
        policy::{
            self,
            PolicyError,
            Reason,
            Settings,
            Statement,
            DEFAULT,
            STATEMENTS_MAX, //
        },
        record::Record,
        uuid::Uuid, //
    }, //
};
use core::{
    ops::Deref,
    str, //
};
use kernel::{
    ffi::c_int,
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Relaxed,
            Release, //
        },
        rcu::{
            self,
            Guard, //
        },
        rcu_arc::RcuArc,
        Arc, //
    },
};

/// A policy: its text, and what is in it.
struct Policy {
    text: KVec<u8>,
    settings: Settings,
    statements: KVec<Statement>,
}

impl Policy {
    fn view(&self) -> policy::Policy<'_> {
        policy::Policy {
            text: &self.text,
            settings: self.settings,
            statements: &self.statements,
        }
    }
}

/// Nothing stands for [`DEFAULT`].
static POLICY: RcuArc<Policy> = RcuArc::empty();
/// The number of the mode.
static MODE: Atomic<u32> = Atomic::new(Mode::Enforcing as u32);
static IS_LOCKED: Atomic<bool> = Atomic::new(false);
/// Whether there has ever been another policy, or permissive mode.
static HAS_CHANGED: Atomic<bool> = Atomic::new(false);

kernel::sync::global_lock! {
    // SAFETY: `init` is called before the first exec.
    unsafe(uninit) static CHANGES: Mutex<Changes> = Changes { error: None };
}

/// Held by who changes anything here: whether it may depends on what else changes.
struct Changes {
    /// Why the last policy was refused, if it was.
    error: Option<PolicyError>,
}

/// Sets the module up. To be called once, from the start of the security module.
pub(crate) fn init() {
    // SAFETY: The caller promises that this is the only call.
    unsafe { CHANGES.init() };
    if cfg!(CONFIG_SECURITY_SPHERE_LOCKED) || is_locked_by_command_line() {
        IS_LOCKED.store(true, Relaxed);
    }
}

fn is_locked_by_command_line() -> bool {
    extern "C" {
        static sphere_lock_at_boot: c_int;
    }
    // SAFETY: It is set before security modules are, and never afterwards.
    unsafe { sphere_lock_at_boot != 0 }
}

/// Why a policy is not taken.
enum Refused {
    /// It is wrong.
    Policy(PolicyError),
    /// This failed.
    Kernel(Error),
}

impl<E: Into<Error>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Kernel(error.into())
    }
}

/// Replaces the policy. Sleeps.
///
/// # Errors
///
/// The old one stays then.
///
/// - `EINVAL` when it is wrong, `EFBIG` when it is too large, `EOPNOTSUPP` when this kernel cannot
///   enforce what it says; [`write_error`] says where.
/// - `EPERM` when it allows more than the one in force, and that one is locked.
/// - `ENOMEM`.
pub(crate) fn replace(text: &[u8]) -> Result {
    let mut changes = CHANGES.lock();
    match read(text).and_then(narrows) {
        Ok(new) => {
            changes.error = None;
            let reports = new.settings.reports;
            HAS_CHANGED.store(true, Relaxed);
            POLICY.replace(Some(new));
            component::limit_reports(reports);
            pr_info!("the policy was replaced\n");
            Ok(())
        }
        Err(Refused::Kernel(error)) => {
            changes.error = None;
            Err(error)
        }
        Err(Refused::Policy(error)) => {
            changes.error = Some(error);
            Err(match error.reason {
                Reason::TooLarge => EFBIG,
                Reason::Unenforced => EOPNOTSUPP,
                Reason::Wider => EPERM,
                _ => EINVAL,
            })
        }
    }
}

fn read(text: &[u8]) -> Result<Arc<Policy>, Refused> {
    let mut copy = KVec::with_capacity(text.len(), GFP_KERNEL)?;
    copy.extend_from_slice(text, GFP_KERNEL)?;
    let mut statements = KVec::new();
    let mut failed = None;
    let settings = policy::whole_text(&copy).and_then(|text| {
        policy::parse(text, &mut |statement| {
            if statements.len() == STATEMENTS_MAX {
                return Err(Reason::TooMany);
            }
            if !GATES.enforce_grant(statement.grant) {
                return Err(Reason::Unenforced);
            }
            if let Err(error) = statements.push(statement, GFP_KERNEL) {
                failed = Some(error);
                return Err(Reason::TooMany);
            }
            Ok(())
        })
    });
    if let Some(error) = failed {
        return Err(error.into());
    }
    let policy = Policy {
        text: copy,
        settings: settings.map_err(Refused::Policy)?,
        statements,
    };
    Ok(Arc::new(policy, GFP_KERNEL)?)
}

/// Refuses, if the policy is locked, what is not within the one in force. The caller has the lock
/// of [`CHANGES`].
fn narrows(new: Arc<Policy>) -> Result<Arc<Policy>, Refused> {
    let guard = rcu::read_lock();
    let old = POLICY.read(&guard).map_or(
        policy::Policy {
            text: DEFAULT.as_bytes(),
            settings: Settings::DEFAULT,
            statements: &[],
        },
        Policy::view,
    );
    if is_locked() && !new.view().is_within(&old) {
        return Err(Refused::Policy(PolicyError {
            line: 0,
            reason: Reason::Wider,
        }));
    }
    Ok(new)
}

/// Calls `write`, which must not sleep, with the text of the policy in force.
pub(crate) fn with_text(write: &dyn Fn(&str)) {
    let guard = rcu::read_lock();
    let text = POLICY
        .read(&guard)
        .and_then(|policy| str::from_utf8(&policy.text).ok());
    write(text.unwrap_or(DEFAULT));
}

/// Calls `write`, which must not sleep, with the words of each statement of the policy in force
/// that is about a component, from the verb on.
pub(crate) fn with_statements(component: Uuid, write: &dyn Fn(&str)) {
    let guard = rcu::read_lock();
    let Some(policy) = POLICY.read(&guard) else {
        return;
    };
    for words in policy.view().said_of(component) {
        write(str::from_utf8(words).unwrap_or(""));
    }
}

/// Why the last policy was refused; `None` when it was not.
pub(crate) fn last_error() -> Option<PolicyError> {
    CHANGES.lock().error
}

/// Whether this kernel has a mode.
const fn has_mode(mode: Mode) -> bool {
    match mode {
        Mode::Enforcing => true,
        Mode::Permissive => cfg!(CONFIG_SECURITY_SPHERE_PERMISSIVE),
        Mode::Development => cfg!(CONFIG_SECURITY_SPHERE_DEVELOPMENT),
    }
}

#[inline]
fn is_mode(mode: Mode) -> bool {
    has_mode(mode) && MODE.load(Relaxed) == mode as u32
}

/// Whether what is denied is let pass, and reported all the same.
pub(crate) fn is_permissive() -> bool {
    is_mode(Mode::Permissive)
}

/// Whether debuggers may trace other applications.
pub(crate) fn is_development() -> bool {
    is_mode(Mode::Development)
}

/// The mode.
pub(crate) fn mode() -> Mode {
    if is_permissive() {
        Mode::Permissive
    } else if is_development() {
        Mode::Development
    } else {
        Mode::Enforcing
    }
}

/// Chooses the mode.
///
/// # Errors
///
/// - `EOPNOTSUPP` for a mode that this kernel does not have.
/// - `EPERM` for another than enforcing when the policy is locked.
pub(crate) fn set_mode(mode: Mode) -> Result {
    let _changes = CHANGES.lock();
    allow_if(has_mode(mode), EOPNOTSUPP)?;
    allow_if(mode == Mode::Enforcing || !is_locked(), EPERM)?;
    if mode == Mode::Permissive {
        // What is got by it will have to be asked about.
        HAS_CHANGED.store(true, Relaxed);
    }
    switch(mode);
    Ok(())
}

/// Brings `mode` into force. The caller has the lock of [`CHANGES`].
fn switch(mode: Mode) {
    let was_development = is_development();
    MODE.store(mode as u32, Relaxed);
    // Nobody asks a tracer again who has one.
    if was_development && mode != Mode::Development {
        debug::end_debuggers();
    }
}

/// Whether the policy can only become narrower until the next boot.
pub(crate) fn is_locked() -> bool {
    IS_LOCKED.load(Acquire)
}

/// Locks the policy until the next boot, in enforcing mode.
pub(crate) fn lock() {
    let _changes = CHANGES.lock();
    switch(Mode::Enforcing);
    IS_LOCKED.store(true, Release);
}

/// Whether policy and mode have always been those of the boot, so that all that was allowed once
/// still is.
#[inline]
pub(crate) fn is_settled() -> bool {
    !HAS_CHANGED.load(Relaxed)
}

/// Whether `gate` lets everything pass.
pub(crate) fn is_off(gate: Gate) -> bool {
    let guard = rcu::read_lock();
    POLICY
        .read(&guard)
        .is_some_and(|policy| policy.settings.off.contains(gate))
}

/// The limit of what is reported.
pub(crate) fn reports() -> policy::Reports {
    let guard = rcu::read_lock();
    POLICY
        .read(&guard)
        .map_or(Settings::DEFAULT, |policy| policy.settings)
        .reports
}

/// What a record, or having none, grants under the policy in force.
#[inline]
pub(crate) fn grants<'a, B>(record: Option<&'a Record<B>>, guard: &'a Guard) -> Grants<'a>
where
    B: Deref<Target = [u8]>,
{
    if is_settled() {
        return record.map_or(Grants::NOTHING, Grants::from);
    }
    changed_grants(record.map(Record::as_slice), guard)
}

#[inline(never)]
fn changed_grants<'a>(record: Option<Record<&'a [u8]>>, guard: &'a Guard) -> Grants<'a> {
    match POLICY.read(guard) {
        Some(policy) => Grants::new(record, &policy.text, &policy.statements),
        None => Grants::new(record, &[], &[]),
    }
}

/// Whether the policy in force takes `peer` away from `component`.
pub(crate) fn denies_peer(component: Uuid, peer: Uuid, guard: &Guard) -> bool {
    POLICY
        .read(guard)
        .is_some_and(|policy| policy.view().denies_peer(component, peer))
}
