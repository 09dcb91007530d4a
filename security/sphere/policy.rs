// SPDX-License-Identifier: GPL-2.0

//! The policy in force.
//!
//! A policy is replaced as a whole: who decides sees the one or the other.

use crate::{
    component,
    identity::GATES,
    mode,
    model::{
        gate::Gate,
        grants::Grants,
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
    prelude::*,
    sync::{
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

kernel::sync::global_lock! {
    /// Why the last policy was refused, if it was. Taken when [`mode::CHANGES`] is.
    // SAFETY: `init` is called before the first exec.
    unsafe(uninit) static ERROR: Mutex<Option<PolicyError>> = None;
}

/// Sets the module up. To be called once, from the start of the security module.
pub(crate) fn init() {
    // SAFETY: The caller promises that this is the only call.
    unsafe { ERROR.init() };
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
    let _changes = mode::CHANGES.lock();
    let mut error = ERROR.lock();
    *error = None;
    match read(text).and_then(narrows) {
        Ok(new) => {
            let reports = new.settings.reports;
            mode::unsettle();
            POLICY.replace(Some(new));
            component::limit_reports(reports);
            pr_info!("the policy was replaced\n");
            Ok(())
        }
        Err(Refused::Kernel(error)) => Err(error),
        Err(Refused::Policy(refused)) => {
            *error = Some(refused);
            Err(match refused.reason {
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
/// of [`mode::CHANGES`].
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
    if mode::is_locked() && !new.view().is_within(&old) {
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
    *ERROR.lock()
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
    if mode::is_settled() {
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
