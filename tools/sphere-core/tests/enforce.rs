// SPDX-License-Identifier: GPL-2.0

//! What of a record a kernel can enforce.

use sphere_core::{
    capability::{Capability, CapabilitySet},
    enforce::Gates,
    record::{
        GpioGrant, MtdAccess, MtdGrant, NetAction, NetRule, Prefix, Protocol, RECORD_MAX, Record,
        Spec,
    },
    uuid::Uuid,
};

const ALL: Gates = Gates {
    gpio: true,
    mtd: true,
    storage: true,
    ipv4: true,
    ipv6: true,
    peers: true,
    debug: true,
};

const EMPTY: Spec<'_> = Spec::new(Uuid([1; 16]));

const fn connect(prefix: Prefix) -> NetRule {
    NetRule {
        action: NetAction::Connect(prefix),
        protocol: Protocol::Tcp,
        port_first: 1,
        port_last: 1,
    }
}

/// One grant of each kind, with the kernel that lacks just its gate.
fn samples() -> [(Spec<'static>, Gates); 7] {
    const GPIO: &[GpioGrant<'_>] = &[GpioGrant {
        chip: "chip",
        base: 0,
        input: 1,
        output: 0,
    }];
    const MTD: &[MtdGrant<'_>] = &[MtdGrant {
        partition: "data",
        access: MtdAccess::Read,
    }];
    const V4: &[NetRule] = &[connect(Prefix::V4([192, 0, 2, 1], 32))];
    const V6: &[NetRule] = &[connect(Prefix::V6(
        [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        128,
    ))];
    const PEERS: &[Uuid] = &[Uuid([2; 16])];
    let spec = EMPTY;
    [
        (Spec { gpio: GPIO, ..spec }, Gates { gpio: false, ..ALL }),
        (Spec { mtd: MTD, ..spec }, Gates { mtd: false, ..ALL }),
        (
            Spec {
                storage_bytes: 1,
                ..spec
            },
            Gates {
                storage: false,
                ..ALL
            },
        ),
        (Spec { net: V4, ..spec }, Gates { ipv4: false, ..ALL }),
        (Spec { net: V6, ..spec }, Gates { ipv6: false, ..ALL }),
        (
            Spec {
                peers: PEERS,
                ..spec
            },
            Gates {
                peers: false,
                ..ALL
            },
        ),
        (
            Spec {
                capabilities: CapabilitySet::EMPTY.with(Capability::Debug),
                ..spec
            },
            Gates {
                debug: false,
                ..ALL
            },
        ),
    ]
}

fn record(spec: &Spec<'_>) -> Record<Vec<u8>> {
    let mut bytes = vec![0; RECORD_MAX];
    let size = spec.write(&mut bytes).unwrap();
    bytes.truncate(size);
    Record::parse(bytes).unwrap()
}

#[test]
fn a_grant_needs_its_gate() {
    for (i, (spec, without)) in samples().iter().enumerate() {
        let granting = record(spec);
        assert!(ALL.enforce(&granting), "sample {i}");
        assert!(!without.enforce(&granting), "sample {i}");
    }
}

#[test]
fn what_is_not_granted_needs_no_gate() {
    let samples = samples();
    for (i, (spec, _)) in samples.iter().enumerate() {
        for (j, (_, without)) in samples.iter().enumerate() {
            if i != j {
                assert!(without.enforce(&record(spec)), "sample {i}, kernel {j}");
            }
        }
    }
    let none = Gates {
        gpio: false,
        mtd: false,
        storage: false,
        ipv4: false,
        ipv6: false,
        peers: false,
        debug: false,
    };
    assert!(none.enforce(&record(&EMPTY)));
}

/// All other capabilities can be granted whatever the kernel has.
#[test]
fn only_debuggers_need_development_mode() {
    for &capability in Capability::ALL {
        let granting = record(&Spec {
            capabilities: CapabilitySet::EMPTY.with(capability),
            ..EMPTY
        });
        let without = Gates {
            debug: false,
            ..ALL
        };
        assert_eq!(
            without.enforce(&granting),
            capability != Capability::Debug,
            "{capability}"
        );
    }
}
