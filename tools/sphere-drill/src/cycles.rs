// SPDX-License-Identifier: GPL-2.0

//! An application that is started and stopped again and again.

use core::time::Duration;
use rustix::fs::OFlags;
use sphere_device::{clock, console::Console, file, say};
use sphere_manage::control::{PACKET_MAX, Question, Request};
use sphere_store::name::Name;

/// Cycles before the first look: what the kernel keeps in reserve is there then.
const WARM_UP: u32 = 200;

/// How long to wait before a look.
const SETTLING: Duration = Duration::from_millis(500);

/// What the kernel has for itself, by the names of `/proc/meminfo`.
const FIELDS: [&str; 4] = ["Slab", "KernelStack", "PageTables", "VmallocUsed"];

/// Starts and stops an application so many times.
pub fn run(console: &Console<'_>, name: Name, count: u32) -> Result<(), &'static str> {
    is_done(ask(Request::Stop(name))?)?;
    (0..WARM_UP).try_for_each(|_| cycle(name))?;
    look(console, "before")?;
    (0..count).try_for_each(|_| cycle(name))?;
    look(console, "after")?;
    say!(console, "{count} cycles");
    is_done(ask(Request::Start(name))?)
}

/// It is stopped before the first process has seen whether it lives, which would take longer than
/// all else.
fn cycle(name: Name) -> Result<(), &'static str> {
    let started = ask(Request::Start(name))?;
    let stopped = ask(Request::Stop(name))?;
    is_done(started)?;
    is_done(stopped)
}

fn ask(request: Request) -> Result<Question, &'static str> {
    let question = Question::connect().map_err(|_| "the first process cannot be reached")?;
    let asked = question.ask(request);
    asked.map_err(|_| "the first process cannot be asked")?;
    Ok(question)
}

fn is_done(question: Question) -> Result<(), &'static str> {
    let mut packet = [0; PACKET_MAX];
    let done = question.wait(&mut packet, |_| {});
    done.map_err(|_| "the first process has not done what it was asked for")
}

fn look(console: &Console<'_>, when: &str) -> Result<(), &'static str> {
    // What the last process had is given back a little later than the process ends.
    clock::sleep(SETTLING);
    let mut buffer = [0; 4096];
    let text = file::open_path("/proc/meminfo", OFlags::RDONLY)
        .ok()
        .and_then(|file| file::read_whole(file, &mut buffer).ok())
        .and_then(|bytes| core::str::from_utf8(bytes).ok())
        .ok_or("/proc/meminfo cannot be read")?;
    for line in text.lines() {
        if let Some((field, rest)) = line.split_once(':') {
            if FIELDS.contains(&field) {
                say!(console, "{when} {field} {}", rest.trim_ascii());
            }
        }
    }
    Ok(())
}
