// SPDX-License-Identifier: GPL-2.0

//! What is in the flash, in short.

use core::time::Duration;
use sphere_device::clock;
use sphere_manage::{
    flash::{For, Partition},
    mtd,
    partitions::Partitions,
};
use sphere_store::source::{Source, pieces};

/// Partitions that are looked at.
const MAX: usize = 16;
/// How long to wait for a file system to come to rest, and how often.
const PAUSE: Duration = Duration::from_millis(500);
const PAUSES: u32 = 20;

/// A number for each partition, which is another one for another content.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Sums([Option<(u32, u64)>; MAX]);

impl Sums {
    /// Reads all partitions.
    pub fn read() -> Result<Self, &'static str> {
        let list = Partitions::read().map_err(|_| "/proc/mtd cannot be read")?;
        let mut sums = Self([None; MAX]);
        let mut places = sums.0.iter_mut();
        for (number, _) in mtd::partitions(list.as_slice()) {
            let place = places.next().ok_or("there are too many partitions")?;
            *place = Some((number, sum(number)?));
        }
        Ok(sums)
    }

    /// Reads all partitions when nobody writes to them.
    pub fn at_rest() -> Result<Self, &'static str> {
        let mut last = Self::read()?;
        for _ in 0..PAUSES {
            clock::sleep(PAUSE);
            let now = Self::read()?;
            if now == last {
                return Ok(now);
            }
            last = now;
        }
        Err("the flash does not come to rest")
    }
}

/// FNV-1a.
fn sum(number: u32) -> Result<u64, &'static str> {
    let partition =
        Partition::open(number, For::Reading).map_err(|_| "a partition cannot be opened")?;
    let mut sum = 0xcbf2_9ce4_8422_2325_u64;
    pieces(&partition, 0, partition.size(), |_, piece| {
        for byte in piece {
            sum = (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    })
    .map_err(|_| "a partition cannot be read")?;
    Ok(sum)
}
