// SPDX-License-Identifier: GPL-2.0

//! `sphere diff`: what has changed, between whatever can be compared.

use std::fs;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use sphere_core::record::{Kind, NetAction, NetRule, Prefix, Protocol, Spec, bare};
use sphere_core::uuid::Uuid;

use crate::support::{Sandbox, manifest, sphere};

const BOARD: &str = r#"{"SchemaVersion": 1,
    "Gpio": [{"First": 0, "Last": 9, "Chip": "gpio", "Offset": 0, "Direction": "Output"}],
    "Uart": {"ISU0": "/dev/ttyS1"}}"#;

fn sandbox(old: &str, new: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("board.json", BOARD);
    sandbox.write("old.json", &manifest(1, old));
    sandbox.write("new.json", &manifest(1, new));
    sandbox
}

fn diff(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let mut command = sphere(sandbox.folder());
    command.arg("diff").args(arguments);
    command
}

/// Packs a manifest into the folder of an image.
fn pack(sandbox: &Sandbox, name: &str) {
    let folder = sandbox.path(&format!("{name}/.sphere"));
    fs::create_dir_all(&folder).unwrap();
    sphere(sandbox.folder())
        .args(["pack", &format!("{name}.json"), "--board", "board.json"])
        .args(["--output", &format!("{name}/.sphere/identity")])
        .args(["--launch", &format!("{name}/.sphere/launch")])
        .assert()
        .success();
}

const OLD: &str = r#""Gpio": [1, 2], "Uart": ["ISU0"], "MutableStorage": {"SizeKB": 8},
    "AllowedTcpServerPorts": [80, 81], "SystemTime": true"#;
const NEW: &str = r#""Gpio": [2, 3], "MutableStorage": {"SizeKB": 16},
    "AllowedTcpServerPorts": [81, 82, 83], "AllowedConnections": ["192.0.2.1"],
    "PowerControls": ["ForceReboot"], "DeviceAuthentication": "tenant-1"#;

const CHANGES: &str = "\
+ speak for tenant tenant-1
- drive line 1 of GPIO chip \"gpio\"
+ drive line 3 of GPIO chip \"gpio\"
- open /dev/ttyS1 (uart)
+ keep 16 KiB, 8 KiB more than 8 KiB
- listen on TCP port 80
+ listen on TCP ports 82-83
+ connect to 192.0.2.1, TCP any port
+ connect to 192.0.2.1, UDP any port
+ use the capability ForceReboot
- use the capability SystemTime
";

#[test]
fn an_update_is_told_right_by_right() {
    let sandbox = sandbox(OLD, &format!("{NEW}\""));
    let on_board = ["old.json", "new.json", "--board", "board.json"];
    diff(&sandbox, &on_board)
        .assert()
        .code(1)
        .stdout(CHANGES)
        .stderr(is_empty());
    pack(&sandbox, "old");
    pack(&sandbox, "new");
    diff(&sandbox, &["old", "new"])
        .assert()
        .code(1)
        .stdout(CHANGES);
    diff(&sandbox, &["old", "new.json", "--board", "board.json"])
        .assert()
        .code(1)
        .stdout(CHANGES);
    // A record alone does not say which devices there are.
    diff(&sandbox, &["old/.sphere/identity", "new"])
        .assert()
        .code(1)
        .stdout(CHANGES.replace("- open /dev/ttyS1 (uart)\n", ""))
        .stderr(contains("note: a record alone"));
}

#[test]
fn without_a_board_names_are_compared() {
    let sandbox = sandbox(
        r#""Gpio": ["$LED"]"#,
        r#""Gpio": ["$VALVE"], "Uart": ["ISU0"]"#,
    );
    diff(&sandbox, &["old.json", "new.json"])
        .assert()
        .code(1)
        .stdout("- use Gpio $LED\n+ use Gpio $VALVE\n+ use Uart \"ISU0\"\n");
}

#[test]
fn nothing_new_is_success() {
    let sandbox = sandbox(OLD, OLD);
    diff(&sandbox, &["old.json", "new.json"])
        .assert()
        .success()
        .stdout(is_empty());
    pack(&sandbox, "old");
    diff(&sandbox, &["old", "new.json", "--board", "board.json"])
        .assert()
        .success()
        .stdout(is_empty());
}

