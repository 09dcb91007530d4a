// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - Who talks to whom over AF_UNIX, and what each learns
 *
 * Two applications talk only if each lists the other. Whoever talks, the kernel
 * says who it is: by SO_PEERSEC for a connection, fixed when it was made, and by
 * SCM_SECURITY for each message.
 */

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "kselftest_harness.h"
#include "sphere_common.h"

/* Lists LEFT and RIGHT, which list it and not each other. */
#define HUB		1300
#define LEFT		1301
#define RIGHT		1302
/* Lists them all, and nobody lists it. */
#define HOSTILE		1303
/* Whose tenant looks like another label. */
#define FORGER		1304

#define DIRECTORY	"/tmp/sphere-peer"

#ifndef SCM_SECURITY
#define SCM_SECURITY	0x03
#endif

#define LABEL_MAX	256

static const char *tenant_of(int who)
{
	switch (who) {
	case HUB:
		return "";
	case LEFT:
		return "blue house";
	case FORGER:
		return "x component=00000000-0000-0000-0000-000000000000 tenant=";
	default:
		return "t\303\274r";
	}
}

/* The text that the documentation promises. */
static void label_of(char label[LABEL_MAX], int who)
{
	__u8 c[16];
	int i, n;

	if (who <= 0) {
		snprintf(label, LABEL_MAX, "%s",
			 who == SPHERE_MANAGER ? "manager" : "none");
		return;
	}
	sphere_component(c, who);
	n = sprintf(label, "component=");
	for (i = 0; i < 16; i++)
		n += sprintf(label + n, i == 4 || i == 6 || i == 8 || i == 10 ?
			     "-%02x" : "%02x", c[i]);
	sprintf(label + n, " tenant=%s", tenant_of(who));
}

static void record_of(struct sphere_blob *blob, int who)
{
	int peer;

	sphere_record_application(blob, who);
	snprintf((char *)sphere_header(blob)->tenant, SPHERE_TENANT_SIZE, "%s",
		 tenant_of(who));
	for (peer = HUB; peer <= RIGHT; peer++)
		if (peer != who && (who == HUB || who == HOSTILE || peer == HUB))
			sphere_record_peer(blob, peer);
	sphere_record_settle(blob);
}

static int start_as(struct sphere_agent *agent, int who, uid_t uid)
{
	struct sphere_blob blob;
	struct sphere_start start = {
		.who = who,
		.uid = uid,
	};

	if (who > 0) {
		record_of(&blob, who);
		start.record = &blob;
	}
	return sphere_agent_start_patiently(agent, &start);
}

static int start(struct sphere_agent *agent, int who)
{
	return start_as(agent, who, sphere_uid(who));
}

/* "@name" is an abstract name, everything else a path. */
static socklen_t address_of(struct sockaddr_un *address, const char *name)
{
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	snprintf(address->sun_path, sizeof(address->sun_path), "%s", name);
	if (name[0] == '@')
		address->sun_path[0] = '\0';
	return offsetof(struct sockaddr_un, sun_path) + strlen(name) +
		(name[0] == '/');
}

/* What those who talk do. All of them return an errno, or what they say. */

/* A socket of type @a that listens, or can be sent to, by that name. */
static long serve(const struct sphere_call *call)
{
	struct sockaddr_un address;
	socklen_t len = address_of(&address, call->text);
	int fd = socket(AF_UNIX, call->a | SOCK_NONBLOCK, 0), on = 1;
	long error;

	if (fd < 0)
		return -errno;
	if (call->text[0] == '/')
		unlink(call->text);
	/* Neither do the modes of files stand in anybody's way. */
	if (bind(fd, (void *)&address, len) ||
	    (call->text[0] == '/' && chmod(call->text, 0777)) ||
	    setsockopt(fd, SOL_SOCKET, SO_PASSSEC, &on, sizeof(on)) ||
	    (call->a != SOCK_DGRAM && listen(fd, 64))) {
		error = -errno;
		close(fd);
		return error;
	}
	return fd;
}

static long bind_again(const struct sphere_call *call)
{
	struct sockaddr_un address;
	socklen_t len = address_of(&address, call->text);

	return bind(call->a, (void *)&address, len) ? -errno : 0;
}

static long make(const struct sphere_call *call)
{
	int fd = socket(AF_UNIX, call->a, 0);

	return fd < 0 ? -errno : fd;
}

static long connect_fd(const struct sphere_call *call)
{
	struct sockaddr_un address;
	socklen_t len = address_of(&address, call->text);

	return connect(call->a, (void *)&address, len) ? -errno : 0;
}

/* A socket of type @a that is connected to that name. */
static long connect_new(const struct sphere_call *call)
{
	struct sphere_call connecting = *call;
	long error;
	int on = 1;

	connecting.a = make(call);
	if (connecting.a < 0)
		return connecting.a;
	if (setsockopt(connecting.a, SOL_SOCKET, SO_PASSSEC, &on, sizeof(on)))
		return -errno;
	error = connect_fd(&connecting);
	if (!error)
		return connecting.a;
	close(connecting.a);
	return error;
}

