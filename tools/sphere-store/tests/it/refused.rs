// SPDX-License-Identifier: GPL-2.0

//! Images that a device must not run, and what it says.

use crate::make::{claim, image, key, keys, line, seal, signed};
use proptest::prelude::*;
use sphere_store::{
    check::{self, Refusal},
    keys::Keys,
    seal::{Claim, SealError},
    source::OutOfRange,
};

fn checked(bytes: &[u8], keys: &Keys) -> Result<Claim, Refusal<OutOfRange>> {
    let claim = check::seal(&bytes, keys)?.claim;
    check::image(&bytes, &claim)?;
    Ok(claim)
}

#[test]
fn a_signed_image_is_taken() {
    let bytes = signed(4096, 1, 3, 1);
    let claim = checked(&bytes, &keys(&[&line(1)])).unwrap();
    assert_eq!((claim.version, claim.name.as_str()), (3, "app-1"));
    // More may follow, as in a slot.
    let in_slot = [bytes, vec![0xff; 1000]].concat();
    assert!(checked(&in_slot, &keys(&[&line(1)])).is_ok());
}

#[test]
fn each_wrong_image_is_refused_in_its_own_words() {
    let ours = keys(&[&line(1)]);
    let good = signed(4096, 1, 3, 1);
    let said = |bytes: &[u8], keys: &Keys| checked(bytes, keys).unwrap_err().to_string();

    assert!(said(&good[..4000], &ours).contains("truncated"));
    assert!(said(&good[..4096], &ours).contains("not signed"));
    assert!(said(&good[..4300], &ours).contains("not signed"));
    assert!(said(&[0; 100], &ours).contains("no application image"));
    assert!(said(&[], &ours).contains("no application image"));

    let mut corrupt = good.clone();
    corrupt[100] ^= 1;
    assert!(said(&corrupt, &ours).contains("corrupt"));

    let other = signed(4096, 1, 3, 2);
    assert!(said(&other, &ours).contains("does not trust"));
    let revoked = keys(&[&line(1), &format!("revoked {}", line(1))]);
    assert!(said(&good, &revoked).contains("revoked"));
    // Somebody else's signature under the name of a trusted key.
    let bytes = image(4096, 1);
    let forged = seal(claim(&bytes, 1, 3, 1), 2).to_bytes();
    let forged = [bytes, forged.to_vec()].concat();
    assert!(said(&forged, &ours).contains("signature is wrong"));

    assert!(said(&good, &Keys::NONE).contains("does not trust"));
}

#[test]
fn a_seal_is_about_the_image_in_front_of_it() {
    let small = image(4096, 1);
    let large = image(8192, 1);
    let seal = seal(claim(&large, 1, 3, 1), 1).to_bytes();
    let bytes = [small, seal.to_vec()].concat();
    let refusal = checked(&bytes, &keys(&[&line(1)])).unwrap_err();
    let error = SealError::BadField("size of the image");
    assert_eq!(refusal, Refusal::Seal(error));
}

#[test]
fn keys_that_sign_everything_are_no_keys() {
    for weak in [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ] {
        let error = Keys::NONE.clone().read(weak.as_bytes()).unwrap_err();
        assert!(error.to_string().contains("no public key"), "{weak}");
    }
    assert_eq!(key(1), key(1));
}

proptest! {
    /// Whatever bit is turned, the image is not the one that was signed.
    #[test]
    fn no_bit_can_be_changed(at in 0usize..(4096 + 232), bit in 0u8..8) {
        let mut bytes = signed(4096, 1, 3, 1);
        bytes[at] ^= 1 << bit;
        prop_assert!(checked(&bytes, &keys(&[&line(1)])).is_err());
    }

    /// Bytes of any kind are refused, and nothing worse happens.
    #[test]
    fn anything_is_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..1000), size: u16) {
        if let Some(head) = bytes.get_mut(..8) {
            head[..4].copy_from_slice(&sphere_store::seal::IMAGE_MAGIC);
            head[4..].copy_from_slice(&u32::from(size % 1200).to_le_bytes());
        }
        prop_assert!(checked(&bytes, &keys(&[&line(1)])).is_err());
    }
}
