// SPDX-License-Identifier: GPL-2.0

//! Signed images to test with.

use ed25519_dalek::{Signer, SigningKey};
use sphere_core::uuid::Uuid;
use sphere_store::{
    check,
    keys::Keys,
    name::Name,
    seal::{Claim, IMAGE_MAGIC, Key, Seal},
};

pub fn signer(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

pub fn key(seed: u8) -> Key {
    Key(signer(seed).verifying_key().to_bytes())
}

/// The keys of these files.
pub fn keys(files: &[&str]) -> Keys {
    let mut keys = Keys::NONE;
    for file in files {
        keys.read(file.as_bytes()).unwrap();
    }
    keys
}

/// A line for a key.
pub fn line(seed: u8) -> String {
    format!("{:?}\n", key(seed))
}

/// Something that says of itself that it is a cramfs of so many bytes.
pub fn image(size: usize, fill: u8) -> Vec<u8> {
    let mut bytes = vec![fill; size];
    bytes[..4].copy_from_slice(&IMAGE_MAGIC);
    bytes[4..8].copy_from_slice(&u32::try_from(size).unwrap().to_le_bytes());
    bytes
}

pub fn claim(image: &[u8], component: u8, version: u64, seed: u8) -> Claim {
    Claim {
        image_size: u32::try_from(image.len()).unwrap(),
        version,
        component: Uuid([component; 16]),
        name: Name::new(&format!("app-{component}")).unwrap(),
        digest: check::digest(&image, u32::try_from(image.len()).unwrap()).unwrap(),
        key: key(seed),
    }
}

pub fn seal(claim: Claim, seed: u8) -> Seal {
    let signature = signer(seed).sign(&claim.to_bytes()).to_bytes();
    Seal { claim, signature }
}

/// An image and its seal.
pub fn signed(size: usize, component: u8, version: u64, seed: u8) -> Vec<u8> {
    let mut bytes = image(size, u8::try_from(version % 251).unwrap());
    let seal = seal(claim(&bytes, component, version, seed), seed);
    bytes.extend(seal.to_bytes());
    bytes
}
