// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - Ordinary programs start and run, whatever their C library
 *
 * One program, sphere_libc, is built with several libraries and executed as an
 * application, and as nobody, in a directory of its own.  It says which of its
 * features have worked; here is which there have to be.  A name server of the
 * manager's answers on the loopback interface of a network namespace of its own.
 */

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "kselftest_harness.h"
#include "sphere_common.h"

#define APP		1600

#define DIRECTORY	"/tmp/sphere-libc"

#define DNS_PORT	53
/* To where musl connects to find out whether there are addresses (AI_ADDRCONFIG). */
#define MUSL_PORT	65535

/* Seconds without a line, and for all lines. */
#define SILENCE		120
#define PATIENCE	1200

#define GLIBC		0x1
#define GLIBC_DYNAMIC	0x2
#define MUSL		0x4
#define NOLIBC		0x8
#define ALL		(GLIBC | GLIBC_DYNAMIC | MUSL | NOLIBC)
#define FULL		(GLIBC | GLIBC_DYNAMIC | MUSL)

/* Who has what; and what only those have who may ask the name server. */
static const struct {
	const char *name;
	unsigned int libcs;
	bool network;
} features[] = {
	{ "argument_list", ALL },
	{ "environment", ALL },
	{ "auxiliary_vector", ALL },
	{ "ids", ALL },
	{ "exit_status", ALL },
	{ "abort_signal", ALL },
	{ "fault_signal", ALL },
	{ "core_dump", ALL },
	{ "fork_and_wait", ALL },
	{ "exec_again", ALL },
	{ "vfork_and_exec", ALL },
	{ "kill_child", ALL },
	{ "process_group", ALL },
	{ "yield", ALL },
	{ "machine_name", ALL },
	{ "malloc_small", ALL },
	{ "malloc_large", ALL },
	{ "map_anonymous", ALL },
	{ "map_file", ALL },
	{ "memory_file", ALL },
	{ "deep_stack", ALL },
	{ "streams", ALL },
	{ "file_contents", ALL },
	{ "file_names", ALL },
	{ "directories", ALL },
	{ "descriptors", ALL },
	{ "limits", ALL },
	{ "clocks", ALL },
	{ "sleeping", ALL },
	{ "sleeping_until", ALL },
	{ "timer_descriptor", ALL },
	{ "poll_loop", ALL },
	{ "select_loop", ALL },
	{ "random_bytes", ALL },
	{ "spawn", FULL },
	{ "spawn_redirected", FULL },
	{ "popen_read", FULL },
	{ "popen_write", FULL },
	{ "system_status", FULL },
	{ "waitid_status", FULL },
	{ "at_exit", FULL },
	{ "resources_used", FULL },
	{ "passwd_entry", FULL },
	{ "protection", FULL },
	{ "memory_advice", FULL },
	{ "more_streams", FULL },
	{ "temporary_files", FULL },
	{ "more_file_names", FULL },
	{ "positions", FULL },
	{ "sorted_directory", FULL },
	{ "file_lock", FULL },
	{ "record_lock", FULL },
	{ "threads", FULL },
	{ "thread_mutex", FULL },
	{ "thread_condition", FULL },
	{ "thread_condition_timeout", FULL },
	{ "thread_local_storage", FULL },
	{ "thread_other_locks", FULL },
	{ "robust_mutex", FULL },
	{ "thread_cancel", FULL },
	{ "thread_signal", FULL },
	{ "exec_from_thread", FULL },
	{ "fork_from_thread", FULL },
	{ "signal_handler", FULL },
	{ "signal_value", FULL },
	{ "signal_mask", FULL },
	{ "signal_wait", FULL },
	{ "signal_stack", FULL },
	{ "interrupted_call", FULL },
	{ "alarm_signal", FULL },
	{ "timer_signal", FULL },
	{ "timer_thread", FULL },
	{ "calendar", FULL },
	{ "ppoll_signal", FULL },
	{ "pselect_signal", FULL },
	{ "epoll_loop", FULL },
	{ "entropy", FULL },
	{ "socket_pair", FULL },
	{ "socket_server", FULL },
	{ "numeric_address", FULL },
	{ "hosts_file", FULL },
	{ "dns_ipv4", FULL, true },
	{ "dns_ipv6", FULL, true },
	{ "dns_both", FULL, true },
	{ "dns_configured", FULL, true },
	{ "dns_missing", FULL, true },
	{ "heap_break", GLIBC | GLIBC_DYNAMIC },
	{ "arc4", GLIBC | GLIBC_DYNAMIC },
	{ "shared_object", GLIBC_DYNAMIC },
};

