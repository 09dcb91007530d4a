// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - The files in securityfs, and how a policy is replaced
 *
 * What a policy does to applications that run is in policy_effect_test.c, what
 * remains of it when it is locked in lock_test.c.
 */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "sphere_actions.h"
#include "sphere_common.h"
#include "sphere_fail.h"
#include "sphere_securityfs.h"

/* Only this test uses these. */
#define APP		1740
#define OTHER		1741

#define UUID		"8c2b0a1e-0000-4000-8000-000000000001"

#define SECOND_MOUNT	"/tmp/sphere-securityfs"

/* More allocations than any write of a policy needs. */
#define CALL_MAX	200

static const struct {
	const char *name;
	mode_t mode;
} files[] = {
	{ "version", 0400 },
	{ "mode", 0600 },
	{ "policy", 0600 },
	{ "policy_error", 0400 },
	{ "lock", 0600 },
	{ "components", 0400 },
	{ "denials", 0400 },
	{ "syscalls", 0400 },
};

static bool is_there(const char *name)
{
	char path[PATH_MAX];

	sphere_fs_path(path, name);
	return !access(path, F_OK);
}

FIXTURE(files)
{
	struct sphere_agent app, root, nobody, nobody_root;
	/* Both ends are in the agents, too, under the same numbers. */
	int to_agents[2];
	/* What the manager has opened before, which the agents inherit. */
	int inherited[ARRAY_SIZE(files)];
};

static int open_file(const char *name, int flags)
{
	char path[PATH_MAX];
	int fd;

	sphere_fs_path(path, name);
	fd = open(path, flags);
	return fd < 0 ? -errno : fd;
}

static int flags_of(size_t i)
{
	return files[i].mode & 0200 ? O_RDWR : O_RDONLY;
}

FIXTURE_SETUP(files)
{
	const struct sphere_start starts[] = {
		{ .who = APP, .uid = sphere_uid(APP) },
		{ .who = OTHER, .uid = 0, .all_capabilities = true },
		{ .who = SPHERE_NOBODY, .uid = 4712 },
		{ .who = SPHERE_NOBODY, .uid = 0, .all_capabilities = true },
	};
	struct sphere_agent *agents = &self->app;
	size_t i;

	ASSERT_EQ(0, sphere_fs_reset_policy());
	ASSERT_EQ(0, sphere_fs_write("mode", "enforcing"));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, self->to_agents));
	for (i = 0; i < ARRAY_SIZE(files); i++)
		self->inherited[i] = open_file(files[i].name, flags_of(i));
	for (i = 0; i < ARRAY_SIZE(starts); i++)
		ASSERT_EQ(0, sphere_agent_start_patiently(&agents[i],
							  &starts[i]));
}

FIXTURE_TEARDOWN(files)
{
	struct sphere_agent *agents = &self->app;
	size_t i;

	for (i = 0; i < 4; i++)
		EXPECT_EQ(0, sphere_agent_stop(&agents[i]));
	for (i = 0; i < ARRAY_SIZE(files); i++)
		close(self->inherited[i]);
	EXPECT_EQ(0, sphere_fs_reset_policy());
}

TEST_F(files, belong_to_root)
{
	char path[PATH_MAX];
	struct stat st;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		/* There is no table of system calls in every kernel. */
		if (!strcmp(files[i].name, "syscalls") &&
		    !is_there("syscalls"))
			continue;
		sphere_fs_path(path, files[i].name);
		ASSERT_EQ(0, stat(path, &st))
			TH_LOG("%s", path);
		EXPECT_EQ(S_IFREG | files[i].mode, st.st_mode)
			TH_LOG("%s: %o", path, st.st_mode);
		EXPECT_EQ(0, st.st_uid);
		EXPECT_EQ(0, st.st_gid);
	}
}

TEST_F(files, say_what_they_should)
{
	char text[SPHERE_TEXT_MAX];

	EXPECT_TRUE(sphere_fs_is("version", "1\n"));
	EXPECT_TRUE(sphere_fs_is("mode", "enforcing\n"));
	EXPECT_TRUE(sphere_fs_is("lock", "unlocked\n"));
	EXPECT_TRUE(sphere_fs_is("policy", SPHERE_POLICY_DEFAULT));
	EXPECT_TRUE(sphere_fs_is("policy_error", ""));
	ASSERT_LT(0, sphere_fs_read("denials", text, sizeof(text)));
	EXPECT_LE(0, sphere_fs_denials("gpio"));
	EXPECT_TRUE(sphere_has(text, "capability "));
	EXPECT_TRUE(sphere_has(text, "trace "));
}

static const int all_flags[] = { O_RDONLY, O_WRONLY, O_RDWR, O_WRONLY | O_TRUNC };

static void expect_closed(struct __test_metadata *_metadata,
			  struct sphere_agent *agent, bool root,
			  const char *directory)
{
	char path[PATH_MAX];
	bool passes;
	long got;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(files); i++)
		for (j = 0; j < ARRAY_SIZE(all_flags); j++) {
			snprintf(path, sizeof(path), "%s/sphere/%s", directory,
				 files[i].name);
			if (access(path, F_OK))
				continue;
			got = sphere_call(agent, sphere_do_open, all_flags[j],
					  0, path);
			/* Modes are asked first; uid 0 owns the files. */
			passes = root && (files[i].mode & 0200 ||
					  all_flags[j] == O_RDONLY);
			EXPECT_EQ(passes ? -EPERM : -EACCES, got)
				TH_LOG("%s, flags %d", path, all_flags[j]);
		}
}

