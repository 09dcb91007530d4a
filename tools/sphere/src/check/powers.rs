// SPDX-License-Identifier: GPL-2.0

//! Capabilities that reach beyond the application that has them.

use sphere_core::capability::Capability;

use super::finding::{Code, Finding};
use crate::device::{Application, Device};
use crate::report::Problem;

/// What somebody who takes the application over could do with it. `None`: nothing that others
/// would notice.
pub(crate) fn reach(capability: Capability) -> Option<&'static str> {
    Some(match capability {
        Capability::SystemTime => "can set the clock, and make expired certificates valid again",
        Capability::TimeSyncConfig => "can choose who sets the clock",
        Capability::NetworkConfig => "can cut the device off, or route its traffic elsewhere",
        Capability::WifiConfig | Capability::EnterpriseWifiConfig => {
            "can connect the device to a network of an attacker"
        }
        Capability::DhcpService => "can tell other hosts who their router is",
        Capability::SntpService => "can set the clocks of other hosts",
        Capability::CertStore => "can change whom the device trusts",
        Capability::SoftwareUpdateDeferral => "can keep security updates away",
        Capability::HardwareAddressConfig => "can pose as another device of the network",
        Capability::ForceReboot => "can restart the device again and again",
        Capability::ForcePowerDown => "can switch the device off",
        Capability::SetPowerProfile => "can slow the device down",
        Capability::HostName => "can pose as another device to people",
        Capability::RngSeed => "can feed the random number generator, though not predict it",
        Capability::KernelLog => "can read addresses and the doings of all others",
        Capability::MountImage => "can bring programs of its own on the device",
        Capability::Debug => "can take other applications over, where the mode is development",
        Capability::UpdateImage => "can replace every program of the device, the kernel included",
        Capability::UpdateSecurityState => "can unlock the device",
        Capability::Sfs => "can decrypt the storage of every application",
        Capability::AttestationRuntime => "can speak for the device as a whole",
        Capability::PeripheralPinMapping => "can connect its pins to peripherals of others",
        Capability::ManageLogAndTelemetry => "can wipe out its traces",
        Capability::EnableCoredumps => "can have the memory of others written out",
        Capability::SystemEventNotifications
        | Capability::ReadNetworkProxyConfig
        | Capability::ResetMemoryWatermarks
        | Capability::HeapMemStats
        | Capability::QueryImageInfo
        | Capability::Postcode
        | Capability::RecordTelemetry => return None,
    })
}

pub fn findings(device: &Device) -> Vec<Finding> {
    device
        .applications
        .iter()
        .flat_map(|application| of_application(application, device))
        .collect()
}

fn of_application(application: &Application, device: &Device) -> Vec<Finding> {
    let of_board = device.board.extras(application.grants.component);
    let of_board = of_board.map(|extras| &extras.capability_places);
    let name = &application.manifest.name;
    application
        .manifest
        .capabilities
        .extended_places
        .iter()
        .chain(of_board.into_iter().flatten())
        .filter_map(|(capability, place)| {
            let reach = reach(*capability)?;
            let reason = format!("{capability}: {name:?}, once taken over, {reach}");
            Some(Finding {
                code: Code::BigPower,
                problem: Problem::remark(place, reason)
                    .hint("give it to an application that does little else"),
            })
        })
        .collect()
}
