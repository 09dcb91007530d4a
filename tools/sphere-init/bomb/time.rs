// SPDX-License-Identifier: GPL-2.0

//! An application that takes all time of the processor.

use core::{hint, time::Duration};
use rustix::time::{ClockId, clock_gettime};
use sphere_device::{clock, console::Console, say};

/// For how long.
const TIME: Duration = Duration::from_secs(3);

/// Does nothing but that, and says how much it got.
pub fn explode(console: &Console<'_>) -> u8 {
    say!(console, "time: I take all that there is");
    let begin = clock::monotonic();
    while clock::monotonic() - begin < TIME {
        hint::spin_loop();
    }
    let lived = (clock::monotonic() - begin).as_millis();
    let had = clock_gettime(ClockId::ProcessCPUTime);
    // Both are small, and neither is negative.
    let had = had.tv_sec as u128 * 1000 + had.tv_nsec as u128 / 1_000_000;
    let percent = had * 100 / lived.max(1);
    say!(console, "time: I had {percent} percent of it");
    0
}
