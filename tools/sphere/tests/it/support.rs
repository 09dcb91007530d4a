// SPDX-License-Identifier: GPL-2.0

//! What the integration tests share.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use sphere::pack::{Packed, Request, pack};
use sphere::report::Report;
use tempfile::TempDir;

/// A folder with the files of one test.
pub struct Sandbox(TempDir);

impl Sandbox {
    pub fn new() -> Self {
        Self(TempDir::new().expect("a temporary folder"))
    }

    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// Writes a file; folders on the way to it are made.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("folder");
        fs::write(&path, text).expect("file");
        path
    }

    /// Packs `m.json` on `board.json`.
    pub fn pack(&self) -> (Option<Packed>, Report) {
        self.pack_with(Request::default())
    }

    /// The same with what else `request` says.
    pub fn pack_with(&self, request: Request) -> (Option<Packed>, Report) {
        let mut report = Report::default();
        let request = Request {
            manifest: self.path("m.json"),
            board: self.path("board.json"),
            ..request
        };
        let packed = pack(&request, &mut report);
        (packed, report)
    }

    /// All of a report, with the sandbox's own path left out.
    pub fn words(&self, report: &Report) -> String {
        let problems: Vec<_> = report.problems().iter().map(ToString::to_string).collect();
        let folder = format!("{}/", self.folder().display());
        problems.join("\n").replace(&folder, "")
    }
}

/// The program, run in a folder.
pub fn sphere(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("sphere").expect("the program is built");
    command.current_dir(folder);
    command
}

/// A manifest that asks for `capabilities`; `number` tells its component from others.
pub fn manifest(number: u8, capabilities: &str) -> String {
    format!(
        r#"{{"SchemaVersion": 1, "Name": "app {number}", "EntryPoint": "bin/app",
"ComponentId": "5a6b2c0d-0000-4000-8000-0000000000{number:02x}",
"Capabilities": {{{capabilities}}}}}"#
    )
}