static long accept_one(const struct sphere_call *call)
{
	int fd = accept4(call->a, NULL, NULL, SOCK_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

static long close_fd(const struct sphere_call *call)
{
	return close(call->a) ? -errno : 0;
}

/* Whether the other end of @a is @text. */
static long peer_is(const struct sphere_call *call)
{
	char label[LABEL_MAX];
	socklen_t len = sizeof(label);

	if (getsockopt(call->a, SOL_SOCKET, SO_PEERSEC, label, &len))
		return -errno;
	return len == strlen(call->text) && !memcmp(label, call->text, len);
}

/* In a child, so that it is another task that accepts; whether it is @text. */
static long accepted_by_child_is(const struct sphere_call *call)
{
	struct sphere_call accepted = *call;
	int status;
	pid_t pid = fork();

	if (!pid) {
		accepted.a = accept_one(call);
		_exit(accepted.a < 0 ? 2 : peer_is(&accepted) != 1);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -errno;
	return !status;
}

static long send_one(const struct sphere_call *call)
{
	return send(call->a, "x", 1, MSG_DONTWAIT) == 1 ? 0 : -errno;
}

/* From the socket @a to that name. */
static long send_to(const struct sphere_call *call)
{
	struct sockaddr_un address;
	socklen_t len = address_of(&address, call->text);

	return sendto(call->a, "x", 1, MSG_DONTWAIT, (void *)&address,
		      len) == 1 ? 0 : -errno;
}

/* The same by sendmmsg(). */
static long send_many(const struct sphere_call *call)
{
	struct sockaddr_un address;
	struct iovec vec = { "x", 1 };
	struct mmsghdr messages[2] = {};
	int i, sent;

	for (i = 0; i < 2; i++) {
		messages[i].msg_hdr.msg_name = &address;
		messages[i].msg_hdr.msg_namelen = address_of(&address,
							     call->text);
		messages[i].msg_hdr.msg_iov = &vec;
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	sent = sendmmsg(call->a, messages, 2, MSG_DONTWAIT);
	return sent == 2 ? 0 : -errno;
}

/* Whether the next message, of any size, is sent by @text. */
static long sender_is(const struct sphere_call *call)
{
	union {
		struct cmsghdr align;
		char bytes[1024];
	} control;
	char data[16];
	struct iovec vec = { data, sizeof(data) };
	struct msghdr message = {
		.msg_iov = &vec,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;
	size_t len = strlen(call->text);

	if (recvmsg(call->a, &message, MSG_DONTWAIT) < 0)
		return -errno;
	for (c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c))
		if (c->cmsg_level == SOL_SOCKET &&
		    c->cmsg_type == SCM_SECURITY)
			return c->cmsg_len == CMSG_LEN(len) &&
				!memcmp(CMSG_DATA(c), call->text, len);
	return -ENOMSG;
}

/* Sends the file @b from the socket @a to that name; or the peer of @a. */
static long give(const struct sphere_call *call)
{
	struct sockaddr_un address;
	char control[CMSG_SPACE(sizeof(int))] = {};
	struct iovec vec = { "x", 1 };
	struct msghdr message = {
		.msg_iov = &vec,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);
	int fd = call->b;

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	if (call->text[0]) {
		message.msg_namelen = address_of(&address, call->text);
		message.msg_name = &address;
	}
	return sendmsg(call->a, &message, MSG_DONTWAIT) == 1 ? 0 : -errno;
}

/* The file that came with the next message at @a; -EACCES if it did not. */
static long take(const struct sphere_call *call)
{
	char control[1024];
	char data[16];
	struct iovec vec = { data, sizeof(data) };
	struct msghdr message = {
		.msg_iov = &vec,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;
	int fd;

	if (recvmsg(call->a, &message, MSG_DONTWAIT) < 0)
		return -errno;
	for (c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
		if (c->cmsg_type != SCM_RIGHTS)
			continue;
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
		return fd;
	}
	return message.msg_flags & MSG_CTRUNC ? -EACCES : -ENOMSG;
}

/* The file @b of the process @a. */
static long get_fd(const struct sphere_call *call)
{
	return sphere_take_fd(call->a, call->b);
}

static long fork_and_send(const struct sphere_call *call)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(-send_one(call));
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -errno;
	return -WEXITSTATUS(status);
}

/* Says what it must not: a label in the sender's own words. */
static long send_label(const struct sphere_call *call)
{
	char control[CMSG_SPACE(LABEL_MAX)] = {};
	struct iovec vec = { "x", 1 };
	struct msghdr message = {
		.msg_iov = &vec,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = CMSG_SPACE(strlen(call->text)),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_SECURITY;
	c->cmsg_len = CMSG_LEN(strlen(call->text));
	memcpy(CMSG_DATA(c), call->text, strlen(call->text));
	return sendmsg(call->a, &message, MSG_DONTWAIT) == 1 ? 0 : -errno;
}

/* Sends its true uid and pid, which change nothing. */
static long send_credentials(const struct sphere_call *call)
{
	char control[CMSG_SPACE(sizeof(struct ucred))] = {};
	struct ucred cred = { getpid(), getuid(), getgid() };
	struct iovec vec = { "x", 1 };
	struct msghdr message = {
		.msg_iov = &vec,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_CREDENTIALS;
	c->cmsg_len = CMSG_LEN(sizeof(cred));
	memcpy(CMSG_DATA(c), &cred, sizeof(cred));
	return sendmsg(call->a, &message, MSG_DONTWAIT) == 1 ? 0 : -errno;
}

static long set_peersec(const struct sphere_call *call)
{
	return setsockopt(call->a, SOL_SOCKET, SO_PEERSEC, call->text,
			  strlen(call->text)) ? -errno : 0;
}

/* Asks the agent; or, without one, oneself, the manager. */
static long ask(struct sphere_agent *agent, sphere_action *action, long a,
		long b, const char *text)
{
	struct sphere_call call = { .a = a, .b = b };

	if (agent)
		return sphere_call(agent, action, a, b, text);
	snprintf(call.text, sizeof(call.text), "%s", text ? text : "");
	return action(&call);
}

static long ask_label(struct sphere_agent *agent, sphere_action *action,
		      long a, int who)
{
	char label[LABEL_MAX];

	label_of(label, who);
	return ask(agent, action, a, 0, label);
}

FIXTURE(peer)
{
	struct sphere_agent hub, left, right, hostile, nobody;
};

FIXTURE_SETUP(peer)
{
	mkdir(DIRECTORY, 0777);
	chmod(DIRECTORY, 01777);
	ASSERT_EQ(0, start(&self->hub, HUB));
	ASSERT_EQ(0, start(&self->left, LEFT));
	ASSERT_EQ(0, start(&self->right, RIGHT));
	ASSERT_EQ(0, start(&self->hostile, HOSTILE));
	/* With the uid of an application, which helps nobody. */
	ASSERT_EQ(0, start_as(&self->nobody, SPHERE_NOBODY, sphere_uid(HUB)));
}

FIXTURE_TEARDOWN(peer)
{
	sphere_agent_stop(&self->nobody);
	sphere_agent_stop(&self->hostile);
	sphere_agent_stop(&self->right);
	sphere_agent_stop(&self->left);
	sphere_agent_stop(&self->hub);
}

/* Every kind of connection, by both kinds of names. */
static const struct {
	int type;
	const char *name;
} streams[] = {
	{ SOCK_STREAM, "@sphere-peer" },
	{ SOCK_STREAM, DIRECTORY "/socket" },
	{ SOCK_SEQPACKET, "@sphere-peer" },
	{ SOCK_SEQPACKET, DIRECTORY "/socket" },
};

/*
 * Returns 0 if the client gets through, and each is told who the other is;
 * or what the client was told.
 */
static long converse(struct sphere_agent *server, int server_is, int listener,
		     struct sphere_agent *client, int client_is, int type,
		     const char *name)
{
	long fd = ask(client, connect_new, type, 0, name), accepted, error = 0;

	if (fd < 0)
		return ask(server, accept_one, listener, 0, NULL) == -EAGAIN ?
			fd : -EBADMSG;
	accepted = ask(server, accept_one, listener, 0, NULL);
	if (accepted < 0 ||
	    ask_label(server, peer_is, accepted, client_is) != 1 ||
	    ask_label(client, peer_is, fd, server_is) != 1 ||
	    ask(client, send_one, fd, 0, NULL) ||
	    ask_label(server, sender_is, accepted, client_is) != 1 ||
	    ask(server, send_one, accepted, 0, NULL) ||
	    ask_label(client, sender_is, fd, server_is) != 1)
		error = -EBADMSG;
	ask(client, close_fd, fd, 0, NULL);
	ask(server, close_fd, accepted, 0, NULL);
	return error;
}

#define EXPECT_CONVERSE(expected, server, server_is, client, client_is)	\
	EXPECT_EQ(expected, converse(server, server_is, listener, client,	\
				     client_is, type, name))

TEST_F(peer, connect)
{
	struct sphere_agent second;
	const char *name;
	long listener;
	size_t i;
	int type;

	ASSERT_EQ(0, start(&second, LEFT));
	for (i = 0; i < ARRAY_SIZE(streams); i++) {
		type = streams[i].type;
		name = streams[i].name;

		listener = ask(&self->left, serve, type, 0, name);
		ASSERT_LE(0, listener);
		EXPECT_CONVERSE(0, &self->left, LEFT, &self->hub, HUB);
		EXPECT_CONVERSE(0, &self->left, LEFT, &second, LEFT);
		EXPECT_CONVERSE(0, &self->left, LEFT, NULL, SPHERE_MANAGER);
		EXPECT_CONVERSE(-EACCES, &self->left, LEFT, &self->right,
				RIGHT);
		EXPECT_CONVERSE(-EACCES, &self->left, LEFT, &self->hostile,
				HOSTILE);
		EXPECT_CONVERSE(-EACCES, &self->left, LEFT, &self->nobody,
				SPHERE_NOBODY);
		EXPECT_EQ(0, ask(&self->left, close_fd, listener, 0, NULL));
		unlink(name);

		/* Listing others is not enough either way. */
		listener = ask(&self->hostile, serve, type, 0, name);
		ASSERT_LE(0, listener);
		EXPECT_CONVERSE(-EACCES, &self->hostile, HOSTILE, &self->hub,
				HUB);
		EXPECT_CONVERSE(-EACCES, &self->hostile, HOSTILE, &self->left,
				LEFT);
		EXPECT_EQ(0, ask(&self->hostile, close_fd, listener, 0, NULL));
		unlink(name);
	}
	EXPECT_EQ(0, sphere_agent_stop(&second));
}

TEST_F(peer, connect_to_manager)
{
	const char *name;
	long listener;
	size_t i;
	int type;

	for (i = 0; i < ARRAY_SIZE(streams); i++) {
		type = streams[i].type;
		name = streams[i].name;
		listener = ask(NULL, serve, type, 0, name);
		ASSERT_LE(0, listener);
		EXPECT_CONVERSE(0, NULL, SPHERE_MANAGER, &self->hostile,
				HOSTILE);
		EXPECT_CONVERSE(0, NULL, SPHERE_MANAGER, &self->nobody,
				SPHERE_NOBODY);
		EXPECT_CONVERSE(0, NULL, SPHERE_MANAGER, NULL, SPHERE_MANAGER);
		close(listener);
		unlink(name);
	}
}

TEST_F(peer, connect_to_nobody)
{
	struct sphere_agent second;
	const char *name;
	long listener;
	size_t i;
	int type;

	ASSERT_EQ(0, start(&second, SPHERE_NOBODY));
	for (i = 0; i < ARRAY_SIZE(streams); i++) {
		type = streams[i].type;
		name = streams[i].name;
		listener = ask(&self->nobody, serve, type, 0, name);
		ASSERT_LE(0, listener);
		EXPECT_CONVERSE(0, &self->nobody, SPHERE_NOBODY, &second,
				SPHERE_NOBODY);
		EXPECT_CONVERSE(0, &self->nobody, SPHERE_NOBODY, NULL,
				SPHERE_MANAGER);
		/* HUB has the same uid. */
		EXPECT_CONVERSE(-EACCES, &self->nobody, SPHERE_NOBODY,
				&self->hub, HUB);
		EXPECT_CONVERSE(-EACCES, &self->nobody, SPHERE_NOBODY,
				&self->hostile, HOSTILE);
		EXPECT_EQ(0, ask(&self->nobody, close_fd, listener, 0, NULL));
		unlink(name);
	}
	EXPECT_EQ(0, sphere_agent_stop(&second));
}

static const char *const datagram_names[] = {
	"@sphere-peer", DIRECTORY "/socket",
};

/* All the ways to send a datagram end alike. */
static long try_datagrams(struct sphere_agent *server, int fd,
			  struct sphere_agent *client, int client_is,
			  const char *name)
{
	long from = ask(client, make, SOCK_DGRAM, 0, NULL), result, other;
	int i, messages;

	result = ask(client, send_to, from, 0, name);
	other = ask(client, send_many, from, 0, name);
	if (other != result)
		return -EBADMSG;
	other = ask(client, connect_fd, from, 0, name);
	if (other != result)
		return -EBADMSG;
	other = ask(client, send_one, from, 0, NULL);
	if (other != (result ? -ENOTCONN : 0))
		return -EBADMSG;
	ask(client, close_fd, from, 0, NULL);
	messages = result ? 0 : 4;
	for (i = 0; i < messages; i++)
		if (ask_label(server, sender_is, fd, client_is) != 1)
			return -EBADMSG;
	if (ask_label(server, sender_is, fd, client_is) != -EAGAIN)
		return -EBADMSG;
	return result;
}

TEST_F(peer, datagrams)
{
	const char *name;
	size_t i;
	long fd;

	for (i = 0; i < ARRAY_SIZE(datagram_names); i++) {
		name = datagram_names[i];
		fd = ask(&self->left, serve, SOCK_DGRAM, 0, name);
		ASSERT_LE(0, fd);
		EXPECT_EQ(0, try_datagrams(&self->left, fd, &self->hub, HUB,
					   name));
		EXPECT_EQ(0, try_datagrams(&self->left, fd, &self->left, LEFT,
					   name));
		EXPECT_EQ(0, try_datagrams(&self->left, fd, NULL,
					   SPHERE_MANAGER, name));
		EXPECT_EQ(-EACCES, try_datagrams(&self->left, fd, &self->right,
						 RIGHT, name));
		EXPECT_EQ(-EACCES, try_datagrams(&self->left, fd,
						 &self->hostile, HOSTILE,
						 name));
		EXPECT_EQ(-EACCES, try_datagrams(&self->left, fd,
						 &self->nobody, SPHERE_NOBODY,
						 name));
		EXPECT_EQ(0, ask(&self->left, close_fd, fd, 0, NULL));
		unlink(name);

		fd = ask(NULL, serve, SOCK_DGRAM, 0, name);
		ASSERT_LE(0, fd);
		EXPECT_EQ(0, try_datagrams(NULL, fd, &self->hostile, HOSTILE,
					   name));
		EXPECT_EQ(0, try_datagrams(NULL, fd, &self->nobody,
					   SPHERE_NOBODY, name));
		close(fd);
		unlink(name);

		fd = ask(&self->nobody, serve, SOCK_DGRAM, 0, name);
		ASSERT_LE(0, fd);
		EXPECT_EQ(0, try_datagrams(&self->nobody, fd, &self->nobody,
					   SPHERE_NOBODY, name));
		EXPECT_EQ(-EACCES, try_datagrams(&self->nobody, fd, &self->hub,
						 HUB, name));
		EXPECT_EQ(0, ask(&self->nobody, close_fd, fd, 0, NULL));
		unlink(name);
	}
}

/* What socket() makes of SOCK_RAW sends datagrams, too. */
TEST_F(peer, raw_datagrams)
{
	long fd, from;

	fd = ask(&self->left, serve, SOCK_DGRAM, 0, "@sphere-peer");
	ASSERT_LE(0, fd);
	from = ask(&self->hostile, make, SOCK_RAW, 0, NULL);
	ASSERT_LE(0, from);
	EXPECT_EQ(-EACCES, ask(&self->hostile, send_to, from, 0,
			       "@sphere-peer"));
	EXPECT_EQ(-EACCES, ask(&self->hostile, connect_fd, from, 0,
			       "@sphere-peer"));
	from = ask(&self->hub, make, SOCK_RAW, 0, NULL);
	ASSERT_LE(0, from);
	EXPECT_EQ(0, ask(&self->hub, send_to, from, 0, "@sphere-peer"));
	EXPECT_EQ(1, ask_label(&self->left, sender_is, fd, HUB));
}

/* A socket that is connected to a peer stays so when it tries a stranger. */
TEST_F(peer, datagram_socket_that_changes_its_peer)
{
	long left, hostile, hub;

	left = ask(&self->left, serve, SOCK_DGRAM, 0, "@sphere-left");
	hostile = ask(&self->hostile, serve, SOCK_DGRAM, 0, "@sphere-hostile");
	hub = ask(&self->hub, connect_new, SOCK_DGRAM, 0, "@sphere-left");
	ASSERT_LE(0, left);
	ASSERT_LE(0, hostile);
	ASSERT_LE(0, hub);
	EXPECT_EQ(-EACCES, ask(&self->hub, connect_fd, hub, 0,
			       "@sphere-hostile"));
	EXPECT_EQ(-EACCES, ask(&self->hub, send_to, hub, 0, "@sphere-hostile"));
	EXPECT_EQ(0, ask(&self->hub, send_one, hub, 0, NULL));
	EXPECT_EQ(1, ask_label(&self->left, sender_is, left, HUB));
	EXPECT_EQ(-EAGAIN, ask_label(&self->hostile, sender_is, hostile, HUB));
	/* A connected datagram socket hears from many: no name for it. */
	EXPECT_EQ(-ENOPROTOOPT, ask_label(&self->hub, peer_is, hub, LEFT));
}

/* What is sent through another's socket is sent by who sends. */
TEST_F(peer, datagram_by_a_socket_of_another)
{
	long hub_box, left_box, right_box, from;

	hub_box = ask(&self->hub, serve, SOCK_DGRAM, 0, "@sphere-hub");
	left_box = ask(&self->left, serve, SOCK_DGRAM, 0, "@sphere-left");
	ASSERT_LE(0, hub_box);
	ASSERT_LE(0, left_box);
	/* HUB's socket, connected to LEFT, in the hands of RIGHT. */
	from = ask(&self->hub, connect_new, SOCK_DGRAM, 0, "@sphere-left");
	ASSERT_LE(0, from);
	right_box = ask(&self->right, serve, SOCK_DGRAM, 0, "@sphere-right");
	ASSERT_LE(0, right_box);
	ASSERT_EQ(0, ask(&self->hub, give, hub_box, from, "@sphere-right"));
	from = ask(&self->right, take, right_box, 0, NULL);
	ASSERT_LE(0, from);
	EXPECT_EQ(-EACCES, ask(&self->right, send_one, from, 0, NULL));
	EXPECT_EQ(0, ask(&self->right, send_to, from, 0, "@sphere-hub"));
	EXPECT_EQ(1, ask_label(&self->hub, sender_is, hub_box, RIGHT));
}

TEST_F(peer, pairs)
{
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM };
	int fds[2], on = 1, i;
	struct sphere_agent heir;
	long expected;
	size_t t;

	for (t = 0; t < ARRAY_SIZE(types); t++) {
		/* Inherited, across an exec with another identity. */
		ASSERT_EQ(0, socketpair(AF_UNIX, types[t] | SOCK_NONBLOCK, 0,
					fds));
		for (i = 0; i < 2; i++)
			ASSERT_EQ(0, setsockopt(fds[i], SOL_SOCKET, SO_PASSSEC,
						&on, sizeof(on)));
		ASSERT_EQ(0, start(&heir, FORGER));
		/* Made by the manager, for good. */
		expected = types[t] == SOCK_DGRAM ? -ENOPROTOOPT : 1;
		EXPECT_EQ(expected, ask_label(NULL, peer_is, fds[0],
					      SPHERE_MANAGER));
		EXPECT_EQ(expected, ask_label(&heir, peer_is, fds[1],
					      SPHERE_MANAGER));
		/* But each message is its sender's. */
		EXPECT_EQ(0, ask(&heir, send_one, fds[1], 0, NULL));
		EXPECT_EQ(0, ask(NULL, send_one, fds[1], 0, NULL));
		EXPECT_EQ(0, ask(&heir, fork_and_send, fds[1], 0, NULL));
		EXPECT_EQ(1, ask_label(NULL, sender_is, fds[0], FORGER));
		EXPECT_EQ(1, ask_label(NULL, sender_is, fds[0],
				       SPHERE_MANAGER));
		EXPECT_EQ(1, ask_label(NULL, sender_is, fds[0], FORGER));
		EXPECT_EQ(0, sphere_agent_stop(&heir));
		close(fds[0]);
		close(fds[1]);
	}
}

/* Sent by one who is long gone, and by the next of the same component. */
TEST_F(peer, sender_is_gone)
{
	struct sphere_agent forger;
	int fd, i;

	fd = ask(NULL, serve, SOCK_DGRAM, 0, "@sphere-peer");
	ASSERT_LE(0, fd);
	for (i = 0; i < 10; i++) {
		ASSERT_EQ(0, start(&forger, FORGER));
		ASSERT_LE(0, ask(&forger, connect_new, SOCK_DGRAM, 0,
				 "@sphere-peer"));
		ASSERT_EQ(0, ask(&forger, send_to,
				 ask(&forger, make, SOCK_DGRAM, 0, NULL), 0,
				 "@sphere-peer"));
		ASSERT_EQ(0, sphere_agent_stop(&forger));
	}
	for (i = 0; i < 10; i++)
		EXPECT_EQ(1, ask_label(NULL, sender_is, fd, FORGER));
}

TEST_F(peer, connected_is_connected)
{
	struct sphere_agent forger;
	long listener, fd, accepted;

	/* Whoever has connected may end, or not be there any more. */
	listener = ask(NULL, serve, SOCK_STREAM, 0, "@sphere-peer");
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, start(&forger, FORGER));
	ASSERT_LE(0, ask(&forger, connect_new, SOCK_STREAM, 0,
			 "@sphere-peer"));
	ASSERT_EQ(0, sphere_agent_stop(&forger));
	accepted = ask(NULL, accept_one, listener, 0, NULL);
	ASSERT_LE(0, accepted);
	EXPECT_EQ(1, ask_label(NULL, peer_is, accepted, FORGER));
	close(accepted);

	/* The manager connects, and becomes an application. */
	fd = ask(NULL, connect_new, SOCK_STREAM, 0, "@sphere-peer");
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, start(&forger, FORGER));
	accepted = ask(NULL, accept_one, listener, 0, NULL);
	ASSERT_LE(0, accepted);
	EXPECT_EQ(1, ask_label(NULL, peer_is, accepted, SPHERE_MANAGER));
	/* What it says then, it says in its own name. */
	ASSERT_EQ(0, ask(&forger, send_one, fd, 0, NULL));
	EXPECT_EQ(1, ask_label(NULL, sender_is, accepted, FORGER));
	EXPECT_EQ(1, ask_label(NULL, peer_is, accepted, SPHERE_MANAGER));
	ASSERT_EQ(0, sphere_agent_stop(&forger));

	/* Another task of the component accepts. */
	listener = ask(&self->left, serve, SOCK_STREAM, 0, "@sphere-left");
	ASSERT_LE(0, ask(&self->hub, connect_new, SOCK_STREAM, 0,
			 "@sphere-left"));
	EXPECT_EQ(1, ask_label(&self->left, accepted_by_child_is, listener,
			       HUB));
}

/* A listener belongs to who has made it, whoever accepts. */
TEST_F(peer, listener_of_another)
{
	struct sphere_agent forger;
	long listener, fd, accepted;

	listener = ask(NULL, serve, SOCK_STREAM, 0, "@sphere-peer");
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, start(&forger, FORGER));
	fd = ask(&self->hub, connect_new, SOCK_STREAM, 0, "@sphere-peer");
	ASSERT_LE(0, fd);
	accepted = ask(&forger, accept_one, listener, 0, NULL);
	ASSERT_LE(0, accepted);
	EXPECT_EQ(1, ask_label(&self->hub, peer_is, fd, SPHERE_MANAGER));
	EXPECT_EQ(1, ask_label(&forger, peer_is, accepted, HUB));
	/* Who it really is shows in the message. */
	EXPECT_EQ(0, ask(&forger, send_one, accepted, 0, NULL));
	EXPECT_EQ(1, ask_label(&self->hub, sender_is, fd, FORGER));
	EXPECT_EQ(0, sphere_agent_stop(&forger));
}

/* Nobody connects in the name of who has made a socket, nor lends his own. */
TEST_F(peer, connecting_a_socket_of_another)
{
	long hub_box, left_box, listener, fd, got;
	struct sphere_agent forger;

	listener = ask(NULL, serve, SOCK_STREAM, 0, "@sphere-peer");
	ASSERT_LE(0, listener);
	fd = ask(NULL, make, SOCK_STREAM, 0, NULL);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, start(&forger, FORGER));
	EXPECT_EQ(-EACCES, ask(&forger, connect_fd, fd, 0, "@sphere-peer"));
	EXPECT_EQ(-ENOPROTOOPT, ask_label(&forger, peer_is, fd,
					  SPHERE_MANAGER));
	EXPECT_EQ(-EAGAIN, ask(NULL, accept_one, listener, 0, NULL));
	EXPECT_EQ(0, ask(NULL, connect_fd, fd, 0, "@sphere-peer"));
	EXPECT_EQ(0, sphere_agent_stop(&forger));

	hub_box = ask(&self->hub, serve, SOCK_DGRAM, 0, "@sphere-hub");
	left_box = ask(&self->left, serve, SOCK_DGRAM, 0, "@sphere-left");
	fd = ask(&self->hub, make, SOCK_STREAM, 0, NULL);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ask(&self->hub, give, hub_box, fd, "@sphere-left"));
	got = ask(&self->left, take, left_box, 0, NULL);
	ASSERT_LE(0, got);
	EXPECT_EQ(-EACCES, ask(&self->left, connect_fd, got, 0,
			       "@sphere-peer"));
	EXPECT_EQ(0, ask(&self->hub, connect_fd, fd, 0, "@sphere-peer"));
}

