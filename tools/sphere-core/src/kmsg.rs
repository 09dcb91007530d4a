// SPDX-License-Identifier: GPL-2.0

//! Records of the kernel's log, as `/dev/kmsg` hands them out one by one:
//!
//! ```text
//! PRIORITY,SEQUENCE,MICROSECONDS,FLAGS[,...];MESSAGE
//!  KEY=VALUE
//! ```

use crate::token::decimal;

/// Bytes of the longest record that the kernel hands out.
pub const RECORD_MAX: usize = 8192;

/// Syslog's number of the kernel as who says something. User space cannot use it: what a program
/// writes to `/dev/kmsg` comes out with another number.
const KERNEL: u32 = 0;

/// A record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Syslog's number of who says it, and its level.
    pub priority: u32,
    /// Counts up, without gaps.
    pub sequence: u64,
    /// Since the machine started.
    pub microseconds: u64,
    /// Still with the escapes `\xNN` for bytes that are not printable.
    message: &'a [u8],
}

impl<'a> Record<'a> {
    /// Splits what one read(2) has returned.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let split = bytes.iter().position(|&byte| byte == b';')?;
        let (head, rest) = bytes.split_at(split);
        let mut numbers = core::str::from_utf8(head).ok()?.split(',');
        let record = Self {
            priority: decimal(numbers.next()?)?,
            sequence: decimal(numbers.next()?)?,
            microseconds: decimal(numbers.next()?)?,
            // What belongs to the record beside its message is in further lines.
            message: rest[1..].split(|&byte| byte == b'\n').next()?,
        };
        numbers.next().map(|_| record)
    }

    /// Whether the kernel says it, and not a program that has written to the log.
    pub fn is_from_kernel(&self) -> bool {
        self.priority >> 3 == KERNEL
    }

    /// The message, written to `buffer` without escapes. `None` when it does not fit, or is no
    /// text.
    pub fn message<'b>(&self, buffer: &'b mut [u8]) -> Option<&'b str> {
        let mut len = 0;
        for byte in Unescaped(self.message) {
            *buffer.get_mut(len)? = byte;
            len += 1;
        }
        core::str::from_utf8(buffer.get(..len)?).ok()
    }
}

/// The bytes of a message with its escapes undone.
struct Unescaped<'a>(&'a [u8]);

impl Iterator for Unescaped<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let (byte, rest) = match self.0 {
            [b'\\', b'x', high, low, rest @ ..] => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, rest),
                _ => (b'\\', &self.0[1..]),
            },
            [byte, rest @ ..] => (*byte, rest),
            [] => return None,
        };
        self.0 = rest;
        Some(byte)
    }
}

/// The value of a hexadecimal digit.
fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}
