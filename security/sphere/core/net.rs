// SPDX-License-Identifier: GPL-2.0

//! The network: which sockets, which ports, which endpoints.
//!
//! Numbers are those of Linux's user space interface, and addresses the bytes of a
//! `struct sockaddr_*`: what a program names is judged as it stands, before the kernel interprets
//! it, so that nothing depends on what else happens to the socket meanwhile.

use super::{
    capability::Capability,
    grants::Grants,
    policy::Verb,
    record::{NetAction, NetRule, Prefix, Protocol, Record},
    text, //
};
use core::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
    ops::Deref, //
};

/// Families of addresses, `AF_*`.
pub mod family {
    /// None; what it means depends on the call.
    pub const UNSPEC: u16 = 0;
    /// Sockets of this machine.
    pub const UNIX: u16 = 1;
    /// IPv4.
    pub const INET: u16 = 2;
    /// IPv6.
    pub const INET6: u16 = 10;
    /// Messages to and from the kernel.
    pub const NETLINK: u16 = 16;
}

/// Kinds of sockets, `SOCK_*`.
pub mod kind {
    /// A stream of bytes.
    pub const STREAM: u16 = 1;
    /// Datagrams.
    pub const DGRAM: u16 = 2;
    /// What is below a protocol.
    pub const RAW: u16 = 3;
}

/// Protocols, `IPPROTO_*` and `NETLINK_*`.
mod protocol {
    pub(super) const TCP: u16 = super::Protocol::Tcp as u16;
    pub(super) const UDP: u16 = super::Protocol::Udp as u16;
    pub(super) const ROUTE: u16 = 0;
}

/// What sort of socket it is, as far as decisions need to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Local to the machine, and not decided about here.
    Unix,
    /// TCP or UDP, over IPv4 or IPv6.
    Inet(Protocol),
    /// Addresses, routes and links (`NETLINK_ROUTE`).
    Route,
    /// All others.
    Other,
}

impl Class {
    /// The class of sockets that have these numbers. A protocol of 0 is the family's default.
    pub fn of(family: u16, kind: u16, protocol: u16) -> Self {
        match (family, kind, protocol) {
            (family::UNIX, _, _) => Self::Unix,
            (family::INET | family::INET6, kind::STREAM, 0 | protocol::TCP) => {
                Self::Inet(Protocol::Tcp)
            }
            (family::INET | family::INET6, kind::DGRAM, 0 | protocol::UDP) => {
                Self::Inet(Protocol::Udp)
            }
            (family::NETLINK, kind::RAW | kind::DGRAM, protocol::ROUTE) => Self::Route,
            _ => Self::Other,
        }
    }
}

/// Why something is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No such sockets were granted.
    Class,
    /// The local port was not granted.
    Port,
    /// The remote endpoint was not granted.
    Endpoint,
    /// The option or control message could lead around the rules.
    Option,
    /// An address is too short for its family.
    Malformed,
    /// An address is of a family that is not known.
    Family,
}

impl Refusal {
    /// The word for it in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Class => "class",
            Self::Port => "port",
            Self::Endpoint => "endpoint",
            Self::Option => "option",
            Self::Malformed => "malformed",
            Self::Family => "family",
        }
    }
}

type Decision = Result<(), Refusal>;

fn allow_if(allowed: bool, refusal: Refusal) -> Decision {
    allowed.then_some(()).ok_or(refusal)
}

/// How IPv6 addresses begin that stand for an IPv4 one.
const MAPPED: &[u8] = &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/// An IP address, of the family in which it travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ip {
    /// IPv4.
    V4([u8; 4]),
    /// IPv6.
    V6([u8; 16]),
}

impl Ip {
    const LOOPBACK_V4: Self = Self::V4([127, 0, 0, 1]);
    const LOOPBACK_V6: Self = Self::V6([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);

    /// IPv6 sockets reach IPv4 by addresses that stand for an IPv4 one.
    fn from_v6(address: [u8; 16]) -> Self {
        match address.split_last_chunk() {
            Some((MAPPED, v4)) => Self::V4(*v4),
            _ => Self::V6(address),
        }
    }

    /// Whether it stands for no address.
    fn is_unspecified(&self) -> bool {
        match self {
            Self::V4(ip) => text::is_zero(ip),
            Self::V6(ip) => text::is_zero(ip),
        }
    }
}

impl fmt::Display for Ip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::V4(ip) => Ipv4Addr::from(ip).fmt(f),
            Self::V6(ip) => Ipv6Addr::from(ip).fmt(f),
        }
    }
}

