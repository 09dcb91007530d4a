// SPDX-License-Identifier: GPL-2.0

//! `sphere map`: all forms, of good and of hostile devices.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use roxmltree::{Document, Node};

use crate::support::{Sandbox, manifest, sphere};

const BOARD: &str = r#"{"SchemaVersion": 1, "Name": "Test board",
    "Gpio": [{"First": 0, "Last": 3, "Chip": "gpio", "Offset": 0, "Direction": "Input"},
             {"First": 4, "Last": 9, "Chip": "gpio", "Offset": 4, "Direction": "Output"}],
    "Uart": {"ISU0": "/dev/ttyS1"},
    "Components": {"5a6b2c0d-0000-4000-8000-000000000001": {
        "Capabilities": ["UpdateImage"], "Partitions": [{"Name": "boot", "Access": "ReadWrite"}]}}}"#;

const ONE: &str = r#""Gpio": [1, 4], "MutableStorage": {"SizeKB": 8},
    "AllowedConnections": ["a.example", "192.0.2.1"],
    "AllowedApplicationConnections": ["5a6b2c0d-0000-4000-8000-000000000002"]"#;
const TWO: &str = r#""Gpio": [1], "AllowedTcpServerPorts": [80], "SystemTime": true,
    "AllowedApplicationConnections": ["5a6b2c0d-0000-4000-8000-000000000001",
                                      "5a6b2c0d-0000-4000-8000-000000000009"]"#;

fn device() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("board.json", BOARD);
    sandbox.write("m1.json", &manifest(1, ONE));
    sandbox.write("m2.json", &manifest(2, TWO));
    sandbox
}

/// Names and labels that try to become markup wherever they go.
fn hostile() -> Sandbox {
    const EVIL: &str = r#"x <script>alert(1)</script> & \" ' ]]> --> </svg></title>"#;

    let sandbox = Sandbox::new();
    let capabilities = r#""Gpio": ["$<b>&'\"", 2], "DeviceAuthentication": "x <t>&'\" --> x""#;
    for number in [1, 2] {
        let text = manifest(number, capabilities).replace(&format!("app {number}"), EVIL);
        sandbox.write(&format!("m{number}.json"), &text);
    }
    let long = manifest(3, "").replace("app 3", &format!("\u{202e}{}", "long".repeat(60)));
    sandbox.write("m3.json", &long);
    let board = r#"{"SchemaVersion": 1, "Name": "EVIL", "Hardware": ["hw.json"],
        "Gpio": [{"First": 0, "Last": 4294967295, "Chip": "x<i>&'\"-->", "Offset": 0}],
        "Uart": {"<u>&'\"": "/dev/<tty>&'\""}}"#;
    sandbox.write("board.json", &board.replace("EVIL", EVIL));
    sandbox.write(
        "hw.json",
        r#"{"Peripherals": [{"Name": "<b>&'\"", "Type": "Gpio", "AppManifestValue": 1}]}"#,
    );
    sandbox
}

fn map(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let mut command = sphere(sandbox.folder());
    command.args(["map", "--board", "board.json"]);
    for number in 1..=3 {
        let name = format!("m{number}.json");
        if sandbox.path(&name).exists() {
            command.arg(name);
        }
    }
    command.args(arguments);
    command
}

fn written(sandbox: &Sandbox, name: &str, arguments: &[&str]) -> String {
    map(sandbox, &[&["--output", name], arguments].concat())
        .assert()
        .success()
        .stdout(is_empty())
        .stderr(is_empty());
    fs::read_to_string(sandbox.path(name)).expect("a file was written")
}

#[test]
fn the_text_says_who_has_what() {
    map(&device(), &["--width", "100"])
        .assert()
        .success()
        .stdout(
            "\
Who may touch what: Test board
2 applications, 1 conflict, 9 resources of the board that nobody owns

Applications
  A  app 1  5a6b2c0d-0000-4000-8000-000000000001
  B  app 2  5a6b2c0d-0000-4000-8000-000000000002

GPIO chip gpio
  line 0     nobody
! line 1     CONFLICT: app 1 (reads), app 2 (reads)
  lines 2\u{2013}3  nobody
  line 4     app 1 (drives)
  lines 5\u{2013}9  nobody

Devices
  /dev/ttyS1  Uart ISU0  nobody

Flash partitions
  boot  app 1 (reads and changes)

Storage
  own storage, KiB  8 in all  app 1 (8 KiB)

Listens on
  TCP port 80  app 2

Connects to
  192.0.2.1  all ports   app 1
  a.example  no address  app 1 (asks, stays refused)

Talks to
  A: app 1  app 2
  B: app 2  app 1
  5a6b2c0d-0000-4000-8000-000000000009  not on this device  app 2 (asks, stays refused)

Capabilities
  SystemTime   app 2
  UpdateImage  app 1 (allowed by the board file)
"
            .replace("  A: app 1  app 2\n  B: app 2  app 1\n", &peers()),
        );
}

