// SPDX-License-Identifier: GPL-2.0

//! Text without an allocator.

use core::{
    ffi::CStr,
    fmt::{self, Write},
};

/// Text of at most `N` bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text<const N: usize> {
    /// UTF-8 up to `len`, zero after it.
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Text<N> {
    /// Empty.
    pub const fn new() -> Self {
        Self {
            bytes: [0; N],
            len: 0,
        }
    }

    /// What `arguments` say, or nothing if it is longer than `N` bytes.
    pub fn format(arguments: fmt::Arguments<'_>) -> Option<Self> {
        let mut text = Self::new();
        text.write_fmt(arguments).ok()?;
        Some(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        // Only whole strings were put together.
        core::str::from_utf8(&self.bytes[..self.len]).unwrap_or("")
    }
}

impl<const N: usize> Default for Text<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> Write for Text<N> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        self.bytes
            .get_mut(self.len..end)
            .ok_or(fmt::Error)?
            .copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

/// Bytes from outside, such as an argument or a file name: what is not UTF-8 or would control a
/// terminal is shown as `?`.
#[derive(Clone, Copy)]
pub struct Foreign<'a>(pub &'a [u8]);

impl<'a> From<&'a CStr> for Foreign<'a> {
    fn from(text: &'a CStr) -> Self {
        Self(text.to_bytes())
    }
}

impl fmt::Display for Foreign<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for c in chunk.valid().chars() {
                f.write_char(if c.is_control() { '?' } else { c })?;
            }
            if !chunk.invalid().is_empty() {
                f.write_char('?')?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_whole() {
        let text = Text::<4>::format(format_args!("{}{}", "ab", 12)).unwrap();
        assert_eq!(text.as_str(), "ab12");
        assert!(Text::<4>::format(format_args!("abcde")).is_none());
    }

    #[test]
    fn foreign_bytes_cannot_control_the_terminal() {
        let words = Foreign(b"a\x1b[2J\n\xff\xc3\xa4").to_string();
        assert_eq!(words, "a?[2J??\u{e4}");
    }
}
