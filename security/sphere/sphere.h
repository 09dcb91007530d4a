/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sphere - What is in C, for the Rust code that uses it
 */

#ifndef _SECURITY_SPHERE_SPHERE_H
#define _SECURITY_SPHERE_SPHERE_H

#include <linux/types.h>
#include <linux/uidgid.h>

struct task_struct;

/* Whether the command line locks the policy. */
extern int sphere_lock_at_boot;

/* What the tracepoint is called with. */
struct sphere_denial {
	const char *gate;
	const char *object;
	const char *right;
	const char *reason;
	const char *component;
	int error;
	int permitted;
};

bool sphere_denied_is_traced(void);
void sphere_trace_denied(const struct sphere_denial *denial);

/* Bytes that belong to @uid on all file systems on flash that count. Sleeps. */
u64 sphere_storage_used(kuid_t uid);

/* Sends SIGKILL to all processes of which @is_one, which must not sleep, is true. */
void sphere_kill_processes(bool (*is_one)(struct task_struct *process));

#endif /* _SECURITY_SPHERE_SPHERE_H */
