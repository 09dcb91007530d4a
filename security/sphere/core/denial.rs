// SPDX-License-Identifier: GPL-2.0

//! A denial as one line of text, for the log and for audit.
//!
//! `Documentation/admin-guide/LSM/sphere-policy.rst` promises the form of the line to programs.

use super::{
    gate::Gate,
    role::Role,
    words::{
        Buffer,
        Name, //
    }, //
};
use core::fmt;

/// Bytes of what a denial is about, with a final zero. A task can ask for things of any length, and
/// what follows in the line is who it was: all of it has to fit into the kernel log's 1024 bytes.
pub const OBJECT_SIZE: usize = 768;

/// What was denied, to whom, and why.
#[derive(Clone, Copy, Debug)]
pub struct Denial<'a> {
    /// Whether it was let pass all the same, as the mode is permissive.
    pub permitted: bool,
    /// Who has denied it.
    pub gate: Gate,
    /// What it is about: one word.
    pub object: &'a Buffer<OBJECT_SIZE>,
    /// What was to be done with it: one word.
    pub right: &'a str,
    /// Why not: one word.
    pub reason: &'a str,
    /// What the caller is told: a positive number.
    pub errno: i32,
    /// Who the task is.
    pub who: Role,
    /// The id of its process.
    pub pid: i32,
    /// The name of its thread.
    pub comm: &'a [u8],
    /// Denials of the same component that were not said since the last that was.
    pub missed: u32,
}

impl fmt::Display for Denial<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = if self.permitted {
            "permitted"
        } else {
            "denied"
        };
        let (gate, comm) = (self.gate.name(), Name(self.comm));
        write!(f, "{outcome} gate={gate} object={} ", self.object)?;
        write!(f, "right={} reason={} ", self.right, self.reason)?;
        write!(f, "errno={} component={} ", self.errno, self.who)?;
        write!(f, "pid={} comm={comm}", self.pid)?;
        match self.missed {
            0 => Ok(()),
            missed => write!(f, " missed={missed}"),
        }
    }
}
