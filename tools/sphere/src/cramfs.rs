// SPDX-License-Identifier: GPL-2.0

//! Single files out of cramfs images, which applications come in.
//!
//! Nothing in an image is believed: every offset is checked, and no file is read that is larger
//! than the caller expects.

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

/// The first four bytes of an image, read as a little-endian number.
pub const MAGIC: u32 = 0x28cd_3d45;

/// Bytes of one block of a file.
const BLOCK: usize = 4096;
const INODE: usize = 12;
const FLAGS: usize = 8;
const ROOT: usize = 64;
/// Flag of images whose pointers say how a block is kept.
const EXTENDED_POINTERS: u32 = 0x800;
const POINTER_IS_PLAIN: u32 = 1 << 31;
const POINTER_IS_DIRECT: u32 = 1 << 30;
const TYPE: u16 = 0xf000;
const DIRECTORY: u16 = 0x4000;
const REGULAR: u16 = 0x8000;

/// Why a file cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CramfsError {
    #[error("is no cramfs image in the byte order of the device")]
    BadMagic,
    #[error("is a damaged cramfs image: something lies beyond its end")]
    Truncated,
    #[error("is a damaged cramfs image: a block cannot be decompressed")]
    BadBlock,
    #[error("has a file in its place that is too large")]
    TooLarge,
}

/// A file or a directory of an image.
#[derive(Clone, Copy)]
struct Inode {
    mode: u16,
    size: usize,
    offset: usize,
    name_len: usize,
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
    le32(bytes, 0) == Ok(MAGIC)
}

/// The file of at most `limit` bytes that a path of names leads to. `None` if there is none.
pub fn file(image: &[u8], path: &[&str], limit: usize) -> Result<Option<Vec<u8>>, CramfsError> {
    if !is_image(image) {
        return Err(CramfsError::BadMagic);
    }
    let mut inode = inode(image, ROOT)?;
    for name in path {
        if inode.mode & TYPE != DIRECTORY {
            return Ok(None);
        }
        match entry(image, inode, name)? {
            Some(found) => inode = found,
            None => return Ok(None),
        }
    }
    if inode.mode & TYPE != REGULAR {
        return Ok(None);
    }
    if inode.size > limit {
        return Err(CramfsError::TooLarge);
    }
    content(image, inode).map(Some)
}

fn inode(image: &[u8], at: usize) -> Result<Inode, CramfsError> {
    let [mode, size, place] = [0, 4, 8].map(|field| le32(image, at + field));
    let (mode, size, place) = (mode?, size?, place?);
    Ok(Inode {
        // The upper half is the owner.
        mode: (mode & 0xffff) as u16,
        size: offset(size & 0x00ff_ffff)?,
        offset: offset(place >> 6)? * 4,
        name_len: offset(place & 0x3f)? * 4,
    })
}

fn entry(image: &[u8], directory: Inode, name: &str) -> Result<Option<Inode>, CramfsError> {
    let end = directory.offset + directory.size;
    let mut at = directory.offset;
    while at < end {
        let found = inode(image, at)?;
        let padded = slice(image, at + INODE, found.name_len)?;
        let length = padded.iter().position(|byte| *byte == 0);
        if &padded[..length.unwrap_or(padded.len())] == name.as_bytes() {
            return Ok(Some(found));
        }
        at += INODE + found.name_len;
    }
    Ok(None)
}

fn content(image: &[u8], file: Inode) -> Result<Vec<u8>, CramfsError> {
    let blocks = file.size.div_ceil(BLOCK);
    let is_extended = le32(image, FLAGS)? & EXTENDED_POINTERS != 0;
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
    let is_plain = pointer & POINTER_IS_PLAIN != 0;
    let number = offset(pointer & !(POINTER_IS_PLAIN | POINTER_IS_DIRECT))?;
    let (begin, len) = if pointer & POINTER_IS_DIRECT != 0 {
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
        let mut image = vec![0; ROOT];
        image[..4].copy_from_slice(&MAGIC.to_le_bytes());
        let mut add = |mode: u16, size: usize, name: &str, at: usize| {
            let padded = name.len().div_ceil(4);
            image.extend(u32::from(mode).to_le_bytes());
            image.extend((size as u32).to_le_bytes());
            image.extend(((at as u32 / 4) << 6 | padded as u32).to_le_bytes());
            image.extend(name.bytes());
            image.resize(image.len() + padded * 4 - name.len(), 0);
        };
        let directory = ROOT + INODE;
        let file = directory + INODE + 8;
        let data = file + INODE + 8;
        add(DIRECTORY, INODE + 8, "", directory);
        add(DIRECTORY, INODE + 8, ".sphere", file);
        add(REGULAR, content.len(), "identity", data);
        let stored = compress_to_vec_zlib(content, 6);
        image.extend(((data + 4 + stored.len()) as u32).to_le_bytes());
        image.extend(stored);
        image
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
            }
        }
    }
}
