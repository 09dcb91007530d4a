// SPDX-License-Identifier: GPL-2.0

//! Which GPIO lines a record grants.

use super::{
    grants::Grants,
    record::WINDOW,
    words::Name, //
};
use core::{
    ffi::CStr,
    fmt, //
};

/// What is wanted of lines of one chip. Bit n of the sets is for `offsets[n]`.
#[derive(Clone, Copy, Debug)]
pub struct LineRequest<'a> {
    /// Label of the chip.
    pub chip: &'a CStr,
    /// Hardware offsets of the lines, at most 64; none stands for the chip itself.
    pub offsets: &'a [u32],
    /// Lines that are to be inputs.
    pub input: u64,
    /// Lines that are to be outputs. One that is in both sets keeps the direction that it happens
    /// to have; one in neither is to be looked at, or used as whoever asks next says.
    pub output: u64,
}

/// Why lines are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// No line of the chip is granted.
    Chip,
    /// The line with this offset is not granted.
    Line(u32),
    /// The line with this offset is not granted as an input.
    Input(u32),
    /// The line with this offset is not granted as an output.
    Output(u32),
    /// More lines than the sets have bits.
    TooMany,
}

impl Denial {
    /// The word for it in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chip => "chip",
            Self::Line(_) => "line",
            Self::Input(_) => "input",
            Self::Output(_) => "output",
            Self::TooMany => "too-many",
        }
    }
}

/// Decides whether all that is wanted is granted.
///
/// # Errors
///
/// The first reason against it, in the order of the offsets.
pub fn check(grants: &Grants<'_>, request: &LineRequest<'_>) -> Result<(), Denial> {
    if request.offsets.is_empty() {
        return grants
            .has_gpio_chip(request.chip)
            .then_some(())
            .ok_or(Denial::Chip);
    }
    if request.offsets.len() > u64::BITS as usize {
        return Err(Denial::TooMany);
    }
    (0..request.offsets.len()).try_for_each(|i| check_nth(grants, request, i))
}

/// Decides about the line with this index.
fn check_nth(grants: &Grants<'_>, request: &LineRequest<'_>, i: usize) -> Result<(), Denial> {
    let Some(&offset) = request.offsets.get(i) else {
        return Ok(());
    };
    let wanted = 1u64 << i;
    check_line(
        grants.gpio_window(request.chip, offset - offset % WINDOW),
        offset,
        request.input & wanted != 0,
        request.output & wanted != 0,
    )
}

/// The lines of a request that are refused, for reports: the chip, and their offsets.
#[derive(Clone, Copy, Debug)]
pub struct Refused<'a> {
    /// What is granted.
    pub grants: &'a Grants<'a>,
    /// What is wanted.
    pub request: &'a LineRequest<'a>,
}

impl fmt::Display for Refused<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Name(self.request.chip.to_bytes()))?;
        let mut separator = ':';
        let mut run: Option<(u32, u32)> = None;
        for (i, &offset) in self.request.offsets.iter().enumerate() {
            if check_nth(self.grants, self.request, i).is_ok() {
                continue;
            }
            run = match run {
                Some((first, last)) if last.checked_add(1) == Some(offset) => Some((first, offset)),
                Some(run) => {
                    write_run(f, separator, run)?;
                    separator = ',';
                    Some((offset, offset))
                }
                None => Some((offset, offset)),
            };
        }
        run.map_or(Ok(()), |run| write_run(f, separator, run))
    }
}

fn write_run(
    f: &mut fmt::Formatter<'_>,
    separator: char,
    (first, last): (u32, u32),
) -> fmt::Result {
    write!(f, "{separator}{first}")?;
    if first == last {
        return Ok(());
    }
    write!(f, "-{last}")
}

impl LineRequest<'_> {
    /// The word in reports for what is wanted.
    pub fn right(&self) -> &'static str {
        match (self.input, self.output) {
            (0, 0) => "look",
            (_, 0) => "in",
            (0, _) => "out",
            _ => "inout",
        }
    }
}

/// Decides about one line. `window` holds the lines of its window that are granted as inputs and as
/// outputs.
fn check_line(window: (u64, u64), offset: u32, input: bool, output: bool) -> Result<(), Denial> {
    let line = 1u64 << (offset % WINDOW);
    let (inputs, outputs) = window;
    if (inputs | outputs) & line == 0 {
        return Err(Denial::Line(offset));
    }
    if input && inputs & line == 0 {
        return Err(Denial::Input(offset));
    }
    if output && outputs & line == 0 {
        return Err(Denial::Output(offset));
    }
    Ok(())
}
