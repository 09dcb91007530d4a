// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - Linux' capabilities, and slices of them
 *
 * Whoever is neither kernel nor manager has no use of the capabilities that he
 * has. An extended capability permits one thing, and nothing beside it.
 */

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <arpa/inet.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/loop.h>
#include <linux/random.h>
#include <linux/reboot.h>
#include <linux/route.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>

#include "kselftest_harness.h"
#include "sphere_common.h"

#define APP		1500
#define VICTIM		1501

#define DMESG_RESTRICT	"/proc/sys/kernel/dmesg_restrict"

/* The kernel's names for what klogctl() does. */
#define LOG_READ_ALL	3
#define LOG_CLEAR	5
#define LOG_CONSOLE_OFF	6
#define LOG_SIZE_BUFFER	10

static bool is_refusal(long error)
{
	return error == -EPERM || error == -EACCES;
}

/* The clock. */

static long do_clock_settime(const struct sphere_call *call)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return clock_settime(CLOCK_REALTIME, &now) ? -errno : 0;
}

static long do_settimeofday(const struct sphere_call *call)
{
	struct timeval now;

	gettimeofday(&now, NULL);
	return settimeofday(&now, NULL) ? -errno : 0;
}

static long do_adjtimex(const struct sphere_call *call)
{
	struct timex timex = { .modes = call->a };

	return adjtimex(&timex) < 0 ? -errno : 0;
}

/* Tells what a call may do without doing it. */
static long do_reboot(const struct sphere_call *call)
{
	const unsigned int wrong_magic = 0;

	syscall(__NR_reboot, LINUX_REBOOT_MAGIC1, wrong_magic, call->a, NULL);
	return -errno;
}

static long do_sethostname(const struct sphere_call *call)
{
	return sethostname("sphere", 6) ? -errno : 0;
}

static long do_setdomainname(const struct sphere_call *call)
{
	return setdomainname("sphere", 6) ? -errno : 0;
}

/* The random number generator. */

static long random_ioctl(unsigned long request, void *argument)
{
	int fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);
	long error;

	if (fd < 0)
		return -errno;
	error = ioctl(fd, request, argument) ? -errno : 0;
	close(fd);
	return error;
}

static long do_add_entropy(const struct sphere_call *call)
{
	union {
		struct rand_pool_info info;
		int words[4];
	} pool = { .words = { 8, 4, 0x12345678 } };

	return random_ioctl(RNDADDENTROPY, &pool);
}

static long do_add_count(const struct sphere_call *call)
{
	int bits = 8;

	return random_ioctl(RNDADDTOENTCNT, &bits);
}

static long do_zap_count(const struct sphere_call *call)
{
	return random_ioctl(RNDZAPENTCNT, NULL);
}

static long do_reseed(const struct sphere_call *call)
{
	long error = random_ioctl(RNDRESEEDCRNG, NULL);

	/* Not ready yet, but it would be permitted. */
	return error == -ENODATA ? 0 : error;
}

/* The kernel log. */

static long do_klogctl(const struct sphere_call *call)
{
	char text[256];

	return klogctl(call->a, text, sizeof(text)) < 0 ? -errno : 0;
}

