// SPDX-License-Identifier: GPL-2.0

//! GPIO lines.

use crate::{
    answer::allow_if,
    cred::Grants,
    model::gpio::{
        check,
        LineRequest, //
    },
    Sphere, //
};
use kernel::{
    cred::Credential,
    lsm::{
        Context,
        GpioLines, //
    },
    prelude::*, //
};

/// Decides whether the current task may have lines of a chip.
///
/// # Errors
///
/// `EACCES`.
pub(crate) fn lines(lsm: &Context<Sphere>, lines: &GpioLines<'_>) -> Result {
    let request = LineRequest {
        chip: lines.label,
        offsets: lines.offsets,
        input: lines.input,
        output: lines.output,
    };
    match lsm.current_blob().grants() {
        Grants::All => Ok(()),
        Grants::Those(record) => check(record, &request).map_err(|_| EACCES),
        Grants::Nothing => Err(EACCES),
    }
}

/// Decides whether the current task may use lines that `opener` requested.
///
/// # Errors
///
/// `EACCES`.
pub(crate) fn file(lsm: &Context<Sphere>, opener: &Credential) -> Result {
    let (user, owner) = (lsm.current_blob(), lsm.cred_blob(opener));
    // Nearly always who requested them uses them; roles are compared by id.
    let allowed = user.has_identity_of(owner) || user.role().may_use_lines_of(owner.role());
    allow_if(allowed, EACCES)
}
