// SPDX-License-Identifier: GPL-2.0

//! Reading files of any size line by line.

use crate::errno::{Doing, Failure};
use rustix::{
    fd::AsFd,
    io::{Errno, read},
};

/// Reads lines of at most `N` bytes.
pub struct Lines<F, const N: usize> {
    file: F,
    buffer: [u8; N],
    /// What is read and not handed out yet.
    start: usize,
    end: usize,
    at_end: bool,
}

impl<F: AsFd, const N: usize> Lines<F, N> {
    /// From where the file is now.
    pub fn new(file: F) -> Self {
        Self {
            file,
            buffer: [0; N],
            start: 0,
            end: 0,
            at_end: false,
        }
    }

    /// The next line without its line break, `None` after the last. Of one that is too long, or
    /// is not UTF-8 everywhere, only the beginning.
    ///
    /// # Errors
    ///
    /// What read(2) says.
    pub fn next_line(&mut self) -> Result<Option<&str>, Failure> {
        let is_break = |&byte: &u8| byte == b'\n';
        loop {
            let rest = &self.buffer[self.start..self.end];
            if let Some(len) = rest.iter().position(is_break) {
                let line = self.start..self.start + len;
                self.start = line.end + 1;
                return Ok(Some(text(&self.buffer[line])));
            }
            if self.at_end {
                let line = self.start..self.end;
                self.start = self.end;
                return Ok((!line.is_empty()).then(|| text(&self.buffer[line])));
            }
            if rest.len() == N {
                self.skip_line()?;
                return Ok(Some(text(&self.buffer)));
            }
            self.fill()?;
        }
    }

    fn fill(&mut self) -> Result<(), Failure> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        match read(&self.file, &mut self.buffer[self.end..]) {
            Ok(0) => self.at_end = true,
            Ok(count) => self.end += count,
            Err(Errno::INTR) => {}
            Err(error) => return Err(error).doing("read the file"),
        }
        Ok(())
    }

    /// Reads on after the next line break, with the beginning of the line left in the buffer.
    fn skip_line(&mut self) -> Result<(), Failure> {
        (self.start, self.end) = (0, 0);
        let mut byte = [0];
        loop {
            match read(&self.file, &mut byte) {
                Ok(0) => self.at_end = true,
                Ok(_) if byte != *b"\n" => continue,
                Ok(_) => {}
                Err(Errno::INTR) => continue,
                Err(error) => return Err(error).doing("read the file"),
            }
            return Ok(());
        }
    }
}

/// As much as is UTF-8.
fn text(bytes: &[u8]) -> &str {
    bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::{io::write, pipe::pipe};

    fn lines<const N: usize>(bytes: &[u8]) -> Vec<String> {
        let (reader, writer) = pipe().unwrap();
        assert_eq!(write(&writer, bytes), Ok(bytes.len()));
        drop(writer);
        let mut lines = Lines::<_, N>::new(reader);
        let mut all = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            all.push(line.to_owned());
        }
        all
    }

    #[test]
    fn lines_come_one_by_one() {
        assert_eq!(
            lines::<8>(b"one\n\ntwo\nthree"),
            ["one", "", "two", "three"]
        );
        assert_eq!(lines::<8>(b"one\n"), ["one"]);
        assert_eq!(lines::<8>(b"\n"), [""]);
        assert!(lines::<8>(b"").is_empty());
    }

    #[test]
    fn of_long_lines_the_beginning_is_left() {
        assert_eq!(
            lines::<4>(b"abc\nabcd\nabcde\nx\n"),
            ["abc", "abcd", "abcd", "x"]
        );
        assert_eq!(lines::<4>(b"abcdefghi"), ["abcd"]);
    }

    #[test]
    fn what_is_not_utf8_ends_a_line() {
        assert_eq!(lines::<8>(b"ab\xffcd\n\xff\nx"), ["ab", "", "x"]);
    }
}
