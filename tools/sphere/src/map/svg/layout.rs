// SPDX-License-Identifier: GPL-2.0

//! Where everything lies on the page: how wide labels are, and which rows stand in which panel.
//!
//! The page is of the form of A3. Of all ways to break the rows into panels, the one is taken that
//! needs the smallest page, and can so be printed largest.

use std::ops::Range;
use std::rc::Rc;

use super::sidebar::Sidebar;
use crate::map::metrics::{width, wrap};
use crate::map::model::{Map, Row};

/// Width by height of A3, landscape.
pub const RATIO: f64 = 420.0 / 297.0;
pub const MARGIN: f64 = 26.0;
/// Height of the title and what stands below it.
pub const TITLE: f64 = 66.0;
/// Width of a column of the sidebar, and the most columns that it may have.
pub const SIDEBAR: f64 = 290.0;
const SIDEBAR_COLUMNS: usize = 4;
/// Widths of labels that are tried.
const LABELS: Range<u16> = 160..380;
/// Width of an application's column, and how much more it may be where there is room.
const CELL: f64 = 28.0;
const CELL_SPARE: f64 = 18.0;
pub const LINE: f64 = 14.5;
/// What a row is higher than its lines.
const ROW_PADDING: f64 = 5.5;
pub const TITLE_LINE: f64 = 17.0;
/// Above and below the lines of a group's title.
const TITLE_PADDING: f64 = 20.0;
pub const NAME_SIZE: f64 = 11.5;
pub const DETAIL_SIZE: f64 = 10.0;
pub const TITLE_SIZE: f64 = 13.0;
/// What bold text is wider than regular text.
pub const BOLD: f64 = 1.17;
/// Left of a label there is room for the sign of a conflict.
pub const LABEL_INDENT: f64 = 18.0;
const GUTTER: f64 = 30.0;
/// What labels may get beyond the width that they need.
const LABEL_SPARE: f64 = 80.0;
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
    /// Width of the name in one line.
    pub name_width: f64,
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
    /// Width of an application's column.
    pub cell: f64,
    /// Distance from one panel to the next.
    pub step: f64,
    /// Height of the names at the head of every panel.
    pub head: f64,
    /// The upright names of the applications.
    pub names: Vec<Vec<String>>,
    pub panels: Vec<Vec<Part<'a>>>,
    pub sidebar: Rc<Sidebar<'a>>,
}

fn lines(count: usize) -> f64 {
    // No text has so many lines that an f64 could not count them.
    count as f64
}

/// Lays `map` out.
pub fn layout(map: &Map) -> Layout<'_> {
    let names: Vec<_> = map
        .applications
        .iter()
        .map(|one| upright(&one.name))
        .collect();
    let longest = names.iter().flatten().map(|line| width(line) * HEAD_SIZE);
    let head = longest.fold(0.0, f64::max) + KEY + 8.0;
    let mut frame = Frame {
        map,
        names,
        head,
        sidebar: Rc::new(Sidebar::new(map, 1)),
    };
    let (mut least, mut best) = frame.best();
    for columns in 2..=SIDEBAR_COLUMNS {
        frame.sidebar = Rc::new(Sidebar::new(map, columns));
        let (cost, layout) = frame.best();
        if cost < least {
            (least, best) = (cost, layout);
        }
    }
    best
}

/// What all attempts have in common.
struct Frame<'a> {
    map: &'a Map,
    names: Vec<Vec<String>>,
    head: f64,
    sidebar: Rc<Sidebar<'a>>,
}

impl<'a> Frame<'a> {
    /// The layout that costs least, and what it costs.
    fn best(&self) -> (f64, Layout<'a>) {
        let mut best = self.attempt(f64::from(LABELS.start), 1, false);
        for label in LABELS.step_by(20) {
            for count in 1..=6_u8 {
                for is_whole in [false, true] {
                    let next = self.attempt(f64::from(label), count, is_whole);
                    if next.0 < best.0 {
                        best = next;
                    }
                }
            }
        }
        best
    }

    /// The least height that rows may take: beside the sidebar it costs nothing.
    fn least(&self) -> f64 {
        self.sidebar.height - self.head
    }

