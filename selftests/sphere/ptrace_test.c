// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - Who may look into whom
 *
 * A tracer can make its tracee do whatever it likes. So only a manager, or who
 * is the same anyway, may trace; all of Linux' capabilities do not help.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <linux/capability.h>
#include <linux/kcmp.h>

#include "kselftest_harness.h"
#include "sphere_common.h"

#define APP	700
#define OTHER	701

/* What a tracee keeps where a tracer finds it. */
static long secret;

static long keep_secret(const struct sphere_call *call)
{
	secret = call->a;
	return (long)&secret;
}

static long reveal_secret(const struct sphere_call *call __maybe_unused)
{
	return secret;
}

#define SECRET	0x5ec4e7

static int detach(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
		return -ECHILD;
	return ptrace(PTRACE_DETACH, pid, NULL, NULL) ? -errno : 0;
}

static int try_attach(pid_t pid, long address __maybe_unused)
{
	if (ptrace(PTRACE_ATTACH, pid, NULL, NULL))
		return -errno;
	return detach(pid);
}

static int try_seize(pid_t pid, long address __maybe_unused)
{
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) ||
	    ptrace(PTRACE_INTERRUPT, pid, NULL, NULL))
		return -errno;
	return detach(pid);
}

static int try_readv(pid_t pid, long address)
{
	long seen = 0;
	struct iovec local = { &seen, sizeof(seen) };
	struct iovec remote = { (void *)address, sizeof(seen) };

	if (process_vm_readv(pid, &local, 1, &remote, 1, 0) != sizeof(seen))
		return -errno;
	return seen == SECRET ? 0 : -EBADMSG;
}

/* Writes what is there, so that whoever comes next finds it. */
static int try_writev(pid_t pid, long address)
{
	long value = SECRET;
	struct iovec local = { &value, sizeof(value) };
	struct iovec remote = { (void *)address, sizeof(value) };

	if (process_vm_writev(pid, &local, 1, &remote, 1, 0) != sizeof(value))
		return -errno;
	return 0;
}

static int try_getfd(pid_t pid, long address __maybe_unused)
{
	int fd = sphere_take_fd(pid, STDERR_FILENO);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int try_kcmp(pid_t pid, long address __maybe_unused)
{
	return syscall(__NR_kcmp, pid, getpid(), KCMP_VM, 0, 0) < 0 ? -errno :
		0;
}

/* Without CONFIG_KCMP, not even oneself can be asked about. */
static bool no_kcmp(void)
{
	return try_kcmp(getpid(), 0) == -ENOSYS;
}

static int try_mem(pid_t pid, long address)
{
	long seen = 0;
	char path[64];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	got = pread(fd, &seen, sizeof(seen), address);
	close(fd);
	return got == sizeof(seen) && seen == SECRET ? 0 : -EBADMSG;
}

/* Opens and reads a file of the process. */
static int try_file(pid_t pid, const char *name)
{
	char path[64], byte;
	int fd, error = 0;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (read(fd, &byte, 1) < 0)
		error = -errno;
	close(fd);
	return error;
}

static int try_link(pid_t pid, const char *name)
{
	char path[64], target[PATH_MAX];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return readlink(path, target, sizeof(target)) < 0 ? -errno : 0;
}

static int try_maps(pid_t pid, long address __maybe_unused)
{
	return try_file(pid, "maps");
}

static int try_auxv(pid_t pid, long address __maybe_unused)
{
	return try_file(pid, "auxv");
}

static int try_environ(pid_t pid, long address __maybe_unused)
{
	return try_file(pid, "environ");
}

static int try_personality(pid_t pid, long address __maybe_unused)
{
	return try_file(pid, "personality");
}

static int try_thread_mem(pid_t pid, long address __maybe_unused)
{
	char name[64];

	snprintf(name, sizeof(name), "task/%d/mem", pid);
	/* Page 0 is not there, which is no matter of permission. */
	return try_file(pid, name) == -EACCES ? -EACCES : 0;
}

static int try_exe(pid_t pid, long address __maybe_unused)
{
	return try_link(pid, "exe");
}

static int try_cwd(pid_t pid, long address __maybe_unused)
{
	return try_link(pid, "cwd");
}

static int try_root(pid_t pid, long address __maybe_unused)
{
	return try_link(pid, "root");
}

static int try_fd(pid_t pid, long address __maybe_unused)
{
	return try_link(pid, "fd/2");
}

static int try_namespace(pid_t pid, long address __maybe_unused)
{
	return try_link(pid, "ns/mnt");
}

struct attempt {
	const char *name;
	int (*attempt)(pid_t pid, long address);
	/* The error of who is refused. */
	int refusal;
	/* By a system call of which there need be none. */
	bool traces;
};

static const struct attempt attempts[] = {
	{ "PTRACE_ATTACH", try_attach, -EPERM, true },
	{ "PTRACE_SEIZE", try_seize, -EPERM, true },
	{ "process_vm_readv", try_readv, -EPERM, true },
	{ "process_vm_writev", try_writev, -EPERM, true },
	{ "pidfd_getfd", try_getfd, -EPERM, true },
	{ "kcmp", try_kcmp, -EPERM, true },
	{ "mem", try_mem, -EACCES },
	{ "task/mem", try_thread_mem, -EACCES },
	{ "personality", try_personality, -EPERM },
	{ "exe", try_exe, -EACCES },
	{ "cwd", try_cwd, -EACCES },
	{ "root", try_root, -EACCES },
	{ "fd", try_fd, -EACCES },
	{ "ns", try_namespace, -EACCES },
};

/* What mm_access() decides about reading. */
static const struct attempt readings[] = {
	{ "maps", try_maps, -EACCES },
	{ "auxv", try_auxv, -EACCES },
	{ "environ", try_environ, -EACCES },
};

/* Tries all of @list, and counts what does not end as it should. */
static long count_surprises(const struct attempt *list, size_t count,
			    const struct sphere_call *call)
{
	bool can_trace = sphere_can_trace(), allowed;
	long surprises = 0;
	int error;

	for (; count--; list++) {
		allowed = !strcmp(call->text, "allowed") &&
			  (can_trace || !list->traces);
		if (list->attempt == try_kcmp && no_kcmp())
			continue;
		error = list->attempt(call->a, call->b);
		if (error == (allowed ? 0 : list->refusal))
			continue;
		/* For procfs, one refusal is as good as the other. */
		if (!allowed && (error == -EPERM || error == -EACCES))
			continue;
		ksft_print_msg("%s: %d\n", list->name, error);
		surprises++;
	}
	return surprises;
}

/* In the tracer, about process @a, whose secret is at @b. */
static long try_all(const struct sphere_call *call)
{
	return count_surprises(attempts, ARRAY_SIZE(attempts), call);
}

static long try_to_read(const struct sphere_call *call)
{
	return count_surprises(readings, ARRAY_SIZE(readings), call);
}

static void drop(struct __user_cap_data_struct data[2], int cap)
{
	data[CAP_TO_INDEX(cap)].effective &= ~CAP_TO_MASK(cap);
	data[CAP_TO_INDEX(cap)].permitted &= ~CAP_TO_MASK(cap);
}

/* The two of Linux' capabilities that mm_access() asks about. */
static long give_up_perfmon(const struct sphere_call *call __maybe_unused)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	if (syscall(__NR_capget, &header, data))
		return -errno;
	drop(data, CAP_PERFMON);
	drop(data, CAP_SYS_ADMIN);
	return syscall(__NR_capset, &header, data) ? -errno : 0;
}

