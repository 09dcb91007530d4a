// SPDX-License-Identifier: GPL-2.0

//! From a folder of files to an image: with a manifest and a board that of an application, else
//! that of a device's root file system.

mod links;
mod load;
mod scan;

use std::path::{Path, PathBuf};

use sphere_core::launch::Launch;
use sphere_core::record::Record;

use crate::cramfs::{self, Directory, File, Map, Node};
use crate::pack::{self, Packed, pack};
use crate::progress::Progress;
use crate::report::{Problem, Report};
use scan::{DEVICES, Entries, Entry, PAPERS, STORAGE};

/// The files of an image.
#[derive(Debug, Default)]
pub struct Files {
    /// Folder that they lie in.
    pub root: PathBuf,
    pub map: Map,
}

/// What to make an application's image of.
#[derive(Debug, Default)]
pub struct Request {
    pub pack: pack::Request,
    pub files: Files,
}

/// Name of a root file system's image.
const ROOTFS: &str = "rootfs";

/// Where the first process mounts what the kernel, memory and flash provide.
const MOUNT_POINTS: [&str; 5] = [STORAGE, DEVICES, "proc", "run", "sys"];

/// Makes the image of an application. `None` if anything is wrong; the report says what.
pub fn image(request: &Request, report: &mut Report) -> Option<Vec<u8>> {
    report.unless_errors(|report| {
        // The files are looked at even if the manifest is refused, so that one run names what is
        // wrong with both. Read they are only if nothing is.
        let packed = pack(&request.pack, report);
        let entries = scan_root(&request.files.root, report)?;
        let packed = packed?;
        let Papers { name, has_storage } = check_papers(request, &packed, &entries, report)?;
        let mut places = vec![DEVICES];
        if has_storage {
            scan::check_storage(&request.files.root, &entries, report);
            places.push(STORAGE);
        }
        if report.has_errors() {
            return None;
        }
        let mut tree = load::load(&request.files.root, entries, report);
        add_directories(&mut tree, &places);
        add_papers(&mut tree, packed);
        write(&request.files, &tree, &name, report)
    })
}

/// Makes the image of a device's root file system. `None` if anything is wrong; the report says
/// what.
pub fn rootfs(files: &Files, report: &mut Report) -> Option<Vec<u8>> {
    report.unless_errors(|report| {
        let entries = scan_root(&files.root, report)?;
        if report.has_errors() {
            return None;
        }
        let mut tree = load::load(&files.root, entries, report);
        add_directories(&mut tree, &MOUNT_POINTS);
        write(files, &tree, ROOTFS, report)
    })
}

fn scan_root(root: &Path, report: &mut Report) -> Option<Entries> {
    if !root.is_dir() {
        report.error(root.display().to_string(), "is no folder");
        return None;
    }
    Some(scan::scan(root, report))
}

/// What has to be known of an application to make an image.
struct Papers {
    name: String,
    has_storage: bool,
}

/// Checks that what the device is told to execute is there.
fn check_papers(
    request: &Request,
    packed: &Packed,
    entries: &Entries,
    report: &mut Report,
) -> Option<Papers> {
    let place = request.pack.manifest.display().to_string();
    let launch = Launch::parse(packed.launch.as_bytes())
        .map_err(|error| report.error(&place, format!("no valid launch file: {error}")));
    let record = Record::parse(packed.record.as_slice())
        .map_err(|error| report.error(&place, format!("no valid record: {error}")));
    let (launch, record) = (launch.ok()?, record.ok()?);
    check_entry_point(request, launch.entry(), entries, report);
    Some(Papers {
        name: record.name().to_owned(),
        has_storage: record.storage_bytes() > 0,
    })
}

fn check_entry_point(request: &Request, entry: &str, entries: &Entries, report: &mut Report) {
    let root = &request.files.root;
    let path = Path::new(entry);
    let found = links::resolve(entries, path).map(|path| entries.get(&path));
    let reason = match found {
        Ok(Some(Entry::File {
            is_executable: true,
        })) => return,
        Ok(Some(Entry::File { .. })) => "cannot be executed by its owner: chmod +x",
        Ok(Some(_)) => "is no file",
        Ok(None) => "is not there",
        // The link is named itself.
        Err(_) => "is behind a link that leads nowhere",
    };
    let name = scan::name_of(root, path);
    report.push(Problem::error(
        request.pack.manifest.display().to_string(),
        format!("its entry point, {name}, {reason}"),
    ));
}

/// Adds directories that are not there yet.
fn add_directories(tree: &mut Directory, names: &[&str]) {
    for name in names {
        tree.entries
            .entry(name.as_bytes().to_vec())
            .or_insert(Node::Directory(Directory::default()));
    }
}

/// Adds what the device asks for beside the application's files.
fn add_papers(tree: &mut Directory, packed: Packed) {
    let papers = Path::new(PAPERS);
    let files = [
        ("identity", packed.record),
        ("launch", packed.launch.into_bytes()),
    ];
    for (name, content) in files {
        load::insert(tree, &papers.join(name), Node::File(File::plain(content)));
    }
}

fn write(files: &Files, tree: &Directory, name: &str, report: &mut Report) -> Option<Vec<u8>> {
    let mut progress = Progress::new("writing files", count(tree));
    cramfs::write(tree, name, files.map, || progress.step())
        .map_err(|error| {
            scan::refuse(&files.root, &error.path, error.limit.to_string(), report);
        })
        .ok()
}

/// How many files and links there are.
fn count(tree: &Directory) -> usize {
    let count = |node: &Node| match node {
        Node::Directory(directory) => count(directory),
        Node::File(_) | Node::Link(_) => 1,
    };
    tree.entries.values().map(count).sum()
}
