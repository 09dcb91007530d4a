// SPDX-License-Identifier: GPL-2.0

//! Extended capabilities.

use core::fmt;

macro_rules! capabilities {
    ($($(#[$doc:meta])* $variant:ident = $bit:literal,)*) => {
        /// One extended capability. The discriminant is its bit number, `SPHERE_CAP_*` in
        /// `include/uapi/linux/sphere.h`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Capability {
            $($(#[$doc])* $variant = $bit,)*
        }

        impl Capability {
            /// All that are defined, in the order of their bits.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name, as manifests write it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($variant),)*
                }
            }
        }
    };
}

capabilities! {
    /// Set the system clock.
    SystemTime = 0,
    /// Choose the time servers.
    TimeSyncConfig = 1,
    /// Configure network interfaces.
    NetworkConfig = 2,
    /// Configure wireless networks.
    WifiConfig = 3,
    /// Configure wireless networks that use certificates.
    EnterpriseWifiConfig = 4,
    /// Run a DHCP server.
    DhcpService = 5,
    /// Run a time server.
    SntpService = 6,
    /// Manage the certificate store.
    CertStore = 7,
    /// Defer software updates.
    SoftwareUpdateDeferral = 8,
    /// Receive system events.
    SystemEventNotifications = 9,
    /// Read the network proxy's settings.
    ReadNetworkProxyConfig = 10,
    /// Set hardware addresses of network interfaces.
    HardwareAddressConfig = 11,
    /// Reset the peak memory counters.
    ResetMemoryWatermarks = 12,
    /// Read heap statistics.
    HeapMemStats = 13,
    /// Reboot the device.
    ForceReboot = 14,
    /// Power the device down.
    ForcePowerDown = 15,
    /// Choose the power profile.
    SetPowerProfile = 16,
    /// Set the host name.
    HostName = 17,
    /// Feed the random number generator.
    RngSeed = 18,
    /// Read the kernel log.
    KernelLog = 19,
    /// Mount an application image.
    MountImage = 20,
    /// Trace other applications, in development mode: what makes a debugger.
    Debug = 21,
    /// Write system images.
    UpdateImage = 32,
    /// Query installed images.
    QueryImageInfo = 33,
    /// Change the security state of the device.
    UpdateSecurityState = 34,
    /// Use the storage key.
    Sfs = 35,
    /// Use run-time attestation.
    AttestationRuntime = 36,
    /// Write boot progress codes.
    Postcode = 37,
    /// Change the mapping of peripherals to pins.
    PeripheralPinMapping = 38,
    /// Record telemetry.
    RecordTelemetry = 39,
    /// Manage logs and telemetry.
    ManageLogAndTelemetry = 40,
    /// Turn core dumps on.
    EnableCoredumps = 41,
}

impl Capability {
    /// The capability with a bit number. `None` when it is not defined.
    pub fn from_bit(bit: u32) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|capability| capability.bit() == bit)
    }

    /// The capability that has this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|capability| capability.name() == name)
    }

    /// The bit number in [`CapabilitySet`].
    pub const fn bit(self) -> u32 {
        self as u32
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of extended capabilities. Holds no bit that no [`Capability`] names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CapabilitySet(u64);

impl CapabilitySet {
    /// No capability.
    pub const EMPTY: Self = Self(0);

    const DEFINED: u64 = {
        let mut bits = 0;
        let mut i = 0;
        while i < Capability::ALL.len() {
            bits |= 1 << Capability::ALL[i].bit();
            i += 1;
        }
        bits
    };

    /// `None` when a bit is set that no [`Capability`] names.
    pub const fn from_bits(bits: u64) -> Option<Self> {
        if bits & !Self::DEFINED == 0 {
            Some(Self(bits))
        } else {
            None
        }
    }

    /// The set as `struct sphere_record` holds it.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// This set and `capability`.
    #[must_use]
    pub const fn with(self, capability: Capability) -> Self {
        Self(self.0 | 1 << capability.bit())
    }

    /// This set less those that are in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// This set and those that are in `other`.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all that are in this set are in `other`.
    pub const fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Whether `capability` is in the set.
    pub const fn contains(self, capability: Capability) -> bool {
        self.0 & 1 << capability.bit() != 0
    }

    /// The members in the order of their bits.
    pub fn iter(self) -> impl Iterator<Item = Capability> {
        Capability::ALL
            .iter()
            .copied()
            .filter(move |&capability| self.contains(capability))
    }
}
