// SPDX-License-Identifier: GPL-2.0

//! Marks and colours. Each mark has a form of its own: colours, of Okabe and Ito's set for people
//! who do not see all of them, only help, and black-and-white printing loses nothing.

use crate::map::model::Access;

/// Style of everything. Red is for what is wrong and for nothing else.
pub const STYLE: &str = r#"<style>
.m-page { fill: #fff }
.m-map text { font-family: "DejaVu Sans", Verdana, sans-serif; fill: #111 }
.m-map .m-h1 { font-weight: bold }
.m-map .m-sub { font-size: 12.5px; fill: #444 }
.m-map .m-bad { fill: #b00000; font-weight: bold }
.m-map .m-h2 { font-size: 13px; font-weight: bold }
.m-map .m-head { font-size: 10.5px }
.m-map .m-key { font-size: 10.5px; font-weight: bold; text-anchor: middle }
.m-map .m-keys { font-size: 9px; fill: #555; text-anchor: middle }
.m-map .m-name { font-size: 11.5px }
.m-map .m-detail { font-size: 10px; fill: #444 }
.m-map .m-idle { fill: #666; font-style: italic }
.m-map .m-id { font-family: "DejaVu Sans Mono", monospace; font-size: 9.5px; fill: #444 }
.m-map .m-kib { font-size: 10.5px; font-weight: bold; text-anchor: middle }
.m-map .m-small { font-size: 11px }
.m-band { fill: #f3f6f9 }
.m-none { fill: #e4e4e4 }
.m-clash { fill: #fbdcd6 }
.m-clash-cell { fill: #fff; stroke: #b00000; stroke-width: 2 }
.m-grid { stroke: #d4d9de; stroke-width: .7; fill: none }
.m-rule { stroke: #222; stroke-width: 1.6; fill: none }
.m-badge { fill: #fff; stroke: #222; stroke-width: 1.1 }
.m-row:hover .m-band, .m-row:hover .m-plain { fill: #fff3c4 }
.m-plain { fill: #fff }
.m-map a:hover text { text-decoration: underline }
</style>"#;

/// The forms, each around the point 0, 0.
pub const DEFINITIONS: &str = r##"<defs>
<path id="m-read" d="M-6 -4.8H6L0 6Z" fill="#fff" stroke="#0072b2" stroke-width="2.2" stroke-linejoin="round"/>
<path id="m-drive" d="M-6.4 5.4H6.4L0 -6.2Z" fill="#7a2f7f" stroke="#7a2f7f" stroke-linejoin="round"/>
<path id="m-both" d="M0 -7.6L7.2 0L0 7.6L-7.2 0Z" fill="#005f73"/>
<circle id="m-use" r="5.6" fill="#004c6d"/>
<path id="m-by-board" d="M-5.4 -5.4H5.4V5.4H-5.4Z" fill="#fff" stroke="#004c6d" stroke-width="2.6"/>
<circle id="m-refused" r="5" fill="#fff" stroke="#666" stroke-width="1.6" stroke-dasharray="2.2 1.7"/>
<g id="m-conflict"><circle r="6.6" fill="#b00000"/><path d="M0 -4V1M0 2.6V4.4" stroke="#fff" stroke-width="2.2"/></g>
</defs>"##;

/// The sign of a row in which something is wrong.
pub const CONFLICT: &str = "m-conflict";

/// The mark for an access. `None` where a number stands.
pub fn mark(access: Access) -> Option<&'static str> {
    match access {
        Access::Read => Some("m-read"),
        Access::Drive => Some("m-drive"),
        Access::Both => Some("m-both"),
        Access::Use => Some("m-use"),
        Access::ByBoard => Some("m-by-board"),
        Access::Refused => Some("m-refused"),
        Access::Kib(_) => None,
    }
}

/// What the legend says of each mark.
pub const LEGEND: [(Access, &str); 6] = [
    (Access::Read, "reads the line, or the partition"),
    (Access::Drive, "drives the line: an output"),
    (Access::Both, "reads and drives or writes it"),
    (Access::Use, "may use it"),
    (Access::ByBoard, "may, by the board file, not the manifest"),
    (Access::Refused, "asks for it, and is refused all the same"),
];
