// SPDX-License-Identifier: GPL-2.0

//! Left of the panels: who the applications are, and what the marks mean.

use std::ops::Range;

use super::canvas::Canvas;
use super::marks::{CONFLICT, LEGEND, mark};
use super::sizes::{SIDEBAR, TITLE_SIZE};
use crate::map::metrics::{width, wrap};
use crate::map::model::{Application, Map};

const NAME_SIZE: f64 = 11.5;
const SMALL_SIZE: f64 = 11.0;
/// A character of the font that ids are in.
const MONO: f64 = 9.5 * 0.61;
const INDENT: f64 = 34.0;
const LINE: f64 = 14.0;
const LEGEND_LINE: f64 = 19.0;
/// Height of a heading.
const HEADING: f64 = TITLE_SIZE + 12.0;
/// From one heading or list to the next.
const SPACE: f64 = 24.0;

/// What stands left of the panels, in one or more columns of width [`SIDEBAR`].
#[derive(Debug)]
pub struct Sidebar<'a> {
    map: &'a Map,
    /// The first application of each column, and the one behind its last.
    columns: Vec<Range<usize>>,
    pub height: f64,
}

impl<'a> Sidebar<'a> {
    /// Breaks applications, and the legend behind them, into at most `count` columns, which are as
    /// low as can be.
    pub fn new(map: &'a Map, count: usize) -> Self {
        let scratch = &mut Canvas::default();
        let cards: Vec<f64> = map
            .applications
            .iter()
            .map(|application| draw_application(scratch, application, 0.0, 0.0))
            .collect();
        let legend = draw_legend(scratch, 0.0, 0.0) + LINE;
        let whole = cards.iter().sum::<f64>() + HEADING * 2.0 + SPACE + legend;
        let (mut low, mut high) = (0.0, whole);
        while high - low > 2.0 {
            let middle = f64::midpoint(low, high);
            let fits = columns(&cards, legend, middle).is_some_and(|all| all.len() <= count);
            if fits {
                high = middle;
            } else {
                low = middle;
            }
        }
        Self {
            map,
            columns: columns(&cards, legend, high).unwrap_or_default(),
            height: high,
        }
    }

    /// How many columns there are.
    pub fn columns(&self) -> usize {
        self.columns.len()
    }

    /// Draws it with its upper left corner at a point.
    pub fn draw(&self, canvas: &mut Canvas, x: f64, top: f64, has_links: bool) {
        let mut y = top;
        for (column, applications) in self.columns.iter().enumerate() {
            let x = x + SIDEBAR * column as f64;
            y = top;
            if !applications.is_empty() || self.map.applications.is_empty() {
                let more = if column > 0 { " (continued)" } else { "" };
                y = heading(canvas, &format!("Applications{more}"), x, y);
            }
            canvas.open("m-applications", "Applications");
            for index in applications.clone() {
                if has_links {
                    canvas.open_link(&format!("a{index}"));
                }
                y = draw_application(canvas, &self.map.applications[index], x, y);
                if has_links {
                    canvas.close_link();
                }
            }
            canvas.close();
        }
        let x = x + SIDEBAR * self.columns.len().saturating_sub(1) as f64;
        let space = if y > top { SPACE } else { 0.0 };
        y = heading(canvas, "Legend", x, y + space);
        draw_legend(canvas, x, y);
    }
}

/// The applications of columns of some height, of which the last has room for the legend. `None` if
/// a column is too low for anything.
fn columns(cards: &[f64], legend: f64, height: f64) -> Option<Vec<Range<usize>>> {
    if HEADING + legend > height {
        return None;
    }
    let mut columns = Vec::new();
    let (mut first, mut used) = (0, HEADING);
    for (index, card) in cards.iter().enumerate() {
        if HEADING + card > height {
            return None;
        }
        if used + card > height {
            columns.push(first..index);
            (first, used) = (index, HEADING);
        }
        used += card;
    }
    columns.push(first..cards.len());
    if used + SPACE + HEADING + legend > height {
        columns.push(cards.len()..cards.len());
    }
    Some(columns)
}

fn heading(canvas: &mut Canvas, text: &str, x: f64, top: f64) -> f64 {
    let y = top + TITLE_SIZE;
    canvas.text("m-h2", x, y, text);
    canvas.lines("m-rule", &[[x, y + 6.0, x + SIDEBAR - 30.0, y + 6.0]]);
    top + HEADING
}

fn draw_application(canvas: &mut Canvas, application: &Application, x: f64, top: f64) -> f64 {
    let room = SIDEBAR - INDENT - 30.0;
    canvas.rect("m-badge", [x, top + 3.0, 26.0, 17.0]);
    canvas.text("m-key", x + 13.0, top + 15.3, &application.key);
    let mut y = top + 1.5;
    for line in wrap(&application.name, room, |line| width(line) * NAME_SIZE) {
        y += LINE;
        canvas.text("m-name", x + INDENT, y, &line);
    }
    let tenant = Some(&application.tenant).filter(|tenant| !tenant.is_empty());
    let tenant = tenant.map(|tenant| format!("tenant {tenant}"));
    for text in [Some(application.component.clone()), tenant]
        .into_iter()
        .flatten()
    {
        // Every character that is not of the font is assumed to be twice as wide.
        let measure = |line: &str| {
            line.chars()
                .map(|c| if c.is_ascii() { MONO } else { MONO * 2.0 })
                .sum()
        };
        for line in wrap(&text, room, measure) {
            y += LINE - 1.5;
            canvas.text("m-id", x + INDENT, y, &line);
        }
    }
    y + 5.0
}

fn draw_legend(canvas: &mut Canvas, x: f64, top: f64) -> f64 {
    let mut y = top;
    canvas.open("m-legend", "Legend");
    for (access, words) in LEGEND {
        y += LEGEND_LINE;
        if let Some(mark) = mark(access) {
            canvas.mark(mark, x + 13.0, y - 4.0);
        }
        y = draw_words(canvas, x, y, words);
    }
    y += LEGEND_LINE;
    canvas.text("m-kib", x + 13.0, y, "8");
    y = draw_words(canvas, x, y, "keeps so many KiB of files of its own");
    y += LEGEND_LINE + 2.0;
    canvas.rect("m-clash", [x, y - 13.5, 26.0, 18.0]);
    canvas.mark(CONFLICT, x + 13.0, y - 4.5);
    y = draw_words(
        canvas,
        x,
        y,
        "conflict: only one application can have it, or there is not enough",
    );
    y += LEGEND_LINE + 4.0;
    canvas.rect("m-none", [x, y - 13.5, 26.0, 18.0]);
    y = draw_words(canvas, x, y, "nobody has it");
    canvas.close();
    y
}

fn draw_words(canvas: &mut Canvas, x: f64, mut y: f64, words: &str) -> f64 {
    let lines = wrap(words, SIDEBAR - INDENT - 30.0, |line| {
        width(line) * SMALL_SIZE
    });
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            y += LINE;
        }
        canvas.text("m-small", x + INDENT, y, line);
    }
    y
}
