// SPDX-License-Identifier: GPL-2.0

//! Names of applications, by which whoever operates a device speaks of them.

use core::fmt;

/// Bytes of the longest name.
pub const NAME_MAX: usize = 31;

/// A name that is safe in a path and on a console: 1 to [`NAME_MAX`] letters, digits, `-`, `_` and
/// `.`, of which the last is not the first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// The name, and zeros.
    bytes: [u8; NAME_MAX + 1],
}

/// A text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadName;

impl fmt::Display for BadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a name has 1 to 31 letters, digits, `-`, `_` and `.`, and does not start with `.`",
        )
    }
}

impl core::error::Error for BadName {}

impl Name {
    /// Takes a text for a name.
    ///
    /// # Errors
    ///
    /// When it cannot be one.
    pub fn new(text: &str) -> Result<Self, BadName> {
        let mut bytes = [0; NAME_MAX + 1];
        let room = bytes.get_mut(..text.len()).ok_or(BadName)?;
        room.copy_from_slice(text.as_bytes());
        // Zeros are what a field is filled up with, and no part of a text.
        Self::from_field(&bytes)
            .filter(|name| name.as_str().len() == text.len())
            .ok_or(BadName)
    }

    /// Takes a field that is filled up with zeros for a name.
    pub fn from_field(field: &[u8; NAME_MAX + 1]) -> Option<Self> {
        let (name, rest) = field.split_at(field.iter().position(|&byte| byte == 0)?);
        let is_plain =
            |&byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let is_name = name.iter().all(is_plain) && !matches!(name.first(), None | Some(b'.'));
        (is_name && rest.iter().all(|&byte| byte == 0)).then_some(Self { bytes: *field })
    }

    /// The name, filled up with zeros.
    pub fn field(&self) -> &[u8; NAME_MAX + 1] {
        &self.bytes
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        let end = self.bytes.iter().position(|&byte| byte == 0);
        // It is ASCII.
        core::str::from_utf8(&self.bytes[..end.unwrap_or(NAME_MAX)]).unwrap_or("")
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}
