// SPDX-License-Identifier: GPL-2.0

//! What an application may have on flash, and how much it may write.

use sphere_core::storage::{Charge, WEAR_MIN, WEAR_PER_BYTE, spend, wear_budget};

const QUOTA: u64 = 64 << 10;

const FITTING: Charge = Charge {
    own: true,
    used: Some(QUOTA),
    growth: 68,
    bytes: 68,
};

#[test]
fn the_last_byte_fits_and_no_more() {
    assert!(FITTING.check(QUOTA).is_ok());
    assert!(FITTING.check(QUOTA - 1).is_err());
    let used = Some(QUOTA + 1);
    assert!(Charge { used, ..FITTING }.check(QUOTA).is_err());
    assert!(
        Charge {
            used,
            growth: 0,
            ..FITTING
        }
        .check(QUOTA)
        .is_ok()
    );
}

#[test]
fn without_storage_nothing_fits() {
    let used = Some(0);
    assert!(Charge { used, ..FITTING }.check(0).is_err());
    assert!(
        Charge {
            used,
            growth: 0,
            ..FITTING
        }
        .check(0)
        .is_err()
    );
}

#[test]
fn what_is_not_its_own_does_not_fit() {
    assert!(
        Charge {
            own: false,
            ..FITTING
        }
        .check(QUOTA)
        .is_err()
    );
    assert!(
        Charge {
            own: false,
            growth: 0,
            ..FITTING
        }
        .check(u64::MAX)
        .is_err()
    );
}

#[test]
fn what_nobody_counts_cannot_grow() {
    assert!(
        Charge {
            used: None,
            ..FITTING
        }
        .check(u64::MAX)
        .is_err()
    );
    assert!(
        Charge {
            used: None,
            growth: 0,
            ..FITTING
        }
        .check(QUOTA)
        .is_ok()
    );
}

#[test]
fn the_budget_goes_with_the_quota() {
    assert_eq!(wear_budget(0), 0);
    assert_eq!(wear_budget(1), WEAR_MIN);
    assert_eq!(wear_budget(QUOTA), QUOTA * WEAR_PER_BYTE);
    assert_eq!(wear_budget(u64::MAX), u64::MAX);
}

#[test]
fn a_budget_is_spent_to_its_last_byte() {
    assert_eq!(spend(0, 0, 0), Some(0));
    assert_eq!(spend(0, 1, 0), None);
    assert_eq!(spend(WEAR_MIN - 1, 1, 1), Some(WEAR_MIN));
    assert_eq!(spend(WEAR_MIN, 1, 1), None);
    assert_eq!(spend(u64::MAX, 1, u64::MAX), None);
}
