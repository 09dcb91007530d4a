// SPDX-License-Identifier: GPL-2.0

//! A test of what an application can do to others: the program of several, each of which does what
//! its first argument says. The test stage `limits` makes images of them.

#![no_std]
#![no_main]

mod deadline;
mod files;
mod memory;
mod processes;
mod storage;
mod time;

use sphere_device::{args::Args, console::Console, say};

/// Exit status of who came to an end that the test does not expect.
const BROKEN: u8 = 1;

fn main(args: Args) -> u8 {
    let console = Console::stdout("[bomb] ");
    let mut args = args.argv.skip(1);
    match args.next().map_or(&b""[..], |arg| arg.to_bytes()) {
        b"memory" => memory::explode(&console),
        b"processes" => processes::explode(&console),
        b"leave" => processes::leave(&console),
        b"files" => files::explode(&console),
        b"time" => time::explode(&console),
        b"storage" => storage::explode(&console),
        b"deadline" => deadline::keep(&console),
        _ => {
            say!(
                console,
                "BROKEN: the argument is none of memory, processes, leave, files, time, storage, deadline"
            );
            BROKEN
        }
    }
}

sphere_start::entry!(main);
