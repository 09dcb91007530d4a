// SPDX-License-Identifier: GPL-2.0

//! GPIO lines, by the second version of the kernel's interface (`<linux/gpio.h>`).
//!
//! A line is a chip's label and the line's offset on that chip, as in a board file and in a record:
//! the number in `/dev/gpiochip0` depends on the order in which the kernel found the chips.

use crate::file;
use core::{
    mem::{MaybeUninit, zeroed},
    ops::ControlFlow, //
};
use rustix::{
    fd::{AsFd, FromRawFd, OwnedFd},
    fs::{OFlags, RawDir},
    io::Errno,
    ioctl::{self, Getter, Opcode, Updater, opcode},
    path::Arg,
};

/// Bytes of a label, of a name, and of the text that says who uses a line.
const NAME_SIZE: usize = 32;
/// Lines of the largest request.
pub const LINES_MAX: usize = 64;
/// Attributes that the configuration of a request may have.
const ATTRS_MAX: usize = 10;

/// Where the kernel's device nodes are.
const DEV: &str = "/dev";
/// What the name of a chip's device node starts with; a number follows.
const CHIP_NODE: &str = "gpiochip";

/// The ioctls' type.
const GROUP: u8 = 0xb4;
const GET_CHIPINFO: Opcode = opcode::read::<ChipInfo>(GROUP, 0x01);
const GET_LINEINFO: Opcode = opcode::read_write::<RawLineInfo>(GROUP, 0x05);
const GET_LINE: Opcode = opcode::read_write::<RawRequest>(GROUP, 0x07);
const GET_VALUES: Opcode = opcode::read_write::<RawValues>(GROUP, 0x0e);
const SET_VALUES: Opcode = opcode::read_write::<RawValues>(GROUP, 0x0f);

/// `GPIO_V2_LINE_FLAG_*`.
const FLAG_USED: u64 = 1 << 0;
const FLAG_INPUT: u64 = 1 << 2;
const FLAG_OUTPUT: u64 = 1 << 3;

/// `GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES`.
const OUTPUT_VALUES: u32 = 2;

/// `struct gpiochip_info`.
#[repr(C)]
struct ChipInfo {
    name: [u8; NAME_SIZE],
    label: [u8; NAME_SIZE],
    lines: u32,
}

/// `struct gpio_v2_line_attribute`; the union holds 64 bits.
#[repr(C)]
#[derive(Clone, Copy)]
struct RawAttribute {
    id: u32,
    padding: u32,
    value: Wide,
}

/// `__aligned_u64`: aligned alike on all architectures.
#[repr(C, align(8))]
#[derive(Clone, Copy)]
struct Wide(u64);

/// `struct gpio_v2_line_config_attribute`.
#[repr(C)]
struct RawConfigAttribute {
    attribute: RawAttribute,
    mask: Wide,
}

/// `struct gpio_v2_line_config`.
#[repr(C)]
struct RawConfig {
    flags: Wide,
    count: u32,
    padding: [u32; 5],
    attributes: [RawConfigAttribute; ATTRS_MAX],
}

/// `struct gpio_v2_line_request`.
#[repr(C)]
struct RawRequest {
    offsets: [u32; LINES_MAX],
    consumer: [u8; NAME_SIZE],
    config: RawConfig,
    count: u32,
    event_buffer_size: u32,
    padding: [u32; 5],
    fd: i32,
}

/// `struct gpio_v2_line_values`.
#[repr(C)]
struct RawValues {
    bits: Wide,
    mask: Wide,
}

/// `struct gpio_v2_line_info`.
#[repr(C)]
struct RawLineInfo {
    name: [u8; NAME_SIZE],
    consumer: [u8; NAME_SIZE],
    offset: u32,
    attributes: u32,
    flags: Wide,
    attribute: [RawAttribute; ATTRS_MAX],
    padding: [u32; 4],
}

// The kernel finds the structure by its size, which is part of the ioctl's number.
const _: () = assert!(size_of::<ChipInfo>() == 68);
const _: () = assert!(size_of::<RawRequest>() == 592);
const _: () = assert!(size_of::<RawValues>() == 16);
const _: () = assert!(size_of::<RawLineInfo>() == 256);

