// SPDX-License-Identifier: GPL-2.0

//! Sets of ports, as ranges.

use sphere_core::describe::PortWords;

/// Ports, in ranges that are in order and do not touch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ports(Vec<(u32, u32)>);

impl Ports {
    /// Adds the ports from `first` to `last`.
    pub fn add(&mut self, first: u16, last: u16) {
        self.0.push((first.into(), last.into()));
        self.0.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::new();
        for &(first, last) in &self.0 {
            match merged.last_mut() {
                Some(before) if first <= before.1 + 1 => before.1 = before.1.max(last),
                _ => merged.push((first, last)),
            }
        }
        self.0 = merged;
    }

    /// The ports of this set that are not in `other`.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let mut left = Vec::new();
        for &(first, last) in &self.0 {
            let mut next = first;
            for &(start, end) in other
                .0
                .iter()
                .filter(|range| range.1 >= first && range.0 <= last)
            {
                if next < start {
                    left.push((next, start - 1));
                }
                next = end + 1;
            }
            if next <= last {
                left.push((next, last));
            }
        }
        Self(left)
    }

    /// The ranges, in words: `port 80`, `ports 80-82`, `any port`.
    pub fn words(&self) -> impl Iterator<Item = String> {
        // Wider than a port only for what is behind the last one.
        let port = |port| u16::try_from(port).unwrap_or(u16::MAX);
        let ranges = self.0.iter();
        ranges.map(move |&(first, last)| PortWords(port(first), port(last)).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports(ranges: &[(u16, u16)]) -> Ports {
        let mut ports = Ports::default();
        for &(first, last) in ranges {
            ports.add(first, last);
        }
        ports
    }

    #[test]
    fn ranges_that_touch_are_one() {
        assert_eq!(ports(&[(3, 4), (1, 2), (6, 6)]), ports(&[(1, 4), (6, 6)]));
        assert_eq!(ports(&[(1, 65535), (80, 80)]), ports(&[(1, 65535)]));
    }

    #[test]
    fn what_is_in_both_is_left_out() {
        let all = ports(&[(1, 65535)]);
        let some = ports(&[(80, 82), (90, 90)]);
        let rest = ports(&[(1, 79), (83, 89), (91, 65535)]);
        assert_eq!(all.without(&some), rest);
        assert_eq!(some.without(&all), Ports::default());
        assert_eq!(
            some.without(&ports(&[(81, 81)])),
            ports(&[(80, 80), (82, 82), (90, 90)])
        );
        assert_eq!(
            some.without(&ports(&[(1, 80), (82, 95)])),
            ports(&[(81, 81)])
        );
    }
}
