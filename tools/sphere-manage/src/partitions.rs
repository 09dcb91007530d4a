// SPDX-License-Identifier: GPL-2.0

//! The kernel's list of flash partitions.

use rustix::fs::OFlags;
use sphere_device::{
    errno::{Doing, Failure},
    file,
};

const PATH: &str = "/proc/mtd";

/// Bytes of the list that are looked at.
const MAX: usize = 4096;

/// What the kernel says about its flash partitions; [`crate::mtd`] reads it.
pub struct Partitions {
    bytes: [u8; MAX],
    len: usize,
}

impl Partitions {
    /// None.
    pub const NONE: Self = Self {
        bytes: [0; MAX],
        len: 0,
    };

    /// Those that there are now; a kernel without flash has no list of them.
    pub fn read_if_any() -> Self {
        Self::read().unwrap_or(Self::NONE)
    }

    /// Those that there are now.
    ///
    /// # Errors
    ///
    /// What the kernel says; `EFBIG` if the list is longer than what is looked at.
    pub fn read() -> Result<Self, Failure> {
        let mut list = Self::NONE;
        let file = file::open_path(PATH, OFlags::RDONLY).doing("open /proc/mtd")?;
        list.len = file::read_whole(file, &mut list.bytes)?.len();
        Ok(list)
    }

    /// The list.
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}