impl Prefix {
    /// Whether `ip` is one of the addresses.
    pub fn contains(&self, ip: Ip) -> bool {
        match (*self, ip) {
            (Self::V4(network, bits), Ip::V4(ip)) => {
                let differ = u32::from_be_bytes(network) ^ u32::from_be_bytes(ip);
                differ.leading_zeros() >= u32::from(bits)
            }
            (Self::V6(network, bits), Ip::V6(ip)) => {
                let mut left = u32::from(bits);
                network.iter().zip(ip).all(|(one, other)| {
                    let differ = (one ^ other).leading_zeros() < left.min(8);
                    left = left.saturating_sub(8);
                    !differ
                })
            }
            _ => false,
        }
    }

    /// Whether all of the addresses of `other` are among these.
    fn covers(&self, other: Self) -> bool {
        match (*self, other) {
            (Self::V4(_, bits), Self::V4(ip, more)) => bits <= more && self.contains(Ip::V4(ip)),
            (Self::V6(_, bits), Self::V6(ip, more)) => bits <= more && self.contains(Ip::V6(ip)),
            _ => false,
        }
    }
}

impl NetRule {
    /// Whether all that `other` is about is what this is about.
    pub fn covers(&self, other: &Self) -> bool {
        let is_wider = match (self.action, other.action) {
            (NetAction::Bind, NetAction::Bind) => true,
            (NetAction::Connect(one), NetAction::Connect(other)) => one.covers(other),
            _ => false,
        };
        is_wider
            && self.protocol == other.protocol
            && self.port_first <= other.port_first
            && other.port_last <= self.port_last
    }
}

/// `N` bytes at `offset`.
fn part<const N: usize>(address: &[u8], offset: usize) -> Option<[u8; N]> {
    address.get(offset..)?.first_chunk().copied()
}

fn family_of(address: &[u8]) -> Result<u16, Refusal> {
    part(address, 0)
        .map(u16::from_ne_bytes)
        .ok_or(Refusal::Malformed)
}

/// The port is at the same place in both families.
fn port_of(address: &[u8]) -> Option<u16> {
    part(address, 2).map(u16::from_be_bytes)
}

/// Bytes of `struct sockaddr_in`.
const SOCKADDR_IN: usize = 16;
/// Bytes of `struct sockaddr_in6` without the scope: the least that the kernel takes.
const SOCKADDR_IN6: usize = 24;

/// A remote endpoint.
type Endpoint = (Ip, u16);

fn endpoint_v4(address: &[u8]) -> Result<Endpoint, Refusal> {
    let address = address.get(..SOCKADDR_IN).ok_or(Refusal::Malformed)?;
    let ip = part(address, 4).map(Ip::V4);
    ip.zip(port_of(address)).ok_or(Refusal::Malformed)
}

fn endpoint_v6(address: &[u8]) -> Result<Endpoint, Refusal> {
    let address = address.get(..SOCKADDR_IN6).ok_or(Refusal::Malformed)?;
    let ip = part(address, 8).map(Ip::from_v6);
    ip.zip(port_of(address)).ok_or(Refusal::Malformed)
}

/// Something that is sent by a socket of somebody else.
#[derive(Clone, Copy, Debug)]
pub struct Sending<'a> {
    /// The local port, in host byte order.
    pub port: u16,
    /// The address of the other end, where there is one.
    pub peer: Option<&'a [u8]>,
    /// The address that the message is for, where it names one.
    pub name: Option<&'a [u8]>,
    /// More is to follow before it is sent.
    pub is_part: bool,
}

/// What is refused, for reports.
#[derive(Clone, Copy, Debug)]
pub enum Object<'a> {
    /// Making a socket of this family, kind and protocol.
    Socket([i32; 3]),
    /// A local port.
    Port(Protocol, u16),
    /// A remote address.
    Address(Protocol, &'a [u8]),
    /// An option: its level and name.
    Option(i32, i32),
    /// A control message: its level and type.
    Control(i32, i32),
}

