// SPDX-License-Identifier: GPL-2.0

//! A sample application: shows that the network is there.

#![no_std]
#![no_main]

use sphere_device::{args::Args, console::Console, say};

fn main(args: Args) -> u8 {
    let console = Console::stdout("[network-led] ");
    let Ok(identity) = sample::begin(&console, args) else {
        return 1;
    };
    match identity.record().gpio().next() {
        Some(led) => {
            let line = led.base + led.output.trailing_zeros();
            say!(
                console,
                "the network LED, line {line} of {}, is granted to me",
                led.chip
            );
            0
        }
        None => {
            say!(console, "the network LED is not granted to me");
            1
        }
    }
}

sphere_start::entry!(main);
