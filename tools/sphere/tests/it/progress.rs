// SPDX-License-Identifier: GPL-2.0

//! Progress is for people who wait at a terminal, and for nobody else.

use std::path::PathBuf;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};

use crate::support::{Sandbox, manifest};

/// Checks two manifests, of which the first takes more than a second to read, by `command` with the
/// check in place of CHECK.
fn slow_check(command: &str) -> assert_cmd::assert::Assert {
    let sandbox = Sandbox::new();
    sandbox.write("board.json", r#"{"SchemaVersion": 1}"#);
    sandbox.write("m1.json", &manifest(1, ""));
    sandbox.write("m2.json", &manifest(2, ""));
    let program = PathBuf::from(env!("CARGO_BIN_EXE_sphere"));
    let check = format!(
        "{} check --board board.json slow.json m2.json",
        program.display()
    );
    let command = command.replace("CHECK", &check);
    Command::new("bash")
        .current_dir(sandbox.folder())
        .args([
            "-c",
            &format!("mkfifo slow.json; (sleep 1.3; cat m1.json >slow.json) & {command}"),
        ])
        .assert()
        .success()
}

#[test]
fn a_terminal_is_told_how_far_it_is() {
    slow_check("script -qec 'CHECK' /dev/null </dev/null").stdout(
        contains("\rreading manifests: 2 of 2\r\u{1b}[K").and(contains("0 errors, 0 warnings")),
    );
}

#[test]
fn a_file_is_not() {
    slow_check("CHECK").stderr(is_empty());
}
