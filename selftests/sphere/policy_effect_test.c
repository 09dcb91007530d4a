// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - What a policy does to applications that run
 *
 * What they have open when the policy changes is as good as what they ask for
 * afterwards: each use is tried before, under each policy, and after it.
 */

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "jffs2_common.h"
#include "sphere_actions.h"
#include "sphere_common.h"
#include "sphere_denial.h"
#include "sphere_gpio.h"
#include "sphere_mtd.h"
#include "sphere_policy.h"
#include "sphere_securityfs.h"

/* Only this test uses these. */
#define APP		1710
#define FRIEND		1711	/* lists APP, which lists it */
#define OTHER		1712	/* does so, too, and has lines of its own */
#define BARE		1713	/* has nothing */

static char app[SPHERE_UUID_SIZE], friend[SPHERE_UUID_SIZE];
static char other[SPHERE_UUID_SIZE], bare[SPHERE_UUID_SIZE];

/* A name that has to be written differently in a policy. */
#define LABEL		"sphere policy"
#define LABEL_WORD	"sphere%20policy"
#define PARTITION	"policy data"
#define PARTITION_WORD	"policy%20data"

#define BIT(n)		(1ULL << (n))

#define GOOD		"7301"
#define SERVED		"7303"
#define PEER_NAME	"@sphere-policy-peer"
#define DGRAM_NAME	"@sphere-policy-dgram"
#define APP_NAME	"@sphere-policy-app"

/* A policy, in which up to two components are named. */
struct change {
	const char *format;
	const char *first;
	const char *second;
};

static int set_policy(const struct change *change)
{
	char text[512], *end = text;
	const char *from = change->format;
	const char *id = change->first;

	/* "@" stands for an id: a name may have a percent sign. */
	for (; *from && end < text + sizeof(text) - SPHERE_UUID_SIZE; from++) {
		if (*from != '@') {
			*end++ = *from;
			continue;
		}
		end += sprintf(end, "%s", id);
		id = change->second ?: change->first;
	}
	*end = '\0';
	return sphere_fs_set_policy("%s\n", text);
}

#define EXPECT_POLICY(...)						\
	EXPECT_EQ(0, set_policy(&(struct change) { __VA_ARGS__ }))

static void reset(struct __test_metadata *_metadata)
{
	EXPECT_EQ(0, sphere_fs_reset_policy());
	EXPECT_EQ(0, sphere_fs_write("mode", "enforcing"));
}

/* GPIO lines. */

#define LINE_EVENT	0
#define LINE_OUT	1
#define LINE_OUT_V2	2
#define LINE_SYSFS	4
#define LINE_IN_V2	5
#define LINE_BOTH	6
#define LINE_OTHER	7

enum held {
	OUT_V1,
	EVENT_V1,
	OUT_V2,
	IN_V2,
	SYSFS,
	HELD,
};

FIXTURE(lines)
{
	struct sphere_chip chip;
	struct sphere_agent app, other;
	long held[HELD];
	long chip_fd, others_chip, others_line;
	int manager_chip;
};

static void record_lines(struct sphere_blob *record, int who, __u64 input,
			 __u64 output)
{
	sphere_record_application(record, who);
	sphere_record_gpio(record, LABEL, 0, input, output);
}

static int sysfs_file(const struct sphere_chip *chip, char path[PATH_MAX],
		      const char *file, int line)
{
	int len = snprintf(path, PATH_MAX, "/sys/class/gpio/chip%s/",
			   chip->node + strlen("gpiochip"));

	if (line >= 0)
		len += snprintf(path + len, PATH_MAX - len, "gpio%d/", line);
	return snprintf(path + len, PATH_MAX - len, "%s", file);
}

/* By the manager, as an output that everybody can write to; its value. */
static int export_line(const struct sphere_chip *chip, int line)
{
	char path[PATH_MAX], number[8];
	int error;

	sysfs_file(chip, path, "export", -1);
	snprintf(number, sizeof(number), "%d", line);
	error = sphere_write_text(path, number);
	sysfs_file(chip, path, "direction", line);
	if (!error)
		error = sphere_write_text(path, "low");
	sysfs_file(chip, path, "value", line);
	if (!error && chmod(path, 0666))
		error = -errno;
	return error;
}

static long request(struct sphere_agent *agent, long chip,
		    enum sphere_gpio_abi abi,
		    enum sphere_gpio_direction direction, int line)
{
	char number[8];

	snprintf(number, sizeof(number), "%d", line);
	return sphere_call(agent, sphere_do_request, chip,
			   SPHERE_PACK(abi, direction), number);
}

FIXTURE_SETUP(lines)
{
	struct sphere_blob record;
	char path[PATH_MAX];
	int i;

	reset(_metadata);
	self->app.pid = 0;
	if (sphere_chip_make(&self->chip, "sphere-policy", LABEL, 8))
		SKIP(return, "no CONFIG_GPIO_SIM");
	record_lines(&record, APP, BIT(LINE_EVENT) | BIT(LINE_IN_V2) |
		     BIT(LINE_BOTH), BIT(LINE_OUT) | BIT(LINE_OUT_V2) |
		     BIT(LINE_SYSFS) | BIT(LINE_BOTH));
	ASSERT_EQ(0, sphere_agent_with(&self->app, APP, &record));
	record_lines(&record, OTHER, BIT(LINE_OTHER), BIT(LINE_OTHER));
	ASSERT_EQ(0, sphere_agent_with(&self->other, OTHER, &record));
	self->chip_fd = sphere_call(&self->app, sphere_do_open, O_RDWR, 0,
				    self->chip.path);
	self->others_chip = sphere_call(&self->other, sphere_do_open, O_RDWR, 0,
					self->chip.path);
	self->manager_chip = open(self->chip.path, O_RDWR | O_CLOEXEC);
	ASSERT_EQ(0, export_line(&self->chip, LINE_SYSFS));
	sysfs_file(&self->chip, path, "value", LINE_SYSFS);
	self->held[OUT_V1] = request(&self->app, self->chip_fd, SPHERE_GPIO_V1,
				     SPHERE_GPIO_OUT, LINE_OUT);
	self->held[EVENT_V1] = request(&self->app, self->chip_fd,
				       SPHERE_GPIO_V1_EVENT, SPHERE_GPIO_IN,
				       LINE_EVENT);
	self->held[OUT_V2] = request(&self->app, self->chip_fd, SPHERE_GPIO_V2,
				     SPHERE_GPIO_OUT, LINE_OUT_V2);
	self->held[IN_V2] = request(&self->app, self->chip_fd, SPHERE_GPIO_V2,
				    SPHERE_GPIO_IN, LINE_IN_V2);
	self->held[SYSFS] = sphere_call(&self->app, sphere_do_open, O_RDWR, 0,
					path);
	for (i = 0; i < HELD; i++)
		ASSERT_LE(0, self->held[i])
			TH_LOG("%d", i);
	self->others_line = request(&self->other, self->others_chip,
				    SPHERE_GPIO_V2, SPHERE_GPIO_OUT,
				    LINE_OTHER);
	ASSERT_LE(0, self->others_line);
}

FIXTURE_TEARDOWN(lines)
{
	reset(_metadata);
	if (!self->app.pid)
		return;
	sphere_agent_stop(&self->app);
	sphere_agent_stop(&self->other);
	close(self->manager_chip);
	sphere_chip_remove(&self->chip);
}

#define OUT_CONFIG(abi)	SPHERE_PACK(abi, SPHERE_GPIO_OUT)
#define IN_CONFIG(abi)	SPHERE_PACK(abi, SPHERE_GPIO_IN)

static const struct {
	const char *name;
	enum held held;
	sphere_action *action;
	long b;
	/* What else it needs to be an input for. */
	bool output;
	/* The least and the largest answer while it is granted. */
	long least;
	long most;
} line_uses[] = {
	{ "set v1", OUT_V1, sphere_do_set_lines, SPHERE_GPIO_V1, true, 0, 0 },
	{ "get v1", OUT_V1, sphere_do_get_lines, SPHERE_GPIO_V1, true, 0, 1 },
	{ "config v1", OUT_V1, sphere_do_config_lines,
	  OUT_CONFIG(SPHERE_GPIO_V1), true, 0, 0 },
	{ "get event", EVENT_V1, sphere_do_get_lines, SPHERE_GPIO_V1_EVENT,
	  false, 0, 1 },
	{ "read event", EVENT_V1, sphere_do_read, 0, false, -EAGAIN, -EAGAIN },
	{ "poll event", EVENT_V1, sphere_do_poll, 0, false, 0, 0 },
	{ "set v2", OUT_V2, sphere_do_set_lines, SPHERE_GPIO_V2, true, 0, 0 },
	{ "get v2", OUT_V2, sphere_do_get_lines, SPHERE_GPIO_V2, true, 0, 1 },
	{ "config v2", OUT_V2, sphere_do_config_lines,
	  OUT_CONFIG(SPHERE_GPIO_V2), true, 0, 0 },
	{ "get v2 in", IN_V2, sphere_do_get_lines, SPHERE_GPIO_V2, false,
	  0, 1 },
	{ "config v2 in", IN_V2, sphere_do_config_lines,
	  IN_CONFIG(SPHERE_GPIO_V2), false, 0, 0 },
	{ "read v2 in", IN_V2, sphere_do_read, 0, false, -EAGAIN, -EAGAIN },
	{ "poll v2 in", IN_V2, sphere_do_poll, 0, false, 0, 0 },
	{ "sysfs", SYSFS, sphere_do_write, 0, true, 1, 1 },
};

