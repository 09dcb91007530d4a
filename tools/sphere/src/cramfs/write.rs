// SPDX-License-Identifier: GPL-2.0

//! Images out of files.
//!
//! ```text
//! superblock | entries of all directories | pointers, compressed blocks | programs, page by page
//! ```
//!
//! The same files give the same bytes, whoever owns them and whenever that is done.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use miniz_oxide::deflate::compress_to_vec_zlib;

use super::format::{
    BLOCK, DEPTH_MAX, IMAGE_MAX, Inode, MAGIC, NAME_MAX, SIGNATURE, SIZE_MAX, VOLUME_NAME_SIZE,
    field, flag, kind, pointer,
};
use super::program::is_program;
use super::tree::{Directory, File, Node};
use crate::text::truncated;

/// Which files can be mapped and executed in the flash that holds the image. They are not
/// compressed, and lie in whole pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Map {
    /// All of them.
    All,
    /// Programs and shared libraries.
    #[default]
    Programs,
    /// None. Such an image is smaller, and has nothing that older kernels and tools do not know.
    None,
}

/// What an image has no room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Limit {
    #[error("has a name of more than {NAME_MAX} bytes, the most that a cramfs image can hold")]
    Name,
    #[error("is too large: {SIZE_MAX} bytes are the most that a file of a cramfs image can have")]
    File,
    #[error("has too many entries for a directory of a cramfs image")]
    Directory,
    #[error("has a path of more than {DEPTH_MAX} names")]
    Depth,
    #[error("is too large with what comes before it: a cramfs image ends at {IMAGE_MAX} bytes")]
    Image,
}

/// The file that an image has no room for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {limit}", path.display())]
pub struct WriteError {
    /// In the image.
    pub path: PathBuf,
    pub limit: Limit,
}

/// Checks a file's name and size, which can be done before anything of it is read.
pub fn check_entry(path: &Path, size: u64) -> Result<(), Limit> {
    let name = path.file_name().unwrap_or_default();
    if name.len() > NAME_MAX {
        return Err(Limit::Name);
    }
    if path.components().count() > DEPTH_MAX {
        return Err(Limit::Depth);
    }
    if size > SIZE_MAX as u64 {
        return Err(Limit::File);
    }
    Ok(())
}

/// The image of `root`, as a volume of that name, or as much of it as there is room for. `step` is called before
/// the content of each file is written.
pub fn write(
    root: &Directory,
    volume: &str,
    map: Map,
    mut step: impl FnMut(),
) -> Result<Vec<u8>, WriteError> {
    let mut writer = Writer::new(map);
    let size = writer.directory(root, Path::new(""))?;
    // The root directory has no name. It comes directly behind the superblock.
    writer.place(field::ROOT, kind::DIRECTORY | 0o755, size, SUPERBLOCK);
    // A kernel that reads the flash directly reads entries with the longest name that there could
    // be. Where the image ends before that, it finds nothing.
    let least = writer.image.len() + NAME_MAX;
    for entry in std::mem::take(&mut writer.contents) {
        step();
        writer.content(&entry).map_err(|limit| WriteError {
            path: entry.path.clone(),
            limit,
        })?;
    }
    writer.programs()?;
    Ok(writer.finish(volume, least))
}

/// Bytes of the superblock, with the inode of the root directory.
const SUPERBLOCK: usize = field::ROOT + Inode::SIZE;
/// The best compression: an image is written once, and read on small devices.
const LEVEL: u8 = 10;

/// A file or link whose entry is written, and whose content is not.
struct Content<'a> {
    /// Of its inode.
    at: usize,
    mode: u16,
    bytes: &'a [u8],
    path: PathBuf,
}

/// A file whose pointers have a place, and whose pages have none yet.
struct Program<'a> {
    /// Of its pointers.
    at: usize,
    bytes: &'a [u8],
    path: PathBuf,
}

struct Writer<'a> {
    map: Map,
    image: Vec<u8>,
    contents: Vec<Content<'a>>,
    programs: Vec<Program<'a>>,
    /// Where the pointers of contents are, by mode and content. Files that share their pointers are
    /// one inode for the kernel: they have to have one mode.
    known: HashMap<(u16, &'a [u8]), usize>,
    blocks: u32,
    files: u32,
    /// What a reader has to know to read this image. Some know less.
    flags: u32,
}

