// SPDX-License-Identifier: GPL-2.0

//! What a device remembers.

use crate::make::{claim, image};
use proptest::prelude::*;
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

#[test]
fn a_damaged_file_is_refused_with_its_line() {
    let good = "05050505-0505-0505-0505-050505050505 1001 7 app-5\n";
    assert!(Registry::parse(good.as_bytes()).is_ok());
    assert!(Registry::parse(b"").is_ok());
    let cases = [
        (good[..40].to_owned(), "whole"),
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
    ];
    for (text, reason) in cases {
        let error = Registry::parse(text.as_bytes()).map(|_| ()).unwrap_err();
        assert!(error.reason.contains(reason), "{text:?}: {error}");
    }
}

proptest! {
    #[test]
    fn what_is_read_is_written_the_same(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(registry) = Registry::parse(&bytes) {
            prop_assert_eq!(registry.to_string().into_bytes(), bytes);
        }
    }
}
