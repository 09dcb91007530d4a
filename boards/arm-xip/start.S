/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the processor finds at address 0: starts the kernel as
 * Documentation/arch/arm/booting.rst says.
 */
	.arm
	.globl	_start
_start:
	mov	r0, #0			@ always
	mvn	r1, #0			@ machine type: the device tree tells
	mov	r2, #0x8000		@ where that is
	mov	pc, #0x10000		@ where the kernel is: CONFIG_XIP_PHYS_ADDR
