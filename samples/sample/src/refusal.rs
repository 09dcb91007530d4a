// SPDX-License-Identifier: GPL-2.0

//! What comes of something that was not granted.

use rustix::io::Errno;
use sphere_device::{console::Console, errno::Words, say};

/// Says what came of it. Whether the kernel has refused it.
pub fn is_refused(console: &Console<'_>, what: &str, answer: Result<(), Errno>) -> bool {
    match answer {
        Ok(()) => say!(console, "  {what}: SUCCEEDED"),
        Err(error) => say!(console, "  {what}: refused, {}", Words(error)),
    }
    answer.is_err()
}
