// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - Who may use the network, and for what
 *
 * Applications and their servers are on the loopback interface of a network
 * namespace of their own. The servers are the manager's.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <linux/filter.h>
#include <linux/in6.h>
#include <linux/ipv6.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/tcp.h>

#include "kselftest_harness.h"
#include "sphere_common.h"

#ifndef IPPROTO_SMC
#define IPPROTO_SMC		256
#endif
#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE	51
#endif

#define APP	1000
#define OTHER	1001

/* Both are open, and the first is what is granted. */
#define GOOD	7001
#define BAD	7002
/* What is granted to servers. */
#define SERVED	7003
/* In the range from which the kernel chooses. */
#define CHOSEN	40000

struct rule {
	__u8 protocol;
	/* NULL: to bind. */
	const char *address;
	__u8 prefix;
	__u16 port;
};

#define BIND(_protocol, _port)						\
	{ .protocol = _protocol, .port = _port }
#define CONNECT(_protocol, _address, _prefix, _port)			\
	{								\
		.protocol = _protocol,					\
		.address = _address,					\
		.prefix = _prefix,					\
		.port = _port,						\
	}

#define TCP	IPPROTO_TCP
#define UDP	IPPROTO_UDP

/* A client, a server, and what is both. */
static const struct rule client_rules[] = {
	CONNECT(TCP, "127.0.0.1", 32, GOOD),
	CONNECT(TCP, "::1", 128, GOOD),
	CONNECT(UDP, "127.0.0.1", 32, GOOD),
	CONNECT(UDP, "::1", 128, GOOD),
	{}
};

static const struct rule server_rules[] = {
	BIND(TCP, SERVED),
	BIND(UDP, SERVED),
	{}
};

static const struct rule tcp_rules[] = {
	CONNECT(TCP, "127.0.0.1", 32, GOOD),
	{}
};

static const struct rule udp_rules[] = {
	BIND(UDP, SERVED),
	{}
};

/* Not those of the client, but as good. */
static const struct rule other_rules[] = {
	BIND(TCP, BAD),
	BIND(UDP, BAD),
	CONNECT(TCP, "127.0.0.1", 32, BAD),
	CONNECT(UDP, "127.0.0.1", 32, BAD),
	{}
};

static const struct rule low_rules[] = {
	BIND(TCP, 80),
	BIND(UDP, 80),
	{}
};

static const struct rule wide_rules[] = {
	CONNECT(UDP, "127.0.0.0", 8, GOOD),
	{}
};

static const struct rule all_rules[] = {
	CONNECT(UDP, "0.0.0.0", 0, GOOD),
	CONNECT(UDP, "::", 0, GOOD),
	{}
};

static const struct rule chosen_rules[] = {
	BIND(TCP, CHOSEN),
	CONNECT(TCP, "127.0.0.1", 32, GOOD),
	{}
};

struct application {
	int who;
	/* Ends with one that is all zero. NULL for none. */
	const struct rule *rules;
	__u64 capabilities;
	/* Of Linux. */
	bool all_capabilities;
};

#define APPLICATION(_who, _rules)					\
	(&(struct application) { .who = _who, .rules = _rules })

static int start(struct sphere_agent *agent, const struct application *app)
{
	struct sphere_blob record;
	const struct sphere_start start = {
		.who = app->who,
		.record = app->who > 0 ? &record : NULL,
		.uid = sphere_uid(app->who),
		.all_capabilities = app->all_capabilities,
	};
	const struct rule *rule;

	sphere_record_application(&record, app->who);
	sphere_header(&record)->capabilities = htole64(app->capabilities);
	for (rule = app->rules; rule && rule->protocol; rule++) {
		if (rule->address)
			sphere_record_connect(&record, rule->protocol,
					      rule->address, rule->prefix,
					      rule->port, rule->port);
		else
			sphere_record_bind(&record, rule->protocol, rule->port,
					   rule->port);
	}
	if (app->rules)
		sphere_record_sort_net(&record);
	return sphere_agent_start_patiently(agent, &start);
}

/*
 * An address as text: IP address and port; then, where they are to be wrong,
 * family and length.
 */
union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_storage storage;
};

/* The family that stands for AF_UNSPEC. */
#define UNSPEC		99
#define AS_UNSPEC	" 99"

static socklen_t parse(const char *text, union address *address)
{
	unsigned int port, family = 0, len = 0;
	char ip[64];

	memset(address, 0, sizeof(*address));
	if (sscanf(text, "%63s %u %u %u", ip, &port, &family, &len) < 2)
		return 0;
	if (inet_pton(AF_INET, ip, &address->v4.sin_addr) == 1) {
		address->any.sa_family = AF_INET;
		address->v4.sin_port = htons(port);
		len = len ?: sizeof(address->v4);
	} else {
		inet_pton(AF_INET6, ip, &address->v6.sin6_addr);
		address->any.sa_family = AF_INET6;
		address->v6.sin6_port = htons(port);
		len = len ?: sizeof(address->v6);
	}
	if (family)
		address->any.sa_family = family == UNSPEC ? AF_UNSPEC : family;
	return len;
}

/*
 * What agents do. Descriptors are the agent's.
 */

static long do_socket(const struct sphere_call *call)
{
	int fd = socket(call->a, call->b & 0xff, call->b >> 8);

	return fd < 0 ? -errno : fd;
}

static long do_bind(const struct sphere_call *call)
{
	union address address;
	socklen_t len = parse(call->text, &address);

	return bind(call->a, &address.any, len) ? -errno : 0;
}

static long do_connect(const struct sphere_call *call)
{
	union address address;
	socklen_t len = parse(call->text, &address);

	return connect(call->a, &address.any, len) ? -errno : 0;
}

static long do_listen(const struct sphere_call *call)
{
	return listen(call->a, 8) ? -errno : 0;
}

/* Gets a connection out of a queue in which there is one. */
static long do_accept(const struct sphere_call *call)
{
	int fd = accept4(call->a, NULL, NULL, SOCK_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

/* @b: flags. The address is optional. */
static long do_send(const struct sphere_call *call)
{
	union address address;
	socklen_t len = parse(call->text, &address);
	ssize_t sent;

	sent = sendto(call->a, "x", 1, call->b | MSG_NOSIGNAL,
		      len ? &address.any : NULL, len);
	return sent < 0 ? -errno : sent;
}

static long do_write(const struct sphere_call *call)
{
	ssize_t written = write(call->a, "x", 1);

	return written < 0 ? -errno : written;
}

static long do_sendfile(const struct sphere_call *call)
{
	int fd = open("/proc/version", O_RDONLY | O_CLOEXEC);
	off_t offset = 0;
	ssize_t sent;
	long error;

	sent = sendfile(call->a, fd, &offset, 1);
	error = sent < 0 ? -errno : sent;
	close(fd);
	return error;
}

static long do_splice(const struct sphere_call *call)
{
	int fds[2];
	ssize_t sent;
	long error;

	if (pipe(fds) || write(fds[1], "x", 1) != 1)
		return -EIO;
	sent = splice(fds[0], NULL, call->a, NULL, 1, 0);
	error = sent < 0 ? -errno : sent;
	close(fds[0]);
	close(fds[1]);
	return error;
}

static long do_receive(const struct sphere_call *call)
{
	char byte;
	ssize_t got = recv(call->a, &byte, 1, MSG_DONTWAIT);

	return got < 0 ? -errno : got;
}

static long do_close(const struct sphere_call *call)
{
	return close(call->a) ? -errno : 0;
}

static long local_port(int fd)
{
	union address address;
	socklen_t len = sizeof(address);

	if (getsockname(fd, &address.any, &len))
		return -errno;
	return ntohs(address.v4.sin_port);
}

static long do_local_port(const struct sphere_call *call)
{
	return local_port(call->a);
}

/* @b: level, option. */
static long do_setsockopt(const struct sphere_call *call)
{
	char value[64] = { 1 };
	int level = call->b >> 16, option = call->b & 0xffff;

	return setsockopt(call->a, level, option, value,
			  atoi(call->text)) ? -errno : 0;
}

#define OPTION(_level, _option)	((_level) << 16 | (_option))

static long do_join(const struct sphere_call *call)
{
	const struct ip_mreqn v4 = {
		.imr_multiaddr.s_addr = htonl(0xe00000fb),
		.imr_ifindex = if_nametoindex("lo"),
	};

	return setsockopt(call->a, IPPROTO_IP, IP_ADD_MEMBERSHIP, &v4,
			  sizeof(v4)) ? -errno : 0;
}

/* A filter that lets nothing through. */
static long do_filter(const struct sphere_call *call)
{
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, 0) };
	const struct sock_fprog program = { .len = 1, .filter = code };

	return setsockopt(call->a, SOL_SOCKET, call->b, &program,
			  sizeof(program)) ? -errno : 0;
}

