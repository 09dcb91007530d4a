// SPDX-License-Identifier: GPL-2.0

//! What stands for `changes` in a kernel whose policy cannot be replaced: it says nothing.

use super::policy::{
    Span,
    Statement,
    Who, //
};
use core::{
    iter,
    marker::PhantomData, //
};

/// Nothing.
#[derive(Clone, Copy, Debug)]
pub struct Changes<'a>(PhantomData<&'a ()>);

impl<'a> Changes<'a> {
    /// Nothing.
    pub const NONE: Self = Self(PhantomData);

    /// Whatever the policy is.
    #[inline]
    pub fn new(_: Who, _text: &'a [u8], _: &'a [Statement]) -> Option<Self> {
        Some(Self::NONE)
    }

    /// Always.
    #[inline]
    pub fn is_empty(&self) -> bool {
        true
    }

    /// Nothing.
    #[inline]
    pub fn of(&self, _: Who) -> impl Iterator<Item = &'a Statement> + use<'a> {
        iter::empty()
    }

    /// There are no words.
    #[inline]
    pub fn names(&self, _: Span, _: &[u8]) -> bool {
        false
    }
}
