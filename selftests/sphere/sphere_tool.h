/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sphere selftests - Running a distribution's programs, and what they say
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

/* For tests, which include the harness before this. */
#ifdef __KSELFTEST_HARNESS_H

static inline void sphere_expect_status(struct __test_metadata *_metadata,
					int status, int got)
{
	EXPECT_EQ(status, got)
		sphere_show_run();
}

static inline void sphere_expect_denied(struct __test_metadata *_metadata,
					int got)
{
	EXPECT_LT(0, got);
	EXPECT_TRUE(sphere_says_denied())
		sphere_show_run();
}

/* These take @who from where they are used. */
#define EXPECT_STATUS(status, ...) \
	sphere_expect_status(_metadata, status, sphere_run(who, __VA_ARGS__))
#define EXPECT_DENIED(...) \
	sphere_expect_denied(_metadata, sphere_run(who, __VA_ARGS__))

#endif /* __KSELFTEST_HARNESS_H */

#endif /* SPHERE_TOOL_H */
