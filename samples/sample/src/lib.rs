// SPDX-License-Identifier: GPL-2.0

//! What the sample applications share: each asks the kernel first who it is, and says so.

#![cfg_attr(not(test), no_std)]

pub mod config;
pub mod line;
pub mod refusal;

use core::time::Duration;
use rustix::process::getuid;
use sphere_core::describe::Description;
use sphere_device::{
    args::Args,
    clock,
    console::Console,
    identity::{Attr, Identity, IdentityError},
    say,
};

/// Waits until it is this application's turn, then lets it say who it is and what it may do: by
/// what the kernel answers, not by what the application believes.
///
/// # Errors
///
/// The identity cannot be read, which has been said too.
pub fn begin(console: &Console<'_>, args: Args) -> Result<Identity, IdentityError> {
    clock::sleep(delay(args));
    let uid = getuid().as_raw();
    match Identity::get(Attr::Current) {
        Ok(identity) => {
            let words = Description(&identity.record());
            say!(
                console,
                "I run as user {uid}, and the kernel says that I am {words}"
            );
            Ok(identity)
        }
        Err(error) => {
            say!(
                console,
                "I run as user {uid}, and cannot read who I am: {error}"
            );
            Err(error)
        }
    }
}

/// The argument `--delay MILLISECONDS`, so that applications that start together speak in turn.
fn delay(args: Args) -> Duration {
    let mut args = args.argv.skip_while(|arg| arg.to_bytes() != b"--delay");
    let value = args
        .nth(1)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    Duration::from_millis(value.unwrap_or(0))
}
