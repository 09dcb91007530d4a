// SPDX-License-Identifier: GPL-2.0

//! Launches applications and looks after them.

use crate::{
    admission::{self, Admission, Why},
    app::{App, State},
    child::{self, Becoming, NOT_STARTED, become_application},
    denials::Denials,
    image::{Image, ImageError, Papers},
    manager::Managers,
    memory::{Memory, ResetError},
    report::Reporter,
    requests::Requests,
    store::{self, Found, Place},
    surroundings::Surroundings,
};
use core::time::Duration;
use rustix::process::{Pid, Signal, WaitOptions, kill_process, wait};
use sphere_core::uuid::Uuid;
use sphere_device::{
    clock,
    console::Console,
    errno::{Doing, Words},
    process::{self, Fork},
    say,
    wait::Waker,
};
use sphere_init::{
    options::Options,
    outcome::{Ending, Outcome},
    restart::Verdict,
};
use sphere_store::{name::Name, seal::Release};

/// Applications that a device may have.
const APPS_MAX: usize = 32;
/// How long an application that is told to end may take, before it is killed.
const GRACE: Duration = Duration::from_secs(2);

/// All applications of the device.
pub struct Supervisor<'a> {
    console: Console<'a>,
    directory: &'a str,
    restart_limit: Option<u32>,
    memory: Memory,
    surroundings: Surroundings<'a>,
    apps: [Option<App>; APPS_MAX],
}

impl<'a> Supervisor<'a> {
    /// Has no applications yet.
    pub fn new(
        console: Console<'a>,
        options: &Options<'a>,
        memory: Memory,
        surroundings: Surroundings<'a>,
    ) -> Self {
        Self {
            console,
            directory: options.apps,
            restart_limit: options.restart_limit,
            memory,
            surroundings,
            apps: [None; APPS_MAX],
        }
    }

    /// Mounts the images that were found, and says what is in them. Nothing is launched yet. An old
    /// version that is still there goes once the new one was admitted.
    pub fn admit_all(&mut self, found: &Found) {
        for candidate in found.iter() {
            let (place, release) = (candidate.place, candidate.release);
            let Release { name, version, .. } = release;
            let newer = self
                .apps()
                .find(|app| app.release.component == release.component);
            match newer.map(|app| app.release.name) {
                Some(other) if other == name => {
                    say!(
                        self.console,
                        "{name}: version {version} in {place} is not needed any more"
                    );
                    store::discard(&self.console, place);
                }
                Some(other) => say!(
                    self.console,
                    "{name} is left out: component id {} is already granted to {other}",
                    release.component
                ),
                None => {
                    if let Err(why) = self.admit(place, release) {
                        say!(self.console, "{name} is left out: {why}");
                    }
                }
            }
        }
    }

    /// Makes an application of an image. Returns where it is in the list.
    pub fn admit(&mut self, place: Place, release: Release) -> Result<usize, Why> {
        let app = self.admit_beside(place, release)?;
        let free = self.apps.iter().position(Option::is_none);
        match free {
            Some(i) => {
                self.apps[i] = Some(app);
                Ok(i)
            }
            None => {
                self.unmount(place);
                Err(admission::why(format_args!(
                    "there are {APPS_MAX} applications already"
                )))
            }
        }
    }

    /// Makes an application of an image, which is not in the list yet; if there is one of the same
    /// component, beside that.
    pub fn admit_beside(&mut self, place: Place, release: Release) -> Result<App, Why> {
        let others = self.apps.iter().flatten();
        let others = others.filter(|other| other.release.component != release.component);
        Admission {
            console: &self.console,
            directory: self.directory,
            memory: &mut self.memory,
        }
        .admit(place, release, others)
    }

    /// Whether no application can run, since nobody knows who they are.
    pub fn is_lost(&self) -> bool {
        self.memory.is_lost()
    }

    /// Makes the registry anew that was damaged, from the images that there are, and starts those.
    pub fn reset_registry(&mut self) -> Result<(), ResetError> {
        self.memory.check_reset()?;
        let found = store::find(&self.console, self.directory);
        let releases = found.iter().map(|candidate| &candidate.release);
        self.memory.reset(releases)?;
        say!(self.console, "the registry was made anew");
        self.admit_all(&found);
        self.launch_due();
        Ok(())
    }

    /// Puts an application in the place of its old version, which does not run any more.
    pub fn replace(&mut self, i: usize, app: App) {
        if let Some(old) = self.apps[i].replace(app) {
            self.discard(&old);
        }
    }

