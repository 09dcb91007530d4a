// SPDX-License-Identifier: GPL-2.0

//! Launches applications and looks after them.

use crate::{
    child::{self, Becoming, NOT_STARTED, become_application},
    denials::Denials,
    image::{Image, ImageError, Papers},
    manager::Managers,
    partitions::Partitions,
    surroundings::Surroundings,
};
use core::time::Duration;
use rustix::process::{Pid, WaitOptions, wait};
use sphere_core::{describe::Description, launch::Launch, record::Record, uuid::Uuid};
use sphere_device::{
    clock,
    console::Console,
    errno::{Doing, Words},
    process::{self, Fork},
    say,
    wait::Waker,
};
use sphere_init::{
    conflict::{self, Conflict},
    name::{Name, Names},
    outcome::Outcome,
    restart::{Crashes, Verdict},
};

/// Applications that a device may have.
pub const APPS_MAX: usize = 32;
/// User and group of the first application; the others follow by the order of their names.
const FIRST_UID: u32 = 1001;

/// What an application does.
#[derive(Clone, Copy)]
enum State {
    /// Its image is not usable, or something that it is granted belongs to another.
    LeftOut,
    /// It is to be started at this time.
    Due(Duration),
    /// It runs.
    Running { pid: Pid, since: Duration },
    /// It has done its work, or was given up.
    Ended,
}

#[derive(Clone, Copy)]
struct App {
    name: Name,
    component: Uuid,
    uid: u32,
    crashes: Crashes,
    state: State,
}

impl App {
    const NONE: Self = Self {
        name: Name::new(),
        component: Uuid::NIL,
        uid: 0,
        crashes: Crashes::NONE,
        state: State::LeftOut,
    };

    fn is_admitted(&self) -> bool {
        !matches!(self.state, State::LeftOut)
    }

    fn runs_as(&self, process: Pid) -> bool {
        matches!(self.state, State::Running { pid, .. } if pid == process)
    }
}

/// All applications of the device.
pub struct Supervisor<'a> {
    console: Console<'a>,
    restart_limit: Option<u32>,
    surroundings: Surroundings<'a>,
    apps: [App; APPS_MAX],
    count: usize,
}

impl<'a> Supervisor<'a> {
    /// Mounts the images of `names`, which lie in `partitions` or `directory`, and says what is in them. Nothing is
    /// launched yet.
    pub fn admit(
        console: Console<'a>,
        partitions: &Partitions,
        directory: &str,
        names: &Names<APPS_MAX>,
        restart_limit: Option<u32>,
        surroundings: Surroundings<'a>,
    ) -> Self {
        let mut supervisor = Self {
            console,
            restart_limit,
            surroundings,
            apps: [App::NONE; APPS_MAX],
            count: 0,
        };
        for (&name, uid) in names.as_slice().iter().zip(FIRST_UID..) {
            let admitted = supervisor.admit_one(partitions, directory, name, uid);
            supervisor.apps[supervisor.count] = App {
                name,
                uid,
                component: admitted.unwrap_or(Uuid::NIL),
                state: match admitted {
                    Some(_) => State::Due(clock::monotonic()),
                    None => State::LeftOut,
                },
                ..App::NONE
            };
            supervisor.count += 1;
        }
        supervisor
    }

    /// The component of an image whose application is to be launched.
    fn admit_one(
        &self,
        partitions: &Partitions,
        directory: &str,
        name: Name,
        uid: u32,
    ) -> Option<Uuid> {
        let image = match Image::mount(partitions, directory, &name) {
            Ok(image) => image,
            Err(failure) => {
                say!(self.console, "{name} is left out: {failure}");
                return None;
            }
        };
        let admitted = self.vet(&name, uid, &image).unwrap_or_else(|error| {
            say!(self.console, "{name} is left out: {error}");
            None
        });
        drop(image);
        if admitted.is_none() {
            if let Err(failure) = Image::unmount(&name) {
                say!(self.console, "{name}: {failure}");
            }
        }
        admitted
    }

