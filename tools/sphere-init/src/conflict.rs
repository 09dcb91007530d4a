// SPDX-License-Identifier: GPL-2.0

//! One resource belongs to one application: what two of them cannot both have.

use core::{fmt, ops::Deref};
use sphere_core::{
    launch::Launch,
    record::{MtdAccess, NetAction, Protocol, Record},
    uuid::Uuid,
};

/// Something that two applications are granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict<'a> {
    /// A component id.
    Component(Uuid),
    /// A GPIO line: label of the chip, and offset.
    Line(&'a str, u32),
    /// An MTD partition that one of them may write.
    Partition(&'a str),
    /// A port to listen on.
    Port(Protocol, u16),
    /// A device node.
    Device(&'a str),
}

impl fmt::Display for Conflict<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Component(id) => write!(f, "component id {id}"),
            Self::Line(chip, line) => write!(f, "GPIO line {line} of {chip}"),
            Self::Partition(name) => write!(f, "flash partition {name}"),
            Self::Port(Protocol::Tcp, port) => write!(f, "TCP port {port}"),
            Self::Port(Protocol::Udp, port) => write!(f, "UDP port {port}"),
            Self::Device(node) => write!(f, "device {node}"),
        }
    }
}

/// What an application is granted: by its record, and by its launch file.
pub type Grants<'a, 'l, B> = (&'a Record<B>, &'l Launch<'a>);

/// The first thing that both have.
pub fn find<'a, A, B>(one: Grants<'a, '_, A>, other: Grants<'_, '_, B>) -> Option<Conflict<'a>>
where
    A: Deref<Target = [u8]>,
    B: Deref<Target = [u8]>,
{
    let (record, others) = (one.0, other.0);
    (record.component() == others.component())
        .then(|| Conflict::Component(record.component()))
        .or_else(|| line(record, others))
        .or_else(|| partition(record, others))
        .or_else(|| port(record, others))
        .or_else(|| device(one.1, other.1))
}

fn line<'a, A, B>(one: &'a Record<A>, other: &Record<B>) -> Option<Conflict<'a>>
where
    A: Deref<Target = [u8]>,
    B: Deref<Target = [u8]>,
{
    one.gpio().find_map(|grant| {
        let taken = other
            .gpio()
            .filter(|taken| (taken.chip, taken.base) == (grant.chip, grant.base))
            .fold(0, |lines, taken| lines | taken.input | taken.output);
        let both = (grant.input | grant.output) & taken;
        // At most 63 beyond the base.
        (both != 0).then(|| Conflict::Line(grant.chip, grant.base | both.trailing_zeros()))
    })
}

fn partition<'a, A, B>(one: &'a Record<A>, other: &Record<B>) -> Option<Conflict<'a>>
where
    A: Deref<Target = [u8]>,
    B: Deref<Target = [u8]>,
{
    one.mtd().find_map(|grant| {
        let excludes = |taken: MtdAccess| [grant.access, taken].contains(&MtdAccess::ReadWrite);
        other
            .mtd()
            .any(|taken| taken.partition == grant.partition && excludes(taken.access))
            .then_some(Conflict::Partition(grant.partition))
    })
}

fn port<'a, A, B>(one: &'a Record<A>, other: &Record<B>) -> Option<Conflict<'a>>
where
    A: Deref<Target = [u8]>,
    B: Deref<Target = [u8]>,
{
    one.net()
        .filter(|rule| rule.action == NetAction::Bind)
        .find_map(|rule| {
            other
                .net()
                .filter(|taken| taken.action == NetAction::Bind && taken.protocol == rule.protocol)
                .map(|taken| {
                    let first = rule.port_first.max(taken.port_first);
                    (first, rule.port_last.min(taken.port_last))
                })
                .find(|(first, last)| first <= last)
                .map(|(first, _)| Conflict::Port(rule.protocol, first))
        })
}

