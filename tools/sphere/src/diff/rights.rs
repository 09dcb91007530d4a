// SPDX-License-Identifier: GPL-2.0

//! Rights, one by one, so that they can be compared.

use std::collections::{BTreeMap, BTreeSet};

use sphere_core::launch::Launch;
use sphere_core::limits::Limits;
use sphere_core::record::{self, MtdAccess, NetAction, NetRule, Protocol, Record};

use super::ports::Ports;
use crate::capabilities::{Capabilities, Reference};
use crate::manifest::Manifest;
use crate::peripheral::Kind;

/// What sort of right it is; sorts come in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    Identity,
    Gpio,
    Device,
    Flash,
    Storage,
    Listen,
    Connect,
    Peer,
    Capability,
    Limit,
}

impl Sort {
    /// The word for it in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gpio => "gpio",
            Self::Device => "device",
            Self::Flash => "flash",
            Self::Storage => "storage",
            Self::Listen => "listen",
            Self::Connect => "connect",
            Self::Peer => "peer",
            Self::Capability => "capability",
            Self::Limit => "limit",
        }
    }
}

/// One right that is there or not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Right {
    pub sort: Sort,
    /// What it is ordered by, among those of its sort.
    pub key: String,
    pub words: String,
}

/// What ports belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    pub action: NetAction,
    pub protocol: Protocol,
}

/// All that an application may do.
#[derive(Debug, Default)]
pub struct Rights {
    pub single: BTreeSet<Right>,
    pub storage_bytes: u64,
    pub ports: BTreeMap<Target, Ports>,
    /// How much of the device it may use, where that is known.
    pub limits: Option<Limits>,
}

impl Rights {
    /// The rights of a record, and of the launch file beside it.
    pub fn of_record(record: &Record<Vec<u8>>, launch: Option<&Launch<'_>>) -> Self {
        let mut rights = Self {
            limits: launch.map(Launch::limits),
            ..Self::default()
        };
        match record.kind() {
            record::Kind::None => {}
            record::Kind::Manager => {
                rights.add(Sort::Identity, "1", "give identities: be the manager")
            }
            record::Kind::Application => rights.add_application(record),
        }
        for device in launch.iter().flat_map(|launch| launch.devices()) {
            let words = format!("open {} ({})", device.node, device.kind.name());
            rights.add(Sort::Device, device.node, &words);
        }
        rights
    }

    /// The rights that a manifest asks for. What its names are, only a board could tell.
    pub fn of_manifest(manifest: &Manifest) -> Self {
        let mut rights = Self::default();
        let Capabilities {
            connections,
            tcp_server_ports,
            udp_server_ports,
            peers,
            peripherals,
            storage_bytes,
            tenant,
            extended,
            ..
        } = &manifest.capabilities;
        rights.add_identity(&manifest.component.value.to_string(), tenant);
        for request in peripherals {
            let name = match &request.value.reference {
                Reference::Name(name) => format!("${name}"),
                Reference::Value(value) => value.to_string(),
            };
            let key = request.value.kind.key();
            let words = format!("use {key} {name}");
            let sort = match request.value.kind {
                Kind::Gpio => Sort::Gpio,
                _ => Sort::Device,
            };
            rights.add(sort, &format!("{key} {name}"), &words);
        }
        rights.storage_bytes = *storage_bytes;
        for (protocol, ports) in [
            (Protocol::Tcp, tcp_server_ports),
            (Protocol::Udp, udp_server_ports),
        ] {
            let action = NetAction::Bind;
            for port in ports {
                let target = Target { action, protocol };
                let ports = rights.ports.entry(target).or_default();
                ports.add(port.value, port.value);
            }
        }
        for connection in connections {
            let words = format!("connect to {}, any port", connection.value);
            rights.add(Sort::Connect, &connection.value.to_string(), &words);
        }
        rights.add_peers(peers.iter().map(|peer| peer.value.to_string()));
        rights.add_capabilities(extended.iter().map(|capability| capability.name()));
        rights
    }

    /// Leaves out which devices may be opened, where the other side does not say.
    pub fn forget_devices(&mut self) {
        self.single.retain(|right| right.sort != Sort::Device);
    }

    fn add(&mut self, sort: Sort, key: &str, words: &str) {
        self.single.insert(Right {
            sort,
            key: key.to_owned(),
            words: words.to_owned(),
        });
    }

    fn add_identity(&mut self, component: &str, tenant: &str) {
        self.add(Sort::Identity, "1", &format!("be component {component}"));
        if !tenant.is_empty() {
            self.add(Sort::Identity, "2", &format!("speak for tenant {tenant}"));
        }
    }

    fn add_peers(&mut self, peers: impl Iterator<Item = String>) {
        for peer in peers {
            self.add(Sort::Peer, &peer, &format!("talk to component {peer}"));
        }
    }

    fn add_capabilities<'a>(&mut self, capabilities: impl Iterator<Item = &'a str>) {
        for name in capabilities {
            self.add(
                Sort::Capability,
                name,
                &format!("use the capability {name}"),
            );
        }
    }

    fn add_application(&mut self, record: &Record<Vec<u8>>) {
        self.add_identity(&record.component().to_string(), record.tenant());
        for grant in record.gpio() {
            for (lines, verb) in [(grant.input, "read"), (grant.output, "drive")] {
                for bit in (0..64).filter(|bit| lines >> bit & 1 != 0) {
                    let line = u64::from(grant.base) + bit;
                    let words = format!("{verb} line {line} of GPIO chip {:?}", grant.chip);
                    let key = format!("{} {line:010} {verb}", grant.chip);
                    self.add(Sort::Gpio, &key, &words);
                }
            }
        }
        for grant in record.mtd() {
            let name = grant.partition;
            let words = format!("read flash partition {name:?}");
            self.add(Sort::Flash, &format!("{name} read"), &words);
            if grant.access == MtdAccess::ReadWrite {
                let words = format!("write flash partition {name:?}");
                self.add(Sort::Flash, &format!("{name} write"), &words);
            }
        }
        self.storage_bytes = record.storage_bytes();
        for rule in record.net() {
            let NetRule {
                action, protocol, ..
            } = rule;
            let target = Target { action, protocol };
            let ports = self.ports.entry(target).or_default();
            ports.add(rule.port_first, rule.port_last);
        }
        self.add_peers(record.peers().map(|peer| peer.to_string()));
        self.add_capabilities(record.capabilities().iter().map(|one| one.name()));
    }
}

impl Target {
    /// Whether all that `other` stands for is in this, too.
    pub fn covers(self, other: Self) -> bool {
        self.with_any_port().covers(&other.with_any_port())
    }

    fn with_any_port(self) -> NetRule {
        NetRule {
            action: self.action,
            protocol: self.protocol,
            port_first: 1,
            port_last: u16::MAX,
        }
    }
}
