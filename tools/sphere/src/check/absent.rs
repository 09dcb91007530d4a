// SPDX-License-Identifier: GPL-2.0

//! What the board gives to components that are not there.

use super::finding::{Code, Finding};
use crate::device::Device;
use crate::report::Problem;

pub fn findings(device: &Device) -> Vec<Finding> {
    device
        .board
        .components()
        .filter(|(id, _)| {
            let mut applications = device.applications.iter();
            !applications.any(|application| application.grants.component == *id)
        })
        .map(|(id, extras)| Finding {
            code: Code::AbsentComponent,
            problem: Problem::warning(
                &extras.place,
                format!("the board gives this to component {id}, and no application here is it"),
            )
            .hint("check its manifest, too, or take the component out of the board file"),
        })
        .collect()
}