    /// The layout with labels of some width in some number of panels, and what it costs: the size
    /// of the page, and somewhat more for every group that is broken and for names that are cut.
    fn attempt(&self, label: f64, count: u8, is_whole: bool) -> (f64, Layout<'a>) {
        let columns = CELL * lines(self.map.applications.len());
        let mut breaker = Breaker {
            map: self.map,
            label,
            panel: label + columns,
            is_whole,
        };
        let area = self.area(&breaker, count);
        let mut panels = breaker.panels(area);
        let number = lines(panels.len().max(1));
        let step = label + columns + GUTTER;
        let sidebar = SIDEBAR * lines(self.sidebar.columns());
        let wide = MARGIN * 2.0 + sidebar + step * number - GUTTER;
        let high = MARGIN * 2.0 + TITLE + self.head + panel_area(&panels).max(self.least());
        let page = wide.max(high * RATIO);
        let broken = panels.iter().flatten().count() - self.map.groups.len();
        let cut = panels.iter().flatten().flat_map(|part| &part.rows);
        let cut = cut.filter(|one| one.name.len() > 1).count();
        let cost = page * (1.0 + 0.03 * lines(broken) + 0.004 * lines(cut));
        // What is left over makes labels and columns wider, up to a certain point, then distances.
        let spare = (page - wide) / number;
        let wider = spare.clamp(0.0, LABEL_SPARE);
        let applications = lines(self.map.applications.len().max(1));
        let cell = ((spare - wider) / applications).clamp(0.0, CELL_SPARE);
        let rest = spare - wider - cell * applications;
        breaker.label += wider;
        breaker.panel += wider;
        panels = breaker.panels(area);
        let layout = Layout {
            width: page,
            height: page / RATIO,
            label: breaker.label,
            cell: CELL + cell,
            step: step + spare - rest + rest.clamp(0.0, GUTTER * 2.0),
            head: self.head,
            names: self.names.clone(),
            panels,
            sidebar: Rc::clone(&self.sidebar),
        };
        (cost, layout)
    }

    /// The least height of panels with which there are not more than `count` of them.
    fn area(&self, breaker: &Breaker<'_>, count: u8) -> f64 {
        let whole = panel_area(&breaker.panels(f64::INFINITY));
        let mut low = self.least().max(100.0);
        let mut high = whole.max(low);
        while high - low > 2.0 {
            let middle = f64::midpoint(low, high);
            if breaker.panels(middle).len() <= usize::from(count) {
                high = middle;
            } else {
                low = middle;
            }
        }
        high
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

fn panel_area(panels: &[Vec<Part<'_>>]) -> f64 {
    panels
        .iter()
        .map(|parts| parts.iter().map(Part::height).sum())
        .fold(0.0, f64::max)
}

/// How rows are broken into panels.
struct Breaker<'a> {
    map: &'a Map,
    /// Width of labels, and of the whole panel.
    label: f64,
    panel: f64,
    /// Whether a group that fits a panel is never broken.
    is_whole: bool,
}

impl<'a> Breaker<'a> {
    /// Panels of height `area`. A title never stands without a row.
    fn panels(&self, area: f64) -> Vec<Vec<Part<'a>>> {
        let mut panels: Vec<Vec<Part<'a>>> = vec![Vec::new()];
        let mut used = 0.0;
        let mut number = 0;
        for (index, group) in self.map.groups.iter().enumerate() {
            let mut part = part(&group.title, index, false, self.panel);
            for row in &group.rows {
                part.rows.push(row_box(row, number, self.label));
                number += 1;
            }
            let height = part.height();
            if self.is_whole && used > 0.0 && used + height > area && height <= area {
                panels.push(Vec::new());
                used = 0.0;
            }
            for part in self.broken(part, used, area) {
                let height = part.height();
                if used > 0.0 && used + height > area {
                    panels.push(Vec::new());
                    used = 0.0;
                }
                used += height;
                if let Some(panel) = panels.last_mut() {
                    panel.push(part);
                }
            }
        }
        panels
    }

    /// A group in parts: the first fits behind what is `used` of a panel, if any row of it does,
    /// and the others fit panels of their own.
    fn broken(&self, whole: Part<'a>, used: f64, area: f64) -> Vec<Part<'a>> {
        let title = &self.map.groups[whole.group].title;
        let mut parts = Vec::new();
        let mut room = area - used;
        let mut current = Part {
            rows: Vec::new(),
            title: whole.title.clone(),
            group: whole.group,
        };
        for row in whole.rows {
            let is_full = current.height() + row.height() > room;
            if is_full && !current.rows.is_empty() {
                let next = part(title, whole.group, true, self.panel);
                parts.push(std::mem::replace(&mut current, next));
                room = area;
            } else if is_full {
                room = area;
            }
            current.rows.push(row);
        }
        parts.push(current);
        parts
    }
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
    let bold = if row.is_conflict { BOLD } else { 1.02 };
    let name_width = width(&row.name) * NAME_SIZE * bold;
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
        name: wrap(&row.name, room, |line| width(line) * NAME_SIZE * bold),
        name_width,
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