static void directory_of_securityfs(char path[PATH_MAX])
{
	sphere_fs_path(path, "");
	/* Without "/sphere/". */
	path[strlen(path) - strlen("/sphere/")] = '\0';
}

TEST_F(files, are_opened_by_managers_only)
{
	char directory[PATH_MAX];

	directory_of_securityfs(directory);
	expect_closed(_metadata, &self->app, false, directory);
	expect_closed(_metadata, &self->root, true, directory);
	expect_closed(_metadata, &self->nobody, false, directory);
	expect_closed(_metadata, &self->nobody_root, true, directory);
	EXPECT_TRUE(sphere_fs_is("policy", SPHERE_POLICY_DEFAULT));
}

/* Wherever else they are, and whatever their modes have become. */
TEST_F(files, are_closed_on_a_second_mount)
{
	size_t i;

	mkdir(SECOND_MOUNT, 0755);
	ASSERT_EQ(0, mount("securityfs", SECOND_MOUNT, "securityfs", 0, NULL));
	expect_closed(_metadata, &self->app, false, SECOND_MOUNT);
	expect_closed(_metadata, &self->root, true, SECOND_MOUNT);
	expect_closed(_metadata, &self->nobody_root, true, SECOND_MOUNT);
	/* They are the same files. */
	EXPECT_EQ(0, sphere_write_text(SECOND_MOUNT "/sphere/policy",
				       "version 1\n# elsewhere\n"));
	EXPECT_TRUE(sphere_fs_is("policy", "version 1\n# elsewhere\n"));
	EXPECT_EQ(0, chmod(SECOND_MOUNT "/sphere/policy", 0666));
	for (i = 0; i < ARRAY_SIZE(all_flags); i++) {
		EXPECT_EQ(-EPERM, sphere_call(&self->app, sphere_do_open,
					      all_flags[i], 0, SECOND_MOUNT
					      "/sphere/policy"));
		EXPECT_EQ(-EPERM, sphere_call(&self->nobody, sphere_do_open,
					      all_flags[i], 0, SECOND_MOUNT
					      "/sphere/policy"));
	}
	EXPECT_EQ(0, chmod(SECOND_MOUNT "/sphere/policy", 0600));
	EXPECT_EQ(0, umount(SECOND_MOUNT));
	rmdir(SECOND_MOUNT);
}

static long do_pread(const struct sphere_call *call)
{
	char bytes[64];

	return pread(call->a, bytes, sizeof(bytes), call->b) < 0 ? -errno : 0;
}

static long do_write_fd(const struct sphere_call *call)
{
	ssize_t done = write(call->a, call->text, strlen(call->text));

	return done < 0 ? -errno : done;
}

static long do_pwrite(const struct sphere_call *call)
{
	ssize_t done = pwrite(call->a, call->text, strlen(call->text), call->b);

	return done < 0 ? -errno : done;
}

/* From the file @a, which cannot be read here, to a pipe. */
static long do_sendfile(const struct sphere_call *call)
{
	int fds[2];
	long done;

	if (pipe(fds))
		return -errno;
	done = sendfile(fds[1], call->a, NULL, 64) < 0 ? -errno : 0;
	close(fds[0]);
	close(fds[1]);
	return done;
}

/* What is opened again by the descriptor that one has. */
static long do_reopen(const struct sphere_call *call)
{
	char path[40];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%ld", call->a);
	fd = open(path, call->b);
	return fd < 0 ? -errno : fd;
}

static void expect_useless(struct __test_metadata *_metadata,
			   struct sphere_agent *agent, int fd, size_t i)
{
	const char *const name = files[i].name;
	const bool writable = files[i].mode & 0200;
	long got;

	EXPECT_EQ(-EPERM, sphere_call(agent, do_pread, fd, 0, NULL))
		TH_LOG("%s", name);
	EXPECT_EQ(-EPERM, sphere_call(agent, do_pread, fd, 1, NULL))
		TH_LOG("%s", name);
	EXPECT_GT(0, sphere_call(agent, do_sendfile, fd, 0, NULL))
		TH_LOG("%s", name);
	EXPECT_EQ(writable ? -EPERM : -EBADF,
		  sphere_call(agent, do_write_fd, fd, 0, "version 1\n"))
		TH_LOG("%s", name);
	/* Nobody may, at no place. */
	EXPECT_EQ(-ESPIPE, sphere_call(agent, do_pwrite, fd, 0, "locked"))
		TH_LOG("%s", name);
	got = sphere_call(agent, do_reopen, fd, O_RDONLY, NULL);
	EXPECT_TRUE(got == -EPERM || got == -EACCES)
		TH_LOG("%s: %ld", name, got);
}

TEST_F(files, are_useless_to_who_inherits_them)
{
	struct sphere_agent *agents = &self->app;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(files); i++)
		for (j = 0; j < 4 && self->inherited[i] >= 0; j++)
			expect_useless(_metadata, &agents[j],
				       self->inherited[i], i);
	EXPECT_TRUE(sphere_fs_is("policy", SPHERE_POLICY_DEFAULT));
	EXPECT_TRUE(sphere_fs_is("lock", "unlocked\n"));
}

