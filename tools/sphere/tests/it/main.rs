// SPDX-License-Identifier: GPL-2.0

//! Integration tests of the host tool, one file per concern.

mod board;
mod check;
mod cramfs;
mod debugger;
mod diff;
mod documents;
mod hardware;
mod image;
mod key;
mod learn;
mod limits;
mod map;
mod pack;
mod policy;
mod progress;
mod samples;
mod shell;
mod sign;
mod support;
