// SPDX-License-Identifier: GPL-2.0

//! The record's parser and writer: whatever the bytes, no panic; whatever is written, the same is
//! read; every mistake is found and named.

use crate::owned::{Layout, Owned, owned, read_everything};
use proptest::prelude::*;
use sphere_core::capability::{Capability, CapabilitySet};
use sphere_core::record::{
    Entry, HEADER_SIZE, Kind, MtdAccess, NetAction, NetRule, Prefix, Protocol, RECORD_MAX, Reason,
    Record, bare,
};
use sphere_core::uuid::Uuid;

proptest! {
    #[test]
    fn any_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..=RECORD_MAX + 8)) {
        if let Ok(record) = Record::parse(bytes.as_slice()) {
            read_everything(&record);
        }
    }

    /// Most random bytes fail at the magic number; these get past it.
    #[test]
    fn any_bytes_behind_a_valid_frame_do_not_panic(
        mut bytes in proptest::collection::vec(any::<u8>(), HEADER_SIZE..=RECORD_MAX),
        tables in proptest::collection::vec(0u16..200, 16),
    ) {
        crate::owned::frame(&mut bytes);
        for (field, value) in bytes[144..HEADER_SIZE].chunks_exact_mut(2).zip(tables) {
            field.copy_from_slice(&value.to_le_bytes());
        }
        if let Ok(record) = Record::parse(bytes.as_slice()) {
            read_everything(&record);
        }
    }

    #[test]
    fn what_is_written_is_read(owned in owned()) {
        let bytes = owned.write().expect("a valid specification");
        let record = Record::parse(bytes.as_slice()).expect("a valid record");
        prop_assert_eq!(record.bytes(), bytes.as_slice());
        prop_assert_eq!(Owned::read(&record), owned);
    }

    /// There is one way to write a record: the other encoder knows nothing of the first.
    #[test]
    fn two_encoders_agree(owned in owned()) {
        prop_assert_eq!(Layout::default().encode(&owned), owned.write().unwrap());
    }

    #[test]
    fn larger_headers_and_entries_are_accepted_while_the_rest_is_zero(
        owned in owned(),
        header in 0usize..4,
        strides in proptest::array::uniform4(0usize..3),
    ) {
        let layout = Layout {
            header_size: HEADER_SIZE + header * 8,
            extra: strides.map(|stride| stride * 8),
        };
        let bytes = layout.encode(&owned);
        prop_assume!(bytes.len() <= RECORD_MAX);
        let record = Record::parse(bytes.as_slice()).expect("a valid record");
        prop_assert_eq!(Owned::read(&record), owned);
    }

    /// A record with one byte changed is refused, or says what its bytes say: writing what was
    /// read gives those bytes again.
    #[test]
    fn changed_records_are_refused_or_meant(owned in owned(), at: prop::sample::Index, value: u8) {
        let mut bytes = owned.write().unwrap();
        let at = at.index(bytes.len());
        bytes[at] = value;
        if let Ok(record) = Record::parse(bytes.as_slice()) {
            read_everything(&record);
            if record.kind() == Kind::Application {
                prop_assert_eq!(Owned::read(&record).write().unwrap(), bytes);
            }
        }
    }

    #[test]
    fn cut_and_lengthened_records_are_refused(owned in owned(), at: prop::sample::Index, more in 1usize..64) {
        let bytes = owned.write().unwrap();
        let cut = &bytes[..at.index(bytes.len())];
        prop_assert!(Record::parse(cut).is_err());
        let mut longer = bytes.clone();
        longer.resize(bytes.len() + more, 0);
        prop_assert!(Record::parse(longer.as_slice()).is_err());
    }

    #[test]
    fn no_entry_is_accepted_twice_or_in_another_order(owned in owned(), table in 0usize..4, at: prop::sample::Index) {
        let mut other = owned;
        prop_assume!(other.swap_or_repeat(table, at));
        prop_assert_eq!(other.write().expect_err("not sorted").reason, Reason::NotSorted);
    }

    #[test]
    fn buffers_that_are_too_small_are_refused(owned in owned(), at: prop::sample::Index) {
        let size = owned.write().unwrap().len();
        let mut buffer = vec![0; at.index(size)];
        let error = owned.write_to(&mut buffer).expect_err("too small");
        prop_assert_eq!(error.reason, Reason::NoRoom);
    }

    #[test]
    fn what_a_buffer_held_before_does_not_matter(owned in owned(), old: u8) {
        let mut buffer = vec![old; RECORD_MAX];
        let size = owned.write_to(&mut buffer).unwrap();
        buffer.truncate(size);
        prop_assert_eq!(buffer, owned.write().unwrap());
    }

    #[test]
    fn capability_sets_hold_what_was_put_in(bits: u64) {
        match CapabilitySet::from_bits(bits) {
            Some(set) => {
                prop_assert_eq!(set.bits(), bits);
                let again = set.iter().fold(CapabilitySet::EMPTY, CapabilitySet::with);
                prop_assert_eq!(again, set);
            }
            None => {
                let defined = Capability::ALL.iter().fold(0, |bits, c| bits | 1 << c.bit());
                prop_assert_ne!(bits & !defined, 0);
            }
        }
    }
}

