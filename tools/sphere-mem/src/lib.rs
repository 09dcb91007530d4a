// SPDX-License-Identifier: GPL-2.0

//! The memory functions that the compiler calls, for programs without a C library.
//!
//! They are small rather than fast: the device tools move a few KiB once. A crate of its own,
//! because `no_builtins` is what keeps the compiler from turning a loop in here into a call of the
//! very function that it makes up, and the other crates should not pay for that.

#![cfg_attr(not(test), no_std)]
#![no_builtins]

/// Gives the functions the names that the compiler calls them by; a test needs those of the C
/// library that it is linked with.
macro_rules! exported {
    ($($(#[$doc:meta])* unsafe fn $name:ident($($arg:ident: $type:ty),*) -> $ret:ty $body:block)*) => {
        $(
            $(#[$doc])*
            #[cfg_attr(not(test), unsafe(no_mangle))]
            pub unsafe extern "C" fn $name($($arg: $type),*) -> $ret $body
        )*
    };
}

exported! {
    /// Copies `len` bytes from `src` to `dst`.
    ///
    /// # Safety
    ///
    /// `src` is valid for reads of `len` bytes and `dst` for writes, and they do not overlap.
    unsafe fn memcpy(dst: *mut u8, src: *const u8, len: usize) -> *mut u8 {
        for i in 0..len {
            // SAFETY: `i` is less than `len`.
            unsafe { dst.add(i).write(src.add(i).read()) };
        }
        dst
    }

    /// Copies `len` bytes from `src` to `dst`.
    ///
    /// # Safety
    ///
    /// `src` is valid for reads of `len` bytes and `dst` for writes.
    unsafe fn memmove(dst: *mut u8, src: *const u8, len: usize) -> *mut u8 {
        // As numbers: the distance from `src` up to `dst`, huge when `dst` comes first.
        if dst.addr().wrapping_sub(src.addr()) >= len {
            for i in 0..len {
                // SAFETY: `i` is less than `len`.
                unsafe { dst.add(i).write(src.add(i).read()) };
            }
        } else {
            for i in (0..len).rev() {
                // SAFETY: `i` is less than `len`.
                unsafe { dst.add(i).write(src.add(i).read()) };
            }
        }
        dst
    }

    /// Sets `len` bytes at `dst` to the lowest byte of `value`.
    ///
    /// # Safety
    ///
    /// `dst` is valid for writes of `len` bytes.
    unsafe fn memset(dst: *mut u8, value: i32, len: usize) -> *mut u8 {
        for i in 0..len {
            // SAFETY: `i` is less than `len`.
            unsafe { dst.add(i).write(value as u8) };
        }
        dst
    }

    /// Compares `len` bytes: negative, zero or positive as `a` is less, equal or greater.
    ///
    /// # Safety
    ///
    /// Both are valid for reads of `len` bytes.
    unsafe fn memcmp(a: *const u8, b: *const u8, len: usize) -> i32 {
        for i in 0..len {
            // SAFETY: `i` is less than `len`.
            let (x, y) = unsafe { (a.add(i).read(), b.add(i).read()) };
            if x != y {
                return i32::from(x) - i32::from(y);
            }
        }
        0
    }

    /// Compares `len` bytes: zero when they are equal.
    ///
    /// # Safety
    ///
    /// Both are valid for reads of `len` bytes.
    unsafe fn bcmp(a: *const u8, b: *const u8, len: usize) -> i32 {
        // SAFETY: the caller's promise is the same.
        unsafe { memcmp(a, b, len) }
    }

    /// Counts the bytes before the first NUL.
    ///
    /// # Safety
    ///
    /// `text` is valid for reads up to and including the first NUL.
    unsafe fn strlen(text: *const u8) -> usize {
        let mut len = 0;
        // SAFETY: no byte before `len` is NUL.
        while unsafe { text.add(len).read() } != 0 {
            len += 1;
        }
        len
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies() {
        let src = [1, 2, 3, 4, 5];
        let mut dst = [0; 5];
        // SAFETY: both have five bytes and are distinct.
        unsafe { memcpy(dst.as_mut_ptr(), src.as_ptr(), 4) };
        assert_eq!(dst, [1, 2, 3, 4, 0]);
    }

    #[test]
    fn moves_in_both_directions() {
        let mut bytes = [1, 2, 3, 4, 5];
        let start = bytes.as_mut_ptr();
        // SAFETY: offset and length stay within the five bytes.
        unsafe { memmove(start.add(1), start, 4) };
        assert_eq!(bytes, [1, 1, 2, 3, 4]);
        let start = bytes.as_mut_ptr();
        // SAFETY: as above.
        unsafe { memmove(start, start.add(1), 4) };
        assert_eq!(bytes, [1, 2, 3, 4, 4]);
    }

    #[test]
    fn sets() {
        let mut bytes = [0; 4];
        // SAFETY: within the four bytes.
        unsafe { memset(bytes.as_mut_ptr(), 0x1ff, 3) };
        assert_eq!(bytes, [0xff, 0xff, 0xff, 0]);
    }

    #[test]
    fn compares_as_unsigned() {
        let order = |a: &[u8; 3], b: &[u8; 3]| {
            // SAFETY: both have three bytes.
            unsafe { memcmp(a.as_ptr(), b.as_ptr(), 3) }.signum()
        };
        assert_eq!(order(b"abc", b"abc"), 0);
        assert_eq!(order(b"abc", b"abd"), -1);
        assert_eq!(order(b"\xffbc", b"abc"), 1);
        // SAFETY: nothing is read.
        assert_eq!(unsafe { bcmp(b"a".as_ptr(), b"b".as_ptr(), 0) }, 0);
    }

    #[test]
    fn counts() {
        // SAFETY: both end with a NUL.
        unsafe {
            assert_eq!(strlen(c"".as_ptr().cast()), 0);
            assert_eq!(strlen(c"four".as_ptr().cast()), 4);
        }
    }
}
