// SPDX-License-Identifier: GPL-2.0

//! Integration tests of the host tool, one file per concern.

mod board;
mod hardware;
mod learn;
mod pack;
mod samples;
mod support;