/*
 * The name server
 */

#define DNS_HEADER	12
#define DNS_A		1
#define DNS_AAAA	28
#define DNS_NO_SUCH_NAME 3

/* The one name that it has: device.sphere.test. */
static const char dns_name[] = "\6device\6sphere\4test";

/* Makes an answer of a question in place; its length, 0 for none. */
static size_t dns_answer(unsigned char *packet, size_t len)
{
	static const unsigned char v4[] = { 192, 0, 2, 7 };
	static const unsigned char v6[] = { 0x20, 0x01, 0x0d, 0xb8,
					    [15] = 0x07 };
	size_t end = DNS_HEADER + sizeof(dns_name) + 4, size;
	const unsigned char *address;
	bool known;

	if (len < DNS_HEADER + 5 || packet[4] || packet[5] != 1)
		return 0;
	known = len >= end && !memcmp(packet + DNS_HEADER, dns_name,
				      sizeof(dns_name));
	/* A response, authoritative, and recursion is available. */
	packet[2] |= 0x84;
	packet[3] = known ? 0x80 : 0x80 | DNS_NO_SUCH_NAME;
	if (!known)
		return len;
	switch (packet[end - 3]) {
	case DNS_A:
		address = v4;
		size = sizeof(v4);
		break;
	case DNS_AAAA:
		address = v6;
		size = sizeof(v6);
		break;
	default:
		return len;
	}
	/* One answer and nothing after it: the name is that of the question. */
	memset(packet + 6, 0, 6);
	packet[7] = 1;
	memcpy(packet + end, (unsigned char [])
	       { 0xc0, DNS_HEADER, 0, packet[end - 3], 0, 1, 0, 0, 0, 60, 0,
		 size }, 12);
	memcpy(packet + end + 12, address, size);
	return end + 12 + size;
}

static __noreturn void dns_serve(int fd, unsigned int *questions)
{
	struct sockaddr_storage client;
	unsigned char packet[512 + 32];
	socklen_t size;
	ssize_t len;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		size = sizeof(client);
		len = recvfrom(fd, packet, 512, 0, (void *)&client, &size);
		if (len <= 0)
			continue;
		++*questions;
		len = dns_answer(packet, len);
		if (len)
			sendto(fd, packet, len, 0, (void *)&client, size);
	}
}

/* The process that serves, and how many questions it has got. */
static pid_t dns_start(unsigned int **questions)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(DNS_PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	*questions = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (*questions == MAP_FAILED ||
	    bind(fd, (const void *)&address, sizeof(address)))
		return -1;
	pid = fork();
	if (!pid)
		dns_serve(fd, *questions);
	close(fd);
	return pid;
}

/*
 * The machine as the program sees it
 */

static __printf(2, 3) int write_etc(const char *name, const char *format, ...)
{
	char path[64], text[256];
	va_list arguments;
	int fd;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	snprintf(path, sizeof(path), "/etc/%s", name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	close(fd);
	return sphere_write_text(path, text);
}

/* A directory for the program, and /etc, which nobody else sees. */
static int make_directories(uid_t uid)
{
	char options[32];

	snprintf(options, sizeof(options), "mode=700,uid=%u", uid);
	mkdir(DIRECTORY, 0700);
	mkdir("/etc", 0755);
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", DIRECTORY, "tmpfs", 0, options) ||
	    mount("tmpfs", "/etc", "tmpfs", 0, "mode=755"))
		return -errno;
	return write_etc("passwd", "tester:x:%u:%u::/:/bin/sh\n", uid, uid) ?:
		write_etc("hosts", "127.0.0.1 localhost\n"
			  "192.0.2.9 listed.sphere.test\n") ?:
		write_etc("nsswitch.conf", "passwd: files\nhosts: files dns\n"
			  "services: files\nprotocols: files\n") ?:
		write_etc("resolv.conf", "nameserver 127.0.0.1\n");
}

