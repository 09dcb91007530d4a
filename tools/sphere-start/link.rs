// SPDX-License-Identifier: GPL-2.0

//! Build script of every program that starts with `sphere-start`: no C library, no dynamic linker,
//! and fixed addresses, so that the program can be executed in place from flash.

fn main() {
    for argument in [
        "-nostartfiles",
        "-nostdlib",
        "-static",
        "-no-pie",
        // Nobody runs before `main` who could make a segment read-only after relocation, and
        // nobody reads the rest at run time.
        "-Wl,-z,norelro,--gc-sections,--build-id=none,--no-eh-frame-hdr",
    ] {
        println!("cargo:rustc-link-arg-bins={argument}");
    }
    println!("cargo:rerun-if-changed={}", file!());
}
