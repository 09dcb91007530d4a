// SPDX-License-Identifier: GPL-2.0

//! One line of the log, or of an audit record, that says what was denied.
//!
//! ```text
//! denied gate=gpio object=gpio-sim.0:3 right=out reason=line errno=13 component=8c2b... pid=12 comm=led
//! ```
//!
//! `permitted` in place of `denied`: it would have been, but the mode is permissive. `missed=N` at
//! the end: so many denials of the same component were not said before this one.

use crate::{
    gate::Gate,
    role::Role,
    token::{Token, decimal},
    uuid::Uuid,
};
use core::fmt;

/// What precedes a denial in the kernel's log.
pub const LOG_PREFIX: &str = "sphere: ";

/// The type of audit records that hold a denial, `SPHERE_AUDIT_DENIED`.
pub const AUDIT_TYPE: u32 = 1490;

/// Reads who something was denied to, or whom an object is, as [`Role`] is written.
pub fn role(word: &str) -> Option<Role> {
    match word {
        "none" => Some(Role::None),
        "manager" => Some(Role::Manager),
        "kernel" => Some(Role::Kernel),
        _ => Uuid::parse(word).map(Role::Application),
    }
}

/// One denial, as it is read: [`crate::denial`] is how the kernel writes it. Object, right and
/// reason mean what the table in Documentation/admin-guide/LSM/sphere.rst says for its gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Denial<'a> {
    /// It went through all the same, because the mode is permissive.
    pub permitted: bool,
    /// Who was asked.
    pub gate: Gate,
    /// About what.
    pub object: &'a str,
    /// What was to be done with it.
    pub right: &'a str,
    /// Why not.
    pub reason: &'a str,
    /// What the caller got.
    pub errno: u16,
    /// Who it was.
    pub component: Role,
    /// Process id.
    pub pid: u32,
    /// Name of the thread.
    pub comm: Token<'a>,
    /// Denials of the same component before this one that were not said.
    pub missed: u64,
}

impl<'a> Denial<'a> {
    /// Reads the text of an audit record, or that of a log message after [`LOG_PREFIX`].
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut tokens = text.trim_ascii_end().split(' ');
        let permitted = match tokens.next()? {
            "denied" => false,
            "permitted" => true,
            _ => return None,
        };
        // Always in this order.
        let mut value = |key: &str| {
            let value = tokens.next()?.strip_prefix(key)?.strip_prefix('=')?;
            Token::new(value).map(Token::as_written)
        };
        let denial = Self {
            permitted,
            gate: Gate::from_name(value("gate")?)?,
            object: value("object")?,
            right: value("right")?,
            reason: value("reason")?,
            errno: decimal(value("errno")?)?,
            component: role(value("component")?)?,
            pid: decimal(value("pid")?)?,
            comm: Token::new(value("comm")?)?,
            missed: 0,
        };
        let missed = match tokens.next() {
            None => 0,
            Some(token) => decimal(token.strip_prefix("missed=")?)?,
        };
        let complete = tokens.next().is_none() && denial.errno != 0;
        complete.then_some(Self { missed, ..denial })
    }

    /// Reads a message of the kernel's log.
    pub fn from_message(message: &'a str) -> Option<Self> {
        Self::parse(message.strip_prefix(LOG_PREFIX)?)
    }

    /// Finds the denial in a line of a log file or of an audit log, where a time, a host name and
    /// the like precede it.
    pub fn find(line: &'a str) -> Option<Self> {
        // What auditd adds in words is after this character.
        let line = line.split('\u{1d}').next()?;
        let after = |separator: &str| line.find(separator).map(|at| &line[at + separator.len()..]);
        Self::parse(line)
            .or_else(|| after(LOG_PREFIX).and_then(Self::parse))
            // Between the serial number of the event and the text.
            .or_else(|| after("): ").and_then(Self::parse))
    }
}

impl fmt::Display for Denial<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            object,
            right,
            reason,
            errno,
            component,
            pid,
            ..
        } = self;
        let word = if self.permitted {
            "permitted"
        } else {
            "denied"
        };
        let (gate, comm) = (self.gate.name(), self.comm.as_written());
        write!(
            f,
            "{word} gate={gate} object={object} right={right} reason={reason} errno={errno} \
             component={component} pid={pid} comm={comm}"
        )?;
        match self.missed {
            0 => Ok(()),
            missed => write!(f, " missed={missed}"),
        }
    }
}
