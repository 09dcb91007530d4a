// SPDX-License-Identifier: GPL-2.0

//! The command line: what is written, what is said, and that a refusal leaves nothing behind.

use std::fs;
use std::path::Path;

use crate::support::{Sandbox, manifest, sphere};
use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use sphere_core::record::{Kind, NetAction, Prefix, Protocol, Record, bare};

const BOARD: &str = r#"{"SchemaVersion": 1,
    "Gpio": [{"First": 0, "Last": 15, "Chip": "sphere-gpio", "Offset": 0}],
    "Uart": {"ISU0": "/dev/ttyS1", "ISU1": "/dev/ttyS1"}}"#;

fn sandbox(capabilities: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("board.json", BOARD);
    sandbox.write("m.json", &manifest(1, capabilities));
    sandbox
}

fn pack(sandbox: &Sandbox) -> Command {
    let mut command = sphere(sandbox.folder());
    command.args([
        "pack",
        "m.json",
        "--board",
        "board.json",
        "-o",
        "out.record",
    ]);
    command
}

fn record(sandbox: &Sandbox) -> Record<Vec<u8>> {
    let bytes = fs::read(sandbox.path("out.record")).expect("a record was written");
    Record::parse(bytes).expect("a valid record")
}

/// What is in the folder besides the inputs.
fn written(sandbox: &Sandbox) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(sandbox.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.ends_with(".json"))
        .collect();
    names.sort();
    names
}

