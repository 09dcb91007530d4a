// SPDX-License-Identifier: GPL-2.0

//! Which of the images that a device has are to run.
//!
//! A new version of an application lies beside the old one until it was found good. When the power
//! fails between, both are there.

use crate::seal::Release;
use core::cmp::Reverse;

/// An image that may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate<P> {
    /// Where it lies.
    pub place: P,
    /// What it is.
    pub release: Release,
}

impl<P: Ord + Copy> Candidate<P> {
    /// In which order to try images: by name, and of one component the newest first. Of two that are
    /// the same, always the same.
    fn order(&self) -> impl Ord + use<P> {
        let Release {
            component,
            version,
            name,
        } = self.release;
        (name, component, Reverse(version), self.place)
    }
}

/// At most `N` images, in the order in which to try them.
pub struct Candidates<P, const N: usize> {
    /// Those that there are come first.
    list: [Option<Candidate<P>>; N],
    count: usize,
}

impl<P: Ord + Copy, const N: usize> Candidates<P, N> {
    /// None.
    pub const fn new() -> Self {
        Self {
            list: [const { None }; N],
            count: 0,
        }
    }

    /// Adds an image in its place.
    ///
    /// # Errors
    ///
    /// When it is full, the last of all gives way.
    pub fn insert(&mut self, candidate: Candidate<P>) -> Result<(), Candidate<P>> {
        let is_before = |other: &Candidate<P>| other.order() < candidate.order();
        let place =
            self.list[..self.count].partition_point(|other| other.as_ref().is_some_and(is_before));
        let mut moving = Some(candidate);
        for slot in &mut self.list[place..] {
            core::mem::swap(slot, &mut moving);
        }
        match moving {
            None => {
                self.count += 1;
                Ok(())
            }
            Some(last) => Err(last),
        }
    }

    /// The images.
    pub fn iter(&self) -> impl Iterator<Item = &Candidate<P>> {
        self.list.iter().flatten()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }
}

impl<P: Ord + Copy, const N: usize> Default for Candidates<P, N> {
    fn default() -> Self {
        Self::new()
    }
}
