// SPDX-License-Identifier: GPL-2.0

//! The network: every socket but those of `AF_UNIX`.

use crate::{
    cred::{
        Blob,
        Grants, //
    },
    model::{
        net::{
            family,
            kind,
            options::level,
            Class,
            Network,
            Refusal,
            Sending, //
        },
        record::Protocol, //
    },
    Sphere, //
};
use kernel::{
    bindings,
    lsm::{
        Context,
        Message,
        Socket, //
    },
    prelude::*, //
};

// The decisions have the numbers of most architectures; some have others.
const _: () = assert!(family::UNIX as u32 == bindings::AF_UNIX);
const _: () = assert!(family::INET as u32 == bindings::AF_INET);
const _: () = assert!(family::INET6 as u32 == bindings::AF_INET6);
const _: () = assert!(family::NETLINK as u32 == bindings::AF_NETLINK);
const _: () = assert!(kind::STREAM as u32 == bindings::sock_type_SOCK_STREAM);
const _: () = assert!(kind::DGRAM as u32 == bindings::sock_type_SOCK_DGRAM);
const _: () = assert!(kind::RAW as u32 == bindings::sock_type_SOCK_RAW);
const _: () = assert!(level::SOCKET as u32 == bindings::SOL_SOCKET);
const _: () = assert!(bindings::SO_REUSEADDR == 2 && bindings::SO_REUSEPORT == 15);
const _: () = assert!(bindings::SO_ATTACH_FILTER == 26);

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Class | Refusal::Port | Refusal::Endpoint => EACCES,
            // What Linux says of options that are for privileged tasks.
            Refusal::Option => EPERM,
            Refusal::Malformed => EINVAL,
            Refusal::Family => EAFNOSUPPORT,
        }
    }
}

/// What the task with this blob may do; `None` for all that it likes.
fn network(blob: &Blob) -> Option<Network<'_, KVec<u8>>> {
    Some(Network(match blob.grants() {
        Grants::All => return None,
        Grants::Those(record) => Some(record),
        Grants::Nothing => None,
    }))
}

/// A socket, and a task that wants to use it and has to ask.
struct Use<'a> {
    network: Network<'a, KVec<u8>>,
    socket: &'a Socket,
    class: Class,
    /// The same identity has made the socket, so it was allowed to.
    is_own: bool,
}

impl<'a> Use<'a> {
    /// `None` when the task need not ask: for `AF_UNIX`, as a manager, or because this is the
    /// kernel's own work.
    ///
    /// # Errors
    ///
    /// `EACCES` when another component has made the socket: where it leads was decided by the rules
    /// of that one. And when a manager has made one that the task could not have made.
    fn of(lsm: &'a Context<Sphere>, socket: &'a Socket) -> Result<Option<Self>> {
        let family = socket.family();
        if family == family::UNIX {
            return Ok(None);
        }
        let blob = lsm.current_blob();
        let (Some(network), Some(opener)) = (network(blob), socket.opener()) else {
            return Ok(None);
        };
        let opener = lsm.cred_blob(opener);
        let class = Class::of(family, socket.kind(), socket.protocol());
        let is_own = blob.has_identity_of(opener);
        if !is_own {
            if !blob.role().may_use_sockets_of(opener.role()) {
                return Err(EACCES);
            }
            network.may_create(class)?;
        }
        Ok(Some(Self {
            network,
            socket,
            class,
            is_own,
        }))
    }

    /// The protocol, where there are rules for it.
    fn protocol(&self) -> Option<Protocol> {
        match self.class {
            Class::Inet(protocol) => Some(protocol),
            Class::Unix | Class::Route | Class::Other => None,
        }
    }

    /// Refuses to change what a manager has made. Several components may have it, and what one did
    /// to it would be for the others to use.
    fn refuse_change(&self) -> Result {
        if self.is_own {
            Ok(())
        } else {
            Err(EACCES)
        }
    }
}

/// Decides whether the current task may make a socket; `kern` says that the kernel makes it for
/// itself.
///
/// # Errors
///
/// `EACCES`.
pub(crate) fn create(
    lsm: &Context<Sphere>,
    family: i32,
    kind: i32,
    protocol: i32,
    kern: bool,
) -> Result {
    if kern || family == i32::from(family::UNIX) {
        return Ok(());
    }
    let Some(network) = network(lsm.current_blob()) else {
        return Ok(());
    };
    let class = match [family, kind, protocol].map(u16::try_from) {
        [Ok(family), Ok(kind), Ok(protocol)] => Class::of(family, kind, protocol),
        _ => Class::Other,
    };
    Ok(network.may_create(class)?)
}

