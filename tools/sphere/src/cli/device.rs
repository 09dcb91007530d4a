// SPDX-License-Identifier: GPL-2.0

//! How a device is named on the command line, by every command that looks at a whole one.

use std::path::PathBuf;

use sphere::device::Request;
use sphere::remote::Resolution;

/// Flattened into the arguments of a command.
#[derive(clap::Args)]
#[group(id = "device")]
pub struct Args {
    /// Board file: what peripherals are on the device, see BOARDS.md
    #[arg(long, value_name = "FILE")]
    board: PathBuf,

    /// Hardware definition to ask for names before those that the board file names
    #[arg(long, value_name = "FILE")]
    hardware: Vec<PathBuf>,

    /// Address of a host name or DNS-SD name, as given to sphere pack
    #[arg(long, value_name = "NAME=ADDRESS[:PORT]")]
    resolve: Vec<Resolution>,

    /// Manifests (app_manifest.json) of all applications of the device
    #[arg(required = true, value_name = "MANIFEST")]
    manifests: Vec<PathBuf>,
}

impl Args {
    pub fn request(self) -> Request {
        Request {
            board: self.board,
            hardware: self.hardware,
            manifests: self.manifests,
            resolutions: self.resolve,
        }
    }
}
