// SPDX-License-Identifier: GPL-2.0

//! How wide text is, and where it can be broken.

/// The width of `text` in units of its font size, for DejaVu Sans or Verdana: nearly no other
/// font is wider, so that text has room whatever font there is.
pub fn width(text: &str) -> f64 {
    text.chars().map(char_width).sum()
}

fn char_width(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' => 0.29,
        'I' | '.' | ',' | ':' | ';' | '\'' | '|' | ' ' => 0.34,
        'f' | 't' | 'r' | '-' | '(' | ')' | '[' | ']' | '/' => 0.42,
        's' | 'c' | 'z' | 'k' | 'v' | 'x' | 'y' | '_' | '\u{2013}' => 0.60,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '&' => 1.0,
        'a'..='z' | '0'..='9' => 0.645,
        'A'..='Z' => 0.75,
        '!'..='~' => 0.84,
        // Ideographs and the like are as wide as they are high.
        _ => 1.05,
    }
}

/// Breaks `text` into lines of at most `most`, by what `measure` says of a line.
pub fn wrap(text: &str, most: f64, measure: impl Fn(&str) -> f64) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for piece in pieces(text) {
        let grown = format!("{line}{piece}");
        if measure(grown.trim_end()) <= most {
            line = grown;
            continue;
        }
        if !line.trim().is_empty() {
            lines.push(line.trim_end().to_owned());
        }
        line = piece.trim_start().to_owned();
        // A word that is longer than a line is cut where the line ends.
        while measure(line.trim_end()) > most {
            let (part, rest) = cut(&line, most, &measure);
            lines.push(part);
            line = rest;
        }
    }
    if !line.trim().is_empty() || lines.is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// The same for a terminal, where every character is one column.
pub fn wrap_columns(text: &str, width: usize) -> Vec<String> {
    // Widths of terminals are far below what an f64 holds exactly.
    wrap(text, width as f64, |line| line.chars().count() as f64)
}

/// Parts of text behind each of which a line may end.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive([' ', '_', '-', '/', '.', ','])
}

fn cut(line: &str, most: f64, measure: impl Fn(&str) -> f64) -> (String, String) {
    let mut end = line.chars().next().map_or(0, char::len_utf8);
    for (index, c) in line.char_indices() {
        let next = index + c.len_utf8();
        if measure(&line[..next]) > most {
            break;
        }
        end = end.max(next);
    }
    (line[..end].to_owned(), line[end..].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_behind_words_and_only_long_words_are_cut() {
        assert_eq!(wrap_columns("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap_columns("a_long_name", 7), ["a_long_", "name"]);
        assert_eq!(wrap_columns("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrap_columns("", 3), [""]);
        // No line is too narrow for progress.
        assert_eq!(wrap_columns("ééé", 0), ["é", "é", "é"]);
    }

    #[test]
    fn wide_characters_are_wider() {
        assert!(width("MMM") > 2.0 * width("iii"));
    }
}