    /// Takes an application that does not run out of the list, and its image out of its slot.
    pub fn remove(&mut self, i: usize) {
        if let Some(old) = self.apps[i].take() {
            self.surroundings.put_away(&old.release.name);
            self.discard(&old);
        }
    }

    /// Unmounts the image of an application that does not run, and takes it out of its slot. One
    /// that cannot be unmounted stays there: a process may still execute it.
    fn discard(&self, old: &App) {
        if self.unmount(old.place) {
            store::discard(&self.console, old.place);
        }
    }

    /// Unmounts an image, and says so if that fails.
    fn unmount(&self, place: Place) -> bool {
        let result = Image::unmount(place);
        if let Err(failure) = result {
            say!(self.console, "{place}: {failure}");
        }
        result.is_ok()
    }

    /// The console.
    pub fn console(&self) -> &Console<'a> {
        &self.console
    }

    /// Where images in files are.
    pub fn directory(&self) -> &'a str {
        self.directory
    }

    /// All applications.
    pub fn apps(&self) -> impl Iterator<Item = &App> {
        self.apps.iter().flatten()
    }

    /// The application with a number in the list.
    pub fn app_mut(&mut self, i: usize) -> Option<&mut App> {
        self.apps.get_mut(i)?.as_mut()
    }

    /// Where the first application that `is_it` is in the list.
    fn find(&self, is_it: impl Fn(&App) -> bool) -> Option<usize> {
        let is_it = |app: &Option<App>| app.as_ref().is_some_and(&is_it);
        self.apps.iter().position(is_it)
    }

    /// Where an application is in the list.
    pub fn find_name(&self, name: Name) -> Option<usize> {
        self.find(|app| app.release.name == name)
    }

    /// Where the application of a component is in the list.
    pub fn find_component(&self, component: Uuid) -> Option<usize> {
        self.find(|app| app.release.component == component)
    }

    /// Looks after the applications, says what is denied to them, and does what managers ask for;
    /// calls `when_idle` once when none runs, none waits, and no manager runs either.
    pub fn run(
        &mut self,
        mut denials: Denials<'_>,
        mut managers: Managers<'_>,
        mut requests: Requests,
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
            self.reap(&mut managers, &mut requests);
            self.kill_overdue();
            requests.serve(self);
            self.launch_due();
            if self.is_idle() && !managers.any_runs() && !was_idle {
                was_idle = true;
                when_idle();
            }
            let times = self.time_to_act().into_iter().chain(requests.time_to_act());
            let timeout = times.min();
            match &waker {
                Some(waker) => waker.wait([denials.as_fd(), requests.as_fd()], timeout),
                None => process::wait_for_child(timeout),
            }
        }
    }

    /// How many applications run.
    pub fn running(&self) -> usize {
        let runs = |app: &&App| matches!(app.state, State::Running { .. });
        self.apps().filter(runs).count()
    }

    fn name_of(&self, component: Uuid) -> Option<Name> {
        let mut apps = self.apps();
        let app = apps.find(|app| app.release.component == component)?;
        Some(app.release.name)
    }

    fn is_idle(&self) -> bool {
        let over = |app: &App| matches!(app.state, State::Stopped | State::Ended);
        self.apps().all(over)
    }

    /// How long until an application has to be launched or killed.
    fn time_to_act(&self) -> Option<Duration> {
        let time = |app: &App| match app.state {
            State::Due(time) => Some(time),
            State::Stopping { kill_at, .. } => kill_at,
            _ => None,
        };
        let next = self.apps().filter_map(time).min()?;
        Some(next.saturating_sub(clock::monotonic()))
    }

    /// Launches the applications whose time has come.
    pub fn launch_due(&mut self) {
        let now = clock::monotonic();
        for i in 0..self.apps.len() {
            if matches!(self.apps[i], Some(App { state: State::Due(due), .. }) if due <= now) {
                // The console has it.
                let _ = self.launch(i, None);
            }
        }
    }

    /// Launches an application now. Its process has still to become it, and says to `reporter` if it
    /// does not.
    pub fn launch(&mut self, i: usize, reporter: Option<&Reporter>) -> Result<(), Why> {
        let Some(app) = self.apps[i].as_mut() else {
            return Ok(());
        };
        let name = app.release.name;
        match spawn(&self.console, &mut self.surroundings, app, reporter) {
            Ok(pid) => {
                say!(
                    self.console,
                    "{name} starts as process {}",
                    pid.as_raw_pid()
                );
                let since = clock::monotonic();
                app.state = State::Running { pid, since };
                Ok(())
            }
            Err(error) => {
                say!(self.console, "{name} does not start: {error}");
                self.crashed(i, Duration::ZERO);
                Err(admission::because(error))
            }
        }
    }

    /// Tells an application that runs to end. Returns whether it does: one that does not run has
    /// nothing to end.
    pub fn stop(&mut self, i: usize) -> bool {
        let Some(app) = self.apps[i].as_mut() else {
            return false;
        };
        let State::Running { pid, .. } = app.state else {
            app.state = State::Stopped;
            return false;
        };
        app.state = State::Stopping {
            pid,
            kill_at: Some(clock::monotonic() + GRACE),
        };
        signal(&self.console, app, pid, Signal::TERM);
        true
    }

    /// Kills the applications that were told to end, and have not.
    fn kill_overdue(&mut self) {
        let now = clock::monotonic();
        for app in self.apps.iter_mut().flatten() {
            if let State::Stopping { pid, kill_at } = app.state {
                if kill_at.is_some_and(|time| time <= now) {
                    let seconds = GRACE.as_secs();
                    say!(
                        self.console,
                        "{} has not ended in {seconds} s: it is killed",
                        app.release.name
                    );
                    let kill_at = None;
                    app.state = State::Stopping { pid, kill_at };
                    signal(&self.console, app, pid, Signal::KILL);
                }
            }
        }
    }

    /// Takes notice of all processes that have ended, those included that an application left
    /// behind.
    fn reap(&mut self, managers: &mut Managers<'_>, requests: &mut Requests) {
        while let Some((pid, outcome)) = reap_one() {
            match self.find(|app| app.runs_as(pid)) {
                Some(i) => {
                    let ending = self.ended(i, outcome);
                    requests.ended(self, i, ending);
                }
                None => managers.ended(pid, outcome),
            }
        }
        for app in self.apps.iter().flatten().filter(|app| !app.runs()) {
            self.surroundings.put_away(&app.release.name);
        }
    }

    fn ended(&mut self, i: usize, outcome: Outcome) -> Ending {
        let Some(app) = self.apps[i].as_mut() else {
            return Ending::from(outcome);
        };
        let ending = self.surroundings.end(app, outcome);
        say!(self.console, "{} {ending}", app.release.name);
        match app.state {
            State::Stopping { .. } => app.state = State::Stopped,
            _ if outcome.is_success() => app.state = State::Ended,
            State::Running { since, .. } => {
                self.crashed(i, clock::monotonic().saturating_sub(since));
            }
            _ => self.crashed(i, Duration::ZERO),
        }
        ending
    }

    fn crashed(&mut self, i: usize, lived: Duration) {
        let Some(app) = self.apps[i].as_mut() else {
            return;
        };
        let name = app.release.name;
        app.state = match app.crashes.add(lived, self.restart_limit) {
            Verdict::Restart { after, attempt } => {
                let seconds = after.as_secs();
                say!(
                    self.console,
                    "{name}: restarting in {seconds} s, attempt {attempt}"
                );
                State::Due(clock::monotonic() + after)
            }
            Verdict::GiveUp => {
                say!(self.console, "{name} is given up: it does not stay alive");
                State::Ended
            }
        };
    }
}

fn signal(console: &Console<'_>, app: &App, pid: Pid, signal: Signal) {
    if let Err(error) = kill_process(pid, signal) {
        let (name, error) = (app.release.name, Words(error));
        say!(console, "{name} cannot be told to end: {error}");
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

/// Starts the process of an application.
fn spawn(
    console: &Console<'_>,
    surroundings: &mut Surroundings<'_>,
    app: &App,
    reporter: Option<&Reporter>,
) -> Result<Pid, ImageError> {
    let App { place, uid, .. } = *app;
    let name = app.release.name;
    let image = Image::open(place)?;
    let mut papers = Papers::new();
    papers.read(&image)?;
    let (record, launch) = (papers.record()?, papers.launch()?);
    let becoming = Becoming {
        image: &image,
        record: &record,
        uid,
        argv: &child::argv(&launch)?,
    };
    let group = surroundings.make(app, &image, &record, &launch)?;
    match group.fork().doing(child::PROCESS)? {
        Fork::Parent(pid) => Ok(pid),
        Fork::Child => {
            let failure = become_application(&becoming);
            say!(console, "{name}: {failure}");
            if let Some(reporter) = reporter {
                reporter.say(&failure);
            }
            process::exit(NOT_STARTED)
        }
    }
}
