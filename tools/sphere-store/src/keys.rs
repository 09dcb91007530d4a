// SPDX-License-Identifier: GPL-2.0

//! Keys that a device trusts.
//!
//! Two files list them, one key in a line, with what people call it behind it:
//!
//! ```text
//! # Whoever makes the device. In the root file system, which is read-only.
//! 3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c platform
//! ```
//!
//! The other is the owner's, in the mutable storage, where keys can also be revoked:
//!
//! ```text
//! fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025 our shop
//! revoked 3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c
//! ```
//!
//! What is revoked in either of them is not trusted, whoever trusts it elsewhere.

use crate::{hex, seal::Key};
use core::fmt;
use ed25519_dalek::VerifyingKey;

/// Keys that there may be, those that were revoked among them.
pub const KEYS_MAX: usize = 16;
/// Bytes of the longest file.
pub const FILE_MAX: usize = 4096;

/// Whether what a key has signed may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// It may.
    Trusted,
    /// Nobody has said so.
    Unknown,
    /// It may not any more.
    Revoked,
}

/// Keys, and what is thought of them.
#[derive(Clone)]
pub struct Keys {
    entries: [(Key, Trust); KEYS_MAX],
    count: usize,
}

/// What is wrong with a line of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeysReason {
    /// It is not UTF-8.
    NotText,
    /// It has no key.
    NoKey,
    /// The 32 bytes are no public key.
    BadKey,
    /// There are more than [`KEYS_MAX`] keys.
    TooMany,
}

/// Where a file is wrong, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeysError {
    /// Number of the line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: KeysReason,
}

impl fmt::Display for KeysReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotText => "this is not UTF-8",
            Self::NoKey => "expected a key, 64 hexadecimal digits, or `revoked` and a key",
            Self::BadKey => "this is no public key of Ed25519",
            Self::TooMany => "there are more than 16 keys",
        })
    }
}

impl fmt::Display for KeysError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl core::error::Error for KeysError {}

impl Keys {
    /// None: nothing is trusted.
    pub const NONE: Self = Self {
        entries: [(Key([0; 32]), Trust::Unknown); KEYS_MAX],
        count: 0,
    };

    /// Adds the keys of a file.
    ///
    /// # Errors
    ///
    /// The first line that is wrong; then nothing is added.
    pub fn read(&mut self, file: &[u8]) -> Result<(), KeysError> {
        let mut keys = self.clone();
        for (line, number) in file.split(|&byte| byte == b'\n').zip(1..) {
            keys.read_line(line).map_err(|reason| KeysError {
                line: number,
                reason,
            })?;
        }
        *self = keys;
        Ok(())
    }

    fn read_line(&mut self, line: &[u8]) -> Result<(), KeysReason> {
        let line = core::str::from_utf8(line).map_err(|_| KeysReason::NotText)?;
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        let (trust, text) = match line.strip_prefix("revoked ") {
            Some(rest) => (Trust::Revoked, rest.trim_ascii_start()),
            None => (Trust::Trusted, line),
        };
        self.add(key(text)?, trust)
    }

    fn add(&mut self, key: Key, trust: Trust) -> Result<(), KeysReason> {
        let known = self.entries[..self.count].iter_mut();
        for (other, old) in known {
            if *other == key {
                if trust == Trust::Revoked {
                    *old = trust;
                }
                return Ok(());
            }
        }
        let place = self.entries.get_mut(self.count);
        *place.ok_or(KeysReason::TooMany)? = (key, trust);
        self.count += 1;
        Ok(())
    }

    /// What is thought of a key.
    pub fn trust(&self, key: &Key) -> Trust {
        self.iter()
            .find(|(known, _)| known == key)
            .map_or(Trust::Unknown, |(_, trust)| trust)
    }

    /// All keys.
    pub fn iter(&self) -> impl Iterator<Item = (Key, Trust)> {
        self.entries[..self.count].iter().copied()
    }
}

/// The key that a text starts with, alone or with a space behind it.
///
/// # Errors
///
/// When it does not, or when it is none.
pub fn key(text: &str) -> Result<Key, KeysReason> {
    let word = text.split_ascii_whitespace().next().unwrap_or("");
    let key = hex::parse(word).ok_or(KeysReason::NoKey)?;
    // What no private key belongs to is a mistake; what has a small order would sign everything.
    match VerifyingKey::from_bytes(&key) {
        Ok(point) if !point.is_weak() => Ok(Key(key)),
        _ => Err(KeysReason::BadKey),
    }
}

/// A file of keys with one key trusted or revoked: the lines of `file` but those about the key, and
/// one for it. [`fmt::Display`] writes it.
#[derive(Clone, Copy)]
pub struct Changed<'a> {
    /// The file as it was, which [`Keys::read`] takes.
    pub file: &'a str,
    /// The key.
    pub key: Key,
    /// Whether it is revoked, and not trusted.
    pub revoked: bool,
}

impl fmt::Display for Changed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.file.lines() {
            let text = line.trim_ascii();
            let text = text.strip_prefix("revoked ").unwrap_or(text);
            if key(text) != Ok(self.key) {
                writeln!(f, "{line}")?;
            }
        }
        let word = if self.revoked { "revoked " } else { "" };
        writeln!(f, "{word}{:?}", self.key)
    }
}
