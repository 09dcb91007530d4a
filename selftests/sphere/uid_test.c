// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - One component, one uid
 */

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <linux/capability.h>

#include "kselftest_harness.h"
#include "sphere_common.h"

/* Only this test uses these, so that no other holds their uids. */
#define APP		400
#define OTHER		401
#define THIRD		402

#define STRANGER	4242

#define SETID		"/tmp/sphere-setid"
#define NO_PROGRAM	"/tmp/sphere-no-program"

static int start_as(struct sphere_agent *agent, int who, uid_t uid)
{
	const struct sphere_start start = {
		.who = who,
		.uid = uid,
	};

	return sphere_agent_start(agent, &start);
}

TEST(two_components_one_uid)
{
	struct sphere_agent app, other, third;

	ASSERT_EQ(0, start_as(&app, APP, sphere_uid(APP)));
	EXPECT_EQ(-EBUSY, start_as(&other, OTHER, sphere_uid(APP)));
	/* Again: the first attempt has not taken anything. */
	EXPECT_EQ(-EBUSY, start_as(&other, OTHER, sphere_uid(APP)));
	EXPECT_EQ(0, start_as(&other, OTHER, sphere_uid(OTHER)));
	EXPECT_EQ(-EBUSY, start_as(&third, THIRD, sphere_uid(OTHER)));
	EXPECT_EQ(0, sphere_agent_stop(&app));
	EXPECT_EQ(0, sphere_agent_stop(&other));
}

TEST(one_component_two_uids)
{
	struct sphere_agent app, second;

	ASSERT_EQ(0, start_as(&app, APP, sphere_uid(APP)));
	EXPECT_EQ(-EBUSY, start_as(&second, APP, sphere_uid(OTHER)));
	EXPECT_EQ(-EBUSY, start_as(&second, APP, 0));
	EXPECT_EQ(0, start_as(&second, APP, sphere_uid(APP)));
	EXPECT_EQ(0, sphere_agent_stop(&second));
	EXPECT_EQ(-EBUSY, start_as(&second, APP, sphere_uid(OTHER)));
	EXPECT_EQ(0, sphere_agent_stop(&app));
}

/* It is the component that counts, not the record. */
TEST(one_component_two_records)
{
	struct sphere_blob record;
	const struct sphere_start elsewhere = {
		.who = APP,
		.record = &record,
		.uid = sphere_uid(OTHER),
	};
	const struct sphere_start update = {
		.who = APP,
		.record = &record,
		.uid = sphere_uid(APP),
	};
	struct sphere_agent app, second;

	sphere_record_application(&record, APP);
	ASSERT_EQ(0, start_as(&app, APP, sphere_uid(APP)));
	EXPECT_EQ(-EBUSY, sphere_agent_start(&second, &elsewhere));
	/* An update, started before the old version has ended. */
	EXPECT_EQ(0, sphere_agent_start(&second, &update));
	EXPECT_EQ(1, sphere_call(&app, sphere_do_current_is, APP, 0, NULL));
	EXPECT_EQ(0, sphere_agent_stop(&second));
	EXPECT_EQ(0, sphere_agent_stop(&app));
}

/* Root is a uid like any other; who is nobody or manager holds none. */
TEST(uid_0)
{
	struct sphere_agent app, other, nobody;

	ASSERT_EQ(0, start_as(&app, APP, 0));
	EXPECT_EQ(-EBUSY, start_as(&other, OTHER, 0));
	EXPECT_EQ(0, sphere_agent(&nobody, SPHERE_NOBODY));
	EXPECT_EQ(0, sphere_agent_stop(&nobody));
	EXPECT_EQ(0, start_as(&nobody, SPHERE_NOBODY, sphere_uid(OTHER)));
	EXPECT_EQ(0, start_as(&other, OTHER, sphere_uid(OTHER)));
	EXPECT_EQ(0, sphere_agent_stop(&other));
	EXPECT_EQ(0, sphere_agent_stop(&nobody));
	EXPECT_EQ(0, sphere_agent_stop(&app));
}

/* By wait(): nobody has to try again. */
TEST(released_at_the_end)
{
	struct sphere_agent app, other;
	int i;

	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, start_as(&app, APP, sphere_uid(APP)));
		EXPECT_EQ(0, sphere_agent_stop(&app));
		ASSERT_EQ(0, start_as(&other, OTHER, sphere_uid(APP)));
		EXPECT_EQ(0, sphere_agent_stop(&other));
		/* And the component may come back somewhere else. */
		ASSERT_EQ(0, start_as(&app, APP, sphere_uid(OTHER)));
		EXPECT_EQ(0, sphere_agent_stop(&app));
	}
}

