// SPDX-License-Identifier: GPL-2.0

//! Which lines of the board's chips nobody has.

use std::collections::{BTreeMap, BTreeSet};

use crate::board::LineRange;
use crate::device::Device;
use crate::grants::Resource;
use crate::report::Place;

/// Consecutive lines of a chip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub first: u32,
    pub last: u32,
    /// The entry of the board file that has the first of them.
    pub place: Place,
}

/// The lines of each chip that no application has. A board may have billions of lines, so that
/// nothing here goes through them one by one.
pub fn unowned_lines(device: &Device) -> BTreeMap<String, Vec<Run>> {
    let mut unowned = BTreeMap::new();
    for (chip, runs) in all_lines(device) {
        let owned = owned_lines(device, &chip);
        let runs = runs.into_iter().flat_map(|run| without(run, &owned));
        unowned.insert(chip, runs.collect());
    }
    unowned
}

fn owned_lines(device: &Device, chip: &str) -> BTreeSet<u32> {
    device
        .applications
        .iter()
        .flat_map(|application| application.grants.resources.keys())
        .filter_map(|resource| match resource {
            Resource::Line(line) if line.chip == chip => Some(line.offset),
            _ => None,
        })
        .collect()
}

/// All lines of the board; no line twice, though values may lead to the same one.
fn all_lines(device: &Device) -> BTreeMap<String, Vec<Run>> {
    let mut ranges: Vec<&LineRange> = device.board.line_ranges().iter().collect();
    ranges.sort_by_key(|range| (&range.chip, range.offset));
    let mut chips: BTreeMap<String, Vec<Run>> = BTreeMap::new();
    for range in ranges {
        let runs = chips.entry(range.chip.clone()).or_default();
        let last = range.offset + (range.last - range.first);
        // Only what the ranges before do not have.
        let behind = runs.last().map(|run| u64::from(run.last) + 1);
        let first = u64::from(range.offset).max(behind.unwrap_or_default());
        if let Some(first) = u32::try_from(first).ok().filter(|first| *first <= last) {
            runs.push(Run {
                first,
                last,
                place: range.place.clone(),
            });
        }
    }
    chips
}

/// What is left of `run` between the lines of `owned`.
fn without(run: Run, owned: &BTreeSet<u32>) -> Vec<Run> {
    let mut left = Vec::new();
    // Wider than a line, for the line behind the last one that there is.
    let mut next = u64::from(run.first);
    let ends = owned
        .range(run.first..=run.last)
        .map(|line| u64::from(*line));
    for end in ends.chain([u64::from(run.last) + 1]) {
        let bounds = (u32::try_from(next), u32::try_from(end.saturating_sub(1)));
        if let (true, (Ok(first), Ok(last))) = (next < end, bounds) {
            left.push(Run {
                first,
                last,
                place: run.place.clone(),
            });
        }
        next = end + 1;
    }
    left
}
