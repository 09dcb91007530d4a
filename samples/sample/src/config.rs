// SPDX-License-Identifier: GPL-2.0

//! What `config-service` and its clients have agreed on.

use core::{str, time::Duration};
use rustix::{
    fd::OwnedFd,
    io::Errno,
    net::{
        AddressFamily, RecvFlags, SocketAddrUnix, SocketFlags, SocketType, connect, recv,
        socket_with,
    },
};
use sphere_core::{label::Label, uuid::Uuid};
use sphere_device::{
    clock,
    console::Console,
    errno::{Doing, Failure, Words},
    peer::Peer,
    say,
};

/// The component id of the service.
pub const SERVICE: Uuid = Uuid([
    0x1f, 0x0a, 0x9c, 0x52, 0x7d, 0x0e, 0x4c, 0x58, 0x9d, 0x55, 0x6b, 0x6c, 0x7a, 0x3f, 0x2e, 0x10,
]);
/// The abstract name of its socket. Any application could take it first, so it proves nothing.
pub const NAME: &str = "config-service";
/// What it hands out.
pub const SETTINGS: &[u8] = b"report every 60 s";

/// How often, and how far apart, a client tries to reach a service that has not started yet.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);

/// The address of the service.
///
/// # Errors
///
/// None: the name is not too long.
pub fn address() -> Result<SocketAddrUnix, Errno> {
    SocketAddrUnix::new_abstract_name(NAME.as_bytes())
}

/// Connects to whoever has the name of the service.
///
/// # Errors
///
/// `EACCES` unless this application and that one list each other, `ECONNREFUSED` when nobody is
/// there.
pub fn connect_once() -> Result<OwnedFd, Errno> {
    let socket = socket_with(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        SocketFlags::CLOEXEC,
        None,
    )?;
    connect(&socket, &address()?)?;
    Ok(socket)
}

fn connect_patiently() -> Result<OwnedFd, Errno> {
    for _ in 1..ATTEMPTS {
        match connect_once() {
            Err(Errno::CONNREFUSED) => clock::sleep(PAUSE),
            result => return result,
        }
    }
    connect_once()
}

/// Gets the settings of this application and says what they are, if it is the service that answers.
///
/// # Errors
///
/// There is no service, or another one; which has been said.
pub fn fetch(console: &Console<'_>) -> Result<(), Failure> {
    let service = connect_patiently().doing("reach the config service")?;
    let peer = Peer::of(&service).doing("learn who the config service is")?;
    let is_service =
        matches!(peer.label(), Some(Label::Application { component, .. }) if component == SERVICE);
    if !is_service {
        say!(
            console,
            "{peer} has the name of the config service: nothing that it says counts"
        );
        return Err(Errno::ACCESS).doing("trust the config service");
    }
    let mut buffer = [0; 64];
    let (size, _) = recv(&service, &mut buffer, RecvFlags::empty()).doing("get the settings")?;
    match buffer.get(..size).map(str::from_utf8) {
        Some(Ok("")) => say!(console, "the config service has nothing for me"),
        Some(Ok(settings)) => say!(console, "my settings from {peer}: {settings}"),
        _ => say!(
            console,
            "the config service does not make sense: {}",
            Words(Errno::BADMSG)
        ),
    }
    Ok(())
}
