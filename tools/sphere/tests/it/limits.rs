// SPDX-License-Identifier: GPL-2.0

//! Limits of board files: which application gets which, and what is refused.

use crate::support::{Sandbox, manifest, sphere};

const FIRST: &str = "5a6b2c0d-0000-4000-8000-000000000001";

fn board(members: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let board = format!("{{\"SchemaVersion\": 1,\n{members}}}");
    sandbox.write("board.json", &board);
    sandbox.write("m.json", &manifest(1, ""));
    sandbox
}

fn launch(members: &str) -> String {
    let (packed, report) = board(members).pack();
    packed.unwrap_or_else(|| panic!("{report:?}")).launch
}

fn refused(members: &str) -> String {
    let sandbox = board(members);
    let (packed, report) = sandbox.pack();
    assert!(packed.is_none(), "{members}");
    sandbox.words(&report)
}

#[test]
fn a_launch_file_says_what_the_board_says() {
    assert_eq!(launch(r#""Name": "x""#), "entry /bin/app\n");
    assert_eq!(launch(r#""Limits": {}"#), "entry /bin/app\n");
    let all = r#""Limits": {"MemoryKB": 512, "Processes": 4, "CpuPercent": 25}"#;
    let expected = "entry /bin/app\nmemory 512\nprocesses 4\ncpu 25\n";
    assert_eq!(launch(all), expected);
}

#[test]
fn what_is_said_about_one_application_goes_first() {
    let two = format!(
        r#""Limits": {{"MemoryKB": 512, "Processes": 4}},
        "ApplicationLimits": [
            {{"ComponentId": "{FIRST}", "MemoryKB": 2048, "CpuPercent": 100}},
            {{"ComponentId": "5a6b2c0d-0000-4000-8000-000000000002", "Processes": 1}}]"#
    );
    let expected = "entry /bin/app\nmemory 2048\nprocesses 4\ncpu 100\n";
    assert_eq!(launch(&two), expected);
}

#[test]
fn mistakes_are_named_with_their_place() {
    for (members, words) in [
        (
            r#""Limits": 5"#,
            "board.json:2:11: $.Limits: expected an object",
        ),
        (
            r#""Limits": {"MemoryKB": 63}"#,
            "board.json:2:24: $.Limits.MemoryKB: 63 is not an integer from 64 to 4194303",
        ),
        (
            r#""Limits": {"Processes": "2"}"#,
            "$.Limits.Processes: expected an integer, found a string",
        ),
        (
            r#""Limits": {"CpuPercent": 101}"#,
            "$.Limits.CpuPercent: 101 is not an integer from 1 to 100",
        ),
        (
            r#""Limits": {"MemoryKb": 64}"#,
            "$.Limits.MemoryKb: unknown key \"MemoryKb\"\n  hint: did you mean \"MemoryKB\"?",
        ),
        (
            r#""ApplicationLimits": {}"#,
            "$.ApplicationLimits: expected an array, found an object",
        ),
        (
            r#""ApplicationLimits": [{"MemoryKB": 0}]"#,
            "$.ApplicationLimits[0].MemoryKB: 0 is not an integer",
        ),
        (
            r#""ApplicationLimits": [{"MemoryKB": 64}]"#,
            "$.ApplicationLimits[0]: \"ComponentId\" is missing",
        ),
        (
            r#""ApplicationLimits": [{"ComponentId": "telemetry"}]"#,
            "$.ApplicationLimits[0].ComponentId: \"telemetry\" is not a GUID",
        ),
    ] {
        let report = refused(members);
        assert!(report.contains(words), "{report}");
    }
    let twice = format!(
        r#""ApplicationLimits": [{{"ComponentId": "{FIRST}"}},
        {{"ComponentId": "{FIRST}", "Processes": 2}}]"#
    );
    let report = refused(&twice);
    let words = "$.ApplicationLimits[1].ComponentId: 5a6b2c0d-0000-4000-8000-000000000001 stands";
    assert!(report.contains(words), "{report}");
    assert!(report.contains("first at board.json:2:"), "{report}");
}

#[test]
fn more_than_before_is_a_gain() {
    let sandbox = board(r#""Limits": {"MemoryKB": 1025, "CpuPercent": 40}"#);
    let old = sandbox.path("old/.sphere");
    let new = sandbox.path("new/.sphere");
    let pack = |folder: &std::path::Path, board: &str| {
        std::fs::create_dir_all(folder).unwrap();
        sphere(sandbox.folder())
            .args(["pack", "m.json", "--board", board, "-o"])
            .arg(folder.join("identity"))
            .arg("--launch")
            .arg(folder.join("launch"))
            .assert()
            .success();
    };
    sandbox.write("small.json", r#"{"SchemaVersion": 1}"#);
    pack(&old, "small.json");
    pack(&new, "board.json");
    sphere(sandbox.folder())
        .args(["diff", "old", "new"])
        .assert()
        .code(1)
        .stdout("- use 50 % of a processor, not 40\n+ use 1025 KiB of memory, not 1024\n");
}
