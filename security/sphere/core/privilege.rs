// SPDX-License-Identifier: GPL-2.0

//! Slices of Linux' large capabilities.

use super::capability::{
    Capability,
    CapabilitySet, //
};

/// An operation that stock Linux has behind a large capability. The discriminant is
/// `CAPABLE_OP_*` in `include/linux/capability.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Operation {
    /// Set or adjust the clock.
    SetTime = 0,
    /// Restart the machine.
    Reboot = 1,
    /// Halt the machine, or power it off.
    PowerOff = 2,
    /// Set the host name.
    SetHostName = 3,
    /// Feed the random number generator.
    SeedRng = 4,
    /// Read the kernel log.
    ReadLog = 5,
    /// Add and remove addresses of network interfaces.
    NetAddress = 6,
    /// Add and remove routes.
    NetRoute = 7,
    /// Bring network interfaces up and down.
    NetLinkState = 8,
    /// Bind to a port below 1024.
    BindPort = 9,
    /// Mount an image.
    MountImage = 10,
}

impl Operation {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::SetTime,
        Self::Reboot,
        Self::PowerOff,
        Self::SetHostName,
        Self::SeedRng,
        Self::ReadLog,
        Self::NetAddress,
        Self::NetRoute,
        Self::NetLinkState,
        Self::BindPort,
        Self::MountImage,
    ];

    /// `None` for an operation that is not known, which nobody is granted.
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.iter().copied().find(|&op| op as u32 == number)
    }

    /// The extended capability that permits it. `None` when it has been decided before: the port
    /// of a bind is looked at when the socket is.
    pub fn capability(self) -> Option<Capability> {
        Some(match self {
            Self::SetTime => Capability::SystemTime,
            Self::Reboot => Capability::ForceReboot,
            Self::PowerOff => Capability::ForcePowerDown,
            Self::SetHostName => Capability::HostName,
            Self::SeedRng => Capability::RngSeed,
            Self::ReadLog => Capability::KernelLog,
            Self::NetAddress | Self::NetRoute | Self::NetLinkState => Capability::NetworkConfig,
            Self::BindPort => return None,
            Self::MountImage => Capability::MountImage,
        })
    }

    /// Whether an application that has these extended capabilities may do it.
    pub fn is_permitted(self, capabilities: CapabilitySet) -> bool {
        self.capability()
            .map_or(true, |capability| capabilities.contains(capability))
    }
}
