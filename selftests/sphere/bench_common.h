/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sphere selftests - What programs that measure calls have in common
 *
 * A call that does not do what it is measured for ends the program, with a
 * message.
 */

#ifndef BENCH_COMMON_H
#define BENCH_COMMON_H

#include <stdbool.h>

#include "kselftest.h"

/* A file of one byte, which is open for reading and writing. */
#define BENCH_FILE	"/tmp/sphere-bench"

__noreturn void bench_fail(const char *what);
void bench_check(bool good, const char *what);

/* Nanoseconds, which are instructions where QEMU runs with -icount shift=0. */
long long bench_now(void);

void bench_begin(void);
void bench_end(void);

/* Calls that succeed. */
void bench_open_close(void);
void bench_pread(void);
void bench_pwrite(void);
void bench_mmap_munmap(void);

#endif /* BENCH_COMMON_H */
