// SPDX-License-Identifier: GPL-2.0

//! What the policy says of somebody.

use super::{
    policy::{
        Span,
        Statement,
        Verb,
        Who, //
    },
    words::Decoded, //
};

/// Statements of a policy, of which those about somebody else do not count.
#[derive(Clone, Copy, Debug)]
pub struct Changes<'a> {
    text: &'a [u8],
    statements: &'a [Statement],
}

impl<'a> Changes<'a> {
    /// Nothing.
    pub const NONE: Self = Self {
        text: &[],
        statements: &[],
    };

    /// What the policy with this `text` says of `who`. `None` when that is quarantine.
    pub fn new(who: Who, text: &'a [u8], statements: &'a [Statement]) -> Option<Self> {
        let (mut applies, mut quarantine) = (false, false);
        for statement in statements.iter().filter(|s| s.who.includes(who)) {
            applies = true;
            quarantine |= statement.verb == Verb::Quarantine;
        }
        match (quarantine, applies) {
            (true, _) => None,
            (false, true) => Some(Self { text, statements }),
            (false, false) => Some(Self::NONE),
        }
    }

    /// Whether nothing is said.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// What is said of `who`, for whom this was made.
    pub fn of(&self, who: Who) -> impl Iterator<Item = &'a Statement> + use<'a> {
        self.statements.iter().filter(move |s| s.who.includes(who))
    }

    /// Whether a word of the policy stands for `name`.
    pub fn names(&self, word: Span, name: &[u8]) -> bool {
        Decoded::of(word.of(self.text)).is(name)
    }
}
