// SPDX-License-Identifier: GPL-2.0

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use sphere::device::{self as files, Device, Reports};
use sphere::map::{self, Labels, Map};
use sphere::output;

use super::device;

/// Columns of a terminal that does not say how many it has.
const WIDTH: usize = 80;

/// Show who may touch what on a device: applications and resources
///
/// Without --output as text. Nothing is drawn if a manifest or the board is refused; a conflict is
/// no reason, it is drawn.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    device: device::Args,

    /// Write a drawing (FILE.svg), or a page with the drawing and tables (FILE.html)
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Title of the map
    #[arg(long)]
    title: Option<String>,

    /// Date, or a version, to write on the map; without it the same input makes the same map
    #[arg(long)]
    date: Option<String>,

    /// Columns of the text; without it those of the terminal, or 80
    #[arg(long, value_name = "COLUMNS")]
    width: Option<usize>,
}

impl Args {
    pub fn run(self) -> Result<ExitCode> {
        // A wrong name is said before the work and not after it.
        let form = self.output.as_deref().map(form_of).transpose()?;
        let Some(device) = read(self.device) else {
            return Ok(ExitCode::FAILURE);
        };
        let labels = Labels {
            title: self.title,
            date: self.date,
        };
        let map = map::build(&device, labels);
        match (&self.output, form) {
            (Some(file), Some(form)) => output::write_all(&[(file, form(&map).as_bytes())])?,
            _ => {
                let text = map::text(&map, self.width.unwrap_or_else(terminal_width));
                io::stdout().write_all(text.as_bytes())?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// How to write a file, by the end of its name.
fn form_of(file: &Path) -> Result<fn(&Map) -> String> {
    match file.extension().and_then(|end| end.to_str()) {
        Some("svg") => Ok(map::svg),
        Some("html") => Ok(map::html),
        _ => bail!("{}: the name has to end in .svg or .html", file.display()),
    }
}

/// `None` if anything is refused; why has been said.
fn read(args: device::Args) -> Option<Device> {
    let mut reports = Reports::default();
    let device = files::read(args.request(), &mut reports);
    for problem in reports.all().iter().flat_map(|report| report.errors()) {
        eprintln!("{problem}");
    }
    device.filter(|_| !reports.have_errors())
}

fn terminal_width() -> usize {
    if !io::stdout().is_terminal() {
        return WIDTH;
    }
    terminal_size::terminal_size().map_or(WIDTH, |(width, _)| width.0.into())
}
