// SPDX-License-Identifier: GPL-2.0

//! What accidents and mistakes do to files:
//!
//! ```text
//! flip PATH              change one bit in the middle
//! cut PATH               take the second half away
//! empty PATH             take all away, but not the file
//! delete PATH
//! fill PATH              make a file as large as there is room
//! file PATH              make a file, an empty one
//! link PATH TARGET       make a symbolic link
//! directory PATH USER    make a directory that belongs to somebody
//! owner PATH USER        give something to somebody
//! ```

use core::cmp;
use rustix::{
    fd::OwnedFd,
    fs::{
        CWD, Gid, Mode, OFlags, Uid, chown, fstat, fsync, ftruncate, mkdir, openat, symlink, unlink,
    },
    io::{Errno, pread, pwrite, write},
};
use sphere_device::file;

type Done = Result<(), Errno>;

/// Does it.
pub fn run(how: &str, path: &str, with: Option<&str>) -> Result<(), &'static str> {
    let done = match (how, with) {
        ("flip", None) => flip(path),
        ("cut", None) => cut(path, 2),
        ("empty", None) => cut(path, u64::MAX),
        ("delete", None) => unlink(path),
        ("fill", None) => fill(path),
        ("file", None) => make(path).map(drop),
        ("link", Some(target)) => symlink(target, path),
        ("directory", Some(user)) => {
            let made = mkdir(path, Mode::RWXU);
            let user = number(user)?;
            made.and_then(|()| give(path, user))
        }
        ("owner", Some(user)) => give(path, number(user)?),
        _ => return Err("this is no way to tamper"),
    };
    // The power may fail at once.
    rustix::fs::sync();
    done.map_err(|_| "it cannot be tampered with")
}

fn flip(path: &str) -> Done {
    let file = file::open_path(path, OFlags::RDWR)?;
    let middle = size(&file)? / 2;
    let mut byte = [0];
    pread(&file, &mut byte, middle)?;
    pwrite(&file, &[byte[0] ^ 1], middle)?;
    fsync(&file)
}

fn cut(path: &str, part: u64) -> Done {
    let file = file::open_path(path, OFlags::RDWR)?;
    ftruncate(&file, size(&file)? / part)?;
    fsync(&file)
}

fn size(file: &OwnedFd) -> Result<u64, Errno> {
    // It is not negative.
    fstat(file).map(|stat| stat.st_size as u64)
}

fn make(path: &str) -> Result<OwnedFd, Errno> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    openat(CWD, path, flags, Mode::RUSR)
}

/// In pieces that become smaller, of bytes that no file system compresses.
fn fill(path: &str) -> Done {
    let file = make(path)?;
    let mut noise = 1u32;
    let mut piece = 1024;
    while piece > 0 {
        let mut bytes = [0; 1024];
        bytes.fill_with(|| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (noise >> 24) as u8
        });
        match write(&file, &bytes[..cmp::min(piece, bytes.len())]) {
            Ok(_) => {}
            Err(Errno::NOSPC) => piece /= 4,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn number(user: &str) -> Result<u32, &'static str> {
    user.parse().map_err(|_| "the user is no number")
}

fn give(path: &str, user: u32) -> Done {
    chown(path, Some(Uid::from_raw(user)), Some(Gid::from_raw(user)))
}
