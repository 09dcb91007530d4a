// SPDX-License-Identifier: GPL-2.0

//! Images with a seal behind them, which says who has made them: see [`sphere_store::seal`].

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use ed25519_dalek::{Signer as _, SigningKey};
use sphere_core::record::{Kind, RECORD_MAX, Record};
use sphere_core::uuid::Uuid;
use sphere_store::check;
use sphere_store::name::Name;
use sphere_store::seal::{Claim, Seal};

use crate::report::{Problem, Report};
use crate::{cramfs, key};

/// Who signs, and what is said.
#[derive(Debug)]
pub struct Request {
    /// File of the private key.
    pub key: PathBuf,
    pub version: u64,
    /// How the device is to call the application, if not like the image's file.
    pub name: Option<Name>,
}

/// What puts seals behind images.
pub struct Sealer {
    key: SigningKey,
    version: u64,
    name: Name,
}

impl Sealer {
    /// Reads the key. `image` is the file of the image. `None` if anything is wrong; the report says
    /// what.
    pub fn new(request: &Request, image: &Path, report: &mut Report) -> Option<Self> {
        // Both are looked at, so that one run names what is wrong with both.
        let key = key::private(&request.key, report);
        let name = request.name.or_else(|| name_of(image, report));
        Some(Self {
            key: key?,
            version: request.version,
            name: name?,
        })
    }

    /// Puts a seal behind an image, which says of itself that it is all of `image`.
    pub fn seal(&self, mut image: Vec<u8>, component: Uuid) -> Result<Vec<u8>> {
        let image_size = u32::try_from(image.len())?;
        let digest = check::digest(&image.as_slice(), image_size)
            .map_err(|error| anyhow!("the image cannot be read: {error}"))?;
        let claim = Claim {
            image_size,
            version: self.version,
            component,
            name: self.name,
            digest,
            key: key::public_of(&self.key),
        };
        let signature = self.key.sign(&claim.to_bytes()).to_bytes();
        image.extend(Seal { claim, signature }.to_bytes());
        Ok(image)
    }
}

/// The name that an application gets by that of its image's file.
fn name_of(image: &Path, report: &mut Report) -> Option<Name> {
    let stem = image.file_stem().unwrap_or_default().to_string_lossy();
    Name::new(&stem)
        .map_err(|reason| {
            let place = image.display().to_string();
            let problem = Problem::error(
                place,
                format!("{stem:?} cannot be the name of an application: {reason}"),
            );
            report.push(problem.hint("say with --name what a device shall call it"));
        })
        .ok()
}

/// The bytes of an image's record.
pub fn record_of(image: &[u8]) -> Result<Vec<u8>> {
    cramfs::file(image, &[".sphere", "identity"], RECORD_MAX)?
        .ok_or_else(|| anyhow!("is an image without .sphere/identity"))
}

/// Of which component an image is, by its record.
pub fn component_of(image: &[u8]) -> Result<Uuid> {
    let bytes = record_of(image)?;
    let record =
        Record::parse(bytes.as_slice()).map_err(|error| anyhow!("no valid record: {error}"))?;
    if record.kind() != Kind::Application {
        bail!("its record is no application's");
    }
    Ok(record.component())
}
