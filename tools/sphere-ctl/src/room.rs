// SPDX-License-Identifier: GPL-2.0

//! Which slot an image goes to: the smallest that is free and has room.

use core::fmt;

/// The search for one.
#[derive(Clone, Copy, Debug)]
pub struct Search {
    /// Bytes that there has to be room for.
    size: u32,
    /// Number and size of the best so far.
    best: Option<(u32, u32)>,
    /// Size of the largest slot, free or not.
    largest: Option<u32>,
}

/// Why there is no slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRoom {
    /// The device has none.
    NoSlots,
    /// All are smaller.
    TooLarge {
        /// Bytes that there has to be room for.
        size: u32,
        /// Bytes of the largest.
        largest: u32,
    },
    /// Those that are large enough for so many bytes are taken.
    Full(u32),
}

impl fmt::Display for NoRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSlots => f.write_str("this device has no slots for images"),
            Self::TooLarge { size, largest } => write!(
                f,
                "the image is larger than any slot: it has {size} bytes with its seal, and the \
                 largest slot {largest}"
            ),
            Self::Full(size) => write!(
                f,
                "the flash is full: no free slot has room for {size} bytes; sphere-ctl apps \
                 shows what could be removed"
            ),
        }
    }
}

impl Search {
    /// Begins.
    #[must_use]
    pub const fn new(size: u32) -> Self {
        Self {
            size,
            best: None,
            largest: None,
        }
    }

    /// Looks at one slot.
    pub fn look(&mut self, number: u32, size: u32, is_taken: bool) {
        self.largest = self.largest.max(Some(size));
        let is_smaller = self.best.is_none_or(|(_, best)| size < best);
        if size >= self.size && is_smaller && !is_taken {
            self.best = Some((number, size));
        }
    }

    /// The number of the best slot.
    ///
    /// # Errors
    ///
    /// See [`NoRoom`].
    pub fn found(self) -> Result<u32, NoRoom> {
        match (self.best, self.largest) {
            (Some((number, _)), _) => Ok(number),
            (None, None) => Err(NoRoom::NoSlots),
            (None, Some(largest)) if largest < self.size => Err(NoRoom::TooLarge {
                size: self.size,
                largest,
            }),
            (None, Some(_)) => Err(NoRoom::Full(self.size)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each slot is its number, its size, and whether it is taken.
    fn find(size: u32, slots: &[(u32, u32, bool)]) -> Result<u32, NoRoom> {
        let mut search = Search::new(size);
        for &(number, size, is_taken) in slots {
            search.look(number, size, is_taken);
        }
        search.found()
    }

    #[test]
    fn the_smallest_with_room_is_taken() {
        let slots = [
            (1, 90, false),
            (2, 300, false),
            (3, 200, false),
            (4, 200, false),
        ];
        assert_eq!(find(100, &slots), Ok(3));
        assert_eq!(find(200, &slots), Ok(3));
        assert_eq!(find(201, &slots), Ok(2));
    }

    #[test]
    fn says_why_there_is_none() {
        let slots = [(1, 100, false), (2, 200, true)];
        assert_eq!(find(100, &slots), Ok(1));
        assert_eq!(find(101, &slots), Err(NoRoom::Full(101)));
        let too_large = NoRoom::TooLarge {
            size: 201,
            largest: 200,
        };
        assert_eq!(find(201, &slots), Err(too_large));
        assert!(too_large.to_string().contains("201 bytes with its seal"));
        assert_eq!(find(1, &[]), Err(NoRoom::NoSlots));
    }
}