impl fmt::Display for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Socket([family, kind, protocol]) => {
                write!(f, "socket:{family}:{kind}:{protocol}")
            }
            Self::Port(protocol, port) => write!(f, "{}:{port}", protocol.name()),
            Self::Address(protocol, address) => match endpoint(address) {
                Ok((ip @ Ip::V4(_), port)) => write!(f, "{}:{ip}:{port}", protocol.name()),
                Ok((ip @ Ip::V6(_), port)) => write!(f, "{}:[{ip}]:{port}", protocol.name()),
                Err(_) => write!(f, "address:{}", family_of(address).unwrap_or(0)),
            },
            Self::Option(level, name) => write!(f, "option:{level}:{name}"),
            Self::Control(level, kind) => write!(f, "control:{level}:{kind}"),
        }
    }
}

/// The endpoint that an address names, whatever the call.
fn endpoint(address: &[u8]) -> Result<Endpoint, Refusal> {
    match family_of(address)? {
        family::INET | family::UNSPEC => endpoint_v4(address),
        family::INET6 => endpoint_v6(address),
        _ => Err(Refusal::Family),
    }
}

/// The local port that an address names, 0 where it names none.
pub fn port_in(address: &[u8]) -> u16 {
    port_of(address).unwrap_or(0)
}

/// What a component, or a task without identity, may do on the network.
#[derive(Clone, Copy, Debug)]
pub struct Network<'a>(pub Grants<'a>);

/// What a rule has to be about.
#[derive(Clone, Copy)]
enum Subject {
    /// Whatever it is.
    Any,
    /// Local ports.
    Bind,
    /// Remote endpoints, wherever.
    Connect,
    /// Remote endpoints, this one included.
    Reach(Ip),
    /// Remote endpoints, all of IPv4 included.
    ReachAllV4,
}

impl Subject {
    fn is_that_of(self, action: NetAction) -> bool {
        match (self, action) {
            (Self::Any, _) | (Self::Bind, NetAction::Bind) => true,
            (Self::Connect, NetAction::Connect(_)) => true,
            (Self::Reach(ip), NetAction::Connect(prefix)) => prefix.contains(ip),
            (Self::ReachAllV4, NetAction::Connect(prefix)) => matches!(prefix, Prefix::V4(_, 0)),
            _ => false,
        }
    }
}

