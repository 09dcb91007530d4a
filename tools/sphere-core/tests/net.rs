// SPDX-License-Identifier: GPL-2.0

//! The network: every rule allowed and refused, and a second judge to agree with.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use proptest::prelude::*;
use sphere_core::capability::{Capability, CapabilitySet};
use sphere_core::grants::Grants;
use sphere_core::net::{Class, Network, Refusal, Sending, family, is_beyond, kind, options::level};
use sphere_core::record::{Entry, NetAction, NetRule, Prefix, Protocol, RECORD_MAX, Record, Spec};
use sphere_core::uuid::Uuid;

use Protocol::{Tcp, Udp};

const PROTOCOLS: [Protocol; 2] = [Tcp, Udp];

fn record(mut rules: Vec<NetRule>, capabilities: CapabilitySet) -> Record<Vec<u8>> {
    rules.sort_by_key(bytes);
    rules.dedup();
    let spec = Spec {
        component: Uuid([1; 16]),
        tenant: "",
        name: "",
        capabilities,
        storage_bytes: 0,
        gpio: &[],
        mtd: &[],
        net: &rules,
        peers: &[],
    };
    let mut bytes = vec![0; RECORD_MAX];
    let size = spec.write(&mut bytes).expect("a valid record");
    bytes.truncate(size);
    Record::parse(bytes).expect("a valid record")
}

fn bytes(rule: &NetRule) -> [u8; NetRule::SIZE] {
    let mut bytes = [0; NetRule::SIZE];
    rule.write(&mut bytes).expect("a rule has room");
    bytes
}

fn granted(rules: &[NetRule]) -> Record<Vec<u8>> {
    record(rules.to_vec(), CapabilitySet::EMPTY)
}

fn bind(protocol: Protocol, port_first: u16, port_last: u16) -> NetRule {
    NetRule {
        action: NetAction::Bind,
        protocol,
        port_first,
        port_last,
    }
}

fn connect(protocol: Protocol, address: &str, prefix: u8, port: u16) -> NetRule {
    let prefix = match address.parse().expect("an address") {
        IpAddr::V4(address) => Prefix::V4(address.octets(), prefix),
        IpAddr::V6(address) => Prefix::V6(address.octets(), prefix),
    };
    NetRule {
        action: NetAction::Connect(prefix),
        protocol,
        port_first: port,
        port_last: port,
    }
}

