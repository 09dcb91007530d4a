// SPDX-License-Identifier: GPL-2.0

//! Programs that the command line names, with their arguments.

use core::str::SplitAsciiWhitespace;

/// Programs that there may be.
pub const COMMANDS_MAX: usize = 4;

/// A program and its arguments, with spaces between them. There is no way to have a space in one:
/// the kernel's command line has its quotation marks around the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command<'a>(&'a str);

impl<'a> Command<'a> {
    /// `None` unless the first word is a path from the root: nobody looks for programs.
    pub fn new(text: &'a str) -> Option<Self> {
        Some(Self(text)).filter(|command| command.program().starts_with('/'))
    }

    /// Path of the program.
    pub fn program(self) -> &'a str {
        self.words().next().unwrap_or("")
    }

    /// The arguments, the path of the program the first of them.
    pub fn words(self) -> SplitAsciiWhitespace<'a> {
        self.0.split_ascii_whitespace()
    }
}

/// At most [`COMMANDS_MAX`] of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Commands<'a>([Option<Command<'a>>; COMMANDS_MAX]);

impl<'a> Commands<'a> {
    /// Adds one. Returns whether there was room for it.
    #[must_use]
    pub fn add(&mut self, command: Command<'a>) -> bool {
        let free = self.0.iter_mut().find(|place| place.is_none());
        free.map(|place| *place = Some(command)).is_some()
    }

    /// In the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = Command<'a>> {
        self.0.iter().copied().flatten()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0[0].is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_spaces_between_them() {
        let command = Command::new(" /bin/ctl  denials --follow ").unwrap();
        assert_eq!(command.program(), "/bin/ctl");
        let words: Vec<_> = command.words().collect();
        assert_eq!(words, ["/bin/ctl", "denials", "--follow"]);
    }

    #[test]
    fn a_program_is_a_path_from_the_root() {
        for none in ["", " ", "sh", "bin/sh -c /x", "--lock"] {
            assert_eq!(Command::new(none), None, "{none:?}");
        }
    }

    #[test]
    fn there_is_room_for_a_few() {
        let mut commands = Commands::default();
        assert!(commands.is_empty());
        let paths = ["/a", "/b", "/c", "/d"];
        for path in paths {
            assert!(commands.add(Command::new(path).unwrap()));
        }
        assert!(!commands.add(Command::new("/e").unwrap()));
        let all: Vec<_> = commands.iter().map(Command::program).collect();
        assert_eq!(all, paths);
        assert!(!commands.is_empty());
    }
}
