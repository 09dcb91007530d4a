// SPDX-License-Identifier: GPL-2.0

//! The command line: what can be asked for. One file per command.

mod check;
mod device;
mod inspect;
mod map;
mod pack;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

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
    Inspect(inspect::Args),
    Check(check::Args),
    Map(map::Args),
}

impl Cli {
    /// Does what was asked for.
    pub fn run(self) -> Result<ExitCode> {
        match self.command {
            Command::Pack(args) => args.run(),
            Command::Inspect(args) => args.run(),
            Command::Check(args) => args.run(),
            Command::Map(args) => args.run(),
        }
    }
}
