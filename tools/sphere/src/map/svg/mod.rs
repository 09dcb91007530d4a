// SPDX-License-Identifier: GPL-2.0

//! The map as a drawing of one page: A3, landscape.

mod canvas;
mod layout;
mod marks;
mod panel;
mod sidebar;

use canvas::{Canvas, number};
use layout::{Layout, MARGIN, SIDEBAR, TITLE};
use panel::Painter;

use super::model::Map;
use super::text::summary;
use super::xml::escape;

/// The drawing as a document of its own.
pub fn svg(map: &Map) -> String {
    let drawing = drawing(map, false);
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{drawing}")
}

/// The drawing as an element. With links, it leads to elements `a0`, `a1`... for applications and
/// `r0`, `r1`... for resources, which have to be in the same document.
pub(super) fn drawing(map: &Map, has_links: bool) -> String {
    let layout = layout::layout(map, sidebar::height(map));
    let mut canvas = Canvas::default();
    open(&mut canvas, map, &layout);
    draw_title(&mut canvas, map);
    let top = MARGIN + TITLE;
    sidebar::draw(&mut canvas, map, MARGIN, top, has_links);
    let painter = Painter {
        map,
        layout: &layout,
        has_links,
    };
    for (index, parts) in layout.panels.iter().enumerate() {
        let x = MARGIN + SIDEBAR + layout.step * index as f64;
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

fn draw_title(canvas: &mut Canvas, map: &Map) {
    canvas.text("m-h1", MARGIN, MARGIN + 22.0, &map.title);
    let date = map.date.iter().map(String::as_str);
    let words: Vec<_> = [map.board.as_str()].into_iter().chain(date).collect();
    let words = format!("{}: {}", words.join(", "), summary(map));
    let class = if map.conflicts() > 0 {
        "m-sub m-bad"
    } else {
        "m-sub"
    };
    canvas.text(class, MARGIN, MARGIN + 43.0, &words);
}
