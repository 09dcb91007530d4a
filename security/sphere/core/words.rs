// SPDX-License-Identifier: GPL-2.0

//! Names and numbers as words of one line of text.
//!
//! What separates words in a line, what quotes, and what is not plain ASCII stands in a name as `%`
//! and two hexadecimal digits, so that nothing in a name can be taken for anything else. The kernel
//! log has an escape of its own, the backslash; with this one it has nothing to do.

use core::{
    ffi::CStr,
    fmt::{
        self,
        Write, //
    },
    str, //
};

/// What stands for a name that is empty.
const EMPTY: &[u8] = b"-";

/// A name, written as one word.
#[derive(Clone, Copy, Debug)]
pub struct Name<'a>(pub &'a [u8]);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            b"" => f.write_char('-'),
            b"-" => f.write_str("%2D"),
            name => name.iter().try_for_each(|&byte| write_byte(f, byte)),
        }
    }
}

fn write_byte(f: &mut fmt::Formatter<'_>, byte: u8) -> fmt::Result {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    if matches!(byte, b'!'..=b'~') && !matches!(byte, b'%' | b'"' | b'#') {
        return f.write_char(byte.into());
    }
    f.write_char('%')?;
    for digit in [byte >> 4, byte & 15] {
        f.write_char(DIGITS[usize::from(digit)].into())?;
    }
    Ok(())
}

/// The bytes of the name that a word stands for. Ends with an error where the word is wrong.
#[derive(Clone)]
pub struct Decoded<'a>(&'a [u8]);

impl<'a> Decoded<'a> {
    /// Reads `word`.
    pub fn of(word: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        let word = word.as_ref();
        Self(if word == EMPTY { b"" } else { word })
    }

    /// Whether the word stands for `name`.
    pub fn is(self, name: &[u8]) -> bool {
        self.eq(name.iter().map(|&byte| Ok(byte)))
    }
}

/// A word that stands for no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAName;

impl Iterator for Decoded<'_> {
    type Item = Result<u8, NotAName>;

    fn next(&mut self) -> Option<Self::Item> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        if first != b'%' {
            return Some(Ok(first));
        }
        let Some((digits, rest)) = rest.split_first_chunk::<2>() else {
            self.0 = &[];
            return Some(Err(NotAName));
        };
        self.0 = rest;
        let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
        Some(match (high, low) {
            // Both are below 16.
            (Some(high), Some(low)) => Ok((high << 4 | low) as u8),
            _ => Err(NotAName),
        })
    }
}

/// Reads a decimal number without sign that is at most `max`.
pub fn number(word: &str, max: u64) -> Option<u64> {
    if word.is_empty() {
        return None;
    }
    let mut value = 0u64;
    for digit in word.bytes() {
        let digit = digit.checked_sub(b'0').filter(|&digit| digit < 10)?;
        value = value.checked_mul(10)?.checked_add(digit.into())?;
    }
    (value <= max).then_some(value)
}

/// Reads `FIRST-LAST`, or one number for both. The last is not below the first.
pub fn range(word: &str, max: u64) -> Option<(u64, u64)> {
    let (first, last) = word.split_once('-').unwrap_or((word, word));
    let (first, last) = (number(first, max)?, number(last, max)?);
    (first <= last).then_some((first, last))
}

/// A number of 64 bits in decimal, without a division of 64 bits: kernels for 32-bit machines have
/// none for Rust.
#[derive(Clone, Copy, Debug)]
pub struct Decimal(pub u64);

impl Decimal {
    /// Digits of the largest one.
    const DIGITS: usize = 20;

    /// The number divided by ten, and the rest.
    fn by_ten(self) -> (Self, u8) {
        let (mut quotient, mut rest) = (0, 0);
        for shift in [48, 32, 16, 0] {
            // Below 10 * 2^16.
            let part = rest << 16 | (self.0 >> shift) as u32 & 0xffff;
            quotient |= u64::from(part / 10) << shift;
            rest = part % 10;
        }
        (Self(quotient), rest as u8)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut digits, mut start, mut rest) = ([b'0'; Self::DIGITS], Self::DIGITS, *self);
        for (i, digit) in digits.iter_mut().enumerate().rev() {
            let (quotient, last) = rest.by_ten();
            *digit += last;
            (start, rest) = (i, quotient);
            if rest.0 == 0 {
                break;
            }
        }
        let digits = digits.get(start..).unwrap_or(&[]);
        f.write_str(str::from_utf8(digits).unwrap_or(""))
    }
}

/// Numbers of which a set of 64 is a part, runs shortened: `0-3,7`.
#[derive(Clone, Copy, Debug)]
pub struct Lines {
    /// What bit 0 stands for.
    pub base: u32,
    /// Bit n for `base + n`.
    pub lines: u64,
    /// What stands between two runs.
    pub separator: char,
}

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.lines;
        while rest != 0 {
            let first = rest.trailing_zeros();
            let last = first + (rest >> first).trailing_ones() - 1;
            // Saturating: the last window of a 32-bit number space ends at its last number.
            write!(f, "{}", self.base.saturating_add(first))?;
            if last > first {
                write!(f, "-{}", self.base.saturating_add(last))?;
            }
            // Clears bits 0 to `last`; in two steps, as the last may be the 64th.
            rest &= (u64::MAX << last) << 1;
            if rest != 0 {
                f.write_char(self.separator)?;
            }
        }
        Ok(())
    }
}

/// What stands at the end of text that was cut off.
const CUT: &[u8] = b"...";

/// Text of at most `N - 1` bytes, with a final zero. More is cut off, and dots say so.
#[derive(Clone, Copy, Debug)]
pub struct Buffer<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Buffer<N> {
    /// Writes `text`.
    pub fn of(text: fmt::Arguments<'_>) -> Self {
        let mut buffer = Self {
            bytes: [0; N],
            len: 0,
        };
        if buffer.write_fmt(text).is_err() {
            buffer.cut();
        }
        buffer
    }

    fn cut(&mut self) {
        let start = self.len.saturating_sub(CUT.len());
        for (byte, dot) in self.bytes.iter_mut().skip(start).zip(CUT) {
            *byte = *dot;
        }
    }

    /// The text, with its final zero.
    pub fn as_c_str(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.bytes).unwrap_or(c"")
    }
}

impl<const N: usize> fmt::Display for Buffer<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // All that is written is.
        f.write_str(self.as_c_str().to_str().unwrap_or(""))
    }
}

impl<const N: usize> Write for Buffer<N> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = (N - 1).saturating_sub(self.len);
        let text = text.as_bytes();
        let (text, rest) = text.split_at_checked(room).unwrap_or((text, &[]));
        if let Some(place) = self.bytes.get_mut(self.len..self.len + text.len()) {
            place.copy_from_slice(text);
            self.len += text.len();
        }
        rest.is_empty().then_some(()).ok_or(fmt::Error)
    }
}
