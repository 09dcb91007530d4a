// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - System calls that the policy denies
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/mount.h>

#include "kselftest_harness.h"
#include "sphere_common.h"
#include "sphere_policy.h"
#include "sphere_securityfs.h"

/* Only this test uses it. */
#define APP		460

/* What became of a call: an errno, or one of these. */
#define SUCCEEDED	200
#define ENDED		201
#define WAITS		202

/* Milliseconds after which a call is taken to wait for something. */
#define PATIENCE	1000

/*
 * Where the table of this architecture ends, there can be calls of another kind
 * behind it: a signal is the answer to those that are not there.
 */
static bool is_foreign(unsigned long nr)
{
#ifdef __arm__
	return nr >= 0xf0000;
#else
	return false;
#endif
}

/* More than the log takes at once. */
#define FLOOD		500

static struct sphere_policy policy;

static __noreturn void call_and_exit(long nr)
{
	int status;

	errno = 0;
	status = syscall(nr, -1L, -1L, -1L, -1L, -1L, -1L) == -1 ? errno : 0;
	_exit(status ? status : SUCCEEDED);
}

static int outcome(int status)
{
	return WIFEXITED(status) && WEXITSTATUS(status) <= SUCCEEDED ?
		       WEXITSTATUS(status) : ENDED;
}

/*
 * What becomes of the system call @a with arguments that nothing can be done
 * with: in a process of its own, which may end by it or wait for ever.
 */
static long do_call(const struct sphere_call *call)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	int status, i;
	pid_t pid = fork();

	if (!pid)
		call_and_exit(call->a);
	if (pid < 0)
		return -errno;
	for (i = 0; i < PATIENCE; i++) {
		pid_t done = waitpid(pid, &status, WNOHANG);

		if (done)
			return done == pid ? outcome(status) : -ECHILD;
		nanosleep(&pause, NULL);
	}
	kill(pid, SIGKILL);
	return waitpid(pid, &status, 0) == pid ? WAITS : -ECHILD;
}

FIXTURE(walk)
{
	struct sphere_agent agent;
};

FIXTURE_VARIANT(walk)
{
	int who;
};

FIXTURE_VARIANT_ADD(walk, application)
{
	.who = APP,
};

FIXTURE_VARIANT_ADD(walk, nobody)
{
	.who = SPHERE_NOBODY,
};

FIXTURE_VARIANT_ADD(walk, manager)
{
	.who = SPHERE_MANAGER,
};

FIXTURE_SETUP(walk)
{
	int err = sphere_policy_read(&policy);

	if (err == -ENOENT)
		SKIP(return, "the policy's files are not beside the test");
	ASSERT_EQ(0, err);
	ASSERT_LT(0, policy.count);
	ASSERT_EQ(0, sphere_agent(&self->agent, variant->who));
}

FIXTURE_TEARDOWN(walk)
{
	if (policy.count)
		EXPECT_EQ(0, sphere_agent_stop(&self->agent));
}

TEST_F_TIMEOUT(walk, every_number, 600)
{
	bool manager = variant->who == SPHERE_MANAGER;
	unsigned int nr, denied = 0;

	for (nr = 0; nr < policy.count; nr++) {
		enum sphere_decision decision = policy.syscalls[nr].decision;
		int want = -sphere_policy_errno(decision, manager);
		long before = sphere_fs_syscall_denials(nr);
		long got = sphere_call(&self->agent, do_call, nr, 0, NULL);
		long counted = sphere_fs_syscall_denials(nr) - before;

		ASSERT_LE(0, before);
		/* Kept calls may fail as they like, but not by the policy. */
		if (want)
			EXPECT_EQ(want, got)
				TH_LOG("%s", policy.syscalls[nr].name);
		EXPECT_EQ(want && decision != SPHERE_NO_SYSCALL, counted)
			TH_LOG("%s: %ld, counted %ld",
			       policy.syscalls[nr].name, got, counted);
		denied += want != 0;
	}
	/* Else the files were those of another kernel. */
	EXPECT_LT(manager ? 20 : 40, denied);
}

/* No table, and no other one that is reached by a bit in the number. */
TEST_F_TIMEOUT(walk, beyond_the_end, 600)
{
	long denied = sphere_fs_denials("syscall");
	const long starts[] = {
		policy.count, 512, 1024, 0x900000, 0x0f0010, 0x40000000,
		0x40000200, 0x7fffffe0, 0x80000000, 0xffffffe0,
	};
	unsigned int i, j;
	long got;

	ASSERT_LE(0, denied);
	for (i = 0; i < ARRAY_SIZE(starts); i++)
		for (j = 0; j < 32; j++) {
			long nr = (int)(starts[i] + j);

			if (nr >= 0 && nr < policy.count)
				continue;
			got = sphere_call(&self->agent, do_call, nr, 0, NULL);
			if (!is_foreign(nr) || got != ENDED)
				EXPECT_EQ(ENOSYS, got)
					TH_LOG("%lx", nr);
		}
	EXPECT_EQ(denied, sphere_fs_denials("syscall"));
}

