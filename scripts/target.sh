# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What follows from the name of a target, which is that of its architecture, and
# what is special about the target after a hyphen. Sourced after lib.sh.

# arch_of TARGET: ARCH, as the kernel's make takes it.
arch_of() {
	echo "${1%%-*}"
}

# image_of TARGET: the file that QEMU boots.
image_of() {
	local boot=$BUILD/kernel/$1/arch
	case $1 in
	arm-xip) echo "$boot/arm/boot/xipImage" ;;
	arm) echo "$boot/arm/boot/zImage" ;;
	arm64 | riscv) echo "$boot/$1/boot/Image" ;;
	*) echo "$boot/x86/boot/bzImage" ;;
	esac
}

# cross_prefix_of ARCH: what the names of the compiler for its programs start with.
cross_prefix_of() {
	case $1 in
	arm) echo arm-linux-gnueabihf- ;;
	arm64) echo aarch64-linux-gnu- ;;
	riscv) echo riscv64-linux-gnu- ;;
	esac
}

# rust_target_of ARCH: what rustc calls it for programs of the device, if those of
# this machine are others.
rust_target_of() {
	case $1 in
	arm) echo thumbv7neon-unknown-linux-gnueabihf ;;
	esac
}

# programs_of ARCH: the directory of the programs for the device.
programs_of() {
	local target
	target=$(rust_target_of "$1")
	echo "$BUILD/cargo/${target:+$target/}release"
}

# selftests_of ARCH: the directory of its kselftests.
selftests_of() {
	case $1 in
	x86_64) echo "$BUILD/selftests" ;;
	*) echo "$BUILD/selftests-$1" ;;
	esac
}

# What the kernel arm-xip is told on every board.
# shellcheck disable=SC2034 # those who source it use the variables
XIP_ARGUMENTS="console=ttyAMA0 panic=-1 oops=panic coherent_pool=16K root=mtd:system rootfstype=cramfs ro"
# KiB of memory that such a board has.
# shellcheck disable=SC2034 # those who source it use the variables
XIP_RAM=4096