/// In which direction lines are to be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// To read them.
    Input,
    /// To drive them, at first to these levels: bit n for the nth line of the request.
    Output(u64),
}

/// A GPIO chip that is open.
pub struct Chip(OwnedFd);

impl Chip {
    /// Opens a chip by the path of its device node.
    ///
    /// # Errors
    ///
    /// What openat(2) says; `EACCES` from Sphere where no line of the chip is granted.
    pub fn open(directory: impl AsFd, path: impl Arg) -> Result<Self, Errno> {
        // Writing is not what drives a line.
        file::open(directory, path, OFlags::RDONLY | OFlags::NOCTTY).map(Self)
    }

    /// Opens the chip in `/dev` that has a label.
    ///
    /// # Errors
    ///
    /// `ENODEV` if there is none that can be opened, else what reading `/dev` says.
    pub fn find(label: &str) -> Result<Self, Errno> {
        let found = visit(|_, chip| match chip.has_label(label) {
            true => ControlFlow::Break(chip),
            false => ControlFlow::Continue(()),
        })?;
        found.ok_or(Errno::NODEV)
    }

    /// Whether the kernel calls the chip so. No if it does not say.
    pub fn has_label(&self, label: &str) -> bool {
        self.info()
            .is_ok_and(|info| text(&info.label) == label.as_bytes())
    }

    fn info(&self) -> Result<ChipInfo, Errno> {
        // SAFETY: this is the structure that the kernel fills in, of integers only.
        unsafe {
            let get = Getter::<GET_CHIPINFO, ChipInfo>::new();
            ioctl::ioctl(&self.0, get)
        }
    }

    /// Takes lines, all or none. They are this program's until the result is dropped.
    ///
    /// # Errors
    ///
    /// `E2BIG` for more than [`LINES_MAX`]; `EACCES` from Sphere if one of them is not granted in
    /// this direction; `EBUSY` if somebody has one of them; else what the ioctl says.
    pub fn request(&self, consumer: &str, lines: &[u32], usage: Use) -> Result<Lines, Errno> {
        // SAFETY: all zero is a valid value of this structure of integers.
        let mut request: RawRequest = unsafe { zeroed() };
        request
            .offsets
            .get_mut(..lines.len())
            .ok_or(Errno::TOOBIG)?
            .copy_from_slice(lines);
        // At most 64.
        request.count = lines.len() as u32;
        // The last byte stays the NUL that ends it.
        for (to, from) in request.consumer[..NAME_SIZE - 1]
            .iter_mut()
            .zip(consumer.bytes())
        {
            *to = from;
        }
        match usage {
            Use::Input => request.config.flags = Wide(FLAG_INPUT),
            Use::Output(levels) => {
                request.config.flags = Wide(FLAG_OUTPUT);
                request.config.count = 1;
                let first = &mut request.config.attributes[0];
                first.attribute.id = OUTPUT_VALUES;
                first.attribute.value = Wide(levels);
                first.mask = Wide(u64::MAX);
            }
        }
        // SAFETY: this is the structure that the kernel reads and fills in.
        unsafe {
            let get = Updater::<GET_LINE, RawRequest>::new(&mut request);
            ioctl::ioctl(&self.0, get)?;
        }
        // SAFETY: the kernel has just opened the descriptor for this program.
        Ok(Lines(unsafe { OwnedFd::from_raw_fd(request.fd) }))
    }

    /// What the kernel says about a line.
    ///
    /// # Errors
    ///
    /// `EACCES` from Sphere if the line is not granted, else what the ioctl says.
    pub fn line(&self, offset: u32) -> Result<LineInfo, Errno> {
        // SAFETY: all zero is a valid value of this structure of integers.
        let mut info: RawLineInfo = unsafe { zeroed() };
        info.offset = offset;
        // SAFETY: this is the structure that the kernel reads and fills in.
        unsafe {
            let get = Updater::<GET_LINEINFO, RawLineInfo>::new(&mut info);
            ioctl::ioctl(&self.0, get)?;
        }
        Ok(LineInfo {
            used: info.flags.0 & FLAG_USED != 0,
            output: info.flags.0 & FLAG_OUTPUT != 0,
        })
    }
}