fn device<'a>(one: &Launch<'a>, other: &Launch<'_>) -> Option<Conflict<'a>> {
    one.devices()
        .map(|device| device.node)
        .find(|&node| other.devices().any(|taken| taken.node == node))
        .map(Conflict::Device)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sphere_core::record::{GpioGrant, MtdGrant, NetRule, Prefix, RECORD_MAX, Spec};

    const NOTHING: Spec<'_> = Spec::new(Uuid([1; 16]));
    const OTHER: Spec<'_> = Spec {
        component: Uuid([2; 16]),
        ..NOTHING
    };

    /// What both have, in words. The order of the two makes no difference.
    fn conflict(one: (&Spec<'_>, &str), other: (&Spec<'_>, &str)) -> Option<String> {
        let [one, other] = [one, other].map(|(spec, devices)| {
            let mut bytes = vec![0; RECORD_MAX];
            let size = spec.write(&mut bytes).unwrap();
            bytes.truncate(size);
            (Record::parse(bytes).unwrap(), format!("entry a\n{devices}"))
        });
        let [one_launch, other_launch] =
            [&one.1, &other.1].map(|text| Launch::parse(text.as_bytes()).unwrap());
        let one = (&one.0, &one_launch);
        let other = (&other.0, &other_launch);
        let there = find(one, other).map(|conflict| conflict.to_string());
        let back = find(other, one).map(|conflict| conflict.to_string());
        assert_eq!(there, back);
        there
    }

    fn records(one: &Spec<'_>, other: &Spec<'_>) -> Option<String> {
        conflict((one, ""), (other, ""))
    }

    #[test]
    fn the_component_is_the_first_thing() {
        let expected = "component id 01010101-0101-0101-0101-010101010101";
        assert_eq!(records(&NOTHING, &NOTHING).as_deref(), Some(expected));
        assert_eq!(records(&NOTHING, &OTHER), None);
    }

    #[test]
    fn a_line_is_chip_and_offset() {
        let grant = |chip, base, input, output| GpioGrant {
            chip,
            base,
            input,
            output,
        };
        let lines = |one: GpioGrant<'_>, other: GpioGrant<'_>| {
            let (one, other) = (&[one][..], &[other][..]);
            records(
                &Spec {
                    gpio: one,
                    ..NOTHING
                },
                &Spec {
                    gpio: other,
                    ..OTHER
                },
            )
        };
        let line_70 = grant("chip", 64, 1 << 6, 0);
        let output = grant("chip", 64, 0, 1 << 6 | 1);
        assert_eq!(
            lines(line_70, output).as_deref(),
            Some("GPIO line 70 of chip")
        );
        for free in [
            grant("chip", 64, !(1 << 6), 0),
            grant("chip", 0, 1 << 6, 0),
            grant("other", 64, 1 << 6, 0),
        ] {
            assert_eq!(lines(line_70, free), None);
        }
    }

    #[test]
    fn a_partition_may_be_shared_to_read() {
        let partitions = |one, other| {
            let (one, other) = (&[one][..], &[other][..]);
            records(
                &Spec {
                    mtd: one,
                    ..NOTHING
                },
                &Spec {
                    mtd: other,
                    ..OTHER
                },
            )
        };
        let grant = |partition, access| MtdGrant { partition, access };
        let (read, write) = (MtdAccess::Read, MtdAccess::ReadWrite);
        assert_eq!(partitions(grant("a", read), grant("a", read)), None);
        assert_eq!(partitions(grant("a", write), grant("b", write)), None);
        let expected = Some("flash partition a");
        assert_eq!(
            partitions(grant("a", read), grant("a", write)).as_deref(),
            expected
        );
    }

    #[test]
    fn a_port_is_taken_per_protocol() {
        let rule = |action, protocol, port_first, port_last| NetRule {
            action,
            protocol,
            port_first,
            port_last,
        };
        let ports = |one, other| {
            let (one, other) = (&[one][..], &[other][..]);
            records(
                &Spec {
                    net: one,
                    ..NOTHING
                },
                &Spec {
                    net: other,
                    ..OTHER
                },
            )
        };
        let listen = |protocol, first, last| rule(NetAction::Bind, protocol, first, last);
        let taken = listen(Protocol::Tcp, 80, 90);
        let overlap = ports(taken, listen(Protocol::Tcp, 85, 99));
        assert_eq!(overlap.as_deref(), Some("TCP port 85"));
        let connect = NetAction::Connect(Prefix::V4([0; 4], 0));
        for free in [
            listen(Protocol::Tcp, 91, 99),
            listen(Protocol::Udp, 80, 90),
            rule(connect, Protocol::Tcp, 80, 90),
        ] {
            assert_eq!(ports(taken, free), None);
        }
    }

    #[test]
    fn a_device_is_its_node() {
        let taken = "device uart /dev/ttyS1\ndevice adc /dev/adc0\n";
        let devices = |other| conflict((&NOTHING, taken), (&OTHER, other));
        let expected = Some("device /dev/adc0");
        assert_eq!(devices("device adc /dev/adc0\n").as_deref(), expected);
        assert_eq!(devices("device adc /dev/adc1\n"), None);
    }
}
