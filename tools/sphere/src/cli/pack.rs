// SPDX-License-Identifier: GPL-2.0

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use sphere::output;
use sphere::pack::pack;
use sphere::report::Report;

use super::application;

/// Write the identity record of an application from its manifest
///
/// Nothing is written if anything is wrong. Every error names file, line, column, JSON path and
/// reason.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    application: application::Args,

    /// Where to write the record
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    /// Where to write the launch file: entry point, arguments and device nodes
    #[arg(long, value_name = "FILE")]
    launch: Option<PathBuf>,
}

impl Args {
    /// Fails when the manifest is refused; why has been said.
    pub fn run(self) -> Result<ExitCode> {
        let mut report = Report::default();
        let packed = pack(&self.application.request(), &mut report);
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
