// SPDX-License-Identifier: GPL-2.0

//! Sizes that have to fit one another, in units of the drawing.

use std::ops::Range;

/// Width by height of A3, landscape.
pub const RATIO: f64 = 420.0 / 297.0;
pub const MARGIN: f64 = 26.0;
/// Height of the title and what stands below it.
pub const TITLE: f64 = 66.0;
/// Width of a column of the sidebar, and the most columns that it may have.
pub const SIDEBAR: f64 = 290.0;
pub const SIDEBAR_COLUMNS: usize = 4;
/// The most panels that are tried.
pub const PANELS: u8 = 6;
/// Widths of labels that are tried.
pub const LABELS: Range<u16> = 160..380;
/// Width of an application's column, and how much more it may be where there is room.
pub const CELL: f64 = 28.0;
pub const CELL_SPARE: f64 = 18.0;
pub const LINE: f64 = 14.5;
/// What a row is higher than its lines.
pub const ROW_PADDING: f64 = 5.5;
pub const TITLE_LINE: f64 = 17.0;
/// Above and below the lines of a group's title.
pub const TITLE_PADDING: f64 = 20.0;
pub const NAME_SIZE: f64 = 11.5;
pub const DETAIL_SIZE: f64 = 10.0;
pub const TITLE_SIZE: f64 = 13.0;
/// What bold text is wider than regular text.
pub const BOLD: f64 = 1.17;
/// Left of a label there is room for the sign of a conflict.
pub const LABEL_INDENT: f64 = 18.0;
pub const GUTTER: f64 = 30.0;
/// What labels may get beyond the width that they need.
pub const LABEL_SPARE: f64 = 80.0;
/// Names of applications at the heads of columns.
pub const HEAD_SIZE: f64 = 10.5;
pub const HEAD_MAX: f64 = 150.0;
/// Lines of an upright name that stand beside one another in a cell.
pub const HEAD_LINES: usize = 2;
/// The letter below an application's name.
pub const KEY: f64 = 20.0;

/// As a factor of sizes.
pub fn lines(count: usize) -> f64 {
    // No text has so many lines that an f64 could not count them.
    count as f64
}
