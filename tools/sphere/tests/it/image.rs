// SPDX-License-Identifier: GPL-2.0

//! `sphere image`: what is in an image, and what is refused.

use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use sphere::cramfs::format::{BLOCK, field, flag};
use sphere::cramfs::{self, Directory, File, Node};

use crate::support::{Sandbox, manifest, sphere};

/// A folder with an application in `root`, whose program is no ELF file.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let board = r#"{"SchemaVersion": 1,
        "Gpio": [{"First": 0, "Last": 15, "Chip": "sphere-gpio", "Offset": 0}]}"#;
    sandbox.write("board.json", board);
    sandbox.write("m.json", &manifest(1, r#""Gpio": [3]"#));
    sandbox.write("root/bin/app", "#!/bin/sh\n");
    mode(&sandbox, "root/bin/app", 0o700);
    sandbox
}

fn mode(sandbox: &Sandbox, file: &str, mode: u32) {
    fs::set_permissions(sandbox.path(file), Permissions::from_mode(mode)).unwrap();
}

fn image(sandbox: &Sandbox) -> Command {
    let mut command = sphere(sandbox.folder());
    command.args(["image", "m.json", "--board", "board.json"]);
    command.args(["--root", "root", "--output", "out.img"]);
    command
}

/// The bytes of the image, after it was made.
fn made(sandbox: &Sandbox) -> Vec<u8> {
    image(sandbox)
        .assert()
        .success()
        .stdout(is_empty())
        .stderr(is_empty());
    fs::read(sandbox.path("out.img")).unwrap()
}

fn tree(image: &[u8]) -> Directory {
    cramfs::tree(image, 1 << 24).expect("a good image")
}

fn get<'a>(tree: &'a Directory, path: &str) -> Option<&'a Node> {
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    match (tree.entries.get(first.as_bytes()), rest) {
        (node, "") => node,
        (Some(Node::Directory(directory)), rest) => get(directory, rest),
        _ => None,
    }
}

