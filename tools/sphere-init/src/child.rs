// SPDX-License-Identifier: GPL-2.0

//! A new process on its way from the first process to a program. On that to an application's, it
//! gives everything away that the application must not have.

use crate::{image::Image, resources};
use core::ffi::CStr;
use rustix::{
    fs::OFlags,
    io::Errno,
    process::{Gid, Uid, chroot, fchdir, setsid},
    stdio::dup2_stdin,
    thread::{
        CapabilitySet, CapabilitySets, clear_ambient_capability_set,
        remove_capability_from_bounding_set, set_capabilities, set_no_new_privs, set_thread_groups,
        set_thread_res_gid, set_thread_res_uid,
    },
};
use sphere_core::{
    launch::{ARGS_MAX, LAUNCH_MAX, Launch},
    record::Record,
};
use sphere_device::{
    args::{ArgBuffer, Vector},
    errno::{Doing, Failure},
    file, identity, process,
};

/// Exit status of a process that did not become its application.
pub const NOT_STARTED: u8 = 126;

/// One argument more for the program itself, and the slash that its path gets.
pub type Argv = ArgBuffer<{ ARGS_MAX + 1 }, { LAUNCH_MAX + 2 }>;

/// What a process is to become.
pub struct Becoming<'a> {
    /// The image that becomes its root.
    pub image: &'a Image,
    /// Its identity.
    pub record: &'a Record<&'a [u8]>,
    /// Its user and group.
    pub uid: u32,
    /// Path of the program, and its arguments.
    pub argv: &'a Argv,
}

/// The arguments that a launch file asks for, the path of the program the first of them.
pub fn argv(launch: &Launch<'_>) -> Result<Argv, Failure> {
    let mut argv = Argv::new();
    argv.push_joined(&["/", launch.entry()])
        .and_then(|()| launch.args().try_for_each(|arg| argv.push(arg)))
        .map_err(|_| Errno::TOOBIG)
        .doing(ARGUMENTS)?;
    Ok(argv)
}

/// What can fail whatever the process is to become.
pub const ARGUMENTS: &str = "put the arguments together";
/// As above.
pub const PROCESS: &str = "make a process";

/// Turns the calling process into a manager: it keeps all that the first process has but its open
/// files, of which standard input is the console. Returns only on failure.
pub fn become_manager(argv: &Argv) -> Failure {
    let ready = start_session().and_then(|()| keep_nothing());
    let ready = ready.and_then(|()| identity::set_pending_manager().doing(IDENTITY));
    ready.map_or_else(|failure| failure, |()| execute(argv))
}

/// Turns the calling process into an application. Returns only on failure.
pub fn become_application(becoming: &Becoming<'_>) -> Failure {
    let ready = get_ready(becoming);
    ready.map_or_else(|failure| failure, |()| execute(becoming.argv))
}

fn get_ready(becoming: &Becoming<'_>) -> Result<(), Failure> {
    start_session()?;
    let null = file::open_path("/dev/null", OFlags::RDONLY).doing("open /dev/null")?;
    dup2_stdin(null).doing("make /dev/null the standard input")?;
    resources::limit().doing("limit the resources of the process")?;
    enter(becoming.image)?;
    drop_privileges(becoming.uid)?;
    keep_nothing()?;
    // As late as can be: it concerns nothing but the next execve.
    identity::set_pending(becoming.record).doing(IDENTITY)
}

const IDENTITY: &str = "give the identity";

fn start_session() -> Result<(), Failure> {
    setsid().doing("start a session").map(drop)
}

/// Nothing of the first process, neither the signals that it blocks nor the files that it has open,
/// is for the program that is executed.
fn keep_nothing() -> Result<(), Failure> {
    process::release_signals().doing("let signals through")?;
    process::close_on_exec_from(3).doing("close all files but the first three")
}

/// Executes the program that is the first of its arguments. Returns only on failure.
fn execute(argv: &Argv) -> Failure {
    argv.with(|argv| {
        let program = argv
            .split_first()
            .map_or(c"", |(program, _): (&CStr, _)| program);
        Failure {
            doing: "execute the program",
            error: process::exec(program, argv, Vector::empty()),
        }
    })
}

/// Makes the root of the image that of the process.
fn enter(image: &Image) -> Result<(), Failure> {
    fchdir(image.root()).doing("enter the image")?;
    chroot(".").doing("make the image the root directory")
}

/// Drops the bounding set first, which takes a capability, and the user that has them last.
fn drop_privileges(uid: u32) -> Result<(), Failure> {
    drop_bounding_set().doing("empty the bounding set of capabilities")?;
    let group = Gid::from_raw(uid);
    set_thread_groups(&[]).doing("leave all supplementary groups")?;
    set_thread_res_gid(group, group, group).doing("change the group")?;
    let user = Uid::from_raw(uid);
    set_thread_res_uid(user, user, user).doing("change the user")?;
    clear_ambient_capability_set().doing("empty the ambient set of capabilities")?;
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    set_capabilities(None, none).doing("give all capabilities up")?;
    set_no_new_privs(true).doing("forbid new privileges")
}

/// Drops every capability that this kernel knows, including those that came after this program.
fn drop_bounding_set() -> Result<(), Errno> {
    for bit in 0..u64::BITS {
        let capability = CapabilitySet::from_bits_retain(1 << bit);
        match remove_capability_from_bounding_set(capability) {
            Ok(()) => {}
            // The first that it does not know; they have no gaps.
            Err(Errno::INVAL) if bit > 0 => break,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
