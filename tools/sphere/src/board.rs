// SPDX-License-Identifier: GPL-2.0

//! Board files: what the values of manifests are on a device. The format is described in
//! `BOARDS.md`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sphere_core::capability::{Capability, CapabilitySet};
use sphere_core::record::{CHIP_SIZE, MtdAccess, PARTITION_SIZE};
use sphere_core::uuid::Uuid;

use crate::capabilities::DEBUGGER_HINT;
use crate::guid;
use crate::hardware::{self, Hardware};
use crate::json::{self, Node, Object};
use crate::limits::BoardLimits;
use crate::peripheral::Kind;
use crate::report::{Located, Place, Problem, Report};
use crate::text;

const CONTROLLERS: [Kind; 6] = [
    Kind::Uart,
    Kind::I2cMaster,
    Kind::SpiMaster,
    Kind::Pwm,
    Kind::Adc,
    Kind::I2sSubordinate,
];

/// Keys besides those of the peripherals.
const KNOWN: [&str; 8] = [
    "SchemaVersion",
    "Name",
    "MutableStorage",
    "Hardware",
    "HardwareFolders",
    "Components",
    "Limits",
    "ApplicationLimits",
];

/// A GPIO line as the kernel knows it, and what the board allows to be done with it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    pub chip: String,
    pub offset: u32,
    pub direction: Direction,
}

/// In which direction a line may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    Input,
    Output,
    Both,
}

impl Direction {
    const ALL: [Self; 3] = [Self::Input, Self::Output, Self::Both];

    /// The word for it in JSON.
    fn word(self) -> &'static str {
        match self {
            Self::Input => "Input",
            Self::Output => "Output",
            Self::Both => "Both",
        }
    }

    pub fn is_input(self) -> bool {
        self != Self::Output
    }

    pub fn is_output(self) -> bool {
        self != Self::Input
    }
}

/// A board file without mistakes.
#[derive(Debug)]
pub struct Board {
    pub file: String,
    /// For people.
    pub name: Option<String>,
    pub hardware: Hardware,
    /// What all applications together may keep, if the board says.
    pub storage_bytes: Option<u64>,
    /// How much of the device each application may use.
    pub limits: BoardLimits,
    lines: Vec<LineRange>,
    /// Device nodes by kind and name of the controller.
    controllers: BTreeMap<(Kind, String), Located<String>>,
    components: BTreeMap<Uuid, Extras>,
}

/// Consecutive values and the consecutive lines that they are.
#[derive(Debug)]
pub struct LineRange {
    /// First value that a manifest could ask for.
    pub first: u32,
    /// Last value.
    pub last: u32,
    /// Label of the chip.
    pub chip: String,
    /// The line that `first` is.
    pub offset: u32,
    /// What may be done with the lines.
    pub direction: Direction,
    /// Where the board file says so.
    pub place: Place,
}

/// What the board's maker gives to a component beyond its manifest.
#[derive(Debug)]
pub struct Extras {
    /// Where the board file has them.
    pub place: Place,
    pub capabilities: CapabilitySet,
    /// Where each of `capabilities` is given.
    pub capability_places: BTreeMap<Capability, Place>,
    /// Access by name of the partition.
    pub partitions: BTreeMap<String, MtdAccess>,
    /// Where each of `partitions` is given.
    pub partition_places: BTreeMap<String, Place>,
}

/// Reads a board file and the hardware definitions that it names. Those of `hardware` go first.
/// `None` if anything is wrong with it; the report says what.
pub fn read(file: &Path, hardware: &[PathBuf], report: &mut Report) -> Option<Board> {
    report.unless_errors(|report| {
        let root = json::read(file, report)?;
        let mut board = parse(&root, report)?;
        let object = root.object(report)?;
        let folder = file.parent().unwrap_or(Path::new(""));
        let definitions = paths(object.get("Hardware"), folder, report);
        let folders = paths(object.get("HardwareFolders"), folder, report);
        let files = [hardware, &definitions].concat();
        board.hardware = hardware::read(&files, &folders, report)?;
        Some(board)
    })
}