/*
 * Running it
 */

enum outcome {
	MISSING,
	OK,
	FAILED,
};

/* What came of it. */
struct run {
	enum outcome outcomes[ARRAY_SIZE(features)];
	char details[ARRAY_SIZE(features)][120];
	unsigned int unknown;
	bool identity_is_right;
	int status;
};

FIXTURE(libc)
{
	char program[PATH_MAX];
	struct sphere_blob record;
	pid_t server;
	unsigned int *questions;
	struct run run;
};

FIXTURE_VARIANT(libc)
{
	const char *program;
	unsigned int libc;
	int who;
};

FIXTURE_VARIANT_ADD(libc, glibc_application)
{
	.program = "sphere_libc_glibc",
	.libc = GLIBC,
	.who = APP,
};

FIXTURE_VARIANT_ADD(libc, glibc_nobody)
{
	.program = "sphere_libc_glibc",
	.libc = GLIBC,
	.who = SPHERE_NOBODY,
};

FIXTURE_VARIANT_ADD(libc, dynamic_application)
{
	.program = "sphere_libc_dynamic",
	.libc = GLIBC_DYNAMIC,
	.who = APP,
};

FIXTURE_VARIANT_ADD(libc, dynamic_nobody)
{
	.program = "sphere_libc_dynamic",
	.libc = GLIBC_DYNAMIC,
	.who = SPHERE_NOBODY,
};

FIXTURE_VARIANT_ADD(libc, musl_application)
{
	.program = "sphere_libc_musl",
	.libc = MUSL,
	.who = APP,
};

FIXTURE_VARIANT_ADD(libc, musl_nobody)
{
	.program = "sphere_libc_musl",
	.libc = MUSL,
	.who = SPHERE_NOBODY,
};

FIXTURE_VARIANT_ADD(libc, nolibc_application)
{
	.program = "sphere_libc_nolibc",
	.libc = NOLIBC,
	.who = APP,
};

FIXTURE_VARIANT_ADD(libc, nolibc_nobody)
{
	.program = "sphere_libc_nolibc",
	.libc = NOLIBC,
	.who = SPHERE_NOBODY,
};

static void make_record(struct sphere_blob *record, int who)
{
	if (who <= 0) {
		sphere_record_of(record, who);
		return;
	}
	sphere_record_application(record, who);
	sphere_record_connect(record, IPPROTO_UDP, "127.0.0.1", 32, DNS_PORT,
			      DNS_PORT);
	sphere_record_connect(record, IPPROTO_UDP, "127.0.0.1", 32, MUSL_PORT,
			      MUSL_PORT);
	sphere_record_connect(record, IPPROTO_UDP, "::1", 128, MUSL_PORT,
			      MUSL_PORT);
	sphere_record_sort_net(record);
}

FIXTURE_SETUP(libc)
{
	sphere_beside(self->program, variant->program);
	if (access(self->program, X_OK))
		SKIP(return, "%s was not built\n", variant->program);
	make_record(&self->record, variant->who);
	ASSERT_EQ(0, make_directories(sphere_uid(variant->who)));
	ASSERT_EQ(0, sphere_own_network());
	self->server = dns_start(&self->questions);
	ASSERT_LT(0, self->server);
}

FIXTURE_TEARDOWN(libc)
{
	if (self->server > 0) {
		kill(self->server, SIGKILL);
		waitpid(self->server, NULL, 0);
	}
}

