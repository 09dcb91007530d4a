// SPDX-License-Identifier: GPL-2.0

//! What lies in the folder of an application's files, and whether all of it may be in an image.

use std::collections::BTreeMap;
use std::fs::{self, DirEntry, FileType};
use std::io;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::links;
use crate::cramfs::{Limit, check_entry};
use crate::report::Report;

/// A file of the folder. Its content is not read before it is known that all are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    Directory,
    File {
        is_executable: bool,
    },
    /// A symbolic link and its target.
    Link(PathBuf),
}

/// All files, by their paths in the image.
pub type Entries = BTreeMap<PathBuf, Entry>;

/// Where applications find their device nodes.
pub const DEVICES: &str = "dev";
/// Where they find their storage; where the first process finds all of it.
pub const STORAGE: &str = "data";
/// What an image says about its application.
pub const PAPERS: &str = ".sphere";

/// Why a file may not be in an image.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("is what this command writes itself: remove it")]
    Papers,
    #[error(transparent)]
    Limit(#[from] Limit),
    #[error("has the {0} bit, which no file of an image may have")]
    Bit(&'static str),
    #[error("is a {0}, which has no place in an image")]
    Special(&'static str),
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
}

/// Finds all files below `root`. What may not be in an image goes to the report.
pub fn scan(root: &Path, report: &mut Report) -> Entries {
    let mut entries = Entries::new();
    let mut waiting = vec![PathBuf::new()];
    while let Some(folder) = waiting.pop() {
        if let Err(error) = scan_folder(root, &folder, &mut entries, &mut waiting, report) {
            refuse(root, &folder, format!("cannot be read: {error}"), report);
        }
    }
    links::check(root, &entries, report);
    check_place(root, DEVICES, "device nodes", &entries, report);
    entries
}

/// Says that a file may not be in an image.
pub fn refuse(root: &Path, path: &Path, reason: String, report: &mut Report) {
    report.error(name_of(root, path), reason);
}

/// How people call a file.
pub fn name_of(root: &Path, path: &Path) -> String {
    if path.as_os_str().is_empty() {
        return root.display().to_string();
    }
    root.join(path).display().to_string()
}

fn scan_folder(
    root: &Path,
    folder: &Path,
    entries: &mut Entries,
    waiting: &mut Vec<PathBuf>,
    report: &mut Report,
) -> io::Result<()> {
    let mut found: Vec<_> = fs::read_dir(root.join(folder))?.collect::<io::Result<_>>()?;
    // The order in which errors are named does not depend on the file system either.
    found.sort_by_key(DirEntry::file_name);
    for found in found {
        let path = folder.join(found.file_name());
        let entry = match entry(root, &path, &found) {
            Ok(entry) => entry,
            Err(refusal) => {
                refuse(root, &path, refusal.to_string(), report);
                continue;
            }
        };
        if entry == Entry::Directory {
            waiting.push(path.clone());
        }
        entries.insert(path, entry);
    }
    Ok(())
}

fn entry(root: &Path, path: &Path, found: &DirEntry) -> Result<Entry, Refusal> {
    if path == Path::new(PAPERS) {
        return Err(Refusal::Papers);
    }
    let metadata = found.metadata()?;
    let kind = metadata.file_type();
    let size = if kind.is_file() { metadata.len() } else { 0 };
    check_entry(path, size)?;
    if kind.is_dir() {
        Ok(Entry::Directory)
    } else if kind.is_symlink() {
        Ok(Entry::Link(fs::read_link(root.join(path))?))
    } else if kind.is_file() {
        file(metadata.permissions().mode())
    } else {
        Err(Refusal::Special(word(kind)))
    }
}

fn file(mode: u32) -> Result<Entry, Refusal> {
    match special_bit(mode) {
        Some(bit) => Err(Refusal::Bit(bit)),
        None => Ok(Entry::File {
            is_executable: mode & 0o100 != 0,
        }),
    }
}

/// The name of the bit in the mode of a file that gives those who execute it something.
fn special_bit(mode: u32) -> Option<&'static str> {
    [
        (0o4000, "set-user-id"),
        (0o2000, "set-group-id"),
        (0o1000, "sticky"),
    ]
    .into_iter()
    .find(|(bit, _)| mode & bit != 0)
    .map(|(_, name)| name)
}

/// What a file is that is neither a file nor a directory nor a link.
fn word(kind: FileType) -> &'static str {
    if kind.is_fifo() {
        "FIFO"
    } else if kind.is_socket() {
        "socket"
    } else {
        "device node"
    }
}

/// On the device, an application's storage hides what is in its directory for it.
pub fn check_storage(root: &Path, entries: &Entries, report: &mut Report) {
    check_place(root, STORAGE, "files", entries, report);
}

/// What appears on the device in a place of the image hides what the image has there.
fn check_place(root: &Path, place: &str, what: &str, entries: &Entries, report: &mut Report) {
    let place = Path::new(place);
    let problem = match entries.get(place) {
        None => return,
        Some(Entry::Directory) => {
            let mut inside = entries.keys().filter(|path| path.starts_with(place));
            if !inside.any(|path| path != place) {
                return;
            }
            "is not empty"
        }
        Some(_) => "is no directory",
    };
    let reason = format!("{problem}: it is where the {what} of the application appear");
    refuse(root, place, reason, report);
}
