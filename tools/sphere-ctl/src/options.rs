// SPDX-License-Identifier: GPL-2.0

//! The command line of `sphere-ctl`.

use core::{ffi::CStr, fmt};
use sphere_core::mode::Mode;
use sphere_device::{args::Vector, text::Foreign};
use sphere_manage::control::Request;
use sphere_store::{name::Name, seal::Key};

/// What `--help` prints.
pub const HELP: &str = "\
usage: sphere-ctl [--securityfs DIR] COMMAND

Looks after the applications of this device, shows what Sphere does on it, and
sets what may be set. Only a manager
may: the first process, what it starts by sphere-run --manager, and what
sphere-init starts by its option --manager.

  apps                      the applications of this device, and what they do
  install FILE              write a signed image into flash, and run it: in place
                            of the old version, if there is one
  remove NAME               stop an application and take it out of flash
  start NAME                start an application that was stopped or has ended
  stop NAME                 stop an application until it is started, or the device
  keys                      whose signatures this device trusts
  keys trust KEY            trust one more key, 64 hexadecimal digits
  keys revoke KEY           trust a key no more, whoever does
  reset-registry --forget-versions
                            when the device does not know its applications any
                            more, take those that are installed for all

  status                    mode, lock, policy, what was denied, what to look at
  components [NAME|UUID]    who runs, what each may do, and what was denied it
  denials [--follow]        what was denied, from the kernel log, in words;
                            --follow waits for more
  syscalls                  numbers of system calls that were denied
  memory                    who has the memory of the device
  policy show               print the policy in force
  policy check FILE         say what is wrong with the policy in FILE; - is
                            standard input; works on every machine
  policy load FILE          check the policy in FILE and put it in force
  mode [enforcing|permissive|development]
                            print or set the mode; permissive refuses nothing,
                            development lets debuggers trace other applications
  lock --until-reboot       from now on the policy can only take away

  --securityfs DIR          where securityfs is mounted, if not where
                            /proc/mounts says
  --version                 print the version and end
  --help                    print this and end

Exit status: 0; 1 when something failed; 2 when the command line is wrong.";

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// Print [`HELP`].
    Help,
    /// Print the version.
    Version,
    /// Show the applications.
    Apps,
    /// Install the image in a file.
    Install(&'a CStr),
    /// Have the first process do something with an application.
    Ask(Request),
    /// Show the keys.
    Keys,
    /// Trust a key, or revoke it.
    SetKey {
        /// The key.
        key: Key,
        /// Whether it is revoked.
        revoked: bool,
    },
    /// Say what resetting the registry does, or do it.
    ResetRegistry {
        /// Whether it is meant.
        forget_versions: bool,
    },
    /// Show everything in short.
    Status,
    /// Show the components, or those that are called this.
    Components(Option<&'a str>),
    /// Show what was denied, and wait for more if so.
    Denials {
        /// Whether to wait for more.
        follow: bool,
    },
    /// Show which system calls were denied.
    Syscalls,
    /// Show who has the memory.
    Memory,
    /// Show the policy in force.
    PolicyShow,
    /// Check a policy.
    PolicyCheck(&'a CStr),
    /// Put a policy in force.
    PolicyLoad(&'a CStr),
    /// Show the mode, or set it.
    Mode(Option<Mode>),
    /// Say what locking does, or lock.
    Lock {
        /// Whether it is meant.
        until_reboot: bool,
    },
}

/// A command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options<'a> {
    /// Where securityfs is mounted.
    pub securityfs: Option<&'a str>,
    /// What to do.
    pub command: Command<'a>,
}

/// What is wrong with a command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsageError<'a> {
    /// An option that is not known, or not for this command.
    UnknownOption(&'a CStr),
    /// An option without its value.
    NoValue(&'a CStr),
    /// A command that is not known.
    UnknownCommand(&'a CStr),
    /// A command that needs one more word, one of these.
    Incomplete(&'a CStr, &'static str),
    /// A word that makes no sense where it stands.
    BadWord(&'a CStr, &'static str),
    /// A word too many.
    Surplus(&'a CStr),
    /// No command.
    NoCommand,
}

impl fmt::Display for UsageError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, text) = match *self {
            Self::UnknownOption(option) => (option, "unknown option"),
            Self::NoValue(option) => (option, "this option needs a value"),
            Self::UnknownCommand(command) => (command, "unknown command"),
            Self::Surplus(word) => (word, "this is one word too many"),
            Self::Incomplete(command, needs) => {
                return write!(f, "{}: needs {needs} after it", Foreign::from(command));
            }
            Self::BadWord(word, needs) => {
                return write!(f, "{}: here has to be {needs}", Foreign::from(word));
            }
            Self::NoCommand => return f.write_str("there is no command"),
        };
        write!(f, "{}: {text}", Foreign::from(what))
    }
}

/// Reads a command line.
///
/// # Errors
///
/// The first thing that is wrong.
pub fn parse(argv: Vector<'_>) -> Result<Options<'_>, UsageError<'_>> {
    let mut args = argv;
    // The name by which sphere-ctl was called.
    args.next();
    let mut securityfs = None;
    let command = loop {
        let arg = args.next().ok_or(UsageError::NoCommand)?;
        match arg.to_bytes() {
            b"--securityfs" => securityfs = Some(text(arg, args.next())?),
            b"--help" | b"-h" => break Command::Help,
            b"--version" | b"-V" => break Command::Version,
            [b'-', _, ..] => return Err(UsageError::UnknownOption(arg)),
            _ => break command(arg, &mut args)?,
        }
    };
    let whole = |command| matches!(command, Command::Help | Command::Version);
    match args.next() {
        Some(word) if !whole(command) => Err(surplus(word)),
        _ => Ok(Options {
            securityfs,
            command,
        }),
    }
}

fn surplus(word: &CStr) -> UsageError<'_> {
    match word.to_bytes() {
        [b'-', _, ..] => UsageError::UnknownOption(word),
        _ => UsageError::Surplus(word),
    }
}

fn text<'a>(option: &'a CStr, value: Option<&'a CStr>) -> Result<&'a str, UsageError<'a>> {
    let value = value.ok_or(UsageError::NoValue(option))?;
    value
        .to_str()
        .ok()
        .filter(|text| !text.is_empty())
        .ok_or(UsageError::BadWord(value, "a directory"))
}

