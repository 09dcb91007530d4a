// SPDX-License-Identifier: GPL-2.0

//! JSON to change and to write, in the form that manifests usually have.

use std::fmt::{self, Write};

use crate::json::{Node, Value};

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// A number, `true`, `false` or `null`, as it is written.
    Word(String),
    String(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// What was read.
    pub fn from_node(node: &Node) -> Self {
        match &node.value {
            Value::Null => Self::word("null"),
            Value::Bool(value) => Self::word(value),
            Value::Number(text) => Self::word(text),
            Value::String(text) => Self::String(text.clone()),
            Value::Array(elements) => Self::Array(elements.iter().map(Self::from_node).collect()),
            Value::Object(members) => Self::Object(
                members
                    .iter()
                    .map(|member| (member.name.clone(), Self::from_node(&member.value)))
                    .collect(),
            ),
        }
    }

    pub fn word(value: impl ToString) -> Self {
        Self::Word(value.to_string())
    }

    pub fn string(value: impl ToString) -> Self {
        Self::String(value.to_string())
    }

    /// The member of an object, made from `empty` if there is none. `None` if it is no object.
    pub fn member(&mut self, name: &str, empty: Self) -> Option<&mut Self> {
        let Self::Object(members) = self else {
            return None;
        };
        let at = members.iter().position(|(known, _)| known == name);
        let at = at.unwrap_or_else(|| {
            members.push((name.to_owned(), empty));
            members.len() - 1
        });
        members.get_mut(at).map(|(_, value)| value)
    }

    fn is_plain(&self) -> bool {
        matches!(self, Self::Word(_) | Self::String(_))
    }

    /// Elements or members on one line, if that is how they are written.
    fn fits_a_line(&self, depth: usize) -> bool {
        match self {
            Self::Array(elements) => elements.iter().all(Self::is_plain),
            Self::Object(members) => depth > 1 && members.iter().all(|(_, value)| value.is_plain()),
            _ => true,
        }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        match self {
            Self::Word(word) => f.write_str(word),
            Self::String(text) => write_string(f, text),
            Self::Array(elements) => {
                let items = elements.iter().map(|element| (None, element));
                write_items(f, ['[', ']'], items, self.fits_a_line(depth), depth)
            }
            Self::Object(members) => {
                let items = members
                    .iter()
                    .map(|(name, value)| (Some(name.as_str()), value));
                write_items(f, ['{', '}'], items, self.fits_a_line(depth), depth)
            }
        }
    }
}

fn write_items<'a>(
    f: &mut fmt::Formatter<'_>,
    [open, close]: [char; 2],
    items: impl ExactSizeIterator<Item = (Option<&'a str>, &'a Json)>,
    on_one_line: bool,
    depth: usize,
) -> fmt::Result {
    if items.len() == 0 {
        return write!(f, "{open}{close}");
    }
    f.write_char(open)?;
    let line_break = |f: &mut fmt::Formatter<'_>, depth: usize| match on_one_line {
        true => f.write_char(' '),
        false => write!(f, "\n{:1$}", "", depth * 4),
    };
    for (i, (name, value)) in items.enumerate() {
        if i > 0 {
            f.write_char(',')?;
        }
        line_break(f, depth + 1)?;
        if let Some(name) = name {
            write_string(f, name)?;
            f.write_str(": ")?;
        }
        value.write(f, depth + 1)?;
    }
    line_break(f, depth)?;
    f.write_char(close)
}

fn write_string(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            c if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;
    use crate::report::Report;

    #[test]
    fn what_is_written_reads_the_same() {
        let text = r#"{
    "SchemaVersion": 1,
    "Name": "a \"b\" \\ ä",
    "CmdArgs": [],
    "Capabilities": {
        "Gpio": [ "$A", 8 ],
        "MutableStorage": { "SizeKB": 8 },
        "SystemTime": true
    },
    "Odd": [
        { "a": null },
        []
    ]
}"#;
        let node = json::parse("m.json", text, &mut Report::default()).unwrap();
        assert_eq!(Json::from_node(&node).to_string(), text);
        assert_eq!(
            Json::string("\u{1b}\u{9f}").to_string(),
            r#""\u001b\u009f""#
        );
    }
}
