// SPDX-License-Identifier: GPL-2.0

//! GPIO lines, as user space gets at them.

use super::{
    Context,
    Lsm, //
};
use crate::{
    bindings,
    cred::Credential,
    error::from_result,
    ffi::{
        c_char,
        c_int,
        c_uint, //
    },
    prelude::*,
    str::CStr, //
};
use core::{
    marker::PhantomData,
    ptr::NonNull,
    slice, //
};

/// What user space wants of lines of one GPIO chip.
///
/// Bit n of the sets is for the line `offsets[n]`. A line in neither set is asked for without a
/// direction: its information or value is read, or it is exported to sysfs or removed from there. A
/// line in both is taken as it is, in whichever direction that may be.
///
/// # Invariants
///
/// `label` is a string that stays for `'a`.
pub struct GpioLines<'a> {
    label: NonNull<c_char>,
    _label: PhantomData<&'a CStr>,
    /// Hardware offsets of the lines, at most 64; none stands for the chip itself.
    pub offsets: &'a [u32],
    /// Lines that are to be inputs.
    pub input: u64,
    /// Lines that are to be outputs.
    pub output: u64,
}

impl<'a> GpioLines<'a> {
    /// # Safety
    ///
    /// The arguments must be those of a hook, and the hook run for as long as the result is used.
    unsafe fn new(
        label: *const c_char,
        offsets: *const u32,
        count: c_uint,
        input: u64,
        output: u64,
    ) -> Self {
        // SAFETY: The framework passes the label of a chip that is there while the hook runs.
        let label = unsafe { NonNull::new_unchecked(label.cast_mut()) };
        let offsets = if count == 0 {
            // It need not be a pointer then.
            &[]
        } else {
            // SAFETY: The framework passes the kernel's copy of that many offsets.
            unsafe { slice::from_raw_parts(offsets, count as usize) }
        };
        // INVARIANT: The caller promises it of the label.
        Self {
            label,
            _label: PhantomData,
            offsets,
            input,
            output,
        }
    }

    /// Label of the chip. Takes time in proportion to its length.
    pub fn label(&self) -> &'a CStr {
        // SAFETY: By the type invariant, it is a string that stays for `'a`.
        unsafe { CStr::from_char_ptr(self.label.as_ptr()) }
    }
}

/// # Safety
///
/// To be called by the LSM framework.
pub(super) unsafe extern "C" fn gpio_lines<T: Lsm>(
    label: *const c_char,
    offsets: *const u32,
    count: c_uint,
    input: u64,
    output: u64,
) -> c_int {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    // SAFETY: These are its arguments.
    let lines = unsafe { GpioLines::new(label, offsets, count, input, output) };
    from_result(|| T::gpio_lines(&lsm, &lines).map(|()| 0))
}

/// # Safety
///
/// To be called by the LSM framework.
pub(super) unsafe extern "C" fn gpio_file<T: Lsm>(
    file: *const bindings::file,
    label: *const c_char,
    offsets: *const u32,
    count: c_uint,
    input: u64,
    output: u64,
) -> c_int {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    // SAFETY: The framework passes an open file.
    let cred = unsafe { (*file).f_cred };
    // SAFETY: The credentials of a file's opener are valid as long as the file is.
    let opener = unsafe { Credential::from_ptr(cred) };
    // SAFETY: These are the hook's arguments.
    let lines = unsafe { GpioLines::new(label, offsets, count, input, output) };
    from_result(|| T::gpio_file(&lsm, opener, &lines).map(|()| 0))
}
