// SPDX-License-Identifier: GPL-2.0

//! What nobody would write as a policy, but somebody may.

use super::asks::decisions;
use super::reader::Owned;
use super::said::{A, everything, record, said};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use sphere_core::policy::{POLICY_MAX, Reason, text};

/// Words of the language, and what is next to them.
const WORDS: [&str; 60] = [
    "version",
    "1",
    "check",
    "gpio",
    "mtd",
    "network",
    "peer",
    "storage",
    "exec",
    "on",
    "off",
    "reports",
    "10",
    "5000",
    "nobody",
    "component",
    "*",
    "allow",
    "deny",
    "limit",
    "quarantine",
    "in",
    "out",
    "inout",
    "read",
    "write",
    "tcp",
    "udp",
    "bind",
    "connect",
    "capability",
    "SystemTime",
    "0-3,7",
    "0-4294967295",
    "63-64",
    "4294967295",
    "80",
    "1-65535",
    "0",
    "-",
    "%2D",
    "%",
    "%zz",
    "a%20b",
    "größe",
    "#",
    "10.0.0.0/8",
    "::1",
    "::/0",
    "::ffff:1.2.3.4",
    "/",
    "0a0a0a0a-0a0a-0a0a-0a0a-0a0a0a0a0a0a",
    "00000000-0000-0000-0000-000000000000",
    "0A0A0A0A-0A0A-0A0A-0A0A-0A0A0A0A0A0A",
    "18446744073709551615",
    "18446744073709551616",
    "65535",
    "65536",
    ",",
    "\u{a0}",
];

/// What no policy has in it.
const WRONG: [&[u8]; 6] = [b"\xff", b"\x00", b"\xc3", b"\x1b", b"\x7f", b"\xc2\x9f"];

fn words() -> impl Strategy<Value = String> {
    let space = select(&[" ", " ", " ", "\t", "\n", "\n", "\r\n", ""][..]);
    vec((select(&WORDS[..]), space), 0..60).prop_map(|words| {
        words
            .iter()
            .flat_map(|(word, space)| [*word, *space])
            .collect()
    })
}

/// Uses all that there is of a policy that was read; of one that was not, its error.
fn use_everything(bytes: &[u8]) {
    let policy = match Owned::read(bytes) {
        Ok(policy) => policy,
        Err(error) => {
            let lines = bytes.split(|&byte| byte == b'\n').count();
            assert!(error.line as usize <= lines, "{error}");
            assert_eq!(error.line == 0, error.reason == Reason::TooLarge);
            assert!(!error.to_string().contains('\n'));
            return;
        }
    };
    for statement in &policy.statements {
        let words = policy.part(statement.words);
        assert!(
            ["allow", "deny", "limit", "quarantine"]
                .iter()
                .any(|verb| words.starts_with(verb))
        );
        assert!(!words.contains(['\n', '#']));
        assert_eq!(words, words.trim());
    }
    assert!(policy.is_within(&policy));
    let record = record(A, &everything()[..40]);
    for record in [None, Some(&record)] {
        let grants = policy.grants(record);
        decisions(&grants);
        grants.storage_bytes();
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..300)) {
        use_everything(&bytes);
        use_everything(&[b"version 1\n", &bytes[..]].concat());
    }

    #[test]
    fn any_text_is_read_or_refused(text: String) {
        use_everything(text.as_bytes());
        use_everything(format!("version 1\nnobody allow {text}").as_bytes());
    }

    #[test]
    fn any_words_are_read_or_refused(words in words()) {
        use_everything(words.as_bytes());
        use_everything(format!("version 1\n{words}").as_bytes());
    }

    /// A good line in which something is wrong.
    #[test]
    fn a_line_with_a_word_too_many_or_too_few(
        said in vec(said(), 1..4),
        at: Index,
        word in prop_oneof![Just(""), select(&WORDS[..])],
        replaces: bool,
    ) {
        let mut words = vec!["version", "1", "\n"];
        let text = super::said::lines(&said).replace('\n', " \n ");
        words.extend(text.split(' '));
        let at = at.index(words.len());
        if replaces {
            words[at] = word;
        } else {
            words.insert(at, word);
        }
        use_everything(words.join(" ").as_bytes());
    }

    /// The line is that of the first byte that is wrong.
    #[test]
    fn the_line_of_what_is_no_text(
        lines in 0usize..200,
        more in 0usize..3,
        wrong in select(&WRONG[..]),
    ) {
        let (before, behind) = ("ü\n".repeat(lines), "\n".repeat(more));
        let bytes = [before.as_bytes(), b"x", wrong, behind.as_bytes()].concat();
        let error = text(&bytes).unwrap_err();
        prop_assert_eq!((error.line as usize, error.reason), (lines + 1, Reason::NotText));
    }
}

#[test]
fn a_line_as_long_as_a_policy() {
    for word in ["a", " ", "\t", "%", "0", "0,", "1-", "#", "\n", "*", "f"] {
        for start in [
            "version 1\n",
            "version 1\nnobody allow gpio ",
            "version 1\nreports ",
        ] {
            let mut text = format!("{start}{}", word.repeat(POLICY_MAX));
            text.truncate(POLICY_MAX);
            use_everything(text.as_bytes());
        }
    }
}