TEST_F(files, are_useless_to_who_receives_them)
{
	struct sphere_agent *agents = &self->app;
	size_t i, j;
	long fd;

	for (i = 0; i < ARRAY_SIZE(files); i++)
		for (j = 0; j < 4; j++) {
			int sent = open_file(files[i].name, flags_of(i));

			if (sent == -ENOENT)
				continue;
			ASSERT_LE(0, sent);
			ASSERT_EQ(0, sphere_send_fd(self->to_agents[0], sent));
			close(sent);
			fd = sphere_call(&agents[j], sphere_do_receive_fd,
					 self->to_agents[1], 0, NULL);
			ASSERT_LE(0, fd);
			expect_useless(_metadata, &agents[j], fd, i);
			sphere_call(&agents[j], sphere_do_close, fd, 0, NULL);
		}
	EXPECT_TRUE(sphere_fs_is("policy", SPHERE_POLICY_DEFAULT));
}

/* What was read for the manager stays in the file's buffer. */
TEST_F(files, keep_nothing_that_was_read)
{
	char byte;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		if (self->inherited[i] < 0)
			continue;
		/* One byte, so that the rest waits. */
		EXPECT_LE(0, read(self->inherited[i], &byte, 1));
	}
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		/* There is nothing left of what is empty. */
		if (self->inherited[i] < 0 ||
		    !strcmp(files[i].name, "policy_error"))
			continue;
		EXPECT_EQ(-EPERM, sphere_call(&self->app, sphere_do_read,
					      self->inherited[i], 64, NULL))
			TH_LOG("%s", files[i].name);
	}
}

FIXTURE(policy)
{
	int fd;
};

