// SPDX-License-Identifier: GPL-2.0

//! What `sphere-init` decides, without the machine that it does it to.

#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

pub mod claim;
pub mod command;
pub mod conflict;
pub mod groups;
pub mod interface;
pub mod options;
pub mod outcome;
pub mod restart;
