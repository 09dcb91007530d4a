// SPDX-License-Identifier: GPL-2.0

//! `sphere-ctl keys`: whose signatures the device trusts.

use crate::error::CtlError;
use rustix::{fs::OFlags, io::Errno};
use sphere_device::{
    console::Console,
    errno::{Doing, Failure},
    file, say,
    text::Text,
};
use sphere_manage::{registry, trust};
use sphere_store::{
    keys::{Changed, FILE_MAX, Trust},
    seal::Key,
};

/// Shows all keys.
pub fn show<'a>(out: &Console<'_>) -> Result<(), CtlError<'a>> {
    for (key, trust) in trust::load()?.iter() {
        let word = match trust {
            Trust::Revoked => "revoked",
            Trust::Trusted | Trust::Unknown => "trusted",
        };
        say!(out, "{key:?} {word}");
    }
    Ok(())
}

/// Trusts a key, or revokes it. What was installed is looked at again at the next start.
pub fn set<'a>(key: Key, revoked: bool) -> Result<(), CtlError<'a>> {
    if !revoked && trust::load()?.trust(&key) == Trust::Revoked {
        return Err(CtlError::Revoked);
    }
    change(key, revoked).map_err(CtlError::Keys)
}

fn change(key: Key, revoked: bool) -> Result<(), Failure> {
    let directory = registry::directory()?;
    let mut buffer = [0; FILE_MAX];
    let old = match file::open(&directory, trust::OWNER, OFlags::NOFOLLOW) {
        Err(Errno::NOENT) => &[][..],
        file => file::read_whole(file.doing("open the file")?, &mut buffer)?,
    };
    let file = core::str::from_utf8(old)
        .map_err(|_| Errno::INVAL)
        .doing("take the file for text")?;
    let new = Text::<FILE_MAX>::format(format_args!("{}", Changed { file, key, revoked }))
        .ok_or(Errno::FBIG)
        .doing("add a line to the file")?;
    file::replace(
        &directory,
        trust::OWNER,
        "keys.new",
        new.as_str().as_bytes(),
    )
}
