// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - A shared object that sphere_libc loads at run time
 */

int sphere_double(int number)
{
	return 2 * number;
}
