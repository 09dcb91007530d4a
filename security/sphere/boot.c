// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere - What the command line says
 */

#include <linux/cache.h>
#include <linux/init.h>

#include "sphere.h"

int sphere_lock_at_boot __ro_after_init;

static int __init lock_setup(char *value)
{
	sphere_lock_at_boot = 1;
	return 0;
}
early_param("sphere.lock", lock_setup);
