// SPDX-License-Identifier: GPL-2.0

//! Component ids as manifests write them.

use sphere_core::uuid::Uuid;

use crate::json::Node;
use crate::report::{Problem, Report};

/// A GUID in its usual form, in either case, that is not all zeros.
pub fn read(node: &Node, report: &mut Report) -> Option<Uuid> {
    const FORM: &str = "8-4-4-4-12 hexadecimal digits";

    let text = node.string(report)?;
    // The crate also takes braces, URNs and bare digits, which no manifest uses.
    let hyphenated = text.len() == uuid::fmt::Hyphenated::LENGTH;
    let Some(id) = parse(text).filter(|_| hyphenated) else {
        let problem = Problem::error(&node.place, format!("{text:?} is not a GUID"));
        report.push(problem.hint(format!("a GUID is {FORM}, such as one from uuidgen")));
        return None;
    };
    if id.is_nil() {
        report.push(nil(node, "make one with uuidgen"));
        return None;
    }
    Some(id)
}

/// The error for a GUID of zeros, which templates hold.
pub fn nil(node: &Node, hint: &str) -> Problem {
    Problem::error(&node.place, "a GUID of zeros is a placeholder").hint(hint)
}

/// A GUID in any of its written forms.
pub fn parse(text: &str) -> Option<Uuid> {
    uuid::Uuid::try_parse(text)
        .ok()
        .map(|id| Uuid(id.into_bytes()))
}