static long traceme(const struct sphere_call *call __maybe_unused)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) ? -errno : 0;
}

static int start_capable(struct sphere_agent *agent, int who)
{
	const struct sphere_start start = {
		.who = who,
		.uid = sphere_uid(who),
		.all_capabilities = true,
	};

	return sphere_agent_start(agent, &start);
}

FIXTURE(pair)
{
	struct sphere_agent tracer;
	struct sphere_agent tracee;
	/* Of the tracee's secret. */
	long address;
	const char *expected;
};

FIXTURE_VARIANT(pair)
{
	int tracer;
	int tracee;
	bool allowed;
};

#define PAIR(_tracer, _tracee, _allowed)				\
	{								\
		.tracer = _tracer,					\
		.tracee = _tracee,					\
		.allowed = _allowed,					\
	}

FIXTURE_VARIANT_ADD(pair, manager_manager)
	PAIR(SPHERE_MANAGER, SPHERE_MANAGER, true);
FIXTURE_VARIANT_ADD(pair, manager_nobody)
	PAIR(SPHERE_MANAGER, SPHERE_NOBODY, true);
FIXTURE_VARIANT_ADD(pair, manager_app)
	PAIR(SPHERE_MANAGER, APP, true);
FIXTURE_VARIANT_ADD(pair, nobody_manager)
	PAIR(SPHERE_NOBODY, SPHERE_MANAGER, false);
FIXTURE_VARIANT_ADD(pair, nobody_nobody)
	PAIR(SPHERE_NOBODY, SPHERE_NOBODY, true);
FIXTURE_VARIANT_ADD(pair, nobody_app)
	PAIR(SPHERE_NOBODY, APP, false);
FIXTURE_VARIANT_ADD(pair, app_manager)
	PAIR(APP, SPHERE_MANAGER, false);
FIXTURE_VARIANT_ADD(pair, app_nobody)
	PAIR(APP, SPHERE_NOBODY, false);
FIXTURE_VARIANT_ADD(pair, app_app)
	PAIR(APP, APP, true);
