// SPDX-License-Identifier: GPL-2.0

//! The network: the loopback, and interfaces that the command line names. Nothing else is up, unless
//! an application is granted to configure the network.

use core::{ffi::CStr, net::Ipv4Addr};
use linux_raw_sys::{
    ioctl::{SIOCADDRT, SIOCGIFFLAGS, SIOCSIFADDR, SIOCSIFFLAGS, SIOCSIFNETMASK},
    net::ifreq,
};
use rustix::{
    fd::OwnedFd,
    io::Errno,
    ioctl::{self, Opcode},
    net::{AddressFamily, SocketFlags, SocketType, socket_with},
};
use sphere_device::{
    console::Console,
    errno::{Doing, Failure},
    say,
};
use sphere_init::interface::{Interface, Interfaces};

const LOOPBACK: &str = "lo";

/// `IFF_UP`.
const UP: i16 = 1;
/// `RTF_UP` and `RTF_GATEWAY`.
const ROUTE: u16 = 0x1 | 0x2;
/// `AF_INET`.
const INET: u16 = 2;

/// `struct sockaddr_in`.
#[repr(C)]
#[derive(Clone, Copy)]
struct Address {
    family: u16,
    port: u16,
    octets: [u8; 4],
    zero: [u8; 8],
}

impl Address {
    const fn new(address: Ipv4Addr) -> Self {
        Self {
            family: INET,
            port: 0,
            octets: address.octets(),
            zero: [0; 8],
        }
    }
}

/// What `struct ifreq` has beyond its name and the largest value that is used here.
const REST: usize = size_of::<ifreq>() - 16 - size_of::<Address>();

/// `struct ifreq` with an address.
#[repr(C)]
#[derive(Clone, Copy)]
struct AddressRequest {
    name: [u8; 16],
    address: Address,
    rest: [u8; REST],
}

/// `struct ifreq` with the flags of an interface.
#[repr(C)]
#[derive(Clone, Copy)]
struct FlagsRequest {
    name: [u8; 16],
    flags: i16,
    rest: [u8; size_of::<Address>() - 2 + REST],
}

const _: () = assert!(size_of::<AddressRequest>() == size_of::<ifreq>());
const _: () = assert!(size_of::<FlagsRequest>() == size_of::<ifreq>());

/// `struct rtentry`.
#[repr(C)]
struct Route {
    pad1: usize,
    destination: Address,
    gateway: Address,
    mask: Address,
    flags: u16,
    pad2: i16,
    pad3: usize,
    pad4: usize,
    metric: i16,
    device: *const core::ffi::c_char,
    mtu: usize,
    window: usize,
    irtt: u16,
}

/// Brings the loopback and `interfaces` up. What fails is said; the others are tried all the same.
pub fn bring_up(console: &Console<'_>, interfaces: &Interfaces<'_>) {
    let socket = match open() {
        Ok(socket) => socket,
        // Without a network, nobody misses the loopback.
        Err(Errno::AFNOSUPPORT) if interfaces.iter().next().is_none() => return,
        Err(error) => {
            let failure = Err::<(), _>(error).doing("open a socket");
            if let Err(failure) = failure {
                say!(console, "there is no network: {failure}");
            }
            return;
        }
    };
    if let Err(failure) = set_up(&socket, LOOPBACK) {
        say!(console, "{LOOPBACK}: {failure}");
    }
    for interface in interfaces.iter() {
        match configure(&socket, &interface) {
            Ok(()) => say!(console, "{} is up as {}", interface.name, interface.address),
            Err(failure) => say!(console, "{}: {failure}", interface.name),
        }
    }
}

fn open() -> Result<OwnedFd, Errno> {
    socket_with(
        AddressFamily::INET,
        SocketType::DGRAM,
        SocketFlags::CLOEXEC,
        None,
    )
}

fn configure(socket: &OwnedFd, interface: &Interface<'_>) -> Result<(), Failure> {
    let Interface { name, address, .. } = *interface;
    set_address::<SIOCSIFADDR>(socket, name, address).doing("set the address")?;
    set_address::<SIOCSIFNETMASK>(socket, name, interface.mask()).doing("set the network")?;
    set_up(socket, name)?;
    match interface.gateway {
        Some(gateway) => add_gateway(socket, name, gateway).doing("set the gateway"),
        None => Ok(()),
    }
}

fn set_address<const OPCODE: Opcode>(
    socket: &OwnedFd,
    name: &str,
    address: Ipv4Addr,
) -> Result<(), Errno> {
    let request = AddressRequest {
        name: padded(name),
        address: Address::new(address),
        rest: [0; REST],
    };
    // SAFETY: these ioctls read a `struct ifreq` that has a name and an address.
    let setter = unsafe { ioctl::Setter::<OPCODE, AddressRequest>::new(request) };
    // SAFETY: as above.
    unsafe { ioctl::ioctl(socket, setter) }
}

/// Leaves the other flags of the interface as they are.
fn set_up(socket: &OwnedFd, name: &str) -> Result<(), Failure> {
    let mut request = FlagsRequest {
        name: padded(name),
        flags: 0,
        rest: [0; size_of::<Address>() - 2 + REST],
    };
    // SAFETY: the ioctl reads the name of a `struct ifreq`, and writes the flags.
    let getter = unsafe { ioctl::Updater::<'_, SIOCGIFFLAGS, FlagsRequest>::new(&mut request) };
    // SAFETY: as above.
    unsafe { ioctl::ioctl(socket, getter) }.doing("look at the interface")?;
    request.flags |= UP;
    // SAFETY: the ioctl reads a `struct ifreq` that has a name and flags.
    let setter = unsafe { ioctl::Setter::<SIOCSIFFLAGS, FlagsRequest>::new(request) };
    // SAFETY: as above.
    unsafe { ioctl::ioctl(socket, setter) }.doing("bring the interface up")
}

fn add_gateway(socket: &OwnedFd, name: &str, gateway: Ipv4Addr) -> Result<(), Errno> {
    let everywhere = Address::new(Ipv4Addr::UNSPECIFIED);
    let name = padded(name);
    // It is shorter than its array.
    let device = CStr::from_bytes_until_nul(&name).map_err(|_| Errno::NAMETOOLONG)?;
    let route = Route {
        pad1: 0,
        destination: everywhere,
        gateway: Address::new(gateway),
        mask: everywhere,
        flags: ROUTE,
        pad2: 0,
        pad3: 0,
        pad4: 0,
        metric: 0,
        device: device.as_ptr(),
        mtu: 0,
        window: 0,
        irtt: 0,
    };
    // SAFETY: the ioctl reads a `struct rtentry`, and the name that it points to.
    let setter = unsafe { ioctl::Setter::<SIOCADDRT, Route>::new(route) };
    // SAFETY: as above; `name` is still there.
    unsafe { ioctl::ioctl(socket, setter) }
}

/// A name as the kernel reads it, with a NUL at the end: it is at most 15 bytes long.
fn padded(name: &str) -> [u8; 16] {
    let mut padded = [0; 16];
    for (to, from) in padded.iter_mut().zip(name.bytes().take(15)) {
        *to = from;
    }
    padded
}