static long do_open(const struct sphere_call *call)
{
	int fd = open(call->text, call->a | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static long do_try_open(const struct sphere_call *call)
{
	long fd = do_open(call);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

static long do_read_fd(const struct sphere_call *call)
{
	char text[8192];

	return read(call->a, text, sizeof(text)) < 0 ? -errno : 0;
}

/* "PATH VALUE" */
static long do_write_file(const struct sphere_call *call)
{
	char path[PATH_MAX];
	char *value;

	snprintf(path, sizeof(path), "%s", call->text);
	value = strchr(path, ' ');
	*value++ = '\0';
	return sphere_write_text(path, value);
}

/* The network: messages about lo, and the older calls. */

struct message {
	struct nlmsghdr header;
	union {
		struct ifaddrmsg address;
		struct rtmsg route;
		struct ifinfomsg link;
		struct rtgenmsg any;
	} body;
	char attributes[256];
};

static void add_attr(struct message *message, int type, const void *data,
		     size_t size)
{
	struct rtattr *attr = (void *)((char *)message +
				       NLMSG_ALIGN(message->header.nlmsg_len));

	attr->rta_type = type;
	attr->rta_len = RTA_LENGTH(size);
	memcpy(RTA_DATA(attr), data, size);
	message->header.nlmsg_len = NLMSG_ALIGN(message->header.nlmsg_len) +
				    RTA_ALIGN(attr->rta_len);
}

static void begin(struct message *message, int type, size_t body, int flags)
{
	memset(message, 0, sizeof(*message));
	message->header.nlmsg_type = type;
	message->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	message->header.nlmsg_len = NLMSG_LENGTH(body);
}

static long talk(int fd, struct message *message)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		char rest[1024];
	} reply;

	if (send(fd, message, message->header.nlmsg_len, 0) < 0)
		return -errno;
	if (recv(fd, &reply, sizeof(reply), 0) < 0)
		return -errno;
	if (reply.header.nlmsg_type != NLMSG_ERROR)
		return -EBADMSG;
	return reply.error.error;
}

/* Over a socket of one's own, or over the one that was inherited as @a. */
static long exchange(const struct sphere_call *call, struct message *message)
{
	int fd = call->a;
	long error;

	if (fd > 0)
		return talk(fd, message);
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return -errno;
	error = talk(fd, message);
	close(fd);
	return error;
}

static long address(const struct sphere_call *call, int type, int flags)
{
	const struct in_addr local = { htonl(0x7f000102) };
	struct message message;

	begin(&message, type, sizeof(message.body.address), flags);
	message.body.address.ifa_family = AF_INET;
	message.body.address.ifa_prefixlen = 8;
	message.body.address.ifa_scope = RT_SCOPE_HOST;
	message.body.address.ifa_index = 1;
	add_attr(&message, IFA_LOCAL, &local, sizeof(local));
	return exchange(call, &message);
}

static long do_add_address(const struct sphere_call *call)
{
	return address(call, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
}

static long do_del_address(const struct sphere_call *call)
{
	return address(call, RTM_DELADDR, 0);
}

static void route(struct message *message, int type, int flags)
{
	const struct in_addr destination = { htonl(0x0a010203) };
	const __u32 lo = 1;

	begin(message, type, sizeof(message->body.route), flags);
	message->body.route.rtm_family = AF_INET;
	message->body.route.rtm_dst_len = 32;
	message->body.route.rtm_table = RT_TABLE_MAIN;
	message->body.route.rtm_protocol = RTPROT_BOOT;
	message->body.route.rtm_scope = RT_SCOPE_LINK;
	message->body.route.rtm_type = RTN_UNICAST;
	add_attr(message, RTA_DST, &destination, sizeof(destination));
	add_attr(message, RTA_OIF, &lo, sizeof(lo));
}

static long do_add_route(const struct sphere_call *call)
{
	struct message message;

	route(&message, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
	return exchange(call, &message);
}

static long do_del_route(const struct sphere_call *call)
{
	struct message message;

	route(&message, RTM_DELROUTE, 0);
	return exchange(call, &message);
}

/* A route that runs packets through something of its own. */
static long do_add_encap_route(const struct sphere_call *call)
{
	const __u16 type = 6;
	struct message message;

	route(&message, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
	add_attr(&message, RTA_ENCAP_TYPE, &type, sizeof(type));
	return exchange(call, &message);
}

static void link_message(struct message *message, int type, int index)
{
	begin(message, type, sizeof(message->body.link), 0);
	message->body.link.ifi_index = index;
	message->body.link.ifi_change = IFF_UP;
	message->body.link.ifi_flags = IFF_UP;
}

static long do_link_up(const struct sphere_call *call)
{
	struct message message;

	link_message(&message, RTM_NEWLINK, 1);
	return exchange(call, &message);
}

static long do_link_set(const struct sphere_call *call)
{
	struct message message;

	link_message(&message, RTM_SETLINK, 1);
	return exchange(call, &message);
}

static long do_link_up_by_name(const struct sphere_call *call)
{
	struct message message;

	link_message(&message, RTM_NEWLINK, 0);
	add_attr(&message, IFLA_IFNAME, "lo", 3);
	return exchange(call, &message);
}

static long do_link_mtu(const struct sphere_call *call)
{
	const __u32 mtu = 65536;
	struct message message;

	link_message(&message, RTM_NEWLINK, 1);
	add_attr(&message, IFLA_MTU, &mtu, sizeof(mtu));
	return exchange(call, &message);
}

static long do_link_rename(const struct sphere_call *call)
{
	struct message message;

	link_message(&message, RTM_NEWLINK, 1);
	/* The name that it has: a new one could not be taken back. */
	add_attr(&message, IFLA_IFNAME, "lo", 3);
	return exchange(call, &message);
}

static long do_link_promiscuous(const struct sphere_call *call)
{
	struct message message;

	link_message(&message, RTM_NEWLINK, 1);
	message.body.link.ifi_change |= IFF_PROMISC;
	message.body.link.ifi_flags |= IFF_PROMISC;
	return exchange(call, &message);
}

/* Zero stands for all flags. */
static long do_link_all_flags(const struct sphere_call *call)
{
	struct message message;

	link_message(&message, RTM_NEWLINK, 1);
	message.body.link.ifi_change = 0;
	message.body.link.ifi_flags |= IFF_PROMISC;
	return exchange(call, &message);
}

static long do_link_create(const struct sphere_call *call)
{
	struct message message;

	link_message(&message, RTM_NEWLINK, 0);
	message.header.nlmsg_flags |= NLM_F_CREATE;
	add_attr(&message, IFLA_IFNAME, "new9", 5);
	return exchange(call, &message);
}

static long do_link_delete(const struct sphere_call *call)
{
	struct message message;

	link_message(&message, RTM_DELLINK, 1);
	return exchange(call, &message);
}

/* Another family's link message means something else. */
static long do_link_bridge(const struct sphere_call *call)
{
	struct message message;

	link_message(&message, RTM_SETLINK, 1);
	message.body.link.ifi_family = AF_BRIDGE;
	return exchange(call, &message);
}

static long do_add_neighbour(const struct sphere_call *call)
{
	struct message message;

	begin(&message, RTM_NEWNEIGH, sizeof(message.body.link), NLM_F_CREATE);
	message.body.any.rtgen_family = AF_INET;
	return exchange(call, &message);
}

static long do_add_rule(const struct sphere_call *call)
{
	struct message message;

	begin(&message, RTM_NEWRULE, sizeof(message.body.route), NLM_F_CREATE);
	message.body.any.rtgen_family = AF_INET;
	return exchange(call, &message);
}

static const struct {
	const char *name;
	sphere_action *action;
} net_more[] = {
	{ "MTU", do_link_mtu },
	{ "rename", do_link_rename },
	{ "promiscuous", do_link_promiscuous },
	{ "all flags", do_link_all_flags },
	{ "create", do_link_create },
	{ "delete", do_link_delete },
	{ "bridge", do_link_bridge },
	{ "neighbour", do_add_neighbour },
	{ "rule", do_add_rule },
	{ "encapsulation", do_add_encap_route },
};

/* The older calls: a socket of any family, or one that is inherited. */

#define LO_ALIAS	"lo:9"

static int older_call(const struct sphere_call *call, unsigned long request,
		      void *argument)
{
	int fd = call->a > 0 ? call->a : socket(AF_UNIX, SOCK_DGRAM, 0);
	int error = ioctl(fd, request, argument) ? -errno : 0;

	if (call->a <= 0)
		close(fd);
	return error;
}

/* Sets and clears flags of lo. */
static int change_flags(const struct sphere_call *call, short set, short clear)
{
	struct ifreq request = { .ifr_name = "lo" };
	int error = older_call(call, SIOCGIFFLAGS, &request);

	if (error)
		return error;
	request.ifr_flags = (request.ifr_flags | set) & ~clear;
	return older_call(call, SIOCSIFFLAGS, &request);
}

static long do_older_up(const struct sphere_call *call)
{
	return change_flags(call, IFF_UP, 0);
}

static long do_older_down_and_up(const struct sphere_call *call)
{
	int error = change_flags(call, 0, IFF_UP);

	return error ? error : change_flags(call, IFF_UP, 0);
}

static long do_older_promiscuous(const struct sphere_call *call)
{
	int error = change_flags(call, IFF_PROMISC, 0);

	return error ? error : change_flags(call, 0, IFF_PROMISC);
}

static long do_older_noarp(const struct sphere_call *call)
{
	int error = change_flags(call, IFF_NOARP, 0);

	return error ? error : change_flags(call, 0, IFF_NOARP);
}

static long do_older_mtu(const struct sphere_call *call)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_mtu = 65536 };

	return older_call(call, SIOCSIFMTU, &request);
}

static long do_older_rename(const struct sphere_call *call)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_newname = "lo" };

	return older_call(call, SIOCSIFNAME, &request);
}