/* Two messages to two addresses, separated by a comma. */
static long do_sendmmsg(const struct sphere_call *call)
{
	const char *second = strchr(call->text, ',');
	struct iovec data = { .iov_base = (char[]){ 'x' }, .iov_len = 1 };
	struct mmsghdr messages[2] = {};
	union address addresses[2];
	int i, sent;

	for (i = 0; i < 2; i++) {
		struct msghdr *message = &messages[i].msg_hdr;

		message->msg_namelen = parse(i ? second + 1 : call->text,
					     &addresses[i]);
		message->msg_name = &addresses[i];
		message->msg_iov = &data;
		message->msg_iovlen = 1;
	}
	sent = sendmmsg(call->a, messages, 2, 0);
	return sent < 0 ? -errno : sent;
}

/* @b: level, type, and after them how many bytes the value has. */
union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(24)];
};

static void make_control(union control *control, long b)
{
	struct cmsghdr *header = &control->header;
	/* A number, or as IP options, one that means nothing and the end. */
	const int value[6] = { 1 };

	memset(control, 0, sizeof(*control));
	header->cmsg_level = b >> 16 & 0xff;
	header->cmsg_type = b & 0xffff;
	header->cmsg_len = CMSG_LEN(b >> 24);
	memcpy(CMSG_DATA(header), value, sizeof(value));
}

#define CONTROL(_level, _type, _size)					\
	((long)(_size) << 24 | (_level) << 16 | (_type))

static long do_send_control(const struct sphere_call *call)
{
	struct iovec data = { .iov_base = (char[]){ 'x' }, .iov_len = 1 };
	union control control;
	union address address;
	struct msghdr message = {
		.msg_name = &address,
		.msg_namelen = parse(call->text, &address),
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(call->b >> 24),
	};
	ssize_t sent;

	make_control(&control, call->b);
	sent = sendmsg(call->a, &message, 0);
	return sent < 0 ? -errno : sent;
}

/* The same, as the second message to the same address. */
static long do_send_control_second(const struct sphere_call *call)
{
	struct iovec data = { .iov_base = (char[]){ 'x' }, .iov_len = 1 };
	union control control;
	struct mmsghdr messages[2] = {};
	union address address;
	int i, sent;

	for (i = 0; i < 2; i++) {
		messages[i].msg_hdr.msg_name = &address;
		messages[i].msg_hdr.msg_namelen = parse(call->text, &address);
		messages[i].msg_hdr.msg_iov = &data;
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	make_control(&control, call->b);
	messages[1].msg_hdr.msg_control = &control;
	messages[1].msg_hdr.msg_controllen = CMSG_SPACE(call->b >> 24);
	sent = sendmmsg(call->a, messages, 2, 0);
	return sent < 0 ? -errno : sent;
}

/* Sends descriptor @b by @a, which is of AF_UNIX. */
static long do_pass(const struct sphere_call *call)
{
	return sphere_send_fd(call->a, call->b);
}

/* Receives one. */
static long do_take(const struct sphere_call *call)
{
	char control[CMSG_SPACE(sizeof(int))], byte;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header;
	int fd;

	if (recvmsg(call->a, &message, MSG_DONTWAIT) < 0)
		return -errno;
	header = CMSG_FIRSTHDR(&message);
	if (!header)
		return -EACCES;
	memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

static long do_unshare(const struct sphere_call *call)
{
	return unshare(call->a) ? -errno : 0;
}

static long do_interface_flags(const struct sphere_call *call)
{
	struct ifreq request = { .ifr_name = "lo" };

	return ioctl(call->a, SIOCGIFFLAGS, &request) ? -errno :
		request.ifr_flags;
}

/* Asks for all links. */
static long do_list_links(const struct sphere_call *call)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg info;
	} request = {
		.header = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = RTM_GETLINK,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		},
	};
	char reply[8192];

	if (send(call->a, &request, sizeof(request), 0) < 0)
		return -errno;
	return recv(call->a, reply, sizeof(reply), MSG_DONTWAIT) <= 0;
}

/*
 * The manager's side.
 */

/* A socket that does not block, and no agent inherits. */
static int open_bound(int type, const char *text)
{
	union address address;
	socklen_t len = parse(text, &address);
	int fd = socket(address.any.sa_family,
			type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;

	if (address.any.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (bind(fd, &address.any, len) ||
	    (type == SOCK_STREAM && listen(fd, 8)))
		return -errno;
	return fd;
}

/* Datagrams that have come, or connections. */
static int drain(int fd)
{
	int count = 0, connection;
	char byte;

	while (recv(fd, &byte, 1, 0) >= 0)
		count++;
	if (count)
		return count;
	while ((connection = accept(fd, NULL, NULL)) >= 0) {
		close(connection);
		count++;
	}
	return count;
}

FIXTURE(net)
{
	struct sphere_agent agent;
	/* What is granted, over both families. */
	int good_tcp[2];
	int good_udp[2];
	/* What is not: the other port, and another address. */
	int bad_tcp[2];
	int bad_udp[2];
};

FIXTURE_SETUP(net)
{
	ASSERT_EQ(0, sphere_own_network());
	self->agent.pid = -1;
	self->good_tcp[0] = open_bound(SOCK_STREAM, "127.0.0.1 7001");
	self->good_tcp[1] = open_bound(SOCK_STREAM, "::1 7001");
	self->good_udp[0] = open_bound(SOCK_DGRAM, "127.0.0.1 7001");
	self->good_udp[1] = open_bound(SOCK_DGRAM, "::1 7001");
	self->bad_tcp[0] = open_bound(SOCK_STREAM, "0.0.0.0 7002");
	self->bad_tcp[1] = open_bound(SOCK_STREAM, "127.0.0.2 7001");
	self->bad_udp[0] = open_bound(SOCK_DGRAM, "0.0.0.0 7002");
	self->bad_udp[1] = open_bound(SOCK_DGRAM, "127.0.0.2 7001");
	ASSERT_LE(0, self->good_tcp[0]);
	ASSERT_LE(0, self->good_tcp[1]);
	ASSERT_LE(0, self->good_udp[0]);
	ASSERT_LE(0, self->good_udp[1]);
	ASSERT_LE(0, self->bad_tcp[0]);
	ASSERT_LE(0, self->bad_tcp[1]);
	ASSERT_LE(0, self->bad_udp[0]);
	ASSERT_LE(0, self->bad_udp[1]);
}

FIXTURE_TEARDOWN(net)
{
	int i;

	/* Whatever was tried. */
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, drain(self->bad_tcp[i]));
		EXPECT_EQ(0, drain(self->bad_udp[i]));
	}
	EXPECT_TRUE(self->agent.pid < 0 || !sphere_agent_stop(&self->agent));
}

#define START(_rules)							\
	ASSERT_EQ(0, start(&self->agent, APPLICATION(APP, _rules)))
#define CALL(_action, _a, _b, _text)					\
	sphere_call(&self->agent, _action, _a, _b, _text)

/* A socket of the agent. */
#define SOCKET(_family, _type)						\
	({								\
		long __fd = CALL(do_socket, _family, _type, NULL);	\
									\
		ASSERT_LE(0, __fd);					\
		__fd;							\
	})

static const int inet_families[] = { AF_INET, AF_INET6 };

/*
 * Sockets
 */

static const int socket_types[] = {
	SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_RDM, SOCK_SEQPACKET, SOCK_DCCP,
	SOCK_PACKET,
};

static const int protocols[] = {
	0, IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMPV6,
	IPPROTO_SCTP, IPPROTO_UDPLITE, IPPROTO_RAW, IPPROTO_SMC, IPPROTO_MPTCP,
};

/* In the agent: the sockets that it can make, as a bit for each class. */
enum {
	MAKES_TCP	= 1 << 0,
	MAKES_UDP	= 1 << 1,
	MAKES_ROUTE	= 1 << 2,
	MAKES_OTHER	= 1 << 3,
	MAKES_PAIR	= 1 << 4,
	/* A refusal that is none of ours, or an error instead of one. */
	MAKES_TROUBLE	= 1 << 5,
};

static int class_of(int family, int type, int protocol)
{
	bool inet = family == AF_INET || family == AF_INET6;

	if (inet && type == SOCK_STREAM && (!protocol || protocol == TCP))
		return MAKES_TCP;
	if (inet && type == SOCK_DGRAM && (!protocol || protocol == UDP))
		return MAKES_UDP;
	if (family == AF_NETLINK && !protocol &&
	    (type == SOCK_RAW || type == SOCK_DGRAM))
		return MAKES_ROUTE;
	return MAKES_OTHER;
}

static int make_one(int family, int type, int protocol)
{
	int made = 0, fd, fds[2];

	fd = socket(family, type, protocol);
	if (fd >= 0) {
		close(fd);
		made |= class_of(family, type, protocol);
	} else if (errno != EACCES) {
		made |= MAKES_TROUBLE;
	}
	if (!socketpair(family, type, protocol, fds))
		made |= MAKES_PAIR;
	return made;
}

