// SPDX-License-Identifier: GPL-2.0

//! An image in a partition that is no slot.

use sphere_manage::{
    flash::{For, Partition},
    image_file::ImageFile,
    mtd,
    partitions::Partitions,
};
use sphere_store::{seal::image_size, slot};

/// Puts it there.
pub fn run(file: &str, partition: &str) -> Result<(), &'static str> {
    let list = Partitions::read_if_any();
    let number = mtd::numbers(list.as_slice(), partition).next();
    let number = number.ok_or("there is no such partition")?;
    let image = ImageFile::open(file).map_err(|_| "the image cannot be opened")?;
    let size = image_size(&image).map_err(|_| "this is no image")?;
    let mut partition =
        Partition::open(number, For::Writing).map_err(|_| "the partition cannot be opened")?;
    slot::install(&mut partition, &image, size).map_err(|_| "the image cannot be written")
}
