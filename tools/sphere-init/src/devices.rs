// SPDX-License-Identifier: GPL-2.0

//! What an application sees in `/dev`: the device nodes of what it was granted, and nothing else.
//!
//! Nodes in an image count for nothing, because it is mounted without devices. Those that count are
//! made here, in a small file system of the application's own on the directory `dev` of its image.
//! What may be done with a GPIO chip or a flash partition, the kernel decides again, by the
//! application's identity; for all other peripherals, having the node is the grant.

use crate::{
    image::{self, Image},
    store::Place,
};
use core::ops::ControlFlow;
use rustix::{
    fd::OwnedFd,
    fs::{AtFlags, FileType, Gid, Mode, OFlags, Uid, chownat, mkdirat, mknodat, statat},
    io::Errno,
    mount::{
        FsMountFlags, FsOpenFlags, MountAttrFlags, MoveMountFlags, fsconfig_create,
        fsconfig_reconfigure, fsconfig_set_flag, fsconfig_set_string, fsmount, fsopen, move_mount,
    },
};
use sphere_core::{
    launch::Launch,
    record::{GpioGrant, MtdAccess, MtdGrant, Record},
};
use sphere_device::{
    console::Console,
    errno::{Doing, Failure},
    file, gpio, say,
    text::Text,
};
use sphere_manage::{mtd, partitions::Partitions};
use sphere_store::seal::Release;

/// Where the kernel's device nodes are.
const DEV: &str = "/dev";

const READ: Mode = Mode::RUSR;
const READ_WRITE: Mode = Mode::RUSR.union(Mode::WUSR);

/// Whose devices, and where to complain.
pub struct Owner<'a> {
    /// For what is missing.
    pub console: &'a Console<'a>,
    /// What the application is.
    pub release: &'a Release,
    /// Its user and group.
    pub uid: u32,
    /// Where its image is.
    pub place: Place,
}

/// Puts the device nodes of what an application was granted in front of the directory `dev` of its
/// image, in place of those of its last start: numbers of devices change. Says what is missing; the
/// application starts without, and finds out by `ENOENT`.
pub fn place(owner: &Owner<'_>, image: &Image, record: &Record<&[u8]>, launch: &Launch<'_>) {
    let granted = record.gpio().next().is_some()
        || record.mtd().next().is_some()
        || launch.devices().next().is_some();
    if !granted {
        return;
    }
    if let Err(failure) = try_place(owner, image, record, launch) {
        say!(
            owner.console,
            "{}: it starts without its devices: {failure}",
            owner.release.name
        );
    }
}

fn try_place(
    owner: &Owner<'_>,
    image: &Image,
    record: &Record<&[u8]>,
    launch: &Launch<'_>,
) -> Result<(), Failure> {
    Image::clear(owner.place, image::DEVICES)?;
    let directory = image
        .devices()
        .doing("open the directory dev of the image, which has to have one")?;
    let system = fsopen("tmpfs", FsOpenFlags::FSOPEN_CLOEXEC).doing("open tmpfs")?;
    fsconfig_set_string(&system, "mode", "0755").doing("set the mode of /dev")?;
    fsconfig_create(&system).doing("make a file system for /dev")?;
    // Device nodes work here, unlike anywhere else in an image.
    let root = fsmount(
        &system,
        FsMountFlags::FSMOUNT_CLOEXEC,
        MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NOEXEC,
    )
    .doing("mount a file system for /dev")?;
    let nodes = Nodes {
        owner,
        dev: file::open_path(DEV, OFlags::DIRECTORY).doing("open /dev")?,
        root: &root,
    };
    nodes.add_chips(record);
    nodes.add_partitions(record);
    nodes.add_others(launch);
    // The application owns its nodes, and could open them to others by chmod().
    fsconfig_set_flag(&system, "ro")
        .and_then(|()| fsconfig_reconfigure(&system))
        .doing("make /dev read-only")?;
    // By descriptor, so that a link in the image leads nowhere.
    move_mount(
        &root,
        "",
        directory,
        "",
        MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH,
    )
    .doing("put /dev into the image")
}

