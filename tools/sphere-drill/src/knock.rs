// SPDX-License-Identifier: GPL-2.0

//! An application, or somebody else who is no manager, that wants to be obeyed by the first process.

use sphere_device::{console::Console, errno::Words, say};
use sphere_manage::control::{PACKET_MAX, Question, Request};
use sphere_store::name::Name;

/// Where the socket is, or could be for who has another root directory.
const WAYS: [&str; 4] = [
    "/run/sphere/control",
    "/../../run/sphere/control",
    "/proc/1/root/run/sphere/control",
    "../../../run/sphere/control",
];

/// Tries all ways, and says what becomes of it.
pub fn run(console: &Console<'_>, name: Name) -> Result<(), &'static str> {
    for way in WAYS {
        match Question::connect_to(way) {
            Ok(question) => ask(console, way, question, name),
            Err(error) => say!(console, "knock: {way}: {}", Words(error)),
        }
    }
    Ok(())
}

fn ask(console: &Console<'_>, way: &str, question: Question, name: Name) {
    let mut packet = [0; PACKET_MAX];
    let answer = question
        .ask(Request::Stop(name))
        .map_err(Into::into)
        .and_then(|()| question.wait(&mut packet, |_| {}));
    match answer {
        Ok(()) => say!(console, "BROKEN: knock: {way}: it is done"),
        Err(why) => say!(console, "knock: {way}: {why}"),
    }
}
