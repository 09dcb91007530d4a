// SPDX-License-Identifier: GPL-2.0

//! Who may talk to whom on the device.

use super::{
    grants::Grants,
    role::Role,
    uuid::Uuid, //
};

/// One side of a channel.
#[derive(Clone, Copy, Debug)]
pub enum Party<'a> {
    /// The kernel.
    Kernel,
    /// A manager.
    Manager,
    /// A component, and what is granted to it.
    Application(Uuid, Grants<'a>),
    /// A task without identity.
    None,
}

impl Party<'_> {
    /// Whether it and `other` may talk to each other. Both have to want it.
    ///
    /// The kernel and managers talk to everybody: what they say and answer is theirs to decide,
    /// and they can learn who asks. A component talks to its own tasks, and to those components
    /// that it lists and that list it. A task without identity has no peers but its like.
    pub fn may_talk(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Kernel | Self::Manager, _) | (_, Self::Kernel | Self::Manager) => true,
            (Self::Application(a, one), Self::Application(b, other)) => {
                a == b || (one.lists(*b) && other.lists(*a))
            }
            (Self::None, Self::None) => true,
            (Self::Application(..), Self::None) | (Self::None, Self::Application(..)) => false,
        }
    }

    /// What it is to decisions that need to know nothing else.
    pub fn role(&self) -> Role {
        match self {
            Self::Kernel => Role::Kernel,
            Self::Manager => Role::Manager,
            Self::Application(component, _) => Role::Application(*component),
            Self::None => Role::None,
        }
    }
}

/// Whether a task that has the role `current` may connect a socket that `maker` has made.
///
/// The other side sees the connection in the name of one of the two. If they differed, one could
/// speak in the other's name, with a socket that it has kept. User space has no hold of what the
/// kernel has made for itself.
pub fn may_connect(current: Role, maker: Role) -> bool {
    maker == Role::Kernel || maker == current
}
