// SPDX-License-Identifier: GPL-2.0

//! Sockets of user space, the addresses that it names, and the messages that it sends.

use super::{
    Context,
    Lsm,
    Sock, //
};
use crate::{
    bindings,
    cred::Credential,
    error::{
        code::EINVAL,
        from_result,
        to_result,
        Result, //
    },
    ffi::c_int,
    types::Opaque, //
};
use core::{
    mem::MaybeUninit,
    ptr::NonNull,
    slice, //
};

/// A socket as user space knows it.
///
/// C header: [`include/linux/net.h`](srctree/include/linux/net.h), `struct socket`.
///
/// # Invariants
///
/// It is in use by a system call, so neither it nor its file nor its protocol's part goes away.
#[repr(transparent)]
pub struct Socket(Opaque<bindings::socket>);

impl Socket {
    /// # Safety
    ///
    /// `socket` must be what a hook was called with, and the hook run for `'a`.
    unsafe fn from_ptr<'a>(socket: *const bindings::socket) -> &'a Self {
        // INVARIANT: Hooks are called on behalf of a system call that uses the socket.
        // SAFETY: The caller promises that it is valid; `Socket` is transparent.
        unsafe { &*socket.cast() }
    }

    /// The protocol's part.
    #[inline]
    fn sk(&self) -> *mut bindings::sock {
        // SAFETY: By the type invariant, the socket is valid and keeps this.
        unsafe { (*self.0.get()).sk }
    }

    /// The part that security modules have a blob in.
    pub fn sock(&self) -> &Sock {
        // SAFETY: By the type invariant, the socket is valid, and keeps its protocol's part.
        unsafe { Sock::of_socket(self.0.get()) }
    }

    /// `AF_*`. Can change at any time from `AF_INET6` to `AF_INET` (`IPV6_ADDRFORM`).
    #[inline]
    pub fn family(&self) -> u16 {
        // SAFETY: By the type invariant, the protocol's part is valid.
        let family = unsafe { &raw const (*self.sk()).__sk_common.skc_family };
        // SAFETY: As above. It can change meanwhile, so the read is volatile.
        unsafe { family.read_volatile() }
    }

    /// `SOCK_*`.
    #[inline]
    pub fn kind(&self) -> u16 {
        // SAFETY: By the type invariant, the protocol's part is valid. This never changes.
        unsafe { (*self.sk()).sk_type }
    }

    /// `IPPROTO_*`, or what the family has for protocols.
    #[inline]
    pub fn protocol(&self) -> u16 {
        // SAFETY: By the type invariant, the protocol's part is valid. What is asked about does not
        // change this.
        unsafe { (*self.sk()).sk_protocol }
    }

    /// The credentials of who made the socket, or accepted it. `None` when the kernel uses it for
    /// itself.
    #[inline]
    pub fn opener(&self) -> Option<&Credential> {
        // SAFETY: By the type invariant, the socket is valid and keeps its file.
        let file = NonNull::new(unsafe { (*self.0.get()).file })?;
        // SAFETY: So the file is valid. Its credentials never change.
        let cred = unsafe { (*file.as_ptr()).f_cred };
        // SAFETY: They are valid as long as the file is.
        Some(unsafe { Credential::from_ptr(cred) })
    }

    /// The local port in host byte order, 0 for none. Of Internet sockets only: for others it means
    /// something else.
    #[inline]
    pub fn local_port(&self) -> u16 {
        // SAFETY: By the type invariant, the protocol's part is valid.
        let common = unsafe { &raw const (*self.sk()).__sk_common };
        // SAFETY: As above. All that the unions have been is numbers.
        let port = unsafe { &raw const (*common).__bindgen_anon_3.__bindgen_anon_1.skc_num };
        // SAFETY: As above. It can change meanwhile, so the read is volatile.
        unsafe { port.read_volatile() }
    }

    /// Whether the local port is one that [`bind(2)`] was asked for. An Internet socket keeps such
    /// a port for good.
    ///
    /// [`bind(2)`]: https://man7.org/linux/man-pages/man2/bind.2.html
    #[inline]
    pub fn has_chosen_port(&self) -> bool {
        // SAFETY: By the type invariant, the protocol's part is valid.
        let locks = unsafe { &raw const (*self.sk()).sk_userlocks };
        // SAFETY: As above. It can change meanwhile, so the read is volatile.
        let locks = unsafe { locks.read_volatile() };
        u32::from(locks) & bindings::SOCK_BINDPORT_LOCK != 0
    }

