// SPDX-License-Identifier: GPL-2.0

//! The launch file: what is accepted, what is refused and where.

use proptest::prelude::*;
use sphere_core::launch::{
    ARGS_MAX, Device, DeviceType, LAUNCH_MAX, Launch, LaunchReason, LaunchSpec,
};

fn refused(text: &str) -> (usize, LaunchReason) {
    let error = Launch::parse(text.as_bytes()).expect_err(text);
    (error.line, error.reason)
}

#[test]
fn reads_entry_arguments_and_devices() {
    let text = "entry /bin/app\narg -v\narg two words\narg \ndevice uart /dev/ttyS1\n";
    let launch = Launch::parse(text.as_bytes()).unwrap();
    assert_eq!(launch.entry(), "bin/app");
    assert_eq!(launch.args().collect::<Vec<_>>(), ["-v", "two words", ""]);
    let device = Device {
        kind: DeviceType::Uart,
        node: "/dev/ttyS1",
    };
    assert_eq!(launch.devices().collect::<Vec<_>>(), [device]);
}

#[test]
fn last_line_needs_no_line_feed() {
    assert_eq!(Launch::parse(b"entry app").unwrap().entry(), "app");
}

#[test]
fn names_line_and_reason() {
    use LaunchReason::*;
    for (text, line, reason) in [
        ("", 1, NoEntry),
        ("arg x\n", 2, NoEntry),
        ("entry a\nentry b\n", 2, SecondEntry),
        ("entry a\n\narg x\n", 2, UnknownKey),
        ("entry a\n\n", 2, UnknownKey),
        ("entry\n", 1, UnknownKey),
        ("Entry a\n", 1, UnknownKey),
        ("entry a\nenv X=1\n", 2, UnknownKey),
        ("entry \n", 1, BadEntry),
        ("entry /\n", 1, BadEntry),
        ("entry //bin/a\n", 1, BadEntry),
        ("entry bin/../../a\n", 1, BadEntry),
        ("entry ./a\n", 1, BadEntry),
        ("entry a/\n", 1, BadEntry),
        ("entry a\r\n", 1, ControlCharacter),
        ("entry a\narg x\x1b[2J\n", 2, ControlCharacter),
        ("entry a\narg x\0\n", 2, ControlCharacter),
        ("entry a\narg x\u{85}\n", 2, ControlCharacter),
        ("entry a\ndevice uart\n", 2, UnknownDeviceType),
        ("entry a\ndevice tape /dev/st0\n", 2, UnknownDeviceType),
        ("entry a\ndevice uart ttyS0\n", 2, BadNode),
        ("entry a\ndevice uart /dev/\n", 2, BadNode),
        ("entry a\ndevice uart /dev/../etc/x\n", 2, BadNode),
    ] {
        assert_eq!(refused(text), (line, reason), "{text:?}");
    }
    let error = Launch::parse(b"entry a\narg \xff\n").unwrap_err();
    assert_eq!((error.line, error.reason), (2, NotUtf8));
}

#[test]
fn limits_hold() {
    let args = "arg x\n".repeat(ARGS_MAX);
    assert!(Launch::parse(format!("entry a\n{args}").as_bytes()).is_ok());
    let reason = refused(&format!("entry a\n{args}arg y\n"));
    assert_eq!(reason, (ARGS_MAX + 2, LaunchReason::TooManyArgs));
    let longest = format!("entry a\narg {}", "x".repeat(LAUNCH_MAX - 12));
    assert!(Launch::parse(longest.as_bytes()).is_ok());
    assert_eq!(refused(&format!("{longest}x")).1, LaunchReason::TooLong);
}

#[test]
fn a_value_cannot_smuggle_a_line() {
    let spec = LaunchSpec {
        entry: "a",
        args: &["x\nentry b"],
        devices: &[],
    };
    assert_eq!(spec.check(), Err(LaunchReason::ControlCharacter));
}

proptest! {
    #[test]
    fn any_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(launch) = Launch::parse(&bytes) {
            prop_assert!(!launch.entry().is_empty());
        }
    }

    #[test]
    fn what_passes_check_is_read_back(
        entry in "[a-z]{1,8}(/[a-z]{1,8}){0,3}",
        args in proptest::collection::vec("\\PC{0,20}", 0..6),
        kind in 0..DeviceType::ALL.len(),
    ) {
        let device = Device { kind: DeviceType::ALL[kind], node: "/dev/node0" };
        let spec = LaunchSpec { entry: &entry, args: &args, devices: &[device] };
        prop_assert_eq!(spec.check(), Ok(()));
        let text = spec.to_string();
        let launch = Launch::parse(text.as_bytes()).unwrap();
        prop_assert_eq!(launch.entry(), &entry);
        prop_assert_eq!(launch.args().collect::<Vec<_>>(), args);
        prop_assert_eq!(launch.devices().collect::<Vec<_>>(), [device]);
    }
}
