// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - What is said of a denial: in the log, to who traces, and to
 * the audit subsystem
 *
 * Each gate is made to deny something. What it says has to be exactly what the
 * documentation promises to programs.
 */

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
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
#include <linux/audit.h>
#include <linux/netlink.h>

#include "kselftest_harness.h"
#include "jffs2_common.h"
#include "sphere_actions.h"
#include "sphere_common.h"
#include "sphere_denial.h"
#include "sphere_gpio.h"
#include "sphere_mtd.h"
#include "sphere_policy.h"
#include "sphere_securityfs.h"
#include "sphere_tool.h"

/* Only this test uses these. */
#define APP		1720
#define BARE		1721
#define STRONG		1722	/* is uid 0, with all of Linux' capabilities */
#define RIVAL		1723
#define FLOODER		1724
#define SIBLING		1725
#define SILENT		1726
#define RARE		1727
#define RESTARTED	1728

/* Names that need to be encoded. */
#define LABEL		"denial \"#1\""
#define LABEL_WORD	"denial%20%22%231%22"
#define PARTITION	"100% data"
#define PARTITION_WORD	"100%25%20data"

#define GOOD		7401
#define PEER_NAME	"@sphere-denial"

#define BIT(n)		(1ULL << (n))

static int start_bare(struct sphere_agent *agent, int who)
{
	struct sphere_blob record;

	sphere_record_application(&record, who);
	return sphere_agent_with(agent, who, who > 0 ? &record : NULL);
}

static int start_strong(struct sphere_agent *agent)
{
	struct sphere_blob record;
	const struct sphere_start start = {
		.who = STRONG,
		.record = &record,
		.uid = 0,
		.all_capabilities = true,
	};

	sphere_record_application(&record, STRONG);
	return sphere_agent_start_patiently(agent, &start);
}

static void print(const struct sphere_denial *denial)
{
	ksft_print_msg("said: gate=%s object=%s right=%s reason=%s\n",
		       denial->gate, denial->object, denial->right,
		       denial->reason);
	ksft_print_msg("of errno=%d component=%s comm=%s missed=%u\n",
		       denial->error, denial->component, denial->comm,
		       denial->missed);
}

/* What has to be said. */
struct expected {
	const char *gate;
	/* "#" for any number, NULL for a component's id in @other. */
	const char *object;
	const char *right;
	const char *reason;
	int error;
	/* Who the object is. */
	int other;
};

static bool object_fits(const struct expected *expected, const char *object)
{
	char id[SPHERE_UUID_SIZE];

	if (!expected->object)
		return !strcmp(object, sphere_uuid(id, expected->other));
	if (!strcmp(expected->object, "#"))
		return object[strspn(object, "0123456789")] == '\0' &&
			atol(object) > 0;
	return !strcmp(object, expected->object);
}

static bool fits(const struct expected *expected,
		 const struct sphere_denial *denial, int who)
{
	char id[SPHERE_UUID_SIZE];

	return !denial->permitted && !strcmp(denial->gate, expected->gate) &&
		object_fits(expected, denial->object) &&
		!strcmp(denial->right, expected->right) &&
		!strcmp(denial->reason, expected->reason) &&
		denial->error == expected->error &&
		!strcmp(denial->component, sphere_uuid(id, who)) &&
		!strcmp(denial->comm, "exe") && !denial->missed;
}

/* Whether this has been said of the process, among other things. */
static bool was_said(int log, pid_t pid, int who,
		     const struct expected *expected)
{
	struct sphere_denial denial;
	bool found = false, any = false;

	while (sphere_log_next(log, pid, &denial)) {
		found |= fits(expected, &denial, who);
		if (!found)
			print(&denial);
		any = true;
	}
	if (!any)
		ksft_print_msg("nothing is said\n");
	return found;
}

/* No limit, from the next tick on. */
static int unlimited(void)
{
	return sphere_fs_set_policy("reports 10000 1\n");
}

FIXTURE(denial)
{
	struct sphere_agent app, bare, strong, nobody;
	int log;
};

static struct sphere_chip chip;
static int has_chip;

FIXTURE_SETUP(denial)
{
	struct sphere_agent *agents = &self->app;
	struct sphere_blob record;
	int i;

	ASSERT_EQ(0, unlimited());
	ASSERT_EQ(0, sphere_fs_write("mode", "enforcing"));
	ASSERT_EQ(0, sphere_own_network());
	has_chip = !sphere_chip_make(&chip, "sphere-denial", LABEL, 8);
	sphere_record_application(&record, APP);
	if (has_chip)
		sphere_record_gpio(&record, LABEL, 0, BIT(2), BIT(1));
	sphere_record_connect(&record, IPPROTO_TCP, "127.0.0.1", 32, GOOD,
			      GOOD);
	sphere_record_connect(&record, IPPROTO_UDP, "127.0.0.1", 32, GOOD,
			      GOOD);
	sphere_record_peer(&record, BARE);
	ASSERT_EQ(0, sphere_agent_with(&self->app, APP, &record));
	ASSERT_EQ(0, start_bare(&self->bare, BARE));
	ASSERT_EQ(0, start_bare(&self->nobody, SPHERE_NOBODY));
	ASSERT_EQ(0, start_strong(&self->strong));
	/* What others have missed before is told with the first. */
	for (i = 0; i < 4; i++)
		ASSERT_EQ(-EPERM, sphere_call(&agents[i], sphere_do_sethostname,
					      0, 0, NULL));
	self->log = sphere_log_open();
	ASSERT_LE(0, self->log);
}

FIXTURE_TEARDOWN(denial)
{
	sphere_agent_stop(&self->app);
	sphere_agent_stop(&self->bare);
	sphere_agent_stop(&self->nobody);
	sphere_agent_stop(&self->strong);
	close(self->log);
	if (has_chip)
		sphere_chip_remove(&chip);
	EXPECT_EQ(0, sphere_fs_reset_policy());
}

