// SPDX-License-Identifier: GPL-2.0

//! Board files: what is accepted, what is refused, and what a component gets from one.

use crate::support::{Sandbox, manifest};
use sphere::pack::Request;
use sphere_core::capability::Capability;
use sphere_core::record::{MtdAccess, Record};

fn record(board: &str, capabilities: &str) -> (Record<Vec<u8>>, String) {
    let sandbox = Sandbox::new();
    sandbox.write("board.json", board);
    sandbox.write("m.json", &manifest(1, capabilities));
    let (packed, report) = sandbox.pack();
    let packed = packed.unwrap_or_else(|| panic!("{report:?}"));
    (
        Record::parse(packed.record).expect("a valid record"),
        packed.launch,
    )
}

fn refused(board: &str, capabilities: &str) -> String {
    let sandbox = Sandbox::new();
    sandbox.write("board.json", board);
    sandbox.write("m.json", &manifest(1, capabilities));
    let (packed, report) = sandbox.pack();
    assert!(packed.is_none(), "{board}");
    sandbox.words(&report)
}

#[test]
fn values_become_lines_by_range_and_one_by_one() {
    let board = r#"{"SchemaVersion": 1, "Gpio": [
        {"First": 0, "Last": 3, "Chip": "b", "Offset": 62},
        {"Value": 8, "Chip": "a", "Offset": 5}]}"#;
    let (record, _) = record(board, "\"Gpio\": [0, 1, 2, 3, 8]");
    let grants: Vec<_> = record
        .gpio()
        .map(|grant| (grant.chip.to_owned(), grant.base, grant.input, grant.output))
        .collect();
    assert_eq!(
        grants,
        [
            ("a".to_owned(), 0, 1 << 5, 1 << 5),
            ("b".to_owned(), 0, 3 << 62, 3 << 62),
            ("b".to_owned(), 64, 3, 3),
        ]
    );
}

#[test]
fn a_board_says_in_which_direction_a_line_may_be_used() {
    let board = r#"{"SchemaVersion": 1, "Gpio": [
        {"First": 0, "Last": 1, "Chip": "a", "Offset": 0, "Direction": "Input"},
        {"Value": 2, "Chip": "a", "Offset": 2, "Direction": "Output"},
        {"Value": 3, "Chip": "a", "Offset": 3, "Direction": "Both"},
        {"Value": 4, "Chip": "a", "Offset": 4},
        {"Value": 5, "Chip": "a", "Offset": 5, "Direction": "Input"},
        {"Value": 6, "Chip": "a", "Offset": 5, "Direction": "Output"}]}"#;
    let directions = |values| {
        let (record, _) = record(board, &format!("\"Gpio\": [{values}]"));
        let grant = record.gpio().next().expect("a grant");
        (grant.input, grant.output)
    };
    assert_eq!(directions("0, 1, 2, 3, 4"), (0b11011, 0b11100));
    assert_eq!(directions("1"), (0b10, 0));
    assert_eq!(directions("2"), (0, 0b100));
    // One line by two values.
    assert_eq!(directions("5"), (1 << 5, 0));
    assert_eq!(directions("5, 6"), (1 << 5, 1 << 5));
}

/// A reader of a line is another application's business as much as who drives it.
#[test]
fn a_line_belongs_to_one_application_whatever_the_direction() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "board.json",
        r#"{"SchemaVersion": 1, "Gpio": [
            {"Value": 5, "Chip": "a", "Offset": 5, "Direction": "Input"},
            {"Value": 6, "Chip": "a", "Offset": 5, "Direction": "Output"}]}"#,
    );
    sandbox.write("m.json", &manifest(1, "\"Gpio\": [5]"));
    let with = vec![sandbox.write("other.json", &manifest(2, "\"Gpio\": [6]"))];
    let (packed, report) = sandbox.pack_with(Request {
        with,
        ..Request::default()
    });
    assert!(packed.is_none());
    let words = sandbox.words(&report);
    let expected = "line 5 of GPIO chip \"a\" belongs to \"app 2\" already";
    assert!(words.contains(expected), "{words}");
}

#[test]
fn windows_of_large_chips_are_in_order() {
    let board =
        r#"{"SchemaVersion": 1, "Gpio": [{"First": 0, "Last": 1023, "Chip": "a", "Offset": 0}]}"#;
    let (record, _) = record(board, "\"Gpio\": [1023, 256, 64, 0]");
    let bases: Vec<_> = record.gpio().map(|grant| grant.base).collect();
    assert_eq!(bases, [0, 64, 256, 960]);
}

