// SPDX-License-Identifier: GPL-2.0

//! The server that gets the reports. When it has one, a line, it confirms it: it says the same.

use crate::report::{REPORT_MAX, Report};
use core::{
    net::{Ipv4Addr, SocketAddrV4},
    ops::Deref,
    time::Duration,
};
use rustix::io::Errno;
use sample::refusal::is_refused;
use sphere_core::record::{NetAction, NetRule, Prefix, Protocol, Record};
use sphere_device::{
    console::Console,
    errno::{Doing, Failure},
    say,
    tcp::Connection,
    text::Text,
};

/// Where it listens.
const PORT: u16 = 4000;
/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// A server that is of no concern to this application.
const OTHER: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 11), PORT);

/// The first server that a record grants.
pub fn granted<B: Deref<Target = [u8]>>(record: &Record<B>) -> Option<SocketAddrV4> {
    let address = record.net().find_map(|rule| single_address(&rule))?;
    Some(SocketAddrV4::new(address, PORT))
}

fn single_address(rule: &NetRule) -> Option<Ipv4Addr> {
    match (rule.protocol, rule.action) {
        (Protocol::Tcp, NetAction::Connect(Prefix::V4(address, 32))) => Some(address.into()),
        _ => None,
    }
}

/// Sends a report, and says what came of it. A device may be without a network for a while, which
/// is no failure.
///
/// # Errors
///
/// The server has not confirmed it.
pub fn send(console: &Console<'_>, server: SocketAddrV4, report: &Report) -> Result<(), Failure> {
    let connection = match Connection::open(server, PATIENCE) {
        Err(Errno::NETUNREACH) => {
            say!(
                console,
                "no network leads to my server, {server}: nothing is sent"
            );
            return Ok(());
        }
        connection => connection.doing("connect to my server")?,
    };
    say!(console, "I send to my server, {server}: {report}");
    exchange(&connection, report)?;
    say!(console, "my server has confirmed it");
    Ok(())
}

fn exchange(connection: &Connection, report: &Report) -> Result<(), Failure> {
    let line = Text::<{ REPORT_MAX + 1 }>::format(format_args!("{report}\n")).unwrap_or_default();
    connection
        .send(line.as_str().as_bytes())
        .doing("send to my server")?;
    let mut buffer = [0; REPORT_MAX + 1];
    let answer = connection
        .receive_line(&mut buffer)
        .doing("get the confirmation of my server")?;
    if answer != report.as_str().as_bytes() {
        return Err(Errno::BADMSG).doing("make sense of what my server says");
    }
    Ok(())
}

/// Does what somebody would who has taken this application over, and says what the kernel answers.
/// Whether it has refused it as not granted, which is not what a network does.
pub fn is_another_out_of_reach(console: &Console<'_>) -> bool {
    say!(
        console,
        "now as if I were taken over: another server, {OTHER}"
    );
    let answer = Connection::open(OTHER, PATIENCE).map(drop);
    is_refused(console, "connect to it", answer) && answer == Err(Errno::ACCESS)
}
