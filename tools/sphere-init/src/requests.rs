// SPDX-License-Identifier: GPL-2.0

//! What managers ask the first process for, one after the other: see [`sphere_manage::control`].

use crate::{
    admission::{Why, why},
    app::{App, State},
    store::{self, Place},
    supervisor::Supervisor,
};
use rustix::fd::{AsFd, BorrowedFd};
use sphere_device::{console::Console, say};
use sphere_manage::{
    control::{Asker, Listener, Request},
    partitions::Partitions,
    slots::slots,
    trust,
};
use sphere_store::name::Name;

/// Requests that are served before applications are looked after again: somebody who asks and asks
/// keeps nobody else waiting for that.
const TURNS: u32 = 4;

/// Where managers ask, and what is not done yet.
pub struct Requests {
    listener: Option<Listener>,
    pending: Option<Pending>,
}

/// Something that is done when an application has ended.
struct Pending {
    asker: Asker,
    /// The application.
    app: usize,
    then: Then,
}

/// What to do when an application has ended.
#[derive(Clone, Copy)]
enum Then {
    /// Nothing else.
    Nothing,
    /// Take its image out of its slot.
    Remove,
    /// Start this version in its place.
    Replace(App),
}

impl Requests {
    /// Starts listening. Without, no manager can ask for anything.
    pub fn open(console: &Console<'_>) -> Self {
        let listener = Listener::open();
        let listener = listener.inspect_err(|failure| say!(console, "{failure}"));
        Self {
            listener: listener.ok(),
            pending: None,
        }
    }

    /// Is readable when somebody asks, and can be served.
    pub fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        match (&self.pending, &self.listener) {
            (None, Some(listener)) => Some(listener.as_fd()),
            _ => None,
        }
    }

    /// Does what is asked for, until it has to wait.
    pub fn serve(&mut self, apps: &mut Supervisor<'_>) {
        for _ in 0..TURNS {
            let listener = self.listener.as_ref().filter(|_| self.pending.is_none());
            let Some(asker) = listener.and_then(Listener::accept) else {
                return;
            };
            match asker.request() {
                Ok(request) => self.start(apps, asker, request),
                Err(unheard) => asker.answer(Err(format_args!("{unheard}"))),
            }
        }
    }

    /// An application has ended.
    pub fn ended(&mut self, apps: &mut Supervisor<'_>, app: usize) {
        if let Some(pending) = self.pending.take_if(|pending| pending.app == app) {
            finish(apps, pending);
        }
    }

    fn start(&mut self, apps: &mut Supervisor<'_>, asker: Asker, request: Request) {
        let stopping = match request {
            Request::List => {
                apps.apps().for_each(|app| asker.say(format_args!("{app}")));
                return asker.answer(Ok(()));
            }
            Request::Start(name) => return answer(asker, start(apps, name)),
            Request::Stop(name) => find(apps, name).map(|app| (app, Then::Nothing)),
            Request::Remove(name) => removable(apps, name).map(|app| (app, Then::Remove)),
            Request::Admit(number) if !is_slot(number) => {
                Err(why(format_args!("mtd{number} is no slot for images")))
            }
            Request::Admit(number) if runs(apps, number) => {
                Err(why(format_args!("what is in mtd{number} runs already")))
            }
            Request::Admit(number) => match admit(apps, number) {
                // Who was admitted stays, and is started again, even if that fails now.
                Ok((app, None)) => return answer(asker, launched(apps, app)),
                Ok((app, Some(new))) => Ok((app, Then::Replace(new))),
                Err(why) => {
                    // What is refused now would be refused again at each start.
                    store::discard(apps.console(), Place::Slot(number));
                    Err(why)
                }
            },
        };
        match stopping {
            Err(why) => answer(asker, Err(why)),
            Ok((app, then)) => {
                let pending = Pending { asker, app, then };
                if apps.stop(app) {
                    self.pending = Some(pending);
                } else {
                    finish(apps, pending);
                }
            }
        }
    }
}

fn answer(asker: Asker, result: Result<(), Why>) {
    match result {
        Ok(()) => asker.answer(Ok(())),
        Err(why) => asker.answer(Err(format_args!("{why}"))),
    }
}

/// Does what had to wait for the end of an application.
fn finish(apps: &mut Supervisor<'_>, pending: Pending) {
    let Pending { asker, app, then } = pending;
    let result = match then {
        Then::Nothing => Ok(()),
        Then::Remove => {
            apps.remove(app);
            Ok(())
        }
        Then::Replace(new) => {
            apps.replace(app, new);
            launched(apps, app)
        }
    };
    answer(asker, result);
}

fn find(apps: &Supervisor<'_>, name: Name) -> Result<usize, Why> {
    apps.find_name(name).ok_or_else(|| {
        why(format_args!(
            "there is no application {name} that could run"
        ))
    })
}

fn start(apps: &mut Supervisor<'_>, name: Name) -> Result<(), Why> {
    let i = find(apps, name)?;
    if let Some(app) = apps.app_mut(i) {
        if let State::Running { .. } | State::Stopping { .. } = app.state {
            return Err(why(format_args!("{name} {} already", app.state)));
        }
        *app = App::new(app.release, app.place, app.uid);
    }
    launched(apps, i)
}

/// Launches an application, and says whether it runs.
fn launched(apps: &mut Supervisor<'_>, i: usize) -> Result<(), Why> {
    apps.launch(i);
    match apps.app_mut(i).map(|app| app.state) {
        Some(State::Running { .. }) => Ok(()),
        _ => Err(why(format_args!("it does not start: the console says why"))),
    }
}

/// Whether a flash partition is for images: what is in others is none of them.
fn is_slot(number: u32) -> bool {
    slots(Partitions::read_if_any().as_slice()).any(|(slot, _)| slot == number)
}

/// Whether the image of an application is in this slot.
fn runs(apps: &Supervisor<'_>, number: u32) -> bool {
    apps.apps().any(|app| app.place == Place::Slot(number))
}

/// An application whose image can be removed.
fn removable(apps: &mut Supervisor<'_>, name: Name) -> Result<usize, Why> {
    let i = find(apps, name)?;
    match apps.app_mut(i).map(|app| app.place) {
        Some(Place::Slot(_)) => Ok(i),
        _ => Err(why(format_args!(
            "{name} is in the root file system, which cannot be changed"
        ))),
    }
}

/// Makes an application of what is in a slot. Returns where it is in the list; or, if there is one of
/// the same component, which goes on until it is stopped, where that is, and the new one.
fn admit(apps: &mut Supervisor<'_>, number: u32) -> Result<(usize, Option<App>), Why> {
    let place = Place::Slot(number);
    let keys = trust::load().map_err(|error| why(format_args!("{error}")))?;
    let release = store::look(apps.directory(), place, &keys)
        .map_err(|refusal| why(format_args!("{refusal}")))?
        .ok_or_else(|| why(format_args!("there is no image in {place}")))?;
    let Some(i) = apps.find_component(release.component) else {
        return Ok((apps.admit(place, release)?, None));
    };
    let old = apps.app_mut(i).map_or(0, |app| app.release.version);
    if release.version <= old {
        return Err(why(format_args!(
            "it is version {}, and version {old} is there: an update needs a higher one",
            release.version
        )));
    }
    Ok((i, Some(apps.admit_beside(place, release)?)))
}
