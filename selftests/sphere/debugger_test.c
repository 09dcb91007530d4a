// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - Debuggers
 *
 * An application that is a debugger may trace other applications, as long as
 * the mode is development: no managers, no tasks without identity, and nobody
 * who has extended capabilities that it lacks. When the mode ends, so does it.
 */

#include <errno.h>
#include <fcntl.h>
#include <endian.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "sphere_actions.h"
#include "sphere_common.h"
#include "sphere_securityfs.h"
#include "sphere_trace.h"

#define DEBUGGER	1750
#define APP		1751
#define OTHER		1752

#define CAP(name)	(1ULL << SPHERE_CAP_##name)

static void record_of(struct sphere_blob *record, int who, __u64 capabilities)
{
	sphere_record_application(record, who);
	sphere_header(record)->capabilities = htole64(capabilities);
}

static int start(struct sphere_agent *agent, int who, __u64 capabilities)
{
	struct sphere_blob record;

	record_of(&record, who, capabilities);
	return sphere_agent_with(agent, who, &record);
}

static int start_debugger(struct sphere_agent *agent)
{
	return start(agent, DEBUGGER, CAP(DEBUG));
}

static long keep_secret(struct sphere_agent *agent)
{
	return sphere_call(agent, sphere_do_keep_secret, SPHERE_SECRET, 0,
			   NULL);
}

static int set_mode(const char *mode)
{
	return sphere_fs_write("mode", mode);
}

/* Waits until @is says so; false if it never does. */
static bool becomes(bool (*is)(pid_t pid), pid_t pid)
{
	const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };
	int i;

	for (i = 0; i < 1000; i++) {
		if (is(pid))
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

static bool is_gone(pid_t pid)
{
	return kill(pid, 0) && errno == ESRCH;
}

static bool is_untraced(pid_t pid)
{
	char path[64], text[4096];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[len < 0 ? 0 : len] = '\0';
	return strstr(text, "TracerPid:\t0\n");
}

/* Of process @a, whose secret is at @b: opened, read and kept. */
static long do_hold_memory(const struct sphere_call *call)
{
	char path[64];
	long seen = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/mem", call->a);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (pread(fd, &seen, sizeof(seen), call->b) != sizeof(seen) ||
	    seen != SPHERE_SECRET)
		return -EBADMSG;
	return fd;
}

static long do_seize(const struct sphere_call *call)
{
	return ptrace(PTRACE_SEIZE, call->a, NULL, NULL) ? -errno : 0;
}

static long do_stop_tracee(const struct sphere_call *call)
{
	int status;

	if (ptrace(PTRACE_INTERRUPT, call->a, NULL, NULL))
		return -errno;
	return waitpid(call->a, &status, __WALL) == call->a &&
	       WIFSTOPPED(status) ? 0 : -ECHILD;
}

/* Another process of the same application. */
static long do_fork(const struct sphere_call *call __maybe_unused)
{
	pid_t pid = fork();

	if (!pid)
		for (;;)
			pause();
	return pid < 0 ? -errno : pid;
}

/* A debugger, and an application that it may trace. */
FIXTURE(session)
{
	struct sphere_agent debugger, app;
	long address;
};

FIXTURE_SETUP(session)
{
	int error = set_mode("development");

	if (error == -EOPNOTSUPP)
		SKIP(return, "no CONFIG_SECURITY_SPHERE_DEVELOPMENT");
	ASSERT_EQ(0, error);
	EXPECT_TRUE(sphere_fs_is("mode", "development\n"));
	ASSERT_EQ(0, start_debugger(&self->debugger));
	ASSERT_EQ(0, start(&self->app, APP, 0));
	self->address = keep_secret(&self->app);
}

