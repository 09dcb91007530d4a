// SPDX-License-Identifier: GPL-2.0

//! Names in lines of text: percent-encoded, so that each is one token.
//!
//! [`crate::words`] says how they are written.

use crate::words::{self, Decoded};
use core::fmt::{self, Write};

/// A name as it is written. What it stands for is what [`fmt::Display`] says, safe for a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a>(&'a str);

impl<'a> Token<'a> {
    /// `None` for what is no single token, or stands for nothing: empty, with bytes that would
    /// have been encoded, or with a `%` that has no two digits after it.
    pub fn new(text: &'a str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"';
        let means_something = Decoded::of(text).all(|byte| byte.is_ok());
        (!text.is_empty() && text.bytes().all(plain) && means_something).then_some(Self(text))
    }

    /// As it is written.
    pub fn as_written(self) -> &'a str {
        self.0
    }

    /// Whether it stands for the empty name.
    pub fn is_empty_name(self) -> bool {
        self.0 == "-"
    }

    /// The bytes that it stands for.
    pub fn bytes(self) -> impl Iterator<Item = u8> + Clone + use<'a> {
        // None of them is an error: see `new`.
        Decoded::of(self.0).flatten()
    }

    /// Whether it stands for `name`.
    pub fn is(self, name: &[u8]) -> bool {
        Decoded::of(self.0).is(name)
    }
}

/// Reads a decimal number of any type: digits and nothing else.
pub(crate) fn decimal<T: TryFrom<u64>>(text: &str) -> Option<T> {
    words::number(text, u64::MAX).and_then(|number| number.try_into().ok())
}

impl fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.bytes();
        while let Some((c, rest)) = next_char(bytes.clone()) {
            // What would control the terminal is shown, but not sent to it.
            f.write_char(if c.is_control() { '?' } else { c })?;
            bytes = rest;
        }
        Ok(())
    }
}

/// The next character, and the bytes after it. A byte that starts none is `?`.
fn next_char<B: Iterator<Item = u8> + Clone>(bytes: B) -> Option<(char, B)> {
    let mut after = bytes;
    let mut buffer = [after.next()?, 0, 0, 0];
    let first = after.clone();
    for len in 1..=buffer.len() {
        if let Ok(text) = core::str::from_utf8(&buffer[..len]) {
            return Some((text.chars().next()?, after));
        }
        match (buffer.get_mut(len), after.next()) {
            (Some(slot), Some(byte)) => *slot = byte,
            _ => break,
        }
    }
    Some(('?', first))
}
