// SPDX-License-Identifier: GPL-2.0

//! A denial in words, for people who never saw one: who may not do what, why, and what to do.
//!
//! ```text
//! gas-valve (pid 12, comm led) may not drive line 3 of gpio-sim.0 (EACCES): not granted to it
//! as output; grant: gpio gpio-sim.0 3 out
//! ```

use crate::{
    denial_hint::{self, Grant, Hint},
    denial_line::{self, Denial},
    denial_object::{Lines, Target},
    describe::protocol_words,
    errno::name_and_meaning,
    gate::Gate,
    role::Role,
    token::Token,
    word_list::words_for,
};
use core::fmt::{self, Display, Formatter};

/// One sentence about a denial. No line break at the end.
pub struct Sentence<'a> {
    /// What has happened.
    pub denial: &'a Denial<'a>,
    /// What the component is called, where that is known.
    pub name: Option<&'a dyn Display>,
}

impl Display for Sentence<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { denial, name } = self;
        match name {
            Some(name) => name.fmt(f)?,
            None => Who(denial.component).fmt(f)?,
        }
        let (pid, comm) = (denial.pid, denial.comm);
        let may = if denial.permitted {
            "was permitted to"
        } else {
            "may not"
        };
        write!(f, " (pid {pid}, comm {comm}) {may} ")?;
        what(f, denial)?;
        let error = Error(denial.errno);
        match denial.permitted {
            false => write!(f, " ({error}): ")?,
            true => write!(f, ", which enforcing refuses ({error}): ")?,
        }
        why(f, denial)?;
        if let Some(hint) = Hint::of(denial) {
            write!(f, "; {hint}")?;
        }
        match denial.missed {
            0 => Ok(()),
            missed => write!(f, "; {missed} more not said"),
        }
    }
}

/// One that has no name.
pub struct Who(pub Role);

impl Display for Who {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Role::Application(id) => write!(f, "component {id}"),
            Role::None => f.write_str("a task without identity"),
            Role::Manager => f.write_str("a manager"),
            Role::Kernel => f.write_str("the kernel"),
        }
    }
}

/// An error by its name.
struct Error(u16);

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match name_and_meaning(self.0.into()) {
            Some((name, _)) => f.write_str(name),
            None => write!(f, "errno {}", self.0),
        }
    }
}

/// A name of an object, decoded.
struct Decoded<'a>(&'a str);

impl Display for Decoded<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match Token::new(self.0) {
            Some(name) => name.fmt(f),
            None => f.write_str("?"),
        }
    }
}

fn what(f: &mut Formatter<'_>, denial: &Denial<'_>) -> fmt::Result {
    let Denial { object, right, .. } = *denial;
    match denial.gate {
        Gate::Capability => operation(f, object),
        Gate::Exec => f.write_str(match right {
            "exec" => "execute a program",
            _ => "change its user",
        }),
        Gate::Gpio => gpio(f, object, right),
        Gate::Mount => write!(f, "mount a file system of type {}", Decoded(object)),
        Gate::Mtd => write!(f, "{right} the flash partition {}", Decoded(object)),
        Gate::Network => network(f, object, right),
        Gate::Peer => {
            f.write_str(match right {
                "connect" => "connect to ",
                "receive" => "receive from ",
                _ => "send to ",
            })?;
            other(f, object)
        }
        Gate::Storage if denial.reason == "quota" => write!(f, "have {object} bytes on flash"),
        Gate::Storage => write!(f, "write {object} bytes to flash"),
        Gate::Syscall => write!(f, "make system call {object}"),
        Gate::Trace => {
            f.write_str(match right {
                "be-traced" => "be traced by ",
                "receive" => "receive a file of ",
                _ => "trace ",
            })?;
            other(f, object)
        }
    }
}

fn other(f: &mut Formatter<'_>, object: &str) -> fmt::Result {
    match denial_line::role(object) {
        Some(role) => Who(role).fmt(f),
        None => f.write_str(object),
    }
}

const OPERATIONS: &str = "\
SetTime set the clock
Reboot restart the machine
PowerOff power the machine off
SetHostName set the host name
SeedRng feed the random number generator
ReadLog read the kernel log
NetAddress change network addresses
NetRoute change routes
NetLinkState bring network links up or down
BindPort bind to a port below 1024
MountImage mount an image
WriteSysctl write to a sysctl
UserNamespace make a user namespace
Unknown use a Linux capability";

fn operation(f: &mut Formatter<'_>, object: &str) -> fmt::Result {
    match words_for(object, OPERATIONS) {
        Some(words) => f.write_str(words),
        None => write!(f, "do {object}"),
    }
}

