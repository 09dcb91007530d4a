// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - Who sees whose identity, through which name or descriptor
 *
 * /proc/PID/attr/sphere/ shows a task to itself, to managers, and to tasks
 * that are the same. What counts is who reads, not who has opened.
 */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "kselftest_harness.h"
#include "sphere_common.h"

#define APP		200
#define OTHER		201

#define SECOND_PROC	"/tmp/sphere-proc"

enum person {
	MANAGER,
	NOBODY,
	NOBODY_TWO,
	APP_ONE,
	APP_TWO,
	OTHER_ONE,
	PERSONS,
};

static const int identities[PERSONS] = {
	[MANAGER] = SPHERE_MANAGER,
	[NOBODY] = SPHERE_NOBODY,
	[NOBODY_TWO] = SPHERE_NOBODY,
	[APP_ONE] = APP,
	[APP_TWO] = APP,
	[OTHER_ONE] = OTHER,
};

static bool may_see(enum person reader, enum person target)
{
	return identities[reader] == SPHERE_MANAGER ||
		identities[reader] == identities[target];
}

/* 0 if the file holds exactly the record of @who. */
static int check_bytes(int error, const struct sphere_blob *seen, int who)
{
	struct sphere_blob expected;

	if (error)
		return error;
	sphere_record_of(&expected, who);
	return sphere_blob_equal(&expected, seen) ? 0 : -EBADMSG;
}

static int check_file(const char *path, int who)
{
	struct sphere_blob seen;

	return check_bytes(sphere_read_file(path, &seen), &seen, who);
}

static long read_file(const struct sphere_call *call)
{
	return check_file(call->text, call->a);
}

static int check_fd(int fd, int who)
{
	struct sphere_blob seen;

	return check_bytes(sphere_read_fd(fd, &seen), &seen, who);
}

static long read_descriptor(const struct sphere_call *call)
{
	return check_fd(call->b, call->a);
}

FIXTURE(proc)
{
	struct sphere_agent agents[PERSONS];
};

FIXTURE_SETUP(proc)
{
	const struct sphere_start start = {
		.who = OTHER,
		.uid = sphere_uid(OTHER),
		/* Linux' capabilities must not help. */
		.all_capabilities = true,
	};
	int i;

	for (i = 0; i < PERSONS; i++) {
		if (i == OTHER_ONE) {
			ASSERT_EQ(0, sphere_agent_start(&self->agents[i],
							&start));
			continue;
		}
		ASSERT_EQ(0, sphere_agent(&self->agents[i], identities[i]));
	}
}

FIXTURE_TEARDOWN(proc)
{
	int i;

	for (i = 0; i < PERSONS; i++)
		EXPECT_EQ(0, sphere_agent_stop(&self->agents[i]));
}

/* Everybody reads the file of everybody, whose path @format makes of a PID. */
static unsigned int read_all(FIXTURE_DATA(proc) * self, const char *format,
			     bool pending)
{
	int reader, target, who, expected;
	unsigned int failures = 0;
	char path[128];
	pid_t pid;
	long seen;

	for (reader = 0; reader < PERSONS; reader++) {
		for (target = 0; target < PERSONS; target++) {
			pid = self->agents[target].pid;
			snprintf(path, sizeof(path), format, pid, pid);
			who = pending ? SPHERE_NOBODY : identities[target];
			expected = may_see(reader, target) ? 0 : -EACCES;
			seen = sphere_call(&self->agents[reader], read_file,
					   who, 0, path);
			if (seen == expected)
				continue;
			ksft_print_msg("%d reads %s of %d: %ld\n", reader, path,
				       target, seen);
			failures++;
		}
	}
	return failures;
}

TEST_F(proc, current)
{
	EXPECT_EQ(0, read_all(self, "/proc/%d/attr/sphere/current", false));
}

TEST_F(proc, pending)
{
	EXPECT_EQ(0, read_all(self, "/proc/%d/attr/sphere/exec", true));
}

TEST_F(proc, task)
{
	EXPECT_EQ(0, read_all(self, "/proc/%d/task/%d/attr/sphere/current",
			      false));
	EXPECT_EQ(0, read_all(self, "/proc/%d/task/%d/attr/sphere/exec", true));
}