/* Whether its use is as it should be. */
static bool line_use_is(struct sphere_agent *agent, const long *held, size_t i,
			bool refused)
{
	long got = sphere_call(agent, line_uses[i].action,
			       held[line_uses[i].held], line_uses[i].b, NULL);
	bool right = got >= line_uses[i].least && got <= line_uses[i].most;

	if (refused && line_uses[i].action == sphere_do_poll)
		right = got == (POLLHUP | POLLERR);
	else if (refused)
		right = got == -EACCES;
	if (!right)
		ksft_print_msg("%s: %ld\n", line_uses[i].name, got);
	return right;
}

static const struct {
	struct change change;
	bool no_input;
	bool no_output;
	bool others_too;
} line_changes[] = {
	{ { "component @ deny gpio " LABEL_WORD " 0-63 out", app },
	  .no_output = true },
	{ { "component @ deny gpio " LABEL_WORD " 0-63 in", app },
	  .no_input = true },
	{ { "component @ deny gpio " LABEL_WORD " 0-5,6 inout", app },
	  .no_input = true, .no_output = true },
	/* The same in other words. */
	{ { "component @ deny gpio %73phere%20%70olicy 0-63 in\n"
	    "component * deny gpio " LABEL_WORD " 0-6,64-99 out", app },
	  .no_input = true, .no_output = true },
	/* Whatever else is said. */
	{ { "component @ allow gpio " LABEL_WORD " 0-63 inout\n"
	    "component @ deny gpio " LABEL_WORD " 0-63 inout\n"
	    "component @ allow gpio " LABEL_WORD " 0-63 inout", app },
	  .no_input = true, .no_output = true },
	{ { "component @ quarantine\n"
	    "component @ allow gpio " LABEL_WORD " 0-63 inout", app },
	  .no_input = true, .no_output = true },
	{ { "component * deny gpio " LABEL_WORD " 0-63 inout" },
	  .no_input = true, .no_output = true, .others_too = true },
	{ { "component * quarantine" },
	  .no_input = true, .no_output = true, .others_too = true },
	/* Others' business. */
	{ { "component @ deny gpio " LABEL_WORD " 0-63 inout", bare } },
	{ { "component @ deny gpio sphere 0-63 inout", app } },
	{ { "component @ deny gpio " LABEL_WORD " 64-127 inout", app } },
};

TEST_F_TIMEOUT(lines, that_are_open_are_refused_and_come_back, 120)
{
	long got;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(line_changes); i++) {
		for (j = 0; j < ARRAY_SIZE(line_uses); j++)
			EXPECT_TRUE(line_use_is(&self->app, self->held, j,
						false));
		EXPECT_EQ(0, set_policy(&line_changes[i].change));
		for (j = 0; j < ARRAY_SIZE(line_uses); j++)
			EXPECT_TRUE(line_use_is(&self->app, self->held, j,
						line_uses[j].output ?
						line_changes[i].no_output :
						line_changes[i].no_input))
				TH_LOG("%s", line_changes[i].change.format);
		got = sphere_call(&self->other, sphere_do_set_lines,
				  self->others_line, SPHERE_GPIO_V2, NULL);
		EXPECT_EQ(line_changes[i].others_too ? -EACCES : 0, got);
		/* What is to be asked for. */
		got = request(&self->app, self->chip_fd, SPHERE_GPIO_V2,
			      SPHERE_GPIO_OUT, LINE_BOTH);
		EXPECT_TRUE(line_changes[i].no_output ? got == -EACCES :
							got >= 0);
		if (got >= 0)
			sphere_call(&self->app, sphere_do_close, got, 0, NULL);
		EXPECT_EQ(0, sphere_fs_reset_policy());
	}
	for (j = 0; j < ARRAY_SIZE(line_uses); j++)
		EXPECT_TRUE(line_use_is(&self->app, self->held, j, false));
}

/* An input stays one, where it may no longer be an output. */
TEST_F(lines, keep_the_direction_that_is_left)
{
	long line = request(&self->app, self->chip_fd, SPHERE_GPIO_V2,
			    SPHERE_GPIO_IN, LINE_BOTH);

	ASSERT_LE(0, line);
	EXPECT_POLICY("component @ deny gpio " LABEL_WORD " 6 out", app);
	EXPECT_LE(0, sphere_call(&self->app, sphere_do_get_lines, line,
				 SPHERE_GPIO_V2, NULL));
	EXPECT_EQ(-EACCES, sphere_call(&self->app, sphere_do_config_lines, line,
				       OUT_CONFIG(SPHERE_GPIO_V2), NULL));
	EXPECT_EQ(SPHERE_GPIO_INFO_USED,
		  sphere_gpio_info(self->manager_chip, SPHERE_GPIO_V2,
				   LINE_BOTH, false));
	EXPECT_EQ(0, sphere_fs_reset_policy());
	EXPECT_EQ(0, sphere_call(&self->app, sphere_do_config_lines, line,
				 OUT_CONFIG(SPHERE_GPIO_V2), NULL));
}

/* Not what it was opened as, but what it is. */
TEST_F(lines, are_judged_by_their_direction)
{
	long line = request(&self->app, self->chip_fd, SPHERE_GPIO_V2,
			    SPHERE_GPIO_IN, LINE_BOTH);

	ASSERT_LE(0, line);
	ASSERT_EQ(0, sphere_call(&self->app, sphere_do_config_lines, line,
				 OUT_CONFIG(SPHERE_GPIO_V2), NULL));
	EXPECT_POLICY("component @ deny gpio " LABEL_WORD " 6 out", app);
	EXPECT_EQ(-EACCES, sphere_call(&self->app, sphere_do_set_lines, line,
				       SPHERE_GPIO_V2, NULL));
	EXPECT_EQ(-EACCES, sphere_call(&self->app, sphere_do_get_lines, line,
				       SPHERE_GPIO_V2, NULL));
}

static long do_watch(const struct sphere_call *call)
{
	return sphere_gpio_info(call->a, SPHERE_GPIO_V2, call->b, true);
}

/* Nor is it told what others do with a line that it no longer has. */
TEST_F(lines, are_not_watched_any_more)
{
	const struct sphere_lines lines = { 1, { LINE_BOTH } };
	struct pollfd watcher = { .fd = self->manager_chip, .events = POLLIN };
	int line;

	ASSERT_LE(0, sphere_call(&self->app, do_watch, self->chip_fd, LINE_BOTH,
				 NULL));
	ASSERT_LE(0, sphere_do(do_watch, self->manager_chip, LINE_BOTH, NULL));
	EXPECT_EQ(-EAGAIN, sphere_call(&self->app, sphere_do_read,
				       self->chip_fd, 0, NULL));
	EXPECT_POLICY("component @ deny gpio " LABEL_WORD " 6 inout", app);
	line = sphere_gpio_request(self->manager_chip, SPHERE_GPIO_V2,
				   SPHERE_GPIO_OUT, &lines);
	ASSERT_LE(0, line);
	/* Who began to watch later has been told. */
	ASSERT_EQ(1, poll(&watcher, 1, 10000));
	EXPECT_GT(0, sphere_call(&self->app, sphere_do_read, self->chip_fd, 0,
				 NULL));
	close(line);
}

/* Blocks in a child of the agent, whose id is returned. */
static long do_begin_read(const struct sphere_call *call)
{
	pid_t pid = fork();
	char bytes[64];

	if (pid)
		return pid < 0 ? -errno : pid;
	fcntl(call->a, F_SETFL, 0);
	/* The second one was not there when the policy changed. */
	_exit(read(call->a, bytes, sizeof(bytes)) < 0 ||
	      read(call->a, bytes, sizeof(bytes)) < 0 ? errno : 0);
}

