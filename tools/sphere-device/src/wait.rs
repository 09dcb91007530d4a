// SPDX-License-Identifier: GPL-2.0

//! Waiting for children and for files at once.

use crate::{
    errno,
    poll::{Event, PollFd, poll},
    process::{self, CHILD_SIGNALS},
};
use core::time::Duration;
use rustix::{
    fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd},
    io::Errno,
};
use syscalls::{Sysno, syscall};

/// Wakes up for children that end and for files.
pub struct Waker {
    /// Readable when a child has ended.
    children: OwnedFd,
}

impl Waker {
    /// Needs [`process::hold_child_signals`].
    ///
    /// # Errors
    ///
    /// `ENOSYS` from a kernel without signalfd(2).
    pub fn new() -> Result<Self, Errno> {
        /// `SFD_CLOEXEC`.
        const CLOEXEC: usize = 0o2_000_000;

        // SAFETY: the kernel reads the eight bytes of the set, whose size it is told.
        let fd = errno::result(unsafe {
            syscall!(
                Sysno::signalfd4,
                // Not one that is there: a new one.
                usize::MAX,
                &raw const CHILD_SIGNALS,
                size_of_val(&CHILD_SIGNALS),
                CLOEXEC
            )
        })?;
        // SAFETY: it has just been opened, and nobody else knows of it.
        let children = unsafe { OwnedFd::from_raw_fd(fd as i32) };
        Ok(Self { children })
    }

    /// Sleeps until a child has ended since the last call, or one of `files` has something to read,
    /// at most for `timeout`.
    ///
    /// Also returns early for no reason, so callers look for themselves what has happened.
    pub fn wait(&self, files: [Option<BorrowedFd<'_>>; 2], timeout: Option<Duration>) {
        let raw = files.map(|file| file.map_or(-1, |file| file.as_raw_fd()));
        let readable = |fd| PollFd::new(fd, Event::Readable);
        let mut fds = [self.children.as_raw_fd(), raw[0], raw[1]].map(readable);
        match poll(&mut fds, timeout) {
            // Takes the news of the child, which would wake up again.
            Ok(_) => process::wait_for_child(Some(Duration::ZERO)),
            Err(Errno::INTR) => {}
            // Cannot happen; children at least are waited for then.
            Err(_) => process::wait_for_child(timeout),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::monotonic;
    use rustix::{fd::AsFd, io::write, pipe::pipe};

    #[test]
    fn wakes_up_for_a_file_and_at_a_time() {
        let waker = Waker::new().unwrap();
        let (reader, writer) = pipe().unwrap();
        let start = monotonic();
        waker.wait(
            [None, Some(reader.as_fd())],
            Some(Duration::from_millis(20)),
        );
        waker.wait([None, None], Some(Duration::from_millis(20)));
        assert!(monotonic() - start >= Duration::from_millis(40));
        write(&writer, b"x").unwrap();
        waker.wait([Some(reader.as_fd()), None], None);
    }
}