/// An application's `/dev` that is being filled.
struct Nodes<'a> {
    owner: &'a Owner<'a>,
    /// The manager's.
    dev: OwnedFd,
    /// The application's.
    root: &'a OwnedFd,
}

impl Nodes<'_> {
    fn add_chips(&self, record: &Record<&[u8]>) {
        let mut last = None;
        // A chip with many lines has several grants, one after the other.
        for GpioGrant { chip, .. } in record.gpio() {
            if last.replace(chip) != Some(chip) {
                self.add_chip(chip);
            }
        }
    }

    /// The kernel knows grants by the label, so every chip that has it is granted.
    fn add_chip(&self, label: &str) {
        let mut count = 0;
        let all = gpio::visit(|node, chip| {
            if chip.has_label(label) {
                count += 1;
                self.add(node, READ_WRITE);
            }
            ControlFlow::<()>::Continue(())
        });
        if let Err(failure) = all.doing("look for GPIO chips") {
            self.complain(format_args!("{failure}"));
        }
        if count == 0 {
            self.complain(format_args!(
                "this machine has no GPIO chip with the label {label}"
            ));
        }
    }

    fn add_partitions(&self, record: &Record<&[u8]>) {
        if record.mtd().next().is_none() {
            return;
        }
        let list = Partitions::read().unwrap_or_else(|failure| {
            self.complain(format_args!("{failure}"));
            Partitions::NONE
        });
        for grant in record.mtd() {
            self.add_partition(list.as_slice(), &grant);
        }
    }

    fn add_partition(&self, list: &[u8], grant: &MtdGrant<'_>) {
        let mode = match grant.access {
            MtdAccess::Read => READ,
            MtdAccess::ReadWrite => READ_WRITE,
        };
        let mut count = 0;
        for number in mtd::numbers(list, grant.partition) {
            count += 1;
            // It has room for any number.
            if let Some(node) = Text::<16>::format(format_args!("mtd{number}")) {
                self.add(node.as_str(), mode);
            }
        }
        if count == 0 {
            self.complain(format_args!(
                "this machine has no flash partition {}",
                grant.partition
            ));
        }
    }

    fn add_others(&self, launch: &Launch<'_>) {
        for device in launch.devices() {
            // A launch file is valid only with that in front.
            let path = device.node.strip_prefix("/dev/").unwrap_or(device.node);
            self.add(path, READ_WRITE);
        }
    }

    /// Adds a copy of one of the manager's device nodes, which the application alone can open.
    fn add(&self, path: &str, mode: Mode) {
        if let Err(failure) = self.try_add(path, mode) {
            self.complain(format_args!("/dev/{path}: {failure}"));
        }
    }

    fn try_add(&self, path: &str, mode: Mode) -> Result<(), Failure> {
        let node = statat(&self.dev, path, AtFlags::SYMLINK_NOFOLLOW).doing("find the device")?;
        if FileType::from_raw_mode(node.st_mode) != FileType::CharacterDevice {
            return Err(Errno::NODEV).doing("take it for a character device");
        }
        self.make_parents(path).doing("make its directory")?;
        match mknodat(
            self.root,
            path,
            FileType::CharacterDevice,
            mode,
            node.st_rdev,
        ) {
            // Granted by two names, and so there already.
            Err(Errno::EXIST) => return Ok(()),
            made => made.doing("make the device node")?,
        }
        let (user, group) = (Uid::from_raw(self.owner.uid), Gid::from_raw(self.owner.uid));
        chownat(
            self.root,
            path,
            Some(user),
            Some(group),
            AtFlags::SYMLINK_NOFOLLOW,
        )
        .doing("give the device node to the application")
    }

    /// Makes the directories that a path leads through.
    fn make_parents(&self, path: &str) -> Result<(), Errno> {
        for (end, _) in path.match_indices('/') {
            // There is one. Slicing would bring all that a panic has to say about text.
            let parent = path.get(..end).unwrap_or(path);
            match mkdirat(self.root, parent, Mode::from_raw_mode(0o755)) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn complain(&self, what: core::fmt::Arguments<'_>) {
        say!(
            self.owner.console,
            "{}: {what}; it starts without",
            self.owner.release.name
        );
    }
}
