// SPDX-License-Identifier: GPL-2.0

//! The file in which this device remembers its applications: see [`sphere_store::registry`].

use crate::{DATA, storage::Owners};
use core::fmt;
use rustix::{
    fd::OwnedFd,
    fs::{Mode, OFlags, mkdir},
    io::Errno,
};
use sphere_device::{
    errno::{Doing, Failure},
    file,
    text::Text,
};
use sphere_store::registry::{FILE_MAX, Registry, RegistryError};

const FILE: &str = "registry";
const TEMPORARY: &str = "registry.new";

/// Why the file cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// It cannot be read.
    Failure(Failure),
    /// A line of it is wrong.
    Registry(RegistryError),
    /// It is not there, and was.
    Missing,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{DATA}/sphere/{FILE}: ")?;
        match self {
            Self::Failure(failure) => failure.fmt(f),
            Self::Registry(error) => error.fmt(f),
            Self::Missing => f.write_str("it is gone, and what applications have stored is there"),
        }
    }
}

impl From<Failure> for LoadError {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// The manager's directory in the mutable storage.
///
/// # Errors
///
/// `ENOENT` where there is no mutable storage.
pub fn directory() -> Result<OwnedFd, Failure> {
    let path = Text::<32>::format(format_args!("{DATA}/sphere")).unwrap_or_default();
    match mkdir(path.as_str(), Mode::RWXU) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(error) => return Err(error).doing("make the manager's directory"),
    }
    file::open_path(path.as_str(), OFlags::DIRECTORY | OFlags::NOFOLLOW)
        .doing("open the manager's directory")
}

/// Reads the file. One that is not there is empty, as long as no application has stored anything:
/// none does before it is remembered.
///
/// # Errors
///
/// When it cannot be read, or makes no sense.
pub fn load(directory: &OwnedFd) -> Result<Registry, LoadError> {
    // What is no file cannot keep anybody waiting.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = match file::open(directory, FILE, flags) {
        Err(Errno::NOENT) => return new(),
        result => result.doing("open the file")?,
    };
    let mut buffer = [0; FILE_MAX];
    let bytes = file::read_whole(file, &mut buffer)?;
    Registry::parse(bytes).map_err(LoadError::Registry)
}

fn new() -> Result<Registry, LoadError> {
    match Owners::open()?.highest()? {
        None => Ok(Registry::EMPTY),
        Some(_) => Err(LoadError::Missing),
    }
}

/// Writes the file.
///
/// # Errors
///
/// What the kernel says. Then the file holds what it did.
pub fn save(directory: &OwnedFd, registry: &Registry) -> Result<(), Failure> {
    let text = Text::<FILE_MAX>::format(format_args!("{registry}"))
        .ok_or(Errno::FBIG)
        .doing("write what is remembered")?;
    file::replace(directory, FILE, TEMPORARY, text.as_str().as_bytes())
}