    /// The address of the other end. May sleep.
    ///
    /// # Errors
    ///
    /// `ENOTCONN`, or what else the family has to say.
    pub fn peer(&self) -> Result<StoredAddress> {
        let mut address = MaybeUninit::<bindings::__kernel_sockaddr_storage>::zeroed();
        // SAFETY:
        // - By the type invariant, the socket is valid, and nobody ahead of us has its lock.
        // - `address` has room for an address of any family.
        let len =
            unsafe { bindings::kernel_getpeername(self.0.get(), address.as_mut_ptr().cast()) };
        to_result(len.min(0))?;
        Ok(StoredAddress {
            address,
            len: len as usize,
        })
    }
}

/// An address, with room for any.
///
/// # Invariants
///
/// All bytes of `address` are initialised.
pub struct StoredAddress {
    address: MaybeUninit<bindings::__kernel_sockaddr_storage>,
    len: usize,
}

impl StoredAddress {
    /// The bytes of a `struct sockaddr_*`.
    pub fn bytes(&self) -> &[u8] {
        let size = size_of_val(&self.address);
        // SAFETY: By the type invariant, all bytes are initialised; there are `size` of them.
        unsafe { slice::from_raw_parts(self.address.as_ptr().cast(), self.len.min(size)) }
    }
}

/// The bytes of the kernel's copy of an address.
///
/// # Safety
///
/// `address` must be valid for reads of `len` bytes, which nobody changes, for `'a`, unless `len`
/// is 0 or less.
unsafe fn address_bytes<'a, A>(address: *const A, len: c_int) -> &'a [u8] {
    match usize::try_from(len) {
        // SAFETY: The caller promises it.
        Ok(len) if len > 0 => unsafe { slice::from_raw_parts(address.cast(), len) },
        // It need not be a pointer then.
        _ => &[],
    }
}

/// A message that is about to be sent.
///
/// C header: [`include/linux/socket.h`](srctree/include/linux/socket.h), `struct msghdr`.
///
/// # Invariants
///
/// It is valid, and nobody else uses it.
#[repr(transparent)]
pub struct Message(Opaque<bindings::msghdr>);

impl Message {
    /// # Safety
    ///
    /// `message` must be what a hook was called with, and the hook run for `'a`.
    unsafe fn from_ptr<'a>(message: *const bindings::msghdr) -> &'a Self {
        // INVARIANT: The system call has the message for itself.
        // SAFETY: The caller promises that it is valid; `Message` is transparent.
        unsafe { &*message.cast() }
    }

    /// The bytes of the address that it is for, `None` when it names none.
    #[inline]
    pub fn name(&self) -> Option<&[u8]> {
        // SAFETY: By the type invariant, the message is valid.
        let name = unsafe { (*self.0.get()).msg_name };
        if name.is_null() {
            return None;
        }
        // SAFETY: As above.
        let len = unsafe { (*self.0.get()).msg_namelen };
        // SAFETY: This is the kernel's copy, which has that length and belongs to the system call.
        Some(unsafe { address_bytes(name, len) })
    }

    /// Whether more is to follow before anything is sent (`MSG_MORE`).
    #[inline]
    pub fn is_part(&self) -> bool {
        // SAFETY: By the type invariant, the message is valid.
        let flags = unsafe { (*self.0.get()).msg_flags };
        flags & bindings::MSG_MORE != 0
    }

    /// What is sent along with the data.
    ///
    /// # Errors
    ///
    /// `EINVAL` when it has not been copied from user space yet.
    #[inline]
    pub fn control(&self) -> Result<Control<'_>> {
        // SAFETY: By the type invariant, the message is valid.
        let len = unsafe { (*self.0.get()).msg_controllen };
        if len == 0 {
            return Ok(Control { rest: &[] });
        }
        self.control_bytes(len)
    }

    fn control_bytes(&self, len: usize) -> Result<Control<'_>> {
        // SAFETY: By the type invariant, the message is valid.
        if unsafe { bindings::msghdr::msg_control_is_user_raw(self.0.get()) } {
            return Err(EINVAL);
        }
        // SAFETY: As above. Both members of the union are pointers.
        let control = unsafe { (*self.0.get()).__bindgen_anon_1.msg_control };
        if control.is_null() {
            return Err(EINVAL);
        }
        // SAFETY: This is the kernel's copy, which has that length and belongs to the system call.
        let rest = unsafe { slice::from_raw_parts(control.cast(), len) };
        Ok(Control { rest })
    }
}

/// The control messages of a [`Message`]: level and type of each. Ends with an error, `EINVAL`,
/// where the kernel will not accept what follows.
pub struct Control<'a> {
    rest: &'a [u8],
}

/// Bytes of the header of a control message; they, and the whole, are aligned to those of a `long`.
const CONTROL_HEADER: usize = size_of::<bindings::cmsghdr>();