#[test]
fn bare_records_say_nothing_but_their_kind() {
    for kind in [Kind::None, Kind::Manager] {
        let record = bare(kind);
        let record = Record::parse(record.as_slice()).unwrap();
        assert_eq!(record.kind(), kind);
        read_everything(&record);
    }
    // An application has an id.
    let error = Record::parse(bare(Kind::Application).as_slice()).unwrap_err();
    assert_eq!((error.offset, error.reason), (16, Reason::NilId));
}

/// A record with something in every table.
fn full() -> Owned {
    let rule = |action, protocol, port_first, port_last| NetRule {
        action,
        protocol,
        port_first,
        port_last,
    };
    Owned {
        component: Uuid([1; 16]),
        tenant: "tenant".into(),
        name: "name".into(),
        capabilities: CapabilitySet::EMPTY.with(Capability::SystemTime),
        storage_bytes: 8192,
        gpio: vec![("a".into(), 0, 1, 2), ("a".into(), 64, 4, 4)],
        mtd: vec![("data".into(), MtdAccess::ReadWrite)],
        net: vec![
            rule(NetAction::Bind, Protocol::Tcp, 80, 80),
            rule(
                NetAction::Connect(Prefix::V4([10, 0, 0, 0], 8)),
                Protocol::Tcp,
                1,
                65535,
            ),
            rule(
                NetAction::Connect(Prefix::V6([0; 16], 0)),
                Protocol::Udp,
                53,
                53,
            ),
        ],
        peers: vec![Uuid([2; 16])],
    }
}

const GPIO: usize = HEADER_SIZE;
const MTD: usize = GPIO + 2 * 56;
const NET: usize = MTD + 72;
const PEER: usize = NET + 3 * 24;

