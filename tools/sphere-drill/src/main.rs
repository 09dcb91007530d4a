// SPDX-License-Identifier: GPL-2.0

//! `sphere-drill`: has the first process of a device do the same over and over, and worse, for tests.
//! It is started as a manager:
//!
//! ```text
//! sphere-drill updates NAME DIR      install DIR/2.img, DIR/3.img … by sphere-ctl, from the one
//!                                    after the version of NAME that runs; then remove it
//! sphere-drill cycles NAME COUNT     stop and start an application, and say what memory the
//!                                    kernel has for itself before and after
//! sphere-drill leaks                 say what kmemleak has found
//! sphere-drill script FILE           run the commands in a file, one a line, and say how each ends
//! sphere-drill hostile NAME          ask the first process for all that there is not, while the
//!                                    application NAME runs; no byte of flash may change
//! sphere-drill ask COMMAND ARGUMENT  ask the first process for this
//! sphere-drill plant FILE PARTITION  put an image where none belongs
//! sphere-drill tamper HOW PATH ...   damage a file, or put another in its place: see tamper.rs
//! ```
//!
//! Or it is not a manager but an application:
//!
//! ```text
//! sphere-drill wait [deaf]           run until it is told to end, or not even then
//! sphere-drill fail STATUS           end at once
//! sphere-drill keep NAME             put a file of this name into its storage, say what there is,
//!                                    and wait
//! sphere-drill knock NAME            have the first process stop the application NAME
//! ```

#![no_std]
#![no_main]

mod command;
mod cycles;
mod hostile;
mod impatient;
mod keep;
mod knock;
mod leaks;
mod patient;
mod plant;
mod raw;
mod script;
mod sums;
mod tamper;
mod updates;

use sphere_device::{args::Args, console::Console, process, say};
use sphere_store::name::Name;

const PREFIX: &str = "drill: ";

fn main(args: Args) -> u8 {
    let console = Console::stdout(PREFIX);
    let mut words = args.argv.skip(1).filter_map(|word| word.to_str().ok());
    let command = words.next().unwrap_or("");
    let rest = [words.next(), words.next(), words.next()];
    match run(&console, command, rest) {
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

fn run(console: &Console<'_>, command: &str, rest: [Option<&str>; 3]) -> Result<(), &'static str> {
    let name = |word| Name::new(word).map_err(|_| "this is no name");
    match (command, rest) {
        ("wait", [how, None, None]) => patient::run(how == Some("deaf")),
        ("fail", [Some(status), None, None]) => {
            process::exit(status.parse().map_err(|_| "the status is no number")?)
        }
        ("keep", [Some(file), None, None]) => keep::run(console, name(file)?),
        ("knock", [Some(other), None, None]) => knock::run(console, name(other)?),
        ("leaks", [None, ..]) => leaks::run(console),
        ("script", [Some(file), None, None]) => script::run(console, file),
        ("hostile", [Some(other), None, None]) => hostile::run(console, name(other)?),
        ("ask", [Some(command), Some(argument), None]) => raw::run(console, command, argument),
        ("plant", [Some(file), Some(partition), None]) => plant::run(file, partition),
        ("tamper", [Some(how), Some(path), with]) => tamper::run(how, path, with),
        ("updates", [Some(word), Some(directory), None]) => {
            updates::run(console, name(word)?, directory)
        }
        ("cycles", [Some(word), Some(count), None]) => {
            let count = count.parse().map_err(|_| "the count is no number")?;
            cycles::run(console, name(word)?, count)
        }
        _ => Err("this is no command"),
    }
}

sphere_start::entry!(main);
