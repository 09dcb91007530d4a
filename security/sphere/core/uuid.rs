// SPDX-License-Identifier: GPL-2.0

//! Component ids.

use core::fmt;

/// A UUID in the byte order of RFC 9562, which is also the order in which it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid(pub [u8; 16]);

impl Uuid {
    /// The UUID that names nothing.
    pub const NIL: Self = Self([0; 16]);

    /// Bytes of the text that [`fmt::Display`] writes.
    pub const TEXT_SIZE: usize = 36;

    /// Reads the one form that [`fmt::Display`] writes: lower case, with hyphens.
    pub fn parse(text: &str) -> Option<Self> {
        let mut digits = text.as_bytes().iter();
        let mut id = Self::NIL;
        for (i, byte) in id.0.iter_mut().enumerate() {
            if is_group(i) && digits.next() != Some(&b'-') {
                return None;
            }
            *byte = hex_digit(*digits.next()?)? << 4 | hex_digit(*digits.next()?)?;
        }
        digits.next().is_none().then_some(id)
    }

    /// Whether this is [`Uuid::NIL`].
    pub fn is_nil(&self) -> bool {
        *self == Self::NIL
    }
}

/// Whether a hyphen comes before byte `i`.
fn is_group(i: usize) -> bool {
    matches!(i, 4 | 6 | 8 | 10)
}

fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, byte) in self.0.iter().enumerate() {
            if is_group(i) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}
