// SPDX-License-Identifier: GPL-2.0

//! The launch file: what is accepted, what is refused and where.

use proptest::prelude::*;
use sphere_core::{
    launch::{ARGS_MAX, Device, DeviceType, LAUNCH_MAX, Launch, LaunchReason, LaunchSpec},
    limits::{Limit, Limits, OutOfRange},
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
        ("entry a\nmemory\n", 2, UnknownKey),
        ("entry a\nMemory 64\n", 2, UnknownKey),
        ("entry a\nmemory 63\n", 2, BadLimit(Limit::Memory)),
        ("entry a\nmemory 4194304\n", 2, BadLimit(Limit::Memory)),
        ("entry a\nmemory +64\n", 2, BadLimit(Limit::Memory)),
        ("entry a\nmemory 64 \n", 2, BadLimit(Limit::Memory)),
        ("entry a\nmemory 64k\n", 2, BadLimit(Limit::Memory)),
        ("entry a\nmemory \n", 2, BadLimit(Limit::Memory)),
        ("processes 0\nentry a\n", 1, BadLimit(Limit::Processes)),
        ("processes 32769\nentry a\n", 1, BadLimit(Limit::Processes)),
        (
            "processes 4294967297\nentry a\n",
            1,
            BadLimit(Limit::Processes),
        ),
        ("entry a\ncpu 0\n", 2, BadLimit(Limit::Cpu)),
        ("entry a\ncpu 101\n", 2, BadLimit(Limit::Cpu)),
        ("entry a\ncpu -1\n", 2, BadLimit(Limit::Cpu)),
        ("cpu 1\nentry a\ncpu 1\n", 3, SecondLimit(Limit::Cpu)),
        ("memory 64\nmemory 65\n", 2, SecondLimit(Limit::Memory)),
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
fn reads_what_an_application_may_use() {
    let limits = |text: &str| Launch::parse(text.as_bytes()).unwrap().limits();
    let values = |limits: Limits| Limit::ALL.map(|limit| limits.get(limit));
    let nothing = limits("entry a\n");
    assert_eq!(nothing, Limits::NONE);
    assert_eq!(values(nothing), [1024, 16, 50]);
    let all = limits("memory 64\nentry a\ncpu 100\nprocesses 1\n");
    assert_eq!(values(all), [64, 1, 100]);
    let some = limits("entry a\nmemory 4194303\n");
    assert_eq!(values(some), [4_194_303, 16, 50]);
    assert_eq!(
        some.to_string(),
        "4194303 KiB of memory, 16 processes, 50 % of a processor"
    );
    assert_eq!(values(some.or(&all)), [4_194_303, 1, 100]);
    assert_eq!(all.or(&some), all);
}

#[test]
fn the_reason_names_the_range() {
    for limit in Limit::ALL {
        let range = limit.range();
        let words = LaunchReason::BadLimit(limit).to_string();
        let expected = format!("from {} to {}", range.start(), range.end());
        assert!(words.ends_with(&expected), "{words}");
        assert!(range.contains(&limit.default()), "{words}");
        let mut limits = Limits::NONE;
        assert_eq!(limits.say(limit, range.end() + 1), Err(OutOfRange));
        assert_eq!(limits, Limits::NONE);
    }
}

#[test]
fn a_value_cannot_smuggle_a_line() {
    let spec = LaunchSpec {
        entry: "a",
        args: &["x\nentry b"],
        devices: &[],
        limits: Limits::NONE,
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
        memory in proptest::option::of(Limit::Memory.range()),
        cpu in proptest::option::of(Limit::Cpu.range()),
    ) {
        let device = Device { kind: DeviceType::ALL[kind], node: "/dev/node0" };
        let mut limits = Limits::NONE;
        for (limit, value) in [(Limit::Memory, memory), (Limit::Cpu, cpu)] {
            if let Some(value) = value {
                prop_assert_eq!(limits.say(limit, value), Ok(()));
            }
        }
        let spec = LaunchSpec { entry: &entry, args: &args, devices: &[device], limits };
        prop_assert_eq!(spec.check(), Ok(()));
        let text = spec.to_string();
        let launch = Launch::parse(text.as_bytes()).unwrap();
        prop_assert_eq!(launch.entry(), &entry);
        prop_assert_eq!(launch.args().collect::<Vec<_>>(), args);
        prop_assert_eq!(launch.devices().collect::<Vec<_>>(), [device]);
        prop_assert_eq!(launch.limits(), limits);
    }
}
