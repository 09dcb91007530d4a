// SPDX-License-Identifier: GPL-2.0

//! `/sys/kernel/security/sphere/`: what only the manager reads and writes.
//!
//! `Documentation/ABI/testing/securityfs-sphere` describes the files.

#[cfg(CONFIG_SYSCALL_POLICY)]
use crate::syscall;
use crate::{
    answer::allow_if,
    claim::{
        self,
        Start, //
    },
    cred::Blob,
    mode,
    model::{
        self,
        gate::Gate,
        listing::Listing,
        storage,
        words::{
            Decimal,
            Name, //
        }, //
    },
    policy,
    policy_file,
    report,
    Sphere, //
};
use core::fmt::Display;
use kernel::{
    bindings,
    lsm::securityfs::{
        Dir,
        File,
        WritableFile, //
    },
    prelude::*,
    seq_file::SeqFile,
    seq_print,
    sync::rcu, //
};

/// May be read by root, and by nobody else.
pub(crate) const READ: u16 = 0o400;
/// May be read and written by root, and by nobody else.
pub(crate) const READ_WRITE: u16 = 0o600;

/// The version of what is in the files.
const VERSION: u32 = 1;

/// Bytes of the longest word that is a value, and its line feed.
const WORD_MAX: usize = 16;

/// Makes the files.
///
/// # Errors
///
/// `EEXIST`, `ENOMEM`.
pub(crate) fn init() -> Result {
    let dir = Dir::new(c"sphere")?;
    dir.add::<Version>(c"version", READ)?;
    dir.add_writable::<Mode>(c"mode", READ_WRITE)?;
    policy_file::init(&dir)?;
    dir.add_writable::<Lock>(c"lock", READ_WRITE)?;
    dir.add::<Components>(c"components", READ)?;
    dir.add::<Denials>(c"denials", READ)?;
    #[cfg(CONFIG_SYSCALL_POLICY)]
    dir.add::<Syscalls>(c"syscalls", READ)?;
    Ok(())
}

/// What applications try tells about them, and who writes the policy rules them.
pub(crate) fn only_manager(current: &Blob) -> Result {
    allow_if(current.role().may_govern(), EPERM)
}

/// A word that was written, with or without a line feed.
fn word(value: &[u8]) -> &[u8] {
    value.strip_suffix(b"\n").unwrap_or(value)
}

macro_rules! files {
    ($($(#[$attr:meta])* $file:ident => $show:ident,)*) => {$(
        $(#[$attr])*
        struct $file;

        $(#[$attr])*
        impl File for $file {
            type Module = Sphere;

            fn open(current: &crate::cred::Blob) -> Result {
                $crate::policy_fs::only_manager(current)
            }

            fn show(seq: &SeqFile) -> Result {
                $show(seq)
            }
        }
    )*};
}
pub(crate) use files;

files! {
    Version => show_version,
    Mode => show_mode,
    Lock => show_lock,
    Components => show_components,
    Denials => show_denials,
    #[cfg(CONFIG_SYSCALL_POLICY)]
    Syscalls => show_syscalls,
}

/// `version`: of what is in the files.
fn show_version(seq: &SeqFile) -> Result {
    seq_print!(seq, "{VERSION}\n");
    Ok(())
}

/// `mode`: what happens with denials, and what debuggers may do.
fn show_mode(seq: &SeqFile) -> Result {
    let mode = mode::mode().name();
    seq_print!(seq, "{mode}\n");
    Ok(())
}

impl WritableFile for Mode {
    const MAX: usize = WORD_MAX;

    fn write(value: &[u8]) -> Result {
        mode::set_mode(model::mode::Mode::from_name(word(value)).ok_or(EINVAL)?)
    }
}

/// `lock`: whether the policy can still be widened.
fn show_lock(seq: &SeqFile) -> Result {
    let state = if mode::is_locked() {
        "locked"
    } else {
        "unlocked"
    };
    seq_print!(seq, "{state}\n");
    Ok(())
}

impl WritableFile for Lock {
    const MAX: usize = WORD_MAX;

    fn write(value: &[u8]) -> Result {
        if word(value) != b"locked" {
            return Err(EINVAL);
        }
        mode::lock();
        Ok(())
    }
}

/// `components`: those that live.
fn show_components(seq: &SeqFile) -> Result {
    let mut separator = "";
    for start in &claim::starts()? {
        seq_print!(seq, "{separator}");
        show_start(seq, start);
        separator = "\n";
    }
    Ok(())
}

/// The model's types know core's traits alone.
pub(crate) fn line(seq: &SeqFile, text: &dyn Display) {
    let text = format_args!("{text}");
    seq_print!(seq, "{text}\n");
}

/// One thing about a component.
fn row(seq: &SeqFile, word: &str, value: &dyn Display) {
    line(seq, &format_args!(" {word} {value}"));
}

fn show_start(seq: &SeqFile, start: &Start) {
    let (record, component) = (start.identity().record(), start.component());
    line(seq, &format_args!("component {}", component.id()));
    row(seq, "name", &Name(record.name().as_bytes()));
    row(seq, "tenant", &Name(record.tenant().as_bytes()));
    row(seq, "uid", &start.uid().into_raw().val);
    let listing = Listing {
        record: record.as_slice(),
        prefix: " grant ",
    };
    let listing = format_args!("{listing}");
    seq_print!(seq, "{listing}");
    policy::with_statements(component.id(), &|words| {
        seq_print!(seq, " policy {words}\n")
    });
    show_storage(seq, start);
    for &gate in Gate::ALL {
        match component.denials(gate) {
            0 => {}
            count => seq_print!(seq, " denied {} {count}\n", gate.name()),
        }
    }
    match component.missed() {
        0 => {}
        missed => row(seq, "missed", &missed),
    }
}

fn show_storage(seq: &SeqFile, start: &Start) {
    let quota = {
        let guard = rcu::read_lock();
        policy::grants(Some(start.identity().record()), &guard).storage_bytes()
    };
    if quota == 0 {
        return;
    }
    let (used, written) = (used(start), start.component().written());
    let budget = storage::wear_budget(quota);
    for &(word, bytes, limit) in &[("used", used, quota), ("written", written, budget)] {
        let (bytes, limit) = (Decimal(bytes), Decimal(limit));
        row(seq, word, &format_args!("{bytes} of {limit}"));
    }
}

/// Bytes that belong to a component on all file systems on flash.
fn used(start: &Start) -> u64 {
    extern "C" {
        fn sphere_storage_used(uid: bindings::kuid_t) -> u64;
    }
    if !cfg!(CONFIG_JFFS2_QUOTA) {
        return 0;
    }
    // SAFETY: Can be called in process context.
    unsafe { sphere_storage_used(start.uid().into_raw()) }
}

/// `denials`: lines of a gate and how often it has denied something since the boot.
fn show_denials(seq: &SeqFile) -> Result {
    for &gate in Gate::ALL {
        seq_print!(seq, "{} {}\n", gate.name(), report::count(gate));
    }
    Ok(())
}

/// `syscalls`: lines of a system call's number and how often it has been denied since the boot, for
/// those for which that has happened.
#[cfg(CONFIG_SYSCALL_POLICY)]
fn show_syscalls(seq: &SeqFile) -> Result {
    for (nr, count) in syscall::counts() {
        seq_print!(seq, "{nr} {count}\n");
    }
    Ok(())
}
