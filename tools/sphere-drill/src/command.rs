// SPDX-License-Identifier: GPL-2.0

//! Running another program, as a manager or as nobody, and waiting for its end.

use rustix::{
    io::Errno,
    process::{WaitOptions, waitpid},
};
use sphere_device::{
    args::{ArgBuffer, Vector},
    identity,
    process::{self, Fork},
};

/// Exit status of a process that did not become the program.
const NOT_STARTED: u8 = 126;

/// What a program is to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum As {
    /// A manager.
    Manager,
    /// Somebody without identity.
    Nobody,
}

/// Runs a program, the first word, with arguments. Returns its exit status.
pub fn run<'a>(who: As, words: impl Iterator<Item = &'a str>) -> Result<i32, &'static str> {
    let mut argv = ArgBuffer::<8, 256>::new();
    for word in words {
        argv.push(word).map_err(|_| "the arguments are too long")?;
    }
    match process::fork().map_err(|_| "there can be no process")? {
        Fork::Child => become_program(who, &argv),
        Fork::Parent(pid) => loop {
            match waitpid(Some(pid), WaitOptions::empty()) {
                Ok(Some((_, status))) => return status.exit_status().ok_or("it was killed"),
                Ok(None) | Err(Errno::INTR) => {}
                Err(_) => return Err("the program cannot be waited for"),
            }
        },
    }
}

fn become_program(who: As, argv: &ArgBuffer<8, 256>) -> ! {
    if who == As::Nobody || identity::set_pending_manager().is_ok() {
        argv.with(|argv| {
            if let Some((program, _)) = argv.split_first() {
                process::exec(program, argv, Vector::empty());
            }
        });
    }
    process::exit(NOT_STARTED)
}
