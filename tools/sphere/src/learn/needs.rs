// SPDX-License-Identifier: GPL-2.0

//! From what a component was denied to what its manifest has to ask for.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use sphere_core::capability::{Capability, CapabilitySet};
use sphere_core::denial_line::role;
use sphere_core::denial_object::{Lines, Target};
use sphere_core::describe::protocol_words;
use sphere_core::gate::Gate;
use sphere_core::record::Protocol;
use sphere_core::role::Role;
use sphere_core::uuid::Uuid;

use super::lines::{Component, Refusal, decoded};
use crate::board::{Board, Direction};
use crate::capabilities::{BOOLEAN, DEBUGGER_HINT, POWER_CONTROLS, STORAGE_KB_MAX};
use crate::report::{Problem, Report};

/// What a manifest has to ask for.
#[derive(Debug, Default)]
pub struct Needs {
    /// Values under `Gpio`.
    pub gpio: BTreeSet<u32>,
    pub tcp_ports: BTreeSet<u16>,
    pub udp_ports: BTreeSet<u16>,
    pub connections: BTreeSet<IpAddr>,
    pub peers: BTreeSet<Uuid>,
    pub storage_kb: u32,
    pub capabilities: CapabilitySet,
}

/// What is collected before it can be said in a manifest's words.
#[derive(Default)]
struct Collected {
    needs: Needs,
    /// Lines by chip and offset.
    lines: BTreeMap<(String, u32), Use>,
    /// Chips that were looked at.
    chips: BTreeMap<String, String>,
    /// Sockets that were made, TCP and UDP.
    sockets: Vec<(Protocol, String)>,
    storage: u64,
}

/// How a line is used.
#[derive(Default)]
struct Use {
    input: bool,
    output: bool,
    place: String,
}

/// What `component` needs. What no manifest can ask for goes to the report.
pub fn find(id: Uuid, component: &Component, board: Option<&Board>, report: &mut Report) -> Needs {
    let mut collected = Collected::default();
    for (refusal, place) in &component.refusals {
        if let Err(problem) = collected.add(id, refusal, place) {
            report.push(*problem);
        }
    }
    collected.finish(board, report)
}

type Added = Result<(), Box<Problem>>;

fn warn(place: &str, reason: impl Into<String>) -> Box<Problem> {
    Box::new(Problem::warning(place, reason))
}

/// The warning for what a manifest cannot say, and the board file can.
fn board_only(id: Uuid, place: &str, what: &str, entry: &str) -> Box<Problem> {
    let problem = Problem::warning(place, format!("no manifest can ask for {what}"));
    let hint = format!("the board file can give it: \"Components\": {{ \"{id}\": {entry} }}");
    Box::new(problem.hint(hint))
}

impl Collected {
    fn add(&mut self, id: Uuid, refusal: &Refusal, place: &str) -> Added {
        let reason = refusal.reason.as_str();
        match (refusal.gate, reason) {
            (Gate::Capability | Gate::Mount, "not-granted") if refusal.right != "manager" => {
                self.capability(id, &refusal.right, place)
            }
            (Gate::Gpio, "line" | "input" | "output") => self.gpio(refusal, place),
            (Gate::Gpio, "chip") => {
                let chip = name(&refusal.object, place)?;
                self.chips.insert(chip, place.to_owned());
                Ok(())
            }
            (Gate::Mtd, "not-granted") => Err(partition(id, refusal, place)),
            (Gate::Network, "class" | "port" | "endpoint") => self.network(refusal, place),
            (Gate::Peer, "not-mutual") => match role(&refusal.object) {
                Some(Role::Application(peer)) => {
                    self.needs.peers.insert(peer);
                    Ok(())
                }
                _ => Err(nothing_helps(refusal, place)),
            },
            (Gate::Storage, "quota" | "none") => self.storage(refusal, place),
            (Gate::Storage, "wear") => Err(Box::new(
                Problem::warning(place, "it writes more than its storage may be worn")
                    .hint("write less, or set a larger SizeKB: the budget grows with it"),
            )),
            _ => Err(nothing_helps(refusal, place)),
        }
    }