/* Sockets on their way, by a message. */
TEST_F(peer, receiving_sockets)
{
	long hub_box, left_box, right_box, listener, fd, accepted, got;
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET };
	size_t i;

	hub_box = ask(&self->hub, serve, SOCK_DGRAM, 0, "@sphere-hub");
	left_box = ask(&self->left, serve, SOCK_DGRAM, 0, "@sphere-left");
	right_box = ask(&self->right, serve, SOCK_DGRAM, 0, "@sphere-right");
	ASSERT_LE(0, hub_box);
	ASSERT_LE(0, left_box);
	ASSERT_LE(0, right_box);
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		listener = ask(&self->left, serve, types[i], 0,
			       "@sphere-peer");
		ASSERT_LE(0, listener);
		fd = ask(&self->hub, connect_new, types[i], 0, "@sphere-peer");
		ASSERT_LE(0, fd);
		accepted = ask(&self->left, accept_one, listener, 0, NULL);
		ASSERT_LE(0, accepted);
		/* LEFT's end: HUB may have it, and may not pass it on. */
		ASSERT_EQ(0, ask(&self->left, give, left_box, accepted,
				 "@sphere-hub"));
		got = ask(&self->hub, take, hub_box, 0, NULL);
		ASSERT_LE(0, got);
		ASSERT_EQ(0, ask(&self->hub, give, hub_box, got,
				 "@sphere-right"));
		EXPECT_EQ(-EACCES, ask(&self->right, take, right_box, 0,
				       NULL));
		/* Nor the listener, nor where datagrams go. */
		ASSERT_EQ(0, ask(&self->left, give, left_box, listener,
				 "@sphere-hub"));
		got = ask(&self->hub, take, hub_box, 0, NULL);
		ASSERT_LE(0, got);
		ASSERT_EQ(0, ask(&self->hub, give, hub_box, got,
				 "@sphere-right"));
		EXPECT_EQ(-EACCES, ask(&self->right, take, right_box, 0,
				       NULL));
		/* HUB's own end is HUB's to give, to those that it talks to. */
		ASSERT_EQ(0, ask(&self->hub, give, hub_box, fd,
				 "@sphere-right"));
		got = ask(&self->right, take, right_box, 0, NULL);
		ASSERT_LE(0, got);
		EXPECT_EQ(0, ask(&self->right, send_one, got, 0, NULL));
		EXPECT_EQ(1, ask_label(&self->left, sender_is, accepted,
				       RIGHT));
		EXPECT_EQ(0, ask(&self->left, close_fd, listener, 0, NULL));
	}
	ASSERT_EQ(0, ask(&self->left, give, left_box, left_box, "@sphere-hub"));
	got = ask(&self->hub, take, hub_box, 0, NULL);
	ASSERT_LE(0, got);
	ASSERT_EQ(0, ask(&self->hub, give, hub_box, got, "@sphere-right"));
	EXPECT_EQ(-EACCES, ask(&self->right, take, right_box, 0, NULL));
	/* A file that is no socket is no concern of this rule. */
	ASSERT_EQ(0, ask(&self->hub, give, hub_box, STDERR_FILENO,
			 "@sphere-right"));
	EXPECT_LE(0, ask(&self->right, take, right_box, 0, NULL));
}

