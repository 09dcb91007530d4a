// SPDX-License-Identifier: GPL-2.0

//! What Sphere keeps in credentials.

use crate::{
    claim::Claim,
    identity::Identity,
    model::{
        grants::Grants,
        record::{
            bare,
            Kind,
            HEADER_SIZE,
            NONE, //
        },
        role::Role, //
    },
    policy, //
};
use kernel::{
    prelude::*,
    sync::{
        rcu::Guard,
        Arc, //
    }, //
};

/// Who a task is. Never changes: a task changes by getting another one.
pub(crate) enum Subject {
    /// One of the kernel's own tasks.
    Kernel,
    /// A task that may give identities.
    Manager,
    /// A component's task.
    Application {
        /// Which component, what is granted to it, and its hold of the uid that it runs under.
        claim: Claim,
        /// The number of its label.
        #[cfg(CONFIG_SECURITY_NETWORK)]
        label: u32,
    },
}

/// Sphere's part of `struct cred`. All zeros is a task without identity.
#[derive(Clone, Zeroable)]
#[repr(C)]
pub(crate) struct Blob {
    /// Who the task is, `None` for no identity.
    pub(crate) subject: Option<Arc<Subject>>,
    /// What the next exec makes of it. Set in managers only.
    pub(crate) pending: Option<Arc<Identity>>,
}

// Every process of the system has one of these.
const _: () = assert!(core::mem::size_of::<Blob>() <= 16);

static BARE_MANAGER: [u8; HEADER_SIZE] = bare(Kind::Manager);

impl Blob {
    /// The blob of the kernel's own tasks.
    ///
    /// # Errors
    ///
    /// `ENOMEM`.
    pub(crate) fn kernel() -> Result<Self> {
        Ok(Self {
            subject: Some(Arc::new(Subject::Kernel, GFP_KERNEL)?),
            pending: None,
        })
    }

    /// What the task is to decisions.
    pub(crate) fn role(&self) -> Role {
        match self.subject.as_deref() {
            None => Role::None,
            Some(Subject::Kernel) => Role::Kernel,
            Some(Subject::Manager) => Role::Manager,
            Some(Subject::Application { claim, .. }) => Role::Application(claim.component().id()),
        }
    }

    /// What the task may have of that which records grant, for as long as `guard` is held; `None`
    /// for all that there is, as the kernel and managers.
    #[inline]
    pub(crate) fn grants<'a>(&'a self, guard: &'a Guard) -> Option<Grants<'a>> {
        let record = match self.subject.as_deref() {
            Some(Subject::Kernel | Subject::Manager) => return None,
            Some(Subject::Application { claim, .. }) => Some(claim.identity().record()),
            None => None,
        };
        Some(policy::grants(record, guard))
    }

    /// Whether both have the very same identity: that of one start of a component, or none.
    pub(crate) fn has_identity_of(&self, other: &Self) -> bool {
        match (self.subject.as_ref(), other.subject.as_ref()) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        }
    }

    /// What the next exec makes of the task, if that has been chosen.
    pub(crate) fn pending_kind(&self) -> Option<Kind> {
        self.pending
            .as_deref()
            .map(|identity| identity.record().kind())
    }

    /// The record of the identity in force.
    pub(crate) fn current_record(&self) -> &[u8] {
        match self.subject.as_deref() {
            Some(Subject::Application { claim, .. }) => claim.identity().record().bytes(),
            Some(Subject::Manager) => &BARE_MANAGER,
            Some(Subject::Kernel) | None => NONE.bytes(),
        }
    }

    /// The record of the pending identity.
    pub(crate) fn pending_record(&self) -> &[u8] {
        match self.pending.as_deref() {
            None => NONE.bytes(),
            Some(identity) if identity.record().kind() == Kind::Manager => &BARE_MANAGER,
            Some(identity) => identity.record().bytes(),
        }
    }
}
