// SPDX-License-Identifier: GPL-2.0

//! Whose the storage of applications is: in the directory [`APPS`] of the mutable storage, each has
//! a directory that is called like it and belongs to its user. Beside it is a mark, a symbolic link
//! that leads to no file but is the component id: two applications may have one name, one after the
//! other.

use crate::DATA;
use core::mem::MaybeUninit;
use rustix::{
    fd::OwnedFd,
    fs::{AtFlags, FileType, OFlags, RawDir, readlinkat_raw, statat, symlinkat, unlinkat},
    io::Errno,
    path::Arg,
};
use sphere_core::uuid::Uuid;
use sphere_device::{
    errno::{Doing, Failure},
    file,
    text::Text,
};
use sphere_store::{name::NAME_MAX, recovery::is_application, seal::Release};

/// The directory with those of all applications.
pub const APPS: &str = "apps";

/// The storage of all applications.
pub struct Owners(Option<OwnedFd>);

impl Owners {
    /// Opens it. Where no application has stored anything, there is none.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub fn open() -> Result<Self, Failure> {
        let path = Text::<32>::format(format_args!("{DATA}/{APPS}")).unwrap_or_default();
        match file::open_path(path.as_str(), OFlags::DIRECTORY | OFlags::NOFOLLOW) {
            Err(Errno::NOENT) => Ok(Self(None)),
            apps => apps.doing("open /data/apps").map(|apps| Self(Some(apps))),
        }
    }

    /// The user whom the storage of an application belongs to.
    #[must_use]
    pub fn user_of(&self, release: &Release) -> Option<u32> {
        let apps = self.0.as_ref()?;
        let (user, kind) = owner(apps, release.name.as_str())?;
        let is_its = kind == FileType::Directory && is_marked(apps, release);
        is_its.then_some(user)
    }

    /// The highest user of an application whom anything belongs to.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub fn highest(&self) -> Result<Option<u32>, Failure> {
        let Some(apps) = &self.0 else {
            return Ok(None);
        };
        let mut highest = None;
        let mut buffer = [MaybeUninit::uninit(); 1024];
        let mut entries = RawDir::new(apps, &mut buffer);
        while let Some(entry) = entries.next() {
            let entry = entry.doing("read /data/apps")?;
            let user = owner(apps, entry.file_name()).map(|(user, _)| user);
            highest = highest.max(user.filter(is_application));
        }
        Ok(highest)
    }
}

/// Marks the storage of an application, unless it is marked as that already.
///
/// # Errors
///
/// What the kernel says. Then nobody knows whose it is when the registry is damaged.
pub fn mark(apps: &OwnedFd, release: &Release) -> Result<(), Failure> {
    if is_marked(apps, release) {
        return Ok(());
    }
    let (path, target) = (mark_of(release), target_of(release));
    // That of another one, whose storage is not there any more.
    let _ = unlinkat(apps, path.as_str(), AtFlags::empty());
    symlinkat(target.as_str(), apps, path.as_str()).doing("mark its storage as its own")
}

fn is_marked(apps: &OwnedFd, release: &Release) -> bool {
    let mut buffer = [0; Uuid::TEXT_SIZE + 1];
    readlinkat_raw(apps, mark_of(release).as_str(), &mut buffer[..])
        .is_ok_and(|len| buffer.get(..len) == Some(target_of(release).as_str().as_bytes()))
}

/// No name of an application starts with a dot.
fn mark_of(release: &Release) -> Text<{ NAME_MAX + 1 }> {
    Text::format(format_args!(".{}", release.name)).unwrap_or_default()
}

fn target_of(release: &Release) -> Text<{ Uuid::TEXT_SIZE }> {
    Text::format(format_args!("{}", release.component)).unwrap_or_default()
}

/// Whom something belongs to, and what it is; a link is a link.
fn owner(apps: &OwnedFd, name: impl Arg) -> Option<(u32, FileType)> {
    let stat = statat(apps, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
    Some((stat.st_uid, FileType::from_raw_mode(stat.st_mode)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::getuid;
    use sphere_store::name::Name;
    use std::fs;

    fn app(component: u8, name: &str) -> Release {
        Release {
            component: Uuid([component; 16]),
            version: 1,
            name: Name::new(name).unwrap(),
        }
    }

    #[test]
    fn storage_is_that_of_a_component() {
        let path = std::env::temp_dir().join(format!("sphere-storage-{}", std::process::id()));
        fs::create_dir_all(path.join("app")).unwrap();
        fs::write(path.join("file"), "").unwrap();
        let open = || file::open_path(path.to_str().unwrap(), OFlags::DIRECTORY).unwrap();
        let (apps, owners) = (open(), Owners(Some(open())));
        let user = Some(getuid().as_raw());
        // Nobody has said whose it is.
        assert_eq!(owners.user_of(&app(1, "app")), None);
        for component in [1, 1, 2] {
            mark(&apps, &app(component, "app")).unwrap();
            assert_eq!(owners.user_of(&app(component, "app")), user);
        }
        assert_eq!(owners.user_of(&app(1, "app")), None);
        mark(&apps, &app(1, "file")).unwrap();
        for nothing in ["file", "nothing"] {
            assert_eq!(owners.user_of(&app(1, nothing)), None);
        }
        assert_eq!(Owners(None).user_of(&app(2, "app")), None);
        // Whoever runs this test is no application.
        assert_eq!(owners.highest(), Ok(user.filter(is_application)));
        fs::remove_dir_all(path).unwrap();
    }
}