/* Out of a process of one's own: one's own, but not a stranger's. */
TEST_F(peer, taking_sockets)
{
	struct sphere_agent second;
	long left_box, fd;

	if (!sphere_can_trace())
		SKIP(return, "no ptrace() and the like in this kernel");
	left_box = ask(&self->left, serve, SOCK_DGRAM, 0, "@sphere-left");
	ASSERT_LE(0, left_box);

	/* The manager may have everything. */
	ASSERT_LE(0, ask(NULL, get_fd, self->hostile.pid,
			 ask(&self->hostile, make, SOCK_STREAM, 0, NULL),
			 NULL));

	fd = ask(NULL, get_fd, self->nobody.pid,
		 ask(&self->nobody, make, SOCK_STREAM, 0, NULL), NULL);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, fcntl(fd, F_SETFD, 0));
	ASSERT_EQ(0, start(&second, LEFT));
	EXPECT_LE(0, ask(&second, get_fd, self->left.pid, left_box, NULL));
	EXPECT_EQ(-EACCES, ask(&self->left, get_fd, second.pid, fd, NULL));
	EXPECT_EQ(0, sphere_agent_stop(&second));
}

/* Names and connections that a socket has are there to stay. */
TEST_F(peer, double_bind_and_reconnect)
{
	long listener, other, fd;

	listener = ask(&self->left, serve, SOCK_STREAM, 0, "@sphere-left");
	other = ask(NULL, serve, SOCK_STREAM, 0, "@sphere-peer");
	ASSERT_LE(0, listener);
	ASSERT_LE(0, other);
	fd = ask(&self->hub, connect_new, SOCK_STREAM, 0, "@sphere-left");
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EADDRINUSE, ask(&self->hostile, serve, SOCK_STREAM, 0,
				   "@sphere-left"));
	EXPECT_EQ(-EISCONN, ask(&self->hub, connect_fd, fd, 0,
				"@sphere-peer"));
	EXPECT_EQ(-EINVAL, ask(&self->left, connect_fd, listener, 0,
			       "@sphere-peer"));
	EXPECT_EQ(-EINVAL, ask(&self->left, bind_again, listener, 0,
			       "@sphere-again"));
	EXPECT_EQ(1, ask_label(&self->hub, peer_is, fd, LEFT));
	/* Nor when the service has gone, and another has its name. */
	EXPECT_EQ(0, ask(&self->left, close_fd, listener, 0, NULL));
	ASSERT_LE(0, ask(&self->hostile, serve, SOCK_STREAM, 0,
			 "@sphere-left"));
	EXPECT_EQ(1, ask_label(&self->hub, peer_is, fd, LEFT));
	EXPECT_EQ(-EISCONN, ask(&self->hub, connect_fd, fd, 0,
				"@sphere-left"));
	EXPECT_EQ(-EACCES, ask(&self->hub, connect_new, SOCK_STREAM, 0,
			       "@sphere-left"));
}