fn command<'a>(word: &'a CStr, args: &mut Vector<'a>) -> Result<Command<'a>, UsageError<'a>> {
    Ok(match word.to_bytes() {
        b"apps" => Command::Apps,
        b"install" => Command::Install(args.next().ok_or(UsageError::Incomplete(word, "a FILE"))?),
        b"remove" => Command::Ask(Request::Remove(name(word, args)?)),
        b"start" => Command::Ask(Request::Start(name(word, args)?)),
        b"stop" => Command::Ask(Request::Stop(name(word, args)?)),
        b"keys" => keys(args)?,
        b"reset-registry" => Command::ResetRegistry {
            forget_versions: flag(args, c"--forget-versions")?,
        },
        b"status" => Command::Status,
        b"components" => Command::Components(match args.next() {
            None => None,
            Some(name) => Some(
                name.to_str()
                    .map_err(|_| UsageError::BadWord(name, "a name or a UUID"))?,
            ),
        }),
        b"denials" => Command::Denials {
            follow: flag(args, c"--follow")?,
        },
        b"syscalls" => Command::Syscalls,
        b"memory" => Command::Memory,
        b"policy" => policy(word, args)?,
        b"mode" => Command::Mode(args.next().map(mode).transpose()?),
        b"lock" => Command::Lock {
            until_reboot: flag(args, c"--until-reboot")?,
        },
        _ => return Err(UsageError::UnknownCommand(word)),
    })
}

fn name<'a>(word: &'a CStr, args: &mut Vector<'a>) -> Result<Name, UsageError<'a>> {
    let name = args.next().ok_or(UsageError::Incomplete(word, "a NAME"))?;
    let text = name.to_str().ok();
    text.and_then(|text| Name::new(text).ok())
        .ok_or(UsageError::BadWord(name, "the name of an application"))
}

fn keys<'a>(args: &mut Vector<'a>) -> Result<Command<'a>, UsageError<'a>> {
    const WORDS: &str = "trust or revoke";

    let Some(what) = args.next() else {
        return Ok(Command::Keys);
    };
    let revoked = match what.to_bytes() {
        b"trust" => false,
        b"revoke" => true,
        _ => return Err(UsageError::BadWord(what, WORDS)),
    };
    let word = args.next().ok_or(UsageError::Incomplete(what, "a KEY"))?;
    let text = word.to_str().unwrap_or("");
    let key = sphere_store::keys::key(text)
        .map_err(|_| UsageError::BadWord(word, "a public key, 64 hexadecimal digits"))?;
    Ok(Command::SetKey { key, revoked })
}

/// Whether the next word is `name`.
fn flag<'a>(args: &mut Vector<'a>, name: &CStr) -> Result<bool, UsageError<'a>> {
    match args.next() {
        None => Ok(false),
        Some(word) if word == name => Ok(true),
        Some(word) => Err(surplus(word)),
    }
}

fn mode(word: &CStr) -> Result<Mode, UsageError<'_>> {
    Mode::from_name(word.to_bytes()).ok_or(UsageError::BadWord(
        word,
        "enforcing, permissive or development",
    ))
}

fn policy<'a>(word: &'a CStr, args: &mut Vector<'a>) -> Result<Command<'a>, UsageError<'a>> {
    const WORDS: &str = "show, check or load";

    let what = args.next().ok_or(UsageError::Incomplete(word, WORDS))?;
    match what.to_bytes() {
        b"show" => Ok(Command::PolicyShow),
        b"check" => file(what, args).map(Command::PolicyCheck),
        b"load" => file(what, args).map(Command::PolicyLoad),
        _ => Err(UsageError::BadWord(what, WORDS)),
    }
}

