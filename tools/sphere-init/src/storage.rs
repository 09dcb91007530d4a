// SPDX-License-Identifier: GPL-2.0

//! Storage that lasts, at [`DATA`]: the flash partition [`PARTITION`], or what `--data` says. In it is
//! a directory for each application that was granted some, which the application sees as the
//! directory `data` of its image.
//!
//! How much it may keep there, the kernel decides by its identity, if it has JFFS2 count.

use crate::{
    devices::Owner,
    image::{Image, STORAGE},
    machine::make_directory,
};
use core::fmt;
use rustix::{
    fd::{AsFd, OwnedFd},
    fs::{Gid, Mode, OFlags, Uid, fchmod, fchown, fstat, mkdirat},
    io::Errno,
    mount::{MountFlags, MoveMountFlags, OpenTreeFlags, mount, mount_bind, move_mount, open_tree},
};
use sphere_core::record::Record;
use sphere_device::{
    console::Console,
    errno::{Doing, Failure},
    file,
    mount::restrict,
    say,
    text::Text,
};
use sphere_init::claim::Claim;
use sphere_manage::{
    DATA, mtd,
    partitions::Partitions,
    storage::{self, APPS},
};
use sphere_store::name::Name;

/// Name of the flash partition that storage is in.
const PARTITION: &str = "data";

/// Where applications keep what lasts.
pub struct Storage {
    /// The directory with those of all applications, once somebody has needed it.
    apps: Option<OwnedFd>,
    is_broken: bool,
}

/// Why an application starts without its storage.
enum Reason {
    Failure(Failure),
    /// This machine has no place for it.
    NoPlace,
    /// The directory with those of all applications is this user's.
    AppsTaken(u32),
    /// The application's directory is none that it can have.
    Own(Name, Wrong),
}

/// What is wrong with the directory of an application.
enum Wrong {
    Failure(Failure),
    /// It is something else, a link perhaps.
    NoDirectory,
    /// It is this user's.
    Taken(u32),
}

impl Reason {
    /// Whether there is a place for storage all the same. A kernel without the file system has never
    /// stored anything.
    fn leaves_a_place(&self) -> bool {
        match self {
            Self::Failure(failure) => failure.error != Errno::NODEV,
            Self::NoPlace => false,
            Self::AppsTaken(_) | Self::Own(..) => true,
        }
    }
}

impl From<Failure> for Reason {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<Failure> for Wrong {
    fn from(failure: Failure) -> Self {
        match failure.error {
            Errno::NOTDIR | Errno::LOOP => Self::NoDirectory,
            _ => Self::Failure(failure),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failure(failure) => failure.fmt(f),
            Self::NoPlace => {
                write!(
                    f,
                    "this machine has no flash partition {PARTITION}, and there is no --data"
                )
            }
            Self::AppsTaken(user) => write!(f, "{DATA}/{APPS} belongs to user {user}"),
            Self::Own(name, wrong) => write!(f, "{DATA}/{APPS}/{name}{wrong}"),
        }
    }
}

/// What follows its path.
impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failure(failure) => write!(f, ": {failure}"),
            Self::NoDirectory => f.write_str(" is no directory"),
            Self::Taken(user) => write!(f, " belongs to user {user}"),
        }
    }
}

impl Storage {
    /// Mounts it. If that fails, says why: nothing lasts then.
    pub fn open(console: &Console<'_>, option: Option<&str>) -> Self {
        let mounted = option.map_or_else(mount_flash, bind);
        let is_broken = match mounted {
            Ok(()) | Err(Reason::NoPlace) => false,
            Err(reason) => {
                say!(console, "{DATA}: {reason}");
                reason.leaves_a_place()
            }
        };
        Self {
            apps: None,
            is_broken,
        }
    }

    /// Whether there is a place for storage, and what is in it is not known.
    pub fn is_broken(&self) -> bool {
        self.is_broken
    }

    /// Puts the storage of an application in front of the directory `data` of its image, if it was
    /// granted any. If that fails, says why; the application starts without.
    pub fn place(&mut self, owner: &Owner<'_>, image: &Image, record: &Record<&[u8]>) {
        if record.storage_bytes() == 0 {
            return;
        }
        if let Err(reason) = self.try_place(owner, image) {
            say!(
                owner.console,
                "{}: it starts without its storage: {reason}",
                owner.release.name
            );
        }
    }