/// Rows of peers are as wide as the longest of them.
fn peers() -> String {
    let width = "  5a6b2c0d-0000-4000-8000-000000000009  not on this device  ".len();
    format!(
        "{:width$}app 2\n{:width$}app 1\n",
        "  A: app 1", "  B: app 2"
    )
}

#[test]
fn the_text_fits_the_width() {
    for sandbox in [device(), hostile()] {
        for width in ["40", "72", "200"] {
            let output = map(&sandbox, &["--width", width]).output().unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            let most = width.parse().unwrap();
            for line in text.lines() {
                assert!(line.chars().count() <= most, "{width}: {line}");
            }
        }
    }
}

#[test]
fn the_drawing_is_xml_and_has_all_text() {
    let svg = written(
        &device(),
        "map.svg",
        &["--title", "My <title>", "--date", "2026-11-29"],
    );
    let document = Document::parse(&svg).expect("XML");
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "svg");
    assert_eq!(
        (root.attribute("width"), root.attribute("height")),
        (Some("420mm"), Some("297mm"))
    );
    let labels = root.attribute("aria-labelledby").unwrap().split(' ');
    let ids = ids(&document);
    assert!(labels.into_iter().all(|id| ids.contains(id)));
    let text = all_text(&document);
    for word in [
        "My <title>",
        "2026-11-29",
        "app 1",
        "app 2",
        "line 1",
        "lines 5\u{2013}9",
        "/dev/ttyS1",
        "boot",
        "192.0.2.1",
        "UpdateImage",
        "Legend",
        "nobody has it",
    ] {
        assert!(text.contains(word), "{word}");
    }
    // The tooltip of a mark says it in words.
    assert!(text.contains("app 1: line 4: drives"), "{text}");
    assert!(text.contains("app 2: line 1: reads, CONFLICT"), "{text}");
    let classes = |class: &str| {
        let nodes = document.descendants();
        nodes
            .filter(|node| node.attribute("class") == Some(class))
            .count()
    };
    // One mark in the legend, one row; two cells of that row.
    assert_eq!(classes("m-clash"), 2);
    assert_eq!(classes("m-clash-cell"), 2);
    assert_eq!(classes("m-none"), 5);
}

fn all_text(document: &Document<'_>) -> String {
    let texts: Vec<_> = document
        .descendants()
        .filter_map(|node| node.text())
        .collect();
    texts.join("\n")
}

fn ids(document: &Document<'_>) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for id in document
        .descendants()
        .filter_map(|node| node.attribute("id"))
    {
        assert!(ids.insert(id.to_owned()), "{id} is there twice");
    }
    ids
}

/// Nothing leads out of the file, nothing runs, and what is named is there.
fn assert_harmless(document: &Document<'_>) {
    const ELEMENTS: [&str; 31] = [
        "svg", "title", "desc", "style", "defs", "g", "path", "circle", "rect", "text", "use", "a",
        "html", "head", "meta", "body", "h1", "h2", "p", "span", "nav", "div", "table", "caption",
        "code", "small", "thead", "tbody", "tr", "th", "td",
    ];
    let ids = ids(document);
    for node in document.descendants().filter(Node::is_element) {
        assert!(ELEMENTS.contains(&node.tag_name().name()), "{node:?}");
        for attribute in node.attributes() {
            let (name, value) = (attribute.name(), attribute.value());
            assert!(!name.starts_with("on") && name != "src", "{name}={value}");
            if name == "href" {
                let target = value.strip_prefix('#').expect("a place in this file");
                assert!(ids.contains(target), "{value}");
            }
        }
        if node.tag_name().name() == "style" {
            let text = node.text().unwrap_or_default();
            assert!(
                !text.contains("url(") && !text.contains("@import"),
                "{text}"
            );
        }
    }
}

/// The page as XML: it is written so that only these are different.
fn as_xml(html: &str) -> String {
    let mut text = html.replacen("<!DOCTYPE html>\n", "", 1);
    for tag in [
        "<meta charset=\"utf-8\">",
        "style-src 'unsafe-inline'\">",
        "content=\"width=device-width\">",
    ] {
        assert!(text.contains(tag), "{tag}");
        text = text.replace(tag, &tag.replace('>', "/>"));
    }
    text
}

