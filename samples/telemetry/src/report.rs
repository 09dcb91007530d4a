// SPDX-License-Identifier: GPL-2.0

//! What is measured. There is no sensor that all boards have, but all know how long they run.

use sphere_device::{
    clock::{self, Seconds},
    text::Text,
};

/// Bytes of the longest report.
pub const REPORT_MAX: usize = 64;

/// One line, without its line break.
pub type Report = Text<REPORT_MAX>;

/// Measures. `start` is the number of this start, if it is known.
pub fn now(start: Option<u32>) -> Report {
    let up = Seconds(clock::monotonic());
    let report = match start {
        Some(number) => Report::format(format_args!("start={number} uptime={up}")),
        None => Report::format(format_args!("uptime={up}")),
    };
    // The largest numbers have room.
    report.unwrap_or_default()
}
