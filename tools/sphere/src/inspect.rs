// SPDX-License-Identifier: GPL-2.0

//! Records in words, alone or in the image of their application.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use sphere_core::describe::Description;
use sphere_core::record::{RECORD_MAX, Record};

use crate::cramfs;
use crate::cramfs::format::IMAGE_MAX;

/// The words for the record in `file`, which is a record or an image; `-` is standard input.
pub fn inspect(file: &Path) -> Result<String> {
    let bytes = if file == Path::new("-") {
        read(io::stdin().lock())
    } else {
        File::open(file).and_then(read)
    };
    let name = file.display();
    let bytes = bytes.with_context(|| format!("{name} cannot be read"))?;
    let bytes = if cramfs::is_image(&bytes) {
        record_in(&bytes).with_context(|| name.to_string())?
    } else {
        bytes
    };
    let record = Record::parse(bytes.as_slice())
        .map_err(|error| anyhow!("{name}: no valid record: {error}"))?;
    Ok(Description(&record).to_string())
}

/// Reads a record, or enough to see that there is more than one holds. Of an image, all is read.
fn read(mut source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source
        .by_ref()
        .take(RECORD_MAX as u64 + 1)
        .read_to_end(&mut bytes)?;
    if cramfs::is_image(&bytes) {
        source.take(IMAGE_MAX as u64).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// The record of an image.
fn record_in(image: &[u8]) -> Result<Vec<u8>> {
    cramfs::file(image, &[".sphere", "identity"], RECORD_MAX)?
        .ok_or_else(|| anyhow!("is an image without .sphere/identity"))
}
