// SPDX-License-Identifier: GPL-2.0

//! Who talks to whom over AF_UNIX sockets, and what each learns of the other.

use crate::{
    cred::{
        Blob,
        Subject, //
    },
    identity::Identity,
    label,
    model::{
        gate::Gate,
        peer::{
            self,
            Party, //
        },
        role::Role, //
    },
    policy,
    report::denied,
    Sphere, //
};
use kernel::{
    fs::LocalFile,
    lsm::{
        Context,
        NewSock,
        Sock, //
    },
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Release, //
        },
        rcu::{
            self,
            Guard, //
        },
        Arc, //
    },
};

/// Sphere's part of `struct sock`. All zeros is a socket that nobody is known to have made.
#[derive(Zeroable)]
#[repr(C)]
pub(crate) struct SockBlob {
    /// The identity of whom the socket belongs to, where that is an application. Not its hold of a
    /// uid: a socket can outlast all of its tasks.
    identity: Option<Arc<Identity>>,
    /// The label of whom the socket belongs to.
    owner: u32,
    /// The label of who is at the other end: set by the connection, read at any time.
    peer: Atomic<u32>,
}

impl SockBlob {
    /// The blob of a socket that belongs to whom `blob` describes.
    fn new(blob: &Blob) -> Self {
        let identity = match blob.subject.as_deref() {
            Some(Subject::Application { claim, .. }) => Some(claim.identity().clone()),
            _ => None,
        };
        Self {
            identity,
            owner: label::of_task(blob),
            peer: Atomic::new(label::UNKNOWN),
        }
    }

    /// The blob of a socket that the kernel has made for itself.
    fn kernel() -> Self {
        Self {
            identity: None,
            owner: label::KERNEL,
            peer: Atomic::new(label::UNKNOWN),
        }
    }

    /// Whom the socket belongs to, for decisions as long as `guard` is held.
    fn party<'a>(&'a self, guard: &'a Guard) -> Party<'a> {
        match (&self.identity, self.owner) {
            (Some(identity), _) => application(identity, guard),
            (None, label::KERNEL) => Party::Kernel,
            (None, label::MANAGER) => Party::Manager,
            (None, _) => Party::None,
        }
    }

    fn set_peer(&self, label: u32) {
        self.peer.store(label, Release);
    }
}

/// For sockets that are made after the model of another.
impl Clone for SockBlob {
    fn clone(&self) -> Self {
        Self {
            identity: self.identity.clone(),
            owner: self.owner,
            peer: Atomic::new(self.peer.load(Acquire)),
        }
    }
}

fn application<'a>(identity: &'a Identity, guard: &'a Guard) -> Party<'a> {
    let record = identity.record();
    Party::Application(record.component(), policy::grants(Some(record), guard))
}

/// The task that has these credentials, for decisions as long as `guard` is held.
fn task<'a>(blob: &'a Blob, guard: &'a Guard) -> Party<'a> {
    match blob.subject.as_deref() {
        None => Party::None,
        Some(Subject::Kernel) => Party::Kernel,
        Some(Subject::Manager) => Party::Manager,
        Some(Subject::Application { claim, .. }) => application(claim.identity(), guard),
    }
}

/// A socket belongs to the task that makes it, for good.
pub(crate) fn own(lsm: &Context<Sphere>, sock: &mut NewSock<'_, Sphere>, kern: bool) {
    *sock.blob_mut() = if kern {
        SockBlob::kernel()
    } else {
        SockBlob::new(lsm.current_blob())
    };
}

/// Both ends of a pair belong to who makes it.
pub(crate) fn pair(lsm: &Context<Sphere>, one: &Sock, other: &Sock) {
    let (one, other) = (lsm.sock_blob(one), lsm.sock_blob(other));
    one.set_peer(other.owner);
    other.set_peer(one.owner);
}