static long do_make_all(const struct sphere_call *call __maybe_unused)
{
	unsigned int type, protocol;
	int family, made = 0;

	for (family = 0; family < AF_MAX; family++) {
		if (family == AF_UNIX)
			continue;
		for (type = 0; type < ARRAY_SIZE(socket_types); type++)
			for (protocol = 0; protocol < ARRAY_SIZE(protocols);
			     protocol++)
				made |= make_one(family, socket_types[type],
						 protocols[protocol]);
	}
	return made;
}

/* AF_UNIX is not decided about here. */
static long do_make_unix(const struct sphere_call *call __maybe_unused)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), fds[2];

	if (fd < 0 || socketpair(AF_UNIX, SOCK_DGRAM, 0, fds))
		return -errno;
	close(fd);
	close(fds[0]);
	close(fds[1]);
	return 0;
}

FIXTURE(sockets)
{
};

FIXTURE_VARIANT(sockets)
{
	struct application app;
	int made;
};

FIXTURE_VARIANT_ADD(sockets, nobody)
{
	.app = { .who = SPHERE_NOBODY, .all_capabilities = true },
};

FIXTURE_VARIANT_ADD(sockets, no_rules)
{
	.app = { .who = APP },
};

FIXTURE_VARIANT_ADD(sockets, no_rules_but_capable)
{
	.app = { .who = APP, .all_capabilities = true },
};

/* Not even all the others together open anything. */
FIXTURE_VARIANT_ADD(sockets, extended_capabilities)
{
	.app = {
		.who = APP,
		.capabilities = 0x1fffff & ~(1ULL << SPHERE_CAP_NETWORK_CONFIG),
	},
};

FIXTURE_VARIANT_ADD(sockets, network_config)
{
	.app = {
		.who = APP,
		.capabilities = 1ULL << SPHERE_CAP_NETWORK_CONFIG,
	},
	.made = MAKES_UDP | MAKES_ROUTE,
};

FIXTURE_VARIANT_ADD(sockets, tcp)
{
	.app = {
		.who = APP,
		.rules = tcp_rules,
		.all_capabilities = true,
	},
	.made = MAKES_TCP,
};

FIXTURE_VARIANT_ADD(sockets, udp)
{
	.app = {
		.who = APP,
		.rules = udp_rules,
		.all_capabilities = true,
	},
	.made = MAKES_UDP,
};

FIXTURE_SETUP(sockets) {}
FIXTURE_TEARDOWN(sockets) {}

TEST_F(sockets, are_made)
{
	struct sphere_agent agent;
	long made;

	ASSERT_EQ(0, start(&agent, &variant->app));
	EXPECT_EQ(0, sphere_call(&agent, do_make_unix, 0, 0, NULL));
	made = sphere_call(&agent, do_make_all, 0, 0, NULL);
	EXPECT_EQ(variant->made, made & ~MAKES_TROUBLE);
	/* Who has sockets also gets errors, for what the kernel lacks. */
	if (!variant->made)
		EXPECT_EQ(0, made & MAKES_TROUBLE);
	EXPECT_EQ(0, sphere_agent_stop(&agent));
}

TEST(manager_makes_sockets_as_ever)
{
	static const int kinds[][3] = {
		{ AF_INET, SOCK_STREAM, 0 },
		{ AF_INET6, SOCK_DGRAM, 0 },
		{ AF_INET, SOCK_RAW, IPPROTO_ICMP },
		{ AF_PACKET, SOCK_RAW, 0 },
		{ AF_NETLINK, SOCK_RAW, NETLINK_ROUTE },
		{ AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT },
	};
	unsigned int i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		fd = socket(kinds[i][0], kinds[i][1], kinds[i][2]);
		EXPECT_LE(0, fd);
		close(fd);
	}
}

/* It configures interfaces, and that is all. */
TEST_F(net, network_config)
{
	const struct application app = {
		.who = APP,
		.capabilities = 1ULL << SPHERE_CAP_NETWORK_CONFIG,
	};
	long fd;

	ASSERT_EQ(0, start(&self->agent, &app));
	fd = SOCKET(AF_NETLINK, SOCK_RAW);
	EXPECT_EQ(0, CALL(do_list_links, fd, 0, NULL));
	fd = SOCKET(AF_INET, SOCK_DGRAM);
	EXPECT_EQ(IFF_UP, CALL(do_interface_flags, fd, 0, NULL) & IFF_UP);
	EXPECT_EQ(-EACCES, CALL(do_send, fd, 0, "127.0.0.1 7001"));
	EXPECT_EQ(-EACCES, CALL(do_send, fd, 0, NULL));
	EXPECT_EQ(-EACCES, CALL(do_write, fd, 0, NULL));
	EXPECT_EQ(-EACCES, CALL(do_sendfile, fd, 0, NULL));
	EXPECT_EQ(-EACCES, CALL(do_connect, fd, 0, "127.0.0.1 7001"));
	EXPECT_EQ(-EACCES, CALL(do_bind, fd, 0, "127.0.0.1 0"));
	EXPECT_EQ(-EACCES, CALL(do_bind, fd, 0, "127.0.0.1 7003"));
	EXPECT_EQ(0, CALL(do_local_port, fd, 0, NULL));
	EXPECT_EQ(0, drain(self->good_udp[0]));
}

/*
 * Ports
 */

static const int server_types[] = { SOCK_STREAM, SOCK_DGRAM };

/* Every combination of family and type. */
static const struct kind {
	int family;
	int type;
} inet_kinds[] = {
	{ AF_INET, SOCK_STREAM },
	{ AF_INET, SOCK_DGRAM },
	{ AF_INET6, SOCK_STREAM },
	{ AF_INET6, SOCK_DGRAM },
};

#define END_OF_KINDS	(inet_kinds + ARRAY_SIZE(inet_kinds))

/* "any" and "one" of a family. */
static const char *text_of(char text[64], int family, bool any,
			   const char *rest)
{
	const char *ip = family == AF_INET ? any ? "0.0.0.0" : "127.0.0.1" :
		any ? "::" : "::1";

	snprintf(text, 64, "%s %s", ip, rest);
	return text;
}

TEST_F(net, bind)
{
	const struct kind *kind;
	unsigned int any;
	char text[64];
	long fd;

	START(server_rules);
	for (kind = inet_kinds; kind < END_OF_KINDS; kind++) {
		for (any = 0; any < 2; any++) {
			static const char *const refused[] = {
				"7001", "7002", "7004", "0", "40000", "65535",
				"1", "80",
			};
			unsigned int i;

			fd = SOCKET(kind->family, kind->type);
			for (i = 0; i < ARRAY_SIZE(refused); i++)
				EXPECT_EQ(-EACCES,
					  CALL(do_bind, fd, 0,
					       text_of(text, kind->family,
						       any, refused[i])));
			EXPECT_EQ(0, CALL(do_local_port, fd, 0, NULL));
			EXPECT_EQ(0, CALL(do_bind, fd, 0,
					  text_of(text, kind->family, any,
						  "7003")));
			EXPECT_EQ(SERVED, CALL(do_local_port, fd, 0, NULL));
			EXPECT_EQ(0, CALL(do_close, fd, 0, NULL));
		}
	}
}

TEST_F(net, bind_dual_stack)
{
	long fd;

	START(server_rules);
	fd = SOCKET(AF_INET6, SOCK_DGRAM);
	EXPECT_EQ(-EACCES, CALL(do_bind, fd, 0, "::ffff:127.0.0.1 7001"));
	EXPECT_EQ(-EACCES, CALL(do_bind, fd, 0, "::ffff:0.0.0.0 7004"));
	EXPECT_EQ(0, CALL(do_bind, fd, 0, "::ffff:127.0.0.1 7003"));
}

/* An IPv4 socket takes AF_UNSPEC for AF_INET. */
TEST_F(net, bind_without_family)
{
	long fd;

	START(server_rules);
	fd = SOCKET(AF_INET, SOCK_STREAM);
	EXPECT_EQ(-EACCES, CALL(do_bind, fd, 0, "0.0.0.0 7004" AS_UNSPEC));
	EXPECT_EQ(-EACCES, CALL(do_bind, fd, 0, "0.0.0.0 0" AS_UNSPEC));
	EXPECT_EQ(0, CALL(do_bind, fd, 0, "0.0.0.0 7003" AS_UNSPEC));
}

TEST_F(net, bind_strange_addresses)
{
	unsigned int family;
	long fd;

	START(server_rules);
	for (family = 0; family < ARRAY_SIZE(inet_families); family++) {
		fd = SOCKET(inet_families[family], SOCK_STREAM);
		EXPECT_EQ(-EINVAL, CALL(do_bind, fd, 0, "0.0.0.0 7003 2 1"));
		EXPECT_EQ(-EINVAL, CALL(do_bind, fd, 0, "0.0.0.0 7003 2 15"));
		EXPECT_EQ(-EINVAL, CALL(do_bind, fd, 0, "::1 7003 10 2"));
		EXPECT_EQ(-EAFNOSUPPORT,
			  CALL(do_bind, fd, 0, "0.0.0.0 7003 1"));
		EXPECT_EQ(-EAFNOSUPPORT,
			  CALL(do_bind, fd, 0, "0.0.0.0 7003 17"));
		EXPECT_EQ(0, CALL(do_local_port, fd, 0, NULL));
	}
}

