// SPDX-License-Identifier: GPL-2.0

//! One resource belongs to one application: what two manifests cannot both have.

use crate::grants::Grants;
use crate::manifest::Manifest;
use crate::report::{Problem, Report};

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
        let mut peers = lists.grants.peers.iter();
        let listed = peers.find(|peer| peer.value == silent.grants.component);
        let mut back = silent.grants.peers.iter();
        if let Some(peer) = listed
            && !back.any(|peer| peer.value == lists.grants.component)
        {
            let name = &silent.manifest.name;
            report.push(
                Problem::warning(
                    &peer.place,
                    format!("connections stay refused: {name:?} does not list this application"),
                )
                .hint(format!(
                    "both sides have to list each other; see {}",
                    silent.manifest.place
                )),
            );
        }
    }
}