/// What can be known about a line without having it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineInfo {
    /// Somebody has it.
    pub used: bool,
    /// It is driven.
    pub output: bool,
}

/// Lines that this program has.
pub struct Lines(OwnedFd);

impl Lines {
    /// Drives all lines, bit n the nth of the request.
    ///
    /// # Errors
    ///
    /// `EPERM` if they are inputs, else what the ioctl says.
    pub fn drive(&self, levels: u64) -> Result<(), Errno> {
        let mut values = RawValues {
            bits: Wide(levels),
            mask: Wide(u64::MAX),
        };
        // SAFETY: this is the structure that the kernel reads.
        unsafe {
            let set = Updater::<SET_VALUES, RawValues>::new(&mut values);
            ioctl::ioctl(&self.0, set)
        }
    }

    /// Reads all lines, bit n the nth of the request.
    ///
    /// # Errors
    ///
    /// What the ioctl says.
    pub fn levels(&self) -> Result<u64, Errno> {
        let mut values = RawValues {
            bits: Wide(0),
            mask: Wide(u64::MAX),
        };
        // SAFETY: this is the structure that the kernel reads and fills in.
        unsafe {
            let get = Updater::<GET_VALUES, RawValues>::new(&mut values);
            ioctl::ioctl(&self.0, get)?;
        }
        Ok(values.bits.0)
    }
}

/// Opens one GPIO chip of `/dev` after the other, and hands out each with the name of its device
/// node, until `each` has what it wants. Those that cannot be opened are left out.
///
/// # Errors
///
/// What reading `/dev` says.
pub fn visit<T>(mut each: impl FnMut(&str, Chip) -> ControlFlow<T>) -> Result<Option<T>, Errno> {
    let dev = file::open_path(DEV, OFlags::DIRECTORY)?;
    let mut buffer = [MaybeUninit::uninit(); 1024];
    let mut entries = RawDir::new(&dev, &mut buffer);
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let Some(name) = entry.file_name().to_str().ok().filter(|name| is_chip(name)) else {
            continue;
        };
        if let Ok(chip) = Chip::open(&dev, name)
            && let ControlFlow::Break(found) = each(name, chip)
        {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn is_chip(node: &str) -> bool {
    node.strip_prefix(CHIP_NODE)
        .is_some_and(|number| number.parse::<u32>().is_ok())
}

/// A field's bytes up to the NUL that ends it.
fn text(field: &[u8]) -> &[u8] {
    field.split(|&byte| byte == 0).next().unwrap_or(field)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From `<linux/gpio.h>`, as a C compiler has them.
    #[test]
    fn the_ioctls_have_their_numbers() {
        assert_eq!(GET_CHIPINFO, 0x8044_b401);
        assert_eq!(GET_LINEINFO, 0xc100_b405);
        assert_eq!(GET_LINE, 0xc250_b407);
        assert_eq!(GET_VALUES, 0xc010_b40e);
        assert_eq!(SET_VALUES, 0xc010_b40f);
    }

    #[test]
    fn chips_have_numbers() {
        assert!(is_chip("gpiochip0") && is_chip("gpiochip12"));
        for other in [
            "gpiochip",
            "gpiochip0a",
            "gpio0",
            "agpiochip0",
            "gpiochip-1",
        ] {
            assert!(!is_chip(other), "{other}");
        }
    }

    #[test]
    fn a_label_ends_at_its_nul() {
        assert_eq!(text(b"chip\0\0x"), b"chip");
        assert_eq!(text(b"full"), b"full");
        assert_eq!(text(b"\0"), b"");
    }

    #[test]
    fn what_is_no_chip_is_refused() {
        let null = Chip::open(rustix::fs::CWD, "/dev/null").unwrap();
        assert!(!null.has_label(""));
        let lines = null.request("test", &[0], Use::Input);
        assert_eq!(lines.err(), Some(Errno::NOTTY));
        let lines = null.request("test", &[0; LINES_MAX + 1], Use::Output(0));
        assert_eq!(lines.err(), Some(Errno::TOOBIG));
        assert_eq!(null.line(0), Err(Errno::NOTTY));
    }
}
