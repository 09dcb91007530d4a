// SPDX-License-Identifier: GPL-2.0

//! Denials as lines: the form that programs rely on.

use proptest::prelude::*;
use proptest::sample::select;
use sphere_core::denial::{Denial, OBJECT_SIZE};
use sphere_core::gate::Gate;
use sphere_core::gpio::{LineRequest, Refused};
use sphere_core::grants::Grants;
use sphere_core::net::Object;
use sphere_core::record::Protocol;
use sphere_core::role::Role;
use sphere_core::uuid::Uuid;
use sphere_core::words::{Buffer, Decoded, Name};
use std::ffi::CString;
use std::fmt::Arguments;

const COMPONENT: Uuid = Uuid([0x8c; 16]);

fn denial<'a>(object: Arguments<'_>, comm: &'a [u8]) -> Denial<'a> {
    let object = Box::leak(Box::new(Buffer::of(object)));
    Denial {
        permitted: false,
        gate: Gate::Gpio,
        object,
        right: "out",
        reason: "line",
        errno: 13,
        who: Role::Application(COMPONENT),
        pid: 12,
        comm,
        missed: 0,
    }
}

#[test]
fn all_keys_in_their_order() {
    assert_eq!(
        denial(format_args!("gpio-sim.0:3"), b"led").to_string(),
        "denied gate=gpio object=gpio-sim.0:3 right=out reason=line errno=13 \
         component=8c8c8c8c-8c8c-8c8c-8c8c-8c8c8c8c8c8c pid=12 comm=led"
    );
}

/// Whatever a task asks for, the line still says who it was.
#[test]
fn what_is_too_long_is_cut() {
    let most = "x".repeat(OBJECT_SIZE - 1);
    let line = denial(format_args!("{most}"), b"led").to_string();
    assert!(line.contains(&format!("object={most} right=out")));
    let line = denial(format_args!("{most}y"), b"led").to_string();
    let (cut, _) = most.split_at(OBJECT_SIZE - 4);
    assert!(line.contains(&format!("object={cut}... right=out")));
    assert!(line.ends_with("comm=led"));
}

#[test]
fn what_was_permitted_and_what_was_missed() {
    let denial = Denial {
        permitted: true,
        gate: Gate::Exec,
        right: "setuid",
        reason: "uid-kept",
        errno: 1,
        who: Role::None,
        pid: i32::MAX,
        missed: u32::MAX,
        ..denial(format_args!("-"), b"a b")
    };
    assert_eq!(
        denial.to_string(),
        "permitted gate=exec object=- right=setuid reason=uid-kept errno=1 component=none \
         pid=2147483647 comm=a%20b missed=4294967295"
    );
    let one = Denial {
        missed: 1,
        ..denial
    };
    assert!(one.to_string().ends_with(" comm=a%20b missed=1"));
    let none = Denial {
        missed: 0,
        ..denial
    };
    assert!(none.to_string().ends_with(" comm=a%20b"));
}

#[test]
fn every_role_has_its_word() {
    for (who, word) in [
        (Role::None, "none"),
        (Role::Manager, "manager"),
        (Role::Kernel, "kernel"),
        (
            Role::Application(COMPONENT),
            "8c8c8c8c-8c8c-8c8c-8c8c-8c8c8c8c8c8c",
        ),
    ] {
        let line = Denial {
            who,
            ..denial(format_args!("-"), b"x")
        };
        assert!(line.to_string().contains(&format!(" component={word} ")));
    }
}

#[test]
fn every_gate_has_its_word() {
    let words = [
        "capability",
        "exec",
        "gpio",
        "mount",
        "mtd",
        "network",
        "peer",
        "storage",
        "syscall",
        "trace",
    ];
    assert_eq!(Gate::ALL.len(), words.len());
    for (&gate, word) in Gate::ALL.iter().zip(words) {
        let line = Denial {
            gate,
            ..denial(format_args!("-"), b"x")
        };
        assert!(
            line.to_string()
                .starts_with(&format!("denied gate={word} object=- "))
        );
        assert_eq!(Gate::from_name(word), Some(gate));
    }
    for word in ["", "Gpio", "gpi", "gpio "] {
        assert_eq!(Gate::from_name(word), None);
    }
}

