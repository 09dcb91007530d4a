// SPDX-License-Identifier: GPL-2.0

//! The record format, capability set and decisions of Sphere.
//!
//! The source lies in `security/sphere/core/`, where the kernel builds it too: tools and kernel
//! read a record with the same code. Beside it, what only the tools share: files and lines that they
//! read ([`launch`], with [`limits`], [`denial_line`], [`component_list`], [`kmsg`],
//! [`policy_check`]) and words for people ([`describe`], [`denial_words`], [`errno`]).

#![no_std]
#![forbid(unsafe_code)]

#[path = "../../../security/sphere/core/mod.rs"]
mod core_source;

pub use core_source::*;

pub mod component_list;
pub mod denial_hint;
pub mod denial_line;
pub mod denial_object;
pub mod denial_words;
pub mod describe;
pub mod errno;
pub mod kmsg;
pub mod launch;
pub mod limits;
pub mod policy_check;
pub mod token;
mod word_list;