static struct sockaddr socket_address(__u32 address)
{
	union {
		struct sockaddr_in in;
		struct sockaddr any;
	} to = {
		.in.sin_family = AF_INET,
		.in.sin_addr.s_addr = htonl(address),
	};

	return to.any;
}

/* An alias with an address of its own, which comes and goes. */
static long do_older_address(const struct sphere_call *call)
{
	struct ifreq request = {
		.ifr_name = LO_ALIAS,
		.ifr_addr = socket_address(0x7f000109),
	};
	int error = older_call(call, SIOCSIFADDR, &request);

	if (error)
		return error;
	request.ifr_flags = 0;
	return older_call(call, SIOCSIFFLAGS, &request);
}

static long do_older_route(const struct sphere_call *call)
{
	struct rtentry route = {
		.rt_dst = socket_address(0x0a010204),
		.rt_genmask = socket_address(0xffffffff),
		.rt_flags = RTF_UP | RTF_HOST,
		.rt_dev = "lo",
	};
	int error = older_call(call, SIOCADDRT, &route);

	return error ? error : older_call(call, SIOCDELRT, &route);
}

static const struct {
	const char *name;
	sphere_action *action;
	int family;
	bool in_slice;
} older[] = {
	{ "up", do_older_up, AF_UNIX, true },
	{ "up", do_older_up, AF_INET, true },
	{ "down and up", do_older_down_and_up, AF_UNIX, true },
	{ "down and up", do_older_down_and_up, AF_INET, true },
	{ "address", do_older_address, AF_INET, true },
	{ "route", do_older_route, AF_INET, true },
	{ "promiscuous", do_older_promiscuous, AF_UNIX, false },
	{ "promiscuous", do_older_promiscuous, AF_INET, false },
	{ "no ARP", do_older_noarp, AF_UNIX, false },
	{ "MTU", do_older_mtu, AF_UNIX, false },
	{ "rename", do_older_rename, AF_UNIX, false },
};

