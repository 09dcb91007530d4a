// SPDX-License-Identifier: GPL-2.0

//! What a record looks like in words.

use sphere_core::{
    capability::{Capability, CapabilitySet},
    describe::Description,
    record::{
        GpioGrant, HEADER_SIZE, Kind, MtdAccess, MtdGrant, NetAction, NetRule, Prefix, Protocol,
        RECORD_MAX, Record, Spec, bare,
    },
    uuid::Uuid,
};

const NOTHING: Spec<'_> = Spec::new(Uuid([0x11; 16]));

fn words(spec: &Spec<'_>) -> String {
    let mut bytes = [0; RECORD_MAX];
    let size = spec.write(&mut bytes).unwrap();
    let record = Record::parse(&bytes[..size]).unwrap();
    Description(&record).to_string()
}

#[test]
fn says_everything_that_is_granted() {
    let port = |action, protocol, port_first, port_last| NetRule {
        action,
        protocol,
        port_first,
        port_last,
    };
    let host = NetAction::Connect(Prefix::V4([192, 0, 2, 7], 32));
    let network = NetAction::Connect(Prefix::V6([0; 16], 0));
    let spec = Spec {
        tenant: "building-7",
        name: "gas-valve",
        capabilities: CapabilitySet::EMPTY
            .with(Capability::SystemTime)
            .with(Capability::ForceReboot),
        storage_bytes: 8192,
        gpio: &[
            GpioGrant {
                chip: "gpio-sim.0",
                base: 0,
                input: 0b1_0111,
                output: 0b1_1000,
            },
            GpioGrant {
                chip: "gpio-sim.1",
                base: 64,
                input: u64::MAX,
                output: 0,
            },
        ],
        mtd: &[MtdGrant {
            partition: "calibration",
            access: MtdAccess::Read,
        }],
        net: &[
            port(NetAction::Bind, Protocol::Tcp, 8080, 8080),
            port(NetAction::Bind, Protocol::Udp, 5000, 5010),
            port(host, Protocol::Tcp, 1, 65535),
            port(network, Protocol::Udp, 123, 123),
        ],
        peers: &[Uuid([0x22; 16])],
        ..NOTHING
    };
    let expected = "\
gas-valve
  component      11111111-1111-1111-1111-111111111111
  tenant         building-7
  GPIO lines     gpio-sim.0: 4 (input or output), 0-2 (input), 3 (output), \
gpio-sim.1: 64-127 (input)
  flash          calibration (read)
  own storage    8 KiB
  listens on     TCP port 8080, UDP ports 5000-5010
  connects to    TCP 192.0.2.7 any port, UDP any IPv6 address port 123
  talks to       22222222-2222-2222-2222-222222222222
  capabilities   SystemTime, ForceReboot";
    assert_eq!(words(&spec), expected);
}

#[test]
fn says_that_nothing_is_granted() {
    let expected = "\
an application without a name
  component      11111111-1111-1111-1111-111111111111
  granted        compute and memory, nothing else";
    assert_eq!(words(&NOTHING), expected);
}

#[test]
fn lines_at_the_end_of_the_numbers() {
    let base = u32::MAX - 63;
    let spec = Spec {
        gpio: &[GpioGrant {
            chip: "chip",
            base,
            input: 1 << 63 | 1,
            output: 0,
        }],
        ..NOTHING
    };
    let expected = format!("chip: {base} {} (input)", u32::MAX);
    assert!(words(&spec).contains(&expected));
}

#[test]
fn names_the_other_kinds() {
    for (kind, expected) in [(Kind::Manager, "the manager"), (Kind::None, "no identity")] {
        let bytes: [u8; HEADER_SIZE] = bare(kind);
        let record = Record::parse(&bytes[..]).unwrap();
        assert!(Description(&record).to_string().starts_with(expected));
    }
}
