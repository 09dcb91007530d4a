// SPDX-License-Identifier: GPL-2.0

//! Limits of each process by itself, which it hands on to those that it makes.

use rustix::{
    io::Errno,
    process::{Resource, Rlimit, setrlimit},
};

/// Files that a process may have open. The kernel's memory for them counts as the application's;
/// this ends a loop that opens files before it ends the application.
const FILES: u64 = 64;

/// Limits the calling process, for good: an application has no power to go beyond.
pub fn limit() -> Result<(), Errno> {
    for (resource, value) in [
        (Resource::Nofile, FILES),
        // Nobody looks at what a core dump would hold, least of all on the device.
        (Resource::Core, 0),
    ] {
        let limit = Rlimit {
            current: Some(value),
            maximum: Some(value),
        };
        setrlimit(resource, limit)?;
    }
    Ok(())
}
