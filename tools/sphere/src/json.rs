// SPDX-License-Identifier: GPL-2.0

//! JSON values that know their place in the file.
//!
//! Strict JSON: no comments, no trailing commas, no key twice. A byte-order mark is skipped.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::rc::Rc;

use jsonc_parser::{CollectOptions, ParseOptions, ast};

use crate::report::{Place, Problem, Report, similar};

/// More than any manifest, definition or board needs; what is larger was meant for something else.
const FILE_SIZE_MAX: u64 = 4 * 1024 * 1024;

#[derive(Debug)]
pub struct Node {
    pub place: Place,
    pub value: Value,
}

#[derive(Debug)]
pub enum Value {
    Null,
    Bool(bool),
    /// As written: JSON does not limit numbers, so whoever reads one decides.
    Number(String),
    String(String),
    Array(Vec<Node>),
    Object(Vec<Member>),
}

#[derive(Debug)]
pub struct Member {
    pub name: String,
    /// Where the name stands; its path is that of the value.
    pub name_place: Place,
    pub value: Node,
}

/// The members of an object, see [`Node::object`].
#[derive(Clone, Copy)]
pub struct Object<'a> {
    pub place: &'a Place,
    pub members: &'a [Member],
}

/// Reads a file. `None` if it is not JSON; the report says why.
pub fn read(file: &Path, report: &mut Report) -> Option<Node> {
    let name = file.display().to_string();
    let text = match read_text(file) {
        Ok(text) => text,
        Err(reason) => {
            report.error(&name, reason);
            return None;
        }
    };
    parse(&name, &text, report)
}

fn read_text(file: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    File::open(file)
        .and_then(|file| file.take(FILE_SIZE_MAX + 1).read_to_end(&mut bytes))
        .map_err(|error| format!("cannot be read: {error}"))?;
    if bytes.len() as u64 > FILE_SIZE_MAX {
        return Err(format!("is larger than {FILE_SIZE_MAX} bytes"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        format!("is not UTF-8 text (byte {offset})")
    })
}

/// Parses `text`, which `file` held.
pub fn parse(file: &str, text: &str, report: &mut Report) -> Option<Node> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let converter = Converter {
        file: file.into(),
        lines: line_starts(text),
        text,
    };
    let options = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    match jsonc_parser::parse_to_ast(text, &CollectOptions::default(), &options) {
        Ok(parsed) => match parsed.value {
            Some(value) => Some(converter.node(value, "$".into(), report)),
            None => {
                report.error(file, "is empty");
                None
            }
        },
        Err(error) => {
            let place = converter.place(error.range().start, String::new());
            report.error(place, format!("not valid JSON: {}", error.kind()));
            None
        }
    }
}

/// Byte offsets at which lines begin.
fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0)
        .chain(text.match_indices('\n').map(|(index, _)| index + 1))
        .collect()
}

/// From the parser's tree, which knows byte offsets, to [`Node`]s, which know places.
struct Converter<'a> {
    file: Rc<str>,
    text: &'a str,
    lines: Vec<usize>,
}

impl Converter<'_> {
    fn place(&self, offset: usize, path: String) -> Place {
        let line = self.lines.partition_point(|&start| start <= offset);
        let start = self.lines[line - 1];
        let before = self.text.get(start..offset).unwrap_or_default();
        Place {
            file: Rc::clone(&self.file),
            line,
            column: before.chars().count() + 1,
            path,
        }
    }

    fn node(&self, value: ast::Value<'_>, path: String, report: &mut Report) -> Node {
        use jsonc_parser::common::Ranged;

        let place = self.place(value.range().start, path);
        let value = match value {
            ast::Value::NullKeyword(_) => Value::Null,
            ast::Value::BooleanLit(literal) => Value::Bool(literal.value),
            ast::Value::NumberLit(literal) => Value::Number(literal.value.to_owned()),
            ast::Value::StringLit(literal) => Value::String(literal.value.into_owned()),
            ast::Value::Array(array) => Value::Array(
                array
                    .elements
                    .into_iter()
                    .enumerate()
                    .map(|(index, element)| {
                        self.node(element, format!("{}[{index}]", place.path), report)
                    })
                    .collect(),
            ),
            ast::Value::Object(object) => {
                Value::Object(self.members(object.properties, &place.path, report))
            }
        };
        Node { place, value }
    }

    fn members(
        &self,
        properties: Vec<ast::ObjectProp<'_>>,
        path: &str,
        report: &mut Report,
    ) -> Vec<Member> {
        let mut members: Vec<Member> = Vec::new();
        for property in properties {
            let name = property.name.as_str().to_owned();
            let path = member_path(path, &name);
            let name_place = self.place(property.range.start, path.clone());
            if let Some(first) = members.iter().find(|member| member.name == name) {
                report.push(
                    Problem::error(&name_place, format!("{name:?} stands here twice"))
                        .note(format!("first at {}", first.name_place)),
                );
            }
            members.push(Member {
                value: self.node(property.value, path, report),
                name,
                name_place,
            });
        }
        members
    }
}

fn member_path(path: &str, name: &str) -> String {
    let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if plain {
        format!("{path}.{name}")
    } else {
        format!("{path}[{name:?}]")
    }
}

