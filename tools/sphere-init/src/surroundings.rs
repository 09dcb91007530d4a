// SPDX-License-Identifier: GPL-2.0

//! What an application finds around it, beside its image: device nodes, storage, and limits.

use crate::{
    app::App,
    cgroup::{Ended, Group, Groups},
    devices::{self, Owner},
    image::Image,
    leftovers, network,
    storage::Storage,
};
use sphere_core::{launch::Launch, record::Record};
use sphere_device::{console::Console, errno::Failure, say};
use sphere_init::{
    options::Options,
    outcome::{Ending, Outcome},
};
use sphere_store::name::Name;

/// What the first process has for applications.
pub struct Surroundings<'a> {
    console: Console<'a>,
    groups: Groups,
    storage: Storage,
}

impl<'a> Surroundings<'a> {
    /// Makes ready what all applications share.
    pub fn set_up(console: Console<'a>, options: &Options<'a>) -> Self {
        network::bring_up(&console, &options.interfaces);
        Self {
            console,
            groups: Groups::set_up(&console),
            storage: Storage::open(&console, options.data),
        }
    }

    /// Whether there is mutable storage that cannot be used.
    pub fn storage_is_broken(&self) -> bool {
        self.storage.is_broken()
    }

    /// Makes ready what one needs that starts. Its first process is to be made in the group.
    pub fn make(
        &mut self,
        app: &App,
        image: &Image,
        record: &Record<&[u8]>,
        launch: &Launch<'_>,
    ) -> Result<Group, Failure> {
        let console = &self.console;
        let App { place, uid, .. } = *app;
        let name = &app.release.name;
        let owner = Owner {
            console,
            release: &app.release,
            uid,
            place,
        };
        let group = self.groups.make(name, &launch.limits())?;
        devices::place(&owner, image, record, launch);
        self.storage.place(&owner, image, record);
        Ok(group)
    }

    /// Ends what an application has left behind, whose first process has ended.
    pub fn end(&self, app: &App, outcome: Outcome) -> Ending {
        let name = &app.release.name;
        let ended = self.groups.end(name).unwrap_or_else(|| {
            if let Err(failure) = leftovers::end_all_of(app.uid) {
                say!(self.console, "{name}: {failure}");
            }
            Ended::default()
        });
        if ended.left {
            say!(
                self.console,
                "{name} has left processes behind; they are ended"
            );
        }
        Ending {
            outcome,
            out_of_memory: ended.out_of_memory,
        }
    }

    /// Puts away what an application leaves that does not run, as soon as its processes are gone.
    pub fn put_away(&self, name: &Name) {
        // It is tried again, at the latest when the application is started again, which tells why
        // it cannot be done.
        let _ = self.groups.remove(name);
    }
}
