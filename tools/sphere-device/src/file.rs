// SPDX-License-Identifier: GPL-2.0

//! Reading small files, and replacing them.

use crate::errno::{Doing, Failure};
use rustix::{
    fd::{AsFd, BorrowedFd, OwnedFd},
    fs::{AtFlags, CWD, Mode, OFlags, fsync, openat, renameat, unlinkat},
    io::{Errno, pread, read, write},
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

/// Reads all of `buffer` from the file at `at` on.
///
/// # Errors
///
/// `EIO` when the file ends before, else what pread(2) says.
pub fn read_exact_at(file: impl AsFd, buffer: &mut [u8], at: u64) -> Result<(), Errno> {
    let mut done = 0;
    while let Some(rest @ [_, ..]) = buffer.get_mut(done..) {
        match pread(&file, rest, at + done as u64) {
            Ok(0) => return Err(Errno::IO),
            Ok(count) => done += count,
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Puts `bytes` in place of what the file `name` of a directory holds, or makes it. Whatever
/// happens, and were it the power that fails, the file holds one or the other. `temporary` is the
/// name under which the new one is written.
///
/// # Errors
///
/// What the kernel says; then the file holds what it did.
pub fn replace(
    directory: impl AsFd,
    name: &str,
    temporary: &str,
    bytes: &[u8],
) -> Result<(), Failure> {
    write_new(&directory, temporary, bytes)
        .and_then(|()| renameat(&directory, temporary, &directory, name).doing("replace the file"))
        .inspect_err(|_| {
            // Where there was no room for it, it would take the rest.
            let _ = unlinkat(&directory, temporary, AtFlags::empty());
        })?;
    fsync(&directory).doing("bring the directory to the flash")
}

fn write_new(directory: impl AsFd, name: &str, bytes: &[u8]) -> Result<(), Failure> {
    // Never one that is there: JFFS2 makes the new name of a file before it takes the old one away.
    // When the power fails between, this is a second name of the very file that is to be replaced.
    match unlinkat(&directory, name, AtFlags::empty()) {
        Err(Errno::NOENT) => {}
        result => result.doing("remove an old temporary file")?,
    }
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let file =
        openat(directory, name, flags, Mode::RUSR | Mode::WUSR).doing("make a temporary file")?;
    let mut rest = bytes;
    while !rest.is_empty() {
        match write(&file, rest) {
            Ok(count) => rest = rest.get(count..).unwrap_or(&[]),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error).doing("write the file"),
        }
    }
    fsync(&file).doing("bring the file to the flash")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole() {
        let path = std::env::temp_dir().join(format!("sphere-file-{}", std::process::id()));
        std::fs::create_dir(&path).unwrap();
        let directory = open_path(path.to_str().unwrap(), OFlags::DIRECTORY).unwrap();
        for content in [&b"first"[..], b"2"] {
            replace(&directory, "file", "file.new", content).unwrap();
            assert_eq!(std::fs::read(path.join("file")).unwrap(), content);
        }
        assert_eq!(std::fs::read_dir(&path).unwrap().count(), 1);
        // What cannot be put there leaves nothing.
        std::fs::create_dir_all(path.join("directory/x")).unwrap();
        let failure = replace(&directory, "directory", "file.new", b"third").unwrap_err();
        assert_eq!(failure.doing, "replace the file");
        assert!(!path.join("file.new").exists());
        // What cannot be written leaves what is there.
        std::fs::create_dir(path.join("file.new")).unwrap();
        let failure = replace(&directory, "file", "file.new", b"third").unwrap_err();
        assert_eq!(failure.error, Errno::ISDIR);
        assert_eq!(std::fs::read(path.join("file")).unwrap(), b"2");
        std::fs::remove_dir_all(&path).unwrap();
    }

    #[test]
    fn what_was_left_half_done_is_no_file_to_write_to() {
        let path = std::env::temp_dir().join(format!("sphere-left-{}", std::process::id()));
        std::fs::create_dir(&path).unwrap();
        let directory = open_path(path.to_str().unwrap(), OFlags::DIRECTORY).unwrap();
        std::fs::write(path.join("file"), "old").unwrap();
        // As after a rename that was cut short, and as somebody else could make it.
        std::fs::hard_link(path.join("file"), path.join("file.new")).unwrap();
        let old = std::fs::File::open(path.join("file")).unwrap();
        replace(&directory, "file", "file.new", b"new").unwrap();
        assert_eq!(std::io::read_to_string(old).unwrap(), "old");
        assert_eq!(std::fs::read(path.join("file")).unwrap(), b"new");
        std::fs::remove_dir_all(&path).unwrap();
    }

    #[test]
    fn reads_exactly_so_much() {
        let file = open_path("/proc/self/exe", OFlags::RDONLY).unwrap();
        let mut magic = [0; 3];
        read_exact_at(&file, &mut magic, 1).unwrap();
        assert_eq!(&magic, b"ELF");
        assert_eq!(read_exact_at(&file, &mut magic, 1 << 40), Err(Errno::IO));
    }

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
