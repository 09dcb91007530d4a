// SPDX-License-Identifier: GPL-2.0

//! What the managers of a device share: where application images are, whom the device trusts, what
//! it remembers, and how one manager asks the first process for something.

#![cfg_attr(not(test), no_std)]

pub mod control;
pub mod flash;
pub mod image_file;
pub mod mtd;
pub mod partitions;
pub mod registry;
pub mod slots;
pub mod storage;
pub mod trust;

/// Where the mutable storage is.
pub const DATA: &str = "/data";
