// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere - What modules may use
 */

#include <linux/export.h>
#include <linux/sphere.h>

bool sphere_capable(int cap)
{
	return __sphere_capable(cap);
}
EXPORT_SYMBOL_GPL(sphere_capable);
