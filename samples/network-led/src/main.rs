// SPDX-License-Identifier: GPL-2.0

//! A sample application: shows that the network is there. Then it does what somebody would who has
//! taken it over: the gas valve is on the same chip.

#![no_std]
#![no_main]

use core::time::Duration;
use sample::line::{self, Line};
use sphere_device::{
    args::Args,
    clock,
    console::Console,
    errno::{Doing, Failure},
    gpio::{Chip, Use},
    say,
};

/// The line that `gas-valve` has.
const GAS_VALVE: u32 = 2;
/// For how long the LED is on.
const LIT: Duration = Duration::from_millis(100);
/// For how long it is off before anything else happens, so that one can see whose doing it is.
const SEEN: Duration = Duration::from_millis(50);

fn main(args: Args) -> u8 {
    let console = Console::stdout("[network-led] ");
    let Ok(identity) = sample::begin(&console, args) else {
        return 1;
    };
    let record = identity.record();
    let Some(led) = line::output(&record) else {
        say!(console, "the network LED is not granted to me");
        return 1;
    };
    let chip = match blink(&console, led) {
        Ok(chip) => chip,
        Err(failure) => {
            say!(console, "the network LED: {failure}");
            return 1;
        }
    };
    say!(
        console,
        "now as if I were taken over: the gas valve, line {GAS_VALVE} of the same chip"
    );
    if !line::is_out_of_reach(&console, &chip, led.offset, GAS_VALVE) {
        say!(console, "BROKEN: the gas valve is not mine");
        return 1;
    }
    say!(console, "the gas valve is out of my reach");
    0
}

/// Switches the LED on for a while.
fn blink(console: &Console<'_>, led: Line<'_>) -> Result<Chip, Failure> {
    let chip = Chip::find(led.chip).doing("open its chip")?;
    let lines = chip
        .request("network-led", &[led.offset], Use::Output(0))
        .doing("get its line")?;
    say!(
        console,
        "I switch the network LED on, line {} of {}",
        led.offset,
        led.chip
    );
    lines.drive(1).doing("switch it on")?;
    clock::sleep(LIT);
    say!(console, "I switch it off");
    lines.drive(0).doing("switch it off")?;
    clock::sleep(SEEN);
    Ok(chip)
}

sphere_start::entry!(main);