FIXTURE_TEARDOWN(session)
{
	sphere_fs_reset_policy();
	EXPECT_EQ(SPHERE_SECRET, sphere_call(&self->app,
					     sphere_do_reveal_secret, 0, 0,
					     NULL));
	EXPECT_EQ(0, sphere_agent_stop(&self->app));
	sphere_agent_stop(&self->debugger);
	EXPECT_EQ(0, set_mode("enforcing"));
	EXPECT_TRUE(sphere_fs_is("mode", "enforcing\n"));
}

#define EXPECT_TRACES(_tracer, _tracee, _address, _expected)		\
	EXPECT_EQ(0, sphere_call(_tracer, sphere_do_trace,		\
				 (_tracee)->pid, _address, _expected))

TEST_F(session, traces_an_application)
{
	EXPECT_TRACES(&self->debugger, &self->app, self->address,
		      SPHERE_TRACE_DEBUGGER);
	EXPECT_EQ(0, sphere_call(&self->debugger, sphere_do_read_process,
				 self->app.pid, self->address,
				 SPHERE_TRACE_ALLOWED));
}

/* The file's mode is for its owner, but what he may not do, nobody may. */
TEST_F(session, opens_files_as_their_owner_could)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/maps", self->app.pid);
	EXPECT_EQ(0, sphere_call(&self->debugger, sphere_do_try_open, O_RDONLY,
				 0, path));
	EXPECT_EQ(-EACCES, sphere_call(&self->debugger, sphere_do_try_open,
				       O_WRONLY, 0, path));
	snprintf(path, sizeof(path), "/proc/%d/fd", self->app.pid);
	EXPECT_EQ(-EACCES, sphere_call(&self->debugger, sphere_do_try_open,
				       O_RDONLY | O_DIRECTORY, 0, path));
}

/* Nor does it help to be root by uid, with all of Linux' capabilities. */
TEST_F(session, is_for_debuggers_only)
{
	struct sphere_blob record;
	const struct sphere_start strong = {
		.who = OTHER,
		.record = &record,
		.uid = 0,
		.all_capabilities = true,
	};
	struct sphere_agent other;

	record_of(&record, OTHER, CAP(MOUNT_IMAGE) | (CAP(MOUNT_IMAGE) - 1));
	ASSERT_EQ(0, sphere_agent_start_patiently(&other, &strong));
	EXPECT_TRACES(&other, &self->app, self->address, SPHERE_TRACE_REFUSED);
	EXPECT_EQ(0, sphere_agent_stop(&other));
	ASSERT_EQ(0, start(&other, OTHER, 0));
	EXPECT_TRACES(&other, &self->app, self->address, SPHERE_TRACE_REFUSED);
	EXPECT_TRACES(&self->app, &other, keep_secret(&other),
		      SPHERE_TRACE_REFUSED);
	EXPECT_TRACES(&self->app, &self->debugger,
		      keep_secret(&self->debugger), SPHERE_TRACE_REFUSED);
	EXPECT_EQ(0, sphere_agent_stop(&other));
}

TEST_F(session, leaves_managers_and_nobody_alone)
{
	static const int others[] = { SPHERE_MANAGER, SPHERE_NOBODY };
	struct sphere_blob record;
	const struct sphere_start strong = {
		.who = OTHER,
		.record = &record,
		.uid = 0,
		.all_capabilities = true,
	};
	struct sphere_agent root, other;
	unsigned int i;
	long address;

	/* It has the uid and the capabilities of those, and another's record. */
	record_of(&record, OTHER, CAP(DEBUG) | (CAP(DEBUG) - 1));
	ASSERT_EQ(0, sphere_agent_start_patiently(&root, &strong));
	EXPECT_TRACES(&root, &self->app, self->address, SPHERE_TRACE_DEBUGGER);
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		ASSERT_EQ(0, sphere_agent(&other, others[i]));
		address = keep_secret(&other);
		EXPECT_TRACES(&self->debugger, &other, address,
			      SPHERE_TRACE_REFUSED);
		EXPECT_TRACES(&root, &other, address, SPHERE_TRACE_REFUSED);
		EXPECT_EQ(0, sphere_agent_stop(&other));
	}
	EXPECT_EQ(0, sphere_call(&root, sphere_do_trace, 1, 0,
				 SPHERE_TRACE_REFUSED));
	EXPECT_EQ(0, sphere_agent_stop(&root));
}