/// Decides whether the current task may bind `socket` to `address`.
///
/// # Errors
///
/// - `EACCES`.
/// - `EINVAL` and `EAFNOSUPPORT` for an address that makes no sense.
pub(crate) fn bind(lsm: &Context<Sphere>, socket: &Socket, address: &[u8]) -> Result {
    let Some(this) = Use::of(lsm, socket)? else {
        return Ok(());
    };
    this.refuse_change()?;
    match this.protocol() {
        Some(protocol) => Ok(this.network.may_bind(protocol, address)?),
        None => Ok(()),
    }
}

/// Decides whether the current task may connect `socket` to `address`.
///
/// # Errors
///
/// As [`bind`].
pub(crate) fn connect(lsm: &Context<Sphere>, socket: &Socket, address: &[u8]) -> Result {
    let Some(this) = Use::of(lsm, socket)? else {
        return Ok(());
    };
    this.refuse_change()?;
    match this.protocol() {
        Some(protocol) => Ok(this.network.may_connect(protocol, address)?),
        None => Ok(()),
    }
}

/// Decides whether the current task may have `socket` listen.
///
/// # Errors
///
/// `EACCES`.
pub(crate) fn listen(lsm: &Context<Sphere>, socket: &Socket) -> Result {
    let Some(this) = Use::of(lsm, socket)? else {
        return Ok(());
    };
    this.refuse_change()?;
    let Some(protocol) = this.protocol() else {
        return Ok(());
    };
    // In this order: a socket keeps a port that was chosen, and any other it may lose meanwhile.
    let chosen = socket.has_chosen_port();
    let port = socket.local_port();
    Ok(this.network.may_listen(protocol, port, chosen)?)
}

/// Decides whether the current task may accept a connection from `socket`.
///
/// # Errors
///
/// `EACCES`.
pub(crate) fn accept(lsm: &Context<Sphere>, socket: &Socket) -> Result {
    match Use::of(lsm, socket)? {
        Some(this) if !this.is_own => match this.protocol() {
            Some(protocol) => Ok(this.network.may_accept(protocol, socket.local_port())?),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

/// Decides whether the current task may send `message` by `socket`.
///
/// Where a socket of its own is connected to was decided when it was connected, which nobody else
/// can have done.
///
/// # Errors
///
/// - As [`bind`].
/// - `EPERM` for control messages that are not for a confined task.
pub(crate) fn send(lsm: &Context<Sphere>, socket: &Socket, message: &Message) -> Result {
    let Some(this) = Use::of(lsm, socket)? else {
        return Ok(());
    };
    for control in message.control()? {
        let (level, kind) = control?;
        this.network.may_carry(level, kind)?;
    }
    let Some(protocol) = this.protocol() else {
        return Ok(());
    };
    let decision = match message.name() {
        _ if !this.is_own => return send_by_others(&this, protocol, message),
        Some(address) => this.network.may_send_to(protocol, address),
        None if protocol == Protocol::Udp && socket.local_port() == 0 => {
            this.network.may_get_port(protocol)
        }
        None => Ok(()),
    };
    Ok(decision?)
}

/// Decides about sending by a socket that a manager has made.
fn send_by_others(this: &Use<'_>, protocol: Protocol, message: &Message) -> Result {
    let peer = this.socket.peer().ok();
    let sending = Sending {
        port: this.socket.local_port(),
        peer: peer.as_ref().map(|peer| peer.bytes()),
        name: message.name(),
        is_part: message.is_part(),
    };
    Ok(this.network.may_send_by_others(protocol, &sending)?)
}

/// Decides whether the current task may set an option of `socket`.
///
/// # Errors
///
/// - `EACCES` when somebody else has made the socket.
/// - `EPERM` for options that are not for a confined task.
pub(crate) fn set_option(
    lsm: &Context<Sphere>,
    socket: &Socket,
    level: i32,
    option: i32,
) -> Result {
    let Some(this) = Use::of(lsm, socket)? else {
        return Ok(());
    };
    this.refuse_change()?;
    Ok(this.network.may_set(level, option)?)
}
