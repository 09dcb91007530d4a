// SPDX-License-Identifier: GPL-2.0

//! New versions of an application, one after the other.

use crate::{
    command::{self, As},
    impatient::Impatient,
};
use rustix::{fs::OFlags, io::Errno};
use sphere_device::{console::Console, file, say, text::Text};
use sphere_manage::control::{self, PACKET_MAX, Request};
use sphere_store::name::Name;

const CTL: &str = "/bin/sphere-ctl";

type Path = Text<64>;

/// Installs all versions that are there, and removes the last.
pub fn run(console: &Console<'_>, name: Name, directory: &str) -> Result<(), &'static str> {
    let mut version = version_of(name)?;
    let _impatient = Impatient::new()?;
    loop {
        version += 1;
        let path = Path::format(format_args!("{directory}/{version}.img"))
            .ok_or("the directory's name is too long")?;
        if file::open_path(path.as_str(), OFlags::RDONLY).is_err_and(|error| error == Errno::NOENT)
        {
            break;
        }
        say!(console, "installing {version}");
        ctl(["install", path.as_str()])?;
        say!(console, "installed {version}");
    }
    say!(console, "removing");
    ctl(["remove", name.as_str()])?;
    say!(console, "removed");
    Ok(())
}

/// The version that the first process says; 0 when the application is not there.
fn version_of(name: Name) -> Result<u64, &'static str> {
    let mut version = 0;
    let mut packet = [0; PACKET_MAX];
    control::ask(Request::List, &mut packet, |line| {
        let mut words = line
            .0
            .split(|&byte| byte == b' ')
            .filter(|word| !word.is_empty());
        if words.next() == Some(name.as_str().as_bytes()) {
            let number = words.nth(1).and_then(|word| word.strip_suffix(b","));
            let number = number.and_then(|word| core::str::from_utf8(word).ok());
            version = number.and_then(|word| word.parse().ok()).unwrap_or(0);
        }
    })
    .map_err(|_| "the first process does not say what there is")?;
    Ok(version)
}

/// Has sphere-ctl do something, as whoever operates a device would.
fn ctl(words: [&str; 2]) -> Result<(), &'static str> {
    match command::run(As::Manager, [CTL].into_iter().chain(words))? {
        0 => Ok(()),
        _ => Err("sphere-ctl has failed"),
    }
}
