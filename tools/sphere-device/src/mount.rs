// SPDX-License-Identifier: GPL-2.0

//! Attributes of mounts.

use crate::errno;
use rustix::{
    fd::{AsRawFd, BorrowedFd},
    io::Errno,
};
use syscalls::{Sysno, syscall};

/// `struct mount_attr`.
#[repr(C)]
#[derive(Default)]
struct MountAttr {
    set: u64,
    clear: u64,
    propagation: u64,
    user_namespace: u64,
}

/// Lets nothing on a mount be executed, be a device, or give a user or group by its mode.
///
/// # Errors
///
/// What mount_setattr(2) says.
pub fn restrict(mount: BorrowedFd<'_>) -> Result<(), Errno> {
    /// `AT_EMPTY_PATH`.
    const EMPTY_PATH: usize = 0x1000;
    /// `MOUNT_ATTR_NOSUID`, `MOUNT_ATTR_NODEV` and `MOUNT_ATTR_NOEXEC`.
    const RESTRICTED: u64 = 0x2 | 0x4 | 0x8;

    let attributes = MountAttr {
        set: RESTRICTED,
        ..MountAttr::default()
    };
    // SAFETY: the kernel reads the path and the structure, whose size it is told.
    let result = unsafe {
        syscall!(
            Sysno::mount_setattr,
            mount.as_raw_fd(),
            c"".as_ptr(),
            EMPTY_PATH,
            &raw const attributes,
            size_of::<MountAttr>()
        )
    };
    errno::result(result).map(drop)
}