impl Network<'_> {
    /// Looks for a rule; a port of `None` is any. Takes time in proportion to the number of rules,
    /// of which a record holds 162 at most.
    #[inline(never)]
    fn has_rule(&self, subject: Subject, protocol: Protocol, port: Option<u16>) -> bool {
        let fits = |rule: &NetRule| {
            rule.protocol == protocol
                && port.is_none_or(|port| (rule.port_first..=rule.port_last).contains(&port))
        };
        match (subject, port) {
            // Of what there is at all, a policy may have taken a part: each use of it is decided.
            (_, None) => self
                .0
                .has_net_rule_in_part(&|rule| fits(rule) && subject.is_that_of(rule.action)),
            // All of it has to be granted, but a part of it that is denied is enough.
            (Subject::ReachAllV4, _) => self.0.has_net_rule(&|verb, rule| {
                fits(rule)
                    && match verb {
                        Verb::Deny => {
                            matches!(rule.action, NetAction::Connect(Prefix::V4(..)))
                        }
                        _ => subject.is_that_of(rule.action),
                    }
            }),
            _ => self
                .0
                .has_net_rule(&|_, rule| fits(rule) && subject.is_that_of(rule.action)),
        }
    }

    fn configures(&self) -> bool {
        self.0.capabilities().contains(Capability::NetworkConfig)
    }

    fn binds(&self, protocol: Protocol, port: u16) -> bool {
        self.has_rule(Subject::Bind, protocol, Some(port))
    }

    /// Whether it is a client of `protocol` at all.
    fn connects(&self, protocol: Protocol) -> bool {
        self.has_rule(Subject::Connect, protocol, None)
    }

    fn reaches(&self, protocol: Protocol, (ip, port): Endpoint) -> bool {
        let by = |subject| self.has_rule(subject, protocol, Some(port));
        match ip {
            // Becomes the source address, which may be any that the machine has.
            Ip::V4(_) if ip.is_unspecified() => by(Subject::ReachAllV4),
            // Becomes one or the other.
            Ip::V6(_) if ip.is_unspecified() => {
                by(Subject::Reach(Ip::LOOPBACK_V6)) && by(Subject::Reach(Ip::LOOPBACK_V4))
            }
            ip => by(Subject::Reach(ip)),
        }
    }

    /// Decides about making a socket.
    pub fn may_create(&self, class: Class) -> Decision {
        let allowed = match class {
            Class::Unix => true,
            Class::Inet(protocol) => {
                self.has_rule(Subject::Any, protocol, None)
                    // Interfaces are configured by ioctl() on any UDP socket.
                    || (protocol == Protocol::Udp && self.configures())
            }
            Class::Route => self.configures(),
            Class::Other => false,
        };
        allow_if(allowed, Refusal::Class)
    }

    /// Decides about binding to the port of `address`, whatever local address it names.
    ///
    /// Port 0 is a free one of the kernel's choice: what a client gets anyway when it connects, so
    /// who is none gets no port by it. Nobody can listen on it.
    pub fn may_bind(&self, protocol: Protocol, address: &[u8]) -> Decision {
        match family_of(address)? {
            // `AF_UNSPEC` binds an IPv4 socket.
            family::INET | family::INET6 | family::UNSPEC => {}
            _ => return Err(Refusal::Family),
        }
        let address = address.get(..SOCKADDR_IN).ok_or(Refusal::Malformed)?;
        match port_of(address) {
            Some(0) => allow_if(self.connects(protocol), Refusal::Port),
            Some(port) => allow_if(self.binds(protocol, port), Refusal::Port),
            None => Err(Refusal::Malformed),
        }
    }

    /// Decides about connecting to `address`. `AF_UNSPEC` ends a connection, as everybody may.
    pub fn may_connect(&self, protocol: Protocol, address: &[u8]) -> Decision {
        let endpoint = match family_of(address)? {
            family::UNSPEC => return Ok(()),
            family::INET => endpoint_v4(address)?,
            family::INET6 => endpoint_v6(address)?,
            _ => return Err(Refusal::Family),
        };
        allow_if(self.reaches(protocol, endpoint), Refusal::Endpoint)
    }

    /// Decides about sending to `address`.
    pub fn may_send_to(&self, protocol: Protocol, address: &[u8]) -> Decision {
        match (protocol, family_of(address)?) {
            // An IPv4 socket takes this for `AF_INET`; an IPv6 one for no address, but it can
            // become an IPv4 one meanwhile.
            (Protocol::Udp, family::UNSPEC) => {
                let allowed = self.reaches(protocol, endpoint_v4(address)?);
                allow_if(allowed, Refusal::Endpoint)
            }
            // Connects where it is not ignored.
            _ => self.may_connect(protocol, address),
        }
    }

    /// Decides about sending without address by a socket that has no port yet. The kernel gives it
    /// one before it finds that there is nobody to send to.
    pub fn may_get_port(&self, protocol: Protocol) -> Decision {
        allow_if(self.connects(protocol), Refusal::Port)
    }

    /// Decides about listening on `port`; `chosen` says that a program has bound to it.
    pub fn may_listen(&self, protocol: Protocol, port: u16, chosen: bool) -> Decision {
        allow_if(chosen && self.binds(protocol, port), Refusal::Port)
    }

    /// Decides about accepting from a listener on `port` that somebody else has made.
    pub fn may_accept(&self, protocol: Protocol, port: u16) -> Decision {
        allow_if(self.binds(protocol, port), Refusal::Port)
    }

    /// Decides about going on with what was allowed before the policy changed: sending from `port`
    /// to `peer`.
    pub fn may_go_on(&self, protocol: Protocol, port: u16, peer: &[u8]) -> Decision {
        if self.binds(protocol, port) {
            return Ok(());
        }
        self.may_send_to(protocol, peer)
    }

    /// Decides about sending by a socket that a manager has made. Where it leads has to be where
    /// the component could have connected to, or have been connected from.
    pub fn may_send_by_others(&self, protocol: Protocol, sending: &Sending<'_>) -> Decision {
        match (protocol, sending.name, sending.peer) {
            // Connects, where it is not ignored.
            (Protocol::Tcp, Some(_), _) => Err(Refusal::Endpoint),
            // What comes next would be sent along, whoever sends it.
            (Protocol::Udp, ..) if sending.is_part => Err(Refusal::Endpoint),
            (Protocol::Udp, Some(name), _) => match family_of(name)? {
                // Where this leads depends on the socket.
                family::UNSPEC => Err(Refusal::Endpoint),
                _ => self.may_send_to(protocol, name),
            },
            (_, None, Some(peer)) => self.may_go_on(protocol, sending.port, peer),
            (_, None, None) => Err(Refusal::Endpoint),
        }
    }

    /// Decides about setting an option of a socket.
    pub fn may_set(&self, level: i32, option: i32) -> Decision {
        let allowed = options::is_harmless(level, option)
            // Joining a group is for who receives, and tells the neighbourhood of it.
            || (options::is_membership(level, option)
                && self.has_rule(Subject::Bind, Protocol::Udp, None));
        allow_if(allowed, Refusal::Option)
    }

    /// Decides about sending a control message along.
    pub fn may_carry(&self, level: i32, kind: i32) -> Decision {
        allow_if(options::is_harmless_control(level, kind), Refusal::Option)
    }
}

