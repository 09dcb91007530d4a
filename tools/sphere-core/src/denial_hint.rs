// SPDX-License-Identifier: GPL-2.0

//! What to do where something was denied that should not have been.

use crate::{
    denial_line::{self, Denial},
    denial_object::{Lines, Target},
    gate::Gate,
    role::Role,
    word_list::words_for,
};
use core::fmt;

/// What to do about a denial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hint<'a> {
    advice: Advice<'a>,
    to: Role,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Advice<'a> {
    Grant(Grant<'a>),
    Text(&'static str),
}

/// A grant in the words of the policy language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant<'a> {
    /// GPIO lines, by label, offsets and direction.
    Gpio(&'a str, &'a str, &'a str),
    /// A flash partition, by name and access.
    Mtd(&'a str, &'a str),
    /// What is to be done on the network.
    Network(Target<'a>),
    /// Another component.
    Peer(&'a str),
    /// A capability.
    Capability(&'a str),
    /// Bytes on flash.
    Storage(&'a str),
}

impl fmt::Display for Grant<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gpio(chip, lines, direction) => write!(f, "gpio {chip} {lines} {direction}"),
            Self::Mtd(partition, access) => write!(f, "mtd {partition} {access}"),
            Self::Network(Target::Endpoint(protocol, address, port)) => {
                write!(f, "{} connect {address} {port}", protocol.name())
            }
            Self::Network(Target::Port(protocol, port)) => {
                write!(f, "{} bind {port}", protocol.name())
            }
            // No grant is about the others.
            Self::Network(_) => Ok(()),
            Self::Peer(component) => write!(f, "peer {component}"),
            Self::Capability(name) => write!(f, "capability {name}"),
            Self::Storage(bytes) => write!(f, "storage {bytes}"),
        }
    }
}

/// The grant that would have allowed it, if one would have.
pub fn grant<'a>(denial: &Denial<'a>) -> Option<Grant<'a>> {
    let Denial {
        object,
        right,
        reason,
        ..
    } = *denial;
    match (denial.gate, reason) {
        (Gate::Capability | Gate::Mount, "not-granted") if right != "manager" => {
            Some(Grant::Capability(right))
        }
        (Gate::Gpio, "line" | "input" | "output") => {
            let Lines { chip, lines } = Lines::of(object);
            // Looking takes any direction.
            let direction = if matches!(right, "out" | "inout") {
                right
            } else {
                "in"
            };
            lines.map(|lines| Grant::Gpio(chip, lines, direction))
        }
        (Gate::Mtd, "not-granted") => Some(Grant::Mtd(object, right)),
        (Gate::Network, "port" | "endpoint") => match Target::of(object) {
            target @ (Target::Port(..) | Target::Endpoint(..)) => Some(Grant::Network(target)),
            _ => None,
        },
        (Gate::Network, "class") => match Target::of(object) {
            Target::Socket(["16", "2" | "3", "0"]) => Some(Grant::Capability("NetworkConfig")),
            _ => None,
        },
        (Gate::Peer, "not-mutual") => {
            matches!(denial_line::role(object), Some(Role::Application(_)))
                .then_some(Grant::Peer(object))
        }
        (Gate::Storage, "quota" | "none") => Some(Grant::Storage(object)),
        _ => None,
    }
}

const EXEC_ADVICE: &str = "\
gain take set-id bits and capabilities from the file
held start it from a process that shares nothing and is not traced
uid-in-use give each component a uid of its own
no-single-uid set real, effective and saved uid together";

const GPIO_ADVICE: &str = "\
chip grant a line of the chip
owner let each component request its lines itself";

const NETWORK_ADVICE: &str = "\
class grant what it is to connect to or to listen on
owner let each component make its sockets itself";

const STORAGE_ADVICE: &str = "\
wear grant more storage, which has a larger budget";

const SYSCALL_ADVICE: &str = "\
denied CONFIG_SYSCALL_POLICY_KEPT gives calls back";

fn advice(denial: &Denial<'_>) -> Option<&'static str> {
    let list = match denial.gate {
        Gate::Exec => EXEC_ADVICE,
        Gate::Gpio => GPIO_ADVICE,
        Gate::Network => NETWORK_ADVICE,
        Gate::Storage => STORAGE_ADVICE,
        Gate::Syscall => SYSCALL_ADVICE,
        _ => return None,
    };
    // Rules are about TCP and UDP alone.
    let helps = denial.reason != "class" || Target::of(denial.object).socket_protocol().is_some();
    words_for(denial.reason, list).filter(|_| helps)
}

impl<'a> Hint<'a> {
    /// What to do about `denial`, if there is anything to say.
    pub fn of(denial: &Denial<'a>) -> Option<Self> {
        let to = denial.component;
        let may_be_granted = match to {
            Role::Application(_) => true,
            Role::None => !matches!(denial.gate, Gate::Peer | Gate::Storage),
            Role::Manager | Role::Kernel => false,
        };
        let advice = match grant(denial).filter(|_| may_be_granted) {
            Some(grant) => Advice::Grant(grant),
            None => Advice::Text(advice(denial)?),
        };
        Some(Self { advice, to })
    }
}

impl fmt::Display for Hint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.advice, self.to) {
            (Advice::Grant(grant), Role::None) => write!(f, "policy: nobody allow {grant}"),
            (Advice::Grant(grant @ Grant::Peer(_)), _) => {
                write!(f, "grant: {grant}, and the like to the other side")
            }
            (Advice::Grant(grant), _) => write!(f, "grant: {grant}"),
            (Advice::Text(text), _) => f.write_str(text),
        }
    }
}
