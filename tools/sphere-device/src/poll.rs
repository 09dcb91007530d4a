// SPDX-License-Identifier: GPL-2.0

//! Waiting for files, up to a time.

use crate::{clock::Timespec, errno};
use core::{ptr, time::Duration};
use rustix::io::Errno;
use syscalls::{Sysno, syscall};

/// What a file is waited for.
#[derive(Clone, Copy)]
#[repr(i16)]
pub(crate) enum Event {
    /// `POLLIN`: it has something to read, or is at its end.
    Readable = 1,
    /// `POLLOUT`: it has room for what is written.
    Writable = 4,
}

/// `struct pollfd`.
#[repr(C)]
pub(crate) struct PollFd {
    fd: i32,
    events: i16,
    revents: i16,
}

impl PollFd {
    /// A negative number is passed over.
    pub(crate) fn new(fd: i32, event: Event) -> Self {
        Self {
            fd,
            events: event as i16,
            revents: 0,
        }
    }
}

/// Sleeps until one of the files is ready, or broken, at most for `timeout`. Returns how many are.
///
/// # Errors
///
/// What poll(2) says: `EINTR` when a signal was handled.
pub(crate) fn poll(fds: &mut [PollFd], timeout: Option<Duration>) -> Result<usize, Errno> {
    #[cfg(target_pointer_width = "64")]
    const PPOLL: Sysno = Sysno::ppoll;
    #[cfg(target_pointer_width = "32")]
    const PPOLL: Sysno = Sysno::ppoll_time64;

    let mut timeout = timeout.map(Timespec::from);
    let limit = timeout.as_mut().map_or(ptr::null_mut(), ptr::from_mut);
    // SAFETY: the kernel writes to as many elements as it is told, and to the time, and is given
    // no signal mask.
    let result = unsafe { syscall!(PPOLL, fds.as_mut_ptr(), fds.len(), limit, 0, 0) };
    errno::result(result)
}