/*
 * The other one comes first, and tries all that there is to have the port of
 * somebody else.
 */
TEST_F(net, sibling_wants_the_port)
{
	const int one = OPTION(SOL_SOCKET, SO_REUSEADDR);
	const int two = OPTION(SOL_SOCKET, SO_REUSEPORT);
	const struct kind *kind;
	unsigned int any;
	struct sphere_agent other;
	char text[64];
	long fd;

	ASSERT_EQ(0, start(&other, APPLICATION(OTHER, other_rules)));
	START(server_rules);
	for (kind = inet_kinds; kind < END_OF_KINDS; kind++) {
		for (any = 0; any < 2; any++) {
			fd = sphere_call(&other, do_socket, kind->family,
					 kind->type, NULL);
			ASSERT_LE(0, fd);
			EXPECT_EQ(0, sphere_call(&other, do_setsockopt, fd,
						 one, "4"));
			EXPECT_EQ(0, sphere_call(&other, do_setsockopt, fd,
						 two, "4"));
			text_of(text, kind->family, any, "7003");
			EXPECT_EQ(-EACCES, sphere_call(&other, do_bind, fd, 0,
						       text));
			fd = SOCKET(kind->family, kind->type);
			EXPECT_EQ(0, CALL(do_bind, fd, 0, text));
			EXPECT_EQ(0, CALL(do_close, fd, 0, NULL));
		}
	}
	EXPECT_EQ(0, sphere_agent_stop(&other));
}

/* A port that was granted needs no capability of Linux. */
TEST_F(net, bind_low_port)
{
	const struct kind *kind;
	char text[64];
	long fd;

	START(low_rules);
	for (kind = inet_kinds; kind < END_OF_KINDS; kind++) {
		fd = SOCKET(kind->family, kind->type);
		EXPECT_EQ(-EACCES, CALL(do_bind, fd, 0,
					text_of(text, kind->family, true,
						"81")));
		EXPECT_EQ(0, CALL(do_bind, fd, 0,
				  text_of(text, kind->family, true, "80")));
		EXPECT_EQ(0, CALL(do_close, fd, 0, NULL));
	}
}

/* A client may choose its address, and leave the port to the kernel. */
TEST_F(net, bind_of_clients)
{
	const struct kind *kind;
	char text[64];
	long fd;

	START(client_rules);
	for (kind = inet_kinds; kind < END_OF_KINDS; kind++) {
		fd = SOCKET(kind->family, kind->type);
		EXPECT_EQ(-EACCES, CALL(do_bind, fd, 0,
					text_of(text, kind->family, false,
						"40000")));
		EXPECT_EQ(0, CALL(do_bind, fd, 0,
				  text_of(text, kind->family, false,
					  "0")));
		EXPECT_EQ(0, CALL(do_connect, fd, 0,
				  text_of(text, kind->family, false,
					  "7001")));
	}
}

/* Which port of those that the kernel chooses from is not for clients to say. */
TEST_F(net, range_of_ports)
{
	long fd;

	START(client_rules);
	fd = SOCKET(AF_INET, SOCK_DGRAM);
	EXPECT_EQ(-EPERM,
		  CALL(do_setsockopt, fd,
		       OPTION(IPPROTO_IP, IP_LOCAL_PORT_RANGE), "4"));
}

TEST_F(net, listen)
{
	unsigned int family;
	char text[64];
	long fd;

	START(server_rules);
	for (family = 0; family < ARRAY_SIZE(inet_families); family++) {
		fd = SOCKET(inet_families[family], SOCK_STREAM);
		/* Would bind it. */
		EXPECT_EQ(-EACCES, CALL(do_listen, fd, 0, NULL));
		EXPECT_EQ(0, CALL(do_local_port, fd, 0, NULL));
		EXPECT_EQ(0, CALL(do_bind, fd, 0,
				  text_of(text, inet_families[family], true,
					  "7003")));
		EXPECT_EQ(0, CALL(do_listen, fd, 0, NULL));
		EXPECT_EQ(0, CALL(do_close, fd, 0, NULL));
	}
}

TEST_F(net, listen_on_a_port_of_the_kernels_choice)
{
	long fd;

	START(client_rules);
	fd = SOCKET(AF_INET, SOCK_STREAM);
	EXPECT_EQ(0, CALL(do_bind, fd, 0, "127.0.0.1 0"));
	EXPECT_LT(0, CALL(do_local_port, fd, 0, NULL));
	EXPECT_EQ(-EACCES, CALL(do_listen, fd, 0, NULL));
	fd = SOCKET(AF_INET, SOCK_STREAM);
	EXPECT_EQ(0, CALL(do_connect, fd, 0, "127.0.0.1 7001"));
	EXPECT_EQ(-EACCES, CALL(do_listen, fd, 0, NULL));
	EXPECT_EQ(0, CALL(do_connect, fd, 0, "0.0.0.0 0" AS_UNSPEC));
	EXPECT_EQ(-EACCES, CALL(do_listen, fd, 0, NULL));
}

/* Even if it is the right one by chance: it may be gone when it listens. */
TEST_F(net, listen_on_the_right_port_by_chance)
{
	long fd;

	ASSERT_EQ(0, sphere_write_text("/proc/sys/net/ipv4/ip_local_port_range",
				       "40000 40001"));
	ASSERT_EQ(0, sphere_write_text("/proc/sys/net/ipv4/ip_local_reserved_ports",
				       "40001"));
	START(chosen_rules);
	fd = SOCKET(AF_INET, SOCK_STREAM);
	EXPECT_EQ(0, CALL(do_bind, fd, 0, "127.0.0.1 0"));
	EXPECT_EQ(CHOSEN, CALL(do_local_port, fd, 0, NULL));
	EXPECT_EQ(-EACCES, CALL(do_listen, fd, 0, NULL));
	EXPECT_EQ(0, CALL(do_close, fd, 0, NULL));
	fd = SOCKET(AF_INET, SOCK_STREAM);
	EXPECT_EQ(0, CALL(do_bind, fd, 0, "127.0.0.1 40000"));
	EXPECT_EQ(0, CALL(do_listen, fd, 0, NULL));
}

/* Whoever calls gets an answer. */
TEST_F(net, serve_tcp)
{
	union address address;
	socklen_t len = parse("127.0.0.1 7003", &address);
	long listener, fd;
	char byte;
	int peer;

	START(server_rules);
	listener = SOCKET(AF_INET, SOCK_STREAM);
	ASSERT_EQ(0, CALL(do_bind, listener, 0, "0.0.0.0 7003"));
	ASSERT_EQ(0, CALL(do_listen, listener, 0, NULL));
	peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ASSERT_EQ(0, connect(peer, &address.any, len));
	fd = CALL(do_accept, listener, 0, NULL);
	ASSERT_LE(0, fd);
	EXPECT_EQ(1, CALL(do_send, fd, 0, NULL));
	EXPECT_EQ(1, CALL(do_write, fd, 0, NULL));
	EXPECT_EQ(1, CALL(do_sendfile, fd, 0, NULL));
	EXPECT_EQ(1, CALL(do_splice, fd, 0, NULL));
	EXPECT_EQ(1, recv(peer, &byte, 1, 0));
	EXPECT_EQ(1, send(peer, &byte, 1, 0));
	EXPECT_EQ(1, CALL(do_receive, fd, 0, NULL));
	/* It cannot be turned into a client. */
	EXPECT_EQ(-EACCES, CALL(do_connect, fd, 0, "127.0.0.1 7001"));
	close(peer);
}

/* A datagram has no connection: whom to answer is for the rules to say. */
TEST_F(net, serve_udp)
{
	union address address;
	socklen_t len = parse("127.0.0.1 7003", &address);
	long fd;

	START(server_rules);
	fd = SOCKET(AF_INET, SOCK_DGRAM);
	ASSERT_EQ(0, CALL(do_bind, fd, 0, "0.0.0.0 7003"));
	ASSERT_EQ(1, sendto(self->good_udp[0], "x", 1, 0, &address.any, len));
	EXPECT_EQ(1, CALL(do_receive, fd, 0, NULL));
	EXPECT_EQ(-EACCES, CALL(do_send, fd, 0, "127.0.0.1 7001"));
	EXPECT_EQ(-EACCES, CALL(do_connect, fd, 0, "127.0.0.1 7001"));
	EXPECT_EQ(0, drain(self->good_udp[0]));
}

