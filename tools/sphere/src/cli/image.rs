// SPDX-License-Identifier: GPL-2.0

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::ValueEnum;
use sphere::cramfs;
use sphere::image::{Request, image};
use sphere::output;
use sphere::report::Report;

use super::application;

/// Write the image of an application (cramfs) from its manifest and its files
///
/// The image has the files, the record and the launch file that sphere pack writes, and a directory
/// for device nodes. In it, everything belongs to root, directories have the mode 0755 and files
/// 0644, or 0755 if their owner can execute them. The same files give the same bytes.
///
/// Nothing is written if anything is wrong: with the manifest, or with a file that an application
/// must not bring, such as a device node, a set-user-id program, or a link that leads out of the
/// image. Every error names the file and the reason.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    application: application::Args,

    /// Folder with the files of the application. A directory .sphere in it is refused, and one dev
    /// unless it is empty: both are added
    #[arg(long, value_name = "DIR")]
    root: PathBuf,

    /// Where to write the image
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    /// Files to keep uncompressed and in whole pages, so that a kernel maps and executes them in
    /// the flash, and needs no memory for them
    #[arg(long, value_enum, value_name = "WHICH", default_value_t = Map::Programs)]
    map: Map,
}

/// What the option `--map` takes.
#[derive(Clone, Copy, ValueEnum)]
enum Map {
    /// All files
    All,
    /// Programs and shared libraries: ELF files
    Programs,
    /// No files: a smaller image, which older tools know, too
    None,
}

impl From<Map> for cramfs::Map {
    fn from(map: Map) -> Self {
        match map {
            Map::All => Self::All,
            Map::Programs => Self::Programs,
            Map::None => Self::None,
        }
    }
}

impl Args {
    /// Fails when the manifest or a file is refused; why has been said.
    pub fn run(self) -> Result<ExitCode> {
        refuse_inside(&self.output, &self.root)?;
        let mut report = Report::default();
        let request = Request {
            pack: self.application.request(),
            root: self.root,
            map: self.map.into(),
        };
        let image = image(&request, &mut report);
        for problem in report.problems() {
            eprintln!("{problem}");
        }
        let Some(image) = image else {
            return Ok(ExitCode::FAILURE);
        };
        output::write_all(&[(&self.output, &image)])?;
        Ok(ExitCode::SUCCESS)
    }
}

/// An image among the files that it is made of would be in the next one.
fn refuse_inside(output: &Path, root: &Path) -> Result<()> {
    let folder = match output.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // What is not there is named by those who look for it.
    if let (Ok(folder), Ok(root)) = (fs::canonicalize(folder), fs::canonicalize(root)) {
        if folder.starts_with(root) {
            let output = output.display();
            bail!("{output} lies in the folder of --root: the next image would have it in it");
        }
    }
    Ok(())
}