/* Asks an agent, and looks for what is said of it. */
static void expect_said(struct __test_metadata *_metadata, int log,
			struct sphere_agent *agent, int who,
			sphere_action *action, long a, long b, const char *text,
			const struct expected *expected)
{
	sphere_log_skip(log);
	EXPECT_GT(0, sphere_call(agent, action, a, b, text));
	EXPECT_TRUE(was_said(log, agent->pid, who, expected))
		TH_LOG("%s %s %s %s was not said", expected->gate,
		       expected->object ?: "component", expected->right,
		       expected->reason);
}

#define EXPECT_SAID(agent, who, action, a, b, text, ...)		\
	expect_said(_metadata, self->log, agent, who, action, a, b, text, \
		    &(struct expected) { __VA_ARGS__ })

/* "PATH LINES": the agent does not know the chip. */
static const char *on_chip(const char *lines)
{
	static char text[1024];

	snprintf(text, sizeof(text), "%s %s", chip.path, lines);
	return text;
}

static long do_request(const struct sphere_call *call)
{
	char path[64];
	int fd;
	long got;

	snprintf(path, sizeof(path), "%.*s", (int)strcspn(call->text, " "),
		 call->text);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	got = sphere_do(sphere_do_request, fd, call->b,
			call->text + strlen(path));
	close(fd);
	return got;
}

#define OUT	SPHERE_PACK(SPHERE_GPIO_V2, SPHERE_GPIO_OUT)
#define IN	SPHERE_PACK(SPHERE_GPIO_V2, SPHERE_GPIO_IN)
#define AS_IS	SPHERE_PACK(SPHERE_GPIO_V2, SPHERE_GPIO_AS_IS)

static long do_look(const struct sphere_call *call)
{
	int fd = open(call->text, O_RDWR | O_CLOEXEC);
	long got = sphere_gpio_info(fd, SPHERE_GPIO_V2, call->b, false);

	close(fd);
	return got;
}

TEST_F(denial, of_gpio_lines)
{
	if (!has_chip)
		SKIP(return, "no CONFIG_GPIO_SIM");
	EXPECT_SAID(&self->bare, BARE, sphere_do_try_open, O_RDWR, 0, chip.path,
		    "gpio", LABEL_WORD, "look", "chip", EACCES);
	EXPECT_SAID(&self->app, APP, do_request, 0, OUT, on_chip("0"),
		    "gpio", LABEL_WORD ":0", "out", "line", EACCES);
	EXPECT_SAID(&self->app, APP, do_request, 0, IN, on_chip("1"),
		    "gpio", LABEL_WORD ":1", "in", "input", EACCES);
	EXPECT_SAID(&self->app, APP, do_request, 0, OUT, on_chip("2"),
		    "gpio", LABEL_WORD ":2", "out", "output", EACCES);
	EXPECT_SAID(&self->app, APP, do_request, 0, AS_IS, on_chip("1"),
		    "gpio", LABEL_WORD ":1", "inout", "input", EACCES);
	EXPECT_SAID(&self->app, APP, do_look, 0, 4, chip.path,
		    "gpio", LABEL_WORD ":4", "look", "line", EACCES);
	/* Of several those that are refused, the first with its reason. */
	EXPECT_SAID(&self->app, APP, do_request, 0, OUT, on_chip("1 3 7"),
		    "gpio", LABEL_WORD ":3,7", "out", "line", EACCES);
	EXPECT_SAID(&self->app, APP, do_request, 0, OUT, on_chip("0 1 3 4 5 7"),
		    "gpio", LABEL_WORD ":0,3-5,7", "out", "line", EACCES);
}

/* As many lines as one can ask for, with the longest numbers. */
TEST_F(denial, of_many_gpio_lines)
{
	char lines[64 * 12] = "", *end = lines;
	struct sphere_denial denial;
	unsigned int i;

	if (!has_chip)
		SKIP(return, "no CONFIG_GPIO_SIM");
	for (i = 0; i < 64; i++)
		end += sprintf(end, "%u ", 4294967295U - 2 * i);
	EXPECT_EQ(-EACCES, sphere_call(&self->app, do_request, 0, OUT,
				       on_chip(lines)));
	ASSERT_TRUE(sphere_log_next(self->log, self->app.pid, &denial));
	EXPECT_STREQ("line", denial.reason);
	EXPECT_TRUE(sphere_has(denial.object, "4294967169"));
}

/* A line that one has, after the policy has taken it away. */
TEST_F(denial, of_lines_that_are_open)
{
	long fd, line;

	if (!has_chip)
		SKIP(return, "no CONFIG_GPIO_SIM");
	fd = sphere_call(&self->app, sphere_do_open, O_RDWR, 0, chip.path);
	line = sphere_call(&self->app, sphere_do_request, fd, OUT, "1");
	ASSERT_LE(0, line);
	ASSERT_EQ(0, sphere_fs_write("policy", "version 1\n"
				     "reports 10000 1\n"
				     "component * deny gpio " LABEL_WORD
				     " 1 out\n"));
	EXPECT_SAID(&self->app, APP, sphere_do_set_lines, line, SPHERE_GPIO_V2,
		    "", "gpio", LABEL_WORD ":1", "use", "line", EACCES);
}

/* Those of the manager, which the application inherits. */
TEST_F(denial, of_others_lines)
{
	const struct sphere_lines lines = { 1, { 3 } };
	struct sphere_agent heir;
	int fd, line;

	if (!has_chip)
		SKIP(return, "no CONFIG_GPIO_SIM");
	fd = open(chip.path, O_RDWR | O_CLOEXEC);
	line = sphere_gpio_request(fd, SPHERE_GPIO_V2, SPHERE_GPIO_OUT, &lines);
	ASSERT_LE(0, line);
	ASSERT_EQ(0, fcntl(line, F_SETFD, 0));
	ASSERT_EQ(0, start_bare(&heir, RIVAL));
	EXPECT_SAID(&heir, RIVAL, sphere_do_set_lines, line, SPHERE_GPIO_V2, "",
		    "gpio", LABEL_WORD ":3", "use", "owner", EACCES);
	EXPECT_EQ(0, sphere_agent_stop(&heir));
	close(line);
	close(fd);
}