static long do_begin_accept(const struct sphere_call *call)
{
	pid_t pid = fork();
	int fd;

	if (pid)
		return pid < 0 ? -errno : pid;
	fcntl(call->a, F_SETFL, 0);
	fd = accept(call->a, NULL, NULL);
	_exit(fd < 0 || send(fd, "x", 1, MSG_NOSIGNAL) < 0 ? errno : 0);
}

/* What became of it, as an errno. */
static long do_end(const struct sphere_call *call)
{
	int status;

	return waitpid(call->a, &status, 0) == call->a ?
		WEXITSTATUS(status) : -ECHILD;
}

/* Waits until a process waits for something. */
static bool wait_until_asleep(pid_t pid)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	struct sphere_blob text;
	char path[40], *state;
	int i;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	for (i = 0; i < 10000; i++) {
		if (sphere_read_file(path, &text))
			return false;
		text.bytes[text.len] = '\0';
		state = strstr((char *)text.bytes, ") ");
		if (state && state[2] == 'S')
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

/* Who waited before may be told that once. */
TEST_F(lines, are_not_read_by_who_waited)
{
	long reader = sphere_call(&self->app, do_begin_read,
				  self->held[EVENT_V1], 0, NULL);

	ASSERT_LT(0, reader);
	ASSERT_TRUE(wait_until_asleep(reader));
	EXPECT_POLICY("component @ deny gpio " LABEL_WORD " 0 in", app);
	ASSERT_EQ(0, sphere_chip_pull(&self->chip, LINE_EVENT, true));
	EXPECT_EQ(EACCES, sphere_call(&self->app, do_end, reader, 0, NULL));
}

/* A line that was had while nobody checked is not kept. */
TEST_F(lines, that_were_had_unchecked_are_given_up)
{
	long line, before = sphere_fs_denials("gpio");

	EXPECT_EQ(0, sphere_fs_set_policy("check gpio off\n"));
	line = request(&self->other, self->others_chip, SPHERE_GPIO_V2,
		       SPHERE_GPIO_OUT, LINE_BOTH);
	ASSERT_LE(0, line);
	EXPECT_EQ(0, sphere_call(&self->other, sphere_do_set_lines, line,
				 SPHERE_GPIO_V2, NULL));
	EXPECT_EQ(before, sphere_fs_denials("gpio"));
	EXPECT_EQ(0, sphere_fs_set_policy("check gpio on\n"));
	EXPECT_EQ(-EACCES, sphere_call(&self->other, sphere_do_set_lines, line,
				       SPHERE_GPIO_V2, NULL));
	EXPECT_EQ(before + 1, sphere_fs_denials("gpio"));
	EXPECT_EQ(0, sphere_call(&self->other, sphere_do_set_lines,
				 self->others_line, SPHERE_GPIO_V2, NULL));
}

/* TCP and UDP. */

enum socket {
	TCP_CLIENT,
	TCP_MAPPED,	/* IPv4 by an IPv6 socket */
	TCP_LISTENER,
	TCP_ACCEPTED,
	UDP_CONNECTED,
	UDP_BOUND,
	SOCKETS,
};

/* What it needs. */
enum net_grant {
	TCP_CONNECT = 1,
	TCP_BIND = 2,
	UDP_CONNECT = 4,
	NET_ALL = 7,
};

FIXTURE(network)
{
	struct sphere_agent app;
	long fds[SOCKETS];
	/* The manager's. */
	int listener, udp, client;
};

static long opened(struct sphere_agent *agent, int family, int type,
		   sphere_action *action, const char *address)
{
	long fd, error;

	if (!agent) {
		fd = sphere_do(sphere_do_socket, family, type, NULL);
		error = sphere_do(action, fd, 0, address);
		return error < 0 ? error : fd;
	}
	fd = sphere_call(agent, sphere_do_socket, family, type, NULL);
	if (fd < 0)
		return fd;
	error = sphere_call(agent, action, fd, 0, address);
	return error < 0 ? error : fd;
}

FIXTURE_SETUP(network)
{
	struct sphere_blob record;
	int i;

	reset(_metadata);
	ASSERT_EQ(0, sphere_own_network());
	self->listener = opened(NULL, AF_INET, SOCK_STREAM, sphere_do_bind,
				"127.0.0.1 " GOOD);
	ASSERT_LE(0, self->listener);
	ASSERT_EQ(0, listen(self->listener, 64));
	self->udp = opened(NULL, AF_INET, SOCK_DGRAM, sphere_do_bind,
			   "127.0.0.1 " GOOD);
	ASSERT_LE(0, self->udp);
	sphere_record_application(&record, APP);
	sphere_record_bind(&record, IPPROTO_TCP, atoi(SERVED), atoi(SERVED));
	sphere_record_bind(&record, IPPROTO_UDP, atoi(SERVED), atoi(SERVED));
	sphere_record_connect(&record, IPPROTO_TCP, "127.0.0.1", 32, atoi(GOOD),
			      atoi(GOOD));
	sphere_record_connect(&record, IPPROTO_UDP, "127.0.0.1", 32, atoi(GOOD),
			      atoi(GOOD));
	sphere_record_sort_net(&record);
	ASSERT_EQ(0, sphere_agent_with(&self->app, APP, &record));
	self->fds[TCP_CLIENT] = opened(&self->app, AF_INET, SOCK_STREAM,
				       sphere_do_connect, "127.0.0.1 " GOOD);
	self->fds[TCP_MAPPED] = opened(&self->app, AF_INET6, SOCK_STREAM,
				       sphere_do_connect,
				       "::ffff:127.0.0.1 " GOOD);
	/* A kernel without IPv6. */
	if (self->fds[TCP_MAPPED] == -EAFNOSUPPORT)
		self->fds[TCP_MAPPED] = self->fds[TCP_CLIENT];
	self->fds[TCP_LISTENER] = opened(&self->app, AF_INET, SOCK_STREAM,
					 sphere_do_bind, "0.0.0.0 " SERVED);
	ASSERT_EQ(0, sphere_call(&self->app, sphere_do_listen,
				 self->fds[TCP_LISTENER], 0, NULL));
	self->client = opened(NULL, AF_INET, SOCK_STREAM, sphere_do_connect,
			      "127.0.0.1 " SERVED);
	ASSERT_LE(0, self->client);
	self->fds[TCP_ACCEPTED] = sphere_call(&self->app, sphere_do_accept,
					      self->fds[TCP_LISTENER], 0, NULL);
	self->fds[UDP_CONNECTED] = opened(&self->app, AF_INET, SOCK_DGRAM,
					  sphere_do_connect,
					  "127.0.0.1 " GOOD);
	self->fds[UDP_BOUND] = opened(&self->app, AF_INET, SOCK_DGRAM,
				      sphere_do_bind, "127.0.0.1 " SERVED);
	for (i = 0; i < SOCKETS; i++)
		ASSERT_LE(0, self->fds[i])
			TH_LOG("%d", i);
}

FIXTURE_TEARDOWN(network)
{
	reset(_metadata);
	sphere_agent_stop(&self->app);
	close(self->listener);
	close(self->udp);
	close(self->client);
}

static const struct {
	const char *name;
	enum socket socket;
	sphere_action *action;
	const char *address;
	enum net_grant needs;
	long works;
} net_uses[] = {
	{ "send", TCP_CLIENT, sphere_do_send, NULL, TCP_CONNECT, 1 },
	{ "write", TCP_CLIENT, sphere_do_write, NULL, TCP_CONNECT, 1 },
	{ "send mapped", TCP_MAPPED, sphere_do_send, NULL, TCP_CONNECT, 1 },
	{ "accept", TCP_LISTENER, sphere_do_accept, NULL, TCP_BIND, -EAGAIN },
	{ "listen", TCP_LISTENER, sphere_do_listen, NULL, TCP_BIND, 0 },
	{ "answer", TCP_ACCEPTED, sphere_do_send, NULL, TCP_BIND, 1 },
	{ "send udp", UDP_CONNECTED, sphere_do_send, NULL, UDP_CONNECT, 1 },
	{ "write udp", UDP_CONNECTED, sphere_do_write, NULL, UDP_CONNECT, 1 },
	{ "connect udp", UDP_CONNECTED, sphere_do_connect, "127.0.0.1 " GOOD,
	  UDP_CONNECT, 0 },
	{ "sendto udp", UDP_BOUND, sphere_do_send, "127.0.0.1 " GOOD,
	  UDP_CONNECT, 1 },
};

static const struct {
	struct change change;
	unsigned int refused;
} net_changes[] = {
	{ { "component @ deny tcp connect 127.0.0.0/8 1-65535", app },
	  TCP_CONNECT },
	{ { "component @ deny tcp connect 127.0.0.1 " GOOD, app },
	  TCP_CONNECT },
	{ { "component @ deny tcp bind 1-65535", app }, TCP_BIND },
	{ { "component @ deny udp connect 0.0.0.0/0 1-65535", app },
	  UDP_CONNECT },
	{ { "component * deny udp connect 127.0.0.1 " GOOD "\n"
	    "component @ deny tcp bind " SERVED, app },
	  UDP_CONNECT | TCP_BIND },
	{ { "component @ quarantine", app }, NET_ALL },
	{ { "component * quarantine\n"
	    "component @ allow tcp connect 127.0.0.1 " GOOD, app }, NET_ALL },
	{ { "component @ deny tcp connect 127.0.0.1 " SERVED "\n"
	    "component @ deny tcp connect 10.0.0.0/8 1-65535\n"
	    "component @ deny udp bind " GOOD, app }, 0 },
	{ { "component @ quarantine", bare }, 0 },
	{ { "nobody allow tcp bind 1", app }, 0 },
};

/* Reads what has come, so that there is always room. */
static void drain(int fd)
{
	char bytes[4096];

	while (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
}

static void expect_net(struct __test_metadata *_metadata,
		       struct sphere_agent *agent, const long *fds,
		       unsigned int refused, const char *why)
{
	long got, works;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(net_uses); i++) {
		got = sphere_call(agent, net_uses[i].action,
				  fds[net_uses[i].socket], 0,
				  net_uses[i].address);
		works = net_uses[i].works;
		EXPECT_EQ(net_uses[i].needs & refused ? -EACCES : works, got)
			TH_LOG("%s under %s", net_uses[i].name, why);
	}
}

TEST_F_TIMEOUT(network, sockets_are_refused_and_come_back, 120)
{
	const char *why;
	long got;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(net_changes); i++) {
		why = net_changes[i].change.format;
		expect_net(_metadata, &self->app, self->fds, 0, "none");
		EXPECT_EQ(0, set_policy(&net_changes[i].change));
		expect_net(_metadata, &self->app, self->fds,
			   net_changes[i].refused, why);
		got = opened(&self->app, AF_INET, SOCK_STREAM,
			     sphere_do_connect, "127.0.0.1 " GOOD);
		EXPECT_TRUE(net_changes[i].refused & TCP_CONNECT ?
				    got == -EACCES : got >= 0);
		EXPECT_EQ(0, sphere_fs_reset_policy());
		drain(self->udp);
		drain(self->client);
	}
	expect_net(_metadata, &self->app, self->fds, 0, "none");
}

