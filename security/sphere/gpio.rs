// SPDX-License-Identifier: GPL-2.0

//! GPIO lines.

use crate::{
    cred::Blob,
    mode,
    model::{
        gate::Gate,
        gpio::{
            check,
            LineRequest,
            Refused, //
        },
        grants::Grants, //
    },
    report::denied,
    Sphere, //
};
use kernel::{
    cred::Credential,
    lsm::{
        Context,
        GpioLines, //
    },
    prelude::*,
    sync::rcu, //
};

/// Decides whether the current task may have lines of a chip.
///
/// # Errors
///
/// `EACCES`.
pub(crate) fn lines(lsm: &Context<Sphere>, lines: &GpioLines<'_>) -> Result {
    decide(lsm.current_blob(), lines, None)
}

/// Decides whether the current task may use lines that `opener` requested: whether they are its
/// own, and, if the policy has changed, whether they still are.
///
/// # Errors
///
/// `EACCES`.
pub(crate) fn file(lsm: &Context<Sphere>, opener: &Credential, lines: &GpioLines<'_>) -> Result {
    let (user, owner) = (lsm.current_blob(), lsm.cred_blob(opener));
    // Nearly always who requested them uses them; roles are compared by id.
    if user.has_identity_of(owner) || user.role().may_use_lines_of(owner.role()) {
        if mode::is_settled() {
            return Ok(());
        }
        return decide(user, lines, Some("use"));
    }
    // All of them: nothing of what another requested is granted.
    let lines = Refused {
        grants: &Grants::NOTHING,
        request: &request_of(lines),
    };
    denied(Gate::Gpio, format_args!("{lines}"), "use", "owner", EACCES)
}

fn request_of<'a>(lines: &GpioLines<'a>) -> LineRequest<'a> {
    LineRequest {
        chip: lines.label(),
        offsets: lines.offsets,
        input: lines.input,
        output: lines.output,
    }
}

/// Decides about lines of a chip. `right` is what they are wanted for, if that is not what
/// `lines` says.
fn decide(blob: &Blob, lines: &GpioLines<'_>, right: Option<&str>) -> Result {
    let request = request_of(lines);
    let guard = rcu::read_lock();
    let Some(grants) = blob.grants(&guard) else {
        return Ok(());
    };
    check(&grants, &request).or_else(|denial| {
        let lines = Refused {
            grants: &grants,
            request: &request,
        };
        denied(
            Gate::Gpio,
            format_args!("{lines}"),
            right.unwrap_or(request.right()),
            denial.name(),
            EACCES,
        )
    })
}
