// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere - What the command line says
 */

#include <linux/cache.h>
#include <linux/init.h>
#include <linux/kstrtox.h>
#include <linux/types.h>

#include "sphere.h"

int sphere_lock_at_boot __ro_after_init;

/* What is not understood locks, too. */
static int __init lock_setup(char *value)
{
	bool locks;

	if (!value || kstrtobool(value, &locks))
		locks = true;
	sphere_lock_at_boot = locks;
	return 0;
}
early_param("sphere.lock", lock_setup);
