// SPDX-License-Identifier: GPL-2.0

//! `sphere`: packs application manifests into identity records, and reviews what they grant.

mod cli;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    cli::Cli::parse().run().unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
