// SPDX-License-Identifier: GPL-2.0

//! The network: every socket but those of `AF_UNIX`.

use crate::{
    cred::Blob,
    mode,
    model::{
        gate::Gate,
        grants::Grants,
        net::{
            family,
            kind,
            options::level,
            port_in,
            Class,
            Network,
            Object,
            Refusal,
            Sending, //
        },
        record::Protocol, //
    },
    peer,
    report::denied,
    Sphere, //
};
use kernel::{
    bindings,
    lsm::{
        Context,
        Message,
        Socket, //
    },
    prelude::*,
    sync::rcu, //
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

/// The current task is refused something.
fn refused(object: Object<'_>, right: &str, refusal: Refusal) -> Result {
    let object = format_args!("{object}");
    denied(Gate::Network, object, right, refusal.name(), refusal.into())
}

/// A socket, and a task that wants to use it and has to ask.
struct Use<'a> {
    blob: &'a Blob,
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
        if blob.role().may_use_capabilities() {
            return Ok(None);
        }
        let Some(opener) = socket.opener() else {
            return Ok(None);
        };
        let opener = lsm.cred_blob(opener);
        let this = Self {
            blob,
            socket,
            class: Class::of(family, socket.kind(), socket.protocol()),
            is_own: blob.has_identity_of(opener),
        };
        if !this.is_own {
            if !blob.role().may_use_sockets_of(opener.role()) {
                this.refuse_as_anothers("use")?;
            }
            let class = this.class;
            this.decide(|network| network.may_create(class))
                .or_else(|refusal| refused(this.object(), "create", refusal))?;
        }
        Ok(Some(this))
    }

    /// Decides by the rules of the task. The decision does not sleep.
    fn decide<R>(&self, decision: impl FnOnce(&Network<'_>) -> R) -> R {
        let guard = rcu::read_lock();
        // Who has all has not asked.
        let grants = self.blob.grants(&guard).unwrap_or(Grants::NOTHING);
        decision(&Network(grants))
    }

    /// What the socket is, for reports.
    fn object(&self) -> Object<'a> {
        Object::Socket([
            self.socket.family().into(),
            self.socket.kind().into(),
            self.socket.protocol().into(),
        ])
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
    fn refuse_change(&self, right: &str) -> Result {
        if self.is_own {
            return Ok(());
        }
        self.refuse_as_anothers(right)
    }

    fn refuse_as_anothers(&self, right: &str) -> Result {
        let object = self.object();
        let object = format_args!("{object}");
        denied(Gate::Network, object, right, "owner", EACCES)
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
    let class = match [family, kind, protocol].map(u16::try_from) {
        [Ok(family), Ok(kind), Ok(protocol)] => Class::of(family, kind, protocol),
        _ => Class::Other,
    };
    let guard = rcu::read_lock();
    let Some(grants) = lsm.current_blob().grants(&guard) else {
        return Ok(());
    };
    Network(grants).may_create(class).or_else(|refusal| {
        let object = Object::Socket([family, kind, protocol]);
        refused(object, "create", refusal)
    })
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
    this.refuse_change("bind")?;
    let Some(protocol) = this.protocol() else {
        return Ok(());
    };
    this.decide(|network| network.may_bind(protocol, address))
        .or_else(|refusal| refused(Object::Port(protocol, port_in(address)), "bind", refusal))
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
    this.refuse_change("connect")?;
    let Some(protocol) = this.protocol() else {
        return Ok(());
    };
    this.decide(|network| network.may_connect(protocol, address))
        .or_else(|refusal| refused(Object::Address(protocol, address), "connect", refusal))
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
    this.refuse_change("listen")?;
    let Some(protocol) = this.protocol() else {
        return Ok(());
    };
    // In this order: a socket keeps a port that was chosen, and any other it may lose meanwhile.
    let chosen = socket.has_chosen_port();
    let port = socket.local_port();
    this.decide(|network| network.may_listen(protocol, port, chosen))
        .or_else(|refusal| refused(Object::Port(protocol, port), "listen", refusal))
}

/// Decides whether the current task may accept a connection from `socket`.
///
/// # Errors
///
/// `EACCES`.
pub(crate) fn accept(lsm: &Context<Sphere>, socket: &Socket) -> Result {
    let Some(this) = Use::of(lsm, socket)? else {
        return Ok(());
    };
    let Some(protocol) = this.protocol() else {
        return Ok(());
    };
    if this.is_own && mode::is_settled() {
        return Ok(());
    }
    let port = socket.local_port();
    this.decide(|network| network.may_accept(protocol, port))
        .or_else(|refusal| refused(Object::Port(protocol, port), "accept", refusal))
}

/// Decides whether the current task may send `message` by `socket`.
///
/// Where a socket of its own is connected to was decided when it was connected, which nobody else
/// can have done; if the policy has changed since, it is decided again.
///
/// # Errors
///
/// - As [`bind`].
/// - `EPERM` for control messages that are not for a confined task.
pub(crate) fn send(lsm: &Context<Sphere>, socket: &Socket, message: &Message) -> Result {
    if socket.family() == family::UNIX && !mode::is_settled() {
        return peer::go_on(lsm, socket.sock());
    }
    let Some(this) = Use::of(lsm, socket)? else {
        return Ok(());
    };
    for control in message.control()? {
        let (level, kind) = control?;
        this.decide(|network| network.may_carry(level, kind))
            .or_else(|refusal| refused(Object::Control(level, kind), "carry", refusal))?;
    }
    let Some(protocol) = this.protocol() else {
        return Ok(());
    };
    let name = message.name();
    if !this.is_own {
        return send_by_others(&this, protocol, message);
    }
    match name {
        Some(address) => this
            .decide(|network| network.may_send_to(protocol, address))
            .or_else(|refusal| refused(Object::Address(protocol, address), "send", refusal)),
        None if protocol == Protocol::Udp && socket.local_port() == 0 => this
            .decide(|network| network.may_get_port(protocol))
            .or_else(|refusal| refused(Object::Port(protocol, 0), "send", refusal)),
        None if mode::is_settled() => Ok(()),
        None => go_on(&this, protocol),
    }
}

/// Decides about sending to where a socket has been connected to, or from.
fn go_on(this: &Use<'_>, protocol: Protocol) -> Result {
    // Without anybody at the other end, nothing is sent.
    let Ok(peer) = this.socket.peer() else {
        return Ok(());
    };
    let port = this.socket.local_port();
    this.decide(|network| network.may_go_on(protocol, port, peer.bytes()))
        .or_else(|refusal| refused(Object::Address(protocol, peer.bytes()), "send", refusal))
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
    this.decide(|network| network.may_send_by_others(protocol, &sending))
        .or_else(|refusal| {
            let address = sending.name.or(sending.peer);
            let object = address.map_or(this.object(), |to| Object::Address(protocol, to));
            refused(object, "send", refusal)
        })
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
    this.refuse_change("set")?;
    this.decide(|network| network.may_set(level, option))
        .or_else(|refusal| refused(Object::Option(level, option), "set", refusal))
}
