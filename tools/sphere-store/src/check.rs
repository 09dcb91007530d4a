// SPDX-License-Identifier: GPL-2.0

//! Whether a device may run an image.

use crate::{
    keys::{Keys, Trust},
    seal::{Claim, Key, Seal, SealError},
    source::{Source, pieces},
};
use core::fmt;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha512};

/// Why an image is refused; `E` is why it could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal<E> {
    /// It cannot be read.
    Unreadable(E),
    /// It has no seal.
    Seal(SealError),
    /// Nobody said that whoever signed it is to be trusted.
    UnknownKey(Key),
    /// Whoever signed it is not trusted any more.
    RevokedKey(Key),
    /// The signature is not that of the key over the seal.
    BadSignature(Key),
    /// The image is not the one that was signed.
    Changed,
}

impl<E> From<SealError> for Refusal<E> {
    fn from(error: SealError) -> Self {
        Self::Seal(error)
    }
}

impl<E: fmt::Display> fmt::Display for Refusal<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => error.fmt(f),
            Self::Seal(error) => error.fmt(f),
            Self::UnknownKey(key) => {
                write!(
                    f,
                    "it is signed by {key}, a key that this device does not trust"
                )
            }
            Self::RevokedKey(key) => write!(f, "it is signed by {key}, a key that was revoked"),
            Self::BadSignature(key) => {
                write!(f, "its signature is wrong: {key} has not signed this seal")
            }
            Self::Changed => f.write_str("the image is corrupt: it is not the one that was signed"),
        }
    }
}

/// Reads the seal of an image, and checks that somebody who is trusted has signed it. The image
/// itself is not looked at: see [`image`].
///
/// # Errors
///
/// Whatever is wrong, but [`Refusal::Changed`].
pub fn seal<S: Source>(source: &S, keys: &Keys) -> Result<Seal, Refusal<S::Error>> {
    let seal = Seal::read(source)?;
    let key = seal.claim.key;
    match keys.trust(&key) {
        Trust::Trusted => {}
        Trust::Unknown => return Err(Refusal::UnknownKey(key)),
        Trust::Revoked => return Err(Refusal::RevokedKey(key)),
    }
    if !is_signed(&seal) {
        return Err(Refusal::BadSignature(key));
    }
    Ok(seal)
}

/// Whether the key that a seal names has signed it.
pub fn is_signed(seal: &Seal) -> bool {
    let signature = Signature::from_bytes(&seal.signature);
    // Strict: there is one signature, and no key of small order that signs everything.
    VerifyingKey::from_bytes(&seal.claim.key.0).is_ok_and(|key| {
        key.verify_strict(&seal.claim.to_bytes(), &signature)
            .is_ok()
    })
}

/// Checks that an image is the one that its seal is about.
///
/// # Errors
///
/// [`Refusal::Changed`], and [`Refusal::Unreadable`].
pub fn image<S: Source>(source: &S, claim: &Claim) -> Result<(), Refusal<S::Error>> {
    let digest = digest(source, claim.image_size).map_err(Refusal::Unreadable)?;
    if digest != claim.digest {
        return Err(Refusal::Changed);
    }
    Ok(())
}

/// SHA-512 of the first `size` bytes.
///
/// # Errors
///
/// What `source` says.
pub fn digest<S: Source>(source: &S, size: u32) -> Result<[u8; 64], S::Error> {
    let mut hash = Sha512::new();
    pieces(source, 0, size, |_, piece| hash.update(piece))?;
    Ok(hash.finalize().into())
}
