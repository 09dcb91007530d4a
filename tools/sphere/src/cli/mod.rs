// SPDX-License-Identifier: GPL-2.0

//! The command line: what can be asked for. One file per command.

mod application;
mod check;
mod completions;
mod device;
mod diff;
mod files;
mod format;
mod image;
mod input;
mod inspect;
mod key;
mod learn;
mod man;
mod map;
mod pack;
mod policy;
mod rootfs;
mod sign;
mod signing;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use sphere::report::Report;

/// Turns application manifests into the identity records that the Sphere security module takes
#[derive(Parser)]
#[command(version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Pack(pack::Args),
    Image(image::Args),
    Rootfs(rootfs::Args),
    Key(key::Args),
    Sign(sign::Args),
    Inspect(inspect::Args),
    Check(check::Args),
    Map(map::Args),
    Diff(diff::Args),
    Learn(learn::Args),
    Policy(policy::Args),
    Completions(completions::Args),
    Man(man::Args),
}

impl Cli {
    /// Does what was asked for.
    pub fn run(self) -> Result<ExitCode> {
        match self.command {
            Command::Pack(args) => args.run(),
            Command::Image(args) => args.run(),
            Command::Rootfs(args) => args.run(),
            Command::Key(args) => args.run(),
            Command::Sign(args) => args.run(),
            Command::Inspect(args) => args.run(),
            Command::Check(args) => args.run(),
            Command::Map(args) => args.run(),
            Command::Diff(args) => Ok(args.run()),
            Command::Learn(args) => args.run(),
            Command::Policy(args) => args.run(),
            Command::Completions(args) => args.run(),
            Command::Man(args) => args.run(),
        }
    }
}

/// Says what is to be said about the inputs. The exit status is that there were errors, or none.
fn end(report: &Report) -> ExitCode {
    for problem in report.problems() {
        eprintln!("{problem}");
    }
    if report.has_errors() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}