#[test]
fn controllers_become_devices_of_the_launch_file() {
    let board = r#"{"SchemaVersion": 1,
        "Uart": {"ISU0": "/dev/ttyS1"}, "I2cMaster": {"ISU1": "/dev/i2c-1"},
        "SpiMaster": {"ISU2": "/dev/spidev2.0"}, "Pwm": {"PWM-CONTROLLER-0": "/dev/pwmchip0"},
        "Adc": {"ADC-CONTROLLER-0": "/dev/iio:device0"}, "I2sSubordinate": {"I2S0": "/dev/snd/pcmC0D0p"}}"#;
    let (record, launch) = record(
        board,
        r#""Uart": ["ISU0"], "I2cMaster": ["ISU1"], "SpiMaster": ["ISU2"], "Pwm": ["PWM-CONTROLLER-0"],
           "Adc": ["ADC-CONTROLLER-0"], "I2sSubordinate": ["I2S0"]"#,
    );
    assert_eq!(
        launch,
        "entry /bin/app\n\
         device i2c /dev/i2c-1\n\
         device adc /dev/iio:device0\n\
         device pwm /dev/pwmchip0\n\
         device i2s /dev/snd/pcmC0D0p\n\
         device spi /dev/spidev2.0\n\
         device uart /dev/ttyS1\n"
    );
    assert_eq!(record.gpio().count(), 0);
}

#[test]
fn what_is_not_on_the_board_is_refused() {
    let board = r#"{"SchemaVersion": 1, "Gpio": [{"Value": 1, "Chip": "a", "Offset": 0}],
        "Uart": {"ISU0": "/dev/ttyS1"}}"#;
    for (capabilities, words) in [
        (
            "\"Gpio\": [2]",
            "error: m.json:3:27: $.Capabilities.Gpio[0]: this is Gpio 2, which is not on the board of board.json\n  \
             hint: map it under \"Gpio\" in the board file",
        ),
        (
            "\"Uart\": [\"ISU00\"]",
            "error: m.json:3:27: $.Capabilities.Uart[0]: this is Uart \"ISU00\", which is not on the board of board.json\n  \
             hint: did you mean \"ISU0\"?",
        ),
        // Mapped, but as something else.
        (
            "\"Pwm\": [\"ISU0\"]",
            "error: m.json:3:26: $.Capabilities.Pwm[0]: this is Pwm \"ISU0\", which is not on the board of board.json\n  \
             hint: map it under \"Pwm\" in the board file",
        ),
        (
            "\"Gpio\": [\"$LED\"]",
            "error: m.json:3:27: $.Capabilities.Gpio[0]: no hardware definition has $LED\n  \
             hint: name a hardware definition in the board file, or with --hardware",
        ),
    ] {
        assert_eq!(refused(board, capabilities), words);
    }
}

#[test]
fn a_board_can_give_a_component_more_than_its_manifest_can_ask_for() {
    let board = r#"{"SchemaVersion": 1, "Components": {
        "5A6B2C0D-0000-4000-8000-000000000001": {
            "Capabilities": ["HostName", "KernelLog"],
            "Partitions": [{"Name": "log", "Access": "ReadWrite"}, {"Name": "calibration", "Access": "Read"}]},
        "5a6b2c0d-0000-4000-8000-000000000002": {"Capabilities": ["UpdateImage"]}}}"#;
    let (record, _) = record(board, "\"SystemTime\": true");
    assert_eq!(
        record.capabilities().iter().collect::<Vec<_>>(),
        [
            Capability::SystemTime,
            Capability::HostName,
            Capability::KernelLog
        ]
    );
    let partitions: Vec<_> = record
        .mtd()
        .map(|grant| (grant.partition.to_owned(), grant.access))
        .collect();
    assert_eq!(
        partitions,
        [
            ("calibration".to_owned(), MtdAccess::Read),
            ("log".to_owned(), MtdAccess::ReadWrite)
        ]
    );
}

