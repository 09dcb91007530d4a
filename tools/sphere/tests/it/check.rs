// SPDX-License-Identifier: GPL-2.0

//! `sphere check`: every kind of finding, and what the exit status makes of them.

use std::fs;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use serde_json::Value;
use sphere::check::Code;

use crate::support::{Sandbox, manifest, sphere};

const BOARD: &str = r#"{"SchemaVersion": 1, "MutableStorage": {"SizeKB": 16},
    "Gpio": [{"First": 0, "Last": 3, "Chip": "gpio", "Offset": 0, "Direction": "Input"},
             {"Value": 100, "Chip": "gpio", "Offset": 1, "Direction": "Output"}],
    "Uart": {"ISU0": "/dev/ttyS1", "ISU1": "/dev/ttyS1"}}"#;

/// A device with these applications; the first has number 1.
fn device(capabilities: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("board.json", BOARD);
    for (number, capabilities) in (1..).zip(capabilities) {
        sandbox.write(&format!("m{number}.json"), &manifest(number, capabilities));
    }
    sandbox
}

fn check(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let mut files: Vec<_> = fs::read_dir(sandbox.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with('m'))
        .collect();
    files.sort();
    let mut command = sphere(sandbox.folder());
    command.args(["check", "--board", "board.json"]);
    command.args(arguments).args(files);
    command
}

/// Severity, code and JSON path of all findings.
fn findings(sandbox: &Sandbox, arguments: &[&str]) -> Vec<String> {
    let output = check(sandbox, &[arguments, &["--format", "json"]].concat())
        .output()
        .unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(document["version"], 1);
    let findings = document["findings"].as_array().expect("an array");
    findings
        .iter()
        .map(|finding| {
            let text = |key: &str| finding[key].as_str().unwrap_or("-");
            let file = text("file");
            format!(
                "{} {} {file} {}",
                text("severity"),
                text("code"),
                text("path")
            )
        })
        .filter(|finding| !finding.contains(" unowned "))
        .collect()
}

/// What is found on a device, but for what nobody owns.
#[track_caller]
fn found(capabilities: &[&str], expected: &[&str]) {
    let found = findings(&device(capabilities), &[]);
    assert_eq!(found, expected, "{capabilities:?}");
}