#[test]
fn nothing_that_manifests_and_boards_hold_becomes_markup() {
    for sandbox in [device(), hostile()] {
        let svg = written(&sandbox, "map.svg", &[]);
        assert_harmless(&Document::parse(&svg).expect("XML"));
        let html = as_xml(&written(&sandbox, "map.html", &[]));
        assert_harmless(&Document::parse(&html).expect("XML"));
    }
    let sandbox = hostile();
    let svg = written(&sandbox, "map.svg", &[]);
    let text = all_text(&Document::parse(&svg).unwrap());
    assert!(
        text.contains("x <script>alert(1)</script> & \" ' ]]> --> </svg></title>"),
        "{text}"
    );
    // What would turn the text around it is replaced.
    assert!(!svg.contains('\u{202e}') && text.contains('\u{fffd}'));
    map(&sandbox, &[])
        .assert()
        .success()
        .stdout(contains("\u{202e}").not());
}

#[test]
fn the_page_links_applications_and_resources() {
    let html = written(&device(), "map.html", &[]);
    let html = as_xml(&html);
    let document = Document::parse(&html).expect("XML");
    let by_id = |id: &str| {
        let mut nodes = document.descendants();
        nodes
            .find(|node| node.attribute("id") == Some(id))
            .expect("an element with this id")
    };
    let links = |node: Node<'_, '_>| -> BTreeSet<String> {
        let links = node.descendants().filter_map(|node| node.attribute("href"));
        links.map(str::to_owned).collect()
    };
    let text = |node: Node<'_, '_>| -> String {
        node.descendants().filter_map(|node| node.text()).collect()
    };
    // Every resource that an application leads to leads back.
    for application in ["a0", "a1"] {
        let resources = links(by_id(application));
        assert!(!resources.is_empty());
        for resource in resources {
            let row = by_id(&resource[1..]);
            assert!(
                links(row).contains(&format!("#{application}")),
                "{resource}"
            );
        }
    }
    let conflict = document
        .descendants()
        .find(|node| node.attribute("class") == Some("conflict") && node.has_attribute("id"))
        .expect("the conflict");
    assert!(text(conflict).contains("line 1"), "{}", text(conflict));
    assert_eq!(links(conflict).len(), 2);
    assert!(text(by_id("a0")).contains("8 KiB"));
}

#[test]
fn the_same_device_makes_the_same_map() {
    let sandbox = device();
    for name in ["map.svg", "map.html"] {
        let first = written(&sandbox, name, &[]);
        sphere(sandbox.folder())
            .args([
                "map",
                "m2.json",
                "m1.json",
                "./m2.json",
                "--board",
                "board.json",
            ])
            .args(["--output", name])
            .assert()
            .success();
        assert_eq!(fs::read_to_string(sandbox.path(name)).unwrap(), first);
    }
}

#[test]
fn a_device_without_anything_is_drawn_too() {
    let sandbox = Sandbox::new();
    sandbox.write("board.json", r#"{"SchemaVersion": 1}"#);
    sandbox.write("m1.json", &manifest(1, ""));
    let svg = written(&sandbox, "map.svg", &[]);
    assert!(all_text(&Document::parse(&svg).unwrap()).contains("app 1"));
    let html = written(&sandbox, "map.html", &[]);
    assert!(html.contains("compute and memory, nothing else"));
}

#[test]
fn many_applications_are_drawn_in_little_space() {
    let sandbox = Sandbox::new();
    sandbox.write("board.json", BOARD);
    let mut command = sphere(sandbox.folder());
    command.args(["map", "--board", "board.json", "--output", "map.svg"]);
    for number in 1..=60 {
        let name = format!("m{number}.json");
        sandbox.write(&name, &manifest(number, "\"SystemTime\": true"));
        command.arg(name);
    }
    command.timeout(Duration::from_secs(20)).assert().success();
    let svg = fs::read_to_string(sandbox.path("map.svg")).unwrap();
    assert!(svg.len() < 200_000, "{}", svg.len());
    Document::parse(&svg).expect("XML");
}

#[test]
fn what_is_refused_is_not_drawn() {
    let sandbox = device();
    sandbox.write("m2.json", &manifest(2, r#""Gpio": [99], "Camera": true"#));
    map(&sandbox, &["--output", "map.svg"])
        .assert()
        .code(1)
        .stderr(contains("m2.json:3:32: $.Capabilities.Camera"));
    assert!(!sandbox.path("map.svg").exists());
    map(&sandbox, &["--output", "map.pdf"])
        .assert()
        .code(1)
        .stderr("error: map.pdf: the name has to end in .svg or .html\n");
}
