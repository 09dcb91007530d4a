// SPDX-License-Identifier: GPL-2.0

//! Debuggers, from the type in the manifest to all that is said of them.

use std::fs;

use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use sphere_core::capability::{Capability, CapabilitySet};
use sphere_core::record::Record;

use crate::support::{Sandbox, manifest, sphere};

const BOARD: &str = r#"{"SchemaVersion": 1}"#;

/// `debugger.json`, and the same application of another type in `default.json`.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("board.json", BOARD);
    let plain = manifest(1, r#""SystemTime": true"#);
    for (name, kind) in [("default", "Default"), ("debugger", "Debugger")] {
        let typed = plain.replacen('{', &format!("{{\"ApplicationType\": \"{kind}\", "), 1);
        sandbox.write(&format!("{name}.json"), &typed);
        sphere(sandbox.folder())
            .args(["pack", &format!("{name}.json"), "--board", "board.json"])
            .args(["-o", &format!("{name}.record")])
            .assert()
            .success()
            .stderr(is_empty());
    }
    sandbox
}

#[test]
fn the_type_alone_makes_the_capability() {
    let sandbox = sandbox();
    let plain = CapabilitySet::EMPTY.with(Capability::SystemTime);
    for (name, expected) in [
        ("default", plain),
        ("debugger", plain.with(Capability::Debug)),
    ] {
        let bytes = fs::read(sandbox.path(&format!("{name}.record"))).unwrap();
        let record = Record::parse(bytes).expect("a valid record");
        assert_eq!(record.capabilities(), expected, "{name}");
    }
}

#[test]
fn it_is_shown() {
    let sandbox = sandbox();
    sphere(sandbox.folder())
        .args(["inspect", "debugger.record"])
        .assert()
        .success()
        .stdout(contains("capabilities   SystemTime, Debug"));
    for (old, new) in [
        ("default.record", "debugger.record"),
        ("default.json", "debugger.json"),
    ] {
        sphere(sandbox.folder())
            .args(["diff", "--board", "board.json", old, new])
            .assert()
            .code(1)
            .stdout("+ use the capability Debug\n");
    }
    sphere(sandbox.folder())
        .args(["map", "--board", "board.json", "debugger.json"])
        .assert()
        .success()
        .stdout(contains("Debug"));
    sphere(sandbox.folder())
        .args(["check", "--board", "board.json", "debugger.json"])
        .assert()
        .success()
        .stdout(
            contains("$.ApplicationType: Debug: \"app 1\", once taken over, can take other")
                .and(contains("nothing in the kernel asks for").not()),
        );
    sphere(sandbox.folder())
        .args(["check", "--board", "board.json", "default.json"])
        .assert()
        .success()
        .stdout(contains("Debug").not());
}

#[test]
fn nobody_else_can_give_it() {
    let sandbox = sandbox();
    sandbox.write("asking.json", &manifest(1, r#""Debug": true"#));
    sphere(sandbox.folder())
        .args(["pack", "asking.json", "--board", "board.json", "-o", "out"])
        .assert()
        .code(1)
        .stderr(contains("\"ApplicationType\": \"Debugger\""));
    sandbox.write(
        "giving.json",
        r#"{"SchemaVersion": 1, "Components": {
            "5a6b2c0d-0000-4000-8000-000000000001": {"Capabilities": ["Debug"]}}}"#,
    );
    sphere(sandbox.folder())
        .args([
            "pack",
            "default.json",
            "--board",
            "giving.json",
            "-o",
            "out",
        ])
        .assert()
        .code(1)
        .stderr(
            contains("no board file can give Debug")
                .and(contains("\"ApplicationType\": \"Debugger\"")),
        );
    assert!(!sandbox.path("out").exists());
}
