// SPDX-License-Identifier: GPL-2.0

//! What a device can know of its applications once its [`crate::registry`] was damaged.
//!
//! The applications that are installed name themselves, and what each has stored belongs to its user.
//! Nothing else is known, neither of applications that are gone nor of versions that have run.

use crate::{
    registry::{Entry, FIRST_UID, LAST_UID, Registry, Unregistered},
    seal::Release,
};

/// Remembers the applications that are `installed`, of two with one component or one name the first.
/// Each is the user that its storage belongs to, as `user_of` says, and else a new one: `highest` is
/// the highest user whom any storage belongs to.
///
/// # Errors
///
/// [`Unregistered::Full`].
pub fn recover<'a>(
    installed: impl Iterator<Item = &'a Release>,
    user_of: impl Fn(&Release) -> Option<u32>,
    highest: Option<u32>,
) -> Result<Registry, Unregistered> {
    let highest = highest.filter(is_application);
    let mut registry = Registry::starting_at(highest.map_or(FIRST_UID, |user| user + 1));
    for release in installed {
        let same =
            |known: &Entry| known.component == release.component || known.name == release.name;
        if registry.iter().any(same) {
            continue;
        }
        let is_free = |user: &u32| registry.iter().all(|known| known.uid != *user);
        let before = |user: &u32| is_application(user) && *user < registry.next();
        match user_of(release).filter(before).filter(is_free) {
            Some(user) => registry.add(release, user)?,
            None => {
                registry.register(release)?;
            }
        }
    }
    Ok(registry)
}

/// Whether a user may be an application's.
pub fn is_application(user: &u32) -> bool {
    (FIRST_UID..=LAST_UID).contains(user)
}