/* What the big capabilities are good for elsewhere. */

static long do_chown(const struct sphere_call *call)
{
	return chown(call->text, call->a, call->a) ? -errno : 0;
}

static long do_kill(const struct sphere_call *call)
{
	return kill(call->a, 0) ? -errno : 0;
}

static long do_mknod(const struct sphere_call *call)
{
	return mknod(call->text, S_IFCHR | 0666, makedev(1, 3)) ? -errno : 0;
}

static long do_mount(const struct sphere_call *call)
{
	return mount("none", "/tmp", call->text, 0, NULL) ? -errno : 0;
}

static long do_fsopen(const struct sphere_call *call)
{
	return syscall(__NR_fsopen, call->text, 0) < 0 ? -errno : 0;
}

static long do_umount(const struct sphere_call *call)
{
	return umount2(call->text, MNT_DETACH) ? -errno : 0;
}

static long do_unshare(const struct sphere_call *call)
{
	return unshare(call->a) ? -errno : 0;
}

static long do_clone_userns(const struct sphere_call *call)
{
	long pid = syscall(__NR_clone, CLONE_NEWUSER | CLONE_NEWNS | SIGCHLD,
			   0, 0, 0, 0);

	if (!pid)
		_exit(0);
	return pid < 0 ? -errno : 0;
}

static long do_setuid(const struct sphere_call *call)
{
	return syscall(SPHERE_NR_ID(setuid), call->a) ? -errno : 0;
}

static long do_chroot(const struct sphere_call *call)
{
	return chroot(call->text) ? -errno : 0;
}

static long do_read_file(const struct sphere_call *call)
{
	struct sphere_blob text;

	return sphere_read_file(call->text, &text);
}

static int start(struct sphere_agent *agent, int who, __u64 capabilities,
		 bool root)
{
	struct sphere_blob record;
	const struct sphere_start start = {
		.who = who,
		.record = who > 0 ? &record : NULL,
		.uid = root ? 0 : 10000 + who,
		.all_capabilities = root,
	};

	if (who > 0) {
		sphere_record_application(&record, who);
		sphere_header(&record)->capabilities = htole64(capabilities);
	}
	return sphere_agent_start_patiently(agent, &start);
}

#define SLICE(name)	(1ULL << SPHERE_CAP_##name)

/* All that can be granted, but for what is named. */
static __u64 all_but(__u64 slices)
{
	__u64 all = (1ULL << (SPHERE_CAP_MOUNT_IMAGE + 1)) - 1;

	return all & ~slices;
}

/*
 * With a slice, an ordinary uid and no capability; and all who are to be
 * refused: an application without it that is root with all capabilities, and a
 * task without identity that is.
 */
FIXTURE(slice)
{
	struct sphere_agent with, without, nobody;
	int restricted;
};

FIXTURE_VARIANT(slice)
{
	__u64 slice;
};

FIXTURE_VARIANT_ADD(slice, system_time)
{
	.slice = SLICE(SYSTEM_TIME),
};

FIXTURE_VARIANT_ADD(slice, force_reboot)
{
	.slice = SLICE(FORCE_REBOOT),
};

FIXTURE_VARIANT_ADD(slice, force_power_down)
{
	.slice = SLICE(FORCE_POWER_DOWN),
};

FIXTURE_VARIANT_ADD(slice, host_name)
{
	.slice = SLICE(HOST_NAME),
};

FIXTURE_VARIANT_ADD(slice, rng_seed)
{
	.slice = SLICE(RNG_SEED),
};

FIXTURE_VARIANT_ADD(slice, kernel_log)
{
	.slice = SLICE(KERNEL_LOG),
};

FIXTURE_VARIANT_ADD(slice, network_config)
{
	.slice = SLICE(NETWORK_CONFIG),
};

FIXTURE_SETUP(slice)
{
	ASSERT_EQ(0, start(&self->with, APP, variant->slice, false));
	ASSERT_EQ(0, start(&self->without, VICTIM, all_but(variant->slice),
			   true));
	ASSERT_EQ(0, start(&self->nobody, SPHERE_NOBODY, 0, true));
}

FIXTURE_TEARDOWN(slice)
{
	EXPECT_EQ(0, sphere_agent_stop(&self->with));
	EXPECT_EQ(0, sphere_agent_stop(&self->without));
	EXPECT_EQ(0, sphere_agent_stop(&self->nobody));
}

struct operation {
	const char *name;
	__u64 slice;
	sphere_action *action;
	long a;
	/* What a permitted call returns. */
	long result;
	const char *text;
};