/// All of a board file but the hardware definitions that it names.
fn parse(root: &Node, report: &mut Report) -> Option<Board> {
    let object = root.object(report)?;
    let known: Vec<_> = KNOWN.into_iter().chain(Kind::ALL.map(Kind::key)).collect();
    object.refuse_unknown("key", &known, report);
    if let Some(version) = object.required("SchemaVersion", report) {
        version.integer(1, 1, report);
    }
    let name = object
        .get("Name")
        .and_then(|node| text::meaningful(node, "the name of the board", report));
    let storage_bytes = object
        .get("MutableStorage")
        .and_then(|node| storage(node, report));
    let lines = object
        .get("Gpio")
        .map(|node| lines(node, report))
        .unwrap_or_default();
    let limits = BoardLimits::read(object, report);
    let mut controllers = BTreeMap::new();
    for kind in CONTROLLERS {
        if let Some(node) = object.get(kind.key()) {
            read_controllers(kind, node, &mut controllers, report);
        }
    }
    Some(Board {
        file: root.place.file.to_string(),
        name: name.map(str::to_owned),
        storage_bytes,
        limits,
        hardware: Hardware::default(),
        lines,
        controllers,
        components: object
            .get("Components")
            .map(|node| components(node, report))
            .unwrap_or_default(),
    })
}

/// In bytes, what is written in KiB.
fn storage(node: &Node, report: &mut Report) -> Option<u64> {
    let object = node.object(report)?;
    object.refuse_unknown("key", &["SizeKB"], report);
    let size = object
        .required("SizeKB", report)?
        .integer(0, u32::MAX, report)?;
    Some(u64::from(size) * 1024)
}

/// Paths, which count from `folder`.
fn paths(node: Option<&Node>, folder: &Path, report: &mut Report) -> Vec<PathBuf> {
    let elements = node.and_then(|node| node.array(report)).unwrap_or_default();
    elements
        .iter()
        .filter_map(|element| text::meaningful(element, "a path", report))
        .map(|path| folder.join(path))
        .collect()
}

/// A text that has to fit into a field of `size` bytes of a record.
fn field_text<'a>(node: &'a Node, what: &str, size: usize, report: &mut Report) -> Option<&'a str> {
    let text = text::meaningful(node, what, report)?;
    if text.len() >= size {
        let reason = format!("has {} bytes, and {} is the most", text.len(), size - 1);
        report.error(&node.place, reason);
        return None;
    }
    Some(text)
}

fn lines(node: &Node, report: &mut Report) -> Vec<LineRange> {
    let mut ranges: Vec<LineRange> = Vec::new();
    for element in node.array(report).unwrap_or_default() {
        let Some(range) = element
            .object(report)
            .and_then(|object| line_range(object, report))
        else {
            continue;
        };
        if let Some(other) = ranges.iter().find(|other| other.overlaps(&range)) {
            report.push(
                Problem::error(&range.place, "maps a value that is mapped already")
                    .note(format!("first at {}", other.place)),
            );
        }
        ranges.push(range);
    }
    ranges
}

fn line_range(object: Object<'_>, report: &mut Report) -> Option<LineRange> {
    const KEYS: [&str; 6] = ["Value", "First", "Last", "Chip", "Offset", "Direction"];
    object.refuse_unknown("key", &KEYS, report);
    let (first, last) = match (object.get("Value"), object.get("First"), object.get("Last")) {
        (Some(value), None, None) => (value, value),
        (None, Some(first), Some(last)) => (first, last),
        _ => {
            report.push(
                Problem::error(object.place, "says not which values it maps")
                    .hint("write either Value, or First and Last"),
            );
            return None;
        }
    };
    let chip = object.required("Chip", report);
    let chip = chip.and_then(|node| field_text(node, "a chip's label", CHIP_SIZE, report));
    let offset = object.required("Offset", report);
    let offset = offset.and_then(|node| node.integer(0, u32::MAX, report));
    let direction = match object.get("Direction") {
        Some(node) => direction(node, report),
        None => Some(Direction::Both),
    };
    let first = first.integer(0, u32::MAX, report)?;
    let last = last.integer(first, u32::MAX, report)?;
    let offset = offset?;
    if offset.checked_add(last - first).is_none() {
        report.error(object.place, "leads to offsets that do not exist");
        return None;
    }
    Some(LineRange {
        first,
        last,
        chip: chip?.to_owned(),
        offset,
        direction: direction?,
        place: object.place.clone(),
    })
}

