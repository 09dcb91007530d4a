// SPDX-License-Identifier: GPL-2.0

//! A partition of flash as its character device (`<mtd/mtd-abi.h>`).

use rustix::{
    fd::OwnedFd,
    fs::OFlags,
    io::{Errno, pwrite},
    ioctl::{self, Getter, Opcode, Setter, opcode},
};
use sphere_device::{
    errno::{Doing, Failure},
    file,
    text::Text,
};
use sphere_store::source::{Flash, Source};

/// The ioctls' type.
const GROUP: u8 = b'M';
const GET_INFO: Opcode = opcode::read::<Info>(GROUP, 1);
const ERASE: Opcode = opcode::write::<Range>(GROUP, 2);

/// `MTD_NORFLASH` and `MTD_RAM`, which the kernel's tests have in place of flash.
const KINDS: [u8; 2] = [3, 1];

/// `struct mtd_info_user`.
#[repr(C)]
#[derive(Clone, Copy)]
struct Info {
    kind: u8,
    flags: u32,
    size: u32,
    erase_size: u32,
    write_size: u32,
    oob_size: u32,
    padding: Wide,
}

/// `__u64`: aligned alike on all architectures that Sphere has.
#[repr(C, align(8))]
#[derive(Clone, Copy)]
struct Wide(u64);

/// `struct erase_info_user`.
#[repr(C)]
struct Range {
    start: u32,
    length: u32,
}

/// A partition that is open.
pub struct Partition {
    fd: OwnedFd,
    info: Info,
}

/// Whether to change a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    /// No.
    Reading,
    /// Yes.
    Writing,
}

impl Partition {
    /// Opens the partition with a number.
    ///
    /// # Errors
    ///
    /// `EOPNOTSUPP` for flash other than NOR, where a word cannot be written a second time; else
    /// what the kernel says.
    pub fn open(number: u32, purpose: For) -> Result<Self, Failure> {
        let path = Text::<24>::format(format_args!("/dev/mtd{number}"))
            .ok_or(Errno::NAMETOOLONG)
            .doing("name the partition")?;
        let flags = match purpose {
            For::Reading => OFlags::RDONLY,
            For::Writing => OFlags::RDWR,
        };
        let fd = file::open_path(path.as_str(), flags).doing("open the partition")?;
        // SAFETY: this is what the ioctl writes, and any bytes are a valid one.
        let info = unsafe { ioctl::ioctl(&fd, Getter::<GET_INFO, Info>::new()) }
            .doing("ask how large the partition is")?;
        if purpose == For::Writing && !(KINDS.contains(&info.kind) && info.write_size == 1) {
            return Err(Errno::OPNOTSUPP).doing("keep images in flash that is no NOR flash");
        }
        Ok(Self { fd, info })
    }
}

impl Source for Partition {
    type Error = Failure;

    fn size(&self) -> u32 {
        self.info.size
    }

    fn read(&self, at: u32, buffer: &mut [u8]) -> Result<(), Failure> {
        file::read_exact_at(&self.fd, buffer, at.into()).doing("read the flash")
    }
}

impl Flash for Partition {
    fn block_size(&self) -> u32 {
        self.info.erase_size
    }

    fn erase(&mut self, at: u32) -> Result<(), Failure> {
        let range = Range {
            start: at,
            length: self.info.erase_size,
        };
        // SAFETY: this is what the ioctl reads.
        unsafe { ioctl::ioctl(&self.fd, Setter::<ERASE, Range>::new(range)) }
            .doing("erase the flash")
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), Failure> {
        let mut at = u64::from(at);
        let mut rest = bytes;
        while !rest.is_empty() {
            let count = match pwrite(&self.fd, rest, at) {
                Ok(0) => return Err(Errno::IO).doing("write the flash"),
                Err(Errno::INTR) => continue,
                result => result.doing("write the flash")?,
            };
            rest = rest.get(count..).unwrap_or(&[]);
            at += count as u64;
        }
        Ok(())
    }
}
