// SPDX-License-Identifier: GPL-2.0

//! What a device remembers of applications, those that are gone included: which user each is, and
//! which version it has run. In the mutable storage, a file of lines:
//!
//! ```text
//! COMPONENT USER VERSION NAME
//! 25025d2c-66da-4448-bae1-ac26fcdd3627 1001 3 telemetry
//! next 1002 0f51446df50ebb2c
//! ```
//!
//! Nothing is forgotten. A user is never given to a second application: files of the first may still
//! be there. A version never becomes lower: what an update has mended would come back.
//!
//! The last line says which user the next new application is, and has the start of the SHA-512 of all
//! that is before its last word: of a file that was changed or cut short, nothing is believed. It
//! is no signature: who can write the file can write that, too.

use crate::{
    hex::{self, Hex},
    name::Name,
    seal::Release,
};
use core::fmt::{self, Write};
use sha2::{Digest, Sha512};
use sphere_core::uuid::Uuid;

/// Applications that a device can remember.
pub const ENTRIES_MAX: usize = 64;
/// Bytes of the longest file: an entry has at most 36 + 10 + 20 + 31, and four more; the last line
/// has 4 + 10 + 16, and three more.
pub const FILE_MAX: usize = ENTRIES_MAX * 101 + 33;
/// User and group of the first application.
pub const FIRST_UID: u32 = 1001;
/// The last that is given to an application.
pub const LAST_UID: u32 = 59_999;

/// What is known of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which.
    pub component: Uuid,
    /// Its user and group.
    pub uid: u32,
    /// The highest version that has run.
    pub version: u64,
    /// What it is called.
    pub name: Name,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            component,
            uid,
            version,
            name,
        } = self;
        write!(f, "{component} {uid} {version} {name}")
    }
}

/// What is known of all applications.
#[derive(Clone)]
pub struct Registry {
    /// Those that there are come first.
    entries: [Option<Entry>; ENTRIES_MAX],
    count: usize,
    /// The first user that nobody ever was.
    next: u32,
}

/// What is wrong with a line of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegistryError {
    /// Number of the line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl core::error::Error for RegistryError {}

/// Why an application cannot be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unregistered {
    /// A higher version has run.
    Rollback {
        /// The version that this is.
        version: u64,
        /// The one that has run.
        known: u64,
    },
    /// It was called this before. Its storage and who operates the device know it by that.
    Renamed(Name),
    /// [`ENTRIES_MAX`] others are remembered, or there is no user left.
    Full,
}

impl fmt::Display for Unregistered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rollback { version, known } => write!(
                f,
                "it is version {version}, and version {known} has run here: an old version is not \
                 taken back"
            ),
            Self::Renamed(known) => write!(f, "the same application is known as {known} here"),
            Self::Full => write!(
                f,
                "this device remembers {ENTRIES_MAX} applications already, or has no user left"
            ),
        }
    }
}

impl Registry {
    /// Nothing is known.
    pub const EMPTY: Self = Self::starting_at(FIRST_UID);

    /// Nothing is known but that somebody was each user before `next`.
    pub(crate) const fn starting_at(next: u32) -> Self {
        Self {
            entries: [None; ENTRIES_MAX],
            count: 0,
            next,
        }
    }

    /// Reads the file.
    ///
    /// # Errors
    ///
    /// The first line that is wrong.
    pub fn parse(file: &[u8]) -> Result<Self, RegistryError> {
        let mut registry = Self::EMPTY;
        let (entries, last) = split_last_line(file);
        let mut number = 1;
        for line in entries.split_inclusive(|&byte| byte == b'\n') {
            registry.read(line, number)?;
            number += 1;
        }
        if !last.starts_with(NEXT.as_bytes()) {
            return fail(number, "the end is missing");
        }
        let Some(next) = end(entries, last) else {
            return fail(number, "what is before this is not what was written");
        };
        if registry.iter().any(|entry| entry.uid >= next) {
            return fail(number, "the next user is there already");
        }
        registry.next = next;
        Ok(registry)
    }

    fn read(&mut self, line: &[u8], number: usize) -> Result<(), RegistryError> {
        let Some(entry) = entry(line) else {
            return fail(number, "expected COMPONENT USER VERSION NAME");
        };
        let twice = |old: &Entry| old.component == entry.component || old.uid == entry.uid;
        if self.iter().any(twice) {
            return fail(number, "the component or the user is there twice");
        }
        self.push(entry)
            .or_else(|_| fail(number, "there are too many applications"))
    }

    fn push(&mut self, entry: Entry) -> Result<(), Unregistered> {
        *self.entries.get_mut(self.count).ok_or(Unregistered::Full)? = Some(entry);
        self.count += 1;
        Ok(())
    }

