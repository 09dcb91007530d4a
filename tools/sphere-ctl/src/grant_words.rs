// SPDX-License-Identifier: GPL-2.0

//! Grants of the policy language in words.

use core::fmt;
use sphere_core::{
    describe::{Bytes, PortWords},
    token::Token,
    words::range,
};

/// One grant: a label, and what is granted under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrantWords<'a> {
    /// What sort of thing it is.
    pub label: &'static str,
    thing: Thing<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Thing<'a> {
    /// `of CHIP: LINES (direction)`.
    Lines(Token<'a>, &'a str, &'static str),
    /// `NAME (access)`.
    Partition(Token<'a>, &'static str),
    /// `TCP`, and ports.
    Ports(&'static str, &'a str),
    /// `TCP ADDRESS`, and ports.
    Endpoint(&'static str, &'a str, &'a str),
    /// A word that stands for itself.
    Word(&'a str),
    Bytes(u64),
}

impl<'a> GrantWords<'a> {
    /// Reads a grant. One that a later kernel may add is shown as it is written.
    pub fn of(grant: &'a str) -> Self {
        Self::known(grant).unwrap_or(Self {
            label: "may",
            thing: Thing::Word(grant),
        })
    }

    fn known(grant: &'a str) -> Option<Self> {
        let mut words = grant.split(' ');
        let mut next = || words.next();
        let (label, thing) = match next()? {
            "gpio" => {
                let (chip, lines) = (Token::new(next()?)?, next()?);
                ("GPIO lines", Thing::Lines(chip, lines, direction(next()?)?))
            }
            "mtd" => (
                "flash",
                Thing::Partition(Token::new(next()?)?, access(next()?)?),
            ),
            "tcp" => inet("TCP", next()?, &mut next)?,
            "udp" => inet("UDP", next()?, &mut next)?,
            "peer" => ("talks to", Thing::Word(next()?)),
            "capability" => ("capability", Thing::Word(next()?)),
            "storage" => ("own storage", Thing::Bytes(next()?.parse().ok()?)),
            _ => return None,
        };
        next().is_none().then_some(Self { label, thing })
    }
}

fn inet<'a>(
    protocol: &'static str,
    action: &'a str,
    next: &mut impl FnMut() -> Option<&'a str>,
) -> Option<(&'static str, Thing<'a>)> {
    Some(match action {
        "bind" => ("listens on", Thing::Ports(protocol, next()?)),
        "connect" => {
            let address = next()?;
            ("connects to", Thing::Endpoint(protocol, address, next()?))
        }
        _ => return None,
    })
}

fn direction(word: &str) -> Option<&'static str> {
    Some(match word {
        "in" => "input",
        "out" => "output",
        "inout" => "input or output",
        _ => return None,
    })
}

fn access(word: &str) -> Option<&'static str> {
    Some(match word {
        "read" => "read",
        "write" => "read and write",
        _ => return None,
    })
}

impl fmt::Display for GrantWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.thing {
            Thing::Lines(chip, lines, direction) => write!(f, "{chip}: {lines} ({direction})"),
            Thing::Partition(name, access) => write!(f, "{name} ({access})"),
            Thing::Ports(protocol, ports) => {
                f.write_str(protocol)?;
                Ports(ports).fmt(f)
            }
            Thing::Endpoint(protocol, address, ports) => {
                write!(f, "{protocol} {}", host(address))?;
                Ports(ports).fmt(f)
            }
            Thing::Word(word) => f.write_str(word),
            Thing::Bytes(bytes) => Bytes(bytes).fmt(f),
        }
    }
}

/// An address without the length of its prefix, if it is one of a host.
fn host(address: &str) -> &str {
    let whole = if address.contains(':') { "/128" } else { "/32" };
    address.strip_suffix(whole).unwrap_or(address)
}

struct Ports<'a>(&'a str);

impl fmt::Display for Ports<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match range(self.0, u16::MAX.into()) {
            // Both fit, as they are limited.
            Some((first, last)) => write!(f, " {}", PortWords(first as u16, last as u16)),
            None => write!(f, " port {}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(grant: &str) -> String {
        let words = GrantWords::of(grant);
        format!("{} | {words}", words.label)
    }

    #[test]
    fn every_grant_has_words() {
        for (grant, expected) in [
            ("gpio a%20b 0-3,7 out", "GPIO lines | a b: 0-3,7 (output)"),
            ("gpio c 3 inout", "GPIO lines | c: 3 (input or output)"),
            ("mtd cal read", "flash | cal (read)"),
            ("mtd cal write", "flash | cal (read and write)"),
            ("tcp bind 80", "listens on | TCP port 80"),
            ("udp bind 8000-8010", "listens on | UDP ports 8000-8010"),
            (
                "tcp connect 10.0.0.0/8 1-65535",
                "connects to | TCP 10.0.0.0/8 any port",
            ),
            (
                "udp connect fe80::/10 53",
                "connects to | UDP fe80::/10 port 53",
            ),
            ("tcp bind 80-80", "listens on | TCP port 80"),
            (
                "tcp connect 10.0.0.1/32 1",
                "connects to | TCP 10.0.0.1 port 1",
            ),
            (
                "tcp connect fe80::/32 1",
                "connects to | TCP fe80::/32 port 1",
            ),
            ("tcp connect ::1/128 1", "connects to | TCP ::1 port 1"),
            ("peer x", "talks to | x"),
            ("capability SystemTime", "capability | SystemTime"),
            ("storage 8192", "own storage | 8 KiB"),
            ("storage 100", "own storage | 100 bytes"),
        ] {
            assert_eq!(words(grant), expected);
        }
    }

    #[test]
    fn what_is_not_known_is_shown_as_it_is() {
        for grant in [
            "",
            "gpio",
            "gpio c 3",
            "gpio c 3 up",
            "gpio c 3 out now",
            "tcp listen 80",
            "storage x",
            "new thing",
        ] {
            assert_eq!(words(grant), format!("may | {grant}"));
        }
    }
}