#[test]
fn gains_alone_can_be_asked_for() {
    let less = sandbox(OLD, r#""Gpio": [1]"#);
    let arguments = ["old.json", "new.json", "--gains"];
    diff(&less, &arguments)
        .assert()
        .success()
        .stdout(is_empty());
    let more = sandbox(r#""Gpio": [1]"#, OLD);
    diff(&more, &arguments)
        .assert()
        .code(1)
        .stdout(contains("+ keep 8 KiB\n").and(contains("\n-").not()));
}

#[test]
fn changes_are_there_for_programs() {
    let sandbox = sandbox("", r#""SystemTime": true"#);
    let arguments = ["old.json", "new.json", "--format", "json"];
    let output = diff(&sandbox, &arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let change = serde_json::json!({
        "change": "gain", "kind": "capability", "right": "use the capability SystemTime"
    });
    assert_eq!(
        document,
        serde_json::json!({"version": 1, "changes": [change]})
    );
}

/// A record of one rule, such as `sphere pack` makes none of.
fn network(sandbox: &Sandbox, name: &str, prefix: Prefix, port_first: u16, port_last: u16) {
    let rule = NetRule {
        action: NetAction::Connect(prefix),
        protocol: Protocol::Tcp,
        port_first,
        port_last,
    };
    let spec = Spec {
        component: Uuid([1; 16]),
        tenant: "",
        name: "n",
        capabilities: sphere_core::capability::CapabilitySet::EMPTY,
        storage_bytes: 0,
        gpio: &[],
        mtd: &[],
        net: &[rule],
        peers: &[],
    };
    let mut bytes = vec![0; spec.size()];
    spec.write(&mut bytes).expect("a valid record");
    fs::write(sandbox.path(name), bytes).unwrap();
}

#[test]
fn what_a_wider_rule_allowed_is_no_gain() {
    let sandbox = Sandbox::new();
    network(&sandbox, "wide", Prefix::V4([192, 0, 2, 0], 24), 1, 1000);
    network(&sandbox, "host", Prefix::V4([192, 0, 2, 7], 32), 443, 443);
    network(&sandbox, "above", Prefix::V4([192, 0, 2, 7], 32), 443, 2000);
    diff(&sandbox, &["wide", "host", "--gains"])
        .assert()
        .success();
    diff(&sandbox, &["wide", "above", "--gains"])
        .assert()
        .code(1)
        .stdout("+ connect to 192.0.2.7, TCP ports 1001-2000\n");
    diff(&sandbox, &["host", "wide", "--gains"])
        .assert()
        .code(1)
        .stdout("+ connect to 192.0.2.0/24, TCP ports 1-1000\n");
}

#[test]
fn becoming_manager_is_a_gain() {
    let sandbox = Sandbox::new();
    fs::write(sandbox.path("none"), bare(Kind::None)).unwrap();
    fs::write(sandbox.path("manager"), bare(Kind::Manager)).unwrap();
    diff(&sandbox, &["none", "manager"])
        .assert()
        .code(1)
        .stdout("+ give identities: be the manager\n");
}

#[test]
fn what_cannot_be_compared_is_said_and_is_no_difference() {
    let sandbox = sandbox("", r#""Camera": true"#);
    pack(&sandbox, "old");
    fs::write(sandbox.path("cut"), b"SPHR").unwrap();
    fs::write(sandbox.path("image"), 0x28cd_3d45_u32.to_le_bytes()).unwrap();
    for (arguments, reason) in [
        (vec!["old.json", "new.json"], "$.Capabilities.Camera"),
        (vec!["old.json", "none.json"], "none.json cannot be read"),
        (vec!["old", "old.json"], "name the board with --board"),
        (vec!["old", "cut"], "cut: no valid record: byte "),
        (vec!["old", "image"], "image: is a damaged cramfs image"),
        (
            vec!["old", "."],
            ".: is a folder, and .sphere/identity cannot be read",
        ),
        (vec!["old.json", "old.json", "--hardware", "x"], "--board"),
    ] {
        diff(&sandbox, &arguments)
            .assert()
            .code(2)
            .stdout(is_empty())
            .stderr(contains(reason));
    }
}
