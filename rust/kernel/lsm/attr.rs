// SPDX-License-Identifier: GPL-2.0

//! Attributes of tasks.

use super::Lsm;
use crate::{
    bindings,
    error::to_result,
    prelude::*,
    str::CStr, //
};
use core::marker::PhantomData;

/// An attribute of a task, `LSM_ATTR_*`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Attr(u32);

impl Attr {
    /// What is in force.
    pub const CURRENT: Self = Self(bindings::LSM_ATTR_CURRENT);
    /// What the next exec brings into force.
    pub const EXEC: Self = Self(bindings::LSM_ATTR_EXEC);

    #[inline]
    pub(super) fn from_raw(attr: u32) -> Self {
        Self(attr)
    }

    /// The attribute that a file in `/proc/PID/attr/` stands for.
    pub fn from_proc_name(name: &CStr) -> Option<Self> {
        match name.to_bytes() {
            b"current" => Some(Self::CURRENT),
            b"exec" => Some(Self::EXEC),
            _ => None,
        }
    }
}

/// Where the value of an attribute goes for `lsm_get_self_attr(2)`.
///
/// # Invariants
///
/// `size` is valid for reads and writes for `'a`.
pub struct SelfAttr<'a> {
    buffer: *mut bindings::lsm_ctx,
    size: *mut u32,
    id: u64,
    _borrow: PhantomData<&'a mut u32>,
}

/// The proof that a value has been written.
pub struct Written<'a>(PhantomData<&'a mut u32>);

impl<'a> SelfAttr<'a> {
    /// # Safety
    ///
    /// `size` must be valid for reads and writes while the result is in use.
    pub(super) unsafe fn new<T: Lsm>(buffer: *mut bindings::lsm_ctx, size: *mut u32) -> Self {
        // INVARIANT: The caller promises it.
        Self {
            buffer,
            size,
            id: T::id().number(),
            _borrow: PhantomData,
        }
    }

    /// Copies `value` to user space.
    ///
    /// # Errors
    ///
    /// - `E2BIG` when user space has no room for it.
    /// - `EFAULT` when its buffer is not there.
    /// - `ENOMEM`.
    pub fn write(self, value: &[u8]) -> Result<Written<'a>> {
        // SAFETY:
        // - `size` is valid by the type invariant.
        // - `buffer` is a user pointer, which the function checks.
        // - `value` is valid for reads of its length, and is only read.
        to_result(unsafe {
            bindings::lsm_fill_user_ctx(
                self.buffer,
                self.size,
                value.as_ptr().cast_mut().cast(),
                value.len(),
                self.id,
                0,
            )
        })?;
        Ok(Written(PhantomData))
    }
}