/// Every mistake, by the bytes that make it: where they go, and what is found where.
#[test]
fn every_mistake_is_found_and_named() {
    use Reason::*;

    let table = |index: usize, field: usize| 144 + index * 8 + field * 2;
    let cases: &[(usize, &[u8], usize, Reason)] = &[
        (0, b"X", 0, BadMagic),
        (4, &[168, 0], 4, BadHeaderSize),
        (4, &[180, 0], 4, BadHeaderSize),
        (4, &[0, 0x10], 4, BadHeaderSize),
        (6, &[3, 0], 6, UnknownKind),
        (6, &[1, 1], 6, UnknownKind),
        (8, &[0, 0, 0, 0], 8, BadSize),
        (8, &[0xff, 0xff, 0xff, 0xff], 8, BadSize),
        (10, &[1], 8, BadSize),
        (13, &[1], 13, NotZero),
        (16, &[0; 16], 16, NilId),
        (32, &[0xff], 32, BadText),
        (32, b"\x1b", 32, BadText),
        (32 + 10, b"x", 32, BadText),
        (32, &[b'x'; 64], 32, BadText),
        (96, b"\n", 96, BadText),
        (96, "\u{9b}".as_bytes(), 96, BadText),
        (96 + 31, b"x", 96, BadText),
        (128 + 3, &[1], 128, UnknownCapability),
        (128 + 7, &[0x80], 128, UnknownCapability),
        (table(0, 0), &[0, 0], table(0, 0), BadTableOffset),
        (table(1, 0), &[0, 0], table(1, 0), BadTableOffset),
        (table(0, 2), &[48, 0], table(0, 2), BadStride),
        (table(0, 2), &[60, 0], table(0, 2), BadStride),
        (table(0, 2), &[0, 0], table(0, 2), BadStride),
        (table(0, 1), &[0xff, 0xff], table(0, 1), TableTooLong),
        (table(3, 1), &[2, 0], table(3, 1), TableTooLong),
        (table(0, 2), &[0xf8, 0xff], table(0, 1), TableTooLong),
        (table(0, 3), &[1, 0], table(0, 3), NotZero),
        (table(3, 3), &[0, 1], table(3, 3) + 1, NotZero),
        (GPIO, &[0], GPIO, EmptyText),
        (GPIO, &[0x80], GPIO, BadText),
        (GPIO + 8, b"x", GPIO, BadText),
        (GPIO + 32, &[1], GPIO + 32, BadWindow),
        (GPIO + 32, &[63], GPIO + 32, BadWindow),
        (GPIO + 36, &[1], GPIO + 36, NotZero),
        (GPIO + 40, &[0; 16], GPIO + 40, NothingGranted),
        (GPIO + 56 + 32, &[0], GPIO + 56, NotSorted),
        (GPIO, b"b", GPIO + 56, NotSorted),
        (MTD, &[0, 0, 0, 0], MTD, EmptyText),
        (MTD, b"\r", MTD, BadText),
        (MTD + 64, &[0], MTD + 64, BadAccess),
        (MTD + 64, &[2], MTD + 64, BadAccess),
        (MTD + 64, &[7], MTD + 64, BadAccess),
        (MTD + 67, &[1], MTD + 64, BadAccess),
        (MTD + 71, &[1], MTD + 71, NotZero),
        (NET, &[0], NET, BadRule),
        (NET, &[3], NET, BadRule),
        (NET + 1, &[4], NET, BadRule),
        (NET + 2, &[0], NET + 2, BadRule),
        (NET + 3, &[1], NET + 3, NotZero),
        (NET + 4, &[0, 0], NET + 4, BadPorts),
        (NET + 4, &[81, 0], NET + 4, BadPorts),
        (NET + 8, &[1], NET + 8, NotZero),
        (NET + 23, &[1], NET + 23, NotZero),
        (NET + 24 + 1, &[0], NET + 24, BadRule),
        (NET + 24 + 1, &[5], NET + 24, BadRule),
        (NET + 24 + 3, &[33], NET + 24 + 8, BadAddress),
        (NET + 24 + 9, &[1], NET + 24 + 8, BadAddress),
        (NET + 24 + 12, &[1], NET + 24 + 12, NotZero),
        // Nobody has these addresses.
        (
            NET + 24 + 3,
            &[32, 80, 0, 80, 0, 0],
            NET + 24 + 8,
            BadAddress,
        ),
        (NET + 48 + 3, &[128], NET + 48 + 8, BadAddress),
        (
            NET + 48 + 3,
            &[96, 80, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff],
            NET + 48 + 8,
            BadAddress,
        ),
        (NET + 48 + 3, &[129], NET + 48 + 8, BadAddress),
        (NET + 48 + 8, &[0x80], NET + 48 + 8, BadAddress),
        (PEER, &[0; 16], PEER, NilId),
    ];
    let valid = full().write().unwrap();
    assert_eq!(valid.len(), PEER + Uuid::SIZE);
    for &(at, bytes, offset, reason) in cases {
        let mut wrong = valid.clone();
        wrong[at..at + bytes.len()].copy_from_slice(bytes);
        let error = Record::parse(wrong.as_slice()).expect_err("a mistake");
        assert_eq!(
            (error.offset, error.reason),
            (offset, reason),
            "{bytes:?} at {at}"
        );
        assert!(error.to_string().starts_with(&format!("byte {offset}: ")));
    }
}

#[test]
fn sizes_are_checked_before_anything_is_read() {
    let error = |bytes: &[u8]| Record::parse(bytes).expect_err("a wrong size").reason;
    assert_eq!(error(&[]), Reason::Truncated);
    assert_eq!(error(&[0; HEADER_SIZE - 1]), Reason::Truncated);
    assert_eq!(error(&[0; RECORD_MAX + 1]), Reason::TooLarge);
    assert_eq!(error(&[0; HEADER_SIZE]), Reason::BadMagic);
}

#[test]
fn only_an_application_has_more_than_a_header() {
    for kind in [Kind::None, Kind::Manager] {
        for at in 16..HEADER_SIZE {
            let mut record = bare(kind);
            record[at] = 1;
            let error = Record::parse(record.as_slice()).unwrap_err();
            assert_eq!((error.offset, error.reason), (at, Reason::NotZero));
        }
        let mut longer = bare(kind).to_vec();
        longer.extend([0; 8]);
        longer[8] = 184;
        assert_eq!(
            Record::parse(longer.as_slice()).unwrap_err().reason,
            Reason::BadSize
        );
        // A header that a later version made larger.
        longer[4] = 184;
        assert_eq!(Record::parse(longer.as_slice()).unwrap().kind(), kind);
    }
}

