# SPDX-License-Identifier: GPL-2.0
#
# The commands of Sphere: what they do is in scripts/, one concern each. Each
# step is skipped when it is done, and goes on where it was interrupted.

SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
# The steps follow one another; each uses all processors by itself.
.NOTPARALLEL:

# Where the kernel source comes from, if not from Debian (scripts/fetch-kernel).
export KSRC KTARBALL KSHA256

.DEFAULT_GOAL := help

.PHONY: help
help:
	@echo 'Sphere: an application-identity security module for small Linux devices.'
	@echo
	@echo '  make demo      build everything, boot it in QEMU, watch applications get their identities'
	@echo '  make demo-arm  the same in 4 MiB of RAM: kernel and programs are executed in flash'
	@echo '  make test      run every test; ends with the line "N passed, N failed"'
	@echo '  make test-arm64, test-riscv    the selftests of the kernel there'
	@echo '  make bench     what Sphere costs, in guest instructions per call'
	@echo '  make bench-arm what a whole system takes: flash, RAM and instructions of the boot'
	@echo
	@echo 'The steps, which the above run as needed:'
	@echo '  make setup     install what this machine lacks (Debian 12 or later; root or sudo)'
	@echo '  make fetch     the kernel source, the Rust library source, bindgen'
	@echo '  make kernel    the x86_64 kernel        make kernels   the other targets, too: arm among them'
	@echo '  make tools     the host tool and the programs for the device'
	@echo '  make docs      the documents as the kernel builds them: HTML in build/docs'
	@echo '  make check     formatting, checkpatch, clippy, rustdoc, documents; no kernel is booted'
	@echo
	@echo 'Your own kernel:'
	@echo '  make integrate KSRC=DIR     put Sphere into a Linux 7.3 tree; again to bring it up to date'
	@echo '  make demo KSRC=DIR          the same commands, for a copy of that tree'
	@echo '  make demo KTARBALL=FILE KSHA256=SUM'
	@echo
	@echo '  make menuconfig             look around in the configuration of the x86_64 kernel'
	@echo '  make clean                  remove build/;    make distclean: the download cache, too'
	@echo
	@echo 'Settings: SETUP=no installs nothing; SPHERE_CACHE=DIR holds downloads (~/.cache/sphere);'
	@echo 'SPHERE_LLVM=N asks for a version of LLVM.'

.PHONY: setup
setup:
ifneq ($(SETUP),no)
	@scripts/setup
endif

.PHONY: fetch
fetch: setup
	@scripts/fetch-kernel
	@scripts/fetch-rust-src
	@scripts/fetch-bindgen

# Without KSRC: into build/linux, the tree that the kernels are built from.
.PHONY: integrate
integrate:
ifdef KSRC
	@scripts/integrate "$(KSRC)"
	@echo
	@echo 'Sphere is in the tree. Next: make menuconfig in it, Security options -> Sphere.'
else
	@echo 'error: say which tree: make integrate KSRC=DIR' >&2; exit 1
endif

.PHONY: source
source: fetch
	@scripts/integrate build/linux

.PHONY: kernel kernels
kernel: source
	@scripts/build-kernel x86_64

kernels: source
	@scripts/build-kernels x86_64 arm x86_64-debug arm-xip x86_64-nosphere

.PHONY: menuconfig
menuconfig: source
	@scripts/build-kernel x86_64 menuconfig

.PHONY: tools
tools: setup
	@scripts/build-tools

.PHONY: docs
docs: source
	@scripts/build-docs

# First of all: what is going to happen.
.PHONY: demo demo-words
demo: demo-words kernel tools
	@scripts/demo

demo-words:
	@echo 'Sphere gives every application on a device an identity, in the kernel, for good. This builds'
	@echo 'a Linux kernel with it (15 minutes on two processors the first time, seconds later on), the'
	@echo 'tools and some small applications, and boots them in QEMU. Your own system is only given'
	@echo 'the Debian packages that the build needs; the rest is in build/ and in the download cache.'
	@echo

# The system in flash.
.PHONY: arm-xip
arm-xip: source tools
	@scripts/build-kernel arm-xip
	@scripts/build-tools arm

.PHONY: demo-arm
demo-arm: arm-xip
	@scripts/demo-arm

.PHONY: check
check: kernels tools
	@scripts/test scripts style docs kernel-style

.PHONY: test
test: kernels tools
	@scripts/test

# The kselftests elsewhere. Not a part of the above: each is a kernel more.
.PHONY: test-arm64 test-riscv
test-arm64 test-riscv: test-%: source tools
ifneq ($(SETUP),no)
	@scripts/setup $*
endif
	@scripts/build-kernel $*
	@scripts/test guest-$*

.PHONY: bench
bench: source
	@scripts/build-kernel x86_64
	@scripts/build-kernel x86_64-nosphere
	@scripts/build-kernel x86_64-nopolicy
	@scripts/bench

.PHONY: bench-arm
bench-arm: arm-xip
	@scripts/bench-arm

.PHONY: clean distclean
clean:
	rm -rf build

distclean: clean
	rm -rf "$${SPHERE_CACHE:-$${XDG_CACHE_HOME:-$$HOME/.cache}/sphere}"
