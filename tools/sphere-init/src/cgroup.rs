// SPDX-License-Identifier: GPL-2.0

//! One control group for each application, so that what it uses up is its own, and so that all of
//! its processes end when it does.
//!
//! Only the first process can change a group: the files belong to root, no application has the file
//! system in its root directory, and none can mount it.

use crate::machine::make_directory;
use core::{str, time::Duration};
use rustix::{
    fd::{AsFd, OwnedFd},
    fs::{AtFlags, Mode, OFlags, mkdirat, unlinkat},
    io::{Errno, write},
    mount::{MountFlags, mount},
};
use sphere_core::limits::{Limit, Limits};
use sphere_device::{
    clock,
    console::Console,
    errno::{Doing, Failure, Words},
    file,
    process::{self, Fork},
    say,
};
use sphere_init::{
    groups::{self, Controllers, Setting, Short},
    outcome::OutOfMemory,
};
use sphere_store::name::Name;

/// Where the file system is expected, if this kernel has sysfs.
const USUAL: &str = "/sys/fs/cgroup";
/// Where it is, else.
const OWN: &str = "/run/cgroup";

/// How long to wait for the processes of a group that were killed, and how often to look.
const PATIENCE: u32 = 50;
const PAUSE: Duration = Duration::from_millis(10);

/// The groups of all applications.
pub struct Groups {
    /// `None` if this kernel has no control groups.
    root: Option<OwnedFd>,
    controllers: Controllers,
}

/// The group of an application that is being started. `None` if this kernel has none.
pub struct Group(Option<OwnedFd>);

/// What a group knows about the end of its application.
#[derive(Clone, Copy, Default)]
pub struct Ended {
    /// What was used up, if it was ended for that.
    pub out_of_memory: Option<OutOfMemory>,
    /// Whether processes were left that the kernel was told to end.
    pub left: bool,
}

impl Groups {
    /// Mounts the file system, and says which limits cannot be set.
    pub fn set_up(console: &Console<'_>) -> Self {
        match try_set_up(console) {
            Ok(groups) => groups,
            Err(failure) => {
                let what = "applications have no limits";
                say!(console, "{what}: {failure}");
                Self {
                    root: None,
                    controllers: Controllers::default(),
                }
            }
        }
    }

    /// Makes the group of an application that starts.
    pub fn make(&self, name: &Name, limits: &Limits) -> Result<Group, Failure> {
        let Some(root) = &self.root else {
            return Ok(Group(None));
        };
        // What the last start has left counts for nothing in the new group.
        self.clear(root, name)?;
        mkdirat(root, name.as_str(), Mode::RWXU).doing("make the control group")?;
        let group = open_group(root, name).doing("open the control group")?;
        for limit in Limit::ALL {
            if self.controllers.has(limit) {
                set(&group, limit, limits)?;
            }
        }
        Ok(Group(Some(group)))
    }

    /// Removes the group of an application that does not run, and of which no process is left.
    pub fn remove(&self, name: &Name) -> Result<(), Errno> {
        match &self.root {
            Some(root) => match unlinkat(root, name.as_str(), AtFlags::REMOVEDIR) {
                Err(Errno::NOENT) => Ok(()),
                result => result,
            },
            None => Ok(()),
        }
    }

    /// Ends all processes of an application. `None` if it has no group to be ended by.
    pub fn end(&self, name: &Name) -> Option<Ended> {
        let group = open_group(self.root.as_ref()?, name).ok()?;
        let mut ended = Ended {
            out_of_memory: memory_used_up(&group),
            left: false,
        };
        if is_empty(&group) {
            return Some(ended);
        }
        ended.left = true;
        kill(&group).ok().map(|()| ended)
    }

    /// Removes a group with what is left in it.
    fn clear(&self, root: &OwnedFd, name: &Name) -> Result<(), Failure> {
        for _ in 0..PATIENCE {
            match self.remove(name) {
                Err(Errno::BUSY) => {}
                result => return result.doing("remove the last control group"),
            }
            open_group(root, name)
                .and_then(|group| kill(&group))
                .doing("end what the last start has left")?;
            clock::sleep(PAUSE);
        }
        Err(Errno::BUSY).doing("end what the last start has left")
    }
}

impl Group {
    /// Makes a process that is in the group from its first moment.
    pub fn fork(&self) -> Result<Fork, Errno> {
        match &self.0 {
            Some(group) => process::fork_into(group.as_fd()),
            None => process::fork(),
        }
    }
}

