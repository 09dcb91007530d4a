// SPDX-License-Identifier: GPL-2.0

//! Names of applications: those of their image files without `.img`.

use core::fmt;
use sphere_device::text::Text;

/// Bytes of the longest name.
pub const NAME_MAX: usize = 31;

/// A name that is safe in a path and on a console.
pub type Name = Text<NAME_MAX>;

/// Why a file is no application image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAnImage {
    /// Its name does not end in `.img`; nobody meant it to be one.
    OtherFile,
    /// Its name cannot be that of an application.
    BadName,
}

/// The application that an image file is named after.
///
/// # Errors
///
/// See [`NotAnImage`].
pub fn of_image(file: &[u8]) -> Result<Name, NotAnImage> {
    let stem = file.strip_suffix(b".img").ok_or(NotAnImage::OtherFile)?;
    let plain = |&byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if !stem.iter().all(plain) || matches!(stem.first(), None | Some(b'.')) {
        return Err(NotAnImage::BadName);
    }
    let text = core::str::from_utf8(stem).map_err(|_| NotAnImage::BadName)?;
    Name::format(format_args!("{text}")).ok_or(NotAnImage::BadName)
}

/// At most `N` names, in order.
pub struct Names<const N: usize> {
    names: [Name; N],
    count: usize,
}

/// There are more names than room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany(pub Name);

impl<const N: usize> Names<N> {
    /// None.
    pub const fn new() -> Self {
        Self {
            names: [Name::new(); N],
            count: 0,
        }
    }

    /// Adds a name in its place, unless it is there.
    ///
    /// # Errors
    ///
    /// When it is full, the last name of all gives way.
    pub fn insert(&mut self, name: Name) -> Result<(), TooMany> {
        let place = self
            .as_slice()
            .partition_point(|other| other.as_str() < name.as_str());
        if self.as_slice().get(place) == Some(&name) {
            return Ok(());
        }
        let mut moving = name;
        for slot in &mut self.names[place..self.count] {
            core::mem::swap(slot, &mut moving);
        }
        let last = self.names.get_mut(self.count).ok_or(TooMany(moving))?;
        *last = moving;
        self.count += 1;
        Ok(())
    }

    /// The names.
    pub fn as_slice(&self) -> &[Name] {
        &self.names[..self.count]
    }
}

impl<const N: usize> Default for Names<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for NotAnImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OtherFile => "the name does not end in .img",
            Self::BadName => {
                "the name has more than 31 characters before .img, starts with a dot, or has \
                 others than letters, digits, `-`, `_` and `.`"
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_there_once() {
        let mut names = Names::<2>::new();
        for name in ["b", "a", "b", "a"] {
            names
                .insert(of_image(format!("{name}.img").as_bytes()).unwrap())
                .unwrap();
        }
        let all: Vec<_> = names.as_slice().iter().map(Name::as_str).collect();
        assert_eq!(all, ["a", "b"]);
    }

    #[test]
    fn only_safe_names_pass() {
        assert_eq!(
            of_image(b"gas-valve_2.img").unwrap().as_str(),
            "gas-valve_2"
        );
        for other in [&b"README"[..], b"img", b"app.img~"] {
            assert_eq!(of_image(other), Err(NotAnImage::OtherFile));
        }
        let long = [b'x'; NAME_MAX + 1];
        for bad in [
            &b".img"[..],
            b"..img",
            b".hidden.img",
            b"a/b.img",
            b"a b.img",
            b"\xff.img",
        ] {
            assert_eq!(of_image(bad), Err(NotAnImage::BadName));
        }
        assert_eq!(
            of_image(&[&long[..], b".img"].concat()),
            Err(NotAnImage::BadName)
        );
        assert!(of_image(&[&long[1..], b".img"].concat()).is_ok());
    }

    #[test]
    fn names_are_in_order() {
        let mut names = Names::<3>::new();
        let name = |text: &str| of_image(format!("{text}.img").as_bytes()).unwrap();
        for text in ["c", "a", "d"] {
            names.insert(name(text)).unwrap();
        }
        assert_eq!(names.insert(name("b")), Err(TooMany(name("d"))));
        let texts: Vec<_> = names.as_slice().iter().map(Name::as_str).collect();
        assert_eq!(texts, ["a", "b", "c"]);
    }
}
