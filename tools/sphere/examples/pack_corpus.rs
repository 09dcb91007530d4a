// SPDX-License-Identifier: GPL-2.0

//! Packs the published manifests into a folder, for tests that give the records to a kernel.
//!
//! `cargo run -p sphere --example pack_corpus -- FOLDER` writes `FOLDER/NAME.record` for each
//! manifest that can be packed. Where there is no corpus, it writes nothing.

#[allow(dead_code)] // The corpus test uses more of it.
#[path = "../tests/corpus/collection.rs"]
mod collection;

use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Context, Result};
use collection::Collection;
use sphere::pack::pack;
use sphere::report::Report;

fn main() -> Result<()> {
    let folder = PathBuf::from(env::args_os().nth(1).context("which folder?")?);
    let Some(corpus) = Collection::open() else {
        return Ok(());
    };
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let mut packed = 0;
    for name in corpus.manifests() {
        let Some(result) = pack(&corpus.request(&name), &mut Report::default()) else {
            continue;
        };
        let file = folder.join(name.replace('/', "_")).with_extension("record");
        fs::write(&file, result.record).with_context(|| file.display().to_string())?;
        packed += 1;
    }
    println!("packed {packed} manifests");
    Ok(())
}