fn file<'a>(what: &'a CStr, args: &mut Vector<'a>) -> Result<&'a CStr, UsageError<'a>> {
    args.next().ok_or(UsageError::Incomplete(
        what,
        "a FILE, or - for standard input,",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sphere_device::args::ArgBuffer;

    const KEY: &str = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";

    /// What the rest of a command line says.
    fn parsed(rest: &[&str]) -> String {
        let mut argv = ArgBuffer::<16, 256>::new();
        argv.push("sphere-ctl").unwrap();
        for arg in rest {
            argv.push(arg).unwrap();
        }
        argv.with(|argv| match parse(argv) {
            Ok(options) => format!("{:?} {:?}", options.securityfs, options.command),
            Err(error) => format!("error: {error}"),
        })
    }

    #[test]
    fn reads_commands() {
        for (args, expected) in [
            (&["status"][..], "None Status"),
            (&["--securityfs", "/s", "status"], "Some(\"/s\") Status"),
            (&["components"], "None Components(None)"),
            (
                &["components", "gas-valve"],
                "None Components(Some(\"gas-valve\"))",
            ),
            (&["apps"], "None Apps"),
            (&["install", "a.img"], "None Install(\"a.img\")"),
            (&["stop", "valve"], "None Ask(Stop(\"valve\"))"),
            (&["start", "valve"], "None Ask(Start(\"valve\"))"),
            (&["remove", "valve"], "None Ask(Remove(\"valve\"))"),
            (&["keys"], "None Keys"),
            (
                &["keys", "revoke", KEY],
                &format!("None SetKey {{ key: {KEY}, revoked: true }}"),
            ),
            (
                &["keys", "trust", KEY],
                &format!("None SetKey {{ key: {KEY}, revoked: false }}"),
            ),
            (&["denials"], "None Denials { follow: false }"),
            (&["denials", "--follow"], "None Denials { follow: true }"),
            (&["syscalls"], "None Syscalls"),
            (&["memory"], "None Memory"),
            (&["policy", "show"], "None PolicyShow"),
            (&["policy", "load", "-"], "None PolicyLoad(\"-\")"),
            (&["policy", "check", "p"], "None PolicyCheck(\"p\")"),
            (&["mode"], "None Mode(None)"),
            (&["mode", "permissive"], "None Mode(Some(Permissive))"),
            (&["mode", "development"], "None Mode(Some(Development))"),
            (&["lock"], "None Lock { until_reboot: false }"),
            (
                &["lock", "--until-reboot"],
                "None Lock { until_reboot: true }",
            ),
            (
                &["reset-registry"],
                "None ResetRegistry { forget_versions: false }",
            ),
            (
                &["reset-registry", "--forget-versions"],
                "None ResetRegistry { forget_versions: true }",
            ),
            (&["--help", "status", "x"], "None Help"),
            (&["-V"], "None Version"),
        ] {
            assert_eq!(parsed(args), expected, "{args:?}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (args, error) in [
            (&[][..], "there is no command"),
            (&["--securityfs"], "--securityfs: this option needs a value"),
            (
                &["--securityfs", "", "status"],
                ": here has to be a directory",
            ),
            (&["--color", "status"], "--color: unknown option"),
            (&["stat"], "stat: unknown command"),
            (&["status", "x"], "x: this is one word too many"),
            (&["status", "--follow"], "--follow: unknown option"),
            (&["components", "a", "b"], "b: this is one word too many"),
            (&["denials", "follow"], "follow: this is one word too many"),
            (&["install"], "install: needs a FILE after it"),
            (&["stop"], "stop: needs a NAME after it"),
            (
                &["stop", "../x"],
                "../x: here has to be the name of an application",
            ),
            (&["start", "a", "b"], "b: this is one word too many"),
            (&["keys", "add"], "add: here has to be trust or revoke"),
            (&["keys", "trust"], "trust: needs a KEY after it"),
            (&["keys", "trust", "00"], "00: here has to be a public key"),
            (&["policy"], "policy: needs show, check or load after it"),
            (&["policy", "load"], "load: needs a FILE"),
            (&["policy", "check"], "check: needs a FILE"),
            (
                &["policy", "drop"],
                "drop: here has to be show, check or load",
            ),
            (
                &["policy", "load", "a", "b"],
                "b: this is one word too many",
            ),
            (
                &["mode", "off"],
                "off: here has to be enforcing, permissive or development",
            ),
            (&["lock", "--yes"], "--yes: unknown option"),
            (&["reset-registry", "now"], "now: this is one word too many"),
        ] {
            let words = parsed(args);
            assert!(words.starts_with("error: "), "{args:?}: {words}");
            assert!(words.contains(error), "{args:?}: {words}");
        }
    }
}
