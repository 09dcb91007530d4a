// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - What it costs to deny system calls
 *
 *   syscall_bench plain | filtered
 *
 * Prints lines "bench NAME VALUE", the nanoseconds of one call, which are
 * instructions where QEMU runs with -icount shift=0. NAME is one of a few that
 * succeed, or "syscall:" and a system call that the policy keeps, which is
 * called with arguments that make it fail at once. "filtered" has a seccomp
 * filter that denies what the policy denies.
 */

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "bench_common.h"
#include "sphere_common.h"
#include "sphere_policy.h"

#define APP		620
/*
 * Of so many calls the shortest counts: the others were interrupted by the
 * timer, or were the first to go where they went.
 */
#define ROUNDS		64

/* Instructions. */
#define FILTER_MAX	(4 * SPHERE_SYSCALLS_MAX)

static struct sphere_policy policy;

/*
 * They end the caller, make another one, wait, or leave something behind that
 * the next calls would meet. What the last three cost depends on the time, and
 * on which memory they get, as the same code in two kernels has shown.
 */
static const char *const left_out[] = {
	"alarm", "brk", "clone", "clone3", "exit", "exit_group", "fork",
	"pause", "restart_syscall", "rt_sigreturn", "rt_sigsuspend", "sync",
	"umask", "vfork", "eventfd", "getcwd", "pselect6",
};

static bool is_measured(unsigned int nr)
{
	unsigned int i;

	if (policy.syscalls[nr].decision != SPHERE_KEPT)
		return false;
	for (i = 0; i < ARRAY_SIZE(left_out); i++)
		if (!strcmp(policy.syscalls[nr].name, left_out[i]))
			return false;
	return true;
}

static const struct {
	const char *name;
	void (*call)(void);
} successes[] = {
	{ "open_close", bench_open_close },
	{ "pread", bench_pread },
	{ "pwrite", bench_pwrite },
	{ "mmap_munmap", bench_mmap_munmap },
};

static long long measure(void (*call)(void), long nr)
{
	long long shortest = -1, start, time;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		start = bench_now();
		if (call)
			call();
		else
			syscall(nr, -1L, -1L, -1L, -1L, -1L, -1L);
		time = bench_now() - start;
		if (shortest < 0 || time < shortest)
			shortest = time;
	}
	return shortest;
}

static void nothing(void)
{
}

static void measure_all(void)
{
	long long empty = measure(nothing, 0);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(successes); i++)
		printf("bench %s %lld\n", successes[i].name,
		       measure(successes[i].call, 0) - empty);
	for (i = 0; i < policy.count; i++)
		if (is_measured(i))
			printf("bench syscall:%s %lld\n",
			       policy.syscalls[i].name,
			       measure(NULL, i) - empty);
	fflush(stdout);
}

static void add(struct sock_fprog *filter, __u16 code, __u8 if_true,
		__u8 if_false, __u32 value)
{
	const struct sock_filter instruction = {
		.code = code,
		.jt = if_true,
		.jf = if_false,
		.k = value,
	};

	bench_check(filter->len < FILTER_MAX, "filter");
	filter->filter[filter->len++] = instruction;
}

static void load(struct sock_fprog *filter, size_t offset)
{
	add(filter, BPF_LD | BPF_W | BPF_ABS, 0, 0, offset);
}

static void answer(struct sock_fprog *filter, __u32 action)
{
	add(filter, BPF_RET | BPF_K, 0, 0, action);
}

/* The errno that an application gets, 0 if the call is kept. */
static int answer_to(unsigned int nr)
{
	return -sphere_policy_errno(policy.syscalls[nr].decision, false);
}

/*
 * Finds the number among those from @from to before @to by halving, and answers
 * as the policy does. Runs of numbers with one answer are one leaf.
 */
static void add_range(struct sock_fprog *filter, unsigned int from,
		      unsigned int to)
{
	unsigned int same = from, middle = from + (to - from) / 2, jump;
	int want = answer_to(from);

	while (same < to && want == answer_to(same))
		same++;
	if (same == to) {
		answer(filter, want ? SECCOMP_RET_ERRNO | want : SECCOMP_RET_ALLOW);
		return;
	}
	add(filter, BPF_JMP | BPF_JGE | BPF_K, 0, 1, middle);
	jump = filter->len;
	add(filter, BPF_JMP | BPF_JA, 0, 0, 0);
	add_range(filter, from, middle);
	filter->filter[jump].k = filter->len - jump - 1;
	add_range(filter, middle, to);
}

/* What an application would be started with where nothing else is to be had. */
static void install_filter(void)
{
	static struct sock_filter instructions[FILTER_MAX];
	struct sock_fprog filter = { .filter = instructions };

	load(&filter, offsetof(struct seccomp_data, arch));
	add(&filter, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, AUDIT_ARCH_X86_64);
	answer(&filter, SECCOMP_RET_KILL_PROCESS);
	load(&filter, offsetof(struct seccomp_data, nr));
	add(&filter, BPF_JMP | BPF_JGE | BPF_K, 0, 1, policy.count);
	answer(&filter, SECCOMP_RET_ERRNO | ENOSYS);
	add_range(&filter, 0, policy.count);
	bench_check(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
	bench_check(!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter), "seccomp");
}

/* Executes itself again, as an application; @mode says that this was done. */
static __noreturn void again(char *mode)
{
	const struct sphere_start start = {
		.who = APP,
		.uid = sphere_uid(APP),
	};
	char *const argv[] = { "syscall_bench", mode, NULL };
	char *const envp[] = { NULL };

	bench_check(personality(ADDR_NO_RANDOMIZE) >= 0, "personality");
	errno = -sphere_prepare(&start);
	bench_check(!errno, "identity");
	execve("/proc/self/exe", argv, envp);
	bench_fail("/proc/self/exe");
}

static int explain(void)
{
	fprintf(stderr, "usage: syscall_bench plain | filtered\n");
	return 2;
}

int main(int argc, char **argv)
{
	const char *mode = argc == 2 ? argv[1] : "";

	if (!strcmp(mode, "plain"))
		again("run-plain");
	if (!strcmp(mode, "filtered"))
		again("run-filtered");
	if (strcmp(mode, "run-plain") && strcmp(mode, "run-filtered"))
		return explain();
	errno = -sphere_policy_read(&policy);
	bench_check(!errno, "policy");
	bench_begin();
	if (!strcmp(mode, "run-filtered"))
		install_filter();
	measure_all();
	bench_end();
	return 0;
}
