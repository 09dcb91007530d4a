// SPDX-License-Identifier: GPL-2.0

//! Where everything lies on the page: how wide labels are, and which rows stand in which panel.
//!
//! The page is of the form of A3. Of all ways to break the rows into panels, the one is taken that
//! needs the smallest page, and can so be printed largest.

use std::rc::Rc;

use super::boxes::{Boxes, Part, panel_area};
use super::sidebar::Sidebar;
use super::sizes::{
    CELL, CELL_SPARE, GUTTER, HEAD_LINES, HEAD_MAX, HEAD_SIZE, KEY, LABEL_SPARE, LABELS, MARGIN,
    PANELS, RATIO, SIDEBAR, SIDEBAR_COLUMNS, TITLE, lines,
};
use crate::map::metrics::{width, wrap};
use crate::map::model::Map;

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

/// Lays `map` out.
pub fn layout(map: &Map) -> Layout<'_> {
    let names: Vec<_> = map
        .applications
        .iter()
        .map(|one| upright(&one.name))
        .collect();
    let longest = names.iter().flatten().map(|line| width(line) * HEAD_SIZE);
    let head = longest.fold(0.0, f64::max) + KEY + 8.0;
    let frame = Frame { map, names, head };
    let mut best: Option<(f64, Plan<'_>)> = None;
    let sidebars: Vec<_> = (1..=SIDEBAR_COLUMNS)
        .map(|columns| Rc::new(Sidebar::new(map, columns)))
        .collect();
    for label in LABELS.step_by(20) {
        let boxes = Rc::new(Boxes::new(map, f64::from(label)));
        for sidebar in &sidebars {
            for count in 1..=PANELS {
                for is_whole in [false, true] {
                    let next = frame.attempt(&boxes, sidebar, count, is_whole);
                    if best.as_ref().is_none_or(|best| next.0 < best.0) {
                        best = Some(next);
                    }
                }
            }
        }
    }
    let (_, plan) = best.unwrap_or_else(|| {
        let boxes = Rc::new(Boxes::new(map, f64::from(LABELS.start)));
        frame.attempt(&boxes, &Rc::new(Sidebar::new(map, 1)), 1, false)
    });
    frame.finish(plan)
}

/// What all attempts have in common.
struct Frame<'a> {
    map: &'a Map,
    names: Vec<Vec<String>>,
    head: f64,
}

/// One way to lay the map out.
struct Plan<'a> {
    boxes: Rc<Boxes<'a>>,
    sidebar: Rc<Sidebar<'a>>,
    is_whole: bool,
    /// Height of panels.
    area: f64,
    /// Width of the page.
    page: f64,
    /// What of it is left over for each panel.
    spare: f64,
}

impl<'a> Frame<'a> {
    /// The plan with boxes of some width in some number of panels, and what it costs: the size of
    /// the page, and somewhat more for every group that is broken and for names that are cut.
    fn attempt(
        &self,
        boxes: &Rc<Boxes<'a>>,
        sidebar: &Rc<Sidebar<'a>>,
        count: u8,
        is_whole: bool,
    ) -> (f64, Plan<'a>) {
        // Beside the sidebar, height costs nothing.
        let least = sidebar.height - self.head;
        let area = area(boxes, count, is_whole, least);
        let panels = boxes.panels(area, is_whole);
        let number = lines(panels.len().max(1));
        let step = boxes.panel + GUTTER;
        let left = MARGIN * 2.0 + SIDEBAR * lines(sidebar.columns());
        let wide = left + step * number - GUTTER;
        let high = MARGIN * 2.0 + TITLE + self.head + panel_area(&panels).max(least);
        let page = wide.max(high * RATIO);
        let broken = panels.iter().flatten().count() - self.map.groups.len();
        let cost = page * (1.0 + 0.03 * lines(broken) + 0.004 * lines(boxes.cut));
        let plan = Plan {
            boxes: Rc::clone(boxes),
            sidebar: Rc::clone(sidebar),
            is_whole,
            area,
            page,
            spare: (page - wide) / number,
        };
        (cost, plan)
    }

    /// What is left over makes labels and columns wider, up to a certain point, then distances.
    fn finish(self, plan: Plan<'a>) -> Layout<'a> {
        let wider = plan.spare.clamp(0.0, LABEL_SPARE);
        let applications = lines(self.map.applications.len().max(1));
        let cell = ((plan.spare - wider) / applications).clamp(0.0, CELL_SPARE);
        let rest = plan.spare - wider - cell * applications;
        let boxes = Boxes::new(self.map, plan.boxes.label + wider);
        let panels = boxes.panels(plan.area, plan.is_whole);
        let used = plan.boxes.panel + GUTTER + plan.spare - rest;
        Layout {
            width: plan.page,
            height: plan.page / RATIO,
            label: boxes.label,
            cell: CELL + cell,
            step: used + rest.clamp(0.0, GUTTER * 2.0),
            head: self.head,
            names: self.names,
            panels,
            sidebar: plan.sidebar,
        }
    }
}

/// The least height of panels, at least `least`, with which there are not more than `count`.
fn area(boxes: &Boxes<'_>, count: u8, is_whole: bool, least: f64) -> f64 {
    let whole = panel_area(&boxes.panels(f64::INFINITY, is_whole));
    let mut low = least.max(100.0);
    let mut high = whole.max(low);
    while high - low > 2.0 {
        let middle = f64::midpoint(low, high);
        if boxes.panels(middle, is_whole).len() <= usize::from(count) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
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
