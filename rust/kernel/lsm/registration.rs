// SPDX-License-Identifier: GPL-2.0

//! The statics by which the framework knows a module.

use super::{
    hooks,
    Lsm, //
};
#[cfg(CONFIG_SECURITYFS)]
use crate::error::from_result;
use crate::{
    bindings,
    ffi::c_int,
    str::CStr,
    types::Opaque, //
};
use core::{
    cell::UnsafeCell,
    mem, //
};

/// Name and number of a security module.
///
/// C header: [`include/linux/lsm_hooks.h`](srctree/include/linux/lsm_hooks.h), `struct lsm_id`.
#[repr(transparent)]
pub struct Id(bindings::lsm_id);

// SAFETY: It is never changed, and its name is a static.
unsafe impl Sync for Id {}

impl Id {
    #[doc(hidden)]
    pub const fn new(name: &'static CStr, number: u64) -> Self {
        Self(bindings::lsm_id {
            name: name.to_bytes_with_nul().as_ptr(),
            id: number,
        })
    }

    /// `LSM_ID_*`.
    #[inline]
    pub fn number(&self) -> u64 {
        self.0.id
    }
}

/// The sizes of a module's blobs, which the framework replaces by their offsets.
#[doc(hidden)]
#[repr(transparent)]
pub struct Blobs(Opaque<bindings::lsm_blob_sizes>);

// SAFETY: The framework alone writes to it, before the module is initialised.
unsafe impl Sync for Blobs {}

impl Blobs {
    #[doc(hidden)]
    pub const fn new<T: Lsm>() -> Self {
        const {
            assert!(
                mem::align_of::<T::CredBlob>() <= mem::align_of::<*mut u8>(),
                "the framework aligns blobs like pointers"
            );
            assert!(
                mem::align_of::<T::SockBlob>() <= mem::align_of::<*mut u8>(),
                "the framework aligns blobs like pointers"
            );
        }
        Self(Opaque::new(bindings::lsm_blob_sizes {
            lbs_cred: mem::size_of::<T::CredBlob>() as u32,
            lbs_sock: mem::size_of::<T::SockBlob>() as u32,
            ..pin_init::zeroed()
        }))
    }

    /// Bytes from the start of `cred->security` to the blob. The module must be initialised.
    #[inline]
    pub(super) fn cred_offset(&self) -> usize {
        // SAFETY: The framework has finished with it when it initialises the module.
        let offset = unsafe { (*self.0.get()).lbs_cred };
        offset as usize
    }

    /// Bytes from the start of `sk->sk_security` to the blob. The module must be initialised.
    #[cfg(CONFIG_SECURITY_NETWORK)]
    #[inline]
    pub(super) fn sock_offset(&self) -> usize {
        // SAFETY: The framework has finished with it when it initialises the module.
        let offset = unsafe { (*self.0.get()).lbs_sock };
        offset as usize
    }
}

/// The hooks of a module.
#[doc(hidden)]
#[repr(transparent)]
pub struct Hooks<const N: usize>(UnsafeCell<[bindings::security_hook_list; N]>);

// SAFETY: The framework alone uses it.
unsafe impl<const N: usize> Sync for Hooks<N> {}

impl<const N: usize> Hooks<N> {
    #[doc(hidden)]
    pub const fn new<T: Lsm>() -> Self {
        Self(UnsafeCell::new(hooks::implemented::<T, N>()))
    }

    /// What `security_add_hooks()` wants.
    #[doc(hidden)]
    pub const fn as_mut_ptr(&self) -> *mut bindings::security_hook_list {
        self.0.get().cast()
    }

    /// What `security_add_hooks()` wants.
    #[doc(hidden)]
    pub const fn count(&self) -> c_int {
        N as c_int
    }
}

/// The number of hooks that `T` implements.
#[doc(hidden)]
pub const fn hook_count<T: Lsm>() -> usize {
    hooks::count::<T>()
}

/// What the framework finds in `.lsm_info.init`. It writes to it.
#[doc(hidden)]
#[repr(transparent)]
pub struct Info(Opaque<bindings::lsm_info>);

// SAFETY: The framework alone uses it.
unsafe impl Sync for Info {}

