// SPDX-License-Identifier: GPL-2.0

//! All that can be asked for in the small world, and how the gates are asked for it.

use super::judge::Ask;
use super::said::{A, B, CAPABILITIES, NAMES};
use sphere_core::gate::Gate;
use sphere_core::gpio::{self, LineRequest};
use sphere_core::grants::Grants;
use sphere_core::net::{Class, Network, Sending, family, options::level};
use sphere_core::record::{MtdAccess, Protocol};
use sphere_core::uuid::Uuid;
use std::ffi::CString;
use std::net::IpAddr;

/// Lines inside, at the ends of and outside of all runs.
const LINES: [u32; 16] = [
    0,
    1,
    2,
    3,
    4,
    61,
    62,
    63,
    64,
    65,
    66,
    200,
    201,
    u32::MAX - 65,
    u32::MAX - 64,
    u32::MAX,
];
const PORTS: [u16; 9] = [1, 78, 79, 80, 81, 82, 90, 443, 65535];
const ADDRESSES: [&str; 12] = [
    "10.1.2.3",
    "10.2.2.3",
    "11.0.0.1",
    "127.0.0.1",
    "127.1.0.1",
    "128.0.0.1",
    "::1",
    "::2",
    "1::1",
    "fe80::1",
    "fe80::2",
    "febf::2",
];
const PROTOCOLS: [Protocol; 2] = [Protocol::Tcp, Protocol::Udp];
/// One that nothing is said about, too.
const PEERS: [Uuid; 3] = [A, B, Uuid([0xc; 16])];

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

/// What a judge of single things can decide.
pub fn asks() -> Vec<Ask> {
    let mut asks = Vec::new();
    for name in NAMES {
        asks.extend(LINES.map(|line| Ask::Input(name, line)));
        asks.extend(LINES.map(|line| Ask::Output(name, line)));
        asks.extend([Ask::Read(name), Ask::Write(name)]);
    }
    for protocol in PROTOCOLS {
        for port in PORTS {
            asks.push(Ask::Bind(protocol, port));
            asks.extend(ADDRESSES.map(|ip| Ask::Reach(protocol, address(ip), port)));
        }
    }
    asks.extend(PEERS.map(Ask::Talk));
    asks.extend(CAPABILITIES.map(Ask::Use));
    asks
}

/// Asks the gate for it.
pub fn decide(grants: &Grants<'_>, ask: &Ask) -> bool {
    let network = Network(*grants);
    match ask {
        Ask::Input(chip, line) => has_lines(grants, chip, &[*line], 1, 0),
        Ask::Output(chip, line) => has_lines(grants, chip, &[*line], 0, 1),
        Ask::Read(partition) => has_mtd(grants, partition, MtdAccess::Read),
        Ask::Write(partition) => has_mtd(grants, partition, MtdAccess::ReadWrite),
        Ask::Bind(protocol, port) => {
            let address = sockaddr(address("0.0.0.0"), *port);
            network.may_bind(*protocol, &address).is_ok()
        }
        Ask::Reach(protocol, ip, port) => network
            .may_connect(*protocol, &sockaddr(*ip, *port))
            .is_ok(),
        Ask::Talk(peer) => grants.lists(*peer),
        Ask::Use(capability) => grants.capabilities().contains(*capability),
    }
}

fn has_lines(grants: &Grants<'_>, chip: &str, offsets: &[u32], input: u64, output: u64) -> bool {
    let chip = CString::new(chip).expect("a name without zeros");
    let request = LineRequest {
        chip: &chip,
        offsets,
        input,
        output,
    };
    gpio::check(grants, &request).is_ok()
}

fn has_mtd(grants: &Grants<'_>, partition: &str, access: MtdAccess) -> bool {
    let partition = CString::new(partition).expect("a name without zeros");
    grants.has_mtd(&partition, access)
}

/// `struct sockaddr_in` or `struct sockaddr_in6`.
fn sockaddr(ip: IpAddr, port: u16) -> Vec<u8> {
    let number = match ip {
        IpAddr::V4(_) => family::INET,
        IpAddr::V6(_) => family::INET6,
    };
    let mut address = number.to_ne_bytes().to_vec();
    address.extend(port.to_be_bytes());
    match ip {
        IpAddr::V4(ip) => {
            address.extend(ip.octets());
            address.extend([0; 8]);
        }
        IpAddr::V6(ip) => {
            address.extend([0; 4]);
            address.extend(ip.octets());
            address.extend([0; 4]);
        }
    }
    address
}

/// Every decision that there is, also about what is not one single thing: whole windows, chips,
/// sockets, ports and addresses that stand for others. Which gate decides comes first.
pub fn decisions(grants: &Grants<'_>) -> Vec<(Gate, bool)> {
    let mut all = Vec::new();
    for ask in asks() {
        all.push((gate_of(&ask), decide(grants, &ask)));
    }
    for name in NAMES {
        let mut gpio = |decision| all.push((Gate::Gpio, decision));
        gpio(has_lines(grants, name, &[], 0, 0));
        for line in LINES {
            gpio(has_lines(grants, name, &[line], 0, 0));
            gpio(has_lines(grants, name, &[line, 0], 0b11, 0b01));
        }
    }
    for protocol in PROTOCOLS {
        let network = network_decisions(&Network(*grants), protocol);
        all.extend(
            network
                .into_iter()
                .map(|decision| (Gate::Network, decision)),
        );
    }
    all
}

fn gate_of(ask: &Ask) -> Gate {
    match ask {
        Ask::Input(..) | Ask::Output(..) => Gate::Gpio,
        Ask::Read(_) | Ask::Write(_) => Gate::Mtd,
        Ask::Bind(..) | Ask::Reach(..) => Gate::Network,
        Ask::Talk(_) => Gate::Peer,
        Ask::Use(_) => Gate::Capability,
    }
}

fn network_decisions(network: &Network<'_>, protocol: Protocol) -> Vec<bool> {
    let any = |port| sockaddr(address("0.0.0.0"), port);
    let mut all = vec![
        network.may_create(Class::Inet(protocol)),
        network.may_create(Class::Route),
        network.may_bind(protocol, &any(0)),
        network.may_get_port(protocol),
        // IP_ADD_MEMBERSHIP
        network.may_set(level::IP, 35),
    ];
    for port in PORTS {
        all.push(network.may_listen(protocol, port, true));
        all.push(network.may_accept(protocol, port));
        // What no prefix names but stands for others: any address, IPv4 in IPv6.
        for ip in ["0.0.0.0", "::", "::ffff:127.0.0.1", "::ffff:0.0.0.0"] {
            let to = sockaddr(address(ip), port);
            all.push(network.may_connect(protocol, &to));
            all.push(network.may_send_to(protocol, &to));
            let sending = Sending {
                port: 80,
                peer: Some(&to),
                name: None,
                is_part: false,
            };
            all.push(network.may_send_by_others(protocol, &sending));
        }
    }
    all.into_iter().map(|decision| decision.is_ok()).collect()
}
