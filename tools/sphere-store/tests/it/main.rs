// SPDX-License-Identifier: GPL-2.0

//! Tests of the library from outside.

mod choice;
mod flash;
mod keys;
mod make;
mod power_cut;
mod recovery;
mod refused;
mod registry;
