// SPDX-License-Identifier: GPL-2.0

//! The contents of an application's files.

use std::fs;
use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use super::scan::{Entries, Entry, refuse};
use crate::cramfs::format::SIZE_MAX;
use crate::cramfs::{Directory, File, Node};
use crate::progress::Progress;
use crate::report::Report;

/// Reads all files that [`super::scan`] has found.
pub fn load(root: &Path, entries: Entries, report: &mut Report) -> Directory {
    let mut progress = Progress::new("reading files", entries.len());
    let mut tree = Directory::default();
    for (path, entry) in entries {
        progress.step();
        match node(root, &path, entry) {
            Ok(node) => insert(&mut tree, &path, node),
            Err(error) => refuse(root, &path, format!("cannot be read: {error}"), report),
        }
    }
    tree
}

/// Puts a file into the image. Directories come before what is in them.
pub fn insert(tree: &mut Directory, path: &Path, node: Node) {
    let names: Vec<_> = path.iter().map(OsStrExt::as_bytes).collect();
    let is_new = tree.insert(&names, node);
    debug_assert!(is_new, "{}", path.display());
}

fn node(root: &Path, path: &Path, entry: Entry) -> io::Result<Node> {
    Ok(match entry {
        Entry::Directory => Node::Directory(Directory::default()),
        Entry::Link(target) => Node::Link(target.into_os_string().into_vec()),
        Entry::File { is_executable } => Node::File(File {
            content: content(&root.join(path))?,
            is_executable,
        }),
    })
}

/// A file may have grown since it was found: what is too much is left to the writer to refuse.
fn content(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    fs::File::open(path)?
        .take(SIZE_MAX as u64 + 1)
        .read_to_end(&mut content)?;
    Ok(content)
}
