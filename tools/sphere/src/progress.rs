// SPDX-License-Identifier: GPL-2.0

//! A line on the terminal that says how far a long step is.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// What is done in less is not worth a word.
const PATIENCE: Duration = Duration::from_secs(1);

/// Says nothing in the first second, and nothing at all where nobody looks: only a terminal on
/// standard error gets the line. The line is gone when this is dropped.
pub struct Progress {
    what: &'static str,
    total: usize,
    done: usize,
    started: Instant,
    is_watched: bool,
    is_shown: bool,
}

impl Progress {
    /// Starts `total` steps of doing `what`.
    pub fn new(what: &'static str, total: usize) -> Self {
        Self {
            what,
            total,
            done: 0,
            started: Instant::now(),
            is_watched: io::stderr().is_terminal(),
            is_shown: false,
        }
    }

    /// Begins the next step.
    pub fn step(&mut self) {
        self.done += 1;
        if self.is_watched && self.started.elapsed() >= PATIENCE {
            self.is_shown = true;
            let (what, done, total) = (self.what, self.done, self.total);
            // A terminal that takes nothing any more is no reason to stop.
            let _ = write!(io::stderr(), "\r{what}: {done} of {total}");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_shown {
            // Back to the start of the line, and nothing behind it.
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
