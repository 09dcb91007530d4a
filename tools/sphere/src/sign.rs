// SPDX-License-Identifier: GPL-2.0

//! Signs an image that is there.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use sphere_core::uuid::Uuid;
use sphere_store::check::Refusal;
use sphere_store::seal::{SEAL_SIZE, Seal, SealError, image_size};
use sphere_store::source::OutOfRange;

use crate::cramfs;
use crate::cramfs::format::IMAGE_MAX;
use crate::report::{Problem, Report};
use crate::seal::{self, Sealer, component_of};

/// What to sign.
#[derive(Debug)]
pub struct Request {
    /// File of the image.
    pub image: PathBuf,
    pub seal: seal::Request,
    /// Which component it is, if its record shall not be asked.
    pub component: Option<Uuid>,
}

/// Why an image is not signed.
#[derive(Debug, thiserror::Error)]
enum SignError {
    #[error("cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    #[error("is too large: {IMAGE_MAX} bytes and a seal are the most")]
    TooLarge,
    #[error("{0}")]
    Refused(Refusal<OutOfRange>),
    #[error("{size} bytes of it are an image, and {behind} more follow, which are no seal")]
    Followed { size: usize, behind: usize },
    #[error("is a damaged image: its checksum is wrong")]
    Damaged,
}

impl SignError {
    fn problem(&self, file: &Path) -> Problem {
        let name = file.display().to_string();
        let problem = Problem::error(&name, self.to_string());
        match self {
            Self::Followed { size, .. } => {
                problem.hint(format!("truncate --size={size} {name} takes them away"))
            }
            _ => problem,
        }
    }
}

/// The image, signed. `None` if anything is wrong; the report says what.
pub fn sign(request: &Request, report: &mut Report) -> Option<Vec<u8>> {
    let name = request.image.display().to_string();
    let sealer = Sealer::new(&request.seal, &request.image, report);
    let image = unsealed(&request.image)
        .map_err(|error| report.push(error.problem(&request.image)))
        .ok();
    let image = image?;
    let component = request.component.map_or_else(|| component_of(&image), Ok);
    let component = component
        .map_err(|error| {
            let problem = Problem::error(&name, error.to_string());
            report.push(problem.hint("--component says of which component it is"));
        })
        .ok();
    sealer?
        .seal(image, component?)
        .map_err(|error| report.error(&name, error.to_string()))
        .ok()
}

/// A whole image without the seal that may be behind it.
fn unsealed(file: &Path) -> Result<Vec<u8>, SignError> {
    const LIMIT: usize = IMAGE_MAX + SEAL_SIZE as usize;

    let mut bytes = Vec::new();
    File::open(file)?
        .take(LIMIT as u64 + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() > LIMIT {
        return Err(SignError::TooLarge);
    }
    let size = image_size(&bytes.as_slice()).map_err(SignError::Refused)? as usize;
    if size > bytes.len() {
        return Err(SignError::Refused(SealError::Truncated.into()));
    }
    let behind = bytes.len() - size;
    if behind != 0 && !(behind == SEAL_SIZE as usize && has_seal(&bytes)) {
        return Err(SignError::Followed { size, behind });
    }
    bytes.truncate(size);
    if !cramfs::is_intact(&bytes) {
        return Err(SignError::Damaged);
    }
    Ok(bytes)
}

/// Whether what follows an image is a seal, whatever it says.
fn has_seal(bytes: &[u8]) -> bool {
    matches!(
        Seal::read(&bytes),
        Ok(_) | Err(Refusal::Seal(SealError::BadField(_)))
    )
}
