// SPDX-License-Identifier: GPL-2.0

//! A sample application: opens and closes a gas valve.

#![no_std]
#![no_main]

use sphere_core::capability::Capability;
use sphere_device::{args::Args, console::Console, say};

fn main(args: Args) -> u8 {
    let console = Console::stdout("[gas-valve] ");
    let Ok(identity) = sample::begin(&console, args) else {
        return 1;
    };
    let record = identity.record();
    let lines = record
        .gpio()
        .map(|grant| (grant.input | grant.output).count_ones());
    say!(
        console,
        "{} lines for the valve and its button are granted to me",
        lines.sum::<u32>()
    );
    if record.capabilities().contains(Capability::ForceReboot) {
        say!(
            console,
            "restarting the device in an emergency is granted to me"
        );
    }
    0
}

sphere_start::entry!(main);
