// SPDX-License-Identifier: GPL-2.0

//! `/sys/kernel/security/sphere/`: what only the manager sees.

#[cfg(CONFIG_SYSCALL_POLICY)]
use crate::syscall;
use crate::{
    answer::allow_if,
    cred::Blob,
    report::{
        self,
        Gate, //
    },
    Sphere, //
};
use kernel::{
    lsm::securityfs::{
        Dir,
        File, //
    },
    prelude::*,
    seq_file::SeqFile,
    seq_print, //
};

/// May be read by root, and by nobody else.
const MODE: u16 = 0o400;

/// Makes the files.
///
/// # Errors
///
/// `EEXIST`, `ENOMEM`.
pub(crate) fn init() -> Result {
    let dir = Dir::new(c"sphere")?;
    dir.add::<Denials>(c"denials", MODE)?;
    #[cfg(CONFIG_SYSCALL_POLICY)]
    dir.add::<Syscalls>(c"syscalls", MODE)?;
    Ok(())
}

/// What applications try tells about them.
fn only_manager(current: &Blob) -> Result {
    allow_if(current.role().may_see_denials(), EPERM)
}

/// `denials`: lines of a gate and how often it has denied something since the boot.
struct Denials;

impl File for Denials {
    type Module = Sphere;

    fn open(current: &Blob) -> Result {
        only_manager(current)
    }

    fn show(seq: &SeqFile) -> Result {
        for gate in Gate::ALL {
            seq_print!(seq, "{} {}\n", gate.name(), report::count(gate));
        }
        Ok(())
    }
}

/// `syscalls`: lines of a system call's number and how often it has been denied since the boot, for
/// those for which that has happened.
#[cfg(CONFIG_SYSCALL_POLICY)]
struct Syscalls;

#[cfg(CONFIG_SYSCALL_POLICY)]
impl File for Syscalls {
    type Module = Sphere;

    fn open(current: &Blob) -> Result {
        only_manager(current)
    }

    fn show(seq: &SeqFile) -> Result {
        for (nr, count) in syscall::counts() {
            seq_print!(seq, "{nr} {count}\n");
        }
        Ok(())
    }
}
