// SPDX-License-Identifier: GPL-2.0

//! Applications that make processes: as many as they can, and one that outlives them.

use crate::BROKEN;
use core::time::Duration;
use rustix::io::Errno;
use sphere_device::{
    clock,
    console::Console,
    errno::Words,
    process::{self, Fork},
    say,
};

/// How long all of them go on making more.
const TIME: Duration = Duration::from_secs(3);
/// What the first ends with then, so that it is started again.
const EXPLODED: u8 = 3;
/// How long one waits that is left behind before it says that it is still there.
const LATER: Duration = Duration::from_secs(2);

/// Makes processes, each of which makes processes, and ends before they do.
pub fn explode(console: &Console<'_>) -> u8 {
    say!(console, "processes: I make as many as I can");
    let end = clock::monotonic() + TIME;
    let mut refusal = None;
    while clock::monotonic() < end {
        match process::fork() {
            Ok(Fork::Parent(_)) => {}
            Ok(Fork::Child) => make_more(),
            Err(error) => refusal = refusal.or(Some(error)),
        }
    }
    match refusal {
        Some(Errno::AGAIN) => say!(console, "processes: I can make no more"),
        Some(error) => say!(console, "BROKEN: I can make no more: {}", Words(error)),
        None => say!(console, "BROKEN: there is no end of processes"),
    }
    EXPLODED
}

/// Without end, whatever comes of it.
fn make_more() -> ! {
    loop {
        let _ = process::fork();
    }
}

/// Ends well, and leaves a process behind.
pub fn leave(console: &Console<'_>) -> u8 {
    match process::fork() {
        Ok(Fork::Parent(_)) => {
            say!(console, "leave: I end before the process that I have made");
            0
        }
        Ok(Fork::Child) => {
            clock::sleep(LATER);
            say!(console, "BROKEN: I am still there, long after my parent");
            BROKEN
        }
        Err(error) => {
            say!(console, "BROKEN: I cannot make a process: {}", Words(error));
            BROKEN
        }
    }
}
