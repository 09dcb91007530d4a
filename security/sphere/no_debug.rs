// SPDX-License-Identifier: GPL-2.0

//! What stands for `debug` in a kernel without development mode: nobody is a debugger.

use crate::{
    cred::Blob,
    model::debug::Refusal, //
};
use kernel::lsm::Opinion;

#[inline]
pub(crate) fn may_trace(_: &Blob, _: &Blob, _takes_file: bool) -> Result<(), Refusal> {
    Err(Refusal::Identity)
}

#[inline]
pub(crate) fn opinion(_: &Blob, _is_init: bool) -> Opinion {
    Opinion::Indifferent
}

#[inline]
pub(crate) fn end_debuggers() {}
