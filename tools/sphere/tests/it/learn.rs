// SPDX-License-Identifier: GPL-2.0

//! From a log to manifests, and from those to records that grant what the log says was denied.

use std::fs;
use std::path::Path;

use crate::support::{Sandbox, manifest};
use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use sphere::learn::{Request, learn};
use sphere::report::Report;
use sphere_core::capability::{Capability, CapabilitySet};
use sphere_core::record::{GpioGrant, NetAction, NetRule, Prefix, Protocol, Record};
use sphere_core::uuid::Uuid;

const BOARD: &str = r#"{"SchemaVersion": 1,
    "Gpio": [
        {"First": 100, "Last": 115, "Chip": "a b", "Offset": 0, "Direction": "Output"},
        {"First": 200, "Last": 207, "Chip": "a b", "Offset": 4, "Direction": "Input"},
        {"Value": 7, "Chip": "other", "Offset": 70}
    ]}"#;

/// The component of `manifest(1, _)`, and another.
const ID: &str = "5a6b2c0d-0000-4000-8000-000000000001";
const OTHER: &str = "5a6b2c0d-0000-4000-8000-000000000002";

/// A line of the log.
fn line(id: &str, gate: &str, object: &str, right: &str, reason: &str) -> String {
    format!(
        "[    1.5] sphere: permitted gate={gate} object={object} right={right} reason={reason} \
         errno=13 component={id} pid=12 comm=led\n"
    )
}

/// Everything that a manifest can ask for.
fn everything() -> String {
    [
        ("gpio", "a%20b", "look", "chip"),
        ("gpio", "a%20b:1,3-4", "out", "line"),
        ("gpio", "a%20b:5", "in", "line"),
        ("gpio", "a%20b:6", "inout", "line"),
        ("gpio", "other:70", "in", "line"),
        ("gpio", "other:70", "out", "output"),
        ("network", "socket:2:1:6", "create", "class"),
        ("network", "socket:10:2:0", "create", "class"),
        ("network", "socket:16:3:0", "create", "class"),
        ("network", "tcp:80", "bind", "port"),
        ("network", "tcp:80", "listen", "port"),
        ("network", "tcp:81", "bind", "port"),
        ("network", "udp:53", "bind", "port"),
        ("network", "tcp:10.0.0.1:443", "connect", "endpoint"),
        ("network", "udp:[2001:db8::1]:53", "send", "endpoint"),
        ("network", "udp:[::ffff:10.0.0.1]:53", "send", "endpoint"),
        ("peer", OTHER, "connect", "not-mutual"),
        ("storage", "100", "write", "none"),
        ("storage", "8193", "write", "quota"),
        ("capability", "SetTime", "SystemTime", "not-granted"),
        ("capability", "Reboot", "ForceReboot", "not-granted"),
    ]
    .map(|(gate, object, right, reason)| line(ID, gate, object, right, reason))
    .concat()
}

fn sandbox(log: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("board.json", BOARD);
    sandbox.write("log", log);
    sandbox
}

fn sphere(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("sphere").expect("the program is built");
    command.current_dir(folder).args(args);
    command
}

/// Learns from `log` with these further arguments; what is written, and what is said.
fn learned(sandbox: &Sandbox, args: &[&str]) -> (String, String) {
    let output = sphere(sandbox.folder(), &["learn", "log", "--board", "board.json"])
        .args(args)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr))
}

fn packed(sandbox: &Sandbox, manifest: &str) -> Record<Vec<u8>> {
    sandbox.write("m.json", manifest);
    let (packed, report) = sandbox.pack();
    let packed = packed.unwrap_or_else(|| panic!("{}", sandbox.words(&report)));
    Record::parse(packed.record).expect("a valid record")
}

