// SPDX-License-Identifier: GPL-2.0

//! Ending what an application has left behind, on a kernel without control groups.

use rustix::{
    io::Errno,
    process::{Uid, WaitOptions, waitpid},
    thread::set_thread_res_uid,
};
use sphere_device::{
    errno::{Doing, Failure},
    process::{self, Fork},
};

/// Ends all processes of a user. No two applications have the same.
///
/// The kernel looks for them all at once, and no process that is being made at that moment escapes,
/// if it is asked by somebody who may signal nobody else: so a process becomes that user and asks.
pub fn end_all_of(uid: u32) -> Result<(), Failure> {
    const DOING: &str = "end what the application has left";

    match process::fork().doing(DOING)? {
        Fork::Child => {
            let user = Uid::from_raw(uid);
            let asked = set_thread_res_uid(user, user, user).and_then(|()| process::kill_all());
            // Those that there are here have one byte.
            process::exit(asked.map_or_else(|error| error.raw_os_error() as u8, |()| 0))
        }
        Fork::Parent(pid) => {
            // An application that is started again at once must not meet it.
            let (_, status) = waitpid(Some(pid), WaitOptions::empty())
                .and_then(|waited| waited.ok_or(Errno::CHILD))
                .doing(DOING)?;
            match status.exit_status() {
                Some(0) => Ok(()),
                Some(error) => Err(Errno::from_raw_os_error(error)).doing(DOING),
                None => Err(Errno::INTR).doing(DOING),
            }
        }
    }
}
