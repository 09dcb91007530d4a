// SPDX-License-Identifier: GPL-2.0

//! Limits to how often something is said.
//!
//! C header: [`include/linux/ratelimit.h`](srctree/include/linux/ratelimit.h)

use crate::{
    bindings,
    ffi::c_int,
    prelude::*,
    time::Jiffies,
    types::Opaque, //
};

/// Allows a number of events in each interval, and then none until the interval is over.
#[pin_data]
pub struct RateLimit {
    #[pin]
    state: Opaque<bindings::ratelimit_state>,
}

// SAFETY: The state has a lock of its own, and belongs to no thread.
unsafe impl Send for RateLimit {}
// SAFETY: As above.
unsafe impl Sync for RateLimit {}

impl RateLimit {
    /// Allows `burst` events in `interval`. What is not allowed leaves no message in the log.
    pub fn new(interval: Jiffies, burst: u32) -> impl PinInit<Self> {
        pin_init!(Self {
            state <- Opaque::ffi_init(|state: *mut bindings::ratelimit_state| {
                // SAFETY: `state` is valid for writing, and stays where it is.
                unsafe { bindings::ratelimit_state_init(state, interval as c_int, burst as c_int) };
                // SAFETY: As above.
                unsafe { bindings::ratelimit_set_flags(state, bindings::RATELIMIT_MSG_ON_RELEASE) };
            }),
        })
    }

    /// Whether this event is allowed. Can be called in any context: where another processor is
    /// being answered, it is not allowed.
    pub fn allows(&self) -> bool {
        // SAFETY: The state is initialised. The name would be printed, but for the flag.
        unsafe { bindings::___ratelimit(self.state.get(), c"".as_char_ptr()) != 0 }
    }

    /// Changes the limit: from now on `burst` events in `interval`.
    pub fn set(&self, interval: Jiffies, burst: u32) {
        let state = self.state.get();
        // SAFETY: The state is initialised. It is read meanwhile, so the write is volatile.
        unsafe { (&raw mut (*state).interval).write_volatile(interval as c_int) };
        // SAFETY: As above.
        unsafe { (&raw mut (*state).burst).write_volatile(burst as c_int) };
    }
}
