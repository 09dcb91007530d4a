// SPDX-License-Identifier: GPL-2.0

//! Files of security modules in securityfs.
//!
//! They are made while the kernel boots, in [`Lsm::securityfs`], and stay.
//!
//! # Not supported (yet)
//!
//! - Files that are removed again, and such that take more than one write.
//!
//! C header: [`include/linux/security.h`](srctree/include/linux/security.h),
//! `securityfs_create_file()`.

use super::{
    with_current_blob,
    Lsm, //
};
use crate::{
    bindings,
    error::{
        from_err_ptr,
        from_result, //
    },
    ffi::{
        c_char,
        c_int,
        c_void, //
    },
    prelude::*,
    seq_file::SeqFile,
    str::CStr,
    uaccess::{
        UserPtr,
        UserSlice, //
    }, //
};
use core::{
    marker::PhantomData,
    ptr, //
};

/// A file of text that the module `Self::Module` makes anew for each reader.
pub trait File: 'static {
    /// Whose file it is.
    type Module: Lsm;

    /// Decides whether the current task, whose blob this is, may open the file. File modes have
    /// been checked.
    fn open(current: &<Self::Module as Lsm>::CredBlob) -> Result;

    /// Writes the text. May be called again for the same reader, with a larger buffer. Runs in
    /// process context with a mutex of the open file held, and may sleep.
    fn show(seq: &SeqFile) -> Result;
}

/// A [`File`] that can be written to as well: each write is a value of its own.
pub trait WritableFile: File {
    /// Bytes of the largest value.
    const MAX: usize;

    /// Takes a value. Runs in process context, and may sleep. Whether the current task may open the
    /// file has been asked again: it need not be the one that did.
    fn write(value: &[u8]) -> Result;
}

/// A directory.
pub struct Dir(*mut bindings::dentry);

impl Dir {
    /// Makes a directory at the top of securityfs.
    ///
    /// # Errors
    ///
    /// `EEXIST`, `ENOMEM`.
    pub fn new(name: &'static CStr) -> Result<Self> {
        // SAFETY: The name is a string, and no parent is the top.
        let dentry =
            unsafe { bindings::securityfs_create_dir(name.as_char_ptr(), ptr::null_mut()) };
        Ok(Self(from_err_ptr(dentry)?))
    }

    /// Makes a file in it that can be read as `mode` says.
    ///
    /// # Errors
    ///
    /// `EEXIST`, `ENOMEM`.
    pub fn add<F: File>(&self, name: &'static CStr, mode: u16) -> Result {
        self.create(name, mode, &Of::<F>::READ)
    }

    /// Makes a file in it that can be read and written to as `mode` says.
    ///
    /// # Errors
    ///
    /// `EEXIST`, `ENOMEM`.
    pub fn add_writable<F: WritableFile>(&self, name: &'static CStr, mode: u16) -> Result {
        self.create(name, mode, &Of::<F>::READ_WRITE)
    }

    fn create(&self, name: &'static CStr, mode: u16, methods: &'static Methods) -> Result {
        // SAFETY: The name is a string, the directory was made and is never removed, and methods
        // and operations are statics. The methods are what the operations want.
        let dentry = unsafe {
            bindings::securityfs_create_file(
                name.as_char_ptr(),
                mode,
                self.0,
                ptr::from_ref(methods).cast_mut().cast(),
                &OPERATIONS,
            )
        };
        from_err_ptr(dentry)?;
        Ok(())
    }
}

/// What is special about a file, which its inode knows.
struct Methods {
    /// Asks whether the current task may open it.
    ask: fn() -> Result,
    show: fn(&SeqFile) -> Result,
    write: Option<fn(&[u8]) -> Result>,
    /// Bytes of the largest value that can be written.
    max: usize,
}

impl Methods {
    /// # Safety
    ///
    /// `file` is one that [`Dir::create`] has made, and is open or being opened.
    unsafe fn of(file: *mut bindings::file) -> &'static Self {
        // SAFETY: The file is valid.
        let inode = unsafe { (*file).f_inode };
        // SAFETY: It has an inode as long as it is.
        let methods = unsafe { (*inode).i_private };
        // SAFETY: `Dir::create` has put a reference there, for good.
        unsafe { &*methods.cast() }
    }
}

