// SPDX-License-Identifier: GPL-2.0

//! The record of `include/uapi/linux/sphere.h`, as a C compiler reads it, is the record of the
//! core: every byte, and every constant.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::owned::Owned;
use sphere_core::capability::{Capability, CapabilitySet};
use sphere_core::denial_line::AUDIT_TYPE;
use sphere_core::record::{
    CHIP_SIZE, Entry, GpioGrant, HEADER_SIZE, Kind, MAGIC, MtdAccess, MtdGrant, NAME_SIZE,
    NetAction, NetRule, PARTITION_SIZE, Prefix, Protocol, RECORD_MAX, TENANT_SIZE,
};
use sphere_core::uuid::Uuid;

/// The record that `uapi.c` builds.
fn everything() -> Owned {
    let mut v6 = [0; 16];
    v6[..4].copy_from_slice(&[0x20, 0x01, 0x0d, 0xb8]);
    v6[15] = 1;
    let mut peer = [0; 16];
    peer[15] = 1;
    Owned {
        component: Uuid(0x0123_4567_89ab_cdef_fedc_ba98_7654_3210_u128.to_be_bytes()),
        tenant: "tenant".to_owned(),
        name: "name".to_owned(),
        capabilities: CapabilitySet::EMPTY
            .with(Capability::SystemTime)
            .with(Capability::EnableCoredumps),
        storage_bytes: 0x12_3456_789a,
        gpio: vec![
            ("chip".to_owned(), 64, 0x8000_0000_0000_0001, 2),
            ("chip".to_owned(), 128, 0, 0x10),
        ],
        mtd: vec![
            ("a".to_owned(), MtdAccess::Read),
            ("b".to_owned(), MtdAccess::ReadWrite),
        ],
        net: vec![
            NetRule {
                action: NetAction::Bind,
                protocol: Protocol::Tcp,
                port_first: 0x1234,
                port_last: 0x5678,
            },
            NetRule {
                action: NetAction::Connect(Prefix::V4([192, 0, 2, 0], 24)),
                protocol: Protocol::Udp,
                port_first: 1,
                port_last: 65535,
            },
            NetRule {
                action: NetAction::Connect(Prefix::V6(v6, 128)),
                protocol: Protocol::Tcp,
                port_first: 443,
                port_last: 443,
            },
        ],
        peers: vec![Uuid(peer)],
    }
}

/// Every constant of the header, by the core. What the core keeps to itself stands here as a
/// number: the bytes of [`everything`] depend on those.
fn constants() -> BTreeMap<String, u64> {
    let size = |size: usize| size as u64;
    let mut constants: BTreeMap<_, _> = [
        ("RECORD_MAGIC", u64::from(MAGIC)),
        ("RECORD_MAX", size(RECORD_MAX)),
        ("AUDIT_DENIED", AUDIT_TYPE.into()),
        ("KIND_NONE", Kind::None as u64),
        ("KIND_APPLICATION", Kind::Application as u64),
        ("KIND_MANAGER", Kind::Manager as u64),
        ("TENANT_SIZE", size(TENANT_SIZE)),
        ("NAME_SIZE", size(NAME_SIZE)),
        ("CHIP_SIZE", size(CHIP_SIZE)),
        ("PARTITION_SIZE", size(PARTITION_SIZE)),
        ("RECORD_SIZE_VER0", size(HEADER_SIZE)),
        ("GPIO_GRANT_SIZE_VER0", size(GpioGrant::SIZE)),
        ("MTD_READ", MtdAccess::Read as u64),
        (
            "MTD_WRITE",
            MtdAccess::ReadWrite as u64 & !(MtdAccess::Read as u64),
        ),
        ("MTD_GRANT_SIZE_VER0", size(MtdGrant::SIZE)),
        ("NET_BIND", 1),
        ("NET_CONNECT", 2),
        ("NET_ANY", 0),
        ("NET_IPV4", 4),
        ("NET_IPV6", 6),
        ("NET_RULE_SIZE_VER0", size(NetRule::SIZE)),
        ("PEER_SIZE_VER0", size(Uuid::SIZE)),
    ]
    .into_iter()
    .map(|(name, value)| (format!("SPHERE_{name}"), value))
    .collect();
    constants.extend(
        Capability::ALL
            .iter()
            .map(|capability| (capability_macro(capability.name()), capability.bit().into())),
    );
    constants
}

/// `SystemTime` is `SPHERE_CAP_SYSTEM_TIME`.
fn capability_macro(name: &str) -> String {
    let mut text = "SPHERE_CAP".to_owned();
    for c in name.chars() {
        if c.is_uppercase() {
            text.push('_');
        }
        text.extend(c.to_uppercase());
    }
    text
}

/// The names of all macros of the header that have a value.
fn macros(header: &str) -> Vec<&str> {
    header
        .lines()
        .filter_map(|line| line.strip_prefix("#define "))
        .filter_map(|rest| rest.split_once(char::is_whitespace))
        .map(|(name, _)| name)
        .collect()
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Compiles `uapi.c` with a line for each macro, runs it, and returns what it prints.
fn run(macros: &[&str]) -> String {
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("uapi-{}", std::process::id()));
    let include = folder.join("linux");
    fs::create_dir_all(&include).expect("a folder");
    let header = repository().join("include/uapi/linux/sphere.h");
    fs::copy(header, include.join("sphere.h")).expect("the header");
    // The machine's own may be too old to have it; all that is wanted of it is its size.
    fs::write(
        include.join("lsm.h"),
        "#include <linux/types.h>\nstruct lsm_ctx { __u64 id, flags, len, ctx_len; __u8 ctx[]; };\n",
    )
    .expect("a stub");
    let lines: Vec<_> = macros
        .iter()
        .map(|name| format!("printf(\"{name} %llu\\n\", (unsigned long long)({name}));\n"))
        .collect();
    fs::write(folder.join("constants.inc"), lines.concat()).expect("the constants");

    let program = folder.join("uapi");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/record/uapi.c");
    // The linker that Rust itself needs.
    let compiler = env::var_os("CC").unwrap_or_else(|| "cc".into());
    let compiled = Command::new(&compiler)
        .args(["-std=gnu11", "-Wall", "-Werror", "-I"])
        .arg(&folder)
        .arg("-o")
        .args([&program, &source])
        .status()
        .expect("a C compiler; CC names another than cc");
    assert!(compiled.success(), "{compiler:?} refuses the header");
    let output = Command::new(&program).output().expect("it runs");
    assert!(output.status.success());
    fs::remove_dir_all(&folder).expect("the folder was ours");
    String::from_utf8(output.stdout).expect("it prints text")
}

#[test]
fn the_header_and_the_core_agree() {
    let header = fs::read_to_string(repository().join("include/uapi/linux/sphere.h")).unwrap();
    let printed = run(&macros(&header));
    let (record, constants_of_c) = printed.split_once('\n').expect("the record's line");

    let ours: String = everything()
        .write()
        .expect("a valid record")
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(record, ours);

    let theirs: BTreeMap<_, u64> = constants_of_c
        .lines()
        .map(|line| line.split_once(' ').expect("a name and a value"))
        .map(|(name, value)| (name.to_owned(), value.parse().expect("a number")))
        .collect();
    assert_eq!(theirs, constants());
}
