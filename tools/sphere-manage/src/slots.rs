// SPDX-License-Identifier: GPL-2.0

//! Slots for images: partitions of flash that are called `slot` and something.

use crate::mtd;

/// What the names of slots start with.
const PREFIX: &str = "slot";

/// Numbers and names of the slots in a list of partitions.
pub fn slots(list: &[u8]) -> impl Iterator<Item = (u32, &str)> {
    mtd::partitions(list).filter(|(_, name)| name.starts_with(PREFIX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn are_partitions_by_their_name() {
        let list = b"mtd0: 1 1 \"system\"\nmtd3: 1 1 \"slot0\"\nmtd4: 1 1 \"my slot\"\n";
        let found: Vec<_> = slots(list).collect();
        assert_eq!(found, [(3, "slot0")]);
    }
}
