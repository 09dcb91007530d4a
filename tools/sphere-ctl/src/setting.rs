// SPDX-License-Identifier: GPL-2.0

//! `sphere-ctl mode` and `sphere-ctl lock`.

use crate::error::CtlError;
use rustix::io::Errno;
use sphere_core::mode::Mode;
use sphere_device::{
    console::Console,
    say,
    securityfs::{Directory, FileError, LOCK},
    text::{Foreign, Text},
};

/// What `lock` does.
const LOCKING: &str = "\
nothing is locked yet. After this, and until the machine restarts, a policy is accepted only if it \
grants nothing more than the one in force, which sphere-ctl policy show prints; the mode becomes \
enforcing. If that is meant: sphere-ctl lock --until-reboot";

/// The file with the mode.
pub const MODE: &str = "mode";

/// The word that a file holds.
pub fn word(directory: &Directory, file: &'static str) -> Result<Text<64>, FileError> {
    let mut buffer = [0; 64];
    let bytes = directory.read(file, &mut buffer)?.trim_ascii();
    // What is longer than the text is none of the words.
    Ok(Text::format(format_args!("{}", Foreign(bytes))).unwrap_or_default())
}

/// Prints the mode, or sets it.
pub fn mode<'a>(
    out: &Console<'_>,
    directory: &Directory,
    mode: Option<Mode>,
) -> Result<(), CtlError<'a>> {
    let Some(mode) = mode else {
        say!(out, "{}", word(directory, MODE)?);
        return Ok(());
    };
    directory
        .write(MODE, mode.name().as_bytes())
        .map_err(|error| match error.failure.error {
            Errno::OPNOTSUPP => CtlError::NoMode(mode),
            Errno::PERM if is_locked(directory) => CtlError::Locked,
            _ => error.into(),
        })
}

fn is_locked(directory: &Directory) -> bool {
    word(directory, LOCK).is_ok_and(|word| word.as_str() == "locked")
}

/// Locks the policy, or says what that would do.
pub fn lock<'a>(directory: &Directory, until_reboot: bool) -> Result<(), CtlError<'a>> {
    if !until_reboot {
        return Err(CtlError::NotMeant(LOCKING));
    }
    Ok(directory.write(LOCK, b"locked")?)
}
