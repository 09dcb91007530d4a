// SPDX-License-Identifier: GPL-2.0

//! Which partitions a record opens, and which kernel can enforce it.

use core::ffi::CStr;
use sphere_core::{
    capability::CapabilitySet,
    grants::Grants,
    record::{MtdAccess, MtdGrant, Record, Spec},
    uuid::Uuid,
};

/// As long as a name in a record can be.
const LONGEST: &str = "a name of sixty-three bytes, which is as long as a name may be.";

fn record(mtd: &[MtdGrant<'_>]) -> Record<Vec<u8>> {
    let spec = Spec {
        component: Uuid([1; 16]),
        tenant: "",
        name: "",
        capabilities: CapabilitySet::default(),
        storage_bytes: 0,
        gpio: &[],
        mtd,
        net: &[],
        peers: &[],
    };
    let mut bytes = vec![0; spec.size()];
    spec.write(&mut bytes).unwrap();
    Record::parse(bytes).unwrap()
}

fn grant(partition: &str, access: MtdAccess) -> MtdGrant<'_> {
    MtdGrant { partition, access }
}

fn sample() -> Record<Vec<u8>> {
    record(&[
        grant(LONGEST, MtdAccess::ReadWrite),
        grant("config", MtdAccess::Read),
        grant("data", MtdAccess::ReadWrite),
        grant("größe", MtdAccess::Read),
    ])
}

/// Whether reading is granted, and whether writing is.
fn granted(record: &Record<Vec<u8>>, partition: &CStr) -> (bool, bool) {
    (
        Grants::from(record).has_mtd(partition, MtdAccess::Read),
        Grants::from(record).has_mtd(partition, MtdAccess::ReadWrite),
    )
}

#[test]
fn what_is_granted_is_allowed_and_no_more() {
    let record = sample();
    assert_eq!(granted(&record, c"config"), (true, false));
    assert_eq!(granted(&record, c"data"), (true, true));
    assert_eq!(granted(&record, c"größe"), (true, false));
    assert_eq!(granted(&record, c"other"), (false, false));
}

#[test]
fn a_name_counts_as_a_whole() {
    let record = sample();
    for name in [
        c"", c"d", c"dat", c"data ", c"data1", c" data", c"Data", c"conf", c"gr", c"gr\xc3",
    ] {
        assert_eq!(granted(&record, name), (false, false), "{name:?}");
    }
}

/// No byte of an entry but its name can make a name match.
#[test]
fn names_that_no_record_can_hold() {
    let record = sample();
    let longest = std::ffi::CString::new(LONGEST).unwrap();
    assert_eq!(LONGEST.len(), 63);
    assert_eq!(granted(&record, &longest), (true, true));
    for tail in ["x", "\u{3}", "x\u{3}", "xyz"] {
        let name = std::ffi::CString::new(format!("{LONGEST}{tail}")).unwrap();
        assert_eq!(granted(&record, &name), (false, false), "{name:?}");
    }
    assert_eq!(granted(&record, c"\xff\xfe"), (false, false));
}

#[test]
fn no_grant_no_partition() {
    let record = record(&[]);
    for name in [c"", c"data", c"config"] {
        assert_eq!(granted(&record, name), (false, false));
    }
}

/// As many as fit, each found, and none between them.
#[test]
fn full_table() {
    let names: Vec<_> = (0..54).map(|i| format!("partition {i:02}")).collect();
    let grants: Vec<_> = names
        .iter()
        .map(|name| grant(name, MtdAccess::Read))
        .collect();
    let record = record(&grants);
    for name in &names {
        let name = std::ffi::CString::new(name.as_str()).unwrap();
        assert_eq!(granted(&record, &name), (true, false));
    }
    assert_eq!(granted(&record, c"partition 54"), (false, false));
}
