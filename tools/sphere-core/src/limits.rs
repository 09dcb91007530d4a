// SPDX-License-Identifier: GPL-2.0

//! How much of the machine an application may use.

use core::{fmt, ops::RangeInclusive};

/// Something of which an application may use only so much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Memory, what the kernel needs for the application included, in KiB.
    Memory,
    /// Processes and threads.
    Processes,
    /// Time, in percent of one processor.
    Cpu,
}

impl Limit {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Memory, Self::Processes, Self::Cpu];

    /// The key for it in a launch file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Processes => "processes",
            Self::Cpu => "cpu",
        }
    }

    /// The values that it may have.
    pub const fn range(self) -> RangeInclusive<u32> {
        match self {
            // With less, no program starts. In bytes, the most has 32 bits.
            Self::Memory => 64..=(1 << 22) - 1,
            // The most that a kernel with small tables knows.
            Self::Processes => 1..=32768,
            Self::Cpu => 1..=100,
        }
    }

    /// What holds for an application of which nothing else is said.
    pub const fn default(self) -> u32 {
        match self {
            Self::Memory => 1024,
            Self::Processes => 16,
            Self::Cpu => 50,
        }
    }

    /// Its place in an array of all.
    const fn index(self) -> usize {
        match self {
            Self::Memory => 0,
            Self::Processes => 1,
            Self::Cpu => 2,
        }
    }
}

/// The limits that were said for an application.
///
/// # Invariants
///
/// Each is in its [`Limit::range`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits([Option<u32>; Limit::ALL.len()]);

/// A value is not in its [`Limit::range`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfRange;

impl Limits {
    /// Nothing was said.
    pub const NONE: Self = Self([None; Limit::ALL.len()]);

    /// What was said for one.
    pub const fn said(&self, limit: Limit) -> Option<u32> {
        self.0[limit.index()]
    }

    /// What holds: what was said, or else the default.
    pub fn get(&self, limit: Limit) -> u32 {
        self.said(limit).unwrap_or(limit.default())
    }

    /// Says one.
    ///
    /// # Errors
    ///
    /// [`OutOfRange`]; nothing is said then.
    pub fn say(&mut self, limit: Limit, value: u32) -> Result<(), OutOfRange> {
        if !limit.range().contains(&value) {
            return Err(OutOfRange);
        }
        // INVARIANT: just checked.
        self.0[limit.index()] = Some(value);
        Ok(())
    }

    /// These, and where they say nothing, those of `others`.
    #[must_use]
    pub fn or(&self, others: &Self) -> Self {
        // INVARIANT: that of one or of the other.
        Self(Limit::ALL.map(|limit| self.said(limit).or(others.said(limit))))
    }
}

/// What holds, in words.
impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} KiB of memory, {} processes, {} % of a processor",
            self.get(Limit::Memory),
            self.get(Limit::Processes),
            self.get(Limit::Cpu)
        )
    }
}