TEST_F(denial, of_raw_flash)
{
	static const char *const names[] = { PARTITION, NULL };
	struct sphere_mtd_chip flash;
	char path[PATH_MAX];
	int index;

	if (sphere_mtd_find(&flash, MTD_RAM, names))
		SKIP(return, "no flash in RAM in this kernel");
	index = sphere_mtd_add(&flash, PARTITION, 0, 1);
	ASSERT_LE(0, index);
	sphere_mtd_path(path, index, SPHERE_MTD_CHAR);
	EXPECT_SAID(&self->bare, BARE, sphere_do_try_open, O_RDONLY, 0, path,
		    "mtd", PARTITION_WORD, "read", "not-granted", EACCES);
	EXPECT_SAID(&self->bare, BARE, sphere_do_try_open, O_RDWR, 0, path,
		    "mtd", PARTITION_WORD, "write", "not-granted", EACCES);
	EXPECT_EQ(0, sphere_mtd_remove(&flash, index));
}

/* On a new socket of type @a, and of the family of the address. */
static long on_socket(const struct sphere_call *call, sphere_action *action)
{
	int family = call->text[0] == ':' ? AF_INET6 : AF_INET;
	long fd = sphere_do(sphere_do_socket, family, call->a, NULL), got;

	if (fd < 0)
		return fd;
	got = sphere_do(action, fd, 0, call->text);
	close(fd);
	return got;
}

static long do_bind(const struct sphere_call *call)
{
	return on_socket(call, sphere_do_bind);
}

static long do_connect(const struct sphere_call *call)
{
	return on_socket(call, sphere_do_connect);
}

static long do_listen(const struct sphere_call *call)
{
	return on_socket(call, sphere_do_listen);
}

static long do_send(const struct sphere_call *call)
{
	return on_socket(call, sphere_do_send);
}

/* Option @b of the level @a, which is meant for debugging. */
static long do_set_option(const struct sphere_call *call)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	long got = setsockopt(fd, call->a, call->b, &on, sizeof(on)) ?
		-errno : 0;

	close(fd);
	return got;
}

/* Sends where it may, but with a control message of the level @a, type @b. */
static long do_carry(const struct sphere_call *call)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(GOOD),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	char control[CMSG_SPACE(sizeof(int))] = {};
	struct iovec vec = { "x", 1 };
	struct msghdr message = {
		.msg_name = (void *)&address,
		.msg_namelen = sizeof(address),
		.msg_iov = &vec,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	long got;

	header->cmsg_level = call->a;
	header->cmsg_type = call->b;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	got = sendmsg(fd, &message, 0) < 0 ? -errno : 0;
	close(fd);
	return got;
}

/* An address of the family @a that has @b bytes. */
static long do_connect_raw(const struct sphere_call *call)
{
	struct sockaddr_storage address = { .ss_family = call->a };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	long got = connect(fd, (void *)&address, call->b) ? -errno : 0;

	close(fd);
	return got;
}

TEST_F(denial, of_the_network)
{
	EXPECT_SAID(&self->bare, BARE, do_connect, SOCK_STREAM, 0,
		    "127.0.0.1 1",
		    "network", "socket:2:1:0", "create", "class", EACCES);
	EXPECT_SAID(&self->app, APP, do_connect, SOCK_STREAM, 0, "10.0.0.1 443",
		    "network", "tcp:10.0.0.1:443", "connect", "endpoint",
		    EACCES);
	EXPECT_SAID(&self->app, APP, do_bind, SOCK_STREAM, 0, "0.0.0.0 80",
		    "network", "tcp:80", "bind", "port", EACCES);
	EXPECT_SAID(&self->app, APP, do_bind, SOCK_DGRAM, 0, "127.0.0.1 53",
		    "network", "udp:53", "bind", "port", EACCES);
	EXPECT_SAID(&self->app, APP, do_listen, SOCK_STREAM, 0, "",
		    "network", "tcp:0", "listen", "port", EACCES);
	EXPECT_SAID(&self->app, APP, do_send, SOCK_DGRAM, 0, "127.0.0.1 53",
		    "network", "udp:127.0.0.1:53", "send", "endpoint", EACCES);
	EXPECT_SAID(&self->app, APP, do_set_option, SOL_SOCKET, SO_DEBUG, "",
		    "network", "option:1:1", "set", "option", EPERM);
	EXPECT_SAID(&self->app, APP, do_carry, IPPROTO_IP, IP_RETOPTS, "",
		    "network", "control:0:7", "carry", "option", EPERM);
	EXPECT_SAID(&self->app, APP, do_connect_raw, 99, 16, "",
		    "network", "address:99", "connect", "family",
		    EAFNOSUPPORT);
	EXPECT_SAID(&self->app, APP, do_connect_raw, AF_INET, 4, "",
		    "network", "address:2", "connect", "malformed", EINVAL);
}

TEST_F(denial, of_the_network_by_ipv6)
{
	if (access("/proc/sys/net/ipv6", F_OK))
		SKIP(return, "no CONFIG_IPV6");
	EXPECT_SAID(&self->app, APP, do_connect, SOCK_STREAM, 0, "fe80::1 443",
		    "network", "tcp:[fe80::1]:443", "connect", "endpoint",
		    EACCES);
	EXPECT_SAID(&self->app, APP, do_send, SOCK_DGRAM, 0, "::1 53",
		    "network", "udp:[::1]:53", "send", "endpoint", EACCES);
}

/* A socket that the manager has made, and the application inherits. */
TEST_F(denial, of_others_sockets)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sphere_agent heir;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, start_bare(&heir, RIVAL));
	EXPECT_SAID(&heir, RIVAL, sphere_do_bind, fd, 0, "127.0.0.1 80",
		    "network", "socket:2:1:6", "create", "class", EACCES);
	EXPECT_EQ(0, sphere_agent_stop(&heir));
	close(fd);
}

static long do_converse(const struct sphere_call *call)
{
	long fd = sphere_do(sphere_do_socket, AF_UNIX, call->a, NULL), got;

	if (fd < 0)
		return fd;
	got = sphere_do(call->b ? sphere_do_send : sphere_do_connect, fd, 0,
			call->text);
	close(fd);
	return got;
}

