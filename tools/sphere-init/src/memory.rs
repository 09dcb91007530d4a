// SPDX-License-Identifier: GPL-2.0

//! What this device remembers of its applications, so that each keeps its user, and no old version
//! comes back.

use core::fmt;
use rustix::{fd::OwnedFd, io::Errno};
use sphere_device::{console::Console, errno::Failure, say};
use sphere_manage::{
    DATA,
    registry::{self, LoadError},
    storage::Owners,
};
use sphere_store::{
    recovery::recover,
    registry::{Registry, Unregistered},
    seal::Release,
};

/// The memory.
pub struct Memory {
    registry: Registry,
    storage: Storage,
}

/// Where it is kept.
enum Storage {
    /// In this directory.
    Kept(OwnedFd),
    /// Nowhere: this device has no mutable storage.
    None,
    /// It cannot be read: who anybody was is not known.
    Lost,
    /// Nor can anything be kept where it is: the mutable storage is broken.
    Broken,
}

/// Why an application cannot run.
pub enum MemoryError {
    /// By what is remembered.
    Unregistered(Unregistered),
    /// It cannot be remembered.
    NotSaved(Failure),
    /// Nothing is known of what was before.
    Lost,
}

impl fmt::Display for MemoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unregistered(reason) => reason.fmt(f),
            Self::NotSaved(failure) => write!(f, "it cannot be remembered: {failure}"),
            Self::Lost => f.write_str("what this device remembers of applications cannot be read"),
        }
    }
}

/// Why nothing is made anew.
pub enum ResetError {
    /// Nothing has to be.
    InOrder,
    /// It would not be kept, since the mutable storage is broken.
    Broken,
    /// It cannot be known or kept.
    Failure(Failure),
    /// There are too many applications.
    Unregistered(Unregistered),
}

impl From<Failure> for ResetError {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl fmt::Display for ResetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InOrder => f.write_str("the registry is in order, and stays as it is"),
            Self::Broken => write!(
                f,
                "{DATA} cannot be used, as the console says: there is no place for a registry"
            ),
            Self::Failure(failure) => write!(f, "the registry: {failure}"),
            Self::Unregistered(reason) => write!(f, "the registry: {reason}"),
        }
    }
}

impl Memory {
    /// Reads what is remembered. `broken` is whether there is mutable storage that cannot be used.
    pub fn open(console: &Console<'_>, broken: bool) -> Self {
        let nothing = |storage| Self {
            registry: Registry::EMPTY,
            storage,
        };
        if broken {
            say!(console, "{DATA} cannot be used: no application starts");
            return nothing(Storage::Broken);
        }
        let directory = match registry::directory() {
            Ok(directory) => directory,
            Err(Failure {
                error: Errno::NOENT | Errno::ROFS,
                ..
            }) => {
                say!(
                    console,
                    "there is no mutable storage: users and versions of applications are \
                     forgotten at the end"
                );
                return nothing(Storage::None);
            }
            Err(failure) => return lost(console, &LoadError::Failure(failure)),
        };
        match registry::load(&directory) {
            Ok(registry) => Self {
                registry,
                storage: Storage::Kept(directory),
            },
            Err(error) => lost(console, &error),
        }
    }

    /// Whether nothing is known of what was before.
    pub fn is_lost(&self) -> bool {
        matches!(self.storage, Storage::Lost | Storage::Broken)
    }

    /// Whether it can be made anew.
    pub fn check_reset(&self) -> Result<(), ResetError> {
        match self.storage {
            Storage::Lost => Ok(()),
            Storage::Broken => Err(ResetError::Broken),
            Storage::Kept(_) | Storage::None => Err(ResetError::InOrder),
        }
    }

    /// Makes what is lost anew, from the applications that are installed. Of those that are not,
    /// and of versions that have run, nothing is known any more.
    pub fn reset<'r>(
        &mut self,
        installed: impl Iterator<Item = &'r Release>,
    ) -> Result<(), ResetError> {
        self.check_reset()?;
        let directory = registry::directory()?;
        let owners = Owners::open()?;
        let new = recover(installed, |app| owners.user_of(app), owners.highest()?)
            .map_err(ResetError::Unregistered)?;
        registry::save(&directory, &new)?;
        *self = Self {
            registry: new,
            storage: Storage::Kept(directory),
        };
        Ok(())
    }

    /// Whether [`Self::register`] would take an application, as far as can be said.
    pub fn check(&self, release: &Release) -> Result<(), MemoryError> {
        if self.is_lost() {
            return Err(MemoryError::Lost);
        }
        self.registry
            .check(release)
            .map_err(MemoryError::Unregistered)
    }

    /// Remembers an application before it runs. Returns its user.
    pub fn register(&mut self, release: &Release) -> Result<u32, MemoryError> {
        self.check(release)?;
        let before = self.registry.clone();
        let (uid, is_new) = self
            .registry
            .register(release)
            .map_err(MemoryError::Unregistered)?;
        if let (true, Storage::Kept(directory)) = (is_new, &self.storage) {
            registry::save(directory, &self.registry).map_err(|failure| {
                self.registry = before;
                MemoryError::NotSaved(failure)
            })?;
        }
        Ok(uid)
    }
}

/// Whom a file belongs to and which version was the last cannot be guessed.
fn lost(console: &Console<'_>, error: &LoadError) -> Memory {
    say!(
        console,
        "{error}: no application starts; sphere-ctl reset-registry says what can be done"
    );
    Memory {
        registry: Registry::EMPTY,
        storage: Storage::Lost,
    }
}
