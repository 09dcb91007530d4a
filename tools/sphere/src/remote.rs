// SPDX-License-Identifier: GPL-2.0

//! Remote endpoints: what `AllowedConnections` names, and what `--resolve` knows of it.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// Whom an application may connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remote {
    Address(IpAddr),
    /// In lower case, without the root's dot.
    Host(String),
    /// A DNS-SD service such as `_sample-service._tcp.local`, in lower case.
    Service(String),
}

impl fmt::Display for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => write!(f, "{address}"),
            Self::Host(name) | Self::Service(name) => f.write_str(name),
        }
    }
}

/// Why a text names no remote endpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RemoteError {
    #[error("{0:?} contains a wildcard, and only exact names match")]
    Wildcard(String),
    #[error("{0:?} is a URL, and only a host name or an address can be allowed")]
    Url(String),
    #[error("{0:?} contains a port, and a connection is allowed to all ports or to none")]
    Port(String),
    #[error("{0:?} is a network, and only exact addresses match")]
    Network(String),
    #[error("{0} is no address of a host")]
    Unspecified(IpAddr),
    #[error("{0:?} is neither a host name nor an address nor a DNS-SD name")]
    Unknown(String),
}

const HOST_NAME_MAX: usize = 253;
const LABEL_MAX: usize = 63;

impl FromStr for Remote {
    type Err = RemoteError;

    fn from_str(text: &str) -> Result<Self, RemoteError> {
        if let Ok(address) = text.parse::<IpAddr>() {
            // ::ffff:192.0.2.1 is the IPv4 host 192.0.2.1, whichever socket is used.
            let address = address.to_canonical();
            return if address.is_unspecified() {
                Err(RemoteError::Unspecified(address))
            } else {
                Ok(Self::Address(address))
            };
        }
        let name = text.strip_suffix('.').unwrap_or(text).to_lowercase();
        if name.len() <= HOST_NAME_MAX {
            if is_service(&name) {
                return Ok(Self::Service(name));
            }
            if is_host(&name) {
                return Ok(Self::Host(name));
            }
        }
        Err(reason(text))
    }
}

/// Says what `text`, which is not valid, was probably meant to be.
fn reason(text: &str) -> RemoteError {
    let owned = text.to_owned();
    if text.contains('*') {
        RemoteError::Wildcard(owned)
    } else if text.contains("://") {
        RemoteError::Url(owned)
    } else if text.parse::<SocketAddr>().is_ok()
        || text
            .split_once(':')
            .is_some_and(|(host, port)| is_host(host) && port.parse::<u16>().is_ok())
    {
        RemoteError::Port(owned)
    } else if text
        .split_once('/')
        .is_some_and(|(address, _)| address.parse::<IpAddr>().is_ok())
    {
        RemoteError::Network(owned)
    } else {
        RemoteError::Unknown(owned)
    }
}

fn is_label(label: &str) -> bool {
    (1..=LABEL_MAX).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// A host name of RFC 1123. The last label is not a number: that would be a broken address.
fn is_host(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    name.split('.').all(is_label) && !last.bytes().all(|byte| byte.is_ascii_digit())
}

/// A service of RFC 6763, `[instance.]_service._tcp|_udp.domain`.
fn is_service(name: &str) -> bool {
    let labels: Vec<_> = name.split('.').collect();
    let Some(protocol) = labels
        .iter()
        .position(|label| ["_tcp", "_udp"].contains(label))
    else {
        return false;
    };
    let (before, domain) = (&labels[..protocol], &labels[protocol + 1..]);
    let Some((service, instance)) = before.split_last() else {
        return false;
    };
    service.strip_prefix('_').is_some_and(is_label)
        && !domain.is_empty()
        && domain.iter().all(|label| is_label(label))
        && instance.iter().all(|label| !label.is_empty())
}

/// One `--resolve NAME=ADDRESS[:PORT]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// A host name or a DNS-SD name, in lower case.
    pub name: String,
    pub address: IpAddr,
    /// `None`: all ports.
    pub port: Option<u16>,
}

