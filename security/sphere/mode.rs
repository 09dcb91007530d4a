// SPDX-License-Identifier: GPL-2.0

//! The mode, and the lock that keeps mode and policy as narrow as they are.

use crate::{
    answer::allow_if,
    debug,
    model::mode::Mode, //
};
use kernel::{
    ffi::c_int,
    prelude::*,
    sync::atomic::{
        Acquire,
        Atomic,
        Relaxed,
        Release, //
    }, //
};

kernel::sync::global_lock! {
    /// Held by who changes the mode, the lock or the policy: whether it may depends on what else
    /// changes.
    // SAFETY: `init` is called before the first exec.
    pub(crate) unsafe(uninit) static CHANGES: Mutex<()> = ();
}

/// The number of the mode.
static MODE: Atomic<u32> = Atomic::new(Mode::Enforcing as u32);
static IS_LOCKED: Atomic<bool> = Atomic::new(false);
/// Whether there has ever been another policy, or permissive mode.
static HAS_CHANGED: Atomic<bool> = Atomic::new(false);

/// Sets the module up. To be called once, from the start of the security module.
pub(crate) fn init() {
    // SAFETY: The caller promises that this is the only call.
    unsafe { CHANGES.init() };
    if cfg!(CONFIG_SECURITY_SPHERE_LOCKED) || is_locked_by_command_line() {
        IS_LOCKED.store(true, Relaxed);
    }
}

fn is_locked_by_command_line() -> bool {
    extern "C" {
        static sphere_lock_at_boot: c_int;
    }
    // SAFETY: It is set before security modules are, and never afterwards.
    unsafe { sphere_lock_at_boot != 0 }
}

/// Whether this kernel has a mode.
const fn has_mode(mode: Mode) -> bool {
    match mode {
        Mode::Enforcing => true,
        Mode::Permissive => cfg!(CONFIG_SECURITY_SPHERE_PERMISSIVE),
        Mode::Development => cfg!(CONFIG_SECURITY_SPHERE_DEVELOPMENT),
    }
}

#[inline]
fn is_mode(mode: Mode) -> bool {
    has_mode(mode) && MODE.load(Relaxed) == mode as u32
}

/// Whether what is denied is let pass, and reported all the same.
pub(crate) fn is_permissive() -> bool {
    is_mode(Mode::Permissive)
}

/// Whether debuggers may trace other applications.
pub(crate) fn is_development() -> bool {
    is_mode(Mode::Development)
}

/// The mode.
pub(crate) fn mode() -> Mode {
    if is_permissive() {
        Mode::Permissive
    } else if is_development() {
        Mode::Development
    } else {
        Mode::Enforcing
    }
}

/// Chooses the mode. Sleeps.
///
/// # Errors
///
/// - `EOPNOTSUPP` for a mode that this kernel does not have.
/// - `EPERM` for another than enforcing when the policy is locked.
pub(crate) fn set_mode(mode: Mode) -> Result {
    let _changes = CHANGES.lock();
    allow_if(has_mode(mode), EOPNOTSUPP)?;
    allow_if(mode == Mode::Enforcing || !is_locked(), EPERM)?;
    if mode == Mode::Permissive {
        // What is got by it will have to be asked about.
        unsettle();
    }
    switch(mode);
    Ok(())
}

/// Brings `mode` into force. The caller has the lock of [`CHANGES`].
fn switch(mode: Mode) {
    let was_development = is_development();
    MODE.store(mode as u32, Relaxed);
    // Nobody asks a tracer again who has one.
    if was_development && mode != Mode::Development {
        debug::end_debuggers();
    }
}

/// Whether the policy can only become narrower until the next boot.
pub(crate) fn is_locked() -> bool {
    IS_LOCKED.load(Acquire)
}

/// Locks the policy until the next boot, in enforcing mode. Sleeps.
pub(crate) fn lock() {
    let _changes = CHANGES.lock();
    switch(Mode::Enforcing);
    IS_LOCKED.store(true, Release);
}

/// Whether policy and mode have always been those of the boot, so that all that was allowed once
/// still is.
#[inline]
pub(crate) fn is_settled() -> bool {
    let can_change = cfg!(CONFIG_SECURITY_SPHERE_POLICY) || cfg!(CONFIG_SECURITY_SPHERE_PERMISSIVE);
    !can_change || !HAS_CHANGED.load(Relaxed)
}

/// From now on, what was allowed once may not be any more.
pub(crate) fn unsettle() {
    HAS_CHANGED.store(true, Relaxed);
}