/* CVE-2020-16992, capability by capability. */
TEST_F_TIMEOUT(session, wins_no_capability, 300)
{
	const struct sphere_agent *debugger = &self->debugger;
	struct sphere_agent other;
	unsigned int bit;
	long before;

	for (bit = 0; bit <= SPHERE_CAP_ENABLE_COREDUMPS; bit++) {
		if (bit == SPHERE_CAP_DEBUG ||
		    (bit > SPHERE_CAP_DEBUG && bit < SPHERE_CAP_UPDATE_IMAGE))
			continue;
		before = sphere_fs_denials("trace");
		ASSERT_EQ(0, start(&other, OTHER, 1ULL << bit));
		EXPECT_TRACES(&self->debugger, &other, keep_secret(&other),
			      SPHERE_TRACE_REFUSED);
		EXPECT_LT(before, sphere_fs_denials("trace"))
			TH_LOG("bit %u, debugger %d", bit, debugger->pid);
		EXPECT_EQ(0, sphere_agent_stop(&other));
	}
}

TEST_F(session, traces_who_has_no_more_than_it)
{
	const __u64 both = CAP(HOST_NAME) | CAP(ENABLE_COREDUMPS);
	struct sphere_agent equal, less, other;
	long address;

	ASSERT_EQ(0, start(&other, OTHER, both | CAP(DEBUG)));
	address = keep_secret(&other);
	EXPECT_EQ(0, sphere_agent_stop(&self->debugger));
	ASSERT_EQ(0, start(&equal, DEBUGGER, both | CAP(DEBUG)));
	EXPECT_TRACES(&equal, &other, address, SPHERE_TRACE_DEBUGGER);
	EXPECT_EQ(0, sphere_agent_stop(&equal));
	ASSERT_EQ(0, start(&less, DEBUGGER, CAP(DEBUG) | CAP(HOST_NAME)));
	EXPECT_TRACES(&less, &other, address, SPHERE_TRACE_REFUSED);
	EXPECT_EQ(0, sphere_agent_stop(&less));
	EXPECT_EQ(0, sphere_agent_stop(&other));
	ASSERT_EQ(0, start_debugger(&self->debugger));
}

/* The policy takes away, and gives nothing. */
TEST_F(session, goes_by_the_policy)
{
	char debugger[SPHERE_UUID_SIZE], other_id[SPHERE_UUID_SIZE];
	struct sphere_agent other;
	long address;

	sphere_uuid(debugger, DEBUGGER);
	sphere_uuid(other_id, OTHER);
	ASSERT_EQ(0, start(&other, OTHER, CAP(HOST_NAME)));
	address = keep_secret(&other);
	/* What only the policy takes away can come back. */
	ASSERT_EQ(0, sphere_fs_set_policy("component %s deny capability HostName\n",
					  other_id));
	EXPECT_TRACES(&self->debugger, &other, address, SPHERE_TRACE_REFUSED);
	ASSERT_EQ(0, sphere_fs_set_policy("component %s quarantine\n",
					  other_id));
	EXPECT_TRACES(&self->debugger, &other, address, SPHERE_TRACE_REFUSED);
	ASSERT_EQ(0, sphere_fs_set_policy("component %s allow capability HostName\n",
					  debugger));
	EXPECT_TRACES(&self->debugger, &other, address, SPHERE_TRACE_DEBUGGER);
	EXPECT_EQ(0, sphere_agent_stop(&other));

	ASSERT_EQ(0, sphere_fs_set_policy("component * allow capability HostName\n"
					  "component %s deny capability HostName\n",
					  debugger));
	EXPECT_TRACES(&self->debugger, &self->app, self->address,
		      SPHERE_TRACE_REFUSED);
	ASSERT_EQ(0, sphere_fs_set_policy("component %s deny capability Debug\n",
					  debugger));
	EXPECT_TRACES(&self->debugger, &self->app, self->address,
		      SPHERE_TRACE_REFUSED);
	ASSERT_EQ(0, sphere_fs_set_policy("component %s quarantine\n",
					  debugger));
	EXPECT_TRACES(&self->debugger, &self->app, self->address,
		      SPHERE_TRACE_REFUSED);
	EXPECT_EQ(-EINVAL,
		  sphere_fs_set_policy("component %s allow capability Debug\n",
				       other_id));
	EXPECT_EQ(-EINVAL,
		  sphere_fs_set_policy("nobody allow capability Debug\n"));
	ASSERT_EQ(0, sphere_fs_reset_policy());
	EXPECT_TRACES(&self->debugger, &self->app, self->address,
		      SPHERE_TRACE_DEBUGGER);
}

