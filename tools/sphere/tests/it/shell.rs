// SPDX-License-Identifier: GPL-2.0

//! Completions and manual pages: there is one for every command.

use std::fs;
use std::path::Path;

use predicates::prelude::*;
use predicates::str::contains;

use crate::support::{Sandbox, sphere};

const COMMANDS: [&str; 13] = [
    "pack",
    "image",
    "rootfs",
    "key",
    "sign",
    "inspect",
    "check",
    "map",
    "diff",
    "learn",
    "policy",
    "completions",
    "man",
];

#[test]
fn every_shell_completes_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let output = sphere(Path::new("."))
            .args(["completions", shell])
            .assert()
            .success()
            .get_output()
            .stdout
            .clone();
        let script = String::from_utf8(output).unwrap();
        for word in COMMANDS
            .into_iter()
            .chain(["strict", "ports-max", "gains", "image-version"])
        {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    sphere(Path::new("."))
        .args(["completions", "csh"])
        .assert()
        .code(2);
}

/// That bash takes the script, and knows what comes after `sphere`.
#[test]
fn bash_completes_with_it() {
    let sandbox = Sandbox::new();
    let script = sphere(sandbox.folder())
        .args(["completions", "bash"])
        .output()
        .unwrap()
        .stdout;
    fs::write(sandbox.path("sphere.bash"), script).unwrap();
    assert_cmd::Command::new("bash")
        .current_dir(sandbox.folder())
        .args(["--norc", "-c"])
        .arg(". ./sphere.bash; COMP_WORDS=(sphere ma); COMP_CWORD=1; _sphere sphere ma sphere; echo \"${COMPREPLY[@]}\"")
        .assert()
        .success()
        .stdout(contains("map").and(contains("man")));
}

#[test]
fn every_command_has_a_manual_page() {
    let sandbox = Sandbox::new();
    sphere(sandbox.folder())
        .args(["man", "share/man1"])
        .assert()
        .success();
    let page = |name: &str| fs::read_to_string(sandbox.path(&format!("share/man1/{name}.1")));
    for command in COMMANDS {
        let text = page(&format!("sphere-{command}")).expect(command);
        assert!(text.contains(&format!(".TH sphere-{command} 1")), "{text}");
        assert!(text.contains(".SH SYNOPSIS"), "{text}");
    }
    // That of a command of a command, too.
    for command in ["policy-check", "key-new", "key-show", "key-check"] {
        assert!(page(&format!("sphere-{command}")).is_ok(), "{command}");
    }
    assert!(page("sphere-policy-help").is_err());
    let whole = page("sphere").unwrap();
    sphere(sandbox.folder())
        .arg("man")
        .assert()
        .success()
        .stdout(whole);
}
