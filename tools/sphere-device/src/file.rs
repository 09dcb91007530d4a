// SPDX-License-Identifier: GPL-2.0

//! Reading small files.

use crate::errno::{Doing, Failure};
use rustix::{
    fd::{AsFd, BorrowedFd, OwnedFd},
    fs::{CWD, Mode, OFlags, openat},
    io::{Errno, read},
    path::Arg,
    stdio,
};

/// Opens a file that programs started from here shall not have.
///
/// # Errors
///
/// What openat(2) says.
pub fn open(directory: impl AsFd, path: impl Arg, flags: OFlags) -> Result<OwnedFd, Errno> {
    openat(directory, path, flags | OFlags::CLOEXEC, Mode::empty())
}

/// Opens a file by its path, as [`open`].
///
/// # Errors
///
/// What openat(2) says.
pub fn open_path(path: impl Arg, flags: OFlags) -> Result<OwnedFd, Errno> {
    open(CWD, path, flags)
}

/// Standard input.
pub fn stdin() -> BorrowedFd<'static> {
    // SAFETY: nothing closes standard input, and were it not open, reading would fail.
    unsafe { stdio::stdin() }
}

/// Reads the whole file into `buffer`.
///
/// # Errors
///
/// `EFBIG` when the file is larger than the buffer, else what read(2) says.
pub fn read_whole(file: impl AsFd, buffer: &mut [u8]) -> Result<&[u8], Failure> {
    let mut len = 0;
    loop {
        // One byte more than fits tells that there is more.
        let mut beyond = [0];
        let rest = match &mut buffer[len..] {
            [] => &mut beyond[..],
            rest => rest,
        };
        match read(&file, rest) {
            Ok(0) => return Ok(&buffer[..len]),
            Ok(_) if len == buffer.len() => return Err(Errno::FBIG).doing("read the file"),
            Ok(count) => len += count,
            Err(Errno::INTR) => {}
            Err(error) => return Err(error).doing("read the file"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_all_or_fails() {
        let (reader, writer) = rustix::pipe::pipe().unwrap();
        rustix::io::write(&writer, b"12345678").unwrap();
        drop(writer);
        assert_eq!(read_whole(&reader, &mut [0; 8]).unwrap(), b"12345678");

        let (reader, writer) = rustix::pipe::pipe().unwrap();
        rustix::io::write(&writer, b"123456789").unwrap();
        drop(writer);
        let error = read_whole(&reader, &mut [0; 8]).unwrap_err();
        assert_eq!(error.error, Errno::FBIG);
    }
}
