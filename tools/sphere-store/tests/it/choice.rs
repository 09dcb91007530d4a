// SPDX-License-Identifier: GPL-2.0

//! The order in which images are tried.

use proptest::prelude::*;
use sphere_core::uuid::Uuid;
use sphere_store::{
    choice::{Candidate, Candidates},
    name::Name,
    seal::Release,
};

fn candidate(place: u8, component: u8, version: u64) -> Candidate<u8> {
    Candidate {
        place,
        release: Release {
            component: Uuid([component; 16]),
            version,
            name: Name::new(&format!("app-{component}")).unwrap(),
        },
    }
}

#[test]
fn by_name_and_the_newest_first() {
    let mut found = Candidates::<_, 8>::new();
    for (place, component, version) in [(0, 2, 1), (1, 1, 1), (3, 1, 2), (2, 1, 2), (4, 1, 10)] {
        found.insert(candidate(place, component, version)).unwrap();
    }
    let order: Vec<_> = found.iter().map(|found| found.place).collect();
    assert_eq!(order, [4, 2, 3, 1, 0]);
}

proptest! {
    #[test]
    fn when_there_are_too_many_the_last_give_way(all in prop::collection::vec((0u8..8, 0u64..8), 0..12)) {
        let mut found = Candidates::<_, 4>::new();
        let mut lost = 0;
        for (place, &(component, version)) in (0..).zip(&all) {
            lost += usize::from(found.insert(candidate(place, component, version)).is_err());
        }
        let mut expected: Vec<_> = (0u8..).zip(&all).collect();
        expected.sort_by_key(|&(place, &(component, version))| (component, std::cmp::Reverse(version), place));
        expected.truncate(4);
        prop_assert_eq!(lost, all.len().saturating_sub(4));
        prop_assert_eq!(found.count(), expected.len());
        let places: Vec<_> = found.iter().map(|found| found.place).collect();
        let expected: Vec<_> = expected.into_iter().map(|(place, _)| place).collect();
        prop_assert_eq!(places, expected);
    }
}
