// SPDX-License-Identifier: GPL-2.0

//! How a process ended.

use core::fmt;

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It ended itself, with this status.
    Exited(u8),
    /// This signal ended it.
    Killed(u8),
}

impl Outcome {
    /// Reads what wait(2) says of a process. `None` if it has not ended, but stopped or gone on:
    /// wait(2) says so of a process that is traced, even if it was not asked for.
    pub fn from_wait_status(status: u32) -> Option<Self> {
        match status & 0x7f {
            // The status has one byte.
            0 => Some(Self::Exited((status >> 8) as u8)),
            0x7f => None,
            signal => Some(Self::Killed(signal as u8)),
        }
    }

    /// Whether it did what it was there for.
    pub fn is_success(self) -> bool {
        self == Self::Exited(0)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Exited(0) => f.write_str("finished"),
            Self::Exited(status) => write!(f, "ended with status {status}"),
            Self::Killed(signal) => {
                write!(f, "killed by signal {signal}")?;
                match signal_name(signal) {
                    Some(name) => write!(f, " ({name})"),
                    None => Ok(()),
                }
            }
        }
    }
}

/// How an application ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// How its first process ended.
    pub outcome: Outcome,
    /// What was used up, if it was ended for that.
    pub out_of_memory: Option<OutOfMemory>,
}

impl From<Outcome> for Ending {
    fn from(outcome: Outcome) -> Self {
        Self {
            outcome,
            out_of_memory: None,
        }
    }
}

/// Memory that is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutOfMemory {
    /// What the application may have, in KiB.
    Own(u64),
    /// What the machine has.
    Machine,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.outcome.fmt(f)?;
        match self.out_of_memory {
            Some(OutOfMemory::Own(limit)) => {
                write!(f, ": it needed more than its {limit} KiB of memory")
            }
            Some(OutOfMemory::Machine) => f.write_str(": the machine had no memory left"),
            None => Ok(()),
        }
    }
}

/// The signals that end programs. Their numbers are the same on all architectures of Sphere.
fn signal_name(signal: u8) -> Option<&'static str> {
    Some(match signal {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        10 => "SIGUSR1",
        11 => "SIGSEGV",
        12 => "SIGUSR2",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        31 => "SIGSYS",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_wait_status() {
        for (status, outcome) in [
            (0, Some(Outcome::Exited(0))),
            (7 << 8, Some(Outcome::Exited(7))),
            (255 << 8, Some(Outcome::Exited(255))),
            (9, Some(Outcome::Killed(9))),
            // With a core dump.
            (0x80 | 11, Some(Outcome::Killed(11))),
            // Stopped by SIGSTOP, and gone on.
            (19 << 8 | 0x7f, None),
            (0xffff, None),
        ] {
            assert_eq!(Outcome::from_wait_status(status), outcome);
        }
    }

    #[test]
    fn says_it_in_words() {
        assert_eq!(Outcome::Exited(0).to_string(), "finished");
        assert_eq!(Outcome::Exited(3).to_string(), "ended with status 3");
        let segv = Outcome::Killed(11).to_string();
        assert_eq!(segv, "killed by signal 11 (SIGSEGV)");
        assert_eq!(Outcome::Killed(64).to_string(), "killed by signal 64");
    }

    #[test]
    fn says_that_memory_was_the_reason() {
        let outcome = Outcome::Killed(9);
        let ending = |out_of_memory| {
            let ending = Ending {
                outcome,
                out_of_memory,
            };
            ending.to_string()
        };
        assert_eq!(ending(None), "killed by signal 9 (SIGKILL)");
        assert_eq!(
            ending(Some(OutOfMemory::Own(512))),
            "killed by signal 9 (SIGKILL): it needed more than its 512 KiB of memory"
        );
        assert_eq!(
            ending(Some(OutOfMemory::Machine)),
            "killed by signal 9 (SIGKILL): the machine had no memory left"
        );
    }
}