FIXTURE_SETUP(policy)
{
	ASSERT_EQ(0, sphere_fs_reset_policy());
	self->fd = open_file("policy", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(policy)
{
	close(self->fd);
	EXPECT_EQ(0, sphere_fs_reset_policy());
}

/* Each write has to be the first. */
static ssize_t write_anew(int fd, const void *bytes, size_t len)
{
	return lseek(fd, 0, SEEK_SET) ? -1 :
		syscall(__NR_write, fd, bytes, len);
}

static const char everything[] =
	"# what there is\n"
	"\n"
	"version 1\t# must be the first\n"
	"check mtd off\n"
	"check mtd on\n"
	"reports 7 100\n"
	"nobody allow gpio chip%20a 0-3,7 in\n"
	"component " UUID " allow gpio a 4294967295 out\n"
	"component " UUID " allow gpio a 4294967295 out\n"
	"component " UUID " deny gpio b 0-69 inout\n"
	"component " UUID " allow mtd p%25 read\n"
	"component " UUID " deny mtd p write\n"
	"component " UUID " allow tcp bind 8000-8010\n"
	"  component " UUID "  deny udp connect 10.0.0.0/8 53\t\n"
	"component " UUID " allow peer " UUID "\n"
	"component " UUID " deny capability SystemTime\n"
	"component " UUID " allow storage 18446744073709551615\n"
	"component * limit storage 0\n"
	"component * quarantine\n";

TEST_F(policy, is_read_as_it_was_written)
{
	EXPECT_EQ(0, sphere_fs_write("policy", everything));
	EXPECT_TRUE(sphere_fs_is("policy", everything));
	EXPECT_TRUE(sphere_fs_is("policy_error", ""));
}

/* Nothing of the one before is left. */
TEST_F(policy, is_replaced_as_a_whole)
{
	EXPECT_EQ(0, sphere_fs_write("policy", everything));
	EXPECT_EQ(0, sphere_fs_write("policy", "version 1\ncheck gpio off\n"));
	EXPECT_TRUE(sphere_fs_is("policy", "version 1\ncheck gpio off\n"));
	EXPECT_EQ(0, sphere_fs_reset_policy());
	EXPECT_TRUE(sphere_fs_is("policy", SPHERE_POLICY_DEFAULT));
}

#define C	"component " UUID " "

static const struct {
	const char *text;
	/* 0: it is not about one. */
	unsigned int line;
	/* In the reason. */
	const char *reason;
} mistakes[] = {
	{ "", 0, "as a whole" },
	{ "version 1", 0, "as a whole" },
	{ "version 1\ncheck gpio off", 0, "as a whole" },
	{ "\n", 0, "version" },
	{ "# nothing\n", 0, "version" },
	{ "version 2\n", 1, "version" },
	{ "version\n", 1, "version" },
	{ "check gpio off\nversion 1\n", 1, "version" },
	{ "version 1\nversion 2\n", 2, "version" },
	{ "version 1 1\n", 1, "behind" },
	{ "version 1\nfoo\n", 2, "starts with" },
	{ "version 1\nVersion 1\n", 2, "starts with" },
	{ "version 1\n\n\ncheck foo off\n", 4, "no such gate" },
	{ "version 1\ncheck\n", 2, "no such gate" },
	{ "version 1\ncheck exec off\n", 2, "cannot be turned off" },
	{ "version 1\ncheck trace off\n", 2, "cannot be turned off" },
	{ "version 1\ncheck gpio of\n", 2, "on or off" },
	{ "version 1\ncheck gpio\n", 2, "on or off" },
	{ "version 1\ncheck gpio off now\n", 2, "behind" },
	{ "version 1\nreports 1\n", 2, "how many" },
	{ "version 1\nreports -1 1000\n", 2, "how many" },
	{ "version 1\nreports 10001 1000\n", 2, "how many" },
	{ "version 1\nreports 1 0\n", 2, "how many" },
	{ "version 1\nreports 1 3600001\n", 2, "how many" },
	{ "version 1\nreports 1 99999999999999999999\n", 2, "how many" },
	{ "version 1\nnobody deny gpio a 1 in\n", 2, "without identity" },
	{ "version 1\nnobody allow peer " UUID "\n", 2, "without identity" },
	{ "version 1\nnobody allow storage 1\n", 2, "without identity" },
	{ "version 1\nnobody quarantine\n", 2, "without identity" },
	{ "version 1\ncomponent 8c2b allow gpio a 1 in\n", 2, "component id" },
	{ "version 1\ncomponent 8C2B0A1E-0000-4000-8000-000000000001 quarantine\n",
	  2, "component id" },
	{ "version 1\ncomponent 00000000-0000-0000-0000-000000000000 quarantine\n",
	  2, "component id" },
	{ "version 1\ncomponent ** quarantine\n", 2, "component id" },
	{ "version 1\n" C "grant gpio a 1 in\n", 2, "allow, deny" },
	{ "version 1\n" C "\n", 2, "allow, deny" },
	{ "version 1\n" C "allow\n", 2, "say gpio" },
	{ "version 1\n" C "allow uart a\n", 2, "say gpio" },
	{ "version 1\n" C "quarantine all\n", 2, "behind" },
	{ "version 1\n" C "deny storage 1\n", 2, "limited" },
	{ "version 1\n" C "limit gpio a 1 in\n", 2, "limited" },
	{ "version 1\n" C "limit storage\n", 2, "number of bytes" },
	{ "version 1\n" C "limit storage 0x10\n", 2, "number of bytes" },
	{ "version 1\n" C "limit storage -1\n", 2, "number of bytes" },
	{ "version 1\n" C "allow storage 18446744073709551616\n", 2,
	  "number of bytes" },
	{ "version 1\n" C "allow gpio a\n", 2, "" },
	{ "version 1\n" C "allow gpio a 1\n", 2, "in, out or inout" },
	{ "version 1\n" C "allow gpio a 1 out in\n", 2, "behind" },
	{ "version 1\n" C "allow gpio a 3-1 in\n", 2, "list of lines" },
	{ "version 1\n" C "allow gpio a 1, in\n", 2, "list of lines" },
	{ "version 1\n" C "allow gpio a 1,,2 in\n", 2, "list of lines" },
	{ "version 1\n" C "allow gpio a -1 in\n", 2, "list of lines" },
	{ "version 1\n" C "allow gpio a 4294967296 in\n", 2, "list of lines" },
	/* 2^26 windows would be as many statements. */
	{ "version 1\n" C "allow gpio a 0-4294967295 in\n", 2, "1024" },
	{ "version 1\n" C "allow gpio a%2 1 in\n", 2, "name" },
	{ "version 1\n" C "allow gpio a%zz 1 in\n", 2, "name" },
	{ "version 1\n" C "allow gpio - 1 in\n", 2, "name" },
	{ "version 1\n" C "allow gpio 0123456789abcdef0123456789abcdef 1 in\n",
	  2, "name" },
	{ "version 1\n" C "allow mtd p\n", 2, "read or write" },
	{ "version 1\n" C "allow mtd p rw\n", 2, "read or write" },
	{ "version 1\n" C "allow tcp listen 80\n", 2, "bind or connect" },
	{ "version 1\n" C "allow tcp bind 0\n", 2, "port" },
	{ "version 1\n" C "allow tcp bind 65536\n", 2, "port" },
	{ "version 1\n" C "allow tcp bind 80-79\n", 2, "port" },
	{ "version 1\n" C "allow udp connect 10.0.0.1\n", 2, "port" },
	{ "version 1\n" C "allow udp connect 10.0.0.256 1\n", 2, "address" },
	{ "version 1\n" C "allow udp connect 10.0.0.1/33 1\n", 2, "address" },
	{ "version 1\n" C "allow udp connect 10.0.0.1/8 1\n", 2, "address" },
	{ "version 1\n" C "allow udp connect localhost 1\n", 2, "address" },
	{ "version 1\n" C "allow udp connect ::ffff:10.0.0.1 1\n", 2,
	  "address" },
	{ "version 1\n" C "allow peer *\n", 2, "component id" },
	{ "version 1\n" C "allow capability CAP_SYS_ADMIN\n", 2,
	  "no such capability" },
	{ "version 1\n" C "allow capability systemtime\n", 2,
	  "no such capability" },
	{ "version 1\n# \x01\n", 2, "control character" },
	{ "version 1\n# \x1b[2J\n", 2, "control character" },
	{ "version 1\n# \xff\n", 2, "UTF-8" },
	{ "version 1\n# \xc2\x85\n", 2, "control character" },
	{ "version 1\n# \xed\xa0\x80\n", 2, "UTF-8" },
};

static void expect_refused(struct __test_metadata *_metadata, size_t i)
{
	static char error[256], expected[40];

	EXPECT_EQ(-EINVAL, sphere_fs_write("policy", mistakes[i].text))
		TH_LOG("'%s'", mistakes[i].text);
	EXPECT_TRUE(sphere_fs_is("policy", everything));
	ASSERT_LE(0, sphere_fs_read("policy_error", error, sizeof(error)));
	if (mistakes[i].line) {
		snprintf(expected, sizeof(expected), "line %u: ",
			 mistakes[i].line);
		EXPECT_EQ(0, strncmp(error, expected, strlen(expected)))
			TH_LOG("'%s' is told '%s'", mistakes[i].text, error);
	}
	EXPECT_TRUE(sphere_has(error, mistakes[i].reason))
		TH_LOG("'%s' is told '%s'", mistakes[i].text, error);
}

TEST_F(policy, stays_when_the_new_one_is_wrong)
{
	size_t i;

	ASSERT_EQ(0, sphere_fs_write("policy", everything));
	for (i = 0; i < ARRAY_SIZE(mistakes); i++)
		expect_refused(_metadata, i);
	/* One that is not wrong ends what is said of those that were. */
	EXPECT_EQ(0, sphere_fs_reset_policy());
	EXPECT_TRUE(sphere_fs_is("policy_error", ""));
}

/* A zero byte cannot be part of a string here. */
TEST_F(policy, has_no_zero_byte)
{
	static const char text[] = "version 1\n# \0\ncheck gpio off\n";

	EXPECT_EQ(-1, write_anew(self->fd, text, sizeof(text) - 1));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_TRUE(sphere_fs_is("policy", SPHERE_POLICY_DEFAULT));
}

TEST_F(policy, has_a_largest_size)
{
	char *text = malloc(SPHERE_TEXT_MAX), error[256];

	ASSERT_NE(NULL, text);
	memset(text, '#', SPHERE_TEXT_MAX);
	memcpy(text, SPHERE_POLICY_DEFAULT, strlen(SPHERE_POLICY_DEFAULT));
	text[SPHERE_POLICY_MAX - 1] = '\n';
	EXPECT_EQ(SPHERE_POLICY_MAX,
		  write_anew(self->fd, text, SPHERE_POLICY_MAX));
	text[SPHERE_POLICY_MAX] = '\0';
	EXPECT_TRUE(sphere_fs_is("policy", text));
	ASSERT_EQ(0, sphere_fs_reset_policy());
	text[SPHERE_POLICY_MAX] = '\n';
	EXPECT_EQ(-1, write_anew(self->fd, text, SPHERE_POLICY_MAX + 1));
	EXPECT_EQ(EFBIG, errno);
	ASSERT_LT(0, sphere_fs_read("policy_error", error, sizeof(error)));
	EXPECT_TRUE(sphere_has(error, "16384"));
	EXPECT_EQ(-1, write_anew(self->fd, text, SPHERE_TEXT_MAX));
	EXPECT_EQ(EFBIG, errno);
	EXPECT_EQ(-1, write_anew(self->fd, text, INT_MAX));
	EXPECT_EQ(EFBIG, errno);
	EXPECT_TRUE(sphere_fs_is("policy", SPHERE_POLICY_DEFAULT));
	free(text);
}

/* What this kernel has no gate for: the families of addresses can be left out. */
TEST_F(policy, says_nothing_that_the_kernel_cannot_enforce)
{
	if (!access("/proc/sys/net/ipv6", F_OK))
		SKIP(return, "this kernel has all gates");
	EXPECT_EQ(-EOPNOTSUPP,
		  sphere_fs_set_policy("component %s allow tcp connect ::1 1\n",
				       UUID));
	EXPECT_TRUE(sphere_fs_is("policy", SPHERE_POLICY_DEFAULT));
}

static const char first_half[] = "version 1\n";
static const char second_half[] = "check gpio off\n";

/* It is one write or none: a part of a policy is another policy. */
TEST_F(policy, is_not_written_in_parts)
{
	struct iovec parts[] = {
		{ (char *)first_half, strlen(first_half) },
		{ (char *)second_half, strlen(second_half) },
	};
	static const off_t offsets[] = {
		1, sizeof(SPHERE_POLICY_DEFAULT) - 1, 4096, 1LL << 40,
	};
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		EXPECT_EQ(-1, pwrite(self->fd, first_half, strlen(first_half),
				     offsets[i]));
		EXPECT_EQ(ESPIPE, errno);
		/* Where nothing can be read, nothing can be sought. */
		if (lseek(self->fd, offsets[i], SEEK_SET) != offsets[i])
			continue;
		EXPECT_EQ(-1, write(self->fd, first_half, strlen(first_half)));
		EXPECT_EQ(EINVAL, errno);
	}

	ASSERT_EQ(0, lseek(self->fd, 0, SEEK_SET));
	EXPECT_LT(0, write(self->fd, first_half, strlen(first_half)));
	EXPECT_EQ(-1, write(self->fd, second_half, strlen(second_half)));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_TRUE(sphere_fs_is("policy", first_half));

	/* Each part is a write; who looks at the result notices. */
	ASSERT_EQ(0, lseek(self->fd, 0, SEEK_SET));
	EXPECT_EQ(strlen(first_half), writev(self->fd, parts, 2));
	EXPECT_TRUE(sphere_fs_is("policy", first_half));

	fd = open_file("policy", O_WRONLY | O_APPEND | O_CLOEXEC);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, write(fd, second_half, strlen(second_half)));
	EXPECT_EQ(strlen(first_half), write(fd, first_half, strlen(first_half)));
	close(fd);
	EXPECT_TRUE(sphere_fs_is("policy", first_half));
}

