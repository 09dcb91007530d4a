// SPDX-License-Identifier: GPL-2.0

//! An application that takes all memory that there is.

use crate::BROKEN;
use core::ptr;
use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous};
use sphere_device::{console::Console, errno::Words, say};

/// Bytes that are asked for at a time.
const CHUNK: usize = 64 * 1024;
/// A page or less.
const STEP: usize = 4096;
/// More than any test machine has.
const MOST: usize = 16 * 1024;

/// Takes memory until somebody ends it.
pub fn explode(console: &Console<'_>) -> u8 {
    say!(console, "memory: I take all that there is");
    for taken in 0..MOST {
        if let Err(error) = take() {
            let (kib, error) = (taken * CHUNK / 1024, Words(error));
            say!(console, "BROKEN: no more after {kib} KiB: {error}");
            return BROKEN;
        }
    }
    say!(console, "BROKEN: there is no end of memory");
    BROKEN
}

fn take() -> Result<(), rustix::io::Errno> {
    let (read_write, private) = (ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE);
    // SAFETY: new memory, wherever the kernel has room for it.
    let memory = unsafe { mmap_anonymous(ptr::null_mut(), CHUNK, read_write, private) }?;
    for offset in (0..CHUNK).step_by(STEP) {
        // SAFETY: within the memory that has just been mapped, and is never unmapped.
        let place = unsafe { memory.cast::<u8>().add(offset) };
        // SAFETY: as above; any byte may be written there.
        unsafe { place.write_volatile(1) };
    }
    Ok(())
}
