// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - Out of memory, at every allocation
 *
 * Lets the first allocation of a call fail, then the second, and so on until
 * the call gets through. Each failure is reported and changes nothing.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "kselftest_harness.h"
#include "sphere_common.h"
#include "sphere_fail.h"
#include "sphere_gpio.h"
#include "sphere_mtd.h"

#define APP		1200
#define OTHER		1201
#define HEIR		1202
#define FLASHER		1203	/* uses flash and lines */

#define EXEC_PATH	"/proc/thread-self/attr/sphere/exec"

/* More than any of the calls needs. */
#define CALL_MAX	200
#define EXEC_MAX	1000

/* Executions that get through in a row before it is believed. */
#define EXEC_GOOD	40

FIXTURE(failslab)
{
	int fail_nth;
};

FIXTURE_SETUP(failslab)
{
	self->fail_nth = sphere_fail_open();
	if (self->fail_nth < 0 || sphere_fail_begin())
		SKIP(return, "no CONFIG_FAULT_INJECTION, or no CONFIG_FAILSLAB");
	ASSERT_EQ(0, sphere_pend(APP));
}

FIXTURE_TEARDOWN(failslab)
{
	close(self->fail_nth);
}

/* Big enough for all, and there, so that nothing but the call allocates. */
static union {
	struct lsm_ctx ctx;
	__u8 bytes[8192];
} buffer = { .bytes = { 1 } };

static __u32 buffer_size;
static int exec_fd;

static int call_set(void)
{
	return sphere_set_ctx(LSM_ATTR_EXEC, &buffer.ctx, buffer_size, 0);
}

static int call_clear(void)
{
	struct lsm_ctx ctx = {
		.id = LSM_ID_SPHERE,
		.len = sizeof(ctx),
	};

	return sphere_set_ctx(LSM_ATTR_EXEC, &ctx, sizeof(ctx), 0);
}

static int call_write(void)
{
	return pwrite(exec_fd, buffer.ctx.ctx, buffer.ctx.ctx_len, 0) < 0 ?
		-errno : 0;
}

static int call_get(void)
{
	__u32 size = sizeof(buffer);
	int count = sphere_get_ctx(LSM_ATTR_EXEC, &buffer.ctx, &size,
				   LSM_FLAG_SINGLE);

	return count < 0 ? count : 0;
}

static int call_read(void)
{
	return pread(exec_fd, buffer.bytes, sizeof(buffer), 0) < 0 ? -errno : 0;
}

static void fill_buffer(int who)
{
	struct sphere_blob record;

	sphere_record_of(&record, who);
	memset(&buffer, 0, sizeof(buffer));
	memcpy(buffer.ctx.ctx, record.bytes, record.len);
	buffer.ctx.id = LSM_ID_SPHERE;
	buffer.ctx.ctx_len = record.len;
	buffer.ctx.len = sizeof(buffer.ctx) + record.len;
	buffer_size = buffer.ctx.len;
}

/*
 * Returns how many allocations have failed before the call got through, and
 * leaves what is pending at @after; or a negative number.
 */
static int fail_all(int fd, int (*call)(void), int before, int after)
{
	unsigned int n;
	bool failed;
	int error;

	for (n = 1; n < CALL_MAX; n++) {
		fill_buffer(after);
		sphere_fail_nth(fd, n);
		error = call();
		failed = sphere_has_failed(fd);
		if (!failed)
			return !error && sphere_pending_is(after) ?
				(int)n - 1 : -1;
		if (error == -ENOMEM && sphere_pending_is(before) &&
		    sphere_current_is(SPHERE_MANAGER))
			continue;
		/* What can do without the memory may do so. */
		if (!error && sphere_pending_is(after)) {
			if (sphere_pend(before))
				return -1;
			continue;
		}
		ksft_print_msg("allocation %u: %d\n", n, error);
		return -1;
	}
	return -1;
}

TEST_F(failslab, set)
{
	EXPECT_LT(0, fail_all(self->fail_nth, call_set, APP, OTHER));
}

TEST_F(failslab, clear)
{
	EXPECT_LT(0, fail_all(self->fail_nth, call_clear, APP, SPHERE_NOBODY));
}

TEST_F(failslab, set_by_proc)
{
	exec_fd = open(EXEC_PATH, O_WRONLY | O_CLOEXEC);
	ASSERT_LE(0, exec_fd);
	EXPECT_LT(0, fail_all(self->fail_nth, call_write, APP, OTHER));
}

