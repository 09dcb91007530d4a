// SPDX-License-Identifier: GPL-2.0

//! A manager that speaks the protocol of the first process and means no good, or is broken.

use crate::sums::Sums;
use core::fmt::Write;
use sphere_device::{console::Console, say, text::Foreign, text::Text};
use sphere_manage::{
    control::{AskError, PACKET_MAX, Question},
    mtd,
    partitions::Partitions,
};
use sphere_store::name::Name;

type Done = Result<(), &'static str>;

/// What somebody sends, and what he is told.
type Case = (&'static [u8], &'static str);

/// More than a packet may have.
const LONG: [u8; PACKET_MAX + 1] = [b'a'; PACKET_MAX + 1];
/// As much as it may have.
const FULL: [u8; PACKET_MAX] = [b'a'; PACKET_MAX];
/// What would be a request without what does not fit.
const CUT: [u8; 2 * PACKET_MAX] = {
    let command = b"admit ";
    let mut bytes = [b'0'; 2 * PACKET_MAX];
    let mut i = 0;
    while i < command.len() {
        bytes[i] = command[i];
        i += 1;
    }
    bytes
};

const NO_REQUEST: &str = "this is no request";
const TOO_LONG: &str = "a request has at most 256 bytes";
const NO_APPLICATION: &str = "there is no application nobody";

const CASES: &[Case] = &[
    (b"", "nothing was asked for"),
    (b" ", NO_REQUEST),
    (b"halt", NO_REQUEST),
    (b"list\0", NO_REQUEST),
    (b"list\nlist", NO_REQUEST),
    (b"LIST", NO_REQUEST),
    (b"\xff\xfe\xfd", NO_REQUEST),
    (b"+", NO_REQUEST),
    (b"admit", NO_REQUEST),
    (b"admit ", NO_REQUEST),
    (b"admit data", NO_REQUEST),
    (b"admit system", NO_REQUEST),
    (b"admit slot0", NO_REQUEST),
    (b"admit ../../dev/mtd0", NO_REQUEST),
    (b"admit 0/1", NO_REQUEST),
    (b"admit -1", NO_REQUEST),
    (b"admit 4294967296", NO_REQUEST),
    (b"admit 4294967295", "mtd4294967295 is no slot for images"),
    (b"admit 99", "mtd99 is no slot for images"),
    (b"start nobody", NO_APPLICATION),
    (b"stop nobody", NO_APPLICATION),
    (b"remove nobody", NO_APPLICATION),
    (b"remove ../nobody", NO_REQUEST),
    (b"remove 0123456789abcdef0123456789abcdef", NO_REQUEST),
    (b"reset-registry please", NO_REQUEST),
    (b"reset-registry", "the registry is in order"),
    (&LONG, TOO_LONG),
    (&CUT, TOO_LONG),
    (&FULL, NO_REQUEST),
];

/// Connections that say nothing, all at once.
const CROWD: usize = 4;

/// Tries everything. `name` is an application that runs, and does so after it.
pub fn run(console: &Console<'_>, name: Name) -> Done {
    let before = Sums::at_rest()?;
    for (packet, answer) in CASES {
        refused(console, packet, answer)?;
    }
    no_slots(console)?;
    two_at_once(name)?;
    gone_too_early(name)?;
    silent()?;
    is_there(name)?;
    if Sums::at_rest()? != before {
        return Err("BROKEN: the flash has changed");
    }
    say!(console, "hostile: nothing has changed");
    Ok(())
}

fn connect() -> Result<Question, &'static str> {
    Question::connect().map_err(|_| "BROKEN: the first process cannot be reached")
}

fn send(question: &Question, packet: &[u8]) -> Done {
    let sent = question.send(packet);
    sent.map_err(|_| "BROKEN: the first process cannot be asked")
}

/// Sends a packet; the answer has to start with this.
fn refused(console: &Console<'_>, packet: &[u8], answer: &str) -> Done {
    let question = connect()?;
    send(&question, packet)?;
    let mut buffer = [0; PACKET_MAX];
    match question.wait(&mut buffer, |_| {}) {
        Err(AskError::Refused(why)) if why.0.starts_with(answer.as_bytes()) => return Ok(()),
        Err(why) => say!(console, "{}: {why}", Foreign(packet)),
        Ok(()) => say!(console, "{}: it is done", Foreign(packet)),
    }
    Err("BROKEN: the first process has not refused it, or for another reason")
}

/// What is in other partitions than slots is nobody's business.
fn no_slots(console: &Console<'_>) -> Done {
    let list = Partitions::read_if_any();
    for (number, name) in mtd::partitions(list.as_slice()) {
        if name.starts_with("slot") {
            continue;
        }
        let mut packet = Text::<24>::new();
        let mut answer = Text::<48>::new();
        let _ = write!(packet, "admit {number}");
        let _ = write!(answer, "mtd{number} is no slot for images");
        refused(console, packet.as_str().as_bytes(), answer.as_str())?;
        say!(console, "hostile: {name} is no slot");
    }
    Ok(())
}

/// The second request is not looked at.
fn two_at_once(name: Name) -> Done {
    let question = connect()?;
    send(&question, b"list")?;
    send(&question, command("remove", name).as_str().as_bytes())?;
    let mut lines = 0;
    let done = question.wait(&mut [0; PACKET_MAX], |_| lines += 1).is_ok();
    match done && lines > 0 {
        true => is_there(name),
        false => Err("BROKEN: the first of two requests was not done"),
    }
}

/// Who asks and does not wait is served, and who has not asked is not missed.
fn gone_too_early(name: Name) -> Done {
    for packet in [&b"list"[..], b"halt", &LONG] {
        let question = connect()?;
        send(&question, packet)?;
    }
    drop(connect()?);
    let question = connect()?;
    send(&question, command("stop", name).as_str().as_bytes())?;
    drop(question);
    let question = connect()?;
    send(&question, command("start", name).as_str().as_bytes())?;
    let mut buffer = [0; PACKET_MAX];
    let started = question.wait(&mut buffer, |_| {});
    started.map_err(|_| "BROKEN: what was stopped is not started")
}

/// Whoever says nothing is not waited for long.
fn silent() -> Done {
    let mut crowd = [const { None }; CROWD];
    for place in &mut crowd {
        *place = Some(connect()?);
    }
    for question in crowd.into_iter().flatten() {
        let mut buffer = [0; PACKET_MAX];
        match question.wait(&mut buffer, |_| {}) {
            Err(AskError::Refused(_)) => {}
            _ => return Err("BROKEN: who says nothing is not told so"),
        }
    }
    Ok(())
}

/// The application runs.
fn is_there(name: Name) -> Done {
    let question = connect()?;
    send(&question, b"list")?;
    let mut runs = false;
    let mut buffer = [0; PACKET_MAX];
    let listed = question.wait(&mut buffer, |line| {
        let text = core::str::from_utf8(line.0).unwrap_or("");
        runs |= text.starts_with(name.as_str()) && text.contains(": runs as process");
    });
    match listed.is_ok() && runs {
        true => Ok(()),
        false => Err("BROKEN: the application does not run any more"),
    }
}

fn command(word: &str, name: Name) -> Text<48> {
    // It has room.
    Text::format(format_args!("{word} {name}")).unwrap_or_default()
}
