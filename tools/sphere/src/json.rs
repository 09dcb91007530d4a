// SPDX-License-Identifier: GPL-2.0

//! JSON values that know their place in the file.
//!
//! Strict JSON: no comments, no trailing commas, no key twice. A byte-order mark is skipped.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::rc::Rc;

use jiter::{Jiter, JiterError, JiterResult, Peek};

use crate::report::{Place, Problem, Report, similar};

/// More than any manifest, definition or board needs; what is larger was meant for something else.
const FILE_SIZE_MAX: u64 = 4 * 1024 * 1024;

/// Objects and arrays in one another; manifests and the like have less than ten.
const DEPTH_MAX: usize = 64;

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
    if text.trim().is_empty() {
        report.error(file, "is empty");
        return None;
    }
    let mut parser = Parser {
        file: file.into(),
        lines: line_starts(text),
        text,
        jiter: Jiter::new(text.as_bytes()),
        report,
    };
    match parser.document() {
        Ok(node) => Some(node),
        Err(error) => {
            report.push(*error);
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

/// From the parser's steps, which have byte offsets, to [`Node`]s, which know places.
struct Parser<'a> {
    file: Rc<str>,
    text: &'a str,
    lines: Vec<usize>,
    jiter: Jiter<'a>,
    report: &'a mut Report,
}

/// Why a text is not JSON.
type Syntax<T> = Result<T, Box<Problem>>;

impl Parser<'_> {
    fn place(&self, offset: usize, path: &str) -> Place {
        let line = self.lines.partition_point(|&start| start <= offset);
        let start = self.lines[line - 1];
        let before = self.text.get(start..offset).unwrap_or_default();
        Place {
            file: Rc::clone(&self.file),
            line,
            column: before.chars().count() + 1,
            path: path.to_owned(),
        }
    }

    /// The error at a byte offset, in the value that `path` leads to.
    fn error(&self, offset: usize, path: &str, reason: &str) -> Box<Problem> {
        let place = self.place(offset, path);
        let problem = Problem::error(place, format!("not valid JSON: {reason}"));
        Box::new(match self.text.get(offset..) {
            Some(rest) if rest.starts_with('/') => problem.hint("JSON has no comments"),
            _ => problem,
        })
    }

    fn failed(&self, error: &JiterError, path: &str) -> Box<Problem> {
        self.error(error.index, path, &error.error_type.to_string())
    }

    fn document(&mut self) -> Syntax<Node> {
        let node = self.node("$", 0)?;
        match self.jiter.finish() {
            Ok(()) => Ok(node),
            Err(error) => Err(self.failed(&error, "$")),
        }
    }

    fn node(&mut self, path: &str, depth: usize) -> Syntax<Node> {
        let peek = self.jiter.peek().map_err(|e| self.failed(&e, path))?;
        let offset = self.jiter.current_index();
        if depth > DEPTH_MAX {
            return Err(self.error(offset, "", "nested too deeply"));
        }
        let place = self.place(offset, path);
        let value = match peek {
            Peek::Array => Value::Array(self.elements(path, depth)?),
            Peek::Object => Value::Object(self.members(path, depth)?),
            _ => self.scalar(peek).map_err(|e| self.failed(&e, path))?,
        };
        Ok(Node { place, value })
    }

    fn scalar(&mut self, peek: Peek) -> JiterResult<Value> {
        let jiter = &mut self.jiter;
        Ok(match peek {
            Peek::Null => {
                jiter.known_null()?;
                Value::Null
            }
            Peek::True | Peek::False => Value::Bool(jiter.known_bool(peek)?),
            Peek::String => Value::String(jiter.known_str()?.to_owned()),
            _ => {
                let digits = jiter.next_number_bytes()?;
                Value::Number(String::from_utf8_lossy(digits).into_owned())
            }
        })
    }

    fn elements(&mut self, path: &str, depth: usize) -> Syntax<Vec<Node>> {
        let mut elements = Vec::new();
        let mut next = self.jiter.known_array();
        while next.map_err(|e| self.failed(&e, path))?.is_some() {
            elements.push(self.node(&format!("{path}[{}]", elements.len()), depth + 1)?);
            next = self.jiter.array_step();
        }
        Ok(elements)
    }

    fn members(&mut self, path: &str, depth: usize) -> Syntax<Vec<Member>> {
        let mut members: Vec<Member> = Vec::new();
        let mut before = self.jiter.current_index() + 1;
        let mut next = owned(self.jiter.known_object());
        while let Some(name) = next.map_err(|e| self.failed(&e, path))? {
            let path_of_member = member_path(path, &name);
            // Nothing but space and a comma is between the member before and the name's quote.
            let quote = self.text[before..].find('"').unwrap_or_default();
            let name_place = self.place(before + quote, &path_of_member);
            self.refuse_second(&name, &name_place, &members);
            members.push(Member {
                value: self.node(&path_of_member, depth + 1)?,
                name,
                name_place,
            });
            before = self.jiter.current_index();
            next = owned(self.jiter.next_key());
        }
        Ok(members)
    }

    fn refuse_second(&mut self, name: &str, place: &Place, members: &[Member]) {
        if let Some(first) = members.iter().find(|member| member.name == name) {
            self.report.push(
                Problem::error(place, format!("{name:?} stands here twice"))
                    .note(format!("first at {}", first.name_place)),
            );
        }
    }
}

