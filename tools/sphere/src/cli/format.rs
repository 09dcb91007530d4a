// SPDX-License-Identifier: GPL-2.0

//! In which form a result is written.

use clap::ValueEnum;

#[derive(Clone, Copy, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}