TEST_F(peer, forgery)
{
	char label[LABEL_MAX];
	struct sphere_agent forger;
	long listener, fd, accepted;

	listener = ask(NULL, serve, SOCK_STREAM, 0, "@sphere-peer");
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, start(&forger, FORGER));
	fd = ask(&forger, connect_new, SOCK_STREAM, 0, "@sphere-peer");
	ASSERT_LE(0, fd);
	accepted = ask(NULL, accept_one, listener, 0, NULL);
	ASSERT_LE(0, accepted);
	label_of(label, HUB);
	EXPECT_EQ(-EINVAL, ask(&forger, send_label, fd, 0, label));
	EXPECT_EQ(-EINVAL, ask(&forger, send_label, fd, 0, "manager"));
	EXPECT_EQ(-ENOPROTOOPT, ask(&forger, set_peersec, fd, 0, label));
	EXPECT_EQ(0, ask(&forger, send_credentials, fd, 0, NULL));
	EXPECT_EQ(1, ask_label(NULL, sender_is, accepted, FORGER));
	EXPECT_EQ(1, ask_label(NULL, peer_is, accepted, FORGER));
	EXPECT_EQ(0, sphere_agent_stop(&forger));
}

TEST(size_of_label)
{
	const char *expected = "manager";
	const socklen_t size = strlen(expected);
	char label[LABEL_MAX];
	int fds[2], negative = -1;
	socklen_t len;
	void *nowhere = mmap(NULL, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			     -1, 0);

	ASSERT_NE(MAP_FAILED, nowhere);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	for (len = 0; len < size; ) {
		socklen_t got = len;

		memset(label, '#', sizeof(label));
		EXPECT_EQ(-1, getsockopt(fds[0], SOL_SOCKET, SO_PEERSEC, label,
					 &got));
		EXPECT_EQ(ERANGE, errno);
		EXPECT_EQ(size, got);
		EXPECT_EQ('#', label[0]);
		len++;
	}
	for (len = size; len < size + 2; len++) {
		socklen_t got = len;

		memset(label, '#', sizeof(label));
		EXPECT_EQ(0, getsockopt(fds[0], SOL_SOCKET, SO_PEERSEC, label,
					&got));
		EXPECT_EQ(size, got);
		EXPECT_EQ(0, memcmp(label, expected, size));
		EXPECT_EQ('#', label[size]);
	}
	EXPECT_EQ(-1, getsockopt(fds[0], SOL_SOCKET, SO_PEERSEC, label,
				 (socklen_t *)&negative));
	EXPECT_EQ(EINVAL, errno);
	len = sizeof(label);
	EXPECT_EQ(-1, getsockopt(fds[0], SOL_SOCKET, SO_PEERSEC, nowhere,
				 &len));
	EXPECT_EQ(EFAULT, errno);
	close(fds[0]);
	close(fds[1]);
}

