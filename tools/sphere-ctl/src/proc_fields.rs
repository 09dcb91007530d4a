// SPDX-License-Identifier: GPL-2.0

//! Files of procfs that have a field a line, such as `/proc/meminfo` and `/proc/PID/status`:
//!
//! ```text
//! MemTotal:           3388 kB
//! Name:   sphere-init
//! ```

/// The value of a field.
pub fn value<'a>(file: &'a [u8], field: &str) -> Option<&'a str> {
    file.split(|&byte| byte == b'\n')
        .filter_map(|line| core::str::from_utf8(line).ok())
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| *name == field)
        .map(|(_, value)| value.trim_ascii())
}

/// The value of a field that is a number of KiB.
pub fn kib(file: &[u8], field: &str) -> Option<u32> {
    value(file, field)?.strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &[u8] =
        b"Name:\tapp\nUmask:\t0022\nRssAnon:\t      44 kB\nRssFile:\t 0 kB\nBad: \xff\n";

    #[test]
    fn finds_fields_by_their_whole_name() {
        assert_eq!(value(FILE, "Name"), Some("app"));
        assert_eq!(kib(FILE, "RssAnon"), Some(44));
        assert_eq!(kib(FILE, "RssFile"), Some(0));
        for field in ["Rss", "name", "Bad", ""] {
            assert_eq!(value(FILE, field), None, "{field}");
        }
    }

    #[test]
    fn a_number_without_its_unit_is_none() {
        assert_eq!(kib(FILE, "Umask"), None);
        assert_eq!(kib(FILE, "Name"), None);
    }
}
