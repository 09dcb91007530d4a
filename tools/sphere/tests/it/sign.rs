// SPDX-License-Identifier: GPL-2.0

//! `sphere sign`, `sphere image --key`, and what `sphere inspect` says of the result.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use proptest::prelude::*;
use sphere::cramfs::{self, Directory, File, Map, Node};
use sphere::key;
use sphere::report::Report;
use sphere::seal::{Request, Sealer};
use sphere_core::uuid::Uuid;
use sphere_store::check;
use sphere_store::keys::Keys;
use sphere_store::name::Name;
use sphere_store::seal::{Claim, SEAL_SIZE, Seal};

use crate::cramfs::directory;
use crate::support::{Sandbox, manifest, sphere};

const COMPONENT: &str = "5a6b2c0d-0000-4000-8000-000000000001";
const SEAL: usize = SEAL_SIZE as usize;

/// A folder with an application in `root`, two keys, and the files of a device that trusts the
/// first.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("board.json", r#"{"SchemaVersion": 1}"#);
    sandbox.write("m.json", &manifest(1, ""));
    let program = sandbox.write("root/bin/app", "#!/bin/sh\n");
    fs::set_permissions(program, Permissions::from_mode(0o755)).unwrap();
    let [ours, theirs] = ["ours", "theirs"].map(|name| {
        let mut report = Report::default();
        let file = sandbox.path(&format!("{name}.pem"));
        let key = key::create(&file, &mut report).expect("a key");
        key::line(key, &file)
    });
    sandbox.write("keys", &format!("{ours}\n"));
    sandbox.write("theirs.keys", &format!("{theirs}\n"));
    sandbox.write("revoked", &format!("revoked {ours}\n"));
    sandbox
}

fn image(sandbox: &Sandbox, args: &[&str]) -> Command {
    let mut command = sphere(sandbox.folder());
    command.args(["image", "m.json", "--board", "board.json"]);
    command.args(["--root", "root", "--output", "app.img"]);
    command.args(args);
    command
}

const OURS: [&str; 4] = ["--key", "ours.pem", "--image-version", "3"];

fn sign(sandbox: &Sandbox, args: &[&str]) -> Command {
    let mut command = sphere(sandbox.folder());
    command.arg("sign").args(args);
    command
}

fn inspect(sandbox: &Sandbox, args: &[&str]) -> Command {
    let mut command = sphere(sandbox.folder());
    command.arg("inspect").args(args);
    command
}

fn done(mut command: Command) {
    command
        .assert()
        .success()
        .stdout(is_empty())
        .stderr(is_empty());
}

fn read(sandbox: &Sandbox, file: &str) -> Vec<u8> {
    fs::read(sandbox.path(file)).unwrap()
}

fn write(sandbox: &Sandbox, file: &str, bytes: &[u8]) {
    fs::write(sandbox.path(file), bytes).unwrap();
}

/// What a device with the file `keys` makes of an image.
fn taken(sandbox: &Sandbox, image: &[u8]) -> Result<Claim, String> {
    let mut keys = Keys::NONE;
    keys.read(&read(sandbox, "keys")).unwrap();
    let claim = check::seal(&image, &keys).map_err(|refusal| refusal.to_string())?;
    check::image(&image, &claim.claim).map_err(|refusal| refusal.to_string())?;
    Ok(claim.claim)
}

/// That the command refuses, says so, and has changed nothing.
#[track_caller]
fn refused(sandbox: &Sandbox, mut command: Command, reason: &str) {
    let before = fs::read(sandbox.path("app.img")).ok();
    command
        .assert()
        .code(1)
        .stdout(is_empty())
        .stderr(contains(reason));
    assert_eq!(fs::read(sandbox.path("app.img")).ok(), before);
    for entry in fs::read_dir(sandbox.folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(!name.starts_with(".sphere"), "{name}");
    }
}

