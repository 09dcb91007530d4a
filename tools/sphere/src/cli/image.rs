// SPDX-License-Identifier: GPL-2.0

use std::process::ExitCode;

use anyhow::Result;
use sphere::image::{Request, image};
use sphere::seal::{Sealer, component_of};

use super::{application, files, signing};

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
///
/// With --key, the image is signed: a seal follows it, see sphere sign. Devices run no image that is
/// not signed by a key that they trust.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    application: application::Args,

    #[command(flatten)]
    files: files::Args,

    #[command(flatten)]
    signing: signing::Args,
}

impl Args {
    /// Fails when the manifest or a file is refused; why has been said.
    pub fn run(self) -> Result<ExitCode> {
        let pack = self.application.request();
        let output = self.files.output().to_owned();
        let seal = self.signing.request();
        if let Some(seal) = &seal {
            self.files.refuse_among(&seal.key)?;
        }
        self.files.write(|files, report| {
            // The key is read even if the files are refused, so that one run names what is wrong
            // with all of it.
            let sealer = seal.map(|seal| Sealer::new(&seal, &output, report));
            let image = image(&Request { pack, files }, report)?;
            let Some(sealer) = sealer else {
                return Some(image);
            };
            let sealer = sealer?;
            component_of(&image)
                .and_then(|component| sealer.seal(image, component))
                .map_err(|error| report.error(output.display().to_string(), error.to_string()))
                .ok()
        })
    }
}
