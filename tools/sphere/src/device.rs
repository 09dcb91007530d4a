// SPDX-License-Identifier: GPL-2.0

//! A whole device: its board, and all applications that are to run on it.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use crate::board::{self, Board};
use crate::conflict;
use crate::grants::{self, Grants};
use crate::manifest::{self, Manifest};
use crate::progress::Progress;
use crate::remote::Resolution;
use crate::report::Report;

/// The files that describe a device.
#[derive(Debug, Default)]
pub struct Request {
    pub board: PathBuf,
    /// Hardware definitions that are asked before those that the board names.
    pub hardware: Vec<PathBuf>,
    pub manifests: Vec<PathBuf>,
    pub resolutions: Vec<Resolution>,
}

/// One application of the device.
#[derive(Debug)]
pub struct Application {
    pub manifest: Manifest,
    pub grants: Grants,
}

impl Application {
    /// The same, as the search for conflicts takes it.
    pub fn borrowed(&self) -> conflict::Application<'_> {
        conflict::Application {
            manifest: &self.manifest,
            grants: &self.grants,
        }
    }
}

/// A device, as far as its files are without mistakes.
#[derive(Debug)]
pub struct Device {
    pub board: Board,
    /// Ordered by name and component, whatever the order of the command line is.
    pub applications: Vec<Application>,
    pub resolutions: Vec<Resolution>,
}

/// What was said while the files were read, by the step that said it.
#[derive(Debug, Default)]
pub struct Reports {
    /// About the board file and hardware definitions.
    pub board: Report,
    /// About single manifests.
    pub manifests: Report,
    /// About what manifests come to on the board.
    pub grants: Report,
}

impl Reports {
    /// All of them, in the order of the steps.
    pub fn all(&self) -> [&Report; 3] {
        [&self.board, &self.manifests, &self.grants]
    }

    /// Whether any step found an error.
    pub fn have_errors(&self) -> bool {
        self.all().iter().any(|report| report.has_errors())
    }
}

/// Reads a device. `None` only if the board cannot be read; an application that is refused is left
/// out. The reports say what is wrong.
pub fn read(request: Request, reports: &mut Reports) -> Option<Device> {
    let board = board::read(&request.board, &request.hardware, &mut reports.board);
    let files = each_once(request.manifests);
    let mut progress = Progress::new("reading manifests", files.len());
    let mut applications = Vec::new();
    for file in files {
        progress.step();
        let manifest = manifest::read(&file, &mut reports.manifests);
        let (Some(manifest), Some(board)) = (manifest, &board) else {
            continue;
        };
        let grants = grants::resolve(&manifest, board, &request.resolutions, &mut reports.grants);
        if let Some(grants) = grants {
            applications.push(Application { manifest, grants });
        }
    }
    applications.sort_by(|one, other| key(one).cmp(&key(other)));
    Some(Device {
        board: board?,
        applications,
        resolutions: request.resolutions,
    })
}

/// A shell pattern and a name beside it may lead to the same file twice.
fn each_once(files: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut known = BTreeSet::new();
    files
        .into_iter()
        .filter(|file| known.insert(fs::canonicalize(file).unwrap_or_else(|_| file.clone())))
        .collect()
}

fn key(application: &Application) -> (&str, [u8; 16], &str) {
    let manifest = &application.manifest;
    (
        &manifest.name,
        manifest.component.value.0,
        &manifest.place.file,
    )
}
