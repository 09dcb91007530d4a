// SPDX-License-Identifier: GPL-2.0

//! Where everything lies on the page: how wide labels are, and which rows stand in which panel.
//!
//! The page is of the form of A3. Of all ways to break the rows into panels, the one is taken that
//! needs the smallest page, and can so be printed largest.

use crate::map::metrics::{width, wrap};
use crate::map::model::{Map, Row};

/// Width by height of A3, landscape.
pub const RATIO: f64 = 420.0 / 297.0;
pub const MARGIN: f64 = 26.0;
/// Height of the title and what stands below it.
pub const TITLE: f64 = 66.0;
pub const SIDEBAR: f64 = 290.0;
/// Width of an application's column, and of the mark in it.
pub const CELL: f64 = 26.0;
pub const LINE: f64 = 14.5;
/// What a row is higher than its lines.
const ROW_PADDING: f64 = 5.5;
pub const TITLE_LINE: f64 = 17.0;
/// Above and below the lines of a group's title.
const TITLE_PADDING: f64 = 22.0;
pub const NAME_SIZE: f64 = 11.5;
pub const DETAIL_SIZE: f64 = 10.0;
pub const TITLE_SIZE: f64 = 13.0;
/// What bold text is wider than regular text.
pub const BOLD: f64 = 1.14;
/// Left of a label there is room for the sign of a conflict.
pub const LABEL_INDENT: f64 = 18.0;
const GUTTER: f64 = 30.0;
/// Names of applications at the heads of columns.
pub const HEAD_SIZE: f64 = 10.5;
const HEAD_MAX: f64 = 150.0;
/// Lines of an upright name that stand beside one another in a cell.
const HEAD_LINES: usize = 2;
/// The letter below an application's name.
pub const KEY: f64 = 20.0;

/// One row, broken into lines.
#[derive(Debug)]
pub struct RowBox<'a> {
    pub row: &'a Row,
    /// Its number among all rows of the map.
    pub number: usize,
    pub name: Vec<String>,
    pub detail: Vec<String>,
    /// Whether the detail stands in the same line as the name.
    pub is_inline: bool,
}

impl RowBox<'_> {
    pub fn height(&self) -> f64 {
        let details = if self.is_inline { 0 } else { self.detail.len() };
        lines(self.name.len() + details) * LINE + ROW_PADDING
    }
}

/// Rows of one group that stand together; a group may go on in the next panel.
#[derive(Debug)]
pub struct Part<'a> {
    /// Index of the group.
    pub group: usize,
    pub title: Vec<String>,
    pub rows: Vec<RowBox<'a>>,
}

impl Part<'_> {
    pub fn title_height(&self) -> f64 {
        lines(self.title.len()) * TITLE_LINE + TITLE_PADDING
    }

    fn height(&self) -> f64 {
        self.title_height() + self.rows.iter().map(RowBox::height).sum::<f64>()
    }
}

/// The whole page.
#[derive(Debug)]
pub struct Layout<'a> {
    pub width: f64,
    pub height: f64,
    /// Width of labels.
    pub label: f64,
    /// Distance from one panel to the next.
    pub step: f64,
    /// Height of the names at the head of every panel.
    pub head: f64,
    /// The upright names of the applications.
    pub names: Vec<Vec<String>>,
    pub panels: Vec<Vec<Part<'a>>>,
}

fn lines(count: usize) -> f64 {
    // No text has so many lines that an f64 could not count them.
    count as f64
}

/// Lays `map` out beside a sidebar of height `sidebar`.
pub fn layout(map: &Map, sidebar: f64) -> Layout<'_> {
    let names: Vec<_> = map
        .applications
        .iter()
        .map(|one| upright(&one.name))
        .collect();
    let longest = names.iter().flatten().map(|line| width(line) * HEAD_SIZE);
    let head = longest.fold(0.0, f64::max) + KEY + 8.0;
    let cells = CELL * lines(map.applications.len());
    let mut best: Option<(f64, Layout<'_>)> = None;
    for label in (8..=18).map(|step| f64::from(step) * 20.0) {
        for count in 1..=6_u8 {
            let step = label + cells + GUTTER;
            let area = area(map, label, label + cells, count, sidebar - head);
            let panels = break_into(map, label, label + cells, area);
            let needed = panel_area(&panels).max(sidebar - head);
            let wide = MARGIN * 2.0 + SIDEBAR + step * lines(panels.len());
            let high = MARGIN * 2.0 + TITLE + head + needed;
            let page = wide.max(high * RATIO);
            // What is left over goes to the distances between panels, up to a certain point.
            let spare = (page - wide) / lines(panels.len().max(1));
            let layout = Layout {
                width: page,
                height: page / RATIO,
                label,
                step: step + spare.min(GUTTER * 2.0),
                head,
                names: names.clone(),
                panels,
            };
            if best.as_ref().is_none_or(|(least, _)| page < *least - 0.5) {
                best = Some((page, layout));
            }
        }
    }
    best.map_or_else(|| empty(head), |(_, layout)| layout)
}

