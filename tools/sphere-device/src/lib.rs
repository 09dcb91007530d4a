// SPDX-License-Identifier: GPL-2.0

//! What programs on a Sphere device stand on instead of a C library: arguments, the console,
//! errors in words, the calls that give and read identities, connections, and who is at the other
//! end of a socket. `sphere-start` starts them.
//!
//! Programs are single-threaded: nothing here starts a thread.

#![cfg_attr(not(test), no_std)]

pub mod args;
pub mod clock;
pub mod console;
pub mod errno;
pub mod file;
pub mod gpio;
pub mod identity;
pub mod kmsg;
pub mod lines;
pub mod mount;
pub mod peer;
mod poll;
pub mod process;
pub mod securityfs;
pub mod tcp;
pub mod text;
pub mod wait;
