// SPDX-License-Identifier: GPL-2.0

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use sphere::output;
use sphere::pack::{Request, pack};
use sphere::remote::Resolution;
use sphere::report::Report;

/// Write the identity record of an application from its manifest
///
/// Nothing is written if anything is wrong. Every error names file, line, column, JSON path and
/// reason.
#[derive(clap::Args)]
pub struct Args {
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

impl Args {
    /// Fails when the manifest is refused; why has been said.
    pub fn run(self) -> Result<ExitCode> {
        let mut report = Report::default();
        let request = Request {
            manifest: self.manifest,
            board: self.board,
            hardware: self.hardware,
            with: self.with,
            resolutions: self.resolve,
        };
        let packed = pack(&request, &mut report);
        for problem in report.problems() {
            eprintln!("{problem}");
        }
        let Some(packed) = packed else {
            return Ok(ExitCode::FAILURE);
        };
        let mut files: Vec<(&Path, &[u8])> = vec![(&self.output, &packed.record)];
        if let Some(launch) = &self.launch {
            files.push((launch, packed.launch.as_bytes()));
        }
        output::write_all(&files)?;
        Ok(ExitCode::SUCCESS)
    }
}