static long serve(struct sphere_agent *agent, int type)
{
	long fd = sphere_call(agent, sphere_do_socket, AF_UNIX, type, NULL);
	long error = sphere_call(agent, sphere_do_bind, fd, 0, PEER_NAME);

	if (!error && type == SOCK_STREAM)
		error = sphere_call(agent, sphere_do_listen, fd, 0, NULL);
	return error ? error : fd;
}

TEST_F(denial, of_peers)
{
	long fd = serve(&self->bare, SOCK_STREAM);

	ASSERT_LE(0, fd);
	EXPECT_SAID(&self->app, APP, do_converse, SOCK_STREAM, false, PEER_NAME,
		    "peer", NULL, "connect", "not-mutual", EACCES, BARE);
	EXPECT_SAID(&self->nobody, SPHERE_NOBODY, do_converse, SOCK_STREAM,
		    false, PEER_NAME,
		    "peer", NULL, "connect", "not-mutual", EACCES, BARE);
	ASSERT_EQ(0, sphere_call(&self->bare, sphere_do_close, fd, 0, NULL));
	fd = serve(&self->nobody, SOCK_DGRAM);
	ASSERT_LE(0, fd);
	EXPECT_SAID(&self->app, APP, do_converse, SOCK_DGRAM, true, PEER_NAME,
		    "peer", "none", "send", "not-mutual", EACCES);
}

