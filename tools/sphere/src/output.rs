// SPDX-License-Identifier: GPL-2.0

//! Files that are there completely or not at all.

use std::fs::{self, Permissions};
use std::io::Write;
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
        let file = prepare(&target, content)
            .with_context(|| format!("{} cannot be written", path.display()))?;
        prepared.push((file, target));
    }
    for (file, target) in prepared {
        file.persist(&target)
            .with_context(|| format!("{} cannot be written", target.display()))?;
    }
    Ok(())
}

/// The file that a path leads to. A device or a pipe would be replaced, not written to.
fn target(path: &Path) -> Result<PathBuf> {
    match fs::canonicalize(path) {
        Ok(path) if path.is_file() => Ok(path),
        Ok(_) => bail!("{} is there and is not a file", path.display()),
        Err(_) => Ok(path.to_owned()),
    }
}

fn prepare(target: &Path, content: &[u8]) -> std::io::Result<NamedTempFile> {
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // What a new file usually gets; the umask still applies.
    let mut file = tempfile::Builder::new()
        .prefix(".sphere-")
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    Ok(file)
}
