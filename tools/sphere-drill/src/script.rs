// SPDX-License-Identifier: GPL-2.0

//! Commands from a file, where a device has no shell.

use crate::command::{self, As};
use core::time::Duration;
use rustix::fs::OFlags;
use sphere_device::{clock, console::Console, file, lines::Lines, say};

/// Runs the commands, which are words between spaces, as managers; behind the word `nobody`, as
/// somebody without identity. `sleep N` waits for N milliseconds.
pub fn run(console: &Console<'_>, file: &str) -> Result<(), &'static str> {
    let file = file::open_path(file, OFlags::RDONLY).map_err(|_| "the script cannot be opened")?;
    let mut lines = Lines::<_, 256>::new(file);
    while let Some(line) = lines.next_line().map_err(|_| "the script cannot be read")? {
        if let Some(time) = line.strip_prefix("sleep ") {
            let time = time.parse().map_err(|_| "the time is no number")?;
            clock::sleep(Duration::from_millis(time));
            continue;
        }
        say!(console, "> {line}");
        let (who, words) = match line.strip_prefix("nobody ") {
            Some(words) => (As::Nobody, words),
            None => (As::Manager, line),
        };
        let status = command::run(who, words.split_ascii_whitespace())?;
        say!(console, "status {status} of {line}");
    }
    Ok(())
}
