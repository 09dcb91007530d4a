// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - What calls cost
 *
 *   bench unconfined | confined | changed | reporting
 *
 * Prints lines "bench NAME VALUE", nanoseconds per call, which are instructions
 * where QEMU runs with -icount shift=0. "confined" makes itself an application
 * first; "unconfined" also runs on a kernel without Sphere, and there the
 * exec with an identity is the same exec without one: with all around it that
 * is not Sphere's, so that the difference is. "changed" is confined under a
 * policy, and also measures what is denied, which that policy keeps out of the
 * log; "reporting" measures the same with a line in the log for each denial.
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
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench_common.h"
#include "sphere_common.h"
#include "sphere_gpio.h"
#include "sphere_mtd.h"
#include "sphere_securityfs.h"

#define APP		600
#define OTHER		601

/* A simulated chip that is there before the exec, and one of its lines. */
#define CHIP_NAME	"sphere-bench"
#define CHIP_LABEL	"sphere-bench"
#define CHIP_LINK	"/tmp/sphere-bench-chip"

/* A partition of flash in RAM, and a file system on another. */
#define FLASH_NAME	"sphere-bench"
#define FLASH_LINK	"/tmp/sphere-bench-flash"
#define FLASH_MOUNT	"/tmp/sphere-bench-mount"
#define FLASH_BLOCKS	8
#define STORAGE_NAME	"sphere-bench-storage"
#define STORAGE_FILE	FLASH_MOUNT "/%d/file"
#define STORAGE_BYTES	(64 * 1024)

/* How often; those that make processes cost a thousand times the others. */
#define MANY		10000
#define FEW		200

static int chip, flash, storage;
static int pair[2];
static int listener;

static struct sphere_lines line = { .count = 1 };

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

static void do_getppid(void)
{
	syscall(__NR_getppid);
}

static void do_stat(void)
{
	struct stat result;

	bench_check(!stat(BENCH_FILE, &result), "stat");
}

static void do_gpio_request(void)
{
	int fd = sphere_gpio_request(chip, SPHERE_GPIO_V2, SPHERE_GPIO_OUT,
				     &line);

	errno = -fd;
	bench_check(fd >= 0, "GPIO line");
	close(fd);
}

static const struct sphere_lines other_line = { .count = 1, .offsets = { 3 } };

static void do_gpio_denied(void)
{
	int fd = sphere_gpio_request(chip, SPHERE_GPIO_V2, SPHERE_GPIO_OUT,
				     &other_line);

	bench_check(fd == -EACCES, "denied GPIO line");
}

static void do_socket_denied(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	bench_check(fd < 0 && errno == EACCES, "denied socket");
}

static void do_syscall_denied(void)
{
	bench_check(syscall(__NR_sethostname, "x", 1) == -1 && errno == EPERM,
		    "denied system call");
}

static void do_gpio_set(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = sphere_gpio_request(chip, SPHERE_GPIO_V2, SPHERE_GPIO_OUT,
					 &line);
	errno = -sphere_gpio_set(fd, SPHERE_GPIO_V2, 1, 1);
	bench_check(!errno, "GPIO value");
}

static void do_send_receive(void)
{
	char byte;

	bench_check(send(pair[0], "x", 1, 0) == 1, "send");
	bench_check(recv(pair[1], &byte, 1, 0) == 1, "recv");
}

static void do_connect_accept(void)
{
	int client = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), server;

	bench_check(!connect(client, (const void *)&service, sizeof(service)),
		    "connect");
	server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	bench_check(server >= 0, "accept");
	close(client);
	close(server);
}

static void do_mtd_read(void)
{
	char byte;

	bench_check(pread(flash, &byte, 1, 0) == 1, "read of flash");
}

static void do_jffs2_write(void)
{
	bench_check(pwrite(storage, "x", 1, 0) == 1, "write to storage");
}

