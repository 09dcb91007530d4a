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
    /// Write a sysctl that file modes allow to be written.
    WriteSysctl = 11,
    /// Trace a task that belongs to another user.
    Trace = 12,
}

/// What an application must have for an [`Operation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing more: it has been decided before.
    Nothing,
    /// An extended capability.
    Capability(Capability),
    /// It would have to be manager.
    Manager,
}

impl Need {
    /// The word in reports for who could do it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "none",
            Self::Capability(capability) => capability.name(),
            Self::Manager => "manager",
        }
    }
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
        Self::WriteSysctl,
        Self::Trace,
    ];

    /// `None` for an operation that is not known, which nobody is granted.
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.iter().copied().find(|&op| op as u32 == number)
    }

    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SetTime => "SetTime",
            Self::Reboot => "Reboot",
            Self::PowerOff => "PowerOff",
            Self::SetHostName => "SetHostName",
            Self::SeedRng => "SeedRng",
            Self::ReadLog => "ReadLog",
            Self::NetAddress => "NetAddress",
            Self::NetRoute => "NetRoute",
            Self::NetLinkState => "NetLinkState",
            Self::BindPort => "BindPort",
            Self::MountImage => "MountImage",
            Self::WriteSysctl => "WriteSysctl",
            Self::Trace => "Trace",
        }
    }

    /// What permits it to an application.
    pub fn needs(self) -> Need {
        Need::Capability(match self {
            Self::SetTime => Capability::SystemTime,
            Self::Reboot => Capability::ForceReboot,
            Self::PowerOff => Capability::ForcePowerDown,
            Self::SetHostName => Capability::HostName,
            Self::SeedRng => Capability::RngSeed,
            Self::ReadLog => Capability::KernelLog,
            Self::NetAddress | Self::NetRoute | Self::NetLinkState => Capability::NetworkConfig,
            Self::MountImage => Capability::MountImage,
            Self::Trace => Capability::Debug,
            // The port is judged when the socket is.
            Self::BindPort => return Need::Nothing,
            Self::WriteSysctl => return Need::Manager,
        })
    }

    /// Whether an application that has these extended capabilities may do it.
    pub fn is_permitted(self, capabilities: CapabilitySet) -> bool {
        match self.needs() {
            Need::Nothing => true,
            Need::Capability(capability) => capabilities.contains(capability),
            Need::Manager => false,
        }
    }
}

/// Whether file systems of this type are what applications come in: images that are only read.
pub fn is_image_type(name: &[u8]) -> bool {
    matches!(name, b"cramfs" | b"erofs" | b"romfs" | b"squashfs")
}
