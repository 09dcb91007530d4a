// SPDX-License-Identifier: GPL-2.0

//! A record in words, for people who never saw one.
//!
//! ```text
//! gas-valve
//!   component       8f1a...
//!   GPIO lines      gpio-sim.0: 3 (output)
//!   own storage     8 KiB
//! ```

use crate::{
    capability::CapabilitySet,
    record::{GpioGrant, Kind, MtdAccess, MtdGrant, NetAction, NetRule, Prefix, Protocol, Record},
    words::Lines,
};
use core::{
    fmt::{self, Display, Formatter},
    net::{Ipv4Addr, Ipv6Addr},
    ops::Deref,
};

/// Says what a record makes of a task: the name in the first line, then one line for each thing
/// that is granted. No line break at the end.
pub struct Description<'a, B>(pub &'a Record<B>);

impl<B: Deref<Target = [u8]>> Display for Description<'_, B> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let record = self.0;
        match record.kind() {
            Kind::None => f.write_str("no identity\n  may            compute and use memory"),
            Kind::Manager => f.write_str("the manager\n  may            give identities"),
            Kind::Application => {
                write!(f, "{}", Name(record))?;
                row(f, "component", [record.component()])?;
                row(f, "tenant", some(record.tenant()))?;
                grants(f, record)
            }
        }
    }
}

/// The name of a record's application, or that it has none.
pub struct Name<'a, B>(pub &'a Record<B>);

impl<B: Deref<Target = [u8]>> Display for Name<'_, B> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.0.kind(), self.0.name()) {
            (Kind::None, _) => "no identity",
            (Kind::Manager, _) => "the manager",
            (Kind::Application, "") => "an application without a name",
            (Kind::Application, name) => name,
        })
    }
}

fn grants<B: Deref<Target = [u8]>>(f: &mut Formatter<'_>, record: &Record<B>) -> fmt::Result {
    if grants_nothing(record) {
        return row(f, "granted", ["compute and memory, nothing else"]);
    }
    row(f, "GPIO lines", record.gpio().map(GpioWords))?;
    row(f, "flash", record.mtd().map(MtdWords))?;
    row(f, "own storage", some(record.storage_bytes()).map(Bytes))?;
    row(f, "listens on", net_words(record, |a| a == NetAction::Bind))?;
    row(
        f,
        "connects to",
        net_words(record, |a| a != NetAction::Bind),
    )?;
    row(f, "talks to", record.peers())?;
    row(f, "capabilities", record.capabilities().iter())
}

fn grants_nothing<B: Deref<Target = [u8]>>(record: &Record<B>) -> bool {
    record.capabilities() == CapabilitySet::EMPTY
        && record.storage_bytes() == 0
        && record.gpio().next().is_none()
        && record.mtd().next().is_none()
        && record.net().next().is_none()
        && record.peers().next().is_none()
}

/// `value` unless it is the default, which says that there is none.
fn some<T: Default + PartialEq>(value: T) -> impl Iterator<Item = T> {
    (value != T::default()).then_some(value).into_iter()
}

fn net_words<B: Deref<Target = [u8]>>(
    record: &Record<B>,
    wanted: fn(NetAction) -> bool,
) -> impl Iterator<Item = NetWords> {
    record
        .net()
        .filter(move |rule| wanted(rule.action))
        .map(NetWords)
}

/// One line: a label and what belongs to it; nothing at all where nothing does.
fn row<T: Display>(
    f: &mut Formatter<'_>,
    label: &str,
    items: impl IntoIterator<Item = T>,
) -> fmt::Result {
    for (i, item) in items.into_iter().enumerate() {
        if i == 0 {
            write!(f, "\n  {label:<15}{item}")?;
        } else {
            write!(f, ", {item}")?;
        }
    }
    Ok(())
}

/// A number of bytes.
#[derive(Clone, Copy)]
pub struct Bytes(pub u64);

impl Display for Bytes {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes if bytes != 0 && bytes % 1024 == 0 => write!(f, "{} KiB", bytes / 1024),
            bytes => write!(f, "{bytes} bytes"),
        }
    }
}

struct GpioWords<'a>(GpioGrant<'a>);

impl Display for GpioWords<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let GpioGrant {
            chip,
            base,
            input,
            output,
        } = self.0;
        write!(f, "{chip}:")?;
        let mut separator = "";
        for (lines, direction) in [
            (input & output, "input or output"),
            (input & !output, "input"),
            (output & !input, "output"),
        ] {
            if lines != 0 {
                write!(
                    f,
                    "{separator} {} ({direction})",
                    Lines {
                        base,
                        lines,
                        separator: ' '
                    }
                )?;
                separator = ",";
            }
        }
        Ok(())
    }
}

struct MtdWords<'a>(MtdGrant<'a>);

impl Display for MtdWords<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let access = match self.0.access {
            MtdAccess::Read => "read",
            MtdAccess::ReadWrite => "read and write",
        };
        write!(f, "{} ({access})", self.0.partition)
    }
}

struct NetWords(NetRule);

impl Display for NetWords {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let rule = self.0;
        f.write_str(protocol_words(rule.protocol))?;
        if let NetAction::Connect(prefix) = rule.action {
            write!(f, " {}", PrefixWords(prefix))?;
        }
        write!(f, " {}", PortWords(rule.port_first, rule.port_last))
    }
}

/// What people call a protocol.
pub fn protocol_words(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "TCP",
        Protocol::Udp => "UDP",
    }
}

/// The ports from the first to the last.
pub struct PortWords(pub u16, pub u16);

impl Display for PortWords {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match *self {
            Self(1, u16::MAX) => f.write_str("any port"),
            Self(first, last) if first == last => write!(f, "port {first}"),
            Self(first, last) => write!(f, "ports {first}-{last}"),
        }
    }
}

/// Addresses: `any IPv4 address`, `10.0.0.0/8`, `10.0.0.1`.
pub struct PrefixWords(pub Prefix);

impl Display for PrefixWords {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Prefix::V4(_, 0) => f.write_str("any IPv4 address"),
            Prefix::V6(_, 0) => f.write_str("any IPv6 address"),
            Prefix::V4(address, 32) => write!(f, "{}", Ipv4Addr::from(address)),
            Prefix::V6(address, 128) => write!(f, "{}", Ipv6Addr::from(address)),
            Prefix::V4(address, bits) => write!(f, "{}/{bits}", Ipv4Addr::from(address)),
            Prefix::V6(address, bits) => write!(f, "{}/{bits}", Ipv6Addr::from(address)),
        }
    }
}
