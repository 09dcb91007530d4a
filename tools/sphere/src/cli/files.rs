// SPDX-License-Identifier: GPL-2.0

//! What goes into an image and where that is written, for every command that makes one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::ValueEnum;
use sphere::image::Files;
use sphere::report::Report;
use sphere::{cramfs, output};

/// Flattened into the arguments of a command.
#[derive(clap::Args)]
#[group(id = "files")]
pub struct Args {
    /// Folder with the files. Directories that the device needs are added
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
    /// Where the image is going to be.
    pub fn output(&self) -> &Path {
        &self.output
    }

    /// Refuses a private key that would be in the image.
    pub fn refuse_among(&self, key: &Path) -> Result<()> {
        if is_inside(key, &self.root) {
            let key = key.display();
            bail!("{key} lies in the folder of --root: everybody who has the image would have it");
        }
        Ok(())
    }

    /// Writes what `make` makes of the files. Fails when anything is refused; why has been said.
    pub fn write(
        self,
        make: impl FnOnce(Files, &mut Report) -> Option<Vec<u8>>,
    ) -> Result<ExitCode> {
        if is_inside(&self.output, &self.root) {
            let output = self.output.display();
            bail!("{output} lies in the folder of --root: the next image would have it in it");
        }
        let mut report = Report::default();
        let files = Files {
            root: self.root,
            map: self.map.into(),
        };
        let image = make(files, &mut report);
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

/// Whether a file, which need not be there, lies in the folder `root` or below it.
fn is_inside(file: &Path, root: &Path) -> bool {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // What is not there is named by those who look for it.
    matches!(
        (fs::canonicalize(folder), fs::canonicalize(root)),
        (Ok(folder), Ok(root)) if folder.starts_with(&root)
    )
}
