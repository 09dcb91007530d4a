// SPDX-License-Identifier: GPL-2.0

//! Findings for other programs.

use serde::Serialize;

use super::finding::Finding;
use crate::report::At;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    findings: Vec<Entry<'a>>,
}

/// Line, column and path are left out where a finding has none.
#[derive(Serialize)]
struct Entry<'a> {
    severity: &'static str,
    code: &'static str,
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    message: &'a str,
    notes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
}

/// Findings as JSON.
pub fn json(findings: &[Finding]) -> serde_json::Result<String> {
    let findings = findings.iter().map(entry).collect();
    serde_json::to_string_pretty(&Document {
        version: 1,
        findings,
    })
}

fn entry(finding: &Finding) -> Entry<'_> {
    let problem = &finding.problem;
    let place = match &problem.place {
        At::Place(place) => Some(place),
        At::Name(_) => None,
    };
    Entry {
        severity: problem.severity.word(),
        code: finding.code.name(),
        file: match &problem.place {
            At::Place(place) => &place.file,
            At::Name(name) => name,
        },
        line: place.map(|place| place.line),
        column: place.map(|place| place.column),
        path: place.map(|place| place.path.as_str()),
        message: &problem.reason,
        notes: &problem.notes,
        hint: problem.hint.as_deref(),
    }
}
