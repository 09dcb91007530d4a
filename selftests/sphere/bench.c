// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - What calls cost
 *
 *   bench unconfined | confined
 *
 * Prints lines "bench NAME VALUE", nanoseconds per call, which are instructions
 * where QEMU runs with -icount shift=0. "confined" makes itself an application
 * first; "unconfined" also runs on a kernel without Sphere, and there the
 * exec with an identity is the same exec without one: with all around it that
 * is not Sphere's, so that the difference is.
 *
 * Nothing here depends on chance: addresses are not randomised, numbers are
 * fixed, and every measurement comes after a round that fills the caches of
 * the kernel.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sphere_common.h"

#define APP		600
#define OTHER		601

#define FILE_NAME	"/tmp/sphere-bench"

/* How often; those that make processes cost a thousand times the others. */
#define MANY		10000
#define FEW		200

static int file;
static int pair[2];
static int listener;
/* An abstract name. */
static const struct sockaddr_un service = {
	.sun_family = AF_UNIX,
	.sun_path = "\0sphere-bench",
};

static char program[PATH_MAX];
static bool with_sphere;

/* What makes a child somebody else: ready, so that the call alone is measured. */
static union {
	struct lsm_ctx ctx;
	__u8 bytes[sizeof(struct lsm_ctx) + SPHERE_RECORD_MAX];
} choice;

