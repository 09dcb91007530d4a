// SPDX-License-Identifier: GPL-2.0

//! `sphere-ctl memory`: who has the device's memory.

use crate::error::CtlError;
use core::mem::MaybeUninit;
use rustix::fs::{OFlags, RawDir};
use sphere_ctl::proc_fields::{kib, value};
use sphere_device::{
    console::Console,
    errno::{Doing, Failure},
    file, say,
    text::{Foreign, Text},
};

const PROC: &str = "/proc";

/// What the kernel calls the parts of it, and how they are called here.
const PARTS: [(&str, &str); 8] = [
    ("MemTotal", "total"),
    ("MemFree", "free"),
    ("AnonPages", "programs"),
    ("Cached", "files"),
    ("Shmem", "of that tmpfs"),
    ("Slab", "slab"),
    ("KernelStack", "kernel stacks"),
    ("PageTables", "page tables"),
];

/// Shows it. What the kernel has taken for itself before it counts is in none of the figures.
pub fn show<'a>(out: &Console<'_>) -> Result<(), CtlError<'a>> {
    show_parts(out)
        .and_then(|()| show_processes(out))
        .map_err(CtlError::Processes)
}

fn show_parts(out: &Console<'_>) -> Result<(), Failure> {
    let mut buffer = [0; 4096];
    let info = file::open_path("/proc/meminfo", OFlags::RDONLY)
        .doing("open /proc/meminfo")
        .and_then(|info| file::read_whole(info, &mut buffer))?;
    for (field, name) in PARTS {
        // Not every kernel counts all of them.
        if let Some(kib) = kib(info, field) {
            say!(out, "{name:<14} {kib:>8} kB");
        }
    }
    Ok(())
}

fn show_processes(out: &Console<'_>) -> Result<(), Failure> {
    say!(out, "");
    say!(
        out,
        "{:>7} {:>11} {:>11}  name",
        "process",
        "anonymous",
        "of files"
    );
    let proc = file::open_path(PROC, OFlags::DIRECTORY).doing("open /proc")?;
    let mut buffer = [MaybeUninit::uninit(); 1024];
    let mut entries = RawDir::new(proc, &mut buffer);
    while let Some(entry) = entries.next() {
        let entry = entry.doing("read /proc")?;
        let number = entry.file_name().to_str().ok();
        if let Some(pid) = number.and_then(|number| number.parse().ok()) {
            show_process(out, pid);
        }
    }
    Ok(())
}

/// One that has ended meanwhile is left out, and so is one of the kernel's, which has no memory of
/// its own.
fn show_process(out: &Console<'_>, pid: u32) {
    let mut buffer = [0; 4096];
    let Some(path) = Text::<32>::format(format_args!("{PROC}/{pid}/status")) else {
        return;
    };
    let status = file::open_path(path.as_str(), OFlags::RDONLY)
        .doing("open the status")
        .and_then(|status| file::read_whole(status, &mut buffer));
    let Ok(status) = status else {
        return;
    };
    let (anonymous, files) = (kib(status, "RssAnon"), kib(status, "RssFile"));
    if let (Some(anonymous), Some(files), Some(name)) = (anonymous, files, value(status, "Name")) {
        let name = Foreign(name.as_bytes());
        say!(out, "{pid:>7} {anonymous:>8} kB {files:>8} kB  {name}");
    }
}
