// SPDX-License-Identifier: GPL-2.0

//! The tracepoint for denials.

use crate::model::{
    denial::Denial,
    words::Buffer, //
};
use kernel::{
    ffi::{
        c_char,
        c_int, //
    },
    prelude::*, //
};

/// Bytes of any word but what it is about, with its final zero: a component's id is the longest.
const WORD_SIZE: usize = 40;

/// `struct sphere_denial` in `sphere.h`.
#[repr(C)]
struct RawDenial {
    gate: *const c_char,
    object: *const c_char,
    right: *const c_char,
    reason: *const c_char,
    component: *const c_char,
    error: c_int,
    permitted: c_int,
}

extern "C" {
    fn sphere_denied_is_traced() -> bool;
    fn sphere_trace_denied(denial: *const RawDenial);
}

/// Says to who traces that the current task was denied something.
pub(crate) fn denied(denial: &Denial<'_>) {
    // SAFETY: It can be called anywhere.
    if cfg!(CONFIG_TRACEPOINTS) && unsafe { sphere_denied_is_traced() } {
        trace(denial);
    }
}

fn trace(denial: &Denial<'_>) {
    let gate = Buffer::<WORD_SIZE>::of(format_args!("{}", denial.gate.name()));
    let right = Buffer::<WORD_SIZE>::of(format_args!("{}", denial.right));
    let reason = Buffer::<WORD_SIZE>::of(format_args!("{}", denial.reason));
    let component = Buffer::<WORD_SIZE>::of(format_args!("{}", denial.who));
    let raw = RawDenial {
        gate: gate.as_c_str().as_char_ptr(),
        object: denial.object.as_c_str().as_char_ptr(),
        right: right.as_c_str().as_char_ptr(),
        reason: reason.as_c_str().as_char_ptr(),
        component: component.as_c_str().as_char_ptr(),
        error: denial.errno,
        permitted: denial.permitted.into(),
    };
    // SAFETY: All of it is valid during the call, which copies what it needs.
    unsafe { sphere_trace_denied(&raw) };
}