fn empty(head: f64) -> Layout<'static> {
    Layout {
        width: 1000.0,
        height: 1000.0 / RATIO,
        label: 160.0,
        step: 200.0,
        head,
        names: Vec::new(),
        panels: Vec::new(),
    }
}

/// A name that stands upright in a cell, in two lines at most.
fn upright(name: &str) -> Vec<String> {
    let measure = |line: &str| width(line) * HEAD_SIZE;
    // Two lines of about the same length, not a long one and a rest.
    let half = (measure(name) / 2.0 + 24.0).clamp(60.0, HEAD_MAX);
    let most = if measure(name) <= HEAD_MAX * 0.7 {
        HEAD_MAX
    } else {
        half
    };
    let mut lines = wrap(name, most, measure);
    if lines.len() > HEAD_LINES {
        lines = wrap(name, HEAD_MAX, measure);
    }
    if lines.len() > HEAD_LINES {
        // The sidebar and the tooltip have all of it.
        lines.truncate(HEAD_LINES);
        if let Some(last) = lines.last_mut() {
            last.pop();
            last.push('\u{2026}');
        }
    }
    lines
}

/// The least height of panels with which there are not more than `count` of them.
fn area(map: &Map, label: f64, panel: f64, count: u8, least: f64) -> f64 {
    let whole = panel_area(&break_into(map, label, panel, f64::INFINITY));
    let (mut low, mut high) = (least.max(100.0), whole.max(least).max(100.0));
    while high - low > 2.0 {
        let middle = f64::midpoint(low, high);
        if break_into(map, label, panel, middle).len() <= usize::from(count) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

fn panel_area(panels: &[Vec<Part<'_>>]) -> f64 {
    panels
        .iter()
        .map(|parts| parts.iter().map(Part::height).sum())
        .fold(0.0, f64::max)
}

/// Breaks the rows into panels of height `area`. A title never stands without a row.
fn break_into(map: &Map, label: f64, panel: f64, area: f64) -> Vec<Vec<Part<'_>>> {
    let mut panels: Vec<Vec<Part<'_>>> = vec![Vec::new()];
    let mut used = 0.0;
    let mut number = 0;
    for (index, group) in map.groups.iter().enumerate() {
        let mut is_begun = false;
        for row in &group.rows {
            let row = row_box(row, number, label);
            number += 1;
            let is_full = used > 0.0 && used + row.height() > area;
            let part = part(&group.title, index, is_begun, panel);
            let starts = !is_begun || is_full;
            let needed = row.height() + if starts { part.title_height() } else { 0.0 };
            if is_full || (starts && used > 0.0 && used + needed > area) {
                panels.push(Vec::new());
                used = 0.0;
            }
            used += needed;
            let Some(parts) = panels.last_mut() else {
                continue;
            };
            match parts.last_mut() {
                Some(last) if last.group == index => last.rows.push(row),
                _ => parts.push(Part {
                    rows: vec![row],
                    ..part
                }),
            }
            is_begun = true;
        }
    }
    panels
}

fn part(title: &str, group: usize, is_continued: bool, panel: f64) -> Part<'static> {
    let title = if is_continued {
        format!("{title} (continued)")
    } else {
        title.to_owned()
    };
    Part {
        group,
        title: wrap(&title, panel, |line| width(line) * TITLE_SIZE * BOLD),
        rows: Vec::new(),
    }
}

fn row_box(row: &Row, number: usize, label: f64) -> RowBox<'_> {
    let room = label - LABEL_INDENT - 8.0;
    let detail = detail(row);
    let name_width = width(&row.name) * NAME_SIZE * BOLD;
    let detail_width = width(&detail) * DETAIL_SIZE;
    let is_inline = name_width + 8.0 + detail_width <= room;
    let detail = if detail.is_empty() {
        Vec::new()
    } else {
        wrap(&detail, room, |line| width(line) * DETAIL_SIZE)
    };
    RowBox {
        row,
        number,
        name: wrap(&row.name, room, |line| width(line) * NAME_SIZE * BOLD),
        detail,
        is_inline,
    }
}

/// What stands beside the name; a row without marks says so in words, too.
fn detail(row: &Row) -> String {
    match (row.is_unowned(), row.detail.as_str()) {
        (true, "") => "nobody".to_owned(),
        (true, detail) => format!("{detail}: nobody"),
        (false, detail) => detail.to_owned(),
    }
}
