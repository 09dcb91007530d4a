// SPDX-License-Identifier: GPL-2.0

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use sphere::inspect::inspect;

/// Say in words what a record grants
#[derive(clap::Args)]
pub struct Args {
    /// Record, or image (cramfs) with one; - reads it from standard input
    record: PathBuf,
}

impl Args {
    pub fn run(self) -> Result<ExitCode> {
        let words = inspect(&self.record)?;
        writeln!(io::stdout(), "{words}")?;
        Ok(ExitCode::SUCCESS)
    }
}