const LINE_RIGHTS: &str = "\
look look at
in read
out drive
inout read and drive";

fn gpio(f: &mut Formatter<'_>, object: &str, right: &str) -> fmt::Result {
    let lines = Lines::of(object);
    f.write_str(words_for(right, LINE_RIGHTS).unwrap_or("use a file of"))?;
    let chip = Decoded(lines.chip);
    match lines.lines {
        Some(_) => write!(f, " {lines} of {chip}"),
        None => write!(f, " the GPIO chip {chip}"),
    }
}

const PORT_RIGHTS: &str = "\
bind bind to
listen listen on
accept accept a connection on
send send from
connect connect from";

fn network(f: &mut Formatter<'_>, object: &str, right: &str) -> fmt::Result {
    let target = Target::of(object);
    if let Some(protocol) = target.socket_protocol() {
        return write!(f, "{right} a {} socket", protocol_words(protocol));
    }
    match target {
        Target::Port(protocol, port) => {
            let doing = words_for(right, PORT_RIGHTS).unwrap_or("use");
            write!(f, "{doing} {} port {port}", protocol_words(protocol))
        }
        Target::Endpoint(protocol, address, port) => {
            let doing = if right == "send" { "send" } else { "connect" };
            let protocol = protocol_words(protocol);
            write!(f, "{doing} to {address} port {port} over {protocol}")
        }
        Target::Socket([family, kind, protocol]) => write!(
            f,
            "{right} a socket of family {family}, type {kind}, protocol {protocol}"
        ),
        Target::Option(level, name) => {
            write!(f, "{right} the socket option {name} of level {level}")
        }
        Target::Control(level, kind) => {
            write!(f, "{right} a control message {kind} of level {level}")
        }
        Target::Address(family) => write!(f, "{right} by an address of family {family}"),
        Target::Other(object) => write!(f, "{right} {object}"),
    }
}

const CAPABILITY_REASONS: &str = "\
manager-only only a manager may
not-granted only a manager may";

const MOUNT_REASONS: &str = "\
not-granted only a manager may
no-image it may mount images, and this type is none";

const EXEC_REASONS: &str = "\
gain the program's file would give it privileges
held another process has a hold of it
uid-in-use another component runs under this uid
uid-kept a component keeps the uid that it was started with
no-single-uid its uids differ from each other";

const GPIO_REASONS: &str = "\
chip no line of the chip is granted to it
line not granted to it
input not granted to it as input
output not granted to it as output
too-many these are more lines than one request may have
owner another has requested them, or they are not granted any more";

const MTD_REASONS: &str = "\
not-granted the partition is not granted to it for that";

const NETWORK_REASONS: &str = "\
class no such sockets are granted to it
port the local port is not granted to it
endpoint the remote endpoint is not granted to it
option this could lead around the rules
malformed the address is too short
family the address is of a family that is not known
owner another has made the socket";

const PEER_REASONS: &str = "\
not-mutual they do not list each other
not-own another has made the socket";

const STORAGE_REASONS: &str = "\
quota it would have more than its quota
wear its wear budget has not as much left
owner the space counts for another
none no storage is granted to it";

const SYSCALL_REASONS: &str = "\
restricted only a manager may
denied this kernel denies the call to all";

const TRACE_REASONS: &str = "\
other-identity the two are not the same component
capabilities the other has extended capabilities that this one has not
file what a debugger opens or finds open stays where it is";

/// Reasons, and what they mean.
fn reasons(gate: Gate) -> &'static str {
    match gate {
        Gate::Capability => CAPABILITY_REASONS,
        Gate::Mount => MOUNT_REASONS,
        Gate::Exec => EXEC_REASONS,
        Gate::Gpio => GPIO_REASONS,
        Gate::Mtd => MTD_REASONS,
        Gate::Network => NETWORK_REASONS,
        Gate::Peer => PEER_REASONS,
        Gate::Storage => STORAGE_REASONS,
        Gate::Syscall => SYSCALL_REASONS,
        Gate::Trace => TRACE_REASONS,
    }
}

fn why(f: &mut Formatter<'_>, denial: &Denial<'_>) -> fmt::Result {
    let Denial {
        gate,
        right,
        reason,
        ..
    } = *denial;
    if let Some(Grant::Capability(_)) = denial_hint::grant(denial).filter(|_| gate != Gate::Network)
    {
        return write!(f, "it has not the capability {right}");
    }
    match words_for(reason, reasons(gate)) {
        Some(words) => f.write_str(words),
        None => write!(f, "the reason is {reason}"),
    }
}
