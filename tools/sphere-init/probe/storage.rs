// SPDX-License-Identifier: GPL-2.0

//! What an application has of its storage, in `/data`.

use rustix::{
    fs::{CWD, Mode, OFlags, StatVfsMountFlags, fstat, fstatvfs, openat, unlinkat},
    io::{Errno, write},
    process::getuid,
};
use sphere_device::{args::Args, file};

const STORAGE: &str = "/data";
const FILE: &str = "/data/file";
const UP: &str = "/data/..";

pub fn is_its_own(_: Args) -> bool {
    let Ok(storage) = file::open_path(STORAGE, OFlags::DIRECTORY) else {
        return false;
    };
    let own = getuid().as_raw();
    let restricted =
        StatVfsMountFlags::NOSUID | StatVfsMountFlags::NODEV | StatVfsMountFlags::NOEXEC;
    fstat(&storage).is_ok_and(|stat| {
        (stat.st_uid, stat.st_gid) == (own, own) && Mode::from_raw_mode(stat.st_mode) == Mode::RWXU
    }) && fstatvfs(&storage).is_ok_and(|stat| {
        stat.f_flag.contains(restricted) && !stat.f_flag.contains(StatVfsMountFlags::RDONLY)
    })
}

/// Nor is there a way out of it to what others have.
pub fn can_be_written(_: Args) -> bool {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let written = openat(CWD, FILE, flags, Mode::RUSR)
        .and_then(|file| write(file, b"kept"))
        .is_ok_and(|size| size == 4);
    let device = |path| {
        let directory = file::open_path(path, OFlags::DIRECTORY);
        directory.and_then(fstat).map(|stat| stat.st_dev)
    };
    written && device(UP) == device("/") && device(UP) != device(STORAGE)
}

/// It is empty at the first start, so that what is made can be taken away again.
pub fn can_be_emptied(_: Args) -> bool {
    unlinkat(CWD, FILE, rustix::fs::AtFlags::empty()) == Ok(())
        && file::open_path(FILE, OFlags::RDONLY).err() == Some(Errno::NOENT)
}