/* Opening for writing empties nothing. */
TEST_F(policy, is_not_truncated)
{
	int fd;

	ASSERT_EQ(0, sphere_fs_write("policy", everything));
	fd = open_file("policy", O_WRONLY | O_TRUNC | O_CLOEXEC);
	close(fd);
	/* Which does nothing, and says so or not. */
	if (ftruncate(self->fd, 0))
		EXPECT_EQ(EINVAL, errno);
	EXPECT_TRUE(sphere_fs_is("policy", everything));
}

TEST_F(policy, comes_from_memory_that_is_there)
{
	const long page = sysconf(_SC_PAGESIZE);
	char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const size_t len = strlen(everything);

	ASSERT_NE(MAP_FAILED, pages);
	ASSERT_EQ(0, munmap(pages + page, page));
	memcpy(pages + page - len, everything, len);
	EXPECT_EQ(-1, write_anew(self->fd, NULL, 10));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, write_anew(self->fd, (void *)-4096L, 10));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, write_anew(self->fd, pages + page - len, len + 1));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, write_anew(self->fd, pages + page - 10, 4096));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_TRUE(sphere_fs_is("policy", SPHERE_POLICY_DEFAULT));
	EXPECT_EQ(len, write_anew(self->fd, pages + page - len, len));
	EXPECT_TRUE(sphere_fs_is("policy", everything));
	munmap(pages, page);
}