static void wait_for(pid_t pid)
{
	int status = 0;

	bench_check(pid > 0 && waitpid(pid, &status, 0) == pid, "wait");
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
	bench_check(!status, "child");
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
		if (syscall(SPHERE_NR_ID(setuid), sphere_uid(OTHER)))
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
		if (syscall(SPHERE_NR_ID(setuid), sphere_uid(OTHER)))
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
	/* Who can be measured: it needs privileges, or is denied to some. */
	enum { ANYBODY, PRIVILEGED, DENIED } who;
};

static const struct measurement measurements[] = {
	{ "getppid", do_getppid, MANY, ANYBODY },
	{ "open_close", bench_open_close, MANY, ANYBODY },
	{ "stat", do_stat, MANY, ANYBODY },
	{ "pread", bench_pread, MANY, ANYBODY },
	{ "pwrite", bench_pwrite, MANY, ANYBODY },
	{ "mmap_munmap", bench_mmap_munmap, MANY, ANYBODY },
	{ "gpio_request", do_gpio_request, MANY, ANYBODY },
	{ "gpio_set", do_gpio_set, MANY, ANYBODY },
	{ "mtd_read", do_mtd_read, MANY, ANYBODY },
	{ "jffs2_write", do_jffs2_write, FEW, ANYBODY },
	{ "send_receive", do_send_receive, MANY, ANYBODY },
	{ "connect_accept", do_connect_accept, MANY, ANYBODY },
	{ "gpio_denied", do_gpio_denied, FEW, DENIED },
	{ "socket_denied", do_socket_denied, FEW, DENIED },
	{ "syscall_denied", do_syscall_denied, FEW, DENIED },
	{ "fork_exit", do_fork_exit, FEW, ANYBODY },
	{ "fork_exec", do_fork_exec, FEW, ANYBODY },
	{ "fork_setuid_exec", do_fork_setuid_exec, FEW, PRIVILEGED },
	{ "fork_exec_identity", do_fork_exec_identity, FEW, PRIVILEGED },
};

static long long run(const struct measurement *measurement)
{
	long long start = bench_now();
	unsigned int i;

	for (i = 0; i < measurement->count; i++)
		measurement->call();
	return bench_now() - start;
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
	char path[PATH_MAX];

	prepare_choice(OTHER);
	sphere_beside(program, "sphere_true");
	bench_begin();
	chip = open(CHIP_LINK, O_RDWR | O_CLOEXEC);
	bench_check(chip >= 0, CHIP_LINK);
	flash = open(FLASH_LINK, O_RDONLY | O_CLOEXEC);
	bench_check(flash >= 0, FLASH_LINK);
	snprintf(path, sizeof(path), STORAGE_FILE, getuid());
	storage = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bench_check(storage >= 0, path);
	bench_check(write(storage, "x", 1) == 1, path);
	bench_check(!socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair),
		    "socketpair");
	listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	bench_check(!bind(listener, (const void *)&service, sizeof(service)),
		    "bind");
	bench_check(!listen(listener, 1), "listen");
}

#define MEASURE(who)	(1u << (who))

static void measure_those(unsigned int who)
{
	unsigned int i;

	prepare();
	for (i = 0; i < ARRAY_SIZE(measurements); i++)
		if (who & MEASURE(measurements[i].who))
			measure(&measurements[i]);
	bench_end();
}

/* Statements about everybody, the application, and another one. */
static void set_changed_policy(void)
{
	char app[SPHERE_UUID_SIZE], other[SPHERE_UUID_SIZE];

	sphere_uuid(app, APP);
	sphere_uuid(other, OTHER);
	errno = -sphere_fs_set_policy("reports 0 1000\n"
		"nobody allow gpio sphere-bench 7 in\n"
		"component * deny capability ForceReboot\n"
		"component %s deny gpio sphere-bench 5 out\n"
		"component %s deny tcp connect 10.0.0.0/8 1-65535\n"
		"component %s allow mtd sphere-bench read\n"
		"component %s quarantine\n", app, app, other, other);
	bench_check(!errno, "policy");
}

/* So that the log takes each denial. */
static void set_reporting_policy(void)
{
	errno = -sphere_fs_set_policy("reports 10000 1\n");
	bench_check(!errno, "policy");
}

