// SPDX-License-Identifier: GPL-2.0

//! Files out of images.
//!
//! Nothing in an image is believed: every offset is checked, and nothing is read that is larger
//! than the caller expects.

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

use super::format::{BLOCK, DEPTH_MAX, Inode, MAGIC, field, flag, kind, pointer};
use super::tree::{Directory, File, Node};

/// Why a file cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CramfsError {
    #[error("is no cramfs image in the byte order of the device")]
    BadMagic,
    #[error("is a damaged cramfs image: something lies beyond its end")]
    Truncated,
    #[error("is a damaged cramfs image: a block cannot be decompressed")]
    BadBlock,
    #[error("is a damaged cramfs image: its directories have no end")]
    Endless,
    #[error("is a damaged cramfs image: a directory has an entry twice, or one without a name")]
    BadName,
    #[error("has something that is no file, directory or link")]
    Special,
    #[error("has a file in its place that is too large")]
    TooLarge,
}

fn le32(image: &[u8], offset: usize) -> Result<u32, CramfsError> {
    image
        .get(offset..)
        .and_then(|rest| rest.first_chunk())
        .map(|bytes| u32::from_le_bytes(*bytes))
        .ok_or(CramfsError::Truncated)
}

fn slice(image: &[u8], start: usize, len: usize) -> Result<&[u8], CramfsError> {
    let end = start.checked_add(len).ok_or(CramfsError::Truncated)?;
    image.get(start..end).ok_or(CramfsError::Truncated)
}

/// The offset that a number of an image stands for.
fn offset(number: u32) -> Result<usize, CramfsError> {
    usize::try_from(number).map_err(|_| CramfsError::Truncated)
}

/// Whether a file starts like an image.
pub fn is_image(bytes: &[u8]) -> bool {
    le32(bytes, field::MAGIC) == Ok(MAGIC)
}

/// Whether the checksum of a whole image is right. One without is not known to be damaged.
pub fn is_intact(image: &[u8]) -> bool {
    if le32(image, field::FLAGS).is_ok_and(|flags| flags & flag::FSID_VERSION_2 == 0) {
        return true;
    }
    let Some((before, rest)) = image.split_at_checked(field::CRC) else {
        return false;
    };
    let Some((crc, behind)) = rest.split_first_chunk() else {
        return false;
    };
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(before);
    hasher.update(&[0; 4]);
    hasher.update(behind);
    hasher.finalize() == u32::from_le_bytes(*crc)
}

fn root(image: &[u8]) -> Result<Inode, CramfsError> {
    if !is_image(image) {
        return Err(CramfsError::BadMagic);
    }
    inode(image, field::ROOT)
}

fn inode(image: &[u8], at: usize) -> Result<Inode, CramfsError> {
    let bytes = image.get(at..).and_then(|rest| rest.first_chunk());
    bytes
        .map(|bytes| Inode::decode(*bytes))
        .ok_or(CramfsError::Truncated)
}

/// The file of at most `limit` bytes that a path of names leads to. `None` if there is none.
pub fn file(image: &[u8], path: &[&str], limit: usize) -> Result<Option<Vec<u8>>, CramfsError> {
    let mut inode = root(image)?;
    for name in path {
        if inode.kind() != kind::DIRECTORY {
            return Ok(None);
        }
        match entry(image, inode, name)? {
            Some(found) => inode = found,
            None => return Ok(None),
        }
    }
    if inode.kind() != kind::REGULAR {
        return Ok(None);
    }
    if inode.size > limit {
        return Err(CramfsError::TooLarge);
    }
    content(image, inode).map(Some)
}

/// All files, which have at most `limit` bytes together.
pub fn tree(image: &[u8], limit: usize) -> Result<Directory, CramfsError> {
    let root = root(image)?;
    if root.kind() != kind::DIRECTORY {
        return Err(CramfsError::Special);
    }
    let mut walk = Walk {
        image,
        bytes: limit,
        // In an image that is not damaged, no two entries lie in the same place.
        entries: image.len() / Inode::SIZE,
    };
    walk.directory(root, 0)
}

/// A walk through an image, and what it may still read. Without that, directories that hold
/// themselves, or files that share their blocks, would come to more than any memory holds.
struct Walk<'a> {
    image: &'a [u8],
    bytes: usize,
    entries: usize,
}