/* Not by unshare(), which is the manager's. */
static long do_new_user_namespace(const struct sphere_call *call __maybe_unused)
{
	long pid = syscall(__NR_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

	if (!pid)
		_exit(0);
	return pid < 0 ? -errno : 0;
}

TEST_F(denial, of_capabilities)
{
	EXPECT_SAID(&self->app, APP, sphere_do_sethostname, 0, 0, "",
		    "capability", "SetHostName", "HostName", "not-granted",
		    EPERM);
	EXPECT_SAID(&self->nobody, SPHERE_NOBODY, sphere_do_sethostname, 0, 0,
		    "", "capability", "SetHostName", "HostName", "not-granted",
		    EPERM);
	EXPECT_SAID(&self->app, APP, sphere_do_try_open, O_RDONLY, 0,
		    "/dev/kmsg", "capability", "ReadLog", "KernelLog",
		    "not-granted", EPERM);
}

TEST_F(denial, of_user_namespaces)
{
	if (access("/proc/self/ns/user", F_OK))
		SKIP(return, "no CONFIG_USER_NS");
	EXPECT_SAID(&self->app, APP, do_new_user_namespace, 0, 0, "",
		    "capability", "UserNamespace", "manager", "manager-only",
		    EPERM);
}

/* Of the type @text, or none. */
static long do_mount(const struct sphere_call *call)
{
	const char *type = call->text[0] ? call->text : NULL;

	return mount("none", "/tmp", type, type ? 0 : MS_BIND, NULL) ?
		-errno : 0;
}

static int start_mounter(struct sphere_agent *agent)
{
	struct sphere_blob record;

	sphere_record_application(&record, RIVAL);
	sphere_header(&record)->capabilities =
		htole64(1ULL << SPHERE_CAP_MOUNT_IMAGE);
	return sphere_agent_with(agent, RIVAL, &record);
}

TEST_F(denial, of_mounts)
{
	struct sphere_agent mounter;

	EXPECT_SAID(&self->strong, STRONG, do_mount, 0, 0, "tmpfs",
		    "mount", "tmpfs", "manager", "not-granted", EPERM);
	EXPECT_SAID(&self->strong, STRONG, do_mount, 0, 0, "cramfs",
		    "mount", "cramfs", "MountImage", "not-granted", EPERM);
	EXPECT_SAID(&self->strong, STRONG, do_mount, 0, 0, "a b%",
		    "mount", "a%20b%25", "manager", "not-granted", EPERM);
	EXPECT_SAID(&self->strong, STRONG, do_mount, 0, 0, "",
		    "mount", "-", "manager", "not-granted", EPERM);
	ASSERT_EQ(0, start_mounter(&mounter));
	EXPECT_SAID(&mounter, RIVAL, do_mount, 0, 0, "tmpfs",
		    "mount", "tmpfs", "manager", "no-image", EPERM);
	EXPECT_EQ(0, sphere_agent_stop(&mounter));
}

/* Nobody hides himself, or says something else, by what he asks for. */
TEST_F(denial, of_mounts_with_hostile_types)
{
	static const char forged[] =
		"x errno=1 component=none pid=1 comm=init\nsphere: denied gate=gpio";
	struct sphere_denial denial;
	char type[3001], id[SPHERE_UUID_SIZE];

	EXPECT_EQ(-EPERM, sphere_call(&self->strong, do_mount, 0, 0, forged));
	ASSERT_TRUE(sphere_log_next(self->log, self->strong.pid, &denial));
	EXPECT_STREQ("mount", denial.gate);
	EXPECT_STREQ(sphere_uuid(id, STRONG), denial.component);
	EXPECT_FALSE(sphere_log_next(self->log, 0, &denial));
	memset(type, ' ', sizeof(type) - 1);
	type[sizeof(type) - 1] = '\0';
	EXPECT_EQ(-EPERM, sphere_call(&self->strong, do_mount, 0, 0, type));
	ASSERT_TRUE(sphere_log_next(self->log, self->strong.pid, &denial));
	EXPECT_STREQ(sphere_uuid(id, STRONG), denial.component);
}

static long do_mkdir(const struct sphere_call *call)
{
	return mkdir(call->text, 0700) ? -errno : 0;
}

/* Bytes of quota for a component, and a directory of its own. */
static int start_with_storage(struct sphere_agent *agent, __u64 bytes)
{
	struct sphere_blob record;
	int error;

	mkdir(JFFS2_MNT "/own", 0755);
	error = chown(JFFS2_MNT "/own", sphere_uid(RIVAL), sphere_uid(RIVAL));
	sphere_record_application(&record, RIVAL);
	sphere_header(&record)->storage_bytes = htole64(bytes);
	return error ? -errno : sphere_agent_with(agent, RIVAL, &record);
}

TEST_F_TIMEOUT(denial, of_storage, 120)
{
	int mtd = jffs2_mtd_find("mtdram");
	struct sphere_agent small;

	if (mtd < 0)
		SKIP(return, "there is no flash in RAM");
	mkdir(JFFS2_MNT, 0755);
	umount2(JFFS2_MNT, MNT_DETACH);
	ASSERT_EQ(0, jffs2_mtd_erase(mtd));
	ASSERT_EQ(0, jffs2_mount(mtd, 0, "usrquota"));
	ASSERT_EQ(0, mkdir(JFFS2_MNT "/public", 0777));
	ASSERT_EQ(0, chmod(JFFS2_MNT "/public", 0777));
	EXPECT_SAID(&self->bare, BARE, do_mkdir, 0, 0, JFFS2_MNT "/public/a",
		    "storage", "#", "write", "none", EDQUOT);
	EXPECT_SAID(&self->nobody, SPHERE_NOBODY, do_mkdir, 0, 0,
		    JFFS2_MNT "/public/a",
		    "storage", "#", "write", "none", EDQUOT);
	/* Not enough for a name. */
	ASSERT_EQ(0, start_with_storage(&small, INODE_COST(0) + 1));
	EXPECT_SAID(&small, RIVAL, do_mkdir, 0, 0, JFFS2_MNT "/public/a",
		    "storage", "#", "write", "owner", EDQUOT);
	EXPECT_SAID(&small, RIVAL, do_mkdir, 0, 0, JFFS2_MNT "/own/a",
		    "storage", "#", "write", "quota", EDQUOT);
	EXPECT_EQ(0, sphere_agent_stop(&small));
	EXPECT_EQ(0, umount(JFFS2_MNT));
}

static struct sphere_policy syscalls;

static long number_with(enum sphere_decision decision, const char *name)
{
	unsigned int nr;

	if (sphere_policy_read(&syscalls))
		return -1;
	for (nr = 0; nr < syscalls.count; nr++)
		if (syscalls.syscalls[nr].decision == decision &&
		    (!name || !strcmp(syscalls.syscalls[nr].name, name)))
			return nr;
	return -1;
}

static long do_syscall(const struct sphere_call *call)
{
	return syscall(call->a, -1L, -1L, -1L, -1L, -1L, -1L) == -1 ?
		-errno : 0;
}

TEST_F(denial, of_system_calls)
{
	long denied = number_with(SPHERE_ENOSYS, NULL);
	long restricted = number_with(SPHERE_RESTRICTED, "setns");
	char number[24];

	if (denied < 0 || restricted < 0)
		SKIP(return, "this kernel denies nothing");
	snprintf(number, sizeof(number), "%ld", denied);
	EXPECT_SAID(&self->app, APP, do_syscall, denied, 0, "",
		    "syscall", number, "call", "denied", ENOSYS);
	snprintf(number, sizeof(number), "%ld", restricted);
	EXPECT_SAID(&self->app, APP, do_syscall, restricted, 0, "",
		    "syscall", number, "call", "restricted", EPERM);
}

/* Reads what is for tracers, of the process @a. */
static long do_read_link(const struct sphere_call *call)
{
	char path[40], target[PATH_MAX];

	snprintf(path, sizeof(path), "/proc/%ld/exe", call->a);
	return readlink(path, target, sizeof(target)) < 0 ? -errno : 0;
}

/* Where uids are no reason: those of another are refused by Linux. */
TEST_F(denial, of_tracing)
{
	const struct sphere_start starts[] = {
		{ .who = SPHERE_NOBODY, .uid = 0 },
		{ .who = SPHERE_NOBODY, .uid = sphere_uid(APP) },
	};
	struct sphere_agent root, double_of_app;

	ASSERT_EQ(0, sphere_agent_start_patiently(&root, &starts[0]));
	ASSERT_EQ(0, sphere_agent_start_patiently(&double_of_app, &starts[1]));
	EXPECT_SAID(&self->strong, STRONG, do_read_link, getpid(), 0, "",
		    "trace", "manager", "trace", "other-identity", EPERM);
	EXPECT_SAID(&self->strong, STRONG, do_read_link, root.pid, 0, "",
		    "trace", "none", "trace", "other-identity", EPERM);
	EXPECT_SAID(&self->strong, STRONG, do_read_link, 2, 0, "",
		    "trace", "kernel", "trace", "other-identity", EPERM);
	EXPECT_SAID(&double_of_app, SPHERE_NOBODY, do_read_link, self->app.pid,
		    0, "", "trace", NULL, "trace", "other-identity", EPERM,
		    APP);
	EXPECT_EQ(0, sphere_agent_stop(&root));
	EXPECT_EQ(0, sphere_agent_stop(&double_of_app));
}

#define SET_ID_FILE	"/tmp/sphere-denial-suid"

TEST_F(denial, of_gains_by_an_exec)
{
	char path[PATH_MAX];
	const struct expected expected = { "exec", "-", "exec", "gain", EPERM };
	struct sphere_denial denial;
	bool found = false;

	sphere_beside(path, "sphere_report");
	ASSERT_EQ(0, sphere_copy(path, SET_ID_FILE, 04755));
	sphere_log_skip(self->log);
	EXPECT_EQ(-EPERM, sphere_call(&self->app, sphere_do_report_is, APP, 0,
				      SET_ID_FILE));
	/* By a child of the agent. */
	while (sphere_log_next(self->log, 0, &denial))
		found |= fits(&expected, &denial, APP);
	EXPECT_TRUE(found);
	unlink(SET_ID_FILE);
}

/* The manager is told, too, why nobody can be started so. */
TEST_F(denial, of_a_uid_that_is_taken)
{
	const struct sphere_start rival = {
		.who = RIVAL,
		.uid = sphere_uid(APP),
	};
	struct sphere_agent agent;
	struct sphere_denial denial;
	bool found = false;

	sphere_log_skip(self->log);
	ASSERT_EQ(-EBUSY, sphere_agent_start(&agent, &rival));
	while (sphere_log_next(self->log, 0, &denial))
		found |= !strcmp(denial.gate, "exec") &&
			!strcmp(denial.right, "exec") &&
			!strcmp(denial.reason, "uid-in-use") &&
			!strcmp(denial.component, "manager") &&
			denial.error == EBUSY;
	EXPECT_TRUE(found);
}

static const struct {
	const char *name;
	const char *word;
} names[] = {
	{ "plain", "plain" },
	{ "a b\n", "a%20b%0A" },
	{ "\n", "%0A" },
	{ "%41\"#", "%2541%22%23" },
	{ "", "-" },
	{ "-", "%2D" },
	{ "--", "--" },
	{ " pid=1", "%20pid=1" },
	{ "gr\303\274n", "gr%C3%BCn" },
	{ "\033[2J\177\200", "%1B[2J%7F%80" },
	/* Cut off by the kernel. */
	{ "0123456789abcdefghi", "0123456789abcde" },
};

TEST_F(denial, names_are_one_word)
{
	struct sphere_denial denial;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		ASSERT_EQ(0, sphere_call(&self->app, sphere_do_set_name, 0, 0,
					 names[i].name));
		sphere_log_skip(self->log);
		EXPECT_EQ(-EPERM, sphere_call(&self->app, sphere_do_sethostname,
					      0, 0, NULL));
		ASSERT_TRUE(sphere_log_next(self->log, self->app.pid, &denial));
		EXPECT_STREQ(names[i].word, denial.comm);
	}
}

