// SPDX-License-Identifier: GPL-2.0

//! Where images are read from and written to.

/// Bytes that can be read: a file, a part of flash.
pub trait Source {
    /// Why reading fails.
    type Error;

    /// How many bytes there are.
    fn size(&self) -> u32;

    /// Reads all of `buffer` from `at` on.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or ends before.
    fn read(&self, at: u32, buffer: &mut [u8]) -> Result<(), Self::Error>;
}

/// A part of NOR flash: erasing makes all bits of a block one, writing makes some of them zero.
pub trait Flash: Source {
    /// Bytes that are erased at once; the size is a multiple.
    fn block_size(&self) -> u32;

    /// Erases the block that starts at `at`.
    ///
    /// # Errors
    ///
    /// When the chip says that it failed. The block holds anything then.
    fn erase(&mut self, at: u32) -> Result<(), Self::Error>;

    /// Writes `bytes` from `at` on, where all is erased or the bytes only make bits zero.
    ///
    /// # Errors
    ///
    /// When the chip says that it failed. The bytes are anything then.
    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), Self::Error>;
}

/// Bytes that are read at once.
pub const PIECE: usize = 1024;

/// Bytes that are at hand.
impl Source for &[u8] {
    type Error = OutOfRange;

    fn size(&self) -> u32 {
        u32::try_from(self.len()).unwrap_or(u32::MAX)
    }

    fn read(&self, at: u32, buffer: &mut [u8]) -> Result<(), OutOfRange> {
        let bytes = usize::try_from(at).ok().and_then(|at| self.get(at..));
        let bytes = bytes.and_then(|bytes| bytes.get(..buffer.len()));
        buffer.copy_from_slice(bytes.ok_or(OutOfRange)?);
        Ok(())
    }
}

/// Something was read that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfRange;

impl core::fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("it ends before")
    }
}

/// Reads `source` from `from` to `to` piece by piece.
///
/// # Errors
///
/// What `source` says.
pub fn pieces<S: Source>(
    source: &S,
    from: u32,
    to: u32,
    mut visit: impl FnMut(u32, &[u8]),
) -> Result<(), S::Error> {
    // What this takes of the stack of the first process is never given back.
    let mut buffer = [0; PIECE];
    let mut at = from;
    while at < to {
        let left = usize::try_from(to - at).unwrap_or(PIECE);
        let piece = &mut buffer[..left.min(PIECE)];
        source.read(at, piece)?;
        visit(at, piece);
        // At most the size of the buffer.
        at += piece.len() as u32;
    }
    Ok(())
}
