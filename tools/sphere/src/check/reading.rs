// SPDX-License-Identifier: GPL-2.0

//! What reading the files has said already.

use super::finding::{Code, Finding};
use crate::device::Reports;
use crate::report::{At, Problem, Severity};

/// The problems of all reports as findings.
pub fn findings(reports: &Reports) -> Vec<Finding> {
    let board = coded(reports.board.problems(), |_| Code::InvalidBoard);
    let manifests = coded(reports.manifests.problems(), |_| Code::InvalidManifest);
    let grants = coded(reports.grants.problems(), of_grant);
    // What `--resolve` says is the caller's own word, and no finding.
    let grants = grants.filter(|finding| !finding.is(Severity::Note));
    let mut findings: Vec<Finding> = board.chain(manifests).chain(grants).collect();
    drop_unused_for_one(&mut findings, reports);
    findings
}

fn coded<'a>(
    problems: &'a [Problem],
    code: impl Fn(&Problem) -> Code + 'a,
) -> impl Iterator<Item = Finding> + 'a {
    problems.iter().map(move |problem| Finding {
        code: code(problem),
        problem: problem.clone(),
    })
}

fn of_grant(problem: &Problem) -> Code {
    match (problem.severity, &problem.place) {
        (Severity::Error, _) => Code::NotOnBoard,
        (_, At::Place(_)) => Code::NoAddress,
        // The only warning that is about an option.
        (_, At::Name(_)) => Code::UnusedAddress,
    }
}

/// Of many applications, one that lists a name is enough for `--resolve` to be of use: each of the
/// others has complained.
fn drop_unused_for_one(findings: &mut Vec<Finding>, reports: &Reports) {
    let used: Vec<_> = reports
        .grants
        .problems()
        .iter()
        .filter(|problem| problem.severity == Severity::Note)
        .filter_map(|problem| problem.reason.split(' ').next())
        .collect();
    let mut known: Vec<String> = Vec::new();
    findings.retain(|finding| {
        if finding.code != Code::UnusedAddress {
            return true;
        }
        let option = finding.problem.place.to_string();
        let name = option.rsplit(' ').next().unwrap_or_default();
        let is_new = !used.contains(&name) && !known.contains(&option);
        known.push(option);
        is_new
    });
}
