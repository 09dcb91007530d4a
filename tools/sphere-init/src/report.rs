// SPDX-License-Identifier: GPL-2.0

//! How a new process tells the first one why it does not become its application: whoever has asked
//! for that may have no console.

use crate::admission::{Why, because};
use core::fmt::Write;
use rustix::{
    fd::OwnedFd,
    net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socketpair},
};
use sphere_device::errno::{Doing, Failure};

/// Where the process says it.
pub struct Reporter(OwnedFd);

/// Where the first process finds it.
pub struct Report(OwnedFd);

/// Both. Neither is there in a program that is executed.
pub fn pair() -> Result<(Report, Reporter), Failure> {
    let (report, reporter) = socketpair(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        SocketFlags::CLOEXEC | SocketFlags::NONBLOCK,
        None,
    )
    .doing("make a pair of sockets")?;
    Ok((Report(report), Reporter(reporter)))
}

impl Reporter {
    /// Says it. Nobody may want to know any more.
    pub fn say(&self, failure: &Failure) {
        let _ = send(
            &self.0,
            because(failure).as_str().as_bytes(),
            SendFlags::NOSIGNAL,
        );
    }
}

impl Report {
    /// What was said, if anything was.
    pub fn read(&self) -> Option<Why> {
        let mut packet = [0; size_of::<Why>()];
        let (len, _) = recv(&self.0, &mut packet[..], RecvFlags::empty()).ok()?;
        let text = core::str::from_utf8(packet.get(..len)?).ok()?;
        let mut why = Why::new();
        why.write_str(text).ok()?;
        Some(why).filter(|why| !why.as_str().is_empty())
    }
}