impl FromStr for Resolution {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, address) = text
            .split_once('=')
            .ok_or("expected NAME=ADDRESS or NAME=ADDRESS:PORT")?;
        let name = match name.parse::<Remote>() {
            Ok(Remote::Host(name) | Remote::Service(name)) => name,
            Ok(Remote::Address(_)) => return Err(format!("{name} is an address already")),
            Err(error) => return Err(error.to_string()),
        };
        let (address, port) = match (address.parse::<IpAddr>(), address.parse::<SocketAddr>()) {
            (Ok(address), _) => (address, None),
            (_, Ok(socket)) => (socket.ip(), Some(socket.port())),
            _ => {
                return Err(format!(
                    "{address:?} is not an address, such as 192.0.2.1, 192.0.2.1:443, 2001:db8::1 \
                     or [2001:db8::1]:443"
                ));
            }
        };
        let address = address.to_canonical();
        if address.is_unspecified() || port == Some(0) {
            return Err(format!("nobody can connect to {address:?}"));
        }
        Ok(Self {
            name,
            address,
            port,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_hosts_and_services_are_told_apart() {
        let address = |text: &str| Remote::Address(text.parse().unwrap());
        let host = |text: &str| Remote::Host(text.to_owned());
        let service = |text: &str| Remote::Service(text.to_owned());
        for (text, remote) in [
            ("192.0.2.1", address("192.0.2.1")),
            ("2001:DB8::1", address("2001:db8::1")),
            ("::ffff:192.0.2.1", address("192.0.2.1")),
            ("Example.COM", host("example.com")),
            ("example.com.", host("example.com")),
            ("localhost", host("localhost")),
            ("1and1.example", host("1and1.example")),
            ("xn--bcher-kva.example", host("xn--bcher-kva.example")),
            ("_http._tcp.local", service("_http._tcp.local")),
            (
                "My Printer._ipp._tcp.local",
                service("my printer._ipp._tcp.local"),
            ),
            (
                "_dns-sd._udp.example.com",
                service("_dns-sd._udp.example.com"),
            ),
        ] {
            assert_eq!(text.parse(), Ok(remote), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused_with_what_it_seems_to_be() {
        let long = "a.".repeat(127) + "b";
        let owned = str::to_owned;
        for (text, error) in [
            (
                "*.example.com",
                RemoteError::Wildcard(owned("*.example.com")),
            ),
            ("*", RemoteError::Wildcard(owned("*"))),
            ("https://a.b", RemoteError::Url(owned("https://a.b"))),
            ("a.b:443", RemoteError::Port(owned("a.b:443"))),
            ("192.0.2.1:443", RemoteError::Port(owned("192.0.2.1:443"))),
            ("[::1]:443", RemoteError::Port(owned("[::1]:443"))),
            ("10.0.0.0/8", RemoteError::Network(owned("10.0.0.0/8"))),
            (
                "0.0.0.0",
                RemoteError::Unspecified("0.0.0.0".parse().unwrap()),
            ),
            ("::", RemoteError::Unspecified("::".parse().unwrap())),
            (
                "::ffff:0.0.0.0",
                RemoteError::Unspecified("0.0.0.0".parse().unwrap()),
            ),
            ("", RemoteError::Unknown(owned(""))),
            (".", RemoteError::Unknown(owned("."))),
            ("a..b", RemoteError::Unknown(owned("a..b"))),
            ("a_b.com", RemoteError::Unknown(owned("a_b.com"))),
            ("-a.com", RemoteError::Unknown(owned("-a.com"))),
            ("192.0.2", RemoteError::Unknown(owned("192.0.2"))),
            ("256.0.0.1", RemoteError::Unknown(owned("256.0.0.1"))),
            ("_tcp.local", RemoteError::Unknown(owned("_tcp.local"))),
            ("_http._tcp", RemoteError::Unknown(owned("_http._tcp"))),
            (
                "http._tcp.local",
                RemoteError::Unknown(owned("http._tcp.local")),
            ),
            (
                "bücher.example",
                RemoteError::Unknown(owned("bücher.example")),
            ),
            (&long, RemoteError::Unknown(long.clone())),
        ] {
            assert_eq!(text.parse::<Remote>(), Err(error), "{text}");
        }
    }

    #[test]
    fn resolutions_have_a_name_an_address_and_perhaps_a_port() {
        let resolution = |name: &str, address: &str, port| Resolution {
            name: name.to_owned(),
            address: address.parse().unwrap(),
            port,
        };
        for (text, expected) in [
            (
                "A.example=192.0.2.1",
                resolution("a.example", "192.0.2.1", None),
            ),
            ("a=192.0.2.1:443", resolution("a", "192.0.2.1", Some(443))),
            ("a=2001:db8::1", resolution("a", "2001:db8::1", None)),
            ("a=[2001:db8::1]:1", resolution("a", "2001:db8::1", Some(1))),
            (
                "_x._tcp.local=192.0.2.1",
                resolution("_x._tcp.local", "192.0.2.1", None),
            ),
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
        for text in [
            "a",
            "a=",
            "=192.0.2.1",
            "a=b",
            "a=0.0.0.0",
            "a=192.0.2.1:0",
            "192.0.2.1=192.0.2.2",
            "a=192.0.2.1:65536",
        ] {
            assert!(text.parse::<Resolution>().is_err(), "{text}");
        }
    }
}
