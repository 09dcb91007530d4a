// SPDX-License-Identifier: GPL-2.0

//! An application that stores something, and says what it finds.

use crate::patient;
use core::mem::MaybeUninit;
use rustix::{
    fs::{CWD, Mode, OFlags, RawDir, openat},
    io::write,
};
use sphere_device::{console::Console, errno::Words, file, say, text::Foreign, text::Text};
use sphere_store::name::Name;

const STORAGE: &str = "/data";

/// Makes a file of this name, says which there are, and waits.
pub fn run(console: &Console<'_>, name: Name) -> Result<(), &'static str> {
    let path = Text::<48>::format(format_args!("{STORAGE}/{name}")).unwrap_or_default();
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::CLOEXEC;
    let kept = openat(CWD, path.as_str(), flags, Mode::RUSR | Mode::WUSR)
        .and_then(|file| write(file, name.as_str().as_bytes()));
    if let Err(error) = kept {
        say!(console, "{name} cannot keep anything: {}", Words(error));
    }
    list(console, name)?;
    patient::run(false)
}

fn list(console: &Console<'_>, name: Name) -> Result<(), &'static str> {
    let storage = file::open_path(STORAGE, OFlags::DIRECTORY).map_err(|_| "there is no /data")?;
    let mut buffer = [MaybeUninit::uninit(); 1024];
    let mut entries = RawDir::new(storage, &mut buffer);
    while let Some(entry) = entries.next() {
        let entry = entry.map_err(|_| "/data cannot be read")?;
        match entry.file_name() {
            file if file == c"." || file == c".." => {}
            file => say!(console, "{name} has {}", Foreign::from(file)),
        }
    }
    say!(console, "{name} has nothing else");
    Ok(())
}
