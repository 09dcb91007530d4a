// SPDX-License-Identifier: GPL-2.0

//! What Sphere has in securityfs: where it is, and reading and writing its files.

use crate::{
    errno::{Doing, Failure, Words},
    file,
    lines::Lines,
    text::{Foreign, Text},
};
use core::fmt;
use rustix::{
    fd::OwnedFd,
    fs::OFlags,
    io::{Errno, write},
};
use sphere_core::policy::POLICY_MAX;

/// Where securityfs is mounted usually.
pub const USUAL: &str = "/sys/kernel/security";
/// The file with the policy in force.
pub const POLICY: &str = "policy";
/// The file that says why the last policy was refused.
pub const POLICY_ERROR: &str = "policy_error";
/// The file that says whether the policy is locked.
pub const LOCK: &str = "lock";

/// A path.
pub type Path = Text<256>;

/// Why there is no directory of Sphere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// securityfs is not mounted anywhere.
    NotMounted,
    /// It is, and has no directory of Sphere.
    NoSphere,
    /// It could not be opened.
    Failure(Failure),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotMounted => write!(
                f,
                "securityfs is not mounted: mount -t securityfs securityfs {USUAL}"
            ),
            Self::NoSphere => f.write_str(
                "there is no directory sphere in securityfs: this kernel has no Sphere, or it is \
                 not in the list that lsm= names",
            ),
            Self::Failure(failure) => failure.fmt(f),
        }
    }
}

/// A file of Sphere that could not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileError {
    /// Its name.
    pub file: &'static str,
    /// Why.
    pub failure: Failure,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sphere/{}: {}", self.file, self.failure)?;
        f.write_str(match self.failure.error {
            Errno::PERM => {
                "; only a manager may: the first process, and what it starts by sphere-run \
                 --manager"
            }
            Errno::ACCESS => "; only root may, as manager",
            Errno::NOENT => "; this kernel's Sphere does not have it",
            _ => "",
        })
    }
}

/// The directory of Sphere.
pub struct Directory(OwnedFd);

impl Directory {
    /// Opens the directory in the securityfs that is mounted where `/proc/mounts` says, or at
    /// [`USUAL`].
    ///
    /// # Errors
    ///
    /// Without securityfs, and without Sphere in it.
    pub fn find() -> Result<Self, OpenError> {
        match find_mount() {
            Some(mount) => Self::at(mount.as_str()),
            None => Self::at(USUAL).map_err(|error| match error {
                OpenError::NoSphere => OpenError::NotMounted,
                error => error,
            }),
        }
    }

    /// Opens the directory in the securityfs that is mounted at `mount`.
    ///
    /// # Errors
    ///
    /// Without Sphere, or when nothing is mounted there: the two look the same.
    pub fn at(mount: &str) -> Result<Self, OpenError> {
        let path = Path::format(format_args!("{mount}/sphere")).ok_or(Errno::NAMETOOLONG);
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        match path.and_then(|path| file::open_path(path.as_str(), flags)) {
            Ok(directory) => Ok(Self(directory)),
            Err(Errno::NOENT) => Err(OpenError::NoSphere),
            Err(error) => Err(error)
                .doing("open the directory of Sphere")
                .map_err(OpenError::Failure),
        }
    }

    fn open_file(&self, name: &'static str, flags: OFlags) -> Result<OwnedFd, FileError> {
        file::open(&self.0, name, flags)
            .doing("open the file")
            .map_err(|failure| FileError {
                file: name,
                failure,
            })
    }

    /// Reads a file as a whole.
    ///
    /// # Errors
    ///
    /// `EPERM` for others than managers, `EFBIG` when the buffer is too small.
    pub fn read<'b>(
        &self,
        name: &'static str,
        buffer: &'b mut [u8],
    ) -> Result<&'b [u8], FileError> {
        let file = self.open_file(name, OFlags::RDONLY)?;
        file::read_whole(file, buffer).map_err(|failure| FileError {
            file: name,
            failure,
        })
    }

    /// Opens a file to read it line by line.
    ///
    /// # Errors
    ///
    /// `EPERM` for others than managers.
    pub fn lines<const N: usize>(
        &self,
        name: &'static str,
    ) -> Result<Lines<OwnedFd, N>, FileError> {
        self.open_file(name, OFlags::RDONLY).map(Lines::new)
    }

    /// Writes a file with one call.
    ///
    /// # Errors
    ///
    /// What the kernel says about it.
    pub fn write(&self, name: &'static str, bytes: &[u8]) -> Result<(), FileError> {
        let file = self.open_file(name, OFlags::WRONLY)?;
        // The kernel takes all of it or nothing.
        let result = match write(file, bytes) {
            Ok(written) if written != bytes.len() => Err(Errno::IO),
            result => result,
        };
        result
            .doing("write the file")
            .map(drop)
            .map_err(|failure| FileError {
                file: name,
                failure,
            })
    }

    /// Makes `policy` the policy in force. If it is refused, the reason is put into `buffer`.
    ///
    /// # Errors
    ///
    /// What is wrong with it, as far as the kernel says.
    pub fn load_policy<'b>(
        &self,
        policy: &[u8],
        buffer: &'b mut [u8; REASON_MAX],
    ) -> Result<(), PolicyError<'b>> {
        let Err(error) = self.write(POLICY, policy) else {
            return Ok(());
        };
        // After other errors, the file speaks of an earlier policy.
        let is_told = matches!(
            error.failure.error,
            Errno::INVAL | Errno::PERM | Errno::OPNOTSUPP
        );
        let reason = if is_told {
            self.read(POLICY_ERROR, buffer).ok()
        } else {
            None
        };
        Err(PolicyError {
            error,
            reason: reason
                .and_then(|bytes| core::str::from_utf8(bytes.trim_ascii()).ok())
                .filter(|text| !text.is_empty()),
        })
    }
}

