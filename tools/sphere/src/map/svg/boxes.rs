// SPDX-License-Identifier: GPL-2.0

//! Rows and titles as boxes of some height, and how boxes are put into panels.

use std::rc::Rc;

use super::sizes::{
    BOLD, CELL, DETAIL_SIZE, LABEL_INDENT, LINE, NAME_SIZE, ROW_PADDING, TITLE_LINE, TITLE_PADDING,
    TITLE_SIZE, lines,
};
use crate::map::metrics::{width, wrap};
use crate::map::model::{Map, Row};

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
    pub title: Rc<[String]>,
    pub rows: Vec<Rc<RowBox<'a>>>,
}

impl Part<'_> {
    pub fn title_height(&self) -> f64 {
        lines(self.title.len()) * TITLE_LINE + TITLE_PADDING
    }

    fn height(&self) -> f64 {
        self.title_height() + self.rows.iter().map(|row| row.height()).sum::<f64>()
    }
}

/// All rows and titles, broken into lines for labels of some width.
pub struct Boxes<'a> {
    /// Width of labels, and of the whole panel.
    pub label: f64,
    pub panel: f64,
    groups: Vec<GroupBox<'a>>,
    /// How many names do not fit a line.
    pub cut: usize,
}

struct GroupBox<'a> {
    /// The title, and what it is where the group goes on.
    title: Rc<[String]>,
    continued: Rc<[String]>,
    rows: Vec<Rc<RowBox<'a>>>,
}

impl<'a> Boxes<'a> {
    /// Breaks everything into lines for labels of this width.
    pub fn new(map: &'a Map, label: f64) -> Self {
        let panel = label + CELL * lines(map.applications.len());
        let mut number = 0;
        let mut groups = Vec::new();
        for group in &map.groups {
            let rows = group.rows.iter().zip(number..);
            let rows = rows.map(|(row, number)| Rc::new(row_box(row, number, label)));
            groups.push(GroupBox {
                title: title(&group.title, panel),
                continued: title(&format!("{} (continued)", group.title), panel),
                rows: rows.collect(),
            });
            number += group.rows.len();
        }
        let rows = groups.iter().flat_map(|group| &group.rows);
        let cut = rows.filter(|one| one.name.len() > 1).count();
        Self {
            label,
            panel,
            groups,
            cut,
        }
    }

    /// Panels of height `area`. A title never stands without a row; if `is_whole`, no group is
    /// broken that fits a panel.
    pub fn panels(&self, area: f64, is_whole: bool) -> Vec<Vec<Part<'a>>> {
        let mut panels: Vec<Vec<Part<'a>>> = vec![Vec::new()];
        let mut used = 0.0;
        for index in 0..self.groups.len() {
            let height = self.part(index, false, &self.groups[index].rows).height();
            if is_whole && used > 0.0 && used + height > area && height <= area {
                panels.push(Vec::new());
                used = 0.0;
            }
            for part in self.broken(index, used, area) {
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
    fn broken(&self, group: usize, used: f64, area: f64) -> Vec<Part<'a>> {
        let rows = &self.groups[group].rows;
        let mut parts = Vec::new();
        let mut room = area - used;
        let mut first = 0;
        let mut height = self.part(group, false, &[]).height();
        for (index, row) in rows.iter().enumerate() {
            if height + row.height() > room {
                room = area;
                if index > first {
                    parts.push(self.part(group, first > 0, &rows[first..index]));
                    first = index;
                    height = self.part(group, true, &[]).height();
                }
            }
            height += row.height();
        }
        parts.push(self.part(group, first > 0, &rows[first..]));
        parts
    }

    fn part(&self, group: usize, is_continued: bool, rows: &[Rc<RowBox<'a>>]) -> Part<'a> {
        let GroupBox {
            title, continued, ..
        } = &self.groups[group];
        Part {
            group,
            title: Rc::clone(if is_continued { continued } else { title }),
            rows: rows.to_vec(),
        }
    }
}

fn title(text: &str, panel: f64) -> Rc<[String]> {
    wrap(text, panel, |line| width(line) * TITLE_SIZE * BOLD).into()
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

/// The height of the highest panel.
pub fn panel_area(panels: &[Vec<Part<'_>>]) -> f64 {
    panels
        .iter()
        .map(|parts| parts.iter().map(Part::height).sum())
        .fold(0.0, f64::max)
}