impl<'a> Writer<'a> {
    fn new(map: Map) -> Self {
        Self {
            map,
            image: vec![0; SUPERBLOCK],
            contents: Vec::new(),
            programs: Vec::new(),
            known: HashMap::new(),
            blocks: 0,
            // The root directory.
            files: 1,
            flags: flag::FSID_VERSION_2 | flag::SORTED_DIRS,
        }
    }

    /// Writes the entries of `directory`, and then those of the directories in it. Returns how many
    /// bytes its own entries have; they start where the image ended.
    fn directory(&mut self, directory: &'a Directory, path: &Path) -> Result<usize, WriteError> {
        let start = self.image.len();
        let mut inodes = Vec::new();
        for (name, node) in &directory.entries {
            let path = path.join(OsStr::from_bytes(name));
            inodes.push(self.image.len());
            self.entry(name, node, &path)
                .map_err(|limit| WriteError { path, limit })?;
        }
        let size = self.image.len() - start;
        if size > SIZE_MAX || self.image.len() > IMAGE_MAX {
            return Err(WriteError {
                path: path.to_owned(),
                limit: Limit::Directory,
            });
        }
        for (at, (name, node)) in inodes.into_iter().zip(&directory.entries) {
            self.node(at, node, path.join(OsStr::from_bytes(name)))?;
        }
        Ok(size)
    }

    /// Writes a name, and room for its inode.
    fn entry(&mut self, name: &[u8], node: &Node, path: &Path) -> Result<(), Limit> {
        let size = match node {
            Node::Directory(_) => 0,
            Node::File(file) => file.content.len(),
            Node::Link(target) => target.len(),
        };
        check_entry(path, size as u64)?;
        let name_len = name.len().next_multiple_of(4);
        let inode = Inode {
            mode: 0,
            size,
            name_len,
            offset: 0,
        };
        self.image.extend(inode.encode());
        self.image.extend(name);
        self.pad(4);
        self.files += 1;
        Ok(())
    }

    /// Completes the inode at `at`, or notes that its content has to be written.
    fn node(&mut self, at: usize, node: &'a Node, path: PathBuf) -> Result<(), WriteError> {
        let (mode, bytes) = match node {
            Node::Directory(directory) => {
                let start = self.image.len();
                let size = self.directory(directory, &path)?;
                self.place(at, kind::DIRECTORY | 0o755, size, start);
                return Ok(());
            }
            Node::File(File {
                content,
                is_executable: true,
            }) => (kind::REGULAR | 0o755, content),
            Node::File(File { content, .. }) => (kind::REGULAR | 0o644, content),
            Node::Link(target) => (kind::LINK | 0o777, target),
        };
        self.contents.push(Content {
            at,
            mode,
            bytes,
            path,
        });
        Ok(())
    }

    /// Completes the inode at `at`, of which the length of the name is known.
    fn place(&mut self, at: usize, mode: u16, size: usize, offset: usize) {
        let place = &mut self.image[at..at + Inode::SIZE];
        let known = place.first_chunk().map(|bytes| Inode::decode(*bytes));
        let inode = Inode {
            mode,
            size,
            name_len: known.map_or(0, |inode| inode.name_len),
            // What is empty is nowhere.
            offset: if size == 0 { 0 } else { offset },
        };
        place.copy_from_slice(&inode.encode());
    }

    /// Writes the content of a file or link, or only its pointers if it goes where programs go.
    fn content(&mut self, entry: &Content<'a>) -> Result<(), Limit> {
        let key = (entry.mode, entry.bytes);
        let offset = if let Some(offset) = self.known.get(&key) {
            *offset
        } else {
            let offset = self.image.len();
            self.known.insert(key, offset);
            self.blocks += entry.bytes.len().div_ceil(BLOCK) as u32;
            if self.is_mapped(entry) {
                self.programs.push(Program {
                    at: offset,
                    bytes: entry.bytes,
                    path: entry.path.clone(),
                });
                self.image
                    .resize(offset + entry.bytes.len().div_ceil(BLOCK) * 4, 0);
            } else {
                self.packed(entry.bytes);
            }
            offset
        };
        if self.image.len() > IMAGE_MAX {
            return Err(Limit::Image);
        }
        self.place(entry.at, entry.mode, entry.bytes.len(), offset);
        Ok(())
    }

