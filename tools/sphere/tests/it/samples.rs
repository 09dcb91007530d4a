// SPDX-License-Identifier: GPL-2.0

//! What the project itself ships is what the tool accepts.

use std::fs;
use std::path::{Path, PathBuf};

use sphere::pack::{Request, pack};
use sphere::report::Report;

use crate::support::{Sandbox, manifest};

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples")
}

/// All samples run on one device, so no two of them ask for the same.
#[test]
fn the_samples_are_packed_together() {
    for board in ["qemu-x86_64", "raspberry-pi-4"] {
        pack_all(&samples().join("boards").join(board).with_extension("json"));
    }
}

fn pack_all(board: &Path) {
    let manifests: Vec<_> = fs::read_dir(samples())
        .expect("the samples")
        .map(|entry| entry.unwrap().path().join("app_manifest.json"))
        .filter(|manifest| manifest.is_file())
        .collect();
    assert!(!manifests.is_empty());
    for manifest in &manifests {
        let request = Request {
            manifest: manifest.clone(),
            board: board.to_owned(),
            with: manifests.clone(),
            ..Request::default()
        };
        let mut report = Report::default();
        assert!(pack(&request, &mut report).is_some(), "{report:?}");
    }
}

#[test]
fn the_board_of_the_documentation_is_accepted() {
    let text = include_str!("../../BOARDS.md");
    let (_, rest) = text.split_once("```json\n").expect("an example");
    let (board, _) = rest.split_once("```").expect("its end");
    let sandbox = Sandbox::new();
    let request = Request {
        manifest: sandbox.write(
            "m.json",
            &manifest(1, "\"Gpio\": [\"$LED\", 56], \"Uart\": [\"ISU0\"]"),
        ),
        board: sandbox.write("boards/board.json", board),
        ..Request::default()
    };
    sandbox.write(
        "hardware/example/appliance.json",
        r#"{"Peripherals": [{"Name": "LED", "Type": "Gpio", "AppManifestValue": 8}]}"#,
    );
    let mut report = Report::default();
    assert!(pack(&request, &mut report).is_some(), "{report:?}");
}