/// Whether `record` grants what a kernel with these families cannot give.
pub fn is_beyond<B: Deref<Target = [u8]>>(record: &Record<B>, v4: bool, v6: bool) -> bool {
    record.net().any(|rule| is_rule_beyond(&rule, v4, v6))
}

/// Whether a kernel with these families cannot give what `rule` is about.
pub fn is_rule_beyond(rule: &NetRule, v4: bool, v6: bool) -> bool {
    match rule.action {
        NetAction::Bind | NetAction::Connect(Prefix::V4(..)) => !v4,
        NetAction::Connect(Prefix::V6(..)) => !v6,
    }
}

/// Which options a confined task may set. What is not here could lead around the rules, or brings
/// code of the task into the kernel, or needs a Linux capability anyway.
pub mod options {
    /// A set of numbers below 128.
    struct Set([u32; 4]);

    impl Set {
        const NONE: Self = Self([0; 4]);

        const fn of(members: &[usize]) -> Self {
            let mut words = [0; 4];
            let mut i = 0;
            while i < members.len() {
                words[members[i] / 32] |= 1 << (members[i] % 32);
                i += 1;
            }
            Self(words)
        }

        /// No word is that of a negative number.
        fn has(&self, member: i32) -> bool {
            let member = member as u32;
            let word = self.0.get((member / 32) as usize);
            word.is_some_and(|word| word >> (member % 32) & 1 == 1)
        }
    }

    /// `SOL_*`.
    pub mod level {
        /// All sockets, control messages.
        pub const SOCKET: i32 = 1;
        /// IPv4.
        pub const IP: i32 = 0;
        /// TCP.
        pub const TCP: i32 = 6;
        /// UDP.
        pub const UDP: i32 = 17;
        /// IPv6.
        pub const IPV6: i32 = 41;
        /// Netlink.
        pub const NETLINK: i32 = 270;
    }

    /// Left out: packet filters (`SO_ATTACH_FILTER`, `SO_ATTACH_BPF`, `SO_ATTACH_REUSEPORT_*`), and
    /// what Linux lets only privileged tasks do (`SO_MARK`, `SO_RCVBUFFORCE` and so on).
    static SOCKET: Set = Set::of(&[
        2,  // SO_REUSEADDR
        5,  // SO_DONTROUTE
        6,  // SO_BROADCAST
        7,  // SO_SNDBUF
        8,  // SO_RCVBUF
        9,  // SO_KEEPALIVE
        10, // SO_OOBINLINE
        11, // SO_NO_CHECK
        12, // SO_PRIORITY
        13, // SO_LINGER
        15, // SO_REUSEPORT
        18, // SO_RCVLOWAT
        20, // SO_RCVTIMEO_OLD
        21, // SO_SNDTIMEO_OLD
        25, // SO_BINDTODEVICE
        29, // SO_TIMESTAMP_OLD
        35, // SO_TIMESTAMPNS_OLD
        37, // SO_TIMESTAMPING_OLD
        40, // SO_RXQ_OVFL
        42, // SO_PEEK_OFF
        47, // SO_MAX_PACING_RATE
        49, // SO_INCOMING_CPU
        60, // SO_ZEROCOPY
        62, // SO_BINDTOIFINDEX
        63, // SO_TIMESTAMP_NEW
        64, // SO_TIMESTAMPNS_NEW
        65, // SO_TIMESTAMPING_NEW
        66, // SO_RCVTIMEO_NEW
        67, // SO_SNDTIMEO_NEW
        72, // SO_BUF_LOCK
        74, // SO_TXREHASH
    ]);

