// SPDX-License-Identifier: GPL-2.0

//! How decisions become the answers of hooks.

use kernel::prelude::*;

/// `Ok` if `allowed`, else `denial`.
pub(crate) fn allow_if(allowed: bool, denial: Error) -> Result {
    if allowed {
        Ok(())
    } else {
        Err(denial)
    }
}
