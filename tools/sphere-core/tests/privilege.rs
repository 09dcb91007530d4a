// SPDX-License-Identifier: GPL-2.0

//! Slices of Linux' large capabilities.

use sphere_core::{
    capability::{Capability, CapabilitySet},
    privilege::{Need, Operation},
};

/// The numbers are those of the kernel's header.
#[test]
fn operations_have_their_numbers() {
    for (number, &op) in (0..).zip(Operation::ALL) {
        assert_eq!(op as u32, number);
        assert_eq!(Operation::from_number(number), Some(op));
    }
    let after = Operation::ALL.len() as u32;
    for number in [after, u32::MAX] {
        assert_eq!(Operation::from_number(number), None);
    }
}

#[test]
fn an_operation_takes_its_capability_and_no_other() {
    for &op in Operation::ALL {
        let Need::Capability(needed) = op.needs() else {
            continue;
        };
        for &capability in Capability::ALL {
            let one = CapabilitySet::EMPTY.with(capability);
            assert_eq!(
                op.is_permitted(one),
                capability == needed,
                "{op:?} with {capability}"
            );
        }
        assert!(!op.is_permitted(CapabilitySet::EMPTY), "{op:?}");
    }
}

/// The port has been judged when the socket was.
#[test]
fn a_low_port_takes_no_capability() {
    assert_eq!(Operation::BindPort.needs(), Need::Nothing);
    assert!(Operation::BindPort.is_permitted(CapabilitySet::EMPTY));
}

#[test]
fn no_capability_writes_sysctls() {
    let all = Capability::ALL
        .iter()
        .fold(CapabilitySet::EMPTY, |set, &one| set.with(one));
    assert!(!Operation::WriteSysctl.is_permitted(all));
}
