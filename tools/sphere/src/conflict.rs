// SPDX-License-Identifier: GPL-2.0

//! One resource belongs to one application: what two manifests cannot both have.

use sphere_core::uuid::Uuid;

use crate::grants::Grants;
use crate::manifest::Manifest;
use crate::report::{Located, Problem, Report};

/// An application and what it gets.
pub struct Application<'a> {
    pub manifest: &'a Manifest,
    pub grants: &'a Grants,
}

/// Reports what `one` cannot have because `other` has it.
pub fn check(one: &Application<'_>, other: &Application<'_>, report: &mut Report) {
    if one.grants.component == other.grants.component {
        let id = one.grants.component;
        report.push(
            Problem::error(
                &one.manifest.component.place,
                format!("component {id} is also {:?}", other.manifest.name),
            )
            .note(format!("also at {}", other.manifest.component.place))
            .hint("every application needs an id of its own, such as one from uuidgen"),
        );
        return;
    }
    for (resource, place) in &one.grants.resources {
        let mut others = other.grants.resources.iter();
        if let Some((_, taken)) = others.find(|(other, _)| resource.collides_with(other)) {
            report.push(
                Problem::error(
                    place,
                    format!("{resource} belongs to {:?} already", other.manifest.name),
                )
                .note(format!("asked for at {taken}"))
                .hint("one resource belongs to one application"),
            );
        }
    }
    warn_of_one_sided_peers(one, other, report);
}

/// Two components may talk only if each lists the other.
fn warn_of_one_sided_peers(one: &Application<'_>, other: &Application<'_>, report: &mut Report) {
    for (lists, silent) in [(one, other), (other, one)] {
        let lists_back = silent.lists(lists);
        for peer in lists.peers_that_are(silent).filter(|_| !lists_back) {
            let name = &silent.manifest.name;
            let reason =
                format!("connections stay refused: {name:?} does not list this application");
            let file = &silent.manifest.place.file;
            report.push(
                Problem::warning(&peer.place, reason)
                    .hint(format!("both sides have to list each other; see {file}")),
            );
        }
    }
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

    fn lists(&self, other: &Self) -> bool {
        self.peers_that_are(other).next().is_some()
    }
}
