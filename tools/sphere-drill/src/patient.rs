// SPDX-License-Identifier: GPL-2.0

//! An application that runs until it is told to end.

use core::time::Duration;
use sphere_device::{clock, process};

/// Never returns. `deaf` is one that has to be killed.
pub fn run(deaf: bool) -> Result<(), &'static str> {
    if deaf {
        process::hold_signals().map_err(|_| "signals cannot be held")?;
    }
    loop {
        clock::sleep(Duration::from_secs(3600));
    }
}