    fn capability(&mut self, id: Uuid, right: &str, place: &str) -> Added {
        match Capability::from_name(right) {
            Some(known) if BOOLEAN.contains(&known) || POWER_CONTROLS.contains(&known) => {
                self.needs.capabilities = self.needs.capabilities.with(known);
                Ok(())
            }
            Some(Capability::Debug) => Err(Box::new(
                Problem::warning(place, "only a debugger can do this").hint(DEBUGGER_HINT),
            )),
            Some(_) => {
                let entry = format!("{{ \"Capabilities\": [ \"{right}\" ] }}");
                Err(board_only(id, place, right, &entry))
            }
            None => Err(warn(place, format!("the capability {right} is not known"))),
        }
    }

    fn gpio(&mut self, refusal: &Refusal, place: &str) -> Added {
        let object = Lines::of(&refusal.object);
        let chip = name(object.chip, place)?;
        let right = refusal.right.as_str();
        for (first, last) in object.ranges() {
            // A request has at most 64 lines.
            if last - first >= u64::BITS {
                return Err(warn(place, "says that more lines were denied than can be"));
            }
            for offset in first..=last {
                let line = self.lines.entry((chip.clone(), offset)).or_default();
                line.input |= matches!(right, "in" | "inout");
                line.output |= matches!(right, "out" | "inout");
                if line.place.is_empty() {
                    place.clone_into(&mut line.place);
                }
            }
        }
        Ok(())
    }

    fn network(&mut self, refusal: &Refusal, place: &str) -> Added {
        let target = Target::of(&refusal.object);
        if let Some(protocol) = target.socket_protocol() {
            self.sockets.push((protocol, place.to_owned()));
            return Ok(());
        }
        match target {
            Target::Port(_, 0) => Err(warn(
                place,
                "no manifest can ask for a port of the kernel's choice",
            )),
            Target::Port(Protocol::Tcp, port) => {
                self.needs.tcp_ports.insert(port);
                Ok(())
            }
            Target::Port(Protocol::Udp, port) => {
                self.needs.udp_ports.insert(port);
                Ok(())
            }
            Target::Endpoint(_, address, _) => match address.parse::<IpAddr>() {
                Ok(address) if !address.to_canonical().is_unspecified() => {
                    self.needs.connections.insert(address.to_canonical());
                    Ok(())
                }
                _ => Err(warn(
                    place,
                    format!("{address} is no address that a manifest can hold"),
                )),
            },
            Target::Socket(["16", "2" | "3", "0"]) => {
                self.needs.capabilities = self.needs.capabilities.with(Capability::NetworkConfig);
                Ok(())
            }
            _ => Err(nothing_helps(refusal, place)),
        }
    }

    fn storage(&mut self, refusal: &Refusal, place: &str) -> Added {
        let most = u64::from(STORAGE_KB_MAX) * 1024;
        match refusal.object.parse::<u64>() {
            Ok(bytes) if bytes <= most => {
                self.storage = self.storage.max(bytes);
                Ok(())
            }
            _ => Err(warn(
                place,
                format!(
                    "a manifest can ask for {STORAGE_KB_MAX} KB of storage at most, and this is more"
                ),
            )),
        }
    }

    /// Puts together what needs a look at the whole.
    fn finish(mut self, board: Option<&Board>, report: &mut Report) -> Needs {
        self.check_sockets(report);
        for (chip, place) in &self.chips {
            if !self.lines.keys().any(|(known, _)| known == chip) {
                let reason = format!("it looks at the GPIO chip {chip:?}, and uses no line of it");
                report.push(Problem::warning(place, reason).hint("any line of it lets it do that"));
            }
        }
        for ((chip, offset), line) in &self.lines {
            match values_of(chip, *offset, line, board) {
                Ok(values) => self
                    .needs
                    .gpio
                    .extend(line.least(chip, *offset, &values, report)),
                Err(problem) => report.push(*problem),
            }
        }
        // Fits: it was compared with the most.
        self.needs.storage_kb = self
            .storage
            .div_ceil(1024)
            .try_into()
            .unwrap_or(STORAGE_KB_MAX);
        self.needs
    }