/// Readers of one type each: another type is an error in the report and `None` for the caller.
impl Node {
    fn described(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        }
    }

    /// Reports that something else was expected.
    pub fn expected<T>(&self, what: &str, report: &mut Report) -> Option<T> {
        report.error(
            &self.place,
            format!("expected {what}, found {}", self.described()),
        );
        None
    }

    pub fn object(&self, report: &mut Report) -> Option<Object<'_>> {
        match &self.value {
            Value::Object(members) => Some(Object {
                place: &self.place,
                members,
            }),
            _ => self.expected("an object", report),
        }
    }

    pub fn array(&self, report: &mut Report) -> Option<&[Node]> {
        match &self.value {
            Value::Array(elements) => Some(elements),
            _ => self.expected("an array", report),
        }
    }

    pub fn string(&self, report: &mut Report) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => self.expected("a string", report),
        }
    }

    pub fn bool(&self, report: &mut Report) -> Option<bool> {
        match self.value {
            Value::Bool(value) => Some(value),
            _ => self.expected("true or false", report),
        }
    }

    /// An integer from `first` to `last`.
    pub fn integer(&self, first: u32, last: u32, report: &mut Report) -> Option<u32> {
        let Value::Number(text) = &self.value else {
            return self.expected("an integer", report);
        };
        // Also refuses what JSON allows and nobody writes, such as 1.0 or 1e2.
        match text.parse() {
            Ok(value) if (first..=last).contains(&value) => Some(value),
            _ => {
                report.error(
                    &self.place,
                    format!("{text} is not an integer from {first} to {last}"),
                );
                None
            }
        }
    }
}

impl<'a> Object<'a> {
    pub fn get(&self, name: &str) -> Option<&'a Node> {
        self.members
            .iter()
            .find(|member| member.name == name)
            .map(|member| &member.value)
    }

    /// The value of a key that has to be there.
    pub fn required(&self, name: &str, report: &mut Report) -> Option<&'a Node> {
        let node = self.get(name);
        if node.is_none() {
            report.error(self.place, format!("{name:?} is missing"));
        }
        node
    }

    /// Reports every key that is not in `known`. `what` is what such a key would be.
    pub fn refuse_unknown(&self, what: &str, known: &[&str], report: &mut Report) {
        for member in self.members {
            if !known.contains(&member.name.as_str()) {
                report.push(unknown(what, &member.name, &member.name_place, known));
            }
        }
    }
}

/// The error for a word that is none of the known ones.
pub fn unknown(what: &str, word: &str, place: &Place, known: &[&str]) -> Problem {
    let problem = Problem::error(place, format!("unknown {what} {word:?}"));
    match similar(word, known.iter().copied()) {
        Some(known) => problem.hint(format!("did you mean {known:?}?")),
        None => problem.hint(format!("known are: {}", known.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let mut report = Report::default();
        parse("f.json", text, &mut report);
        let all: Vec<_> = report.problems().iter().map(Problem::to_string).collect();
        all.join("\n")
    }

    fn accepted(text: &str) -> Node {
        let mut report = Report::default();
        let node = parse("f.json", text, &mut report);
        assert!(report.problems().is_empty(), "{report:?}");
        node.expect("a document without problems is parsed")
    }

    #[test]
    fn places_are_counted_in_characters_from_one() {
        let node = accepted("{\n  \"ä\": [1, {\"odd key\": 2}]\n}");
        let mut report = Report::default();
        let array = node.object(&mut report).and_then(|o| o.get("ä")).unwrap();
        assert_eq!(array.place.to_string(), "f.json:2:8: $.ä");
        let inner = &array.array(&mut report).unwrap()[1];
        assert_eq!(inner.place.to_string(), "f.json:2:12: $.ä[1]");
        let odd = inner.object(&mut report).unwrap().members[0]
            .value
            .place
            .to_string();
        assert_eq!(odd, "f.json:2:24: $.ä[1][\"odd key\"]");
    }

    #[test]
    fn a_byte_order_mark_is_skipped_and_does_not_move_places() {
        assert_eq!(accepted("\u{feff}{}").place.column, 1);
    }

    #[test]
    fn text_that_is_not_json_is_refused_with_its_place() {
        for (text, place) in [
            ("{\"a\": 1,}", "f.json:1:8: "),
            ("{\n// why\n\"a\": 1}", "f.json:2:1: "),
            ("{\"a\": 'b'}", "f.json:1:7: "),
            ("{a: 1}", "f.json:1:2: "),
            ("{} {}", "f.json:1:4: "),
            ("{\"a\": 0x10}", "f.json:1:7: "),
            ("{\"a\": NaN}", "f.json:1:7: "),
            ("{\"a\" 1}", "f.json:1:"),
            ("[1", "f.json:1:"),
        ] {
            let message = refused(text);
            assert!(
                message.starts_with(&format!("error: {place}"))
                    && message.contains("not valid JSON"),
                "{text}: {message}"
            );
        }
        assert_eq!(refused(" \n"), "error: f.json: is empty");
    }

    #[test]
    fn nesting_is_limited() {
        let message = refused(&"[".repeat(100_000));
        assert!(message.contains("not valid JSON"), "{message}");
    }

    #[test]
    fn a_key_that_stands_twice_is_refused_wherever_it_is() {
        assert_eq!(
            refused("{\"a\": {\"b\": 1,\n \"b\": 2}}"),
            "error: f.json:2:2: $.a.b: \"b\" stands here twice\n  note: first at f.json:1:8: $.a.b"
        );
    }

    #[test]
    fn surrogate_pairs_are_one_character() {
        let node = accepted(r#""\ud83d\ude00""#);
        assert_eq!(node.string(&mut Report::default()), Some("\u{1f600}"));
    }

    #[test]
    fn integers_are_integers() {
        for (text, value) in [
            ("0", Some(0)),
            ("9", Some(9)),
            ("10", None),
            ("-1", None),
            ("1.0", None),
            ("1e0", None),
            ("\"1\"", None),
            ("99999999999999999999", None),
        ] {
            let mut report = Report::default();
            let node = accepted(text);
            assert_eq!(node.integer(0, 9, &mut report), value, "{text}");
            assert_eq!(report.has_errors(), value.is_none(), "{text}");
        }
    }
}
