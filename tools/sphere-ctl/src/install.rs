// SPDX-License-Identifier: GPL-2.0

//! `sphere-ctl install`: writes an image into a slot of flash. The first process does the rest.

use crate::{apps, error::CtlError};
use core::ffi::CStr;
use rustix::{
    fd::OwnedFd,
    fs::{FlockOperation, OFlags, flock},
};
use sphere_ctl::room::Search;
use sphere_device::{
    console::Console,
    errno::{Doing, Failure},
    file, say,
};
use sphere_manage::{
    control::{DIRECTORY, PACKET_MAX, Request},
    flash::{For, Partition},
    image_file::ImageFile,
    partitions::Partitions,
    registry,
    slots::slots,
    trust,
};
use sphere_store::{
    check,
    seal::{Claim, Release, SEAL_SIZE},
    slot,
    source::Source,
};

/// Installs the image in a file. Nothing is written unless it is one that this device would run.
pub fn install<'a>(
    out: &Console<'_>,
    path: &'a CStr,
    packet: &'a mut [u8; PACKET_MAX],
) -> Result<(), CtlError<'a>> {
    let image = ImageFile::open(path).map_err(|failure| CtlError::Input(path, failure))?;
    let claim = check_image(path, &image)?;
    // Until this program ends: two would take the same slot.
    let _lock = lock().map_err(CtlError::Slots)?;
    let number = find_slot(claim.image_size.saturating_add(SEAL_SIZE))?;
    let mut slot = Partition::open(number, For::Writing).map_err(CtlError::Slots)?;
    slot::install(&mut slot, &image, claim.image_size)
        .map_err(|error| CtlError::Slot(number, error))?;
    apps::ask(out, Request::Admit(number), packet)?;
    let Release { name, version, .. } = claim.release();
    say!(out, "{name}: version {version} is installed");
    Ok(())
}

/// Checks what can be checked before the image is in the flash.
fn check_image<'a>(path: &'a CStr, image: &ImageFile) -> Result<Claim, CtlError<'a>> {
    let keys = trust::load()?;
    let refused = |refusal| CtlError::Refused(path, refusal);
    let claim = check::seal(image, &keys).map_err(refused)?.claim;
    check::image(image, &claim).map_err(refused)?;
    // A device without mutable storage remembers nothing.
    if let Ok(directory) = registry::directory() {
        let registry = registry::load(&directory).map_err(CtlError::Registry)?;
        registry
            .check(&claim.release())
            .map_err(|reason| CtlError::Unregistered(path, reason))?;
    }
    Ok(claim)
}

fn lock() -> Result<OwnedFd, Failure> {
    let directory = file::open_path(DIRECTORY, OFlags::DIRECTORY).doing("open /run/sphere")?;
    flock(&directory, FlockOperation::LockExclusive)
        .doing("wait for others who install something")?;
    Ok(directory)
}

/// The slot for so many bytes.
fn find_slot<'a>(size: u32) -> Result<u32, CtlError<'a>> {
    let partitions = Partitions::read().map_err(CtlError::Slots)?;
    let mut search = Search::new(size);
    for (number, _) in slots(partitions.as_slice()) {
        let slot = Partition::open(number, For::Reading).map_err(CtlError::Slots)?;
        let is_taken = slot::is_taken(&slot).map_err(CtlError::Slots)?;
        search.look(number, slot.size(), is_taken);
    }
    search.found().map_err(CtlError::NoRoom)
}
