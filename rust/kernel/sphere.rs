// SPDX-License-Identifier: GPL-2.0

//! Extended capabilities of Sphere, for drivers.
//!
//! C header: [`include/linux/sphere.h`](srctree/include/linux/sphere.h).

use crate::{
    bindings,
    ffi::c_int, //
};

/// An extended capability, `SPHERE_CAP_*`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Capability(u32);

impl Capability {
    /// Write boot progress codes.
    pub const POSTCODE: Self = Self(bindings::SPHERE_CAP_POSTCODE);
    /// Change the mapping of peripherals to pins.
    pub const PERIPHERAL_PIN_MAPPING: Self = Self(bindings::SPHERE_CAP_PERIPHERAL_PIN_MAPPING);
    /// Choose the power profile.
    pub const SET_POWER_PROFILE: Self = Self(bindings::SPHERE_CAP_SET_POWER_PROFILE);
    /// Record telemetry.
    pub const RECORD_TELEMETRY: Self = Self(bindings::SPHERE_CAP_RECORD_TELEMETRY);
    /// Use run-time attestation.
    pub const ATTESTATION_RUNTIME: Self = Self(bindings::SPHERE_CAP_ATTESTATION_RUNTIME);
    /// Use the storage key.
    pub const SFS: Self = Self(bindings::SPHERE_CAP_SFS);

    /// The one with this bit number.
    pub const fn from_bit(bit: u32) -> Self {
        Self(bit)
    }
}

/// Whether the current task has an extended capability.
///
/// Managers and kernel threads have all. If Sphere is not active, `CAP_SYS_ADMIN` decides. To be
/// called in process context.
///
/// # Examples
///
/// ```
/// use kernel::sphere::{capable, Capability};
///
/// fn write_code(_code: u8) -> Result {
///     if !capable(Capability::POSTCODE) {
///         return Err(EACCES);
///     }
///     Ok(())
/// }
///
/// // This runs in a kernel thread.
/// assert!(write_code(0x42).is_ok());
/// assert!(!capable(Capability::from_bit(63)));
/// # Ok::<(), Error>(())
/// ```
pub fn capable(capability: Capability) -> bool {
    // SAFETY: Takes a number and looks at the current task.
    unsafe { bindings::sphere_capable(capability.0 as c_int) }
}