static const struct operation operations[] = {
	{ "clock_settime", SLICE(SYSTEM_TIME), do_clock_settime },
	{ "settimeofday", SLICE(SYSTEM_TIME), do_settimeofday },
	{ "adjtimex", SLICE(SYSTEM_TIME), do_adjtimex, ADJ_SETOFFSET },
	{ "adjtimex, status", SLICE(SYSTEM_TIME), do_adjtimex, ADJ_STATUS },
	{ "restart", SLICE(FORCE_REBOOT), do_reboot,
	  LINUX_REBOOT_CMD_RESTART, -EINVAL },
	{ "restart with text", SLICE(FORCE_REBOOT), do_reboot,
	  LINUX_REBOOT_CMD_RESTART2, -EINVAL },
	{ "halt", SLICE(FORCE_POWER_DOWN), do_reboot,
	  LINUX_REBOOT_CMD_HALT, -EINVAL },
	{ "power off", SLICE(FORCE_POWER_DOWN), do_reboot,
	  LINUX_REBOOT_CMD_POWER_OFF, -EINVAL },
	{ "host name", SLICE(HOST_NAME), do_sethostname },
	{ "entropy", SLICE(RNG_SEED), do_add_entropy },
	{ "entropy count", SLICE(RNG_SEED), do_add_count },
	{ "log", SLICE(KERNEL_LOG), do_klogctl, LOG_READ_ALL },
	{ "log size", SLICE(KERNEL_LOG), do_klogctl, LOG_SIZE_BUFFER },
	{ "/proc/kmsg", SLICE(KERNEL_LOG), do_try_open, O_RDONLY, 0,
	  "/proc/kmsg" },
	{ "/dev/kmsg", SLICE(KERNEL_LOG), do_try_open, O_RDONLY, 0,
	  "/dev/kmsg" },
	{ "address", SLICE(NETWORK_CONFIG), do_add_address },
	{ "address, again", SLICE(NETWORK_CONFIG), do_del_address },
	{ "link up", SLICE(NETWORK_CONFIG), do_link_up },
	{ "link set", SLICE(NETWORK_CONFIG), do_link_set },
	{ "link by name", SLICE(NETWORK_CONFIG), do_link_up_by_name },
	{ "route", SLICE(NETWORK_CONFIG), do_add_route },
	{ "route, again", SLICE(NETWORK_CONFIG), do_del_route },
	/* Nobody but managers. */
	{ "ctrl-alt-del", 0, do_reboot, LINUX_REBOOT_CMD_CAD_OFF },
	{ "kexec", 0, do_reboot, LINUX_REBOOT_CMD_KEXEC },
	{ "domain name", 0, do_setdomainname },
	{ "entropy, zap", 0, do_zap_count },
	{ "entropy, reseed", 0, do_reseed },
	{ "log, clear", 0, do_klogctl, LOG_CLEAR },
	{ "log, console off", 0, do_klogctl, LOG_CONSOLE_OFF },
};

/* The slice works, and what is no part of it does not. */
TEST_F(slice, permits_its_operations_alone)
{
	const struct operation *op;
	size_t i, restricted;
	long result;

	ASSERT_EQ(0, chmod("/dev/kmsg", 0666));
	ASSERT_EQ(0, chmod("/proc/kmsg", 0444));
	for (restricted = 0; restricted < 2; restricted++) {
		ASSERT_EQ(0, sphere_write_text(DMESG_RESTRICT,
					       restricted ? "1" : "0"));
		for (i = 0; i < ARRAY_SIZE(operations); i++) {
			op = &operations[i];
			result = sphere_call(&self->with, op->action, op->a, 0,
					     op->text);
			if (op->slice == variant->slice) {
				EXPECT_EQ(op->result, result)
					TH_LOG("%s", op->name);
			} else {
				EXPECT_TRUE(is_refusal(result))
					TH_LOG("%s: %ld", op->name, result);
			}
		}
	}
	EXPECT_EQ(0, sphere_write_text(DMESG_RESTRICT, "0"));
}

/* Root by uid with all of Linux' capabilities is not enough. */
TEST_F(slice, is_needed_by_root_too)
{
	const struct operation *op;
	long result;
	size_t i;

	ASSERT_EQ(0, sphere_write_text(DMESG_RESTRICT, "0"));
	for (i = 0; i < ARRAY_SIZE(operations); i++) {
		op = &operations[i];
		result = sphere_call(&self->nobody, op->action, op->a, 0,
				     op->text);
		EXPECT_TRUE(is_refusal(result))
			TH_LOG("nobody, %s: %ld", op->name, result);
		result = sphere_call(&self->without, op->action, op->a, 0,
				     op->text);
		if (op->slice && op->slice != variant->slice)
			continue;
		EXPECT_TRUE(is_refusal(result))
			TH_LOG("without, %s: %ld", op->name, result);
	}
}

/* With the slice, over one's own socket; and over one of a manager's. */
TEST_F(slice, of_the_network_is_no_more_than_that)
{
	int manager = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	struct sphere_agent heir;
	struct sphere_call call = {};
	long result;
	size_t i;

	ASSERT_LE(0, manager);
	for (i = 0; i < ARRAY_SIZE(net_more); i++) {
		result = sphere_call(&self->with, net_more[i].action, 0, 0,
				     NULL);
		EXPECT_TRUE(is_refusal(result))
			TH_LOG("%s: %ld", net_more[i].name, result);
		/* Not refused for another reason: a manager gets further. */
		result = net_more[i].action(&call);
		EXPECT_FALSE(is_refusal(result))
			TH_LOG("manager, %s: %ld", net_more[i].name, result);
	}
	ASSERT_EQ(0, start(&heir, SPHERE_NOBODY, 0, true));
	EXPECT_TRUE(is_refusal(sphere_call(&heir, do_link_up, manager, 0,
					   NULL)));
	EXPECT_TRUE(is_refusal(sphere_call(&heir, do_add_address, manager, 0,
					   NULL)));
	EXPECT_EQ(0, sphere_agent_stop(&heir));
	close(manager);
}

