// SPDX-License-Identifier: GPL-2.0

//! The kernel's log, read for what Sphere says in it.

use crate::{
    errno::{Doing, Failure},
    file,
};
use rustix::{
    fd::{AsFd, OwnedFd},
    fs::OFlags,
    io::{self, Errno},
};
use sphere_core::{
    denial_line::{Denial, LOG_PREFIX},
    kmsg::Record,
};

/// Bytes of the longest record that is read; Sphere's have less than half of that.
const RECORD_SIZE: usize = 2048;

/// Opens the log at its beginning.
///
/// # Errors
///
/// What openat(2) says.
pub fn open(flags: OFlags) -> Result<OwnedFd, Failure> {
    file::open_path("/dev/kmsg", OFlags::RDONLY | flags).doing("open /dev/kmsg")
}

/// What the log says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// Something was denied, at this time in microseconds since the machine started.
    Denial(u64, Denial<'a>),
    /// A denial, as it seems, in words that are not known.
    Unknown(&'a str),
    /// Records were overwritten before they were read.
    Overwritten,
}

/// Hands all that is in the log to `say`, until `more` has nothing to read for now (`EAGAIN`), or
/// for good.
///
/// # Errors
///
/// What read(2) says.
pub fn read_from(
    mut more: impl FnMut(&mut [u8]) -> Result<usize, Errno>,
    mut say: impl FnMut(Event<'_>),
) -> Result<(), Failure> {
    let mut bytes = [0; RECORD_SIZE];
    loop {
        match more(&mut bytes) {
            Ok(0) | Err(Errno::AGAIN) => return Ok(()),
            Ok(size) => {
                if let Some(record) = bytes.get(..size).and_then(Record::parse) {
                    read_record(&record, &mut say);
                }
            }
            // Others had more to say than the log holds.
            Err(Errno::PIPE) => say(Event::Overwritten),
            // A record that is too long is none of Sphere's, and is skipped by that.
            Err(Errno::INTR | Errno::INVAL) => {}
            Err(error) => return Err(error).doing("read /dev/kmsg"),
        }
    }
}

/// [`read_from`] a file that [`open`] has returned.
///
/// # Errors
///
/// What read(2) says.
pub fn read(log: impl AsFd, say: impl FnMut(Event<'_>)) -> Result<(), Failure> {
    read_from(|bytes| io::read(&log, bytes), say)
}

fn read_record(record: &Record<'_>, say: &mut impl FnMut(Event<'_>)) {
    // Whoever may write to the log could put anything there.
    if !record.is_from_kernel() {
        return;
    }
    let mut buffer = [0; RECORD_SIZE];
    let Some(message) = record.message(&mut buffer) else {
        return;
    };
    if let Some(denial) = Denial::from_message(message) {
        say(Event::Denial(record.microseconds, denial));
    } else if let Some(text) = message.strip_prefix(LOG_PREFIX) {
        if text.starts_with("denied ") || text.starts_with("permitted ") {
            say(Event::Unknown(text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DENIED: &str = "denied gate=exec object=- right=exec reason=gain errno=1 \
                          component=none pid=7 comm=x";

    /// What is said about these results of read(2).
    fn said(reads: &[Result<String, Errno>]) -> (Vec<String>, Result<(), Failure>) {
        let mut reads = reads.iter();
        let mut all = Vec::new();
        let result = read_from(
            |bytes| match reads.next() {
                Some(Ok(record)) => {
                    bytes[..record.len()].copy_from_slice(record.as_bytes());
                    Ok(record.len())
                }
                Some(Err(error)) => Err(*error),
                None => Err(Errno::AGAIN),
            },
            |event| all.push(format!("{event:?}")),
        );
        (all, result)
    }

    #[test]
    fn only_what_the_kernel_says_of_sphere_counts() {
        let (all, result) = said(&[
            Ok("6,1,10,-;Linux version 7.3\n".to_owned()),
            Ok(format!("5,2,20,-;sphere: {DENIED}\n SUBSYSTEM=a\n")),
            Ok(format!("13,3,30,-;sphere: {DENIED}\n")),
            Ok(format!("5,4,40,-;other: sphere: {DENIED}\n")),
            Ok("5,5,50,-;sphere: ready\n".to_owned()),
            Ok("5,6,60,-;sphere: denied gate=new\n".to_owned()),
            Ok("garbage".to_owned()),
        ]);
        assert_eq!(result, Ok(()));
        assert_eq!(all.len(), 2, "{all:?}");
        assert!(all[0].starts_with("Denial(20, "), "{all:?}");
        assert_eq!(all[1], "Unknown(\"denied gate=new\")");
    }

    #[test]
    fn gaps_are_said_and_interruptions_are_not() {
        let (all, result) = said(&[
            Err(Errno::PIPE),
            Err(Errno::INTR),
            Err(Errno::INVAL),
            Ok(format!("5,2,20,-;sphere: {DENIED}\n")),
        ]);
        assert_eq!((all.len(), result), (2, Ok(())));
        assert_eq!(all[0], "Overwritten");
        assert_eq!(said(&[Err(Errno::PERM)]).1.unwrap_err().error, Errno::PERM);
    }
}
