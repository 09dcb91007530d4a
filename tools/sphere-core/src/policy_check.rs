// SPDX-License-Identifier: GPL-2.0

//! Checks a policy as the kernel does, before the kernel is asked.
//!
//! What only a kernel can know is left to it: which gates it was built without, and whether a lock
//! keeps a policy out.

use crate::policy::{self, PolicyError, Reason, STATEMENTS_MAX, Statement};
use core::fmt::{self, Display, Formatter};

/// Reads the text of a policy, and gives each of its statements to `each`, beside the text that they
/// are about. Returns how many lines are statements.
///
/// # Errors
///
/// The first thing that is wrong.
pub fn check<'t>(
    bytes: &'t [u8],
    each: &mut dyn FnMut(&'t str, Statement),
) -> Result<usize, PolicyError> {
    let text = policy::whole_text(bytes)?;
    let mut kept = 0;
    policy::parse(text, &mut |statement| {
        if kept == STATEMENTS_MAX {
            return Err(Reason::TooMany);
        }
        kept += 1;
        each(text, statement);
        Ok(())
    })?;
    Ok(text.lines().filter(|line| is_statement(line)).count())
}

/// Whether a line of a policy is more than a comment.
pub fn is_statement(line: &str) -> bool {
    !matches!(line.trim_ascii_start().as_bytes(), [] | [b'#', ..])
}

/// That a policy is in order, in words.
pub struct InOrder<P>(pub P, pub usize);

impl<P: Display> Display for InOrder<P> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(file, count) = self;
        let plural = if *count == 1 { "" } else { "s" };
        write!(f, "{file}: ok, {count} statement{plural}")
    }
}

/// The place of a mistake in a file: `FILE:LINE`, or `FILE` for one that is not about a line.
pub struct At<P>(pub P, pub u32);

impl<P: Display> Display for At<P> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.1 {
            0 => self.0.fmt(f),
            line => write!(f, "{}:{line}", self.0),
        }
    }
}
