// SPDX-License-Identifier: GPL-2.0

//! Lines of text for people.
//!
//! Several programs share a console. A line is written with one call, so that theirs do not mix.

use core::fmt::{self, Write};
use rustix::{
    fd::BorrowedFd,
    io::{self, Errno},
    stdio,
};

/// Bytes of the longest line that is written with one call.
const LINE: usize = 256;

/// Where lines go, and what each of them starts with.
#[derive(Clone, Copy)]
pub struct Console<'a> {
    fd: BorrowedFd<'static>,
    prefix: &'a str,
}

impl<'a> Console<'a> {
    /// Lines to standard output.
    pub fn stdout(prefix: &'a str) -> Self {
        // SAFETY: nothing closes standard output, and were it not open, the write would fail.
        let fd = unsafe { stdio::stdout() };
        Self { fd, prefix }
    }

    /// Lines to standard error.
    pub fn stderr(prefix: &'a str) -> Self {
        // SAFETY: as above.
        let fd = unsafe { stdio::stderr() };
        Self { fd, prefix }
    }

    /// Writes text and a line break. A line break within the text starts another line, with the
    /// prefix. Errors are lost: there is no other place to report them to.
    pub fn say(&self, text: fmt::Arguments<'_>) {
        let mut lines = Lines::new(self.prefix, |line| write_all(self.fd, line));
        let _ = lines.write_fmt(text);
        lines.end();
    }
}

/// [`Console::say`] with the arguments of `format!`.
#[macro_export]
macro_rules! say {
    ($console:expr, $($text:tt)+) => {
        $console.say(::core::format_args!($($text)+))
    };
}

fn write_all(fd: BorrowedFd<'_>, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        match io::write(fd, bytes) {
            Ok(0) => return,
            Ok(written) => bytes = bytes.get(written..).unwrap_or(&[]),
            Err(Errno::INTR) => {}
            Err(_) => return,
        }
    }
}

/// Cuts text into lines with a prefix and hands out each as a whole, or in pieces if it is longer
/// than [`LINE`].
struct Lines<'a, F: FnMut(&[u8])> {
    prefix: &'a str,
    out: F,
    line: [u8; LINE],
    used: usize,
    /// Whether the prefix of the current line is yet to come.
    at_start: bool,
}

impl<'a, F: FnMut(&[u8])> Lines<'a, F> {
    fn new(prefix: &'a str, out: F) -> Self {
        Self {
            prefix,
            out,
            line: [0; LINE],
            used: 0,
            at_start: true,
        }
    }

    fn byte(&mut self, byte: u8) {
        if self.used == LINE {
            self.flush();
        }
        self.line[self.used] = byte;
        self.used += 1;
    }

    fn flush(&mut self) {
        (self.out)(&self.line[..self.used]);
        self.used = 0;
    }

    fn start(&mut self) {
        if self.at_start {
            self.at_start = false;
            for byte in self.prefix.bytes() {
                self.byte(byte);
            }
        }
    }

    fn end(&mut self) {
        self.start();
        self.byte(b'\n');
        self.flush();
        self.at_start = true;
    }
}

impl<F: FnMut(&[u8])> Write for Lines<'_, F> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            if byte == b'\n' {
                self.end();
            } else {
                self.start();
                self.byte(byte);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(prefix: &str, text: &str) -> Vec<String> {
        let mut out = Vec::new();
        let mut lines = Lines::new(prefix, |line| {
            out.push(String::from_utf8(line.to_vec()).unwrap());
        });
        lines.write_str(text).unwrap();
        lines.end();
        out
    }

    #[test]
    fn every_line_has_the_prefix_and_is_one_write() {
        assert_eq!(said("a: ", "x"), ["a: x\n"]);
        assert_eq!(said("a: ", "x\n\ny"), ["a: x\n", "a: \n", "a: y\n"]);
        assert_eq!(said("a:", ""), ["a:\n"]);
    }

    #[test]
    fn a_long_line_comes_in_pieces() {
        let text = "x".repeat(2 * LINE);
        let out = said("", &text);
        assert_eq!(out.concat(), text + "\n");
        assert_eq!(out.len(), 3);
    }
}