fn try_set_up(console: &Console<'_>) -> Result<Groups, Failure> {
    let root = mount_groups()?;
    let mut list = [0; 256];
    let list = file::open(&root, "cgroup.controllers", OFlags::RDONLY)
        .doing("open cgroup.controllers")
        .and_then(|file| file::read_whole(file, &mut list))?;
    let mut controllers = Controllers::parse(list);
    for limit in Limit::ALL {
        if !controllers.has(limit) {
            let (what, option) = (limit.name(), groups::option(limit));
            say!(
                console,
                "applications have no limit of {what}: this kernel has no {option}"
            );
        } else if let Err(error) = enable(&root, limit) {
            let (what, error) = (limit.name(), Words(error));
            say!(console, "applications have no limit of {what}: {error}");
            controllers.lose(limit);
        }
    }
    Ok(Groups {
        root: Some(root),
        controllers,
    })
}

fn mount_groups() -> Result<OwnedFd, Failure> {
    let target = match file::open_path(USUAL, OFlags::DIRECTORY) {
        Ok(_) => USUAL,
        Err(_) => OWN,
    };
    make_directory(target).doing("make /run/cgroup")?;
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    match mount("cgroup2", target, "cgroup2", flags, None) {
        // Mounted already.
        Ok(()) | Err(Errno::BUSY) => {}
        Err(Errno::NODEV) => {
            return Err(Errno::NODEV)
                .doing("mount control groups: this kernel has no CONFIG_CGROUPS");
        }
        Err(error) => return Err(error).doing("mount control groups"),
    }
    file::open_path(target, OFlags::DIRECTORY).doing("open the control groups")
}

fn enable(root: &OwnedFd, limit: Limit) -> Result<(), Errno> {
    let word = match limit {
        Limit::Memory => "+memory",
        Limit::Processes => "+pids",
        Limit::Cpu => "+cpu",
    };
    write_file(root, "cgroup.subtree_control", word)
}

fn set(group: &OwnedFd, limit: Limit, limits: &Limits) -> Result<(), Failure> {
    for setting in groups::settings(limit, limits).iter().flatten() {
        let Setting {
            file,
            value,
            optional,
        } = setting;
        match write_file(group, file, value.as_str()) {
            Err(Errno::NOENT) if *optional => {}
            result => result.doing(match limit {
                Limit::Memory => "limit the memory",
                Limit::Processes => "limit the processes",
                Limit::Cpu => "limit the processor's time",
            })?,
        }
    }
    Ok(())
}

fn open_group(root: &OwnedFd, name: &Name) -> Result<OwnedFd, Errno> {
    file::open(root, name.as_str(), OFlags::DIRECTORY | OFlags::NOFOLLOW)
}

fn write_file(directory: &OwnedFd, name: &str, value: &str) -> Result<(), Errno> {
    let file = file::open(directory, name, OFlags::WRONLY)?;
    // The kernel takes all of it or refuses it.
    write(file, value.as_bytes()).map(drop)
}

fn kill(group: &OwnedFd) -> Result<(), Errno> {
    write_file(group, "cgroup.kill", "1")
}

/// Processes that have ended are not in the list, unlike in `cgroup.events`, where they count until
/// they have left their processor for the last time.
fn is_empty(group: &OwnedFd) -> bool {
    let mut number = [0; 16];
    file::open(group, "cgroup.procs", OFlags::RDONLY)
        .and_then(|file| rustix::io::read(file, &mut number))
        .is_ok_and(|size| size == 0)
}

fn memory_used_up(group: &OwnedFd) -> Option<OutOfMemory> {
    let mut events = [0; 512];
    match groups::short_of_memory(read_file(group, "memory.events", &mut events)?)? {
        Short::Machine => Some(OutOfMemory::Machine),
        Short::Group => {
            let mut max = [0; 24];
            let max = str::from_utf8(read_file(group, "memory.max", &mut max)?).ok()?;
            Some(OutOfMemory::Own(max.trim_end().parse::<u64>().ok()? / 1024))
        }
    }
}

fn read_file<'a>(directory: &OwnedFd, name: &str, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
    let file = file::open(directory, name, OFlags::RDONLY).ok()?;
    file::read_whole(file, buffer).ok()
}
