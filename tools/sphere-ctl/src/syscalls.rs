// SPDX-License-Identifier: GPL-2.0

//! `sphere-ctl syscalls`: which system calls were denied.

use crate::error::CtlError;
use rustix::io::Errno;
use sphere_ctl::component::Times;
use sphere_device::{
    console::Console,
    say,
    securityfs::{Directory, FileError},
    text::Foreign,
};

const FILE: &str = "syscalls";

/// Says which numbers were denied, and how often.
pub fn show<'a>(out: &Console<'_>, directory: &Directory) -> Result<(), CtlError<'a>> {
    let mut lines = match directory.lines::<64>(FILE) {
        Err(error) if error.failure.error == Errno::NOENT => {
            say!(
                out,
                "this kernel denies no system calls: it is built without CONFIG_SYSCALL_POLICY"
            );
            return Ok(());
        }
        lines => lines?,
    };
    let mut any = false;
    let failed = |failure| FileError {
        file: FILE,
        failure,
    };
    while let Some(line) = lines.next_line().map_err(failed)? {
        any = true;
        let pair = line.split_once(' ');
        match pair
            .and_then(|(number, count)| Some((number.parse::<u32>().ok()?, count.parse().ok()?)))
        {
            Some((number, count)) => {
                say!(out, "system call {number} was denied {}", Times(count));
            }
            None => say!(out, "{}", Foreign(line.as_bytes())),
        }
    }
    if any {
        say!(
            out,
            "numbers are those of asm/unistd.h of this architecture"
        );
    } else {
        say!(out, "no system call was denied");
    }
    Ok(())
}
