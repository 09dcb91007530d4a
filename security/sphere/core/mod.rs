// SPDX-License-Identifier: GPL-2.0

//! What Sphere decides, without the kernel that it decides for.
//!
//! Pure `no_std` Rust: no allocation, no unsafe code, no kernel types. The kernel builds it as a
//! module of the LSM; the tools and the host tests build the same files as the crate
//! `sphere-core`.

pub mod capability;
#[cfg_attr(
    all(CONFIG_SECURITY_SPHERE, not(CONFIG_SECURITY_SPHERE_POLICY)),
    path = "no_changes.rs"
)]
pub mod changes;
pub mod debug;
pub mod denial;
pub mod enforce;
pub mod gate;
pub mod gpio;
pub mod grants;
pub mod label;
pub mod listing;
pub mod mode;
pub mod net;
pub mod peer;
pub mod policy;
pub mod privilege;
pub mod record;
pub mod role;
pub mod storage;
pub mod text;
pub mod uuid;
pub mod words;
