// SPDX-License-Identifier: GPL-2.0

//! What a record grants, in the words of policies.

use super::{
    net::Ip,
    record::{
        GpioGrant,
        MtdAccess,
        NetAction,
        NetRule,
        Prefix,
        Record, //
    },
    words::{
        Decimal,
        Lines,
        Name, //
    }, //
};
use core::fmt;

/// One line for each grant: what would have to stand behind `allow` in a policy.
#[derive(Clone, Copy, Debug)]
pub struct Listing<'a> {
    /// The record.
    pub record: Record<&'a [u8]>,
    /// What each line starts with.
    pub prefix: &'a str,
}

impl fmt::Display for Listing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let record = &self.record;
        for grant in record.gpio() {
            self.write_gpio(f, &grant)?;
        }
        for grant in record.mtd() {
            let access = match grant.access {
                MtdAccess::Read => "read",
                MtdAccess::ReadWrite => "write",
            };
            let partition = Name(grant.partition.as_bytes());
            self.line(f, format_args!("mtd {partition} {access}"))?;
        }
        for rule in record.net() {
            self.write_net(f, &rule)?;
        }
        for peer in record.peers() {
            self.line(f, format_args!("peer {peer}"))?;
        }
        for capability in record.capabilities().iter() {
            self.line(f, format_args!("capability {capability}"))?;
        }
        match record.storage_bytes() {
            0 => Ok(()),
            bytes => self.line(f, format_args!("storage {}", Decimal(bytes))),
        }
    }
}

impl Listing<'_> {
    fn line(&self, f: &mut fmt::Formatter<'_>, what: fmt::Arguments<'_>) -> fmt::Result {
        writeln!(f, "{}{what}", self.prefix)
    }

    fn write_gpio(&self, f: &mut fmt::Formatter<'_>, grant: &GpioGrant<'_>) -> fmt::Result {
        let (input, output) = (grant.input, grant.output);
        for &(lines, direction) in &[
            (input & output, "inout"),
            (input & !output, "in"),
            (output & !input, "out"),
        ] {
            if lines != 0 {
                let chip = Name(grant.chip.as_bytes());
                let lines = Lines {
                    base: grant.base,
                    lines,
                    separator: ',',
                };
                self.line(f, format_args!("gpio {chip} {lines} {direction}"))?;
            }
        }
        Ok(())
    }

    fn write_net(&self, f: &mut fmt::Formatter<'_>, rule: &NetRule) -> fmt::Result {
        let (protocol, ports) = (rule.protocol.name(), Ports(rule));
        let (ip, bits) = match rule.action {
            NetAction::Bind => return self.line(f, format_args!("{protocol} bind {ports}")),
            NetAction::Connect(Prefix::V4(ip, bits)) => (Ip::V4(ip), bits),
            NetAction::Connect(Prefix::V6(ip, bits)) => (Ip::V6(ip), bits),
        };
        self.line(f, format_args!("{protocol} connect {ip}/{bits} {ports}"))
    }
}

/// The ports of a rule.
struct Ports<'a>(&'a NetRule);

impl fmt::Display for Ports<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.0.port_first, self.0.port_last)
    }
}
