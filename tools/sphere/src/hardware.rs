// SPDX-License-Identifier: GPL-2.0

//! Hardware definitions: what the `$NAMES` of manifests lead to.
//!
//! A definition gives names to peripherals, either a value (`AppManifestValue`) or another name
//! (`Mapping`), which a definition that it imports explains. Published definitions have names
//! whose mapping leads nowhere, so a mapping is followed when somebody asks for its name and not
//! before.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::json::{self, Node, Object};
use crate::peripheral::{Kind, Value};
use crate::report::{Located, Place, Problem, Report, similar};
use crate::text;

/// All definitions that one board uses.
#[derive(Debug, Default)]
pub struct Hardware {
    /// The first one that has a name decides.
    definitions: Vec<Rc<Definition>>,
}

#[derive(Debug)]
struct Definition {
    place: Place,
    peripherals: Vec<Peripheral>,
    imports: Vec<Rc<Definition>>,
}

#[derive(Debug)]
struct Peripheral {
    name: String,
    kind: String,
    place: Place,
    source: Source,
}

/// What a name stands for.
#[derive(Debug)]
enum Source {
    Mapping(Located<String>),
    Value(Located<Value>),
    /// Nothing that a manifest could ask for, such as the number of a channel.
    Nothing,
}

/// A name, and the definition that it is found in.
type Found<'a> = (&'a Definition, &'a Peripheral);

/// Reads `files` with all their imports. Imports are looked for in the folder of the definition,
/// in the folders beside it, then in each of `folders` and the folders in it.
pub fn read(files: &[PathBuf], folders: &[PathBuf], report: &mut Report) -> Option<Hardware> {
    report.unless_errors(|report| {
        let mut loader = Loader {
            folders,
            loaded: BTreeMap::new(),
            open: Vec::new(),
        };
        let definitions = files
            .iter()
            .filter_map(|file| loader.load(file, report))
            .collect();
        Some(Hardware { definitions })
    })
}

struct Loader<'a> {
    folders: &'a [PathBuf],
    loaded: BTreeMap<PathBuf, Rc<Definition>>,
    /// The definitions that import the one that is being read, outermost first.
    open: Vec<PathBuf>,
}

impl Loader<'_> {
    fn load(&mut self, file: &Path, report: &mut Report) -> Option<Rc<Definition>> {
        let key = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
        if let Some(definition) = self.loaded.get(&key) {
            return Some(Rc::clone(definition));
        }
        let root = json::read(file, report)?;
        self.open.push(key.clone());
        let definition = self.definition(file, &root, report);
        self.open.pop();
        let definition = Rc::new(definition?);
        self.loaded.insert(key, Rc::clone(&definition));
        Some(definition)
    }

    fn definition(&mut self, file: &Path, root: &Node, report: &mut Report) -> Option<Definition> {
        let object = root.object(report)?;
        check_metadata(object, report);
        let imports = match object.get("Imports") {
            Some(node) => self.imports(file, node, report),
            None => Vec::new(),
        };
        Some(Definition {
            place: root.place.clone(),
            peripherals: peripherals(object.required("Peripherals", report)?, report),
            imports,
        })
    }

    fn imports(&mut self, file: &Path, node: &Node, report: &mut Report) -> Vec<Rc<Definition>> {
        let elements = node.array(report).unwrap_or_default();
        elements
            .iter()
            .filter_map(|element| self.import(file, element, report))
            .collect()
    }

    fn import(&mut self, file: &Path, node: &Node, report: &mut Report) -> Option<Rc<Definition>> {
        let node = node.object(report)?.required("Path", report)?;
        let wanted = node.string(report)?;
        let found = match self.find(file, wanted) {
            Ok(found) => found,
            Err(reason) => {
                report.error(&node.place, reason);
                return None;
            }
        };
        if fs::canonicalize(&found).is_ok_and(|found| self.open.contains(&found)) {
            report.error(&node.place, format!("{wanted:?} imports itself"));
            return None;
        }
        self.load(&found, report)
    }

    fn find(&self, file: &Path, wanted: &str) -> Result<PathBuf, String> {
        let folder = match file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut searched = vec![vec![folder.to_owned()], subfolders(&folder.join(".."))];
        for folder in self.folders {
            searched.push(vec![folder.clone()]);
            searched.push(subfolders(folder));
        }
        for folders in searched {
            let found: BTreeSet<_> = folders
                .iter()
                .map(|folder| folder.join(wanted))
                .filter(|path| path.is_file())
                .collect();
            let mut found = found.into_iter();
            match (found.next(), found.next()) {
                (Some(path), None) => return Ok(path),
                (Some(one), Some(other)) => {
                    let (one, other) = (one.display(), other.display());
                    return Err(format!("{wanted:?} could be {one} or {other}"));
                }
                _ => {}
            }
        }
        Err(format!(
            "{wanted:?} is in none of the folders that are searched"
        ))
    }
}

