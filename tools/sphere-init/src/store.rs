// SPDX-License-Identifier: GPL-2.0

//! The images that this device has: in slots of flash, and in files of the root file system.

use core::{fmt, mem::MaybeUninit};
use rustix::{fs::OFlags, fs::RawDir, io::Errno};
use sphere_device::{
    console::Console,
    errno::{Doing, Failure},
    file, say,
    text::{Foreign, Text},
};
use sphere_manage::{
    flash::{For, Partition},
    image_file::ImageFile,
    partitions::Partitions,
    slots::slots,
    trust,
};
use sphere_store::{
    check::{self, Refusal},
    choice::{Candidate, Candidates},
    keys::Keys,
    name::Name,
    seal::Release,
    slot,
    source::Source,
};

/// Images that are looked at: those of all applications, and as many new versions.
const IMAGES_MAX: usize = 40;

/// What images there are.
pub type Found = Candidates<Place, IMAGES_MAX>;

/// Where an image is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In the slot that is the flash partition with this number.
    Slot(u32),
    /// In the file of the directory of images that has this name, before `.img`.
    File(Name),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slot(number) => write!(f, "mtd{number}"),
            Self::File(name) => write!(f, "{name}.img"),
        }
    }
}

impl Place {
    /// What mount(2) takes, or the path of the file in `directory`.
    pub fn source(&self, directory: &str) -> Result<Text<128>, Failure> {
        let source = match self {
            Self::Slot(number) => Text::format(format_args!("mtd{number}")),
            Self::File(name) => Text::format(format_args!("{directory}/{name}.img")),
        };
        source.ok_or(Errno::NAMETOOLONG).doing("name the image")
    }
}

/// Finds the images that somebody whom this device trusts has signed, and says which are left out
/// and why. A directory that is not there is not missed where there are slots.
pub fn find(console: &Console<'_>, directory: &str) -> Found {
    let keys = trust::load().unwrap_or_else(|error| {
        say!(console, "{error}: no key is trusted");
        Keys::NONE
    });
    let mut finding = Finding {
        console,
        directory,
        keys: &keys,
        found: Found::new(),
    };
    let partitions = Partitions::read_if_any();
    let mut has_slots = false;
    for (number, _) in slots(partitions.as_slice()) {
        has_slots = true;
        finding.look(Place::Slot(number));
    }
    match finding.look_at_files() {
        Err(Failure {
            error: Errno::NOENT,
            ..
        }) if has_slots => {}
        Err(failure) => say!(console, "{directory}: {failure}"),
        Ok(()) => {}
    }
    finding.found
}

struct Finding<'a> {
    console: &'a Console<'a>,
    directory: &'a str,
    keys: &'a Keys,
    found: Found,
}

impl Finding<'_> {
    fn look_at_files(&mut self) -> Result<(), Failure> {
        let fd = file::open_path(self.directory, OFlags::DIRECTORY).doing("open the directory")?;
        let mut buffer = [MaybeUninit::uninit(); 1024];
        let mut entries = RawDir::new(fd, &mut buffer);
        while let Some(entry) = entries.next() {
            let entry = entry.doing("read the directory")?;
            let file = entry.file_name().to_bytes();
            let Some(stem) = file.strip_suffix(b".img") else {
                continue;
            };
            match core::str::from_utf8(stem).ok().map(Name::new) {
                Some(Ok(name)) => self.look(Place::File(name)),
                Some(Err(_)) | None => say!(
                    self.console,
                    "{} is left out: before .img, {}",
                    Foreign(file),
                    sphere_store::name::BadName
                ),
            }
        }
        Ok(())
    }

    fn look(&mut self, place: Place) {
        match look(self.directory, place, self.keys) {
            Ok(None) => {}
            Ok(Some(release)) => {
                if let Err(last) = self.found.insert(Candidate { place, release }) {
                    let (place, name) = (last.place, last.release.name);
                    say!(
                        self.console,
                        "{name} in {place} is left out: there are more than {IMAGES_MAX} images"
                    );
                }
            }
            Err(refusal) => say!(self.console, "{place} is left out: {refusal}"),
        }
    }
}

/// What is true of the image in a place; `None` if there is none.
pub fn look(
    directory: &str,
    place: Place,
    keys: &Keys,
) -> Result<Option<Release>, Refusal<Failure>> {
    match place {
        Place::Slot(number) => {
            let slot = Partition::open(number, For::Reading).map_err(Refusal::Unreadable)?;
            if !slot::is_taken(&slot).map_err(Refusal::Unreadable)? {
                return Ok(None);
            }
            verify(&slot, keys).map(Some)
        }
        Place::File(_) => {
            let path = place.source(directory).map_err(Refusal::Unreadable)?;
            let file = ImageFile::open(path.as_str()).map_err(Refusal::Unreadable)?;
            verify(&file, keys).map(Some)
        }
    }
}

fn verify<S: Source>(source: &S, keys: &Keys) -> Result<Release, Refusal<S::Error>> {
    let claim = check::seal(source, keys)?.claim;
    check::image(source, &claim)?;
    Ok(claim.release())
}

/// Takes an image out of its slot. One in a file stays: the root file system is read-only.
pub fn discard(console: &Console<'_>, place: Place) {
    let Place::Slot(number) = place else {
        return;
    };
    let slot = Partition::open(number, For::Writing);
    let removed = match slot {
        Ok(mut slot) => slot::remove(&mut slot),
        Err(failure) => Err(slot::SlotError::Flash(failure)),
    };
    if let Err(error) = removed {
        say!(console, "{place}: its image cannot be removed: {error}");
    }
}
