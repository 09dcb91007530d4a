// SPDX-License-Identifier: GPL-2.0

//! How an application is named on the command line, by every command that packs one.

use std::path::PathBuf;

use sphere::pack::Request;
use sphere::remote::Resolution;

/// Flattened into the arguments of a command.
#[derive(clap::Args)]
#[group(id = "application")]
pub struct Args {
    /// Manifest of the application (app_manifest.json)
    manifest: PathBuf,

    /// Board file: what peripherals are on the device, see BOARDS.md
    #[arg(long, value_name = "FILE")]
    board: PathBuf,

    /// Address of a host name or DNS-SD name of the manifest, for as long as the record is used;
    /// without one, connections to it stay refused. Nothing is looked up
    #[arg(long, value_name = "NAME=ADDRESS[:PORT]")]
    resolve: Vec<Resolution>,

    /// Hardware definition to ask for names before those that the board file names
    #[arg(long, value_name = "FILE")]
    hardware: Vec<PathBuf>,

    /// Manifest of another application of the device; one resource belongs to one application
    #[arg(long, value_name = "MANIFEST", num_args = 1..)]
    with: Vec<PathBuf>,
}

impl Args {
    pub fn request(self) -> Request {
        Request {
            manifest: self.manifest,
            board: self.board,
            hardware: self.hardware,
            with: self.with,
            resolutions: self.resolve,
        }
    }
}