/* Between a policy, another one, and one that is wrong. */
static const char model[] = "version 1\ncheck gpio on\t\n";
static char changing[sizeof(model)];
static bool is_over;

static void *change(void *unused __maybe_unused)
{
	static const char *const states[] = { "off", "on\t", "bad" };
	char *word = strstr(changing, "on\t");
	unsigned int i;

	for (i = 0; !__atomic_load_n(&is_over, __ATOMIC_ACQUIRE); i++)
		memcpy(word, states[i % ARRAY_SIZE(states)], 3);
	return NULL;
}

TEST_F_TIMEOUT(policy, is_read_once, 60)
{
	char text[sizeof(changing)];
	pthread_t thread;
	int accepted = 0, refused = 0;
	struct timespec start, now;

	clock_gettime(CLOCK_MONOTONIC, &start);
	memcpy(changing, model, sizeof(model));
	ASSERT_EQ(0, pthread_create(&thread, NULL, change, NULL));
	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (write_anew(self->fd, changing, strlen(changing)) < 0) {
			ASSERT_EQ(EINVAL, errno);
			refused++;
			continue;
		}
		accepted++;
		ASSERT_EQ(strlen(changing),
			  sphere_fs_read_fd(self->fd, text, sizeof(text)));
		/* What was judged is what is in force. */
		ASSERT_EQ(0, sphere_fs_write("policy", text))
			TH_LOG("'%s'", text);
	} while (now.tv_sec - start.tv_sec < 5);
	__atomic_store_n(&is_over, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	ksft_print_msg("accepted %d, refused %d\n", accepted, refused);
	EXPECT_LT(0, accepted);
}

static const char *const words[] = {
	"", "\n", " enforcing", "Enforcing", "enforcing\n\n", "enforce",
	"enforcing permissive", "0", "1", "permissive\n\n", "unlocked", "lock",
	"develop", "Development", "development\n\n", "developments",
	"locked\n\n", " locked", "enforcinggggggggggggggggggggggggggggggggg",
};

TEST_F(policy, mode_and_lock_take_their_words_only)
{
	size_t i;
	int got;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		got = sphere_fs_write("mode", words[i]);
		EXPECT_TRUE(got == -EINVAL || got == -EFBIG || got == -EBADMSG)
			TH_LOG("'%s' is told %d", words[i], got);
		got = sphere_fs_write("lock", words[i]);
		EXPECT_TRUE(got == -EINVAL || got == -EFBIG || got == -EBADMSG)
			TH_LOG("'%s' is told %d", words[i], got);
	}
	EXPECT_TRUE(sphere_fs_is("mode", "enforcing\n"));
	EXPECT_TRUE(sphere_fs_is("lock", "unlocked\n"));
	EXPECT_EQ(0, sphere_fs_write("mode", "enforcing\n"));
	EXPECT_EQ(0, sphere_fs_write("mode", "enforcing"));
}

/* Each allocation of a write fails in turn. */
TEST_F_TIMEOUT(policy, stays_when_there_is_no_memory, 300)
{
	int fail = sphere_fail_open(), failures = 0;
	const size_t len = strlen(everything);
	bool failed = true;
	unsigned int n;
	ssize_t done;
	int error;

	if (fail < 0 || sphere_fail_begin())
		SKIP(return, "no CONFIG_FAULT_INJECTION, or no CONFIG_FAILSLAB");
	for (n = 1; failed && n < CALL_MAX; n++) {
		sphere_fail_nth(fail, n);
		done = write_anew(self->fd, everything, len);
		error = errno;
		failed = sphere_has_failed(fail);
		if (done < 0) {
			ASSERT_TRUE(failed);
			ASSERT_EQ(ENOMEM, error);
			ASSERT_TRUE(sphere_fs_is("policy",
						 SPHERE_POLICY_DEFAULT));
			failures++;
			continue;
		}
		/* What can do without the memory may do so. */
		ASSERT_EQ(len, done);
		ASSERT_TRUE(sphere_fs_is("policy", everything));
		ASSERT_EQ(0, sphere_fs_reset_policy());
	}
	close(fail);
	EXPECT_FALSE(failed);
	EXPECT_LE(3, failures);
}

