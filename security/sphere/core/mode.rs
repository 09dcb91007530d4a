// SPDX-License-Identifier: GPL-2.0

//! What happens with denials, and what a debugger may do.

/// A mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Mode {
    /// What is denied is refused.
    Enforcing = 0,
    /// What is denied is reported, and let pass.
    Permissive = 1,
    /// As enforcing, and debuggers may trace other applications.
    Development = 2,
}

impl Mode {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Enforcing, Self::Permissive, Self::Development];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enforcing => "enforcing",
            Self::Permissive => "permissive",
            Self::Development => "development",
        }
    }

    /// The mode that this is the word for.
    pub fn from_name(name: &[u8]) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|mode| mode.name().as_bytes() == name)
    }
}
