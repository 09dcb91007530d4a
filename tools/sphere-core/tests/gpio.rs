// SPDX-License-Identifier: GPL-2.0

//! Which GPIO lines a record grants.

use proptest::prelude::*;
use sphere_core::{
    capability::CapabilitySet,
    gpio::{Denial, LineRequest, check},
    grants::Grants,
    record::{GpioGrant, RECORD_MAX, Record, Spec},
    uuid::Uuid,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::CString,
};

const BOTH: u64 = u64::MAX;

/// Lines 0 (in), 1 (out), 2 (both) and 63 (in) of "a"; 64 (out) of "a"; 5 (both) of "b".
fn record() -> Record<Vec<u8>> {
    build(&[
        grant("a", 0, 1 | 4 | 1 << 63, 2 | 4),
        grant("a", 64, 0, 1),
        grant("b", 0, 1 << 5, 1 << 5),
    ])
}

fn grant(chip: &str, base: u32, input: u64, output: u64) -> GpioGrant<'_> {
    GpioGrant {
        chip,
        base,
        input,
        output,
    }
}

fn build(gpio: &[GpioGrant<'_>]) -> Record<Vec<u8>> {
    let spec = Spec {
        component: Uuid([1; 16]),
        tenant: "",
        name: "",
        capabilities: CapabilitySet::EMPTY,
        storage_bytes: 0,
        gpio,
        mtd: &[],
        net: &[],
        peers: &[],
    };
    let mut bytes = vec![0; RECORD_MAX];
    let size = spec.write(&mut bytes).unwrap();
    bytes.truncate(size);
    Record::parse(bytes).unwrap()
}

fn ask(chip: &str, offsets: &[u32], input: u64, output: u64) -> Result<(), Denial> {
    let chip = CString::new(chip).unwrap();
    let request = LineRequest {
        chip: &chip,
        offsets,
        input,
        output,
    };
    check(&Grants::from(&record()), &request)
}

#[test]
fn a_direction_is_granted_alone() {
    assert_eq!(ask("a", &[0], BOTH, 0), Ok(()));
    assert_eq!(ask("a", &[0], 0, BOTH), Err(Denial::Output(0)));
    assert_eq!(ask("a", &[1], 0, BOTH), Ok(()));
    assert_eq!(ask("a", &[1], BOTH, 0), Err(Denial::Input(1)));
    assert_eq!(ask("a", &[2], BOTH, 0), Ok(()));
    assert_eq!(ask("a", &[2], 0, BOTH), Ok(()));
}

/// Whoever takes a line as it is may get it in either direction.
#[test]
fn as_it_is_needs_both_directions() {
    assert_eq!(ask("a", &[0], BOTH, BOTH), Err(Denial::Output(0)));
    assert_eq!(ask("a", &[1], BOTH, BOTH), Err(Denial::Input(1)));
    assert_eq!(ask("a", &[2], BOTH, BOTH), Ok(()));
}

#[test]
fn information_needs_any_direction() {
    for line in [0, 1, 2, 63, 64] {
        assert_eq!(ask("a", &[line], 0, 0), Ok(()));
    }
    assert_eq!(ask("a", &[3], 0, 0), Err(Denial::Line(3)));
}

#[test]
fn offsets_are_those_of_the_window() {
    assert_eq!(ask("a", &[63], BOTH, 0), Ok(()));
    assert_eq!(ask("a", &[64], 0, BOTH), Ok(()));
    // 128 and 2^32 - 64 would be line 0 if the window did not count.
    for line in [65, 128, u32::MAX - 63, u32::MAX] {
        assert_eq!(ask("a", &[line], 0, 0), Err(Denial::Line(line)));
    }
}

#[test]
fn chips_are_told_apart() {
    assert_eq!(ask("b", &[5], BOTH, BOTH), Ok(()));
    assert_eq!(ask("b", &[0], BOTH, 0), Err(Denial::Line(0)));
    let long = "a".repeat(32);
    for chip in ["", "A", "aa", "c", long.as_str()] {
        assert!(ask(chip, &[0], BOTH, 0).is_err(), "{chip}");
    }
}

#[test]
fn a_chip_is_there_for_who_has_a_line() {
    assert_eq!(ask("a", &[], 0, 0), Ok(()));
    assert_eq!(ask("b", &[], 0, 0), Ok(()));
    for chip in ["", "aa", "c"] {
        assert_eq!(ask(chip, &[], 0, 0), Err(Denial::Chip));
    }
    // The label of a field that has no terminating zero.
    assert_eq!(ask(&"a".repeat(32), &[], 0, 0), Err(Denial::Chip));
}

#[test]
fn one_line_that_is_not_granted_spoils_the_request() {
    assert_eq!(ask("a", &[0, 2, 63], BOTH, 0), Ok(()));
    assert_eq!(ask("a", &[0, 3, 63], BOTH, 0), Err(Denial::Line(3)));
    assert_eq!(ask("a", &[0, 2, 63, 7], BOTH, 0), Err(Denial::Line(7)));
}

#[test]
fn there_are_no_more_lines_than_bits() {
    assert_eq!(ask("a", &[0; 64], BOTH, 0), Ok(()));
    assert_eq!(ask("a", &[0; 65], BOTH, 0), Err(Denial::TooMany));
}

type Granted = BTreeMap<(String, u32), (u64, u64)>;

fn grants() -> impl Strategy<Value = Granted> {
    let key = ("[a-d]{1,3}", 0u32..4).prop_map(|(chip, window)| (chip, window * 64));
    let sets = (any::<u64>(), any::<u64>()).prop_filter("grants nothing", |(i, o)| i | o != 0);
    prop::collection::btree_map(key, sets, 0..20)
}

proptest! {
    /// What a record says is what a table of single lines says.
    #[test]
    fn agrees_with_a_table_of_lines(
        granted in grants(),
        chip in "[a-d]{1,3}",
        offsets in prop::collection::vec(0u32..300, 1..64),
        input in any::<u64>(),
        output in any::<u64>(),
    ) {
        let table: Vec<_> = granted
            .iter()
            .map(|((chip, base), (i, o))| grant(chip, *base, *i, *o))
            .collect();
        let mut lines = BTreeSet::new();
        for ((chip, base), (i, o)) in &granted {
            for bit in 0..64 {
                for (set, direction) in [(i, 'i'), (o, 'o')] {
                    if set >> bit & 1 != 0 {
                        lines.insert((chip.clone(), base + bit, direction));
                    }
                }
            }
        }
        let has = |offset, direction| lines.contains(&(chip.clone(), offset, direction));
        let expected = offsets.iter().enumerate().all(|(n, &offset)| {
            (has(offset, 'i') || has(offset, 'o'))
                && (input >> n & 1 == 0 || has(offset, 'i'))
                && (output >> n & 1 == 0 || has(offset, 'o'))
        });
        let chip = CString::new(chip).unwrap();
        let request = LineRequest { chip: &chip, offsets: &offsets, input, output };
        prop_assert_eq!(check(&Grants::from(&build(&table)), &request).is_ok(), expected);
    }
}