static __noreturn void become(const char *path,
			      const struct sphere_start *start, int output)
{
	char *const arguments[] = { (char *)path, "two words", "", NULL };
	char *const environment[] = { "SPHERE_LIBC=an = b", "EMPTY=",
				      "PATH=/bin", NULL };
	int error;

	/* As a program finds them that a service manager starts. */
	signal(SIGPIPE, SIG_DFL);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	error = chdir(DIRECTORY) ? -errno : sphere_prepare(start);
	if (!error) {
		execve(path, arguments, environment);
		error = -errno;
	}
	dprintf(output, "# cannot start: %s\n", strerror(-error));
	_exit(126);
}

/* A line of the program's, with @detail from the lines before it. */
static void take_line(struct run *run, const char *line, char *detail,
		      size_t size)
{
	char name[64], outcome[16];
	size_t used = strlen(detail), i;

	if (*line == '#') {
		snprintf(detail + used, size - used, "%s%s", used ? ";" : "",
			 line + 1);
		return;
	}
	if (sscanf(line, "%63s %15s", name, outcome) != 2)
		*name = '\0';
	for (i = 0; i < ARRAY_SIZE(features); i++)
		if (!strcmp(features[i].name, name))
			break;
	if (i == ARRAY_SIZE(features)) {
		ksft_print_msg("printed: %s%s\n", line, detail);
		run->unknown++;
	} else {
		run->outcomes[i] = strcmp(outcome, "ok") ? FAILED : OK;
		snprintf(run->details[i], sizeof(run->details[i]), "%s",
			 detail);
	}
	*detail = '\0';
}

static bool identity_is(pid_t pid, const struct sphere_blob *record)
{
	struct sphere_blob seen;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/attr/sphere/current", pid);
	return !sphere_read_file(path, &seen) &&
		sphere_blob_equal(record, &seen);
}

/* Reads lines up to the end, or a silence that is too long. */
static void take_lines(struct run *run, pid_t pid,
		       const struct sphere_blob *record, int fd)
{
	struct pollfd poll_ = { .fd = fd, .events = POLLIN };
	char line[256], detail[120] = "";
	size_t len = 0;

	for (;;) {
		if (poll(&poll_, 1, SILENCE * 1000) != 1) {
			ksft_print_msg("silent for %d s\n", SILENCE);
			break;
		}
		if (read(fd, line + len, 1) != 1)
			break;
		if (line[len] != '\n' && len < sizeof(line) - 2) {
			len++;
			continue;
		}
		line[len] = '\0';
		len = 0;
		run->identity_is_right |= identity_is(pid, record);
		take_line(run, line, detail, sizeof(detail));
	}
	if (*detail)
		ksft_print_msg("at the end:%s\n", detail);
}

static int execute(struct run *run, const char *path,
		   const struct sphere_start *start)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (!pid)
		become(path, start, fds[1]);
	close(fds[1]);
	take_lines(run, pid, start->record, fds[0]);
	close(fds[0]);
	kill(pid, SIGKILL);
	return waitpid(pid, &run->status, 0) == pid ? 0 : -ECHILD;
}

TEST_F_TIMEOUT(libc, features, PATIENCE)
{
	const struct sphere_start start = {
		.who = variant->who,
		.record = &self->record,
		.uid = sphere_uid(variant->who),
	};
	const bool may_ask = variant->who == APP;
	const struct run *run = &self->run;
	enum outcome expected;
	unsigned int i;

	ASSERT_EQ(0, execute(&self->run, self->program, &start));
	for (i = 0; i < ARRAY_SIZE(features); i++) {
		expected = features[i].network && !may_ask ? FAILED : OK;
		if (!(features[i].libcs & variant->libc))
			expected = MISSING;
		EXPECT_EQ(expected, run->outcomes[i]) {
			TH_LOG("%s of %s:%s", features[i].name,
			       variant->program, run->details[i]);
		}
	}
	EXPECT_EQ(0, run->unknown);
	EXPECT_EQ(0, run->status);
	EXPECT_TRUE(run->identity_is_right);
	/* Refused before anything is sent. */
	EXPECT_EQ(may_ask && variant->libc != NOLIBC, *self->questions > 0);
}

int main(int argc, char **argv)
{
	sphere_begin(argc, argv);
	return test_harness_run(argc, argv);
}
