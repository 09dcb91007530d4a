// SPDX-License-Identifier: GPL-2.0

//! Whom a debugger may trace, in development mode.

use super::{
    capability::{
        Capability,
        CapabilitySet, //
    },
    role::Role, //
};

/// Who traces, or is to be traced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Party {
    /// What it is.
    pub role: Role,
    /// Its extended capabilities. Of who is to be traced, also those that only the policy in force
    /// takes away: it can get them back while it is traced.
    pub capabilities: CapabilitySet,
}

/// Why a task may not be traced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is another, and the one who asks is no debugger, or it is no application.
    Identity,
    /// It has extended capabilities that the debugger has not.
    Capabilities,
    /// One of its open files was to be taken. What a tracer does ends with the tracing; what it has
    /// taken does not.
    File,
}

impl Refusal {
    /// The word for it in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identity => "other-identity",
            Self::Capabilities => "capabilities",
            Self::File => "file",
        }
    }
}

impl Party {
    /// Whether it is a debugger. Who has no identity is none, whatever it is granted.
    pub fn is_debugger(&self) -> bool {
        matches!(self.role, Role::Application(_)) && self.capabilities.contains(Capability::Debug)
    }

    /// Decides whether it may trace `other`, which is not the same component, while the mode is
    /// development. `takes_file` is whether that is for one of the open files of `other`.
    ///
    /// A tracer can make its tracee do anything. That is what a debugger is for, where it is about
    /// what the tracee was granted of the device; but managers can do everything, a task without
    /// identity can be root by uid, and extended capabilities reach beyond those who have them.
    ///
    /// # Errors
    ///
    /// The reason against it.
    pub fn may_debug(&self, other: &Self, takes_file: bool) -> Result<(), Refusal> {
        if !self.is_debugger() || !matches!(other.role, Role::Application(_)) {
            return Err(Refusal::Identity);
        }
        if !other.capabilities.is_within(self.capabilities) {
            return Err(Refusal::Capabilities);
        }
        if takes_file {
            return Err(Refusal::File);
        }
        Ok(())
    }
}
