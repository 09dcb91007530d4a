// SPDX-License-Identifier: GPL-2.0

//! An application that has something to do at certain times, whatever others do.

use core::time::Duration;
use sphere_device::{clock, console::Console, say};

/// How often, and how long after one another.
const TIMES: u32 = 100;
const PERIOD: Duration = Duration::from_millis(100);

/// Wakes up, and says at the end how late it was at most.
pub fn keep(console: &Console<'_>) -> u8 {
    let begin = clock::monotonic();
    let mut latest = Duration::ZERO;
    for number in 1..=TIMES {
        let due = begin + PERIOD * number;
        clock::sleep(due.saturating_sub(clock::monotonic()));
        latest = latest.max(clock::monotonic().saturating_sub(due));
    }
    let latest = latest.as_millis();
    say!(
        console,
        "deadline: I woke up {TIMES} times, and was {latest} ms late at most"
    );
    0
}
