// SPDX-License-Identifier: GPL-2.0

//! The simulated chip, which configfs makes:
//! `Documentation/admin-guide/gpio/gpio-sim.rst` in a kernel tree.

use rustix::{
    fd::OwnedFd,
    fs::{Mode, OFlags, mkdir},
    io::{Errno, write},
    mount::{MountFlags, mount},
};
use sphere_device::{
    errno::{Doing, Failure},
    file,
    text::Text,
};

/// What the board file calls the chip.
pub const LABEL: &str = "sphere-gpio";
/// Lines that it has.
const LINES: &str = "16";

const CONFIG: &str = "/sys/kernel/config";
const DEVICE: &str = "/sys/kernel/config/gpio-sim/board";
const BANK: &str = "/sys/kernel/config/gpio-sim/board/bank0";

type Path = Text<128>;

/// A chip that is there.
pub struct SimulatedChip {
    /// Where sysfs shows its lines.
    directory: Path,
}

impl SimulatedChip {
    /// Makes the chip.
    pub fn make() -> Result<Self, Failure> {
        mount_once("sysfs", "/sys").doing("mount sysfs")?;
        mount_once("configfs", CONFIG).doing("mount configfs, which needs CONFIG_CONFIGFS_FS")?;
        for path in [DEVICE, BANK] {
            mkdir(path, Mode::RWXU).doing("make it, which needs CONFIG_GPIO_SIM")?;
        }
        set(BANK, "label", LABEL)?;
        set(BANK, "num_lines", LINES)?;
        set(DEVICE, "live", "1")?;
        let (mut device, mut chip) = ([0; 64], [0; 64]);
        let device = get(DEVICE, "dev_name", &mut device)?;
        let chip = get(BANK, "chip_name", &mut chip)?;
        Ok(Self {
            directory: path(format_args!("/sys/devices/platform/{device}/{chip}"))?,
        })
    }

    /// Opens the file that shows the level of a line.
    pub fn open_level(&self, line: u32) -> Result<OwnedFd, Failure> {
        let path = path(format_args!("{}/sim_gpio{line}/value", self.directory))?;
        file::open_path(path.as_str(), OFlags::RDONLY).doing("open the value of a line")
    }
}

/// Mounts a file system of the kernel, unless it is mounted there.
fn mount_once(kind: &str, target: &str) -> Result<(), Errno> {
    match mkdir(target, Mode::RWXU) {
        // Where sysfs has the directory, nobody can make one; it shows below.
        Ok(()) | Err(Errno::EXIST | Errno::PERM) => {}
        Err(error) => return Err(error),
    }
    let flags = MountFlags::NOSUID | MountFlags::NOEXEC | MountFlags::NODEV;
    match mount(kind, target, kind, flags, None) {
        Err(Errno::BUSY) => Ok(()),
        result => result,
    }
}

fn path(text: core::fmt::Arguments<'_>) -> Result<Path, Failure> {
    Path::format(text)
        .ok_or(Errno::NAMETOOLONG)
        .doing("name a file of it")
}

fn set(directory: &str, attribute: &str, value: &str) -> Result<(), Failure> {
    let path = path(format_args!("{directory}/{attribute}"))?;
    file::open_path(path.as_str(), OFlags::WRONLY)
        .and_then(|file| write(file, value.as_bytes()))
        .map(drop)
        .doing("set an attribute of it")
}

fn get<'a>(directory: &str, attribute: &str, buffer: &'a mut [u8]) -> Result<&'a str, Failure> {
    let path = path(format_args!("{directory}/{attribute}"))?;
    let file = file::open_path(path.as_str(), OFlags::RDONLY).doing("open an attribute of it")?;
    let bytes = file::read_whole(file, buffer)?;
    core::str::from_utf8(bytes)
        .map(str::trim_ascii_end)
        .map_err(|_| Errno::ILSEQ)
        .doing("read an attribute of it")
}
