// SPDX-License-Identifier: GPL-2.0

//! The map as a page: the drawing, and the same in tables, which link to one another.

use super::model::{Application, Group, Map, Row};
use super::svg::drawing;
use super::text::summary;
use super::xml::escape;

const STYLE: &str = "<style>
body { font: 15px/1.45 \"DejaVu Sans\", Verdana, sans-serif; color: #111; background: #fff; margin: 1.5em }
.drawing svg { width: 100%; height: auto; border: 1px solid #ccc }
table { table-layout: fixed; border-collapse: collapse; margin: 0 0 1.5em; width: 100%; max-width: 75em }
caption { text-align: left; font-weight: bold; font-size: 1.1em; padding: .4em 0 }
th, td { border: 1px solid #bbb; padding: .25em .6em; text-align: left; vertical-align: top; overflow-wrap: anywhere }
thead th { background: #eef2f5 }
thead th:nth-child(2) { width: 50% }
tr.nobody td, tr.nobody th { background: #e4e4e4; color: #444; font-style: italic }
tr.conflict td, tr.conflict th { background: #fbdcd6 }
.bad { color: #b00000; font-weight: bold }
:target { outline: 3px solid #e69f00 }
a { color: #004c8c }
code { font-family: \"DejaVu Sans Mono\", monospace; font-size: .9em }
@page { size: A3 landscape; margin: 8mm }
@media print { body { margin: 0 } .drawing { break-after: page } .drawing svg { border: 0; max-height: 280mm } h1, nav { display: none } }
</style>";

/// The page.
pub fn html(map: &Map) -> String {
    let title = escape(&map.title);
    let mut page = vec![
        "<!DOCTYPE html>".to_owned(),
        "<html lang=\"en\">".to_owned(),
        "<head>".to_owned(),
        "<meta charset=\"utf-8\">".to_owned(),
        // Nothing is loaded and nothing runs, whatever a manifest may hold.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">".to_owned(),
        "<meta name=\"viewport\" content=\"width=device-width\">".to_owned(),
        format!("<title>{title}</title>"),
        STYLE.to_owned(),
        "</head>".to_owned(),
        "<body>".to_owned(),
        format!("<h1>{title}</h1>"),
        format!("<p>{}</p>", headline(map)),
        "<nav><a href=\"#applications\">Applications</a>, <a href=\"#resources\">resources</a></nav>".to_owned(),
        "<div class=\"drawing\">".to_owned(),
        drawing(map, true),
        "</div>".to_owned(),
        "<h2 id=\"applications\">Applications</h2>".to_owned(),
    ];
    for (index, application) in map.applications.iter().enumerate() {
        page.extend(about_application(map, index, application));
    }
    page.push("<h2 id=\"resources\">Resources</h2>".to_owned());
    let mut number = 0;
    for group in &map.groups {
        page.extend(about_group(map, group, number));
        number += group.rows.len();
    }
    page.extend(["</body>".to_owned(), "</html>".to_owned(), String::new()]);
    page.join("\n")
}

fn headline(map: &Map) -> String {
    let date = map.date.iter().map(|date| format!(", {}", escape(date)));
    let date: String = date.collect();
    let class = if map.conflicts() > 0 {
        " class=\"bad\""
    } else {
        ""
    };
    format!(
        "{}{date}: <span{class}>{}</span>",
        escape(&map.board),
        summary(map)
    )
}

/// What one application may do, as a table.
fn about_application(map: &Map, index: usize, application: &Application) -> Vec<String> {
    let mut lines = vec![format!("<table id=\"a{index}\">")];
    lines.push(format!(
        "<caption>{}: {} <code>{}</code></caption>",
        application.key,
        escape(&application.name),
        application.component
    ));
    lines.push("<thead><tr><th scope=\"col\">Resource</th><th scope=\"col\">What</th><th scope=\"col\">Access</th></tr></thead>".to_owned());
    lines.push("<tbody>".to_owned());
    if !application.tenant.is_empty() {
        lines.push(format!(
            "<tr><td>Network identity</td><td>{}</td><td>is</td></tr>",
            escape(&application.tenant)
        ));
    }
    let before = lines.len();
    let mut number = 0;
    for group in &map.groups {
        for row in &group.rows {
            if let Some(access) = row.cells.get(&index) {
                lines.push(format!(
                    "<tr{}><td>{}</td><td><a href=\"#r{number}\">{}</a> {}</td><td>{}</td></tr>",
                    class(row),
                    escape(&group.title),
                    escape(&row.name),
                    escape(&row.detail),
                    words(row, &access.words())
                ));
            }
            number += 1;
        }
    }
    if lines.len() == before && application.tenant.is_empty() {
        lines.push("<tr><td colspan=\"3\">compute and memory, nothing else</td></tr>".to_owned());
    }
    lines.extend(["</tbody>".to_owned(), "</table>".to_owned()]);
    lines
}

/// Who has the resources of one group, as a table; `number` is that of its first row.
fn about_group(map: &Map, group: &Group, number: usize) -> Vec<String> {
    let mut lines = vec!["<table>".to_owned()];
    lines.push(format!(
        "<caption>{} <small>({})</small></caption>",
        escape(&group.title),
        escape(group.meaning)
    ));
    lines.push("<thead><tr><th scope=\"col\">Resource</th><th scope=\"col\">Known as</th><th scope=\"col\">Who</th></tr></thead>".to_owned());
    lines.push("<tbody>".to_owned());
    for (index, row) in group.rows.iter().enumerate() {
        lines.push(format!(
            "<tr id=\"r{}\"{}><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>",
            number + index,
            class(row),
            escape(&row.name),
            escape(&row.detail),
            who(map, row)
        ));
    }
    lines.extend(["</tbody>".to_owned(), "</table>".to_owned()]);
    lines
}

fn who(map: &Map, row: &Row) -> String {
    if row.is_unowned() {
        return "nobody".to_owned();
    }
    let holders: Vec<_> = row
        .cells
        .iter()
        .map(|(index, access)| {
            let name = escape(&map.applications[*index].name);
            format!("<a href=\"#a{index}\">{name}</a> ({})", access.words())
        })
        .collect();
    words(row, &holders.join(", "))
}

fn class(row: &Row) -> &'static str {
    match (row.is_conflict, row.is_unowned()) {
        (true, _) => " class=\"conflict\"",
        (_, true) => " class=\"nobody\"",
        _ => "",
    }
}

fn words(row: &Row, markup: &str) -> String {
    if row.is_conflict {
        format!("<span class=\"bad\">Conflict:</span> {markup}")
    } else {
        markup.to_owned()
    }
}
