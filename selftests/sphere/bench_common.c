// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - What programs that measure calls have in common
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "bench_common.h"

static int file;

__noreturn void bench_fail(const char *what)
{
	printf("bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

void bench_check(bool good, const char *what)
{
	if (!good)
		bench_fail(what);
}

long long bench_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

void bench_begin(void)
{
	const struct timespec pause = { .tv_sec = 1 };

	/* What the kernel still has to do for who ran before is not ours. */
	nanosleep(&pause, NULL);
	file = open(BENCH_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	bench_check(file >= 0, BENCH_FILE);
	bench_check(write(file, "x", 1) == 1, BENCH_FILE);
}

void bench_end(void)
{
	unlink(BENCH_FILE);
}

void bench_open_close(void)
{
	int fd = open(BENCH_FILE, O_RDONLY | O_CLOEXEC);

	bench_check(fd >= 0, "open");
	close(fd);
}

void bench_pread(void)
{
	char byte;

	bench_check(pread(file, &byte, 1, 0) == 1, "pread");
}

void bench_pwrite(void)
{
	bench_check(pwrite(file, "x", 1, 0) == 1, "pwrite");
}

void bench_mmap_munmap(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	bench_check(page != MAP_FAILED, "mmap");
	munmap(page, 4096);
}
