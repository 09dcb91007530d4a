// SPDX-License-Identifier: GPL-2.0

//! What is connected to the lines: on this machine, words on the console.

use crate::chip::SimulatedChip;
use core::time::Duration;
use rustix::{fd::OwnedFd, io::pread};
use sphere_device::{
    clock,
    console::Console,
    errno::{Doing, Failure},
    process, say,
};

/// How often to look. A line that changes more often is missed.
const INTERVAL: Duration = Duration::from_millis(5);

/// A thing that is connected to a line.
struct Thing {
    line: u32,
    /// What is to be said when the line gets low, and when it gets high.
    words: [&'static str; 2],
}

/// The things of `samples/hardware/qemu/sphere_demo.json` that are outputs.
const THINGS: [Thing; 3] = [
    Thing {
        line: 0,
        words: ["the status LED goes out", "the status LED lights up"],
    },
    Thing {
        line: 1,
        words: ["the network LED goes out", "the network LED lights up"],
    },
    Thing {
        line: 2,
        words: ["the gas valve closes", "THE GAS VALVE OPENS"],
    },
];

/// Says what happens, until the machine ends.
pub fn run(console: &Console<'_>, chip: &SimulatedChip) -> ! {
    let Err(failure) = watch(console, chip);
    say!(console, "the lines are not shown any more: {failure}");
    process::exit(1)
}

fn watch(
    console: &Console<'_>,
    chip: &SimulatedChip,
) -> Result<core::convert::Infallible, Failure> {
    let [zero, one, two] = &THINGS;
    let levels = [
        chip.open_level(zero.line)?,
        chip.open_level(one.line)?,
        chip.open_level(two.line)?,
    ];
    // The lines of a chip that has just been made are low.
    let mut shown = [false; THINGS.len()];
    loop {
        for ((thing, level), shown) in THINGS.iter().zip(&levels).zip(&mut shown) {
            let now = is_high(level).doing("read the value of a line")?;
            if now != *shown {
                *shown = now;
                say!(console, "{}", thing.words[usize::from(now)]);
            }
        }
        clock::sleep(INTERVAL);
    }
}

fn is_high(level: &OwnedFd) -> Result<bool, rustix::io::Errno> {
    let mut digit = [0];
    pread(level, &mut digit, 0)?;
    Ok(digit == *b"1")
}
