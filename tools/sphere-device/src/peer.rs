// SPDX-License-Identifier: GPL-2.0

//! Who is at the other end of a socket, as the kernel says: `SO_PEERSEC`.

use crate::errno;
use core::{fmt, str};
use rustix::{
    fd::{AsFd, AsRawFd},
    io::Errno,
};
use sphere_core::label::{LABEL_MAX, Label};
use syscalls::{Sysno, syscall};

/// `SOL_SOCKET`, on all architectures that Sphere has.
const SOL_SOCKET: usize = 1;
/// `SO_PEERSEC`, likewise.
const SO_PEERSEC: usize = 31;

/// The label of a peer.
pub struct Peer {
    bytes: [u8; LABEL_MAX],
    size: usize,
}

impl Peer {
    /// Asks the kernel who is at the other end of a connected AF_UNIX socket.
    ///
    /// # Errors
    ///
    /// - `ENOPROTOOPT` when nobody is, or the kernel has no Sphere.
    /// - `ERANGE` for a text that is longer than any label.
    pub fn of(socket: impl AsFd) -> Result<Self, Errno> {
        let mut peer = Self {
            bytes: [0; LABEL_MAX],
            size: 0,
        };
        let mut size = LABEL_MAX as u32;
        // SAFETY: the kernel writes at most `size` bytes to `bytes`, which has as many, and then
        // their number to `size`.
        let result = unsafe {
            syscall!(
                Sysno::getsockopt,
                socket.as_fd().as_raw_fd(),
                SOL_SOCKET,
                SO_PEERSEC,
                peer.bytes.as_mut_ptr(),
                &raw mut size
            )
        };
        errno::result(result)?;
        peer.size = size as usize;
        Ok(peer)
    }

    fn text(&self) -> &str {
        let bytes = self.bytes.get(..self.size).unwrap_or(&[]);
        str::from_utf8(bytes).unwrap_or("")
    }

    /// The label; `None` when it is not one of Sphere's.
    pub fn label(&self) -> Option<Label<'_>> {
        Label::parse(self.text())
    }
}

/// The label as the kernel wrote it. It has no control characters.
impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.label() {
            Some(_) => self.text(),
            None => "somebody whom this kernel does not know",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(text: &str) -> Peer {
        let mut peer = Peer {
            bytes: [0; LABEL_MAX],
            size: text.len(),
        };
        peer.bytes[..text.len()].copy_from_slice(text.as_bytes());
        peer
    }

    #[test]
    fn a_label_of_sphere_is_read() {
        assert_eq!(peer("manager").label(), Some(Label::Manager));
        assert_eq!(peer("manager").to_string(), "manager");
    }

    #[test]
    fn another_text_is_not_repeated() {
        let unconfined = peer("unconfined\x1b[2J");
        assert_eq!(unconfined.label(), None);
        assert!(!unconfined.to_string().contains("unconfined"));
    }

    #[test]
    fn what_is_no_socket_has_no_peer() {
        let (reader, _writer) = rustix::pipe::pipe().unwrap();
        assert_eq!(Peer::of(reader).err(), Some(Errno::NOTSOCK));
    }
}
