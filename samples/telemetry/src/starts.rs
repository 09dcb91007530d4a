// SPDX-License-Identifier: GPL-2.0

//! How often this application was started on this device. It is in a file, so that it outlasts the
//! application and the power: at any moment, the file is whole, the old one or the new one.

use core::str;
use rustix::{fd::OwnedFd, fs::OFlags, io::Errno};
use sphere_device::{
    errno::{Doing, Failure},
    file,
    text::Text,
};

/// The directory of what is stored.
const STORAGE: &str = "/data";
const FILE: &str = "starts";
/// What becomes [`FILE`] once all of it is on the medium.
const NEW: &str = "starts.new";

/// Counts this start. Returns the number of it, from 1.
pub fn count() -> Result<u32, Failure> {
    let storage = file::open_path(STORAGE, OFlags::DIRECTORY).doing("open /data")?;
    let number = last(&storage)?.saturating_add(1);
    let text = Text::<16>::format(format_args!("{number}\n")).unwrap_or_default();
    file::replace(&storage, FILE, NEW, text.as_str().as_bytes())
        .map_err(|failure| failure.error)
        .doing("write to /data/starts")?;
    Ok(number)
}

/// The number of the last start. What is no number was not written here: it counts for nothing.
fn last(storage: &OwnedFd) -> Result<u32, Failure> {
    let file = match file::open(storage, FILE, OFlags::RDONLY) {
        Err(Errno::NOENT) => return Ok(0),
        file => file.doing("open /data/starts")?,
    };
    let mut text = [0; 16];
    let text = file::read_whole(file, &mut text)?;
    let number = str::from_utf8(text).ok();
    Ok(number
        .and_then(|text| text.trim_end().parse().ok())
        .unwrap_or(0))
}
