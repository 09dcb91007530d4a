// SPDX-License-Identifier: GPL-2.0

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use sphere::diff::{Change, Rights, Setting, Source, compare, json};
use sphere::remote::Resolution;
use sphere::report::{Report, Severity};

use super::format::Format;

/// As of diff(1): the comparison itself has failed.
const TROUBLE: u8 = 2;

/// Say which rights an update of an application gains and loses
///
/// Compares manifests, records, images (cramfs) or the folders that images are made of. A line for
/// each right, + for one that is new and - for one that is gone. The exit status is that of
/// diff(1): 0 if nothing has changed, 1 if something has, 2 if the files cannot be compared.
#[derive(clap::Args)]
pub struct Args {
    /// What is there now
    old: PathBuf,

    /// What is to come
    new: PathBuf,

    /// Board file: what names of manifests are on the device; needed to compare a manifest with
    /// something that is packed
    #[arg(long, value_name = "FILE")]
    board: Option<PathBuf>,

    /// Hardware definition to ask for names before those that the board file names
    #[arg(long, value_name = "FILE", requires = "board")]
    hardware: Vec<PathBuf>,

    /// Address of a host name or DNS-SD name, as given to sphere pack
    #[arg(long, value_name = "NAME=ADDRESS[:PORT]", requires = "board")]
    resolve: Vec<Resolution>,

    /// Say only what is gained; the exit status is 1 only if something is
    #[arg(long)]
    gains: bool,

    /// How to write the changes
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Args {
    pub fn run(self) -> ExitCode {
        match self.compare() {
            Ok(status) => ExitCode::from(status),
            Err(error) => {
                eprintln!("error: {error:#}");
                ExitCode::from(TROUBLE)
            }
        }
    }

    fn compare(self) -> Result<u8> {
        let (old, new) = (Source::open(&self.old)?, Source::open(&self.new)?);
        if old.is_manifest() != new.is_manifest() && self.board.is_none() {
            bail!("one is a manifest and the other is packed: name the board with --board");
        }
        let has_devices = old.has_devices() && new.has_devices();
        if old.has_devices() != new.has_devices() {
            eprintln!("note: a record alone does not say which devices may be opened: left out");
        }
        let setting = Setting {
            board: self.board,
            hardware: self.hardware,
            resolutions: self.resolve,
        };
        let (Some(mut old), Some(mut new)) = (rights(old, &setting)?, rights(new, &setting)?)
        else {
            return Ok(TROUBLE);
        };
        if !has_devices {
            old.forget_devices();
            new.forget_devices();
        }
        let mut changes = compare(&old, &new);
        changes.retain(|change| change.is_gain || !self.gains);
        write(&changes, self.format)?;
        Ok(u8::from(!changes.is_empty()))
    }
}

/// `None` if it is refused; why has been said.
fn rights(source: Source, setting: &Setting) -> Result<Option<Rights>> {
    let mut report = Report::default();
    let rights = source.rights(setting, &mut report)?;
    let problems = report.problems().iter();
    for problem in problems.filter(|problem| problem.severity != Severity::Note) {
        eprintln!("{problem}");
    }
    Ok(rights)
}

fn write(changes: &[Change], format: Format) -> Result<()> {
    let mut out = io::stdout().lock();
    match format {
        Format::Json => writeln!(out, "{}", json(changes)?)?,
        Format::Text => {
            for change in changes {
                writeln!(out, "{change}")?;
            }
        }
    }
    Ok(())
}