    /// A socket is granted with what it is for.
    fn check_sockets(&self, report: &mut Report) {
        let needs = &self.needs;
        for (protocol, place) in &self.sockets {
            let word = protocol_words(*protocol);
            let ports = match protocol {
                Protocol::Tcp => &needs.tcp_ports,
                Protocol::Udp => &needs.udp_ports,
            };
            if ports.is_empty() && needs.connections.is_empty() {
                let reason = format!("it makes a {word} socket, and the log does not say what for");
                let hint = "run it in permissive mode, where it gets further";
                report.push(Problem::warning(place, reason).hint(hint));
            }
        }
    }
}

/// A name in the words of a person.
fn name(token: &str, place: &str) -> Result<String, Box<Problem>> {
    decoded(token).ok_or_else(|| warn(place, format!("{token:?} is no name that JSON can hold")))
}

fn partition(id: Uuid, refusal: &Refusal, place: &str) -> Box<Problem> {
    let Ok(name) = name(&refusal.object, place) else {
        return nothing_helps(refusal, place);
    };
    let access = match refusal.right.as_str() {
        "read" => "Read",
        _ => "ReadWrite",
    };
    let entry =
        format!("{{ \"Partitions\": [ {{\"Name\": {name:?}, \"Access\": \"{access}\"}} ] }}");
    board_only(id, place, &format!("the flash partition {name:?}"), &entry)
}

fn nothing_helps(refusal: &Refusal, place: &str) -> Box<Problem> {
    let Refusal {
        gate,
        object,
        right,
        reason,
    } = refusal;
    let gate = gate.name();
    warn(
        place,
        format!(
            "no manifest can ask for this: gate {gate}, object {object}, right {right}, reason {reason}"
        ),
    )
}

/// The values that lead to a line, with the directions that they allow.
fn values_of(
    chip: &str,
    offset: u32,
    line: &Use,
    board: Option<&Board>,
) -> Result<Vec<(u32, Direction)>, Box<Problem>> {
    let what = format!("line {offset} of GPIO chip {chip:?}");
    let Some(board) = board else {
        let problem = Problem::warning(&line.place, format!("{what} is left out"));
        return Err(Box::new(problem.hint("name the board file: --board")));
    };
    let values = board.values(chip, offset);
    if values.is_empty() {
        let reason = format!("{what} is not on the board of {}", board.file);
        let problem = Problem::warning(&line.place, reason);
        return Err(Box::new(
            problem.hint("map it under \"Gpio\" in the board file"),
        ));
    }
    Ok(values)
}

impl Use {
    /// The least of `values` that lets the line be used as it is. What none of them allows goes to
    /// the report.
    fn least(
        &self,
        chip: &str,
        offset: u32,
        values: &[(u32, Direction)],
        report: &mut Report,
    ) -> Vec<u32> {
        let with = |direction| {
            let mut found = values.iter().filter(|(_, known)| *known == direction);
            found.next().map(|(value, _)| *value)
        };
        let both = with(Direction::Both);
        let (input, output) = (with(Direction::Input), with(Direction::Output));
        if !self.input && !self.output {
            return input.or(output).or(both).into_iter().collect();
        }
        if let Some(both) = both.filter(|_| self.input && self.output) {
            return vec![both];
        }
        let wanted = [
            (self.input, input.or(both), "an input"),
            (self.output, output.or(both), "an output"),
        ];
        for (_, _, role) in wanted
            .iter()
            .filter(|(wanted, value, _)| *wanted && value.is_none())
        {
            let reason =
                format!("the board does not let line {offset} of GPIO chip {chip:?} be {role}");
            report.push(
                Problem::warning(&self.place, reason).hint("see \"Direction\" in the board file"),
            );
        }
        wanted
            .into_iter()
            .filter_map(|(wanted, value, _)| value.filter(|_| wanted))
            .collect()
    }
}
