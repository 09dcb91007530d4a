// SPDX-License-Identifier: GPL-2.0

use std::process::ExitCode;

use anyhow::Result;
use sphere::image::{Request, image};

use super::{application, files};

/// Write the image of an application (cramfs) from its manifest and its files
///
/// The image has the files, the record and the launch file that sphere pack writes, a directory dev
/// for device nodes, and if the manifest asks for MutableStorage, a directory data for that. In it, everything belongs to root, directories have the mode 0755 and files
/// 0644, or 0755 if their owner can execute them. The same files give the same bytes.
///
/// Nothing is written if anything is wrong: with the manifest, or with a file that an application
/// must not bring, such as a device node, a set-user-id program, or a link that leads out of the
/// image. Every error names the file and the reason. A directory .sphere among the files is
/// refused, and so are dev, and data where it is for storage, unless they are empty.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    application: application::Args,

    #[command(flatten)]
    files: files::Args,
}

impl Args {
    /// Fails when the manifest or a file is refused; why has been said.
    pub fn run(self) -> Result<ExitCode> {
        let pack = self.application.request();
        self.files
            .write(|files, report| image(&Request { pack, files }, report))
    }
}