#[track_caller]
fn refused(sandbox: &Sandbox, reason: &str) {
    image(sandbox)
        .assert()
        .code(1)
        .stdout(is_empty())
        .stderr(contains(reason));
    let left: Vec<_> = fs::read_dir(sandbox.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name == "out.img" || name.as_bytes().starts_with(b".sphere"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn an_image_has_the_files_and_what_pack_writes() {
    let sandbox = sandbox();
    sandbox.write("root/etc/settings", "a=1\n");
    symlink("../etc/settings", sandbox.path("root/bin/settings")).unwrap();
    fs::hard_link(
        sandbox.path("root/etc/settings"),
        sandbox.path("root/etc/same"),
    )
    .unwrap();
    let tree = tree(&made(&sandbox));
    sphere(sandbox.folder())
        .args(["pack", "m.json", "--board", "board.json"])
        .args(["-o", "identity", "--launch", "launch"])
        .assert()
        .success();
    let packed = |name: &str| Node::File(File::plain(fs::read(sandbox.path(name)).unwrap()));
    assert_eq!(get(&tree, ".sphere/identity"), Some(&packed("identity")));
    assert_eq!(get(&tree, ".sphere/launch"), Some(&packed("launch")));
    assert_eq!(
        get(&tree, "dev"),
        Some(&Node::Directory(Directory::default()))
    );
    let program = File {
        content: b"#!/bin/sh\n".to_vec(),
        is_executable: true,
    };
    assert_eq!(get(&tree, "bin/app"), Some(&Node::File(program)));
    let link = Node::Link(b"../etc/settings".to_vec());
    assert_eq!(get(&tree, "bin/settings"), Some(&link));
    let settings = Node::File(File::plain(*b"a=1\n"));
    assert_eq!(get(&tree, "etc/settings"), Some(&settings));
    assert_eq!(get(&tree, "etc/same"), Some(&settings));
    assert_eq!(tree.entries.len(), 4);
}

#[test]
fn an_image_depends_on_nothing_but_its_files() {
    let one = sandbox();
    one.write("root/a", "a");
    one.write("root/z", "z");
    let other = Sandbox::new();
    for file in ["board.json", "m.json", "root/z", "root/a", "root/bin/app"] {
        other.write(file, &fs::read_to_string(one.path(file)).unwrap());
    }
    mode(&other, "root/bin/app", 0o777);
    mode(&other, "root/a", 0o600);
    mode(&other, "root/bin", 0o2700);
    fs::create_dir(other.path("root/dev")).unwrap();
    // Another time, and if root makes it, another owner.
    let file = fs::File::open(other.path("root/a")).unwrap();
    file.set_modified(std::time::UNIX_EPOCH).unwrap();
    let _ = std::os::unix::fs::chown(other.path("root/z"), Some(1000), Some(1000));
    assert_eq!(made(&one), made(&other));
}

#[test]
fn the_volume_has_the_name_of_the_application() {
    let sandbox = sandbox();
    let name = |image: &[u8]| image[field::NAME..field::ROOT].to_vec();
    assert_eq!(name(&made(&sandbox)), b"app 1\0\0\0\0\0\0\0\0\0\0\0");
    let long = manifest(1, "").replace("app 1", "fünfzehn Byte éé");
    sandbox.write("m.json", &long);
    assert_eq!(name(&made(&sandbox)), "fünfzehn Byte \0".as_bytes());
}

#[test]
fn which_files_are_mapped_can_be_chosen() {
    let sandbox = sandbox();
    // The tool itself: an ELF file.
    let program = fs::read(env!("CARGO_BIN_EXE_sphere")).unwrap();
    let program = &program[..3 * BLOCK + 100];
    fs::write(sandbox.path("root/bin/app"), program).unwrap();
    let text = "a line of text\n".repeat(1000);
    sandbox.write("root/text", &text);
    let offset_of = |image: &[u8], content: &[u8]| {
        let mut pages = (0..image.len()).step_by(BLOCK);
        pages.find(|at| image[*at..].starts_with(content))
    };
    for (map, program_is_mapped, text_is_mapped) in [
        ("programs", true, false),
        ("all", true, true),
        ("none", false, false),
    ] {
        image(&sandbox).args(["--map", map]).assert().success();
        let image = fs::read(sandbox.path("out.img")).unwrap();
        let place = offset_of(&image, program);
        assert_eq!(place.is_some(), program_is_mapped, "{map}");
        if let Some(place) = place {
            let behind = &image[place + program.len()..][..BLOCK - 100];
            assert!(behind.iter().all(|byte| *byte == 0));
        }
        let text_place = offset_of(&image, text.as_bytes());
        assert_eq!(text_place.is_some(), text_is_mapped, "{map}");
        let flags = image[field::FLAGS + 1] & (flag::EXT_BLOCK_POINTERS >> 8) as u8;
        assert_eq!(flags != 0, program_is_mapped, "{map}");
        assert_eq!(image.len() % BLOCK, 0);
        sphere(sandbox.folder())
            .args(["diff", "out.img", "m.json", "--board", "board.json"])
            .assert()
            .success();
    }
    image(&sandbox).args(["--map", "some"]).assert().code(2);
}

#[test]
fn a_refused_manifest_gives_no_image() {
    let sandbox = sandbox();
    sandbox.write("m.json", &manifest(1, r#""Gpio": [99]"#));
    // Both are named in one run.
    symlink("/etc", sandbox.path("root/link")).unwrap();
    refused(
        &sandbox,
        "error: m.json:3:27: $.Capabilities.Gpio[0]: this is Gpio 99",
    );
    refused(&sandbox, "error: root/link: is an absolute link");
}

#[test]
fn other_applications_are_considered() {
    let sandbox = sandbox();
    sandbox.write("other.json", &manifest(2, r#""Gpio": [3]"#));
    image(&sandbox)
        .args(["--with", "other.json"])
        .assert()
        .code(1)
        .stderr(contains("belongs to \"app 2\" already"));
}

#[test]
fn what_an_application_must_not_bring_is_refused() {
    type Make = fn(&Sandbox);
    let cases: [(Make, &str); 15] = [
        (
            |sandbox| drop(UnixListener::bind(sandbox.path("root/x")).unwrap()),
            "error: root/x: is a socket, which has no place in an image",
        ),
        (
            |sandbox| {
                let fifo = sandbox.path("root/x");
                Command::new("mkfifo").arg(fifo).assert().success();
            },
            "error: root/x: is a FIFO, which has no place in an image",
        ),
        (
            |sandbox| mode(sandbox, "root/bin/app", 0o4755),
            "error: root/bin/app: has the set-user-id bit, which no file of an image may have",
        ),
        (
            |sandbox| mode(sandbox, "root/bin/app", 0o2755),
            "error: root/bin/app: has the set-group-id bit",
        ),
        (
            |sandbox| mode(sandbox, "root/bin/app", 0o1755),
            "error: root/bin/app: has the sticky bit",
        ),
        (
            |sandbox| drop(sandbox.write(&format!("root/{}", "x".repeat(253)), "")),
            "x: has a name of more than 252 bytes",
        ),
        (
            |sandbox| {
                let file = fs::File::create(sandbox.path("root/x")).unwrap();
                file.set_len(1 << 24).unwrap();
            },
            "error: root/x: is too large: 16777215 bytes are the most",
        ),
        (
            |sandbox| {
                let folders = "x/".repeat(128);
                drop(sandbox.write(&format!("root/{folders}x"), ""));
            },
            "x: has a path of more than 128 names",
        ),
        (
            |sandbox| symlink("/bin/app", sandbox.path("root/x")).unwrap(),
            "error: root/x: is an absolute link",
        ),
        (
            |sandbox| symlink("../../x", sandbox.path("root/bin/x")).unwrap(),
            "error: root/bin/x: is a link that leads out of the image",
        ),
        (
            |sandbox| symlink("x", sandbox.path("root/x")).unwrap(),
            "error: root/x: is a link that leads to itself",
        ),
        (
            |sandbox| drop(sandbox.write("root/.sphere/identity", "")),
            "error: root/.sphere: is what this command writes itself",
        ),
        (
            |sandbox| drop(sandbox.write("root/dev", "")),
            "error: root/dev: is no directory",
        ),
        (
            |sandbox| symlink("bin", sandbox.path("root/dev")).unwrap(),
            "error: root/dev: is no directory",
        ),
        (
            |sandbox| drop(sandbox.write("root/dev/x", "")),
            "error: root/dev: is not empty",
        ),
    ];
    for (make, reason) in cases {
        let sandbox = sandbox();
        made(&sandbox);
        fs::remove_file(sandbox.path("out.img")).unwrap();
        make(&sandbox);
        refused(&sandbox, reason);
    }
}

#[test]
fn an_image_has_a_place_for_storage_if_there_is_any() {
    const STORAGE: &str = "\"MutableStorage\": {\"SizeKB\": 8}";

    let sandbox = sandbox();
    assert!(get(&tree(&made(&sandbox)), "data").is_none());
    // Without storage, a directory of the name is like any other.
    sandbox.write("root/data/x", "");
    assert!(get(&tree(&made(&sandbox)), "data/x").is_some());
    fs::remove_file(sandbox.path("out.img")).unwrap();
    sandbox.write("m.json", &manifest(1, STORAGE));
    refused(&sandbox, "error: root/data: is not empty: it is where");
    fs::remove_file(sandbox.path("root/data/x")).unwrap();
    let tree = tree(&made(&sandbox));
    let Some(Node::Directory(place)) = get(&tree, "data") else {
        panic!("no directory data");
    };
    assert!(place.entries.is_empty());
}

#[test]
fn device_nodes_are_refused() {
    let sandbox = sandbox();
    image(&sandbox)
        .args(["--root", "/dev"])
        .assert()
        .code(2)
        .stderr(contains("--root"));
    // Only root can make one, and /dev is there for everybody.
    sphere(sandbox.folder())
        .args(["image", "m.json", "--board", "board.json"])
        .args(["--root", "/dev", "-o", "out.img"])
        .assert()
        .code(1)
        .stderr(contains(
            "error: /dev/null: is a device node, which has no place in an image",
        ));
    assert!(!sandbox.path("out.img").exists());
}

#[test]
fn an_image_that_is_too_large_is_refused() {
    let sandbox = sandbox();
    // Only the start of each takes space on the disk. All are different, and eight come last.
    for index in 0..17_u8 {
        let path = sandbox.path(&format!("root/{index}"));
        let mut content = fs::read(env!("CARGO_BIN_EXE_sphere")).unwrap();
        content.truncate(64);
        content.push(index);
        fs::write(&path, content).unwrap();
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_len((1 << 24) - 1).unwrap();
    }
    refused(&sandbox, "root/8: is too large with what comes before it");
}

#[test]
fn an_output_that_is_there_stays_as_it_is() {
    let sandbox = sandbox();
    sandbox.write("out.img", "older");
    mode(&sandbox, "root/bin/app", 0o4755);
    image(&sandbox).assert().code(1);
    assert_eq!(fs::read(sandbox.path("out.img")).unwrap(), b"older");
}

#[test]
fn the_output_is_not_one_of_the_files() {
    let sandbox = sandbox();
    for output in ["root/out.img", "root/bin/../out.img"] {
        sphere(sandbox.folder())
            .args(["image", "m.json", "--board", "board.json"])
            .args(["--root", "root", "-o", output])
            .assert()
            .code(1)
            .stderr(contains("lies in the folder of --root"));
        assert!(!sandbox.path(output).exists());
    }
}

#[test]
fn a_root_that_is_no_folder_is_named() {
    let sandbox = sandbox();
    for root in ["none", "m.json"] {
        sphere(sandbox.folder())
            .args(["image", "m.json", "--board", "board.json"])
            .args(["--root", root, "-o", "out.img"])
            .assert()
            .code(1)
            .stderr(contains(format!("error: {root}: is no folder")));
    }
}

#[test]
fn the_entry_point_is_in_the_image() {
    let sandbox = sandbox();
    let app = sandbox.path("root/bin/app");
    mode(&sandbox, "root/bin/app", 0o655);
    refused(
        &sandbox,
        "error: m.json: its entry point, root/bin/app, cannot be executed by its owner",
    );
    fs::remove_file(&app).unwrap();
    refused(&sandbox, "root/bin/app, is not there");
    fs::create_dir(&app).unwrap();
    refused(&sandbox, "root/bin/app, is no file");
    fs::remove_dir(&app).unwrap();
    symlink("../real", &app).unwrap();
    refused(&sandbox, "root/bin/app, is not there");
    sandbox.write("root/real", "#!/bin/sh\n");
    mode(&sandbox, "root/real", 0o755);
    made(&sandbox);
}

#[test]
fn inspect_takes_images() {
    let sandbox = sandbox();
    let image = made(&sandbox);
    let inspect = |file: &str| {
        let mut command = sphere(sandbox.folder());
        command.args(["inspect", file]);
        command
    };
    let words = || contains("app 1").and(contains("sphere-gpio: 3"));
    inspect("out.img").assert().success().stdout(words());
    let input = inspect("-").write_stdin(image.clone()).assert();
    input.success().stdout(words());
    for (bytes, reason) in [
        (&image[..100], "out.img: is a damaged cramfs image"),
        (
            &cramfs::write(&Directory::default(), "", cramfs::Map::None, || {}).unwrap(),
            "out.img: is an image without .sphere/identity",
        ),
    ] {
        fs::write(sandbox.path("out.img"), bytes).unwrap();
        let refused = inspect("out.img").assert().code(1);
        refused
            .stdout(contains("app 1").not())
            .stderr(contains(reason));
    }
}

#[test]
fn what_cannot_be_read_is_named() {
    let sandbox = sandbox();
    sandbox.write("root/secret", "");
    mode(&sandbox, "root/secret", 0);
    // Root reads everything.
    if fs::read(sandbox.path("root/secret")).is_err() {
        refused(&sandbox, "error: root/secret: cannot be read: Permission");
    }
}

#[test]
fn the_help_says_what_is_in_an_image() {
    sphere(Path::new("."))
        .args(["image", "--help"])
        .assert()
        .success()
        .stdout(
            contains("--root <DIR>")
                .and(contains("--with <MANIFEST>..."))
                .and(contains("--map <WHICH>"))
                .and(contains("[default: programs]"))
                .and(contains("leads out of the image")),
        );
}

#[test]
fn a_root_file_system_has_the_files_and_what_is_mounted_on() {
    let sandbox = sandbox();
    let mut command = sphere(sandbox.folder());
    command.args(["rootfs", "--root", "root", "--output", "out.img"]);
    command.assert().success().stderr(is_empty());
    let tree = tree(&fs::read(sandbox.path("out.img")).unwrap());
    let names: Vec<_> = tree.entries.keys().map(|name| name.as_slice()).collect();
    let expected: [&[u8]; 6] = [b"bin", b"data", b"dev", b"proc", b"run", b"sys"];
    assert_eq!(names, expected);
    assert!(matches!(get(&tree, "bin/app"), Some(Node::File(_))));
}

#[test]
fn a_root_file_system_is_no_application() {
    let sandbox = sandbox();
    sandbox.write("root/.sphere/identity", "");
    let mut command = sphere(sandbox.folder());
    command.args(["rootfs", "--root", "root", "--output", "out.img"]);
    command
        .assert()
        .code(1)
        .stderr(contains("root/.sphere: is what this command writes itself"));
    assert!(!sandbox.path("out.img").exists());
}
