// SPDX-License-Identifier: GPL-2.0

//! From a manifest, a board and a folder of files to the image of an application.

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
use scan::{DEVICES, Entries, Entry, PAPERS};

/// What to make an image of.
#[derive(Debug, Default)]
pub struct Request {
    pub pack: pack::Request,
    /// Folder with the files of the application.
    pub root: PathBuf,
    pub map: Map,
}

/// Makes an image. `None` if anything is wrong; the report says what.
pub fn image(request: &Request, report: &mut Report) -> Option<Vec<u8>> {
    report.unless_errors(|report| {
        // The files are looked at even if the manifest is refused, so that one run names what is
        // wrong with both. Read they are only if nothing is.
        let packed = pack(&request.pack, report);
        let entries = scan_root(request, report)?;
        let packed = packed?;
        let name = check_papers(request, &packed, &entries, report)?;
        if report.has_errors() {
            return None;
        }
        let mut tree = load::load(&request.root, entries, report);
        add_papers(&mut tree, packed);
        write(request, &tree, &name, report)
    })
}

fn scan_root(request: &Request, report: &mut Report) -> Option<Entries> {
    let root = &request.root;
    if !root.is_dir() {
        report.error(root.display().to_string(), "is no folder");
        return None;
    }
    Some(scan::scan(root, report))
}

/// Checks that what the device is told to execute is there. Returns the application's name.
fn check_papers(
    request: &Request,
    packed: &Packed,
    entries: &Entries,
    report: &mut Report,
) -> Option<String> {
    let place = request.pack.manifest.display().to_string();
    let launch = Launch::parse(packed.launch.as_bytes())
        .map_err(|error| report.error(&place, format!("no valid launch file: {error}")));
    let record = Record::parse(packed.record.as_slice())
        .map_err(|error| report.error(&place, format!("no valid record: {error}")));
    let (launch, record) = (launch.ok()?, record.ok()?);
    check_entry_point(request, launch.entry(), entries, report);
    Some(record.name().to_owned())
}

fn check_entry_point(request: &Request, entry: &str, entries: &Entries, report: &mut Report) {
    let root = &request.root;
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

/// Adds what the device asks for beside the application's files.
fn add_papers(tree: &mut Directory, packed: Packed) {
    let devices = Node::Directory(Directory::default());
    tree.entries
        .entry(DEVICES.as_bytes().to_vec())
        .or_insert(devices);
    let papers = Path::new(PAPERS);
    let files = [
        ("identity", packed.record),
        ("launch", packed.launch.into_bytes()),
    ];
    for (name, content) in files {
        load::insert(tree, &papers.join(name), Node::File(File::plain(content)));
    }
}

fn write(request: &Request, tree: &Directory, name: &str, report: &mut Report) -> Option<Vec<u8>> {
    let mut progress = Progress::new("writing files", count(tree));
    cramfs::write(tree, name, request.map, || progress.step())
        .map_err(|error| {
            scan::refuse(&request.root, &error.path, error.limit.to_string(), report);
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
