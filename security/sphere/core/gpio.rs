// SPDX-License-Identifier: GPL-2.0

//! Which GPIO lines a record grants.

use super::record::{
    Record,
    WINDOW, //
};
use core::{
    ffi::CStr,
    ops::Deref, //
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

/// Decides whether `record` grants all that is wanted.
///
/// # Errors
///
/// The first reason against it, in the order of the offsets.
pub fn check<B>(record: &Record<B>, request: &LineRequest<'_>) -> Result<(), Denial>
where
    B: Deref<Target = [u8]>,
{
    if request.offsets.is_empty() {
        return record
            .has_gpio_chip(request.chip)
            .then_some(())
            .ok_or(Denial::Chip);
    }
    if request.offsets.len() > u64::BITS as usize {
        return Err(Denial::TooMany);
    }
    for (i, &offset) in request.offsets.iter().enumerate() {
        let wanted = 1u64 << i;
        check_line(
            record.gpio_window(request.chip, offset - offset % WINDOW),
            offset,
            request.input & wanted != 0,
            request.output & wanted != 0,
        )?;
    }
    Ok(())
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