/* What came before it was denied is nobody's business, but what is sent is. */
TEST_F(network, nothing_is_sent_by_who_was_stopped)
{
	char byte;

	drain(self->udp);
	EXPECT_POLICY("component @ quarantine", app);
	expect_net(_metadata, &self->app, self->fds, NET_ALL, "quarantine");
	EXPECT_EQ(-1, recv(self->udp, &byte, 1, MSG_DONTWAIT));
	EXPECT_EQ(-1, recv(self->client, &byte, 1, MSG_DONTWAIT));
	EXPECT_EQ(EAGAIN, errno);
}

/* A connection that somebody waited for before is of no use to him. */
TEST_F(network, connections_are_not_used_by_who_waited)
{
	long waiter = sphere_call(&self->app, do_begin_accept,
				  self->fds[TCP_LISTENER], 0, NULL);
	int client;

	ASSERT_LT(0, waiter);
	ASSERT_TRUE(wait_until_asleep(waiter));
	EXPECT_POLICY("component @ deny tcp bind " SERVED, app);
	client = opened(NULL, AF_INET, SOCK_STREAM, sphere_do_connect,
			"127.0.0.1 " SERVED);
	ASSERT_LE(0, client);
	EXPECT_EQ(EACCES, sphere_call(&self->app, do_end, waiter, 0, NULL));
	close(client);
}

/* Peers. */

enum peer_socket {
	APP_STREAM,
	FRIEND_STREAM,
	APP_DGRAM,
	APP_UNCONNECTED,
	FRIEND_DGRAM,
	PEER_SOCKETS,
};

FIXTURE(peers)
{
	struct sphere_agent app, friend, other;
	long fds[PEER_SOCKETS];
	/* What datagrams come to. */
	long friends_bound, others_dgram;
};

static int start_peer(struct sphere_agent *agent, int who)
{
	struct sphere_blob record;

	sphere_record_application(&record, who);
	sphere_record_peer(&record, who == APP ? FRIEND : APP);
	if (who == APP)
		sphere_record_peer(&record, OTHER);
	return sphere_agent_with(agent, who, &record);
}

FIXTURE_SETUP(peers)
{
	long listener, app_bound;
	int i;

	reset(_metadata);
	ASSERT_EQ(0, start_peer(&self->app, APP));
	ASSERT_EQ(0, start_peer(&self->friend, FRIEND));
	ASSERT_EQ(0, start_peer(&self->other, OTHER));
	listener = opened(&self->friend, AF_UNIX, SOCK_STREAM, sphere_do_bind,
			  PEER_NAME);
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, sphere_call(&self->friend, sphere_do_listen, listener, 0,
				 NULL));
	self->fds[APP_STREAM] = opened(&self->app, AF_UNIX, SOCK_STREAM,
				       sphere_do_connect, PEER_NAME);
	self->fds[FRIEND_STREAM] = sphere_call(&self->friend, sphere_do_accept,
					       listener, 0, NULL);
	self->friends_bound = opened(&self->friend, AF_UNIX, SOCK_DGRAM,
				     sphere_do_bind, DGRAM_NAME);
	ASSERT_LE(0, self->friends_bound);
	app_bound = opened(&self->app, AF_UNIX, SOCK_DGRAM, sphere_do_bind,
			   APP_NAME);
	ASSERT_LE(0, app_bound);
	self->fds[APP_DGRAM] = opened(&self->app, AF_UNIX, SOCK_DGRAM,
				      sphere_do_connect, DGRAM_NAME);
	self->fds[APP_UNCONNECTED] = app_bound;
	self->fds[FRIEND_DGRAM] = opened(&self->friend, AF_UNIX, SOCK_DGRAM,
					 sphere_do_connect, APP_NAME);
	self->others_dgram = opened(&self->other, AF_UNIX, SOCK_DGRAM,
				    sphere_do_connect, APP_NAME);
	for (i = 0; i < PEER_SOCKETS; i++)
		ASSERT_LE(0, self->fds[i])
			TH_LOG("%d", i);
	ASSERT_LE(0, self->others_dgram);
}

FIXTURE_TEARDOWN(peers)
{
	reset(_metadata);
	sphere_agent_stop(&self->app);
	sphere_agent_stop(&self->friend);
	sphere_agent_stop(&self->other);
}

static const struct {
	const char *name;
	enum peer_socket socket;
	sphere_action *action;
	const char *address;
} peer_uses[] = {
	{ "send stream", APP_STREAM, sphere_do_send, NULL },
	{ "write stream", APP_STREAM, sphere_do_write, NULL },
	{ "answer", FRIEND_STREAM, sphere_do_send, NULL },
	{ "send datagram", APP_DGRAM, sphere_do_send, NULL },
	{ "write datagram", APP_DGRAM, sphere_do_write, NULL },
	{ "sendto", APP_UNCONNECTED, sphere_do_send, DGRAM_NAME },
	{ "friend's datagram", FRIEND_DGRAM, sphere_do_send, NULL },
};

static const struct {
	struct change change;
	bool others_too;
} peer_changes[] = {
	{ { "component @ deny peer @", app, friend } },
	/* The other side is enough. */
	{ { "component @ deny peer @", friend, app } },
	{ { "component @ quarantine", friend } },
	{ { "component @ quarantine", app }, true },
	{ { "component * deny peer @", app }, true },
	{ { "component * quarantine" }, true },
	{ { "component @ allow peer @\ncomponent * quarantine", app, friend },
	  true },
};

static void expect_peers(struct __test_metadata *_metadata,
			 struct sphere_agent *app_agent,
			 struct sphere_agent *friend_agent, const long *fds,
			 long expected, const char *why)
{
	struct sphere_agent *agent;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(peer_uses); i++) {
		agent = peer_uses[i].socket == FRIEND_STREAM ||
			peer_uses[i].socket == FRIEND_DGRAM ? friend_agent :
							      app_agent;
		EXPECT_EQ(expected, sphere_call(agent, peer_uses[i].action,
						fds[peer_uses[i].socket], 0,
						peer_uses[i].address))
			TH_LOG("%s under %s", peer_uses[i].name, why);
	}
}

/* Datagrams wait for who reads them, and only so many. */
static void drain_agent(struct sphere_agent *agent, long fd)
{
	while (sphere_call(agent, sphere_do_read, fd, 0, NULL) > 0)
		;
}

