// SPDX-License-Identifier: GPL-2.0

//! A sample application: sends measured values to a server, and answers on a port. How often it
//! sends is a setting that it gets from another application. It keeps how often it has started.

#![no_std]
#![no_main]

mod starts;

use sample::config;
use sphere_core::record::NetAction;
use sphere_device::{args::Args, console::Console, say};

fn main(args: Args) -> u8 {
    let console = Console::stdout("[telemetry] ");
    let Ok(identity) = sample::begin(&console, args) else {
        return 1;
    };
    let record = identity.record();
    match starts::count() {
        Ok(number) => say!(console, "this is my start number {number} on this device"),
        Err(failure) => say!(console, "I do not know how often I have started: {failure}"),
    }
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
    if record.peers().any(|peer| peer == config::SERVICE) {
        if let Err(failure) = config::fetch(&console) {
            say!(console, "{failure}");
            return 1;
        }
    }
    0
}

sphere_start::entry!(main);
