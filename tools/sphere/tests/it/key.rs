// SPDX-License-Identifier: GPL-2.0

//! `sphere key`: keys are made, shown and checked. No private key is in the repository: each test
//! makes its own.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use assert_cmd::Command;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{EncodePrivateKey, EncodePublicKey};
use ed25519_dalek::{SigningKey, VerifyingKey};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::{contains, is_empty, starts_with};
use sphere_store::hex::Hex;
use sphere_store::keys::{Keys, Trust};

use crate::support::{Sandbox, sphere};

fn key(sandbox: &Sandbox, args: &[&str]) -> assert_cmd::assert::Assert {
    sphere(sandbox.folder()).arg("key").args(args).assert()
}

/// What a command prints that has to succeed.
fn printed(sandbox: &Sandbox, args: &[&str]) -> String {
    let output = key(sandbox, args).success().stderr(is_empty());
    String::from_utf8(output.get_output().stdout.clone()).unwrap()
}

#[track_caller]
fn refused(sandbox: &Sandbox, args: &[&str], reason: &str) {
    key(sandbox, args)
        .code(1)
        .stdout(is_empty())
        .stderr(starts_with("error: ").and(contains(reason)));
}

fn signer() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn public_pem(bytes: &[u8; 32]) -> String {
    ed25519_dalek::pkcs8::PublicKeyBytes(*bytes)
        .to_public_key_pem(LineEnding::LF)
        .unwrap()
}

/// Runs openssl, if it is there.
fn openssl(sandbox: &Sandbox, args: &[&str]) -> bool {
    let output = std::process::Command::new("openssl")
        .current_dir(sandbox.folder())
        .args(args)
        .output();
    match output {
        Ok(output) => {
            assert!(output.status.success(), "{args:?}: {output:?}");
            true
        }
        Err(error) => {
            println!("openssl cannot be run: {error}");
            false
        }
    }
}

#[test]
fn a_new_key_is_for_its_owner_and_its_line_for_devices() {
    let sandbox = Sandbox::new();
    Command::new("bash")
        .current_dir(sandbox.folder())
        .args(["-c", "umask 0; exec \"$0\" key new shop.v1.pem"])
        .arg(env!("CARGO_BIN_EXE_sphere"))
        .assert()
        .success()
        .stderr(is_empty());
    let mode = fs::metadata(sandbox.path("shop.v1.pem")).unwrap();
    assert_eq!(mode.permissions().mode() & 0o7777, 0o600);
    let line = printed(&sandbox, &["show", "shop.v1.pem"]);
    let (digits, name) = line.split_once(' ').unwrap();
    assert_eq!((digits.len(), name), (64, "shop.v1\n"));
    let mut keys = Keys::NONE;
    keys.read(line.as_bytes()).unwrap();
    assert_eq!(keys.iter().count(), 1);
    assert_eq!(printed(&sandbox, &["new", "other.pem"]).len(), 64 + 7);
    assert_ne!(printed(&sandbox, &["show", "other.pem"])[..64], line[..64]);
}

#[test]
fn what_is_there_is_not_overwritten_and_nothing_is_left_behind() {
    let sandbox = Sandbox::new();
    sandbox.write("there.pem", "older");
    symlink("nowhere", sandbox.path("link.pem")).unwrap();
    fs::create_dir(sandbox.path("folder.pem")).unwrap();
    for file in ["there.pem", "link.pem", "folder.pem"] {
        let reason = format!("error: {file}: is there already");
        refused(&sandbox, &["new", file], &reason);
    }
    refused(&sandbox, &["new", "none/x.pem"], "cannot be written");
    assert_eq!(fs::read(sandbox.path("there.pem")).unwrap(), b"older");
    assert_eq!(fs::read_dir(sandbox.folder()).unwrap().count(), 3);
}

#[test]
fn a_key_is_shown_from_each_of_its_forms() {
    let sandbox = Sandbox::new();
    let line = |stem: &str| format!("{} {stem}\n", Hex(signer().verifying_key().as_bytes()));
    // With the public key in it, which openssl does not write.
    let private = signer().to_pkcs8_pem(LineEnding::CRLF).unwrap();
    sandbox.write("private.pem", &private);
    let public = public_pem(signer().verifying_key().as_bytes());
    sandbox.write(
        "public.pem",
        &format!("What people write above it.\n{public}"),
    );
    assert_eq!(printed(&sandbox, &["show", "private.pem"]), line("private"));
    assert_eq!(printed(&sandbox, &["show", "public.pem"]), line("public"));
}

