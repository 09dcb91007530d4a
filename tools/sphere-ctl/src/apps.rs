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
