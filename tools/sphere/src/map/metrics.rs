// SPDX-License-Identifier: GPL-2.0

//! How wide text is, and where it can be broken.

/// Advance widths of the characters from space to tilde in DejaVu Sans, in thousandths of the font
/// size. Few fonts are wider, so that text has room whatever font there is.
#[rustfmt::skip]
const WIDTHS: [u16; 95] = [
    317, 400, 459, 837, 636, 950, 779, 274, 390, 390, 500, 837, 317, 360, 317, 336,
    636, 636, 636, 636, 636, 636, 636, 636, 636, 636, 336, 336, 837, 837, 837, 530,
    1000, 684, 686, 698, 770, 631, 575, 774, 751, 294, 294, 655, 557, 862, 748, 787,
    603, 787, 694, 634, 610, 731, 684, 988, 685, 610, 685, 390, 336, 390, 837, 500,
    500, 612, 634, 549, 634, 615, 352, 634, 633, 277, 277, 579, 277, 974, 633, 611,
    634, 634, 411, 520, 392, 633, 591, 817, 591, 591, 524, 636, 336, 636, 837,
];

/// The width of `text` in units of its font size.
pub fn width(text: &str) -> f64 {
    text.chars().map(char_width).sum()
}

fn char_width(c: char) -> f64 {
    let index = u32::from(c).checked_sub(u32::from(' '));
    let known = index.and_then(|index| WIDTHS.get(usize::try_from(index).ok()?));
    match (known, c) {
        (Some(width), _) => f64::from(*width) / 1000.0,
        (None, '\u{2013}') => 0.5,
        // Ideographs and the like are as wide as they are high.
        (None, _) => 1.05,
    }
}

/// Breaks `text` into lines of at most `most`, by what `measure` says of a line.
pub fn wrap(text: &str, most: f64, measure: impl Fn(&str) -> f64) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for piece in pieces(text, most, &measure) {
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

/// Parts of text behind each of which a line may end: behind words, or, where a word is longer than
/// a line, also inside names that are written likeThis.
fn pieces(text: &str, most: f64, measure: impl Fn(&str) -> f64) -> Vec<&str> {
    let words = split(text, |before, _| " _-/.,".contains(before));
    if words.iter().all(|word| measure(word.trim_end()) <= most) {
        return words;
    }
    split(text, |before, c| {
        " _-/.,".contains(before) || (before.is_lowercase() && c.is_uppercase())
    })
}

/// Parts of text, between two characters each that `is_end` says so of.
fn split(text: &str, is_end: impl Fn(char, char) -> bool) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut before = None;
    for (index, c) in text.char_indices() {
        if before.is_some_and(|before| is_end(before, c)) {
            parts.push(&text[start..index]);
            start = index;
        }
        before = Some(c);
    }
    parts.push(&text[start..]);
    parts
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
        assert_eq!(wrap_columns("systemEvents", 8), ["system", "Events"]);
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
