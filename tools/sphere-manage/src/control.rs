// SPDX-License-Identifier: GPL-2.0

//! How a manager asks the first process for something: on the socket [`SOCKET`].
//!
//! Each message is one packet. The request is a text, a command and its argument; the answer is any
//! number of lines, and then a packet that says how it went: [`DONE`], or [`FAILED`] and why. Whatever
//! else is sent is not looked at.
//!
//! The socket is in a directory that nobody but root can enter; and an application that is root all
//! the same, or whoever else gets there, is not listened to: the kernel says who is asking.

use core::{fmt, time::Duration};
use rustix::{
    fd::{AsFd, OwnedFd},
    fs::{Mode, mkdir, unlink},
    io::Errno,
    net::{
        AddressFamily, RecvFlags, SendFlags, SocketAddrUnix, SocketFlags, SocketType, accept_with,
        bind, connect, listen, recv, send, socket_with,
        sockopt::{Timeout, set_socket_timeout},
    },
};
use sphere_core::label::Label;
use sphere_device::{
    errno::{Doing, Failure},
    peer::Peer,
    text::{Foreign, Text},
};
use sphere_store::name::Name;

/// The directory of the first process in the memory of the device, for nobody but root.
pub const DIRECTORY: &str = "/run/sphere";
/// Where it listens.
pub const SOCKET: &str = "/run/sphere/control";

/// Bytes of the longest packet.
pub const PACKET_MAX: usize = 256;
/// What the first byte of a packet says of the rest.
const LINE: u8 = b' ';
/// It is done.
pub const DONE: u8 = b'+';
/// It is not done, and the rest says why.
pub const FAILED: u8 = b'-';

/// Who may wait for their turn.
const QUEUE: i32 = 4;
/// How long to wait for somebody who is connected to say what he wants, or to take an answer.
const PATIENCE: Duration = Duration::from_millis(200);

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Show all applications.
    List,
    /// Start one that does not run.
    Start(Name),
    /// Stop one.
    Stop(Name),
    /// Stop one, and take its image out of its slot.
    Remove(Name),
    /// Run what is in the slot with this number of a partition.
    Admit(u32),
    /// Make the registry anew, which is damaged.
    ResetRegistry,
}

impl Request {
    /// Reads a request.
    pub fn parse(text: &str) -> Option<Self> {
        let (command, argument) = text.split_once(' ').unwrap_or((text, ""));
        let name = || Name::new(argument).ok();
        match command {
            "list" if argument.is_empty() => Some(Self::List),
            "start" => name().map(Self::Start),
            "stop" => name().map(Self::Stop),
            "remove" => name().map(Self::Remove),
            "admit" => argument.parse().ok().map(Self::Admit),
            "reset-registry" if argument.is_empty() => Some(Self::ResetRegistry),
            _ => None,
        }
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List => f.write_str("list"),
            Self::Start(name) => write!(f, "start {name}"),
            Self::Stop(name) => write!(f, "stop {name}"),
            Self::Remove(name) => write!(f, "remove {name}"),
            Self::Admit(number) => write!(f, "admit {number}"),
            Self::ResetRegistry => f.write_str("reset-registry"),
        }
    }
}

fn socket(flags: SocketFlags) -> Result<OwnedFd, Errno> {
    socket_with(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        flags | SocketFlags::CLOEXEC,
        None,
    )
}

/// Where the first process listens.
pub struct Listener(OwnedFd);

impl Listener {
    /// Starts listening.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub fn open() -> Result<Self, Failure> {
        match mkdir(DIRECTORY, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error).doing("make /run/sphere"),
        }
        // Nobody else listens: this is the first process.
        let _ = unlink(SOCKET);
        let listener = socket(SocketFlags::NONBLOCK).doing("make a socket")?;
        SocketAddrUnix::new(SOCKET)
            .and_then(|address| bind(&listener, &address))
            .and_then(|()| listen(&listener, QUEUE))
            .doing("listen on /run/sphere/control")?;
        Ok(Self(listener))
    }

    /// Somebody who wants something, if anybody does.
    pub fn accept(&self) -> Option<Asker> {
        loop {
            match accept_with(&self.0, SocketFlags::CLOEXEC) {
                Ok(socket) => return Some(Asker(socket)),
                Err(Errno::INTR | Errno::CONNABORTED) => {}
                Err(_) => return None,
            }
        }
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> rustix::fd::BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Why somebody is not listened to.
pub enum Unheard {
    /// He is no manager, but this, if the kernel knows that.
    NoManager(Option<Peer>),
    /// He has said nothing, or is gone.
    Silent,
    /// He has said too much.
    TooLong,
    /// He has said something else.
    NoRequest,
}

impl fmt::Display for Unheard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoManager(Some(peer)) => {
                write!(
                    f,
                    "only a manager may ask, and the kernel says that this is {peer}"
                )
            }
            Self::NoManager(None) => {
                f.write_str("only a manager may ask, and the kernel does not say who this is")
            }
            Self::Silent => f.write_str("nothing was asked for"),
            Self::TooLong => write!(f, "a request has at most {PACKET_MAX} bytes"),
            Self::NoRequest => f.write_str("this is no request"),
        }
    }
}

/// Somebody who has asked for something. Whether the answer arrives is not looked at: who has gone
/// does not want it.
pub struct Asker(OwnedFd);

