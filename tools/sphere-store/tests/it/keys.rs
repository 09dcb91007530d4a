// SPDX-License-Identifier: GPL-2.0

//! Files of keys.

use crate::make::{key, keys, line};
use sphere_store::keys::{Changed, Keys, KeysError, KeysReason, Trust};

#[test]
fn files_add_up_and_what_is_revoked_stays_revoked() {
    let platform = format!("# made by us\n\n{}", line(1));
    let owner = format!(
        "{:?} our shop\n  {}revoked {:?} leaked\n",
        key(2),
        line(3),
        key(1)
    );
    for files in [[&platform, &owner], [&owner, &platform]] {
        let keys = keys(&[files[0], files[1]]);
        assert_eq!(keys.trust(&key(1)), Trust::Revoked);
        assert_eq!(keys.trust(&key(2)), Trust::Trusted);
        assert_eq!(keys.trust(&key(3)), Trust::Trusted);
        assert_eq!(keys.trust(&key(4)), Trust::Unknown);
        assert_eq!(keys.iter().count(), 3);
    }
}

#[test]
fn upper_case_is_the_same_key() {
    assert_eq!(
        keys(&[&line(1).to_uppercase()]).trust(&key(1)),
        Trust::Trusted
    );
}

#[test]
fn a_wrong_line_is_named_and_nothing_is_taken() {
    let short = &line(1)[1..];
    let long = format!("0{}", line(1));
    let cases: [(&[u8], KeysReason); 5] = [
        (short.as_bytes(), KeysReason::NoKey),
        (long.as_bytes(), KeysReason::NoKey),
        (b"revoked", KeysReason::NoKey),
        (b"trusted 00", KeysReason::NoKey),
        (b"\xff", KeysReason::NotText),
    ];
    for (bad, reason) in cases {
        let file = [line(5).as_bytes(), bad].concat();
        let mut keys = keys(&[&line(4)]);
        assert_eq!(keys.read(&file), Err(KeysError { line: 2, reason }));
        assert_eq!(keys.trust(&key(5)), Trust::Unknown);
        assert_eq!(keys.trust(&key(4)), Trust::Trusted);
    }
}

#[test]
fn there_are_at_most_sixteen() {
    let mut all: String = (0..16).map(line).collect();
    let mut keys = Keys::NONE;
    keys.read(all.as_bytes()).unwrap();
    // Known ones take no more room.
    keys.read(all.as_bytes()).unwrap();
    all += &line(16);
    let error = Keys::NONE.clone().read(all.as_bytes()).unwrap_err();
    assert_eq!((error.line, error.reason), (17, KeysReason::TooMany));
}

#[test]
fn one_key_is_changed_and_the_rest_of_the_file_is_kept() {
    let file = format!("# ours\n{:?} shop\n  {}", key(1), line(2));
    let changed = |file: &str, seed, revoked| {
        let key = key(seed);
        Changed { file, key, revoked }.to_string()
    };
    let revoked = changed(&file, 1, true);
    assert_eq!(revoked, format!("# ours\n  {}revoked {}", line(2), line(1)));
    assert_eq!(keys(&[&revoked]).trust(&key(1)), Trust::Revoked);
    let added = changed(&revoked, 3, false);
    assert_eq!(added, format!("{revoked}{}", line(3)));
    // Once more changes nothing.
    assert_eq!(changed(&added, 3, false), added);
    assert_eq!(changed("", 1, false), line(1));
}
