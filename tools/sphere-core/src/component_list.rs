// SPDX-License-Identifier: GPL-2.0

//! Lines of the file `components` in securityfs, which says what the live components are.
//!
//! One block for each component: a line `component UUID`, then lines that start with a space. A
//! blank line is between two blocks.

use crate::{
    token::{Token, decimal},
    uuid::Uuid,
};

/// Bytes of the longest line that has a meaning.
pub const LINE_MAX: usize = 1024;

/// How many bytes of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// So many.
    pub bytes: u64,
    /// At most so many.
    pub most: u64,
}

impl Share {
    /// Reads `4096 of 8192`.
    fn parse(text: &str) -> Option<Self> {
        let (bytes, most) = text.split_once(" of ")?;
        Some(Self {
            bytes: decimal(bytes)?,
            most: decimal(most)?,
        })
    }
}

/// One line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// Between two blocks.
    Blank,
    /// A block begins.
    Component(Uuid),
    /// What the application is called.
    Name(Token<'a>),
    /// For whom it speaks.
    Tenant(Token<'a>),
    /// The user that it runs as.
    Uid(u32),
    /// Something that its record grants, in the words of the policy language.
    Grant(&'a str),
    /// A statement of the policy that is about it.
    Policy(&'a str),
    /// Bytes on flash now, and how many there may be.
    Used(Share),
    /// Bytes that have reached the flash since the boot, and how many may.
    Written(Share),
    /// How often a gate has denied it something since the boot.
    Denied {
        /// Word for the gate.
        gate: &'a str,
        /// How often.
        count: u64,
    },
    /// Denials that were not said since the boot.
    Missed(u64),
    /// What a later kernel may add, and everything that is not as it has to be.
    Other(&'a str),
}

impl<'a> Line<'a> {
    /// Reads a line, without the line break.
    pub fn parse(line: &'a str) -> Self {
        let known = match line.strip_prefix(' ') {
            Some(detail) => Self::detail(detail),
            None if line.is_empty() => Some(Self::Blank),
            None => line
                .strip_prefix("component ")
                .and_then(Uuid::parse)
                .map(Self::Component),
        };
        known.unwrap_or(Self::Other(line))
    }

    fn detail(detail: &'a str) -> Option<Self> {
        let (key, value) = detail.split_once(' ')?;
        match key {
            "name" => Token::new(value).map(Self::Name),
            "tenant" => Token::new(value).map(Self::Tenant),
            "uid" => decimal(value).map(Self::Uid),
            "grant" => words(value).map(Self::Grant),
            "policy" => words(value).map(Self::Policy),
            "used" => Share::parse(value).map(Self::Used),
            "written" => Share::parse(value).map(Self::Written),
            "denied" => {
                let (gate, count) = value.split_once(' ')?;
                Some(Self::Denied {
                    gate: words(gate)?,
                    count: decimal(count)?,
                })
            }
            "missed" => decimal(value).map(Self::Missed),
            _ => None,
        }
    }
}

/// Tokens with spaces between them: nothing that would control a terminal.
fn words(text: &str) -> Option<&str> {
    let plain = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
    (!text.is_empty() && text.bytes().all(plain)).then_some(text)
}
