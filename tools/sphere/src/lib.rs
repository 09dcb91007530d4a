// SPDX-License-Identifier: GPL-2.0

//! The host tool of Sphere: packs application manifests into identity records.
//!
//! ```text
//! manifest ─┐                      ┌─ record ──▶ image, .sphere/identity
//!           ├─▶ grants ─▶ conflict ┤
//! board ────┘                      └─ launch ──▶ image, .sphere/launch
//!   └─ hardware
//! ```

pub mod board;
pub mod capabilities;
pub mod conflict;
pub mod grants;
pub mod guid;
pub mod hardware;
pub mod inspect;
pub mod json;
pub mod launch;
pub mod learn;
pub mod learn_command;
mod learn_json;
mod learn_log;
mod learn_manifest;
mod learn_needs;
pub mod manifest;
pub mod output;
pub mod pack;
pub mod peripheral;
pub mod record;
pub mod remote;
pub mod report;
pub mod text;
