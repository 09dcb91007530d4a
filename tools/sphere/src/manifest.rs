// SPDX-License-Identifier: GPL-2.0

//! Application manifests (`app_manifest.json`).
//!
//! A manifest is read completely before anything is refused, so that one run names everything
//! that is wrong with it.

use std::path::Path;

use sphere_core::capability::Capability;
use sphere_core::launch::ARGS_MAX;
use sphere_core::uuid::Uuid;

use crate::capabilities::{self, Capabilities};
use crate::guid;
use crate::json::{self, Node, Object};
use crate::report::{Located, Place, Problem, Report};
use crate::text;

const REQUIRED: [&str; 5] = [
    "SchemaVersion",
    "Name",
    "ComponentId",
    "EntryPoint",
    "Capabilities",
];

/// With `Policy`, which is known in order to be refused with an explanation.
const KNOWN: [&str; 11] = [
    "SchemaVersion",
    "Name",
    "ComponentId",
    "EntryPoint",
    "CmdArgs",
    "Capabilities",
    "ApplicationType",
    "MallocVersion",
    "TargetApplicationRuntimeVersion",
    "TargetBetaApis",
    "Policy",
];

/// The type of application that may trace others, in development mode.
const DEBUGGER: &str = "Debugger";

/// Bytes of the longest path that Linux takes, without the terminating NUL.
const PATH_MAX: usize = 4095;

/// A manifest without mistakes.
#[derive(Debug)]
pub struct Manifest {
    /// Of the whole document.
    pub place: Place,
    pub name: String,
    pub component: Located<Uuid>,
    /// Absolute in the application's image.
    pub entry_point: String,
    pub arguments: Vec<String>,
    pub capabilities: Capabilities,
}

/// Reads a manifest. `None` if anything is wrong with it; the report says what.
pub fn read(file: &Path, report: &mut Report) -> Option<Manifest> {
    report.unless_errors(|report| parse(&json::read(file, report)?, report))
}

/// Reads a manifest from its JSON. What is wrong goes to the report; the result is valid only if that
/// is nothing.
pub fn parse(root: &Node, report: &mut Report) -> Option<Manifest> {
    let object = root.object(report)?;
    refuse_missing(object, report);
    refuse_policy(object, report);
    object.refuse_unknown("key", &KNOWN, report);

    let read = |name: &str| object.get(name);
    // Every reader runs, whatever the ones before have found.
    let version = read("SchemaVersion").and_then(|node| node.integer(1, 1, report));
    let name =
        read("Name").and_then(|node| text::meaningful(node, "the application's name", report));
    let component = read("ComponentId").and_then(|node| located(node, guid::read(node, report)));
    let entry_point = read("EntryPoint").and_then(|node| entry_point(node, report));
    let arguments = read("CmdArgs").map_or(Some(Vec::new()), |node| arguments(node, report));
    let capabilities = read("Capabilities").and_then(|node| capabilities::parse(node, report));
    let is_debugger = read("ApplicationType").is_some_and(|node| is_debugger(node, report));
    check_informative(object, report);

    version?;
    let mut capabilities = capabilities?;
    if let Some(node) = read("ApplicationType").filter(|_| is_debugger) {
        capabilities.add(Capability::Debug, &node.place);
    }
    Some(Manifest {
        place: root.place.clone(),
        name: name?.to_owned(),
        component: component?,
        entry_point: entry_point?,
        arguments: arguments?,
        capabilities,
    })
}

fn located<T>(node: &Node, value: Option<T>) -> Option<Located<T>> {
    value.map(|value| Located {
        value,
        place: node.place.clone(),
    })
}

fn refuse_missing(object: Object<'_>, report: &mut Report) {
    let missing: Vec<_> = REQUIRED
        .into_iter()
        .filter(|name| object.get(name).is_none())
        .collect();
    if missing.is_empty() {
        return;
    }
    let keys = missing.join(", ");
    let fragment = object.get("Capabilities").is_some() && missing.len() == REQUIRED.len() - 1;
    let problem = if fragment {
        Problem::error(
            object.place,
            format!("this is a fragment of a manifest, without {keys}"),
        )
        .hint("put its Capabilities into the manifest of an application")
    } else {
        Problem::error(object.place, format!("missing: {keys}"))
    };
    report.push(problem);
}

