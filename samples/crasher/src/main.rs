// SPDX-License-Identifier: GPL-2.0

//! A sample application that crashes, as bad code does.

#![no_std]
#![no_main]

use rustix::process::{Signal, getpid, kill_process};
use sphere_device::{args::Args, console::Console, say};

fn main(args: Args) -> u8 {
    let console = Console::stdout("[crasher] ");
    // It crashes with and without an identity.
    let _ = sample::begin(&console, args);
    say!(console, "I crash now");
    if kill_process(getpid(), Signal::SEGV).is_err() {
        say!(console, "I cannot even crash");
    }
    1
}

sphere_start::entry!(main);