TEST_F_TIMEOUT(peers, conversations_are_refused_and_come_back, 120)
{
	long got;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(peer_changes); i++) {
		const char *why = peer_changes[i].change.format;

		expect_peers(_metadata, &self->app, &self->friend, self->fds,
			     1, "none");
		EXPECT_EQ(0, set_policy(&peer_changes[i].change));
		expect_peers(_metadata, &self->app, &self->friend, self->fds,
			     -EACCES, why);
		got = opened(&self->app, AF_UNIX, SOCK_STREAM,
			     sphere_do_connect, PEER_NAME);
		EXPECT_EQ(-EACCES, got);
		got = sphere_call(&self->other, sphere_do_send,
				  self->others_dgram, 0, NULL);
		EXPECT_EQ(peer_changes[i].others_too ? -EACCES : 1, got)
			TH_LOG("%s", why);
		EXPECT_EQ(0, sphere_fs_reset_policy());
		drain_agent(&self->app, self->fds[APP_UNCONNECTED]);
		drain_agent(&self->friend, self->friends_bound);
	}
	expect_peers(_metadata, &self->app, &self->friend, self->fds, 1,
		     "none");
}

/* Raw flash. */

FIXTURE(flash)
{
	struct sphere_mtd_chip chip;
	struct sphere_agent app;
	int partition;
	long fd;
	char path[PATH_MAX];
};

FIXTURE_SETUP(flash)
{
	static const char *const names[] = { PARTITION, NULL };
	struct sphere_blob record;

	reset(_metadata);
	self->app.pid = 0;
	if (sphere_mtd_find(&self->chip, MTD_RAM, names))
		SKIP(return, "no flash in RAM in this kernel");
	self->partition = sphere_mtd_add(&self->chip, PARTITION, 0, 1);
	ASSERT_LE(0, self->partition);
	sphere_mtd_path(self->path, self->partition, SPHERE_MTD_CHAR);
	sphere_record_application(&record, APP);
	sphere_record_mtd(&record, PARTITION,
			  SPHERE_MTD_READ | SPHERE_MTD_WRITE);
	ASSERT_EQ(0, sphere_agent_with(&self->app, APP, &record));
	self->fd = sphere_call(&self->app, sphere_do_open, O_RDWR, 0,
			       self->path);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(flash)
{
	reset(_metadata);
	if (!self->app.pid)
		return;
	sphere_agent_stop(&self->app);
	EXPECT_EQ(0, sphere_mtd_remove(&self->chip, self->partition));
}

static long do_read_at_start(const struct sphere_call *call)
{
	char byte;
	ssize_t got = pread(call->a, &byte, 1, 0);

	return got < 0 ? -errno : got;
}

static long do_write_at_start(const struct sphere_call *call)
{
	ssize_t done = pwrite(call->a, "x", 1, 0);

	return done < 0 ? -errno : done;
}

static const struct {
	struct change change;
	bool no_read;
	bool no_write;
} flash_changes[] = {
	{ { "component @ deny mtd " PARTITION_WORD " write", app },
	  .no_write = true },
	{ { "component @ deny mtd " PARTITION_WORD " read", app },
	  .no_read = true, .no_write = true },
	{ { "component * deny mtd policy%20dat%61 read", app },
	  .no_read = true, .no_write = true },
	{ { "component @ quarantine", app },
	  .no_read = true, .no_write = true },
	{ { "component @ deny mtd policy read", app } },
	{ { "component @ deny mtd " PARTITION_WORD " read", bare } },
};

TEST_F(flash, that_is_open_is_refused_and_comes_back)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flash_changes); i++) {
		EXPECT_EQ(0, set_policy(&flash_changes[i].change));
		EXPECT_EQ(flash_changes[i].no_read ? -EACCES : 1,
			  sphere_call(&self->app, do_read_at_start, self->fd, 0,
				      NULL))
			TH_LOG("%s", flash_changes[i].change.format);
		EXPECT_EQ(flash_changes[i].no_write ? -EACCES : 1,
			  sphere_call(&self->app, do_write_at_start, self->fd,
				      0, NULL))
			TH_LOG("%s", flash_changes[i].change.format);
		EXPECT_EQ(flash_changes[i].no_read ? -EACCES : 0,
			  sphere_call(&self->app, sphere_do_try_open, O_RDONLY,
				      0, self->path));
		EXPECT_EQ(flash_changes[i].no_write ? -EACCES : 0,
			  sphere_call(&self->app, sphere_do_try_open, O_RDWR, 0,
				      self->path));
		EXPECT_EQ(0, sphere_fs_reset_policy());
		EXPECT_EQ(1, sphere_call(&self->app, do_write_at_start,
					 self->fd, 0, NULL));
	}
}

/* Storage. */

#define OWN		JFFS2_MNT "/own"
#define STORAGE		(16 * KIB)
/* A page is reserved before it is written; and headers. */
#define SLACK		(4096 + 1024)

FIXTURE(storage)
{
	struct sphere_agent app;
	int mtd;
};

static int own_directory(int who)
{
	if (mkdir(OWN, 0755) && errno != EEXIST)
		return -errno;
	return chown(OWN, sphere_uid(who), sphere_uid(who)) ? -errno : 0;
}

static int mount_fresh(int mtd)
{
	int error;

	mkdir(JFFS2_MNT, 0755);
	umount2(JFFS2_MNT, MNT_DETACH);
	error = jffs2_mtd_erase(mtd);
	return error ? error : jffs2_mount(mtd, 0, "usrquota");
}

FIXTURE_SETUP(storage)
{
	struct sphere_blob record;

	reset(_metadata);
	self->mtd = jffs2_mtd_find("mtdram");
	if (self->mtd < 0)
		SKIP(return, "there is no flash in RAM");
	ASSERT_EQ(0, mount_fresh(self->mtd));
	ASSERT_EQ(0, own_directory(APP));
	sphere_record_application(&record, APP);
	sphere_header(&record)->storage_bytes = htole64(STORAGE);
	ASSERT_EQ(0, sphere_agent_with(&self->app, APP, &record));
}

FIXTURE_TEARDOWN(storage)
{
	reset(_metadata);
	if (self->mtd < 0)
		return;
	sphere_agent_stop(&self->app);
	EXPECT_EQ(0, umount(JFFS2_MNT));
}

/* Appends @a bytes to the file, or until an error comes. */
static long do_append(const struct sphere_call *call)
{
	int fd = open(call->text, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
		      0600);
	unsigned char bytes[1024];
	long left, error = 0;

	if (fd < 0)
		return -errno;
	for (left = call->a; !error && left > 0; left -= sizeof(bytes)) {
		jffs2_random(bytes, sizeof(bytes));
		if (write(fd, bytes, sizeof(bytes)) < 0)
			error = -errno;
	}
	close(fd);
	return error;
}

static long do_unlink(const struct sphere_call *call)
{
	return unlink(call->text) ? -errno : 0;
}

static const struct {
	struct change change;
	long quota;
} storage_changes[] = {
	{ { "component @ limit storage 8192", app }, 8 * KIB },
	{ { "component @ limit storage 1000000", app }, STORAGE },
	{ { "component @ allow storage 24576", app }, 24 * KIB },
	{ { "component @ allow storage 4096", app }, STORAGE },
	{ { "component @ allow storage 32768\n"
	    "component * limit storage 12288", app }, 12 * KIB },
	{ { "component @ limit storage 0", app }, 0 },
	{ { "component * quarantine", app }, 0 },
	{ { "component @ limit storage 0", bare }, STORAGE },
};

TEST_F_TIMEOUT(storage, has_the_size_that_the_policy_leaves, 300)
{
	char block[SPHERE_TEXT_MAX], words[64];
	long long used;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(storage_changes); i++) {
		const long quota = storage_changes[i].quota;

		EXPECT_EQ(0, set_policy(&storage_changes[i].change));
		EXPECT_EQ(-EDQUOT, sphere_call(&self->app, do_append, 64 * KIB,
					       0, OWN "/file"));
		used = jffs2_used(USRQUOTA, sphere_uid(APP)).space;
		EXPECT_GE(quota ?: STORAGE, used);
		EXPECT_LE(quota - SLACK, used)
			TH_LOG("%lld under %s", used,
			       storage_changes[i].change.format);
		ASSERT_LT(0, sphere_fs_block(APP, 0, block, sizeof(block)));
		snprintf(words, sizeof(words), "\n used %lld of %ld\n", used,
			 quota);
		if (quota)
			EXPECT_TRUE(sphere_has(block, words))
				TH_LOG("no '%s' in %s", words + 1, block);
		EXPECT_EQ(0, sphere_fs_reset_policy());
		if (quota)
			EXPECT_EQ(0, sphere_call(&self->app, do_unlink, 0, 0,
						 OWN "/file"));
	}
}