static __noreturn void fail(const char *what)
{
	printf("bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void check(bool good, const char *what)
{
	if (!good)
		fail(what);
}

static void do_getppid(void)
{
	syscall(__NR_getppid);
}

static void do_open_close(void)
{
	int fd = open(FILE_NAME, O_RDONLY | O_CLOEXEC);

	check(fd >= 0, "open");
	close(fd);
}

static void do_stat(void)
{
	struct stat result;

	check(!stat(FILE_NAME, &result), "stat");
}

static void do_pread(void)
{
	char byte;

	check(pread(file, &byte, 1, 0) == 1, "pread");
}

static void do_pwrite(void)
{
	check(pwrite(file, "x", 1, 0) == 1, "pwrite");
}

static void do_mmap_munmap(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check(page != MAP_FAILED, "mmap");
	munmap(page, 4096);
}

static void do_send_receive(void)
{
	char byte;

	check(send(pair[0], "x", 1, 0) == 1, "send");
	check(recv(pair[1], &byte, 1, 0) == 1, "recv");
}

static void do_connect_accept(void)
{
	int client = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), server;

	check(!connect(client, (const void *)&service, sizeof(service)),
	      "connect");
	server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	check(server >= 0, "accept");
	close(client);
	close(server);
}

static void wait_for(pid_t pid)
{
	int status = 0;

	check(pid > 0 && waitpid(pid, &status, 0) == pid, "wait");
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
	check(!status, "child");
}

static void do_fork_exit(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	wait_for(pid);
}

static __noreturn void exec_program(void)
{
	char *const argv[] = { program, NULL };
	char *const envp[] = { NULL };

	execve(program, argv, envp);
	_exit(errno);
}

static void do_fork_exec(void)
{
	pid_t pid = fork();

	if (!pid)
		exec_program();
	wait_for(pid);
}

static void do_fork_setuid_exec(void)
{
	pid_t pid = fork();

	if (!pid) {
		if (syscall(__NR_setuid, sphere_uid(OTHER)))
			_exit(errno);
		exec_program();
	}
	wait_for(pid);
}

/* As sphere-init starts an application, as far as the kernel allows. */
static void do_fork_exec_identity(void)
{
	pid_t pid = fork();

	if (!pid) {
		if (syscall(__NR_setuid, sphere_uid(OTHER)))
			_exit(errno);
		if (with_sphere && sphere_set_ctx(LSM_ATTR_EXEC, &choice.ctx,
						  choice.ctx.len, 0))
			_exit(EPERM);
		exec_program();
	}
	wait_for(pid);
}

struct measurement {
	const char *name;
	void (*call)(void);
	unsigned int count;
	/* Needs privileges that an application does not have. */
	bool privileged;
};

static const struct measurement measurements[] = {
	{ "getppid", do_getppid, MANY, false },
	{ "open_close", do_open_close, MANY, false },
	{ "stat", do_stat, MANY, false },
	{ "pread", do_pread, MANY, false },
	{ "pwrite", do_pwrite, MANY, false },
	{ "mmap_munmap", do_mmap_munmap, MANY, false },
	{ "send_receive", do_send_receive, MANY, false },
	{ "connect_accept", do_connect_accept, MANY, false },
	{ "fork_exit", do_fork_exit, FEW, false },
	{ "fork_exec", do_fork_exec, FEW, false },
	{ "fork_setuid_exec", do_fork_setuid_exec, FEW, true },
	{ "fork_exec_identity", do_fork_exec_identity, FEW, true },
};

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static long long run(const struct measurement *measurement)
{
	long long start = now();
	unsigned int i;

	for (i = 0; i < measurement->count; i++)
		measurement->call();
	return now() - start;
}

static void measure(const struct measurement *measurement)
{
	long long total;

	run(measurement);
	total = run(measurement);
	/* One digit behind the point; there is no floating point to round. */
	printf("bench %s %lld.%lld\n", measurement->name,
	       total / measurement->count,
	       total % measurement->count * 10 / measurement->count);
	fflush(stdout);
}

/* As large as the record of the median of the published applications. */
static void prepare_choice(int who)
{
	struct sphere_blob record;

	sphere_record_application(&record, who);
	sphere_record_gpio(&record, "gpio", 0, 0, 0x700);
	choice.ctx.id = LSM_ID_SPHERE;
	choice.ctx.len = sizeof(choice.ctx) + record.len;
	choice.ctx.ctx_len = record.len;
	memcpy(choice.ctx.ctx, record.bytes, record.len);
}

static void prepare(void)
{
	prepare_choice(OTHER);
	sphere_beside(program, "sphere_true");
	file = open(FILE_NAME, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	check(file >= 0, FILE_NAME);
	check(write(file, "x", 1) == 1, FILE_NAME);
	check(!socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair),
	      "socketpair");
	listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	check(!bind(listener, (const void *)&service, sizeof(service)),
	      "bind");
	check(!listen(listener, 1), "listen");
}

static void measure_all(bool privileged)
{
	unsigned int i;

	prepare();
	for (i = 0; i < ARRAY_SIZE(measurements); i++)
		if (privileged || !measurements[i].privileged)
			measure(&measurements[i]);
	unlink(FILE_NAME);
}

/* Executes itself again, as @who; @mode says that this has been done. */
static __noreturn void again(int who, char *mode)
{
	const struct sphere_start start = {
		.who = who,
		.uid = sphere_uid(who),
	};
	char *const argv[] = { "bench", mode, NULL };
	char *const envp[] = { NULL };

	check(personality(ADDR_NO_RANDOMIZE) >= 0, "personality");
	if (with_sphere) {
		errno = -sphere_prepare(&start);
		check(!errno, "identity");
	}
	execve("/proc/self/exe", argv, envp);
	fail("/proc/self/exe");
}

static int explain(void)
{
	fprintf(stderr, "usage: bench unconfined | confined (with Sphere only)\n");
	return 2;
}

int main(int argc, char **argv)
{
	const char *mode = argc == 2 ? argv[1] : "";

	with_sphere = sphere_present();
	if (!strcmp(mode, "unconfined"))
		again(SPHERE_MANAGER, "run-unconfined");
	if (!strcmp(mode, "confined") && with_sphere)
		again(APP, "run-confined");
	if (!strcmp(mode, "run-unconfined"))
		measure_all(true);
	else if (!strcmp(mode, "run-confined"))
		measure_all(false);
	else
		return explain();
	return 0;
}
