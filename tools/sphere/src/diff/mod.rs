// SPDX-License-Identifier: GPL-2.0

//! `sphere diff`: which rights an update gains and loses.

mod compare;
mod ports;
mod rights;
mod source;

pub use compare::{Change, compare, json};
pub use rights::Rights;
pub use source::{Setting, Source};