/* What the measured task must not be privileged to do. */
static void prepare_devices(void)
{
	struct sphere_chip made;

	/* Another run may have left it. */
	if (!access(CHIP_LINK, F_OK))
		return;
	errno = -sphere_chip_make(&made, CHIP_NAME, CHIP_LABEL, 8);
	bench_check(!errno, "simulated GPIO chip");
	bench_check(!symlink(made.path, CHIP_LINK), CHIP_LINK);
}

/* A directory for whom @uid is. */
static void prepare_storage(uid_t uid)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), FLASH_MOUNT "/%d", uid);
	bench_check(!mkdir(path, 0700) && !chown(path, uid, uid), path);
}

static void prepare_flash(void)
{
	static const char *const nothing[] = { NULL };
	struct sphere_mtd_chip made;
	char path[PATH_MAX];
	int index;

	if (!access(FLASH_LINK, F_OK))
		return;
	errno = -sphere_mtd_find(&made, MTD_RAM, nothing);
	bench_check(!errno, "flash in RAM");
	index = sphere_mtd_add(&made, FLASH_NAME, 0, 1);
	errno = -index;
	bench_check(index >= 0, FLASH_NAME);
	sphere_mtd_publish(index);
	sphere_mtd_path(path, index, SPHERE_MTD_CHAR);
	bench_check(!symlink(path, FLASH_LINK), FLASH_LINK);

	index = sphere_mtd_add(&made, STORAGE_NAME, 1, FLASH_BLOCKS);
	errno = -index;
	bench_check(index >= 0, STORAGE_NAME);
	bench_check(!mkdir(FLASH_MOUNT, 0755), FLASH_MOUNT);
	bench_check(!mount("mtd:" STORAGE_NAME, FLASH_MOUNT, "jffs2", 0, "usrquota"),
		    "mount of " STORAGE_NAME);
	prepare_storage(0);
	prepare_storage(sphere_uid(APP));
}

/* Executes itself again, as @who; @mode says that this has been done. */
static __noreturn void again(int who, char *mode)
{
	struct sphere_blob record;
	const struct sphere_start start = {
		.who = who,
		.record = who > 0 ? &record : NULL,
		.uid = sphere_uid(who),
	};
	char *const argv[] = { "bench", mode, NULL };
	char *const envp[] = { NULL };

	prepare_devices();
	prepare_flash();
	if (who > 0) {
		sphere_record_application(&record, who);
		sphere_header(&record)->storage_bytes = htole64(STORAGE_BYTES);
		sphere_record_gpio(&record, CHIP_LABEL, 0, 0, 1);
		sphere_record_mtd(&record, FLASH_NAME, SPHERE_MTD_READ);
	}
	bench_check(personality(ADDR_NO_RANDOMIZE) >= 0, "personality");
	if (with_sphere) {
		errno = -sphere_prepare(&start);
		bench_check(!errno, "identity");
	}
	execve("/proc/self/exe", argv, envp);
	bench_fail("/proc/self/exe");
}

static int explain(void)
{
	fprintf(stderr, "usage: bench unconfined | confined | changed | reporting\n"
			"with Sphere only: all but the first\n");
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
	if (!strcmp(mode, "changed") && with_sphere) {
		set_changed_policy();
		again(APP, "run-changed");
	}
	if (!strcmp(mode, "reporting") && with_sphere) {
		set_reporting_policy();
		again(APP, "run-reporting");
	}
	if (!strcmp(mode, "run-unconfined"))
		measure_those(MEASURE(ANYBODY) | MEASURE(PRIVILEGED));
	else if (!strcmp(mode, "run-confined"))
		measure_those(MEASURE(ANYBODY));
	else if (!strcmp(mode, "run-changed"))
		measure_those(MEASURE(ANYBODY) | MEASURE(DENIED));
	else if (!strcmp(mode, "run-reporting"))
		measure_those(MEASURE(DENIED));
	else
		return explain();
	return 0;
}
