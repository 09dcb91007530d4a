// SPDX-License-Identifier: GPL-2.0

//! What an application has in `/dev`. It was granted one output, a partition to read, and a serial
//! port.

use core::mem::MaybeUninit;
use rustix::{
    fs::{
        AtFlags, FileType, Mode, OFlags, RawDir, StatVfsMountFlags, chmodat, fstatvfs, mkdirat,
        openat, statat, unlinkat,
    },
    io::{Errno, read},
    process::getuid,
};
use sphere_device::{
    args::Args,
    file,
    gpio::{Chip, Use},
};

/// The line that was granted, and its chip.
const CHIP: &str = "sphere-gpio";
const LINE: u32 = 0;

/// What the names of the device nodes start with; a number follows.
const NODES: [&str; 3] = ["gpiochip", "mtd", "ttyS"];

const FLASH: usize = 1;

/// Calls `each` with the name of everything in `/dev`.
fn visit(mut each: impl FnMut(&str) -> bool) -> bool {
    let Ok(dev) = file::open_path("/dev", OFlags::DIRECTORY) else {
        return false;
    };
    let mut buffer = [MaybeUninit::uninit(); 1024];
    let mut entries = RawDir::new(&dev, &mut buffer);
    while let Some(entry) = entries.next() {
        let Ok(entry) = entry else {
            return false;
        };
        match entry.file_name().to_str() {
            Ok("." | "..") => {}
            Ok(name) if each(name) => {}
            _ => return false,
        }
    }
    true
}

/// Which of [`NODES`] a name is.
fn kind(name: &str) -> Option<usize> {
    NODES.iter().position(|node| {
        name.strip_prefix(node)
            .is_some_and(|number| number.parse::<u8>().is_ok())
    })
}

pub fn are_those_granted(_: Args) -> bool {
    let mut seen = [0; NODES.len()];
    visit(|name| kind(name).map(|kind| seen[kind] += 1).is_some()) && seen == [1; NODES.len()]
}

pub fn are_its_own(_: Args) -> bool {
    let Ok(dev) = file::open_path("/dev", OFlags::DIRECTORY) else {
        return false;
    };
    visit(|name| {
        statat(&dev, name, AtFlags::SYMLINK_NOFOLLOW).is_ok_and(|stat| {
            let mode = match kind(name) {
                Some(FLASH) => 0o400,
                _ => 0o600,
            };
            FileType::from_raw_mode(stat.st_mode) == FileType::CharacterDevice
                && Mode::from_raw_mode(stat.st_mode) == Mode::from_raw_mode(mode)
                && (stat.st_uid, stat.st_gid) == (getuid().as_raw(), getuid().as_raw())
        })
    })
}

pub fn cannot_be_changed(_: Args) -> bool {
    let Ok(dev) = file::open_path("/dev", OFlags::DIRECTORY) else {
        return false;
    };
    let flags = StatVfsMountFlags::NOSUID | StatVfsMountFlags::NOEXEC | StatVfsMountFlags::RDONLY;
    fstatvfs(&dev).is_ok_and(|stat| stat.f_flag.contains(flags))
        && mkdirat(&dev, "new", Mode::RWXU).is_err()
        // It owns them.
        && visit(|name| {
            chmodat(&dev, name, Mode::from_raw_mode(0o666), AtFlags::empty()) == Err(Errno::ROFS)
                && unlinkat(&dev, name, AtFlags::empty()) == Err(Errno::ROFS)
        })
}

pub fn line_works(_: Args) -> bool {
    let Ok(chip) = Chip::find(CHIP) else {
        return false;
    };
    let Ok(lines) = chip.request("probe", &[LINE], Use::Output(0)) else {
        return false;
    };
    lines.drive(1).is_ok()
        && lines.levels() == Ok(1)
        && chip.line(LINE).is_ok_and(|line| line.used && line.output)
        && lines.drive(0).is_ok()
        && lines.levels() == Ok(0)
}

pub fn other_lines_do_not(_: Args) -> bool {
    let refused = Err(Errno::ACCESS);
    Chip::find(CHIP).is_ok_and(|chip| {
        let request = |lines: &[u32], usage| chip.request("probe", lines, usage).map(drop);
        request(&[LINE], Use::Input) == refused
            && (1..16).all(|line| {
                request(&[line], Use::Output(0)) == refused
                    && request(&[line], Use::Input) == refused
                    && request(&[LINE, line], Use::Output(0)) == refused
                    && chip.line(line).map(drop) == refused
            })
    })
}

pub fn flash_is_read_only(_: Args) -> bool {
    let Ok(dev) = file::open_path("/dev", OFlags::DIRECTORY) else {
        return false;
    };
    let mut byte = [0];
    let open = |name: &str, flags| openat(&dev, name, flags | OFlags::CLOEXEC, Mode::empty());
    visit(|name| {
        kind(name) != Some(FLASH)
            || open(name, OFlags::RDONLY).and_then(|flash| read(flash, &mut byte)) == Ok(1)
                && open(name, OFlags::RDWR).map(drop) == Err(Errno::ACCESS)
    })
}