/* Who has too much after a change may still delete, and what does not grow. */
TEST_F_TIMEOUT(storage, of_which_there_is_too_much_can_be_deleted, 120)
{
	ASSERT_EQ(0, sphere_call(&self->app, do_append, 8 * KIB, 0,
				 OWN "/file"));
	EXPECT_POLICY("component @ limit storage 4096", app);
	EXPECT_EQ(-EDQUOT, sphere_call(&self->app, do_append, 1, 0,
				       OWN "/file"));
	EXPECT_EQ(-EDQUOT, sphere_call(&self->app, do_append, 1, 0,
				       OWN "/new"));
	EXPECT_EQ(0, sphere_call(&self->app, do_unlink, 0, 0, OWN "/file"));
	EXPECT_EQ(0, sphere_call(&self->app, do_append, 1, 0, OWN "/file"));
}

/* Slices of capabilities. */

static const struct {
	struct change change;
	long answer;
} capability_changes[] = {
	{ { "component @ deny capability HostName", app }, -EPERM },
	{ { "component * deny capability HostName" }, -EPERM },
	{ { "component @ allow capability HostName\n"
	    "component @ deny capability HostName", app }, -EPERM },
	{ { "component @ quarantine", app }, -EPERM },
	{ { "component @ deny capability SystemTime", app }, 0 },
	{ { "component @ deny capability HostName", bare }, 0 },
};

TEST(capabilities_are_refused_and_come_back)
{
	struct sphere_agent agent;
	struct sphere_blob record;
	size_t i;

	reset(_metadata);
	sphere_record_application(&record, APP);
	sphere_header(&record)->capabilities =
		htole64(1ULL << SPHERE_CAP_HOST_NAME);
	ASSERT_EQ(0, sphere_agent_with(&agent, APP, &record));
	for (i = 0; i < ARRAY_SIZE(capability_changes); i++) {
		EXPECT_EQ(0, sphere_call(&agent, sphere_do_sethostname, 0, 0,
					 NULL));
		EXPECT_EQ(0, set_policy(&capability_changes[i].change));
		EXPECT_EQ(capability_changes[i].answer,
			  sphere_call(&agent, sphere_do_sethostname, 0, 0,
				      NULL))
			TH_LOG("change %zu", i);
		EXPECT_EQ(0, sphere_fs_reset_policy());
	}
	EXPECT_EQ(0, sphere_agent_stop(&agent));
}

/*
 * One attempt for each gate, by somebody who has been granted nothing.
 */

FIXTURE(gates)
{
	struct sphere_agent bare, friend, nobody;
	long friends_listener;
	struct sphere_chip chip;
	struct sphere_mtd_chip flash;
	int mtd, partition, listener, log;
};

/* With a listener, which is returned. */
static long start_friend(struct sphere_agent *agent)
{
	long listener = start_peer(agent, FRIEND), error;

	if (listener)
		return listener;
	listener = opened(agent, AF_UNIX, SOCK_STREAM, sphere_do_bind,
			  PEER_NAME);
	error = sphere_call(agent, sphere_do_listen, listener, 0, NULL);
	return error ? error : listener;
}

static char partition_path[PATH_MAX];
static struct sphere_policy syscalls;
static long restricted_nr = -1, denied_nr = -1;

static void find_numbers(void)
{
	unsigned int nr;

	if (sphere_policy_read(&syscalls))
		return;
	for (nr = 0; nr < syscalls.count; nr++) {
		if (syscalls.syscalls[nr].decision == SPHERE_ENOSYS)
			denied_nr = nr;
		/* Without effect with arguments that mean nothing. */
		if (syscalls.syscalls[nr].decision == SPHERE_RESTRICTED &&
		    !strcmp(syscalls.syscalls[nr].name, "setns"))
			restricted_nr = nr;
	}
}

FIXTURE_SETUP(gates)
{
	static const char *const names[] = { PARTITION, NULL };
	struct sphere_blob record;

	reset(_metadata);
	find_numbers();
	ASSERT_EQ(0, sphere_own_network());
	self->partition = 0;
	self->mtd = jffs2_mtd_find("mtdram");
	if (self->mtd < 0 || sphere_mtd_find(&self->flash, MTD_RAM, names))
		SKIP(return, "there is no flash in RAM");
	if (sphere_chip_make(&self->chip, "sphere-policy", LABEL, 8))
		SKIP(return, "no CONFIG_GPIO_SIM");
	ASSERT_EQ(0, mount_fresh(self->mtd));
	ASSERT_EQ(0, own_directory(BARE));
	self->partition = sphere_mtd_add(&self->flash, PARTITION, 0, 1);
	ASSERT_LE(0, self->partition);
	sphere_mtd_path(partition_path, self->partition, SPHERE_MTD_CHAR);
	self->listener = opened(NULL, AF_INET, SOCK_STREAM, sphere_do_bind,
				"127.0.0.1 " GOOD);
	ASSERT_LE(0, self->listener);
	ASSERT_EQ(0, listen(self->listener, 64));
	self->friends_listener = start_friend(&self->friend);
	ASSERT_LE(0, self->friends_listener);
	sphere_record_application(&record, BARE);
	ASSERT_EQ(0, sphere_agent_with(&self->bare, BARE, &record));
	ASSERT_EQ(0, sphere_agent_with(&self->nobody, SPHERE_NOBODY, NULL));
	self->log = sphere_log_open();
	ASSERT_LE(0, self->log);
}

FIXTURE_TEARDOWN(gates)
{
	reset(_metadata);
	if (self->mtd < 0 || !self->partition)
		return;
	sphere_agent_stop(&self->bare);
	sphere_agent_stop(&self->friend);
	sphere_agent_stop(&self->nobody);
	close(self->log);
	close(self->listener);
	sphere_chip_remove(&self->chip);
	EXPECT_EQ(0, umount(JFFS2_MNT));
	EXPECT_EQ(0, sphere_mtd_remove(&self->flash, self->partition));
}

/* @text: the chip. */
static long try_gpio(const struct sphere_call *call)
{
	const struct sphere_lines lines = { 1, { LINE_OUT } };
	int chip = open(call->text, O_RDWR | O_CLOEXEC), line;
	long result;

	if (chip < 0)
		return -errno;
	line = sphere_gpio_request(chip, SPHERE_GPIO_V2, SPHERE_GPIO_OUT,
				   &lines);
	if (line < 0)
		result = line;
	else
		result = sphere_gpio_set(line, SPHERE_GPIO_V2, 1, 0);
	close(line);
	close(chip);
	return result;
}

static long try_connect(const struct sphere_call *call)
{
	int family = call->text[0] == '@' ? AF_UNIX : AF_INET;
	long fd = sphere_do(sphere_do_socket, family, SOCK_STREAM, NULL);
	long error;

	if (fd < 0)
		return fd;
	error = sphere_do(sphere_do_connect, fd, 0, call->text);
	close(fd);
	return error;
}

/* Otherwise than by the policy, it is an error of the arguments. */
static long try_syscall(const struct sphere_call *call)
{
	long got = syscall(call->a, -1L, -1L, -1L, -1L, -1L, -1L);

	if (got != -1)
		return got;
	return errno == EPERM || errno == ENOSYS ? -errno : 0;
}

static const struct attempt {
	const char *gate;
	/* Only what a component can be allowed. */
	const char *allow;
	sphere_action *action;
	const char *text;
	long a;
	long refused;
	/* Also for who has no identity. */
	bool nobody;
} attempts[] = {
	{ "gpio", "gpio " LABEL_WORD " 1 out", try_gpio, NULL, 0, -EACCES,
	  true },
	{ "mtd", "mtd " PARTITION_WORD " read", sphere_do_try_open,
	  partition_path, O_RDONLY, -EACCES, true },
	{ "network", "tcp connect 127.0.0.0/8 " GOOD, try_connect,
	  "127.0.0.1 " GOOD, 0, -EACCES, true },
	{ "peer", "peer", try_connect, PEER_NAME, 0,
	  -EACCES, false },
	{ "capability", "capability HostName", sphere_do_sethostname, NULL, 0,
	  -EPERM, true },
	{ "storage", "storage 16384", do_append, OWN "/file", 100, -EDQUOT,
	  false },
	{ "syscall", NULL, try_syscall, NULL, -1, -EPERM, true },
};

static long try(struct sphere_agent *agent, const struct sphere_chip *chip,
		const struct attempt *attempt)
{
	const char *text = attempt->text ?: chip->path;

	return sphere_call(agent, attempt->action,
			   attempt->a == -1 ? restricted_nr : attempt->a, 0,
			   text);
}

static bool can_try(const struct attempt *attempt)
{
	return attempt->a != -1 || restricted_nr >= 0;
}

