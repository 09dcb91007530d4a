// SPDX-License-Identifier: GPL-2.0

//! From a manifest and a board to a record and a launch file.

use std::fs;
use std::path::{Path, PathBuf};

use crate::board::{self, Board};
use crate::conflict::{self, Application};
use crate::grants::{self, Grants};
use crate::manifest::{self, Manifest};
use crate::remote::Resolution;
use crate::report::{Problem, Report};
use crate::{launch, record};

/// What to pack.
#[derive(Debug, Default)]
pub struct Request {
    pub manifest: PathBuf,
    pub board: PathBuf,
    /// Hardware definitions that are asked before those that the board names.
    pub hardware: Vec<PathBuf>,
    /// Manifests of other applications of the same device.
    pub with: Vec<PathBuf>,
    pub resolutions: Vec<Resolution>,
}

/// What an application's image needs.
#[derive(Debug, PartialEq, Eq)]
pub struct Packed {
    pub record: Vec<u8>,
    pub launch: String,
}

/// Packs an application. `None` if anything is wrong; the report says what.
pub fn pack(request: &Request, report: &mut Report) -> Option<Packed> {
    report.unless_errors(|report| {
        // Both are read before either is given up, so that one run names what is wrong with both.
        let manifest = manifest::read(&request.manifest, report);
        let board = board::read(&request.board, &request.hardware, report);
        let (manifest, board) = (manifest?, board?);
        let grants = grants::resolve(&manifest, &board, &request.resolutions, report)?;
        let application = Application {
            manifest: &manifest,
            grants: &grants,
        };
        for other in &request.with {
            if !is_same_file(other, &request.manifest) {
                check_with(other, &application, &board, report);
            }
        }
        write(&manifest, &grants, report)
    })
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
}

/// Checks that `application` takes nothing that the manifest `other` asks for.
fn check_with(other: &Path, application: &Application<'_>, board: &Board, report: &mut Report) {
    let Some(manifest) = manifest::read(other, report) else {
        return;
    };
    // Its host names are a matter of its own packing: here they would only be noise.
    let mut details = Report::default();
    let grants = grants::resolve(&manifest, board, &[], &mut details);
    for problem in details.errors() {
        report.push(problem.clone());
    }
    if let Some(grants) = grants {
        let other = Application {
            manifest: &manifest,
            grants: &grants,
        };
        conflict::check(application, &other, report);
    }
}

fn write(manifest: &Manifest, grants: &Grants, report: &mut Report) -> Option<Packed> {
    let record = record::write(grants)
        .map_err(|error| report.error(&manifest.place, error.to_string()))
        .ok();
    let launch = launch::write(manifest, grants)
        .map_err(|reason| {
            let problem = Problem::error(&manifest.place, "no launch file can be made of it");
            report.push(problem.note(reason.to_string()));
        })
        .ok();
    Some(Packed {
        record: record?,
        launch: launch?,
    })
}
