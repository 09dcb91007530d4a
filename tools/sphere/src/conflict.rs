// SPDX-License-Identifier: GPL-2.0

//! One resource belongs to one application: what two manifests cannot both have.

use sphere_core::uuid::Uuid;

use crate::grants::Grants;
use crate::manifest::Manifest;
use crate::report::{Located, Problem, Report};

/// An application and what it gets.
#[derive(Clone, Copy)]
pub struct Application<'a> {
    pub manifest: &'a Manifest,
    pub grants: &'a Grants,
}

/// Reports what `one` cannot have because `other` has it.
pub fn check(one: &Application<'_>, other: &Application<'_>, report: &mut Report) {
    if let Some(problem) = same_component(one, other) {
        report.push(problem);
        return;
    }
    let shared = shared_resources(one, other);
    for problem in shared.into_iter().chain(one_sided_peers(one, other)) {
        report.push(problem);
    }
}

/// The error that two applications are the same component.
pub fn same_component(one: &Application<'_>, other: &Application<'_>) -> Option<Problem> {
    let id = one.grants.component;
    (id == other.grants.component).then(|| {
        Problem::error(
            &one.manifest.component.place,
            format!("component {id} is also {:?}", other.manifest.name),
        )
        .note(format!("also at {}", other.manifest.component.place))
        .hint("every application needs an id of its own, such as one from uuidgen")
    })
}

/// An error for each resource of `one` that `other` has, too.
pub fn shared_resources(one: &Application<'_>, other: &Application<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (resource, place) in &one.grants.resources {
        let mut others = other.grants.resources.iter();
        if let Some((_, taken)) = others.find(|(other, _)| resource.collides_with(other)) {
            problems.push(
                Problem::error(
                    place,
                    format!("{resource} belongs to {:?} already", other.manifest.name),
                )
                .note(format!("asked for at {taken}"))
                .hint("one resource belongs to one application"),
            );
        }
    }
    problems
}

/// Two components may talk only if each lists the other.
pub fn one_sided_peers(one: &Application<'_>, other: &Application<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (lists, silent) in [(one, other), (other, one)] {
        let lists_back = silent.lists(lists);
        for peer in lists.peers_that_are(silent).filter(|_| !lists_back) {
            let name = &silent.manifest.name;
            let reason =
                format!("connections stay refused: {name:?} does not list this application");
            let file = &silent.manifest.place.file;
            problems.push(
                Problem::warning(&peer.place, reason)
                    .hint(format!("both sides have to list each other; see {file}")),
            );
        }
    }
    problems
}

impl Application<'_> {
    /// Where this application lists `other` as a peer.
    fn peers_that_are(&self, other: &Self) -> impl Iterator<Item = &Located<Uuid>> {
        let id = other.grants.component;
        self.grants
            .peers
            .iter()
            .filter(move |peer| peer.value == id)
    }

    /// Whether this application lists `other` as a peer.
    pub fn lists(&self, other: &Self) -> bool {
        self.peers_that_are(other).next().is_some()
    }
}
