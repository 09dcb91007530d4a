// SPDX-License-Identifier: GPL-2.0

//! The record format, capability set and decisions of Sphere.
//!
//! The source lies in `security/sphere/core/`, where the kernel builds it too: tools and kernel
//! read a record with the same code. Beside it, what only the tools share: [`describe`] and
//! [`launch`].

#![no_std]
#![forbid(unsafe_code)]

#[path = "../../../security/sphere/core/mod.rs"]
mod core_source;

pub use core_source::*;

pub mod describe;
pub mod launch;
