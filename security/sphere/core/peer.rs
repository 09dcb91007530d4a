// SPDX-License-Identifier: GPL-2.0

//! Who may talk to whom on the device.

use super::{record::Record, role::Role, uuid::Uuid};
use core::ops::Deref;

/// One side of a channel.
#[derive(Clone, Copy, Debug)]
pub enum Party<'a, B> {
    /// The kernel.
    Kernel,
    /// A manager.
    Manager,
    /// A component, as its record describes it.
    Application(&'a Record<B>),
    /// A task without identity.
    None,
}

impl<B: Deref<Target = [u8]>> Party<'_, B> {
    /// Whether it and `other` may talk to each other. Both have to want it.
    ///
    /// The kernel and managers talk to everybody: what they say and answer is theirs to decide,
    /// and they can learn who asks. A component talks to its own tasks, and to those components
    /// that it lists and that list it. A task without identity has no peers but its like.
    pub fn may_talk(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Kernel | Self::Manager, _) | (_, Self::Kernel | Self::Manager) => true,
            (Self::Application(one), Self::Application(other)) => {
                let (a, b) = (one.component(), other.component());
                a == b || (lists(one, b) && lists(other, a))
            }
            (Self::None, Self::None) => true,
            (Self::Application(_), Self::None) | (Self::None, Self::Application(_)) => false,
        }
    }
}

fn lists<B: Deref<Target = [u8]>>(record: &Record<B>, component: Uuid) -> bool {
    record.peers().any(|peer| peer == component)
}

/// Whether a task that has the role `current` may connect a socket that `maker` has made.
///
/// The other side sees the connection in the name of one of the two. If they differed, one could
/// speak in the other's name, with a socket that it has kept. User space has no hold of what the
/// kernel has made for itself.
pub fn may_connect(current: Role, maker: Role) -> bool {
    maker == Role::Kernel || maker == current
}