impl Walk<'_> {
    fn directory(&mut self, directory: Inode, depth: usize) -> Result<Directory, CramfsError> {
        if depth > DEPTH_MAX {
            return Err(CramfsError::Endless);
        }
        let mut found = Directory::default();
        for entry in entries(self.image, directory) {
            let (name, inode) = entry?;
            self.entries = self.entries.checked_sub(1).ok_or(CramfsError::Endless)?;
            let node = self.node(inode, depth)?;
            if name.is_empty() || found.entries.insert(name.to_vec(), node).is_some() {
                return Err(CramfsError::BadName);
            }
        }
        Ok(found)
    }

    fn node(&mut self, inode: Inode, depth: usize) -> Result<Node, CramfsError> {
        match inode.kind() {
            kind::DIRECTORY => self.directory(inode, depth + 1).map(Node::Directory),
            kind::LINK => self.content(inode).map(Node::Link),
            kind::REGULAR => Ok(Node::File(File {
                content: self.content(inode)?,
                is_executable: inode.mode & 0o100 != 0,
            })),
            _ => Err(CramfsError::Special),
        }
    }

    fn content(&mut self, inode: Inode) -> Result<Vec<u8>, CramfsError> {
        self.bytes = self
            .bytes
            .checked_sub(inode.size)
            .ok_or(CramfsError::TooLarge)?;
        content(self.image, inode)
    }
}

/// The names in a directory, and what they are of. Ends with the first error.
fn entries(
    image: &[u8],
    directory: Inode,
) -> impl Iterator<Item = Result<(&[u8], Inode), CramfsError>> {
    let mut at = directory.offset;
    let mut end = directory.offset + directory.size;
    std::iter::from_fn(move || {
        (at < end).then(|| {
            let entry = named(image, at).inspect_err(|_| end = at)?;
            at += Inode::SIZE + entry.1.name_len;
            Ok(entry)
        })
    })
}

fn named(image: &[u8], at: usize) -> Result<(&[u8], Inode), CramfsError> {
    let inode = inode(image, at)?;
    let padded = slice(image, at + Inode::SIZE, inode.name_len)?;
    let length = padded.iter().position(|byte| *byte == 0);
    Ok((&padded[..length.unwrap_or(padded.len())], inode))
}

fn entry(image: &[u8], directory: Inode, name: &str) -> Result<Option<Inode>, CramfsError> {
    for entry in entries(image, directory) {
        let (found, inode) = entry?;
        if found == name.as_bytes() {
            return Ok(Some(inode));
        }
    }
    Ok(None)
}

fn content(image: &[u8], file: Inode) -> Result<Vec<u8>, CramfsError> {
    let blocks = file.size.div_ceil(BLOCK);
    let is_extended = le32(image, field::FLAGS)? & flag::EXT_BLOCK_POINTERS != 0;
    let mut content = Vec::new();
    let mut start = file.offset + blocks * 4;
    for block in 0..blocks {
        let pointer = le32(image, file.offset + block * 4)?;
        let wanted = BLOCK.min(file.size - block * BLOCK);
        let stored = if is_extended {
            extended(image, pointer, &mut start, wanted)?
        } else {
            let end = offset(pointer)?;
            let len = end.checked_sub(start).ok_or(CramfsError::Truncated)?;
            let stored = slice(image, start, len)?;
            start = end;
            Stored::Compressed(stored)
        };
        content.extend(stored.bytes(wanted)?);
    }
    Ok(content)
}

/// How a block lies in an image.
enum Stored<'a> {
    Compressed(&'a [u8]),
    Plain(&'a [u8]),
}

impl Stored<'_> {
    fn bytes(&self, wanted: usize) -> Result<Vec<u8>, CramfsError> {
        let bytes = match self {
            // A hole.
            Self::Compressed([]) => vec![0; wanted],
            Self::Compressed(stored) => decompress_to_vec_zlib_with_limit(stored, BLOCK)
                .map_err(|_| CramfsError::BadBlock)?,
            Self::Plain(stored) => stored.to_vec(),
        };
        (bytes.len() == wanted)
            .then_some(bytes)
            .ok_or(CramfsError::BadBlock)
    }
}