/// The folders in `folder`; none if it cannot be read.
fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect()
}

/// The metadata may be left out, but if it is there, it tells a definition from other JSON.
fn check_metadata(object: Object<'_>, report: &mut Report) {
    const TYPE: &str = "Azure Sphere Hardware Definition";

    let Some(metadata) = object.get("Metadata").and_then(|node| node.object(report)) else {
        return;
    };
    if let Some(node) = metadata.get("Type") {
        match node.string(report) {
            None | Some(TYPE) => {}
            Some(text) => report.error(&node.place, format!("expected {TYPE:?}, found {text:?}")),
        }
    }
    if let Some(node) = metadata.get("Version") {
        node.integer(1, 1, report);
    }
}

fn peripherals(node: &Node, report: &mut Report) -> Vec<Peripheral> {
    let mut peripherals: Vec<Peripheral> = Vec::new();
    for element in node.array(report).unwrap_or_default() {
        let Some(peripheral) = peripheral(element, report) else {
            continue;
        };
        if let Some(first) = peripherals
            .iter()
            .find(|first| first.name == peripheral.name)
        {
            let reason = format!("{:?} is defined twice", peripheral.name);
            report.push(
                Problem::error(&peripheral.place, reason).note(format!("first at {}", first.place)),
            );
        }
        peripherals.push(peripheral);
    }
    peripherals
}

fn peripheral(node: &Node, report: &mut Report) -> Option<Peripheral> {
    let object = node.object(report)?;
    let name = object.required("Name", report)?;
    let name = text::meaningful(name, "the name of the peripheral", report)?;
    let kind = object.required("Type", report)?;
    let kind = text::meaningful(kind, "the type of the peripheral", report)?;
    let source = match (object.get("Mapping"), object.get("AppManifestValue")) {
        (Some(mapping), None) => Source::Mapping(Located {
            value: text::meaningful(mapping, "a name of an import", report)?.to_owned(),
            place: mapping.place.clone(),
        }),
        (None, Some(value)) => Source::Value(Located {
            value: manifest_value(value, report)?,
            place: value.place.clone(),
        }),
        (None, None) => Source::Nothing,
        (Some(_), Some(_)) => {
            report.error(&node.place, "has both a Mapping and an AppManifestValue");
            return None;
        }
    };
    Some(Peripheral {
        name: name.to_owned(),
        kind: kind.to_owned(),
        place: node.place.clone(),
        source,
    })
}

fn manifest_value(node: &Node, report: &mut Report) -> Option<Value> {
    match &node.value {
        json::Value::Number(_) => node.integer(0, u32::MAX, report).map(Value::Line),
        json::Value::String(text) => Some(Value::Controller(text.clone())),
        _ => node.expected("an integer or a string", report),
    }
}

impl Definition {
    /// Where `name` is defined: here, or else in the imports. More than one if they disagree.
    fn find(&self, name: &str) -> Vec<Found<'_>> {
        match self.own(name) {
            Some(peripheral) => vec![(self, peripheral)],
            None => self.find_imported(name),
        }
    }

    fn own(&self, name: &str) -> Option<&Peripheral> {
        self.peripherals
            .iter()
            .find(|peripheral| peripheral.name == name)
    }

    fn find_imported(&self, name: &str) -> Vec<Found<'_>> {
        let mut found: Vec<Found<'_>> = Vec::new();
        for candidate in self.imports.iter().flat_map(|import| import.find(name)) {
            // The same file may be imported twice, by different ways.
            if !found
                .iter()
                .any(|(_, known)| std::ptr::eq(*known, candidate.1))
            {
                found.push(candidate);
            }
        }
        found
    }

    /// Where the mapping of one of this definition's own peripherals leads.
    fn find_mapped(&self, name: &str) -> Vec<Found<'_>> {
        let imported = self.find_imported(name);
        if imported.is_empty() {
            self.own(name).map(|own| (self, own)).into_iter().collect()
        } else {
            imported
        }
    }

    fn names(&self, kind: &str) -> Vec<&str> {
        let own = self
            .peripherals
            .iter()
            .filter(|peripheral| peripheral.kind == kind)
            .map(|peripheral| peripheral.name.as_str());
        let imported = self.imports.iter().flat_map(|import| import.names(kind));
        own.chain(imported).collect()
    }
}

