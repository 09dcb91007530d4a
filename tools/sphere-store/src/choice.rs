// SPDX-License-Identifier: GPL-2.0

//! Which of the images that a device has are to run.
//!
//! A new version of an application lies beside the old one until it was found good. When the power
//! fails between, both are there.

use crate::{name::Name, seal::Claim};
use core::cmp::Reverse;
use sphere_core::uuid::Uuid;

/// An image that may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate<P> {
    /// Where it lies.
    pub place: P,
    /// Of which component it is.
    pub component: Uuid,
    /// In which version.
    pub version: u64,
    /// What it is called.
    pub name: Name,
}

impl<P> Candidate<P> {
    /// An image at `place`, of which `claim` is true.
    pub fn new(place: P, claim: &Claim) -> Self {
        Self {
            place,
            component: claim.component,
            version: claim.version,
            name: claim.name,
        }
    }
}

/// Puts images into the order in which to try them: by name, and of one component the newest first.
/// Of two that are the same, the first by its place comes first, so that it is the same after each
/// boot.
pub fn sort<P: Ord + Copy>(candidates: &mut [Candidate<P>]) {
    candidates.sort_unstable_by_key(|candidate| {
        (
            candidate.name,
            candidate.component,
            Reverse(candidate.version),
            candidate.place,
        )
    });
}
