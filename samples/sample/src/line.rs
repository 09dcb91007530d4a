// SPDX-License-Identifier: GPL-2.0

//! GPIO lines: the own ones, and those of others.

use crate::refusal::is_refused;
use core::ops::Deref;
use sphere_core::record::{GpioGrant, Record};
use sphere_device::{
    console::Console,
    gpio::{Chip, Use},
};

/// A line that was granted.
#[derive(Clone, Copy)]
pub struct Line<'a> {
    /// Label of its chip.
    pub chip: &'a str,
    /// Its offset on the chip.
    pub offset: u32,
}

/// The first line that a record grants as an output.
pub fn output<B: Deref<Target = [u8]>>(record: &Record<B>) -> Option<Line<'_>> {
    first(record, |grant| grant.output)
}

/// The first line that a record grants as an input.
pub fn input<B: Deref<Target = [u8]>>(record: &Record<B>) -> Option<Line<'_>> {
    first(record, |grant| grant.input)
}

fn first<B: Deref<Target = [u8]>>(
    record: &Record<B>,
    lines: fn(&GpioGrant<'_>) -> u64,
) -> Option<Line<'_>> {
    record
        .gpio()
        .find(|grant| lines(grant) != 0)
        .map(|grant| Line {
            chip: grant.chip,
            offset: grant.base + lines(&grant).trailing_zeros(),
        })
}

/// Does to another application's line what somebody would who has taken this one over, and says
/// what the kernel answers. Whether the kernel has refused everything.
pub fn is_out_of_reach(console: &Console<'_>, chip: &Chip, own: u32, other: u32) -> bool {
    let high = Use::Output(u64::MAX);
    let answers = [
        ("drive it", chip.request("mine", &[other], high).map(drop)),
        (
            "read it",
            chip.request("mine", &[other], Use::Input).map(drop),
        ),
        (
            "drive it together with my own",
            chip.request("mine", &[own, other], high).map(drop),
        ),
        ("look who has it", chip.line(other).map(drop)),
    ];
    answers.into_iter().fold(true, |all, (what, answer)| {
        is_refused(console, what, answer) && all
    })
}
