// SPDX-License-Identifier: GPL-2.0

//! A sample application that an attacker has taken over: it tries to become another, and says what
//! the kernel answers. It fails if anything succeeds.

#![no_std]
#![no_main]

mod attempts;
mod interface;
mod second;

use attempts::{ATTEMPTS, Answer};
use rustix::process::{getgid, getuid};
use sphere_device::{
    args::Args,
    console::Console,
    errno::Words,
    identity::{Attr, Identity},
    say,
};

fn main(args: Args) -> u8 {
    let console = Console::stdout("[intruder] ");
    if let Some(status) = second::run(&console, args) {
        return status;
    }
    let users = users();
    let Ok(identity) = sample::begin(&console, args) else {
        return 1;
    };
    say!(
        console,
        "now I try to become somebody else, and to get what is not mine"
    );
    let successes = ATTEMPTS
        .iter()
        .map(|attempt| (attempt.what, (attempt.run)()))
        .chain([(second::WHAT, second::start(&identity))])
        .filter(|(what, answer)| report(&console, what, *answer))
        .count();
    if !is_same(&identity) || users != self::users() {
        say!(console, "BROKEN: I am not who I was");
        return 1;
    }
    if successes > 0 {
        say!(console, "BROKEN: {successes} attempts succeeded");
        return 1;
    }
    say!(console, "nothing has worked: I am still who I was");
    0
}

/// Says what came of an attempt; whether it succeeded.
fn report(console: &Console<'_>, what: &str, answer: Answer) -> bool {
    match answer {
        Answer::Refused(error) => say!(console, "  {what}: refused, {}", Words(error)),
        Answer::InVain(why) => say!(console, "  {what}: in vain, {why}"),
        Answer::Succeeded => say!(console, "  {what}: SUCCEEDED"),
    }
    matches!(answer, Answer::Succeeded)
}

/// User and group.
fn users() -> (u32, u32) {
    (getuid().as_raw(), getgid().as_raw())
}

/// Whether the kernel still gives the answer that it gave first.
fn is_same(identity: &Identity) -> bool {
    Identity::get(Attr::Current).is_ok_and(|now| now.bytes() == identity.bytes())
}

sphere_start::entry!(main);
