// SPDX-License-Identifier: GPL-2.0

//! Tests of the identity record.

mod format;
mod owned;
mod uapi;
