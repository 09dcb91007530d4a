// SPDX-License-Identifier: GPL-2.0

//! Starting programs, waiting for them, ending.

use crate::{
    args::Vector,
    clock::{self, Timespec},
    errno,
};
use core::{ffi::CStr, time::Duration};
use rustix::{
    fd::{AsRawFd, BorrowedFd},
    io::Errno,
    process::Pid, //
};
use syscalls::{Sysno, syscall};

/// `SIGCHLD`.
const SIGCHLD: usize = 17;
/// `SIG_BLOCK` and `SIG_SETMASK`.
const BLOCK: usize = 0;
const SET_MASK: usize = 2;

/// Signals by number, bit 0 for signal 1, as the kernel takes them on every architecture that
/// Sphere has.
pub(crate) type SignalSet = u64;

pub(crate) static CHILD_SIGNALS: SignalSet = 1 << (SIGCHLD - 1);

/// Ends the program.
pub fn exit(status: u8) -> ! {
    loop {
        // SAFETY: nothing of the program is left to be unsafe.
        let _ = unsafe { syscall!(Sysno::exit_group, status) };
    }
}

/// Which of the two a process is after [`fork`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fork {
    /// The new one.
    Child,
    /// The old one, and the number of the new one.
    Parent(Pid),
}

/// Makes a second process that goes on with a copy of everything.
///
/// # Errors
///
/// What fork(2) says.
pub fn fork() -> Result<Fork, Errno> {
    // SAFETY: there is only one thread, so that the copy is complete; no memory is shared. The
    // order of the arguments differs between architectures, but all after the first are zero.
    let pid = errno::result(unsafe { syscall!(Sysno::clone, SIGCHLD, 0, 0, 0, 0) })?;
    // A process id fits.
    Ok(Pid::from_raw(pid as i32).map_or(Fork::Child, Fork::Parent))
}

/// `struct clone_args`, as far as anything of it is used here.
#[repr(C)]
#[derive(Default)]
struct CloneArgs {
    flags: u64,
    pidfd: u64,
    child_tid: u64,
    parent_tid: u64,
    exit_signal: u64,
    stack: u64,
    stack_size: u64,
    tls: u64,
    set_tid: u64,
    set_tid_size: u64,
    cgroup: u64,
}

/// As [`fork`]; the new process is in a control group from its first moment. That is also less work
/// for the kernel than moving it there.
///
/// # Errors
///
/// What clone3(2) says.
pub fn fork_into(group: BorrowedFd<'_>) -> Result<Fork, Errno> {
    /// `CLONE_INTO_CGROUP`.
    const INTO_CGROUP: u64 = 1 << 33;

    let args = CloneArgs {
        flags: INTO_CGROUP,
        exit_signal: SIGCHLD as u64,
        // A descriptor that is open is not negative.
        cgroup: group.as_raw_fd() as u64,
        ..CloneArgs::default()
    };
    // SAFETY: the kernel reads the structure, whose size it is told. There is only one thread, so
    // that the copy is complete; no memory is shared, and the stack stays where it is.
    let pid =
        errno::result(unsafe { syscall!(Sysno::clone3, &raw const args, size_of::<CloneArgs>()) })?;
    // A process id fits.
    Ok(Pid::from_raw(pid as i32).map_or(Fork::Child, Fork::Parent))
}

/// Kills all that the calling process may kill, but itself and the first process.
///
/// # Errors
///
/// What kill(2) says, but that there is nobody, which is no error.
pub fn kill_all() -> Result<(), Errno> {
    const SIGKILL: usize = 9;

    // SAFETY: no memory is involved.
    match errno::result(unsafe { syscall!(Sysno::kill, -1isize, SIGKILL) }) {
        Ok(_) | Err(Errno::SRCH) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Executes a program in place of this one. Returns only on failure.
pub fn exec(path: &CStr, argv: Vector<'_>, envp: Vector<'_>) -> Errno {
    // SAFETY: `Vector` guarantees what the kernel reads, which writes nothing.
    let result = unsafe { syscall!(Sysno::execve, path.as_ptr(), argv.as_ptr(), envp.as_ptr()) };
    match errno::result(result) {
        Ok(_) => unreachable!("execve returned without an error"),
        Err(error) => error,
    }
}

/// Makes the next [`exec`] close all file descriptors from `first` on.
///
/// # Errors
///
/// What close_range(2) says.
pub fn close_on_exec_from(first: u32) -> Result<(), Errno> {
    /// `CLOSE_RANGE_CLOEXEC`.
    const CLOEXEC: usize = 1 << 2;

    // SAFETY: nothing is closed yet.
    let result = unsafe { syscall!(Sysno::close_range, first, u32::MAX, CLOEXEC) };
    errno::result(result).map(drop)
}

fn set_mask(how: usize, set: SignalSet) -> Result<(), Errno> {
    // SAFETY: the kernel reads the eight bytes of the set, whose size it is told.
    let result = unsafe {
        syscall!(
            Sysno::rt_sigprocmask,
            how,
            &raw const set,
            0,
            size_of::<SignalSet>()
        )
    };
    errno::result(result).map(drop)
}

/// The signals that are blocked, bit 0 for signal 1.
///
/// # Errors
///
/// What rt_sigprocmask(2) says.
pub fn blocked_signals() -> Result<u64, Errno> {
    let mut set: SignalSet = 0;
    // SAFETY: the kernel writes the eight bytes of the set, whose size it is told.
    let result = unsafe {
        syscall!(
            Sysno::rt_sigprocmask,
            SET_MASK,
            0,
            &raw mut set,
            size_of::<SignalSet>()
        )
    };
    errno::result(result).map(|_| set)
}

/// Keeps the news of children that end for [`wait_for_child`].
///
/// # Errors
///
/// What rt_sigprocmask(2) says.
pub fn hold_child_signals() -> Result<(), Errno> {
    set_mask(BLOCK, CHILD_SIGNALS)
}

/// Holds all signals that can be held: what they would end goes on.
///
/// # Errors
///
/// What rt_sigprocmask(2) says.
pub fn hold_signals() -> Result<(), Errno> {
    set_mask(BLOCK, SignalSet::MAX)
}

/// Lets all signals through, as a program expects at its start: the mask survives execve(2).
///
/// # Errors
///
/// What rt_sigprocmask(2) says.
pub fn release_signals() -> Result<(), Errno> {
    set_mask(SET_MASK, 0)
}

/// Sleeps until a child has ended since the last call, at once if one has, and at most for
/// `timeout`. Needs [`hold_child_signals`].
///
/// Also returns early for no reason, so callers look for themselves what has happened.
pub fn wait_for_child(timeout: Option<Duration>) {
    #[cfg(target_pointer_width = "64")]
    const SIGTIMEDWAIT: Sysno = Sysno::rt_sigtimedwait;
    #[cfg(target_pointer_width = "32")]
    const SIGTIMEDWAIT: Sysno = Sysno::rt_sigtimedwait_time64;

    let timeout = timeout.map(Timespec::from);
    let limit = timeout
        .as_ref()
        .map_or(core::ptr::null(), core::ptr::from_ref);
    // SAFETY: the kernel reads the set and the time, and is not asked to write.
    let result = unsafe {
        syscall!(
            SIGTIMEDWAIT,
            &raw const CHILD_SIGNALS,
            0,
            limit,
            size_of::<SignalSet>()
        )
    };
    match errno::result(result) {
        Ok(_) | Err(Errno::AGAIN | Errno::INTR) => {}
        // Cannot happen; but then the caller's loop must not turn into a busy one.
        Err(_) => clock::sleep(Duration::from_secs(1)),
    }
}