impl Hardware {
    /// Follows `$name`, which stands in a manifest at `place`, to its value.
    pub fn resolve(&self, name: &str, kind: Kind, place: &Place) -> Result<Value, Box<Problem>> {
        let mut found = self
            .definitions
            .iter()
            .map(|definition| definition.find(name))
            .find(|found| !found.is_empty())
            .ok_or_else(|| self.no_such_name(name, kind, place))?;
        let mut wanted = name;
        let mut passed: Vec<&Peripheral> = Vec::new();
        loop {
            let (definition, peripheral) = only(found, wanted, place)?;
            let at_fault = |reason: String| {
                let problem = Problem::error(place, reason);
                Box::new(problem.note(format!("defined at {}", peripheral.place)))
            };
            if peripheral.kind != kind.key() {
                let is = &peripheral.kind;
                return Err(at_fault(format!(
                    "${name} is of type {is}, not {}",
                    kind.key()
                )));
            }
            if passed.iter().any(|known| std::ptr::eq(*known, peripheral)) {
                return Err(at_fault(format!("${name} leads in a circle")));
            }
            passed.push(peripheral);
            match &peripheral.source {
                Source::Value(value) => return checked_value(name, kind, value, place),
                Source::Nothing => {
                    return Err(at_fault(format!(
                        "${name} leads to {wanted}, which has neither Mapping nor AppManifestValue"
                    )));
                }
                Source::Mapping(mapping) => {
                    wanted = &mapping.value;
                    found = definition.find_mapped(wanted);
                    if found.is_empty() {
                        let reason = format!("${name} leads to {wanted}, which no definition has");
                        let note = format!("mapped at {}", mapping.place);
                        return Err(Box::new(Problem::error(place, reason).note(note)));
                    }
                }
            }
        }
    }

    fn no_such_name(&self, name: &str, kind: Kind, place: &Place) -> Box<Problem> {
        let files: Vec<_> = self
            .definitions
            .iter()
            .map(|definition| definition.place.file.as_ref())
            .collect();
        let mut problem = Problem::error(place, format!("no hardware definition has ${name}"));
        problem = match files.as_slice() {
            [] => problem.hint("name a hardware definition in the board file, or with --hardware"),
            files => problem.note(format!(
                "looked for in {} and its imports",
                files.join(", ")
            )),
        };
        let names = self
            .definitions
            .iter()
            .flat_map(|definition| definition.names(kind.key()));
        Box::new(match similar(name, names) {
            Some(known) => problem.hint(format!("did you mean ${known}?")),
            None => problem,
        })
    }
}

/// The only element of `found`; an error if definitions disagree.
fn only<'a>(found: Vec<Found<'a>>, wanted: &str, place: &Place) -> Result<Found<'a>, Box<Problem>> {
    if let [one] = found.as_slice() {
        return Ok(*one);
    }
    let problem = Problem::error(place, format!("{wanted} is defined by several imports"));
    Err(Box::new(
        found.iter().fold(problem, |problem, (_, peripheral)| {
            problem.note(format!("defined at {}", peripheral.place))
        }),
    ))
}

fn checked_value(
    name: &str,
    kind: Kind,
    found: &Located<Value>,
    place: &Place,
) -> Result<Value, Box<Problem>> {
    let fits = matches!(found.value, Value::Line(_)) == (kind == Kind::Gpio);
    if fits {
        return Ok(found.value.clone());
    }
    let reason = format!(
        "${name} is {}, which is no value of type {}",
        found.value,
        kind.key()
    );
    Err(Box::new(
        Problem::error(place, reason).note(format!("defined at {}", found.place)),
    ))
}
