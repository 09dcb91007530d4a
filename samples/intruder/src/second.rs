// SPDX-License-Identifier: GPL-2.0

//! The attempt to get rid of an identity by executing the program once more.

use crate::attempts::Answer;
use rustix::{
    io,
    process::{Pid, WaitOptions, WaitStatus, waitpid},
};
use sphere_core::{record::Kind, uuid::Uuid};
use sphere_device::{
    args::{ArgBuffer, Args, Vector},
    console::Console,
    identity::{Attr, Identity},
    process::{self, Fork},
    say,
    text::Text,
};

/// What is tried.
pub const WHAT: &str = "be somebody else by executing myself once more";

/// Where the image has this program.
const PROGRAM: &str = "/bin/app";
/// The first argument of the second copy; the other is its component id as it should be.
const ARGUMENT: &str = "--second";
/// Exit statuses of the second copy.
const SAME: u8 = 0;
const OTHER: u8 = 1;
const NOT_EXECUTED: u8 = 2;

/// Executes this program in a second process, and says what became of it.
pub fn start(identity: &Identity) -> Answer {
    match process::fork() {
        Ok(Fork::Child) => {
            execute(identity.record().component());
            process::exit(NOT_EXECUTED)
        }
        Ok(Fork::Parent(pid)) => judge(waitpid(Some(pid), WaitOptions::empty())),
        Err(error) => Answer::Refused(error),
    }
}

fn judge(waited: io::Result<Option<(Pid, WaitStatus)>>) -> Answer {
    let status = match waited {
        Ok(ended) => ended.and_then(|(_, status)| status.exit_status()),
        Err(error) => return Answer::Refused(error),
    };
    match status.map(u8::try_from) {
        Some(Ok(SAME)) => Answer::InVain("the copy is who I am"),
        Some(Ok(OTHER)) => Answer::Succeeded,
        _ => Answer::InVain("the copy did not run"),
    }
}

/// Returns only on failure.
fn execute(component: Uuid) {
    let Some(component) = Text::<36>::format(format_args!("{component}")) else {
        return;
    };
    let mut argv = ArgBuffer::<3, 64>::new();
    for argument in [PROGRAM, ARGUMENT, component.as_str()] {
        if argv.push(argument).is_err() {
            return;
        }
    }
    argv.with(|argv| {
        if let Some((program, _)) = argv.split_first() {
            process::exec(program, argv, Vector::empty());
        }
    });
}

/// What the second copy does. `None` in the first.
pub fn run(console: &Console<'_>, args: Args) -> Option<u8> {
    let mut args = args.argv.skip(1);
    if args.next()?.to_bytes() != ARGUMENT.as_bytes() {
        return None;
    }
    let component = args.next()?.to_str().ok()?;
    let Ok(identity) = Identity::get(Attr::Current) else {
        return Some(OTHER);
    };
    let record = identity.record();
    let now = Text::<36>::format(format_args!("{}", record.component()))?;
    if record.kind() == Kind::Application && now.as_str() == component {
        return Some(SAME);
    }
    say!(console, "BROKEN: the copy of {component} is {now}");
    Some(OTHER)
}
