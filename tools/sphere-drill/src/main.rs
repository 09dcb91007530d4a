// SPDX-License-Identifier: GPL-2.0

//! `sphere-drill`: has the first process of a device do the same over and over, for tests. It is
//! started as a manager:
//!
//! ```text
//! sphere-drill updates NAME DIR      install DIR/2.img, DIR/3.img … by sphere-ctl, from the one
//!                                    after the version of NAME that runs; then remove it
//! sphere-drill cycles NAME COUNT     stop and start an application, and say what memory the
//!                                    kernel has for itself before and after
//! ```

#![no_std]
#![no_main]

mod cycles;
mod updates;

use sphere_device::{args::Args, console::Console, say};
use sphere_store::name::Name;

const PREFIX: &str = "drill: ";

fn main(args: Args) -> u8 {
    let console = Console::stdout(PREFIX);
    let mut words = args.argv.skip(1).filter_map(|word| word.to_str().ok());
    let (command, name, argument) = (words.next(), words.next(), words.next());
    let name = name.and_then(|name| Name::new(name).ok());
    let result = match (command, name, argument) {
        (Some("updates"), Some(name), Some(directory)) => updates::run(&console, name, directory),
        (Some("cycles"), Some(name), Some(count)) => match count.parse() {
            Ok(count) => cycles::run(&console, name, count),
            Err(_) => Err("the count is no number"),
        },
        _ => Err("usage: sphere-drill updates NAME DIR | cycles NAME COUNT"),
    };
    match result {
        Ok(()) => {
            say!(console, "over");
            0
        }
        Err(why) => {
            say!(console, "{why}");
            1
        }
    }
}

sphere_start::entry!(main);
