// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - What agents of several tests are asked to do
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "sphere_actions.h"
#include "sphere_gpio.h"

long sphere_do_open(const struct sphere_call *call)
{
	int fd = open(call->text, call->a | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

long sphere_do_close(const struct sphere_call *call)
{
	return close(call->a) ? -errno : 0;
}

long sphere_do_try_open(const struct sphere_call *call)
{
	long fd = sphere_do_open(call);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

long sphere_do_read(const struct sphere_call *call)
{
	static char bytes[4096];
	size_t len = call->b ? call->b : sizeof(bytes);
	ssize_t got;

	if (fcntl(call->a, F_SETFL, fcntl(call->a, F_GETFL) | O_NONBLOCK))
		return -errno;
	got = read(call->a, bytes, len);
	return got < 0 ? -errno : got;
}

long sphere_do_write(const struct sphere_call *call)
{
	static char bytes[4096] = "1";
	ssize_t written = write(call->a, bytes, call->b ? call->b : 1);

	return written < 0 ? -errno : written;
}

long sphere_do_poll(const struct sphere_call *call)
{
	struct pollfd poll_fd = { .fd = call->a, .events = POLLIN };

	return poll(&poll_fd, 1, 0) < 0 ? -errno : poll_fd.revents;
}

long sphere_do_read_file(const struct sphere_call *call)
{
	struct sphere_blob text;
	int error = sphere_read_file(call->text, &text);

	return error ? error : text.bytes[0];
}

long sphere_do_write_file(const struct sphere_call *call)
{
	char path[PATH_MAX];
	char *value;

	snprintf(path, sizeof(path), "%s", call->text);
	value = strchr(path, ' ');
	*value++ = '\0';
	return sphere_write_text(path, value);
}

long sphere_do_receive_fd(const struct sphere_call *call)
{
	return sphere_receive_fd(call->a);
}

long sphere_do_send_fd(const struct sphere_call *call)
{
	return sphere_send_fd(call->a, call->b);
}

long sphere_do_request(const struct sphere_call *call)
{
	struct sphere_lines lines = {};
	const char *text = call->text;
	char *end;

	for (;;) {
		lines.offsets[lines.count] = strtoul(text, &end, 10);
		if (end == text)
			break;
		lines.count++;
		text = end;
	}
	return sphere_gpio_request(call->a, call->b >> 8, call->b & 0xff,
				   &lines);
}

long sphere_do_get_lines(const struct sphere_call *call)
{
	return sphere_gpio_get(call->a, call->b, 1);
}

long sphere_do_set_lines(const struct sphere_call *call)
{
	return sphere_gpio_set(call->a, call->b, 1, 0);
}

long sphere_do_config_lines(const struct sphere_call *call)
{
	return sphere_gpio_config(call->a, call->b >> 8, call->b & 0xff);
}

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
};

static socklen_t parse(const char *text, union address *address)
{
	unsigned int port;
	char ip[64];

	memset(address, 0, sizeof(*address));
	if (text[0] == '@') {
		address->local.sun_family = AF_UNIX;
		snprintf(address->local.sun_path + 1,
			 sizeof(address->local.sun_path) - 1, "%s", text + 1);
		return offsetof(struct sockaddr_un, sun_path) + strlen(text);
	}
	if (sscanf(text, "%63s %u", ip, &port) != 2)
		return 0;
	if (inet_pton(AF_INET, ip, &address->v4.sin_addr) == 1) {
		address->any.sa_family = AF_INET;
		address->v4.sin_port = htons(port);
		return sizeof(address->v4);
	}
	inet_pton(AF_INET6, ip, &address->v6.sin6_addr);
	address->any.sa_family = AF_INET6;
	address->v6.sin6_port = htons(port);
	return sizeof(address->v6);
}

long sphere_do_socket(const struct sphere_call *call)
{
	int fd = socket(call->a, call->b | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

long sphere_do_bind(const struct sphere_call *call)
{
	union address address;
	socklen_t len = parse(call->text, &address);
	const int reuse = 1;

	/* Without namespaces, connections of another test may still linger. */
	setsockopt(call->a, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse));
	return bind(call->a, &address.any, len) ? -errno : 0;
}

long sphere_do_listen(const struct sphere_call *call)
{
	return listen(call->a, 16) ? -errno : 0;
}

long sphere_do_connect(const struct sphere_call *call)
{
	union address address;
	socklen_t len = parse(call->text, &address);

	/* Over the loopback interface it is done at once, or not at all. */
	return connect(call->a, &address.any, len) && errno != EINPROGRESS ?
		-errno : 0;
}

long sphere_do_accept(const struct sphere_call *call)
{
	int fd = accept4(call->a, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

long sphere_do_send(const struct sphere_call *call)
{
	union address address;
	socklen_t len = parse(call->text, &address);
	ssize_t sent;

	sent = sendto(call->a, "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT,
		      len ? &address.any : NULL, len);
	return sent < 0 ? -errno : sent;
}

long sphere_do_sethostname(const struct sphere_call *call __maybe_unused)
{
	return sethostname("sphere", 6) ? -errno : 0;
}

long sphere_do_set_name(const struct sphere_call *call)
{
	return prctl(PR_SET_NAME, call->text) ? -errno : 0;
}

long sphere_do(sphere_action *action, long a, long b, const char *text)
{
	struct sphere_call call = { .a = a, .b = b };

	snprintf(call.text, sizeof(call.text), "%s", text ? text : "");
	return action(&call);
}
