// SPDX-License-Identifier: GPL-2.0

//! What the object of a denial is made of, for the gates whose objects have parts.

use crate::{record::Protocol, token::decimal, words::range};
use core::fmt;

/// Lines of a GPIO chip: `CHIP:LINES`, or `CHIP` alone for the chip itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lines<'a> {
    /// Label of the chip, as it is written.
    pub chip: &'a str,
    /// Offsets and ranges of them, `0-3,7`; none for the chip itself.
    pub lines: Option<&'a str>,
}

impl<'a> Lines<'a> {
    /// Splits an object. A label may have colons; offsets are after the last.
    pub fn of(object: &'a str) -> Self {
        match object.rsplit_once(':') {
            Some((chip, lines)) if !chip.is_empty() && is_set(lines) => Self {
                chip,
                lines: Some(lines),
            },
            _ => Self {
                chip: object,
                lines: None,
            },
        }
    }

    /// The ranges, each by its first and last offset.
    pub fn ranges(&self) -> impl Iterator<Item = (u32, u32)> + 'a {
        self.lines
            .into_iter()
            .flat_map(|lines| lines.split(','))
            .filter_map(run)
    }
}

fn is_set(lines: &str) -> bool {
    lines.split(',').all(|part| run(part).is_some())
}

/// `7` or `0-3`.
fn run(part: &str) -> Option<(u32, u32)> {
    let (first, last) = range(part, u32::MAX.into())?;
    // Both fit, as they are limited.
    Some((first as u32, last as u32))
}

/// What the network's gate was asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// A local port: `tcp:80`.
    Port(Protocol, u16),
    /// A remote endpoint: `tcp:10.0.0.1:443`, `udp:[fe80::1]:53`. The address without brackets.
    Endpoint(Protocol, &'a str, u16),
    /// A new socket, by family, type and protocol: `socket:2:1:6`.
    Socket([&'a str; 3]),
    /// A socket option: `option:LEVEL:NAME`.
    Option(&'a str, &'a str),
    /// A control message: `control:LEVEL:TYPE`.
    Control(&'a str, &'a str),
    /// An address that cannot be read: `address:FAMILY`.
    Address(&'a str),
    /// What a later kernel may add.
    Other(&'a str),
}

impl<'a> Target<'a> {
    /// The protocol of a new socket that grants can be about.
    pub fn socket_protocol(&self) -> Option<Protocol> {
        match self {
            // IPv4 and IPv6; the protocol's number is that of the type, or none.
            Self::Socket(["2" | "10", "1", "0" | "6"]) => Some(Protocol::Tcp),
            Self::Socket(["2" | "10", "2", "0" | "17"]) => Some(Protocol::Udp),
            _ => None,
        }
    }

    /// Splits an object.
    pub fn of(object: &'a str) -> Self {
        Self::split(object).unwrap_or(Self::Other(object))
    }

    fn split(object: &'a str) -> Option<Self> {
        let (what, rest) = object.split_once(':')?;
        let pair = || rest.split_once(':');
        match what {
            "tcp" => Self::inet(Protocol::Tcp, rest),
            "udp" => Self::inet(Protocol::Udp, rest),
            "socket" => {
                let (family, rest) = pair()?;
                let (kind, protocol) = rest.split_once(':')?;
                Some(Self::Socket([family, kind, protocol]))
            }
            "option" => pair().map(|(level, name)| Self::Option(level, name)),
            "control" => pair().map(|(level, kind)| Self::Control(level, kind)),
            "address" => Some(Self::Address(rest)),
            _ => None,
        }
    }

    fn inet(protocol: Protocol, rest: &'a str) -> Option<Self> {
        let Some((address, port)) = rest.rsplit_once(':') else {
            return decimal(rest).map(|port| Self::Port(protocol, port));
        };
        let inner = address
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        Some(Self::Endpoint(
            protocol,
            inner.unwrap_or(address),
            decimal(port)?,
        ))
    }
}

/// Offsets as people say them.
impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.lines {
            Some(lines) if lines.contains(['-', ',']) => write!(f, "lines {lines}"),
            Some(lines) => write!(f, "line {lines}"),
            None => f.write_str("the chip"),
        }
    }
}
