// SPDX-License-Identifier: GPL-2.0

//! A sample application: sends measured values to a server, and answers on a port. How often it
//! sends is a setting that it gets from another application. It keeps how often it has started. Then
//! it does what somebody would who has taken it over: there are other servers.

#![no_std]
#![no_main]

mod report;
mod server;
mod starts;

use core::ops::Deref;
use sample::config;
use sphere_core::record::{NetAction, Record};
use sphere_device::{args::Args, console::Console, errno::Failure, say};

fn main(args: Args) -> u8 {
    let console = Console::stdout("[telemetry] ");
    let Ok(identity) = sample::begin(&console, args) else {
        return 1;
    };
    match work(&console, &identity.record()) {
        Ok(true) => 0,
        Ok(false) => {
            say!(console, "BROKEN: that is not mine");
            1
        }
        Err(failure) => {
            say!(console, "{failure}");
            1
        }
    }
}

/// Whether the kernel has refused what was not granted.
fn work<B: Deref<Target = [u8]>>(
    console: &Console<'_>,
    record: &Record<B>,
) -> Result<bool, Failure> {
    let start = count_start(console);
    say_grants(console, record);
    if record.peers().any(|peer| peer == config::SERVICE) {
        config::fetch(console)?;
    }
    let Some(server) = server::granted(record) else {
        return Ok(true);
    };
    server::send(console, server, &report::now(start))?;
    Ok(server::is_another_out_of_reach(console))
}

/// The number of this start. That it is not known is said, and no reason not to measure.
fn count_start(console: &Console<'_>) -> Option<u32> {
    let count = starts::count();
    match &count {
        Ok(number) => say!(console, "this is my start number {number} on this device"),
        Err(failure) => say!(console, "I do not know how often I have started: {failure}"),
    }
    count.ok()
}

fn say_grants<B: Deref<Target = [u8]>>(console: &Console<'_>, record: &Record<B>) {
    for rule in record.net() {
        if rule.action == NetAction::Bind {
            say!(
                console,
                "answering on port {} is granted to me",
                rule.port_first
            );
        }
    }
    for peer in record.peers() {
        say!(console, "talking to application {peer} is granted to me");
    }
}

sphere_start::entry!(main);
