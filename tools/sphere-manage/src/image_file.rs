// SPDX-License-Identifier: GPL-2.0

//! A file with an application image.

use rustix::{
    fd::OwnedFd,
    fs::{OFlags, fstat},
    io::Errno,
    path::Arg,
};
use sphere_device::{
    errno::{Doing, Failure},
    file,
};
use sphere_store::source::Source;

/// A file that is open.
pub struct ImageFile {
    fd: OwnedFd,
    size: u32,
}

impl ImageFile {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// `EFBIG` for one of 4 GiB and more, else what the kernel says.
    pub fn open(path: impl Arg) -> Result<Self, Failure> {
        let fd = file::open_path(path, OFlags::RDONLY).doing("open the image file")?;
        let stat = fstat(&fd).doing("ask how large the image file is")?;
        let size = u32::try_from(stat.st_size)
            .map_err(|_| Errno::FBIG)
            .doing("use the image file")?;
        Ok(Self { fd, size })
    }

    /// The file.
    pub fn fd(&self) -> &OwnedFd {
        &self.fd
    }
}

impl Source for ImageFile {
    type Error = Failure;

    fn size(&self) -> u32 {
        self.size
    }

    fn read(&self, at: u32, buffer: &mut [u8]) -> Result<(), Failure> {
        file::read_exact_at(&self.fd, buffer, at.into()).doing("read the image file")
    }
}