static const char *const other_modes[] = { "enforcing", "permissive" };

TEST_F(session, is_refused_in_other_modes)
{
	unsigned int i;
	int error;

	EXPECT_EQ(0, sphere_agent_stop(&self->debugger));
	for (i = 0; i < ARRAY_SIZE(other_modes); i++) {
		error = set_mode(other_modes[i]);
		if (error == -EOPNOTSUPP)
			continue;
		ASSERT_EQ(0, error);
		ASSERT_EQ(0, start_debugger(&self->debugger));
		EXPECT_TRACES(&self->debugger, &self->app, self->address,
			      SPHERE_TRACE_REFUSED);
		EXPECT_EQ(0, sphere_call(&self->debugger,
					 sphere_do_read_process, self->app.pid,
					 self->address, SPHERE_TRACE_REFUSED));
		EXPECT_EQ(0, sphere_agent_stop(&self->debugger));
	}
	ASSERT_EQ(0, set_mode("development"));
	ASSERT_EQ(0, start_debugger(&self->debugger));
	EXPECT_TRACES(&self->debugger, &self->app, self->address,
		      SPHERE_TRACE_DEBUGGER);
}

/* Chosen again, the mode does not change. */
TEST_F(session, goes_on_in_the_same_mode)
{
	ASSERT_EQ(0, set_mode("development\n"));
	EXPECT_TRACES(&self->debugger, &self->app, self->address,
		      SPHERE_TRACE_DEBUGGER);
}

/* With all that the kernel does not ask about again. */
static void expect_ended(struct __test_metadata *_metadata,
			 FIXTURE_DATA(session) * self, const char *mode)
{
	pid_t child;
	int status;

	EXPECT_LE(0, sphere_call(&self->debugger, do_hold_memory, self->app.pid,
				 self->address, NULL));
	if (sphere_can_trace()) {
		EXPECT_EQ(0, sphere_call(&self->debugger, do_seize,
					 self->app.pid, 0, NULL));
		EXPECT_FALSE(is_untraced(self->app.pid));
		/* It is stopped, and goes on when the debugger is gone. */
		EXPECT_EQ(0, sphere_call(&self->debugger, do_stop_tracee,
					 self->app.pid, 0, NULL));
	}
	child = sphere_call(&self->debugger, do_fork, 0, 0, NULL);
	ASSERT_LT(0, child);
	ASSERT_EQ(0, set_mode(mode));
	status = sphere_agent_stop(&self->debugger);
	EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	EXPECT_TRUE(becomes(is_gone, child));
	EXPECT_TRUE(becomes(is_untraced, self->app.pid));
}

