// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - Does nothing, successfully
 *
 * Built without a C library: what the benchmark executes should cost the
 * kernel's part of an exec and nothing else.
 */

int main(void)
{
	return 0;
}
