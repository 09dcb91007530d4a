// SPDX-License-Identifier: GPL-2.0

//! Application images, each mounted below [`MOUNTS`]. In flash, programs are executed where they
//! lie.

use crate::{machine::make_directory, store::Place};
use core::{fmt, time::Duration};
use linux_raw_sys::loop_device::{
    LO_FLAGS_AUTOCLEAR, LO_FLAGS_READ_ONLY, LOOP_CONFIGURE, LOOP_CTL_GET_FREE, loop_config,
};
use rustix::{
    fd::{AsFd, AsRawFd, OwnedFd},
    fs::OFlags,
    io::Errno,
    ioctl::{self, Opcode},
    mount::{MountFlags, UnmountFlags, mount, unmount},
};
use sphere_core::{
    launch::{LAUNCH_MAX, Launch, LaunchError},
    record::{Kind, RECORD_MAX, Record, RecordError},
};
use sphere_device::{
    clock,
    errno::{Doing, Failure},
    file,
    text::Text,
};

/// Where images are mounted, each in a directory that is called like the place that it is in.
const MOUNTS: &str = "/run/apps";

/// How often to look for another loop device when somebody else took the one that was free.
const LOOP_TRIES: u32 = 8;

/// How often to try to unmount an image, and how long to wait between.
const UNMOUNT_TRIES: u32 = 50;
const UNMOUNT_PAUSE: Duration = Duration::from_millis(10);

/// An image that is mounted.
pub struct Image {
    root: OwnedFd,
}

/// Why an application's image cannot be used.
pub enum ImageError {
    /// Something failed.
    Failure(Failure),
    /// A file in it could not be read.
    File(&'static str, Failure),
    /// Its record is wrong.
    Record(RecordError),
    /// Its record is none of an application.
    NoApplication,
    /// Its launch file is wrong.
    Launch(LaunchError),
    /// Its record is that of another application than its seal.
    OtherComponent,
}

impl From<Failure> for ImageError {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// Directory of an image for device nodes.
pub const DEVICES: &str = "dev";
/// Directory of an image for the application's storage.
pub const STORAGE: &str = "data";
const IDENTITY: &str = "identity";
const LAUNCH: &str = "launch";

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failure(failure) => failure.fmt(f),
            Self::File(name, failure) => write!(f, ".sphere/{name}: {failure}"),
            Self::Record(error) => write!(f, ".sphere/{IDENTITY}: {error}"),
            Self::NoApplication => {
                write!(f, ".sphere/{IDENTITY}: this is no application's identity")
            }
            Self::OtherComponent => write!(
                f,
                ".sphere/{IDENTITY}: this is another application than the one that was signed"
            ),
            Self::Launch(error) => write!(f, ".sphere/{LAUNCH}: {error}"),
        }
    }
}

fn mount_file(path: &str, target: &str) -> Result<(), Failure> {
    // The mount holds the loop device then.
    let (_device, path) = attach(path)?;
    mount_cramfs(path.as_str(), target)
}

fn mount_cramfs(source: &str, target: &str) -> Result<(), Failure> {
    let flags = MountFlags::RDONLY | MountFlags::NOSUID | MountFlags::NODEV;
    mount(source, target, "cramfs", flags, None).map_err(|error| Failure {
        doing: match error {
            Errno::NODEV => {
                "mount the image: this kernel has no CONFIG_CRAMFS_BLOCKDEV, or no \
                 CONFIG_CRAMFS_MTD"
            }
            _ => "mount the image as cramfs",
        },
        error,
    })
}

/// A path of an image, or in it.
type Path = Text<64>;

fn mount_point(place: Place) -> Result<Path, Failure> {
    let point = match place {
        Place::Slot(number) => Path::format(format_args!("{MOUNTS}/@{number}")),
        Place::File(name) => Path::format(format_args!("{MOUNTS}/{name}")),
    };
    point
        .ok_or(Errno::NAMETOOLONG)
        .doing("name the mount point")
}

impl Image {
    /// Mounts the image that is in a place.
    pub fn mount(directory: &str, place: Place) -> Result<Self, Failure> {
        let target = mount_point(place)?;
        for path in [MOUNTS, target.as_str()] {
            make_directory(path).doing("make the mount point")?;
        }
        let source = place.source(directory)?;
        match place {
            Place::Slot(_) => mount_cramfs(source.as_str(), target.as_str())?,
            Place::File(_) => mount_file(source.as_str(), target.as_str())?,
        }
        Self::open(place)
    }

    /// Opens an image that is mounted already.
    pub fn open(place: Place) -> Result<Self, Failure> {
        let target = mount_point(place)?;
        let root = file::open_path(target.as_str(), OFlags::DIRECTORY | OFlags::NOFOLLOW)
            .doing("open the root of the image")?;
        Ok(Self { root })
    }

    /// Unmounts the image of a place, with what is mounted in it.
    pub fn unmount(place: Place) -> Result<(), Failure> {
        for directory in [DEVICES, STORAGE] {
            Self::clear(place, directory)?;
        }
        let target = mount_point(place)?;
        let mut tries = 0;
        loop {
            match unmount(target.as_str(), UnmountFlags::NOFOLLOW) {
                // Processes of the application that were killed are on their way out.
                Err(Errno::BUSY) if tries < UNMOUNT_TRIES => {
                    tries += 1;
                    clock::sleep(UNMOUNT_PAUSE);
                }
                result => return result.doing("unmount the image"),
            }
        }
    }

    /// The root directory.
    pub fn root(&self) -> &OwnedFd {
        &self.root
    }

