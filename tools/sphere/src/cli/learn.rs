// SPDX-License-Identifier: GPL-2.0

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use sphere_core::uuid::Uuid;

use sphere::guid;
use sphere::learn::{Request, learn};
use sphere::output;
use sphere::report::Report;

use super::input;

/// Write the smallest manifest that allows what was denied in a run
///
/// Reads what the kernel says was denied, or would have been in permissive mode: lines of its log
/// or of the audit log. What no manifest can ask for is said, with the number of the line.
#[derive(clap::Args)]
pub struct Args {
    /// Log (dmesg, journalctl -k) or audit log; - is standard input
    #[arg(default_value = "-")]
    log: PathBuf,

    /// Learn for this component alone
    #[arg(long, value_name = "ID", value_parser = component)]
    component: Option<Uuid>,

    /// Manifest that the application has: it is kept, and extended
    #[arg(long, value_name = "MANIFEST")]
    base: Option<PathBuf>,

    /// Board file, by which a line of a GPIO chip becomes a value
    #[arg(long, value_name = "FILE")]
    board: Option<PathBuf>,

    /// Hardware definition to ask for names before those that the board file names
    #[arg(long, value_name = "FILE")]
    hardware: Vec<PathBuf>,

    /// Where to write: a file with --component or --base, else a directory, where each component
    /// gets a file ID.json. Standard output if it is one manifest and this is left out
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
}

impl Args {
    pub fn run(self) -> Result<ExitCode> {
        let mut report = Report::default();
        let request = Request {
            name: self.log.display().to_string(),
            log: input::read(&self.log)?,
            component: self.component,
            base: self.base.clone(),
            board: self.board.clone(),
            hardware: self.hardware.clone(),
        };
        let manifests = learn(&request, &mut report);
        for problem in report.problems() {
            eprintln!("{problem}");
        }
        let Some(manifests) = manifests.filter(|all| !all.is_empty()) else {
            return Ok(ExitCode::FAILURE);
        };
        self.write(&manifests.iter().collect::<Vec<_>>())?;
        Ok(ExitCode::SUCCESS)
    }

    fn write(&self, manifests: &[(&Uuid, &String)]) -> Result<()> {
        let is_one = self.component.is_some() || self.base.is_some();
        match (&self.output, manifests) {
            (Some(file), [(_, manifest)]) if is_one => {
                output::write_all(&[(file, manifest.as_bytes())])
            }
            (Some(folder), all) => write_each(folder, all),
            (None, [(_, manifest)]) => Ok(io::stdout().write_all(manifest.as_bytes())?),
            (None, all) => bail!(
                "these are {} manifests: name a directory for them with --output, or one with \
                 --component",
                all.len()
            ),
        }
    }
}

fn component(text: &str) -> Result<Uuid, String> {
    guid::parse(text).ok_or_else(|| format!("{text:?} is not the id of a component"))
}

fn write_each(folder: &Path, manifests: &[(&Uuid, &String)]) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let paths: Vec<_> = manifests
        .iter()
        .map(|(id, _)| folder.join(format!("{id}.json")))
        .collect();
    let files: Vec<(&Path, &[u8])> = paths
        .iter()
        .zip(manifests)
        .map(|(path, (_, manifest))| (path.as_path(), manifest.as_bytes()))
        .collect();
    output::write_all(&files)
}
