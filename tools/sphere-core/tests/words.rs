// SPDX-License-Identifier: GPL-2.0

//! Names, numbers and lists of lines as words.

use proptest::prelude::*;
use sphere_core::words::{Decimal, Decoded, Lines, Name, NotAName, number, range};

fn decoded(word: &str) -> Result<Vec<u8>, NotAName> {
    Decoded::of(word).collect()
}

fn lines(base: u32, lines: u64) -> String {
    let separator = ',';
    Lines {
        base,
        lines,
        separator,
    }
    .to_string()
}

#[test]
fn names_as_they_are_written() {
    for (name, word) in [
        (&b""[..], "-"),
        (b"-", "%2D"),
        (b"--", "--"),
        (b"-a", "-a"),
        (b"gpio-sim.0", "gpio-sim.0"),
        (
            b"!$&'()*+,/:;<=>?@[\\]^_`{|}~",
            "!$&'()*+,/:;<=>?@[\\]^_`{|}~",
        ),
        (b" ", "%20"),
        (b"%", "%25"),
        (b"%20", "%2520"),
        (b"\"", "%22"),
        (b"#", "%23"),
        (b"a b\tc\n", "a%20b%09c%0A"),
        ("größe".as_bytes(), "gr%C3%B6%C3%9Fe"),
        (b"\0\x1f\x7f\x80\xff", "%00%1F%7F%80%FF"),
    ] {
        assert_eq!(Name(name).to_string(), word);
        assert_eq!(decoded(word).as_deref(), Ok(name), "{word}");
        assert!(Decoded::of(word).is(name), "{word}");
    }
}

/// Whatever was written without need, and with digits of either case.
#[test]
fn all_digits_are_read() {
    for byte in 0..=255u8 {
        let name = [b'a', byte, b'z'];
        for word in [format!("a%{byte:02x}z"), format!("a%{byte:02X}%7a")] {
            assert_eq!(decoded(&word).as_deref(), Ok(&name[..]), "{word}");
        }
    }
}

#[test]
fn percent_needs_two_digits() {
    for word in [
        "%", "%4", "a%", "a%4", "%g0", "%0g", "%%20", "% 4", "%+4", "%4%", "%-1", "%é",
    ] {
        assert_eq!(decoded(word), Err(NotAName), "{word}");
        // It is no name, so it is none of these.
        for name in [&b""[..], b"%", b"a", word.as_bytes()] {
            assert!(!Decoded::of(word).is(name), "{word}");
        }
    }
}

#[test]
fn a_name_is_compared_as_a_whole() {
    for name in ["", "a", "ab ", "ab c ", "ab cd", "AB C", "ab%20c"] {
        assert!(!Decoded::of("ab%20c").is(name.as_bytes()), "{name}");
    }
    assert!(Decoded::of("ab%20c").is(b"ab c"));
}

#[test]
fn numbers_within_their_limits() {
    for (word, max, value) in [
        ("0", 0, Some(0)),
        ("1", 0, None),
        ("007", 7, Some(7)),
        ("8", 7, None),
        ("65535", 65535, Some(65535)),
        ("65536", 65535, None),
        ("18446744073709551615", u64::MAX, Some(u64::MAX)),
        ("18446744073709551616", u64::MAX, None),
        ("18446744073709551620", u64::MAX, None),
        ("99999999999999999999999", u64::MAX, None),
        ("000000000000000000000000000000001", 1, Some(1)),
    ] {
        assert_eq!(number(word, max), value, "{word}");
    }
    for word in [
        "", "-1", "+1", " 1", "1 ", "1_0", "0x1", "1.0", "1e1", "\u{661}", "/", ":",
    ] {
        assert_eq!(number(word, u64::MAX), None, "{word}");
    }
}

#[test]
fn ranges_are_not_empty() {
    for (word, expected) in [
        ("0", Some((0, 0))),
        ("3-3", Some((3, 3))),
        ("0-9", Some((0, 9))),
        ("9", Some((9, 9))),
        ("10", None),
        ("0-10", None),
        ("3-2", None),
        ("", None),
        ("-", None),
        ("-3", None),
        ("3-", None),
        ("1-2-3", None),
        ("1--2", None),
    ] {
        assert_eq!(range(word, 9), expected, "{word}");
    }
}

