// SPDX-License-Identifier: GPL-2.0

//! What a device knows after its registry was damaged.

use crate::make::{claim, image};
use sphere_store::{
    name::Name,
    recovery::recover,
    registry::{FIRST_UID, LAST_UID, Registry, Unregistered},
    seal::Release,
};

/// `app-COMPONENT`.
fn app(component: u8, version: u64) -> Release {
    claim(&image(100, 0), component, version, 1).release()
}

/// The user of each application, which are those that are there, and the next new one's.
fn users(installed: &[Release], storage: &[(&str, u32)]) -> Vec<u32> {
    let user_of = |app: &Release| {
        let own = storage.iter().find(|(of, _)| *of == app.name.as_str());
        own.map(|(_, user)| *user)
    };
    let highest = storage.iter().map(|(_, user)| *user).max();
    let registry = recover(installed.iter(), user_of, highest).unwrap();
    // What was made is what a device takes.
    let mut registry = Registry::parse(registry.to_string().as_bytes()).unwrap();
    let mut users: Vec<_> = registry.iter().map(|entry| entry.uid).collect();
    users.extend(registry.register(&app(100, 1)).map(|(user, _)| user));
    users
}

#[test]
fn an_application_is_the_user_of_its_storage() {
    let storage = [("app-2", 1005), ("app-1", 1002)];
    assert_eq!(users(&[app(1, 1), app(2, 1)], &storage), [1002, 1005, 1006]);
}

#[test]
fn nobody_becomes_a_user_who_has_storage() {
    let gone = [("gone", 1007), ("app-1", 1002)];
    assert_eq!(users(&[app(1, 1), app(2, 1)], &gone), [1002, 1008, 1009]);
    assert_eq!(users(&[app(1, 1)], &[]), [FIRST_UID, FIRST_UID + 1]);
}

#[test]
fn two_are_never_one_user() {
    let storage = [("app-1", 1002), ("app-2", 1002)];
    assert_eq!(users(&[app(1, 1), app(2, 1)], &storage), [1002, 1003, 1004]);
}

#[test]
fn what_belongs_to_no_application_makes_no_user() {
    for user in [0, FIRST_UID - 1, u32::MAX] {
        assert_eq!(users(&[app(1, 1)], &[("app-1", user)]), [1001, 1002]);
    }
    // It is the last that there is.
    assert_eq!(users(&[app(1, 1)], &[("app-1", LAST_UID)]), [LAST_UID]);
    let none = recover([&app(1, 1)].into_iter(), |_| None, Some(LAST_UID));
    assert_eq!(none.map(|_| ()), Err(Unregistered::Full));
}

#[test]
fn the_newest_version_is_the_first() {
    let registry = recover([&app(1, 3), &app(1, 2)].into_iter(), |_| None, None).unwrap();
    let entries: Vec<_> = registry.iter().map(|entry| entry.version).collect();
    assert_eq!(entries, [3]);
    assert!(registry.check(&app(1, 2)).is_err());
}

#[test]
fn of_two_with_one_name_one_is_remembered() {
    let mut other = app(2, 9);
    other.name = Name::new("app-1").unwrap();
    let user_of = |_: &Release| Some(1004);
    let registry = recover([&app(1, 1), &other].into_iter(), user_of, Some(1004)).unwrap();
    let known: Vec<_> = registry
        .iter()
        .map(|entry| (entry.component, entry.uid))
        .collect();
    assert_eq!(known, [(app(1, 1).component, 1004)]);
}