impl Info {
    #[doc(hidden)]
    pub const fn new<T: Lsm>(
        id: &'static Id,
        blobs: &'static Blobs,
        init: unsafe extern "C" fn() -> c_int,
    ) -> Self {
        Self(Opaque::new(bindings::lsm_info {
            id: &raw const id.0,
            blobs: blobs.0.get(),
            init: Some(init),
            #[cfg(CONFIG_SECURITYFS)]
            initcall_fs: if T::HAS_SECURITYFS {
                Some(securityfs::<T>)
            } else {
                None
            },
            ..pin_init::zeroed()
        }))
    }
}

/// # Safety
///
/// To be called by the LSM framework, when there is securityfs.
#[cfg(CONFIG_SECURITYFS)]
unsafe extern "C" fn securityfs<T: Lsm>() -> c_int {
    from_result(|| T::securityfs().map(|()| 0))
}

/// A registered security module. Implemented by [`lsm!`](crate::lsm!).
///
/// # Safety
///
/// - `blobs()` must be what the framework was told at the registration of the same type, made by
///   [`Blobs::new`] for it.
/// - `is_active()` must not return true before the framework has set up the blobs.
pub unsafe trait Registered: Sized + 'static {
    /// The module's name and number.
    fn id() -> &'static Id;

    /// Where the module's blobs are.
    fn blobs() -> &'static Blobs;

    /// Whether the framework has initialised the module. It need not: a kernel may have modules
    /// that are not in its `lsm=`.
    fn is_active() -> bool;
}

/// Registers a security module.
///
/// Takes the type, which implements [`Lsm`], the name by which `CONFIG_LSM` and the command line
/// know the module, and its number, `LSM_ID_*`. For an example, see the
/// [module documentation](mod@crate::lsm).
#[macro_export]
macro_rules! lsm {
    (type: $type:ty, name: $name:expr, id: $id:expr $(,)?) => {
        const _: () = {
            // Whole paths and unlikely names: `$type` and the expressions are the caller's, and
            // would find what is declared here before what the caller means.
            static __LSM_ID: $crate::lsm::Id = $crate::lsm::Id::new($name, $id);

            #[link_section = ".data..ro_after_init"]
            static __LSM_BLOBS: $crate::lsm::Blobs = $crate::lsm::Blobs::new::<$type>();

            #[link_section = ".data..ro_after_init"]
            static __LSM_HOOKS: $crate::lsm::Hooks<{ $crate::lsm::hook_count::<$type>() }> =
                $crate::lsm::Hooks::new::<$type>();

            static __LSM_ACTIVE: $crate::sync::atomic::Atomic<bool> =
                $crate::sync::atomic::Atomic::new(false);

            #[link_section = ".lsm_info.init"]
            #[used(compiler)]
            static __LSM_INFO: $crate::lsm::Info =
                $crate::lsm::Info::new::<$type>(&__LSM_ID, &__LSM_BLOBS, __lsm_init);

            // SAFETY: `__LSM_INFO` tells the framework of `__LSM_BLOBS`, which is made for the
            // type. `__LSM_ACTIVE` is set when the framework calls `__lsm_init`.
            unsafe impl $crate::lsm::Registered for $type {
                #[inline]
                fn id() -> &'static $crate::lsm::Id {
                    &__LSM_ID
                }

                #[inline]
                fn blobs() -> &'static $crate::lsm::Blobs {
                    &__LSM_BLOBS
                }

                #[inline]
                fn is_active() -> bool {
                    __LSM_ACTIVE.load($crate::sync::atomic::Acquire)
                }
            }

            /// # Safety
            ///
            /// To be called by the LSM framework, once.
            #[link_section = ".init.text"]
            unsafe extern "C" fn __lsm_init() -> $crate::ffi::c_int {
                // SAFETY: The statics live for ever, and the framework alone uses them. `Id` is a
                // transparent wrapper.
                unsafe {
                    $crate::bindings::security_add_hooks(
                        __LSM_HOOKS.as_mut_ptr(),
                        __LSM_HOOKS.count(),
                        (&raw const __LSM_ID).cast(),
                    )
                };
                __LSM_ACTIVE.store(true, $crate::sync::atomic::Release);
                // SAFETY: This is the framework's call.
                let mut start = unsafe { $crate::lsm::Init::new() };
                match <$type as $crate::lsm::Lsm>::init(&mut start) {
                    Ok(()) => 0,
                    Err(e) => e.to_errno(),
                }
            }
        };
    };
}