TEST_F(session, ends_with_the_mode)
{
	struct sphere_agent bystander;
	unsigned int i;

	ASSERT_EQ(0, start(&bystander, OTHER, CAP(HOST_NAME)));
	for (i = 0; i < ARRAY_SIZE(other_modes); i++) {
		if (set_mode(other_modes[i]) == -EOPNOTSUPP)
			continue;
		sphere_agent_stop(&self->debugger);
		ASSERT_EQ(0, set_mode("development"));
		ASSERT_EQ(0, start_debugger(&self->debugger));
		expect_ended(_metadata, self, other_modes[i]);
		ASSERT_EQ(0, start_debugger(&self->debugger));
		EXPECT_TRACES(&self->debugger, &self->app, self->address,
			      SPHERE_TRACE_REFUSED);
	}
	EXPECT_EQ(0, sphere_agent_stop(&bystander));
}

/* Also if the policy has made it none meanwhile. */
TEST_F(session, ends_whatever_the_policy_says)
{
	char id[SPHERE_UUID_SIZE];

	EXPECT_LE(0, sphere_call(&self->debugger, do_hold_memory, self->app.pid,
				 self->address, NULL));
	ASSERT_EQ(0, sphere_fs_set_policy("component %s quarantine\n",
					  sphere_uuid(id, DEBUGGER)));
	ASSERT_EQ(0, set_mode("enforcing"));
	EXPECT_EQ(SIGKILL, sphere_agent_stop(&self->debugger));
	ASSERT_EQ(0, start_debugger(&self->debugger));
}

/* What it has opened is not for others: it would not end with the debugger. */
TEST_F(session, hands_nothing_on)
{
	struct sphere_agent debugger, same, other;
	int sockets[2], fd;
	long memory;

	EXPECT_EQ(0, sphere_agent_stop(&self->debugger));
	/* Not closed by exec. */
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	ASSERT_EQ(0, start_debugger(&debugger));
	/* Of the same component, without being a debugger. */
	ASSERT_EQ(0, start(&same, DEBUGGER, 0));
	ASSERT_EQ(0, start(&other, OTHER, 0));
	memory = sphere_call(&debugger, do_hold_memory, self->app.pid,
			     self->address, NULL);
	ASSERT_LE(0, memory);
	ASSERT_EQ(0, sphere_call(&debugger, sphere_do_send_fd, sockets[0],
				 memory, NULL));
	EXPECT_GT(0, sphere_call(&other, sphere_do_receive_fd, sockets[1], 0,
				 NULL));
	ASSERT_EQ(0, sphere_call(&debugger, sphere_do_send_fd, sockets[0],
				 memory, NULL));
	EXPECT_GT(0, sphere_call(&same, sphere_do_receive_fd, sockets[1], 0,
				 NULL));
	/* It may be on its way when the debugger ends. */
	ASSERT_EQ(0, sphere_call(&debugger, sphere_do_send_fd, sockets[0],
				 memory, NULL));
	ASSERT_EQ(0, set_mode("enforcing"));
	EXPECT_EQ(SIGKILL, sphere_agent_stop(&debugger));
	EXPECT_GT(0, sphere_call(&other, sphere_do_receive_fd, sockets[1], 0,
				 NULL));
	/* A file of somebody else's passes. */
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	ASSERT_EQ(0, sphere_send_fd(sockets[0], fd));
	EXPECT_LE(0, sphere_call(&other, sphere_do_receive_fd, sockets[1], 0,
				 NULL));
	close(fd);
	close(sockets[0]);
	close(sockets[1]);
	EXPECT_EQ(0, sphere_agent_stop(&same));
	EXPECT_EQ(0, sphere_agent_stop(&other));
	ASSERT_EQ(0, start_debugger(&self->debugger));
}

static void __noreturn become_parent(struct sphere_agent *parent,
				     struct sphere_agent *child,
				     __u64 capabilities)
{
	struct sphere_blob debugger, other;
	const struct sphere_start parent_start = {
		.who = DEBUGGER,
		.record = &debugger,
		.uid = sphere_uid(DEBUGGER),
	};
	const struct sphere_start child_start = {
		.who = OTHER,
		.record = &other,
		.uid = sphere_uid(OTHER),
	};

	record_of(&debugger, DEBUGGER, CAP(DEBUG));
	record_of(&other, OTHER, capabilities);
	if (!fork())
		sphere_agent_become(child, &child_start);
	sphere_agent_become(parent, &parent_start);
}

