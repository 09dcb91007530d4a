// SPDX-License-Identifier: GPL-2.0

//! Where symbolic links lead: in an image, to nothing that is not in it.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use super::scan::{Entries, Entry, refuse};
use crate::report::Report;

/// Links that may be followed for one path. The kernel has the same limit.
const LINKS_MAX: usize = 40;

/// Why a path leads nowhere in the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Astray {
    #[error("is an absolute link: make it relative, so that it leads to the same file everywhere")]
    Absolute,
    #[error("is a link that leads out of the image")]
    Outside,
    #[error("is a link that leads to itself")]
    Endless,
}

/// Names in the report each link that leads out of the image. What a link leads to need not be
/// there: device nodes appear on the device.
pub fn check(root: &Path, entries: &Entries, report: &mut Report) {
    for (path, entry) in entries {
        if let (Entry::Link(_), Err(astray)) = (entry, resolve(entries, path)) {
            refuse(root, path, astray.to_string(), report);
        }
    }
}

/// The file that a path leads to, when all links on the way are followed.
pub fn resolve(entries: &Entries, path: &Path) -> Result<PathBuf, Astray> {
    let mut ahead = VecDeque::new();
    follow(path, &mut ahead)?;
    let mut there = PathBuf::new();
    let mut links = 0;
    while let Some(step) = ahead.pop_front() {
        let Step::Down(name) = step else {
            if !there.pop() {
                return Err(Astray::Outside);
            }
            continue;
        };
        there.push(name);
        if let Some(Entry::Link(target)) = entries.get(&there) {
            links += 1;
            if links > LINKS_MAX {
                return Err(Astray::Endless);
            }
            there.pop();
            follow(target, &mut ahead)?;
        }
    }
    Ok(there)
}

/// One component of a path.
enum Step {
    Up,
    Down(OsString),
}

/// Puts the steps of `path` in front of those that are ahead.
fn follow(path: &Path, ahead: &mut VecDeque<Step>) -> Result<(), Astray> {
    for component in path.components().rev() {
        ahead.push_front(match component {
            Component::Normal(name) => Step::Down(name.to_owned()),
            Component::ParentDir => Step::Up,
            Component::CurDir => continue,
            Component::RootDir | Component::Prefix(_) => return Err(Astray::Absolute),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(links: &[(&str, &str)]) -> Entries {
        let files = ["bin", "lib", "lib/deep"].map(|path| (path.into(), Entry::Directory));
        let links = links
            .iter()
            .map(|(path, target)| (path.into(), Entry::Link(target.into())));
        files.into_iter().chain(links).collect()
    }

    #[test]
    fn links_are_followed_as_the_kernel_does() {
        let entries = entries(&[
            ("bin/app", "../lib/./real"),
            ("short", "lib/deep"),
            ("lib/real", "deep/program"),
            ("up", "short/../x"),
            ("node", "dev/ttyS1"),
        ]);
        for (path, expected) in [
            ("bin/app", "lib/deep/program"),
            ("short/y", "lib/deep/y"),
            // From where the link leads to, and not from where it is.
            ("up", "lib/x"),
            ("node", "dev/ttyS1"),
            ("none/../bin", "bin"),
        ] {
            let found = resolve(&entries, Path::new(path));
            assert_eq!(found, Ok(expected.into()), "{path}");
        }
    }

    #[test]
    fn links_that_lead_astray_are_refused() {
        for (target, expected) in [
            ("/bin/sh", Astray::Absolute),
            ("..", Astray::Outside),
            ("../../../dev", Astray::Outside),
            ("lib/../../image/x", Astray::Outside),
            ("far/../x", Astray::Outside),
            ("link", Astray::Endless),
            ("second", Astray::Endless),
            ("absolute/x", Astray::Absolute),
        ] {
            let entries = entries(&[
                ("link", target),
                ("second", "link"),
                ("far", ".."),
                ("absolute", "/"),
            ]);
            assert_eq!(
                resolve(&entries, Path::new("link")),
                Err(expected),
                "{target}"
            );
        }
    }
}
