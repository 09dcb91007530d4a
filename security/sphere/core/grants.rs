// SPDX-License-Identifier: GPL-2.0

//! What somebody is granted: what a record names, and what the policy changes about it.

use super::{
    capability::CapabilitySet,
    changes::Changes,
    policy::{
        Grant,
        Statement,
        Verb,
        Who, //
    },
    record::{
        self,
        MtdAccess,
        NetRule,
        Record, //
    },
    uuid::Uuid, //
};
use core::{
    ffi::CStr,
    ops::Deref, //
};

/// What a component, or a task without identity, is granted.
///
/// Made for each decision: the smaller, the cheaper that is.
#[derive(Clone, Copy, Debug)]
pub struct Grants<'a> {
    record: Record<&'a [u8]>,
    changes: Changes<'a>,
}

/// What a record grants, and nothing changes.
impl<'a, B: Deref<Target = [u8]>> From<&'a Record<B>> for Grants<'a> {
    #[inline]
    fn from(record: &'a Record<B>) -> Self {
        Self {
            record: record.as_slice(),
            changes: Changes::NONE,
        }
    }
}

impl<'a> Grants<'a> {
    /// Nothing.
    pub const NOTHING: Self = Self {
        record: record::NONE,
        changes: Changes::NONE,
    };

    /// What `record`, or having none, grants under a policy. `statements` are those of the policy
    /// with this `text`.
    pub fn new(
        record: Option<Record<&'a [u8]>>,
        text: &'a [u8],
        statements: &'a [Statement],
    ) -> Self {
        let record = record.unwrap_or(record::NONE);
        match Changes::new(owner(record), text, statements) {
            Some(changes) => Self { record, changes },
            None => Self::NOTHING,
        }
    }

    /// What the policy changes.
    fn changes(&self) -> impl Iterator<Item = &'a Statement> + use<'a> {
        self.changes.of(owner(self.record))
    }

    /// Whether `has` finds it among what is granted. `record` says whether the record grants it;
    /// what is denied is so whoever grants it.
    #[inline]
    fn is_granted(&self, record: bool, has: &dyn Fn(Verb, &Grant) -> bool) -> bool {
        if self.changes.is_empty() {
            return record;
        }
        self.is_still_granted(record, has)
    }

    fn is_still_granted(&self, record: bool, has: &dyn Fn(Verb, &Grant) -> bool) -> bool {
        let mut granted = record;
        for statement in self.changes().filter(|s| has(s.verb, &s.grant)) {
            match statement.verb {
                Verb::Allow => granted = true,
                Verb::Deny => return false,
                Verb::Limit | Verb::Quarantine => {}
            }
        }
        granted
    }

    /// Extended capabilities.
    #[inline]
    pub fn capabilities(&self) -> CapabilitySet {
        let record = self.record.capabilities();
        if self.changes.is_empty() {
            return record;
        }
        self.changed_capabilities(record)
    }

    fn changed_capabilities(&self, mut allowed: CapabilitySet) -> CapabilitySet {
        let mut denied = CapabilitySet::EMPTY;
        for statement in self.changes() {
            match (statement.verb, statement.grant) {
                (Verb::Allow, Grant::Capability(capability)) => allowed = allowed.with(capability),
                (Verb::Deny, Grant::Capability(capability)) => denied = denied.with(capability),
                _ => {}
            }
        }
        allowed.without(denied)
    }

    /// Quota of mutable storage in bytes.
    #[inline]
    pub fn storage_bytes(&self) -> u64 {
        let record = self.record.storage_bytes();
        if self.changes.is_empty() {
            return record;
        }
        self.changed_storage(record)
    }

    fn changed_storage(&self, mut least: u64) -> u64 {
        let mut most = u64::MAX;
        for statement in self.changes() {
            match (statement.verb, statement.grant) {
                (Verb::Allow, Grant::Storage(bytes)) => least = least.max(bytes),
                (Verb::Limit, Grant::Storage(bytes)) => most = most.min(bytes),
                _ => {}
            }
        }
        least.min(most)
    }

