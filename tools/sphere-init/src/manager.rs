// SPDX-License-Identifier: GPL-2.0

//! Programs that run beside the applications as managers: what `--manager` names.
//!
//! They are for whoever looks into a device. None of them is restarted: a shell that was left is
//! not wanted any more, and one that fails at once would fail again.

use crate::child::{self, Argv, NOT_STARTED, become_manager};
use rustix::{io::Errno, process::Pid};
use sphere_device::{
    console::Console,
    errno::{Doing, Failure},
    process::{self, Fork},
    say,
};
use sphere_init::{
    command::{COMMANDS_MAX, Command, Commands},
    outcome::Outcome,
};

/// The managers that run.
pub struct Managers<'a> {
    console: Console<'a>,
    running: [Option<(Pid, Command<'a>)>; COMMANDS_MAX],
}

impl<'a> Managers<'a> {
    /// Starts all of them.
    pub fn start(console: Console<'a>, commands: &Commands<'a>) -> Self {
        let mut managers = Self {
            console,
            running: [None; COMMANDS_MAX],
        };
        for (place, command) in managers.running.iter_mut().zip(commands.iter()) {
            let program = command.program();
            match spawn(&console, command) {
                Ok(pid) => {
                    let number = pid.as_raw_pid();
                    say!(console, "{program} starts as a manager, process {number}");
                    *place = Some((pid, command));
                }
                Err(failure) => say!(console, "{program} does not start: {failure}"),
            }
        }
        managers
    }

    /// Whether one runs.
    pub fn any_runs(&self) -> bool {
        self.running.iter().any(Option::is_some)
    }

    /// Takes notice of a process that has ended, if it is one of them.
    pub fn ended(&mut self, process: Pid, outcome: Outcome) {
        for place in &mut self.running {
            if let Some((_, command)) = place.take_if(|(pid, _)| *pid == process) {
                let program = command.program();
                say!(self.console, "{program} {outcome}; it is not restarted");
            }
        }
    }
}

fn spawn(console: &Console<'_>, command: Command<'_>) -> Result<Pid, Failure> {
    let mut argv = Argv::new();
    command
        .words()
        .try_for_each(|word| argv.push(word))
        .map_err(|_| Errno::TOOBIG)
        .doing(child::ARGUMENTS)?;
    match process::fork().doing(child::PROCESS)? {
        Fork::Parent(pid) => Ok(pid),
        Fork::Child => {
            let failure = become_manager(&argv);
            say!(console, "{}: {failure}", command.program());
            process::exit(NOT_STARTED)
        }
    }
}
