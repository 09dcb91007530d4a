// SPDX-License-Identifier: GPL-2.0

//! Signed application images, and the slots of flash that they lie in.
//!
//! An image is followed by a [`seal`], which says of which application it is and in which version,
//! and is signed. [`check`] says whether a device may run it: by the [`keys`] that the device
//! trusts, and by the version that the [`registry`] knows, which [`recovery`] makes anew. A [`slot`]
//! is a part of flash for one image; [`slot::install`] and [`slot::remove`] change it so that at any
//! moment, a device that loses power has the whole image or none. [`choice`] says which of the
//! images is to run.
//!
//! Nothing here knows of files or of Linux: whoever has bytes is a [`source::Source`].

#![no_std]
#![forbid(unsafe_code)]

pub mod check;
pub mod choice;
pub mod hex;
pub mod keys;
pub mod name;
pub mod recovery;
pub mod registry;
pub mod seal;
pub mod slot;
pub mod source;
