// SPDX-License-Identifier: GPL-2.0

//! What somebody could write into flash, or into the files that a device reads about images.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha512};
use sphere_store::check::{self, Refusal};
use sphere_store::keys::{self, Keys, Trust};
use sphere_store::registry::Registry;
use sphere_store::seal::{Claim, IMAGE_MAGIC, SEAL_MAGIC, SEAL_SIZE, Seal, SealError, image_size};
use sphere_store::source::OutOfRange;

/// Bytes of the image in front of a seal that the fuzzer has not to find.
const IMAGE: usize = 80;

fuzz_target!(|data: &[u8]| {
    image(data);
    image(&framed(data));
    keys(data);
    registry(data);
    registry(&with_end(data));
});

/// `data` behind the start of an image, as a seal of that.
fn framed(data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; IMAGE];
    bytes[..4].copy_from_slice(&IMAGE_MAGIC);
    bytes[4..8].copy_from_slice(&(IMAGE as u32).to_le_bytes());
    bytes.extend(SEAL_MAGIC);
    bytes.extend(SEAL_SIZE.to_le_bytes());
    bytes.extend((IMAGE as u32).to_le_bytes());
    bytes.extend(data);
    bytes
}

fn image(bytes: &[u8]) {
    let sealed = Seal::read(&bytes);
    let seal = match &sealed {
        Ok(seal) => seal,
        // Nothing is read that is not there.
        Err(refusal) => {
            assert!(matches!(refusal, Refusal::Seal(_)), "{refusal:?}");
            assert!(!refusal.to_string().is_empty());
            return;
        }
    };
    let claim = &seal.claim;
    // What was read, written again, gives the same bytes, at the place that it was read from.
    let size = image_size(&bytes).expect("an image");
    assert_eq!(claim.image_size, size);
    assert!(bytes[size as usize..].starts_with(&seal.to_bytes()));
    assert_eq!(claim.name.to_string(), claim.name.as_str());
    assert!(!claim.name.as_str().contains('/'));
    check_device(bytes, seal);
    check_register(claim);
}

/// Nobody but the key's owner makes what a device takes, and no fuzzer has a private key.
fn check_device(bytes: &[u8], seal: &Seal) {
    let mut trusted = Keys::NONE;
    // What is no key cannot become one that is trusted.
    let is_key = trusted
        .read(format!("{:?}", seal.claim.key).as_bytes())
        .is_ok();
    let refusal = check::seal(&bytes, &trusted).expect_err("a signature");
    match refusal {
        Refusal::BadSignature(_) => assert!(is_key),
        Refusal::UnknownKey(_) => assert!(!is_key),
        other => panic!("{other:?}"),
    }
    let refusal: Result<(), Refusal<OutOfRange>> = check::image(&bytes, &seal.claim);
    assert!(matches!(refusal, Ok(()) | Err(Refusal::Changed)));
    let cut = &bytes[..(seal.claim.image_size + SEAL_SIZE) as usize - 1];
    let cut = Seal::read(&cut);
    assert_eq!(cut, Err(Refusal::Seal(SealError::NoSeal)));
}

/// What is remembered of it can be read again.
fn check_register(claim: &Claim) {
    let mut registry = Registry::EMPTY;
    let uid = registry.register(&claim.release()).expect("the first");
    assert!(uid.1);
    let text = registry.to_string();
    let mut again = Registry::parse(text.as_bytes()).expect("what was written can be read");
    assert_eq!(again.to_string(), text);
    assert_eq!(again.register(&claim.release()), Ok((uid.0, false)));
}

fn keys(file: &[u8]) {
    let mut list = Keys::NONE;
    let lines = file.split(|&byte| byte == b'\n').count();
    match list.read(file) {
        Ok(()) => {
            for (key, trust) in list.iter() {
                assert_ne!(trust, Trust::Unknown);
                assert_eq!(keys::key(&format!("{key:?}")), Ok(key));
            }
            // The same again changes nothing.
            let count = list.iter().count();
            list.read(file).expect("the same file");
            assert_eq!(list.iter().count(), count);
        }
        // What is refused is explained, with a place, and nothing of it is taken.
        Err(error) => {
            assert!((1..=lines).contains(&error.line), "{error}");
            assert!(list.iter().next().is_none());
        }
    }
}

/// `data` and the last line that a registry of it has, which the fuzzer has not to find.
fn with_end(data: &[u8]) -> Vec<u8> {
    let mut bytes = data.to_vec();
    bytes.extend(b"next 1100 ");
    let digest = Sha512::digest(&bytes);
    bytes.extend(
        digest[..8]
            .iter()
            .flat_map(|byte| format!("{byte:02x}").into_bytes()),
    );
    bytes.push(b'\n');
    bytes
}

fn registry(file: &[u8]) {
    match Registry::parse(file) {
        Ok(registry) => assert_eq!(registry.to_string().as_bytes(), file),
        Err(error) => {
            let lines = file.split(|&byte| byte == b'\n').count();
            assert!((1..=lines).contains(&error.line), "{error}");
        }
    }
}