fn owned(key: JiterResult<Option<&str>>) -> JiterResult<Option<String>> {
    key.map(|key| key.map(str::to_owned))
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
        for (text, message) in [
            ("{\"a\": 1,}", "1:9: $: not valid JSON: trailing comma"),
            (
                "{\"a\": [1,\n]}",
                "2:1: $.a: not valid JSON: trailing comma",
            ),
            (
                "{\n// why\n\"a\": 1}",
                "2:1: $: not valid JSON: key must be a string\n  hint: JSON has no comments",
            ),
            ("{\"a\": 'b'}", "1:7: $.a: not valid JSON: expected value"),
            (
                "{\"a\": \"b}",
                "1:10: $.a: not valid JSON: EOF while parsing a string",
            ),
            (
                "{\"a\": \"\t\"}",
                "1:8: $.a: not valid JSON: control character (\\u0000-\\u001F) found while parsing a string",
            ),
            (
                "{\"a\": \"\\x\"}",
                "1:9: $.a: not valid JSON: invalid escape",
            ),
            (
                "{\"a\": \"\\ud800\"}",
                "1:14: $.a: not valid JSON: unexpected end of hex escape",
            ),
            ("{a: 1}", "1:2: $: not valid JSON: key must be a string"),
            ("{} {}", "1:4: $: not valid JSON: trailing characters"),
            (
                "{\"a\": 0x10}",
                "1:8: $: not valid JSON: expected `,` or `}`",
            ),
            ("{\"a\": 01}", "1:8: $.a: not valid JSON: invalid number"),
            ("{\"a\": +1}", "1:7: $.a: not valid JSON: expected value"),
            ("{\"a\": .5}", "1:7: $.a: not valid JSON: expected value"),
            ("{\"a\": NaN}", "1:7: $.a: not valid JSON: expected value"),
            ("{\"a\" 1}", "1:6: $: not valid JSON: expected `:`"),
            (
                "{\"a\": 1 \"b\": 2}",
                "1:9: $: not valid JSON: expected `,` or `}`",
            ),
            ("[1", "1:3: $: not valid JSON: EOF while parsing a list"),
        ] {
            assert_eq!(refused(text), format!("error: f.json:{message}"), "{text}");
        }
        assert_eq!(refused(" \n"), "error: f.json: is empty");
    }

    #[test]
    fn nesting_is_limited() {
        let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
        accepted(&nested(DEPTH_MAX + 1));
        for depth in [DEPTH_MAX + 2, 100_000] {
            let message = refused(&nested(depth));
            assert_eq!(
                message,
                "error: f.json:1:66: not valid JSON: nested too deeply"
            );
        }
    }

    #[test]
    fn names_of_members_have_places_of_their_own() {
        let node = accepted("{ \"a\\u0062\": 1\n , \"c\\\"\":\n2}");
        let object = node.object(&mut Report::default()).unwrap();
        let places: Vec<_> = object
            .members
            .iter()
            .map(|member| {
                (
                    member.name_place.to_string(),
                    member.value.place.to_string(),
                )
            })
            .collect();
        let expected = [
            ("f.json:1:3: $.ab", "f.json:1:14: $.ab"),
            ("f.json:2:4: $[\"c\\\"\"]", "f.json:3:1: $[\"c\\\"\"]"),
        ];
        assert_eq!(
            places,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
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
