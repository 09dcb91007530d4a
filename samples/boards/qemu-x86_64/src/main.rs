// SPDX-License-Identifier: GPL-2.0

//! What the QEMU machine lacks: a GPIO chip, and something to see on its lines.
//!
//! A device has its chip in hardware, and a lamp on the line. Here, this program is the first
//! process: it makes a simulated chip (gpio-sim), leaves a process that says what the lines come to,
//! and executes `/sphere-init` in its own place. For all others, applications and sphere-init, the
//! chip is as good as a real one.

#![no_std]
#![no_main]

mod chip;
mod watch;

use chip::SimulatedChip;
use core::ffi::CStr;
use sphere_device::{
    args::Args,
    console::Console,
    errno::{Doing, Failure, Words},
    identity::{self, KernelWords},
    process::{self, Fork},
    say,
};

/// The manager that goes on.
const INIT: &CStr = c"/sphere-init";

fn main(args: Args) -> u8 {
    let console = Console::stdout("[board] ");
    match set_up(&console) {
        Ok(()) => say!(
            console,
            "a simulated GPIO chip is there, {}, and I show its lines",
            chip::LABEL
        ),
        Err(failure) => say!(console, "there is no simulated GPIO chip: {failure}"),
    }
    let error = hand_over(&console, args);
    say!(console, "cannot execute /sphere-init: {}", Words(error));
    1
}

/// Makes the chip, and the process that watches it.
fn set_up(console: &Console<'_>) -> Result<(), Failure> {
    let chip = SimulatedChip::make()?;
    match process::fork().doing("make a process that watches it")? {
        Fork::Parent(_) => Ok(()),
        Fork::Child => watch::run(console, &chip),
    }
}

/// Makes the next program the first process and the manager. Returns only on failure.
fn hand_over(console: &Console<'_>, args: Args) -> rustix::io::Errno {
    if let Err(error) = identity::set_pending_manager() {
        // The next program says what that means.
        say!(console, "cannot hand my role on: {}", KernelWords(error));
    }
    process::exec(INIT, args.argv, args.envp)
}

sphere_start::entry!(main);
