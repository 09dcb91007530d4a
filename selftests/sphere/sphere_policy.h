/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sphere selftests - What the policy says about system calls
 *
 * Read from the files that people write, and not from what the build makes of
 * them: so a mistake of the build is noticed.
 */

#ifndef SPHERE_POLICY_H
#define SPHERE_POLICY_H

#include <stdbool.h>

/* More than any architecture has. */
#define SPHERE_SYSCALLS_MAX	512

#define SPHERE_NAME_MAX		40

enum sphere_decision {
	SPHERE_NO_SYSCALL,
	SPHERE_KEPT,
	SPHERE_RESTRICTED,
	SPHERE_ENOSYS,
	SPHERE_EPERM,
};

/* By number. */
struct sphere_policy {
	/* One more than the largest number that there is. */
	unsigned int count;
	struct {
		char name[SPHERE_NAME_MAX];
		enum sphere_decision decision;
	} syscalls[SPHERE_SYSCALLS_MAX];
};

/*
 * Reads the classes, the table of this architecture and the kernel's
 * configuration, which are beside the running program: syscalls.classes,
 * syscall.tbl, kernel.config. Returns 0, or -ENOENT if one is not there;
 * -EBADMSG, with the place on stdout, if they do not fit.
 */
int sphere_policy_read(struct sphere_policy *policy);

/* The errno of who may not call, 0 if there is none. */
int sphere_policy_errno(enum sphere_decision decision, bool manager);

#endif /* SPHERE_POLICY_H */