/// Bytes of the longest reason that the kernel gives.
pub const REASON_MAX: usize = 256;

/// Why a policy was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyError<'a> {
    /// What write(2) said.
    pub error: FileError,
    /// What the kernel had to say.
    pub reason: Option<&'a str>,
}

/// Completes "FILE".
impl fmt::Display for PolicyError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(reason) = self.reason else {
            return match self.error.failure.error {
                Errno::FBIG => write!(f, ": a policy has at most {POLICY_MAX} bytes"),
                Errno::OPNOTSUPP => f.write_str(
                    ": this kernel takes no policy: it has no CONFIG_SECURITY_SPHERE_POLICY",
                ),
                _ => write!(f, ": {}", self.error),
            };
        };
        // `line 3: no such gate`.
        let place = reason
            .strip_prefix("line ")
            .and_then(|rest| rest.split_once(':'));
        let (line, reason) = match place {
            Some((line, reason)) => (Some(line), reason.trim_ascii_start()),
            None => (None, reason),
        };
        if let Some(line) = line {
            write!(f, ":{}", Foreign(line.as_bytes()))?;
        }
        write!(
            f,
            ": {}: {}",
            Foreign(reason.as_bytes()),
            Words(self.error.failure.error)
        )
    }
}

/// Where securityfs is mounted, as `/proc/mounts` says.
fn find_mount() -> Option<Path> {
    let file = file::open_path("/proc/mounts", OFlags::RDONLY).ok()?;
    let mut lines = Lines::<_, 1024>::new(file);
    while let Ok(Some(line)) = lines.next_line() {
        if let Some(path) = mount_point(line, "securityfs") {
            return Some(path);
        }
    }
    None
}

/// Where the file system of a line of `/proc/mounts` is mounted, if it is of this type.
fn mount_point(line: &str, kind: &str) -> Option<Path> {
    let mut fields = line.split(' ').skip(1);
    let (path, found) = (fields.next()?, fields.next()?);
    if found != kind {
        return None;
    }
    let mut plain = [0; 256];
    let mut len = 0;
    let mut rest = path.as_bytes();
    while let [first, after @ ..] = rest {
        let (byte, after) = match rest {
            // A space, and what else would split the line.
            [
                b'\\',
                a @ b'0'..=b'3',
                b @ b'0'..=b'7',
                c @ b'0'..=b'7',
                after @ ..,
            ] => ((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'), after),
            _ => (*first, after),
        };
        *plain.get_mut(len)? = byte;
        len += 1;
        rest = after;
    }
    let path = core::str::from_utf8(plain.get(..len)?).ok()?;
    Path::format(format_args!("{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(line: &str) -> Option<String> {
        mount_point(line, "securityfs").map(|path| path.to_string())
    }

    #[test]
    fn mount_points_are_found() {
        let usual = "securityfs /sys/kernel/security securityfs rw,nosuid 0 0";
        assert_eq!(point(usual).as_deref(), Some("/sys/kernel/security"));
        assert_eq!(
            point("none /a\\040b\\134c securityfs rw 0 0").as_deref(),
            Some("/a b\\c")
        );
        assert_eq!(
            point("none /a\\04 securityfs rw 0 0").as_deref(),
            Some("/a\\04")
        );
        for other in [
            "",
            "a",
            "a b",
            "securityfs /sys/kernel/security sysfs rw 0 0",
            "a /a\\377 securityfs",
        ] {
            assert_eq!(point(other), None, "{other:?}");
        }
        assert_eq!(point(&format!("a /{} securityfs", "x".repeat(256))), None);
    }

    #[test]
    fn a_refused_policy_is_explained_with_its_line() {
        let words = |error, reason: &str| {
            let reason = Some(reason).filter(|text| !text.is_empty());
            let error = FileError {
                file: POLICY,
                failure: Failure {
                    doing: "write the file",
                    error,
                },
            };
            PolicyError { error, reason }.to_string()
        };
        let at_line = words(Errno::INVAL, "line 3: no such gate");
        assert!(
            at_line.starts_with(":3: no such gate: EINVAL ("),
            "{at_line}"
        );
        let locked = words(Errno::PERM, "locked: it grants more");
        assert!(
            locked.starts_with(": locked: it grants more: EPERM"),
            "{locked}"
        );
        assert!(words(Errno::PERM, "").contains("only a manager"));
        assert!(words(Errno::FBIG, "").contains("at most 16384 bytes"));
        assert!(!words(Errno::INVAL, "line 1: \u{1b}[2J").contains('\u{1b}'));
    }
}
