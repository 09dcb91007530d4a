// SPDX-License-Identifier: GPL-2.0

//! Somebody who asks for something all the time, so that the first process does not wait for what
//! becomes of an application: a test that cuts the power shall find it writing.

use core::time::Duration;
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use sphere_device::{
    clock,
    process::{self, Fork},
};
use sphere_manage::control::{self, PACKET_MAX, Request};
use sphere_store::name::Name;

const PAUSE: Duration = Duration::from_millis(40);

/// The process that asks, until this is dropped.
pub struct Impatient(Pid);

impl Impatient {
    /// Begins.
    pub fn new() -> Result<Self, &'static str> {
        let nobody = Name::new("nobody").map_err(|_| "nobody has no name")?;
        match process::fork().map_err(|_| "there can be no process")? {
            Fork::Parent(pid) => Ok(Self(pid)),
            Fork::Child => loop {
                // It is refused, or it is tried again.
                let _ = control::ask(Request::Stop(nobody), &mut [0; PACKET_MAX], |_| {});
                clock::sleep(PAUSE);
            },
        }
    }
}

impl Drop for Impatient {
    fn drop(&mut self) {
        if kill_process(self.0, Signal::KILL).is_ok() {
            let _ = waitpid(Some(self.0), WaitOptions::empty());
        }
    }
}
