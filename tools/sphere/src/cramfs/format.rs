// SPDX-License-Identifier: GPL-2.0

//! How a cramfs image is laid out: what the reader and the writer have to agree on.
//!
//! The kernel describes it in `fs/cramfs/README` and `include/uapi/linux/cramfs_fs.h`. Numbers are
//! in the byte order of the device, which is little-endian wherever Sphere runs.

/// The first four bytes of an image, read as a number.
pub const MAGIC: u32 = 0x28cd_3d45;
/// What stands behind the fields of the superblock, for people and for `file`.
pub const SIGNATURE: &[u8; 16] = b"Compressed ROMFS";

/// Bytes of one block of a file: those of a page, on every device that Sphere runs on.
pub const BLOCK: usize = 4096;

/// Where the fields of the superblock are.
pub mod field {
    pub const MAGIC: usize = 0;
    pub const SIZE: usize = 4;
    pub const FLAGS: usize = 8;
    pub const SIGNATURE: usize = 16;
    /// Checksum of the whole image, calculated while this field is zero.
    pub const CRC: usize = 32;
    pub const BLOCKS: usize = 40;
    pub const FILES: usize = 44;
    pub const NAME: usize = 48;
    /// The inode of the root directory, with which the superblock ends.
    pub const ROOT: usize = 64;
}

/// Bytes of the volume's name.
pub const VOLUME_NAME_SIZE: usize = 16;

/// What the superblock's flags say about an image.
pub mod flag {
    /// It has a size, a checksum, and counts of its blocks and files.
    pub const FSID_VERSION_2: u32 = 0x1;
    /// The names in a directory ascend.
    pub const SORTED_DIRS: u32 = 0x2;
    /// A block of zeros may be left out.
    pub const HOLES: u32 = 0x100;
    /// Pointers say how a block is kept.
    pub const EXT_BLOCK_POINTERS: u32 = 0x800;
}

/// What the two highest bits of a pointer to a block say in images with extended pointers.
pub mod pointer {
    /// The block is not compressed.
    pub const UNCOMPRESSED: u32 = 1 << 31;
    /// The rest of the pointer is where the block starts, in units of four bytes, and not where it
    /// ends, in bytes.
    pub const DIRECT: u32 = 1 << 30;
    pub const FLAGS: u32 = UNCOMPRESSED | DIRECT;
}

/// What an inode is of, as a part of its mode.
pub mod kind {
    pub const MASK: u16 = 0xf000;
    pub const DIRECTORY: u16 = 0x4000;
    pub const REGULAR: u16 = 0x8000;
    pub const LINK: u16 = 0xa000;
}

/// Bytes of the longest name.
pub const NAME_MAX: usize = 63 * 4;
/// Bytes of the largest file, and of the entries of the largest directory.
pub const SIZE_MAX: usize = (1 << 24) - 1;
/// Inodes can only say of what lies below this that it is theirs.
pub const IMAGE_MAX: usize = (1 << 26) * 4;
/// Names in a path. The format does not limit them, but who walks through an image by recursion has
/// to.
pub const DEPTH_MAX: usize = 128;

/// What stands in front of a name in a directory, and for the root in the superblock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inode {
    pub mode: u16,
    pub size: usize,
    /// Bytes of the name, with the zeros that fill it up.
    pub name_len: usize,
    /// Where its entries or its pointers are.
    pub offset: usize,
}

impl Inode {
    /// Bytes of it in an image.
    pub const SIZE: usize = 12;

    /// What `bytes` say. The owner and the group are of no interest.
    pub fn decode(bytes: [u8; Self::SIZE]) -> Self {
        let number = |at: usize| {
            let bytes = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
            u32::from_le_bytes(bytes)
        };
        let (mode, size, place) = (number(0), number(4), number(8));
        Self {
            mode: (mode & 0xffff) as u16,
            size: (size & 0x00ff_ffff) as usize,
            name_len: (place & 0x3f) as usize * 4,
            offset: (place >> 6) as usize * 4,
        }
    }

    /// The bytes of it, of root. Each field has to be in its limits.
    pub fn encode(self) -> [u8; Self::SIZE] {
        debug_assert!(self.size <= SIZE_MAX && self.name_len <= NAME_MAX);
        debug_assert!(self.offset < IMAGE_MAX && self.offset % 4 == 0);
        let place = ((self.offset / 4) << 6) | (self.name_len / 4);
        let numbers = [u32::from(self.mode), self.size as u32, place as u32];
        let mut bytes = [0; Self::SIZE];
        for (field, number) in bytes.chunks_exact_mut(4).zip(numbers) {
            field.copy_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    pub fn kind(self) -> u16 {
        self.mode & kind::MASK
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inode_is_read_as_it_was_written() {
        let inode = Inode {
            mode: kind::REGULAR | 0o755,
            size: SIZE_MAX,
            name_len: NAME_MAX,
            offset: IMAGE_MAX - 4,
        };
        assert_eq!(Inode::decode(inode.encode()), inode);
        assert_eq!(&inode.encode()[2..4], [0, 0]);
        assert_eq!(inode.encode()[7], 0);
    }
}