impl Asker {
    /// What he wants.
    ///
    /// # Errors
    ///
    /// See [`Unheard`].
    pub fn request(&self) -> Result<Request, Unheard> {
        self.check_manager()?;
        let mut packet = [0; PACKET_MAX];
        // The kernel says how long the packet was, and not how much of it there was room for.
        let (_, len) = self
            .be_impatient()
            .and_then(|()| recv(&self.0, &mut packet[..], RecvFlags::TRUNC))
            .map_err(|_| Unheard::Silent)?;
        if len == 0 {
            return Err(Unheard::Silent);
        }
        let packet = packet.get(..len).ok_or(Unheard::TooLong)?;
        let text = core::str::from_utf8(packet).ok();
        text.and_then(Request::parse).ok_or(Unheard::NoRequest)
    }

    /// Before he is waited for: nobody else has to put up with that.
    fn check_manager(&self) -> Result<(), Unheard> {
        let peer = Peer::of(&self.0).map_err(|_| Unheard::NoManager(None))?;
        match peer.label() {
            Some(Label::Manager) => Ok(()),
            _ => Err(Unheard::NoManager(Some(peer))),
        }
    }

    fn be_impatient(&self) -> Result<(), Errno> {
        [Timeout::Recv, Timeout::Send]
            .into_iter()
            .try_for_each(|way| set_socket_timeout(&self.0, way, Some(PATIENCE)))
    }

    /// Says a line of the answer.
    pub fn say(&self, line: fmt::Arguments<'_>) {
        self.send(LINE, line);
    }

    /// Says how it went, or why not, with which the answer ends.
    pub fn answer(self, result: Result<(), fmt::Arguments<'_>>) {
        match result {
            Ok(()) => self.send(DONE, format_args!("")),
            Err(why) => self.send(FAILED, why),
        }
    }

    fn send(&self, kind: u8, line: fmt::Arguments<'_>) {
        let kind = char::from(kind);
        let packet = Text::<PACKET_MAX>::format(format_args!("{kind}{line}"))
            .or_else(|| Text::format(format_args!("{kind}(too long to be said)")))
            .unwrap_or_default();
        let _ = send(&self.0, packet.as_str().as_bytes(), SendFlags::NOSIGNAL);
    }
}

/// Why something that was asked for is not done.
#[derive(Clone, Copy)]
pub enum AskError<'a> {
    /// The first process could not be asked.
    Failure(Failure),
    /// It says this.
    Refused(Foreign<'a>),
}

impl fmt::Display for AskError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failure(failure) => write!(f, "sphere-init: {failure}"),
            Self::Refused(why) => why.fmt(f),
        }
    }
}

impl From<Failure> for AskError<'_> {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// Asks the first process for something, and waits until it is done. `line` gets the lines of the
/// answer; `packet` is where the reason is put if it is refused.
///
/// # Errors
///
/// See [`AskError`].
pub fn ask(
    request: Request,
    packet: &mut [u8; PACKET_MAX],
    line: impl FnMut(Foreign<'_>),
) -> Result<(), AskError<'_>> {
    let question = Question::connect()?;
    question.ask(request)?;
    question.wait(packet, line)
}

/// A connection to the first process.
pub struct Question(OwnedFd);

impl Question {
    /// Connects. Nothing is asked for yet.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub fn connect() -> Result<Self, Failure> {
        Self::connect_to(SOCKET).doing("reach it at /run/sphere/control")
    }

    /// As [`Self::connect`], by another path.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub fn connect_to(path: &str) -> Result<Self, Errno> {
        let socket = socket(SocketFlags::empty())?;
        connect(&socket, &SocketAddrUnix::new(path)?)?;
        Ok(Self(socket))
    }

    /// Asks for something.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub fn ask(&self, request: Request) -> Result<(), Failure> {
        let text = Text::<PACKET_MAX>::format(format_args!("{request}")).unwrap_or_default();
        self.send(text.as_str().as_bytes())
    }

    /// Sends something, which may be no request.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub fn send(&self, text: &[u8]) -> Result<(), Failure> {
        match send(&self.0, text, SendFlags::NOSIGNAL) {
            // It does not listen any more, and has said why.
            Ok(_) | Err(Errno::PIPE) => Ok(()),
            Err(error) => Err(error).doing("ask it"),
        }
    }

    /// Waits until it is done, as [`ask`].
    ///
    /// # Errors
    ///
    /// See [`AskError`].
    pub fn wait(
        self,
        packet: &mut [u8; PACKET_MAX],
        mut line: impl FnMut(Foreign<'_>),
    ) -> Result<(), AskError<'_>> {
        loop {
            let len = match recv(&self.0, &mut packet[..], RecvFlags::empty()) {
                Ok((len, _)) => len,
                // It has not read all that it was sent. The kernel says so once, and before what
                // it has answered.
                Err(Errno::INTR | Errno::CONNRESET) => continue,
                Err(error) => return Err(error).doing("wait for its answer")?,
            };
            match packet[..len].split_first() {
                Some((&LINE, rest)) => line(Foreign(rest)),
                Some((&DONE, _)) => return Ok(()),
                Some((&FAILED, _)) => return Err(AskError::Refused(Foreign(&packet[1..len]))),
                Some(_) | None => return Err(Errno::CONNRESET).doing("get an answer")?,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_as_they_are_written() {
        let name = Name::new("gas-valve").unwrap();
        for request in [
            Request::List,
            Request::Start(name),
            Request::Stop(name),
            Request::Remove(name),
            Request::Admit(4_294_967_295),
            Request::ResetRegistry,
        ] {
            assert_eq!(Request::parse(&request.to_string()), Some(request));
        }
        for bad in [
            "",
            "list x",
            "start",
            "stop ../x",
            "remove a b",
            "admit",
            "admit -1",
            "admit x",
            "admit data",
            "admit slot0/../data",
            "reset-registry now",
            "list\0",
            "list\n",
            "halt",
        ] {
            assert_eq!(Request::parse(bad), None, "{bad}");
        }
    }
}
