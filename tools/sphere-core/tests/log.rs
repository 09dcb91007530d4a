// SPDX-License-Identifier: GPL-2.0

//! Records of /dev/kmsg, names in lines, and the list of components.

use proptest::prelude::*;
use sphere_core::{
    component_list::{Line, Share},
    kmsg::{RECORD_MAX, Record},
    token::Token,
    uuid::Uuid,
    words::Name,
};

fn message(record: &[u8]) -> Option<String> {
    let mut buffer = [0; RECORD_MAX];
    Record::parse(record)?
        .message(&mut buffer)
        .map(str::to_owned)
}

#[test]
fn a_record_has_a_head_and_a_message() {
    let bytes = b"5,1234,98765432,-;sphere: denied gate=exec\n SUBSYSTEM=x\n DEVICE=+y\n";
    let record = Record::parse(bytes).unwrap();
    assert_eq!(
        (record.priority, record.sequence, record.microseconds),
        (5, 1234, 98_765_432)
    );
    assert!(record.is_from_kernel());
    assert_eq!(message(bytes).unwrap(), "sphere: denied gate=exec");
    // Later kernels may add to the head.
    assert_eq!(message(b"6,1,2,c,caller=T1;a;b\n").unwrap(), "a;b");
}

#[test]
fn what_a_program_writes_is_told_from_the_kernel() {
    let record = Record::parse(b"12,1,2,-;sphere: denied\n").unwrap();
    assert!(!record.is_from_kernel());
}

#[test]
fn escapes_are_undone() {
    assert_eq!(
        message(b"6,1,2,-;a\\x20b\\x5cc\\x0a\n").unwrap(),
        "a b\\c\n"
    );
    assert_eq!(message(b"6,1,2,-;\\x\\xg0\\x4").unwrap(), "\\x\\xg0\\x4");
    assert_eq!(message(b"6,1,2,-;\\xc3\\xa4").unwrap(), "\u{e4}");
    assert_eq!(message(b"6,1,2,-;\\xff"), None);
}

#[test]
fn broken_records_are_refused() {
    for broken in [
        &b""[..],
        b"6,1,2,-",
        b";",
        b"6;a",
        b"6,1,2;a",
        b"x,1,2,-;a",
        b"6,,2,-;a",
        b"-1,1,2,-;a",
        b"6,1,99999999999999999999999,-;a",
        b"\xff,1,2,-;a",
    ] {
        assert_eq!(Record::parse(broken), None, "{broken:?}");
    }
    let record = Record::parse(b"6,1,2,-;long").unwrap();
    assert_eq!(record.message(&mut [0; 3]), None);
    assert_eq!(record.message(&mut [0; 4]), Some("long"));
}

#[test]
fn names_are_decoded_and_safe() {
    let shown = |text| Token::new(text).map(|token| token.to_string());
    assert_eq!(shown("a%20b").as_deref(), Some("a b"));
    assert_eq!(shown("-").as_deref(), Some(""));
    assert_eq!(shown("%2D").as_deref(), Some("-"));
    assert_eq!(shown("%1B[2J").as_deref(), Some("?[2J"));
    assert_eq!(shown("%C3%A4%c3").as_deref(), Some("\u{e4}?"));
    assert_eq!(shown("%C3x").as_deref(), Some("?x"));
    assert_eq!(shown("%E2%82%AC%C2%9B").as_deref(), Some("\u{20ac}?"));
    for none in [
        "", "a b", "a\"b", "a\nb", "\u{e4}", "\u{7f}", "%4", "a%zz", "%",
    ] {
        assert_eq!(shown(none), None, "{none:?}");
    }
}

#[test]
fn every_line_of_a_component_is_read() {
    let id = "ed419d83-3c9d-4107-acb2-3a9815c2fcd1";
    for (text, expected) in [
        ("", Line::Blank),
        (
            &format!("component {id}"),
            Line::Component(Uuid::parse(id).unwrap()),
        ),
        (
            " name gas-valve",
            Line::Name(Token::new("gas-valve").unwrap()),
        ),
        (" tenant -", Line::Tenant(Token::new("-").unwrap())),
        (" uid 1001", Line::Uid(1001)),
        (
            " grant gpio gpio-sim.0 3 out",
            Line::Grant("gpio gpio-sim.0 3 out"),
        ),
        (
            " policy deny gpio gpio-sim.0 3 out",
            Line::Policy("deny gpio gpio-sim.0 3 out"),
        ),
        (
            " used 4096 of 8192",
            Line::Used(Share {
                bytes: 4096,
                most: 8192,
            }),
        ),
        (
            " written 52100 of 8388608",
            Line::Written(Share {
                bytes: 52100,
                most: 8_388_608,
            }),
        ),
        (
            " denied gpio 3",
            Line::Denied {
                gate: "gpio",
                count: 3,
            },
        ),
        (" missed 12", Line::Missed(12)),
    ] {
        assert_eq!(Line::parse(text), expected, "{text:?}");
    }
    for other in [
        "component",
        "component x",
        "name a",
        " ",
        "  name a",
        " name",
        " name ",
        " name a b",
        " name \u{1b}[2J",
        " uid x",
        " uid -1",
        " uid 4294967296",
        " grant ",
        " grant \t",
        " written 1",
        " written 1 of",
        " written 1 of x",
        " denied gpio",
        " denied  1",
        " new thing",
        " used 4096",
        " used 99999999999999999999 of 1",
        " used 1 of",
        " used 1 of x",
        " used  of 1",
    ] {
        assert_eq!(Line::parse(other), Line::Other(other), "{other:?}");
    }
}

proptest! {
    #[test]
    fn any_record_does_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
        if let Some(record) = Record::parse(&bytes) {
            let _ = record.message(&mut [0; 100]);
        }
    }

    #[test]
    fn any_line_does_not_panic(text in "\\PC{0,100}") {
        let _ = Line::parse(&text);
    }

    #[test]
    fn names_come_back(name in proptest::collection::vec(any::<u8>(), 0..40)) {
        let text = Name(&name).to_string();
        let token = Token::new(&text).unwrap();
        prop_assert!(token.is(&name));
        prop_assert!(!token.to_string().contains(char::is_control));
    }

    #[test]
    fn plain_text_is_shown_as_it_is(name in "[^\\p{Cc}]{0,20}") {
        let text = Name(name.as_bytes()).to_string();
        prop_assert_eq!(Token::new(&text).unwrap().to_string(), name);
    }
}
