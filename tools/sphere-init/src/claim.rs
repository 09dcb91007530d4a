// SPDX-License-Identifier: GPL-2.0

//! Whether a directory on the device is the application's that it is named after.

/// What to do about a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is the application's.
    Own,
    /// It is to be given to the application.
    Give,
    /// It belongs to somebody else, and stays so.
    Refuse,
}

impl Claim {
    /// `owner` has the directory, the application runs as `uid`. No application can make one there,
    /// so that one of user 0 is new: perhaps the power went off before it was given away.
    pub fn of(owner: u32, uid: u32) -> Self {
        match owner {
            owner if owner == uid => Self::Own,
            0 => Self::Give,
            _ => Self::Refuse,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_gets_what_is_somebody_elses() {
        assert_eq!(Claim::of(1001, 1001), Claim::Own);
        assert_eq!(Claim::of(0, 1001), Claim::Give);
        assert_eq!(Claim::of(1002, 1001), Claim::Refuse);
    }
}
