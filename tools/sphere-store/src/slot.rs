// SPDX-License-Identifier: GPL-2.0

//! Slots: parts of NOR flash for one image each.
//!
//! A slot is taken when it starts with [`IMAGE_MAGIC`]. That is written last, after all that follows
//! it was read back, and it is the first thing to go: made zero, which needs no erasing. So whenever
//! the power fails, a slot that is taken has a whole image. Were the flash to break that promise,
//! with a word half programmed or a block half erased, the seal would tell: it is checked before an
//! image is used.

use crate::{
    seal::{IMAGE_MAGIC, SEAL_SIZE},
    source::{Flash, PIECE, Source, pieces},
};
use core::{convert::Infallible, fmt};

/// Bytes of [`IMAGE_MAGIC`].
const MAGIC_SIZE: u32 = 4;

/// Why a slot could not be changed; `F` is what the flash says, and `I` what the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotError<F, I> {
    /// The flash says that something failed.
    Flash(F),
    /// The image cannot be read.
    Image(I),
    /// There is an image in the slot.
    Taken,
    /// The slot is smaller than the image with its seal.
    TooSmall,
    /// The flash does not hold what was written. It is worn, or no NOR flash.
    NotWritten {
        /// Where, from the start of the slot.
        at: u32,
    },
}

impl<F: fmt::Display, I: fmt::Display> fmt::Display for SlotError<F, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flash(error) => error.fmt(f),
            Self::Image(error) => error.fmt(f),
            Self::Taken => f.write_str("there is an image in it"),
            Self::TooSmall => f.write_str("it is smaller than the image"),
            Self::NotWritten { at } => {
                write!(f, "the flash does not hold what was written at {at:#x}")
            }
        }
    }
}

/// Whether there is an image in a slot.
///
/// # Errors
///
/// When it cannot be read.
pub fn is_taken<S: Source>(slot: &S) -> Result<bool, S::Error> {
    let mut magic = [0; MAGIC_SIZE as usize];
    slot.read(0, &mut magic)?;
    Ok(magic == IMAGE_MAGIC)
}

/// Writes an image of `image_size` bytes, which `image` starts with, and the seal behind it into a
/// slot that is not taken.
///
/// # Errors
///
/// See [`SlotError`]. The slot is not taken then.
pub fn install<F: Flash, I: Source>(
    slot: &mut F,
    image: &I,
    image_size: u32,
) -> Result<(), SlotError<F::Error, I::Error>> {
    let size = image_size.saturating_add(SEAL_SIZE);
    if size > slot.size() {
        return Err(SlotError::TooSmall);
    }
    if is_taken(slot).map_err(SlotError::Flash)? {
        return Err(SlotError::Taken);
    }
    erase(slot, size).map_err(SlotError::Flash)?;
    let mut piece = [0; PIECE];
    let mut at = MAGIC_SIZE;
    while at < size {
        let len = usize::try_from(size - at).unwrap_or(PIECE).min(PIECE);
        let piece = &mut piece[..len];
        image.read(at, piece).map_err(SlotError::Image)?;
        write(slot, at, piece)?;
        at += len as u32;
    }
    write(slot, 0, &IMAGE_MAGIC)
}

/// Takes the image out of a slot. One that is not taken, and so may be no slot at all, stays as it
/// is.
///
/// # Errors
///
/// See [`SlotError`].
pub fn remove<F: Flash>(slot: &mut F) -> Result<(), SlotError<F::Error, Infallible>> {
    if !is_taken(slot).map_err(SlotError::Flash)? {
        return Ok(());
    }
    write(slot, 0, &[0; MAGIC_SIZE as usize])
}

/// Erases the first blocks, as many as `size` bytes are in. One that is erased already is spared:
/// erasing is what flash is worn by.
fn erase<F: Flash>(slot: &mut F, size: u32) -> Result<(), F::Error> {
    let block = slot.block_size().max(1);
    let mut at = 0;
    while at < size {
        if !is_blank(slot, at, block)? {
            slot.erase(at)?;
        }
        at += block;
    }
    Ok(())
}

fn is_blank<S: Source>(slot: &S, at: u32, size: u32) -> Result<bool, S::Error> {
    let mut is_blank = true;
    pieces(slot, at, at + size, |_, piece| {
        is_blank &= piece.iter().all(|&byte| byte == 0xff);
    })?;
    Ok(is_blank)
}

/// Writes bytes and reads them back.
fn write<F: Flash, I>(slot: &mut F, at: u32, bytes: &[u8]) -> Result<(), SlotError<F::Error, I>> {
    slot.write(at, bytes).map_err(SlotError::Flash)?;
    let mut is_same = true;
    pieces(slot, at, at + bytes.len() as u32, |from, piece| {
        let from = (from - at) as usize;
        is_same &= bytes.get(from..from + piece.len()) == Some(piece);
    })
    .map_err(SlotError::Flash)?;
    is_same.then_some(()).ok_or(SlotError::NotWritten { at })
}
