/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sphere selftests - What programs of an ordinary C library do
 *
 * A feature prints nothing and is true, or fails in a check that says where.
 * Each runs in a process of its own.
 */

#ifndef SPHERE_LIBC_H
#define SPHERE_LIBC_H

#ifndef NOLIBC
#include <stdbool.h>
#endif

struct feature {
	const char *name;
	bool (*run)(void);
};

#define FEATURE(function)	{ #function, function }

/* Says what is wrong, and errno, if it is. */
bool check(bool good, int line, const char *text);

#define CHECK(condition)	check(condition, __LINE__, #condition)

/* What nolibc does not have. Ends with one without a name. */
extern const struct feature full_features[];

/* How the program was executed. */
extern char **arguments;

/* Milliseconds of the monotonic clock. */
long long milliseconds(void);

/* Executes this program again, as one that ends with this status. */
#define HELPER_STATUS	42
void exec_helper(void);

/* Waits for a child; its wait status, or -1. */
int wait_status(int pid);

/* The status of a child that does this and is fine. */
int in_child(bool (*action)(void));

#endif /* SPHERE_LIBC_H */
