// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere - The tracepoint
 */

#include "sphere.h"

#define CREATE_TRACE_POINTS
#include <trace/events/sphere.h>

bool sphere_denied_is_traced(void)
{
	return trace_sphere_denied_enabled();
}

void sphere_trace_denied(const struct sphere_denial *denial)
{
	trace_sphere_denied(denial);
}