/* The friend has to allow it, too. */
static int widen(const char *who, const struct attempt *attempt)
{
	if (!strcmp(attempt->gate, "peer"))
		return sphere_fs_set_policy("component %s allow peer %s\n"
					    "component %s allow peer %s\n",
					    bare, friend, friend, bare);
	return sphere_fs_set_policy("%s allow %s\n", who, attempt->allow);
}

static void expect_widened(struct __test_metadata *_metadata,
			   struct sphere_agent *agent, const char *who,
			   const struct sphere_chip *chip, size_t i)
{
	EXPECT_EQ(attempts[i].refused, try(agent, chip, &attempts[i]))
		TH_LOG("%s", attempts[i].gate);
	ASSERT_EQ(0, widen(who, &attempts[i]));
	EXPECT_EQ(0, try(agent, chip, &attempts[i]))
		TH_LOG("%s", attempts[i].gate);
	ASSERT_EQ(0, sphere_fs_reset_policy());
	EXPECT_EQ(attempts[i].refused, try(agent, chip, &attempts[i]))
		TH_LOG("%s", attempts[i].gate);
}

TEST_F_TIMEOUT(gates, open_for_a_component, 120)
{
	char who[64];
	size_t i;

	snprintf(who, sizeof(who), "component %s", bare);
	for (i = 0; i < ARRAY_SIZE(attempts); i++)
		if (attempts[i].allow)
			expect_widened(_metadata, &self->bare, who,
				       &self->chip, i);
}

TEST_F_TIMEOUT(gates, open_for_every_component, 120)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(attempts); i++)
		if (attempts[i].allow)
			expect_widened(_metadata, &self->bare, "component *",
				       &self->chip, i);
}

TEST_F_TIMEOUT(gates, open_for_nobody, 120)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(attempts); i++) {
		if (!attempts[i].nobody || !attempts[i].allow)
			continue;
		expect_widened(_metadata, &self->nobody, "nobody", &self->chip,
			       i);
		/* Which is no component, nor the other way round. */
		ASSERT_EQ(0, widen("component *", &attempts[i]));
		EXPECT_EQ(attempts[i].refused,
			  try(&self->nobody, &self->chip, &attempts[i]));
		ASSERT_EQ(0, widen("nobody", &attempts[i]));
		EXPECT_EQ(attempts[i].refused,
			  try(&self->bare, &self->chip, &attempts[i]));
		ASSERT_EQ(0, sphere_fs_reset_policy());
	}
}

/* Denying wins, and quarantine over all. */
TEST_F(gates, stay_closed_for_who_is_quarantined)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(attempts); i++) {
		if (!attempts[i].allow || !strcmp(attempts[i].gate, "peer"))
			continue;
		ASSERT_EQ(0, sphere_fs_set_policy("component %s allow %s\n"
						  "component * quarantine\n",
						  bare, attempts[i].allow));
		EXPECT_EQ(attempts[i].refused,
			  try(&self->bare, &self->chip, &attempts[i]))
			TH_LOG("%s", attempts[i].gate);
	}
}

/* Neither counted nor said, while it is off. */
TEST_F_TIMEOUT(gates, are_turned_off_and_on, 120)
{
	struct sphere_denial denial;
	long before, by_number;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(attempts); i++) {
		if (!can_try(&attempts[i]))
			continue;
		before = sphere_fs_denials(attempts[i].gate);
		by_number = sphere_fs_syscall_denials(restricted_nr);
		sphere_log_skip(self->log);
		ASSERT_EQ(0, sphere_fs_set_policy("check %s off\n",
						  attempts[i].gate));
		EXPECT_EQ(0, try(&self->bare, &self->chip, &attempts[i]))
			TH_LOG("%s", attempts[i].gate);
		EXPECT_EQ(before, sphere_fs_denials(attempts[i].gate))
			TH_LOG("%s", attempts[i].gate);
		EXPECT_EQ(by_number, sphere_fs_syscall_denials(restricted_nr))
			TH_LOG("%s", attempts[i].gate);
		EXPECT_FALSE(sphere_log_next(self->log, self->bare.pid,
					     &denial))
			TH_LOG("%s", denial.gate);
		ASSERT_EQ(0, sphere_fs_set_policy("check %s on\n",
						  attempts[i].gate));
		EXPECT_EQ(attempts[i].refused,
			  try(&self->bare, &self->chip, &attempts[i]))
			TH_LOG("%s", attempts[i].gate);
		EXPECT_LT(before, sphere_fs_denials(attempts[i].gate));
	}
}

/* The other gates are not off. */
TEST_F(gates, are_turned_off_one_by_one)
{
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(attempts); i++) {
		ASSERT_EQ(0, sphere_fs_set_policy("check %s off\n",
						  attempts[i].gate));
		for (j = 0; j < ARRAY_SIZE(attempts); j++)
			if (i != j && can_try(&attempts[j]))
				EXPECT_EQ(attempts[j].refused,
					  try(&self->bare, &self->chip,
					      &attempts[j]))
					TH_LOG("attempt %zu with %zu off", j, i);
	}
}

/* Lines of this process in the log: permitted ones of this gate, and others. */
static void count_lines(int log, pid_t pid, const char *gate, int *permitted,
			int *denied)
{
	struct sphere_denial denial;

	*permitted = 0;
	*denied = 0;
	while (sphere_log_next(log, pid, &denial)) {
		if (denial.permitted)
			*permitted += !strcmp(denial.gate, gate);
		else
			(*denied)++;
	}
}

/* 0, or that this kernel has no such mode. */
static int be_permissive(void)
{
	return sphere_fs_write("mode", "permissive");
}

TEST_F_TIMEOUT(gates, let_pass_and_say_so_in_permissive_mode, 120)
{
	int permitted, denied, error;
	long before;
	size_t i;

	/* All of them: an interval that has begun ends first. */
	ASSERT_EQ(0, sphere_fs_set_policy("reports 10000 1\n"));
	error = be_permissive();
	if (error == -EOPNOTSUPP)
		SKIP(return, "no CONFIG_SECURITY_SPHERE_PERMISSIVE");
	ASSERT_EQ(0, error);
	EXPECT_TRUE(sphere_fs_is("mode", "permissive\n"));
	for (i = 0; i < ARRAY_SIZE(attempts); i++) {
		if (!can_try(&attempts[i]))
			continue;
		before = sphere_fs_denials(attempts[i].gate);
		sphere_log_skip(self->log);
		EXPECT_EQ(0, try(&self->bare, &self->chip, &attempts[i]))
			TH_LOG("%s", attempts[i].gate);
		EXPECT_LT(before, sphere_fs_denials(attempts[i].gate));
		count_lines(self->log, self->bare.pid, attempts[i].gate,
			    &permitted, &denied);
		EXPECT_LE(1, permitted)
			TH_LOG("%s", attempts[i].gate);
		EXPECT_EQ(0, denied)
			TH_LOG("%s", attempts[i].gate);
	}
	ASSERT_EQ(0, sphere_fs_write("mode", "enforcing\n"));
	EXPECT_TRUE(sphere_fs_is("mode", "enforcing\n"));
	for (i = 0; i < ARRAY_SIZE(attempts); i++)
		if (can_try(&attempts[i]))
			EXPECT_EQ(attempts[i].refused,
				  try(&self->bare, &self->chip, &attempts[i]))
				TH_LOG("attempt %zu", i);
}

static long do_mount(const struct sphere_call *call)
{
	return mount("none", "/tmp", call->text, 0, NULL) ? -errno : 0;
}

/* That gate opens, and Linux' rules are behind it. */
TEST_F(gates, to_mounts_is_open_in_permissive_mode)
{
	int permitted, denied;

	ASSERT_EQ(0, sphere_fs_set_policy("reports 10000 1\n"));
	EXPECT_EQ(-EPERM, sphere_call(&self->bare, do_mount, 0, 0, "tmpfs"));
	if (be_permissive() == -EOPNOTSUPP)
		SKIP(return, "no CONFIG_SECURITY_SPHERE_PERMISSIVE");
	sphere_log_skip(self->log);
	sphere_call(&self->bare, do_mount, 0, 0, "no such type");
	count_lines(self->log, self->bare.pid, "mount", &permitted, &denied);
	EXPECT_EQ(1, permitted);
	EXPECT_EQ(0, denied);
}

#define SET_ID_FILE	"/tmp/sphere-policy-suid"
#define SECRET_FILE	"/tmp/sphere-policy-secret"

