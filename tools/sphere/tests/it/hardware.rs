// SPDX-License-Identifier: GPL-2.0

//! How `$NAMES` lead through hardware definitions and a board to resources.

use crate::support::{Sandbox, manifest};

/// A board that knows GPIO 0 to 9 and one serial port, with `definition` as its hardware.
fn sandbox(definition: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(
        "board.json",
        r#"{"SchemaVersion": 1, "Hardware": ["hw/def.json"], "HardwareFolders": ["far/more"],
            "Gpio": [{"First": 0, "Last": 9, "Chip": "gpio", "Offset": 0}],
            "Uart": {"ISU0": "/dev/ttyS1"}}"#,
    );
    sandbox.write("hw/def.json", definition);
    sandbox
}

/// The GPIO lines that a manifest with `$NAME` gets.
fn lines(sandbox: &Sandbox, name: &str) -> Vec<u64> {
    sandbox.write("m.json", &manifest(1, &format!("\"Gpio\": [\"${name}\"]")));
    let (packed, report) = sandbox.pack();
    let packed = packed.unwrap_or_else(|| panic!("{name}: {report:?}"));
    let record = sphere_core::record::Record::parse(packed.record).expect("a valid record");
    record.gpio().map(|grant| grant.input).collect()
}

/// What is said about a manifest with `$NAME`.
fn refused(sandbox: &Sandbox, kind: &str, name: &str) -> String {
    sandbox.write(
        "m.json",
        &manifest(1, &format!("\"{kind}\": [\"${name}\"]")),
    );
    let (packed, report) = sandbox.pack();
    assert!(packed.is_none(), "{name}");
    sandbox.words(&report)
}

const CHIP: &str = r#"{"Peripherals": [
    {"Name": "P3", "Type": "Gpio", "AppManifestValue": 3, "MainCoreHeaderValue": "(3)"},
    {"Name": "U0", "Type": "Uart", "AppManifestValue": "ISU0"},
    {"Name": "CS", "Type": "int", "MainCoreHeaderValue": "(-1)"}]}"#;

