// SPDX-License-Identifier: GPL-2.0

//! Sockets, and who is at their other end.

use super::{
    Context,
    Lsm, //
};
use crate::{
    bindings,
    error::{
        code::{
            EFAULT,
            ENOPROTOOPT,
            ERANGE, //
        },
        from_result,
        Result, //
    },
    ffi::{
        c_int,
        c_uint, //
    },
    fs::LocalFile,
    str::CStrExt as _,
    types::Opaque, //
};
use core::{
    marker::PhantomData,
    mem,
    ptr::NonNull, //
};

/// Returns where the blob of `T` is in a socket.
///
/// # Safety
///
/// - `sock` must point at a `struct sock` whose `sk_security` is set.
/// - `T` must have been initialised.
unsafe fn sock_blob_ptr<T: Lsm>(sock: *const bindings::sock) -> NonNull<T::SockBlob> {
    if mem::size_of::<T::SockBlob>() == 0 {
        // The framework reserves nothing, so `sk_security` may be null.
        return NonNull::dangling();
    }
    // SAFETY: The caller promises that `sock` is valid.
    let security = unsafe { (*sock).sk_security };
    // SAFETY: The framework gave every `sk_security` the size of all blobs, and `T`'s begins at the
    // offset that it then wrote to the registration.
    let blob = unsafe { security.byte_add(T::blobs().sock_offset()) };
    // SAFETY: As `blob` is in an allocation, it is not null.
    unsafe { NonNull::new_unchecked(blob.cast()) }
}

/// A socket.
///
/// C header: [`include/net/sock.h`](srctree/include/net/sock.h), `struct sock`.
///
/// # Invariants
///
/// It is allocated, with all its blobs.
#[repr(transparent)]
pub struct Sock(Opaque<bindings::sock>);

impl Sock {
    /// # Safety
    ///
    /// `sock` must be valid, with all its blobs, for `'a`.
    unsafe fn from_ptr<'a>(sock: *const bindings::sock) -> &'a Self {
        // SAFETY: The caller promises it; `Sock` is transparent.
        unsafe { &*sock.cast() }
    }

    /// # Safety
    ///
    /// `socket` must be valid, and have its protocol's part, for `'a`.
    pub(super) unsafe fn of_socket<'a>(socket: *const bindings::socket) -> &'a Self {
        // SAFETY: The caller promises that `socket` is valid.
        let sock = unsafe { (*socket).sk };
        // SAFETY: A socket keeps its protocol's part, of which the caller promises that it exists.
        unsafe { Self::from_ptr(sock) }
    }

    /// The socket that `file` stands for; `None` when it stands for something else.
    pub fn from_file(file: &LocalFile) -> Option<&Self> {
        if !cfg!(CONFIG_NET) {
            return None;
        }
        // SAFETY: The file is valid.
        let socket = NonNull::new(unsafe { bindings::sock_from_file(file.as_ptr()) })?;
        // SAFETY: A file that is a socket keeps it as long as there are references to the file.
        let sock = NonNull::new(unsafe { (*socket.as_ptr()).sk })?;
        // SAFETY: So does a socket its protocol's part, which the last reference to the file ends.
        Some(unsafe { Self::from_ptr(sock.as_ptr()) })
    }

    /// Whether it sends and receives datagrams (`SOCK_DGRAM`) of which each can have another sender
    /// or receiver.
    pub fn is_datagram(&self) -> bool {
        // SAFETY: By the type invariant, the socket is valid. Its type never changes once it is
        // known to anybody.
        let kind = unsafe { (*self.0.get()).sk_type };
        c_uint::from(kind) == bindings::sock_type_SOCK_DGRAM
    }
}

/// A socket that nobody knows yet.
///
/// # Invariants
///
/// - `sock` is valid, and holds a valid `T::SockBlob`.
/// - Nobody else uses that blob for `'a`.
pub struct NewSock<'a, T: Lsm> {
    sock: NonNull<bindings::sock>,
    _borrow: PhantomData<&'a mut bindings::sock>,
    _lsm: PhantomData<fn(&T)>,
}

