// SPDX-License-Identifier: GPL-2.0

//! An application that fills its storage.

use crate::BROKEN;
use rustix::{
    fs::{CWD, Mode, OFlags, openat},
    io::{Errno, write},
};
use sphere_device::{console::Console, errno::Words, say};

/// More than any manifest may ask for.
const MOST: usize = 1024 * 1024;

/// Writes until it is refused.
pub fn explode(console: &Console<'_>) -> u8 {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::CLOEXEC;
    let file = match openat(CWD, "/data/bomb", flags, Mode::RUSR | Mode::WUSR) {
        Ok(file) => file,
        Err(error) => {
            say!(console, "BROKEN: I cannot make a file: {}", Words(error));
            return BROKEN;
        }
    };
    let mut noise = Noise(1);
    let mut written = 0;
    while written < MOST {
        let mut page = [0; 1024];
        page.fill_with(|| noise.next());
        match write(&file, &page) {
            Ok(count) => written += count,
            Err(Errno::DQUOT) => {
                say!(
                    console,
                    "storage: I cannot have more than {} KiB",
                    written / 1024
                );
                return 0;
            }
            Err(error) => {
                say!(console, "BROKEN: after {written} bytes: {}", Words(error));
                return BROKEN;
            }
        }
    }
    say!(console, "BROKEN: there is no end of storage");
    BROKEN
}

/// Bytes that no file system can compress: xorshift.
struct Noise(u32);

impl Noise {
    fn next(&mut self) -> u8 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        // The lowest byte is as good as any.
        self.0 as u8
    }
}
