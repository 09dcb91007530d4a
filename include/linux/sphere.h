/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sphere - For drivers
 */

#ifndef _LINUX_SPHERE_H
#define _LINUX_SPHERE_H

#include <linux/capability.h>
#include <linux/types.h>
#include <uapi/linux/sphere.h>

#ifdef CONFIG_SECURITY_SPHERE
/**
 * sphere_capable - Whether the current task has an extended capability
 * @cap: %SPHERE_CAP_*
 *
 * For a driver to ask before it does what an application has to be granted.
 * Ask when it is done: an open file may have been passed on.  Managers and
 * kernel threads have all extended capabilities.  If Sphere is not active,
 * %CAP_SYS_ADMIN decides.
 *
 * Context: Process context.
 * Return: true if the task has it; false also for a @cap that is not defined.
 */
bool sphere_capable(int cap);

/* The part of it that is in Rust, which has no symbols for modules. */
bool __sphere_capable(int cap);
#else
static inline bool sphere_capable(int cap)
{
	return capable(CAP_SYS_ADMIN);
}
#endif /* CONFIG_SECURITY_SPHERE */

#endif /* _LINUX_SPHERE_H */