    /// Left out: source routes (`IP_OPTIONS`), the choice of the port that the kernel is to choose
    /// (`IP_LOCAL_PORT_RANGE`), addresses of others (`IP_FREEBIND`, `IP_TRANSPARENT`).
    static IP: Set = Set::of(&[
        1,  // IP_TOS
        2,  // IP_TTL
        6,  // IP_RECVOPTS
        7,  // IP_RETOPTS
        8,  // IP_PKTINFO
        10, // IP_MTU_DISCOVER
        11, // IP_RECVERR
        12, // IP_RECVTTL
        13, // IP_RECVTOS
        20, // IP_RECVORIGDSTADDR
        21, // IP_MINTTL
        24, // IP_BIND_ADDRESS_NO_PORT
        25, // IP_RECVFRAGSIZE
        26, // IP_RECVERR_RFC4884
        32, // IP_MULTICAST_IF
        33, // IP_MULTICAST_TTL
        34, // IP_MULTICAST_LOOP
        49, // IP_MULTICAST_ALL
        50, // IP_UNICAST_IF
    ]);

    static IP_MEMBERSHIP: Set = Set::of(&[
        35, // IP_ADD_MEMBERSHIP
        36, // IP_DROP_MEMBERSHIP
        37, // IP_UNBLOCK_SOURCE
        38, // IP_BLOCK_SOURCE
        39, // IP_ADD_SOURCE_MEMBERSHIP
        40, // IP_DROP_SOURCE_MEMBERSHIP
        41, // IP_MSFILTER
        42, // MCAST_JOIN_GROUP
        43, // MCAST_BLOCK_SOURCE
        44, // MCAST_UNBLOCK_SOURCE
        45, // MCAST_LEAVE_GROUP
        46, // MCAST_JOIN_SOURCE_GROUP
        47, // MCAST_LEAVE_SOURCE_GROUP
        48, // MCAST_MSFILTER
    ]);

    /// Left out: headers that lead elsewhere (`IPV6_RTHDR`, `IPV6_2292PKTOPTIONS`, flow labels with
    /// options), other extension headers, changing the family (`IPV6_ADDRFORM`).
    static IPV6: Set = Set::of(&[
        2,  // IPV6_2292PKTINFO
        8,  // IPV6_2292HOPLIMIT
        16, // IPV6_UNICAST_HOPS
        17, // IPV6_MULTICAST_IF
        18, // IPV6_MULTICAST_HOPS
        19, // IPV6_MULTICAST_LOOP
        23, // IPV6_MTU_DISCOVER
        24, // IPV6_MTU
        25, // IPV6_RECVERR
        26, // IPV6_V6ONLY
        29, // IPV6_MULTICAST_ALL
        31, // IPV6_RECVERR_RFC4884
        49, // IPV6_RECVPKTINFO
        50, // IPV6_PKTINFO
        51, // IPV6_RECVHOPLIMIT
        60, // IPV6_RECVPATHMTU
        62, // IPV6_DONTFRAG
        66, // IPV6_RECVTCLASS
        67, // IPV6_TCLASS
        70, // IPV6_AUTOFLOWLABEL
        72, // IPV6_ADDR_PREFERENCES
        73, // IPV6_MINHOPCOUNT
        74, // IPV6_RECVORIGDSTADDR
        76, // IPV6_UNICAST_IF
        77, // IPV6_RECVFRAGSIZE
    ]);

