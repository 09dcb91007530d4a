// SPDX-License-Identifier: GPL-2.0

//! Build script of every program that starts with `sphere-start`: no C library, no dynamic linker,
//! and fixed addresses, so that the program can be executed in place from flash.

use std::{env, fs, io, path::Path};

/// Tables for unwinding are of no use without unwinding, but an eighth of a program. What comes
/// with the compiler has them, and no option of the linker leaves them out.
const SCRIPT: &str = "SECTIONS { /DISCARD/ : { *(.eh_frame) } } INSERT AFTER .text;\n";

fn main() -> io::Result<()> {
    for argument in [
        "-nostartfiles",
        "-nostdlib",
        "-static",
        "-no-pie",
        // Nobody runs before `main` who could make a segment read-only after relocation, and
        // nobody reads the rest at run time.
        "-Wl,-z,norelro,--gc-sections,--build-id=none,--no-eh-frame-hdr",
    ] {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
    // A debugger wants them.
    if env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        let directory = env::var("OUT_DIR").unwrap_or_default();
        let script = Path::new(&directory).join("discard.ld");
        fs::write(&script, SCRIPT)?;
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{}", script.display());
    }
    Ok(())
}
