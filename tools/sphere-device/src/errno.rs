// SPDX-License-Identifier: GPL-2.0

//! Error numbers in words.

use core::fmt;
use rustix::io::Errno;
use sphere_core::errno::name_and_meaning;

/// Says an error number by name and meaning: `EPERM (Operation not permitted)`.
#[derive(Clone, Copy)]
pub struct Words(pub Errno);

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.0.raw_os_error();
        // None is negative.
        match name_and_meaning(number.unsigned_abs()) {
            Some((name, meaning)) => write!(f, "{name} ({meaning})"),
            None => write!(f, "error {number}"),
        }
    }
}

/// What could not be done, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What could not be done, as in "cannot ...".
    pub doing: &'static str,
    /// What the kernel said.
    pub error: Errno,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {}: {}", self.doing, Words(self.error))
    }
}

/// Adds to an error what was being done.
pub trait Doing<T> {
    /// `doing` completes "cannot ...".
    ///
    /// # Errors
    ///
    /// Those of `self`.
    fn doing(self, doing: &'static str) -> Result<T, Failure>;
}

impl<T> Doing<T> for Result<T, Errno> {
    fn doing(self, doing: &'static str) -> Result<T, Failure> {
        self.map_err(|error| Failure { doing, error })
    }
}

/// The result of a raw system call, with the error type that all others have.
pub(crate) fn result<T>(result: Result<T, syscalls::Errno>) -> Result<T, Errno> {
    result.map_err(|error| Errno::from_raw_os_error(error.into_raw()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_explains() {
        let words = Words(Errno::PERM).to_string();
        assert_eq!(words, "EPERM (Operation not permitted)");
        let unknown = Words(Errno::from_raw_os_error(4000)).to_string();
        assert_eq!(unknown, "error 4000");
        // The numbers end here, and leave one out.
        for number in [41, 134] {
            let words = Words(Errno::from_raw_os_error(number)).to_string();
            assert_eq!(words, format!("error {number}"));
        }
    }

    #[test]
    fn all_words_are_those_of_the_kernels_headers() {
        for number in (1..=133).chain([524]) {
            let theirs = syscalls::Errno::new(number).name_and_description();
            assert_eq!(name_and_meaning(number.unsigned_abs()), theirs, "{number}");
        }
    }
}
