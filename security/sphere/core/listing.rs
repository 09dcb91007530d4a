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
        let Self { record, prefix } = self;
        for grant in record.gpio() {
            write_gpio(f, prefix, &grant)?;
        }
        for grant in record.mtd() {
            let access = match grant.access {
                MtdAccess::Read => "read",
                MtdAccess::ReadWrite => "write",
            };
            let partition = Name(grant.partition.as_bytes());
            writeln!(f, "{prefix}mtd {partition} {access}")?;
        }
        for rule in record.net() {
            write_net(f, prefix, &rule)?;
        }
        for peer in record.peers() {
            writeln!(f, "{prefix}peer {peer}")?;
        }
        for capability in record.capabilities().iter() {
            writeln!(f, "{prefix}capability {capability}")?;
        }
        match record.storage_bytes() {
            0 => Ok(()),
            bytes => writeln!(f, "{prefix}storage {}", Decimal(bytes)),
        }
    }
}

fn write_gpio(f: &mut fmt::Formatter<'_>, prefix: &str, grant: &GpioGrant<'_>) -> fmt::Result {
    let (input, output) = (grant.input, grant.output);
    for (lines, direction) in [
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
            writeln!(f, "{prefix}gpio {chip} {lines} {direction}")?;
        }
    }
    Ok(())
}

fn write_net(f: &mut fmt::Formatter<'_>, prefix: &str, rule: &NetRule) -> fmt::Result {
    let protocol = rule.protocol.name();
    match rule.action {
        NetAction::Bind => write!(f, "{prefix}{protocol} bind ")?,
        NetAction::Connect(Prefix::V4(ip, bits)) => {
            write!(f, "{prefix}{protocol} connect {}/{bits} ", Ip::V4(ip))?;
        }
        NetAction::Connect(Prefix::V6(ip, bits)) => {
            write!(f, "{prefix}{protocol} connect {}/{bits} ", Ip::V6(ip))?;
        }
    }
    writeln!(f, "{}-{}", rule.port_first, rule.port_last)
}
