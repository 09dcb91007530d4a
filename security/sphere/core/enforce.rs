// SPDX-License-Identifier: GPL-2.0

//! What of a record a kernel can enforce.

use super::{
    capability::Capability,
    net,
    policy::Grant,
    record::Record, //
};
use core::ops::Deref;

/// The gates that a kernel has. What there is no gate for, nobody is kept from, or nobody gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gates {
    /// GPIO lines.
    pub gpio: bool,
    /// Raw MTD partitions.
    pub mtd: bool,
    /// Storage on flash.
    pub storage: bool,
    /// IPv4.
    pub ipv4: bool,
    /// IPv6.
    pub ipv6: bool,
    /// Local sockets between components.
    pub peers: bool,
    /// Debuggers: that there is a mode in which they are any.
    pub debug: bool,
}

impl Gates {
    /// Whether these gates enforce all that `record` grants.
    ///
    /// A grant without a gate would be a promise that nobody keeps: the application would not get
    /// what it was granted, or others would get it, too. Who relies on it should learn at once.
    pub fn enforce<B: Deref<Target = [u8]>>(&self, record: &Record<B>) -> bool {
        (self.gpio || record.gpio().next().is_none())
            && (self.mtd || record.mtd().next().is_none())
            && (self.storage || record.storage_bytes() == 0)
            && (self.peers || record.peers().next().is_none())
            && (self.debug || !record.capabilities().contains(Capability::Debug))
            && !net::is_beyond(record, self.ipv4, self.ipv6)
    }

    /// Whether these gates enforce what a statement of a policy is about.
    pub fn enforce_grant(&self, grant: Grant) -> bool {
        match grant {
            Grant::Gpio { .. } => self.gpio,
            Grant::Mtd { .. } => self.mtd,
            Grant::Net(rule) => !net::is_rule_beyond(&rule, self.ipv4, self.ipv6),
            Grant::Peer(_) => self.peers,
            Grant::Storage(_) => self.storage,
            Grant::Capability(_) | Grant::All => true,
        }
    }
}
