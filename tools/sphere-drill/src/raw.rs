// SPDX-License-Identifier: GPL-2.0

//! What sphere-ctl never asks the first process for.

use sphere_device::{console::Console, say, text::Text};
use sphere_manage::control::{PACKET_MAX, Question};

/// Asks for it, and says what the answer is.
pub fn run(console: &Console<'_>, command: &str, argument: &str) -> Result<(), &'static str> {
    let text = Text::<PACKET_MAX>::format(format_args!("{command} {argument}"));
    let text = text.ok_or("this is too long")?;
    let mut packet = [0; PACKET_MAX];
    let answer = Question::connect()
        .and_then(|question| question.send(text.as_str().as_bytes()).map(|()| question))
        .map_err(Into::into)
        .and_then(|question| question.wait(&mut packet, |line| say!(console, "{line}")));
    answer.map_err(|why| {
        say!(console, "{text}: {why}");
        "it is not done"
    })
}
