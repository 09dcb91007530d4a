// SPDX-License-Identifier: GPL-2.0

//! An [`Arc`] that is replaced while others read it.

use super::{
    atomic::{
        Acquire,
        Atomic,
        Full, //
    },
    rcu::{
        synchronize_rcu,
        Guard, //
    },
    Arc, //
};
use core::{
    marker::PhantomData,
    ptr, //
};

/// A place for an [`Arc`], or for nothing.
///
/// Readers take no lock and no reference: they see what is there as long as they hold the RCU read
/// side lock, whatever comes into its place meanwhile.
///
/// # Invariants
///
/// The pointer is null, or what [`Arc::into_raw`] returned, and stands for one reference. Who takes
/// it out waits for a grace period before that reference goes.
///
/// # Examples
///
/// ```
/// use kernel::sync::{rcu, rcu_arc::RcuArc, Arc};
///
/// static PLACE: RcuArc<u32> = RcuArc::empty();
///
/// assert_eq!(PLACE.read(&rcu::read_lock()), None);
/// PLACE.replace(Some(Arc::new(1, GFP_KERNEL)?));
/// PLACE.replace(Some(Arc::new(2, GFP_KERNEL)?));
/// assert_eq!(PLACE.read(&rcu::read_lock()), Some(&2));
/// PLACE.replace(None);
/// # Ok::<(), Error>(())
/// ```
pub struct RcuArc<T> {
    place: Atomic<*mut T>,
    _owner: PhantomData<Arc<T>>,
}

// SAFETY: It gives out shared references to `T`, and drops `T`, wherever it is used from: that is
// what `Arc<T>` needs, too.
unsafe impl<T: Send + Sync> Send for RcuArc<T> {}
// SAFETY: As above.
unsafe impl<T: Send + Sync> Sync for RcuArc<T> {}

impl<T> RcuArc<T> {
    /// Nothing.
    pub const fn empty() -> Self {
        // INVARIANT: The pointer is null.
        Self {
            place: Atomic::new(ptr::null_mut()),
            _owner: PhantomData,
        }
    }

    /// What is there now.
    pub fn read<'a>(&'a self, _guard: &'a Guard) -> Option<&'a T> {
        let place = self.place.load(Acquire);
        // SAFETY: By the type invariant, it points at a `T`, which stays for as long as the read
        // side lock is held: who takes it out waits for that.
        unsafe { place.as_ref() }
    }

    /// Puts `new` into its place. Sleeps until nobody reads what was there.
    pub fn replace(&self, new: Option<Arc<T>>) {
        let new = new.map_or(ptr::null_mut(), |new| Arc::into_raw(new).cast_mut());
        // INVARIANT: The pointer is null, or comes from `Arc::into_raw`.
        let old = self.place.xchg(new, Full);
        if old.is_null() {
            return;
        }
        synchronize_rcu();
        // SAFETY: By the type invariant, it comes from `Arc::into_raw`, and its reference is ours
        // now. The grace period after which it may go is over.
        drop(unsafe { Arc::from_raw(old) });
    }
}

impl<T> Drop for RcuArc<T> {
    fn drop(&mut self) {
        self.replace(None);
    }
}
