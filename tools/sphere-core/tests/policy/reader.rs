// SPDX-License-Identifier: GPL-2.0

//! Policies with owned contents, kept as the kernel keeps them.

use sphere_core::grants::Grants;
use sphere_core::policy::{
    self, Policy, PolicyError, Reason, STATEMENTS_MAX, Settings, Span, Statement, text,
};
use sphere_core::record::Record;

#[derive(Clone, Debug)]
pub struct Owned {
    pub text: String,
    pub settings: Settings,
    pub statements: Vec<Statement>,
}

impl Owned {
    pub fn read(bytes: &[u8]) -> Result<Self, PolicyError> {
        let text = text(bytes)?;
        let mut statements = Vec::new();
        let settings = policy::parse(text, &mut |statement| {
            if statements.len() == STATEMENTS_MAX {
                return Err(Reason::TooMany);
            }
            statements.push(statement);
            Ok(())
        })?;
        Ok(Self {
            text: text.to_owned(),
            settings,
            statements,
        })
    }

    pub fn policy(&self) -> Policy<'_> {
        Policy {
            text: self.text.as_bytes(),
            settings: self.settings,
            statements: &self.statements,
        }
    }

    pub fn grants<'a>(&'a self, record: Option<&'a Record<Vec<u8>>>) -> Grants<'a> {
        let record = record.map(Record::as_slice);
        Grants::new(record, self.text.as_bytes(), &self.statements)
    }

    /// A part of the text.
    pub fn part(&self, span: Span) -> &str {
        std::str::from_utf8(span.of(self.text.as_bytes())).unwrap()
    }

    pub fn is_within(&self, other: &Self) -> bool {
        self.policy().is_within(&other.policy())
    }
}

/// The policy that has these lines behind its version.
pub fn policy(lines: &str) -> Owned {
    let text = format!("version 1\n{lines}");
    Owned::read(text.as_bytes()).unwrap_or_else(|error| panic!("{error} in {text}"))
}

/// Where a policy is wrong, and why.
pub fn refusal(bytes: impl AsRef<[u8]>) -> (u32, Reason) {
    let error = Owned::read(bytes.as_ref()).expect_err("a policy that is wrong");
    (error.line, error.reason)
}
