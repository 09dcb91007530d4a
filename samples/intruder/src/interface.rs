// SPDX-License-Identifier: GPL-2.0

//! The attempts on network interfaces. No socket of the network is needed for them: the kernel takes
//! these requests by sockets of any family, and every task may make local ones.

use crate::attempts::{Answer, answer};
use rustix::{
    fd::AsRawFd,
    net::{AddressFamily, SocketType, socket},
};
use syscalls::{Sysno, syscall};

/// `SIOCSIFFLAGS`.
const SET_FLAGS: usize = 0x8914;

/// `struct ifreq` with the flags of an interface, as large as on any architecture.
#[repr(C)]
struct FlagsRequest {
    name: [u8; 16],
    flags: i16,
    rest: [u8; 22],
}

/// The loopback is there on every machine with a network, the other on some.
pub fn take_down() -> Answer {
    match set_flags(b"lo", 0) {
        Answer::Succeeded => Answer::Succeeded,
        _ => set_flags(b"eth0", 0),
    }
}

fn set_flags(name: &[u8], flags: i16) -> Answer {
    let mut request = FlagsRequest {
        name: [0; 16],
        flags,
        rest: [0; 22],
    };
    for (to, from) in request.name.iter_mut().zip(name) {
        *to = *from;
    }
    let socket = match socket(AddressFamily::UNIX, SocketType::DGRAM, None) {
        Ok(socket) => socket,
        Err(error) => return Answer::Refused(error),
    };
    // SAFETY: the kernel reads a `struct ifreq`, which is not larger than the request.
    let result = unsafe {
        syscall!(
            Sysno::ioctl,
            socket.as_raw_fd(),
            SET_FLAGS,
            &raw const request
        )
    };
    answer(result)
}