/// Decides whether the current task may connect `client` to `listener`, and tells both ends who is
/// at the other.
///
/// The end at the listener belongs to whom the listener belongs to, whoever accepts it.
///
/// # Errors
///
/// `EACCES`.
pub(crate) fn connect(
    lsm: &Context<Sphere>,
    client: &Sock,
    listener: &Sock,
    accepted: &mut NewSock<'_, Sphere>,
) -> Result {
    let current = lsm.current_blob();
    let (client, listener) = (lsm.sock_blob(client), lsm.sock_blob(listener));
    may_connect(current, client, listener)?;
    let label = label::of_task(current);
    client.set_peer(listener.owner);
    *accepted.blob_mut() = listener.clone();
    accepted.blob_mut().set_peer(label);
    Ok(())
}

fn may_connect(current: &Blob, client: &SockBlob, listener: &SockBlob) -> Result {
    let guard = rcu::read_lock();
    let (task, client, listener) = (
        task(current, &guard),
        client.party(&guard),
        listener.party(&guard),
    );
    if !peer::may_connect(task.role(), client.role()) {
        refused(client.role(), "connect", "not-own")?;
    }
    if !task.may_talk(&listener) {
        refused(listener.role(), "connect", "not-mutual")?;
    }
    Ok(())
}

fn refused(other: Role, right: &str, reason: &str) -> Result {
    denied(Gate::Peer, format_args!("{other}"), right, reason, EACCES)
}

/// Decides whether the current task may send datagrams to `receiver`.
///
/// # Errors
///
/// `EACCES`.
pub(crate) fn send(lsm: &Context<Sphere>, receiver: &Sock) -> Result {
    may_reach(lsm, receiver, "send")
}

/// Decides whether the current task may receive `file` from another. A socket may be a channel to
/// others, and speaks in the name of whom it belongs to.
///
/// # Errors
///
/// `EACCES`.
pub(crate) fn receive(lsm: &Context<Sphere>, file: &LocalFile) -> Result {
    match Sock::from_file(file) {
        None => Ok(()),
        Some(sock) => may_reach(lsm, sock, "receive"),
    }
}

fn may_reach(lsm: &Context<Sphere>, sock: &Sock, right: &str) -> Result {
    let guard = rcu::read_lock();
    let other = lsm.sock_blob(sock).party(&guard);
    if task(lsm.current_blob(), &guard).may_talk(&other) {
        return Ok(());
    }
    refused(other.role(), right, "not-mutual")
}

/// Decides, after the policy has changed, whether the current task may go on sending by `sock`,
/// which was connected before: whether it may use the socket, and whether whom that belongs to may
/// still talk to the other end. What the other end's record says was decided when it was connected;
/// its part of the policy is asked again.
///
/// # Errors
///
/// `EACCES`.
pub(crate) fn go_on(lsm: &Context<Sphere>, sock: &Sock) -> Result {
    let blob = lsm.sock_blob(sock);
    let guard = rcu::read_lock();
    let owner = blob.party(&guard);
    if !task(lsm.current_blob(), &guard).may_talk(&owner) {
        refused(owner.role(), "send", "not-mutual")?;
    }
    let other = label::component_of(blob.peer.load(Acquire));
    let (Party::Application(own, grants), Some(other)) = (&owner, other) else {
        return Ok(());
    };
    if *own == other || (grants.lists(other) && !policy::denies_peer(other, *own, &guard)) {
        return Ok(());
    }
    refused(Role::Application(other), "send", "not-mutual")
}

/// The label of who is at the other end of `sock`.
///
/// # Errors
///
/// `ENOPROTOOPT` when there is nobody; or when there can be many, for datagrams: each of them says
/// who has sent it.
pub(crate) fn label_of_peer(lsm: &Context<Sphere>, sock: &Sock) -> Result<&'static CStr> {
    let peer = lsm.sock_blob(sock).peer.load(Acquire);
    if sock.is_datagram() || peer == label::UNKNOWN {
        return Err(ENOPROTOOPT);
    }
    label::text(peer)
}
