// SPDX-License-Identifier: GPL-2.0

//! What of `sphere-ctl` can be tested on a host: its command line, and its words.

#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

pub mod component;
pub mod grant_words;
pub mod options;
pub mod proc_fields;
pub mod room;