#[test]
fn what_is_unknown_has_to_be_zero() {
    let layout = Layout {
        header_size: HEADER_SIZE + 8,
        extra: [8, 8, 8, 8],
    };
    let valid = layout.encode(&full());
    assert!(Record::parse(valid.as_slice()).is_ok());
    let gpio = HEADER_SIZE + 8;
    let mtd = gpio + 2 * 64;
    let net = mtd + 80;
    let peer = net + 3 * 32;
    for at in [
        HEADER_SIZE + 7,
        gpio + 56,
        gpio + 64 + 63,
        mtd + 72,
        net + 24,
        peer + 23,
    ] {
        let mut wrong = valid.clone();
        wrong[at] = 1;
        let error = Record::parse(wrong.as_slice()).unwrap_err();
        assert_eq!((error.offset, error.reason), (at, Reason::NotZero));
    }
}

#[test]
fn the_largest_record_is_accepted_and_the_next_is_not() {
    let mut owned = full();
    let room = RECORD_MAX - owned.write().unwrap().len();
    let more = room / Uuid::SIZE;
    owned.peers = (0..=more)
        .map(|i| {
            Uuid([
                2,
                (i >> 8) as u8,
                i as u8,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
            ])
        })
        .collect();
    assert!(owned.write().unwrap().len() > RECORD_MAX - Uuid::SIZE);
    owned.peers.push(Uuid([3; 16]));
    assert_eq!(owned.write().unwrap_err().reason, Reason::TooLarge);
}

#[test]
fn writing_refuses_what_reading_would() {
    let wrong = |change: fn(&mut Owned)| {
        let mut owned = full();
        change(&mut owned);
        let error = owned.write().expect_err("a mistake");
        (error.offset, error.reason)
    };
    assert_eq!(wrong(|o| o.component = Uuid::NIL), (16, Reason::NilId));
    assert_eq!(wrong(|o| o.tenant = "x".repeat(64)), (32, Reason::BadText));
    assert_eq!(wrong(|o| o.tenant = "a\0b".into()), (32, Reason::BadText));
    assert_eq!(wrong(|o| o.name = "x".repeat(32)), (96, Reason::BadText));
    assert_eq!(wrong(|o| o.name = "a\nb".into()), (96, Reason::BadText));
    assert_eq!(
        wrong(|o| o.gpio[0].0 = "x".repeat(32)),
        (GPIO, Reason::BadText)
    );
    assert_eq!(
        wrong(|o| o.gpio[0].0 = String::new()),
        (GPIO, Reason::EmptyText)
    );
    assert_eq!(wrong(|o| o.gpio[0].1 = 1), (GPIO + 32, Reason::BadWindow));
    assert_eq!(
        wrong(|o| (o.gpio[0].2, o.gpio[0].3) = (0, 0)),
        (GPIO + 40, Reason::NothingGranted)
    );
    assert_eq!(
        wrong(|o| o.mtd[0].0 = "x".repeat(64)),
        (MTD, Reason::BadText)
    );
    assert_eq!(
        wrong(|o| o.net[0].port_first = 0),
        (NET + 4, Reason::BadPorts)
    );
    assert_eq!(wrong(|o| o.peers[0] = Uuid::NIL), (PEER, Reason::NilId));
}

#[test]
fn the_longest_texts_fit() {
    let mut owned = full();
    owned.tenant = "é".repeat(31) + "x";
    owned.name = "x".repeat(31);
    owned.gpio[1].0 = "x".repeat(31);
    owned.mtd[0].0 = "x".repeat(63);
    let bytes = owned.write().unwrap();
    assert_eq!(
        Owned::read(&Record::parse(bytes.as_slice()).unwrap()),
        owned
    );
}

/// The header says "by the bytes of the label, then by base": bases are numbers.
#[test]
fn windows_are_sorted_by_number() {
    let mut owned = full();
    owned.gpio = [0, 64, 256, 0x1_0000, 0xffff_ffc0]
        .map(|base| ("a".to_owned(), base, 1, 1))
        .to_vec();
    let bytes = owned.write().expect("sorted");
    assert_eq!(
        Owned::read(&Record::parse(bytes.as_slice()).unwrap()),
        owned
    );
    owned.gpio.swap(1, 2);
    assert_eq!(owned.write().unwrap_err().reason, Reason::NotSorted);
}