/* Nor is it left half read by who reads it without memory. */
TEST_F_TIMEOUT(policy, is_read_without_memory, 300)
{
	static const char *const names[] = { "policy", "components", "denials" };
	int fail = sphere_fail_open();
	char text[SPHERE_TEXT_MAX];
	unsigned int n;
	size_t i;
	int fd, len;
	bool failed;

	if (fail < 0 || sphere_fail_begin())
		SKIP(return, "no CONFIG_FAULT_INJECTION, or no CONFIG_FAILSLAB");
	ASSERT_EQ(0, sphere_fs_write("policy", everything));
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		for (n = 1, failed = true; failed && n < CALL_MAX; n++) {
			sphere_fail_nth(fail, n);
			fd = open_file(names[i], O_RDONLY | O_CLOEXEC);
			len = fd < 0 ? fd :
				sphere_fs_read_fd(fd, text, sizeof(text));
			failed = sphere_has_failed(fail);
			close(fd);
			EXPECT_TRUE(len >= 0 || len == -ENOMEM ||
				    len == -ENFILE)
				TH_LOG("%s: %d", names[i], len);
			if (!i && len >= 0)
				EXPECT_EQ(0, strcmp(text, everything));
		}
		EXPECT_FALSE(failed);
	}
	close(fail);
}

/* The largest and the smallest that are right. */
TEST_F(policy, has_limits_that_can_be_reached)
{
	static const char *const texts[] = {
		"reports 0 1\n", "reports 10000 3600000\n", "reports 1 1\n",
		"reports 10 5000\n", C "allow tcp bind 1-65535\n",
		C "allow udp connect 0.0.0.0/0 1-65535\n",
		C "allow gpio a 0-65535 inout\n",
		C "allow gpio 0123456789abcdef0123456789abcde 0 in\n",
		C "allow gpio %30%31%32%33%34%35%36%37%38%39abcdef0123456789abcde 0 in\n",
		"version 1\r\n\tcheck\tgpio\toff\r\n",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(texts); i++)
		EXPECT_EQ(0, sphere_fs_set_policy("%s", texts[i]))
			TH_LOG("text %zu", i);
}

/* What is sent there is a write, or it is nothing. */
TEST_F(policy, is_not_sent)
{
	static const char text[] = "version 1\ncheck gpio off\n";
	int fds[2], file;

	ASSERT_EQ(0, pipe(fds));
	ASSERT_EQ(strlen(text), write(fds[1], text, strlen(text)));
	EXPECT_EQ(-1, splice(fds[0], NULL, self->fd, NULL, strlen(text), 0));
	file = open("/proc/version", O_RDONLY | O_CLOEXEC);
	EXPECT_EQ(-1, sendfile(self->fd, file, NULL, 10));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				   MAP_SHARED, self->fd, 0));
	EXPECT_TRUE(sphere_fs_is("policy", SPHERE_POLICY_DEFAULT));
	close(file);
	close(fds[0]);
	close(fds[1]);
}

FIXTURE(components)
{
	struct sphere_agent app;
};

FIXTURE_SETUP(components)
{
	const struct sphere_start start = {
		.who = APP,
		.uid = sphere_uid(APP),
	};

	ASSERT_EQ(0, sphere_fs_reset_policy());
	ASSERT_EQ(0, sphere_agent_start_patiently(&self->app, &start));
}

FIXTURE_TEARDOWN(components)
{
	if (self->app.pid > 0)
		EXPECT_EQ(0, sphere_agent_stop(&self->app));
	EXPECT_EQ(0, sphere_fs_reset_policy());
}

/* What sphere_record_full() grants, in the words of policies. */
static const char *const grants[] = {
	"gpio chip-a 0 in",
	"gpio chip-a 1 out",
	"gpio chip-a 127 out",
	"gpio chip-b 0-1 inout",
	"mtd config read",
	"mtd data write",
	"tcp bind 80-81",
	"tcp connect 192.0.2.0/24 443-443",
	"capability SystemTime",
	"capability UpdateImage",
	"storage 65536",
};

TEST_F(components, say_what_they_were_started_with)
{
	char block[SPHERE_TEXT_MAX], id[SPHERE_UUID_SIZE];
	size_t i;

	ASSERT_LT(0, sphere_fs_block(APP, 0, block, sizeof(block)));
	EXPECT_TRUE(sphere_has_line(block, "component %s",
				    sphere_uuid(id, APP)));
	EXPECT_TRUE(sphere_has_line(block, " name test%%20%d", APP));
	EXPECT_TRUE(sphere_has_line(block, " tenant tenant-%%C3%%A9"));
	EXPECT_TRUE(sphere_has_line(block, " uid %u", sphere_uid(APP)));
	for (i = 0; i < ARRAY_SIZE(grants); i++)
		EXPECT_TRUE(sphere_has_line(block, " grant %s", grants[i]))
			TH_LOG("grant %zu is not in\n%s", i, block);
	EXPECT_TRUE(sphere_has_line(block, " grant peer %s",
				    sphere_uuid(id, APP + 1)));
	EXPECT_TRUE(sphere_has_line(block, " grant peer %s",
				    sphere_uuid(id, APP + 2)));
	EXPECT_TRUE(sphere_has_line(block, " used 0 of 65536") ||
		    sphere_has_line(block, " used 0"))
		TH_LOG("%s", block);
	EXPECT_TRUE(sphere_has(block, "\n written "));
	EXPECT_FALSE(sphere_has(block, "\n policy "));
	EXPECT_FALSE(sphere_has(block, "\n missed "));
}