fn refuse_policy(object: Object<'_>, report: &mut Report) {
    if let Some(node) = object.get("Policy") {
        report.push(
            Problem::error(
                &node.place,
                "Policy is for first-party applications, which Sphere does not have",
            )
            .hint("leave it out: what an application may do stands in Capabilities alone"),
        );
    }
}

/// The path of a regular file in the image, written with or without a leading slash.
fn entry_point(node: &Node, report: &mut Report) -> Option<String> {
    let path = text::meaningful(node, "the path of the program in the image", report)?;
    let relative = path.strip_prefix('/').unwrap_or(path);
    let reason = if relative.len() >= PATH_MAX {
        "is too long"
    } else if relative.split('/').any(|part| part == "..") {
        "leaves the image"
    } else if relative
        .split('/')
        .any(|part| part.is_empty() || part == ".")
    {
        "is not the plain path of a file, such as /bin/app"
    } else {
        return Some(format!("/{relative}"));
    };
    report.error(&node.place, format!("{path:?} {reason}"));
    None
}

fn arguments(node: &Node, report: &mut Report) -> Option<Vec<String>> {
    let elements = node.array(report)?;
    if elements.len() > ARGS_MAX {
        let reason = format!(
            "has {} arguments, and {ARGS_MAX} is the most",
            elements.len()
        );
        report.error(&node.place, reason);
        return None;
    }
    let arguments: Vec<_> = elements
        .iter()
        .filter_map(|node| text::meaningful(node, "the argument's value", report))
        .map(str::to_owned)
        .collect();
    (arguments.len() == elements.len()).then_some(arguments)
}

/// Whether a type of application is that of debuggers; the others make no difference.
fn is_debugger(node: &Node, report: &mut Report) -> bool {
    const TYPES: [&str; 3] = ["Default", "RealTimeCapable", DEBUGGER];

    let text = node.string(report);
    if let Some(text) = text.filter(|text| !TYPES.contains(text)) {
        report.push(json::unknown("application type", text, &node.place, &TYPES));
    }
    text == Some(DEBUGGER)
}