TEST_F(proc, another_mount)
{
	mkdir(SECOND_PROC, 0755);
	ASSERT_EQ(0, mount("proc", SECOND_PROC, "proc", 0, NULL));
	EXPECT_EQ(0, read_all(self, SECOND_PROC "/%d/attr/sphere/current",
			      false));
	EXPECT_EQ(0, umount(SECOND_PROC));
}

TEST_F(proc, self)
{
	int i;

	for (i = 0; i < PERSONS; i++) {
		EXPECT_EQ(0, sphere_call(&self->agents[i], read_file,
					 identities[i], 0,
					 "/proc/self/attr/sphere/current"));
		EXPECT_EQ(0, sphere_call(&self->agents[i], read_file,
					 identities[i], 0,
					 "/proc/thread-self/attr/sphere/current"));
		EXPECT_EQ(0, sphere_call(&self->agents[i], read_file,
					 SPHERE_NOBODY, 0,
					 "/proc/self/attr/sphere/exec"));
	}
}

/* What a manager has pending is his and other managers' to see. */
TEST_F(proc, pending_of_manager)
{
	char path[64];
	int i;

	ASSERT_EQ(0, sphere_call(&self->agents[MANAGER], sphere_do_pend, APP, 0,
				 NULL));
	snprintf(path, sizeof(path), "/proc/%d/attr/sphere/exec",
		 self->agents[MANAGER].pid);
	EXPECT_EQ(0, check_file(path, APP));
	for (i = 0; i < PERSONS; i++)
		EXPECT_EQ(i == MANAGER ? 0 : -EACCES,
			  sphere_call(&self->agents[i], read_file, APP, 0,
				      path));
}

/* The kernel's own tasks and PID 1 are nobody's business. */
TEST_F(proc, kernel_and_init)
{
	int i;

	for (i = NOBODY; i < PERSONS; i++) {
		EXPECT_EQ(-EACCES,
			  sphere_call(&self->agents[i], read_file,
				      SPHERE_MANAGER, 0,
				      "/proc/1/attr/sphere/current"));
		EXPECT_EQ(-EACCES,
			  sphere_call(&self->agents[i], read_file,
				      SPHERE_NOBODY, 0,
				      "/proc/2/attr/sphere/current"));
	}
}

static long write_other(const struct sphere_call *call)
{
	struct sphere_blob blob;

	sphere_record_of(&blob, call->a);
	return sphere_write_file(call->text, blob.bytes, blob.len);
}

/* Everybody writes to everybody else: nobody can, nothing changes. */
TEST_F(proc, write_to_others)
{
	int writer, target;
	char path[64];
	long result;

	for (target = 0; target < PERSONS; target++) {
		snprintf(path, sizeof(path), "/proc/%d/attr/sphere/exec",
			 self->agents[target].pid);
		for (writer = 0; writer < PERSONS; writer++) {
			if (writer == target)
				continue;
			result = sphere_call(&self->agents[writer], write_other,
					     OTHER, 0, path);
			EXPECT_TRUE(result == -EPERM || result == -EACCES) {
				TH_LOG("%d to %d: %ld", writer, target, result);
			}
		}
		EXPECT_EQ(1, sphere_call(&self->agents[target],
					 sphere_do_pending_is, SPHERE_NOBODY, 0,
					 NULL));
	}
}

static long open_and_pass(const struct sphere_call *call)
{
	int fd = open(call->text, O_RDONLY | O_CLOEXEC), error;

	if (fd < 0)
		return -errno;
	error = sphere_send_fd(call->b, fd);
	close(fd);
	return error;
}

static long take_and_read(const struct sphere_call *call)
{
	int fd = sphere_receive_fd(call->b), result;

	if (fd < 0)
		return -ENOTCONN;
	result = check_fd(fd, call->a);
	close(fd);
	return result;
}

FIXTURE(descriptor)
{
	int sockets[2];
	struct sphere_agent app;
	struct sphere_agent other;
	char path[64];
};