    static IPV6_MEMBERSHIP: Set = Set::of(&[
        20, // IPV6_ADD_MEMBERSHIP
        21, // IPV6_DROP_MEMBERSHIP
        42, // MCAST_JOIN_GROUP
        43, // MCAST_BLOCK_SOURCE
        44, // MCAST_UNBLOCK_SOURCE
        45, // MCAST_LEAVE_GROUP
        46, // MCAST_JOIN_SOURCE_GROUP
        47, // MCAST_LEAVE_SOURCE_GROUP
        48, // MCAST_MSFILTER
    ]);

    /// Left out: other protocols on top (`TCP_ULP`), repair, keys of segments.
    static TCP: Set = Set::of(&[
        1,  // TCP_NODELAY
        2,  // TCP_MAXSEG
        3,  // TCP_CORK
        4,  // TCP_KEEPIDLE
        5,  // TCP_KEEPINTVL
        6,  // TCP_KEEPCNT
        7,  // TCP_SYNCNT
        8,  // TCP_LINGER2
        9,  // TCP_DEFER_ACCEPT
        10, // TCP_WINDOW_CLAMP
        12, // TCP_QUICKACK
        13, // TCP_CONGESTION
        16, // TCP_THIN_LINEAR_TIMEOUTS
        17, // TCP_THIN_DUPACK
        18, // TCP_USER_TIMEOUT
        23, // TCP_FASTOPEN
        25, // TCP_NOTSENT_LOWAT
        27, // TCP_SAVE_SYN
        30, // TCP_FASTOPEN_CONNECT
        34, // TCP_FASTOPEN_NO_COOKIE
        36, // TCP_INQ
        37, // TCP_TX_DELAY
        44, // TCP_RTO_MAX_MS
        45, // TCP_RTO_MIN_US
        46, // TCP_DELACK_MAX_US
    ]);

    /// Left out: packets in packets (`UDP_ENCAP`).
    static UDP: Set = Set::of(&[
        1,   // UDP_CORK
        101, // UDP_NO_CHECK6_TX
        102, // UDP_NO_CHECK6_RX
        103, // UDP_SEGMENT
        104, // UDP_GRO
    ]);

    static NETLINK: Set = Set::of(&[
        1,  // NETLINK_ADD_MEMBERSHIP
        2,  // NETLINK_DROP_MEMBERSHIP
        3,  // NETLINK_PKTINFO
        4,  // NETLINK_BROADCAST_ERROR
        5,  // NETLINK_NO_ENOBUFS
        10, // NETLINK_CAP_ACK
        11, // NETLINK_EXT_ACK
        12, // NETLINK_GET_STRICT_CHK
    ]);

    static IP_CONTROL: Set = Set::of(&[
        1, // IP_TOS
        2, // IP_TTL
        8, // IP_PKTINFO
    ]);

    static IPV6_CONTROL: Set = Set::of(&[
        2,  // IPV6_2292PKTINFO
        8,  // IPV6_2292HOPLIMIT
        50, // IPV6_PKTINFO
        52, // IPV6_HOPLIMIT
        62, // IPV6_DONTFRAG
        67, // IPV6_TCLASS
    ]);

    /// `UDP_SEGMENT`.
    static UDP_CONTROL: Set = Set::of(&[103]);

    pub(super) fn is_harmless(level: i32, option: i32) -> bool {
        let known = match level {
            level::SOCKET => &SOCKET,
            level::IP => &IP,
            level::TCP => &TCP,
            level::UDP => &UDP,
            level::IPV6 => &IPV6,
            level::NETLINK => &NETLINK,
            _ => &Set::NONE,
        };
        known.has(option)
    }

    pub(super) fn is_membership(level: i32, option: i32) -> bool {
        let known = match level {
            level::IP => &IP_MEMBERSHIP,
            level::IPV6 => &IPV6_MEMBERSHIP,
            _ => &Set::NONE,
        };
        known.has(option)
    }

    pub(super) fn is_harmless_control(level: i32, kind: i32) -> bool {
        let known = match level {
            // What of these is not harmless needs a Linux capability.
            level::SOCKET => return true,
            level::IP => &IP_CONTROL,
            level::UDP => &UDP_CONTROL,
            level::IPV6 => &IPV6_CONTROL,
            _ => &Set::NONE,
        };
        known.has(kind)
    }
}
