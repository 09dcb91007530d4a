// SPDX-License-Identifier: GPL-2.0

//! Records in words, alone or in the image of their application, and the seal behind that.

use std::fmt::{self, Display};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Result, anyhow};
use sphere_core::describe::Description;
use sphere_core::record::{RECORD_MAX, Record};
use sphere_core::uuid::Uuid;
use sphere_store::check::{self, Refusal};
use sphere_store::keys::{Keys, Trust};
use sphere_store::seal::{SEAL_MAGIC, SEAL_SIZE, Seal, SealError, image_size};
use sphere_store::source::OutOfRange;

use crate::cramfs;
use crate::cramfs::format::IMAGE_MAX;
use crate::report::Report;
use crate::seal::{component_of, record_of};

/// The words for `file`, which is a record or an image; `-` is standard input. What is wrong goes to
/// the report. With `keys`, that includes whatever keeps a device from taking the image that trusts
/// these.
pub fn inspect(file: &Path, keys: Option<&Keys>, report: &mut Report) -> String {
    let name = file.display().to_string();
    let bytes = if file == Path::new("-") {
        read(io::stdin().lock())
    } else {
        File::open(file).and_then(read)
    };
    match bytes {
        Ok(bytes) if cramfs::is_image(&bytes) => image(&name, &bytes, keys, report),
        Ok(_) if keys.is_some() => {
            report.error(name, "is no image, and only images are signed");
            String::new()
        }
        Ok(bytes) => record(&name, Ok(bytes), report).unwrap_or_default(),
        Err(error) => {
            report.error(name, format!("cannot be read: {error}"));
            String::new()
        }
    }
}

/// Reads a record, or enough to see that there is more than one holds. Of an image, all is read.
fn read(mut source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source
        .by_ref()
        .take(RECORD_MAX as u64 + 1)
        .read_to_end(&mut bytes)?;
    if cramfs::is_image(&bytes) {
        let limit = IMAGE_MAX as u64 + u64::from(SEAL_SIZE);
        source.take(limit).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

fn record(name: &str, bytes: Result<Vec<u8>>, report: &mut Report) -> Option<String> {
    let words = bytes.and_then(|bytes| {
        let record =
            Record::parse(bytes.as_slice()).map_err(|error| anyhow!("no valid record: {error}"))?;
        Ok(Description(&record).to_string())
    });
    words
        .map_err(|error| report.error(name, error.to_string()))
        .ok()
}

fn image(name: &str, bytes: &[u8], keys: Option<&Keys>, report: &mut Report) -> String {
    let record = record(name, record_of(bytes), report);
    let seal = match Seal::read(&bytes) {
        Ok(seal) => {
            let seal = Findings::new(bytes, seal, keys);
            for problem in seal.problems() {
                report.error(name, problem);
            }
            Some(seal.to_string())
        }
        Err(Refusal::Seal(SealError::NoSeal)) if has_part_of_seal(bytes) => {
            report.error(name, "the seal behind the image is truncated");
            None
        }
        Err(Refusal::Seal(SealError::NoSeal)) => {
            if keys.is_some() {
                report.error(name, SealError::NoSeal.to_string());
            }
            Some("not signed".to_owned())
        }
        Err(refusal) => {
            report.error(name, refusal.to_string());
            None
        }
    };
    let words: Vec<_> = record.into_iter().chain(seal).collect();
    words.join("\n")
}

/// Whether all that follows an image is what a seal starts with.
fn has_part_of_seal(bytes: &[u8]) -> bool {
    let behind = image_size(&bytes)
        .ok()
        .and_then(|size| bytes.get(size as usize..))
        .unwrap_or_default();
    let known = behind.len().min(SEAL_MAGIC.len());
    (1..SEAL_SIZE as usize).contains(&behind.len()) && behind[..known] == SEAL_MAGIC[..known]
}

/// What there is to say about a seal.
struct Findings {
    seal: Seal,
    /// Of which component the record is, if that can be read.
    component: Option<Uuid>,
    is_signed: bool,
    /// Why the image is not the one that was signed.
    changed: Option<Refusal<OutOfRange>>,
    /// Whether a device would trust the key, if that was asked for.
    trust: Option<Trust>,
}

impl Findings {
    fn new(image: &[u8], seal: Seal, keys: Option<&Keys>) -> Self {
        Self {
            component: component_of(image).ok(),
            is_signed: check::is_signed(&seal),
            changed: check::image(&image, &seal.claim).err(),
            trust: keys.map(|keys| keys.trust(&seal.claim.key)),
            seal,
        }
    }

    fn is_other_component(&self) -> bool {
        self.component
            .is_some_and(|component| component != self.seal.claim.component)
    }

    /// What a device says about it.
    fn problems(&self) -> Vec<String> {
        let key = self.seal.claim.key;
        let trust = match self.trust {
            Some(Trust::Unknown) => Some(Refusal::UnknownKey(key)),
            Some(Trust::Revoked) => Some(Refusal::RevokedKey(key)),
            Some(Trust::Trusted) | None => None,
        };
        let signature = (!self.is_signed).then_some(Refusal::BadSignature(key));
        let component = self.is_other_component().then(|| {
            let component = self.seal.claim.component;
            format!("its seal is about another component than its record: {component}")
        });
        [trust, signature, self.changed]
            .into_iter()
            .flatten()
            .map(|refusal: Refusal<OutOfRange>| refusal.to_string())
            .chain(component)
            .collect()
    }
}

impl Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let claim = &self.seal.claim;
        let signature = if self.is_signed {
            "right"
        } else {
            "WRONG: this key has not signed this seal"
        };
        let image = match self.changed {
            None => "the one that was signed",
            Some(_) => "CORRUPT: not the one that was signed",
        };
        let component = if self.is_other_component() {
            "  NOT that of the record"
        } else {
            ""
        };
        let trust = self.trust.map(|trust| match trust {
            Trust::Trusted => "trusted",
            Trust::Unknown => "NOT trusted: it is in none of the files of keys",
            Trust::Revoked => "NOT trusted: it was revoked",
        });
        write!(f, "signed")?;
        row(f, "name", claim.name)?;
        row(f, "version", claim.version)?;
        row(
            f,
            "component",
            format_args!("{}{component}", claim.component),
        )?;
        row(f, "key", claim.key)?;
        if let Some(trust) = trust {
            row(f, "the key is", trust)?;
        }
        row(f, "signature", signature)?;
        row(f, "image", image)
    }
}

/// A line as a record's [`Description`] has them.
fn row(f: &mut fmt::Formatter<'_>, label: &str, value: impl Display) -> fmt::Result {
    write!(f, "\n  {label:<15}{value}")
}
