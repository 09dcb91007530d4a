/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sphere selftests - All ways into another process
 */

#ifndef SPHERE_TRACE_H
#define SPHERE_TRACE_H

#include "sphere_common.h"

#define SPHERE_SECRET		0x5ec4e7

/* Keeps @a where a tracer finds it, and returns its address. */
sphere_action sphere_do_keep_secret;
sphere_action sphere_do_reveal_secret;

/* What is expected of a tracer: all, nothing, all but to take open files. */
#define SPHERE_TRACE_ALLOWED	"allowed"
#define SPHERE_TRACE_REFUSED	"refused"
#define SPHERE_TRACE_DEBUGGER	"debugger"

/*
 * In the tracer, about process @a, whose secret is at @b: how many attempts do
 * not end as @text says. The second one is about what is for reading.
 */
sphere_action sphere_do_trace;
sphere_action sphere_do_read_process;

/* Makes the parent a tracer. */
sphere_action sphere_do_traceme;

#endif /* SPHERE_TRACE_H */
