// SPDX-License-Identifier: GPL-2.0

//! cramfs images, which applications come in: read and written without a kernel.

pub mod format;
mod read;
mod tree;

pub use format::MAGIC;
pub use read::{CramfsError, file, is_image, tree};
pub use tree::{Directory, File, Node};
