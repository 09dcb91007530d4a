// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - Keeps trinity from reading past a table of its own
 *
 * To be preloaded.  trinity 2023.01, which Debian has, takes a random protocol
 * family below 46 and looks it up in a table of 45: sooner or later it crashes
 * before it has made its first call.  The one number is not chosen, then.
 */

#include <stdlib.h>

#define FAMILIES	46

int rand(void)
{
	long number;

	do
		number = random();
	while (number % FAMILIES == FAMILIES - 1);
	return number;
}
