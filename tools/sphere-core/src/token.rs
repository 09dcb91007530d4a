// SPDX-License-Identifier: GPL-2.0

//! Names in lines of text: percent-encoded, so that each is one token.
//!
//! Every byte outside 0x21..0x7e, and `%` and `"`, is `%` and two upper-case hexadecimal digits.
//! An empty name is `-`, a name that is exactly `-` is `%2D`. Readers take every `%XX`.

use core::fmt::{self, Write};

/// A name as it is written. What it stands for is what [`fmt::Display`] says, safe for a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a>(&'a str);

impl<'a> Token<'a> {
    /// `None` for what is no single token: empty, or with bytes that would have been encoded.
    pub fn new(text: &'a str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"';
        (!text.is_empty() && text.bytes().all(plain)).then_some(Self(text))
    }

    /// As it is written.
    pub fn as_written(self) -> &'a str {
        self.0
    }

    /// Whether it stands for the empty name.
    pub fn is_empty_name(self) -> bool {
        self.0 == "-"
    }

    /// The bytes that it stands for. A `%` without two digits after it stands for itself.
    pub fn bytes(self) -> Bytes<'a> {
        let text = if self.is_empty_name() { "" } else { self.0 };
        Bytes(text.as_bytes())
    }

    /// Whether it stands for `name`.
    pub fn is(self, name: &[u8]) -> bool {
        self.bytes().eq(name.iter().copied())
    }
}

/// The bytes that a [`Token`] stands for.
#[derive(Clone, Copy, Debug)]
pub struct Bytes<'a>(&'a [u8]);

impl Iterator for Bytes<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let (byte, rest) = match self.0 {
            [b'%', high, low, rest @ ..] => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, rest),
                _ => (b'%', &self.0[1..]),
            },
            [byte, rest @ ..] => (*byte, rest),
            [] => return None,
        };
        self.0 = rest;
        Some(byte)
    }
}

/// Reads a decimal number of any type: digits and nothing else.
pub(crate) fn decimal<T: TryFrom<u64>>(text: &str) -> Option<T> {
    number(text).and_then(|number| number.try_into().ok())
}

fn number(text: &str) -> Option<u64> {
    let digit = |byte: u8| char::from(byte).to_digit(10).map(u64::from);
    let mut digits = text.bytes();
    let first = digit(digits.next()?)?;
    digits.try_fold(first, |number, byte| {
        number.checked_mul(10)?.checked_add(digit(byte)?)
    })
}

/// The value of a hexadecimal digit, of either case.
pub(crate) fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

impl fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.bytes();
        while let Some((c, rest)) = next_char(bytes) {
            // What would control the terminal is shown, but not sent to it.
            f.write_char(if c.is_control() { '?' } else { c })?;
            bytes = rest;
        }
        Ok(())
    }
}

/// The next character, and the bytes after it. A byte that starts none is `?`.
fn next_char(bytes: Bytes<'_>) -> Option<(char, Bytes<'_>)> {
    let mut after = bytes;
    let mut buffer = [after.next()?, 0, 0, 0];
    let first = after;
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
