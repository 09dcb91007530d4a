// SPDX-License-Identifier: GPL-2.0

//! Who may touch what: the model that every form of the map shows.

use std::collections::BTreeMap;

/// The map of a device.
#[derive(Debug)]
pub struct Map {
    pub title: String,
    pub board: String,
    /// Only if the caller gives one: the same device makes the same map on any day.
    pub date: Option<String>,
    pub applications: Vec<Application>,
    pub groups: Vec<Group>,
}

/// A column of the map.
#[derive(Debug)]
pub struct Application {
    /// A short name: A to Z, then AA and so on.
    pub key: String,
    pub name: String,
    pub component: String,
    pub tenant: String,
}

/// Resources of one kind.
#[derive(Debug)]
pub struct Group {
    pub title: String,
    /// What a mark in this group means.
    pub meaning: &'static str,
    /// Whether two applications may not have the same one.
    pub is_exclusive: bool,
    pub rows: Vec<Row>,
}

/// One resource.
#[derive(Debug, Default)]
pub struct Row {
    pub name: String,
    /// What else is known of it, such as what manifests call it.
    pub detail: String,
    /// What applications may do with it, by their index.
    pub cells: BTreeMap<usize, Access>,
    /// Whether two applications have what only one can have.
    pub is_conflict: bool,
    /// How many resources the row stands for, besides one.
    pub further: u64,
}

impl Row {
    /// A resource that nobody has so far.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// Whether no application has it.
    pub fn is_unowned(&self) -> bool {
        self.cells.is_empty()
    }
}

/// What an application may do with a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Read a line or a partition.
    Read,
    /// Drive a line.
    Drive,
    /// Read and drive a line, read and write a partition.
    Both,
    /// Use it.
    Use,
    /// Use it, because the board says so and not the manifest.
    ByBoard,
    /// Keep so many KiB.
    Kib(u64),
    /// Asked for, and without effect.
    Refused,
}

impl Access {
    /// The words for it, in a table or a tooltip.
    pub fn words(self) -> String {
        match self {
            Self::Read => "reads".into(),
            Self::Drive => "drives".into(),
            Self::Both => "reads and changes".into(),
            Self::Use => "allowed".into(),
            Self::ByBoard => "allowed by the board file".into(),
            Self::Kib(size) => format!("{size} KiB"),
            Self::Refused => "asks, stays refused".into(),
        }
    }
}

impl Map {
    /// The rows in which something is wrong.
    pub fn conflicts(&self) -> usize {
        self.rows().filter(|row| row.is_conflict).count()
    }

    /// How many resources nobody has.
    pub fn unowned(&self) -> u64 {
        let rows = self.rows().filter(|row| row.is_unowned());
        rows.map(|row| row.further + 1).sum()
    }

    /// All rows of all groups.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.groups.iter().flat_map(|group| &group.rows)
    }
}

/// The short name of the application with this index.
pub fn key(index: usize) -> String {
    let mut key = Vec::new();
    let mut rest = index + 1;
    while rest > 0 {
        rest -= 1;
        // Less than 26, so that it fits.
        key.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    key.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_on_after_z() {
        let keys: Vec<_> = [0, 25, 26, 27, 51, 52, 701, 702].map(key).into();
        assert_eq!(keys, ["A", "Z", "AA", "AB", "AZ", "BA", "ZZ", "AAA"]);
    }
}
