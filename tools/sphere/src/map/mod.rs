// SPDX-License-Identifier: GPL-2.0

//! `sphere map`: who may touch what on a device.
//!
//! ```text
//!                      ┌─ text   for a terminal
//! device ─▶ build ─▶ model ─▶ svg    a drawing of one A3 page
//!                      └─ html   the drawing, and tables with links
//! ```

mod build;
mod html;
mod metrics;
mod model;
mod svg;
mod text;
mod xml;

pub use build::{Labels, build};
pub use html::html;
pub use model::{Access, Application, Group, Map, Row};
pub use svg::svg;
pub use text::text;
