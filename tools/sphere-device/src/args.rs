// SPDX-License-Identifier: GPL-2.0

//! Arguments: those that a program was started with, and those that it starts another with.

use core::{
    ffi::{CStr, c_char},
    marker::PhantomData,
    ptr,
};

/// A vector of arguments or of environment variables, as execve(2) takes it.
///
/// # Invariants
///
/// Points to an array of pointers to C strings that ends with a null pointer; all of them are
/// valid for reads, and do not change, for `'a`.
#[derive(Clone, Copy)]
pub struct Vector<'a> {
    first: *const *const c_char,
    valid: PhantomData<&'a CStr>,
}

impl<'a> Vector<'a> {
    /// Without any element.
    pub fn empty() -> Self {
        const END: &[*const c_char] = &[ptr::null()];
        // INVARIANT: an array of nothing but its end.
        Self {
            first: END.as_ptr(),
            valid: PhantomData,
        }
    }

    /// For execve(2).
    pub fn as_ptr(self) -> *const *const c_char {
        self.first
    }

    /// The first element and those after it.
    pub fn split_first(self) -> Option<(&'a CStr, Self)> {
        // SAFETY: by the type's invariants there is an element or the null pointer.
        let element = unsafe { self.first.read() };
        if element.is_null() {
            return None;
        }
        // SAFETY: not the end, so an element that is valid for `'a`, and another pointer follows.
        let (element, first) = unsafe { (CStr::from_ptr(element), self.first.add(1)) };
        // INVARIANT: what is left of a valid array.
        let valid = PhantomData;
        Some((element, Self { first, valid }))
    }
}

impl<'a> Iterator for Vector<'a> {
    type Item = &'a CStr;

    fn next(&mut self) -> Option<&'a CStr> {
        let (element, rest) = self.split_first()?;
        *self = rest;
        Some(element)
    }
}

/// What a program was started with.
#[derive(Clone, Copy)]
pub struct Args {
    /// Arguments, the first of them the name by which the program was called.
    pub argv: Vector<'static>,
    /// Environment variables.
    pub envp: Vector<'static>,
}

impl Args {
    /// Finds the arguments where the kernel has put them.
    ///
    /// # Safety
    ///
    /// `stack` is the stack pointer with which the kernel started the program.
    pub unsafe fn from_stack(stack: *const usize) -> Self {
        // SAFETY: the kernel puts the number of arguments there, after it as many pointers and a
        // null pointer, then the pointers of the environment and a null pointer.
        let (argv, envp) = unsafe { (stack.add(1), stack.add(stack.read() + 2)) };
        let vector = |first: *const usize| {
            // INVARIANT: as above, and nobody writes there.
            Vector {
                first: first.cast(),
                valid: PhantomData,
            }
        };
        Self {
            argv: vector(argv),
            envp: vector(envp),
        }
    }
}

/// There is no room for another argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRoom;

/// Arguments to start another program with: at most `COUNT`, which with their NULs have at most
/// `BYTES` bytes.
pub struct ArgBuffer<const COUNT: usize, const BYTES: usize> {
    text: [u8; BYTES],
    /// Where each argument starts in `text`.
    starts: [usize; COUNT],
    count: usize,
    used: usize,
}

impl<const COUNT: usize, const BYTES: usize> ArgBuffer<COUNT, BYTES> {
    /// Without any argument.
    pub const fn new() -> Self {
        Self {
            text: [0; BYTES],
            starts: [0; COUNT],
            count: 0,
            used: 0,
        }
    }

    /// Adds an argument. What follows a NUL in `text` is lost.
    ///
    /// # Errors
    ///
    /// [`NoRoom`]; nothing is added then.
    pub fn push(&mut self, text: &str) -> Result<(), NoRoom> {
        self.push_joined(&[text])
    }

    /// Adds an argument that is made of several parts.
    ///
    /// # Errors
    ///
    /// [`NoRoom`]; nothing is added then.
    pub fn push_joined(&mut self, parts: &[&str]) -> Result<(), NoRoom> {
        let start = self.starts.get_mut(self.count).ok_or(NoRoom)?;
        let len: usize = parts.iter().map(|part| part.len()).sum();
        // The NUL after it is there already.
        if len >= BYTES - self.used {
            return Err(NoRoom);
        }
        *start = self.used;
        for part in parts {
            let end = self.used + part.len();
            self.text[self.used..end].copy_from_slice(part.as_bytes());
            self.used = end;
        }
        self.count += 1;
        self.used += 1;
        Ok(())
    }

    /// Calls `f` with the arguments.
    pub fn with<T>(&self, f: impl FnOnce(Vector<'_>) -> T) -> T {
        // One array for both: a constant expression cannot add one to `COUNT`.
        #[repr(C)]
        struct Pointers<const N: usize>([*const c_char; N], *const c_char);

        let mut pointers = Pointers([ptr::null(); COUNT], ptr::null());
        for (pointer, &start) in pointers.0.iter_mut().zip(&self.starts[..self.count]) {
            *pointer = self.text[start..].as_ptr().cast();
        }
        // INVARIANT: `push` leaves a NUL after each argument; the elements after the last are
        // null, the one beyond the array in any case; `self` is borrowed until `f` is done.
        f(Vector {
            first: (&raw const pointers).cast(),
            valid: PhantomData,
        })
    }
}

impl<const COUNT: usize, const BYTES: usize> Default for ArgBuffer<COUNT, BYTES> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents<const COUNT: usize, const BYTES: usize>(
        buffer: &ArgBuffer<COUNT, BYTES>,
    ) -> Vec<String> {
        buffer.with(|vector| {
            vector
                .map(|argument| argument.to_str().unwrap().to_owned())
                .collect()
        })
    }

    #[test]
    fn keeps_arguments_in_order() {
        let mut buffer = ArgBuffer::<3, 16>::new();
        assert!(contents(&buffer).is_empty());
        buffer.push_joined(&["a", "", "pp"]).unwrap();
        buffer.push("").unwrap();
        buffer.push("two words").unwrap();
        assert_eq!(contents(&buffer), ["app", "", "two words"]);
        assert_eq!(buffer.push("x"), Err(NoRoom));
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let mut buffer = ArgBuffer::<3, 4>::new();
        assert_eq!(buffer.push("four"), Err(NoRoom));
        buffer.push("abc").unwrap();
        assert_eq!(buffer.push(""), Err(NoRoom));
        assert_eq!(contents(&buffer), ["abc"]);
    }

    #[test]
    fn the_empty_vector_has_no_element() {
        assert!(Vector::empty().split_first().is_none());
    }
}
