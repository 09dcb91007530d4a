// SPDX-License-Identifier: GPL-2.0

//! `sphere`: packs application manifests into identity records, and reads them back.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use sphere::inspect::inspect;
use sphere::output;
use sphere::pack::{Request, pack};
use sphere::remote::Resolution;
use sphere::report::Report;

/// Turns application manifests into the identity records that the Sphere security module takes.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Pack(PackArgs),
    Learn(sphere::learn_command::LearnArgs),
    /// Say in words what a record grants
    Inspect {
        /// Record; - reads it from standard input
        record: PathBuf,
    },
}

/// Write the identity record of an application from its manifest
///
/// Nothing is written if anything is wrong. Every error names file, line, column, JSON path and
/// reason.
#[derive(Args)]
struct PackArgs {
    /// Manifest of the application (app_manifest.json)
    manifest: PathBuf,

    /// Board file: what peripherals are on the device, see BOARDS.md
    #[arg(long, value_name = "FILE")]
    board: PathBuf,

    /// Where to write the record
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    /// Where to write the launch file: entry point, arguments and device nodes
    #[arg(long, value_name = "FILE")]
    launch: Option<PathBuf>,

    /// Address of a host name or DNS-SD name of the manifest, for as long as the record is used;
    /// without one, connections to it stay refused. Nothing is looked up
    #[arg(long, value_name = "NAME=ADDRESS[:PORT]")]
    resolve: Vec<Resolution>,

    /// Hardware definition to ask for names before those that the board file names
    #[arg(long, value_name = "FILE")]
    hardware: Vec<PathBuf>,

    /// Manifest of another application of the device; one resource belongs to one application
    #[arg(long, value_name = "MANIFEST", num_args = 1..)]
    with: Vec<PathBuf>,
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Pack(args) => run_pack(args),
        Command::Learn(args) => sphere::learn_command::run(&args),
        Command::Inspect { record } => run_inspect(&record),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// `false` when the manifest is refused; why has been said.
fn run_pack(args: PackArgs) -> Result<bool> {
    let mut report = Report::default();
    let request = Request {
        manifest: args.manifest,
        board: args.board,
        hardware: args.hardware,
        with: args.with,
        resolutions: args.resolve,
    };
    let packed = pack(&request, &mut report);
    for problem in report.problems() {
        eprintln!("{problem}");
    }
    let Some(packed) = packed else {
        return Ok(false);
    };
    let mut files: Vec<(&Path, &[u8])> = vec![(&args.output, &packed.record)];
    if let Some(launch) = &args.launch {
        files.push((launch, packed.launch.as_bytes()));
    }
    output::write_all(&files)?;
    Ok(true)
}

fn run_inspect(record: &Path) -> Result<bool> {
    let words = inspect(record)?;
    writeln!(io::stdout(), "{words}")?;
    Ok(true)
}