    /// All that is known.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().flatten()
    }

    /// What is known of a component.
    pub fn get(&self, component: Uuid) -> Option<&Entry> {
        self.iter().find(|entry| entry.component == component)
    }

    /// Whether [`Self::register`] would take this; nothing changes.
    ///
    /// # Errors
    ///
    /// See [`Unregistered`].
    pub fn check(&self, release: &Release) -> Result<(), Unregistered> {
        let known = self.get(release.component);
        if let Some(known) = known {
            let (version, known_version) = (release.version, known.version);
            if version < known_version {
                return Err(Unregistered::Rollback {
                    version,
                    known: known_version,
                });
            }
            if release.name != known.name {
                return Err(Unregistered::Renamed(known.name));
            }
        }
        if known.is_none() && (self.count == ENTRIES_MAX || self.next > LAST_UID) {
            return Err(Unregistered::Full);
        }
        Ok(())
    }

    /// Remembers an application that is going to run. Returns its user, and whether anything is new,
    /// so that the file has to be written before it runs.
    ///
    /// # Errors
    ///
    /// See [`Unregistered`]; nothing is remembered then.
    pub fn register(&mut self, release: &Release) -> Result<(u32, bool), Unregistered> {
        self.check(release)?;
        let mut entries = self.entries.iter_mut().flatten();
        if let Some(entry) = entries.find(|entry| entry.component == release.component) {
            let is_new = entry.version != release.version;
            entry.version = release.version;
            return Ok((entry.uid, is_new));
        }
        let uid = self.next;
        self.add(release, uid)?;
        self.next += 1;
        Ok((uid, true))
    }

    /// Adds an application that is not known as a user that is not either.
    pub(crate) fn add(&mut self, release: &Release, uid: u32) -> Result<(), Unregistered> {
        let &Release {
            component,
            version,
            name,
        } = release;
        self.push(Entry {
            component,
            uid,
            version,
            name,
        })
    }

    /// The first user that nobody ever was.
    pub(crate) fn next(&self) -> u32 {
        self.next
    }
}

/// What the last line starts with.
const NEXT: &str = "next ";

/// Bytes of the SHA-512 that are in the file. They are there against accidents.
const DIGEST_SIZE: usize = 8;

/// The file.
impl fmt::Display for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut file = Hashed {
            inner: f,
            hash: Sha512::new(),
        };
        for entry in self.iter() {
            writeln!(file, "{entry}")?;
        }
        write!(file, "{NEXT}{} ", self.next)?;
        let digest = file.hash.finalize();
        writeln!(f, "{}", Hex(&digest[..DIGEST_SIZE]))
    }
}

/// Takes notice of what is written.
struct Hashed<'a, 'f> {
    inner: &'a mut fmt::Formatter<'f>,
    hash: Sha512,
}

impl Write for Hashed<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.hash.update(text);
        self.inner.write_str(text)
    }
}

/// What is before the last line, and that.
fn split_last_line(file: &[u8]) -> (&[u8], &[u8]) {
    let whole = file.strip_suffix(b"\n").unwrap_or(file);
    let before = whole.iter().rposition(|&byte| byte == b'\n');
    before
        .and_then(|at| file.split_at_checked(at + 1))
        .unwrap_or((&[], file))
}

/// The next user that the last line names, if it is that of what is before.
fn end(before: &[u8], line: &[u8]) -> Option<u32> {
    let line = core::str::from_utf8(line).ok()?.strip_suffix('\n')?;
    let (front, digest) = line.rsplit_once(' ')?;
    let next = number(front.strip_prefix(NEXT)?)?;
    let hash = Sha512::new()
        .chain_update(before)
        .chain_update(front)
        .chain_update(" ")
        .finalize();
    let is_digest = digest.bytes().all(|byte| !byte.is_ascii_uppercase())
        && hex::parse(digest).is_some_and(|bytes: [u8; DIGEST_SIZE]| hash.starts_with(&bytes));
    (is_digest && (FIRST_UID..=LAST_UID + 1).contains(&next)).then_some(next)
}

fn fail<T>(line: usize, reason: &'static str) -> Result<T, RegistryError> {
    Err(RegistryError { line, reason })
}

fn entry(line: &[u8]) -> Option<Entry> {
    let line = core::str::from_utf8(line).ok()?.strip_suffix('\n')?;
    let mut words = line.split(' ');
    let entry = Entry {
        component: Uuid::parse(words.next()?)?,
        uid: number(words.next()?)?,
        version: number(words.next()?)?,
        name: Name::new(words.next()?).ok()?,
    };
    let is_valid = (FIRST_UID..=LAST_UID).contains(&entry.uid) && !entry.component.is_nil();
    (is_valid && words.next().is_none()).then_some(entry)
}

/// A number as [`fmt::Display`] writes it, and in no other way.
fn number<N: core::str::FromStr>(text: &str) -> Option<N> {
    let is_plain =
        text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| is_plain)
}
