// SPDX-License-Identifier: GPL-2.0

//! A sample application: opens and closes a gas valve. Then it does what somebody would who has
//! taken it over: the network LED is on the same chip, and its own button could be driven.

#![no_std]
#![no_main]

use core::time::Duration;
use sample::{
    line::{self, Line},
    refusal::is_refused,
};
use sphere_core::capability::Capability;
use sphere_device::{
    args::Args,
    clock,
    console::Console,
    errno::{Doing, Failure},
    gpio::{Chip, Use},
    say,
};

/// The line that `network-led` has.
const NETWORK_LED: u32 = 1;
/// For how long the valve is open.
const OPEN: Duration = Duration::from_millis(100);
/// For how long it is closed before anything else happens, so that one can see whose doing it is.
const SEEN: Duration = Duration::from_millis(50);

fn main(args: Args) -> u8 {
    let console = Console::stdout("[gas-valve] ");
    let Ok(identity) = sample::begin(&console, args) else {
        return 1;
    };
    let record = identity.record();
    if record.capabilities().contains(Capability::ForceReboot) {
        say!(
            console,
            "restarting the device in an emergency is granted to me"
        );
    }
    let (Some(valve), Some(button)) = (line::output(&record), line::input(&record)) else {
        say!(
            console,
            "the gas valve and its button are not granted to me"
        );
        return 1;
    };
    let chip = match work(&console, valve, button) {
        Ok(chip) => chip,
        Err(failure) => {
            say!(console, "the gas valve: {failure}");
            return 1;
        }
    };
    say!(
        console,
        "now as if I were taken over: the network LED, line {NETWORK_LED} of the same chip"
    );
    let other = line::is_out_of_reach(&console, &chip, valve.offset, NETWORK_LED);
    let answer = chip
        .request("mine", &[button.offset], Use::Output(1))
        .map(drop);
    let own = is_refused(&console, "drive my button, an input", answer);
    if !(other && own) {
        say!(console, "BROKEN: that is not mine");
        return 1;
    }
    say!(console, "the network LED is out of my reach");
    0
}

/// Looks at the button, and opens the valve for a while.
fn work(console: &Console<'_>, valve: Line<'_>, button: Line<'_>) -> Result<Chip, Failure> {
    let chip = Chip::find(valve.chip).doing("open its chip")?;
    let buttons = chip
        .request("gas-valve", &[button.offset], Use::Input)
        .doing("get the line of the button")?;
    let pressed = buttons.levels().doing("read the button")? != 0;
    let not = if pressed { "" } else { "not " };
    say!(
        console,
        "the button, line {} of {}, is {not}pressed",
        button.offset,
        button.chip
    );
    let lines = chip
        .request("gas-valve", &[valve.offset], Use::Output(0))
        .doing("get its line")?;
    say!(
        console,
        "I open the gas valve, line {} of {}",
        valve.offset,
        valve.chip
    );
    lines.drive(1).doing("open it")?;
    clock::sleep(OPEN);
    say!(console, "I close it");
    lines.drive(0).doing("close it")?;
    clock::sleep(SEEN);
    Ok(chip)
}

sphere_start::entry!(main);
