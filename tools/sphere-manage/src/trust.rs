// SPDX-License-Identifier: GPL-2.0

//! The keys that this device trusts: those of its root file system, and the owner's.

use crate::DATA;
use core::fmt;
use rustix::{fs::OFlags, io::Errno};
use sphere_device::{
    errno::{Doing, Failure},
    file,
    text::Text,
};
use sphere_store::keys::{FILE_MAX, Keys, KeysError};

/// The file of whoever makes the device.
pub const PLATFORM: &str = "/etc/sphere/keys";
/// The owner's, in the directory that [`crate::registry`] is in.
pub const OWNER: &str = "keys";

/// Why a file of keys cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrustError {
    /// It cannot be read.
    Failure(&'static str, Failure),
    /// A line of it is wrong.
    Keys(&'static str, KeysError),
}

impl fmt::Display for TrustError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failure(path, failure) => write!(f, "{path}: {failure}"),
            Self::Keys(path, error) => write!(f, "{path}: {error}"),
        }
    }
}

/// The path of the owner's file.
pub fn owner_path() -> Text<32> {
    // It has room.
    Text::format(format_args!("{DATA}/sphere/{OWNER}")).unwrap_or_default()
}

/// All keys. A file that is not there has none.
///
/// # Errors
///
/// When one of the files cannot be used: what it would revoke is not known then, and so nothing is
/// to be trusted.
pub fn load() -> Result<Keys, TrustError> {
    let mut keys = Keys::NONE;
    add(&mut keys, "the platform's keys", PLATFORM)?;
    add(&mut keys, "the owner's keys", owner_path().as_str())?;
    Ok(keys)
}

fn add(keys: &mut Keys, whose: &'static str, path: &str) -> Result<(), TrustError> {
    let mut buffer = [0; FILE_MAX];
    let file = match file::open_path(path, OFlags::RDONLY) {
        Err(Errno::NOENT) => return Ok(()),
        result => result.doing("open the file"),
    };
    let bytes = file
        .and_then(|file| file::read_whole(file, &mut buffer))
        .map_err(|failure| TrustError::Failure(whose, failure))?;
    keys.read(bytes)
        .map_err(|error| TrustError::Keys(whose, error))
}
