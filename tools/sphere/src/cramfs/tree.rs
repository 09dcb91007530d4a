// SPDX-License-Identifier: GPL-2.0

//! The files of an image, as far as an image of an application has them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// A directory. Its names ascend byte by byte, which is the order that the kernel wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    pub entries: BTreeMap<Vec<u8>, Node>,
}

/// What a name in a directory can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    Directory(Directory),
    File(File),
    /// A symbolic link and its target.
    Link(Vec<u8>),
}

/// A regular file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    pub content: Vec<u8>,
    pub is_executable: bool,
}

impl File {
    /// A file that nobody executes.
    pub fn plain(content: impl Into<Vec<u8>>) -> Self {
        Self {
            content: content.into(),
            is_executable: false,
        }
    }
}

impl Directory {
    /// Puts `node` where the names of `path` lead to, and directories where there are none on the
    /// way. Returns whether it is there now: nothing that is there already is replaced.
    pub fn insert(&mut self, path: &[&[u8]], node: Node) -> bool {
        let Some((name, rest)) = path.split_first() else {
            return false;
        };
        let entry = self.entries.entry(name.to_vec());
        if rest.is_empty() {
            return match entry {
                Entry::Vacant(place) => {
                    place.insert(node);
                    true
                }
                Entry::Occupied(_) => false,
            };
        }
        match entry.or_insert_with(|| Node::Directory(Self::default())) {
            Node::Directory(directory) => directory.insert(rest, node),
            Node::File(_) | Node::Link(_) => false,
        }
    }
}