/* What is sent to nobody would bind the socket all the same. */
TEST_F(net, no_port_for_servers)
{
	unsigned int family;
	long fd;

	START(server_rules);
	for (family = 0; family < ARRAY_SIZE(inet_families); family++) {
		fd = SOCKET(inet_families[family], SOCK_DGRAM);
		EXPECT_EQ(-EACCES, CALL(do_send, fd, 0, NULL));
		EXPECT_EQ(-EACCES, CALL(do_send, fd, MSG_MORE, NULL));
		EXPECT_EQ(-EACCES, CALL(do_write, fd, 0, NULL));
		EXPECT_EQ(-EACCES, CALL(do_sendfile, fd, 0, NULL));
		EXPECT_EQ(-EACCES, CALL(do_splice, fd, 0, NULL));
		EXPECT_EQ(-EACCES, CALL(do_connect, fd, 0, "127.0.0.1 7001"));
		EXPECT_EQ(0, CALL(do_connect, fd, 0, "0.0.0.0 0" AS_UNSPEC));
		EXPECT_EQ(0, CALL(do_local_port, fd, 0, NULL));
	}
}

/*
 * Endpoints
 */

static const char *const refused_v4[] = {
	"127.0.0.1 7002", "127.0.0.2 7001", "127.0.0.1 0", "0.0.0.0 7001",
	"255.255.255.255 7001", "224.0.0.1 7001", "192.0.2.1 7001",
};

static const char *const refused_v6[] = {
	"::1 7002", "::2 7001", "::ffff:127.0.0.1 7002",
	"::ffff:127.0.0.2 7001", "::ffff:0.0.0.0 7001", "::127.0.0.1 7001",
	"ff02::1 7001", "2001:db8::1 7001",
};

TEST_F(net, connect)
{
	unsigned int type, i;
	long fd;

	START(client_rules);
	for (type = 0; type < ARRAY_SIZE(server_types); type++) {
		fd = SOCKET(AF_INET, server_types[type]);
		for (i = 0; i < ARRAY_SIZE(refused_v4); i++)
			EXPECT_EQ(-EACCES, CALL(do_connect, fd, 0,
						refused_v4[i]));
		EXPECT_EQ(0, CALL(do_local_port, fd, 0, NULL));
		EXPECT_EQ(0, CALL(do_connect, fd, 0, "127.0.0.1 7001"));
		EXPECT_EQ(1, CALL(do_send, fd, 0, NULL));
		fd = SOCKET(AF_INET6, server_types[type]);
		for (i = 0; i < ARRAY_SIZE(refused_v6); i++)
			EXPECT_EQ(-EACCES, CALL(do_connect, fd, 0,
						refused_v6[i]));
		EXPECT_EQ(0, CALL(do_local_port, fd, 0, NULL));
		EXPECT_EQ(0, CALL(do_connect, fd, 0, "::1 7001"));
		EXPECT_EQ(1, CALL(do_send, fd, 0, NULL));
		fd = SOCKET(AF_INET6, server_types[type]);
		EXPECT_EQ(0, CALL(do_connect, fd, 0, "::ffff:127.0.0.1 7001"));
		EXPECT_EQ(1, CALL(do_send, fd, 0, NULL));
		/* Both that this may become are granted. */
		fd = SOCKET(AF_INET6, server_types[type]);
		EXPECT_EQ(0, CALL(do_connect, fd, 0, ":: 7001"));
	}
	EXPECT_EQ(2, drain(self->good_udp[0]));
	EXPECT_EQ(1, drain(self->good_udp[1]));
	EXPECT_EQ(2, drain(self->good_tcp[0]));
	EXPECT_EQ(2, drain(self->good_tcp[1]));
}

/* Only IPv4, over either kind of socket. */
TEST_F(net, connect_prefix)
{
	long fd;

	START(wide_rules);
	fd = SOCKET(AF_INET, SOCK_DGRAM);
	EXPECT_EQ(0, CALL(do_connect, fd, 0, "127.255.255.254 7001"));
	EXPECT_EQ(0, CALL(do_connect, fd, 0, "127.0.0.1 7001"));
	EXPECT_EQ(-EACCES, CALL(do_connect, fd, 0, "128.0.0.0 7001"));
	EXPECT_EQ(-EACCES, CALL(do_connect, fd, 0, "126.255.255.255 7001"));
	/* May become any address of the machine. */
	EXPECT_EQ(-EACCES, CALL(do_connect, fd, 0, "0.0.0.0 7001"));
	fd = SOCKET(AF_INET6, SOCK_DGRAM);
	EXPECT_EQ(0, CALL(do_connect, fd, 0, "::ffff:127.1.2.3 7001"));
	EXPECT_EQ(-EACCES, CALL(do_connect, fd, 0, ":: 7001"));
	EXPECT_EQ(-EACCES, CALL(do_connect, fd, 0, "::1 7001"));
}

TEST_F(net, connect_everywhere)
{
	long fd;

	START(all_rules);
	fd = SOCKET(AF_INET, SOCK_DGRAM);
	EXPECT_EQ(0, CALL(do_connect, fd, 0, "0.0.0.0 7001"));
	EXPECT_EQ(1, CALL(do_send, fd, 0, NULL));
	EXPECT_EQ(-EACCES, CALL(do_connect, fd, 0, "0.0.0.0 7002"));
	fd = SOCKET(AF_INET6, SOCK_DGRAM);
	EXPECT_EQ(1, CALL(do_send, fd, 0, ":: 7001"));
	EXPECT_EQ(-EACCES, CALL(do_send, fd, 0, ":: 7002"));
	EXPECT_EQ(1, drain(self->good_udp[0]));
	EXPECT_EQ(1, drain(self->good_udp[1]));
}

TEST_F(net, reconnect)
{
	unsigned int type;
	long fd;

	START(client_rules);
	for (type = 0; type < ARRAY_SIZE(server_types); type++) {
		fd = SOCKET(AF_INET, server_types[type]);
		EXPECT_EQ(0, CALL(do_connect, fd, 0, "127.0.0.1 7001"));
		EXPECT_EQ(-EACCES, CALL(do_connect, fd, 0, "127.0.0.1 7002"));
		EXPECT_EQ(-EACCES, CALL(do_connect, fd, 0, "127.0.0.2 7001"));
		EXPECT_EQ(1, CALL(do_send, fd, 0, NULL));
		/* What follows the family does not matter. */
		EXPECT_EQ(0, CALL(do_connect, fd, 0, "0.0.0.0 0" AS_UNSPEC));
		EXPECT_EQ(-EACCES, CALL(do_connect, fd, 0, "127.0.0.1 7002"));
		EXPECT_EQ(0, CALL(do_connect, fd, 0, "127.0.0.1 7001"));
		EXPECT_EQ(0, CALL(do_connect, fd, 0,
				  "127.0.0.1 7002" AS_UNSPEC " 2"));
	}
	EXPECT_EQ(1, drain(self->good_udp[0]));
	drain(self->good_tcp[0]);
}

TEST_F(net, connect_strange_addresses)
{
	const struct kind *kind;
	long fd;

	START(client_rules);
	for (kind = inet_kinds; kind < END_OF_KINDS; kind++) {
		fd = SOCKET(kind->family, kind->type);
		EXPECT_EQ(-EINVAL, CALL(do_connect, fd, 0,
					"127.0.0.1 7001 2 1"));
		EXPECT_EQ(-EINVAL, CALL(do_connect, fd, 0,
					"127.0.0.1 7001 2 15"));
		EXPECT_EQ(-EINVAL, CALL(do_connect, fd, 0, "::1 7001 10 23"));
		EXPECT_EQ(-EAFNOSUPPORT, CALL(do_connect, fd, 0,
					      "127.0.0.1 7001 1"));
		EXPECT_EQ(-EAFNOSUPPORT, CALL(do_connect, fd, 0,
					      "127.0.0.1 7001 17"));
		EXPECT_EQ(0, CALL(do_local_port, fd, 0, NULL));
	}
	/* The least that the kernel takes. */
	fd = SOCKET(AF_INET6, SOCK_DGRAM);
	EXPECT_EQ(-EACCES, CALL(do_connect, fd, 0, "::1 7002 10 24"));
	EXPECT_EQ(0, CALL(do_connect, fd, 0, "::1 7001 10 24"));
}

TEST_F(net, send_to)
{
	unsigned int i;
	long fd;

	START(client_rules);
	fd = SOCKET(AF_INET, SOCK_DGRAM);
	for (i = 0; i < ARRAY_SIZE(refused_v4); i++)
		EXPECT_EQ(-EACCES, CALL(do_send, fd, 0, refused_v4[i]));
	EXPECT_EQ(0, CALL(do_local_port, fd, 0, NULL));
	EXPECT_EQ(1, CALL(do_send, fd, 0, "127.0.0.1 7001"));
	/* An IPv4 socket takes AF_UNSPEC for AF_INET. */
	EXPECT_EQ(1, CALL(do_send, fd, 0, "127.0.0.1 7001" AS_UNSPEC));
	EXPECT_EQ(-EACCES, CALL(do_send, fd, 0, "127.0.0.1 7002" AS_UNSPEC));
	EXPECT_EQ(-EACCES, CALL(do_send, fd, 0, "0.0.0.0 7001" AS_UNSPEC));
	/* Being connected makes no difference. */
	EXPECT_EQ(0, CALL(do_connect, fd, 0, "127.0.0.1 7001"));
	EXPECT_EQ(-EACCES, CALL(do_send, fd, 0, "127.0.0.1 7002"));
	EXPECT_EQ(-EACCES, CALL(do_send, fd, MSG_MORE, "127.0.0.1 7002"));
	EXPECT_EQ(1, CALL(do_send, fd, 0, "127.0.0.1 7001"));
	EXPECT_EQ(-EINVAL, CALL(do_send, fd, 0, "127.0.0.1 7001 2 15"));
	EXPECT_EQ(-EAFNOSUPPORT, CALL(do_send, fd, 0, "127.0.0.1 7001 17"));
	EXPECT_EQ(3, drain(self->good_udp[0]));
}