#[test]
fn boards_that_are_wrong_are_refused() {
    let long = "x".repeat(32);
    let id = "5a6b2c0d-0000-4000-8000-000000000001";
    for (members, reason) in [
        (r#""SchemaVersion": 2"#.to_owned(), "$.SchemaVersion: 2 is not an integer from 1 to 1"),
        (r#""Name": """#.to_owned(), "$.Name: \"\" is a placeholder"),
        (r#""Gpoi": []"#.to_owned(), "$.Gpoi: unknown key \"Gpoi\"\n  hint: did you mean \"Gpio\"?"),
        (r#""Gpio": {}"#.to_owned(), "$.Gpio: expected an array, found an object"),
        (r#""Gpio": [{"Chip": "a", "Offset": 0}]"#.to_owned(), "$.Gpio[0]: says not which values it maps"),
        (r#""Gpio": [{"Value": 1, "First": 1, "Last": 2, "Chip": "a", "Offset": 0}]"#.to_owned(),
            "$.Gpio[0]: says not which values it maps"),
        (r#""Gpio": [{"First": 1, "Chip": "a", "Offset": 0}]"#.to_owned(), "$.Gpio[0]: says not which"),
        (r#""Gpio": [{"First": 2, "Last": 1, "Chip": "a", "Offset": 0}]"#.to_owned(),
            "$.Gpio[0].Last: 1 is not an integer from 2 to"),
        (r#""Gpio": [{"First": 0, "Last": 9, "Chip": "a", "Offset": 4294967290}]"#.to_owned(),
            "$.Gpio[0]: leads to offsets that do not exist"),
        (r#""Gpio": [{"Value": 1, "Offset": 0}]"#.to_owned(), "$.Gpio[0]: \"Chip\" is missing"),
        (r#""Gpio": [{"Value": 1, "Chip": "a"}]"#.to_owned(), "$.Gpio[0]: \"Offset\" is missing"),
        (r#""Gpio": [{"Value": 1, "Chip": "", "Offset": 0}]"#.to_owned(), "$.Gpio[0].Chip: \"\" is a placeholder"),
        (format!(r#""Gpio": [{{"Value": 1, "Chip": "{long}", "Offset": 0}}]"#),
            "$.Gpio[0].Chip: has 32 bytes, and 31 is the most"),
        (r#""Gpio": [{"Value": 1, "Chip": "a", "Offset": 0, "Line": 1}]"#.to_owned(), "$.Gpio[0].Line: unknown key"),
        (r#""Gpio": [{"Value": 1, "Chip": "a", "Offset": 0, "Direction": "Inputs"}]"#.to_owned(),
            "$.Gpio[0].Direction: unknown direction \"Inputs\"\n  hint: did you mean \"Input\"?"),
        (r#""Gpio": [{"Value": 1, "Chip": "a", "Offset": 0, "Direction": 1}]"#.to_owned(),
            "$.Gpio[0].Direction: expected a string"),
        (r#""Gpio": [{"Value": 1, "Chip": "a", "Offset": 0}, {"First": 0, "Last": 1, "Chip": "b", "Offset": 0}]"#.to_owned(),
            "$.Gpio[1]: maps a value that is mapped already\n  note: first at board.json:1:31: $.Gpio[0]"),
        (r#""Uart": []"#.to_owned(), "$.Uart: expected an object, found an array"),
        (r#""Uart": {"ISU0": "ttyS1"}"#.to_owned(), "$.Uart.ISU0: \"ttyS1\" is no path of a device node"),
        (r#""Uart": {"ISU0": "/dev/../etc/passwd"}"#.to_owned(), "$.Uart.ISU0: \"/dev/../etc/passwd\" is no path"),
        (r#""Uart": {"ISU0": "/dev/"}"#.to_owned(), "$.Uart.ISU0: \"/dev/\" is no path"),
        (r#""Uart": {"ISU0": "/dev/a b"}"#.to_owned(), "$.Uart.ISU0: \"/dev/a b\" is no path"),
        (r#""Uart": {"ISU0": "/dev/a", "ISU0": "/dev/b"}"#.to_owned(), "$.Uart.ISU0: \"ISU0\" stands here twice"),
        (r#""Hardware": ["none.json"]"#.to_owned(), "none.json: cannot be read: "),
        (r#""Hardware": "none.json""#.to_owned(), "$.Hardware: expected an array, found a string"),
        (r#""Components": {"x": {}}"#.to_owned(), "$.Components.x: \"x\" is not the GUID of a component"),
        (format!(r#""Components": {{"{id}": {{"Capabilities": ["Everything"]}}}}"#),
            "Capabilities[0]: unknown capability \"Everything\""),
        (format!(r#""Components": {{"{id}": {{"Partitions": [{{"Name": "a", "Access": "Write"}}]}}}}"#),
            "Partitions[0].Access: unknown access \"Write\""),
        (format!(r#""Components": {{"{id}": {{"Partitions": [{{"Name": "a", "Access": "Read"}}, {{"Name": "a", "Access": "Read"}}]}}}}"#),
            "Partitions[1]: is a partition that stands here already"),
        (format!(r#""Components": {{"{id}": {{}}, "{}": {{}}}}"#, id.to_uppercase()), "stands here twice"),
        (format!(r#""Components": {{"{id}": {{"Partitions": [{{"Name": "a", "Access": "Read"}}]}},
            "5a6b2c0d-0000-4000-8000-000000000002": {{"Partitions": [{{"Name": "a", "Access": "Read"}}]}}}}"#),
            "partition \"a\" belongs to another component"),
    ] {
        let version = if members.contains("SchemaVersion") { "" } else { "\"SchemaVersion\": 1, " };
        let words = refused(&format!("{{{version}{members}}}"), "");
        assert!(words.contains(reason), "{members}: {words}");
    }
    assert!(refused("{}", "").contains("$: \"SchemaVersion\" is missing"));
    assert!(refused("[]", "").contains("$: expected an object, found an array"));
}