fn direction(node: &Node, report: &mut Report) -> Option<Direction> {
    let word = node.string(report)?;
    let found = Direction::ALL
        .into_iter()
        .find(|known| known.word() == word);
    if found.is_none() {
        let known = Direction::ALL.map(Direction::word);
        report.push(json::unknown("direction", word, &node.place, &known));
    }
    found
}

impl LineRange {
    fn overlaps(&self, other: &Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

fn read_controllers(
    kind: Kind,
    node: &Node,
    controllers: &mut BTreeMap<(Kind, String), Located<String>>,
    report: &mut Report,
) {
    let members = node.object(report).map_or(&[][..], |object| object.members);
    for member in members {
        if let Some(node) = device_node(&member.value, report) {
            let node = Located {
                value: node,
                place: member.value.place.clone(),
            };
            controllers.insert((kind, member.name.clone()), node);
        }
    }
}

/// An absolute path below /dev, which a line of a launch file can hold.
fn device_node(node: &Node, report: &mut Report) -> Option<String> {
    let path = text::meaningful(node, "the path of a device node", report)?;
    let plain = path.strip_prefix("/dev/").is_some_and(|rest| {
        rest.split('/').all(|part| !["", ".", ".."].contains(&part))
            && !rest.contains(char::is_whitespace)
    });
    if !plain {
        report.push(
            Problem::error(&node.place, format!("{path:?} is no path of a device node"))
                .hint("such as /dev/ttyS1"),
        );
        return None;
    }
    Some(path.to_owned())
}

fn components(node: &Node, report: &mut Report) -> BTreeMap<Uuid, Extras> {
    let mut components = BTreeMap::new();
    let members = node.object(report).map_or(&[][..], |object| object.members);
    for member in members {
        let id = guid::parse(&member.name).filter(|id| !id.is_nil());
        let Some(id) = id else {
            let reason = format!("{:?} is not the GUID of a component", member.name);
            report.error(&member.name_place, reason);
            continue;
        };
        let Some(extras) = extras(&member.value, report) else {
            continue;
        };
        if let Some(partition) = shared_partition(&components, &extras) {
            let reason = format!("partition {partition:?} belongs to another component");
            report.error(&member.name_place, reason);
        }
        if components.insert(id, extras).is_some() {
            report.error(&member.name_place, format!("{id} stands here twice"));
        }
    }
    components
}

/// A partition that `extras` gives away although another component has it.
fn shared_partition<'a>(
    components: &BTreeMap<Uuid, Extras>,
    extras: &'a Extras,
) -> Option<&'a String> {
    extras.partitions.keys().find(|partition| {
        components
            .values()
            .any(|other| other.partitions.contains_key(*partition))
    })
}

fn extras(node: &Node, report: &mut Report) -> Option<Extras> {
    let object = node.object(report)?;
    object.refuse_unknown("key", &["Capabilities", "Partitions"], report);
    let mut extras = Extras {
        place: node.place.clone(),
        capabilities: CapabilitySet::EMPTY,
        capability_places: BTreeMap::new(),
        partitions: BTreeMap::new(),
        partition_places: BTreeMap::new(),
    };
    if let Some(node) = object.get("Capabilities") {
        for element in node.array(report).unwrap_or_default() {
            if let Some(capability) = capability(element, report) {
                extras.capabilities = extras.capabilities.with(capability);
                let place = element.place.clone();
                extras.capability_places.insert(capability, place);
            }
        }
    }
    if let Some(node) = object.get("Partitions") {
        for element in node.array(report).unwrap_or_default() {
            let Some((partition, access)) = partition(element, report) else {
                continue;
            };
            let place = element.place.clone();
            extras.partition_places.insert(partition.clone(), place);
            if extras.partitions.insert(partition, access).is_some() {
                report.error(&element.place, "is a partition that stands here already");
            }
        }
    }
    Some(extras)
}

