// SPDX-License-Identifier: GPL-2.0

//! Files that are there completely or not at all.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tempfile::NamedTempFile;

/// Writes all `files`, or none of them: every content is on disk under another name before the
/// first file gets its own.
pub fn write_all(files: &[(&Path, &[u8])]) -> Result<()> {
    let mut prepared = Vec::new();
    for (path, content) in files {
        let target = target(path)?;
        let file = prepare(&target, content, 0o666)
            .with_context(|| format!("{} cannot be written", path.display()))?;
        prepared.push((file, target));
    }
    for (file, target) in prepared {
        file.persist(&target)
            .with_context(|| format!("{} cannot be written", target.display()))?;
    }
    Ok(())
}

/// Writes a file that nobody but its owner can read, completely or not at all. Whatever is there
/// already stays.
pub fn write_secret(path: &Path, content: &[u8]) -> Result<()> {
    let written = prepare(path, content, 0o600).and_then(|file| {
        file.persist_noclobber(path)
            .map_err(|refused| refused.error)
    });
    match written {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!("is there already, and is not overwritten")
        }
        Err(error) => Err(error).context("cannot be written"),
    }
}

/// The file that a path leads to. A device or a pipe would be replaced, not written to.
fn target(path: &Path) -> Result<PathBuf> {
    match fs::canonicalize(path) {
        Ok(path) if path.is_file() => Ok(path),
        Ok(_) => bail!("{} is there and is not a file", path.display()),
        Err(_) => Ok(path.to_owned()),
    }
}

/// Writes `content` to a file of another name beside `target`. The umask still applies to `mode`.
fn prepare(target: &Path, content: &[u8], mode: u32) -> io::Result<NamedTempFile> {
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut file = tempfile::Builder::new()
        .prefix(".sphere-")
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    Ok(file)
}
