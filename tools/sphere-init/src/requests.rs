// SPDX-License-Identifier: GPL-2.0

//! What managers ask the first process for, one after the other: see [`sphere_manage::control`].

use crate::{
    admission::{Why, because, why},
    app::{App, State},
    memory::MemoryError,
    report,
    store::{self, Place},
    supervisor::Supervisor,
    watch::{Watch, What},
};
use core::time::Duration;
use rustix::fd::{AsFd, BorrowedFd};
use sphere_device::{console::Console, say};
use sphere_init::outcome::Ending;
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
    watch: Option<Watch>,
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
            watch: None,
        }
    }

    /// Is readable when somebody asks, and can be served.
    pub fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        match (&self.pending, &self.listener) {
            (None, Some(listener)) => Some(listener.as_fd()),
            _ => None,
        }
    }

    /// How long until somebody is to be answered.
    pub fn time_to_act(&self) -> Option<Duration> {
        self.watch.as_ref().map(Watch::time_left)
    }

    /// Does what is asked for, until it has to wait.
    pub fn serve(&mut self, apps: &mut Supervisor<'_>) {
        if let Some(watch) = self.watch.take_if(|watch| watch.time_left().is_zero()) {
            watch.lives();
        }
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
    pub fn ended(&mut self, apps: &mut Supervisor<'_>, app: usize, ending: Ending) {
        if let Some(watch) = self.watch.take_if(|watch| watch.app == app) {
            watch.ended(ending);
        }
        if let Some(pending) = self.pending.take_if(|pending| pending.app == app) {
            self.finish(apps, pending);
        }
    }

    fn start(&mut self, apps: &mut Supervisor<'_>, asker: Asker, request: Request) {
        if request == Request::List {
            apps.apps().for_each(|app| asker.say(format_args!("{app}")));
            return asker.answer(Ok(()));
        }
        // Nobody has to wait for that.
        if let Some(watch) = self.watch.take() {
            watch.lives();
        }
        match decide(apps, request) {
            Err(why) => answer(asker, Err(why)),
            Ok(Step::Done) => answer(asker, Ok(())),
            Ok(Step::Launch(app, what)) => self.launch(apps, asker, app, what),
            Ok(Step::Stop(app, then)) => {
                let pending = Pending { asker, app, then };
                if apps.stop(app) {
                    self.pending = Some(pending);
                } else {
                    self.finish(apps, pending);
                }
            }
        }
    }

    /// Does what had to wait for the end of an application.
    fn finish(&mut self, apps: &mut Supervisor<'_>, pending: Pending) {
        let Pending { asker, app, then } = pending;
        match then {
            Then::Nothing => answer(asker, Ok(())),
            Then::Remove => {
                apps.remove(app);
                answer(asker, Ok(()));
            }
            Then::Replace(new) => {
                apps.replace(app, new);
                self.launch(apps, asker, app, What::Installed);
            }
        }
    }

    /// Launches an application. Whether it lives is seen a little later.
    fn launch(&mut self, apps: &mut Supervisor<'_>, asker: Asker, app: usize, what: What) {
        // Without, the console still says why.
        let (report, reporter) = report::pair().ok().unzip();
        let name = apps.app_mut(app).map(|app| app.release.name);
        match apps.launch(app, reporter.as_ref()) {
            Ok(()) => self.watch = name.map(|name| Watch::new(asker, app, name, what, report)),
            Err(reason) => answer(
                asker,
                Err(what.but(name, format_args!("does not start: {reason}"))),
            ),
        }
    }
}

fn answer(asker: Asker, result: Result<(), Why>) {
    match result {
        Ok(()) => asker.answer(Ok(())),
        Err(why) => asker.answer(Err(format_args!("{why}"))),
    }
}

/// What is next for a request.
enum Step {
    /// Nothing.
    Done,
    /// Launch an application.
    Launch(usize, What),
    /// Wait until an application has ended.
    Stop(usize, Then),
}

/// Does what can be done at once.
fn decide(apps: &mut Supervisor<'_>, request: Request) -> Result<Step, Why> {
    match request {
        Request::List => Ok(Step::Done),
        Request::Start(name) => start(apps, name).map(|app| Step::Launch(app, What::Started)),
        Request::Stop(name) => find(apps, name).map(|app| Step::Stop(app, Then::Nothing)),
        Request::Remove(name) => removable(apps, name).map(|app| Step::Stop(app, Then::Remove)),
        Request::Admit(number) => {
            check_slot(apps, number)?;
            admit(apps, number).inspect_err(|_| {
                // What is refused now would be refused again at each start.
                store::discard(apps.console(), Place::Slot(number));
            })
        }
        Request::ResetRegistry => {
            apps.reset_registry().map_err(because)?;
            Ok(Step::Done)
        }
    }
}

/// Whether what is in a partition may be looked at, and taken out if it is refused.
fn check_slot(apps: &Supervisor<'_>, number: u32) -> Result<(), Why> {
    if !is_slot(number) {
        return Err(why(format_args!("mtd{number} is no slot for images")));
    }
    if runs(apps, number) {
        return Err(why(format_args!("what is in mtd{number} runs already")));
    }
    // Once that is known, it may run again.
    if apps.is_lost() {
        let lost = MemoryError::Lost;
        return Err(why(format_args!("{lost}; what is in mtd{number} stays")));
    }
    Ok(())
}

fn find(apps: &Supervisor<'_>, name: Name) -> Result<usize, Why> {
    apps.find_name(name).ok_or_else(|| {
        why(format_args!(
            "there is no application {name} that could run"
        ))
    })
}

/// An application that can be started.
fn start(apps: &mut Supervisor<'_>, name: Name) -> Result<usize, Why> {
    let i = find(apps, name)?;
    if let Some(app) = apps.app_mut(i) {
        if let State::Running { .. } | State::Stopping { .. } = app.state {
            return Err(why(format_args!("{name} {} already", app.state)));
        }
        *app = App::new(app.release, app.place, app.uid);
    }
    Ok(i)
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

/// Makes an application of what is in a slot. One of the same component goes on until it is stopped.
fn admit(apps: &mut Supervisor<'_>, number: u32) -> Result<Step, Why> {
    let place = Place::Slot(number);
    let keys = trust::load().map_err(because)?;
    let release = store::look(apps.directory(), place, &keys)
        .map_err(because)?
        .ok_or_else(|| why(format_args!("there is no image in {place}")))?;
    let Some(i) = apps.find_component(release.component) else {
        // Who was admitted stays, and is started again, even if that fails now.
        let app = apps.admit(place, release)?;
        return Ok(Step::Launch(app, What::Installed));
    };
    let old = apps.app_mut(i).map_or(0, |app| app.release.version);
    if release.version <= old {
        return Err(why(format_args!(
            "it is version {}, and version {old} is there: an update needs a higher one",
            release.version
        )));
    }
    let new = apps.admit_beside(place, release)?;
    Ok(Step::Stop(i, Then::Replace(new)))
}