    fn is_mapped(&self, entry: &Content<'_>) -> bool {
        let is_wanted = match self.map {
            Map::All => true,
            Map::Programs => is_program(entry.bytes),
            Map::None => false,
        };
        // The last block of a whole page cannot have a direct pointer, see Writer::program(), and
        // so there would be none.
        is_wanted && entry.mode & kind::MASK == kind::REGULAR && entry.bytes.len() != BLOCK
    }

    /// Writes pointers and blocks, each as small as can be.
    fn packed(&mut self, bytes: &[u8]) {
        let mut at = self.image.len();
        self.image.resize(at + bytes.len().div_ceil(BLOCK) * 4, 0);
        for block in bytes.chunks(BLOCK) {
            let flags = self.block(block);
            let end = self.image.len() as u32;
            self.set(at, end | flags);
            at += 4;
        }
        self.pad(4);
    }

    /// Writes a block, or nothing if it is a hole. Returns the flags of its pointer.
    fn block(&mut self, block: &[u8]) -> u32 {
        let is_plain = self.map == Map::None;
        if !is_plain && block.iter().all(|byte| *byte == 0) {
            self.flags |= flag::HOLES;
            return 0;
        }
        let compressed = compress_to_vec_zlib(block, LEVEL);
        if is_plain || compressed.len() < block.len() {
            self.image.extend(compressed);
            return 0;
        }
        self.image.extend(block);
        self.flags |= flag::EXT_BLOCK_POINTERS;
        pointer::UNCOMPRESSED
    }

    /// Writes the pages of all programs, and then what their pointers say.
    fn programs(&mut self) -> Result<(), WriteError> {
        let programs = std::mem::take(&mut self.programs);
        let mut end = self.image.len();
        for program in &programs {
            end = end.next_multiple_of(BLOCK) + program.bytes.len();
            if end > IMAGE_MAX {
                return Err(WriteError {
                    path: program.path.clone(),
                    limit: Limit::Image,
                });
            }
        }
        self.image.reserve_exact(end - self.image.len());
        for program in &programs {
            self.pad(BLOCK);
            self.program(program);
        }
        Ok(())
    }

    /// Writes the pages of a program. The kernel maps what it finds in one piece, and also the last
    /// page if what is behind the program's end is zeros: they are there, because whatever follows
    /// starts with a page.
    fn program(&mut self, program: &Program<'_>) {
        let start = self.image.len();
        self.image.extend(program.bytes);
        self.flags |= flag::EXT_BLOCK_POINTERS;
        let blocks = program.bytes.len().div_ceil(BLOCK);
        for index in 0..blocks {
            let begin = start + index * BLOCK;
            let is_last_of_whole_pages = (index + 1) * BLOCK == program.bytes.len();
            let pointer = if is_last_of_whole_pages {
                // Through a direct pointer, the kernel reads as many bytes of the last block as
                // the file has more than whole pages, and that is none here. By where it ends it
                // finds the same bytes.
                (begin + BLOCK) as u32 | pointer::UNCOMPRESSED
            } else {
                (begin / 4) as u32 | pointer::UNCOMPRESSED | pointer::DIRECT
            };
            self.set(program.at + index * 4, pointer);
        }
    }

    /// Fills the superblock in. The image gets `least` bytes or more.
    fn finish(mut self, volume: &str, least: usize) -> Vec<u8> {
        let len = self.image.len().max(least).next_multiple_of(BLOCK);
        self.image.resize(len, 0);
        self.set(field::MAGIC, MAGIC);
        self.set(field::SIZE, len as u32);
        self.set(field::FLAGS, self.flags);
        self.set(field::BLOCKS, self.blocks);
        self.set(field::FILES, self.files);
        self.put(field::SIGNATURE, SIGNATURE);
        let name = truncated(volume, VOLUME_NAME_SIZE);
        self.put(field::NAME, name.as_bytes());
        let crc = crc32fast::hash(&self.image);
        self.set(field::CRC, crc);
        self.image
    }

    fn set(&mut self, at: usize, number: u32) {
        self.put(at, &number.to_le_bytes());
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        self.image[at..at + bytes.len()].copy_from_slice(bytes);
    }

    fn pad(&mut self, to: usize) {
        let len = self.image.len().next_multiple_of(to);
        self.image.resize(len, 0);
    }
}
