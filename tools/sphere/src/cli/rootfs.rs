// SPDX-License-Identifier: GPL-2.0

use std::process::ExitCode;

use anyhow::Result;
use sphere::image::rootfs;

use super::files;

/// Write the image of a device's root file system (cramfs) from its files
///
/// As the image of an application, but there is no manifest and no record: it holds the manager and
/// what that needs. The directories that sphere-init mounts file systems on are added.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    files: files::Args,
}

impl Args {
    /// Fails when a file is refused; why has been said.
    pub fn run(self) -> Result<ExitCode> {
        self.files.write(|files, report| rootfs(&files, report))
    }
}
