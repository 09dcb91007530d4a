// SPDX-License-Identifier: GPL-2.0

//! The machine as a whole: the file systems that come from the kernel, and its end.

use rustix::{
    fs::{Mode, mkdir},
    io::Errno,
    mount::{MountFlags, mount},
    system::{RebootCommand, reboot},
};
use sphere_device::{console::Console, errno::Words, say};
use sphere_init::options::WhenIdle;

/// Mounts what the kernel provides. A file system that this kernel does not have is not missed;
/// what needs it will say so.
pub fn mount_kernel_file_systems(console: &Console<'_>) {
    let flags = MountFlags::NOSUID | MountFlags::NOEXEC;
    for (target, kind, flags) in [
        ("/proc", "proc", flags | MountFlags::NODEV),
        ("/sys", "sysfs", flags | MountFlags::NODEV),
        ("/dev", "devtmpfs", flags),
        // Mount points are made there: the root file system may be in flash.
        ("/run", "tmpfs", flags | MountFlags::NODEV),
    ] {
        let mounted = make_directory(target).and_then(|()| mount(kind, target, kind, flags, None));
        match mounted {
            // No such file system in this kernel, or the kernel has mounted it itself.
            Ok(()) | Err(Errno::NODEV | Errno::BUSY) => {}
            Err(error) => say!(console, "cannot mount {kind} at {target}: {}", Words(error)),
        }
    }
}

/// Makes a directory unless there is one.
pub fn make_directory(path: &str) -> Result<(), Errno> {
    match mkdir(path, Mode::RWXU) {
        Err(Errno::EXIST) => Ok(()),
        result => result,
    }
}

/// Ends the machine's run as `when_idle` says. Returns when it shall go on, or has to.
pub fn end(console: &Console<'_>, when_idle: WhenIdle) {
    let (command, doing) = match when_idle {
        WhenIdle::Stay => return,
        WhenIdle::PowerOff => (RebootCommand::PowerOff, "power off"),
        WhenIdle::Reboot => (RebootCommand::Restart, "restart the machine"),
    };
    say!(console, "no application is left to run: {doing}");
    rustix::fs::sync();
    if let Err(error) = reboot(command) {
        say!(console, "cannot {doing}: {}", Words(error));
    }
}