TEST_F(net, send_to_v6)
{
	unsigned int i;
	long fd;

	START(client_rules);
	fd = SOCKET(AF_INET6, SOCK_DGRAM);
	for (i = 0; i < ARRAY_SIZE(refused_v6); i++)
		EXPECT_EQ(-EACCES, CALL(do_send, fd, 0, refused_v6[i]));
	/* Such a socket takes an IPv4 address, too. */
	for (i = 0; i < ARRAY_SIZE(refused_v4); i++)
		EXPECT_EQ(-EACCES, CALL(do_send, fd, 0, refused_v4[i]));
	EXPECT_EQ(-EACCES, CALL(do_send, fd, 0, "127.0.0.1 7002" AS_UNSPEC));
	EXPECT_EQ(0, CALL(do_local_port, fd, 0, NULL));
	EXPECT_EQ(1, CALL(do_send, fd, 0, "::1 7001"));
	EXPECT_EQ(1, CALL(do_send, fd, 0, ":: 7001"));
	EXPECT_EQ(2, drain(self->good_udp[1]));
	fd = SOCKET(AF_INET6, SOCK_DGRAM);
	EXPECT_EQ(1, CALL(do_send, fd, 0, "127.0.0.1 7001"));
	EXPECT_EQ(1, CALL(do_send, fd, 0, "::ffff:127.0.0.1 7001"));
	EXPECT_EQ(2, drain(self->good_udp[0]));
	/* AF_UNSPEC is no address to it, and judged as IPv4 all the same. */
	fd = SOCKET(AF_INET6, SOCK_DGRAM);
	EXPECT_EQ(0, CALL(do_connect, fd, 0, "::1 7001"));
	EXPECT_EQ(1, CALL(do_send, fd, 0, "127.0.0.1 7001" AS_UNSPEC));
	EXPECT_EQ(-EACCES, CALL(do_send, fd, 0, "127.0.0.1 7002" AS_UNSPEC));
	EXPECT_EQ(1, drain(self->good_udp[1]));
}

TEST_F(net, send_many)
{
	long fd;

	START(client_rules);
	fd = SOCKET(AF_INET, SOCK_DGRAM);
	EXPECT_EQ(2, CALL(do_sendmmsg, fd, 0, "127.0.0.1 7001,127.0.0.1 7001"));
	EXPECT_EQ(1, CALL(do_sendmmsg, fd, 0, "127.0.0.1 7001,127.0.0.1 7002"));
	EXPECT_EQ(-EACCES, CALL(do_sendmmsg, fd, 0,
				"127.0.0.1 7002,127.0.0.1 7001"));
	EXPECT_EQ(3, drain(self->good_udp[0]));
}

/* A connection that begins with the first data. */
TEST_F(net, fast_open)
{
	unsigned int i;
	long fd;

	START(client_rules);
	fd = SOCKET(AF_INET, SOCK_STREAM);
	for (i = 0; i < ARRAY_SIZE(refused_v4); i++)
		EXPECT_EQ(-EACCES, CALL(do_send, fd, MSG_FASTOPEN,
					refused_v4[i]));
	EXPECT_EQ(1, CALL(do_send, fd, MSG_FASTOPEN, "127.0.0.1 7001"));
	EXPECT_EQ(1, drain(self->good_tcp[0]));
	fd = SOCKET(AF_INET6, SOCK_STREAM);
	for (i = 0; i < ARRAY_SIZE(refused_v6); i++)
		EXPECT_EQ(-EACCES, CALL(do_send, fd, MSG_FASTOPEN,
					refused_v6[i]));
	EXPECT_EQ(1, CALL(do_send, fd, MSG_FASTOPEN, "::1 7001"));
	EXPECT_EQ(1, drain(self->good_tcp[1]));
	fd = SOCKET(AF_INET, SOCK_STREAM);
	EXPECT_EQ(0, CALL(do_setsockopt, fd,
			  OPTION(IPPROTO_TCP, TCP_FASTOPEN_CONNECT), "4"));
	EXPECT_EQ(-EACCES, CALL(do_connect, fd, 0, "127.0.0.1 7002"));
	EXPECT_EQ(0, CALL(do_connect, fd, 0, "127.0.0.1 7001"));
	EXPECT_EQ(-EACCES, CALL(do_send, fd, 0, "127.0.0.1 7002"));
	EXPECT_EQ(1, CALL(do_send, fd, 0, NULL));
	EXPECT_EQ(1, drain(self->good_tcp[0]));
}

/* Every way to send by a connection. */
TEST_F(net, send_by_connection)
{
	const struct kind *kind;
	char text[64];
	long fd;

	START(client_rules);
	for (kind = inet_kinds; kind < END_OF_KINDS; kind++) {
		fd = SOCKET(kind->family, kind->type);
		ASSERT_EQ(0, CALL(do_connect, fd, 0,
				  text_of(text, kind->family, false,
					  "7001")));
		EXPECT_EQ(1, CALL(do_send, fd, 0, NULL));
		EXPECT_EQ(1, CALL(do_write, fd, 0, NULL));
		EXPECT_EQ(1, CALL(do_sendfile, fd, 0, NULL));
		EXPECT_EQ(1, CALL(do_splice, fd, 0, NULL));
	}
	EXPECT_EQ(4, drain(self->good_udp[0]));
	EXPECT_EQ(4, drain(self->good_udp[1]));
}

/*
 * Side doors
 */

struct option {
	int family;
	int type;
	int level;
	int option;
	const char *size;
	long result;
};

static const struct option options[] = {
	{ AF_INET, SOCK_DGRAM, SOL_SOCKET, SO_REUSEADDR, "4", 0 },
	{ AF_INET, SOCK_DGRAM, SOL_SOCKET, SO_REUSEPORT, "4", 0 },
	{ AF_INET, SOCK_DGRAM, SOL_SOCKET, SO_BROADCAST, "4", 0 },
	{ AF_INET, SOCK_DGRAM, SOL_SOCKET, SO_RCVTIMEO, "16", 0 },
	{ AF_INET, SOCK_DGRAM, IPPROTO_IP, IP_PKTINFO, "4", 0 },
	{ AF_INET, SOCK_DGRAM, IPPROTO_IP, IP_RECVERR, "4", 0 },
	{ AF_INET6, SOCK_DGRAM, IPPROTO_IPV6, IPV6_V6ONLY, "4", 0 },
	{ AF_INET6, SOCK_DGRAM, IPPROTO_IPV6, IPV6_RECVPKTINFO, "4", 0 },
	{ AF_INET6, SOCK_DGRAM, IPPROTO_IP, IP_RECVERR, "4", 0 },
	{ AF_INET, SOCK_STREAM, IPPROTO_TCP, TCP_NODELAY, "4", 0 },
	{ AF_INET, SOCK_STREAM, SOL_SOCKET, SO_KEEPALIVE, "4", 0 },
	/* Privileged; this one has all of Linux' capabilities. */
	{ AF_INET, SOCK_DGRAM, SOL_SOCKET, SO_MARK, "4", -EPERM },
	{ AF_INET, SOCK_DGRAM, SOL_SOCKET, SO_RCVBUFFORCE, "4", -EPERM },
	{ AF_INET, SOCK_DGRAM, IPPROTO_IP, IP_TRANSPARENT, "4", -EPERM },
	{ AF_INET, SOCK_STREAM, IPPROTO_TCP, TCP_REPAIR, "4", -EPERM },
	/* Lead somewhere else first. */
	{ AF_INET, SOCK_DGRAM, IPPROTO_IP, IP_OPTIONS, "4", -EPERM },
	{ AF_INET6, SOCK_DGRAM, IPPROTO_IPV6, IPV6_RTHDR, "0", -EPERM },
	{ AF_INET6, SOCK_DGRAM, IPPROTO_IPV6, IPV6_HOPOPTS, "0", -EPERM },
	{ AF_INET6, SOCK_DGRAM, IPPROTO_IPV6, 6 /* 2292PKTOPTIONS */, "0",
	  -EPERM },
	{ AF_INET6, SOCK_DGRAM, IPPROTO_IPV6, IPV6_FLOWLABEL_MGR, "32",
	  -EPERM },
	/* Become something else. */
	{ AF_INET6, SOCK_DGRAM, IPPROTO_IPV6, IPV6_ADDRFORM, "4", -EPERM },
	{ AF_INET, SOCK_STREAM, IPPROTO_TCP, TCP_ULP, "4", -EPERM },
	{ AF_INET, SOCK_DGRAM, IPPROTO_UDP, 100 /* UDP_ENCAP */, "4", -EPERM },
	{ AF_INET, SOCK_DGRAM, IPPROTO_IP, IP_FREEBIND, "4", -EPERM },
	{ AF_INET, SOCK_DGRAM, 255, 1, "4", -EPERM },
};