/* What makes another one of a task, and what was never there. */
TEST_F(gates, that_are_closed_for_all_stay_so_in_permissive_mode)
{
	const struct sphere_start root = {
		.who = OTHER,
		.uid = 0,
		.all_capabilities = true,
	};
	struct sphere_agent strong;
	char path[PATH_MAX];
	long execs, traces;

	sphere_beside(path, "sphere_report");
	ASSERT_EQ(0, sphere_copy(path, SET_ID_FILE, 04755));
	ASSERT_EQ(0, sphere_copy(path, SECRET_FILE, 0600));
	ASSERT_EQ(0, chown(SECRET_FILE, SPHERE_NOBODYS_UID, SPHERE_NOBODYS_UID));
	if (be_permissive() == -EOPNOTSUPP)
		SKIP(return, "no CONFIG_SECURITY_SPHERE_PERMISSIVE");
	EXPECT_TRUE(sphere_fs_is("mode", "permissive\n"));
	ASSERT_EQ(0, sphere_agent_start_patiently(&strong, &root));
	execs = sphere_fs_denials("exec");
	traces = sphere_fs_denials("trace");
	EXPECT_EQ(-EPERM, sphere_call(&self->bare, sphere_do_report_is, BARE, 0,
				      SET_ID_FILE));
	EXPECT_LT(execs, sphere_fs_denials("exec"));
	snprintf(path, sizeof(path), "/proc/%d/environ", getpid());
	EXPECT_EQ(-EACCES, sphere_call(&strong, sphere_do_try_open, O_RDONLY, 0,
				       path));
	EXPECT_LT(traces, sphere_fs_denials("trace"));
	/* Linux' capabilities do nothing, nor does it give itself an identity. */
	EXPECT_EQ(-EACCES, sphere_call(&strong, sphere_do_try_open, O_RDONLY, 0,
				       SECRET_FILE));
	EXPECT_EQ(-EPERM, sphere_call(&strong, sphere_do_pend, SPHERE_MANAGER,
				      0, NULL));
	sphere_fs_path(path, "mode");
	EXPECT_EQ(-EPERM, sphere_call(&strong, sphere_do_try_open, O_RDWR, 0,
				      path));
	if (denied_nr >= 0)
		EXPECT_EQ(-ENOSYS, sphere_call(&self->bare, try_syscall,
					       denied_nr, 0, NULL));
	EXPECT_EQ(0, sphere_agent_stop(&strong));
	unlink(SET_ID_FILE);
	unlink(SECRET_FILE);
}

/*
 * Policies that change while they are asked for.
 */

#define WRITERS		4
#define SWAP_SECONDS	5

static const char *const swapped[] = {
	"version 1\n",
	"version 1\ncomponent * quarantine\n",
	"version 1\ncheck gpio off\ncheck network off\ncheck peer off\n",
	"version 1\ncomponent * deny gpio " LABEL_WORD " 0-7 inout\n"
	"component * deny tcp connect 127.0.0.0/8 1-65535\n",
	"version 1\nreports 10000 1\ncomponent * limit storage 0\n",
	/* Wrong. */
	"version 1\ncheck exec off\n",
	"version 2\n",
	"version 1\ncomponent * allow gpio " LABEL_WORD " 0-4294967295 in\n",
};

static __noreturn void swap_policies(unsigned int seed)
{
	unsigned int i;

	for (i = seed;; i++)
		sphere_fs_write("policy", swapped[i % ARRAY_SIZE(swapped)]);
}

static bool is_valid_policy(const char *text)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(swapped) - 3; i++)
		if (!strcmp(text, swapped[i]))
			return true;
	return false;
}

/* What each use can be told by one of the policies. */
struct answers {
	const char *name;
	long works;
	int worked;
	int refused;
	int strange;
};

static void note_answer(struct answers *answers, long got)
{
	if (got == answers->works)
		answers->worked++;
	else if (got == -EACCES)
		answers->refused++;
	else if (!answers->strange++)
		ksft_print_msg("%s: %ld\n", answers->name, got);
}

static bool time_is_over(const struct timespec *start, int seconds)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - start->tv_sec >= seconds;
}

static void fill_swap_record(struct sphere_blob *record)
{
	sphere_record_application(record, APP);
	sphere_record_gpio(record, LABEL, 0, 0, BIT(LINE_OUT) |
			   BIT(LINE_OUT_V2));
	sphere_record_connect(record, IPPROTO_TCP, "127.0.0.1", 32, atoi(GOOD),
			      atoi(GOOD));
	sphere_record_peer(record, FRIEND);
}

static void use_while_swapped(struct __test_metadata *_metadata,
			      struct sphere_agent *agent, long held, long tcp,
			      int server, const struct sphere_chip *chip)
{
	struct answers answers[] = {
		{ "set" }, { "request" }, { "send", 1 }, { "connect" },
		{ "talk" },
	};
	static char text[SPHERE_TEXT_MAX];
	struct timespec start;
	size_t i;

	clock_gettime(CLOCK_MONOTONIC, &start);
	while (!time_is_over(&start, SWAP_SECONDS)) {
		note_answer(&answers[0],
			    sphere_call(agent, sphere_do_set_lines, held,
					SPHERE_GPIO_V2, NULL));
		note_answer(&answers[1], sphere_call(agent, try_gpio, 0, 0,
						     chip->path));
		note_answer(&answers[2], sphere_call(agent, sphere_do_send, tcp,
						     0, NULL));
		drain(server);
		note_answer(&answers[3], sphere_call(agent, try_connect, 0, 0,
						     "127.0.0.1 " GOOD));
		note_answer(&answers[4], sphere_call(agent, try_connect, 0, 0,
						     PEER_NAME));
		ASSERT_LT(0, sphere_fs_read("policy", text, sizeof(text)));
		ASSERT_TRUE(is_valid_policy(text))
			TH_LOG("'%s'", text);
		ASSERT_LT(0, sphere_fs_read("components", text, sizeof(text)));
		ASSERT_LE(0, sphere_fs_read("policy_error", text,
					    sizeof(text)));
	}
	for (i = 0; i < ARRAY_SIZE(answers); i++) {
		ksft_print_msg("%s: %d worked, %d refused\n", answers[i].name,
			       answers[i].worked, answers[i].refused);
		EXPECT_EQ(0, answers[i].strange);
		EXPECT_LT(0, answers[i].worked);
		EXPECT_LT(0, answers[i].refused);
	}
}

/* Accepts what comes, so that nobody finds a full queue. */
static __noreturn void serve_forever(int listener)
{
	struct pollfd fd = { .fd = listener, .events = POLLIN };

	for (;;) {
		poll(&fd, 1, -1);
		close(accept(listener, NULL, NULL));
	}
}

/* The same by a child, until who has asked for it ends. */
static long do_serve(const struct sphere_call *call)
{
	pid_t pid = fork();

	if (pid)
		return pid < 0 ? -errno : pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	serve_forever(call->a);
}

TEST_F_TIMEOUT(gates, while_policies_are_swapped, 60)
{
	struct sphere_agent agent;
	struct sphere_blob record;
	pid_t writers[WRITERS + 1];
	long chip, line, tcp;
	int server, i;

	fill_swap_record(&record);
	ASSERT_EQ(0, sphere_agent_with(&agent, APP, &record));
	chip = sphere_call(&agent, sphere_do_open, O_RDWR, 0, self->chip.path);
	line = request(&agent, chip, SPHERE_GPIO_V2, SPHERE_GPIO_OUT,
		       LINE_OUT_V2);
	ASSERT_LE(0, line);
	tcp = opened(&agent, AF_INET, SOCK_STREAM, sphere_do_connect,
		     "127.0.0.1 " GOOD);
	ASSERT_LE(0, tcp);
	server = accept4(self->listener, NULL, NULL, SOCK_NONBLOCK);
	ASSERT_LE(0, server);
	ASSERT_LT(0, sphere_call(&self->friend, do_serve,
				 self->friends_listener, 0, NULL));
	writers[WRITERS] = fork();
	if (!writers[WRITERS])
		serve_forever(self->listener);
	for (i = 0; i < WRITERS; i++) {
		writers[i] = fork();
		if (!writers[i])
			swap_policies(2 * i);
	}
	use_while_swapped(_metadata, &agent, line, tcp, server, &self->chip);
	for (i = 0; i <= WRITERS; i++) {
		kill(writers[i], SIGKILL);
		waitpid(writers[i], NULL, 0);
	}
	EXPECT_EQ(0, sphere_fs_reset_policy());
	EXPECT_EQ(0, sphere_call(&agent, sphere_do_set_lines, line,
				 SPHERE_GPIO_V2, NULL));
	EXPECT_EQ(0, sphere_agent_stop(&agent));
}

int main(int argc, char **argv)
{
	sphere_begin(argc, argv);
	sphere_fs_want_policy();
	sphere_uuid(app, APP);
	sphere_uuid(friend, FRIEND);
	sphere_uuid(other, OTHER);
	sphere_uuid(bare, BARE);
	return test_harness_run(argc, argv);
}