    /// Lines of one window of a chip that may be inputs, and that may be outputs, bit n for
    /// `base + n`.
    pub fn gpio_window(&self, chip: &CStr, base: u32) -> (u64, u64) {
        let record = self.record.gpio_window(chip, base);
        if self.changes.is_empty() {
            return record;
        }
        self.changed_window(record, chip, base)
    }

    fn changed_window(&self, mut allowed: (u64, u64), chip: &CStr, base: u32) -> (u64, u64) {
        let mut denied = (0, 0);
        for statement in self.changes() {
            let lines = match statement.verb {
                Verb::Allow => &mut allowed,
                Verb::Deny => &mut denied,
                Verb::Limit | Verb::Quarantine => continue,
            };
            match statement.grant {
                Grant::Gpio {
                    chip: name,
                    base: at,
                    input,
                    output,
                } if at == base && self.changes.names(name, chip.to_bytes()) => {
                    lines.0 |= input;
                    lines.1 |= output;
                }
                _ => {}
            }
        }
        (allowed.0 & !denied.0, allowed.1 & !denied.1)
    }

    /// Whether any line of a chip may be granted. A policy that takes all lines of a chip away does
    /// not take the chip: that tells how many lines there are, and nothing about them.
    pub fn has_gpio_chip(&self, chip: &CStr) -> bool {
        self.record.has_gpio_chip(chip)
            || self.changes().any(|s| {
                s.verb == Verb::Allow
                    && matches!(s.grant, Grant::Gpio { chip: name, .. }
                        if self.changes.names(name, chip.to_bytes()))
            })
    }

    /// Whether `access` to all MTD partitions that have this name is granted.
    ///
    /// Linux does not keep names unique, and grants are by name. A name that no record can hold, as
    /// it is empty or too long, is never granted by one.
    pub fn has_mtd(&self, partition: &CStr, access: MtdAccess) -> bool {
        let record = self.record.mtd_access(partition);
        let record = record.is_some_and(|granted| granted.includes(access));
        self.is_granted(record, &|verb, grant| match *grant {
            Grant::Mtd {
                partition: name,
                access: said,
            } if self.changes.names(name, partition.to_bytes()) => match verb {
                // Who may not read may not write either.
                Verb::Deny => access.includes(said),
                _ => said.includes(access),
            },
            _ => false,
        })
    }

    /// Whether a network rule is granted that `fits`, and none is denied that does. `fits` is told
    /// which of the two the rule does.
    pub fn has_net_rule(&self, fits: &dyn Fn(Verb, &NetRule) -> bool) -> bool {
        let record = self.record.net().any(|rule| fits(Verb::Allow, &rule));
        self.is_granted(
            record,
            &|verb, grant| matches!(grant, Grant::Net(rule) if fits(verb, rule)),
        )
    }

    /// Whether any network rule is granted that `fits`, whatever part of it is denied.
    pub fn has_net_rule_in_part(&self, fits: &dyn Fn(&NetRule) -> bool) -> bool {
        self.record.net().any(|rule| fits(&rule))
            || self.changes().any(|s| {
                s.verb == Verb::Allow && matches!(&s.grant, Grant::Net(rule) if fits(rule))
            })
    }

    /// Whether it may talk to `component`, if that one wants it, too.
    pub fn lists(&self, component: Uuid) -> bool {
        let record = self.record.peers().any(|peer| peer == component);
        self.is_granted(
            record,
            &|_, grant| matches!(grant, Grant::Peer(peer) if *peer == component),
        )
    }
}

/// Whose record it is.
fn owner(record: Record<&[u8]>) -> Who {
    match record.component() {
        Uuid::NIL => Who::Nobody,
        component => Who::Component(component),
    }
}
