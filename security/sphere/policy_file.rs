// SPDX-License-Identifier: GPL-2.0

//! `/sys/kernel/security/sphere/policy`, and `policy_error` beside it.

use crate::{
    model::policy::POLICY_MAX,
    policy,
    policy_fs::{
        files,
        line,
        READ,
        READ_WRITE, //
    },
    Sphere, //
};
use kernel::{
    lsm::securityfs::{
        Dir,
        File,
        WritableFile, //
    },
    prelude::*,
    seq_file::SeqFile,
    seq_print, //
};

/// Makes the files.
///
/// # Errors
///
/// `EEXIST`, `ENOMEM`.
pub(crate) fn init(dir: &Dir) -> Result {
    dir.add_writable::<Policy>(c"policy", READ_WRITE)?;
    dir.add::<PolicyError>(c"policy_error", READ)
}

files! {
    Policy => show_policy,
    PolicyError => show_policy_error,
}

/// `policy`: the text of the policy in force.
fn show_policy(seq: &SeqFile) -> Result {
    policy::with_text(&|text| seq_print!(seq, "{text}"));
    Ok(())
}

impl WritableFile for Policy {
    // One more, for an error that says so.
    const MAX: usize = POLICY_MAX + 1;

    fn write(value: &[u8]) -> Result {
        policy::replace(value)
    }
}

/// `policy_error`: why the last policy was refused.
fn show_policy_error(seq: &SeqFile) -> Result {
    if let Some(error) = policy::last_error() {
        line(seq, &error);
    }
    Ok(())
}
