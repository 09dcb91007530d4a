// SPDX-License-Identifier: GPL-2.0

//! What to say for a word that is for machines.
//!
//! A list is one string, each line of it a word, a space, and what to say. On a device, that is
//! half of what a table of pointers to strings takes, and a third of code that compares.

/// What `list` says for `word`.
pub(crate) fn words_for<'a>(word: &str, list: &'a str) -> Option<&'a str> {
    list.split('\n')
        .find_map(|line| line.strip_prefix(word)?.strip_prefix(' '))
}
