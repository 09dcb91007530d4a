// SPDX-License-Identifier: GPL-2.0

//! What can fail, in words.

use core::{ffi::CStr, fmt};
use sphere_core::{mode::Mode, policy::PolicyError as Mistake, policy_check::At};
use sphere_ctl::room::NoRoom;
use sphere_device::{
    errno::Failure,
    securityfs::{FileError, OpenError, PolicyError},
    text::Foreign,
};
use sphere_manage::{control::AskError, registry::LoadError, trust::TrustError};
use sphere_store::{check::Refusal, registry::Unregistered, slot::SlotError};

/// Why a command is not done.
pub enum CtlError<'a> {
    /// There is no directory of Sphere.
    Directory {
        /// Why not.
        error: OpenError,
        /// Where it had to be.
        given: Option<&'a str>,
    },
    /// A file in it could not be used.
    File(FileError),
    /// A file that the command line names could not be read.
    Input(&'a CStr, Failure),
    /// There is a mistake in a policy.
    Mistake(&'a CStr, Mistake),
    /// A policy was refused.
    Policy(&'a CStr, PolicyError<'a>),
    /// No component is called this.
    NoComponent(&'a str),
    /// The log could not be read.
    Log(Failure),
    /// What procfs says could not be read.
    Processes(Failure),
    /// The first process has not done what it was asked for.
    Ask(AskError<'a>),
    /// An image is refused.
    Refused(&'a CStr, Refusal<Failure>),
    /// An image is refused by what the device remembers.
    Unregistered(&'a CStr, Unregistered),
    /// What the device remembers cannot be read.
    Registry(LoadError),
    /// The keys cannot be used.
    Trust(TrustError),
    /// There is no slot for an image.
    NoRoom(NoRoom),
    /// A slot could not be written.
    Slot(u32, SlotError<Failure, Failure>),
    /// The slots cannot be used.
    Slots(Failure),
    /// The owner's keys cannot be changed.
    Keys(Failure),
    /// A key that was revoked was to be trusted.
    Revoked,
    /// The kernel does not have this mode.
    NoMode(Mode),
    /// What is locked cannot be changed.
    Locked,
    /// A command without what shows that it is meant, and what it does.
    NotMeant(&'static str),
}

impl<'a> From<AskError<'a>> for CtlError<'a> {
    fn from(error: AskError<'a>) -> Self {
        Self::Ask(error)
    }
}

impl From<TrustError> for CtlError<'_> {
    fn from(error: TrustError) -> Self {
        Self::Trust(error)
    }
}

impl From<FileError> for CtlError<'_> {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl fmt::Display for CtlError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory { error, given: None } => error.fmt(f),
            Self::Directory {
                error,
                given: Some(path),
            } => {
                let path = Foreign(path.as_bytes());
                write!(f, "{path}: {error}")?;
                match error {
                    OpenError::NoSphere => write!(
                        f,
                        ", or nothing is mounted there: mount -t securityfs securityfs {path}"
                    ),
                    _ => Ok(()),
                }
            }
            Self::File(error) => error.fmt(f),
            Self::Input(path, failure) => write!(f, "{}: {failure}", Foreign::from(*path)),
            Self::Policy(path, error) => write!(f, "{}{error}", Foreign::from(*path)),
            Self::Mistake(path, mistake) => {
                let place = At(Foreign::from(*path), mistake.line);
                write!(f, "{place}: {}", mistake.reason.text())
            }
            Self::NoComponent(name) => write!(
                f,
                "{}: no component that runs has this name or id; sphere-ctl components shows all",
                Foreign(name.as_bytes())
            ),
            Self::Log(failure) => write!(
                f,
                "{failure}; only a manager may, and where auditing is on, what was denied is in \
                 the audit log"
            ),
            Self::Processes(failure) => write!(f, "{failure}"),
            Self::Ask(error) => error.fmt(f),
            Self::Refused(path, refusal) => write!(f, "{}: {refusal}", Foreign::from(*path)),
            Self::Unregistered(path, reason) => write!(f, "{}: {reason}", Foreign::from(*path)),
            Self::Registry(error) => {
                write!(
                    f,
                    "{error}; sphere-ctl reset-registry says what can be done"
                )
            }
            Self::Trust(error) => error.fmt(f),
            Self::NoRoom(why) => why.fmt(f),
            Self::Slot(number, error) => write!(f, "mtd{number}: {error}"),
            Self::Slots(failure) => failure.fmt(f),
            Self::Keys(failure) => write!(f, "the owner's keys: {failure}"),
            Self::Revoked => f.write_str(
                "this key was revoked, which stays so: whoever has it may have signed anything",
            ),
            Self::NoMode(mode) => {
                let option = match mode {
                    Mode::Development => "DEVELOPMENT",
                    Mode::Enforcing | Mode::Permissive => "PERMISSIVE",
                };
                let mode = mode.name();
                write!(
                    f,
                    "this kernel has no {mode} mode: it is built without \
                     CONFIG_SECURITY_SPHERE_{option}"
                )
            }
            Self::Locked => f.write_str("Sphere is locked: the mode stays enforcing until reboot"),
            Self::NotMeant(what) => f.write_str(what),
        }
    }
}
