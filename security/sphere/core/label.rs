// SPDX-License-Identifier: GPL-2.0

//! Labels: how a socket tells who is at the other end.
//!
//! `Documentation/userspace-api/sphere.rst` promises the form of the text to programs.

use super::{record::TENANT_SIZE, uuid::Uuid};
use core::fmt;

/// Bytes of an application's label before its tenant.
pub const TENANT_OFFSET: usize = COMPONENT.len() + Uuid::TEXT_SIZE + TENANT.len();
/// Bytes of the longest label.
pub const LABEL_MAX: usize = TENANT_OFFSET + TENANT_SIZE - 1;

const KERNEL: &str = "kernel";
const MANAGER: &str = "manager";
const NONE: &str = "none";
const COMPONENT: &str = "component=";
const TENANT: &str = " tenant=";

/// Who somebody is to those who talk to him.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label<'a> {
    /// One of the kernel's own tasks.
    Kernel,
    /// A manager.
    Manager,
    /// A task without identity.
    None,
    /// A component's task.
    Application {
        /// Which component.
        component: Uuid,
        /// Its network identity; empty for none.
        tenant: &'a str,
    },
}

impl<'a> Label<'a> {
    /// Reads a label. `None` when the text is none.
    ///
    /// The tenant comes last and ends with the text, so that nothing in it can be taken for
    /// anything else.
    pub fn parse(text: &'a str) -> Option<Self> {
        match text {
            KERNEL => return Some(Self::Kernel),
            MANAGER => return Some(Self::Manager),
            NONE => return Some(Self::None),
            _ => {}
        }
        let (component, rest) = text
            .strip_prefix(COMPONENT)?
            .split_at_checked(Uuid::TEXT_SIZE)?;
        Some(Self::Application {
            component: Uuid::parse(component)?,
            tenant: rest.strip_prefix(TENANT)?,
        })
    }
}

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kernel => f.write_str(KERNEL),
            Self::Manager => f.write_str(MANAGER),
            Self::None => f.write_str(NONE),
            Self::Application { component, tenant } => {
                write!(f, "{COMPONENT}{component}{TENANT}{tenant}")
            }
        }
    }
}
