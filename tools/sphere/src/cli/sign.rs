// SPDX-License-Identifier: GPL-2.0

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use sphere::report::Report;
use sphere::sign::{Request, sign};
use sphere::{guid, output};
use sphere_core::uuid::Uuid;

use super::{end, signing};

/// Sign the image of an application
///
/// Puts a seal behind the image, in the place of one that is there: the application's name, the
/// version and the component id, a hash of the image, the public key, and the key's signature of all
/// this. The image itself stays as it is. It has to be whole.
///
/// The file is replaced when all is well, else it stays as it is. sphere inspect shows the seal.
#[derive(clap::Args)]
#[command(mut_arg("key", |key| key.required(true)))]
pub struct Args {
    /// Image (cramfs)
    image: PathBuf,

    #[command(flatten)]
    signing: signing::Args,

    /// Component id to sign the image for, if its record cannot be read or shall not be asked
    #[arg(long, value_name = "GUID", value_parser = component)]
    component: Option<Uuid>,

    /// Where to write the signed image, if not to the same file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Args {
    /// Fails when there is anything wrong with the key or the image; what has been said.
    pub fn run(self) -> Result<ExitCode> {
        let mut report = Report::default();
        let output = self.output.unwrap_or_else(|| self.image.clone());
        let signed = self.signing.request().and_then(|seal| {
            let request = Request {
                image: self.image,
                seal,
                component: self.component,
            };
            sign(&request, &mut report)
        });
        if let Some(signed) = signed {
            output::write_all(&[(&output, &signed)])?;
        }
        Ok(end(&report))
    }
}

fn component(text: &str) -> Result<Uuid, &'static str> {
    guid::parse(text)
        .filter(|id| !id.is_nil())
        .ok_or("a component id is a GUID that is not all zeros, such as one from uuidgen")
}
