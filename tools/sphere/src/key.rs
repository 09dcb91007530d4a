// SPDX-License-Identifier: GPL-2.0

//! Keys that images are signed with, and what a device is told of them.
//!
//! A private key is in a file of its own: PKCS#8 in PEM, as openssl has it. A device has files of
//! public keys, see [`sphere_store::keys`].

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, KeypairBytes};
use ed25519_dalek::{SecretKey, SigningKey, VerifyingKey};
use sphere_store::hex::Hex;
use sphere_store::keys::{self, FILE_MAX, Keys, KeysReason};
use sphere_store::seal::Key;

use crate::output;
use crate::report::{Problem, Report};

/// More than the bytes of a key in PEM, and of what people write above it.
const PEM_MAX: u64 = 16 * 1024;

/// Makes a private key and writes it to a file, which must not be there. Returns the public key.
pub fn create(file: &Path, report: &mut Report) -> Option<Key> {
    let create = || {
        let mut seed = SecretKey::default();
        getrandom::fill(&mut seed)
            .map_err(|error| anyhow!("the kernel gives no random bytes: {error}"))?;
        let key = public_of(&SigningKey::from_bytes(&seed));
        // Without the public key in it: older programs do not know that it can be there.
        let pem = KeypairBytes {
            secret_key: seed,
            public_key: None,
        }
        .to_pkcs8_pem(LineEnding::LF)
        .map_err(|error| anyhow!("cannot be written: {error}"))?;
        output::write_secret(file, pem.as_bytes())?;
        Ok(key)
    };
    create()
        .map_err(|error: anyhow::Error| {
            report.error(file.display().to_string(), format!("{error:#}"));
        })
        .ok()
}

/// The public key that belongs to a private one.
pub fn public_of(key: &SigningKey) -> Key {
    Key(key.verifying_key().to_bytes())
}

/// Reads a private key.
pub fn private(file: &Path, report: &mut Report) -> Option<SigningKey> {
    match pem(file, report)? {
        Pem::Private(key) => Some(key),
        Pem::Public(_) => {
            let problem = Problem::error(file.display().to_string(), "is a public key");
            report.push(problem.hint("whoever signs needs the private key that belongs to it"));
            None
        }
    }
}

/// Reads a public key, or the one that belongs to a private key.
pub fn public(file: &Path, report: &mut Report) -> Option<Key> {
    Some(match pem(file, report)? {
        Pem::Private(key) => public_of(&key),
        Pem::Public(key) => key,
    })
}

/// The line for a key in a device's file of keys. What people call it there is the name of its file.
pub fn line(key: Key, file: &Path) -> String {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let name = name.replace(char::is_control, "?");
    format!("{} {name}", Hex(&key.0))
}

/// What a file with a key can hold.
enum Pem {
    Private(SigningKey),
    Public(Key),
}

/// Why a file holds no key.
#[derive(Debug, thiserror::Error)]
enum PemError {
    #[error("is no key in PEM")]
    NoPem,
    #[error("holds a {0:?}, and no key of Ed25519")]
    Other(String),
    #[error("is locked by a password")]
    Encrypted,
    #[error("is a private key, but no valid one of Ed25519")]
    Private,
    #[error("is a public key, but no valid one of Ed25519")]
    Public,
    #[error("is a public key, but {0}")]
    Weak(KeysReason),
}

impl PemError {
    fn hint(&self) -> &'static str {
        match self {
            Self::Encrypted => {
                "openssl pkey -in FILE -out OTHER takes the password off: keep OTHER where nobody \
                 else reads it"
            }
            _ => "sphere key new FILE makes one, as openssl genpkey -algorithm ed25519 does",
        }
    }
}

fn pem(file: &Path, report: &mut Report) -> Option<Pem> {
    let name = || file.display().to_string();
    match read(file, PEM_MAX) {
        Ok(bytes) => parse(&bytes)
            .map_err(|error| {
                let problem = Problem::error(name(), error.to_string());
                report.push(problem.hint(error.hint()));
            })
            .ok(),
        Err(error) => {
            report.error(name(), format!("{error:#}"));
            None
        }
    }
}

fn parse(bytes: &[u8]) -> Result<Pem, PemError> {
    let text = std::str::from_utf8(bytes).map_err(|_| PemError::NoPem)?;
    match label(text).ok_or(PemError::NoPem)? {
        "PRIVATE KEY" => SigningKey::from_pkcs8_pem(text)
            .map(Pem::Private)
            .map_err(|_| PemError::Private),
        "PUBLIC KEY" => {
            let key = VerifyingKey::from_public_key_pem(text).map_err(|_| PemError::Public)?;
            // What a device would not take is none.
            let key = keys::key(&Hex(key.as_bytes()).to_string()).map_err(PemError::Weak)?;
            Ok(Pem::Public(key))
        }
        "ENCRYPTED PRIVATE KEY" => Err(PemError::Encrypted),
        other => Err(PemError::Other(other.to_owned())),
    }
}

/// What the first line says that follows.
fn label(text: &str) -> Option<&str> {
    text.lines()
        .find_map(|line| line.trim().strip_prefix("-----BEGIN "))
        .and_then(|line| line.strip_suffix("-----"))
}

/// Reads a device's files of keys, which add up.
pub fn list(files: &[PathBuf], report: &mut Report) -> Option<Keys> {
    report.unless_errors(|report| {
        let mut keys = Keys::NONE;
        for file in files {
            let name = file.display().to_string();
            match read(file, FILE_MAX as u64) {
                Ok(bytes) => {
                    if let Err(error) = keys.read(&bytes) {
                        report.error(format!("{name}:{}", error.line), error.reason.to_string());
                    }
                }
                Err(error) => report.error(name, format!("{error:#}")),
            }
        }
        Some(keys)
    })
}

/// All of a file that has at most `limit` bytes.
fn read(file: &Path, limit: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = |bytes: &mut Vec<u8>| -> io::Result<usize> {
        File::open(file)?.take(limit + 1).read_to_end(bytes)
    };
    read(&mut bytes).context("cannot be read")?;
    if bytes.len() as u64 > limit {
        return Err(anyhow!("is too large: {limit} bytes are the most"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line() {
        let key = public_of(&SigningKey::from_bytes(&[1; 32]));
        let line = line(key, Path::new("keys/our\nshop.v2.pem"));
        assert_eq!(line, format!("{key:?} our?shop.v2"));
        let mut keys = Keys::NONE;
        keys.read(line.as_bytes()).unwrap();
        assert_eq!(keys.trust(&key), keys::Trust::Trusted);
    }
}
