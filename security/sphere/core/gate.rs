// SPDX-License-Identifier: GPL-2.0

//! Which of Sphere's questions is asked.

macro_rules! gates {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// One of the places where Sphere decides.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Gate {
            $($(#[$doc])* $variant,)*
        }

        impl Gate {
            /// All of them, by number.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// What it is called in reports, in securityfs and in policies.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

gates! {
    /// Slices of Linux' capabilities, and what only they reach.
    Capability = "capability",
    /// Changes of who a task is.
    Exec = "exec",
    /// GPIO lines.
    Gpio = "gpio",
    /// Mounting.
    Mount = "mount",
    /// Raw access to flash.
    Mtd = "mtd",
    /// All sockets but those of `AF_UNIX`.
    Network = "network",
    /// `AF_UNIX` sockets.
    Peer = "peer",
    /// Storage on flash.
    Storage = "storage",
    /// System calls that the static policy denies.
    Syscall = "syscall",
    /// Tracing, and all that the kernel permits by the rule for it.
    Trace = "trace",
}

impl Gate {
    /// The gate that has this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|gate| gate.name() == name)
    }

    /// Whether a policy may turn it off, and permissive mode lets pass what it denies.
    ///
    /// Without the others, a component gets more than it was granted. Without these two, it becomes
    /// another one.
    pub fn is_negotiable(self) -> bool {
        !matches!(self, Self::Exec | Self::Trace)
    }
}

/// A set of gates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GateSet(u16);

impl GateSet {
    /// No gate.
    pub const EMPTY: Self = Self(0);

    /// Whether `gate` is in the set.
    pub fn contains(self, gate: Gate) -> bool {
        self.0 & 1 << gate as u8 != 0
    }

    /// Puts `gate` into the set, or takes it out.
    pub fn set(&mut self, gate: Gate, is_member: bool) {
        let bit = 1 << gate as u8;
        self.0 = if is_member {
            self.0 | bit
        } else {
            self.0 & !bit
        };
    }

    /// Whether all that are in this set are in `other`.
    pub fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }
}
