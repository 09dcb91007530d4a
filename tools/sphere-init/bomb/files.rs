// SPDX-License-Identifier: GPL-2.0

//! An application that opens all files that it can.

use crate::BROKEN;
use core::mem;
use rustix::io::{Errno, dup};
use sphere_device::{console::Console, errno::Words, file, say};

/// More than anybody should have.
const MOST: u32 = 1 << 20;

/// Opens files until it is refused.
pub fn explode(console: &Console<'_>) -> u8 {
    say!(console, "files: I open as many as I can");
    for count in 3..MOST {
        match dup(file::stdin()) {
            // It stays open.
            Ok(file) => mem::forget(file),
            Err(Errno::MFILE) => {
                say!(console, "files: I cannot have more than {count}");
                return 0;
            }
            Err(error) => {
                say!(console, "BROKEN: after {count} files: {}", Words(error));
                return BROKEN;
            }
        }
    }
    say!(console, "BROKEN: there is no end of files");
    BROKEN
}
