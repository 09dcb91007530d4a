// SPDX-License-Identifier: GPL-2.0

//! What of a record a kernel can enforce.

use super::record::Record;
use core::ops::Deref;

/// The gates that a kernel has. What there is no gate for, nobody is kept from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gates {
    /// Raw MTD partitions.
    pub mtd: bool,
}

impl Gates {
    /// Whether these gates enforce all that `record` grants.
    ///
    /// A grant without a gate would be a promise that nobody keeps: the application would not get
    /// what it was granted, or others would get it, too.
    pub fn enforce<B: Deref<Target = [u8]>>(&self, record: &Record<B>) -> bool {
        self.mtd || record.mtd().next().is_none()
    }
}
