/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sphere selftests - Running a distribution's programs, and what they say
 *
 * Include after kselftest_harness.h.
 */

#ifndef SPHERE_TOOL_H
#define SPHERE_TOOL_H

#include <stdbool.h>

#include "kselftest.h"

/* What the last program printed. */
extern char sphere_printed[8192];

/* No component, no manager, and a uid that has no rights: kept out by modes. */
#define SPHERE_OUTSIDER	(-2)

/*
 * Runs a line of words, the first of which is a program of /usr/sbin or
 * /usr/bin, as @who. Returns its exit status, or a negative errno.
 */
__printf(2, 3) int sphere_run(int who, const char *format, ...);

/* The same in two steps: the line, and running it, as often as one likes. */
__printf(1, 2) void sphere_set_command(const char *format, ...);
int sphere_run_again(int who);

/* The last command, and all that it printed, as diagnostics. */
void sphere_show_run(void);

/* Whether it complained of a lack of permission in one of the usual ways. */
bool sphere_says_denied(void);

/* These take @who from where they are used. */
#define EXPECT_STATUS(status, ...) do {			\
	EXPECT_EQ(status, sphere_run(who, __VA_ARGS__))	\
		sphere_show_run();			\
} while (0)

#define EXPECT_DENIED(...) do {				\
	EXPECT_LT(0, sphere_run(who, __VA_ARGS__));	\
	EXPECT_TRUE(sphere_says_denied())		\
		sphere_show_run();			\
} while (0)

#endif /* SPHERE_TOOL_H */