TEST(no_peer)
{
	static const struct {
		int family;
		int type;
	} kinds[] = {
		{ AF_UNIX, SOCK_STREAM },
		{ AF_UNIX, SOCK_SEQPACKET },
		{ AF_UNIX, SOCK_DGRAM },
		{ AF_UNIX, SOCK_RAW },
		{ AF_INET, SOCK_STREAM },
		{ AF_INET, SOCK_DGRAM },
	};
	char label[LABEL_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		socklen_t len = sizeof(label);
		int fd = socket(kinds[i].family, kinds[i].type, 0);

		if (fd < 0 && errno == EAFNOSUPPORT)
			continue;
		ASSERT_LE(0, fd);
		EXPECT_EQ(-1, getsockopt(fd, SOL_SOCKET, SO_PEERSEC, label,
					 &len));
		EXPECT_EQ(ENOPROTOOPT, errno);
		close(fd);
	}
}

static int loopback_up(int fd)
{
	struct ifreq request = { .ifr_name = "lo" };

	if (ioctl(fd, SIOCGIFFLAGS, &request))
		return -errno;
	request.ifr_flags |= IFF_UP;
	return ioctl(fd, SIOCSIFFLAGS, &request) ? -errno : 0;
}

/* Connections that the kernel clones from a listener, over IP. */
TEST(accept_from_the_network)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	char label[LABEL_MAX];
	int listener = socket(AF_INET, SOCK_STREAM, 0), client, server;

	if (listener < 0 && errno == EAFNOSUPPORT)
		SKIP(return, "no CONFIG_INET");
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, loopback_up(listener));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ASSERT_EQ(0, bind(listener, (void *)&address, len));
	ASSERT_EQ(0, listen(listener, 1));
	ASSERT_EQ(0, getsockname(listener, (void *)&address, &len));
	client = socket(AF_INET, SOCK_STREAM, 0);
	ASSERT_EQ(0, connect(client, (void *)&address, len));
	server = accept(listener, NULL, NULL);
	ASSERT_LE(0, server);
	len = sizeof(label);
	EXPECT_EQ(-1, getsockopt(server, SOL_SOCKET, SO_PEERSEC, label, &len));
	EXPECT_EQ(ENOPROTOOPT, errno);
	close(server);
	close(client);
	close(listener);
}