/// A thread names itself: whatever it chooses, it cannot make a line look like another.
#[test]
fn names_of_threads_forge_nothing() {
    for (comm, word) in [
        (&b""[..], "-"),
        (b"-", "%2D"),
        (b"a missed=9", "a%20missed=9"),
        (b"x\nsphere: denied", "x%0Asphere:%20denied"),
        (b"\x1b[2J", "%1B[2J"),
        (b"\"%\"#", "%22%25%22%23"),
        (b"\xff\xfe", "%FF%FE"),
    ] {
        let line = denial(format_args!("-"), comm).to_string();
        assert!(line.ends_with(&format!(" comm={word}")), "{line}");
    }
}

/// Keys and values of a line; panics where it is none.
fn keys(line: &str) -> Vec<(&str, &str)> {
    let mut words = line.split(' ');
    assert!(matches!(words.next(), Some("denied" | "permitted")));
    words
        .map(|word| word.split_once('=').expect("a key and its value"))
        .collect()
}

fn objects() -> impl Strategy<Value = String> {
    let number = any::<i32>;
    prop_oneof![
        any::<Vec<u8>>().prop_map(|name| Name(&name).to_string()),
        any::<[i32; 3]>().prop_map(|numbers| Object::Socket(numbers).to_string()),
        any::<u16>().prop_map(|port| Object::Port(Protocol::Tcp, port).to_string()),
        any::<Vec<u8>>().prop_map(|bytes| Object::Address(Protocol::Udp, &bytes).to_string()),
        (select(&[0u16, 2, 10][..]), any::<[u8; 26]>()).prop_map(|(family, rest)| {
            let address = [&family.to_ne_bytes()[..], &rest].concat();
            Object::Address(Protocol::Tcp, &address).to_string()
        }),
        (number(), number()).prop_map(|(level, name)| Object::Option(level, name).to_string()),
        (number(), number()).prop_map(|(level, kind)| Object::Control(level, kind).to_string()),
        (any::<Vec<u8>>(), any::<Vec<u32>>()).prop_map(|(mut chip, offsets)| {
            chip.retain(|&byte| byte != 0);
            let chip = CString::new(chip).expect("no zeros");
            let (input, output) = (0, u64::MAX);
            let request = LineRequest {
                chip: &chip,
                offsets: offsets.get(..64).unwrap_or(&offsets),
                input,
                output,
            };
            let grants = &Grants::NOTHING;
            let request = &request;
            Refused { grants, request }.to_string()
        }),
    ]
}

proptest! {
    #[test]
    fn any_line_is_read_back_key_by_key(
        object in objects(),
        comm: Vec<u8>,
        permitted: bool,
        errno in 1i32..134,
        pid in 0i32..,
        missed: u32,
        gate in select(Gate::ALL),
        who in select(&[Role::None, Role::Manager, Role::Application(COMPONENT)][..]),
    ) {
        let format = object.clone();
        let object = match object.get(..OBJECT_SIZE - 4) {
            Some(cut) if object.len() >= OBJECT_SIZE => format!("{cut}..."),
            _ => object,
        };
        let line = Denial {
            permitted,
            gate,
            errno,
            who,
            pid,
            missed,
            ..denial(format_args!("{format}"), &comm)
        }
        .to_string();
        prop_assert!(line.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{}", line);
        prop_assert!(!line.contains(['"', '#']), "{}", line);
        prop_assert_eq!(line.starts_with("permitted "), permitted);
        let (errno, pid, who) = (errno.to_string(), pid.to_string(), who.to_string());
        let (missed_text, keys) = (missed.to_string(), keys(&line));
        let comm_word = keys[7].1;
        prop_assert!(Decoded::of(comm_word).is(&comm));
        let mut expected = vec![
            ("gate", gate.name()),
            ("object", object.as_str()),
            ("right", "out"),
            ("reason", "line"),
            ("errno", &errno),
            ("component", &who),
            ("pid", &pid),
            ("comm", comm_word),
        ];
        if missed > 0 {
            expected.push(("missed", &missed_text));
        }
        prop_assert_eq!(keys, expected);
    }
}
