// SPDX-License-Identifier: GPL-2.0

//! A test of `sphere-init` from inside: the program of an application, which looks at what it was
//! started with. Prints TAP; the test stage `init` makes an image of it.

#![no_std]
#![no_main]

mod devices;
mod network;
mod storage;

use rustix::{
    fs::{Mode, OFlags, StatVfsMountFlags, fstat, fstatvfs, open},
    io::{Errno, fcntl_getfd},
    process::{getegid, geteuid, getgid, getpid, getppid, getsid, getuid},
    stdio,
    thread::{
        CapabilitySet, capabilities, capability_is_in_ambient_set, capability_is_in_bounding_set,
        no_new_privs,
    },
};
use sphere_core::record::Kind;
use sphere_device::{
    args::Args,
    console::Console,
    identity::{Attr, Identity},
    process, say,
};
use syscalls::{Sysno, syscall};

/// Highest file descriptor to look at.
const FDS: i32 = 256;

type Test = (&'static str, fn(Args) -> bool);

const TESTS: &[Test] = &[
    ("arguments are those of the manifest", arguments),
    ("the environment is empty", |args| args.envp.count() == 0),
    ("standard input is /dev/null", stdin_is_null),
    ("no other file is open", no_other_file),
    ("the root directory is the image, read-only", root_is_image),
    ("user and group are its own", user_is_own),
    ("it is in no supplementary group", no_groups),
    ("it has no capability", no_capability),
    (
        "the bounding and ambient sets are empty",
        bounding_set_is_empty,
    ),
    ("it can get no new privileges", |_| {
        no_new_privs() == Ok(true)
    }),
    ("it leads a session of its own", |_| {
        getsid(None) == Ok(getpid())
    }),
    ("the manager is its parent", |_| {
        getppid().is_some_and(|pid| pid.is_init())
    }),
    ("no signal is blocked", no_signal_is_blocked),
    ("its identity is an application's", identity_is_application),
    ("no identity is pending", nothing_is_pending),
    (
        "/dev has the devices that were granted, and no others",
        devices::are_those_granted,
    ),
    ("it alone can open them", devices::are_its_own),
    ("it cannot change /dev", devices::cannot_be_changed),
    ("its GPIO line works", devices::line_works),
    ("no other GPIO line does", devices::other_lines_do_not),
    (
        "its flash partition can be read, not written",
        devices::flash_is_read_only,
    ),
    ("the loopback is up", network::loopback_is_up),
    (
        "the network has the addresses that were given",
        network::addresses_are_those_given,
    ),
    ("it alone can open its storage", storage::is_its_own),
    ("its storage can be written", storage::can_be_written),
    ("what it has stored can be removed", storage::can_be_emptied),
];

fn main(args: Args) -> u8 {
    let console = Console::stdout("");
    say!(console, "1..{}", TESTS.len());
    let mut failures = 0;
    for (number, (name, test)) in (1..).zip(TESTS) {
        let passed = test(args);
        let verdict = if passed { "ok" } else { "not ok" };
        say!(console, "{verdict} {number} - {name}");
        failures += u8::from(!passed);
    }
    failures
}

fn arguments(args: Args) -> bool {
    let expected = [c"/bin/app", c"two words", c"-v"];
    args.argv.eq(expected)
}

/// Memory devices have the major number 1, and the null device is the third of them.
fn stdin_is_null(_: Args) -> bool {
    let null = rustix::fs::makedev(1, 3);
    // SAFETY: nothing closes it.
    let stdin = unsafe { stdio::stdin() };
    fstat(stdin).is_ok_and(|stat| stat.st_rdev == null)
}

fn no_other_file(_: Args) -> bool {
    (3..FDS).all(|fd| {
        // SAFETY: nothing else happens while the descriptor is looked at.
        let fd = unsafe { rustix::fd::BorrowedFd::borrow_raw(fd) };
        fcntl_getfd(fd) == Err(Errno::BADF)
    })
}

fn root_is_image(_: Args) -> bool {
    let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = open("/..", flags, Mode::empty());
    let wanted = StatVfsMountFlags::RDONLY | StatVfsMountFlags::NOSUID | StatVfsMountFlags::NODEV;
    let image = open("/.sphere/identity", OFlags::CLOEXEC, Mode::empty());
    image.is_ok()
        && root
            .and_then(fstatvfs)
            .is_ok_and(|stat| stat.f_flag.contains(wanted))
}

fn user_is_own(_: Args) -> bool {
    let uid = getuid().as_raw();
    uid > 1000 && [geteuid().as_raw(), getgid().as_raw(), getegid().as_raw()] == [uid; 3]
}

fn no_groups(_: Args) -> bool {
    // SAFETY: without room for them, the kernel only counts the groups.
    unsafe { syscall!(Sysno::getgroups, 0, 0) == Ok(0) }
}

fn no_capability(_: Args) -> bool {
    capabilities(None).is_ok_and(|sets| {
        (sets.effective | sets.permitted | sets.inheritable) == CapabilitySet::empty()
    })
}

fn bounding_set_is_empty(_: Args) -> bool {
    CapabilitySet::all().iter().all(|capability| {
        // What this kernel does not know, nobody can have.
        matches!(
            capability_is_in_bounding_set(capability),
            Ok(false) | Err(Errno::INVAL)
        ) && matches!(
            capability_is_in_ambient_set(capability),
            Ok(false) | Err(Errno::INVAL)
        )
    })
}

fn no_signal_is_blocked(_: Args) -> bool {
    process::blocked_signals() == Ok(0)
}

fn identity_is_application(_: Args) -> bool {
    Identity::get(Attr::Current).is_ok_and(|now| now.record().kind() == Kind::Application)
}

fn nothing_is_pending(_: Args) -> bool {
    Identity::get(Attr::Exec).is_ok_and(|next| next.record().kind() == Kind::None)
}

sphere_start::entry!(main);