TEST_F(net, options)
{
	struct application app = *APPLICATION(APP, client_rules);
	const struct option *option;
	unsigned int i;
	long fd;

	app.all_capabilities = true;
	ASSERT_EQ(0, start(&self->agent, &app));
	for (i = 0; i < ARRAY_SIZE(options); i++) {
		option = &options[i];
		fd = SOCKET(option->family, option->type);
		EXPECT_EQ(option->result,
			  CALL(do_setsockopt, fd,
			       OPTION(option->level, option->option),
			       option->size)) {
			TH_LOG("level %d, option %d", option->level,
			       option->option);
		}
		EXPECT_EQ(0, CALL(do_close, fd, 0, NULL));
	}
}

/* No code of an application gets into the kernel. */
TEST_F(net, filters)
{
	static const int kinds[] = {
		SO_ATTACH_FILTER, SO_ATTACH_REUSEPORT_CBPF, SO_ATTACH_BPF,
		SO_ATTACH_REUSEPORT_EBPF, SO_DETACH_FILTER, SO_LOCK_FILTER,
	};
	unsigned int i;
	long fd;

	START(client_rules);
	fd = SOCKET(AF_INET, SOCK_DGRAM);
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		EXPECT_EQ(-EPERM, CALL(do_filter, fd, kinds[i], NULL));
}

/* For who receives, not for who sends. */
TEST_F(net, join)
{
	struct sphere_agent other;
	long fd;

	START(client_rules);
	fd = SOCKET(AF_INET, SOCK_DGRAM);
	EXPECT_EQ(-EPERM, CALL(do_join, fd, 0, NULL));
	ASSERT_EQ(0, start(&other, APPLICATION(OTHER, server_rules)));
	fd = sphere_call(&other, do_socket, AF_INET, SOCK_DGRAM, NULL);
	EXPECT_EQ(0, sphere_call(&other, do_join, fd, 0, NULL));
	EXPECT_EQ(0, sphere_agent_stop(&other));
}

TEST_F(net, control_messages)
{
	const long options = CONTROL(IPPROTO_IP, IP_RETOPTS, 4);
	const long ttl = CONTROL(IPPROTO_IP, IP_TTL, 4);
	const long route = CONTROL(IPPROTO_IPV6, IPV6_RTHDR, 24);
	struct application app = *APPLICATION(APP, client_rules);
	long fd;

	app.all_capabilities = true;
	ASSERT_EQ(0, start(&self->agent, &app));
	fd = SOCKET(AF_INET, SOCK_DGRAM);
	EXPECT_EQ(1, CALL(do_send_control, fd, ttl, "127.0.0.1 7001"));
	EXPECT_EQ(-EPERM, CALL(do_send_control, fd, options,
			       "127.0.0.1 7001"));
	/* An address that has just been judged does not excuse them. */
	EXPECT_EQ(2, CALL(do_send_control_second, fd, ttl, "127.0.0.1 7001"));
	EXPECT_EQ(1, CALL(do_send_control_second, fd, options,
			  "127.0.0.1 7001"));
	EXPECT_EQ(4, drain(self->good_udp[0]));
	fd = SOCKET(AF_INET6, SOCK_DGRAM);
	EXPECT_EQ(-EPERM, CALL(do_send_control, fd, route, "::1 7001"));
	EXPECT_EQ(1, CALL(do_send_control_second, fd, route, "::1 7001"));
	EXPECT_EQ(1, drain(self->good_udp[1]));
}

/*
 * Sockets of somebody else
 */

/* Takes a descriptor of an agent, for the next one to inherit. */
static int take(struct sphere_agent *agent, int fd)
{
	int taken = sphere_take_fd(agent->pid, fd);

	if (taken >= 0)
		fcntl(taken, F_SETFD, 0);
	return taken;
}

/* Even where it could have made the same itself. */
static const struct application thieves[] = {
	{ .who = SPHERE_NOBODY },
	{ .who = OTHER },
	{ .who = OTHER, .rules = other_rules },
	{ .who = OTHER, .rules = client_rules, .all_capabilities = true },
	{ .who = OTHER, .rules = server_rules },
};

TEST_F(net, passed_datagram_socket)
{
	struct sphere_agent thief;
	unsigned int i;
	long fd;
	int taken;

	if (!sphere_can_trace())
		SKIP(return, "no ptrace() and the like in this kernel");
	START(client_rules);
	fd = SOCKET(AF_INET, SOCK_DGRAM);
	ASSERT_EQ(0, CALL(do_connect, fd, 0, "127.0.0.1 7001"));
	taken = take(&self->agent, fd);
	ASSERT_LE(0, taken);
	for (i = 0; i < ARRAY_SIZE(thieves); i++) {
		ASSERT_EQ(0, start(&thief, &thieves[i]));
		EXPECT_EQ(-EACCES, sphere_call(&thief, do_send, taken, 0,
					       NULL));
		EXPECT_EQ(-EACCES, sphere_call(&thief, do_send, taken, 0,
					       "127.0.0.1 7001"));
		EXPECT_EQ(-EACCES, sphere_call(&thief, do_send, taken, 0,
					       "127.0.0.1 7002"));
		EXPECT_EQ(-EACCES, sphere_call(&thief, do_write, taken, 0,
					       NULL));
		EXPECT_EQ(-EACCES, sphere_call(&thief, do_sendfile, taken, 0,
					       NULL));
		EXPECT_EQ(-EACCES, sphere_call(&thief, do_splice, taken, 0,
					       NULL));
		EXPECT_EQ(-EACCES, sphere_call(&thief, do_connect, taken, 0,
					       "127.0.0.1 7001"));
		EXPECT_EQ(-EACCES, sphere_call(&thief, do_connect, taken, 0,
					       "0.0.0.0 0" AS_UNSPEC));
		EXPECT_EQ(-EACCES,
			  sphere_call(&thief, do_setsockopt, taken,
				      OPTION(SOL_SOCKET, SO_BROADCAST), "4"));
		EXPECT_EQ(0, sphere_agent_stop(&thief));
	}
	EXPECT_EQ(0, drain(self->good_udp[0]));
	/* The owner's is as it was. */
	EXPECT_EQ(1, CALL(do_send, fd, 0, NULL));
	EXPECT_EQ(1, drain(self->good_udp[0]));
}

/* The other one need not even get it. */
TEST_F(net, sent_datagram_socket)
{
	struct sphere_agent thief;
	unsigned int i;
	int pair[2];
	long fd;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	START(client_rules);
	fd = SOCKET(AF_INET, SOCK_DGRAM);
	ASSERT_EQ(0, CALL(do_connect, fd, 0, "127.0.0.1 7001"));
	for (i = 0; i < ARRAY_SIZE(thieves); i++) {
		long taken;

		ASSERT_EQ(0, start(&thief, &thieves[i]));
		ASSERT_EQ(0, CALL(do_pass, pair[0], fd, NULL));
		taken = sphere_call(&thief, do_take, pair[1], 0, NULL);
		EXPECT_TRUE(taken >= 0 || taken == -EACCES);
		if (taken >= 0) {
			EXPECT_EQ(-EACCES, sphere_call(&thief, do_send, taken,
						       0, NULL));
			EXPECT_EQ(-EACCES, sphere_call(&thief, do_send, taken,
						       0, "127.0.0.1 7001"));
		}
		EXPECT_EQ(0, sphere_agent_stop(&thief));
	}
	EXPECT_EQ(0, drain(self->good_udp[0]));
}

TEST_F(net, passed_unused_socket)
{
	struct sphere_agent thief;
	unsigned int i;
	long fd;
	int taken;

	if (!sphere_can_trace())
		SKIP(return, "no ptrace() and the like in this kernel");
	START(client_rules);
	fd = SOCKET(AF_INET, SOCK_STREAM);
	taken = take(&self->agent, fd);
	ASSERT_LE(0, taken);
	for (i = 0; i < ARRAY_SIZE(thieves); i++) {
		ASSERT_EQ(0, start(&thief, &thieves[i]));
		EXPECT_EQ(-EACCES, sphere_call(&thief, do_bind, taken, 0,
					       "0.0.0.0 7003"));
		EXPECT_EQ(-EACCES, sphere_call(&thief, do_bind, taken, 0,
					       "0.0.0.0 0"));
		EXPECT_EQ(-EACCES, sphere_call(&thief, do_listen, taken, 0,
					       NULL));
		EXPECT_EQ(-EACCES, sphere_call(&thief, do_connect, taken, 0,
					       "127.0.0.1 7001"));
		EXPECT_EQ(-EACCES, sphere_call(&thief, do_send, taken,
					       MSG_FASTOPEN,
					       "127.0.0.1 7001"));
		EXPECT_EQ(0, sphere_agent_stop(&thief));
	}
	EXPECT_EQ(0, drain(self->good_tcp[0]));
}

