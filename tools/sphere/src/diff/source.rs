// SPDX-License-Identifier: GPL-2.0

//! What can be compared: a manifest, a record, an image, or the folder that an image is made of.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use sphere_core::launch::{LAUNCH_MAX, Launch};
use sphere_core::record::{MAGIC, RECORD_MAX, Record};

use super::rights::Rights;
use crate::pack::{Request, pack};
use crate::remote::Resolution;
use crate::report::Report;
use crate::{cramfs, manifest};

/// More than the image of any application.
const FILE_SIZE_MAX: u64 = 256 * 1024 * 1024;

/// The board that manifests are meant for.
#[derive(Debug, Default)]
pub struct Setting {
    pub board: Option<PathBuf>,
    pub hardware: Vec<PathBuf>,
    pub resolutions: Vec<Resolution>,
}

/// One side of a comparison.
pub enum Source {
    Manifest(PathBuf),
    /// A record, and the launch file beside it.
    Packed(Record<Vec<u8>>, Option<String>),
}

impl Source {
    /// Finds out what a file is, and reads it if it is packed.
    pub fn open(path: &Path) -> Result<Self> {
        let name = path.display();
        if path.is_dir() {
            return Self::folder(path);
        }
        let mut bytes = Vec::new();
        File::open(path)
            .and_then(|file| file.take(FILE_SIZE_MAX + 1).read_to_end(&mut bytes))
            .with_context(|| format!("{name} cannot be read"))?;
        if bytes.len() as u64 > FILE_SIZE_MAX {
            bail!("{name}: is larger than {FILE_SIZE_MAX} bytes");
        }
        if cramfs::is_image(&bytes) {
            return Self::image(path, &bytes);
        }
        if bytes.starts_with(&MAGIC.to_le_bytes()) {
            return Ok(Self::Packed(record(path, bytes)?, None));
        }
        Ok(Self::Manifest(path.to_owned()))
    }

    fn image(path: &Path, bytes: &[u8]) -> Result<Self> {
        let name = path.display();
        let read = |file: &str, limit| {
            cramfs::file(bytes, &[".sphere", file], limit)
                .map_err(|error| anyhow!("{name}: {error}"))
        };
        let identity = read("identity", RECORD_MAX)?
            .ok_or_else(|| anyhow!("{name}: is an image without .sphere/identity"))?;
        let launch = read("launch", LAUNCH_MAX)?;
        Ok(Self::Packed(record(path, identity)?, text(path, launch)?))
    }

    fn folder(path: &Path) -> Result<Self> {
        let name = path.display();
        let file = path.join(".sphere/identity");
        let identity = fs::read(&file)
            .with_context(|| format!("{name}: is a folder, and .sphere/identity cannot be read"))?;
        let launch = fs::read(path.join(".sphere/launch")).ok();
        Ok(Self::Packed(record(&file, identity)?, text(path, launch)?))
    }

    /// Whether a board is needed to say what it comes to.
    pub fn is_manifest(&self) -> bool {
        matches!(self, Self::Manifest(_))
    }

    /// Whether it says which device nodes there are.
    pub fn has_devices(&self) -> bool {
        match self {
            Self::Manifest(_) => true,
            Self::Packed(_, launch) => launch.is_some(),
        }
    }

    /// The rights, as far as the setting tells. `None` if the manifest or the board is refused; the
    /// report says why.
    pub fn rights(self, setting: &Setting, report: &mut Report) -> Result<Option<Rights>> {
        match (self, &setting.board) {
            (Self::Packed(record, launch), _) => of_packed(&record, launch.as_deref()).map(Some),
            (Self::Manifest(path), None) => {
                let manifest = manifest::read(&path, report);
                Ok(manifest.as_ref().map(Rights::of_manifest))
            }
            (Self::Manifest(path), Some(board)) => {
                let request = Request {
                    manifest: path.clone(),
                    board: board.clone(),
                    hardware: setting.hardware.clone(),
                    resolutions: setting.resolutions.clone(),
                    ..Request::default()
                };
                let Some(packed) = pack(&request, report) else {
                    return Ok(None);
                };
                let record = record(&path, packed.record)?;
                of_packed(&record, Some(&packed.launch)).map(Some)
            }
        }
    }
}

fn of_packed(record: &Record<Vec<u8>>, launch: Option<&str>) -> Result<Rights> {
    let launch = launch.map(|text| Launch::parse(text.as_bytes()));
    let launch = launch.transpose().context("no valid launch file")?;
    Ok(Rights::of_record(record, launch.as_ref()))
}

fn record(path: &Path, bytes: Vec<u8>) -> Result<Record<Vec<u8>>> {
    let name = path.display();
    Record::parse(bytes).map_err(|error| anyhow!("{name}: no valid record: {error}"))
}

fn text(path: &Path, bytes: Option<Vec<u8>>) -> Result<Option<String>> {
    let name = path.display();
    bytes
        .map(String::from_utf8)
        .transpose()
        .with_context(|| format!("{name}: .sphere/launch is not text"))
}