#[test]
fn keys_of_openssl_are_taken_and_ours_by_it() {
    let sandbox = Sandbox::new();
    let make = ["genpkey", "-algorithm", "ed25519", "-out", "theirs.pem"];
    if !openssl(&sandbox, &make) {
        return;
    }
    printed(&sandbox, &["new", "ours.pem"]);
    for name in ["theirs", "ours"] {
        let (private, public) = (format!("{name}.pem"), format!("{name}.public.pem"));
        openssl(
            &sandbox,
            &["pkey", "-in", &private, "-pubout", "-out", &public],
        );
        let line = printed(&sandbox, &["show", &private]);
        assert_eq!(line[..64], printed(&sandbox, &["show", &public])[..64]);
    }
    // What is no key of Ed25519, or not to be read without asking.
    openssl(
        &sandbox,
        &["genpkey", "-algorithm", "x25519", "-out", "x.pem"],
    );
    openssl(
        &sandbox,
        &["pkey", "-in", "x.pem", "-pubout", "-out", "xp.pem"],
    );
    let lock = [
        "pkey",
        "-in",
        "ours.pem",
        "-aes256",
        "-passout",
        "pass:word",
    ];
    openssl(&sandbox, &[&lock[..], &["-out", "locked.pem"]].concat());
    for (file, reason) in [
        (
            "x.pem",
            "x.pem: is a private key, but no valid one of Ed25519",
        ),
        (
            "xp.pem",
            "xp.pem: is a public key, but no valid one of Ed25519",
        ),
        (
            "locked.pem",
            "locked.pem: is locked by a password\n  hint: openssl pkey",
        ),
    ] {
        refused(&sandbox, &["show", file], reason);
    }
}

#[test]
fn what_is_no_key_is_named() {
    let sandbox = Sandbox::new();
    sandbox.write("text.pem", "text\n");
    fs::write(sandbox.path("bytes.pem"), [0xff; 40]).unwrap();
    sandbox.write("certificate.pem", "-----BEGIN CERTIFICATE-----\nMAA=\n");
    sandbox.write("cut.pem", "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\n");
    sandbox.write("large.pem", &"\n".repeat(16 * 1024 + 1));
    // A key that signs everything.
    sandbox.write(
        "weak.pem",
        &public_pem(&{
            let mut weak = [0; 32];
            weak[0] = 1;
            assert!(VerifyingKey::from_bytes(&weak).unwrap().is_weak());
            weak
        }),
    );
    // The private key of one, and the public key of another.
    let private = signer().to_pkcs8_der().unwrap();
    let mut mixed = private.as_bytes().to_vec();
    let at = mixed.len() - 32;
    mixed[at..].copy_from_slice(SigningKey::from_bytes(&[8; 32]).verifying_key().as_bytes());
    let mixed = ed25519_dalek::pkcs8::SecretDocument::try_from(mixed.as_slice()).unwrap();
    sandbox.write(
        "mixed.pem",
        &mixed.to_pem("PRIVATE KEY", LineEnding::LF).unwrap(),
    );
    for (file, reason) in [
        (
            "text.pem",
            "text.pem: is no key in PEM\n  hint: sphere key new",
        ),
        ("bytes.pem", "bytes.pem: is no key in PEM"),
        (
            "certificate.pem",
            "certificate.pem: holds a \"CERTIFICATE\"",
        ),
        ("cut.pem", "cut.pem: is a private key, but no valid one"),
        ("large.pem", "large.pem: is too large"),
        (
            "weak.pem",
            "weak.pem: is a public key, but this is no public key",
        ),
        ("mixed.pem", "mixed.pem: is a private key, but no valid one"),
        ("none.pem", "none.pem: cannot be read: No such file"),
    ] {
        refused(&sandbox, &["show", file], reason);
    }
}

#[test]
fn files_of_keys_are_checked_together() {
    let sandbox = Sandbox::new();
    let ours = printed(&sandbox, &["new", "ours.pem"]);
    let theirs = printed(&sandbox, &["new", "theirs.pem"]);
    sandbox.write("keys", &format!("# by us\n{ours}{theirs}"));
    sandbox.write("more", &format!("revoked {ours}"));
    let said = printed(&sandbox, &["check", "keys"]);
    assert_eq!(said, "keys: ok, 2 trusted, 0 revoked\n");
    let said = printed(&sandbox, &["check", "keys", "more"]);
    assert_eq!(said, "keys, more: ok, 1 trusted, 1 revoked\n");

    sandbox.write("bad", &format!("{ours}{}\n", &theirs[1..64]));
    let reason = "error: bad:2: expected a key, 64 hexadecimal digits";
    refused(&sandbox, &["check", "keys", "bad"], reason);
    refused(&sandbox, &["check", "none"], "error: none: cannot be read");
    sandbox.write("large", &"\n".repeat(4097));
    refused(&sandbox, &["check", "large"], "error: large: is too large");
    let many = |range: std::ops::Range<u8>| -> String {
        range
            .map(|seed| {
                SigningKey::from_bytes(&[seed; 32])
                    .verifying_key()
                    .to_bytes()
            })
            .map(|key| format!("{}\n", Hex(&key)))
            .collect()
    };
    sandbox.write("first", &many(0..9));
    sandbox.write("second", &many(10..18));
    printed(&sandbox, &["check", "second"]);
    let reason = "error: second:8: there are more than 16 keys";
    refused(&sandbox, &["check", "first", "second"], reason);
    key(&sandbox, &["check"]).code(2);
}

#[test]
fn a_revoked_line_revokes() {
    let sandbox = Sandbox::new();
    let line = printed(&sandbox, &["new", "ours.pem"]);
    let mut keys = Keys::NONE;
    keys.read(format!("revoked {line}").as_bytes()).unwrap();
    assert!(keys.iter().all(|(_, trust)| trust == Trust::Revoked));
}