/* PTRACE_TRACEME, of an application whose parent is a debugger. */
static long traceme(struct __test_metadata *_metadata, __u64 capabilities)
{
	struct sphere_agent parent, child;
	long result;

	ASSERT_EQ(0, sphere_agent_pipes(&parent));
	ASSERT_EQ(0, sphere_agent_pipes(&child));
	parent.pid = fork();
	if (!parent.pid)
		become_parent(&parent, &child, capabilities);
	ASSERT_EQ(0, sphere_agent_hello(&parent));
	ASSERT_EQ(0, sphere_agent_hello(&child));
	result = sphere_call(&child, sphere_do_traceme, 0, 0, NULL);
	/* The child ends with it: see sphere_begin(). */
	EXPECT_EQ(0, sphere_agent_stop(&parent));
	close(child.command[1]);
	close(child.reply[0]);
	return result;
}

TEST_F(session, is_appointed_by_its_child)
{
	if (!sphere_can_trace())
		SKIP(return, "no ptrace()");
	EXPECT_EQ(0, sphere_agent_stop(&self->debugger));
	EXPECT_EQ(0, traceme(_metadata, 0));
	EXPECT_EQ(-EPERM, traceme(_metadata, CAP(HOST_NAME)));
	ASSERT_EQ(0, set_mode("enforcing"));
	EXPECT_EQ(-EPERM, traceme(_metadata, 0));
	ASSERT_EQ(0, start_debugger(&self->debugger));
}

/* Tries to get in, again and again, in a process of its own. */
static long do_attack(const struct sphere_call *call)
{
	struct sphere_call copy = *call;
	pid_t pid = fork();

	if (pid)
		return pid < 0 ? -errno : 0;
	for (;;) {
		if (do_hold_memory(&copy) == -EMFILE)
			closefrom(STDERR_FILENO + 1);
		do_seize(&copy);
		ptrace(PTRACE_DETACH, call->a, NULL, NULL);
	}
}

/* Nobody is traced once the mode has ended, however close it was. */
TEST_F_TIMEOUT(session, ends_in_the_middle_of_attacks, 120)
{
	int i, status;

	for (i = 0; i < 20; i++) {
		EXPECT_EQ(0, sphere_call(&self->debugger, do_attack,
					 self->app.pid, self->address, NULL));
		EXPECT_EQ(0, sphere_call(&self->debugger, do_attack,
					 self->app.pid, self->address, NULL));
		usleep(2000 * i);
		ASSERT_EQ(0, set_mode("enforcing"));
		status = sphere_agent_stop(&self->debugger);
		EXPECT_EQ(SIGKILL, status);
		EXPECT_TRUE(becomes(is_untraced, self->app.pid));
		ASSERT_EQ(0, set_mode("development"));
		/* The uid is free: nothing of the others is left. */
		ASSERT_EQ(0, start_debugger(&self->debugger));
	}
	EXPECT_TRUE(is_untraced(self->app.pid));
}

/* A kernel that has no such mode takes no record of a debugger. */
TEST(is_refused_by_kernels_without_the_mode)
{
	const bool has_mode = set_mode("development") != -EOPNOTSUPP;
	struct sphere_blob record;

	record_of(&record, DEBUGGER, CAP(DEBUG));
	EXPECT_EQ(has_mode ? 0 : -EOPNOTSUPP,
		  sphere_set(LSM_ATTR_EXEC, record.bytes, record.len));
	EXPECT_EQ(!has_mode, sphere_pending_is(SPHERE_NOBODY));
	EXPECT_EQ(0, sphere_pend(SPHERE_NOBODY));
	EXPECT_EQ(0, set_mode("enforcing"));
}

int main(int argc, char **argv)
{
	sphere_begin(argc, argv);
	sphere_fs_want_policy();
	return test_harness_run(argc, argv);
}
