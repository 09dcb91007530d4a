/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sphere selftests - Allocations that fail
 *
 * The kernel lets the nth allocation of the calling thread fail, once.
 */

#ifndef SPHERE_FAIL_H
#define SPHERE_FAIL_H

#include <stdbool.h>

/* All allocations can fail from now on. -ENOENT where the kernel cannot do that. */
int sphere_fail_begin(void);

/* The descriptor for the other functions, for this thread only. */
int sphere_fail_open(void);

/* The @n-th allocation from now fails; 0 is none. */
void sphere_fail_nth(int fd, unsigned int n);

/* Ends it; whether an allocation has failed. */
bool sphere_has_failed(int fd);

/* Ends it, for who has no descriptor. */
void sphere_stop_failing(void);

#endif /* SPHERE_FAIL_H */
