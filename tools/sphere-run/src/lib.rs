// SPDX-License-Identifier: GPL-2.0

//! The command line of `sphere-run`.

#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

use core::{ffi::CStr, fmt};
use sphere_device::{args::Vector, text::Foreign};

/// What `--help` prints.
pub const HELP: &str = "\
usage: sphere-run [--uid N] [--gid N] RECORD -- PROGRAM [ARGUMENT]...
       sphere-run [--uid N] [--gid N] --manager -- PROGRAM [ARGUMENT]...

Executes PROGRAM with the identity that is written in the file RECORD.
Only a manager may do that. PROGRAM is a path; PATH is not searched.

  --manager   make PROGRAM a manager
  --uid N     run as user N; without --gid also as group N
  --gid N     run as group N
  --help      print this and end

Exit status: that of PROGRAM; 125 when sphere-run failed, 126 when PROGRAM
could not be executed, 127 when there is no PROGRAM.";

/// The identity to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Giving<'a> {
    /// What is written in this file.
    Record(&'a CStr),
    /// That of a manager.
    Manager,
}

/// What to execute, and as whom.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    /// With this identity.
    pub giving: Giving<'a>,
    /// As this user.
    pub uid: Option<u32>,
    /// As this group.
    pub gid: Option<u32>,
    /// Path of the program.
    pub program: &'a CStr,
    /// Its arguments, the path the first of them.
    pub argv: Vector<'a>,
}

/// A command line.
#[derive(Clone, Copy)]
pub enum Command<'a> {
    /// Print [`HELP`].
    Help,
    /// Execute a program.
    Run(Run<'a>),
}

/// What is wrong with a command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsageError<'a> {
    /// An option that is not known.
    UnknownOption(&'a CStr),
    /// An option without its value.
    NoValue(&'a CStr),
    /// A value that is no user or group.
    BadNumber(&'a CStr),
    /// A second record, or a record besides `--manager`.
    SecondIdentity(&'a CStr),
    /// No record and no `--manager`.
    NoIdentity,
    /// No `--` with a program after it.
    NoProgram,
}

impl fmt::Display for UsageError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, text) = match self {
            Self::UnknownOption(option) => (option, "unknown option"),
            Self::NoValue(option) => (option, "this option needs a value"),
            Self::BadNumber(value) => (value, "this is not a user or group number"),
            Self::SecondIdentity(what) => (what, "only one identity can be given"),
            Self::NoIdentity => return f.write_str("there is neither a RECORD nor --manager"),
            Self::NoProgram => return f.write_str("there is no `--` with a PROGRAM after it"),
        };
        write!(f, "{}: {text}", Foreign::from(*what))
    }
}

/// Reads a command line.
///
/// # Errors
///
/// The first thing that is wrong.
pub fn parse(argv: Vector<'_>) -> Result<Command<'_>, UsageError<'_>> {
    let mut args = argv;
    let (mut giving, mut uid, mut gid) = (None, None, None);
    // The name by which sphere-run was called.
    args.next();
    while let Some(arg) = args.next() {
        let given = match arg.to_bytes() {
            b"--help" | b"-h" => return Ok(Command::Help),
            b"--uid" => {
                uid = Some(number(arg, args.next())?);
                continue;
            }
            b"--gid" => {
                gid = Some(number(arg, args.next())?);
                continue;
            }
            b"--" => return run(giving, uid, gid, args).map(Command::Run),
            b"--manager" => Giving::Manager,
            [b'-', _, ..] => return Err(UsageError::UnknownOption(arg)),
            _ => Giving::Record(arg),
        };
        if giving.replace(given).is_some() {
            return Err(UsageError::SecondIdentity(arg));
        }
    }
    Err(UsageError::NoProgram)
}

fn run<'a>(
    giving: Option<Giving<'a>>,
    uid: Option<u32>,
    gid: Option<u32>,
    argv: Vector<'a>,
) -> Result<Run<'a>, UsageError<'a>> {
    let (program, _) = argv.split_first().ok_or(UsageError::NoProgram)?;
    Ok(Run {
        giving: giving.ok_or(UsageError::NoIdentity)?,
        uid,
        gid: gid.or(uid),
        program,
        argv,
    })
}

/// A user or group; the kernel takes the largest number for none at all.
fn number<'a>(option: &'a CStr, value: Option<&'a CStr>) -> Result<u32, UsageError<'a>> {
    let value = value.ok_or(UsageError::NoValue(option))?;
    value
        .to_str()
        .ok()
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|text| text.parse().ok())
        .filter(|&number| number != u32::MAX)
        .ok_or(UsageError::BadNumber(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sphere_device::args::ArgBuffer;

    /// What the rest of a command line says, in one string.
    fn parsed(rest: &[&str]) -> String {
        let mut argv = ArgBuffer::<16, 256>::new();
        argv.push("sphere-run").unwrap();
        for arg in rest {
            argv.push(arg).unwrap();
        }
        argv.with(|argv| match parse(argv) {
            Ok(Command::Help) => "help".to_owned(),
            Ok(Command::Run(run)) => format!(
                "{:?} {:?} {:?} {:?} {:?}",
                run.giving,
                run.uid,
                run.gid,
                run.program,
                run.argv.collect::<Vec<_>>()
            ),
            Err(error) => format!("error: {error}"),
        })
    }

    #[test]
    fn reads_what_to_run() {
        assert_eq!(
            parsed(&["id.rec", "--", "/bin/app", "-v", "--"]),
            r#"Record("id.rec") None None "/bin/app" ["/bin/app", "-v", "--"]"#
        );
        assert_eq!(
            parsed(&["--uid", "7", "--manager", "--", "p"]),
            r#"Manager Some(7) Some(7) "p" ["p"]"#
        );
        assert_eq!(
            parsed(&["r", "--gid", "8", "--uid", "0", "--", "p"]),
            r#"Record("r") Some(0) Some(8) "p" ["p"]"#
        );
        assert_eq!(parsed(&["--uid", "7", "--help"]), "help");
    }

    #[test]
    fn says_what_is_wrong() {
        for (args, error) in [
            (&[][..], "there is no `--`"),
            (&["r"], "there is no `--`"),
            (&["r", "--"], "there is no `--`"),
            (&["--", "p"], "neither a RECORD nor"),
            (&["r", "s", "--", "p"], "s: only one"),
            (&["r", "--manager", "--", "p"], "--manager: only one"),
            (&["--user", "7"], "--user: unknown"),
            (&["--uid"], "--uid: this option needs a value"),
            (&["--uid", "root"], "root: this is not a user"),
            (&["--uid", "+1"], "+1: this is not a user"),
            (&["--uid", ""], ": this is not a user"),
            (&["--gid", "4294967295"], "4294967295: this is not a"),
            (&["--gid", "4294967296"], "4294967296: this is not a"),
        ] {
            let words = parsed(args);
            assert!(words.starts_with("error: "), "{args:?}: {words}");
            assert!(words.contains(error), "{args:?}: {words}");
        }
    }
}