/* The label does not fit: the message comes without, and says so. */
TEST(no_room_for_the_sender)
{
	char control[CMSG_SPACE(1)], data;
	struct iovec vec = { &data, 1 };
	struct msghdr message = {
		.msg_iov = &vec,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(struct cmsghdr) - 1,
	};
	int fds[2], on = 1;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, fds));
	ASSERT_EQ(0, setsockopt(fds[0], SOL_SOCKET, SO_PASSSEC, &on,
				sizeof(on)));
	ASSERT_EQ(1, send(fds[1], "x", 1, 0));
	EXPECT_EQ(1, recvmsg(fds[0], &message, MSG_DONTWAIT));
	EXPECT_TRUE(message.msg_flags & MSG_CTRUNC);
	EXPECT_EQ(0, message.msg_controllen);
	close(fds[0]);
	close(fds[1]);
}

/* Connects again and again while another thread executes. */
static void *connect_forever(void *name)
{
	struct sphere_call call = { .a = SOCK_STREAM | SOCK_NONBLOCK };
	long fd;

	snprintf(call.text, sizeof(call.text), "%s", (char *)name);
	for (;;) {
		fd = connect_new(&call);
		if (fd >= 0)
			close(fd);
	}
	return NULL;
}

static __noreturn void race(struct sphere_agent *agent)
{
	struct sphere_blob record;
	const struct sphere_start start = {
		.who = HOSTILE,
		.uid = sphere_uid(HOSTILE),
		.record = &record,
	};
	pthread_t thread;

	record_of(&record, HOSTILE);
	if (pthread_create(&thread, NULL, connect_forever, "@sphere-peer"))
		_exit(1);
	/* Until it has got through once. */
	usleep(1000);
	sphere_agent_become(agent, &start);
}

