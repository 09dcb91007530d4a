// SPDX-License-Identifier: GPL-2.0

//! An application of the device, and what it does.

use crate::store::Place;
use core::{fmt, time::Duration};
use rustix::process::Pid;
use sphere_device::clock;
use sphere_init::restart::Crashes;
use sphere_store::seal::Release;

/// What an application does.
#[derive(Clone, Copy)]
pub enum State {
    /// It is to be started at this time.
    Due(Duration),
    /// It runs.
    Running {
        /// As this process.
        pid: Pid,
        /// From this time on.
        since: Duration,
    },
    /// It was told to end.
    Stopping {
        /// This process of it.
        pid: Pid,
        /// It is killed at this time, if it was not yet.
        kill_at: Option<Duration>,
    },
    /// Somebody has stopped it.
    Stopped,
    /// It has done its work, or was given up.
    Ended,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Due(time) => {
                let left = time.saturating_sub(clock::monotonic());
                write!(f, "restarts in {} s", left.as_secs())
            }
            Self::Running { pid, .. } => write!(f, "runs as process {}", pid.as_raw_pid()),
            Self::Stopping { .. } => f.write_str("is being stopped"),
            Self::Stopped => f.write_str("was stopped"),
            Self::Ended => f.write_str("has ended"),
        }
    }
}

/// An application whose image is mounted.
#[derive(Clone, Copy)]
pub struct App {
    /// What it is.
    pub release: Release,
    /// Where its image is.
    pub place: Place,
    /// Its user and group.
    pub uid: u32,
    /// How often it has crashed.
    pub crashes: Crashes,
    /// What it does.
    pub state: State,
}

impl App {
    /// One that is to be started now.
    pub fn new(release: Release, place: Place, uid: u32) -> Self {
        Self {
            release,
            place,
            uid,
            crashes: Crashes::NONE,
            state: State::Due(clock::monotonic()),
        }
    }

    /// Whether it has a process.
    pub fn runs(&self) -> bool {
        matches!(self.state, State::Running { .. } | State::Stopping { .. })
    }

    /// Whether `process` is its first.
    pub fn runs_as(&self, process: Pid) -> bool {
        match self.state {
            State::Running { pid, .. } | State::Stopping { pid, .. } => pid == process,
            _ => false,
        }
    }
}

/// As `sphere-ctl apps` shows it.
impl fmt::Display for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let release = &self.release;
        write!(
            f,
            "{:<20} version {}, in {}, user {}: {}",
            release.name, release.version, self.place, self.uid, self.state
        )
    }
}