/// Keys that have rules, but no meaning for an identity.
fn check_informative(object: Object<'_>, report: &mut Report) {
    if let Some(node) = object.get("MallocVersion") {
        node.integer(1, 2, report);
    }
    if let Some(node) = object.get("TargetApplicationRuntimeVersion") {
        node.integer(1, u32::MAX, report);
    }
    if let Some(node) = object.get("TargetBetaApis") {
        text::meaningful(node, "the name of a set of beta APIs", report);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A complete manifest with one key replaced (or, with `null`, left out).
    fn with(key: &str, value: &str) -> String {
        let members: Vec<_> = [
            ("SchemaVersion", "1"),
            ("Name", "\"blinker\""),
            ("ComponentId", "\"5a6b2c0d-0000-4000-8000-000000000001\""),
            ("EntryPoint", "\"/bin/app\""),
            ("CmdArgs", "[]"),
            ("Capabilities", "{}"),
            (key, value),
        ]
        .iter()
        .enumerate()
        .filter(|(index, (name, value))| *value != "null" && (*index == 6 || *name != key))
        .map(|(_, (name, value))| format!("{name:?}: {value}"))
        .collect();
        format!("{{{}}}", members.join(", "))
    }

    fn read_text(text: &str) -> (Option<Manifest>, Report) {
        let mut report = Report::default();
        let manifest = report.unless_errors(|report| {
            let root = json::parse("m.json", text, report).expect("JSON");
            parse(&root, report)
        });
        (manifest, report)
    }

    fn accepted(text: &str) -> Manifest {
        let (manifest, report) = read_text(text);
        manifest.unwrap_or_else(|| panic!("{text}: {report:?}"))
    }

    /// The only problem with a manifest: its path and its reason.
    #[track_caller]
    fn refused(key: &str, value: &str) -> (String, String) {
        let text = with(key, value);
        let (manifest, report) = read_text(&text);
        assert!(manifest.is_none(), "{text}");
        let [problem] = report.problems() else {
            panic!("{text}: {report:?}");
        };
        let path = problem
            .place
            .to_string()
            .rsplit(' ')
            .next()
            .unwrap()
            .to_owned();
        (path, problem.reason.clone())
    }

    #[test]
    fn a_complete_manifest_is_read() {
        let manifest = accepted(&with("CmdArgs", r#"["-v", "a b"]"#));
        assert_eq!(manifest.name, "blinker");
        assert_eq!(
            manifest.component.value.to_string(),
            "5a6b2c0d-0000-4000-8000-000000000001"
        );
        assert_eq!(manifest.entry_point, "/bin/app");
        assert_eq!(manifest.arguments, ["-v", "a b"]);
    }

    #[test]
    fn optional_keys_are_optional_and_checked() {
        accepted(&with("CmdArgs", "null"));
        for (key, value) in [
            ("ApplicationType", "\"Default\""),
            ("ApplicationType", "\"RealTimeCapable\""),
            ("ApplicationType", "\"Debugger\""),
            ("MallocVersion", "1"),
            ("MallocVersion", "2"),
            ("TargetApplicationRuntimeVersion", "7"),
            ("TargetBetaApis", "\"Beta1909\""),
        ] {
            accepted(&with(key, value));
        }
        for (key, value) in [
            ("ApplicationType", "\"default\""),
            ("ApplicationType", "1"),
            ("MallocVersion", "0"),
            ("MallocVersion", "3"),
            ("MallocVersion", "\"2\""),
            ("TargetApplicationRuntimeVersion", "0"),
            ("TargetApplicationRuntimeVersion", "\"7\""),
            ("TargetBetaApis", "7"),
            ("TargetBetaApis", "\"\""),
        ] {
            assert_eq!(refused(key, value).0, format!("$.{key}"));
        }
    }

    #[test]
    fn a_debugger_is_one_by_its_type_alone() {
        for (application_type, is_debugger) in [
            ("null", false),
            ("\"Default\"", false),
            ("\"RealTimeCapable\"", false),
            ("\"Debugger\"", true),
        ] {
            let capabilities = accepted(&with("ApplicationType", application_type)).capabilities;
            assert_eq!(
                capabilities.extended.contains(Capability::Debug),
                is_debugger
            );
            let place = capabilities.extended_places.get(&Capability::Debug);
            assert_eq!(place.is_some(), is_debugger);
        }
        assert_eq!(
            refused("Capabilities", "{\"Debug\": true}"),
            (
                "$.Capabilities.Debug".to_owned(),
                "no manifest can ask for Debug".to_owned()
            )
        );
    }

    #[test]
    fn wrong_types_and_values_are_refused() {
        for (key, value, reason) in [
            ("SchemaVersion", "2", "2 is not an integer from 1 to 1"),
            ("SchemaVersion", "1.0", "1.0 is not an integer from 1 to 1"),
            (
                "SchemaVersion",
                "\"1\"",
                "expected an integer, found a string",
            ),
            ("Name", "7", "expected a string, found a number"),
            ("Name", "\"\"", "\"\" is a placeholder"),
            (
                "Name",
                "\"a\\nb\"",
                "\"a\\nb\" contains a control character",
            ),
            (
                "ComponentId",
                "\"00000000-0000-0000-0000-000000000000\"",
                "a GUID of zeros is a placeholder",
            ),
            (
                "ComponentId",
                "\"{5a6b2c0d-0000-4000-8000-000000000001}\"",
                "\"{5a6b2c0d-0000-4000-8000-000000000001}\" is not a GUID",
            ),
            (
                "ComponentId",
                "\"5a6b2c0d00004000800000000000000100000\"",
                "\"5a6b2c0d00004000800000000000000100000\" is not a GUID",
            ),
            ("ComponentId", "\"\"", "\"\" is not a GUID"),
            (
                "ComponentId",
                "true",
                "expected a string, found true or false",
            ),
            ("CmdArgs", "\"-v\"", "expected an array, found a string"),
            ("Capabilities", "[]", "expected an object, found an array"),
        ] {
            assert_eq!(refused(key, value), (format!("$.{key}"), reason.to_owned()));
        }
    }

    #[test]
    fn arguments_name_their_index() {
        assert_eq!(
            refused("CmdArgs", r#"["--ScopeID", "<scopeid>"]"#),
            (
                "$.CmdArgs[1]".to_owned(),
                "\"<scopeid>\" is a placeholder".to_owned()
            )
        );
        assert_eq!(refused("CmdArgs", "[1]").0, "$.CmdArgs[0]");
        assert_eq!(refused("CmdArgs", r#"["a\u0007"]"#).0, "$.CmdArgs[0]");
    }

    #[test]
    fn entry_points_stay_in_the_image() {
        for (text, path) in [
            ("bin/app", "/bin/app"),
            ("/bin/app", "/bin/app"),
            ("app", "/app"),
            ("..app", "/..app"),
        ] {
            assert_eq!(
                accepted(&with("EntryPoint", &format!("{text:?}"))).entry_point,
                path
            );
        }
        for text in [
            "/",
            "//bin/app",
            "bin//app",
            "bin/",
            "./app",
            "bin/./app",
            "../app",
            "/bin/../../app",
            "..",
        ] {
            assert_eq!(
                refused("EntryPoint", &format!("{text:?}")).0,
                "$.EntryPoint",
                "{text}"
            );
        }
        refused("EntryPoint", &format!("{:?}", "a".repeat(4095)));
    }

    #[test]
    fn ids_may_be_in_either_case() {
        let upper = accepted(&with(
            "ComponentId",
            "\"CD359CC1-4AAC-414E-8D26-8ACB71DDBA6D\"",
        ));
        let lower = accepted(&with(
            "ComponentId",
            "\"cd359cc1-4aac-414e-8d26-8acb71ddba6d\"",
        ));
        assert_eq!(upper.component.value, lower.component.value);
    }

    #[test]
    fn fragments_are_told_what_they_lack() {
        let (manifest, report) = read_text("{\"Capabilities\": {\"NetworkConfig\": true}}");
        assert!(manifest.is_none());
        assert_eq!(
            report.problems()[0].reason,
            "this is a fragment of a manifest, without SchemaVersion, Name, ComponentId, EntryPoint"
        );
    }

    #[test]
    fn every_required_key_is_required() {
        for key in REQUIRED {
            assert_eq!(refused(key, "null").1, format!("missing: {key}"));
        }
    }

    #[test]
    fn policy_and_unknown_keys_are_refused() {
        let text = with("Policy", "{}");
        let (manifest, report) = read_text(&text);
        assert!(manifest.is_none());
        assert!(
            report.problems()[0]
                .reason
                .starts_with("Policy is for first-party")
        );
        let (path, reason) = refused("CmdArg", "[]");
        assert_eq!(
            (path.as_str(), reason.as_str()),
            ("$.CmdArg", "unknown key \"CmdArg\"")
        );
    }

    #[test]
    fn a_key_that_stands_twice_is_refused() {
        let text = with("CmdArgs", "[]").replace('}', ", \"Name\": \"b\"}");
        let (manifest, report) = read_text(&text.replacen("{,", "{", 1));
        assert!(manifest.is_none(), "{report:?}");
    }

    #[test]
    fn all_problems_are_named_at_once() {
        let (_, report) = read_text(
            "{\"SchemaVersion\": 2, \"Name\": \"\", \"Nam\": 1, \"Capabilities\": {\"Gpio\": 1}}",
        );
        assert_eq!(report.errors().count(), 5, "{report:?}");
    }
}
