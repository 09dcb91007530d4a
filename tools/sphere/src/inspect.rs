// SPDX-License-Identifier: GPL-2.0

//! Records in words.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, Result};
use sphere_core::describe::Description;
use sphere_core::record::{RECORD_MAX, Record};

/// The words for the record in `file`; `-` is standard input.
pub fn inspect(file: &Path) -> Result<String> {
    let bytes = if file == Path::new("-") {
        read(io::stdin().lock())
    } else {
        File::open(file).and_then(read)
    };
    let name = file.display();
    let bytes = bytes.with_context(|| format!("{name} cannot be read"))?;
    let record = Record::parse(bytes.as_slice())
        .map_err(|error| anyhow::anyhow!("{name}: no valid record: {error}"))?;
    Ok(Description(&record).to_string())
}

/// Reads a record, or enough to see that there is more than one holds.
fn read(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(RECORD_MAX as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
