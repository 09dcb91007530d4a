// SPDX-License-Identifier: GPL-2.0

//! A device loses power at each step of an installation, a replacement and a removal.

use crate::{
    flash::{Nor, PowerCut},
    make::{keys, line, signed},
};
use proptest::prelude::*;
use sphere_core::uuid::Uuid;
use sphere_store::{
    check::{self, Refusal},
    choice::{Candidate, Candidates},
    seal::SEAL_SIZE,
    slot::{self, SlotError},
};

const BLOCK: usize = 128;
/// Bytes of an image, which is with its seal in five blocks.
const IMAGE: usize = 300;
const SIZE: u32 = IMAGE as u32;
const COMPONENT: Uuid = Uuid([7; 16]);

/// A device with some slots, and what starting up makes of them.
#[derive(Clone)]
struct Device(Vec<Nor>);

impl Device {
    fn new(slots: usize) -> Self {
        Self(vec![Nor::new(5, BLOCK, 0xff); slots])
    }

    /// What runs after a boot, of the newest first: place and version.
    fn boot(&self) -> Vec<(usize, u64)> {
        let keys = keys(&[&line(1)]);
        let mut found = Candidates::<_, 4>::new();
        for (place, slot) in self.0.iter().enumerate() {
            if !slot::is_taken(slot).unwrap() {
                continue;
            }
            // An image that is there is whole.
            let claim = check::seal(slot, &keys).unwrap().claim;
            check::image(slot, &claim).unwrap();
            let release = claim.release();
            found.insert(Candidate { place, release }).unwrap();
        }
        assert!(
            found
                .iter()
                .all(|image| image.release.component == COMPONENT)
        );
        found
            .iter()
            .map(|image| (image.place, image.release.version))
            .collect()
    }

    /// As each boot does it.
    fn clean_up(&mut self) {
        for (place, _) in self.boot().into_iter().skip(1) {
            remove(&mut self.0[place]).unwrap();
        }
    }

    /// As `sphere-ctl install` and `sphere-init` do it: the new one first, then the old one goes.
    /// The power lasts for so many steps.
    fn replace(&mut self, version: u64, mut steps: usize, half: u8) -> Result<(), PowerCut> {
        let image = signed(IMAGE, 7, version, 1);
        let old = self.boot();
        let taken = |place: &usize| old.iter().any(|(taken, _)| taken == place);
        let place = (0..self.0.len()).find(|place| !taken(place)).unwrap();
        self.with_power(place, &mut steps, half, |slot| {
            match slot::install(slot, &image.as_slice(), u32::try_from(IMAGE).unwrap()) {
                Ok(()) => Ok(()),
                Err(SlotError::Flash(PowerCut)) => Err(PowerCut),
                Err(error) => panic!("{error:?}"),
            }
        })?;
        old.into_iter()
            .try_for_each(|(place, _)| self.with_power(place, &mut steps, half, remove))
    }

    /// Has power for one slot, and sees what is left of it.
    fn with_power(
        &mut self,
        place: usize,
        steps: &mut usize,
        half: u8,
        change: impl FnOnce(&mut Nor) -> Result<(), PowerCut>,
    ) -> Result<(), PowerCut> {
        let slot = &mut self.0[place];
        (slot.steps, slot.half) = (*steps, half);
        let result = change(slot);
        *steps = slot.steps;
        slot.steps = usize::MAX;
        result
    }
}

fn remove(slot: &mut Nor) -> Result<(), PowerCut> {
    match slot::remove(slot) {
        Ok(()) => Ok(()),
        Err(SlotError::Flash(PowerCut)) => Err(PowerCut),
        Err(error) => panic!("{error:?}"),
    }
}

const ALWAYS: usize = usize::MAX;

#[test]
fn the_old_or_the_new_version_runs_wherever_the_power_fails() {
    for half in [0x00, 0x55, 0xaa, 0xf0, 0xff] {
        let mut old = Device::new(2);
        // Once more than there are slots, so that old images lie in them.
        for version in 1..=3 {
            old.replace(version, ALWAYS, 0).unwrap();
        }
        assert_eq!(old.boot(), [(0, 3)]);
        let mut cuts = 0;
        for steps in 0.. {
            let mut device = old.clone();
            let result = device.replace(4, steps, half);
            let versions: Vec<_> = device.boot().iter().map(|(_, version)| *version).collect();
            if result.is_ok() {
                assert_eq!(versions, [4]);
                break;
            }
            cuts += 1;
            assert!(
                matches!(versions[..], [3] | [4, 3] | [4]),
                "{versions:?} after {steps} steps"
            );
            device.clean_up();
            // It can be done again after that, over what was left behind.
            device.replace(5, ALWAYS, 0).unwrap();
            assert_eq!(device.boot()[0].1, 5, "after {steps} steps");
        }
        assert!(cuts > IMAGE, "{cuts}");
    }
}