FIXTURE_SETUP(descriptor)
{
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, self->sockets));
	ASSERT_EQ(0, sphere_agent(&self->app, APP));
	ASSERT_EQ(0, sphere_agent(&self->other, OTHER));
	snprintf(self->path, sizeof(self->path),
		 "/proc/%d/attr/sphere/current", self->app.pid);
}

FIXTURE_TEARDOWN(descriptor)
{
	EXPECT_EQ(0, sphere_agent_stop(&self->app));
	EXPECT_EQ(0, sphere_agent_stop(&self->other));
}

TEST_F(descriptor, passed_by_manager)
{
	int fd = open(self->path, O_RDONLY);

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, check_fd(fd, APP));
	ASSERT_EQ(0, sphere_send_fd(self->sockets[0], fd));
	EXPECT_EQ(-EACCES, sphere_call(&self->other, take_and_read, APP,
				       self->sockets[1], NULL));
	/* The same descriptor still serves who may. */
	ASSERT_EQ(0, sphere_send_fd(self->sockets[0], fd));
	EXPECT_EQ(0, sphere_call(&self->app, take_and_read, APP,
				 self->sockets[1], NULL));
	close(fd);
}

TEST_F(descriptor, passed_by_its_owner)
{
	ASSERT_EQ(0, sphere_call(&self->app, open_and_pass, 0, self->sockets[0],
				 "/proc/self/attr/sphere/current"));
	EXPECT_EQ(-EACCES, sphere_call(&self->other, take_and_read, APP,
				       self->sockets[1], NULL));
}

/* Opened by who may not read it, it can be read by who may. */
TEST_F(descriptor, passed_to_manager)
{
	ASSERT_EQ(0, sphere_call(&self->other, open_and_pass, 0,
				 self->sockets[0], self->path));
	EXPECT_EQ(0, check_fd(sphere_receive_fd(self->sockets[1]), APP));
}

TEST_F(descriptor, inherited_over_exec)
{
	static const int heirs[] = { OTHER + 1, SPHERE_NOBODY };
	int fd = open(self->path, O_RDONLY);
	struct sphere_agent heir;
	unsigned int i;

	ASSERT_LE(0, fd);
	for (i = 0; i < ARRAY_SIZE(heirs); i++) {
		ASSERT_EQ(0, sphere_agent(&heir, heirs[i]));
		EXPECT_EQ(-EACCES, sphere_call(&heir, read_descriptor, APP, fd,
					       NULL));
		EXPECT_EQ(0, sphere_agent_stop(&heir));
	}
	ASSERT_EQ(0, sphere_agent(&heir, SPHERE_MANAGER));
	EXPECT_EQ(0, sphere_call(&heir, read_descriptor, APP, fd, NULL));
	EXPECT_EQ(0, sphere_agent_stop(&heir));
	close(fd);
}

/* The descriptor of a task that has ended. */
TEST_F(descriptor, of_the_dead)
{
	struct sphere_agent dead;
	char path[64];
	int fd;

	ASSERT_EQ(0, sphere_agent(&dead, OTHER));
	snprintf(path, sizeof(path), "/proc/%d/attr/sphere/current", dead.pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, check_fd(fd, OTHER));
	EXPECT_EQ(0, sphere_agent_stop(&dead));
	EXPECT_EQ(-ESRCH, check_fd(fd, OTHER));
	close(fd);
}

static long write_descriptor(const struct sphere_call *call)
{
	struct sphere_blob blob;

	sphere_record_of(&blob, call->a);
	return write(call->b, blob.bytes, blob.len) < 0 ? -errno : 0;
}

static void __noreturn open_own_and_become(struct sphere_agent *agent,
					   const struct sphere_start *start)
{
	/* The agent knows them by these numbers. */
	dup2(open("/proc/self/attr/sphere/current", O_RDONLY), 100);
	dup2(open("/proc/self/attr/sphere/exec", O_WRONLY), 101);
	dup2(open("/proc/thread-self/attr/sphere/exec", O_WRONLY), 102);
	sphere_agent_become(agent, start);
}