impl<T: Lsm> NewSock<'_, T> {
    /// # Safety
    ///
    /// `sock` must be the new socket that a hook of `T` was called with, and the result be dropped
    /// before the hook returns.
    unsafe fn new(sock: *mut bindings::sock) -> Self {
        // INVARIANT: No hook was called for the socket before, and none is until this one returns:
        // user space cannot reach it, and nobody can connect or send to it.
        Self {
            // SAFETY: The caller promises that it is valid.
            sock: unsafe { NonNull::new_unchecked(sock) },
            _borrow: PhantomData,
            _lsm: PhantomData,
        }
    }

    /// The module's blob in the socket.
    pub fn blob_mut(&mut self) -> &mut T::SockBlob {
        // SAFETY: The socket is valid by the type invariant, and modules are initialised when
        // their hooks run.
        let mut blob = unsafe { sock_blob_ptr::<T>(self.sock.as_ptr()) };
        // SAFETY: By the type invariant, the blob is valid and not used by others.
        unsafe { blob.as_mut() }
    }
}

impl<T: Lsm> Context<T> {
    /// The module's blob in `sock`.
    pub fn sock_blob<'a>(&self, sock: &'a Sock) -> &'a T::SockBlob {
        // SAFETY: The socket is valid, and `T` is initialised by the type invariant.
        let blob = unsafe { sock_blob_ptr::<T>(sock.0.get()) };
        // SAFETY: The blob is valid as long as the socket is. It can be changed only as long as
        // nobody else knows the socket.
        unsafe { blob.as_ref() }
    }
}

/// # Safety
///
/// To be called by the LSM framework.
pub(super) unsafe extern "C" fn sk_free_security<T: Lsm>(sock: *mut bindings::sock) {
    // SAFETY: The framework calls hooks of initialised modules, with sockets whose blobs are
    // allocated.
    let blob = unsafe { sock_blob_ptr::<T>(sock) };
    // SAFETY: The last reference to the socket is gone, and the framework frees the memory next,
    // without looking at it.
    unsafe { blob.drop_in_place() };
}

/// # Safety
///
/// To be called by the LSM framework.
pub(super) unsafe extern "C" fn sk_clone_security<T: Lsm>(
    old: *const bindings::sock,
    new: *mut bindings::sock,
) {
    // SAFETY: The framework calls hooks of initialised modules, with sockets whose blobs are
    // allocated.
    let old = unsafe { sock_blob_ptr::<T>(old) };
    // SAFETY: As above.
    let mut new = unsafe { sock_blob_ptr::<T>(new) };
    // SAFETY: The old socket holds a valid blob, which can be changed only as long as nobody else
    // knows the socket.
    let blob = unsafe { old.as_ref() }.clone();
    // SAFETY: So does the new one, which is known to nobody else.
    *unsafe { new.as_mut() } = blob;
}

/// # Safety
///
/// To be called by the LSM framework.
pub(super) unsafe extern "C" fn socket_post_create<T: Lsm>(
    socket: *mut bindings::socket,
    _family: c_int,
    _type: c_int,
    _protocol: c_int,
    kern: c_int,
) -> c_int {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    // SAFETY: The framework's pointer is valid.
    let sock = unsafe { (*socket).sk };
    if sock.is_null() {
        // Some families make their part later. It has zeros for a blob then.
        return 0;
    }
    // SAFETY: This is the hook for sockets that were just made.
    let mut sock = unsafe { NewSock::new(sock) };
    from_result(|| T::socket_post_create(&lsm, &mut sock, kern != 0).map(|()| 0))
}

/// # Safety
///
/// To be called by the LSM framework.
pub(super) unsafe extern "C" fn socket_socketpair<T: Lsm>(
    one: *mut bindings::socket,
    other: *mut bindings::socket,
) -> c_int {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    // SAFETY: The framework's pointers are valid while the hook runs, and the sockets were made
    // before.
    let one = unsafe { Sock::of_socket(one) };
    // SAFETY: As above.
    let other = unsafe { Sock::of_socket(other) };
    from_result(|| T::socket_socketpair(&lsm, one, other).map(|()| 0))
}

