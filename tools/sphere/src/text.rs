// SPDX-License-Identifier: GPL-2.0

//! Rules that several kinds of text in manifests and board files share.

use crate::json::Node;
use crate::report::{Problem, Report};

/// Whether `text` is what templates put where a value belongs.
fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    let words: String = text
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    text.is_empty()
        || (text.starts_with('<') && text.ends_with('>'))
        || ["changethis", "changeme", "replacethis", "replaceme", "todo"].contains(&words.as_str())
}

/// A string that says something: no placeholder, no control character.
///
/// Control characters are refused everywhere: they would forge what people see on a console, and
/// break the lines of a launch file.
pub fn meaningful<'a>(node: &'a Node, what: &str, report: &mut Report) -> Option<&'a str> {
    let text = node.string(report)?;
    if is_placeholder(text) {
        report.push(
            Problem::error(&node.place, format!("{text:?} is a placeholder"))
                .hint(format!("put {what} here")),
        );
        return None;
    }
    if text.chars().any(char::is_control) {
        report.error(
            &node.place,
            format!("{text:?} contains a control character"),
        );
        return None;
    }
    Some(text)
}

/// `text`, or as much of its beginning as `size` bytes hold without cutting a character.
pub fn truncated(text: &str, size: usize) -> &str {
    let mut end = size.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_recognised() {
        for text in [
            "",
            " ",
            "CHANGE THIS",
            "change_this",
            "<scopeid>",
            "<YOUR IP>",
            "TODO",
            "Change-Me!",
        ] {
            assert!(is_placeholder(text), "{text:?}");
        }
        for text in [
            "x",
            "example.com",
            "a<b",
            "-",
            "todo.example.com",
            "CHANGE THIS APP",
        ] {
            assert!(!is_placeholder(text), "{text:?}");
        }
    }

    #[test]
    fn text_is_cut_between_characters() {
        assert_eq!(truncated("abc", 31), "abc");
        assert_eq!(truncated("abc", 2), "ab");
        assert_eq!(truncated("aé", 2), "a");
        assert_eq!(truncated("\u{1f600}", 3), "");
    }
}