/* Opened as a manager, used by what the same task has become. */
TEST(own_descriptors_over_exec)
{
	static const int heirs[] = { APP, SPHERE_NOBODY };
	struct sphere_agent agent;
	struct sphere_start start;
	unsigned int i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(heirs); i++) {
		start = (struct sphere_start){
			.who = heirs[i],
			.uid = sphere_uid(heirs[i]),
		};
		ASSERT_EQ(0, sphere_agent_pipes(&agent));
		agent.pid = fork();
		if (!agent.pid)
			open_own_and_become(&agent, &start);
		ASSERT_EQ(0, sphere_agent_hello(&agent));
		EXPECT_EQ(0, sphere_call(&agent, read_descriptor, heirs[i], 100,
					 NULL));
		for (fd = 101; fd <= 102; fd++)
			EXPECT_EQ(-EPERM, sphere_call(&agent, write_descriptor,
						      SPHERE_MANAGER, fd,
						      NULL));
		EXPECT_EQ(1, sphere_call(&agent, sphere_do_pending_is,
					 SPHERE_NOBODY, 0, NULL));
		EXPECT_EQ(0, sphere_agent_stop(&agent));
	}
}

/* A manager that stays one must open again, too: its memory is a new one. */
TEST(own_descriptor_of_manager)
{
	const struct sphere_start start = { .who = SPHERE_MANAGER };
	struct sphere_agent agent;

	ASSERT_EQ(0, sphere_agent_pipes(&agent));
	agent.pid = fork();
	if (!agent.pid)
		open_own_and_become(&agent, &start);
	ASSERT_EQ(0, sphere_agent_hello(&agent));
	EXPECT_EQ(-EPERM, sphere_call(&agent, write_descriptor, APP, 101,
				      NULL));
	EXPECT_EQ(1, sphere_call(&agent, sphere_do_pending_is, SPHERE_NOBODY, 0,
				 NULL));
	EXPECT_EQ(0, sphere_agent_stop(&agent));
}

struct thread_view {
	pid_t leader;
	pid_t thread;
	int write_error;
	int read_error;
};

static void *write_leader(void *argument)
{
	struct thread_view *view = argument;
	struct sphere_blob blob;
	char path[64];

	view->thread = syscall(__NR_gettid);
	sphere_pend(OTHER);
	sphere_record_of(&blob, SPHERE_MANAGER);
	snprintf(path, sizeof(path), "/proc/self/task/%d/attr/sphere/exec",
		 view->leader);
	view->write_error = sphere_write_file(path, blob.bytes, blob.len);
	view->read_error = check_file(path, APP);
	return NULL;
}

/* Threads see each other, but each writes only for itself. */
TEST(threads)
{
	struct thread_view view = { .leader = getpid() };
	pthread_t thread;

	ASSERT_EQ(0, sphere_pend(APP));
	ASSERT_EQ(0, pthread_create(&thread, NULL, write_leader, &view));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(-EACCES, view.write_error);
	EXPECT_EQ(0, view.read_error);
	EXPECT_TRUE(sphere_pending_is(APP));
}

static int read_at(int fd, struct sphere_blob *blob, size_t step)
{
	ssize_t got;

	blob->len = 0;
	do {
		got = read(fd, blob->bytes + blob->len, step);
		if (got < 0)
			return -errno;
		blob->len += got;
	} while (got);
	return 0;
}

/* Like any file: in pieces, again, from the middle, to its end. */
TEST(read_in_pieces)
{
	struct sphere_blob whole, seen;
	int fd;

	ASSERT_EQ(0, sphere_pend(APP));
	sphere_record_of(&whole, APP);
	fd = open("/proc/self/attr/sphere/exec", O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, read_at(fd, &seen, 1));
	EXPECT_TRUE(sphere_blob_equal(&whole, &seen));
	ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
	EXPECT_EQ(0, read_at(fd, &seen, 100));
	EXPECT_TRUE(sphere_blob_equal(&whole, &seen));
	EXPECT_EQ(8, pread(fd, seen.bytes, 8, whole.len - 8));
	EXPECT_EQ(0, memcmp(whole.bytes + whole.len - 8, seen.bytes, 8));
	EXPECT_EQ(0, pread(fd, seen.bytes, 8, whole.len));
	close(fd);
}

int main(int argc, char **argv)
{
	sphere_begin(argc, argv);
	return test_harness_run(argc, argv);
}
