// SPDX-License-Identifier: GPL-2.0

//! What the documents tell people to type works.

use std::env;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use assert_cmd::Command;

use crate::support::Sandbox;

fn top() -> PathBuf {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    top.canonicalize().expect("the repository")
}

/// A folder that looks like the top of the repository, to whose files nothing is written.
fn repository() -> Sandbox {
    let sandbox = Sandbox::new();
    symlink(top().join("samples"), sandbox.path("samples")).unwrap();
    sandbox
}

/// Runs a line as a shell would, with this sphere in the path.
fn run(sandbox: &Sandbox, line: &str) -> Option<i32> {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_sphere"));
    let path = env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", program.parent().unwrap().display());
    let output = Command::new("bash")
        .current_dir(sandbox.folder())
        .env("PATH", path)
        .args(["-c", line])
        .output()
        .unwrap();
    println!("{line}: {output:?}");
    output.status.code()
}

#[test]
fn the_commands_of_map_md_work() {
    let text = include_str!("../../MAP.md");
    let sandbox = repository();
    let mut lines = 0;
    for block in text.split("```sh\n").skip(1) {
        let block = block.split("```").next().unwrap();
        for line in block.lines() {
            // The one that shows a difference.
            let expected = i32::from(line.contains("--gains"));
            assert_eq!(run(&sandbox, line), Some(expected), "{line}");
            lines += 1;
        }
    }
    assert_eq!(lines, 13);
    for written in ["map.svg", "map.html", "man1/sphere-map.1"] {
        assert!(sandbox.path(written).is_file(), "{written}");
    }
}

#[test]
fn the_commands_of_the_readme_work() {
    const PROGRAM: &str = "build/cargo/release/sphere ";

    let text = fs::read_to_string(top().join("README.md")).unwrap();
    let sandbox = repository();
    // A program, where the line before would copy one to.
    let program = sandbox.write("gas-valve/bin/app", "");
    fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
    let lines: Vec<_> = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix(PROGRAM))
        .collect();
    assert!(lines.len() >= 4, "{lines:?}");
    for line in lines {
        assert_eq!(run(&sandbox, &format!("sphere {line}")), Some(0), "{line}");
    }
}

/// What MAP.md shows is what is printed.
#[test]
fn the_output_of_map_md_is_that_of_the_commands() {
    let text = include_str!("../../MAP.md");
    let sandbox = repository();
    let output = |line: &str| {
        let program = env!("CARGO_BIN_EXE_sphere");
        let line = line.replacen("sphere", program, 1);
        let output = Command::new("bash")
            .current_dir(sandbox.folder())
            .args(["-c", &line])
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let lines: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("sphere "))
        .collect();
    let printed: String = lines
        .iter()
        .filter(|line| line.contains(" check ") || line.contains(" diff "))
        .map(|line| output(line))
        .collect();
    for shown in text.lines().filter_map(|line| line.strip_prefix("    ")) {
        assert!(printed.contains(shown), "{shown}");
    }
}
