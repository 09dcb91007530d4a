// SPDX-License-Identifier: GPL-2.0

//! `sphere-ctl policy`: the policy in force.

use crate::error::CtlError;
use core::ffi::CStr;
use rustix::{fs::OFlags, io::Errno};
use sphere_core::{
    policy::{POLICY_MAX, PolicyError, Reason},
    policy_check::{self, InOrder},
};
use sphere_device::{
    console::Console,
    errno::{Doing, Failure},
    file, say,
    securityfs::{Directory, POLICY, REASON_MAX},
    text::Foreign,
};

/// Prints it.
pub fn show<'a>(out: &Console<'_>, directory: &Directory) -> Result<(), CtlError<'a>> {
    let mut buffer = [0; POLICY_MAX];
    let policy = directory.read(POLICY, &mut buffer)?;
    let policy = policy.strip_suffix(b"\n").unwrap_or(policy);
    for line in policy.split(|&byte| byte == b'\n') {
        say!(out, "{}", Foreign(line));
    }
    Ok(())
}

/// Says whether the policy in `path` is in order.
pub fn check<'a>(out: &Console<'_>, path: &'a CStr) -> Result<(), CtlError<'a>> {
    let mut buffer = [0; POLICY_MAX];
    let policy = read(path, &mut buffer)?;
    let count = count(path, policy)?;
    say!(out, "{}", InOrder(Foreign::from(path), count));
    Ok(())
}

/// How many statements it has, if there is no mistake in it.
fn count<'a>(path: &'a CStr, policy: &[u8]) -> Result<usize, CtlError<'a>> {
    policy_check::check(policy, &mut |_, _| {}).map_err(|mistake| CtlError::Mistake(path, mistake))
}

/// Puts the policy in `path` in force. Checks it first: a mistake is not for the kernel, which would
/// keep it as the reason of the last refusal.
pub fn load<'a>(
    directory: &Directory,
    path: &'a CStr,
    reason: &'a mut [u8; REASON_MAX],
) -> Result<(), CtlError<'a>> {
    let mut buffer = [0; POLICY_MAX];
    let policy = read(path, &mut buffer)?;
    count(path, policy)?;
    directory
        .load_policy(policy, reason)
        .map_err(|error| CtlError::Policy(path, error))
}

fn read<'a, 'b>(path: &'a CStr, buffer: &'b mut [u8]) -> Result<&'b [u8], CtlError<'a>> {
    let (line, reason) = (0, Reason::TooLarge);
    read_file(path, buffer).map_err(|failure| match failure.error {
        Errno::FBIG => CtlError::Mistake(path, PolicyError { line, reason }),
        _ => CtlError::Input(path, failure),
    })
}

fn read_file<'b>(path: &CStr, buffer: &'b mut [u8]) -> Result<&'b [u8], Failure> {
    if path == c"-" {
        return file::read_whole(file::stdin(), buffer);
    }
    let file = file::open_path(path, OFlags::RDONLY).doing("open the file")?;
    file::read_whole(file, buffer)
}