FIXTURE_VARIANT_ADD(pair, app_other)
	PAIR(APP, OTHER, false);
FIXTURE_VARIANT_ADD(pair, other_app)
	PAIR(OTHER, APP, false);

FIXTURE_SETUP(pair)
{
	ASSERT_EQ(0, start_capable(&self->tracer, variant->tracer));
	ASSERT_EQ(0, start_capable(&self->tracee, variant->tracee));
	self->address = sphere_call(&self->tracee, keep_secret, SECRET, 0,
				    NULL);
	self->expected = variant->allowed ? "allowed" : "refused";
}

FIXTURE_TEARDOWN(pair)
{
	/* The tracee is as it was. */
	EXPECT_EQ(SECRET, sphere_call(&self->tracee, reveal_secret, 0, 0,
				      NULL));
	EXPECT_EQ(1, sphere_call(&self->tracee, sphere_do_current_is,
				 variant->tracee, 0, NULL));
	EXPECT_EQ(0, sphere_agent_stop(&self->tracer));
	EXPECT_EQ(0, sphere_agent_stop(&self->tracee));
}

TEST_F(pair, strangers)
{
	EXPECT_EQ(0, sphere_call(&self->tracer, try_all, self->tracee.pid,
				 self->address, self->expected));
}

TEST_F(pair, readers)
{
	ASSERT_EQ(0, sphere_call(&self->tracer, give_up_perfmon, 0, 0, NULL));
	/* A tracee with more would be out of reach for another reason. */
	ASSERT_EQ(0, sphere_call(&self->tracee, give_up_perfmon, 0, 0, NULL));
	EXPECT_EQ(0, sphere_call(&self->tracer, try_to_read, self->tracee.pid,
				 self->address, self->expected));
}

/* With these in effect, mm_access() would ask no security module. */
TEST_F(pair, readers_with_perfmon)
{
	EXPECT_EQ(0, sphere_call(&self->tracer, try_to_read, self->tracee.pid,
				 self->address, self->expected));
}

/*
 * PTRACE_TRACEME makes a tracer of the parent, so here the tracee is a child of
 * the tracer, started when both were managers.
 */
static void __noreturn become_parent(struct sphere_agent *parent,
				     const struct sphere_start *parent_start,
				     struct sphere_agent *child,
				     const struct sphere_start *child_start)
{
	pid_t pid = fork();

	if (!pid)
		sphere_agent_become(child, child_start);
	sphere_agent_become(parent, parent_start);
}

TEST_F(pair, parent_and_child)
{
	const struct sphere_start parent_start = {
		.who = variant->tracer,
		.uid = sphere_uid(variant->tracer),
		.all_capabilities = true,
	};
	const struct sphere_start child_start = {
		.who = variant->tracee,
		.uid = sphere_uid(variant->tracee),
		.all_capabilities = true,
	};
	struct sphere_agent parent, child;

	ASSERT_EQ(0, sphere_agent_pipes(&parent));
	ASSERT_EQ(0, sphere_agent_pipes(&child));
	parent.pid = fork();
	if (!parent.pid)
		become_parent(&parent, &parent_start, &child, &child_start);
	ASSERT_EQ(0, sphere_agent_hello(&parent));
	ASSERT_EQ(0, sphere_agent_hello(&child));
	/* Not a manager either: it has not asked for a tracee. */
	EXPECT_EQ(variant->tracer == variant->tracee && sphere_can_trace() ?
			  0 : -EPERM,
		  sphere_call(&child, traceme, 0, 0, NULL));
	/* It ends without its parent: see sphere_begin(). */
	EXPECT_EQ(0, sphere_agent_stop(&parent));
}

/* The same uid and no capability are enough for who is the same. */
TEST(same_component_without_capabilities)
{
	struct sphere_agent tracer, tracee;
	long address;

	ASSERT_EQ(0, sphere_agent(&tracer, APP));
	ASSERT_EQ(0, sphere_agent(&tracee, APP));
	address = sphere_call(&tracee, keep_secret, SECRET, 0, NULL);
	EXPECT_EQ(0, sphere_call(&tracer, try_all, tracee.pid, address,
				 "allowed"));
	EXPECT_EQ(0, sphere_agent_stop(&tracer));
	EXPECT_EQ(0, sphere_agent_stop(&tracee));
}

/* Nor does PID 1 let anybody but managers in. */
TEST(init)
{
	static const int others[] = { SPHERE_NOBODY, APP };
	struct sphere_agent agent;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(others); i++) {
		ASSERT_EQ(0, start_capable(&agent, others[i]));
		EXPECT_EQ(0, sphere_call(&agent, try_all, 1, 0, "refused"));
		EXPECT_EQ(0, sphere_agent_stop(&agent));
	}
}

int main(int argc, char **argv)
{
	sphere_begin(argc, argv);
	return test_harness_run(argc, argv);
}
