// SPDX-License-Identifier: GPL-2.0

//! What is wrong with an input, and where: collected, so that one run names everything.

use std::fmt;
use std::rc::Rc;

/// A value's place in a JSON file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub file: Rc<str>,
    pub line: usize,
    pub column: usize,
    /// For example `$.Capabilities.Gpio[1]`. Empty where a file is not JSON at all.
    pub path: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)?;
        if !self.path.is_empty() {
            write!(f, ": {}", self.path)?;
        }
        Ok(())
    }
}

/// Where something is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// In a JSON file.
    Place(Place),
    /// A file that could not even be read, or an option.
    Name(String),
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Place(place) => place.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl From<Place> for At {
    fn from(place: Place) -> Self {
        Self::Place(place)
    }
}

impl From<&Place> for At {
    fn from(place: &Place) -> Self {
        Self::Place(place.clone())
    }
}

impl From<String> for At {
    fn from(name: String) -> Self {
        Self::Name(name)
    }
}

impl From<&String> for At {
    fn from(name: &String) -> Self {
        Self::Name(name.clone())
    }
}

impl From<&str> for At {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

/// A value and the place that it was read from.
#[derive(Clone, Debug)]
pub struct Located<T> {
    pub value: T,
    pub place: Place,
}

impl<T> Located<T> {
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Located<U> {
        Located {
            value: f(self.value),
            place: self.place,
        }
    }
}

/// How much a problem matters; what matters most comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The input is refused.
    Error,
    /// The input is accepted, but does perhaps not do what its author expects.
    Warning,
    /// The input is fine; this is what else has had a part in the result.
    Note,
}

impl Severity {
    /// The word that a line with a problem starts with.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One thing to say about an input.
#[derive(Clone, Debug, thiserror::Error)]
pub struct Problem {
    pub severity: Severity,
    pub place: At,
    pub reason: String,
    pub notes: Vec<String>,
    pub hint: Option<String>,
}

impl Problem {
    pub fn error(place: impl Into<At>, reason: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            place: place.into(),
            reason: reason.into(),
            notes: Vec::new(),
            hint: None,
        }
    }

    pub fn warning(place: impl Into<At>, reason: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(place, reason)
        }
    }

    pub fn remark(place: impl Into<At>, reason: impl Into<String>) -> Self {
        Self {
            severity: Severity::Note,
            ..Self::error(place, reason)
        }
    }

    /// Adds something that helps to see why, such as a second place.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Says what to do.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.severity, self.place, self.reason)?;
        for note in &self.notes {
            write!(f, "\n  note: {note}")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

/// All that is to be said about the inputs of one run.
#[derive(Debug, Default)]
pub struct Report {
    problems: Vec<Problem>,
}

impl Report {
    pub fn push(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    pub fn error(&mut self, place: impl Into<At>, reason: impl Into<String>) {
        self.push(Problem::error(place, reason));
    }

    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    pub fn errors(&self) -> impl Iterator<Item = &Problem> {
        self.problems
            .iter()
            .filter(|problem| problem.severity == Severity::Error)
    }

    /// What `read` returns, or `None` if it found errors.
    pub fn unless_errors<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let before = self.errors().count();
        read(self).filter(|_| self.errors().count() == before)
    }

    pub fn has_errors(&self) -> bool {
        self.errors().next().is_some()
    }
}

/// The known word that was probably meant, to put into a hint.
pub fn similar<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    known
        .into_iter()
        .map(|known| {
            (
                strsim::normalized_damerau_levenshtein(&word, &known.to_lowercase()),
                known,
            )
        })
        .filter(|(score, _)| *score > 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_words_are_found_whatever_their_case() {
        let known = ["Gpio", "Uart", "MutableStorage"];
        assert_eq!(similar("gpio", known), Some("Gpio"));
        assert_eq!(similar("MutableStorge", known), Some("MutableStorage"));
        assert_eq!(similar("Camera", known), None);
    }

    #[test]
    fn a_problem_names_place_reason_note_and_hint() {
        let place = Place {
            file: "a.json".into(),
            line: 3,
            column: 7,
            path: "$.Name".into(),
        };
        let problem = Problem::error(&place, "bad").note("why").hint("do");
        assert_eq!(
            problem.to_string(),
            "error: a.json:3:7: $.Name: bad\n  note: why\n  hint: do"
        );
    }
}
