// SPDX-License-Identifier: GPL-2.0

//! `sphere policy check`: the kernel's answer, and what the board does not have.

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};

use crate::support::{Sandbox, sphere};

const BOARD: &str = r#"{"SchemaVersion": 1,
    "Gpio": [ {"First": 0, "Last": 3, "Chip": "gpio sim", "Offset": 0} ],
    "Components": {
        "5a6b2c0d-0000-4000-8000-000000000001": {
            "Partitions": [ {"Name": "calibration", "Access": "Read"} ]
        }
    }}"#;

const POLICY: &str = "\
# for the lab
version 1
check syscall off
component * deny gpio gpio%20sim 0-99 out
component * deny mtd calibration write
";

fn check(sandbox: &Sandbox, policy: &str, rest: &[&str]) -> assert_cmd::assert::Assert {
    sandbox.write("p", policy);
    sandbox.write("board.json", BOARD);
    let mut command: Command = sphere(sandbox.folder());
    command.args(["policy", "check", "p"]).args(rest).assert()
}

#[test]
fn a_policy_in_order_is_counted() {
    let sandbox = Sandbox::new();
    for rest in [&[][..], &["--board", "board.json"]] {
        check(&sandbox, POLICY, rest)
            .success()
            .stdout("p: ok, 4 statements\n")
            .stderr(is_empty());
    }
    sphere(sandbox.folder())
        .args(["policy", "check", "-"])
        .write_stdin("version 1\n")
        .assert()
        .success()
        .stdout("-: ok, 1 statement\n");
}

#[test]
fn a_mistake_is_named_with_its_line() {
    let sandbox = Sandbox::new();
    check(&sandbox, &format!("{POLICY}check exec off\n"), &[])
        .code(1)
        .stdout(is_empty())
        .stderr("error: p:6: this gate cannot be turned off\n");
    check(&sandbox, "version 1", &[])
        .code(1)
        .stderr(contains("error: p: the last line has no end"));
    check(&sandbox, POLICY, &["--board", "nowhere.json"])
        .code(1)
        .stderr(contains("nowhere.json"));
    sphere(sandbox.folder())
        .args(["policy", "check", "nowhere"])
        .assert()
        .code(1)
        .stderr(contains("nowhere cannot be read"));
}

#[test]
fn what_the_board_does_not_have_is_a_warning() {
    let sandbox = Sandbox::new();
    // Lines of two windows, and said once.
    let policy = "version 1\nnobody allow gpio gpio%20sin 0-99 in\n\
                  component * deny mtd log read\nnobody allow gpio %FF 1 in\n";
    check(&sandbox, policy, &["--board", "board.json"])
        .success()
        .stdout("p: ok, 4 statements\n")
        .stderr(
            contains(
                "warning: p:2: board.json has no GPIO chip \"gpio sin\"\n  \
                 hint: did you mean \"gpio sim\"?\n",
            )
            .count(1)
            .and(contains(
                "warning: p:3: board.json has no flash partition \"log\"\n  \
                 hint: compare it with those under \"Components\"",
            ))
            .and(contains("warning: p:4: board.json has no GPIO chip")),
        );
    check(&sandbox, policy, &[]).success().stderr(is_empty());
    // A policy that is refused is not compared.
    check(
        &sandbox,
        &format!("{policy}x\n"),
        &["--board", "board.json"],
    )
    .code(1)
    .stderr(contains("warning").not());
}
