// SPDX-License-Identifier: GPL-2.0

//! cramfs images, which applications come in: read and written without a kernel.

pub mod format;
mod program;
mod read;
mod tree;
mod write;

pub use format::MAGIC;
pub use read::{CramfsError, file, is_image, is_intact, tree};
pub use tree::{Directory, File, Node};
pub use write::{Limit, Map, WriteError, check_entry, write};
