// SPDX-License-Identifier: GPL-2.0

//! `sphere-drill`: has the first process of a device do the same over and over, for tests. It is
//! started as a manager:
//!
//! ```text
//! sphere-drill updates NAME DIR      install DIR/2.img, DIR/3.img … by sphere-ctl, from the one
//!                                    after the version of NAME that runs; then remove it
//! sphere-drill cycles NAME COUNT     stop and start an application, and say what memory the
//!                                    kernel has for itself before and after
//! sphere-drill leaks                 say what kmemleak has found
//! sphere-drill script FILE           run the commands in a file, one a line, and say how each ends
//! sphere-drill wait [deaf]           not a manager but an application: run until it is told to
//!                                    end, or not even then
//! ```

#![no_std]
#![no_main]

mod command;
mod cycles;
mod leaks;
mod patient;
mod script;
mod updates;

use sphere_device::{args::Args, console::Console, say};
use sphere_store::name::Name;

const PREFIX: &str = "drill: ";

fn main(args: Args) -> u8 {
    let console = Console::stdout(PREFIX);
    let mut words = args.argv.skip(1).filter_map(|word| word.to_str().ok());
    let (command, first, second) = (words.next(), words.next(), words.next());
    let name = |word| Name::new(word).map_err(|_| "this is no name");
    let result = match (command, first, second) {
        (Some("wait"), how, None) => patient::run(how == Some("deaf")),
        (Some("leaks"), None, None) => leaks::run(&console),
        (Some("script"), Some(file), None) => script::run(&console, file),
        (Some("updates"), Some(word), Some(directory)) => {
            name(word).and_then(|name| updates::run(&console, name, directory))
        }
        (Some("cycles"), Some(word), Some(count)) => name(word).and_then(|name| {
            let count = count.parse().map_err(|_| "the count is no number")?;
            cycles::run(&console, name, count)
        }),
        _ => Err("this is no command"),
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
