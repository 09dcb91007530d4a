// SPDX-License-Identifier: GPL-2.0

//! The numbers by which messages carry who has sent them, and the labels that they stand for.
//!
//! The kernel copies such a number into every message and never says when it forgets one: a message
//! can be read long after its sender and all of that component's tasks are gone. So a number means
//! the same for ever. That costs memory only for each different label: it does not matter how often
//! an application starts, and only managers decide which applications there are.

use crate::{
    cred::{
        Blob,
        Subject, //
    },
    identity::Identity,
    model::{
        label::{
            Label,
            TENANT_OFFSET, //
        },
        uuid::Uuid, //
    }, //
};
use kernel::{
    prelude::*,
    str::CString,
    sync::SetOnce, //
};

/// No label: what a number is that nobody has set.
pub(crate) const UNKNOWN: u32 = 0;
/// One of the kernel's own tasks.
pub(crate) const KERNEL: u32 = 1;
/// A manager.
pub(crate) const MANAGER: u32 = 2;
/// A task without identity.
const NONE: u32 = 3;
/// The first application's.
const FIRST: u32 = 4;

/// Different labels of applications that there can be until the next boot. Some 150 bytes each.
const MAX: u32 = 4096;

/// A label and its number, in a list that only grows.
struct Entry {
    number: u32,
    component: Uuid,
    text: CString,
    next: List,
}

impl Entry {
    /// Compares without making a text of what is looked for: most execs find their label.
    fn is_of(&self, component: Uuid, tenant: &str) -> bool {
        self.component == component
            && self.text.to_bytes().get(TENANT_OFFSET..) == Some(tenant.as_bytes())
    }
}

/// The rest of a list. Readers need no lock.
type List = SetOnce<&'static Entry>;

static LABELS: List = List::new();

kernel::sync::global_lock! {
    // SAFETY: `init` is called before the first exec.
    unsafe(uninit) static NEXT: Mutex<u32> = FIRST;
}

/// Sets the module up. To be called once, from the start of the security module.
pub(crate) fn init() {
    // SAFETY: The caller promises that this is the only call.
    unsafe { NEXT.init() };
}

/// The number for tasks of an application. Sleeps.
///
/// # Errors
///
/// - `ENOSPC` when there have been too many different labels.
/// - `ENOMEM`.
pub(crate) fn of_application(identity: &Identity) -> Result<u32> {
    let record = identity.record();
    let mut next = NEXT.lock();
    find_or_add(&LABELS, &mut next, record.component(), record.tenant())
}

/// Finds a label in `list`, or adds it with the number `next`. Nobody else adds meanwhile.
fn find_or_add(list: &'static List, next: &mut u32, component: Uuid, tenant: &str) -> Result<u32> {
    let mut slot = list;
    while let Some(entry) = slot.copy() {
        if entry.is_of(component, tenant) {
            return Ok(entry.number);
        }
        slot = &entry.next;
    }
    let number = *next;
    if number >= FIRST + MAX {
        return Err(ENOSPC);
    }
    let label = Label::Application { component, tenant };
    let entry = Entry {
        number,
        component,
        text: CString::try_from_fmt(format_args!("{label}"))?,
        next: List::new(),
    };
    slot.populate(KBox::leak(KBox::new(entry, GFP_KERNEL)?));
    *next += 1;
    Ok(number)
}

/// The number for tasks that have these credentials.
pub(crate) fn of_task(blob: &Blob) -> u32 {
    match blob.subject.as_deref() {
        None => NONE,
        Some(Subject::Kernel) => KERNEL,
        Some(Subject::Manager) => MANAGER,
        Some(Subject::Application { label, .. }) => *label,
    }
}

/// The component that a number stands for, if it is that of an application. Never sleeps.
pub(crate) fn component_of(number: u32) -> Option<Uuid> {
    entry(number).map(|entry| entry.component)
}

fn entry(number: u32) -> Option<&'static Entry> {
    let mut slot = &LABELS;
    while let Some(entry) = slot.copy() {
        if entry.number == number {
            return Some(entry);
        }
        slot = &entry.next;
    }
    None
}

/// The label that a number stands for. Never sleeps.
///
/// # Errors
///
/// `EINVAL` when it stands for none.
pub(crate) fn text(number: u32) -> Result<&'static CStr> {
    match number {
        UNKNOWN => return Err(EINVAL),
        KERNEL => return Ok(c"kernel"),
        MANAGER => return Ok(c"manager"),
        NONE => return Ok(c"none"),
        FIRST.. => {}
    }
    entry(number).map(|entry| &*entry.text).ok_or(EINVAL)
}

#[cfg(CONFIG_SECURITY_SPHERE_KUNIT_TEST)]
#[kunit_tests(sphere_label)]
mod tests {
    use super::*;
    use crate::model::record::{
        Spec,
        RECORD_MAX, //
    };

    fn number(component: u8, tenant: &str) -> u32 {
        let spec = Spec {
            tenant,
            ..Spec::new(Uuid([component; 16]))
        };
        let mut bytes = [0; RECORD_MAX / 8];
        let size = spec.write(&mut bytes).unwrap();
        of_application(&Identity::new(&bytes[..size]).unwrap()).unwrap()
    }

    #[test]
    fn a_label_has_one_number() {
        let first = number(0xe1, "kunit");
        for _ in 0..1000 {
            assert_eq!(number(0xe1, "kunit"), first);
        }
        assert!(number(0xe1, "kunit 2") != first);
        assert!(number(0xe2, "kunit") != first);
    }

    #[test]
    fn a_number_stands_for_its_label() {
        let number = number(0xe3, "two words");
        assert_eq!(
            text(number).unwrap(),
            c"component=e3e3e3e3-e3e3-e3e3-e3e3-e3e3e3e3e3e3 tenant=two words"
        );
    }

    #[test]
    fn numbers_run_out_for_new_labels_only() {
        static LIST: List = List::new();
        let mut next = FIRST + MAX - 1;
        let mut number = |tenant| find_or_add(&LIST, &mut next, Uuid([0xe4; 16]), tenant);
        assert_eq!(number("the last"), Ok(FIRST + MAX - 1));
        assert_eq!(number("one more"), Err(ENOSPC));
        assert_eq!(number("the last"), Ok(FIRST + MAX - 1));
    }

    /// The literals are those that the tools read.
    #[test]
    fn the_other_labels_are_as_the_tools_read_them() {
        for (number, label) in [
            (KERNEL, Label::Kernel),
            (MANAGER, Label::Manager),
            (NONE, Label::None),
        ] {
            let text = text(number).unwrap().to_str().unwrap();
            assert_eq!(Label::parse(text), Some(label));
        }
    }

    #[test]
    fn other_numbers_stand_for_nothing() {
        for number in [UNKNOWN, FIRST + MAX, u32::MAX] {
            assert_eq!(text(number), Err(EINVAL));
        }
    }
}