/// # Safety
///
/// To be called by the LSM framework.
pub(super) unsafe extern "C" fn unix_stream_connect<T: Lsm>(
    client: *mut bindings::sock,
    listener: *mut bindings::sock,
    accepted: *mut bindings::sock,
) -> c_int {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    // SAFETY: The framework's pointers are valid while the hook runs.
    let client = unsafe { Sock::from_ptr(client) };
    // SAFETY: As above.
    let listener = unsafe { Sock::from_ptr(listener) };
    // SAFETY: This is the hook for the connection's other end, which gets into the listener's queue
    // after it.
    let mut accepted = unsafe { NewSock::new(accepted) };
    from_result(|| T::unix_stream_connect(&lsm, client, listener, &mut accepted).map(|()| 0))
}

/// # Safety
///
/// To be called by the LSM framework.
pub(super) unsafe extern "C" fn unix_may_send<T: Lsm>(
    sender: *mut bindings::socket,
    receiver: *mut bindings::socket,
) -> c_int {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    // SAFETY: The framework's pointers are valid while the hook runs: the sender's socket is in
    // use, and the receiver's lock keeps it from being closed.
    let sender = unsafe { Sock::of_socket(sender) };
    // SAFETY: As above.
    let receiver = unsafe { Sock::of_socket(receiver) };
    from_result(|| T::unix_may_send(&lsm, sender, receiver).map(|()| 0))
}

/// # Safety
///
/// To be called by the LSM framework.
pub(super) unsafe extern "C" fn socket_getpeersec_stream<T: Lsm>(
    socket: *mut bindings::socket,
    optval: bindings::sockptr_t,
    optlen: bindings::sockptr_t,
    len: c_uint,
) -> c_int {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    // SAFETY: The framework's pointer is valid while the hook runs, and the socket in use.
    let sock = unsafe { Sock::of_socket(socket) };
    from_result(|| {
        let label = T::socket_getpeersec_stream(&lsm, sock)?.to_bytes();
        // A label is text of a moderate length.
        let size = label.len() as c_uint;
        let fits = size <= len;
        if fits {
            // SAFETY: The framework passes where a value of `len` bytes goes, which are enough.
            unsafe { copy_to_sockptr(optval, label) }?;
        }
        // SAFETY: The framework passes where the size of the value goes, an `int`.
        unsafe { copy_to_sockptr(optlen, &size.to_ne_bytes()) }?;
        if fits {
            Ok(0)
        } else {
            Err(ERANGE)
        }
    })
}

/// Copies `bytes` to user space, or to the kernel where the kernel asks.
///
/// # Safety
///
/// When `to` is a kernel pointer, as many bytes as `bytes` has must be valid for writes there.
unsafe fn copy_to_sockptr(to: bindings::sockptr_t, bytes: &[u8]) -> Result {
    // SAFETY:
    // - User pointers are checked; for others, the caller promises it.
    // - `bytes` is valid for reads of its length.
    match unsafe { bindings::copy_to_sockptr(to, bytes.as_ptr().cast(), bytes.len()) } {
        0 => Ok(()),
        _ => Err(EFAULT),
    }
}

/// # Safety
///
/// To be called by the LSM framework.
pub(super) unsafe extern "C" fn socket_getpeersec_dgram<T: Lsm>(
    socket: *mut bindings::socket,
    _skb: *mut bindings::sk_buff,
    secid: *mut u32,
) -> c_int {
    if socket.is_null() {
        // A packet that came from the network.
        return ENOPROTOOPT.to_errno();
    }
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    // SAFETY: The framework's pointer is valid while the hook runs, and the socket in use.
    let sock = unsafe { Sock::of_socket(socket) };
    from_result(|| {
        let sender = T::socket_getpeersec_dgram(&lsm, sock)?;
        // SAFETY: The framework's pointer is valid.
        unsafe { secid.write(sender) };
        Ok(0)
    })
}

/// # Safety
///
/// To be called by the LSM framework.
pub(super) unsafe extern "C" fn secid_to_secctx<T: Lsm>(
    secid: u32,
    context: *mut bindings::lsm_context,
) -> c_int {
    from_result(|| {
        let label = T::secid_to_secctx(secid)?;
        // A label is text of a moderate length.
        let len = label.to_bytes().len() as u32;
        if !context.is_null() {
            // There is nothing to release: the label is never freed, and users only read it.
            // SAFETY: The framework's pointer is valid.
            unsafe {
                context.write(bindings::lsm_context {
                    context: label.as_char_ptr().cast_mut(),
                    len,
                    id: T::id().number() as c_int,
                })
            };
        }
        Ok(len as c_int)
    })
}