/// `struct sockaddr_in` or `struct sockaddr_in6`.
fn sockaddr(endpoint: SocketAddr) -> Vec<u8> {
    let number = match endpoint {
        SocketAddr::V4(_) => family::INET,
        SocketAddr::V6(_) => family::INET6,
    };
    let mut address = number.to_ne_bytes().to_vec();
    address.extend(endpoint.port().to_be_bytes());
    match endpoint.ip() {
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

fn to(text: &str) -> Vec<u8> {
    sockaddr(text.parse().expect("an endpoint"))
}

/// The same bytes, of another family.
fn as_family(number: u16, mut address: Vec<u8>) -> Vec<u8> {
    address[..2].copy_from_slice(&number.to_ne_bytes());
    address
}

const CLASSES: [Class; 5] = [
    Class::Unix,
    Class::Inet(Tcp),
    Class::Inet(Udp),
    Class::Route,
    Class::Other,
];

#[test]
fn only_tcp_and_udp_are_what_rules_are_about() {
    for inet in [family::INET, family::INET6] {
        for (kind, protocol, class) in [
            (kind::STREAM, 0, Class::Inet(Tcp)),
            (kind::STREAM, 6, Class::Inet(Tcp)),
            (kind::DGRAM, 0, Class::Inet(Udp)),
            (kind::DGRAM, 17, Class::Inet(Udp)),
            (kind::STREAM, 17, Class::Other),
            (kind::DGRAM, 6, Class::Other),
            // SCTP, SMC, MPTCP
            (kind::STREAM, 132, Class::Other),
            (kind::STREAM, 256, Class::Other),
            (kind::STREAM, 262, Class::Other),
            // ICMP, UDP-Lite
            (kind::DGRAM, 1, Class::Other),
            (kind::DGRAM, 58, Class::Other),
            (kind::DGRAM, 136, Class::Other),
            (kind::RAW, 0, Class::Other),
            (kind::RAW, 6, Class::Other),
            (kind::RAW, 17, Class::Other),
            (kind::RAW, 255, Class::Other),
            // SOCK_SEQPACKET, SOCK_DCCP
            (5, 0, Class::Other),
            (6, 0, Class::Other),
            (0, 0, Class::Other),
        ] {
            assert_eq!(Class::of(inet, kind, protocol), class, "{kind} {protocol}");
        }
    }
    assert_eq!(Class::of(family::UNIX, kind::RAW, 0), Class::Unix);
    for kind in [kind::RAW, kind::DGRAM] {
        assert_eq!(Class::of(family::NETLINK, kind, 0), Class::Route);
        // NETLINK_SOCK_DIAG, NETLINK_KOBJECT_UEVENT, NETLINK_GENERIC
        for protocol in [4, 15, 16] {
            assert_eq!(Class::of(family::NETLINK, kind, protocol), Class::Other);
        }
    }
    for family in (0..50).filter(|family| ![1, 2, 10, 16].contains(family)) {
        for kind in 0..11 {
            assert_eq!(Class::of(family, kind, 0), Class::Other);
        }
    }
}

#[test]
fn without_a_record_there_is_nothing() {
    let nobody = Network(Grants::NOTHING);
    for class in CLASSES {
        assert_eq!(nobody.may_create(class).is_ok(), class == Class::Unix);
    }
    for protocol in PROTOCOLS {
        for port in ["0", "80"] {
            let address = to(&format!("0.0.0.0:{port}"));
            assert_eq!(nobody.may_bind(protocol, &address), Err(Refusal::Port));
        }
        let address = to("127.0.0.1:80");
        let refused = Err(Refusal::Endpoint);
        assert_eq!(nobody.may_connect(protocol, &address), refused);
        assert_eq!(nobody.may_send_to(protocol, &address), refused);
        assert_eq!(nobody.may_get_port(protocol), Err(Refusal::Port));
        assert_eq!(nobody.may_listen(protocol, 80, true), Err(Refusal::Port));
        assert_eq!(nobody.may_accept(protocol, 80), Err(Refusal::Port));
    }
}

#[test]
fn a_rule_opens_sockets_of_its_protocol() {
    for rule in [bind(Tcp, 1, 1), connect(Tcp, "::1", 128, 1)] {
        let record = granted(&[rule]);
        for class in CLASSES {
            let expected = matches!(class, Class::Unix | Class::Inet(Tcp));
            assert_eq!(
                Network(Grants::from(&record)).may_create(class).is_ok(),
                expected
            );
        }
    }
    let record = granted(&[bind(Udp, 1, 1)]);
    assert!(
        Network(Grants::from(&record))
            .may_create(Class::Inet(Udp))
            .is_ok()
    );
    assert!(
        Network(Grants::from(&record))
            .may_create(Class::Inet(Tcp))
            .is_err()
    );
}

/// Sockets to configure interfaces with, by which nothing can be sent.
#[test]
fn who_configures_the_network_is_no_client() {
    let record = record(vec![], CapabilitySet::EMPTY.with(Capability::NetworkConfig));
    let network = Network(Grants::from(&record));
    for class in CLASSES {
        let expected = matches!(class, Class::Unix | Class::Route | Class::Inet(Udp));
        assert_eq!(network.may_create(class).is_ok(), expected, "{class:?}");
    }
    assert!(network.may_bind(Udp, &to("0.0.0.0:0")).is_err());
    assert!(network.may_bind(Udp, &to("0.0.0.0:80")).is_err());
    assert!(network.may_connect(Udp, &to("127.0.0.1:80")).is_err());
    assert!(network.may_get_port(Udp).is_err());
    // All other capabilities together are no help.
    let others = Capability::ALL
        .iter()
        .filter(|&&capability| capability != Capability::NetworkConfig)
        .fold(CapabilitySet::EMPTY, |set, &other| set.with(other));
    let record = self::record(vec![], others);
    assert!(
        Network(Grants::from(&record))
            .may_create(Class::Route)
            .is_err()
    );
    assert!(
        Network(Grants::from(&record))
            .may_create(Class::Inet(Udp))
            .is_err()
    );
}

#[test]
fn ports_are_those_of_the_rule() {
    let record = granted(&[bind(Tcp, 80, 82), bind(Udp, 5353, 5353)]);
    let network = Network(Grants::from(&record));
    for (protocol, port, allowed) in [
        (Tcp, 79, false),
        (Tcp, 80, true),
        (Tcp, 81, true),
        (Tcp, 82, true),
        (Tcp, 83, false),
        (Tcp, 5353, false),
        (Udp, 5353, true),
        (Udp, 80, false),
        // Nobody here is a client.
        (Tcp, 0, false),
        (Udp, 0, false),
    ] {
        for ip in ["0.0.0.0", "192.0.2.1", "[::]", "[::1]", "[::ffff:1.2.3.4]"] {
            let address = to(&format!("{ip}:{port}"));
            assert_eq!(network.may_bind(protocol, &address).is_ok(), allowed);
        }
        // bind() on an IPv4 socket takes this.
        let address = as_family(family::UNSPEC, to(&format!("0.0.0.0:{port}")));
        assert_eq!(network.may_bind(protocol, &address).is_ok(), allowed);
        assert_eq!(network.may_listen(protocol, port, true).is_ok(), allowed);
        assert_eq!(network.may_accept(protocol, port).is_ok(), allowed);
        // A port of the kernel's choice may be the right one by chance.
        assert!(network.may_listen(protocol, port, false).is_err());
    }
}

#[test]
fn a_client_gets_a_port_of_its_protocol() {
    let record = granted(&[connect(Tcp, "192.0.2.1", 32, 443), bind(Udp, 53, 53)]);
    let network = Network(Grants::from(&record));
    assert!(network.may_bind(Tcp, &to("0.0.0.0:0")).is_ok());
    assert!(network.may_bind(Tcp, &to("[::]:0")).is_ok());
    assert!(network.may_get_port(Tcp).is_ok());
    assert!(network.may_listen(Tcp, 40000, true).is_err());
    assert!(network.may_bind(Udp, &to("0.0.0.0:0")).is_err());
    assert!(network.may_get_port(Udp).is_err());
}

#[test]
fn ipv4_is_ipv4_by_whatever_socket() {
    let record = granted(&[connect(Udp, "192.0.2.0", 24, 53), connect(Udp, "::", 0, 54)]);
    let network = Network(Grants::from(&record));
    for (address, allowed) in [
        ("192.0.2.1:53", true),
        ("192.0.3.1:53", false),
        ("192.0.2.1:54", false),
        ("[::ffff:192.0.2.1]:53", true),
        ("[::ffff:192.0.3.1]:53", false),
        // All IPv6 addresses are not all IPv4 addresses.
        ("[::ffff:192.0.2.1]:54", false),
        ("[::192.0.2.1]:53", false),
        ("[2001:db8::1]:54", true),
        ("[2001:db8::1]:53", false),
    ] {
        assert_eq!(network.may_connect(Udp, &to(address)).is_ok(), allowed);
        assert_eq!(network.may_send_to(Udp, &to(address)).is_ok(), allowed);
        assert!(network.may_connect(Tcp, &to(address)).is_err());
    }
}

/// What they become depends on the socket, and can change.
#[test]
fn unspecified_addresses_need_all_that_they_may_become() {
    let any_v4 = connect(Udp, "0.0.0.0", 0, 9);
    let any_v6 = connect(Udp, "::", 0, 9);
    let v4 = connect(Udp, "127.0.0.1", 32, 9);
    let half = connect(Udp, "0.0.0.0", 1, 9);
    let v6 = connect(Udp, "::1", 128, 9);
    for (rules, to_v4, to_v6) in [
        (vec![v4], false, false),
        (vec![v6], false, false),
        (vec![any_v6], false, false),
        (vec![any_v4], true, false),
        (vec![half, v6], false, true),
        (vec![v4, v6], false, true),
        (vec![any_v4, v6], true, true),
    ] {
        let record = granted(&rules);
        let network = Network(Grants::from(&record));
        let reaches = |text| network.may_connect(Udp, &to(text)).is_ok();
        assert_eq!(reaches("0.0.0.0:9"), to_v4, "{rules:?}");
        assert_eq!(reaches("[::ffff:0.0.0.0]:9"), to_v4, "{rules:?}");
        assert_eq!(reaches("[::]:9"), to_v6, "{rules:?}");
        assert!(!reaches("0.0.0.0:10"));
        assert!(!reaches("[::]:10"));
    }
}

#[test]
fn no_family_is_a_disconnect_or_ipv4() {
    let record = granted(&[
        connect(Udp, "192.0.2.1", 32, 53),
        connect(Tcp, "192.0.2.1", 32, 53),
    ]);
    let network = Network(Grants::from(&record));
    let unspec = |text| as_family(family::UNSPEC, to(text));
    for protocol in PROTOCOLS {
        let address = unspec("198.51.100.1:53");
        assert!(network.may_connect(protocol, &address).is_ok());
        assert!(network.may_connect(protocol, &address[..2]).is_ok());
    }
    assert!(network.may_send_to(Udp, &unspec("192.0.2.1:53")).is_ok());
    let address = unspec("198.51.100.1:53");
    assert_eq!(network.may_send_to(Udp, &address), Err(Refusal::Endpoint));
    assert_eq!(
        network.may_send_to(Udp, &address[..15]),
        Err(Refusal::Malformed)
    );
}

#[test]
fn nothing_is_read_beyond_an_address() {
    let record = granted(&[
        connect(Tcp, "0.0.0.0", 0, 0xffff),
        connect(Tcp, "::", 0, 0xffff),
        bind(Tcp, 1, 0xffff),
    ]);
    let network = Network(Grants::from(&record));
    for (address, least) in [(to("192.0.2.1:65535"), 16), (to("[2001:db8::1]:65535"), 24)] {
        for len in 0..=address.len() {
            let allowed = network.may_connect(Tcp, &address[..len]);
            let expected = if len < least {
                Err(Refusal::Malformed)
            } else {
                Ok(())
            };
            assert_eq!(allowed, expected, "{len}");
            assert_eq!(network.may_send_to(Tcp, &address[..len]), expected);
            assert_eq!(network.may_bind(Tcp, &address[..len]).is_ok(), len >= 16);
        }
        for number in [1, 3, 9, 17, 0xffff] {
            let address = as_family(number, address.clone());
            let refused = Err(Refusal::Family);
            assert_eq!(network.may_connect(Tcp, &address), refused);
            assert_eq!(network.may_send_to(Udp, &address), refused);
            assert_eq!(network.may_bind(Tcp, &address), refused);
        }
    }
}

#[test]
fn a_socket_of_the_manager_leads_where_the_rules_lead() {
    let record = granted(&[bind(Tcp, 80, 80), connect(Udp, "192.0.2.1", 32, 53)]);
    let network = Network(Grants::from(&record));
    let (good, bad) = (to("192.0.2.1:53"), to("192.0.2.2:53"));
    let sending = |port, peer, name| Sending {
        port,
        peer,
        name,
        is_part: false,
    };
    let may =
        |protocol, sending: Sending<'_>| network.may_send_by_others(protocol, &sending).is_ok();
    assert!(may(Udp, sending(9, Some(&good), None)));
    assert!(!may(Udp, sending(9, Some(&bad), None)));
    assert!(!may(Udp, sending(9, None, None)));
    assert!(may(Udp, sending(9, None, Some(&good))));
    assert!(may(Udp, sending(9, Some(&bad), Some(&good))));
    assert!(!may(Udp, sending(9, Some(&good), Some(&bad))));
    let unspec = as_family(family::UNSPEC, good.clone());
    assert!(!may(Udp, sending(9, Some(&bad), Some(&unspec))));
    assert!(!may(
        Udp,
        Sending {
            is_part: true,
            ..sending(9, Some(&good), None)
        }
    ));
    // Somebody has connected to the port that is granted.
    assert!(may(Tcp, sending(80, Some(&bad), None)));
    assert!(!may(Tcp, sending(81, Some(&bad), None)));
    assert!(!may(Tcp, sending(80, None, None)));
    assert!(!may(Tcp, sending(80, Some(&bad), Some(&bad))));
}

#[test]
fn options_that_lead_around_the_rules_are_refused() {
    let record = granted(&[connect(Udp, "192.0.2.1", 32, 53)]);
    let client = Network(Grants::from(&record));
    let record = granted(&[bind(Udp, 5353, 5353)]);
    let server = Network(Grants::from(&record));
    for (level, option, allowed) in [
        (level::SOCKET, 2, true),   // SO_REUSEADDR
        (level::SOCKET, 15, true),  // SO_REUSEPORT
        (level::SOCKET, 26, false), // SO_ATTACH_FILTER
        (level::SOCKET, 27, false), // SO_DETACH_FILTER
        (level::SOCKET, 36, false), // SO_MARK
        (level::SOCKET, 50, false), // SO_ATTACH_BPF
        (level::SOCKET, 51, false), // SO_ATTACH_REUSEPORT_CBPF
        (level::IP, 1, true),       // IP_TOS
        (level::IP, 4, false),      // IP_OPTIONS
        (level::IP, 15, false),     // IP_FREEBIND
        (level::IP, 19, false),     // IP_TRANSPARENT
        (level::IP, 51, false),     // IP_LOCAL_PORT_RANGE
        (level::IPV6, 26, true),    // IPV6_V6ONLY
        (level::IPV6, 1, false),    // IPV6_ADDRFORM
        (level::IPV6, 6, false),    // IPV6_2292PKTOPTIONS
        (level::IPV6, 32, false),   // IPV6_FLOWLABEL_MGR
        (level::IPV6, 57, false),   // IPV6_RTHDR
        (level::TCP, 1, true),      // TCP_NODELAY
        (level::TCP, 19, false),    // TCP_REPAIR
        (level::TCP, 31, false),    // TCP_ULP
        (level::UDP, 103, true),    // UDP_SEGMENT
        (level::UDP, 100, false),   // UDP_ENCAP
        (level::UDP, 128, false),
        (level::UDP, 129, false),
        (level::UDP, i32::MAX, false),
        (level::UDP, -1, false),
        (level::SOCKET, i32::MIN, false),
        (-1, 1, false),
        (255, 1, false), // SOL_RAW
        (263, 1, false), // SOL_PACKET
        (282, 1, false), // SOL_TLS
    ] {
        for network in [&client, &server] {
            assert_eq!(
                network.may_set(level, option).is_ok(),
                allowed,
                "{level} {option}"
            );
        }
    }
    // Joining is for who receives.
    for (level, option) in [(level::IP, 35), (level::IP, 42), (level::IPV6, 20)] {
        assert!(server.may_set(level, option).is_ok());
        assert!(client.may_set(level, option).is_err());
    }
}

#[test]
fn control_messages_that_lead_elsewhere_are_refused() {
    let network = Network(Grants::NOTHING);
    for (level, kind, allowed) in [
        (level::SOCKET, 37, true), // SO_TIMESTAMPING
        (level::IP, 8, true),      // IP_PKTINFO
        (level::IP, 7, false),     // IP_RETOPTS
        (level::UDP, 103, true),   // UDP_SEGMENT
        (level::IPV6, 50, true),   // IPV6_PKTINFO
        (level::IPV6, 57, false),  // IPV6_RTHDR
        (level::IPV6, 5, false),   // IPV6_2292RTHDR
        (level::IPV6, 11, false),  // IPV6_FLOWINFO
        (level::TCP, 1, false),
        (-1, 8, false),
    ] {
        assert_eq!(network.may_carry(level, kind).is_ok(), allowed);
    }
}

#[test]
fn grants_beyond_the_kernel_are_found() {
    let v4 = connect(Tcp, "192.0.2.1", 32, 1);
    let v6 = connect(Tcp, "2001:db8::1", 128, 1);
    for (rules, without_inet, without_v6) in [
        (vec![], false, false),
        (vec![bind(Tcp, 1, 1)], true, false),
        (vec![v4], true, false),
        (vec![v6], true, true),
        (vec![bind(Udp, 1, 1), v4, v6], true, true),
    ] {
        let record = granted(&rules);
        assert_eq!(is_beyond(&record, false, false), without_inet);
        assert_eq!(is_beyond(&record, true, false), without_v6);
        assert!(!is_beyond(&record, true, true));
    }
}

/// Few addresses and ports, so that they meet.
fn v4() -> impl Strategy<Value = Ipv4Addr> {
    (0u32..8).prop_map(|low| Ipv4Addr::from(0xc000_0200 | low))
}

fn v6() -> impl Strategy<Value = Ipv6Addr> {
    prop_oneof![
        (0u128..8).prop_map(|low| Ipv6Addr::from(0x2001_0db8 << 96 | low)),
        v4().prop_map(|v4| v4.to_ipv6_mapped()),
    ]
}

fn ip() -> impl Strategy<Value = IpAddr> {
    prop_oneof![v4().prop_map(IpAddr::V4), v6().prop_map(IpAddr::V6)]
}

fn protocols() -> impl Strategy<Value = Protocol> {
    prop_oneof![Just(Tcp), Just(Udp)]
}

prop_compose! {
    fn rule()(
        ip in ip(),
        short in 0u8..=4,
        is_bind: bool,
        protocol in protocols(),
        one in 1u16..8,
        other in 1u16..8,
    ) -> NetRule {
        let action = match ip.to_canonical() {
            _ if is_bind => NetAction::Bind,
            IpAddr::V4(ip) => {
                let network = u32::from(ip) >> short << short;
                NetAction::Connect(Prefix::V4(network.to_be_bytes(), 32 - short))
            }
            IpAddr::V6(ip) => {
                let network = u128::from(ip) >> short << short;
                NetAction::Connect(Prefix::V6(network.to_be_bytes(), 128 - short))
            }
        };
        NetRule { action, protocol, port_first: one.min(other), port_last: one.max(other) }
    }
}

/// Whether the first bits of both are the same: bit by bit.
fn shares(one: &[u8], other: &[u8], prefix: u8) -> bool {
    let bit = |bytes: &[u8], i: usize| bytes[i / 8] >> (7 - i % 8) & 1;
    one.len() == other.len() && (0..usize::from(prefix)).all(|i| bit(one, i) == bit(other, i))
}

fn second_judge(rules: &[NetRule], protocol: Protocol, to: SocketAddr) -> bool {
    rules.iter().any(|rule| {
        rule.protocol == protocol
            && rule.port_first <= to.port()
            && to.port() <= rule.port_last
            && match (rule.action, to.ip().to_canonical()) {
                (NetAction::Connect(Prefix::V4(network, prefix)), IpAddr::V4(ip)) => {
                    shares(&network, &ip.octets(), prefix)
                }
                (NetAction::Connect(Prefix::V6(network, prefix)), IpAddr::V6(ip)) => {
                    shares(&network, &ip.octets(), prefix)
                }
                _ => false,
            }
    })
}

proptest! {
    #[test]
    fn two_judges_agree_about_endpoints(
        rules in proptest::collection::vec(rule(), 0..8),
        protocol in protocols(),
        ip in ip(),
        port in 0u16..9,
    ) {
        let record = granted(&rules);
        let network = Network(Grants::from(&record));
        let to = SocketAddr::new(ip, port);
        let expected = second_judge(&rules, protocol, to);
        prop_assert_eq!(network.may_connect(protocol, &sockaddr(to)).is_ok(), expected);
        prop_assert_eq!(network.may_send_to(protocol, &sockaddr(to)).is_ok(), expected);
    }

    #[test]
    fn two_judges_agree_about_ports(
        rules in proptest::collection::vec(rule(), 0..8),
        protocol in protocols(),
        ip in ip(),
        port in 0u16..9,
    ) {
        let record = granted(&rules);
        let network = Network(Grants::from(&record));
        let of_protocol = || rules.iter().filter(|rule| rule.protocol == protocol);
        let binds = of_protocol().any(|rule| {
            rule.action == NetAction::Bind && rule.port_first <= port && port <= rule.port_last
        });
        let is_client = of_protocol().any(|rule| rule.action != NetAction::Bind);
        let address = sockaddr(SocketAddr::new(ip, port));
        let expected = binds || (port == 0 && is_client);
        prop_assert_eq!(network.may_bind(protocol, &address).is_ok(), expected);
        prop_assert_eq!(network.may_listen(protocol, port, true).is_ok(), binds);
        let creates = network.may_create(Class::Inet(protocol)).is_ok();
        prop_assert_eq!(creates, of_protocol().count() != 0);
    }

    /// What can be reached can be reached by a socket that was allowed; bytes of any kind do no
    /// harm.
    #[test]
    fn no_bytes_reach_anything_without_a_rule(
        address in proptest::collection::vec(any::<u8>(), 0..130),
        protocol in protocols(),
    ) {
        let record = granted(&[]);
        let network = Network(Grants::from(&record));
        prop_assert!(network.may_bind(protocol, &address).is_err());
        prop_assert!(network.may_send_to(Udp, &address).is_err());
        let is_disconnect = address.starts_with(&[0, 0]);
        prop_assert_eq!(network.may_connect(protocol, &address).is_ok(), is_disconnect);
    }

    #[test]
    fn reading_quickly_is_reading(rule in rule()) {
        let bytes = bytes(&rule);
        prop_assert_eq!(NetRule::read(&bytes), Some(rule));
        prop_assert_eq!(NetRule::parse(&bytes), Ok(rule));
    }
}
