// SPDX-License-Identifier: GPL-2.0

//! Records of the audit subsystem.
//!
//! C header: [`include/linux/audit.h`](srctree/include/linux/audit.h)

use crate::{
    alloc::Flags,
    bindings,
    ffi::{
        c_int,
        c_void, //
    },
    fmt,
    prelude::*, //
};
use core::ptr::{
    self,
    NonNull, //
};

/// Whether records are kept at all, at the moment.
pub fn is_enabled() -> bool {
    // SAFETY: It is a number that is always there. It can change meanwhile, so the read is
    // volatile.
    let enabled = unsafe { (&raw const bindings::audit_enabled).read_volatile() };
    enabled != 0
}

/// A record that is being written. It goes out when it is dropped.
///
/// # Invariants
///
/// `buffer` is what `audit_log_start()` returned.
pub struct Record {
    buffer: NonNull<bindings::audit_buffer>,
}

impl Record {
    /// Begins a record of type `kind` (`AUDIT_*`, or a number of its own). `None` when audit does
    /// not want it, or there is no memory. Can be called in any context that `flags` are for.
    pub fn start(kind: u32, flags: Flags) -> Option<Self> {
        // SAFETY: No context is needed: the record stands for itself.
        let buffer =
            unsafe { bindings::audit_log_start(ptr::null_mut(), flags.as_raw(), kind as c_int) };
        // INVARIANT: This is where it comes from.
        NonNull::new(buffer).map(|buffer| Self { buffer })
    }

    /// Adds to the text of the record.
    pub fn write(&mut self, text: fmt::Arguments<'_>) {
        // SAFETY: By the type invariant, the buffer is valid, and `%pA` takes a pointer to
        // arguments.
        unsafe {
            bindings::audit_log_format(
                self.buffer.as_ptr(),
                c"%pA".as_char_ptr(),
                ptr::from_ref(&text).cast::<c_void>(),
            )
        };
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        // SAFETY: By the type invariant, the buffer is valid, and not used any more.
        unsafe { bindings::audit_log_end(self.buffer.as_ptr()) };
    }
}
