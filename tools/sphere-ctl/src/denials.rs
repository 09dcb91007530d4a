// SPDX-License-Identifier: GPL-2.0

//! `sphere-ctl denials`: what was denied, as the kernel's log says.

use crate::{components, error::CtlError};
use core::fmt::Display;
use rustix::fs::OFlags;
use sphere_core::{denial_line::Denial, denial_words::Sentence, role::Role};
use sphere_device::{
    console::Console,
    kmsg::{self, Event},
    say,
    securityfs::Directory,
    text::Foreign,
};

/// Says what was denied, and what is from now on if `follow`.
pub fn show<'a>(
    out: &Console<'_>,
    directory: Option<Directory>,
    follow: bool,
) -> Result<(), CtlError<'a>> {
    // Reading waits for more without it.
    let flags = if follow {
        OFlags::empty()
    } else {
        OFlags::NONBLOCK
    };
    let log = kmsg::open(flags).map_err(CtlError::Log)?;
    let mut any = false;
    kmsg::read(&log, |event| {
        any = true;
        say_event(out, directory.as_ref(), &event);
    })
    .map_err(CtlError::Log)?;
    if !any {
        say!(
            out,
            "the kernel log has nothing that was denied; where auditing is on, that is in the \
             audit log"
        );
    }
    Ok(())
}

fn say_event(out: &Console<'_>, directory: Option<&Directory>, event: &Event<'_>) {
    match event {
        Event::Denial(time, denial) => {
            let (seconds, rest) = (time / 1_000_000, time % 1_000_000);
            let name = directory.and_then(|directory| name_of(directory, denial));
            let sentence = Sentence {
                denial,
                name: name.as_ref().map(|name| name as &dyn Display),
            };
            say!(out, "[{seconds:5}.{rest:06}] {sentence}");
        }
        Event::Unknown(text) => say!(out, "{}", Foreign(text.as_bytes())),
        Event::Overwritten => say!(
            out,
            "what was said here was overwritten before it could be read"
        ),
    }
}

fn name_of(directory: &Directory, denial: &Denial<'_>) -> Option<impl Display + use<>> {
    match denial.component {
        Role::Application(id) => components::name_of(directory, id),
        _ => None,
    }
}
