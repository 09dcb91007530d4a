// SPDX-License-Identifier: GPL-2.0

//! Identities as the kernel keeps them.

use crate::model::{
    enforce::Gates,
    record::{
        Record,
        RECORD_MAX, //
    }, //
};
#[cfg(CONFIG_SECURITY_SPHERE_KUNIT_TEST)]
use crate::model::{
    record::{
        Spec,
        HEADER_SIZE, //
    },
    uuid::Uuid, //
};
use kernel::{
    prelude::*,
    sync::Arc, //
};

/// What this kernel can enforce.
pub(crate) const GATES: Gates = Gates {
    gpio: cfg!(CONFIG_GPIO_CDEV),
    mtd: cfg!(CONFIG_MTD),
    storage: cfg!(CONFIG_JFFS2_QUOTA),
    ipv4: cfg!(CONFIG_INET),
    ipv6: cfg!(CONFIG_IPV6),
    peers: cfg!(all(CONFIG_UNIX, CONFIG_SECURITY_NETWORK)),
    debug: cfg!(CONFIG_SECURITY_SPHERE_DEVELOPMENT),
};

/// An identity: a valid record, byte for byte as it was given. Never changes.
pub(crate) struct Identity(Record<KVec<u8>>);

impl Identity {
    /// Copies and checks `record`.
    ///
    /// # Errors
    ///
    /// - `E2BIG` when it is larger than any record can be.
    /// - `EINVAL` when anything else is wrong with it.
    /// - `EOPNOTSUPP` when it grants what this kernel cannot enforce.
    /// - `ENOMEM`.
    pub(crate) fn new(record: &[u8]) -> Result<Arc<Self>> {
        if record.len() > RECORD_MAX {
            return Err(E2BIG);
        }
        let mut copy = KVec::with_capacity(record.len(), GFP_KERNEL_ACCOUNT)?;
        copy.extend_from_slice(record, GFP_KERNEL_ACCOUNT)?;
        let record = Record::parse(copy).map_err(|_| EINVAL)?;
        if !GATES.enforce(&record) {
            return Err(EOPNOTSUPP);
        }
        Ok(Arc::new(Self(record), GFP_KERNEL_ACCOUNT)?)
    }

    /// The record.
    pub(crate) fn record(&self) -> &Record<KVec<u8>> {
        &self.0
    }

    /// One that grants nothing.
    #[cfg(CONFIG_SECURITY_SPHERE_KUNIT_TEST)]
    pub(crate) fn of_component(component: Uuid) -> Result<Arc<Self>> {
        let mut record = [0; HEADER_SIZE];
        Spec::new(component)
            .write(&mut record)
            .map_err(|_| EINVAL)?;
        Self::new(&record)
    }
}
