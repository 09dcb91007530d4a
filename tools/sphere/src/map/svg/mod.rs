// SPDX-License-Identifier: GPL-2.0

//! The map as a drawing of one page: A3, landscape.

mod boxes;
mod canvas;
mod layout;
mod marks;
mod panel;
mod sidebar;
mod sizes;

use canvas::{Canvas, number};
use layout::Layout;
use panel::Painter;
use sizes::{BOLD, MARGIN, SIDEBAR, TITLE};

use super::metrics::{width, wrap};
use super::model::Map;
use super::text::summary;
use super::xml::escape;

/// Font sizes of the title, which is made to fit the page.
const TITLE_SIZE_MAX: f64 = 25.0;
const TITLE_SIZE_MIN: f64 = 13.0;

/// The drawing as a document of its own.
pub fn svg(map: &Map) -> String {
    let drawing = drawing(map, false);
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{drawing}")
}

/// The drawing as an element. With links, it leads to elements `a0`, `a1`... for applications and
/// `r0`, `r1`... for resources, which have to be in the same document.
pub(super) fn drawing(map: &Map, has_links: bool) -> String {
    let layout = layout::layout(map);
    let mut canvas = Canvas::default();
    open(&mut canvas, map, &layout);
    draw_title(&mut canvas, map, layout.width);
    let top = MARGIN + TITLE;
    layout.sidebar.draw(&mut canvas, MARGIN, top, has_links);
    let left = MARGIN + SIDEBAR * layout.sidebar.columns() as f64;
    let painter = Painter {
        map,
        layout: &layout,
        has_links,
    };
    for (index, parts) in layout.panels.iter().enumerate() {
        let x = left + layout.step * index as f64;
        painter.draw(&mut canvas, parts, x, top);
    }
    canvas.raw("</svg>");
    canvas.into_text()
}

fn open(canvas: &mut Canvas, map: &Map, layout: &Layout<'_>) {
    let (width, height) = (number(layout.width), number(layout.height));
    canvas.raw(&format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"m-map\" width=\"420mm\" height=\"297mm\" \
         viewBox=\"0 0 {width} {height}\" role=\"graphics-document document\" \
         aria-labelledby=\"map-title map-description\">"
    ));
    canvas.raw(&format!(
        "<title id=\"map-title\">{}</title>",
        escape(&map.title)
    ));
    canvas.raw(&format!(
        "<desc id=\"map-description\">{}</desc>",
        escape(&description(map))
    ));
    canvas.raw(marks::STYLE);
    canvas.raw(marks::DEFINITIONS);
    canvas.rect("m-page", [0.0, 0.0, layout.width, layout.height]);
}

fn description(map: &Map) -> String {
    let names: Vec<_> = map
        .applications
        .iter()
        .map(|application| application.name.as_str())
        .collect();
    format!(
        "A table of the resources of {} in rows, and the applications {} in columns; a mark says what \
         an application may do with a resource. {}.",
        map.board,
        names.join(", "),
        summary(map)
    )
}

fn draw_title(canvas: &mut Canvas, map: &Map, page: f64) {
    let room = page - MARGIN * 2.0;
    let natural = width(&map.title) * TITLE_SIZE_MAX * BOLD;
    let size = TITLE_SIZE_MAX * (room / natural.max(room));
    if size >= TITLE_SIZE_MIN {
        canvas.headline(MARGIN, MARGIN + 22.0, size, &map.title);
    } else {
        // The title of the document has all of it.
        let most = room / TITLE_SIZE_MIN / BOLD - 1.0;
        let lines = wrap(&map.title, most, width);
        let words = format!("{}\u{2026}", lines.first().map_or("", String::as_str));
        canvas.headline(MARGIN, MARGIN + 22.0, TITLE_SIZE_MIN, &words);
    }
    let bad = if map.conflicts() > 0 { " m-bad" } else { "" };
    let date = map.date.iter().map(|date| format!("{date}: "));
    let words = format!("{}{}", date.collect::<String>(), summary(map));
    canvas.text(&format!("m-sub{bad}"), MARGIN, MARGIN + 43.0, &words);
}
