// SPDX-License-Identifier: GPL-2.0

//! `sphere-ctl policy`: the policy in force.

use crate::error::CtlError;
use core::ffi::CStr;
use rustix::{fs::OFlags, io::Errno};
use sphere_core::policy::POLICY_MAX;
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

/// Puts the policy in `path` in force.
pub fn load<'a>(
    directory: &Directory,
    path: &'a CStr,
    reason: &'a mut [u8; REASON_MAX],
) -> Result<(), CtlError<'a>> {
    let mut buffer = [0; POLICY_MAX];
    let policy = read(path, &mut buffer).map_err(|failure| match failure.error {
        Errno::FBIG => CtlError::PolicyTooLong(path),
        _ => CtlError::Input(path, failure),
    })?;
    directory
        .load_policy(policy, reason)
        .map_err(|error| CtlError::Policy(path, error))
}

fn read<'b>(path: &CStr, buffer: &'b mut [u8]) -> Result<&'b [u8], Failure> {
    if path == c"-" {
        return file::read_whole(file::stdin(), buffer);
    }
    let file = file::open_path(path, OFlags::RDONLY).doing("open the file")?;
    file::read_whole(file, buffer)
}
