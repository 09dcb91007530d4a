// SPDX-License-Identifier: GPL-2.0

//! Draws the map that the documentation shows.
//!
//! `cargo run -p sphere --example draw_picture` writes `Documentation/security/sphere-map.svg`.
//! Where there is no corpus, it writes nothing.

#[allow(dead_code)] // The corpus test uses more of it.
#[path = "../tests/corpus/collection.rs"]
mod collection;
#[path = "../tests/corpus/picture.rs"]
mod picture;

use std::fs;

use anyhow::Result;
use collection::Collection;

fn main() -> Result<()> {
    if let Some(corpus) = Collection::open() {
        fs::write(picture::file(), picture::draw(&corpus))?;
    }
    Ok(())
}
