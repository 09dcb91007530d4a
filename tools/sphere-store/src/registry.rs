// SPDX-License-Identifier: GPL-2.0

//! What a device remembers of applications, those that are gone included: which user each is, and
//! which version it has run. In the mutable storage, a file of lines:
//!
//! ```text
//! COMPONENT USER VERSION NAME
//! 25025d2c-66da-4448-bae1-ac26fcdd3627 1001 3 telemetry
//! ```
//!
//! Nothing is forgotten. A user is never given to a second application: files of the first may still
//! be there. A version never becomes lower: what an update has mended would come back.

use crate::{name::Name, seal::Release};
use core::fmt;
use sphere_core::uuid::Uuid;

/// Applications that a device can remember.
pub const ENTRIES_MAX: usize = 64;
/// Bytes of the longest file: an entry has at most 36 + 10 + 20 + 31, and four more.
pub const FILE_MAX: usize = ENTRIES_MAX * 101;
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
                "this device remembers {ENTRIES_MAX} applications already"
            ),
        }
    }
}

impl Registry {
    /// Nothing is known.
    pub const EMPTY: Self = Self {
        entries: [None; ENTRIES_MAX],
        count: 0,
    };

    /// Reads the file.
    ///
    /// # Errors
    ///
    /// The first line that is wrong.
    pub fn parse(file: &[u8]) -> Result<Self, RegistryError> {
        let mut registry = Self::EMPTY;
        let fail = |line, reason| Err(RegistryError { line, reason });
        let Some(file) = file.strip_suffix(b"\n") else {
            return match file {
                [] => Ok(registry),
                _ => fail(
                    file.split(|&byte| byte == b'\n').count(),
                    "the line is not whole",
                ),
            };
        };
        for (line, number) in file.split(|&byte| byte == b'\n').zip(1..) {
            let Some(entry) = entry(line) else {
                return fail(number, "expected COMPONENT USER VERSION NAME");
            };
            let twice = |old: &Entry| old.component == entry.component || old.uid == entry.uid;
            if registry.iter().any(twice) {
                return fail(number, "the component or the user is there twice");
            }
            if registry.push(entry).is_err() {
                return fail(number, "there are too many applications");
            }
        }
        Ok(registry)
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
        if known.is_none() && (self.count == ENTRIES_MAX || self.free_uid().is_none()) {
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
        let &Release {
            component,
            version,
            name,
        } = release;
        let mut entries = self.entries.iter_mut().flatten();
        if let Some(entry) = entries.find(|entry| entry.component == component) {
            let is_new = entry.version != version;
            entry.version = version;
            return Ok((entry.uid, is_new));
        }
        let uid = self.free_uid().ok_or(Unregistered::Full)?;
        self.push(Entry {
            component,
            uid,
            version,
            name,
        })?;
        Ok((uid, true))
    }

    fn free_uid(&self) -> Option<u32> {
        let next = self.iter().map(|entry| entry.uid + 1).max();
        Some(next.unwrap_or(FIRST_UID)).filter(|&uid| uid <= LAST_UID)
    }
}

/// The file.
impl fmt::Display for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|entry| writeln!(f, "{entry}"))
    }
}

fn entry(line: &[u8]) -> Option<Entry> {
    let mut words = core::str::from_utf8(line).ok()?.split(' ');
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
