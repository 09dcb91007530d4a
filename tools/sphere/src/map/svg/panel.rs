// SPDX-License-Identifier: GPL-2.0

//! One panel: the names of the applications, and below them rows of marks.

use super::boxes::{Part, RowBox};
use super::canvas::Canvas;
use super::layout::Layout;
use super::marks::{CONFLICT, mark};
use super::sizes::{KEY, LABEL_INDENT, LINE, TITLE_LINE};
use crate::map::model::{Access, Map};

/// Draws panels of one map.
pub struct Painter<'a> {
    pub map: &'a Map,
    pub layout: &'a Layout<'a>,
    /// Whether the document has the tables that links lead to.
    pub has_links: bool,
}

impl Painter<'_> {
    /// Draws a panel, with its upper left corner at a point.
    pub fn draw(&self, canvas: &mut Canvas, parts: &[Part<'_>], x: f64, top: f64) {
        self.draw_head(canvas, x, top);
        let mut y = top + self.layout.head;
        for part in parts {
            y = self.draw_part(canvas, part, x, y);
        }
    }

    fn cells(&self) -> f64 {
        // Every application has a column, and nobody has so many.
        self.layout.cell * self.map.applications.len() as f64
    }

    /// The middle of an application's column.
    fn centre(&self, x: f64, index: usize) -> f64 {
        x + self.layout.label + self.layout.cell * (index as f64 + 0.5)
    }

    fn draw_head(&self, canvas: &mut Canvas, x: f64, top: f64) {
        let bottom = top + self.layout.head;
        for (index, application) in self.map.applications.iter().enumerate() {
            let centre = self.centre(x, index);
            self.open_link(canvas, &format!("a{index}"));
            canvas.raw("<g>");
            let name = format!("{}: {}", application.key, application.name);
            canvas.tooltip(&name);
            let names = &self.layout.names[index];
            // One line stands in the middle, two stand left and right of it.
            let left = if names.len() > 1 { -2.0 } else { 3.8 };
            for (line, name) in names.iter().enumerate() {
                let offset = left + 11.4 * line as f64;
                canvas.upright("m-head", centre + offset, bottom - KEY - 5.0, name);
            }
            canvas.rect(
                "m-badge",
                [
                    centre - self.layout.cell / 2.0 + 2.0,
                    bottom - KEY + 1.0,
                    self.layout.cell - 4.0,
                    16.0,
                ],
            );
            canvas.text("m-key", centre, bottom - KEY + 13.0, &application.key);
            canvas.raw("</g>");
            self.close_link(canvas);
        }
    }

    fn draw_part(&self, canvas: &mut Canvas, part: &Part<'_>, x: f64, top: f64) -> f64 {
        let group = &self.map.groups[part.group];
        canvas.open("m-group", &format!("{}: {}", group.title, group.meaning));
        let right = x + self.layout.label + self.cells();
        let mut y = top + part.title_height() - 6.0;
        canvas.raw("<g>");
        canvas.tooltip(&format!("{}: {}", group.title, group.meaning));
        for (index, line) in part.title.iter().rev().enumerate() {
            canvas.text("m-h2", x, y - TITLE_LINE * index as f64, line);
        }
        canvas.raw("</g>");
        y += 6.0;
        let first = y;
        for (index, row) in part.rows.iter().enumerate() {
            self.draw_row(canvas, row, index, [x, y]);
            y += row.height();
        }
        let mut grid = Vec::new();
        for column in 0..=self.map.applications.len() {
            let x = x + self.layout.label + self.layout.cell * column as f64;
            grid.push([x, first, x, y]);
        }
        grid.push([x, y, right, y]);
        canvas.lines("m-grid", &grid);
        canvas.lines("m-rule", &[[x, first, right, first]]);
        canvas.close();
        y
    }

    fn draw_row(&self, canvas: &mut Canvas, one: &RowBox<'_>, index: usize, [x, top]: [f64; 2]) {
        let row = one.row;
        let background = match (row.is_conflict, row.is_unowned()) {
            (true, _) => "m-clash",
            (_, true) => "m-none",
            _ if index % 2 == 0 => "m-band",
            _ => "m-plain",
        };
        canvas.raw("<g class=\"m-row\">");
        let height = one.height();
        let width = self.layout.label + self.cells();
        canvas.rect(background, [x, top, width, height]);
        if row.is_conflict {
            canvas.mark(CONFLICT, x + 8.5, top + 10.0);
        }
        self.open_link(canvas, &format!("r{}", one.number));
        draw_label(canvas, one, x + LABEL_INDENT, top);
        self.close_link(canvas);
        for (&application, &access) in &row.cells {
            let centre = [self.centre(x, application), top + height / 2.0];
            self.draw_cell(canvas, one, application, access, centre);
        }
        canvas.raw("</g>");
    }

    fn draw_cell(
        &self,
        canvas: &mut Canvas,
        one: &RowBox<'_>,
        index: usize,
        access: Access,
        [x, y]: [f64; 2],
    ) {
        let application = &self.map.applications[index];
        let mut words = format!("{}: {}", application.name, one.row.name);
        if !one.row.detail.is_empty() {
            words = format!("{words} ({})", one.row.detail);
        }
        let conflict = if one.row.is_conflict {
            ", CONFLICT"
        } else {
            ""
        };
        canvas.raw("<g>");
        canvas.tooltip(&format!("{words}: {}{conflict}", access.words()));
        if one.row.is_conflict {
            canvas.rect("m-clash-cell", [x - 10.5, y - 8.6, 21.0, 17.2]);
        }
        match (mark(access), access) {
            (Some(mark), _) => canvas.mark(mark, x, y),
            (None, Access::Kib(size)) => canvas.text("m-kib", x, y + 4.0, &size.to_string()),
            (None, _) => {}
        }
        canvas.raw("</g>");
    }

    fn open_link(&self, canvas: &mut Canvas, target: &str) {
        if self.has_links {
            canvas.open_link(target);
        }
    }

    fn close_link(&self, canvas: &mut Canvas) {
        if self.has_links {
            canvas.close_link();
        }
    }
}

fn draw_label(canvas: &mut Canvas, one: &RowBox<'_>, x: f64, top: f64) {
    let idle = if one.row.is_unowned() { " m-idle" } else { "" };
    let bad = if one.row.is_conflict { " m-bad" } else { "" };
    let mut y = top + 14.0;
    for (index, line) in one.name.iter().enumerate() {
        y = top + 14.0 + LINE * index as f64;
        canvas.text(&format!("m-name{idle}{bad}"), x, y, line);
    }
    let mut x = x;
    if one.is_inline {
        x += one.name_width + 8.0;
        y -= LINE;
    }
    for line in &one.detail {
        y += LINE;
        canvas.text(&format!("m-detail{idle}"), x, y, line);
    }
}
