// SPDX-License-Identifier: GPL-2.0

//! What stands behind an image: of which application it is, in which version, and who says so.
//!
//! ```text
//! offset  bytes
//!      0      8  "SPHRSEAL"
//!      8      4  bytes of the seal: 232
//!     12      4  bytes of the image, at the end of which the seal is
//!     16      8  version: a device takes none that is lower than one that it has run
//!     24     16  component id
//!     40     32  name, filled up with zeros
//!     72     64  SHA-512 of the image
//!    136     32  Ed25519 public key
//!    168     64  Ed25519 signature of all that is before it
//! ```
//!
//! Numbers are little-endian. The image is a cramfs, which says itself how long it is.

use crate::{check::Refusal, hex::Hex, name::Name, source::Source};
use core::fmt;
use sphere_core::uuid::Uuid;

/// Bytes of a seal.
pub const SEAL_SIZE: u32 = 232;
const SIZE: usize = SEAL_SIZE as usize;
/// The first bytes of one.
pub const SEAL_MAGIC: &[u8; 8] = b"SPHRSEAL";
/// Bytes of what is signed.
const SIGNED: usize = 168;

/// The first four bytes of a cramfs, after which its size comes.
pub const IMAGE_MAGIC: [u8; 4] = 0x28cd_3d45_u32.to_le_bytes();
/// Bytes of the smallest cramfs: a superblock.
const IMAGE_MIN: u32 = 76;

/// A public key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Key(pub [u8; 32]);

/// As people compare it: the first eight bytes.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Hex(&self.0[..8]).fmt(f)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Hex(&self.0))
    }
}

/// What is said about an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Bytes of the image.
    pub image_size: u32,
    /// Its version.
    pub version: u64,
    /// Which component it is.
    pub component: Uuid,
    /// What it is called.
    pub name: Name,
    /// SHA-512 of it.
    pub digest: [u8; 64],
    /// Who says so.
    pub key: Key,
}

/// A version of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Release {
    /// Which component it is.
    pub component: Uuid,
    /// Its version.
    pub version: u64,
    /// What it is called.
    pub name: Name,
}

/// A claim and a signature, which [`crate::check`] checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seal {
    /// What is said.
    pub claim: Claim,
    /// Its signature.
    pub signature: [u8; 64],
}

/// Why there is no image with a seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealError {
    /// There is no cramfs.
    NoImage,
    /// The image is longer than what it is in.
    Truncated,
    /// What follows the image is no seal.
    NoSeal,
    /// A field of the seal makes no sense.
    BadField(&'static str),
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoImage => f.write_str("this is no application image"),
            Self::Truncated => f.write_str("the image is truncated"),
            Self::NoSeal => f.write_str("the image is not signed"),
            Self::BadField(field) => write!(f, "the seal of the image is wrong: its {field}"),
        }
    }
}

impl core::error::Error for SealError {}

impl Claim {
    /// What the image is.
    pub fn release(&self) -> Release {
        Release {
            component: self.component,
            version: self.version,
            name: self.name,
        }
    }

    /// What is signed.
    pub fn to_bytes(&self) -> [u8; SIGNED] {
        let mut bytes = [0; SIGNED];
        let mut rest = &mut bytes[..];
        for field in [
            &SEAL_MAGIC[..],
            &SEAL_SIZE.to_le_bytes(),
            &self.image_size.to_le_bytes(),
            &self.version.to_le_bytes(),
            &self.component.0,
            self.name.field(),
            &self.digest,
            &self.key.0,
        ] {
            let (place, after) = rest.split_at_mut(field.len());
            place.copy_from_slice(field);
            rest = after;
        }
        bytes
    }

    fn parse(bytes: &[u8; SIGNED]) -> Result<Self, SealError> {
        let mut fields = Fields(bytes);
        if fields.take() != *SEAL_MAGIC {
            return Err(SealError::NoSeal);
        }
        if fields.take() != SEAL_SIZE.to_le_bytes() {
            return Err(SealError::BadField("size"));
        }
        let claim = Self {
            image_size: u32::from_le_bytes(fields.take()),
            version: u64::from_le_bytes(fields.take()),
            component: Uuid(fields.take()),
            name: Name::from_field(&fields.take()).ok_or(SealError::BadField("name"))?,
            digest: fields.take(),
            key: Key(fields.take()),
        };
        if claim.component.is_nil() {
            return Err(SealError::BadField("component id"));
        }
        Ok(claim)
    }
}

/// The rest of a claim.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    /// The next field. Zeros when there is none, which cannot be: the sizes are those of the claim.
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let Some((field, rest)) = self.0.split_first_chunk() else {
            return [0; N];
        };
        self.0 = rest;
        *field
    }
}

impl Seal {
    /// The seal as it follows an image.
    pub fn to_bytes(&self) -> [u8; SIZE] {
        let mut bytes = [0; SIZE];
        let (claim, signature) = bytes.split_at_mut(SIGNED);
        claim.copy_from_slice(&self.claim.to_bytes());
        signature.copy_from_slice(&self.signature);
        bytes
    }

    /// Reads the seal of the image that `source` starts with. Whether it is true, [`crate::check`]
    /// says.
    ///
    /// # Errors
    ///
    /// [`Refusal::Unreadable`] and [`Refusal::Seal`].
    pub fn read<S: Source>(source: &S) -> Result<Self, Refusal<S::Error>> {
        let image_size = image_size(source)?;
        let end = image_size.checked_add(SEAL_SIZE);
        if end.is_none_or(|end| end > source.size()) {
            return Err(Refusal::Seal(if image_size > source.size() {
                SealError::Truncated
            } else {
                SealError::NoSeal
            }));
        }
        let mut signed = [0; SIGNED];
        let mut signature = [0; SIZE - SIGNED];
        source
            .read(image_size, &mut signed)
            .and_then(|()| source.read(image_size + SIGNED as u32, &mut signature))
            .map_err(Refusal::Unreadable)?;
        let claim = Claim::parse(&signed)?;
        if claim.image_size != image_size {
            return Err(SealError::BadField("size of the image").into());
        }
        Ok(Self { claim, signature })
    }
}

/// Bytes of the image that `source` starts with, as it says itself.
///
/// # Errors
///
/// [`SealError::NoImage`], and [`Refusal::Unreadable`].
pub fn image_size<S: Source>(source: &S) -> Result<u32, Refusal<S::Error>> {
    if source.size() < IMAGE_MIN {
        return Err(SealError::NoImage.into());
    }
    let mut head = [[0; 4]; 2];
    source
        .read(0, head.as_flattened_mut())
        .map_err(Refusal::Unreadable)?;
    let [magic, size] = head;
    let size = u32::from_le_bytes(size);
    if magic != IMAGE_MAGIC || size < IMAGE_MIN {
        return Err(SealError::NoImage.into());
    }
    Ok(size)
}