proptest! {
    #[test]
    fn nothing_is_lost_however_often_the_power_fails(
        cuts in prop::collection::vec((0usize..700, any::<u8>()), 1..40)
    ) {
        // A third slot, for what an interruption leaves behind.
        let mut device = Device::new(3);
        let mut acknowledged = 0;
        for (version, (steps, half)) in (1..).zip(cuts) {
            let result = device.replace(version, steps, half);
            let images = device.boot();
            let running = images.first().map_or(0, |(_, version)| *version);
            prop_assert!(running == acknowledged || running == version);
            if result.is_ok() {
                prop_assert_eq!(running, version);
            }
            acknowledged = running;
            device.clean_up();
        }
    }
}

#[test]
fn blank_blocks_are_not_erased_again() {
    let mut slot = Nor::new(5, BLOCK, 0xff);
    let image = signed(IMAGE, 7, 1, 1);
    slot::install(&mut slot, &image.as_slice(), SIZE).unwrap();
    assert_eq!(slot.erased, 0);
    slot::remove(&mut slot).unwrap();
    slot::install(&mut slot, &image.as_slice(), SIZE).unwrap();
    assert_eq!(slot.erased, 5);
}

#[test]
fn a_slot_is_not_overwritten_and_not_exceeded() {
    let mut slot = Nor::new(5, BLOCK, 0);
    let image = signed(IMAGE, 7, 1, 1);
    slot::install(&mut slot, &image.as_slice(), SIZE).unwrap();
    let error = slot::install(&mut slot, &image.as_slice(), SIZE).unwrap_err();
    assert_eq!(error, SlotError::Taken);
    let large = signed(5 * BLOCK - 231, 7, 1, 1);
    let mut slot = Nor::new(5, BLOCK, 0xff);
    let size = u32::try_from(large.len()).unwrap() - SEAL_SIZE;
    let error = slot::install(&mut slot, &large.as_slice(), size).unwrap_err();
    assert_eq!(error, SlotError::TooSmall);
    let image = signed(5 * BLOCK - 232, 7, 1, 1);
    slot::install(&mut slot, &image.as_slice(), size - 1).unwrap();
    check::image(
        &slot,
        &check::seal(&slot, &keys(&[&line(1)])).unwrap().claim,
    )
    .unwrap();
}

#[test]
fn what_is_not_taken_is_not_changed() {
    for content in [0xff, 0x00, 0x45] {
        let mut slot = Nor::new(5, BLOCK, content);
        slot::remove(&mut slot).unwrap();
        assert!(slot.bytes.iter().all(|&byte| byte == content));
    }
}

#[test]
fn an_image_that_ends_early_is_not_installed() {
    let mut slot = Nor::new(5, BLOCK, 0xff);
    let image = signed(IMAGE, 7, 1, 1);
    let error = slot::install(&mut slot, &&image[..IMAGE + 100], SIZE).unwrap_err();
    assert!(matches!(error, SlotError::Image(_)), "{error:?}");
    assert!(!slot::is_taken(&slot).unwrap());
}

#[test]
fn flash_that_does_not_hold_what_is_written_is_noticed() {
    // Erasing does nothing to it.
    struct Worn(Nor);
    impl sphere_store::source::Source for Worn {
        type Error = PowerCut;
        fn size(&self) -> u32 {
            self.0.size()
        }
        fn read(&self, at: u32, buffer: &mut [u8]) -> Result<(), PowerCut> {
            self.0.read(at, buffer)
        }
    }
    impl sphere_store::source::Flash for Worn {
        fn block_size(&self) -> u32 {
            self.0.block_size()
        }
        fn erase(&mut self, _: u32) -> Result<(), PowerCut> {
            Ok(())
        }
        fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), PowerCut> {
            self.0.write(at, bytes)
        }
    }
    let mut slot = Worn(Nor::new(5, BLOCK, 0));
    let image = signed(IMAGE, 7, 1, 1);
    let error = slot::install(&mut slot, &image.as_slice(), SIZE).unwrap_err();
    assert_eq!(error, SlotError::NotWritten { at: 4 });
    assert!(!slot::is_taken(&slot).unwrap());
    let refusal = check::seal(&slot, &keys(&[&line(1)])).unwrap_err();
    assert!(matches!(refusal, Refusal::Seal(_)), "{refusal:?}");
}
