// SPDX-License-Identifier: GPL-2.0

//! Where an application can listen that was granted a port: at addresses of interfaces that are up.

use core::net::{Ipv4Addr, SocketAddrV4};
use rustix::{
    io::Errno,
    net::{AddressFamily, SocketType, bind, socket},
};
use sphere_device::args::Args;

/// The UDP port that was granted.
const PORT: u16 = 5000;

fn listen(address: Ipv4Addr) -> Result<(), Errno> {
    let socket = socket(AddressFamily::INET, SocketType::DGRAM, None)?;
    bind(&socket, &SocketAddrV4::new(address, PORT))
}

pub fn loopback_is_up(_: Args) -> bool {
    listen(Ipv4Addr::LOCALHOST) == Ok(())
}

/// The stage gives the one by an option, and not the other. On a loopback, all of a network is local.
pub fn addresses_are_those_given(_: Args) -> bool {
    listen(Ipv4Addr::new(10, 1, 2, 3)) == Ok(())
        && listen(Ipv4Addr::new(10, 1, 3, 3)) == Err(Errno::ADDRNOTAVAIL)
}
