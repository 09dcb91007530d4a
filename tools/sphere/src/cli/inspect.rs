// SPDX-License-Identifier: GPL-2.0

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use sphere::report::Report;
use sphere::{inspect, key};

use super::end;

/// Say in words what a record grants, and who has signed an image
///
/// Of a signed image, the seal is checked, too: whether the key has signed it, and whether the image
/// is the one that was signed. The exit status is 1 if anything is wrong, and with --keys also if a
/// device with these keys would not trust the image.
#[derive(clap::Args)]
pub struct Args {
    /// Record, or image (cramfs) with one; - reads it from standard input
    record: PathBuf,

    /// A device's file of keys, /etc/sphere/keys for example; several add up
    #[arg(long, value_name = "FILE")]
    keys: Vec<PathBuf>,
}

impl Args {
    /// Fails when anything is wrong; what has been said.
    pub fn run(self) -> Result<ExitCode> {
        let mut report = Report::default();
        let keys = match self.keys[..] {
            [] => Some(None),
            _ => key::list(&self.keys, &mut report).map(Some),
        };
        if let Some(keys) = keys {
            let words = inspect::inspect(&self.record, keys.as_ref(), &mut report);
            if !words.is_empty() {
                writeln!(io::stdout(), "{words}")?;
            }
        }
        Ok(end(&report))
    }
}