impl Iterator for Control<'_> {
    type Item = Result<(i32, i32)>;

    fn next(&mut self) -> Option<Self::Item> {
        const LEN: usize = size_of::<usize>();
        const INT: usize = size_of::<i32>();

        let (header, _) = self.rest.split_first_chunk::<CONTROL_HEADER>()?;
        let (len, level_and_type) = header.split_first_chunk::<LEN>()?;
        let (level, kind) = level_and_type.split_first_chunk::<INT>()?;
        let (kind, _) = kind.split_first_chunk::<INT>()?;
        let len = usize::from_ne_bytes(*len);
        if len < CONTROL_HEADER || len > self.rest.len() {
            self.rest = &[];
            return Some(Err(EINVAL));
        }
        let next = len.next_multiple_of(LEN);
        self.rest = self.rest.get(next..).unwrap_or(&[]);
        Some(Ok((i32::from_ne_bytes(*level), i32::from_ne_bytes(*kind))))
    }
}

/// # Safety
///
/// To be called by the LSM framework.
pub(super) unsafe extern "C" fn socket_create<T: Lsm>(
    family: c_int,
    kind: c_int,
    protocol: c_int,
    kern: c_int,
) -> c_int {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    from_result(|| T::socket_create(&lsm, family, kind, protocol, kern != 0).map(|()| 0))
}

/// # Safety
///
/// To be called by the LSM framework.
pub(super) unsafe extern "C" fn socket_bind<T: Lsm>(
    socket: *mut bindings::socket,
    address: *mut bindings::sockaddr,
    len: c_int,
) -> c_int {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    // SAFETY: The framework's pointer is valid while the hook runs.
    let socket = unsafe { Socket::from_ptr(socket) };
    // SAFETY: The framework passes the kernel's copy and its length.
    let address = unsafe { address_bytes(address, len) };
    from_result(|| T::socket_bind(&lsm, socket, address).map(|()| 0))
}

/// # Safety
///
/// To be called by the LSM framework.
pub(super) unsafe extern "C" fn socket_connect<T: Lsm>(
    socket: *mut bindings::socket,
    address: *mut bindings::sockaddr,
    len: c_int,
) -> c_int {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    // SAFETY: The framework's pointer is valid while the hook runs.
    let socket = unsafe { Socket::from_ptr(socket) };
    // SAFETY: The framework passes the kernel's copy and its length.
    let address = unsafe { address_bytes(address, len) };
    from_result(|| T::socket_connect(&lsm, socket, address).map(|()| 0))
}

/// # Safety
///
/// To be called by the LSM framework.
pub(super) unsafe extern "C" fn socket_listen<T: Lsm>(
    socket: *mut bindings::socket,
    _backlog: c_int,
) -> c_int {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    // SAFETY: The framework's pointer is valid while the hook runs.
    let socket = unsafe { Socket::from_ptr(socket) };
    from_result(|| T::socket_listen(&lsm, socket).map(|()| 0))
}

/// # Safety
///
/// To be called by the LSM framework.
pub(super) unsafe extern "C" fn socket_accept<T: Lsm>(
    socket: *mut bindings::socket,
    _accepted: *mut bindings::socket,
) -> c_int {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    // SAFETY: The framework's pointer is valid while the hook runs.
    let socket = unsafe { Socket::from_ptr(socket) };
    from_result(|| T::socket_accept(&lsm, socket).map(|()| 0))
}

/// # Safety
///
/// To be called by the LSM framework.
pub(super) unsafe extern "C" fn socket_sendmsg<T: Lsm>(
    socket: *mut bindings::socket,
    message: *mut bindings::msghdr,
    _size: c_int,
) -> c_int {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    // SAFETY: The framework's pointer is valid while the hook runs.
    let socket = unsafe { Socket::from_ptr(socket) };
    // SAFETY: As above.
    let message = unsafe { Message::from_ptr(message) };
    from_result(|| T::socket_sendmsg(&lsm, socket, message).map(|()| 0))
}

/// # Safety
///
/// To be called by the LSM framework.
pub(super) unsafe extern "C" fn socket_setsockopt<T: Lsm>(
    socket: *mut bindings::socket,
    level: c_int,
    option: c_int,
) -> c_int {
    // SAFETY: This is a hook of `T`.
    let lsm = unsafe { Context::<T>::new() };
    // SAFETY: The framework's pointer is valid while the hook runs.
    let socket = unsafe { Socket::from_ptr(socket) };
    from_result(|| T::socket_setsockopt(&lsm, socket, level, option).map(|()| 0))
}