TEST(the_older_calls_for_the_network_are_in_the_slice_as_well)
{
	int inet = socket(AF_INET, SOCK_DGRAM, 0);
	struct sphere_agent with, without, nobody;
	struct sphere_call call = {};
	long result;
	size_t i;
	int fd;

	ASSERT_LE(0, inet);
	ASSERT_EQ(0, start(&with, APP, SLICE(NETWORK_CONFIG), false));
	ASSERT_EQ(0, start(&without, VICTIM, all_but(SLICE(NETWORK_CONFIG)),
			   true));
	ASSERT_EQ(0, start(&nobody, SPHERE_NOBODY, 0, true));
	for (i = 0; i < ARRAY_SIZE(older); i++) {
		fd = older[i].family == AF_INET ? inet : 0;
		result = sphere_call(&with, older[i].action, fd, 0, NULL);
		if (older[i].in_slice) {
			EXPECT_EQ(0, result)
				TH_LOG("%s", older[i].name);
		} else {
			EXPECT_TRUE(is_refusal(result))
				TH_LOG("%s: %ld", older[i].name, result);
		}
		result = sphere_call(&without, older[i].action, fd, 0, NULL);
		EXPECT_TRUE(is_refusal(result))
			TH_LOG("without, %s: %ld", older[i].name, result);
		result = sphere_call(&nobody, older[i].action, fd, 0, NULL);
		EXPECT_TRUE(is_refusal(result))
			TH_LOG("nobody, %s: %ld", older[i].name, result);
		/* Not refused for another reason: a manager gets further. */
		call.a = fd;
		result = older[i].action(&call);
		EXPECT_FALSE(is_refusal(result))
			TH_LOG("manager, %s: %ld", older[i].name, result);
	}
	EXPECT_EQ(0, sphere_agent_stop(&with));
	EXPECT_EQ(0, sphere_agent_stop(&without));
	EXPECT_EQ(0, sphere_agent_stop(&nobody));
	close(inet);
}

FIXTURE(root)
{
	struct sphere_agent nobody, app, victim;
};

FIXTURE_SETUP(root)
{
	ASSERT_EQ(0, start(&self->nobody, SPHERE_NOBODY, 0, true));
	ASSERT_EQ(0, start(&self->app, APP, all_but(0), true));
	ASSERT_EQ(0, start(&self->victim, VICTIM, 0, false));
}

FIXTURE_TEARDOWN(root)
{
	EXPECT_EQ(0, sphere_agent_stop(&self->nobody));
	EXPECT_EQ(0, sphere_agent_stop(&self->app));
	EXPECT_EQ(0, sphere_agent_stop(&self->victim));
}

/* What a task with all capabilities is refused, whoever it is. */
static void expect_powerless(struct __test_metadata *_metadata,
			     struct sphere_agent *agent, pid_t victim)
{
	char path[64];

	EXPECT_EQ(-EPERM, sphere_call(agent, do_kill, victim, 0, NULL));
	EXPECT_EQ(-EACCES, sphere_call(agent, do_try_open, O_RDONLY, 0,
				       "/tmp/sphere-private"));
	EXPECT_EQ(-EPERM, sphere_call(agent, do_chown, 0, 0,
				      "/tmp/sphere-private"));
	EXPECT_EQ(-EPERM, sphere_call(agent, do_mknod, 0, 0,
				      "/tmp/sphere-node"));
	EXPECT_EQ(-EPERM, sphere_call(agent, do_mount, 0, 0, "tmpfs"));
	EXPECT_EQ(-EPERM, sphere_call(agent, do_mount, 0, 0, "proc"));
	EXPECT_EQ(-EPERM, sphere_call(agent, do_fsopen, 0, 0, "tmpfs"));
	EXPECT_EQ(-EPERM, sphere_call(agent, do_umount, 0, 0, "/tmp"));
	EXPECT_EQ(-EPERM, sphere_call(agent, do_unshare, CLONE_NEWNS, 0, NULL));
	EXPECT_EQ(-EPERM, sphere_call(agent, do_unshare, CLONE_NEWNET, 0,
				      NULL));
	EXPECT_EQ(-EPERM, sphere_call(agent, do_unshare, CLONE_NEWUSER, 0,
				      NULL));
	EXPECT_EQ(-EPERM, sphere_call(agent, do_clone_userns, 0, 0, NULL));
	EXPECT_EQ(-EPERM, sphere_call(agent, do_setuid, 4711, 0, NULL));
	EXPECT_EQ(-EPERM, sphere_call(agent, do_chroot, 0, 0, "/tmp"));
	/* Behind CAP_PERFMON, not behind the rule for tracing. */
	snprintf(path, sizeof(path), "/proc/%d/environ", victim);
	EXPECT_TRUE(is_refusal(sphere_call(agent, do_read_file, 0, 0, path)));
	snprintf(path, sizeof(path), "/proc/%d/maps", victim);
	EXPECT_TRUE(is_refusal(sphere_call(agent, do_read_file, 0, 0, path)));
}