static long fork_and_stay(const struct sphere_call *call __maybe_unused)
{
	pid_t pid = fork();

	if (pid)
		return pid < 0 ? -errno : pid;
	while (pause())
		;
	return 0;
}

/* A child that outlives its parent holds the uid as well. */
TEST(held_by_child)
{
	struct sphere_agent app, other;
	long child;

	ASSERT_EQ(0, start_as(&app, APP, sphere_uid(APP)));
	child = sphere_call(&app, fork_and_stay, 0, 0, NULL);
	ASSERT_LT(0, child);
	EXPECT_EQ(0, sphere_agent_stop(&app));
	EXPECT_EQ(-EBUSY, start_as(&other, OTHER, sphere_uid(APP)));
	EXPECT_EQ(0, kill(child, SIGKILL));
	/* PID 1 waits for it. */
	while (!kill(child, 0))
		sched_yield();
	ASSERT_EQ(0, start_as(&other, OTHER, sphere_uid(APP)));
	EXPECT_EQ(0, sphere_agent_stop(&other));
}

static long open_file(const struct sphere_call *call)
{
	int fd = open(call->text, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/*
 * A file acts with the credentials of who has opened it, so it holds the uid
 * even when its opener has ended.
 */
TEST(held_by_open_file)
{
	struct sphere_agent app, other;
	int pidfd, fd;
	long theirs;

	if (!sphere_can_trace())
		SKIP(return, "no ptrace() and the like in this kernel");
	ASSERT_EQ(0, start_as(&app, APP, sphere_uid(APP)));
	theirs = sphere_call(&app, open_file, 0, 0, "/proc/self/status");
	ASSERT_LE(0, theirs);
	pidfd = syscall(__NR_pidfd_open, app.pid, 0);
	ASSERT_LE(0, pidfd);
	fd = syscall(__NR_pidfd_getfd, pidfd, theirs, 0);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, sphere_agent_stop(&app));
	EXPECT_EQ(-EBUSY, start_as(&other, OTHER, sphere_uid(APP)));
	close(fd);
	close(pidfd);
	ASSERT_EQ(0, start_as(&other, OTHER, sphere_uid(APP)));
	EXPECT_EQ(0, sphere_agent_stop(&other));
}

/* An exec that fails, late or early, holds nothing. */
TEST(failed_exec_holds_nothing)
{
	const struct sphere_start start = {
		.who = APP,
		.uid = sphere_uid(APP),
	};
	struct sphere_report report;
	struct sphere_agent other;
	int fd, i;

	fd = open(NO_PROGRAM, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	ASSERT_LE(0, fd);
	ASSERT_EQ(4, write(fd, "\177ELF", 4));
	close(fd);
	for (i = 0; i < 10; i++) {
		EXPECT_EQ(-ENOEXEC, sphere_report_by(sphere_execve, NO_PROGRAM,
						     &start, &report));
	}
	unlink(NO_PROGRAM);
	ASSERT_EQ(0, start_as(&other, OTHER, sphere_uid(APP)));
	EXPECT_EQ(0, sphere_agent_stop(&other));
}

/* What is only pending holds nothing either. */
TEST(pending_holds_nothing)
{
	struct sphere_agent other;

	ASSERT_EQ(0, sphere_pend(APP));
	ASSERT_EQ(0, start_as(&other, OTHER, sphere_uid(APP)));
	EXPECT_EQ(0, sphere_agent_stop(&other));
}

/* The system calls themselves; libc would take all threads along. */
static long set_uids(const struct sphere_call *call)
{
	static const uid_t stay = -1;
	uid_t uid = call->b;

	switch (call->a) {
	case 0:
		return syscall(SPHERE_NR_ID(setuid), uid) ? -errno : 0;
	case 1:
		return syscall(SPHERE_NR_ID(setreuid), stay, uid) ? -errno : 0;
	case 2:
		return syscall(SPHERE_NR_ID(setreuid), uid, stay) ? -errno : 0;
	case 3:
		return syscall(SPHERE_NR_ID(setreuid), uid, uid) ? -errno : 0;
	case 4:
		return syscall(SPHERE_NR_ID(setresuid), uid, stay, stay) ? -errno : 0;
	case 5:
		return syscall(SPHERE_NR_ID(setresuid), stay, uid, stay) ? -errno : 0;
	case 6:
		return syscall(SPHERE_NR_ID(setresuid), stay, stay, uid) ? -errno : 0;
	case 7:
		return syscall(SPHERE_NR_ID(setresuid), uid, uid, uid) ? -errno : 0;
	}
	return -ENOTSUP;
}

#define SET_UIDS_VARIANTS	8

/* Whether all four uids are @uid. */
static long uids_are(const struct sphere_call *call)
{
	uid_t real, effective, saved, filesystem;

	getresuid(&real, &effective, &saved);
	/* Nothing but an answer. */
	filesystem = syscall(SPHERE_NR_ID(setfsuid), -1);
	return real == call->a && effective == call->a && saved == call->a &&
		filesystem == call->a;
}

static long set_fsuid(const struct sphere_call *call)
{
	return syscall(SPHERE_NR_ID(setfsuid), call->a);
}

static long set_gids(const struct sphere_call *call)
{
	return syscall(SPHERE_NR_ID(setresgid), call->a, call->a, call->a) ? -errno : 0;
}

FIXTURE(capable)
{
	struct sphere_agent agent;
	uid_t uid;
};

FIXTURE_VARIANT(capable)
{
	int who;
	/* Its own, else 0; it has CAP_SETUID in any case. */
	bool own_uid;
};

FIXTURE_VARIANT_ADD(capable, application)
{
	.who = APP,
	.own_uid = true,
};

FIXTURE_VARIANT_ADD(capable, application_root)
{
	.who = THIRD,
};

FIXTURE_SETUP(capable)
{
	struct sphere_start start = {
		.who = variant->who,
		.all_capabilities = true,
	};

	self->uid = variant->own_uid ? sphere_uid(variant->who) : 0;
	start.uid = self->uid;
	ASSERT_EQ(0, sphere_agent_start_patiently(&self->agent, &start));
}

FIXTURE_TEARDOWN(capable)
{
	EXPECT_EQ(0, sphere_agent_stop(&self->agent));
}

TEST_F(capable, setuid)
{
	static const uid_t uids[] = { STRANGER, 0, 1 };
	unsigned int i;
	int way;

	for (i = 0; i < ARRAY_SIZE(uids); i++) {
		if (uids[i] == self->uid)
			continue;
		for (way = 0; way < SET_UIDS_VARIANTS; way++) {
			EXPECT_EQ(-EPERM, sphere_call(&self->agent, set_uids,
						      way, uids[i], NULL)) {
				TH_LOG("way %d to uid %u", way, uids[i]);
			}
			EXPECT_EQ(1, sphere_call(&self->agent, uids_are,
						 self->uid, 0, NULL));
		}
	}
}

TEST_F(capable, setfsuid)
{
	/* Always returns what it was, never an error. */
	EXPECT_EQ(self->uid, sphere_call(&self->agent, set_fsuid, STRANGER, 0,
					 NULL));
	EXPECT_EQ(1, sphere_call(&self->agent, uids_are, self->uid, 0, NULL));
}

/* Nor are the capabilities of use for groups, which Sphere does not keep. */
TEST_F(capable, setgid)
{
	EXPECT_EQ(-EPERM, sphere_call(&self->agent, set_gids, STRANGER, 0,
				      NULL));
}

TEST_F(capable, still_itself)
{
	sphere_call(&self->agent, set_uids, 7, STRANGER, NULL);
	EXPECT_EQ(1, sphere_call(&self->agent, sphere_do_current_is,
				 variant->who, 0, NULL));
}

/* The same by somebody who may, and by root without identity. */
TEST(setuid_of_others)
{
	static const int others[] = { SPHERE_MANAGER, SPHERE_NOBODY };
	static const int errors[] = { 0, -EPERM };
	struct sphere_agent agent;
	unsigned int i;
	int way;

	for (i = 0; i < ARRAY_SIZE(others); i++) {
		for (way = 0; way < SET_UIDS_VARIANTS; way++) {
			ASSERT_EQ(0, sphere_agent(&agent, others[i]));
			EXPECT_EQ(errors[i], sphere_call(&agent, set_uids, way,
							 STRANGER, NULL));
			EXPECT_EQ(1, sphere_call(&agent, sphere_do_current_is,
						 others[i], 0, NULL));
			EXPECT_EQ(0, sphere_agent_stop(&agent));
		}
	}
}

static long unshare_user(const struct sphere_call *call)
{
	char map[32];
	int error;

	if (unshare(CLONE_NEWUSER))
		return -errno;
	snprintf(map, sizeof(map), "0 %ld 1", call->a);
	error = sphere_write_text("/proc/self/uid_map", map);
	if (error)
		return error;
	/* Root there is still who it is here. */
	return syscall(SPHERE_NR_ID(setresuid), 0, 0, 0) ? -errno : 0;
}

/* A user namespace gives other numbers to the same uid, and no identity. */
TEST(user_namespace)
{
	const struct sphere_start start = {
		.who = APP,
		.uid = sphere_uid(APP),
	};
	struct sphere_agent agent, other;
	char path[PATH_MAX];

	if (access("/proc/self/ns/user", F_OK))
		SKIP(return, "no CONFIG_USER_NS");
	sphere_beside(path, "sphere_report");
	ASSERT_EQ(0, sphere_agent_start_patiently(&agent, &start));
	sphere_call(&agent, unshare_user, sphere_uid(APP), 0, NULL);
	EXPECT_EQ(1, sphere_call(&agent, sphere_do_current_is, APP, 0, NULL));
	EXPECT_EQ(1, sphere_call(&agent, sphere_do_report_is, APP, 0, path));
	EXPECT_EQ(-EBUSY, start_as(&other, OTHER, sphere_uid(APP)));
	EXPECT_EQ(0, sphere_agent_stop(&agent));
}

FIXTURE(setid)
{
	struct sphere_agent agent;
	char path[PATH_MAX];
};

FIXTURE_SETUP(setid)
{
	sphere_beside(self->path, "sphere_report");
	ASSERT_EQ(0, sphere_copy(self->path, SETID, 0755));
	ASSERT_EQ(0, start_as(&self->agent, APP, sphere_uid(APP)));
}

FIXTURE_TEARDOWN(setid)
{
	EXPECT_EQ(0, sphere_agent_stop(&self->agent));
	unlink(SETID);
}

static int make_setid(uid_t uid, gid_t gid, mode_t mode)
{
	/* In this order: a new owner takes the bits away. */
	return chown(SETID, uid, gid) || chmod(SETID, mode) ? -errno : 0;
}

static long exec_setid(FIXTURE_DATA(setid) * self)
{
	return sphere_call(&self->agent, sphere_do_report_is, APP, 0, SETID);
}

TEST_F(setid, control)
{
	struct sphere_report report;

	/* Otherwise the refusals below would prove nothing. */
	ASSERT_EQ(0, make_setid(STRANGER, STRANGER, 06755));
	ASSERT_EQ(0, sphere_report_by(sphere_execve, SETID, NULL, &report));
	EXPECT_EQ(STRANGER, report.uid[1]);
	EXPECT_EQ(STRANGER, report.gid[1]);
	ASSERT_EQ(0, make_setid(0, 0, 0755));
	EXPECT_EQ(1, exec_setid(self));
}

TEST_F(setid, user)
{
	ASSERT_EQ(0, make_setid(STRANGER, 0, 04755));
	EXPECT_EQ(-EPERM, exec_setid(self));
	ASSERT_EQ(0, make_setid(0, 0, 04755));
	EXPECT_EQ(-EPERM, exec_setid(self));
	EXPECT_EQ(1, sphere_call(&self->agent, sphere_do_current_is, APP, 0,
				 NULL));
}

TEST_F(setid, group)
{
	ASSERT_EQ(0, make_setid(0, STRANGER, 02755));
	EXPECT_EQ(-EPERM, exec_setid(self));
}

TEST_F(setid, both)
{
	ASSERT_EQ(0, make_setid(STRANGER, STRANGER, 06755));
	EXPECT_EQ(-EPERM, exec_setid(self));
}

/* To what it is already. */
TEST_F(setid, no_change)
{
	ASSERT_EQ(0, make_setid(sphere_uid(APP), 0, 06755));
	EXPECT_EQ(1, exec_setid(self));
}

static long set_no_new_privs(const struct sphere_call *call __maybe_unused)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}

/* The bits have no effect then, so nothing speaks against it. */
TEST_F(setid, no_new_privs)
{
	ASSERT_EQ(0, make_setid(STRANGER, STRANGER, 06755));
	ASSERT_EQ(0, sphere_call(&self->agent, set_no_new_privs, 0, 0, NULL));
	EXPECT_EQ(1, exec_setid(self));
}

/* The first file that an application executes is none either. */
TEST_F(setid, becoming_an_application)
{
	const struct sphere_start start = {
		.who = OTHER,
		.uid = sphere_uid(OTHER),
	};
	const struct sphere_start root = {
		.who = OTHER,
		.uid = 0,
	};
	struct sphere_report report;

	ASSERT_EQ(0, make_setid(STRANGER, 0, 04755));
	EXPECT_EQ(-EPERM, sphere_report_by(sphere_execve, SETID, &start,
					   &report));
	EXPECT_EQ(-EPERM, sphere_report_by(sphere_execve, SETID, &root,
					   &report));
	ASSERT_EQ(0, make_setid(0, 0, 04755));
	EXPECT_EQ(-EPERM, sphere_report_by(sphere_execve, SETID, &start,
					   &report));
}

static int give_capability(const char *path, unsigned int capability)
{
	const struct vfs_cap_data data = {
		.magic_etc = htole32(VFS_CAP_REVISION_2 |
				     VFS_CAP_FLAGS_EFFECTIVE),
		.data[0].permitted = htole32(1U << capability),
	};

	return setxattr(path, "security.capability", &data, sizeof(data), 0) ?
		-errno : 0;
}

/* Nor may a file give one of Linux' capabilities. */
TEST_F(setid, file_capability)
{
	const struct sphere_start start = {
		.who = OTHER,
		.uid = sphere_uid(OTHER),
	};
	struct sphere_report report;
	int error = give_capability(SETID, CAP_NET_RAW);

	if (error == -EOPNOTSUPP)
		SKIP(return, "no CONFIG_TMPFS_XATTR");
	ASSERT_EQ(0, error);
	EXPECT_EQ(-EPERM, exec_setid(self));
	EXPECT_EQ(-EPERM, sphere_report_by(sphere_execve, SETID, &start,
					   &report));
}

/* Which of a manager's uids the exec of an application finds. */
struct uids {
	uid_t real;
	uid_t effective;
	uid_t saved;
	uid_t filesystem;
};

static const struct uids *mixture;

static int mix_and_exec(const char *path, char *const argv[],
			char *const envp[])
{
	syscall(SPHERE_NR_ID(setresuid), mixture->real, mixture->effective,
		mixture->saved);
	syscall(SPHERE_NR_ID(setfsuid), mixture->filesystem);
	execve(path, argv, envp);
	return -errno;
}

TEST(uid_mismatch)
{
	const uid_t own = sphere_uid(THIRD);
	const struct uids mixtures[] = {
		{ own, 0, 0, 0 },
		{ 0, own, own, own },
		{ 0, own, 0, own },
		{ own, 0, own, 0 },
	};
	const struct sphere_start start = { .who = THIRD };
	struct sphere_report report;
	char path[PATH_MAX];
	unsigned int i;

	sphere_beside(path, "sphere_report");
	for (i = 0; i < ARRAY_SIZE(mixtures); i++) {
		mixture = &mixtures[i];
		EXPECT_EQ(-EPERM, sphere_report_by(mix_and_exec, path, &start,
						   &report)) {
			TH_LOG("mixture %u", i);
		}
	}
}

/*
 * An exec sets the saved and the file system uid itself. So either it is
 * refused, or nothing of another uid is left.
 */
TEST(uid_mismatch_that_exec_mends)
{
	const uid_t own = sphere_uid(THIRD);
	const struct uids mixtures[] = {
		{ own, own, 0, own },
		{ own, own, own, 0 },
		{ own, own, 0, 0 },
	};
	const struct sphere_start start = { .who = THIRD };
	struct sphere_report report;
	char path[PATH_MAX];
	unsigned int i;
	int error;

	sphere_beside(path, "sphere_report");
	for (i = 0; i < ARRAY_SIZE(mixtures); i++) {
		mixture = &mixtures[i];
		error = sphere_report_by(mix_and_exec, path, &start, &report);
		if (error == -EPERM)
			continue;
		EXPECT_EQ(0, error);
		EXPECT_TRUE(sphere_report_is(&report, THIRD));
		EXPECT_EQ(own, report.uid[0]);
		EXPECT_EQ(own, report.uid[1]);
		EXPECT_EQ(own, report.uid[2]);
	}
}

int main(int argc, char **argv)
{
	sphere_begin(argc, argv);
	return test_harness_run(argc, argv);
}