    /// Says what is in an image, and returns its component if the application may be launched: not
    /// if anything that it is granted belongs to one that was admitted before.
    fn vet(&self, name: &Name, uid: u32, image: &Image) -> Result<Option<Uuid>, ImageError> {
        let mut papers = Papers::new();
        papers.read(image)?;
        let (record, launch) = (papers.record()?, papers.launch()?);
        for other in self.apps().iter().filter(|app| app.is_admitted()) {
            let other = &other.name;
            match conflict_with(&record, &launch, other) {
                Ok(None) => continue,
                Ok(Some(what)) => say!(
                    self.console,
                    "{name} is left out: {what} is already granted to {other}"
                ),
                Err(error) => say!(
                    self.console,
                    "{name} is left out: it cannot be compared with {other}: {error}"
                ),
            }
            return Ok(None);
        }
        introduce(&self.console, name, uid, &record, &launch);
        Ok(Some(record.component()))
    }

    fn apps(&self) -> &[App] {
        &self.apps[..self.count]
    }

    /// Looks after the applications, and says what is denied to them; calls `when_idle` once when
    /// none runs, none waits, and no manager runs either.
    pub fn run(
        &mut self,
        mut denials: Denials<'_>,
        mut managers: Managers<'_>,
        mut when_idle: impl FnMut(),
    ) -> ! {
        let waker = Waker::new()
            .inspect_err(|error| {
                let error = Words(*error);
                say!(self.console, "what is denied is shown late: {error}");
            })
            .ok();
        let mut was_idle = false;
        loop {
            denials.say(|component| self.name_of(component));
            self.reap(&mut managers);
            self.launch_due();
            if self.is_idle() && !managers.any_runs() && !was_idle {
                was_idle = true;
                when_idle();
            }
            let timeout = self.time_to_next_launch();
            match &waker {
                Some(waker) => waker.wait(denials.as_fd(), timeout),
                None => process::wait_for_child(timeout),
            }
        }
    }

    /// How many applications run.
    pub fn running(&self) -> usize {
        let runs = |app: &&App| matches!(app.state, State::Running { .. });
        self.apps().iter().filter(runs).count()
    }

    fn name_of(&self, component: Uuid) -> Option<Name> {
        self.apps()
            .iter()
            .find(|app| app.is_admitted() && app.component == component)
            .map(|app| app.name)
    }

    fn is_idle(&self) -> bool {
        let over = |app: &App| matches!(app.state, State::LeftOut | State::Ended);
        self.apps().iter().all(over)
    }

    fn time_to_next_launch(&self) -> Option<Duration> {
        let due = |app: &App| match app.state {
            State::Due(due) => Some(due),
            _ => None,
        };
        let next = self.apps().iter().filter_map(due).min()?;
        Some(next.saturating_sub(clock::monotonic()))
    }

    /// Launches the applications whose time has come.
    pub fn launch_due(&mut self) {
        let now = clock::monotonic();
        for i in 0..self.count {
            if matches!(self.apps[i].state, State::Due(due) if due <= now) {
                self.launch(i);
            }
        }
    }

    fn launch(&mut self, i: usize) {
        let App { name, uid, .. } = self.apps[i];
        match spawn(&self.console, &mut self.surroundings, &name, uid) {
            Ok(pid) => {
                say!(
                    self.console,
                    "{name} starts as process {}",
                    pid.as_raw_pid()
                );
                let since = clock::monotonic();
                self.apps[i].state = State::Running { pid, since };
            }
            Err(error) => {
                say!(self.console, "{name} does not start: {error}");
                self.crashed(i, Duration::ZERO);
            }
        }
    }