fn capability(node: &Node, report: &mut Report) -> Option<Capability> {
    let word = node.string(report)?;
    let found = Capability::from_name(word);
    match found {
        // What an application is, its manifest says.
        Some(Capability::Debug) => {
            let problem = Problem::error(&node.place, format!("no board file can give {word}"));
            report.push(problem.hint(DEBUGGER_HINT));
            return None;
        }
        Some(_) => {}
        None => {
            let known: Vec<_> = Capability::ALL
                .iter()
                .filter(|&&known| known != Capability::Debug)
                .map(|known| known.name())
                .collect();
            report.push(json::unknown("capability", word, &node.place, &known));
        }
    }
    found
}

fn partition(node: &Node, report: &mut Report) -> Option<(String, MtdAccess)> {
    let object = node.object(report)?;
    object.refuse_unknown("key", &["Name", "Access"], report);
    let name = object.required("Name", report);
    let name = name.and_then(|node| field_text(node, "a partition's name", PARTITION_SIZE, report));
    let access = object.required("Access", report)?;
    let access = match access.string(report)? {
        "Read" => MtdAccess::Read,
        "ReadWrite" => MtdAccess::ReadWrite,
        word => {
            report.push(json::unknown(
                "access",
                word,
                &access.place,
                &["Read", "ReadWrite"],
            ));
            return None;
        }
    };
    Some((name?.to_owned(), access))
}

impl Board {
    /// The line that a value is on this board.
    pub fn line(&self, value: u32) -> Option<Line> {
        let range = self
            .lines
            .iter()
            .find(|range| (range.first..=range.last).contains(&value))?;
        Some(Line {
            chip: range.chip.clone(),
            offset: range.offset + (value - range.first),
            direction: range.direction,
        })
    }

    /// The values that lead to a line, and the direction in which each allows it to be used.
    pub fn values(&self, chip: &str, offset: u32) -> Vec<(u32, Direction)> {
        self.lines
            .iter()
            .filter(|range| range.chip == chip)
            .filter_map(|range| {
                let value = range.first.checked_add(offset.checked_sub(range.offset)?)?;
                (value <= range.last).then_some((value, range.direction))
            })
            .collect()
    }

    /// The device node of a controller on this board.
    pub fn device(&self, kind: Kind, controller: &str) -> Option<&str> {
        self.controllers
            .get(&(kind, controller.to_owned()))
            .map(|node| node.value.as_str())
    }

    /// All lines that the board has, as the board file lists them.
    pub fn line_ranges(&self) -> &[LineRange] {
        &self.lines
    }

    /// All controllers: kind, name and device node.
    pub fn devices(&self) -> impl Iterator<Item = (Kind, &str, &Located<String>)> {
        self.controllers
            .iter()
            .map(|((kind, name), node)| (*kind, name.as_str(), node))
    }

    /// What the board gives to components, by component.
    pub fn components(&self) -> impl Iterator<Item = (Uuid, &Extras)> {
        self.components.iter().map(|(id, extras)| (*id, extras))
    }

    /// The names of all controllers of a kind.
    pub fn controllers(&self, kind: Kind) -> Vec<&str> {
        self.controllers
            .keys()
            .filter(|(known, _)| *known == kind)
            .map(|(_, name)| name.as_str())
            .collect()
    }

    /// What the board gives to a component beyond its manifest.
    pub fn extras(&self, component: Uuid) -> Option<&Extras> {
        self.components.get(&component)
    }
}
