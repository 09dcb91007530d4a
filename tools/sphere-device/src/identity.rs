// SPDX-License-Identifier: GPL-2.0

//! Giving and reading identities: lsm_set_self_attr(2) and lsm_get_self_attr(2) for Sphere.

use crate::errno::{self, Words};
use core::fmt;
use rustix::io::Errno;
use sphere_core::record::{Kind, RECORD_MAX, Record, RecordError, bare};
use syscalls::{Sysno, syscall};

/// `LSM_ID_SPHERE` of `<linux/lsm.h>`.
pub const LSM_ID: u64 = 0x5350_4852;

/// `LSM_FLAG_SINGLE`: only the module that is named answers.
const SINGLE: usize = 1;

/// Which identity of the calling task: `LSM_ATTR_*` of `<linux/lsm.h>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Attr {
    /// The one in force.
    Current = 100,
    /// The one that comes into force with the next execve(2).
    Exec = 101,
}

/// Why an identity could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityError {
    /// The kernel refused.
    Kernel(Errno),
    /// The kernel answered with something that is no record.
    Record(RecordError),
}

impl fmt::Display for IdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kernel(error) => KernelWords(*error).fmt(f),
            Self::Record(error) => write!(f, "the kernel's record is wrong at {error}"),
        }
    }
}

/// An error of these calls in words, with the hint that a kernel without Sphere deserves.
#[derive(Clone, Copy)]
pub struct KernelWords(pub Errno);

impl fmt::Display for KernelWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Words(self.0).fmt(f)?;
        if is_no_sphere(self.0) {
            f.write_str(
                "; this kernel has no Sphere, or it is not in the list that lsm= names, or the \
                 kernel cannot enforce what the record grants",
            )?;
        }
        Ok(())
    }
}

/// Whether an error of these calls says that the kernel has no Sphere.
pub fn is_no_sphere(error: Errno) -> bool {
    error == Errno::OPNOTSUPP || error == Errno::NOSYS
}

/// `struct lsm_ctx` with room for the largest record.
#[repr(C)]
struct Context {
    id: u64,
    flags: u64,
    len: u64,
    ctx_len: u64,
    ctx: [u8; RECORD_MAX],
}

/// Bytes of `struct lsm_ctx` before the record.
const CONTEXT_HEADER: usize = size_of::<Context>() - RECORD_MAX;
const _: () = assert!(CONTEXT_HEADER == 32);

impl Context {
    fn new(record: &[u8]) -> Option<Self> {
        let mut context = Self {
            id: LSM_ID,
            flags: 0,
            len: (CONTEXT_HEADER + record.len()) as u64,
            ctx_len: record.len() as u64,
            ctx: [0; RECORD_MAX],
        };
        context.ctx.get_mut(..record.len())?.copy_from_slice(record);
        Some(context)
    }
}

/// Asks the kernel to set an attribute of the calling task to any bytes, which nobody but a test or
/// an attacker has a reason to do.
///
/// # Errors
///
/// `E2BIG` for more than [`RECORD_MAX`] bytes, else what the kernel says.
pub fn set_raw(attr: Attr, bytes: &[u8]) -> Result<(), Errno> {
    let context = Context::new(bytes).ok_or(Errno::TOOBIG)?;
    let size = CONTEXT_HEADER + bytes.len();
    // SAFETY: the kernel reads `size` bytes of the context, which has as many.
    let result = unsafe {
        syscall!(
            Sysno::lsm_set_self_attr,
            attr as u32,
            &raw const context,
            size,
            0
        )
    };
    errno::result(result).map(drop)
}

/// Makes `record` the identity of the program that the calling task executes next.
///
/// # Errors
///
/// `EPERM` unless the caller is a manager.
pub fn set_pending<B: core::ops::Deref<Target = [u8]>>(record: &Record<B>) -> Result<(), Errno> {
    set_raw(Attr::Exec, record.bytes())
}

/// Makes the program that the calling task executes next a manager.
///
/// # Errors
///
/// `EPERM` unless the caller is a manager.
pub fn set_pending_manager() -> Result<(), Errno> {
    set_raw(Attr::Exec, &bare(Kind::Manager))
}

/// Takes back a pending identity.
///
/// # Errors
///
/// `EPERM` unless the caller is a manager.
pub fn clear_pending() -> Result<(), Errno> {
    set_raw(Attr::Exec, &[])
}

/// An identity as the kernel hands it out.
pub struct Identity {
    context: Context,
    size: usize,
}

impl Identity {
    /// Reads an identity of the calling task.
    ///
    /// # Errors
    ///
    /// `EOPNOTSUPP` or `ENOSYS` from a kernel without Sphere.
    pub fn get(attr: Attr) -> Result<Self, IdentityError> {
        let mut identity = Self {
            context: Context {
                id: LSM_ID,
                flags: 0,
                len: 0,
                ctx_len: 0,
                ctx: [0; RECORD_MAX],
            },
            size: 0,
        };
        let mut size = size_of::<Context>() as u32;
        // SAFETY: the kernel writes at most `size` bytes to the context, which has as many.
        let result = unsafe {
            syscall!(
                Sysno::lsm_get_self_attr,
                attr as u32,
                &raw mut identity.context,
                &raw mut size,
                SINGLE
            )
        };
        errno::result(result).map_err(IdentityError::Kernel)?;
        identity.size = usize::try_from(identity.context.ctx_len).unwrap_or(RECORD_MAX);
        Record::parse(identity.bytes()).map_err(IdentityError::Record)?;
        Ok(identity)
    }

    /// The record as the kernel wrote it.
    pub fn bytes(&self) -> &[u8] {
        self.context.ctx.get(..self.size).unwrap_or(&[])
    }

    /// The record.
    pub fn record(&self) -> Record<&[u8]> {
        match Record::parse(self.bytes()) {
            Ok(record) => record,
            Err(_) => unreachable!("`get` has parsed it"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sphere_core::record::HEADER_SIZE;

    #[test]
    fn a_context_says_how_long_it_is() {
        let context = Context::new(&bare(Kind::Manager)).unwrap();
        assert_eq!(context.id, LSM_ID);
        assert_eq!(context.ctx_len, HEADER_SIZE as u64);
        assert_eq!(context.len, 32 + HEADER_SIZE as u64);
        assert_eq!(context.ctx[..HEADER_SIZE], bare(Kind::Manager));
    }

    #[test]
    fn too_long_a_record_never_reaches_the_kernel() {
        let bytes = [0; RECORD_MAX + 1];
        assert_eq!(set_raw(Attr::Exec, &bytes), Err(Errno::TOOBIG));
    }

    #[test]
    fn a_kernel_without_sphere_is_named() {
        let words = KernelWords(Errno::OPNOTSUPP).to_string();
        assert!(words.starts_with("EOPNOTSUPP ("), "{words}");
        assert!(words.contains("no Sphere"), "{words}");
        assert!(!KernelWords(Errno::PERM).to_string().contains("Sphere"));
    }
}
