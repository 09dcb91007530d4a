// SPDX-License-Identifier: GPL-2.0

//! The first moments of an application that somebody has asked for. Whether it lives is the answer:
//! one that does not is started again and again, and nobody would know but the console.

use crate::{
    admission::{Why, why},
    report::Report,
};
use core::{fmt, time::Duration};
use sphere_device::clock;
use sphere_init::outcome::Ending;
use sphere_manage::control::Asker;
use sphere_store::name::Name;

/// How long these are.
const FIRST_MOMENTS: Duration = Duration::from_millis(500);

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// To start an application that there is.
    Started,
    /// To have a new one, or a new version.
    Installed,
}

impl What {
    /// What an application does instead, in words.
    pub fn but(self, name: Option<Name>, does: fmt::Arguments<'_>) -> Why {
        let name = name.as_ref().map_or("it", Name::as_str);
        match self {
            Self::Started => why(format_args!("{name} {does}")),
            Self::Installed => why(format_args!("{name} is installed, but {does}")),
        }
    }
}

/// An application that has just been launched, and who wants to know whether it lives.
pub struct Watch {
    asker: Asker,
    /// The application.
    pub app: usize,
    name: Name,
    what: What,
    report: Option<Report>,
    until: Duration,
}

impl Watch {
    /// Begins.
    pub fn new(asker: Asker, app: usize, name: Name, what: What, report: Option<Report>) -> Self {
        Self {
            asker,
            app,
            name,
            what,
            report,
            until: clock::monotonic() + FIRST_MOMENTS,
        }
    }

    /// How long it still takes.
    pub fn time_left(&self) -> Duration {
        self.until.saturating_sub(clock::monotonic())
    }

    /// The application lives, as far as is known.
    pub fn lives(self) {
        self.asker.answer(Ok(()));
    }

    /// The application has ended.
    pub fn ended(self, ending: Ending) {
        if ending.outcome.is_success() {
            return self.lives();
        }
        let name = Some(self.name);
        let why = match self.report.as_ref().and_then(Report::read) {
            Some(reason) => self
                .what
                .but(name, format_args!("does not start: {reason}")),
            None => self
                .what
                .but(name, format_args!("does not stay alive: {ending}")),
        };
        self.asker.answer(Err(format_args!("{why}")));
    }
}
