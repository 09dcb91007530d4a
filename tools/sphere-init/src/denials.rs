// SPDX-License-Identifier: GPL-2.0

//! What was denied to applications, said on the console: an operator sees there why one does not
//! do what it is for. The kernel limits how much that can be.

use core::fmt::Display;
use rustix::{
    fd::{AsFd, BorrowedFd, OwnedFd},
    fs::{OFlags, SeekFrom, seek},
};
use sphere_core::{denial_line::Denial, denial_words::Sentence, role::Role, uuid::Uuid};
use sphere_device::{
    console::Console,
    errno::{Doing, Failure},
    kmsg::{self, Event},
    say,
};
use sphere_store::name::Name;

/// The kernel's log, from where this program has started.
pub struct Denials<'a> {
    console: Console<'a>,
    log: Option<OwnedFd>,
}

impl<'a> Denials<'a> {
    /// Opens the log. If that fails, it is said, and nothing else after it.
    pub fn open(console: Console<'a>) -> Self {
        let log = open_at_end()
            .inspect_err(|failure| {
                say!(console, "what is denied is not shown here: {failure}");
            })
            .ok();
        Self { console, log }
    }

    /// To wait for.
    pub fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        self.log.as_ref().map(AsFd::as_fd)
    }

    /// Says what was denied since the last time to components that have a name.
    pub fn say(&mut self, name_of: impl Fn(Uuid) -> Option<Name>) {
        let Some(log) = &self.log else {
            return;
        };
        let console = &self.console;
        let read = kmsg::read(log, |event| match event {
            Event::Denial(_, denial) => say_denial(console, &denial, &name_of),
            Event::Overwritten => say!(console, "a part of the kernel log was lost unread"),
            // Whose it is, is not known.
            Event::Unknown(_) => {}
        });
        if let Err(failure) = read {
            say!(
                console,
                "what is denied is not shown here any more: {failure}"
            );
            // Else waiting for it would not be waiting.
            self.log = None;
        }
    }
}

fn open_at_end() -> Result<OwnedFd, Failure> {
    let log = kmsg::open(OFlags::NONBLOCK)?;
    seek(&log, SeekFrom::End(0)).doing("go to the end of /dev/kmsg")?;
    Ok(log)
}

fn say_denial(console: &Console<'_>, denial: &Denial<'_>, name_of: impl Fn(Uuid) -> Option<Name>) {
    let Role::Application(id) = denial.component else {
        return;
    };
    if let Some(name) = name_of(id) {
        let name = Some(&name as &dyn Display);
        say!(console, "{}", Sentence { denial, name });
    }
}
