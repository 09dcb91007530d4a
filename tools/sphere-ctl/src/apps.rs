// SPDX-License-Identifier: GPL-2.0

//! What the first process does with applications.

use crate::error::CtlError;
use sphere_device::{console::Console, say};
use sphere_manage::control::{self, PACKET_MAX, Request};

/// Asks the first process for something, and prints what it says.
pub fn ask<'a>(
    out: &Console<'_>,
    request: Request,
    packet: &'a mut [u8; PACKET_MAX],
) -> Result<(), CtlError<'a>> {
    Ok(control::ask(request, packet, |line| say!(out, "{line}"))?)
}

/// What `reset-registry` does.
const RESETTING: &str = "\
nothing is reset yet. After this, the device remembers the applications that are installed, and no \
others: an old version of one that was removed can be installed again, and what it has stored is \
nobody's. A registry that is in order stays as it is. If that is meant: \
sphere-ctl reset-registry --forget-versions";

/// Has the first process make its registry anew, or says what that would do.
pub fn reset_registry<'a>(
    out: &Console<'_>,
    forget_versions: bool,
    packet: &'a mut [u8; PACKET_MAX],
) -> Result<(), CtlError<'a>> {
    if !forget_versions {
        return Err(CtlError::NotMeant(RESETTING));
    }
    ask(out, Request::ResetRegistry, packet)
}