#[test]
fn a_signed_image_is_the_image_and_a_seal() {
    let sandbox = sandbox();
    done(image(&sandbox, &[]));
    let plain = read(&sandbox, "app.img");
    done(image(&sandbox, &OURS));
    let signed = read(&sandbox, "app.img");
    assert_eq!(signed.len(), plain.len() + SEAL);
    assert!(signed.starts_with(&plain));
    let claim = taken(&sandbox, &signed).unwrap();
    assert_eq!(claim.component.to_string(), COMPONENT);
    assert_eq!((claim.version, claim.name.as_str()), (3, "app"));
    // What follows does not depend on how it was signed.
    write(&sandbox, "app.img", &plain);
    done(sign(&sandbox, &[&["app.img"], &OURS[..]].concat()));
    assert_eq!(read(&sandbox, "app.img"), signed);
    // Other commands take images as before.
    sphere(sandbox.folder())
        .args(["diff", "app.img", "m.json", "--board", "board.json"])
        .assert()
        .success();
}

#[test]
fn what_is_said_can_be_chosen() {
    let sandbox = sandbox();
    done(image(
        &sandbox,
        &[&OURS[..], &["--name", "lamp_2.x"]].concat(),
    ));
    let claim = taken(&sandbox, &read(&sandbox, "app.img")).unwrap();
    assert_eq!(claim.name.as_str(), "lamp_2.x");
    let other = "00000000-0000-4000-8000-0000000000AB";
    let args = ["app.img", "--key", "ours.pem", "--name", "x"];
    let more = ["--image-version", "18446744073709551615"];
    let component = ["--component", other, "-o", "other.img"];
    let before = read(&sandbox, "app.img");
    done(sign(&sandbox, &[&args[..], &more, &component].concat()));
    assert_eq!(read(&sandbox, "app.img"), before);
    let claim = taken(&sandbox, &read(&sandbox, "other.img")).unwrap();
    assert_eq!(claim.component.to_string(), other.to_lowercase());
    assert_eq!((claim.version, claim.name.as_str()), (u64::MAX, "x"));
    // The seal is replaced, and no second one is put behind it.
    let args = ["other.img", "--key", "ours.pem", "--image-version", "0"];
    done(sign(&sandbox, &args));
    let again = read(&sandbox, "other.img");
    assert_eq!(again.len(), before.len());
    let claim = taken(&sandbox, &again).unwrap();
    assert_eq!(claim.component.to_string(), COMPONENT);
    assert_eq!((claim.version, claim.name.as_str()), (0, "other"));
}

#[test]
fn key_and_version_belong_together() {
    let sandbox = sandbox();
    for (args, missing) in [
        (&["--key", "ours.pem"][..], "--image-version"),
        (&["--image-version", "1"], "--key"),
        (&["--name", "x"], "--key"),
    ] {
        let output = image(&sandbox, args).assert().code(2);
        output.stderr(contains(missing));
        let args = [&["app.img"], args].concat();
        sign(&sandbox, &args).assert().code(2);
    }
    sign(&sandbox, &["app.img"])
        .assert()
        .code(2)
        .stderr(contains("--key <FILE>").and(contains("--image-version")));
    for args in [
        ["--image-version", "-1"],
        ["--image-version", "18446744073709551616"],
        ["--name", "../x"],
        ["--name", ""],
    ] {
        let args = [&["--key", "ours.pem", "--image-version", "1"], &args[..]].concat();
        image(&sandbox, &args).assert().code(2);
    }
    let nil = ["--component", "00000000-0000-0000-0000-000000000000"];
    let args = [&["app.img"], &OURS[..], &nil].concat();
    let output = sign(&sandbox, &args).assert().code(2);
    output.stderr(contains("not all zeros"));
    assert!(!sandbox.path("app.img").exists());
}

#[test]
fn a_file_whose_name_is_none_needs_another() {
    let sandbox = sandbox();
    let name = "of-more-than-thirty-one-characters.img";
    for file in ["gas valve.img", name, ".img"] {
        let mut command = sphere(sandbox.folder());
        command.args(["image", "m.json", "--board", "board.json"]);
        command
            .args(["--root", "root", "--output", file])
            .args(OURS);
        let reason = format!("error: {file}: ");
        let output = command.assert().code(1);
        output.stderr(contains(reason).and(contains("hint: say with --name")));
        assert!(!sandbox.path(file).exists());
        done(command_with_name(command));
        refused(
            &sandbox,
            sign(&sandbox, &[&[file], &OURS[..]].concat()),
            "--name",
        );
    }
}

fn command_with_name(mut command: Command) -> Command {
    command.args(["--name", "valve"]);
    command
}