#[test]
fn lines_in_runs() {
    for (base, set, text) in [
        (0, 0, ""),
        (0, 1, "0"),
        (0, 0b1111, "0-3"),
        (0, 0b1000_1111, "0-3,7"),
        (0, 0b1010_1010, "1,3,5,7"),
        (0, 0b11, "0-1"),
        (0, 1 << 63, "63"),
        (0, u64::MAX, "0-63"),
        (0, !1, "1-63"),
        (64, 1 << 63 | 1, "64,127"),
        (u32::MAX - 63, u64::MAX, "4294967232-4294967295"),
        (u32::MAX - 63, 1 << 63, "4294967295"),
    ] {
        assert_eq!(lines(base, set), text);
    }
    let spaced = Lines {
        base: 0,
        lines: 5,
        separator: ' ',
    };
    assert_eq!(spaced.to_string(), "0 2");
}

/// A set that reaches beyond the numbers that there are is still written.
#[test]
fn lines_beyond_the_last_do_not_panic() {
    assert_eq!(lines(u32::MAX, 0b11), "4294967295-4294967295");
}

proptest! {
    #[test]
    fn any_name_is_one_plain_word_that_means_it(name: Vec<u8>) {
        let word = Name(&name).to_string();
        prop_assert!(!word.is_empty());
        prop_assert!(word.bytes().all(|byte| matches!(byte, b'!'..=b'~')));
        prop_assert!(!word.contains(['"', '#', ' ']));
        prop_assert_eq!(decoded(&word), Ok(name.clone()));
        prop_assert!(Decoded::of(&word).is(&name));
    }

    #[test]
    fn different_names_are_different_words(one: Vec<u8>, other: Vec<u8>) {
        let same = Name(&one).to_string() == Name(&other).to_string();
        prop_assert_eq!(same, one == other);
    }

    /// What is read is written so that it is read again.
    #[test]
    fn any_word_is_a_name_or_is_not(word: String) {
        if let Ok(name) = decoded(&word) {
            prop_assert!(Decoded::of(&word).is(&name));
            prop_assert_eq!(decoded(&Name(&name).to_string()), Ok(name));
        } else {
            prop_assert!(word.contains('%'));
        }
    }

    #[test]
    fn numbers_are_those_that_rust_reads(value: u64, max: u64) {
        prop_assert_eq!(number(&value.to_string(), max), (value <= max).then_some(value));
    }

    #[test]
    fn any_word_is_a_number_or_is_not(word in "[-+0-9 a]{0,22}") {
        let is_plain = word.bytes().all(|byte| byte.is_ascii_digit());
        let expected = word.parse().ok().filter(|_| is_plain);
        prop_assert_eq!(number(&word, u64::MAX), expected);
    }

    #[test]
    fn lines_that_are_written_are_those_of_the_set(window in 0u32..1 << 26, set: u64) {
        let base = window * 64;
        let mut read = 0u64;
        for run in lines(base, set).split(',').filter(|run| !run.is_empty()) {
            let (first, last) = range(run, u32::MAX.into()).expect("a run");
            for line in first..=last {
                // Each line once.
                let bit = 1 << (line - u64::from(base));
                prop_assert_eq!(read & bit, 0);
                read |= bit;
            }
        }
        prop_assert_eq!(read, set);
    }
}

#[test]
fn numbers_of_64_bits_are_written_like_others() {
    for number in [
        0,
        9,
        10,
        65_535,
        65_536,
        655_359,
        1 << 32,
        u64::MAX - 1,
        u64::MAX,
    ] {
        assert_eq!(Decimal(number).to_string(), number.to_string());
    }
}

proptest! {
    #[test]
    fn any_number_of_64_bits_is_written_like_others(number: u64, shift in 0u32..64) {
        let number = number >> shift;
        prop_assert_eq!(Decimal(number).to_string(), number.to_string());
    }
}