static void *thread_sethostname(void *unused __maybe_unused)
{
	prctl(PR_SET_NAME, "a thread");
	sphere_do(sphere_do_sethostname, 0, 0, NULL);
	return NULL;
}

static long do_by_thread(const struct sphere_call *call __maybe_unused)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, thread_sethostname, NULL))
		return -EAGAIN;
	pthread_join(thread, NULL);
	return 0;
}

/* The process has the id, the thread the name. */
TEST_F(denial, is_said_of_a_thread)
{
	struct sphere_denial denial;

	ASSERT_EQ(0, sphere_call(&self->app, do_by_thread, 0, 0, NULL));
	ASSERT_TRUE(sphere_log_next(self->log, self->app.pid, &denial));
	EXPECT_STREQ("a%20thread", denial.comm);
}

/*
 * Floods.
 */

#define FLOOD		20000
#define CHILDREN	4

/* What the log takes, unless the policy says otherwise. */
#define BURST		10
#define INTERVAL	5

static long flood(long count)
{
	long denied = 0;

	while (count--)
		denied += sethostname("sphere", 6) && errno == EPERM;
	return denied;
}

/* @a denials, by several processes at once. */
static long do_flood(const struct sphere_call *call)
{
	int i, status, failed = 0;
	pid_t pids[CHILDREN];

	for (i = 0; i < CHILDREN; i++) {
		pids[i] = fork();
		if (!pids[i])
			_exit(flood(call->a / CHILDREN) != call->a / CHILDREN);
	}
	for (i = 0; i < CHILDREN; i++)
		failed += waitpid(pids[i], &status, 0) != pids[i] || status;
	return failed ? -ECHILD : call->a;
}

struct said {
	const char *component;
	long lines;
	long missed;
};

static void count_said(int log, struct said *said, size_t count)
{
	struct sphere_denial denial;
	size_t i;

	while (sphere_log_next(log, 0, &denial))
		for (i = 0; i < count; i++)
			if (!strcmp(said[i].component, denial.component)) {
				said[i].lines++;
				said[i].missed += denial.missed;
			}
}

static long seconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - start->tv_sec;
}

FIXTURE(flood)
{
	struct sphere_agent agent, sibling;
	char id[SPHERE_UUID_SIZE], siblings_id[SPHERE_UUID_SIZE];
	int log;
};

FIXTURE_SETUP(flood)
{
	ASSERT_EQ(0, sphere_fs_reset_policy());
	ASSERT_EQ(0, sphere_fs_write("mode", "enforcing"));
	sphere_uuid(self->siblings_id, SIBLING);
	ASSERT_EQ(0, start_bare(&self->sibling, SIBLING));
	self->agent.pid = 0;
	self->log = sphere_log_open();
	ASSERT_LE(0, self->log);
}

FIXTURE_TEARDOWN(flood)
{
	if (self->agent.pid)
		sphere_agent_stop(&self->agent);
	sphere_agent_stop(&self->sibling);
	close(self->log);
	EXPECT_EQ(0, sphere_fs_reset_policy());
}

/* The first denials of a component are said; nothing is lost of the rest. */
TEST_F_TIMEOUT(flood, is_counted_and_not_said, 300)
{
	struct said said[] = {
		{ self->id }, { self->siblings_id },
	};
	char block[SPHERE_TEXT_MAX];
	long before = sphere_fs_denials("capability");
	struct timespec start;

	sphere_uuid(self->id, FLOODER);
	ASSERT_EQ(0, start_bare(&self->agent, FLOODER));
	clock_gettime(CLOCK_MONOTONIC, &start);
	EXPECT_EQ(FLOOD / 2, sphere_call(&self->agent, do_flood, FLOOD / 2, 0,
					 NULL));
	count_said(self->log, said, 2);
	/* In the middle of it, another one is heard. */
	EXPECT_EQ(-EPERM, sphere_call(&self->sibling, sphere_do_sethostname, 0,
				      0, NULL));
	count_said(self->log, said, 2);
	EXPECT_EQ(1, said[1].lines);
	EXPECT_EQ(0, said[1].missed);
	EXPECT_EQ(FLOOD / 2, sphere_call(&self->agent, do_flood, FLOOD / 2, 0,
					 NULL));
	count_said(self->log, said, 2);
	EXPECT_LE(BURST, said[0].lines);
	EXPECT_GE(BURST * (1 + seconds_since(&start) / INTERVAL + 1),
		  said[0].lines);
	EXPECT_EQ(before + FLOOD + 1, sphere_fs_denials("capability"));
	ASSERT_LT(0, sphere_fs_block(FLOODER, 0, block, sizeof(block)));
	EXPECT_TRUE(sphere_has_line(block, " denied capability %d", FLOOD));
	EXPECT_TRUE(sphere_has_line(block, " missed %ld",
				    FLOOD - said[0].lines))
		TH_LOG("%ld lines, and %s", said[0].lines, block);

	/* Nothing tells that an interval is over, but time. */
	sleep(INTERVAL + 1);
	EXPECT_EQ(-EPERM, sphere_call(&self->agent, sphere_do_sethostname, 0, 0,
				      NULL));
	count_said(self->log, said, 2);
	ksft_print_msg("%ld lines, %ld missed\n", said[0].lines,
		       said[0].missed);
	EXPECT_EQ(FLOOD + 1, said[0].lines + said[0].missed);
	EXPECT_LT(0, said[0].missed);
}