/// The methods of `F`.
struct Of<F>(PhantomData<F>);

impl<F: File> Of<F> {
    const READ: Methods = Methods {
        ask: ask::<F>,
        show: F::show,
        write: None,
        max: 0,
    };
}

impl<F: WritableFile> Of<F> {
    const READ_WRITE: Methods = Methods {
        write: Some(F::write),
        max: F::MAX,
        ..Self::READ
    };
}

/// Asks whether the current task may open the file.
fn ask<F: File>() -> Result {
    with_current_blob::<F::Module, _>(F::open).ok_or(ENODEV)?
}

/// Those of all files.
const OPERATIONS: bindings::file_operations = bindings::file_operations {
    open: Some(open),
    read: Some(read),
    write: Some(write),
    llseek: Some(bindings::seq_lseek),
    release: Some(bindings::single_release),
    ..pin_init::zeroed()
};

/// # Safety
///
/// To be called by the VFS, as `open` of a file that [`Dir::create`] has made.
unsafe extern "C" fn open(_inode: *mut bindings::inode, file: *mut bindings::file) -> c_int {
    // SAFETY: It is one of those, and being opened.
    let methods = unsafe { Methods::of(file) };
    from_result(|| {
        (methods.ask)()?;
        let data = ptr::from_ref(methods).cast_mut().cast();
        // SAFETY: The VFS's file is being opened, and the function is for this data.
        Ok(unsafe { bindings::single_open(file, Some(show), data) })
    })
}

/// # Safety
///
/// To be called by the VFS, as `read` of a file that [`Dir::create`] has made.
unsafe extern "C" fn read(
    file: *mut bindings::file,
    buffer: *mut c_char,
    count: usize,
    position: *mut bindings::loff_t,
) -> isize {
    // SAFETY: It is one of those, and open.
    let methods = unsafe { Methods::of(file) };
    // Files are passed on, with what was made for an earlier read and is left of it.
    if let Err(error) = (methods.ask)() {
        return error.to_errno() as isize;
    }
    // SAFETY: The VFS passes what it would pass to this function, and `open` has prepared the
    // file for it.
    unsafe { bindings::seq_read(file, buffer, count, position) }
}

/// # Safety
///
/// To be called by seq_file, for a file that [`open`] has opened.
unsafe extern "C" fn show(seq: *mut bindings::seq_file, _data: *mut c_void) -> c_int {
    // SAFETY: It is valid while this runs, and its data is what `open` has put there.
    let methods: &Methods = unsafe { &*(*seq).private.cast() };
    // SAFETY: It is valid, and ours, while this runs.
    let seq = unsafe { SeqFile::from_raw(seq) };
    from_result(|| (methods.show)(seq).map(|()| 0))
}

/// # Safety
///
/// To be called by the VFS, as `write` of a file that [`Dir::create`] has made.
unsafe extern "C" fn write(
    file: *mut bindings::file,
    buffer: *const c_char,
    count: usize,
    position: *mut bindings::loff_t,
) -> isize {
    // SAFETY: It is one of those, and open.
    let methods = unsafe { Methods::of(file) };
    let written = || -> Result<isize> {
        (methods.ask)()?;
        let write = methods.write.ok_or(EINVAL)?;
        if count > methods.max {
            return Err(EFBIG);
        }
        // SAFETY: The VFS passes the place of the position.
        if unsafe { *position } != 0 {
            return Err(EINVAL);
        }
        let mut value = KVec::new();
        UserSlice::new(UserPtr::from_ptr(buffer.cast_mut().cast()), count)
            .read_all(&mut value, GFP_KERNEL)?;
        write(&value)?;
        // SAFETY: As above. What comes next would not be a value of its own.
        unsafe { *position = count as bindings::loff_t };
        Ok(count as isize)
    };
    written().unwrap_or_else(|error| error.to_errno() as isize)
}