#[test]
fn nothing_is_written_without_a_key() {
    let sandbox = sandbox();
    let public = ed25519_dalek::pkcs8::EncodePublicKey::to_public_key_pem(
        &ed25519_dalek::SigningKey::from_bytes(&[1; 32]).verifying_key(),
        Default::default(),
    );
    sandbox.write("public.pem", &public.unwrap());
    for (key, reason) in [
        ("none.pem", "error: none.pem: cannot be read"),
        ("m.json", "error: m.json: is no key in PEM"),
        (
            "public.pem",
            "error: public.pem: is a public key\n  hint: whoever signs",
        ),
    ] {
        let args = ["--key", key, "--image-version", "1"];
        refused(&sandbox, image(&sandbox, &args), reason);
    }
    // What is wrong with the key and with the manifest is said in one run.
    sandbox.write("m.json", &manifest(1, r#""Gpio": [1]"#));
    let args = ["--key", "none.pem", "--image-version", "1"];
    refused(&sandbox, image(&sandbox, &args), "error: none.pem");
    refused(&sandbox, image(&sandbox, &args), "error: m.json:3");
}

#[test]
fn the_private_key_is_not_one_of_the_files() {
    let sandbox = sandbox();
    fs::copy(sandbox.path("ours.pem"), sandbox.path("root/bin/key.pem")).unwrap();
    let args = ["--key", "root/bin/key.pem", "--image-version", "1"];
    let reason = "root/bin/key.pem lies in the folder of --root";
    refused(&sandbox, image(&sandbox, &args), reason);
}

#[test]
fn what_is_no_whole_image_is_not_signed() {
    let sandbox = sandbox();
    done(image(&sandbox, &OURS));
    let signed = read(&sandbox, "app.img");
    let size = signed.len() - SEAL;
    let mut damaged = signed.clone();
    damaged[size / 2] ^= 1;
    let without = cramfs::write(&Directory::default(), "", Map::None, || {}).unwrap();
    let mut papers = Directory::default();
    let record = Node::File(File::plain(*b"SPHR"));
    papers.insert(&[b".sphere", b"identity"], record);
    let broken = cramfs::write(&papers, "", Map::None, || {}).unwrap();
    let manager = sphere_core::record::bare(sphere_core::record::Kind::Manager);
    let mut papers = Directory::default();
    papers.insert(&[b".sphere", b"identity"], Node::File(File::plain(manager)));
    let manager = cramfs::write(&papers, "", Map::None, || {}).unwrap();
    let cases: [(&[u8], &str); 9] = [
        (b"text", "this is no application image"),
        (&[0; 4096], "this is no application image"),
        (&signed[..size - 1], "the image is truncated"),
        (
            &signed[..size + 8],
            "4096 bytes of it are an image, and 8 more follow, which are no seal\n  hint: truncate --size=",
        ),
        (
            &[&signed[..], b"x"].concat(),
            "4096 bytes of it are an image, and 233 more follow",
        ),
        (&damaged, "is a damaged image: its checksum is wrong"),
        (
            &without,
            "is an image without .sphere/identity\n  hint: --component",
        ),
        (&broken, "no valid record: "),
        (&manager, "its record is no application's"),
    ];
    for (bytes, reason) in cases {
        write(&sandbox, "app.img", bytes);
        let reason = format!("error: app.img: {reason}");
        let args = [&["app.img"], &OURS[..]].concat();
        refused(&sandbox, sign(&sandbox, &args), &reason);
    }
    // Whose record is broken can be signed all the same.
    for bytes in [without, broken, manager] {
        write(&sandbox, "app.img", &bytes);
        let args = [&["app.img", "--component", COMPONENT], &OURS[..]].concat();
        done(sign(&sandbox, &args));
        assert!(taken(&sandbox, &read(&sandbox, "app.img")).is_ok());
    }
    fs::remove_file(sandbox.path("app.img")).unwrap();
    let args = [&["app.img"], &OURS[..]].concat();
    refused(
        &sandbox,
        sign(&sandbox, &args),
        "error: app.img: cannot be read",
    );
    // What is wrong with key and image is said in one run.
    let args = ["app.img", "--key", "none.pem", "--image-version", "1"];
    let both = contains("error: app.img").and(contains("error: none.pem"));
    sign(&sandbox, &args).assert().code(1).stderr(both);
}

#[test]
fn an_output_that_is_no_file_is_left_alone() {
    let sandbox = sandbox();
    done(image(&sandbox, &OURS));
    let args = [&["app.img", "-o", "root"], &OURS[..]].concat();
    refused(
        &sandbox,
        sign(&sandbox, &args),
        "root is there and is not a file",
    );
}

#[test]
fn inspect_shows_who_has_signed() {
    let sandbox = sandbox();
    done(image(&sandbox, &[]));
    let words = contains("app 1").and(contains("\nnot signed\n"));
    let output = inspect(&sandbox, &["app.img"]).assert().success();
    output.stdout(words).stderr(is_empty());
    let output = inspect(&sandbox, &["app.img", "--keys", "keys"]).assert();
    let error = "error: app.img: the image is not signed";
    output
        .code(1)
        .stdout(contains("app 1"))
        .stderr(contains(error));

    done(image(&sandbox, &[&OURS[..], &["--name", "lamp"]].concat()));
    let key = &fs::read_to_string(sandbox.path("keys")).unwrap()[..16];
    let words = format!(
        "\nsigned\n  name           lamp\n  version        3\n  component      {COMPONENT}\n  \
         key            {key}\n  signature      right\n  image          the one that was signed\n"
    );
    let output = inspect(&sandbox, &["app.img"]).assert().success();
    output
        .stdout(contains("app 1").and(contains(words.clone())))
        .stderr(is_empty());
    let mut input = inspect(&sandbox, &["-"]);
    let output = input.write_stdin(read(&sandbox, "app.img")).assert();
    output.success().stdout(contains(words.clone()));
    // As in a slot, where more may follow.
    let slot = [read(&sandbox, "app.img"), vec![0xff; 1000]].concat();
    write(&sandbox, "slot", &slot);
    let output = inspect(&sandbox, &["slot"]).assert().success();
    output.stdout(contains(words));
}

#[test]
fn inspect_says_what_a_device_would() {
    let sandbox = sandbox();
    done(image(&sandbox, &OURS));
    let inspected = |keys: &[&str]| {
        let mut args = vec!["app.img"];
        args.extend(keys.iter().flat_map(|keys| ["--keys", keys]));
        inspect(&sandbox, &args).assert()
    };
    for keys in [&["keys"][..], &["theirs.keys", "keys"]] {
        let output = inspected(keys).success().stderr(is_empty());
        output.stdout(contains("the key is     trusted"));
    }
    let output = inspected(&["theirs.keys"]).code(1);
    let output = output.stdout(contains(
        "the key is     NOT trusted: it is in none of the files",
    ));
    output.stderr(contains("error: app.img: it is signed by ").and(contains("does not trust")));
    for keys in [["keys", "revoked"], ["revoked", "keys"]] {
        let output = inspected(&keys).code(1);
        let output = output.stdout(contains("the key is     NOT trusted: it was revoked"));
        output.stderr(contains("a key that was revoked"));
    }
    sandbox.write("bad", "x\n");
    let output = inspected(&["bad", "none"]).code(1).stdout(is_empty());
    output.stderr(contains("error: bad:1: expected").and(contains("error: none: cannot be read")));
    let mut record = inspect(&sandbox, &["-", "--keys", "keys"]);
    let manager = sphere_core::record::bare(sphere_core::record::Kind::Manager);
    let output = record.write_stdin(manager).assert().code(1);
    output.stderr(contains(
        "error: -: is no image, and only images are signed",
    ));
}

#[test]
fn inspect_says_what_is_wrong() {
    let sandbox = sandbox();
    done(image(&sandbox, &OURS));
    let signed = read(&sandbox, "app.img");
    let size = signed.len() - SEAL;
    let changed = |at: usize| {
        let mut bytes = signed.clone();
        bytes[at] ^= 1;
        bytes
    };
    let inspected = |bytes: &[u8]| {
        write(&sandbox, "app.img", bytes);
        inspect(&sandbox, &["app.img"]).assert().code(1)
    };
    let record = || contains("app 1");
    for (bytes, words, reason) in [
        (
            changed(size - 1),
            "CORRUPT: not the one",
            "the image is corrupt",
        ),
        (
            changed(size + 16),
            "WRONG: this key has not",
            "its signature is wrong",
        ),
        (
            changed(size + SEAL - 1),
            "WRONG: this key has not",
            "its signature is wrong",
        ),
    ] {
        let output = inspected(&bytes).stdout(record().and(contains(words)));
        output.stderr(contains(format!("error: app.img: {reason}")));
    }
    for (bytes, reason) in [
        (
            changed(size + 8),
            "the seal of the image is wrong: its size",
        ),
        (
            changed(size + 71),
            "the seal of the image is wrong: its name",
        ),
        (
            signed[..size + 1].to_vec(),
            "the seal behind the image is truncated",
        ),
        (
            signed[..size + SEAL - 1].to_vec(),
            "the seal behind the image is truncated",
        ),
        (signed[..size - 1].to_vec(), "the image is truncated"),
    ] {
        let output = inspected(&bytes).stdout(record().and(contains("signed").not()));
        output.stderr(contains(format!("error: app.img: {reason}")));
    }
    // The record cannot be read any more, but who had signed it.
    let mut broken = signed.clone();
    broken[64..512].fill(0xff);
    let output = inspected(&broken).stdout(contains("CORRUPT").and(record().not()));
    output.stderr(contains("is an image without").and(contains("the image is corrupt")));
    write(&sandbox, "app.img", &signed);
    let other = ["--component", "00000000-0000-4000-8000-0000000000ab"];
    done(sign(&sandbox, &[&["app.img"], &OURS[..], &other].concat()));
    let output = inspect(&sandbox, &["app.img"]).assert().code(1);
    let output = output.stdout(contains("0000000000ab  NOT that of the record"));
    output.stderr(contains(
        "its seal is about another component than its record",
    ));
}

/// Another program takes a signed image for one, and says that more follows.
#[test]
fn fsck_takes_signed_images() {
    let fsck = "/sbin/fsck.cramfs";
    if !Path::new(fsck).exists() {
        println!("there is no {fsck}");
        return;
    }
    let sandbox = sandbox();
    done(image(&sandbox, &[&OURS[..], &["--map", "none"]].concat()));
    Command::new(fsck)
        .current_dir(sandbox.folder())
        .args(["--verbose", "app.img"])
        .assert()
        .success()
        .stdout(contains("app.img: OK"))
        .stderr(contains("extends past end of filesystem"));
}

#[test]
fn the_help_says_what_is_signed() {
    let output = sphere(Path::new(".")).args(["sign", "--help"]).assert();
    output.success().stdout(
        contains("--key <FILE>")
            .and(contains("--image-version <NUMBER>"))
            .and(contains("--component <GUID>"))
            .and(contains("the component id")),
    );
}

/// What signs, and the keys of a device that trusts it.
fn sealer(sandbox: &Sandbox, version: u64) -> (Sealer, Keys) {
    let mut report = Report::default();
    let key = sandbox.path("key.pem");
    let public = key::create(&key, &mut report).unwrap();
    let mut keys = Keys::NONE;
    keys.read(key::line(public, &key).as_bytes()).unwrap();
    let name = Some(Name::new("app").unwrap());
    let request = Request { key, version, name };
    let sealer = Sealer::new(&request, Path::new("x"), &mut report).unwrap();
    (sealer, keys)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any image that is signed is taken, and none of which anything is missing.
    #[test]
    fn what_is_signed_is_taken_whole_or_not_at_all(
        root in directory(),
        version in any::<u64>(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 1..20),
    ) {
        let sandbox = Sandbox::new();
        let (sealer, keys) = sealer(&sandbox, version);
        let image = cramfs::write(&root, "volume", Map::Programs, || {}).unwrap();
        let signed = sealer.seal(image, Uuid([1; 16])).unwrap();
        let checked = |bytes: &[u8]| -> Option<Seal> {
            let seal = check::seal(&bytes, &keys).ok()?;
            check::image(&bytes, &seal.claim).ok().map(|()| seal)
        };
        let claim = checked(&signed).expect("it is taken").claim;
        prop_assert_eq!((claim.version, claim.name.as_str()), (version, "app"));
        prop_assert_eq!(cramfs::tree(&signed, 1 << 20), Ok(root));
        // The borders of the parts, and others.
        let size = signed.len() - SEAL;
        let borders = [0, 8, size - 1, size, size + 1, signed.len() - 1];
        let cuts = cuts.iter().map(|cut| cut.index(signed.len()));
        for cut in borders.into_iter().chain(cuts) {
            prop_assert!(checked(&signed[..cut]).is_none(), "{}", cut);
        }
    }
}