TEST_F(root, has_no_use_of_capabilities)
{
	int fd = open("/tmp/sphere-private", O_WRONLY | O_CREAT | O_CLOEXEC,
		      0600);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, fchown(fd, 4711, 4711));
	close(fd);
	expect_powerless(_metadata, &self->nobody, self->victim.pid);
	expect_powerless(_metadata, &self->app, self->victim.pid);
	EXPECT_EQ(0, unlink("/tmp/sphere-private"));
}

/* Modes let root write these, without any capability. */
TEST_F(root, writes_no_sysctl)
{
	static const char *const files[] = {
		"/proc/sys/kernel/hostname sphere",
		"/proc/sys/kernel/core_pattern |/bin/sh",
		"/proc/sys/kernel/dmesg_restrict 0",
		"/proc/sys/kernel/hotplug /bin/sh",
	};
	struct sphere_call call;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		EXPECT_EQ(-EPERM, sphere_call(&self->nobody, do_write_file, 0,
					      0, files[i]))
			TH_LOG("%s", files[i]);
		EXPECT_EQ(-EPERM, sphere_call(&self->app, do_write_file, 0, 0,
					      files[i]))
			TH_LOG("%s", files[i]);
	}
	snprintf(call.text, sizeof(call.text), "%s", files[0]);
	EXPECT_EQ(0, do_write_file(&call));
}

/* An open file of the log is no way around, where the kernel asks again. */
TEST_F(root, reads_no_log_that_was_opened_before)
{
	int proc = open("/proc/kmsg", O_RDONLY | O_NONBLOCK);
	struct sphere_agent heir;

	ASSERT_LE(0, proc);
	ASSERT_EQ(0, start(&heir, SPHERE_NOBODY, 0, true));
	EXPECT_EQ(-EPERM, sphere_call(&heir, do_read_fd, proc, 0, NULL));
	EXPECT_EQ(0, sphere_agent_stop(&heir));
	close(proc);
}

/* A driver that asks for an extended capability. */

