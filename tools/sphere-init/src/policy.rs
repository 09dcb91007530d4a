// SPDX-License-Identifier: GPL-2.0

//! The device's policy, put in force before the first application starts.
//!
//! Whatever fails here is said, and the machine starts all the same: the kernel keeps the policy
//! that it has, which grants nothing beyond the records.

use crate::machine::make_directory;
use rustix::{
    fs::OFlags,
    io::Errno,
    mount::{MountFlags, mount},
};
use sphere_core::policy::POLICY_MAX;
use sphere_device::{
    console::Console,
    errno::{Doing, Failure},
    file, say,
    securityfs::{Directory, LOCK, OpenError, REASON_MAX, USUAL},
};
use sphere_init::options::Options;

/// Where securityfs is mounted on a machine without sysfs.
const WITHOUT_SYSFS: &str = "/run/security";

/// Loads the policy and locks it, as far as the options say so. Where there are managers, securityfs
/// is mounted for them.
pub fn apply(console: &Console<'_>, options: &Options<'_>) {
    if options.policy.is_none() && !options.lock && options.managers.is_empty() {
        return;
    }
    let directory = match open() {
        Ok(directory) => directory,
        Err(error) => {
            say!(console, "no policy can be read, loaded or locked: {error}");
            return;
        }
    };
    if let Some(path) = options.policy {
        load(console, &directory, path);
    }
    // Also where the policy was refused: it is no reason to let others load one.
    if options.lock {
        match directory.write(LOCK, b"locked") {
            Ok(()) => say!(console, "the policy is locked until the machine restarts"),
            Err(error) => say!(console, "the policy is not locked: {error}"),
        }
    }
}

/// Opens the directory of Sphere, and mounts securityfs for that if nobody has.
fn open() -> Result<Directory, OpenError> {
    match Directory::at(USUAL) {
        Err(OpenError::NoSphere) => {}
        result => return result,
    }
    let target = match mount_at(USUAL) {
        // It was mounted, and is without Sphere.
        Ok(()) | Err(Errno::BUSY) => USUAL,
        Err(_) => {
            make_directory(WITHOUT_SYSFS)
                .and_then(|()| mount_at(WITHOUT_SYSFS))
                .doing("mount securityfs")
                .map_err(OpenError::Failure)?;
            WITHOUT_SYSFS
        }
    };
    Directory::at(target)
}

fn mount_at(target: &str) -> Result<(), Errno> {
    let flags = MountFlags::NOSUID | MountFlags::NOEXEC | MountFlags::NODEV;
    mount("securityfs", target, "securityfs", flags, None)
}

fn load(console: &Console<'_>, directory: &Directory, path: &str) {
    let mut buffer = [0; POLICY_MAX];
    let policy = match read(path, &mut buffer) {
        Ok(policy) => policy,
        Err(failure) => {
            say!(console, "{path}: {failure}; the kernel keeps its policy");
            return;
        }
    };
    let mut reason = [0; REASON_MAX];
    match directory.load_policy(policy, &mut reason) {
        Ok(()) => say!(console, "the policy of {path} is in force"),
        Err(error) => say!(console, "{path}{error}; the kernel keeps its policy"),
    }
}

fn read<'b>(path: &str, buffer: &'b mut [u8]) -> Result<&'b [u8], Failure> {
    let file = file::open_path(path, OFlags::RDONLY).doing("open the file")?;
    file::read_whole(file, buffer)
}