/* A component that is started again has used up what it had. */
TEST_F_TIMEOUT(flood, is_not_said_after_a_new_start, 120)
{
	struct said said = { self->id };
	struct timespec start;
	char block[SPHERE_TEXT_MAX];
	long lines;
	int i;

	sphere_uuid(self->id, RESTARTED);
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, start_bare(&self->agent, RESTARTED));
		EXPECT_EQ(100, sphere_call(&self->agent, do_flood, 100, 0,
					   NULL));
		if (i < 4)
			EXPECT_EQ(0, sphere_agent_stop(&self->agent));
	}
	count_said(self->log, &said, 1);
	lines = BURST * (1 + seconds_since(&start) / INTERVAL + 1);
	EXPECT_LE(BURST, said.lines);
	EXPECT_GE(lines, said.lines);
	/* Nor is what it did before forgotten. */
	ASSERT_LT(0, sphere_fs_block(RESTARTED, 0, block, sizeof(block)));
	EXPECT_TRUE(sphere_has_line(block, " denied capability 500"));
}

TEST_F_TIMEOUT(flood, is_not_said_at_all, 120)
{
	struct said said = { self->id };
	char block[SPHERE_TEXT_MAX];

	sphere_uuid(self->id, SILENT);
	ASSERT_EQ(0, start_bare(&self->agent, SILENT));
	ASSERT_EQ(0, sphere_fs_set_policy("reports 0 1000\n"));
	EXPECT_EQ(1000, sphere_call(&self->agent, do_flood, 1000, 0, NULL));
	count_said(self->log, &said, 1);
	EXPECT_EQ(0, said.lines);
	ASSERT_LT(0, sphere_fs_block(SILENT, 0, block, sizeof(block)));
	EXPECT_TRUE(sphere_has_line(block, " denied capability 1000"));
	EXPECT_TRUE(sphere_has_line(block, " missed 1000"));
	/* And what was not said is told when there is something to say again. */
	ASSERT_EQ(0, unlimited());
	EXPECT_EQ(-EPERM, sphere_call(&self->agent, sphere_do_sethostname, 0, 0,
				      NULL));
	count_said(self->log, &said, 1);
	EXPECT_EQ(1, said.lines);
	EXPECT_EQ(1000, said.missed);
}

TEST_F_TIMEOUT(flood, is_said_once, 120)
{
	struct said said = { self->id };
	struct timespec start;

	sphere_uuid(self->id, RARE);
	ASSERT_EQ(0, sphere_fs_set_policy("reports 1 1000\n"));
	ASSERT_EQ(0, start_bare(&self->agent, RARE));
	clock_gettime(CLOCK_MONOTONIC, &start);
	EXPECT_EQ(1000, sphere_call(&self->agent, do_flood, 1000, 0, NULL));
	count_said(self->log, &said, 1);
	EXPECT_LE(1, said.lines);
	EXPECT_GE(2 + seconds_since(&start), said.lines);
}

/*
 * Tracing.
 */

#define TRACEFS		"/tmp/sphere-tracefs"
#define EVENT		TRACEFS "/events/sphere/sphere_denied"
#define TRACED		1000

FIXTURE(trace)
{
	struct sphere_agent agent;
	bool is_mounted;
};

FIXTURE_SETUP(trace)
{
	ASSERT_EQ(0, sphere_fs_reset_policy());
	ASSERT_EQ(0, sphere_fs_write("mode", "enforcing"));
	mkdir(TRACEFS, 0755);
	self->is_mounted = !mount("tracefs", TRACEFS, "tracefs", 0, NULL);
	if (!self->is_mounted)
		SKIP(return, "no tracefs");
	if (access(EVENT, F_OK))
		SKIP(return, "no events in this kernel");
	ASSERT_EQ(0, start_bare(&self->agent, BARE));
	ASSERT_EQ(0, sphere_write_text(TRACEFS "/buffer_size_kb", "4096"));
	ASSERT_EQ(0, sphere_write_text(EVENT "/enable", "1"));
}

FIXTURE_TEARDOWN(trace)
{
	if (!self->is_mounted)
		return;
	if (!access(EVENT, F_OK)) {
		EXPECT_EQ(0, sphere_write_text(EVENT "/enable", "0"));
		sphere_agent_stop(&self->agent);
	}
	EXPECT_EQ(0, umount(TRACEFS));
	EXPECT_EQ(0, sphere_fs_write("mode", "enforcing"));
}

/* Events in the trace that have exactly these fields. */
static long traced(const char *fields)
{
	FILE *file = fopen(TRACEFS "/trace", "re");
	char line[1024], *event;
	long count = 0;

	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file)) {
		event = strstr(line, "sphere_denied: ");
		if (!event)
			continue;
		line[strcspn(line, "\n")] = '\0';
		count += !strcmp(event + strlen("sphere_denied: "), fields);
	}
	fclose(file);
	return count;
}

static void fields_of(char fields[512], const struct sphere_agent *agent,
		      bool permitted)
{
	char id[SPHERE_UUID_SIZE];

	snprintf(fields, 512,
		 "gate=capability object=SetHostName right=HostName reason=not-granted errno=1 component=%s pid=%d comm=exe permitted=%d",
		 sphere_uuid(id, BARE), agent->pid, permitted);
}

