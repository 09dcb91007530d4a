// SPDX-License-Identifier: GPL-2.0

//! From grants to the text of a launch file.

use sphere_core::launch::{Device, LaunchReason, LaunchSpec};

use crate::grants::{Grants, Resource};
use crate::manifest::Manifest;

/// Writes the launch file of an application.
pub fn write(manifest: &Manifest, grants: &Grants) -> Result<String, LaunchReason> {
    let devices: Vec<_> = grants
        .resources
        .keys()
        .filter_map(|resource| match resource {
            Resource::Device(node, kind) => Some(Device {
                kind: kind.device_type()?,
                node,
            }),
            _ => None,
        })
        .collect();
    let spec = LaunchSpec {
        entry: &manifest.entry_point,
        args: &manifest.arguments,
        devices: &devices,
        limits: grants.limits,
    };
    spec.check()?;
    Ok(spec.to_string())
}
