// SPDX-License-Identifier: GPL-2.0

//! Shapes and text as elements of SVG. Whatever text it is given is escaped here, so that no caller
//! can forget it.

use std::fmt::Write;

use crate::map::xml::escape;

/// What is drawn, and how much it is indented.
#[derive(Default)]
pub struct Canvas {
    text: String,
}

/// A number with no more digits than anybody could see.
pub fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

impl Canvas {
    /// All that has been drawn.
    pub fn into_text(self) -> String {
        self.text
    }

    /// Markup as it is, in a line of its own: nothing that others wrote.
    pub fn raw(&mut self, markup: &str) {
        self.text.push_str(markup);
        self.text.push('\n');
    }

    /// Begins a group that has a name for those who cannot see it.
    pub fn open(&mut self, class: &str, label: &str) {
        let label = escape(label);
        self.raw(&format!(
            "<g class=\"{class}\" role=\"group\" aria-label=\"{label}\">"
        ));
    }

    /// Ends it.
    pub fn close(&mut self) {
        self.raw("</g>");
    }

    /// A tooltip of the element that was begun last.
    pub fn tooltip(&mut self, text: &str) {
        self.raw(&format!("<title>{}</title>", escape(text)));
    }

    /// A rectangle.
    pub fn rect(&mut self, class: &str, [x, y, width, height]: [f64; 4]) {
        let [x, y, width, height] = [x, y, width, height].map(number);
        self.raw(&format!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>"
        ));
    }

    /// Straight lines, each from one point to another.
    pub fn lines(&mut self, class: &str, lines: &[[f64; 4]]) {
        let mut path = String::new();
        for line in lines {
            let [x1, y1, x2, y2] = line.map(number);
            // Writing to a string cannot fail.
            let _ = write!(path, "M{x1} {y1}L{x2} {y2}");
        }
        self.raw(&format!("<path class=\"{class}\" d=\"{path}\"/>"));
    }

    /// One line of text; `y` is its baseline.
    pub fn text(&mut self, class: &str, x: f64, y: f64, text: &str) {
        let (x, y, text) = (number(x), number(y), escape(text));
        self.raw(&format!(
            "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{text}</text>"
        ));
    }

    /// The title of the page, of a size of its own.
    pub fn headline(&mut self, x: f64, y: f64, size: f64, text: &str) {
        let (x, y, size, text) = (number(x), number(y), number(size), escape(text));
        self.raw(&format!(
            "<text class=\"m-h1\" x=\"{x}\" y=\"{y}\" font-size=\"{size}\">{text}</text>"
        ));
    }

    /// One line of text that is read from the bottom to the top, beginning at a point.
    pub fn upright(&mut self, class: &str, x: f64, y: f64, text: &str) {
        let (x, y, text) = (number(x), number(y), escape(text));
        self.raw(&format!(
            "<text class=\"{class}\" transform=\"translate({x} {y}) rotate(-90)\">{text}</text>"
        ));
    }

    /// A mark that has been defined, with its centre at a point.
    pub fn mark(&mut self, mark: &str, x: f64, y: f64) {
        let (x, y) = (number(x), number(y));
        self.raw(&format!("<use href=\"#{mark}\" x=\"{x}\" y=\"{y}\"/>"));
    }

    /// Begins a link to an element of the same document.
    pub fn open_link(&mut self, target: &str) {
        self.raw(&format!("<a href=\"#{target}\">"));
    }

    /// Ends it.
    pub fn close_link(&mut self) {
        self.raw("</a>");
    }
}
