// SPDX-License-Identifier: GPL-2.0

//! The host tool of Sphere: packs application manifests into identity records, and applications into
//! images.
//!
//! ```text
//! manifest ─┐                      ┌─ record ──▶ image, .sphere/identity
//!           ├─▶ grants ─▶ conflict ┤
//! board ────┘                      └─ launch ──▶ image, .sphere/launch
//!   └─ hardware
//! ```
//!
//! [`image`] puts both into a [`cramfs`], with the files of the application. [`seal`] signs it with a
//! [`key`].

pub mod board;
pub mod capabilities;
pub mod check;
pub mod conflict;
pub mod cramfs;
pub mod device;
pub mod diff;
pub mod grants;
pub mod guid;
pub mod hardware;
pub mod image;
pub mod inspect;
pub mod json;
pub mod key;
pub mod launch;
pub mod learn;
pub mod limits;
pub mod manifest;
pub mod map;
pub mod output;
pub mod pack;
pub mod peripheral;
pub mod policy;
pub mod progress;
pub mod record;
pub mod remote;
pub mod report;
pub mod seal;
pub mod sign;
pub mod text;