static long do_open(const struct sphere_call *call)
{
	int fd = open(call->text, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* What others try is the manager's to know, also if the uid is 0. */
TEST(counts_are_for_the_manager)
{
	static const char *const names[] = { "syscalls", "denials" };
	const struct sphere_start starts[] = {
		{ .who = APP, .uid = sphere_uid(APP) },
		{ .who = APP, .uid = 0, .all_capabilities = true },
		{ .who = SPHERE_NOBODY, .uid = 0, .all_capabilities = true },
	};
	struct sphere_agent agent;
	struct sphere_call call = {};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		ASSERT_EQ(0, sphere_agent_start_patiently(&agent, &starts[i]));
		for (j = 0; j < ARRAY_SIZE(names); j++) {
			sphere_fs_path(call.text, names[j]);
			EXPECT_EQ(starts[i].uid ? -EACCES : -EPERM,
				  sphere_call(&agent, do_open, 0, 0,
					      call.text));
			EXPECT_EQ(0, do_open(&call));
		}
		EXPECT_EQ(0, sphere_agent_stop(&agent));
	}
}

/* A number that this kernel denies to everybody; negative if there is none. */
static long denied_number(void)
{
	unsigned int nr;

	if (sphere_policy_read(&policy))
		return -1;
	for (nr = 0; nr < policy.count; nr++)
		if (policy.syscalls[nr].decision == SPHERE_ENOSYS)
			return nr;
	return -1;
}

static long do_flood(const struct sphere_call *call)
{
	long i, failed = 0;

	for (i = 0; i < call->b; i++)
		failed += syscall(call->a, -1L, -1L, -1L, -1L, -1L, -1L) == -1;
	return failed;
}

/* Without exception, however many the log takes of them: see denial_test.c. */
TEST(denials_are_counted)
{
	long nr = denied_number(), before, gate;
	struct sphere_agent agent;

	if (nr < 0)
		SKIP(return, "this kernel denies nothing");
	before = sphere_fs_syscall_denials(nr);
	gate = sphere_fs_denials("syscall");
	ASSERT_EQ(0, sphere_agent(&agent, APP));
	EXPECT_EQ(FLOOD, sphere_call(&agent, do_flood, nr, FLOOD, NULL));
	EXPECT_EQ(before + FLOOD, sphere_fs_syscall_denials(nr));
	EXPECT_EQ(gate + FLOOD, sphere_fs_denials("syscall"));
	EXPECT_EQ(0, sphere_agent_stop(&agent));
}

/* All of the arguments of what the manager alone may call. */
TEST(arguments_are_handed_on)
{
	uid_t ids[3];
	pid_t pid = fork();
	int status = 0;

	ASSERT_LE(0, pid);
	if (!pid) {
		if (setresuid(11, 12, 13))
			_exit(errno);
		getresuid(&ids[0], &ids[1], &ids[2]);
		_exit(!(ids[0] == 11 && ids[1] == 12 && ids[2] == 13));
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

/* Five arguments, of five system calls that belong together. */
TEST(arguments_of_the_mount_calls_are_handed_on)
{
	const char *const place = "/tmp/sphere-mount-calls";
	struct stat before, after;
	int context, mounted;

	mkdir(place, 0755);
	ASSERT_EQ(0, stat(place, &before));
	context = syscall(SYS_fsopen, "tmpfs", 1 /* FSOPEN_CLOEXEC */);
	ASSERT_LE(0, context);
	EXPECT_EQ(0, syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "mode",
			     "0711", 0));
	EXPECT_EQ(0, syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL,
			     NULL, 0));
	mounted = syscall(SYS_fsmount, context, 1 /* FSMOUNT_CLOEXEC */, 0);
	ASSERT_LE(0, mounted);
	EXPECT_EQ(0, syscall(SYS_move_mount, mounted, "", AT_FDCWD, place,
			     MOVE_MOUNT_F_EMPTY_PATH));
	EXPECT_EQ(0, stat(place, &after));
	EXPECT_NE(before.st_dev, after.st_dev);
	EXPECT_EQ(0711, after.st_mode & 0777);
	close(mounted);
	close(context);
	EXPECT_EQ(0, umount2(place, MNT_DETACH));
	rmdir(place);
}

int main(int argc, char **argv)
{
	sphere_begin(argc, argv);
	return test_harness_run(argc, argv);
}
