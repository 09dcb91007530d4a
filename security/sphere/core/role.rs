// SPDX-License-Identifier: GPL-2.0

//! What a task is to Sphere, and the decisions that need to know nothing else.

use super::{record::Kind, uuid::Uuid};
use core::fmt;

/// What a task is to Sphere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The kernel's own tasks, and PID 1 until its first exec.
    Kernel,
    /// May give identities. PID 1 starts as this.
    Manager,
    /// One component of the device.
    Application(Uuid),
    /// No identity: compute and RAM.
    None,
}

/// The word for it in reports.
impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kernel => f.write_str("kernel"),
            Self::Manager => f.write_str("manager"),
            Self::Application(component) => write!(f, "{component}"),
            Self::None => f.write_str("none"),
        }
    }
}

/// What an exec makes of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transition {
    /// It stays what it is.
    Keep,
    /// It loses what it was.
    BecomeNone,
    /// It becomes the manager: PID 1, once.
    BecomeManager,
    /// Its pending identity comes into force.
    BecomePending,
}

impl Role {
    /// What `exec` makes of a task that has this role. `pending` is the kind of its pending
    /// identity, `is_init` whether it is PID 1 of the machine.
    pub fn at_exec(self, pending: Option<Kind>, is_init: bool) -> Transition {
        match (self, pending) {
            (Self::Kernel, _) if is_init => Transition::BecomeManager,
            // A usermode helper.
            (Self::Kernel, _) => Transition::BecomeNone,
            (Self::Manager, Some(Kind::Manager)) => Transition::Keep,
            (Self::Manager, Some(Kind::Application)) => Transition::BecomePending,
            (Self::Manager, _) => Transition::BecomeNone,
            (Self::Application(_) | Self::None, _) => Transition::Keep,
        }
    }

    /// Whether it may choose the identity of what it executes next.
    pub fn may_give_identity(self) -> bool {
        self == Self::Manager
    }

    /// Whether it may read the identity of a task that has the role `other`.
    pub fn may_see(self, other: Self) -> bool {
        matches!(self, Self::Kernel | Self::Manager) || self == other
    }

    /// Whether Linux' own capabilities have an effect in it.
    ///
    /// Each stands for many things. What an application is to have of them is granted one by one.
    pub fn may_use_capabilities(self) -> bool {
        matches!(self, Self::Kernel | Self::Manager)
    }

    /// Whether it may call the system calls that are for the manager alone.
    pub fn may_use_restricted_syscalls(self) -> bool {
        matches!(self, Self::Kernel | Self::Manager)
    }

    /// Whether it may read and replace the policy, and see what has been denied to others.
    pub fn may_govern(self) -> bool {
        matches!(self, Self::Kernel | Self::Manager)
    }

    /// Whether it may use GPIO lines that a task with the role `other` requested.
    ///
    /// Lines belong to the component that got them. A manager's are for managers: an application
    /// that inherits their file has not been granted them.
    pub fn may_use_lines_of(self, other: Self) -> bool {
        match self {
            Self::Kernel | Self::Manager => true,
            Self::Application(_) => self == other,
            Self::None => false,
        }
    }

    /// Whether it may use, where its own rules allow that, a socket to the network that was made by
    /// who has the role `other`.
    pub fn may_use_sockets_of(self, other: Self) -> bool {
        matches!(other, Self::Kernel | Self::Manager) || self == other
    }

    /// Whether it may look into, or take over, a task that has the role `other`.
    ///
    /// A tracer can make its tracee do anything, so it must be able to do all that already.
    pub fn may_trace(self, other: Self) -> bool {
        matches!(self, Self::Kernel | Self::Manager) || self == other
    }

    /// Whether it may make its parent, which has the role `other`, its tracer.
    ///
    /// The parent has not asked for it. A manager would have to deal with the stops of a task that
    /// does not want to end, and one that is about to become somebody else would keep its tracee.
    pub fn may_appoint_tracer(self, other: Self) -> bool {
        self == other
    }
}
