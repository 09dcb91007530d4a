// SPDX-License-Identifier: GPL-2.0

//! What stands for `policy` in a kernel whose policy cannot be replaced: it changes nothing about
//! what records grant.

use crate::model::{
    gate::Gate,
    grants::Grants,
    policy::{
        PolicyError,
        Reports,
        Settings,
        DEFAULT, //
    },
    record::Record,
    uuid::Uuid, //
};
use core::ops::Deref;
use kernel::{
    prelude::*,
    sync::rcu::Guard, //
};

/// Refuses any policy.
///
/// # Errors
///
/// `EOPNOTSUPP`.
#[inline]
pub(crate) fn replace(_text: &[u8]) -> Result {
    Err(EOPNOTSUPP)
}

#[inline]
pub(crate) fn with_text(write: &dyn Fn(&str)) {
    write(DEFAULT);
}

#[inline]
pub(crate) fn last_error() -> Option<PolicyError> {
    None
}

#[inline]
pub(crate) fn is_off(_: Gate) -> bool {
    false
}

#[inline]
pub(crate) fn reports() -> Reports {
    Settings::DEFAULT.reports
}

#[inline]
pub(crate) fn grants<'a, B>(record: Option<&'a Record<B>>, _: &'a Guard) -> Grants<'a>
where
    B: Deref<Target = [u8]>,
{
    record.map_or(Grants::NOTHING, Grants::from)
}

#[inline]
pub(crate) fn with_statements(_component: Uuid, _write: &dyn Fn(&str)) {}

#[inline]
pub(crate) fn denies_peer(_component: Uuid, _peer: Uuid, _: &Guard) -> bool {
    false
}
