// SPDX-License-Identifier: GPL-2.0

//! The kernel's list of flash partitions, `/proc/mtd`:
//!
//! ```text
//! dev:    size   erasesize  name
//! mtd0: 00400000 00020000 "log"
//! ```

/// Numbers of the partitions of a list that have a name. The kernel does not forbid two of a name.
pub fn numbers<'a>(list: &'a [u8], name: &'a str) -> impl Iterator<Item = u32> + 'a {
    partitions(list)
        .filter(move |(_, known)| *known == name)
        .map(|(number, _)| number)
}

/// Numbers and names of all partitions of a list whose names are text.
pub fn partitions(list: &[u8]) -> impl Iterator<Item = (u32, &str)> {
    list.split(|&byte| byte == b'\n')
        .filter_map(|line| core::str::from_utf8(line).ok())
        .filter_map(partition)
}

/// Number and name of the partition in a line. The name goes on to the last quotation mark: it may
/// hold others.
fn partition(line: &str) -> Option<(u32, &str)> {
    let (node, rest) = line.strip_prefix("mtd")?.split_once(": ")?;
    let (_, name) = rest.split_once('"')?;
    Some((node.parse().ok()?, name.strip_suffix('"')?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &[u8] = b"dev:    size   erasesize  name\n\
        mtd0: 00400000 00020000 \"log\"\n\
        mtd1: 00001000 00000800 \"mtdram test device\"\n\
        mtd2: 00001000 00000800 \"\xff\"\n\
        mtd10: 00001000 00000800 \"a \"quoted\" name\"\n\
        mtd11: 00001000 00000800 \"log\"\n\
        mtd12: 00001000 00000800 \"cut o";

    fn found(name: &str) -> Vec<u32> {
        numbers(LIST, name).collect()
    }

    #[test]
    fn finds_partitions_by_their_whole_name() {
        assert_eq!(found("mtdram test device"), [1]);
        assert_eq!(found("log"), [0, 11]);
        assert_eq!(found("a \"quoted\" name"), [10]);
    }

    #[test]
    fn names_all() {
        let all: Vec<_> = partitions(LIST).map(|(_, name)| name).collect();
        let expected = ["log", "mtdram test device", "a \"quoted\" name", "log"];
        assert_eq!(all, expected);
    }

    #[test]
    fn finds_nothing_else() {
        for name in ["lo", "LOG", "quoted", "cut o", "", "name", "\u{fffd}"] {
            assert!(found(name).is_empty(), "{name}");
        }
        assert_eq!(numbers(b"", "log").count(), 0);
    }
}
