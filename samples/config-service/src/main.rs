// SPDX-License-Identifier: GPL-2.0

//! A sample service: hands out settings to the applications that its manifest lists. It does not
//! ask them who they are. The kernel says so, and lets nobody else through.

#![no_std]
#![no_main]

use core::time::Duration;
use rustix::{
    fd::{AsFd, OwnedFd},
    io::Errno,
    net::{
        AddressFamily, SendFlags, SocketFlags, SocketType, accept_with, bind, listen, send,
        socket_with,
        sockopt::{Timeout, set_socket_timeout},
    },
};
use sample::config::{self, SETTINGS};
use sphere_core::{label::Label, record::Record};
use sphere_device::{
    args::Args,
    console::Console,
    errno::{Doing, Failure},
    peer::Peer,
    say,
};

/// How long it waits for a client before it ends. A real service would not end, but this one is
/// part of a demonstration that does.
const PATIENCE: Duration = Duration::from_secs(2);
/// Clients that may wait for their turn.
const QUEUE: i32 = 8;

fn main(args: Args) -> u8 {
    let console = Console::stdout("[config-service] ");
    let Ok(identity) = sample::begin(&console, args) else {
        return 1;
    };
    match serve(&console, &identity.record()) {
        Ok(()) => {
            say!(console, "nobody else asks: done");
            0
        }
        Err(failure) => {
            say!(console, "{failure}");
            1
        }
    }
}

/// Answers until nobody asks any more.
fn serve(console: &Console<'_>, record: &Record<&[u8]>) -> Result<(), Failure> {
    let listener = open().doing("listen on the socket")?;
    say!(console, "answering on the socket @{}", config::NAME);
    loop {
        match accept_with(&listener, SocketFlags::CLOEXEC) {
            Ok(client) => answer(console, record, &client),
            Err(Errno::AGAIN) => return Ok(()),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error).doing("wait for a client"),
        }
    }
}

fn open() -> Result<OwnedFd, Errno> {
    let listener = socket_with(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        SocketFlags::CLOEXEC,
        None,
    )?;
    bind(&listener, &config::address()?)?;
    set_socket_timeout(&listener, Timeout::Recv, Some(PATIENCE))?;
    listen(&listener, QUEUE)?;
    Ok(listener)
}

/// What one client gets depends on who it is, and on nothing that it says.
fn answer(console: &Console<'_>, record: &Record<&[u8]>, client: impl AsFd) {
    let peer = match Peer::of(&client) {
        Ok(peer) => peer,
        Err(_) => {
            say!(console, "a client whose name is not known: no answer");
            return;
        }
    };
    if !is_listed(record, &peer) {
        say!(console, "{peer}: not in my manifest, no answer");
        return;
    }
    match send(client, SETTINGS, SendFlags::NOSIGNAL) {
        Ok(_) => say!(console, "{peer}: in my manifest, has its settings now"),
        Err(_) => say!(console, "{peer}: has gone"),
    }
}

/// The kernel has asked the same before; managers and other tasks of this application also get
/// here.
fn is_listed(record: &Record<&[u8]>, peer: &Peer) -> bool {
    match peer.label() {
        Some(Label::Application { component, .. }) => record.peers().any(|peer| peer == component),
        _ => false,
    }
}

sphere_start::entry!(main);
