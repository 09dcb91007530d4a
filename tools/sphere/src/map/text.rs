// SPDX-License-Identifier: GPL-2.0

//! The map as text.

use super::metrics::wrap_columns;
use super::model::{Access, Map, Row};
use super::xml::visible;

/// Columns between the resource and who has it.
const GAP: usize = 2;
/// The least that is left for who has a resource.
const WHO_MIN: usize = 20;

/// The map, no line longer than `width` columns as far as words allow.
pub fn text(map: &Map, width: usize) -> String {
    let mut lines = wrap_columns(&visible(&map.title), width);
    let dates = map.date.iter();
    lines.extend(dates.flat_map(|date| wrap_columns(&visible(date), width)));
    lines.extend(wrap_columns(&summary(map), width));
    lines.extend([String::new(), "Applications".to_owned()]);
    let key = map.applications.iter().map(|one| one.key.len()).max();
    for application in &map.applications {
        let key = format!("  {:<1$}", application.key, key.unwrap_or(1));
        let mut words = vec![visible(&application.name).into_owned()];
        words.push(application.component.clone());
        if !application.tenant.is_empty() {
            words.push(format!("tenant {}", visible(&application.tenant)));
        }
        lines.extend(hanging(&key, &words.join("  "), key.len() + GAP, width));
    }
    for group in &map.groups {
        lines.push(String::new());
        lines.extend(wrap_columns(&visible(&group.title), width));
        let labels: Vec<String> = group.rows.iter().map(label).collect();
        let longest = labels.iter().map(|label| label.chars().count()).max();
        let indent = longest.unwrap_or(0) + GAP;
        let indent = indent.min(width.saturating_sub(WHO_MIN).max(GAP));
        for (row, label) in group.rows.iter().zip(&labels) {
            lines.extend(hanging(label, &who(map, row), indent, width));
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

/// What there is and what stands out, in words.
pub fn summary(map: &Map) -> String {
    let applications = counted(map.applications.len() as u64, "application");
    let conflicts = match map.conflicts() {
        0 => "no conflict".to_owned(),
        count => counted(count as u64, "conflict"),
    };
    let mut words = format!("{applications}, {conflicts}");
    if map.unowned() > 0 {
        let unowned = counted(map.unowned(), "resource");
        words = format!("{words}, {unowned} of the board that nobody owns");
    }
    words
}

fn counted(count: u64, what: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{count} {what}{end}")
}

fn label(row: &Row) -> String {
    let mark = if row.is_conflict { '!' } else { ' ' };
    let (name, detail) = (visible(&row.name), visible(&row.detail));
    if detail.is_empty() {
        format!("{mark} {name}")
    } else {
        format!("{mark} {name}  {detail}")
    }
}

/// Who has a resource, in words.
fn who(map: &Map, row: &Row) -> String {
    if row.is_unowned() {
        return "nobody".to_owned();
    }
    let holders: Vec<_> = row
        .cells
        .iter()
        .map(|(index, access)| {
            let name = visible(&map.applications[*index].name);
            match access {
                Access::Use => name.into_owned(),
                access => format!("{name} ({})", access.words()),
            }
        })
        .collect();
    let mark = if row.is_conflict { "CONFLICT: " } else { "" };
    format!("{mark}{}", holders.join(", "))
}

/// A label and its words beside it, in as many lines as they need. A label that is longer than
/// `indent` gets a line of its own.
fn hanging(label: &str, words: &str, indent: usize, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut label = label.to_owned();
    if label.chars().count() + 1 > indent {
        lines.extend(wrap_columns(&label, width));
        label = String::new();
    }
    for part in wrap_columns(words, width.saturating_sub(indent).max(WHO_MIN)) {
        lines.push(format!("{label:<indent$}{part}"));
        label = String::new();
    }
    lines
}