static long do_write_code(const struct sphere_call *call)
{
	const char code = call->b;
	long error = 0;
	int fd = call->a ? call->a : open("/dev/postcode", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (pwrite(fd, &code, 1, 0) != 1)
		error = -errno;
	if (!call->a)
		close(fd);
	return error;
}

static long do_read_code(const struct sphere_call *call)
{
	int fd = open("/dev/postcode", O_RDONLY | O_CLOEXEC);
	unsigned char code = 0;
	long error = 0;

	if (fd < 0)
		return -errno;
	if (pread(fd, &code, 1, 0) != 1)
		error = -errno;
	close(fd);
	return error ? error : code;
}

TEST(a_driver_asks_for_an_extended_capability)
{
	struct sphere_agent with, without, nobody;
	int fd = open("/dev/postcode", O_RDWR);
	struct sphere_call call = { .b = 0x11 };

	if (fd < 0)
		SKIP(return, "no CONFIG_POSTCODE");
	ASSERT_EQ(0, start(&with, APP, SLICE(POSTCODE), false));
	ASSERT_EQ(0, start(&without, VICTIM, all_but(0), true));
	ASSERT_EQ(0, start(&nobody, SPHERE_NOBODY, 0, true));
	EXPECT_EQ(0, do_write_code(&call));
	EXPECT_EQ(0x11, do_read_code(&call));
	EXPECT_EQ(0, sphere_call(&with, do_write_code, 0, 0x22, NULL));
	/* By their own, and by a file that a manager has opened. */
	EXPECT_EQ(-EACCES, sphere_call(&without, do_write_code, 0, 0x33, NULL));
	EXPECT_EQ(-EACCES, sphere_call(&without, do_write_code, fd, 0x33,
				       NULL));
	EXPECT_EQ(-EACCES, sphere_call(&nobody, do_write_code, 0, 0x44, NULL));
	EXPECT_EQ(-EACCES, sphere_call(&nobody, do_write_code, fd, 0x44, NULL));
	EXPECT_EQ(0x22, sphere_call(&nobody, do_read_code, 0, 0, NULL));
	EXPECT_EQ(0, sphere_agent_stop(&with));
	EXPECT_EQ(0, sphere_agent_stop(&without));
	EXPECT_EQ(0, sphere_agent_stop(&nobody));
	close(fd);
}

/* Images. */

#define IMAGE_FLAGS	(MS_RDONLY | MS_NODEV | MS_NOSUID)
#define MOUNT_POINT	"/tmp/sphere-mount"

/* "TYPE SOURCE" */
static long do_mount_image(const struct sphere_call *call)
{
	char type[64];
	char *source;

	snprintf(type, sizeof(type), "%s", call->text);
	source = strchr(type, ' ');
	*source++ = '\0';
	return mount(source, MOUNT_POINT, type, call->a, NULL) ? -errno : 0;
}

/* The loop device that holds the image beside this program. */
static int attach_image(char device[32])
{
	struct loop_config config = { .info.lo_flags = LO_FLAGS_READ_ONLY };
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	char path[PATH_MAX];
	int number, image, loop, error = 0;

	sphere_beside(path, "image.cramfs");
	image = open(path, O_RDONLY | O_CLOEXEC);
	if (control < 0 || image < 0)
		return -errno;
	number = ioctl(control, LOOP_CTL_GET_FREE);
	snprintf(device, 32, "/dev/loop%d", number);
	/* For reading: what is open for writing cannot be mounted. */
	loop = open(device, O_RDONLY | O_CLOEXEC);
	config.fd = image;
	if (number < 0 || loop < 0 || ioctl(loop, LOOP_CONFIGURE, &config))
		error = -errno;
	close(control);
	close(image);
	/* Open: it would be free again otherwise. */
	return error ? error : loop;
}

static const struct {
	const char *type;
	unsigned long flags;
} more_than_images[] = {
	{ "cramfs", MS_RDONLY | MS_NODEV },
	{ "cramfs", MS_RDONLY | MS_NOSUID },
	{ "cramfs", MS_NODEV | MS_NOSUID },
	{ "cramfs", IMAGE_FLAGS | MS_REMOUNT },
	{ "cramfs", IMAGE_FLAGS | MS_BIND },
	{ "cramfs", IMAGE_FLAGS | MS_BIND | MS_REMOUNT },
	{ "cramfs", IMAGE_FLAGS | MS_MOVE },
	{ "cramfs", IMAGE_FLAGS | MS_SHARED },
	{ "tmpfs", IMAGE_FLAGS },
	{ "proc", IMAGE_FLAGS },
	{ "jffs2", IMAGE_FLAGS },
	{ "cramfs2", IMAGE_FLAGS },
};

TEST(an_image_is_mounted_read_only)
{
	struct sphere_agent with, without, nobody;
	char device[32], text[64];
	size_t i;
	int loop;

	loop = attach_image(device);
	ASSERT_LE(0, loop);
	ASSERT_TRUE(!mkdir(MOUNT_POINT, 0755) || errno == EEXIST);
	ASSERT_EQ(0, start(&with, APP, SLICE(MOUNT_IMAGE), false));
	ASSERT_EQ(0, start(&without, VICTIM, all_but(SLICE(MOUNT_IMAGE)),
			   true));
	ASSERT_EQ(0, start(&nobody, SPHERE_NOBODY, 0, true));

	for (i = 0; i < ARRAY_SIZE(more_than_images); i++) {
		snprintf(text, sizeof(text), "%s %s", more_than_images[i].type,
			 device);
		EXPECT_EQ(-EPERM, sphere_call(&with, do_mount_image,
					      more_than_images[i].flags, 0,
					      text))
			TH_LOG("%s, flags %lx", text, more_than_images[i].flags);
	}
	snprintf(text, sizeof(text), "cramfs %s", device);
	EXPECT_EQ(-EPERM, sphere_call(&without, do_mount_image, IMAGE_FLAGS, 0,
				      text));
	EXPECT_EQ(-EPERM, sphere_call(&nobody, do_mount_image, IMAGE_FLAGS, 0,
				      text));
	EXPECT_EQ(-1, access(MOUNT_POINT "/file", F_OK));
	EXPECT_EQ(0, sphere_call(&with, do_mount_image, IMAGE_FLAGS, 0, text));
	EXPECT_EQ(0, access(MOUNT_POINT "/file", R_OK));
	/* Taking it away is not part of the slice. */
	EXPECT_EQ(-EPERM, sphere_call(&with, do_umount, 0, 0, MOUNT_POINT));
	EXPECT_EQ(0, umount2(MOUNT_POINT, 0));

	EXPECT_EQ(0, sphere_agent_stop(&with));
	EXPECT_EQ(0, sphere_agent_stop(&without));
	EXPECT_EQ(0, sphere_agent_stop(&nobody));
	ioctl(loop, LOOP_CLR_FD, 0);
	close(loop);
}

/* Nothing of all this concerns a manager. */
TEST(a_manager_goes_by_its_capabilities)
{
	struct sphere_call call = {};
	const struct operation *op;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(operations); i++) {
		op = &operations[i];
		/* These would be done. */
		if (op->action == do_klogctl && !op->slice)
			continue;
		call.a = op->a;
		snprintf(call.text, sizeof(call.text), "%s",
			 op->text ? op->text : "");
		EXPECT_EQ(op->action == do_reboot ? -EINVAL : 0,
			  op->action(&call))
			TH_LOG("%s", op->name);
	}
}

int main(int argc, char **argv)
{
	sphere_begin(argc, argv);
	return test_harness_run(argc, argv);
}