/// A block whose pointer has flags: images that are executed in place have plain blocks.
fn extended<'a>(
    image: &'a [u8],
    pointer: u32,
    start: &mut usize,
    wanted: usize,
) -> Result<Stored<'a>, CramfsError> {
    let is_plain = pointer & pointer::UNCOMPRESSED != 0;
    let number = offset(pointer & !pointer::FLAGS)?;
    let (begin, len) = if pointer & pointer::DIRECT != 0 {
        let begin = number * 4;
        if is_plain {
            (begin, wanted)
        } else {
            let len = le32(image, begin)? & 0xffff;
            (begin + 2, offset(len)?)
        }
    } else {
        let len = number.checked_sub(*start).ok_or(CramfsError::Truncated)?;
        (*start, len)
    };
    let stored = slice(image, begin, len)?;
    *start = begin + len;
    Ok(if is_plain {
        Stored::Plain(stored)
    } else {
        Stored::Compressed(stored)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use miniz_oxide::deflate::compress_to_vec_zlib;

    /// An image with `/.sphere/identity`, in a block that is compressed.
    fn image(content: &[u8]) -> Vec<u8> {
        let mut image = vec![0; field::ROOT];
        image[..4].copy_from_slice(&MAGIC.to_le_bytes());
        let mut add = |mode: u16, size: usize, name: &str, offset: usize| {
            let name_len = name.len().next_multiple_of(4);
            let inode = Inode {
                mode,
                size,
                name_len,
                offset,
            };
            image.extend(inode.encode());
            image.extend(name.bytes());
            image.resize(image.len() + name_len - name.len(), 0);
        };
        let directory = field::ROOT + Inode::SIZE;
        let file = directory + Inode::SIZE + 8;
        let data = file + Inode::SIZE + 8;
        add(kind::DIRECTORY, Inode::SIZE + 8, "", directory);
        add(kind::DIRECTORY, Inode::SIZE + 8, ".sphere", file);
        add(kind::REGULAR, content.len(), "identity", data);
        let stored = compress_to_vec_zlib(content, 6);
        image.extend(((data + 4 + stored.len()) as u32).to_le_bytes());
        image.extend(stored);
        image
    }

    /// Makes `.sphere` of [`image`] the directory at `offset`.
    fn relink(image: &mut [u8], offset: usize) {
        let inode = Inode {
            mode: kind::DIRECTORY,
            size: Inode::SIZE + 8,
            name_len: 8,
            offset,
        };
        let at = field::ROOT + Inode::SIZE;
        image[at..at + Inode::SIZE].copy_from_slice(&inode.encode());
    }

    #[test]
    fn a_file_is_found_by_its_path() {
        let image = image(b"a record");
        let found = |path: &[&str]| file(&image, path, 100);
        assert_eq!(
            found(&[".sphere", "identity"]),
            Ok(Some(b"a record".to_vec()))
        );
        assert_eq!(found(&[".sphere", "launch"]), Ok(None));
        assert_eq!(found(&[".sphere", "identity", "x"]), Ok(None));
        assert_eq!(found(&[".sphere"]), Ok(None));
        assert_eq!(
            file(&image, &[".sphere", "identity"], 7),
            Err(CramfsError::TooLarge)
        );
    }

    #[test]
    fn damaged_images_are_refused_and_do_no_harm() {
        let whole = image(b"a record");
        for end in 0..whole.len() {
            let cut = file(&whole[..end], &[".sphere", "identity"], 100);
            assert!(cut.is_err(), "{end}");
        }
        for index in 0..whole.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut damaged = whole.clone();
                damaged[index] = value;
                // Whatever the result is, there is one.
                let _ = file(&damaged, &[".sphere", "identity"], 100);
                let _ = tree(&damaged, 100);
            }
        }
    }
    #[test]
    fn all_files_are_found() {
        let image = image(b"a record");
        let mut expected = Directory::default();
        let content = Node::File(File::plain(*b"a record"));
        expected.insert(&[b".sphere", b"identity"], content);
        assert_eq!(tree(&image, 8), Ok(expected));
        assert_eq!(tree(&image, 7), Err(CramfsError::TooLarge));
    }

    #[test]
    fn a_directory_in_itself_is_refused() {
        let mut image = image(b"a record");
        relink(&mut image, field::ROOT + Inode::SIZE);
        assert_eq!(tree(&image, 100), Err(CramfsError::Endless));
        // Where there is room for that many entries, the depth is the limit.
        image.resize(1 << 20, 0);
        assert_eq!(tree(&image, 100), Err(CramfsError::Endless));
    }
}
