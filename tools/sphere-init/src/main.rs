// SPDX-License-Identifier: GPL-2.0

//! `sphere-init`: the first process of a Sphere device. It launches the applications with their
//! identities, and looks after them; beside them, managers that whoever operates the device asks
//! for. See [`sphere_init::options::HELP`].

#![no_std]
#![no_main]

mod admission;
mod app;
mod cgroup;
mod child;
mod denials;
mod devices;
mod image;
mod leftovers;
mod machine;
mod manager;
mod memory;
mod network;
mod policy;
mod report;
mod requests;
mod resources;
mod storage;
mod store;
mod supervisor;
mod surroundings;
mod watch;

use crate::{denials::Denials, manager::Managers, memory::Memory, requests::Requests};
use core::sync::atomic::{AtomicBool, Ordering};
use rustix::process::getpid;
use sphere_core::{describe::Name, record::Kind};
use sphere_device::{
    args::Args,
    clock::{self, Seconds},
    console::Console,
    errno::Words,
    identity::{Attr, Identity},
    process, say,
    text::Foreign,
};
use sphere_init::options::{HELP, Ignored, Options, WhenIdle};
use supervisor::{Supervisor, reap_all};
use surroundings::Surroundings;

const PREFIX: &str = "[init] ";

/// Whether the machine is to end when no application runs any more, for [`after_panic`].
static ENDS: AtomicBool = AtomicBool::new(false);

fn main(args: Args) -> u8 {
    let console = Console::stdout(PREFIX);
    let options = Options::parse(args.argv, |arg, reason| {
        let why = match reason {
            Ignored::Unknown => "this option is not known",
            Ignored::BadValue => "this option needs another value",
            Ignored::TooOften => "this option is there too often",
        };
        say!(console, "{}: {why}; it is ignored", Foreign::from(arg));
    });
    if options.help {
        say!(Console::stdout(""), "{HELP}");
        return 0;
    }
    if !getpid().is_init() {
        say!(
            console,
            "this has to be the first process of a machine; see --help"
        );
        return 1;
    }
    ENDS.store(options.when_idle != WhenIdle::Stay, Ordering::Relaxed);
    manage(console, &options)
}

/// What the first process does until the machine ends.
fn manage(console: Console<'_>, options: &Options<'_>) -> ! {
    let begin = clock::monotonic();
    machine::mount_kernel_file_systems(&console);
    introduce(&console);
    // Without this, no news of a child would be lost either: they would be noticed late.
    if let Err(error) = process::hold_child_signals() {
        say!(console, "cannot hold signals: {}", Words(error));
    }
    policy::apply(&console, options);
    let surroundings = Surroundings::set_up(console, options);
    let found = store::find(&console, options.apps);
    say!(console, "{} application images are in order", found.count());
    let memory = Memory::open(&console, surroundings.storage_is_broken());
    let mut apps = Supervisor::new(console, options, memory, surroundings);
    apps.admit_all(&found);
    let requests = Requests::open(&console);
    let denials = Denials::open(console);
    apps.launch_due();
    say!(
        console,
        "{} applications were started in the first {} s; the kernel took {} s of them",
        apps.running(),
        Seconds(clock::monotonic()),
        Seconds(begin)
    );
    let managers = Managers::start(console, &options.managers);
    apps.run(denials, managers, requests, || {
        machine::end(&console, options.when_idle);
    })
}

/// Says what the kernel takes the first process for: nothing works unless that is the manager.
fn introduce(console: &Console<'_>) {
    match Identity::get(Attr::Current) {
        Ok(identity) if identity.record().kind() == Kind::Manager => {
            say!(console, "the kernel says that this process is the manager");
        }
        Ok(identity) => {
            let name = Name(&identity.record());
            say!(
                console,
                "the kernel takes this process for {name}: nothing will start"
            );
        }
        Err(error) => say!(console, "cannot read the own identity: {error}"),
    }
}

/// Keeps the machine in order after a fault of this program: the applications that run go on, but
/// none is started any more.
fn after_panic() -> ! {
    if !getpid().is_init() {
        // The process of an application that has not become it yet.
        process::exit(child::NOT_STARTED)
    }
    let console = Console::stderr(PREFIX);
    say!(
        console,
        "this program has a fault: applications go on, but are not restarted any more"
    );
    loop {
        let left = reap_all();
        // Not powered off, whatever was asked for: a restart may mend it.
        if !left && ENDS.swap(false, Ordering::Relaxed) {
            machine::end(&console, WhenIdle::Reboot);
        }
        process::wait_for_child(None);
    }
}

sphere_start::entry!(main, after_panic: after_panic);