static long do_flood_alone(const struct sphere_call *call)
{
	return flood(call->a);
}

/* As people look at it. */
TEST_F_TIMEOUT(trace, is_shown_by_trace_cmd, 120)
{
	const int who = SPHERE_MANAGER;
	char fields[512];

	if (access("/usr/bin/trace-cmd", X_OK))
		SKIP(return, "trace-cmd is not there");
	EXPECT_STATUS(0, "trace-cmd start -e sphere:sphere_denied");
	EXPECT_EQ(3, sphere_call(&self->agent, do_flood_alone, 3, 0, NULL));
	EXPECT_STATUS(0, "trace-cmd stop");
	fields_of(fields, &self->agent, false);
	EXPECT_STATUS(0, "trace-cmd show");
	EXPECT_TRUE(strstr(sphere_printed, fields))
		sphere_show_run();
	EXPECT_STATUS(0, "trace-cmd extract -o /tmp/sphere.trace");
	EXPECT_STATUS(0, "trace-cmd report -i /tmp/sphere.trace");
	EXPECT_TRUE(strstr(sphere_printed, fields))
		sphere_show_run();
	EXPECT_STATUS(0, "trace-cmd reset");
	unlink("/tmp/sphere.trace");
}

/* All of them, whatever the log takes. */
TEST_F_TIMEOUT(trace, has_every_denial, 120)
{
	char fields[512];

	EXPECT_EQ(TRACED, sphere_call(&self->agent, do_flood_alone, TRACED, 0,
				      NULL));
	fields_of(fields, &self->agent, false);
	EXPECT_EQ(TRACED, traced(fields));
	EXPECT_EQ(0, sphere_write_text(EVENT "/enable", "0"));
	EXPECT_EQ(10, sphere_call(&self->agent, do_flood_alone, 10, 0, NULL));
	EXPECT_EQ(TRACED, traced(fields));
}

TEST_F(trace, tells_what_is_only_permitted)
{
	char fields[512];

	if (sphere_fs_write("mode", "permissive"))
		SKIP(return, "no CONFIG_SECURITY_SPHERE_PERMISSIVE");
	EXPECT_EQ(0, sphere_call(&self->agent, sphere_do_sethostname, 0, 0,
				 NULL));
	fields_of(fields, &self->agent, true);
	EXPECT_EQ(1, traced(fields));
}

/*
 * Auditing.
 */

#ifndef SPHERE_AUDIT_DENIED
#define SPHERE_AUDIT_DENIED	1490
#endif

static int audit_set(int fd, __u32 enabled, __u32 pid)
{
	struct {
		struct nlmsghdr header;
		struct audit_status status;
	} request = {
		.header = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = AUDIT_SET,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		},
		.status = {
			.mask = AUDIT_STATUS_ENABLED | AUDIT_STATUS_PID,
			.enabled = enabled,
			.pid = pid,
		},
	};

	return send(fd, &request, sizeof(request), 0) < 0 ? -errno : 0;
}

struct record {
	struct nlmsghdr header;
	char text[8192];
};

/* The next record of a denial; false if there is none within a second. */
static bool next_record(int fd, struct record *record)
{
	const struct timeval patience = { .tv_sec = 1 };
	ssize_t len;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	for (;;) {
		len = recv(fd, record, sizeof(*record) - 1, 0);
		if (len < (ssize_t)sizeof(record->header))
			return false;
		((char *)record)[len] = '\0';
		if (record->header.nlmsg_type == SPHERE_AUDIT_DENIED)
			return true;
	}
}

FIXTURE(audit)
{
	struct sphere_agent agent;
	int fd, log;
};

FIXTURE_SETUP(audit)
{
	self->log = -1;
	self->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
	if (self->fd < 0)
		SKIP(return, "no CONFIG_AUDIT");
	ASSERT_EQ(0, unlimited());
	ASSERT_EQ(0, start_bare(&self->agent, BARE));
	/* What was missed before is told with the first. */
	ASSERT_EQ(-EPERM, sphere_call(&self->agent, sphere_do_sethostname, 0, 0,
				      NULL));
	self->log = sphere_log_open();
	ASSERT_LE(0, self->log);
}

FIXTURE_TEARDOWN(audit)
{
	if (self->fd < 0)
		return;
	audit_set(self->fd, 0, 0);
	close(self->fd);
	close(self->log);
	sphere_agent_stop(&self->agent);
	EXPECT_EQ(0, sphere_fs_reset_policy());
}

/* One place or the other. */
TEST_F(audit, is_told_instead_of_the_log)
{
	const struct expected expected = {
		"capability", "SetHostName", "HostName", "not-granted", EPERM,
	};
	static struct record record;
	struct sphere_denial denial;
	char *text;

	ASSERT_EQ(0, audit_set(self->fd, 1, getpid()));
	EXPECT_EQ(-EPERM, sphere_call(&self->agent, sphere_do_sethostname, 0, 0,
				      NULL));
	ASSERT_TRUE(next_record(self->fd, &record));
	text = strstr(record.text, "): ");
	ASSERT_NE(NULL, text)
		TH_LOG("%s", record.text);
	ASSERT_TRUE(sphere_denial_parse(&denial, text + strlen("): ")))
		TH_LOG("%s", record.text);
	EXPECT_TRUE(fits(&expected, &denial, BARE));
	EXPECT_EQ(self->agent.pid, denial.pid);
	EXPECT_FALSE(sphere_log_next(self->log, self->agent.pid, &denial));

	/* And the log again, when nobody audits. */
	ASSERT_EQ(0, audit_set(self->fd, 0, 0));
	EXPECT_EQ(-EPERM, sphere_call(&self->agent, sphere_do_sethostname, 0, 0,
				      NULL));
	EXPECT_TRUE(sphere_log_next(self->log, self->agent.pid, &denial));
	EXPECT_FALSE(next_record(self->fd, &record));
}

int main(int argc, char **argv)
{
	sphere_begin(argc, argv);
	sphere_fs_want_policy();
	return test_harness_run(argc, argv);
}
