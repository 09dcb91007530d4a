// SPDX-License-Identifier: GPL-2.0

//! When an application that has crashed is started again.

use core::time::Duration;

/// The longest wait before a restart.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// An application that lived this long has recovered: its next crash counts as the first.
const RECOVERED: Duration = Duration::from_secs(60);

/// What to do after a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Wait, then start the application again.
    Restart {
        /// For so long.
        after: Duration,
        /// How many restarts in a row this makes.
        attempt: u32,
    },
    /// Leave it.
    GiveUp,
}

/// The crashes in a row of one application.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Crashes(u32);

impl Crashes {
    /// None yet.
    pub const NONE: Self = Self(0);

    /// Counts a crash after `lived`, and says what to do; `limit` is that of restarts in a row.
    pub fn add(&mut self, lived: Duration, limit: Option<u32>) -> Verdict {
        if lived >= RECOVERED {
            self.0 = 0;
        }
        if limit.is_some_and(|limit| self.0 >= limit) {
            return Verdict::GiveUp;
        }
        let wait = 1u64
            .checked_shl(self.0)
            .map_or(LONGEST_WAIT, Duration::from_secs);
        self.0 = self.0.saturating_add(1);
        Verdict::Restart {
            after: wait.min(LONGEST_WAIT),
            attempt: self.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_ONCE: Duration = Duration::ZERO;

    fn seconds(verdict: Verdict) -> Option<u64> {
        match verdict {
            Verdict::Restart { after, .. } => Some(after.as_secs()),
            Verdict::GiveUp => None,
        }
    }

    #[test]
    fn waits_double_up_to_a_minute() {
        let mut crashes = Crashes::NONE;
        let waits: Vec<_> = (0..100)
            .map(|_| seconds(crashes.add(AT_ONCE, None)).unwrap())
            .collect();
        assert_eq!(waits[..8], [1, 2, 4, 8, 16, 32, 60, 60]);
        assert!(waits[8..].iter().all(|&wait| wait == 60));
    }

    #[test]
    fn a_long_life_starts_over() {
        let mut crashes = Crashes::NONE;
        for _ in 0..5 {
            crashes.add(AT_ONCE, None);
        }
        let after = Duration::from_secs(1);
        let verdict = crashes.add(RECOVERED, Some(1));
        assert_eq!(verdict, Verdict::Restart { after, attempt: 1 });
    }

    #[test]
    fn the_limit_is_one_of_restarts() {
        let mut crashes = Crashes::NONE;
        let verdicts = [0; 3].map(|_| seconds(crashes.add(AT_ONCE, Some(2))));
        assert_eq!(verdicts, [Some(1), Some(2), None]);
        let mut crashes = Crashes::NONE;
        assert_eq!(seconds(crashes.add(AT_ONCE, Some(0))), None);
    }

    #[test]
    fn the_count_does_not_wrap() {
        let mut crashes = Crashes(u32::MAX);
        assert_eq!(seconds(crashes.add(AT_ONCE, None)), Some(60));
        assert_eq!(crashes, Crashes(u32::MAX));
    }
}