fn importing(paths: &str, peripherals: &str) -> String {
    format!(r#"{{"Imports": [{paths}], "Peripherals": [{peripherals}]}}"#)
}

#[test]
fn chains_of_mappings_end_in_a_value() {
    let sandbox = sandbox(&importing(
        r#"{"Path": "board.json"}"#,
        r#"{"Name": "LED", "Type": "Gpio", "Mapping": "BOARD_LED"}"#,
    ));
    sandbox.write(
        "hw/board.json",
        &importing(
            r#"{"Path": "../chip/chip.json"}"#,
            r#"{"Name": "BOARD_LED", "Type": "Gpio", "Mapping": "P3"}"#,
        ),
    );
    sandbox.write("chip/chip.json", CHIP);
    assert_eq!(lines(&sandbox, "LED"), [8]);
    // Names of imports can be asked for, too.
    assert_eq!(lines(&sandbox, "P3"), [8]);
}

#[test]
fn imports_are_found_beside_then_in_sibling_folders_then_in_the_boards_folders() {
    let definition = importing(
        r#"{"Path": "chip.json"}"#,
        r#"{"Name": "LED", "Type": "Gpio", "Mapping": "P"}"#,
    );
    let chip = |value: u32| {
        format!(
            r#"{{"Peripherals": [{{"Name": "P", "Type": "Gpio", "AppManifestValue": {value}}}]}}"#
        )
    };
    let sandbox = sandbox(&definition);
    sandbox.write("far/more/deep/chip.json", &chip(0));
    assert_eq!(lines(&sandbox, "LED"), [1]);
    sandbox.write("far/more/chip.json", &chip(1));
    assert_eq!(lines(&sandbox, "LED"), [2]);
    sandbox.write("sibling/chip.json", &chip(2));
    assert_eq!(lines(&sandbox, "LED"), [4]);
    sandbox.write("hw/chip.json", &chip(3));
    assert_eq!(lines(&sandbox, "LED"), [8]);
}

#[test]
fn an_import_that_could_be_two_files_is_refused() {
    let sandbox = sandbox(&importing(r#"{"Path": "chip.json"}"#, ""));
    sandbox.write("a/chip.json", CHIP);
    sandbox.write("b/chip.json", CHIP);
    let words = refused(&sandbox, "Gpio", "P3");
    assert_eq!(
        words,
        "error: hw/def.json:1:23: $.Imports[0].Path: \"chip.json\" could be hw/../a/chip.json or hw/../b/chip.json"
    );
}

#[test]
fn an_import_that_is_nowhere_is_refused() {
    let sandbox = sandbox(&importing(r#"{"Path": "chip.json"}"#, ""));
    assert_eq!(
        refused(&sandbox, "Gpio", "P3"),
        "error: hw/def.json:1:23: $.Imports[0].Path: \"chip.json\" is in none of the folders that are searched"
    );
}

#[test]
fn imports_that_go_in_a_circle_are_refused() {
    let sandbox = sandbox(&importing(r#"{"Path": "other.json"}"#, ""));
    sandbox.write("hw/other.json", &importing(r#"{"Path": "def.json"}"#, ""));
    assert_eq!(
        refused(&sandbox, "Gpio", "P3"),
        "error: hw/other.json:1:23: $.Imports[0].Path: \"def.json\" imports itself"
    );
}

#[test]
fn mappings_that_go_in_a_circle_are_refused() {
    let sandbox = sandbox(
        r#"{"Peripherals": [
{"Name": "A", "Type": "Gpio", "Mapping": "B"},
{"Name": "B", "Type": "Gpio", "Mapping": "A"},
{"Name": "SELF", "Type": "Gpio", "Mapping": "SELF"}]}"#,
    );
    assert_eq!(
        refused(&sandbox, "Gpio", "A"),
        "error: m.json:3:27: $.Capabilities.Gpio[0]: $A leads in a circle\n  note: defined at hw/def.json:2:1: $.Peripherals[0]"
    );
    assert!(refused(&sandbox, "Gpio", "SELF").contains("$SELF leads in a circle"));
}

#[test]
fn a_name_may_be_mapped_to_the_same_name_of_an_import() {
    let sandbox = sandbox(&importing(
        r#"{"Path": "chip.json"}"#,
        r#"{"Name": "P3", "Type": "Gpio", "Mapping": "P3"}"#,
    ));
    sandbox.write("hw/chip.json", CHIP);
    assert_eq!(lines(&sandbox, "P3"), [8]);
}

#[test]
fn names_that_lead_nowhere_are_refused_when_they_are_asked_for() {
    let sandbox = sandbox(
        r#"{"Peripherals": [
{"Name": "LED", "Type": "Gpio", "AppManifestValue": 1},
{"Name": "DANGLING", "Type": "Gpio", "Mapping": "NOWHERE"}]}"#,
    );
    assert_eq!(lines(&sandbox, "LED"), [2]);
    assert_eq!(
        refused(&sandbox, "Gpio", "DANGLING"),
        "error: m.json:3:27: $.Capabilities.Gpio[0]: $DANGLING leads to NOWHERE, which no definition has\n  \
         note: mapped at hw/def.json:3:49: $.Peripherals[1].Mapping"
    );
    assert_eq!(
        refused(&sandbox, "Gpio", "LEDD"),
        "error: m.json:3:27: $.Capabilities.Gpio[0]: no hardware definition has $LEDD\n  \
         note: looked for in hw/def.json and its imports\n  hint: did you mean $LED?"
    );
}

#[test]
fn types_have_to_agree() {
    let sandbox = sandbox(&importing(
        r#"{"Path": "chip.json"}"#,
        r#"{"Name": "LED", "Type": "Gpio", "Mapping": "U0"},
           {"Name": "TEXT", "Type": "Gpio", "AppManifestValue": "ISU0"},
           {"Name": "NUMBER", "Type": "Uart", "AppManifestValue": 0}"#,
    ));
    sandbox.write("hw/chip.json", CHIP);
    for (kind, name, reason) in [
        ("Gpio", "U0", "$U0 is of type Uart, not Gpio"),
        ("Gpio", "LED", "$LED is of type Uart, not Gpio"),
        ("SpiMaster", "CS", "$CS is of type int, not SpiMaster"),
        (
            "Gpio",
            "TEXT",
            "$TEXT is \"ISU0\", which is no value of type Gpio",
        ),
        (
            "Uart",
            "NUMBER",
            "$NUMBER is 0, which is no value of type Uart",
        ),
    ] {
        let words = refused(&sandbox, kind, name);
        assert!(words.contains(reason), "{words}");
    }
}

#[test]
fn a_name_without_a_value_is_refused() {
    let sandbox = sandbox(r#"{"Peripherals": [{"Name": "LED", "Type": "Gpio", "Maping": "P3"}]}"#);
    let words = refused(&sandbox, "Gpio", "LED");
    assert!(
        words.contains("$LED leads to LED, which has neither Mapping nor AppManifestValue"),
        "{words}"
    );
}

#[test]
fn imports_that_disagree_are_refused() {
    let sandbox = sandbox(&importing(r#"{"Path": "a.json"}, {"Path": "b.json"}"#, ""));
    sandbox.write("hw/a.json", CHIP);
    sandbox.write("hw/b.json", CHIP);
    let words = refused(&sandbox, "Gpio", "P3");
    assert!(
        words.contains("P3 is defined by several imports"),
        "{words}"
    );
    // One file by two ways is no disagreement.
    sandbox.write("hw/a.json", &importing(r#"{"Path": "b.json"}"#, ""));
    assert_eq!(lines(&sandbox, "P3"), [8]);
}

#[test]
fn definitions_that_are_wrong_are_refused() {
    for (definition, reason) in [
        (
            r#"{"Metadata": {"Type": "Something else"}, "Peripherals": []}"#,
            "$.Metadata.Type: expected",
        ),
        (
            r#"{"Metadata": {"Version": 2}, "Peripherals": []}"#,
            "$.Metadata.Version: 2 is not",
        ),
        (r#"{}"#, "$: \"Peripherals\" is missing"),
        (
            r#"{"Peripherals": [{"Type": "Gpio"}]}"#,
            "$.Peripherals[0]: \"Name\" is missing",
        ),
        (
            r#"{"Peripherals": [{"Name": "A"}]}"#,
            "$.Peripherals[0]: \"Type\" is missing",
        ),
        (
            r#"{"Peripherals": [{"Name": "A", "Type": "Gpio", "AppManifestValue": true}]}"#,
            "$.Peripherals[0].AppManifestValue: expected an integer or a string",
        ),
        (
            r#"{"Peripherals": [{"Name": "A", "Type": "Gpio", "AppManifestValue": 1, "Mapping": "B"}]}"#,
            "$.Peripherals[0]: has both",
        ),
        (
            r#"{"Peripherals": [{"Name": "A", "Type": "x"}, {"Name": "A", "Type": "x"}]}"#,
            "$.Peripherals[1]: \"A\" is defined twice",
        ),
        (
            r#"{"Imports": ["a.json"], "Peripherals": []}"#,
            "$.Imports[0]: expected an object",
        ),
        (
            r#"{"Imports": [{}], "Peripherals": []}"#,
            "$.Imports[0]: \"Path\" is missing",
        ),
        (r#"{"Peripherals": {}}"#, "$.Peripherals: expected an array"),
    ] {
        let words = refused(&sandbox(definition), "Gpio", "A");
        assert!(words.contains(reason), "{definition}: {words}");
    }
}

#[test]
fn definitions_of_the_command_line_go_first() {
    let sandbox = sandbox(CHIP);
    let override_ = sandbox.write(
        "override.json",
        r#"{"Peripherals": [{"Name": "P3", "Type": "Gpio", "AppManifestValue": 5}]}"#,
    );
    sandbox.write("m.json", &manifest(1, "\"Gpio\": [\"$P3\"]"));
    let request = sphere::pack::Request {
        hardware: vec![override_],
        ..Default::default()
    };
    let (packed, report) = sandbox.pack_with(request);
    let record = packed.unwrap_or_else(|| panic!("{report:?}")).record;
    let record = sphere_core::record::Record::parse(record).unwrap();
    assert_eq!(record.gpio().next().unwrap().output, 1 << 5);
}
