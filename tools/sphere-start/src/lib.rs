// SPDX-License-Identifier: GPL-2.0

//! From the kernel's hand-over to `main`, and what happens on a panic.
//!
//! A crate of its own, because only a program for the device may be linked with it: a test on a
//! host brings its own start and its own panic handler.
//!
//! A program says where it begins with [`entry!`] and has `link.rs` as its build script:
//!
//! ```ignore
//! #![no_std]
//! #![no_main]
//!
//! fn main(args: Args) -> u8 {
//!     say!(Console::stdout("hello: "), "started with {} arguments", args.argv.count());
//!     0
//! }
//!
//! sphere_start::entry!(main);
//! ```

#![no_std]

use core::panic::PanicInfo;
use sphere_device::{args::Args, console::Console, process, say};
// Linked for what it exports.
use sphere_mem as _;

pub use sphere_device;

/// Exit status of a program that panicked.
pub const PANIC_STATUS: u8 = 101;

// The kernel leaves the stack pointer at the argument count. Frame pointer and return address are
// made zero, so that a backtrace ends here.
#[cfg(target_arch = "x86_64")]
core::arch::global_asm!(
    ".globl _start",
    "_start:",
    "xor ebp, ebp",
    "mov rdi, rsp",
    "and rsp, -16",
    "call {start}",
    "ud2",
    start = sym start,
);

#[cfg(target_arch = "arm")]
core::arch::global_asm!(
    ".globl _start",
    "_start:",
    "mov r11, #0",
    "mov lr, #0",
    "mov r0, sp",
    "bic sp, sp, #7",
    "b {start}",
    start = sym start,
);

#[cfg(not(any(target_arch = "x86_64", target_arch = "arm")))]
compile_error!("sphere-start does not know how this architecture starts a program");

unsafe extern "Rust" {
    safe fn sphere_main(args: Args) -> u8;
}

/// Names the function that the program begins with, a `fn(Args) -> u8` that returns the exit
/// status, and optionally one that goes on after a panic, a `fn() -> !`. Without it, a panic ends
/// the program with [`PANIC_STATUS`].
#[macro_export]
macro_rules! entry {
    ($main:path) => {
        $crate::entry!($main, after_panic: $crate::exit_after_panic);
    };
    ($main:path, after_panic: $after_panic:path) => {
        const _: fn($crate::sphere_device::args::Args) -> u8 = $main;
        const _: fn() -> ! = $after_panic;

        // What only a program has. A test, as which clippy sees a program too, has its own.
        #[cfg(not(test))]
        const _: () = {
            #[unsafe(no_mangle)]
            fn sphere_main(args: $crate::sphere_device::args::Args) -> u8 {
                $main(args)
            }

            #[panic_handler]
            fn panic(info: &::core::panic::PanicInfo<'_>) -> ! {
                $crate::report_panic(info);
                $after_panic()
            }

            // The library that comes with the compiler was built to unwind and refers to this.
            // Nothing unwinds here: a panic ends in the function above.
            #[unsafe(no_mangle)]
            extern "C" fn rust_eh_personality() {}
        };
    };
}

/// # Safety
///
/// `stack` is the stack pointer with which the kernel started the program.
unsafe extern "C" fn start(stack: *const usize) -> ! {
    // SAFETY: by the caller's promise.
    let args = unsafe { Args::from_stack(stack) };
    process::exit(sphere_main(args))
}

/// Ends the program.
pub fn exit_after_panic() -> ! {
    process::exit(PANIC_STATUS)
}

/// Says what has happened and where.
pub fn report_panic(info: &PanicInfo<'_>) {
    say!(Console::stderr(""), "{info}");
}