#[test]
fn the_record_grants_exactly_what_was_denied() {
    let sandbox = sandbox(&everything());
    let (manifest, said) = learned(&sandbox, &[]);
    assert!(
        !said.contains("warning") && !said.contains("error"),
        "{said}"
    );
    let record = packed(&sandbox, &manifest);
    assert_eq!(record.component(), Uuid::parse(ID).unwrap());
    assert_eq!(record.name(), "led");
    let gpio = |chip, base, input, output| GpioGrant {
        chip,
        base,
        input,
        output,
    };
    assert_eq!(
        record.gpio().collect::<Vec<_>>(),
        [
            gpio("a b", 0, 0b110_0000, 0b101_1010),
            gpio("other", 64, 1 << 6, 1 << 6),
        ]
    );
    let mut rules: Vec<_> = record.net().collect();
    let mut expected = Vec::new();
    let mut rule = |action, protocol, port_first, port_last| {
        expected.push(NetRule {
            action,
            protocol,
            port_first,
            port_last,
        });
    };
    rule(NetAction::Bind, Protocol::Tcp, 80, 81);
    rule(NetAction::Bind, Protocol::Udp, 53, 53);
    let v6 = "2001:db8::1"
        .parse::<std::net::Ipv6Addr>()
        .unwrap()
        .octets();
    for prefix in [Prefix::V4([10, 0, 0, 1], 32), Prefix::V6(v6, 128)] {
        // A manifest names neither ports nor protocols; that is said.
        rule(NetAction::Connect(prefix), Protocol::Tcp, 1, u16::MAX);
        rule(NetAction::Connect(prefix), Protocol::Udp, 1, u16::MAX);
    }
    let key = |rule: &NetRule| format!("{rule:?}");
    rules.sort_by_key(key);
    expected.sort_by_key(key);
    assert_eq!(rules, expected);
    assert!(
        said.contains("all of 10.0.0.1, 2001:db8::1 are granted"),
        "{said}"
    );
    assert_eq!(
        record.peers().collect::<Vec<_>>(),
        [Uuid::parse(OTHER).unwrap()]
    );
    assert_eq!(record.storage_bytes(), 9 * 1024);
    let capabilities = CapabilitySet::EMPTY
        .with(Capability::SystemTime)
        .with(Capability::ForceReboot)
        .with(Capability::NetworkConfig);
    assert_eq!(record.capabilities(), capabilities);
}

#[test]
fn each_denial_alone_gives_a_manifest_that_packs() {
    for line in everything()
        .lines()
        .filter(|line| !line.contains("right=look"))
    {
        let sandbox = sandbox(line);
        let (manifest, _) = learned(&sandbox, &[]);
        packed(&sandbox, &manifest);
    }
}

#[test]
fn a_base_is_kept_and_extended() {
    let log = everything() + &line(OTHER, "network", "tcp:1", "bind", "port");
    let sandbox = sandbox(&log);
    let base = r#"{
    "Name": "mine",
    "SchemaVersion": 1,
    "EntryPoint": "bin/mine",
    "ComponentId": "5A6B2C0D-0000-4000-8000-000000000001",
    "CmdArgs": [ "-v" ],
    "Capabilities": {
        "AllowedConnections": [ "example.com", "::ffff:10.0.0.1" ],
        "Gpio": [ 101, 7 ],
        "Pwm": [],
        "MutableStorage": { "SizeKB": 16 },
        "SystemTime": false,
        "AllowedTcpServerPorts": [ 81 ]
    }
}"#;
    sandbox.write("base.json", base);
    let (manifest, said) = learned(&sandbox, &["--base", "base.json"]);
    assert!(!said.contains("guesses"), "{said}");
    for kept in [
        r#""Name": "mine""#,
        r#""CmdArgs": [ "-v" ]"#,
        r#""ComponentId": "5A6B2C0D-"#,
        r#""AllowedConnections": [ "example.com", "::ffff:10.0.0.1", "2001:db8::1" ]"#,
        r#""Gpio": [ 101, 7, 103, 104, 106, 201, 202 ]"#,
        r#""MutableStorage": { "SizeKB": 16 }"#,
        r#""SystemTime": true"#,
        r#""AllowedTcpServerPorts": [ 81, 80 ]"#,
        r#""PowerControls": [ "ForceReboot" ]"#,
    ] {
        assert!(manifest.contains(kept), "{kept}: {manifest}");
    }
    packed(&sandbox, &manifest);
    // Learning once more changes nothing.
    sandbox.write("base.json", &manifest);
    assert_eq!(learned(&sandbox, &["--base", "base.json"]).0, manifest);
}

