// SPDX-License-Identifier: GPL-2.0

//! `sphere-ctl`: looks after the applications of a device, and shows and sets what Sphere has in
//! securityfs. See [`sphere_ctl::options::HELP`].

#![no_std]
#![no_main]

mod apps;
mod components;
mod denials;
mod error;
mod install;
mod keys;
mod memory;
mod policy;
mod setting;
mod status;
mod syscalls;

use error::CtlError;
use sphere_ctl::options::{Command, HELP, Options, parse};
use sphere_device::{
    args::Args,
    console::Console,
    say,
    securityfs::{Directory, REASON_MAX},
};
use sphere_manage::control::{PACKET_MAX, Request};

const PREFIX: &str = "sphere-ctl: ";
const FAILED: u8 = 1;
const WRONG_USAGE: u8 = 2;

fn main(args: Args) -> u8 {
    let options = match parse(args.argv) {
        Ok(options) => options,
        Err(error) => {
            say!(Console::stderr(PREFIX), "{error}; see sphere-ctl --help");
            return WRONG_USAGE;
        }
    };
    let mut reason = [0; REASON_MAX];
    let mut packet = [0; PACKET_MAX];
    match run(&Console::stdout(""), &options, &mut reason, &mut packet) {
        Ok(()) => 0,
        Err(error) => {
            say!(Console::stderr(prefix(&options.command)), "{error}");
            match error {
                CtlError::NotMeant(_) => WRONG_USAGE,
                _ => FAILED,
            }
        }
    }
}

/// What a mistake in a policy is said with: editors find the place at the start of the line.
fn prefix(command: &Command<'_>) -> &'static str {
    match command {
        Command::PolicyCheck(_) => "",
        _ => PREFIX,
    }
}

/// `reason` is where the kernel's words about a policy are put, and `packet` where those of the first
/// process are.
fn run<'a>(
    out: &Console<'_>,
    options: &Options<'a>,
    reason: &'a mut [u8; REASON_MAX],
    packet: &'a mut [u8; PACKET_MAX],
) -> Result<(), CtlError<'a>> {
    match options.command {
        Command::Help => {
            say!(out, "{HELP}");
            return Ok(());
        }
        Command::Version => {
            say!(out, "sphere-ctl {}", env!("CARGO_PKG_VERSION"));
            return Ok(());
        }
        Command::PolicyCheck(file) => return policy::check(out, file),
        Command::Apps => return apps::ask(out, Request::List, packet),
        Command::Ask(request) => return apps::ask(out, request, packet),
        Command::Install(file) => return install::install(out, file, packet),
        Command::ResetRegistry { forget_versions } => {
            return apps::reset_registry(out, forget_versions, packet);
        }
        Command::Keys => return keys::show(out),
        Command::SetKey { key, revoked } => return keys::set(key, revoked),
        Command::Memory => return memory::show(out),
        // The log is there without securityfs as well; only names are missing then.
        Command::Denials { follow } => {
            return denials::show(out, open(options.securityfs).ok(), follow);
        }
        _ => {}
    }
    let directory = open(options.securityfs)?;
    match options.command {
        Command::Help
        | Command::Version
        | Command::PolicyCheck(_)
        | Command::Apps
        | Command::Ask(_)
        | Command::Install(_)
        | Command::ResetRegistry { .. }
        | Command::Keys
        | Command::SetKey { .. }
        | Command::Memory
        | Command::Denials { .. } => Ok(()),
        Command::Status => status::show(out, &directory),
        Command::Components(wanted) => components::show(out, &directory, wanted),
        Command::Syscalls => syscalls::show(out, &directory),
        Command::PolicyShow => policy::show(out, &directory),
        Command::PolicyLoad(file) => policy::load(&directory, file, reason),
        Command::Mode(mode) => setting::mode(out, &directory, mode),
        Command::Lock { until_reboot } => setting::lock(&directory, until_reboot),
    }
}

/// Opens the directory of Sphere in the securityfs that is mounted at `given`, or is found.
fn open(given: Option<&str>) -> Result<Directory, CtlError<'_>> {
    let directory = given.map_or_else(Directory::find, Directory::at);
    directory.map_err(|error| CtlError::Directory { error, given })
}

sphere_start::entry!(main);
