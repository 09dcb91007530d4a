// SPDX-License-Identifier: GPL-2.0

//! From what the kernel has denied in a run to manifests that would have allowed it.
//!
//! ```text
//! log ──▶ refusals by component ──▶ needs ──▶ manifest
//!                                     ▲          ▲
//!                                   board       base
//! ```

mod document;
mod extend;
mod lines;
mod needs;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sphere_core::uuid::Uuid;

use crate::board::{self, Board};
use crate::capabilities::Reference;
use crate::json;
use crate::manifest::{self, Manifest};
use crate::peripheral::Value;
use crate::report::{Problem, Report};
use document::Json;
use lines::{Component, Log};
use needs::Needs;

/// What to learn from.
#[derive(Debug, Default)]
pub struct Request {
    /// What the log is called.
    pub name: String,
    pub log: Vec<u8>,
    /// Only this component.
    pub component: Option<Uuid>,
    /// A manifest to extend.
    pub base: Option<PathBuf>,
    pub board: Option<PathBuf>,
    /// Hardware definitions that are asked before those that the board names.
    pub hardware: Vec<PathBuf>,
}

/// Manifests by component. `None` if anything is wrong; the report says what.
pub fn learn(request: &Request, report: &mut Report) -> Option<BTreeMap<Uuid, String>> {
    report.unless_errors(|report| {
        let base = match &request.base {
            Some(path) => Some(read_base(path, report)?),
            None => None,
        };
        let board = match &request.board {
            Some(path) => Some(board::read(path, &request.hardware, report)?),
            None => None,
        };
        let wanted = wanted(request, base.as_ref(), report)?;
        let log = lines::read(&request.name, &request.log, report);
        let mut needs = needs(&log, wanted, board.as_ref(), report);
        if let (Some(base), Some(board)) = (&base, &board) {
            let known = values(&base.manifest, board);
            for needs in needs.values_mut() {
                needs.gpio.retain(|value| !known.contains(value));
            }
        }
        if needs.is_empty() {
            report.push(nothing_to_learn(request, &log, wanted));
        }
        let mut manifests = BTreeMap::new();
        for (id, needs) in needs {
            let start = base.as_ref().map(|base| base.json.clone());
            let start = start.unwrap_or_else(|| new_manifest(id, &log, report));
            manifests.insert(id, extended(start, &needs, request, report)?);
        }
        Some(manifests)
    })
}

/// A manifest that is kept as it is, but for what is added.
struct Base {
    manifest: Manifest,
    json: Json,
}

impl Base {
    fn component(&self) -> Uuid {
        self.manifest.component.value
    }
}

fn read_base(path: &Path, report: &mut Report) -> Option<Base> {
    let node = json::read(path, report)?;
    let manifest = report.unless_errors(|report| manifest::parse(&node, report))?;
    Some(Base {
        manifest,
        json: Json::from_node(&node),
    })
}

/// The values under `Gpio` of a manifest, also those that it has by a name.
fn values(manifest: &Manifest, board: &Board) -> BTreeSet<u32> {
    let requests = manifest.capabilities.peripherals.iter();
    requests
        .filter_map(|request| match &request.value.reference {
            Reference::Value(value) => Some(value.clone()),
            Reference::Name(name) => {
                let kind = request.value.kind;
                board.hardware.resolve(name, kind, &request.place).ok()
            }
        })
        .filter_map(|value| match value {
            Value::Line(line) => Some(line),
            Value::Controller(_) => None,
        })
        .collect()
}

/// The component that manifests are wanted of: `None` is all.
fn wanted(request: &Request, base: Option<&Base>, report: &mut Report) -> Option<Option<Uuid>> {
    match (request.component, base) {
        (Some(wanted), Some(base)) if wanted != base.component() => {
            let id = base.component();
            let reason = format!("{wanted} is not the component of the manifest, which is {id}");
            report.error("--component", reason);
            None
        }
        (None, Some(base)) => Some(Some(base.component())),
        (wanted, _) => Some(wanted),
    }
}

/// What each component needs of which the log says something.
fn needs(
    log: &Log,
    wanted: Option<Uuid>,
    board: Option<&Board>,
    report: &mut Report,
) -> BTreeMap<Uuid, Needs> {
    let mut needs: BTreeMap<_, _> = log
        .components
        .iter()
        .filter(|(id, _)| wanted.is_none_or(|wanted| wanted == **id))
        .map(|(id, component)| (*id, needs::find(*id, component, board, report)))
        .collect();
    list_each_other(&mut needs, report);
    needs
}

/// Two components talk only if each lists the other, and the log may have only one side of it.
fn list_each_other(needs: &mut BTreeMap<Uuid, Needs>, report: &mut Report) {
    let pairs: BTreeSet<(Uuid, Uuid)> = needs
        .iter()
        .flat_map(|(id, needs)| needs.peers.iter().map(|peer| (*id, *peer)))
        .collect();
    for (id, peer) in pairs {
        match needs.get_mut(&peer) {
            Some(other) => drop(other.peers.insert(id)),
            None => {
                let reason = format!("its manifest has to list {id}, too");
                report.push(Problem::remark(peer.to_string(), reason));
            }
        }
    }
}

fn nothing_to_learn(request: &Request, log: &Log, wanted: Option<Uuid>) -> Problem {
    let whom = match wanted {
        Some(id) => format!("the component {id}"),
        None => "any component".to_owned(),
    };
    let reason = format!("says of nothing that was denied to {whom}");
    let problem = Problem::warning(&request.name, reason);
    let others: Vec<_> = log.components.keys().map(Uuid::to_string).collect();
    match others.as_slice() {
        [] => problem,
        others => problem.note(format!("it is about {}", others.join(", "))),
    }
}

fn new_manifest(id: Uuid, log: &Log, report: &mut Report) -> Json {
    let comm = log
        .components
        .get(&id)
        .map(|Component { comm, .. }| comm.as_str());
    // As what a thread is called, nobody has to have chosen it with care.
    let plain =
        |text: &&str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '-');
    let name = comm.filter(plain).unwrap_or("application");
    let entry = extend::ENTRY_POINT;
    let reason = format!("Name {name:?} and EntryPoint {entry:?} are guesses");
    report.push(Problem::remark(id.to_string(), reason).hint("name a manifest to extend: --base"));
    extend::empty(id, name)
}

fn extended(
    mut manifest: Json,
    needs: &Needs,
    request: &Request,
    report: &mut Report,
) -> Option<String> {
    if !needs.connections.is_empty() {
        let addresses: Vec<_> = needs.connections.iter().map(ToString::to_string).collect();
        report.push(Problem::remark(
            &request.name,
            format!(
                "AllowedConnections has no ports: all of {} are granted, over TCP and UDP",
                addresses.join(", ")
            ),
        ));
    }
    if extend::add(&mut manifest, needs).is_none() {
        report.error(&request.name, "the manifest cannot be extended");
        return None;
    }
    Some(format!("{manifest}\n"))
}
