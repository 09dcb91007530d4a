// SPDX-License-Identifier: GPL-2.0

//! Network interfaces that the command line names: `INTERFACE=ADDRESS/PREFIX[,GATEWAY]`.

use core::net::Ipv4Addr;

/// Interfaces that there may be.
pub const INTERFACES_MAX: usize = 4;

/// Bytes of the longest name of an interface.
const NAME_MAX: usize = 15;

/// An interface, and the addresses that it is to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interface<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its own address.
    pub address: Ipv4Addr,
    /// How many bits of that are the network's, at most 32.
    prefix: u32,
    /// Who knows the way to all other networks.
    pub gateway: Option<Ipv4Addr>,
}

impl<'a> Interface<'a> {
    /// `None` if the text is none.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (name, addresses) = text.split_once('=')?;
        let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'/';
        if name.is_empty() || name.len() > NAME_MAX || !name.bytes().all(plain) {
            return None;
        }
        let (own, gateway) = match addresses.split_once(',') {
            Some((own, gateway)) => (own, Some(gateway.parse().ok()?)),
            None => (addresses, None),
        };
        let (address, prefix) = own.split_once('/')?;
        let digits = prefix.bytes().all(|byte| byte.is_ascii_digit());
        Some(Self {
            name,
            address: address.parse().ok()?,
            prefix: prefix.parse().ok().filter(|&bits| digits && bits <= 32)?,
            gateway,
        })
    }

    /// The bits of an address that are the network's.
    pub fn mask(&self) -> Ipv4Addr {
        let host_bits = u32::BITS.saturating_sub(self.prefix);
        Ipv4Addr::from_bits(u32::MAX.checked_shl(host_bits).unwrap_or(0))
    }
}

/// At most [`INTERFACES_MAX`] of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interfaces<'a>([Option<Interface<'a>>; INTERFACES_MAX]);

impl<'a> Interfaces<'a> {
    /// Adds one. Returns whether there was room for it.
    #[must_use]
    pub fn add(&mut self, interface: Interface<'a>) -> bool {
        let free = self.0.iter_mut().find(|place| place.is_none());
        free.map(|place| *place = Some(interface)).is_some()
    }

    /// In the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = Interface<'a>> {
        self.0.iter().copied().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_addresses() {
        let all = Interface::parse("eth0=192.0.2.5/24,192.0.2.1").unwrap();
        assert_eq!(all.name, "eth0");
        assert_eq!(all.address, Ipv4Addr::new(192, 0, 2, 5));
        assert_eq!(all.mask(), Ipv4Addr::new(255, 255, 255, 0));
        assert_eq!(all.gateway, Some(Ipv4Addr::new(192, 0, 2, 1)));
        let some = Interface::parse("lo:1=10.0.0.1/8").unwrap();
        assert_eq!((some.name, some.gateway), ("lo:1", None));
    }

    #[test]
    fn a_mask_has_the_bits_of_the_network() {
        let mask = |prefix| {
            let text = format!("a=10.0.0.1/{prefix}");
            Interface::parse(&text).unwrap().mask().octets()
        };
        assert_eq!(mask(0), [0; 4]);
        assert_eq!(mask(1), [128, 0, 0, 0]);
        assert_eq!(mask(20), [255, 255, 240, 0]);
        assert_eq!(mask(32), [255; 4]);
    }

    #[test]
    fn refuses_what_is_no_interface() {
        for none in [
            "",
            "eth0",
            "eth0=",
            "=10.0.0.1/8",
            "eth0=10.0.0.1",
            "eth0=10.0.0.1/",
            "eth0=10.0.0.1/33",
            "eth0=10.0.0.1/+8",
            "eth0=10.0.0/8",
            "eth0=10.0.0.256/8",
            "eth0=fe80::1/64",
            "eth0=10.0.0.1/8,",
            "eth0=10.0.0.1/8,x",
            "eth0=10.0.0.1/8,10.0.0.2,10.0.0.3",
            "eth 0=10.0.0.1/8",
            "a/b=10.0.0.1/8",
            "sixteen-letters-=10.0.0.1/8",
        ] {
            assert_eq!(Interface::parse(none), None, "{none}");
        }
        assert!(Interface::parse("fifteen-letters=10.0.0.1/8").is_some());
    }

    #[test]
    fn there_is_room_for_a_few() {
        let one = Interface::parse("a=10.0.0.1/8").unwrap();
        let mut all = Interfaces::default();
        for _ in 0..INTERFACES_MAX {
            assert!(all.add(one));
        }
        assert!(!all.add(one));
        assert_eq!(all.iter().count(), INTERFACES_MAX);
    }
}