    /// The directory for the application's device nodes. With nodes in it, once they are placed.
    pub fn devices(&self) -> Result<OwnedFd, Errno> {
        file::open(&self.root, DEVICES, OFlags::DIRECTORY | OFlags::NOFOLLOW)
    }

    /// Takes away what is mounted on a directory of the image in a place, if anything is.
    pub fn clear(place: Place, directory: &str) -> Result<(), Failure> {
        let target = mount_point(place)?;
        let path = Path::format(format_args!("{target}/{directory}"))
            .ok_or(Errno::NAMETOOLONG)
            .doing("name a directory of the image")?;
        // A process that the application left behind, and that is being ended, may still use it.
        match unmount(path.as_str(), UnmountFlags::DETACH | UnmountFlags::NOFOLLOW) {
            // Nothing is mounted there, or there is no such directory.
            Err(Errno::INVAL | Errno::NOENT) => Ok(()),
            result => result.doing("unmount what the last start had"),
        }
    }

    /// Reads a file of `.sphere`.
    fn read<'a>(&self, name: &'static str, buffer: &'a mut [u8]) -> Result<&'a [u8], ImageError> {
        file::open(&self.root, ".sphere", OFlags::DIRECTORY | OFlags::NOFOLLOW)
            .and_then(|directory| file::open(directory, name, OFlags::NOFOLLOW))
            .doing("open the file")
            .and_then(|file| file::read_whole(file, buffer))
            .map_err(|failure| ImageError::File(name, failure))
    }
}

/// What an image says about its application.
pub struct Papers {
    record: [u8; RECORD_MAX],
    launch: [u8; LAUNCH_MAX],
    record_len: usize,
    launch_len: usize,
}

impl Papers {
    /// Room for them.
    pub const fn new() -> Self {
        Self {
            record: [0; RECORD_MAX],
            launch: [0; LAUNCH_MAX],
            record_len: 0,
            launch_len: 0,
        }
    }

    /// Reads record and launch file of an image.
    pub fn read(&mut self, image: &Image) -> Result<(), ImageError> {
        self.record_len = image.read(IDENTITY, &mut self.record)?.len();
        self.launch_len = image.read(LAUNCH, &mut self.launch)?.len();
        Ok(())
    }

    /// The record.
    pub fn record(&self) -> Result<Record<&[u8]>, ImageError> {
        let record = Record::parse(&self.record[..self.record_len]).map_err(ImageError::Record)?;
        if record.kind() != Kind::Application {
            return Err(ImageError::NoApplication);
        }
        Ok(record)
    }

    /// The launch file.
    pub fn launch(&self) -> Result<Launch<'_>, ImageError> {
        Launch::parse(&self.launch[..self.launch_len]).map_err(ImageError::Launch)
    }
}

/// Makes a loop device of an image file. The device is free again when it is neither open nor
/// mounted.
fn attach(path: &str) -> Result<(OwnedFd, Text<32>), Failure> {
    let image = file::open_path(path, OFlags::RDONLY).doing("open the image file")?;
    let control = file::open_path("/dev/loop-control", OFlags::RDWR)
        .doing("open /dev/loop-control (needs CONFIG_BLK_DEV_LOOP and CONFIG_DEVTMPFS)")?;
    let mut tries = 0;
    loop {
        tries += 1;
        match attach_free(&control, &image) {
            Err(Failure {
                error: Errno::BUSY, ..
            }) if tries < LOOP_TRIES => {}
            result => return result,
        }
    }
}

fn attach_free(control: &OwnedFd, image: &OwnedFd) -> Result<(OwnedFd, Text<32>), Failure> {
    // SAFETY: the ioctl takes no argument.
    let number = unsafe { ioctl::ioctl(control, GetFree) }.doing("find a free loop device")?;
    let path = Text::<32>::format(format_args!("/dev/loop{number}"))
        .ok_or(Errno::NAMETOOLONG)
        .doing("name the loop device")?;
    let device = file::open_path(path.as_str(), OFlags::RDONLY).doing("open the loop device")?;
    configure(&device, image).doing("set the loop device up")?;
    Ok((device, path))
}

/// `LOOP_CTL_GET_FREE`, which returns the number of the device.
struct GetFree;

// SAFETY: the kernel neither reads nor writes memory.
unsafe impl ioctl::Ioctl for GetFree {
    type Output = u32;

    const IS_MUTATING: bool = true;

    fn opcode(&self) -> Opcode {
        LOOP_CTL_GET_FREE
    }

    fn as_ptr(&mut self) -> *mut rustix::ffi::c_void {
        core::ptr::null_mut()
    }

    unsafe fn output_from_ptr(
        number: ioctl::IoctlOutput,
        _: *mut rustix::ffi::c_void,
    ) -> rustix::io::Result<u32> {
        u32::try_from(number).map_err(|_| Errno::OVERFLOW)
    }
}

fn configure(device: &OwnedFd, image: &OwnedFd) -> Result<(), Errno> {
    // SAFETY: all zero is a valid value of this structure of integers.
    let mut config: loop_config = unsafe { core::mem::zeroed() };
    // A descriptor that is open is not negative.
    config.fd = image.as_fd().as_raw_fd() as u32;
    config.info.lo_flags = LO_FLAGS_READ_ONLY as u32 | LO_FLAGS_AUTOCLEAR as u32;
    // SAFETY: this is the structure that `LOOP_CONFIGURE` reads.
    unsafe {
        let configure = ioctl::Setter::<LOOP_CONFIGURE, loop_config>::new(config);
        ioctl::ioctl(device, configure)
    }
}
