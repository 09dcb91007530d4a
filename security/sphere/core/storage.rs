// SPDX-License-Identifier: GPL-2.0

//! What an application may have on flash, and how much it may write.

/// Bytes that may reach the flash in one boot for each byte of quota.
///
/// Flash that is sold for such devices stands 100,000 erasures of each block, and a file system
/// spreads them over all blocks. With a quota of 1/64 of the flash, an application that spends all
/// of its budget wears 16 of them: 6,250 boots, or 17 years with one a day. An application that
/// rewrites all of its storage once an hour does so for 42 days without a boot.
pub const WEAR_PER_BYTE: u64 = 1024;

/// The least budget of an application that has storage, in bytes: with a small quota, the headers
/// of the nodes are most of what is written.
pub const WEAR_MIN: u64 = 1 << 20;

/// What an application is about to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Whether the space is its own: that of the uid that it runs under.
    pub own: bool,
    /// Bytes that it has with [`Self::growth`], `None` if nobody counts.
    pub used: Option<u64>,
    /// Bytes that it takes more than before.
    pub growth: u64,
    /// Bytes that reach the flash.
    pub bytes: u64,
}

/// Why a write is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No storage is granted.
    None,
    /// The space is another's.
    Owner,
    /// The quota would be exceeded.
    Quota,
    /// The wear budget of this boot would be exceeded.
    Wear,
}

impl Refusal {
    /// The word for it in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Owner => "owner",
            Self::Quota => "quota",
            Self::Wear => "wear",
        }
    }
}

impl Charge {
    /// Decides whether an application with a quota of `storage` bytes may take the space.
    ///
    /// What belongs to another uid counts against the quota of that one, so nobody may let it grow
    /// or write to it. Who has too much already may still write where nothing grows.
    ///
    /// # Errors
    ///
    /// The reason against it; never [`Refusal::Wear`].
    pub fn check(&self, storage: u64) -> Result<(), Refusal> {
        if storage == 0 {
            return Err(Refusal::None);
        }
        if !self.own {
            return Err(Refusal::Owner);
        }
        let fits = self.growth == 0 || self.used.is_some_and(|used| used <= storage);
        fits.then_some(()).ok_or(Refusal::Quota)
    }
}

/// The bytes that may reach the flash in one boot on behalf of an application whose quota is
/// `storage` bytes.
pub fn wear_budget(storage: u64) -> u64 {
    if storage == 0 {
        return 0;
    }
    storage.saturating_mul(WEAR_PER_BYTE).max(WEAR_MIN)
}

/// What an application has written that had written `spent` bytes and writes `bytes` more. `None`
/// if its budget does not allow that.
pub fn spend(spent: u64, bytes: u64, storage: u64) -> Option<u64> {
    let spent = spent.checked_add(bytes)?;
    (spent <= wear_budget(storage)).then_some(spent)
}