TEST_F(net, passed_listener)
{
	union address address;
	socklen_t len = parse("127.0.0.1 7003", &address);
	struct sphere_agent thief;
	int taken, peer;
	unsigned int i;
	long fd;

	if (!sphere_can_trace())
		SKIP(return, "no ptrace() and the like in this kernel");
	START(server_rules);
	fd = SOCKET(AF_INET, SOCK_STREAM);
	ASSERT_EQ(0, CALL(do_bind, fd, 0, "0.0.0.0 7003"));
	ASSERT_EQ(0, CALL(do_listen, fd, 0, NULL));
	taken = take(&self->agent, fd);
	ASSERT_LE(0, taken);
	peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ASSERT_EQ(0, connect(peer, &address.any, len));
	for (i = 0; i < ARRAY_SIZE(thieves); i++) {
		ASSERT_EQ(0, start(&thief, &thieves[i]));
		EXPECT_EQ(-EACCES, sphere_call(&thief, do_accept, taken, 0,
					       NULL));
		EXPECT_EQ(0, sphere_agent_stop(&thief));
	}
	EXPECT_LE(0, CALL(do_accept, fd, 0, NULL));
	close(peer);
}

/* What the manager hands out works as far as the rules go, and stays as it is. */
TEST_F(net, managers_datagram_socket)
{
	union address address;
	socklen_t len = parse("127.0.0.1 7001", &address);
	struct sphere_agent other;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	ASSERT_EQ(0, connect(fd, &address.any, len));
	START(client_rules);
	EXPECT_EQ(1, CALL(do_send, fd, 0, NULL));
	EXPECT_EQ(1, CALL(do_write, fd, 0, NULL));
	EXPECT_EQ(1, CALL(do_send, fd, 0, "127.0.0.1 7001"));
	EXPECT_EQ(-EACCES, CALL(do_send, fd, 0, "127.0.0.1 7002"));
	EXPECT_EQ(-EACCES, CALL(do_send, fd, MSG_MORE, NULL));
	EXPECT_EQ(-EACCES, CALL(do_send, fd, 0, "127.0.0.1 7001" AS_UNSPEC));
	EXPECT_EQ(-EACCES, CALL(do_connect, fd, 0, "127.0.0.1 7001"));
	EXPECT_EQ(-EACCES, CALL(do_connect, fd, 0, "0.0.0.0 0" AS_UNSPEC));
	EXPECT_EQ(-EACCES, CALL(do_setsockopt, fd,
				OPTION(SOL_SOCKET, SO_BROADCAST), "4"));
	EXPECT_EQ(3, drain(self->good_udp[0]));
	ASSERT_EQ(0, start(&other, APPLICATION(OTHER, other_rules)));
	EXPECT_EQ(-EACCES, sphere_call(&other, do_send, fd, 0, NULL));
	EXPECT_EQ(-EACCES, sphere_call(&other, do_send, fd, 0,
				       "127.0.0.1 7001"));
	EXPECT_EQ(0, sphere_agent_stop(&other));
	EXPECT_EQ(0, drain(self->good_udp[0]));
}

static int listen_for_agents(const char *text)
{
	int fd = open_bound(SOCK_STREAM, text);

	if (fd >= 0)
		fcntl(fd, F_SETFD, 0);
	return fd;
}

TEST_F(net, managers_listener)
{
	union address address;
	socklen_t len = parse("127.0.0.1 7003", &address);
	int fd = listen_for_agents("127.0.0.1 7003"), peer;
	struct sphere_agent other;
	long accepted;

	ASSERT_LE(0, fd);
	peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ASSERT_EQ(0, connect(peer, &address.any, len));
	ASSERT_EQ(0, start(&other, APPLICATION(OTHER, other_rules)));
	EXPECT_EQ(-EACCES, sphere_call(&other, do_accept, fd, 0, NULL));
	EXPECT_EQ(0, sphere_agent_stop(&other));
	START(server_rules);
	EXPECT_EQ(-EACCES, CALL(do_listen, fd, 0, NULL));
	accepted = CALL(do_accept, fd, 0, NULL);
	ASSERT_LE(0, accepted);
	EXPECT_EQ(1, CALL(do_send, accepted, 0, NULL));
	close(peer);
}

/* A connection that the manager has accepted, for who could have done so. */
TEST_F(net, managers_connection)
{
	union address address;
	socklen_t len = parse("127.0.0.1 7003", &address);
	int listener = open_bound(SOCK_STREAM, "127.0.0.1 7003"), peer, fd;
	struct sphere_agent other;

	peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ASSERT_EQ(0, connect(peer, &address.any, len));
	fd = accept(listener, NULL, NULL);
	ASSERT_LE(0, fd);
	START(server_rules);
	EXPECT_EQ(1, CALL(do_send, fd, 0, NULL));
	EXPECT_EQ(-EACCES, CALL(do_send, fd, 0, "127.0.0.1 7003"));
	ASSERT_EQ(0, start(&other, APPLICATION(OTHER, other_rules)));
	EXPECT_EQ(-EACCES, sphere_call(&other, do_send, fd, 0, NULL));
	EXPECT_EQ(0, sphere_agent_stop(&other));
	close(peer);
}

/* Such as no rule could have opened. */
TEST_F(net, managers_strange_sockets)
{
	static const int kinds[][3] = {
		{ AF_INET, SOCK_RAW, IPPROTO_ICMP },
		{ AF_PACKET, SOCK_RAW, 0 },
		{ AF_NETLINK, SOCK_RAW, NETLINK_ROUTE },
	};
	int fds[ARRAY_SIZE(kinds)];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		fds[i] = socket(kinds[i][0], kinds[i][1], kinds[i][2]);
		ASSERT_LE(0, fds[i]);
	}
	START(client_rules);
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		EXPECT_EQ(-EACCES, CALL(do_send, fds[i], 0, "127.0.0.1 7001"));
		EXPECT_EQ(-EACCES, CALL(do_send, fds[i], 0, NULL));
		EXPECT_EQ(-EACCES, CALL(do_bind, fds[i], 0, "127.0.0.1 7001"));
		EXPECT_EQ(-EACCES, CALL(do_connect, fds[i], 0,
					"127.0.0.1 7001"));
	}
}

/*
 * Another network
 */

/* The rules go where the application goes. */
TEST_F(net, another_namespace)
{
	struct sphere_agent agent;
	long fd;

	ASSERT_EQ(0, sphere_own_network());
	ASSERT_EQ(0, start(&agent, APPLICATION(APP, server_rules)));
	fd = sphere_call(&agent, do_socket, AF_INET, SOCK_DGRAM, NULL);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EACCES, sphere_call(&agent, do_bind, fd, 0,
				       "0.0.0.0 5353"));
	EXPECT_EQ(0, sphere_call(&agent, do_bind, fd, 0, "0.0.0.0 7003"));
	EXPECT_EQ(0, sphere_agent_stop(&agent));
}

TEST_F(net, namespace_of_its_own)
{
	long fd;

	START(server_rules);
	EXPECT_EQ(-EPERM, CALL(do_unshare, CLONE_NEWNET, 0, NULL));
	/* By way of a user namespace, where there are any for applications. */
	CALL(do_unshare, CLONE_NEWUSER | CLONE_NEWNET, 0, NULL);
	fd = SOCKET(AF_INET, SOCK_DGRAM);
	EXPECT_EQ(-EACCES, CALL(do_bind, fd, 0, "0.0.0.0 5353"));
	EXPECT_EQ(-EACCES, CALL(do_bind, fd, 0, "0.0.0.0 80"));
	EXPECT_EQ(-EACCES, CALL(do_socket, AF_INET, SOCK_RAW, NULL));
	EXPECT_EQ(-EACCES, CALL(do_socket, AF_PACKET, SOCK_RAW, NULL));
}

/*
 * The manager
 */

TEST_F(net, manager)
{
	const struct application manager = { .who = SPHERE_MANAGER };
	long fd;

	ASSERT_EQ(0, start(&self->agent, &manager));
	fd = SOCKET(AF_INET, SOCK_DGRAM);
	EXPECT_EQ(0, CALL(do_bind, fd, 0, "0.0.0.0 80"));
	EXPECT_EQ(1, CALL(do_send, fd, 0, "0.0.0.0 7001"));
	EXPECT_EQ(0, CALL(do_filter, fd, SO_ATTACH_FILTER, NULL));
	EXPECT_EQ(1, drain(self->good_udp[0]));
	fd = SOCKET(AF_INET, SOCK_STREAM);
	EXPECT_EQ(0, CALL(do_listen, fd, 0, NULL));
}

int main(int argc, char **argv)
{
	sphere_begin(argc, argv);
	return test_harness_run(argc, argv);
}