#[test]
fn each_component_gets_a_file() {
    let log = line(ID, "peer", OTHER, "send", "not-mutual")
        + &line(OTHER, "network", "udp:5", "bind", "port");
    let sandbox = sandbox(&log);
    sphere(sandbox.folder(), &["learn", "log"])
        .assert()
        .failure()
        .stdout(is_empty())
        .stderr(contains("2 manifests"));
    sphere(sandbox.folder(), &["learn", "log", "-o", "out"])
        .assert()
        .success();
    let read = |id| fs::read_to_string(sandbox.path(&format!("out/{id}.json"))).unwrap();
    // Both list each other, whichever side was refused.
    assert!(read(ID).contains(&format!(
        r#""AllowedApplicationConnections": [ "{OTHER}" ]"#
    )));
    assert!(read(OTHER).contains(&format!(r#""AllowedApplicationConnections": [ "{ID}" ]"#)));
    packed(&sandbox, &read(OTHER));
    sphere(
        sandbox.folder(),
        &["learn", "log", "--component", OTHER, "-o", "one.json"],
    )
    .assert()
    .success();
    assert!(sandbox.path("one.json").is_file());
}

#[test]
fn reads_standard_input_and_audit_lines() {
    let text = everything().replace(
        "[    1.5] sphere: ",
        "type=UNKNOWN[1490] msg=audit(1.5:7): ",
    );
    let sandbox = sandbox(&everything());
    let (expected, _) = learned(&sandbox, &[]);
    sphere(sandbox.folder(), &["learn", "--board", "board.json"])
        .write_stdin(text.replace("permitted", "denied"))
        .assert()
        .success()
        .stdout(predicate::eq(expected));
}

#[test]
fn what_no_manifest_can_say_is_said_with_its_line() {
    for (gate, object, right, reason, said) in [
        (
            "capability",
            "SetHostName",
            "HostName",
            "not-granted",
            "\"Capabilities\": [ \"HostName\" ]",
        ),
        (
            "capability",
            "WriteSysctl",
            "manager",
            "manager-only",
            "no manifest can ask for this",
        ),
        (
            "mount",
            "cramfs",
            "MountImage",
            "not-granted",
            "no manifest can ask for MountImage",
        ),
        (
            "capability",
            "Debug",
            "Debug",
            "not-granted",
            "\"ApplicationType\": \"Debugger\"",
        ),
        ("exec", "-", "exec", "gain", "gate exec"),
        ("gpio", "a%20b", "look", "chip", "uses no line of it"),
        ("gpio", "a%20b:20", "in", "line", "not on the board"),
        (
            "gpio",
            "a%20b:1",
            "in",
            "input",
            "line 1 of GPIO chip \"a b\" be an input",
        ),
        ("gpio", "a%20b:0-4294967295", "in", "line", "more lines"),
        ("gpio", "a%20b:1", "use", "owner", "gate gpio"),
        ("gpio", "%FF:1", "in", "line", "no name that JSON can hold"),
        (
            "mtd",
            "cal",
            "write",
            "not-granted",
            "\"Partitions\": [ {\"Name\": \"cal\", \"Access\": \"ReadWrite\"} ]",
        ),
        (
            "network",
            "socket:2:1:6",
            "create",
            "class",
            "does not say what for",
        ),
        (
            "network",
            "socket:17:3:0",
            "create",
            "class",
            "gate network",
        ),
        ("network", "option:0:1", "set", "option", "gate network"),
        ("network", "tcp:0", "bind", "port", "kernel's choice"),
        (
            "network",
            "tcp:0.0.0.0:1",
            "connect",
            "endpoint",
            "0.0.0.0 is no address",
        ),
        (
            "network",
            "tcp:x:1",
            "connect",
            "endpoint",
            "x is no address",
        ),
        ("peer", "none", "send", "not-mutual", "gate peer"),
        (
            "storage",
            "65537",
            "write",
            "quota",
            "64 KB of storage at most",
        ),
        ("storage", "1", "write", "wear", "may be worn"),
        ("syscall", "101", "call", "denied", "gate syscall"),
        ("trace", "none", "trace", "other-identity", "gate trace"),
    ] {
        let text = format!("noise\n{}", line(ID, gate, object, right, reason));
        let sandbox = sandbox(&text.repeat(2));
        let (manifest, words) = learned(&sandbox, &[]);
        assert!(words.contains("warning: log:2: "), "{gate}: {words}");
        assert!(!words.contains("log:4: "), "once is enough: {words}");
        assert!(words.contains(said), "{said}: {words}");
        assert!(manifest.contains("\"Capabilities\": {}"), "{manifest}");
    }
}

#[test]
fn what_a_board_allows_is_asked_for_in_any_case() {
    let log =
        line(ID, "gpio", "a%20b:1", "out", "line") + &line(ID, "gpio", "a%20b:1", "in", "line");
    let sandbox = sandbox(&log);
    let (manifest, words) = learned(&sandbox, &[]);
    assert!(manifest.contains(r#""Gpio": [ 101 ]"#), "{manifest}");
    assert!(words.contains("be an input"), "{words}");
    assert!(!words.contains("be an output"), "{words}");
}

#[test]
fn an_incomplete_log_is_named() {
    let text = line(ID, "network", "tcp:1", "bind", "port");
    let missed = text.replace("comm=led", "comm=led missed=9");
    let unknown = "sphere: denied gate=new object=x\n";
    let none = text.replace(ID, "none");
    let sandbox = sandbox(&format!("{text}{missed}{unknown}{none}"));
    let (_, words) = learned(&sandbox, &[]);
    for said in [
        "log:2: 9 denials of",
        "hint: load a policy with a line such as `reports",
        "log:3: seems to say",
        "1 lines are not about a component",
        "EntryPoint \"/bin/app\" are guesses",
    ] {
        assert!(words.contains(said), "{said}: {words}");
    }
}

#[test]
fn wrong_requests_are_refused() {
    let sandbox = sandbox("nothing\n");
    sandbox.write("base.json", &manifest(1, ""));
    for (args, said) in [
        (&["log"][..], "nothing that was denied to any component"),
        (
            &["log", "--base", "base.json"],
            "nothing that was denied to the component",
        ),
        (
            &["log", "--base", "base.json", "--component", OTHER],
            "is not the component of the manifest",
        ),
        (&["log", "--base", "board.json"], "missing: Name"),
        (&["log", "--board", "base.json"], "unknown key"),
        (&["log", "--component", "led"], "not the id of a component"),
        (&["none"], "none cannot be read"),
    ] {
        sphere(sandbox.folder(), &["learn"])
            .args(args)
            .assert()
            .failure()
            .stdout(is_empty())
            .stderr(contains(said));
    }
}

#[test]
fn without_a_board_lines_are_left_out() {
    let sandbox = sandbox(&everything());
    let mut report = Report::default();
    let request = Request {
        name: "log".to_owned(),
        log: everything().into_bytes(),
        ..Request::default()
    };
    let manifests = learn(&request, &mut report).unwrap();
    assert!(!manifests.values().next().unwrap().contains("Gpio"));
    assert!(
        sandbox
            .words(&report)
            .contains("name the board file: --board")
    );
}
