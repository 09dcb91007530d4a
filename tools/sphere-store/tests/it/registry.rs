// SPDX-License-Identifier: GPL-2.0

//! What a device remembers.

use crate::make::{claim, image};
use proptest::prelude::*;
use sha2::{Digest, Sha512};
use sphere_core::uuid::Uuid;
use sphere_store::{
    name::Name,
    registry::{ENTRIES_MAX, FILE_MAX, FIRST_UID, LAST_UID, Registry, Unregistered},
    seal::Release,
};

fn app(component: u8, version: u64) -> Release {
    claim(&image(100, 0), component, version, 1).release()
}

#[test]
fn users_are_kept_and_never_shared() {
    let mut registry = Registry::EMPTY;
    assert_eq!(registry.register(&app(5, 1)), Ok((FIRST_UID, true)));
    assert_eq!(registry.register(&app(2, 1)), Ok((FIRST_UID + 1, true)));
    assert_eq!(registry.register(&app(5, 1)), Ok((FIRST_UID, false)));
    assert_eq!(registry.register(&app(5, 2)), Ok((FIRST_UID, true)));
    let again = Registry::parse(registry.to_string().as_bytes()).unwrap();
    assert_eq!(again.to_string(), registry.to_string());
    assert_eq!(again.get(Uuid([5; 16])).unwrap().version, 2);
}

#[test]
fn an_old_version_does_not_come_back() {
    let mut registry = Registry::EMPTY;
    registry.register(&app(5, 7)).unwrap();
    let before = registry.to_string();
    let rollback = Unregistered::Rollback {
        version: 6,
        known: 7,
    };
    assert_eq!(registry.register(&app(5, 6)), Err(rollback));
    let words = rollback.to_string();
    assert!(
        words.contains("version 6") && words.contains("version 7"),
        "{words}"
    );
    assert_eq!(registry.to_string(), before);
}

#[test]
fn a_name_stays() {
    let mut registry = Registry::EMPTY;
    registry.register(&app(5, 7)).unwrap();
    let mut renamed = app(5, 8);
    renamed.name = Name::new("other").unwrap();
    let known = Name::new("app-5").unwrap();
    assert_eq!(registry.check(&renamed), Err(Unregistered::Renamed(known)));
}

#[test]
fn a_full_registry_still_knows_its_own() {
    let mut registry = Registry::EMPTY;
    for component in 1..=u8::try_from(ENTRIES_MAX).unwrap() {
        registry.register(&app(component, u64::MAX)).unwrap();
    }
    assert_eq!(registry.register(&app(100, 1)), Err(Unregistered::Full));
    assert!(registry.register(&app(64, u64::MAX)).is_ok());
    let text = registry.to_string();
    assert!(text.len() <= FILE_MAX);
    assert!(Registry::parse(text.as_bytes()).is_ok());
}

/// Two applications.
fn two() -> Registry {
    let mut registry = Registry::EMPTY;
    registry.register(&app(5, 7)).unwrap();
    registry.register(&app(6, 1)).unwrap();
    registry
}

#[test]
fn the_file_is_lines_and_an_end() {
    let expected = "05050505-0505-0505-0505-050505050505 1001 7 app-5
06060606-0606-0606-0606-060606060606 1002 1 app-6
next 1003 ";
    let file = two().to_string();
    let digest = file.strip_prefix(expected).unwrap();
    assert_eq!(digest.len(), 17, "{digest}");
    assert!(Registry::EMPTY.to_string().starts_with("next 1001 "));
}

/// A file with the end that belongs to these lines and to the next user.
fn with_end(lines: &str, next: u32) -> String {
    let before = format!("{lines}next {next} ");
    let digest = Sha512::digest(&before);
    let digits: String = digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{before}{digits}\n")
}

#[test]
fn a_file_with_a_wrong_line_is_refused_even_if_its_end_is_right() {
    let good = "05050505-0505-0505-0505-050505050505 1001 7 app-5\n";
    assert!(Registry::parse(with_end(good, 1002).as_bytes()).is_ok());
    assert!(Registry::parse(with_end("", LAST_UID + 1).as_bytes()).is_ok());
    let cases = [
        (format!("{good}{good}"), "twice"),
        (format!("{good}{}", good.replace("0505-", "0606-")), "twice"),
        (good.replace("1001", "1000"), "expected"),
        (
            good.replace("1001", &(LAST_UID + 1).to_string()),
            "expected",
        ),
        (good.replace("1001", "01001"), "expected"),
        (good.replace(" 7 ", " +7 "), "expected"),
        (good.replace(" 7 ", " 18446744073709551616 "), "expected"),
        (good.replace(" 7 ", "  7 "), "expected"),
        (good.replace("app-5", "../x"), "expected"),
        (good.replace("app-5", "app-5 x"), "expected"),
        (good.replace("app-5", "app-5\0"), "expected"),
        (good.replace("05", "00"), "expected"),
        ("\n".to_owned(), "expected"),
        (with_end(good, 1002), "expected"),
        (good.replace("1001", "1002"), "there already"),
    ];
    for (lines, reason) in cases {
        let text = with_end(&lines, 1002);
        let error = Registry::parse(text.as_bytes()).map(|_| ()).unwrap_err();
        assert!(error.reason.contains(reason), "{text:?}: {error}");
    }
    for next in [0, FIRST_UID - 1, LAST_UID + 2] {
        assert!(Registry::parse(with_end("", next).as_bytes()).is_err());
    }
}

#[test]
fn a_file_that_was_changed_is_refused() {
    let file = two().to_string();
    assert!(Registry::parse(file.as_bytes()).is_ok());
    for bit in 0..file.len() * 8 {
        let mut bytes = file.clone().into_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(Registry::parse(&bytes).is_err(), "bit {bit}");
    }
    // A lower version, as one would write it.
    let changed = file.replace(" 7 ", " 6 ");
    let error = Registry::parse(changed.as_bytes()).map(|_| ()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 3: what is before this is not what was written"
    );
}

#[test]
fn a_file_that_was_cut_is_refused() {
    let file = two().to_string();
    for len in 0..file.len() {
        assert!(Registry::parse(&file.as_bytes()[..len]).is_err(), "{len}");
        assert!(Registry::parse(&file.as_bytes()[file.len() - len..]).is_err());
    }
    for (file, words) in [
        ("", "line 1: the end is missing"),
        (&file[..50], "line 1: the end is missing"),
        (&file[..80], "line 2: the end is missing"),
        (&file[..file.len() - 1], "line 3: what is before"),
    ] {
        let error = Registry::parse(file.as_bytes()).map(|_| ()).unwrap_err();
        assert!(error.to_string().starts_with(words), "{error}");
    }
    let longer = format!("{file}{file}");
    assert!(Registry::parse(longer.as_bytes()).is_err());
}

proptest! {
    #[test]
    fn what_has_the_right_end_is_written_as_it_is_read(
        lines in "([0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12} 1[01][0-9]{2} [0-9]{1,3} [a-z]{1,4}\n){0,3}",
        next in FIRST_UID..1300,
    ) {
        let file = with_end(&lines, next);
        if let Ok(registry) = Registry::parse(file.as_bytes()) {
            prop_assert_eq!(registry.to_string(), file);
        }
    }

    #[test]
    fn what_is_read_is_written_the_same(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(registry) = Registry::parse(&bytes) {
            prop_assert_eq!(registry.to_string().into_bytes(), bytes);
        }
    }
}