    /// Takes notice of all processes that have ended, those included that an application left
    /// behind.
    fn reap(&mut self, managers: &mut Managers<'_>) {
        while let Some((pid, outcome)) = reap_one() {
            let mut apps = self.apps().iter();
            match apps.position(|app| app.runs_as(pid)) {
                Some(i) => self.ended(i, outcome),
                None => managers.ended(pid, outcome),
            }
        }
        let is_over = |app: &&App| !matches!(app.state, State::Running { .. });
        for app in self.apps().iter().filter(is_over) {
            self.surroundings.put_away(&app.name);
        }
    }

    fn ended(&mut self, i: usize, outcome: Outcome) {
        let app = &mut self.apps[i];
        let ending = self.surroundings.end(&app.name, app.uid, outcome);
        say!(self.console, "{} {ending}", app.name);
        let lived = match app.state {
            State::Running { since, .. } => clock::monotonic().saturating_sub(since),
            _ => Duration::ZERO,
        };
        if outcome.is_success() {
            app.state = State::Ended;
        } else {
            self.crashed(i, lived);
        }
    }

    fn crashed(&mut self, i: usize, lived: Duration) {
        let app = &mut self.apps[i];
        app.state = match app.crashes.add(lived, self.restart_limit) {
            Verdict::Restart { after, attempt } => {
                let seconds = after.as_secs();
                say!(
                    self.console,
                    "{}: restarting in {seconds} s, attempt {attempt}",
                    app.name
                );
                State::Due(clock::monotonic() + after)
            }
            Verdict::GiveUp => {
                say!(
                    self.console,
                    "{} is given up: it does not stay alive",
                    app.name
                );
                State::Ended
            }
        };
    }
}

/// A process that has ended, if there is one.
fn reap_one() -> Option<(Pid, Outcome)> {
    loop {
        let (pid, status) = wait(WaitOptions::NOHANG).ok()??;
        if let Some(outcome) = Outcome::from_wait_status(status.as_raw() as u32) {
            return Some((pid, outcome));
        }
    }
}

/// Takes all processes that have ended out of the kernel's list. Returns whether others are left.
pub fn reap_all() -> bool {
    loop {
        match wait(WaitOptions::NOHANG) {
            Ok(Some(_)) => {}
            Ok(None) => return true,
            Err(_) => return false,
        }
    }
}

/// The first thing that is granted to another application as well.
fn conflict_with<'a>(
    record: &'a Record<&'a [u8]>,
    launch: &Launch<'a>,
    other: &Name,
) -> Result<Option<Conflict<'a>>, ImageError> {
    let mut papers = Papers::new();
    papers.read(&Image::open(other)?)?;
    Ok(conflict::find(
        (record, launch),
        (&papers.record()?, &papers.launch()?),
    ))
}

fn introduce(
    console: &Console<'_>,
    name: &Name,
    uid: u32,
    record: &Record<&[u8]>,
    launch: &Launch<'_>,
) {
    say!(console, "{name}.img is {}", Description(record));
    for device in launch.devices() {
        say!(console, "  {:<15}{}", device.kind.name(), device.node);
    }
    say!(
        console,
        "  {:<15}user {uid}, no Linux capability",
        "runs as"
    );
    say!(console, "  {:<15}{}", "limits", launch.limits());
}

/// Starts the process of an application.
fn spawn(
    console: &Console<'_>,
    surroundings: &mut Surroundings<'_>,
    name: &Name,
    uid: u32,
) -> Result<Pid, ImageError> {
    let image = Image::open(name)?;
    let mut papers = Papers::new();
    papers.read(&image)?;
    let (record, launch) = (papers.record()?, papers.launch()?);
    let becoming = Becoming {
        image: &image,
        record: &record,
        uid,
        argv: &child::argv(&launch)?,
    };
    let group = surroundings.make(name, uid, &image, &record, &launch)?;
    match group.fork().doing(child::PROCESS)? {
        Fork::Parent(pid) => Ok(pid),
        Fork::Child => {
            let failure = become_application(&becoming);
            say!(console, "{name}: {failure}");
            process::exit(NOT_STARTED)
        }
    }
}