/* Names that could be taken for something else. */
TEST_F(components, have_names_of_one_word)
{
	static const char tenant[] = "a #\"%20 policy";
	char block[SPHERE_TEXT_MAX];
	struct sphere_blob record;
	const struct sphere_start start = {
		.who = OTHER,
		.record = &record,
		.uid = sphere_uid(OTHER),
	};
	struct sphere_agent agent;

	sphere_record_application(&record, OTHER);
	memset(sphere_header(&record)->name, 0, SPHERE_NAME_SIZE);
	memcpy(sphere_header(&record)->name, "-", 1);
	memcpy(sphere_header(&record)->tenant, tenant, sizeof(tenant));
	sphere_record_gpio(&record, " component ", 0, 1, 0);
	ASSERT_EQ(0, sphere_agent_start_patiently(&agent, &start));
	ASSERT_LT(0, sphere_fs_block(OTHER, 0, block, sizeof(block)));
	EXPECT_TRUE(sphere_has_line(block, " name %%2D"));
	EXPECT_TRUE(sphere_has_line(block, " tenant a%%20%%23%%22%%2520%%20policy"))
		TH_LOG("%s", block);
	EXPECT_TRUE(sphere_has_line(block, " grant gpio %%20component%%20 0 in"));
	EXPECT_EQ(0, sphere_agent_stop(&agent));
}

/* Each grant is what a policy can say. */
TEST_F(components, speak_the_language_of_policies)
{
	char block[SPHERE_TEXT_MAX], id[SPHERE_UUID_SIZE], *line, *rest;
	int count = 0;

	ASSERT_LT(0, sphere_fs_block(APP, 0, block, sizeof(block)));
	sphere_uuid(id, OTHER);
	for (line = strtok_r(block, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		if (strncmp(line, " grant ", 7))
			continue;
		count++;
		EXPECT_EQ(0, sphere_fs_set_policy("component %s allow %s\n",
						  id, line + 7))
			TH_LOG("%s", line);
	}
	EXPECT_LE(13, count);
}

TEST_F(components, say_what_the_policy_says_of_them)
{
	char block[SPHERE_TEXT_MAX], app[SPHERE_UUID_SIZE];
	char other[SPHERE_UUID_SIZE], *found;

	sphere_uuid(app, APP);
	sphere_uuid(other, OTHER);
	ASSERT_EQ(0, sphere_fs_set_policy("component %s deny gpio chip-a 0-200 out # x\n"
					  "component %s quarantine\n"
					  "component * limit storage 4096\n"
					  "nobody allow gpio chip-a 3 in\n",
					  app, other));
	ASSERT_LT(0, sphere_fs_block(APP, 0, block, sizeof(block)));
	EXPECT_TRUE(sphere_has_line(block, " policy deny gpio chip-a 0-200 out"))
		TH_LOG("%s", block);
	/* Said once, however many windows it is about. */
	found = strstr(block, "\n policy deny");
	ASSERT_NE(NULL, found);
	EXPECT_FALSE(sphere_has(found + 1, "\n policy deny"));
	EXPECT_TRUE(sphere_has_line(block, " policy limit storage 4096"));
	EXPECT_FALSE(sphere_has(block, "quarantine"));
	EXPECT_FALSE(sphere_has(block, "nobody"));
	EXPECT_TRUE(sphere_has(block, " of 4096\n"));
	/* What the record grants is said as it is. */
	EXPECT_TRUE(sphere_has_line(block, " grant gpio chip-a 1 out"));
}

static long do_denied(const struct sphere_call *call)
{
	long i, failed = 0;

	for (i = 0; i < call->a; i++)
		failed += sphere_do_sethostname(call) == -EPERM;
	return failed;
}

TEST_F(components, say_what_they_were_denied)
{
	char block[SPHERE_TEXT_MAX];
	const char *before;
	long count = 0;

	ASSERT_LT(0, sphere_fs_block(APP, 0, block, sizeof(block)));
	before = strstr(block, " denied capability ");
	if (before)
		count = atol(before + strlen(" denied capability "));
	EXPECT_EQ(50, sphere_call(&self->app, do_denied, 50, 0, NULL));
	ASSERT_LT(0, sphere_fs_block(APP, 0, block, sizeof(block)));
	EXPECT_TRUE(sphere_has_line(block, " denied capability %ld",
				    count + 50))
		TH_LOG("%s", block);
	EXPECT_TRUE(sphere_has(block, "\n missed "));
}

static bool wait_for_starts(int who, int count)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	int i;

	for (i = 0; i < 1000 && sphere_fs_starts(who) != count; i++)
		nanosleep(&pause, NULL);
	return sphere_fs_starts(who) == count;
}

TEST_F(components, are_there_as_long_as_they_live)
{
	const struct sphere_start again = {
		.who = APP,
		.uid = sphere_uid(APP),
	};
	struct sphere_agent second;
	char text[SPHERE_TEXT_MAX];

	EXPECT_TRUE(wait_for_starts(APP, 1));
	ASSERT_EQ(0, sphere_agent_start_patiently(&second, &again));
	EXPECT_EQ(2, sphere_fs_starts(APP));
	ASSERT_LT(0, sphere_fs_read("components", text, sizeof(text)));
	EXPECT_EQ(0, strncmp(text, "component ", strlen("component ")));
	EXPECT_TRUE(sphere_has(text, "\n\ncomponent "));
	EXPECT_FALSE(sphere_has(text, "\n\n\n"));
	EXPECT_EQ(0, sphere_agent_stop(&second));
	EXPECT_TRUE(wait_for_starts(APP, 1));
	EXPECT_EQ(0, sphere_agent_stop(&self->app));
	EXPECT_TRUE(wait_for_starts(APP, 0));
}

int main(int argc, char **argv)
{
	sphere_begin(argc, argv);
	sphere_fs_want_policy();
	return test_harness_run(argc, argv);
}
