// SPDX-License-Identifier: GPL-2.0

//! `sphere-run`: executes a program with an identity. See [`sphere_run::HELP`].

#![no_std]
#![no_main]

use core::{ffi::CStr, fmt};
use rustix::{
    fs::OFlags,
    io::Errno,
    process::{Gid, Uid},
    thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid},
};
use sphere_core::record::{RECORD_MAX, Record, RecordError};
use sphere_device::{
    args::{Args, Vector},
    console::Console,
    errno::{Doing, Failure, Words},
    file,
    identity::{self, KernelWords},
    process, say,
    text::Foreign,
};
use sphere_run::{Command, Giving, HELP, Run, parse};

const PREFIX: &str = "sphere-run: ";

/// Exit statuses, those of env(1).
const FAILED: u8 = 125;
const NOT_EXECUTABLE: u8 = 126;
const NOT_FOUND: u8 = 127;

/// Why the program is not executed.
enum RunError<'a> {
    File(&'a CStr, Failure),
    Record(&'a CStr, RecordError),
    Identity(Errno),
    User(Failure),
    Program(&'a CStr, Errno),
}

impl RunError<'_> {
    fn status(&self) -> u8 {
        match self {
            Self::Program(_, Errno::NOENT) => NOT_FOUND,
            Self::Program(..) => NOT_EXECUTABLE,
            _ => FAILED,
        }
    }
}

impl fmt::Display for RunError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::File(path, failure) => write!(f, "{}: {failure}", Foreign::from(path)),
            Self::Record(path, error) => write!(f, "{}: {error}", Foreign::from(path)),
            Self::Identity(error) => {
                write!(f, "cannot give an identity: {}", KernelWords(error))?;
                if error == Errno::PERM {
                    f.write_str("; only a manager may")?;
                }
                Ok(())
            }
            Self::User(failure) => write!(f, "{failure}"),
            Self::Program(path, error) => {
                write!(
                    f,
                    "cannot execute {}: {}",
                    Foreign::from(path),
                    Words(error)
                )
            }
        }
    }
}

fn main(args: Args) -> u8 {
    match parse(args.argv) {
        Ok(Command::Help) => {
            say!(Console::stdout(""), "{HELP}");
            0
        }
        Ok(Command::Run(command)) => {
            let error = run(&command, args.envp);
            say!(Console::stderr(PREFIX), "{error}");
            error.status()
        }
        Err(error) => {
            say!(Console::stderr(PREFIX), "{error}; see sphere-run --help");
            FAILED
        }
    }
}

/// Returns only on failure.
fn run<'a>(command: &Run<'a>, envp: Vector<'_>) -> RunError<'a> {
    match prepare(command) {
        Ok(()) => {}
        Err(error) => return error,
    }
    RunError::Program(
        command.program,
        process::exec(command.program, command.argv, envp),
    )
}

fn prepare<'a>(command: &Run<'a>) -> Result<(), RunError<'a>> {
    give(command.giving)?;
    become_user(command.uid, command.gid).map_err(RunError::User)
}

fn give(giving: Giving<'_>) -> Result<(), RunError<'_>> {
    let path = match giving {
        Giving::Manager => return identity::set_pending_manager().map_err(RunError::Identity),
        Giving::Record(path) => path,
    };
    let mut buffer = [0; RECORD_MAX];
    let bytes = file::open_path(path, OFlags::RDONLY)
        .doing("open the file")
        .and_then(|file| file::read_whole(file, &mut buffer))
        .map_err(|failure| RunError::File(path, failure))?;
    let record = Record::parse(bytes).map_err(|error| RunError::Record(path, error))?;
    identity::set_pending(&record).map_err(RunError::Identity)
}

/// Real, effective and saved at once: an application's must not differ.
fn become_user(uid: Option<u32>, gid: Option<u32>) -> Result<(), Failure> {
    if let Some(gid) = gid.map(Gid::from_raw) {
        set_thread_groups(&[]).doing("leave all supplementary groups")?;
        set_thread_res_gid(gid, gid, gid).doing("change the group")?;
    }
    if let Some(uid) = uid.map(Uid::from_raw) {
        set_thread_res_uid(uid, uid, uid).doing("change the user")?;
    }
    Ok(())
}

sphere_start::entry!(main);
