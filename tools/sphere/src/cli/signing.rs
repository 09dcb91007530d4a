// SPDX-License-Identifier: GPL-2.0

//! How an image is signed, for every command that does.

use std::path::PathBuf;

use sphere::seal::Request;
use sphere_store::name::Name;

/// Flattened into the arguments of a command.
#[derive(clap::Args)]
#[group(id = "signing")]
pub struct Args {
    /// Private key to sign the image with: Ed25519, PEM (PKCS#8)
    #[arg(long, value_name = "FILE", requires = "image_version")]
    key: Option<PathBuf>,

    /// Version of the image. A device that has run an image of this application takes none with a
    /// lower one
    #[arg(long, value_name = "NUMBER", requires = "key")]
    image_version: Option<u64>,

    /// What a device calls the application; by default the name of the image's file, without what
    /// follows the last dot
    #[arg(long, requires = "key", value_parser = Name::new)]
    name: Option<Name>,
}

impl Args {
    /// `None` if nothing is to be signed.
    pub fn request(self) -> Option<Request> {
        // Each requires the other.
        let (key, version) = self.key.zip(self.image_version)?;
        Some(Request {
            key,
            version,
            name: self.name,
        })
    }
}
