// SPDX-License-Identifier: GPL-2.0

//! `sphere-ctl status`: everything in short, and what to look at.

use crate::{
    components,
    error::CtlError,
    setting::{MODE, word},
};
use core::fmt::Display;
use sphere_core::policy_check::is_statement;
use sphere_ctl::component::Times;
use sphere_device::{
    console::Console,
    say,
    securityfs::{Directory, FileError, LOCK, POLICY, POLICY_ERROR},
    text::Foreign,
};

/// The version of the files that this program knows.
const VERSION: &str = "1";
const DENIALS: &str = "denials";

/// Says how Sphere is set, and what it has done.
pub fn show<'a>(out: &Console<'_>, directory: &Directory) -> Result<(), CtlError<'a>> {
    let version = word(directory, "version")?;
    let mode = word(directory, MODE)?;
    let lock = word(directory, LOCK)?;
    row(out, "version", &version);
    row(out, "mode", &mode);
    row(out, "lock", &lock);
    let statements = statements(directory)?;
    let plural = if statements == 1 { "" } else { "s" };
    row(
        out,
        "policy",
        &format_args!("{statements} statement{plural}"),
    );
    row(out, "components", &components::count(directory)?);
    let denied = denied(out, directory)?;
    if version.as_str() != VERSION {
        advise(
            out,
            "this sphere-ctl is for version 1: take one that came with the kernel",
        );
    }
    match mode.as_str() {
        "enforcing" => {}
        "development" => advise(
            out,
            "debuggers may trace others in this mode: sphere-ctl mode enforcing ends them",
        ),
        _ => advise(
            out,
            "nothing is refused in this mode: sphere-ctl mode enforcing",
        ),
    }
    if lock.as_str() != "locked" {
        advise(
            out,
            "managers may change the policy: sphere-ctl lock says how to end that",
        );
    }
    if denied {
        advise(
            out,
            "who was denied what: sphere-ctl denials, sphere-ctl components",
        );
    }
    last_refusal(out, directory)?;
    Ok(())
}

fn row(out: &Console<'_>, label: &str, what: &dyn Display) {
    say!(out, "{label:<12}{what}");
}

fn advise(out: &Console<'_>, what: &str) {
    say!(out, "! {what}");
}

/// Lines of the policy in force that are statements.
fn statements(directory: &Directory) -> Result<u32, FileError> {
    let mut lines = directory.lines::<256>(POLICY)?;
    let mut count = 0;
    let failed = |failure| FileError {
        file: POLICY,
        failure,
    };
    while let Some(line) = lines.next_line().map_err(failed)? {
        count += u32::from(is_statement(line));
    }
    Ok(count)
}

/// Says how often each gate has denied something, and returns whether any has.
fn denied(out: &Console<'_>, directory: &Directory) -> Result<bool, FileError> {
    let mut lines = directory.lines::<64>(DENIALS)?;
    let mut any = false;
    let failed = |failure| FileError {
        file: DENIALS,
        failure,
    };
    while let Some(line) = lines.next_line().map_err(failed)? {
        let Some((gate, count)) = line.split_once(' ') else {
            continue;
        };
        let count = count.parse().unwrap_or(0);
        if count != 0 {
            any = true;
            let gate = Foreign(gate.as_bytes());
            row(out, "denied", &format_args!("{gate}, {}", Times(count)));
        }
    }
    if !any {
        row(out, "denied", &"nothing since the machine started");
    }
    Ok(any)
}

fn last_refusal(out: &Console<'_>, directory: &Directory) -> Result<(), FileError> {
    let mut buffer = [0; 256];
    let reason = directory.read(POLICY_ERROR, &mut buffer)?.trim_ascii();
    if !reason.is_empty() {
        say!(out, "! the last policy was refused: {}", Foreign(reason));
    }
    Ok(())
}
