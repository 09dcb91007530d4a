// SPDX-License-Identifier: GPL-2.0

//! Manifests that ask for what was learned.

use std::net::IpAddr;

use sphere_core::uuid::Uuid;

use super::document::Json;
use super::needs::Needs;
use crate::capabilities::{BOOLEAN, POWER_CONTROLS};
use crate::guid;

/// Where the program is, as long as nobody says something else.
pub const ENTRY_POINT: &str = "/bin/app";

/// A manifest that asks for nothing.
pub fn empty(component: Uuid, name: &str) -> Json {
    let members = [
        ("SchemaVersion", Json::word(1)),
        ("Name", Json::string(name)),
        ("ComponentId", Json::string(component)),
        ("EntryPoint", Json::string(ENTRY_POINT)),
        ("CmdArgs", Json::Array(Vec::new())),
        ("Capabilities", Json::Object(Vec::new())),
    ];
    Json::Object(members.map(|(name, value)| (name.to_owned(), value)).into())
}

/// Adds to `manifest` what it does not ask for yet. `None` when it is no manifest.
pub fn add(manifest: &mut Json, needs: &Needs) -> Option<()> {
    let capabilities = manifest.member("Capabilities", Json::Object(Vec::new()))?;
    let same_word = |one: &Json, other: &Json| one == other;
    let connections = needs.connections.iter().map(Json::string);
    add_all(
        capabilities,
        "AllowedConnections",
        connections,
        is_same_address,
    )?;
    let ports = needs.tcp_ports.iter().map(Json::word);
    add_all(capabilities, "AllowedTcpServerPorts", ports, same_word)?;
    let ports = needs.udp_ports.iter().map(Json::word);
    add_all(capabilities, "AllowedUdpServerPorts", ports, same_word)?;
    let peers = needs.peers.iter().map(Json::string);
    add_all(
        capabilities,
        "AllowedApplicationConnections",
        peers,
        is_same_component,
    )?;
    let gpio = needs.gpio.iter().map(Json::word);
    add_all(capabilities, "Gpio", gpio, same_word)?;
    add_storage(capabilities, needs.storage_kb)?;
    let controls = POWER_CONTROLS
        .iter()
        .filter(|control| needs.capabilities.contains(**control))
        .map(Json::string);
    add_all(capabilities, "PowerControls", controls, same_word)?;
    for capability in BOOLEAN {
        if needs.capabilities.contains(capability) {
            *capabilities.member(capability.name(), Json::word(false))? = Json::word(true);
        }
    }
    Some(())
}

/// Adds to an array those elements that are not in it.
fn add_all(
    capabilities: &mut Json,
    name: &str,
    wanted: impl Iterator<Item = Json>,
    is_same: impl Fn(&Json, &Json) -> bool,
) -> Option<()> {
    let mut wanted = wanted.peekable();
    if wanted.peek().is_none() {
        return Some(());
    }
    let Json::Array(elements) = capabilities.member(name, Json::Array(Vec::new()))? else {
        return None;
    };
    for element in wanted {
        if !elements.iter().any(|known| is_same(known, &element)) {
            elements.push(element);
        }
    }
    Some(())
}

fn is_same_address(one: &Json, other: &Json) -> bool {
    let address = |json: &Json| match json {
        Json::String(text) => text
            .parse::<IpAddr>()
            .ok()
            .map(|address| address.to_canonical()),
        _ => None,
    };
    address(one).is_some_and(|one| Some(one) == address(other))
}

fn is_same_component(one: &Json, other: &Json) -> bool {
    let id = |json: &Json| match json {
        Json::String(text) => guid::parse(text),
        _ => None,
    };
    id(one).is_some_and(|one| Some(one) == id(other))
}

fn add_storage(capabilities: &mut Json, kb: u32) -> Option<()> {
    if kb == 0 {
        return Some(());
    }
    let storage = capabilities.member("MutableStorage", Json::Object(Vec::new()))?;
    let size = storage.member("SizeKB", Json::word(0))?;
    match size {
        Json::Word(text) if text.parse::<u32>().is_ok_and(|known| known >= kb) => {}
        _ => *size = Json::word(kb),
    }
    Some(())
}