#[test]
fn a_manifest_becomes_a_record_and_a_launch_file() {
    let sandbox = sandbox(r#""Gpio": [3], "Uart": ["ISU0"], "MutableStorage": {"SizeKB": 8}"#);
    pack(&sandbox)
        .args(["--launch", "out.launch"])
        .assert()
        .success()
        .stdout(is_empty())
        .stderr(is_empty());
    let record = record(&sandbox);
    assert_eq!(record.kind(), Kind::Application);
    assert_eq!(record.name(), "app 1");
    assert_eq!(record.storage_bytes(), 8192);
    let launch = fs::read_to_string(sandbox.path("out.launch")).unwrap();
    assert_eq!(launch, "entry /bin/app\ndevice uart /dev/ttyS1\n");
    assert_eq!(written(&sandbox), ["out.launch", "out.record"]);
}

#[test]
fn packing_twice_gives_the_same_bytes() {
    let sandbox = sandbox(r#""Gpio": [3, 1, 2, 1], "AllowedUdpServerPorts": [2, 1]"#);
    pack(&sandbox).assert().success();
    let first = record(&sandbox);
    pack(&sandbox).assert().success();
    assert_eq!(record(&sandbox), first);
}

#[test]
fn a_refusal_leaves_nothing_behind() {
    let sandbox = sandbox(r#""Gpio": [99]"#);
    pack(&sandbox)
        .args(["--launch", "out.launch"])
        .assert()
        .code(1)
        .stdout(is_empty())
        .stderr(contains(
            "error: m.json:3:27: $.Capabilities.Gpio[0]: this is Gpio 99",
        ));
    assert!(written(&sandbox).is_empty());
}

#[test]
fn a_refusal_leaves_an_older_record_as_it_is() {
    let sandbox = sandbox(r#""Gpio": [99]"#);
    sandbox.write("out.record", "older");
    pack(&sandbox).assert().failure();
    assert_eq!(fs::read(sandbox.path("out.record")).unwrap(), b"older");
}

#[test]
fn when_one_output_cannot_be_written_none_is() {
    let sandbox = sandbox("");
    pack(&sandbox)
        .args(["--launch", "none/out.launch"])
        .assert()
        .code(1)
        .stderr(contains("none/out.launch cannot be written"));
    assert!(written(&sandbox).is_empty());
}

#[test]
fn a_device_is_not_replaced() {
    let sandbox = sandbox("");
    sphere(sandbox.folder())
        .args(["pack", "m.json", "--board", "board.json", "-o", "/dev/null"])
        .assert()
        .code(1)
        .stderr(contains("/dev/null is there and is not a file"));
}

#[test]
fn a_link_stays_a_link() {
    let sandbox = sandbox("");
    sandbox.write("real.record", "older");
    std::os::unix::fs::symlink("real.record", sandbox.path("out.record")).unwrap();
    pack(&sandbox).assert().success();
    assert!(sandbox.path("out.record").is_symlink());
    assert!(Record::parse(fs::read(sandbox.path("real.record")).unwrap()).is_ok());
}

#[test]
fn names_are_cut_between_characters() {
    let sandbox = sandbox("");
    let long = "é".repeat(20);
    sandbox.write("m.json", &manifest(1, "").replace("app 1", &long));
    pack(&sandbox).assert().success();
    assert_eq!(record(&sandbox).name(), "é".repeat(15));
}

#[test]
fn server_ports_become_bind_rules() {
    let sandbox = sandbox(
        r#""AllowedTcpServerPorts": [82, 80, 81, 65535, 80], "AllowedUdpServerPorts": [53]"#,
    );
    pack(&sandbox).assert().success();
    let rules: Vec<_> = record(&sandbox)
        .net()
        .map(|rule| {
            assert_eq!(rule.action, NetAction::Bind);
            (rule.protocol, rule.port_first, rule.port_last)
        })
        .collect();
    assert_eq!(
        rules,
        [
            (Protocol::Tcp, 80, 82),
            (Protocol::Tcp, 65535, 65535),
            (Protocol::Udp, 53, 53),
        ]
    );
}

#[test]
fn addresses_become_connect_rules_of_all_ports() {
    let sandbox = sandbox(
        r#""AllowedConnections": ["2001:db8::1", "192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1"]"#,
    );
    pack(&sandbox).assert().success().stderr(is_empty());
    let v4 = NetAction::Connect(Prefix::V4([192, 0, 2, 1], 32));
    let mut v6 = [0; 16];
    v6[..4].copy_from_slice(&[0x20, 0x01, 0x0d, 0xb8]);
    v6[15] = 1;
    let v6 = NetAction::Connect(Prefix::V6(v6, 128));
    let rules: Vec<_> = record(&sandbox)
        .net()
        .map(|rule| {
            assert_eq!((rule.port_first, rule.port_last), (1, 65535));
            (rule.action, rule.protocol)
        })
        .collect();
    assert_eq!(
        rules,
        [
            (v4, Protocol::Tcp),
            (v4, Protocol::Udp),
            (v6, Protocol::Tcp),
            (v6, Protocol::Udp),
        ]
    );
}

#[test]
fn names_without_an_address_stay_refused_and_are_warned_of() {
    let sandbox = sandbox(r#""AllowedConnections": ["Example.com", "_x._tcp.local"]"#);
    pack(&sandbox).assert().success().stderr(
        contains("warning: m.json:3:41: $.Capabilities.AllowedConnections[0]: connections to example.com stay refused")
            .and(contains("hint: name one with --resolve example.com=ADDRESS"))
            .and(contains("connections to _x._tcp.local stay refused")),
    );
    assert_eq!(record(&sandbox).net().count(), 0);
}

#[test]
fn names_with_addresses_become_rules() {
    let sandbox = sandbox(r#""AllowedConnections": ["Example.com", "_x._tcp.local"]"#);
    pack(&sandbox)
        .args(["--resolve", "example.COM=192.0.2.1:443"])
        .args(["--resolve", "example.com=[2001:db8::1]:443"])
        .args(["--resolve", "_x._tcp.local=192.0.2.2:1"])
        .args(["--resolve", "_x._tcp.local=192.0.2.2"])
        .assert()
        .success()
        .stderr(
            contains(
                "note: m.json:3:41: $.Capabilities.AllowedConnections[0]: example.com is \
                 192.0.2.1:443 and [2001:db8::1]:443, as --resolve says, until it is packed again",
            )
            .and(contains("_x._tcp.local is 192.0.2.2:1 and 192.0.2.2, as"))
            .and(contains("warning").not()),
        );
    let ports: Vec<_> = record(&sandbox)
        .net()
        .filter(|rule| rule.protocol == Protocol::Tcp)
        .map(|rule| (rule.port_first, rule.port_last))
        .collect();
    // The single port of 192.0.2.2 is among all its ports.
    assert_eq!(ports, [(1, 65535), (443, 443), (443, 443)]);
}

#[test]
fn an_address_for_a_name_that_is_not_listed_grants_nothing() {
    let sandbox = sandbox(r#""AllowedConnections": ["192.0.2.9"]"#);
    pack(&sandbox)
        .args(["--resolve", "example.com=192.0.2.1"])
        .assert()
        .success()
        .stderr(contains(
            "warning: --resolve example.com: the manifest does not list it",
        ));
    assert_eq!(record(&sandbox).net().count(), 2);
}

#[test]
fn more_than_a_record_holds_is_refused() {
    let ports: Vec<_> = (0..200).map(|index| (index * 2 + 1).to_string()).collect();
    let sandbox = sandbox(&format!(
        "\"AllowedTcpServerPorts\": [{}]",
        ports.join(", ")
    ));
    pack(&sandbox).assert().code(1).stderr(contains(
        "error: m.json:1:1: $: asks for too much: the record would have 4976 bytes, and 4064 is the most",
    ));
}

#[test]
fn more_than_a_launch_file_holds_is_refused() {
    let sandbox = sandbox("");
    let with_arguments = |arguments: Vec<String>| {
        let arguments = format!("{{\"CmdArgs\": [{}],", arguments.join(","));
        sandbox.write("m.json", &manifest(1, "").replacen('{', &arguments, 1));
        pack(&sandbox).assert()
    };
    with_arguments(vec!["\"x\"".to_owned(); 32]).success();
    with_arguments(vec!["\"x\"".to_owned(); 33])
        .code(1)
        .stderr(contains(
            "m.json:1:13: $.CmdArgs: has 33 arguments, and 32 is the most",
        ));
    with_arguments(vec![format!("\"{}\"", "x".repeat(4096))])
        .code(1)
        .stderr(contains("the launch file is longer than 4096 bytes"));
}

/// Packs `m.json` together with another application that asks for `other`.
fn with(one: &str, number: u8, other: &str) -> assert_cmd::assert::Assert {
    let sandbox = sandbox(one);
    sandbox.write("other.json", &manifest(number, other));
    // The manifest itself among the others, as with a shell pattern, is no conflict.
    pack(&sandbox)
        .args(["--with", "m.json", "other.json"])
        .assert()
}

#[test]
fn one_resource_belongs_to_one_application() {
    for (one, other, reason) in [
        (
            r#""Gpio": [2, 3]"#,
            r#""Gpio": [3]"#,
            "error: m.json:3:30: $.Capabilities.Gpio[1]: line 3 of GPIO chip \"sphere-gpio\" belongs to \"app 2\" already\n  \
             note: asked for at other.json:3:27: $.Capabilities.Gpio[0]",
        ),
        // Two controllers by name, one device on this board.
        (
            r#""Uart": ["ISU0"]"#,
            r#""Uart": ["ISU1"]"#,
            "error: m.json:3:27: $.Capabilities.Uart[0]: /dev/ttyS1 belongs to \"app 2\" already",
        ),
        (
            r#""AllowedTcpServerPorts": [80]"#,
            r#""AllowedTcpServerPorts": [80]"#,
            "TCP port 80 belongs to",
        ),
        (
            r#""AllowedUdpServerPorts": [53]"#,
            r#""AllowedUdpServerPorts": [53]"#,
            "UDP port 53 belongs to",
        ),
    ] {
        with(one, 2, other).code(1).stderr(contains(reason));
    }
    with(
        r#""Gpio": [1], "AllowedTcpServerPorts": [80]"#,
        2,
        r#""Gpio": [2], "AllowedUdpServerPorts": [80]"#,
    )
    .success()
    .stderr(is_empty());
}

#[test]
fn two_applications_have_two_ids() {
    with("", 1, "").code(1).stderr(
        contains("$.ComponentId: component 5a6b2c0d-0000-4000-8000-000000000001 is also \"app 1\"")
            .and(contains("note: also at other.json:2:16: $.ComponentId")),
    );
}

#[test]
fn a_broken_manifest_of_another_application_is_named() {
    with("", 2, r#""Gpio": [99]"#)
        .code(1)
        .stderr(contains("error: other.json:3:27: $.Capabilities.Gpio[0]"));
}

#[test]
fn peers_have_to_list_each_other() {
    let peer = |number| {
        format!(
            "\"AllowedApplicationConnections\": [\"5a6b2c0d-0000-4000-8000-00000000000{number}\"]"
        )
    };
    with(&peer(2), 2, &peer(1)).success().stderr(is_empty());
    with(&peer(2), 2, "").success().stderr(contains(
        "warning: m.json:3:52: $.Capabilities.AllowedApplicationConnections[0]: connections stay refused: \
         \"app 2\" does not list this application",
    ));
    with("", 2, &peer(1))
        .success()
        .stderr(contains("warning: other.json:3:52: "));
}

#[test]
fn all_mistakes_are_named_in_one_run() {
    let sandbox = sandbox(r#""Gpio": ["LED"], "Camera": true"#);
    sandbox.write("board.json", "{\"SchemaVersion\": 7}");
    pack(&sandbox).assert().code(1).stderr(
        contains("m.json:3:27: $.Capabilities.Gpio[0]")
            .and(contains("m.json:3:35: $.Capabilities.Camera"))
            .and(contains("board.json:1:19: $.SchemaVersion")),
    );
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let sandbox = sandbox("");
    let error = |text: &str| {
        sphere(sandbox.folder())
            .args(["pack", text, "--board", "board.json", "-o", "out.record"])
            .assert()
            .code(1)
            .to_string()
    };
    assert!(error("none.json").contains("error: none.json: cannot be read: No such file"));
    assert!(error(".").contains("error: .: cannot be read: Is a directory"));
    fs::write(sandbox.path("latin1.json"), b"{\"Name\": \"\xe9\"}").unwrap();
    assert!(error("latin1.json").contains("error: latin1.json: is not UTF-8 text (byte 10)"));
    assert!(error("/dev/zero").contains("error: /dev/zero: is larger than 4194304 bytes"));
}

#[test]
fn a_byte_order_mark_is_accepted() {
    let sandbox = sandbox("");
    sandbox.write("m.json", &format!("\u{feff}{}", manifest(1, "")));
    pack(&sandbox).assert().success();
}

#[test]
fn wrong_options_are_refused() {
    let sandbox = sandbox("");
    pack(&sandbox)
        .args(["--resolve", "example.com"])
        .assert()
        .code(2)
        .stderr(contains("expected NAME=ADDRESS"));
    sphere(sandbox.folder())
        .args(["pack", "m.json"])
        .assert()
        .code(2);
}

#[test]
fn inspect_says_what_a_record_grants() {
    let sandbox =
        sandbox(r#""Gpio": [2, 3], "SystemTime": true, "DeviceAuthentication": "tenant-1""#);
    pack(&sandbox).assert().success();
    let words = || {
        contains("app 1")
            .and(contains("5a6b2c0d-0000-4000-8000-000000000001"))
            .and(contains("sphere-gpio: 2-3"))
            .and(contains("tenant-1"))
            .and(contains("SystemTime"))
    };
    sphere(sandbox.folder())
        .args(["inspect", "out.record"])
        .assert()
        .success()
        .stdout(words());
    sphere(sandbox.folder())
        .args(["inspect", "-"])
        .write_stdin(fs::read(sandbox.path("out.record")).unwrap())
        .assert()
        .success()
        .stdout(words());
}

#[test]
fn inspect_knows_every_kind_of_record() {
    for (kind, words) in [(Kind::Manager, "manager"), (Kind::None, "no identity")] {
        sphere(Path::new("."))
            .args(["inspect", "-"])
            .write_stdin(bare(kind).to_vec())
            .assert()
            .success()
            .stdout(contains(words));
    }
}

#[test]
fn inspect_refuses_what_is_no_record() {
    for bytes in [vec![], vec![0; 176], vec![0; 5000]] {
        sphere(Path::new("."))
            .args(["inspect", "-"])
            .write_stdin(bytes)
            .assert()
            .code(1)
            .stdout(is_empty())
            .stderr(contains("error: -: no valid record: byte "));
    }
    sphere(Path::new("."))
        .args(["inspect", "none.record"])
        .assert()
        .code(1)
        .stderr(contains("error: none.record: cannot be read: No such file"));
}
