// SPDX-License-Identifier: GPL-2.0

//! Text in fields of a fixed size.

use core::str;

/// Reads a zero padded field.
///
/// `None` unless the field holds UTF-8 without control characters, then at least one zero byte,
/// and nothing but zero bytes after the first. Control characters are refused because such text
/// ends up in logs and on consoles, where a line break or an escape sequence would forge lines.
pub fn from_field(field: &[u8]) -> Option<&str> {
    let end = field.iter().position(|&byte| byte == 0)?;
    let (text, padding) = field.split_at(end);
    if !is_zero(padding) {
        return None;
    }
    let is_plain = text.iter().all(|byte| (b' '..=b'~').contains(byte));
    let text = str::from_utf8(text).ok()?;
    // Most text is plain, and need not be decoded.
    if !is_plain && text.chars().any(is_control) {
        return None;
    }
    Some(text)
}

/// Whether all of `bytes` are zero. Looks at eight at once: most of a record is padding.
pub fn is_zero(bytes: &[u8]) -> bool {
    let mut words = bytes.chunks_exact(8);
    words.by_ref().all(|word| word == [0; 8]) && words.remainder().iter().all(|&byte| byte == 0)
}

/// Fills a zeroed field. `None`, with the field unchanged, when [`from_field`] would not return
/// `text`.
pub fn to_field(text: &str, field: &mut [u8]) -> Option<()> {
    if text.len() >= field.len() || text.chars().any(is_control) {
        return None;
    }
    field
        .get_mut(..text.len())?
        .copy_from_slice(text.as_bytes());
    Some(())
}

/// The control characters of Unicode (C0, DEL and C1).
fn is_control(c: char) -> bool {
    c < ' ' || ('\u{7f}'..='\u{9f}').contains(&c)
}
