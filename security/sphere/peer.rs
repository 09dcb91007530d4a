// SPDX-License-Identifier: GPL-2.0

//! Who talks to whom over AF_UNIX sockets, and what each learns of the other.

use crate::{
    answer::allow_if,
    cred::{
        Blob,
        Subject, //
    },
    identity::Identity,
    label,
    model::{
        peer::{
            self,
            Party, //
        },
        role::Role, //
    },
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
            Some(Subject::Application { identity, .. }) => Some(identity.clone()),
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

    /// Whom the socket belongs to, for decisions.
    fn party(&self) -> Party<'_, KVec<u8>> {
        match (&self.identity, self.owner) {
            (Some(identity), _) => Party::Application(identity.record()),
            (None, label::KERNEL) => Party::Kernel,
            (None, label::MANAGER) => Party::Manager,
            (None, _) => Party::None,
        }
    }

    fn role(&self) -> Role {
        match self.party() {
            Party::Kernel => Role::Kernel,
            Party::Manager => Role::Manager,
            Party::Application(record) => Role::Application(record.component()),
            Party::None => Role::None,
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

/// The task that has these credentials, for decisions.
fn task(blob: &Blob) -> Party<'_, KVec<u8>> {
    match blob.subject.as_deref() {
        None => Party::None,
        Some(Subject::Kernel) => Party::Kernel,
        Some(Subject::Manager) => Party::Manager,
        Some(Subject::Application { identity, .. }) => Party::Application(identity.record()),
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
    allow_if(peer::may_connect(current.role(), client.role()), EACCES)?;
    allow_if(task(current).may_talk(&listener.party()), EACCES)?;
    let label = label::of_task(current);
    client.set_peer(listener.owner);
    *accepted.blob_mut() = listener.clone();
    accepted.blob_mut().set_peer(label);
    Ok(())
}

/// Decides whether the current task may send datagrams to `receiver`.
///
/// # Errors
///
/// `EACCES`.
pub(crate) fn send(lsm: &Context<Sphere>, receiver: &Sock) -> Result {
    allow_if(
        task(lsm.current_blob()).may_talk(&lsm.sock_blob(receiver).party()),
        EACCES,
    )
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
        Some(sock) => send(lsm, sock),
    }
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