/* Each connection was allowed to who it says it is from. */
TEST_F_TIMEOUT(peer, connect_and_exec, 300)
{
	int round, error, labelled = 0, became = 0;
	struct sphere_agent racer;
	long listener, fd;

	sphere_agent_stop(&self->hostile);
	listener = ask(&self->left, serve, SOCK_STREAM, 0, "@sphere-peer");
	ASSERT_LE(0, listener);
	for (round = 0; round < 20; round++) {
		ASSERT_EQ(0, sphere_agent_pipes(&racer));
		racer.pid = fork();
		if (!racer.pid)
			race(&racer);
		error = sphere_agent_hello(&racer);
		while ((fd = ask(&self->left, accept_one, listener, 0,
				 NULL)) >= 0) {
			EXPECT_EQ(1, ask_label(&self->left, peer_is, fd,
					       SPHERE_MANAGER));
			ask(&self->left, close_fd, fd, 0, NULL);
			labelled++;
		}
		/* The uid may not be free again yet. */
		if (error) {
			EXPECT_EQ(-EBUSY, error);
		} else {
			EXPECT_EQ(-EACCES, ask(&racer, connect_new,
					       SOCK_STREAM, 0,
					       "@sphere-peer"));
			became++;
		}
		sphere_agent_stop(&racer);
	}
	EXPECT_LT(0, labelled);
	EXPECT_LT(0, became);
	/* For the fixture's end. */
	ASSERT_EQ(0, start(&self->hostile, HOSTILE));
}

int main(int argc, char **argv)
{
	sphere_begin(argc, argv);
	return test_harness_run(argc, argv);
}
