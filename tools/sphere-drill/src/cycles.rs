// SPDX-License-Identifier: GPL-2.0

//! An application that is stopped and started again and again.

use core::time::Duration;
use rustix::fs::OFlags;
use sphere_device::{clock, console::Console, file, say};
use sphere_manage::control::{self, PACKET_MAX, Request};
use sphere_store::name::Name;

/// Cycles before the first look: what the kernel keeps in reserve is there then.
const WARM_UP: u32 = 50;

/// How long to wait before a look.
const SETTLING: Duration = Duration::from_millis(500);

/// What the kernel has for itself, by the names of `/proc/meminfo`.
const FIELDS: [&str; 4] = ["Slab", "KernelStack", "PageTables", "VmallocUsed"];

/// Stops and starts an application so many times.
pub fn run(console: &Console<'_>, name: Name, count: u32) -> Result<(), &'static str> {
    (0..WARM_UP).try_for_each(|_| cycle(name))?;
    look(console, "before")?;
    (0..count).try_for_each(|_| cycle(name))?;
    look(console, "after")?;
    say!(console, "{count} cycles");
    Ok(())
}

fn cycle(name: Name) -> Result<(), &'static str> {
    ask(Request::Stop(name))?;
    ask(Request::Start(name))
}

fn ask(request: Request) -> Result<(), &'static str> {
    control::ask(request, &mut [0; PACKET_MAX], |_| {})
        .map_err(|_| "the first process has not done what it was asked for")
}

fn look(console: &Console<'_>, when: &str) -> Result<(), &'static str> {
    // What the last process had is given back a little later than the process ends.
    clock::sleep(SETTLING);
    let mut buffer = [0; 4096];
    let text = file::open_path("/proc/meminfo", OFlags::RDONLY)
        .ok()
        .and_then(|file| file::read_whole(file, &mut buffer).ok())
        .and_then(|bytes| core::str::from_utf8(bytes).ok())
        .ok_or("/proc/meminfo cannot be read")?;
    for line in text.lines() {
        if let Some((field, rest)) = line.split_once(':') {
            if FIELDS.contains(&field) {
                say!(console, "{when} {field} {}", rest.trim_ascii());
            }
        }
    }
    Ok(())
}