#[test]
fn one_resource_belongs_to_one_application_whatever_it_is_called() {
    for (one, other, path) in [
        (r#""Gpio": [2]"#, r#""Gpio": [1, 2]"#, "Gpio[0]"),
        // Two values, one line.
        (r#""Gpio": [1]"#, r#""Gpio": [100]"#, "Gpio[0]"),
        // Two controllers, one device.
        (r#""Uart": ["ISU0"]"#, r#""Uart": ["ISU1"]"#, "Uart[0]"),
        (
            r#""AllowedTcpServerPorts": [80]"#,
            r#""AllowedTcpServerPorts": [80]"#,
            "AllowedTcpServerPorts[0]",
        ),
    ] {
        let expected = format!("error conflict m1.json $.Capabilities.{path}");
        found(&[one, other], &[&expected]);
    }
    found(&[r#""Gpio": [1]"#, r#""Gpio": [2]"#], &[]);
}

#[test]
fn a_resource_that_many_want_is_one_finding() {
    let sandbox = device(&[r#""Gpio": [2]"#, r#""Gpio": [2]"#, r#""Gpio": [1, 2]"#]);
    check(&sandbox, &[]).assert().code(1).stdout(contains(
        "error[conflict]: m1.json:3:27: $.Capabilities.Gpio[0]: line 2 of GPIO chip \"gpio\" can belong to \
         one application, and 3 ask for it\n  \
         note: \"app 1\", at m1.json:3:27: $.Capabilities.Gpio[0]\n  \
         note: \"app 2\", at m2.json:3:27: $.Capabilities.Gpio[0]\n  \
         note: \"app 3\", at m3.json:3:30: $.Capabilities.Gpio[1]\n  hint: ",
    ));
}

#[test]
fn two_applications_have_two_ids() {
    let sandbox = device(&["", ""]);
    sandbox.write("m2.json", &manifest(1, ""));
    assert_eq!(
        findings(&sandbox, &[]),
        ["error same-component m1.json $.ComponentId"]
    );
}

#[test]
fn the_board_has_so_much_storage_and_no_more() {
    let own = r#""MutableStorage": {"SizeKB": 8}"#;
    found(&[own, own], &[]);
    found(&[own, own, own], &["error storage-exceeded board.json -"]);
}

#[test]
fn mistakes_are_findings_and_the_rest_is_checked_all_the_same() {
    let sandbox = device(&[
        r#""Gpio": [2]"#,
        r#""Gpio": [2]"#,
        r#""Gpio": [9]"#,
        r#""Camera": true"#,
    ]);
    assert_eq!(
        findings(&sandbox, &[]),
        [
            "error conflict m1.json $.Capabilities.Gpio[0]",
            "error not-on-board m3.json $.Capabilities.Gpio[0]",
            "error invalid-manifest m4.json $.Capabilities.Camera",
        ]
    );
    sandbox.write("board.json", r#"{"SchemaVersion": 2}"#);
    let all = findings(&sandbox, &[]);
    assert!(all.contains(&"error invalid-board board.json $.SchemaVersion".to_owned()));
    assert!(all.contains(&"error invalid-manifest m4.json $.Capabilities.Camera".to_owned()));
}

#[test]
fn more_than_a_record_holds_is_a_finding() {
    let ports: Vec<_> = (0..200).map(|index| (index * 2 + 1).to_string()).collect();
    let ports = format!("\"AllowedTcpServerPorts\": [{}]", ports.join(", "));
    found(
        &[&ports],
        &[
            "error too-much m1.json $",
            "warning broad-ports m1.json $.Capabilities.AllowedTcpServerPorts",
        ],
    );
}

fn peers(numbers: &[u8]) -> String {
    let peers: Vec<_> = numbers
        .iter()
        .map(|number| format!("\"5a6b2c0d-0000-4000-8000-0000000000{number:02x}\""))
        .collect();
    format!("\"AllowedApplicationConnections\": [{}]", peers.join(", "))
}

#[test]
fn peers_list_each_other_and_are_there() {
    let path = "$.Capabilities.AllowedApplicationConnections";
    found(&[&peers(&[2]), &peers(&[1])], &[]);
    found(
        &[&peers(&[2]), ""],
        &[&format!("warning one-sided-peer m1.json {path}[0]")],
    );
    found(
        &[&peers(&[9, 1])],
        &[
            &format!("warning absent-peer m1.json {path}[0]"),
            &format!("warning self-peer m1.json {path}[1]"),
        ],
    );
}

#[test]
fn nobody_is_called_absent_while_manifests_are_refused() {
    found(
        &[&peers(&[2]), r#""Camera": true"#],
        &["error invalid-manifest m2.json $.Capabilities.Camera"],
    );
}

#[test]
fn what_is_granted_twice_is_found() {
    found(
        &[r#""Gpio": [2, 1, 100], "Uart": ["ISU0", "ISU1"],
            "AllowedTcpServerPorts": [80, 80], "AllowedUdpServerPorts": [80, 53, 53]"#],
        &[
            "warning duplicate-grant m1.json $.Capabilities.Gpio[2]",
            "warning duplicate-grant m1.json $.Capabilities.Uart[1]",
            "warning duplicate-grant m1.json $.Capabilities.AllowedTcpServerPorts[1]",
            "warning duplicate-grant m1.json $.Capabilities.AllowedUdpServerPorts[2]",
        ],
    );
    found(
        &[&peers(&[2, 2]), &peers(&[1])],
        &["warning duplicate-grant m1.json $.Capabilities.AllowedApplicationConnections[1]"],
    );
}

#[test]
fn connections_need_addresses_and_are_not_listed_twice() {
    let path = "$.Capabilities.AllowedConnections";
    let sandbox = device(&[
        r#""AllowedConnections": ["a.example", "A.example", "192.0.2.1", "b.example"]"#,
        r#""AllowedConnections": ["b.example"]"#,
    ]);
    let resolved = [
        "--resolve",
        "a.example=192.0.2.1:443",
        "--resolve",
        "b.example=192.0.2.2:443",
        "--resolve",
        "c.example=192.0.2.3",
    ];
    assert_eq!(
        findings(&sandbox, &resolved),
        [
            "warning unused-address --resolve c.example -".to_owned(),
            format!("warning covered-connection m1.json {path}[0]"),
            format!("warning duplicate-grant m1.json {path}[1]"),
            format!("note all-ports m1.json {path}[2]"),
        ]
    );
    found(
        &[r#""AllowedConnections": ["a.example"]"#],
        &[&format!("warning no-address m1.json {path}[0]")],
    );
}

#[test]
fn broad_grants_are_found() {
    let path = "$.Capabilities.AllowedConnections";
    found(
        &[r#""AllowedConnections": ["255.255.255.255"]"#],
        &[
            &format!("warning broad-address m1.json {path}[0]"),
            &format!("note all-ports m1.json {path}[0]"),
        ],
    );
    let ports = r#""AllowedUdpServerPorts": [1, 2, 3]"#;
    assert_eq!(
        findings(&device(&[ports]), &["--ports-max", "2"]),
        ["warning broad-ports m1.json $.Capabilities.AllowedUdpServerPorts"]
    );
    assert!(findings(&device(&[ports]), &["--ports-max", "3"]).is_empty());
}

#[test]
fn lines_of_both_directions_are_found() {
    let sandbox = device(&[r#""Gpio": [2, 3]"#]);
    let board = BOARD.replace(r#", "Direction": "Input""#, "");
    sandbox.write("board.json", &board);
    assert_eq!(
        findings(&sandbox, &[]),
        ["note both-directions m1.json $.Capabilities.Gpio[0]"]
    );
}

#[test]
fn capabilities_are_explained() {
    found(
        &[r#""NetworkConfig": true, "HeapMemStats": true"#],
        &[
            "warning no-network-rule m1.json $.Capabilities.NetworkConfig",
            "note big-power m1.json $.Capabilities.NetworkConfig",
            "note no-gate m1.json $.Capabilities.HeapMemStats",
        ],
    );
    check(&device(&[r#""PowerControls": ["ForceReboot"]"#]), &[])
        .assert()
        .success()
        .stdout(contains(
            "note[big-power]: m1.json:3:36: $.Capabilities.PowerControls[0]: ForceReboot: \"app 1\", once \
             taken over, can restart the device again and again",
        ));
}

#[test]
fn what_the_board_gives_is_looked_at_too() {
    let sandbox = device(&[""]);
    let extras = |number: u8, extras: &str| {
        format!("\"5a6b2c0d-0000-4000-8000-0000000000{number:02x}\": {extras}")
    };
    let components = format!(
        "\"Components\": {{{}, {}}}",
        extras(1, r#"{"Capabilities": ["UpdateImage"]}"#),
        extras(9, r#"{"Partitions": [{"Name": "boot", "Access": "Read"}]}"#)
    );
    sandbox.write(
        "board.json",
        &BOARD.replacen('{', &format!("{{{components},"), 1),
    );
    let id =
        |number: u8| format!("$.Components[\"5a6b2c0d-0000-4000-8000-0000000000{number:02x}\"]");
    assert_eq!(
        findings(&sandbox, &[]),
        [
            format!("warning absent-component board.json {}", id(9)),
            format!("note no-gate board.json {}.Capabilities[0]", id(1)),
            format!("note big-power board.json {}.Capabilities[0]", id(1)),
        ]
    );
}

#[test]
fn what_nobody_owns_is_named_in_runs() {
    let sandbox = device(&[r#""Gpio": [2], "Uart": ["ISU0"]"#]);
    check(&sandbox, &[]).assert().success().stdout(
        contains("$.Gpio[0]: lines 0-1 of GPIO chip \"gpio\" belong to nobody")
            .and(contains(
                "$.Gpio[0]: line 3 of GPIO chip \"gpio\" belongs to nobody",
            ))
            .and(contains("ttyS1").not()),
    );
}

#[test]
fn a_board_of_billions_of_lines_takes_no_time() {
    let sandbox = device(&[r#""Gpio": [4294967295, 7]"#]);
    sandbox.write(
        "board.json",
        r#"{"SchemaVersion": 1, "Gpio": [{"First": 0, "Last": 4294967295, "Chip": "g", "Offset": 0}]}"#,
    );
    check(&sandbox, &[])
        .timeout(std::time::Duration::from_secs(20))
        .assert()
        .success()
        .stdout(contains("lines 0-6 of").and(contains("lines 8-4294967294 of")));
}

#[test]
fn the_exit_status_is_that_of_the_worst_finding() {
    let fine = device(&[r#""Gpio": [2]"#]);
    check(&fine, &["--strict"])
        .assert()
        .success()
        .stderr(is_empty())
        .stdout(contains("0 errors, 0 warnings, 3 notes\n"));
    let warned = device(&[r#""AllowedTcpServerPorts": [80, 80]"#]);
    check(&warned, &[]).assert().success();
    check(&warned, &["--strict"])
        .assert()
        .code(1)
        .stdout(contains("error[duplicate-grant]: m1.json:3:48: ").and(contains("1 error, ")));
    check(&device(&["\"Gpio\": [9]"]), &[]).assert().code(1);
    sphere(fine.folder()).arg("check").assert().code(2);
}

#[test]
fn the_order_of_files_does_not_matter_and_no_file_counts_twice() {
    let sandbox = device(&[r#""Gpio": [2], "SystemTime": true"#, r#""Gpio": [2]"#]);
    let output = |files: &[&str]| {
        let mut command = sphere(sandbox.folder());
        command.args(["check", "--board", "board.json"]).args(files);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let first = output(&["m1.json", "m2.json"]);
    assert_eq!(output(&["m2.json", "m1.json", "./m2.json"]), first);
}

#[test]
fn every_code_is_documented_with_its_severity() {
    let text = include_str!("../../MAP.md");
    for code in Code::ALL {
        let row = format!("\n| `{code}` | ");
        assert!(text.contains(&row), "{code}");
    }
    let rows = text.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, Code::ALL.len());
}
