# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A system in flash, for the target arm-xip. Sourced after lib.sh and target.sh.

# fill_flash ROOT RAM INIT-ARGUMENTS [IMAGE...]: ROOT.bank0 and ROOT.bank1, for
# scripts/qemu, of a directory that becomes the root file system, and of images of
# applications, which are named without ".img".
fill_flash() {
	local root=$1 ram=$2 arguments=$3
	shift 3
	"$BUILD/cargo/release/sphere" rootfs --root "$root" --output "$root.img"
	"$TOP/scripts/make-flash" "$root" "$root.img" "$ram" \
		"$XIP_ARGUMENTS quiet init=/bin/sphere-init -- $arguments" "$@"
}
