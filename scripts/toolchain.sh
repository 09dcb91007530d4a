# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Finds the compilers on this machine. Sourced after lib.sh; installs nothing.

# The newest LLVM that is here completely; SPHERE_LLVM=N asks for one.
llvm_installed() {
	local version
	for version in ${SPHERE_LLVM:-$(llvm_versions_in_path)}; do
		if llvm_complete "$version"; then
			echo "$version"
			return 0
		fi
	done
	return 1
}

llvm_versions_in_path() {
	compgen -c clang- | sed -n 's/^clang-\([0-9][0-9]*\)$/\1/p' | sort -rnu |
		awk -v min="$MIN_LLVM" '$1 >= min'
}

llvm_complete() {
	have "clang-$1" && have "ld.lld-$1" && have "llvm-objcopy-$1" &&
		[ -n "$(libclang_dir "$1")" ]
}

# bindgen loads libclang.so at run time from here.
libclang_dir() {
	local so
	for so in "/usr/lib/llvm-$1/lib/"libclang{,-*}.so*; do
		if [ -e "$so" ]; then
			dirname "$so"
			return 0
		fi
	done
}

rust_version() {
	rustc --version 2>/dev/null | cut -d ' ' -f 2
}

rust_complete() {
	have rustc && have cargo && have rustfmt && have clippy-driver &&
		cargo clippy --version >/dev/null 2>&1 &&
		version_ge "$(rust_version)" "$MIN_RUST"
}

# The kernel compiles Rust's core library itself, from the source of exactly
# the compiler that is used. Prints the directory, or fails.
rust_lib_src() {
	local dir
	for dir in "$(rustc --print sysroot)/lib/rustlib/src/rust/library" \
		"/usr/src/rustc-$(rust_version)/library" \
		"$CACHE/rust-src-$(rust_version)/library"; do
		if [ -f "$dir/core/src/lib.rs" ]; then
			echo "$dir"
			return 0
		fi
	done
	return 1
}

# shellcheck disable=SC2034 # for those who source this
BINDGEN=$CACHE/bindgen-$BINDGEN_VERSION/bin/bindgen