TEST_F(failslab, get)
{
	EXPECT_LT(0, fail_all(self->fail_nth, call_get, APP, APP));
}

TEST_F(failslab, get_by_proc)
{
	exec_fd = open(EXEC_PATH, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, exec_fd);
	EXPECT_LT(0, fail_all(self->fail_nth, call_read, APP, APP));
}

static int call_fork(void)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		sphere_stop_failing();
		_exit(sphere_current_is(SPHERE_MANAGER) &&
		      sphere_pending_is(APP) ? 0 : EBADMSG);
	}
	if (pid < 0)
		return -errno;
	/* Inherited by nobody, so it is still ours. */
	if (waitpid(pid, &status, 0) != pid)
		return -errno;
	return status ? -EBADMSG : 0;
}

TEST_F(failslab, fork)
{
	EXPECT_LT(0, fail_all(self->fail_nth, call_fork, APP, APP));
}

/* What the kernel says to want of memory, depending on where. */
static int no_memory(int error)
{
	return error == -ENOBUFS || error == -ENFILE ? -ENOMEM : error;
}

/* A service on a socket, its client, and what they learn of each other. */
static int call_converse(void)
{
	static const struct sockaddr_un address = {
		.sun_family = AF_UNIX,
		.sun_path = "\0sphere-failslab",
	};
	const socklen_t len = offsetof(struct sockaddr_un, sun_path) + 16;
	int fds[3] = { -1, -1, -1 }, error = 0, on = 1, i;
	union {
		struct cmsghdr align;
		char bytes[256];
	} control;
	char data, label[128];
	struct iovec vec = { &data, 1 };
	struct msghdr message = {
		.msg_iov = &vec,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	socklen_t size = sizeof(label);

	fds[0] = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	if (fds[0] < 0 || bind(fds[0], (void *)&address, len) ||
	    listen(fds[0], 1)) {
		error = -errno;
		goto out;
	}
	fds[1] = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	if (fds[1] < 0 || connect(fds[1], (void *)&address, len)) {
		error = -errno;
		goto out;
	}
	fds[2] = accept(fds[0], NULL, NULL);
	if (fds[2] < 0 ||
	    setsockopt(fds[2], SOL_SOCKET, SO_PASSSEC, &on, sizeof(on)) ||
	    send(fds[1], "x", 1, MSG_DONTWAIT) != 1 ||
	    recvmsg(fds[2], &message, MSG_DONTWAIT) != 1 ||
	    getsockopt(fds[2], SOL_SOCKET, SO_PEERSEC, label, &size)) {
		error = -errno;
		goto out;
	}
	/* Once it gets through, nothing of it is missing. */
	if (size != 7 || memcmp(label, "manager", 7) ||
	    message.msg_controllen != CMSG_SPACE(7) ||
	    memcmp(CMSG_DATA(CMSG_FIRSTHDR(&message)), "manager", 7))
		error = -EBADMSG;
out:
	for (i = 0; i < 3; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return no_memory(error);
}

TEST_F(failslab, converse)
{
	EXPECT_LT(0, fail_all(self->fail_nth, call_converse, APP, APP));
}

static int call_pair(void)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
		return no_memory(-errno);
	close(fds[0]);
	close(fds[1]);
	return 0;
}

TEST_F(failslab, pair)
{
	EXPECT_LT(0, fail_all(self->fail_nth, call_pair, APP, APP));
}

/* How an exec can end. */
enum end {
	BECAME,		/* what it should */
	STAYED,		/* what it was, with an error */
	DIED,		/* for want of memory, at the exec or soon after */
	STRANGE,
};

/*
 * Exit status of a child whose exec has failed: this and the error, which no
 * program that has started returns; or that it is not as it was.
 */
#define FAILED		128
#define SPOILT		255

static __noreturn void exec_failing(const char *path, int report,
				    unsigned int n)
{
	const struct sphere_start start = {
		.who = APP,
		.uid = sphere_uid(APP),
	};
	char variable[sizeof(SPHERE_REPORT_VARIABLE) + 16];
	char *const argv[] = { (char *)path, NULL };
	char *const envp[] = { variable, NULL };
	int fd, error;

	snprintf(variable, sizeof(variable), "%s=%d", SPHERE_REPORT_VARIABLE,
		 report);
	fd = sphere_fail_open();
	if (fd < 0 || sphere_prepare(&start))
		_exit(SPOILT);
	sphere_fail_nth(fd, n);
	execve(path, argv, envp);
	error = errno;
	sphere_fail_nth(fd, 0);
	if (!sphere_current_is(SPHERE_MANAGER) || !sphere_pending_is(APP))
		_exit(SPOILT);
	_exit(FAILED + error);
}

static enum end judge_end(int error, const struct sphere_report *report,
			  int status)
{
	if (!error)
		return sphere_report_is(report, APP) ? BECAME : STRANGE;
	if (WIFSIGNALED(status) || WEXITSTATUS(status) < FAILED)
		return DIED;
	switch (WEXITSTATUS(status) - FAILED) {
	case ENOMEM:
	/* How the kernel's exec puts it, depending on what is lacking. */
	case E2BIG:
	case ENOEXEC:
		return STAYED;
	}
	return STRANGE;
}

static enum end try_exec(const char *path, unsigned int n)
{
	static struct sphere_report report;
	int fds[2], error, status;
	enum end end;
	pid_t pid;

	if (pipe(fds))
		return STRANGE;
	pid = fork();
	if (!pid) {
		close(fds[0]);
		exec_failing(path, fds[1], n);
	}
	close(fds[1]);
	error = sphere_report_read(fds[0], &report);
	close(fds[0]);
	if (waitpid(pid, &status, 0) != pid)
		return STRANGE;
	end = judge_end(error, &report, status);
	if (end == STRANGE)
		ksft_print_msg("allocation %u: report %d, status %#x\n", n,
			       error, status);
	return end;
}

TEST_F_TIMEOUT(failslab, exec, 300)
{
	const struct sphere_start heir = {
		.who = HEIR,
		.uid = sphere_uid(APP),
	};
	unsigned int count[STRANGE + 1] = {}, good = 0, n;
	struct sphere_agent agent;
	char path[PATH_MAX];
	enum end end;

	sphere_beside(path, "sphere_report");
	for (n = 1; n < EXEC_MAX && good < EXEC_GOOD; n++) {
		end = try_exec(path, n);
		count[end]++;
		good = end == BECAME ? good + 1 : 0;
	}
	ksft_print_msg("became %u, stayed %u, died %u\n", count[BECAME],
		       count[STAYED], count[DIED]);
	EXPECT_EQ(0, count[STRANGE]);
	EXPECT_EQ(EXEC_GOOD, good);
	EXPECT_LT(0, count[STAYED]);
	/* None of the attempts holds the uid. */
	ASSERT_EQ(0, sphere_agent_start_patiently(&agent, &heir));
	EXPECT_EQ(0, sphere_agent_stop(&agent));
}

/* Raw flash, by an application: what it may do, and what it may not. */
#define FLASH_SIZE	64

static int flash_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static int flash_fd;

static int flash_read(const char *path __maybe_unused)
{
	static char bytes[FLASH_SIZE];

	return pread(flash_fd, bytes, sizeof(bytes), 0) < 0 ? -errno : 0;
}

static int flash_write(const char *path __maybe_unused)
{
	static const char bytes[FLASH_SIZE] = "written";

	return pwrite(flash_fd, bytes, sizeof(bytes), 0) < 0 ? -errno : 0;
}

static int flash_erase(const char *path __maybe_unused)
{
	struct mtd_info_user info;
	struct erase_info_user range = {};

	if (ioctl(flash_fd, MEMGETINFO, &info))
		return -errno;
	range.length = info.erasesize;
	return ioctl(flash_fd, MEMERASE, &range) ? -errno : 0;
}

static int (*const flash_calls[])(const char *path) = {
	flash_open, flash_read, flash_write, flash_erase,
};

enum flash_call {
	FLASH_OPEN,
	FLASH_READ,
	FLASH_WRITE,
	FLASH_ERASE,
};

/*
 * Lets each allocation of call @a fail. @b is how the call ends when none does.
 * Returns how many there were, or a negative number.
 */
static long do_flash(const struct sphere_call *call)
{
	int fail = sphere_fail_open(), error;
	char before[FLASH_SIZE] = {}, after[FLASH_SIZE] = {};
	unsigned int n;

	if (fail < 0)
		return -errno;
	flash_fd = open(call->text, O_RDWR | O_CLOEXEC);
	for (n = 1; n < CALL_MAX; n++) {
		pread(flash_fd, before, sizeof(before), 0);
		sphere_fail_nth(fail, n);
		error = flash_calls[call->a](call->text);
		if (!sphere_has_failed(fail))
			break;
		pread(flash_fd, after, sizeof(after), 0);
		/* As it is without failures: it has done without the memory. */
		if (error == call->b)
			continue;
		if (error == -ENOMEM && !memcmp(before, after, sizeof(after)))
			continue;
		return -EBADMSG;
	}
	close(flash_fd);
	close(fail);
	return error == call->b ? n - 1 : -EINVAL;
}

/*
 * Lets each allocation of a request of line @a of the chip fail. @b is how the
 * request ends when none does: 0 or an error. Returns how many there were, or a
 * negative number.
 */
static long do_line(const struct sphere_call *call)
{
	const struct sphere_lines lines = { .count = 1, .offsets = { call->a } };
	int fail = sphere_fail_open(), chip, fd = 0;
	unsigned int n;

	chip = open(call->text, O_RDWR | O_CLOEXEC);
	if (fail < 0 || chip < 0)
		return -errno;
	for (n = 1; n < CALL_MAX; n++) {
		sphere_fail_nth(fail, n);
		fd = sphere_gpio_request(chip, SPHERE_GPIO_V2, SPHERE_GPIO_OUT,
					 &lines);
		/* Taken and given back: a line that got lost would be busy. */
		if (fd >= 0) {
			close(fd);
			fd = 0;
		}
		if (!sphere_has_failed(fail))
			break;
		if (fd != call->b && fd != -ENOMEM)
			return -EBADMSG;
	}
	close(chip);
	close(fail);
	return fd == call->b ? n - 1 : -EINVAL;
}

TEST_F(failslab, gpio)
{
	const struct sphere_start start = {
		.who = FLASHER,
		.uid = sphere_uid(FLASHER),
	};
	struct sphere_agent agent;
	struct sphere_chip chip;

	/* Of which the record grants line 1 as an output. */
	if (sphere_chip_make(&chip, "sphere-failslab", "chip-a", 4))
		SKIP(return, "no CONFIG_GPIO_SIM");
	ASSERT_EQ(0, sphere_agent_start_patiently(&agent, &start));
	EXPECT_LT(0, sphere_call(&agent, do_line, 1, 0, chip.path));
	/* Refused before anything is allocated for it. */
	EXPECT_EQ(0, sphere_call(&agent, do_line, 2, -EACCES, chip.path));
	EXPECT_EQ(0, sphere_agent_stop(&agent));
	EXPECT_EQ(0, sphere_gpio_info(open(chip.path, O_RDWR), SPHERE_GPIO_V2,
				      1, false) & SPHERE_GPIO_INFO_USED);
	sphere_chip_remove(&chip);
}

TEST_F(failslab, mtd)
{
	static const char *const names[] = { "data", "other", NULL };
	char data[PATH_MAX], other[PATH_MAX];
	struct sphere_mtd_chip chip;
	struct sphere_agent agent;
	int granted, denied;

	if (sphere_mtd_find(&chip, MTD_RAM, names))
		SKIP(return, "no flash in RAM in this kernel");
	granted = sphere_mtd_add(&chip, "data", 0, 1);
	denied = sphere_mtd_add(&chip, "other", 1, 1);
	ASSERT_LE(0, granted);
	ASSERT_LE(0, denied);
	sphere_mtd_path(data, granted, SPHERE_MTD_CHAR);
	sphere_mtd_path(other, denied, SPHERE_MTD_CHAR);
	ASSERT_EQ(0, sphere_agent(&agent, FLASHER));
	EXPECT_LT(0, sphere_call(&agent, do_flash, FLASH_OPEN, 0, data));
	EXPECT_LT(0, sphere_call(&agent, do_flash, FLASH_OPEN, -EACCES,
				 other));
	EXPECT_LT(0, sphere_call(&agent, do_flash, FLASH_READ, 0, data));
	EXPECT_LT(0, sphere_call(&agent, do_flash, FLASH_WRITE, 0, data));
	EXPECT_LT(0, sphere_call(&agent, do_flash, FLASH_ERASE, 0, data));
	EXPECT_EQ(0, sphere_agent_stop(&agent));
	/* Busy if one of the attempts had kept it. */
	EXPECT_EQ(0, sphere_mtd_remove(&chip, denied));
	EXPECT_EQ(0, sphere_mtd_remove(&chip, granted));
}

int main(int argc, char **argv)
{
	sphere_begin(argc, argv);
	return test_harness_run(argc, argv);
}
