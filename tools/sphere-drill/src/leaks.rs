// SPDX-License-Identifier: GPL-2.0

//! What the kernel has lost, as kmemleak says.

use core::time::Duration;
use rustix::{
    fs::OFlags,
    io::write,
    mount::{MountFlags, mount},
};
use sphere_device::{clock, console::Console, file, lines::Lines, say, text::Foreign};

const DEBUGFS: &str = "/sys/kernel/debug";
const KMEMLEAK: &str = "/sys/kernel/debug/kmemleak";
/// kmemleak leaves what is younger than this out.
const AGE: Duration = Duration::from_secs(6);
/// A second scan sorts out what is freed after a grace period, or found in a stale register.
const SCANS: u32 = 2;

/// Looks, and says what was found.
pub fn run(console: &Console<'_>) -> Result<(), &'static str> {
    // It may be mounted already; if it is not there, the next call says so.
    let _ = mount("debugfs", DEBUGFS, "debugfs", MountFlags::empty(), None);
    for _ in 0..SCANS {
        clock::sleep(AGE);
        file::open_path(KMEMLEAK, OFlags::WRONLY)
            .and_then(|file| write(file, b"scan"))
            .map_err(|_| "kmemleak does not scan")?;
    }
    let file = file::open_path(KMEMLEAK, OFlags::RDONLY).map_err(|_| "kmemleak cannot be read")?;
    let mut lines = Lines::<_, 256>::new(file);
    let mut leaks = false;
    while let Some(line) = lines.next_line().map_err(|_| "kmemleak cannot be read")? {
        leaks = true;
        say!(console, "leak: {}", Foreign(line.as_bytes()));
    }
    if leaks {
        return Err("the kernel has lost memory");
    }
    say!(console, "no leak");
    Ok(())
}