    fn try_place(&mut self, owner: &Owner<'_>, image: &Image) -> Result<(), Reason> {
        Image::clear(owner.place, STORAGE)?;
        let directory = own_directory(self.apps()?, owner)
            .map_err(|wrong| Reason::Own(owner.release.name, wrong))?;
        let flags = OpenTreeFlags::OPEN_TREE_CLONE
            | OpenTreeFlags::OPEN_TREE_CLOEXEC
            | OpenTreeFlags::AT_EMPTY_PATH;
        let tree = open_tree(&directory, "", flags).doing("take the storage for a mount")?;
        restrict(tree.as_fd()).doing("restrict the storage")?;
        let place = file::open(image.root(), STORAGE, OFlags::DIRECTORY | OFlags::NOFOLLOW)
            .doing("open the directory data of the image, which has to have one")?;
        // By descriptor, so that a link in the image leads nowhere.
        let flags =
            MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
        move_mount(&tree, "", place, "", flags).doing("put the storage into the image")?;
        Ok(())
    }

    fn apps(&mut self) -> Result<&OwnedFd, Reason> {
        let apps = match self.apps.take() {
            Some(apps) => apps,
            None => open_apps()?,
        };
        Ok(self.apps.insert(apps))
    }
}

fn open_apps() -> Result<OwnedFd, Reason> {
    let root = match file::open_path(DATA, OFlags::DIRECTORY) {
        Err(Errno::NOENT) => return Err(Reason::NoPlace),
        root => root.doing("open the directory for storage")?,
    };
    match make_in(&root, APPS) {
        // The root file system, and nothing is mounted on the directory.
        Err(Errno::ROFS) => return Err(Reason::NoPlace),
        made => made.doing("make the directory apps for storage")?,
    }
    let apps = file::open(&root, APPS, OFlags::DIRECTORY | OFlags::NOFOLLOW)
        .doing("open the directory apps for storage")?;
    // Else somebody could put another in the place of an application's.
    match fstat(&apps)
        .doing("look at the directory apps for storage")?
        .st_uid
    {
        0 => Ok(apps),
        user => Err(Reason::AppsTaken(user)),
    }
}

/// Makes what is at `path` appear at [`DATA`].
fn bind(path: &str) -> Result<(), Reason> {
    make_directory(DATA).doing("make the directory /data")?;
    if path != DATA {
        mount_bind(path, DATA).doing("use what --data names")?;
    }
    Ok(())
}

/// Mounts the partition for storage, with the quota that identities need.
fn mount_flash() -> Result<(), Reason> {
    let partitions = Partitions::read_if_any();
    let number = mtd::numbers(partitions.as_slice(), PARTITION).next();
    let number = number.ok_or(Reason::NoPlace)?;
    let source = Text::<16>::format(format_args!("mtd{number}"))
        .ok_or(Errno::NAMETOOLONG)
        .doing("name the flash partition")?;
    make_directory(DATA).doing("make the directory /data")?;
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC | MountFlags::NOATIME;
    match mount(source.as_str(), DATA, "jffs2", flags, c"usrquota") {
        Ok(()) => Ok(()),
        Err(error) => Err(Reason::Failure(Failure {
            doing: match error {
                Errno::NODEV => "mount the storage: this kernel has no CONFIG_JFFS2_FS",
                Errno::INVAL => "mount the storage: this kernel has no CONFIG_JFFS2_QUOTA",
                _ => "mount the storage",
            },
            error,
        })),
    }
}

/// The directory of an application. What is in the place of one is not followed, and stays as it is.
fn own_directory(apps: &OwnedFd, owner: &Owner<'_>) -> Result<OwnedFd, Wrong> {
    let name = owner.release.name.as_str();
    make_in(apps, name).doing("make its directory")?;
    let directory =
        file::open(apps, name, OFlags::DIRECTORY | OFlags::NOFOLLOW).doing("open its directory")?;
    let stat = fstat(&directory).doing("look at its directory")?;
    match Claim::of(stat.st_uid, owner.uid) {
        Claim::Own => mark(apps, owner),
        Claim::Give => {
            mark(apps, owner);
            let (user, group) = (Uid::from_raw(owner.uid), Gid::from_raw(owner.uid));
            fchown(&directory, Some(user), Some(group)).doing("give it its directory")?;
        }
        Claim::Refuse => return Err(Wrong::Taken(stat.st_uid)),
    }
    // It may have changed that since the last start. Flash is not written for nothing.
    if Mode::from_raw_mode(stat.st_mode) != Mode::RWXU {
        fchmod(&directory, Mode::RWXU).doing("keep others out of its directory")?;
    }
    Ok(directory)
}

/// What is stored can be used without the mark, too.
fn mark(apps: &OwnedFd, owner: &Owner<'_>) {
    if let Err(failure) = storage::mark(apps, owner.release) {
        say!(owner.console, "{}: {failure}", owner.release.name);
    }
}

/// Makes a directory unless there is one.
fn make_in(parent: &OwnedFd, name: &str) -> Result<(), Errno> {
    match mkdirat(parent, name, Mode::RWXU) {
        Err(Errno::EXIST) => Ok(()),
        result => result,
    }
}
