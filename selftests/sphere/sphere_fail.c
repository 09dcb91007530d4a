// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - Allocations that fail
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sphere_common.h"
#include "sphere_fail.h"

#define FAIL_NTH	"/proc/thread-self/fail-nth"
#define FAILSLAB	"/sys/kernel/debug/failslab/"

int sphere_fail_begin(void)
{
	/* Those that may wait fail, too, and silently. */
	int error = sphere_write_text(FAILSLAB "ignore-gfp-wait", "N");

	return error ? error : sphere_write_text(FAILSLAB "verbose", "0");
}

int sphere_fail_open(void)
{
	int fd = open(FAIL_NTH, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

void sphere_fail_nth(int fd, unsigned int n)
{
	char number[16];
	int len = snprintf(number, sizeof(number), "%u", n);

	if (pwrite(fd, number, len, 0) != len)
		abort();
}

bool sphere_has_failed(int fd)
{
	char number[16] = {};

	if (pread(fd, number, sizeof(number) - 1, 0) <= 0)
		abort();
	sphere_fail_nth(fd, 0);
	return !atoi(number);
}

void sphere_stop_failing(void)
{
	int error;

	do
		error = sphere_write_text(FAIL_NTH, "0");
	while (error == -ENOMEM);
}
