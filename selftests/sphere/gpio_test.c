// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - GPIO lines
 *
 * Each line, direction and interface, granted and not, on two simulated chips;
 * and every way to get hold of a line that somebody else requested.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <linux/gpio.h>

#include "kselftest_harness.h"
#include "sphere_actions.h"
#include "sphere_common.h"
#include "sphere_gpio.h"

#define APP		1600
#define SIBLING		1601

#define LABEL_A		"sphere-test-a"
#define LABEL_B		"sphere-test-b"
#define LINES		70

/* Of chip A. What each of the application's lines is granted for. */
#define LINE_IN		0
#define LINE_OUT	1
#define LINE_BOTH	2
#define LINE_SIBLING	3
#define LINE_NOBODY	4
/* In the second window. */
#define LINE_FAR	65

#define BIT(n)		(1ULL << (n))

static const enum sphere_gpio_abi abis[] = { SPHERE_GPIO_V1, SPHERE_GPIO_V2 };

static void app_record(struct sphere_blob *record)
{
	sphere_record_application(record, APP);
	sphere_record_gpio(record, LABEL_A, 0, BIT(LINE_IN) | BIT(LINE_BOTH),
			   BIT(LINE_OUT) | BIT(LINE_BOTH));
	sphere_record_gpio(record, LABEL_A, 64, BIT(LINE_FAR - 64),
			   BIT(LINE_FAR - 64));
}

static void sibling_record(struct sphere_blob *record)
{
	sphere_record_application(record, SIBLING);
	sphere_record_gpio(record, LABEL_A, 0, BIT(LINE_SIBLING),
			   BIT(LINE_SIBLING));
}

/* What can be done to a chip, for the caller and for agents. */

/* The last line is an output, all others are inputs. */
static long do_config_last(const struct sphere_call *call)
{
	struct gpio_v2_line_config config = {
		.flags = GPIO_V2_LINE_FLAG_INPUT,
		.num_attrs = 1,
	};

	config.attrs[0].attr.id = GPIO_V2_LINE_ATTR_ID_FLAGS;
	config.attrs[0].attr.flags = GPIO_V2_LINE_FLAG_OUTPUT;
	config.attrs[0].mask = BIT(call->b - 1);
	return ioctl(call->a, GPIO_V2_LINE_SET_CONFIG_IOCTL, &config) ?
		-errno : 0;
}

static long do_info(const struct sphere_call *call)
{
	return sphere_gpio_info(call->a, call->b, atoi(call->text), false);
}

static long do_watch(const struct sphere_call *call)
{
	return sphere_gpio_info(call->a, call->b, atoi(call->text), true);
}

static long do_unwatch(const struct sphere_call *call)
{
	__u32 offset = atoi(call->text);

	return ioctl(call->a, GPIO_GET_LINEINFO_UNWATCH_IOCTL, &offset) ?
		-errno : 0;
}

static long do_chip_info(const struct sphere_call *call)
{
	struct gpiochip_info info;

	return ioctl(call->a, GPIO_GET_CHIPINFO_IOCTL, &info) ? -errno : 0;
}

/* Takes the file @b of the process @a. */
static long do_take(const struct sphere_call *call)
{
	return sphere_take_fd(call->a, call->b);
}

FIXTURE(gpio)
{
	struct sphere_chip a, b;
	struct sphere_agent app, sibling, nobody, root;
	/* Both ends are in the agents, too, under the same numbers. */
	int to_sibling[2];
	/* Chip A as the application, the sibling and the test opened it. */
	int app_a, sibling_a, manager_a;
};

static int start(struct sphere_agent *agent, int who,
		 void (*fill)(struct sphere_blob *record), bool root)
{
	struct sphere_blob record;
	const struct sphere_start start = {
		.who = who,
		.record = fill ? &record : NULL,
		.uid = root ? 0 : 10000 + (who > 0 ? who : 999),
		.all_capabilities = root,
	};

	if (fill)
		fill(&record);
	return sphere_agent_start_patiently(agent, &start);
}

FIXTURE_SETUP(gpio)
{
	ASSERT_EQ(0, sphere_chip_make(&self->a, "sphere-a", LABEL_A, LINES))
		TH_LOG("no CONFIG_GPIO_SIM?");
	ASSERT_EQ(0, sphere_chip_make(&self->b, "sphere-b", LABEL_B, 8));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, self->to_sibling));
	ASSERT_EQ(0, start(&self->app, APP, app_record, false));
	ASSERT_EQ(0, start(&self->sibling, SIBLING, sibling_record, false));
	ASSERT_EQ(0, start(&self->nobody, SPHERE_NOBODY, NULL, false));
	ASSERT_EQ(0, start(&self->root, SPHERE_NOBODY, NULL, true));
	self->app_a = sphere_call(&self->app, sphere_do_open, O_RDWR, 0, self->a.path);
	ASSERT_LE(0, self->app_a);
	self->sibling_a = sphere_call(&self->sibling, sphere_do_open, O_RDWR, 0,
				      self->a.path);
	ASSERT_LE(0, self->sibling_a);
	self->manager_a = open(self->a.path, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->manager_a);
}

FIXTURE_TEARDOWN(gpio)
{
	EXPECT_EQ(0, sphere_agent_stop(&self->app));
	EXPECT_EQ(0, sphere_agent_stop(&self->sibling));
	EXPECT_EQ(0, sphere_agent_stop(&self->nobody));
	EXPECT_EQ(0, sphere_agent_stop(&self->root));
	close(self->manager_a);
	close(self->to_sibling[0]);
	close(self->to_sibling[1]);
	sphere_chip_remove(&self->a);
	sphere_chip_remove(&self->b);
}

/* 0, or why the lines cannot be had. Nothing is kept. */
static long try_request(struct sphere_agent *agent, int chip,
			enum sphere_gpio_abi abi,
			enum sphere_gpio_direction direction, const char *lines)
{
	long fd = sphere_call(agent, sphere_do_request, chip, SPHERE_PACK(abi, direction),
			      lines);

	if (fd < 0)
		return fd;
	return sphere_call(agent, sphere_do_close, fd, 0, NULL);
}

TEST_F(gpio, a_chip_is_opened_by_who_has_a_line_of_it)
{
	EXPECT_EQ(-EACCES, sphere_call(&self->app, sphere_do_open, O_RDWR, 0,
				       self->b.path));
	EXPECT_EQ(-EACCES, sphere_call(&self->sibling, sphere_do_open, O_RDWR, 0,
				       self->b.path));
	EXPECT_EQ(-EACCES, sphere_call(&self->nobody, sphere_do_open, O_RDWR, 0,
				       self->a.path));
	/* Root by uid, with all of Linux' capabilities. */
	EXPECT_EQ(-EACCES, sphere_call(&self->root, sphere_do_open, O_RDWR, 0,
				       self->a.path));
	EXPECT_EQ(0, sphere_call(&self->app, do_chip_info, self->app_a, 0,
				 NULL));
}

static const struct {
	const char *lines;
	/* By enum sphere_gpio_direction. */
	int error[3];
} requests[] = {
	{ "0", { -EACCES, 0, -EACCES } },
	{ "1", { -EACCES, -EACCES, 0 } },
	{ "2", { 0, 0, 0 } },
	{ "65", { 0, 0, 0 } },
	/* Not granted, in both windows, or not there. */
	{ "3", { -EACCES, -EACCES, -EACCES } },
	{ "4", { -EACCES, -EACCES, -EACCES } },
	{ "64", { -EACCES, -EACCES, -EACCES } },
	{ "66", { -EACCES, -EACCES, -EACCES } },
	{ "70", { -EACCES, -EACCES, -EACCES } },
	{ "128", { -EACCES, -EACCES, -EACCES } },
	{ "4294967232", { -EACCES, -EACCES, -EACCES } },
	{ "4294967295", { -EACCES, -EACCES, -EACCES } },
	/* Several. */
	{ "2 65", { 0, 0, 0 } },
	{ "0 2", { -EACCES, 0, -EACCES } },
	{ "2 1", { -EACCES, -EACCES, 0 } },
	{ "2 65 3", { -EACCES, -EACCES, -EACCES } },
};

TEST_F(gpio, lines_are_had_as_granted)
{
	size_t i, abi;
	int direction;

	for (abi = 0; abi < ARRAY_SIZE(abis); abi++)
		for (i = 0; i < ARRAY_SIZE(requests); i++)
			for (direction = 0; direction < 3; direction++)
				EXPECT_EQ(requests[i].error[direction],
					  try_request(&self->app, self->app_a,
						      abis[abi], direction,
						      requests[i].lines))
					TH_LOG("lines %s, interface %d, direction %d",
					       requests[i].lines, abis[abi],
					       direction);
}

TEST_F(gpio, events_are_inputs)
{
	static const char *const granted[] = { "0", "2", "65" };
	static const char *const others[] = { "1", "3", "4", "64" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(granted); i++)
		EXPECT_EQ(0, try_request(&self->app, self->app_a,
					 SPHERE_GPIO_V1_EVENT, SPHERE_GPIO_IN,
					 granted[i]));
	for (i = 0; i < ARRAY_SIZE(others); i++)
		EXPECT_EQ(-EACCES, try_request(&self->app, self->app_a,
					       SPHERE_GPIO_V1_EVENT,
					       SPHERE_GPIO_IN, others[i]));
}

/* What a manager meets is as without Sphere. */
TEST_F(gpio, managers_go_by_the_kernel)
{
	size_t abi;
	long fd;

	for (abi = 0; abi < ARRAY_SIZE(abis); abi++) {
		fd = sphere_do(sphere_do_request, self->manager_a,
			       SPHERE_PACK(abis[abi], SPHERE_GPIO_OUT), "3 4 64");
		ASSERT_LE(0, fd);
		EXPECT_EQ(1, sphere_chip_value(&self->a, LINE_SIBLING));
		close(fd);
		EXPECT_EQ(-EINVAL, sphere_do(sphere_do_request, self->manager_a,
					     SPHERE_PACK(abis[abi], SPHERE_GPIO_IN),
					     "70"));
	}
}

/* The granted lines come first: they would have been driven already. */
TEST_F(gpio, a_refused_request_touches_no_line)
{
	size_t abi;
	long fd;

	for (abi = 0; abi < ARRAY_SIZE(abis); abi++) {
		fd = sphere_do(sphere_do_request, self->manager_a,
			       SPHERE_PACK(abis[abi], SPHERE_GPIO_IN), "2 65");
		ASSERT_LE(0, fd);
		close(fd);
		EXPECT_EQ(-EACCES, sphere_call(&self->app, sphere_do_request,
					       self->app_a,
					       SPHERE_PACK(abis[abi], SPHERE_GPIO_OUT),
					       "2 65 3"));
		/* Neither taken nor made an output. */
		EXPECT_EQ(0, sphere_gpio_info(self->manager_a, SPHERE_GPIO_V2,
					      LINE_BOTH, false));
		EXPECT_EQ(0, sphere_gpio_info(self->manager_a, SPHERE_GPIO_V2,
					      LINE_FAR, false));
		EXPECT_EQ(0, sphere_gpio_info(self->manager_a, SPHERE_GPIO_V2,
					      LINE_SIBLING, false));
		EXPECT_EQ(0, sphere_chip_value(&self->a, LINE_BOTH));
	}
}

TEST_F(gpio, lines_are_driven_and_read)
{
	size_t abi;
	long fd;

	for (abi = 0; abi < ARRAY_SIZE(abis); abi++) {
		fd = sphere_call(&self->app, sphere_do_request, self->app_a,
				 SPHERE_PACK(abis[abi], SPHERE_GPIO_OUT), "1");
		ASSERT_LE(0, fd);
		EXPECT_EQ(1, sphere_chip_value(&self->a, LINE_OUT));
		EXPECT_EQ(0, sphere_call(&self->app, sphere_do_set_lines, fd, abis[abi],
					 NULL));
		EXPECT_EQ(0, sphere_chip_value(&self->a, LINE_OUT));
		EXPECT_EQ(0, sphere_call(&self->app, sphere_do_get_lines, fd, abis[abi],
					 NULL));
		EXPECT_EQ(0, sphere_call(&self->app, sphere_do_close, fd, 0, NULL));
	}
}

TEST_F(gpio, an_input_is_not_driven)
{
	size_t abi;
	long fd;

	for (abi = 0; abi < ARRAY_SIZE(abis); abi++) {
		fd = sphere_call(&self->app, sphere_do_request, self->app_a,
				 SPHERE_PACK(abis[abi], SPHERE_GPIO_IN), "0");
		ASSERT_LE(0, fd);
		EXPECT_EQ(-EPERM, sphere_call(&self->app, sphere_do_set_lines, fd,
					      abis[abi], NULL));
		EXPECT_EQ(0, sphere_call(&self->app, sphere_do_close, fd, 0, NULL));
	}
}

TEST_F(gpio, reconfiguring_keeps_to_the_granted_direction)
{
	size_t abi;
	long fd;

	for (abi = 0; abi < ARRAY_SIZE(abis); abi++) {
		fd = sphere_call(&self->app, sphere_do_request, self->app_a,
				 SPHERE_PACK(abis[abi], SPHERE_GPIO_IN), "0 2");
		ASSERT_LE(0, fd);
		EXPECT_EQ(-EACCES, sphere_call(&self->app, sphere_do_config_lines, fd,
					       SPHERE_PACK(abis[abi], SPHERE_GPIO_OUT),
					       NULL));
		/* Not even the line that might have been. */
		EXPECT_EQ(SPHERE_GPIO_INFO_USED,
			  sphere_gpio_info(self->manager_a, SPHERE_GPIO_V2,
					   LINE_BOTH, false));
		EXPECT_EQ(0, sphere_call(&self->app, sphere_do_config_lines, fd,
					 SPHERE_PACK(abis[abi], SPHERE_GPIO_IN),
					 NULL));
		EXPECT_EQ(0, sphere_call(&self->app, sphere_do_close, fd, 0, NULL));

		fd = sphere_call(&self->app, sphere_do_request, self->app_a,
				 SPHERE_PACK(abis[abi], SPHERE_GPIO_OUT), "1 2");
		ASSERT_LE(0, fd);
		EXPECT_EQ(-EACCES, sphere_call(&self->app, sphere_do_config_lines, fd,
					       SPHERE_PACK(abis[abi], SPHERE_GPIO_IN),
					       NULL));
		EXPECT_EQ(0, sphere_call(&self->app, sphere_do_config_lines, fd,
					 SPHERE_PACK(abis[abi], SPHERE_GPIO_OUT),
					 NULL));
		EXPECT_EQ(0, sphere_call(&self->app, sphere_do_close, fd, 0, NULL));

		fd = sphere_call(&self->app, sphere_do_request, self->app_a,
				 SPHERE_PACK(abis[abi], SPHERE_GPIO_IN), "2 65");
		ASSERT_LE(0, fd);
		EXPECT_EQ(0, sphere_call(&self->app, sphere_do_config_lines, fd,
					 SPHERE_PACK(abis[abi], SPHERE_GPIO_OUT),
					 NULL));
		EXPECT_EQ(1, sphere_chip_value(&self->a, LINE_FAR));
		EXPECT_EQ(0, sphere_call(&self->app, sphere_do_close, fd, 0, NULL));
	}
}

/* Each line of a request may have its own direction. */
TEST_F(gpio, directions_are_judged_line_by_line)
{
	long fd = sphere_call(&self->app, sphere_do_request, self->app_a,
			      SPHERE_PACK(SPHERE_GPIO_V2, SPHERE_GPIO_IN), "0 2");

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, sphere_call(&self->app, do_config_last, fd, 2, NULL));
	EXPECT_EQ(SPHERE_GPIO_INFO_USED | SPHERE_GPIO_INFO_OUT,
		  sphere_gpio_info(self->manager_a, SPHERE_GPIO_V2, LINE_BOTH,
				   false));
	EXPECT_EQ(-EACCES, sphere_call(&self->app, do_config_last, fd, 1,
				       NULL));
	EXPECT_EQ(SPHERE_GPIO_INFO_USED,
		  sphere_gpio_info(self->manager_a, SPHERE_GPIO_V2, LINE_IN,
				   false));
}

TEST_F(gpio, line_information_is_for_who_has_the_line)
{
	static const char *const granted[] = { "0", "1", "2", "65" };
	static const char *const others[] = { "3", "4", "63", "64" };
	size_t i, abi;

	for (abi = 0; abi < ARRAY_SIZE(abis); abi++) {
		for (i = 0; i < ARRAY_SIZE(granted); i++)
			EXPECT_LE(0, sphere_call(&self->app, do_info,
						 self->app_a, abis[abi],
						 granted[i]));
		for (i = 0; i < ARRAY_SIZE(others); i++)
			EXPECT_EQ(-EACCES, sphere_call(&self->app, do_info,
						       self->app_a, abis[abi],
						       others[i]));
	}
}

TEST_F(gpio, a_line_is_watched_by_who_has_it)
{
	size_t abi;
	long chip, fd;

	for (abi = 0; abi < ARRAY_SIZE(abis); abi++) {
		/* A file keeps to the first version that it is used by. */
		chip = sphere_call(&self->app, sphere_do_open, O_RDWR, 0, self->a.path);
		ASSERT_LE(0, chip);
		EXPECT_EQ(-EACCES, sphere_call(&self->app, do_watch, chip,
					       abis[abi], "3"));
		EXPECT_LE(0, sphere_call(&self->app, do_watch, chip, abis[abi],
					 "2"));
		fd = sphere_do(sphere_do_request, self->manager_a,
			       SPHERE_PACK(SPHERE_GPIO_V2, SPHERE_GPIO_IN), "3");
		ASSERT_LE(0, fd);
		close(fd);
		EXPECT_EQ(-EAGAIN, sphere_call(&self->app, sphere_do_read, chip, 0,
					       NULL));
		fd = sphere_do(sphere_do_request, self->manager_a,
			       SPHERE_PACK(SPHERE_GPIO_V2, SPHERE_GPIO_IN), "2");
		ASSERT_LE(0, fd);
		close(fd);
		usleep(100 * 1000);
		EXPECT_LT(0, sphere_call(&self->app, sphere_do_read, chip, 0, NULL));
		EXPECT_EQ(0, sphere_call(&self->app, do_unwatch, chip, 0, "2"));
		EXPECT_EQ(-EACCES, sphere_call(&self->app, do_unwatch, chip, 0,
					       "3"));
		EXPECT_EQ(0, sphere_call(&self->app, sphere_do_close, chip, 0, NULL));
	}
}

/*
 * Somebody's file of lines, in the hands of @agent under the number @fd. @abi
 * is how they were requested.
 */
static void expect_useless(struct __test_metadata *_metadata,
			   struct sphere_agent *agent, int fd,
			   enum sphere_gpio_abi abi)
{
	const long out = SPHERE_PACK(abi, SPHERE_GPIO_OUT);
	const long in = SPHERE_PACK(abi, SPHERE_GPIO_IN);

	EXPECT_EQ(-EACCES, sphere_call(agent, sphere_do_get_lines, fd, abi, NULL));
	if (abi != SPHERE_GPIO_V1_EVENT) {
		EXPECT_EQ(-EACCES, sphere_call(agent, sphere_do_set_lines, fd, abi, NULL));
		EXPECT_EQ(-EACCES, sphere_call(agent, sphere_do_config_lines, fd, out,
					       NULL));
		EXPECT_EQ(-EACCES, sphere_call(agent, sphere_do_config_lines, fd, in, NULL));
	}
	if (abi != SPHERE_GPIO_V1) {
		EXPECT_EQ(-EACCES, sphere_call(agent, sphere_do_read, fd, 0, NULL));
		EXPECT_EQ(POLLHUP | POLLERR,
			  sphere_call(agent, sphere_do_poll, fd, 0, NULL));
	}
}

static const enum sphere_gpio_abi all_abis[] = {
	SPHERE_GPIO_V1, SPHERE_GPIO_V1_EVENT, SPHERE_GPIO_V2,
};

TEST_F(gpio, lines_do_not_work_for_who_inherits_them)
{
	struct sphere_agent heir;
	size_t abi;
	long fd;

	/* The heir might have the line, but has not requested it. */
	EXPECT_EQ(0, sphere_agent_stop(&self->app));
	for (abi = 0; abi < ARRAY_SIZE(all_abis); abi++) {
		fd = sphere_do(sphere_do_request, self->manager_a,
			       SPHERE_PACK(all_abis[abi], SPHERE_GPIO_IN), "2");
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, fcntl(fd, F_SETFD, 0));
		ASSERT_EQ(0, start(&heir, APP, app_record, false));
		expect_useless(_metadata, &heir, fd, all_abis[abi]);
		EXPECT_EQ(0, sphere_agent_stop(&heir));
		close(fd);
	}
	ASSERT_EQ(0, start(&self->app, APP, app_record, false));
}

/* Nor is the open chip worth more than the chip would be. */
TEST_F(gpio, an_inherited_chip_grants_nothing)
{
	struct sphere_agent heir;

	ASSERT_LE(0, sphere_do(do_watch, self->manager_a, SPHERE_GPIO_V2,
			       "4"));
	ASSERT_EQ(0, fcntl(self->manager_a, F_SETFD, 0));
	EXPECT_EQ(0, sphere_agent_stop(&self->sibling));
	ASSERT_EQ(0, start(&heir, SIBLING, sibling_record, false));
	EXPECT_EQ(-EACCES, try_request(&heir, self->manager_a, SPHERE_GPIO_V2,
				       SPHERE_GPIO_IN, "2"));
	EXPECT_EQ(-EACCES, sphere_call(&heir, do_info, self->manager_a,
				       SPHERE_GPIO_V2, "4"));
	EXPECT_EQ(-EACCES, sphere_call(&heir, sphere_do_read, self->manager_a, 0,
				       NULL));
	EXPECT_EQ(POLLHUP | POLLERR,
		  sphere_call(&heir, sphere_do_poll, self->manager_a, 0, NULL));
	EXPECT_EQ(-EACCES, sphere_call(&heir, do_unwatch, self->manager_a, 0,
				       "4"));
	EXPECT_EQ(0, sphere_agent_stop(&heir));
	ASSERT_EQ(0, start(&heir, SPHERE_NOBODY, NULL, true));
	EXPECT_EQ(-EACCES, sphere_call(&heir, do_chip_info, self->manager_a, 0,
				       NULL));
	EXPECT_EQ(0, sphere_agent_stop(&heir));
	ASSERT_EQ(0, start(&self->sibling, SIBLING, sibling_record, false));
}

TEST_F(gpio, lines_do_not_work_for_who_receives_them)
{
	size_t abi;
	long fd, got;

	for (abi = 0; abi < ARRAY_SIZE(all_abis); abi++) {
		fd = sphere_call(&self->app, sphere_do_request, self->app_a,
				 SPHERE_PACK(all_abis[abi], SPHERE_GPIO_IN), "2");
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, sphere_call(&self->app, sphere_do_send_fd,
					 self->to_sibling[0], fd, NULL));
		got = sphere_call(&self->sibling, sphere_do_receive_fd,
				  self->to_sibling[1], 0, NULL);
		ASSERT_LE(0, got);
		expect_useless(_metadata, &self->sibling, got, all_abis[abi]);
		/* The sender's still works. */
		EXPECT_LE(0, sphere_call(&self->app, sphere_do_get_lines, fd, all_abis[abi],
					 NULL));
		EXPECT_EQ(0, sphere_call(&self->sibling, sphere_do_close, got, 0,
					 NULL));

		ASSERT_EQ(0, sphere_call(&self->app, sphere_do_send_fd,
					 self->to_sibling[0], fd, NULL));
		got = sphere_call(&self->root, sphere_do_receive_fd, self->to_sibling[1],
				  0, NULL);
		ASSERT_LE(0, got);
		expect_useless(_metadata, &self->root, got, all_abis[abi]);
		EXPECT_EQ(0, sphere_call(&self->root, sphere_do_close, got, 0, NULL));
		EXPECT_EQ(0, sphere_call(&self->app, sphere_do_close, fd, 0, NULL));
	}
}

TEST_F(gpio, lines_work_for_the_whole_component)
{
	struct sphere_agent twin;
	long fd, got;

	fd = sphere_call(&self->app, sphere_do_request, self->app_a,
			 SPHERE_PACK(SPHERE_GPIO_V2, SPHERE_GPIO_OUT), "1");
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, start(&twin, APP, app_record, false));
	ASSERT_EQ(0, sphere_call(&self->app, sphere_do_send_fd, self->to_sibling[0], fd,
				 NULL));
	got = sphere_call(&twin, sphere_do_receive_fd, self->to_sibling[1], 0, NULL);
	ASSERT_LE(0, got);
	EXPECT_EQ(0, sphere_call(&twin, sphere_do_set_lines, got, SPHERE_GPIO_V2, NULL));
	EXPECT_EQ(0, sphere_chip_value(&self->a, LINE_OUT));
	EXPECT_EQ(0, sphere_agent_stop(&twin));
}

TEST_F(gpio, lines_are_not_taken_from_another_process)
{
	char path[PATH_MAX];
	long fd, got;

	fd = sphere_call(&self->app, sphere_do_request, self->app_a,
			 SPHERE_PACK(SPHERE_GPIO_V2, SPHERE_GPIO_OUT), "1");
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EPERM, sphere_call(&self->sibling, do_take, self->app.pid,
				      fd, NULL));
	EXPECT_EQ(-EPERM, sphere_call(&self->root, do_take, self->app.pid, fd,
				      NULL));
	snprintf(path, sizeof(path), "/proc/%d/fd/%ld", self->app.pid, fd);
	EXPECT_EQ(-EACCES, sphere_call(&self->sibling, sphere_do_open, O_RDWR, 0, path));
	EXPECT_EQ(-EACCES, sphere_call(&self->root, sphere_do_open, O_RDWR, 0, path));
	if (!sphere_can_trace())
		return;
	/* A manager can, as it can everything. */
	got = sphere_do(do_take, self->app.pid, fd, NULL);
	ASSERT_LE(0, got);
	EXPECT_EQ(0, sphere_do(sphere_do_set_lines, got, SPHERE_GPIO_V2, NULL));
	close(got);
}

/* sysfs, by offset and, where that is configured, by global number. */

static void sysfs_line(char path[PATH_MAX], const struct sphere_chip *chip,
		       unsigned int line, const char *attr)
{
	snprintf(path, PATH_MAX, "/sys/class/gpio/chip%s/gpio%u/%s",
		 chip->node + strlen("gpiochip"), line, attr);
}

static int sysfs_export(const struct sphere_chip *chip, const char *file,
			unsigned int line)
{
	char path[PATH_MAX], number[16];

	snprintf(path, sizeof(path), "/sys/class/gpio/chip%s/%s",
		 chip->node + strlen("gpiochip"), file);
	snprintf(number, sizeof(number), "%u", line);
	return sphere_write_text(path, number);
}

static long sysfs_read(struct sphere_agent *agent,
		       const struct sphere_chip *chip, unsigned int line,
		       const char *attr)
{
	char path[PATH_MAX];

	sysfs_line(path, chip, line, attr);
	return sphere_call(agent, sphere_do_read_file, 0, 0, path);
}

static long sysfs_write(struct sphere_agent *agent,
			const struct sphere_chip *chip, unsigned int line,
			const char *attr, const char *value)
{
	char path[PATH_MAX];
	size_t len;

	sysfs_line(path, chip, line, attr);
	/* As if the manager had meant to share the file. */
	chmod(path, 0666);
	len = strlen(path);
	snprintf(path + len, sizeof(path) - len, " %s", value);
	return sphere_call(agent, sphere_do_write_file, 0, 0, path);
}

TEST_F(gpio, exported_lines_are_judged_at_each_use)
{
	static const unsigned int lines[] = {
		LINE_IN, LINE_OUT, LINE_BOTH, LINE_SIBLING,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lines); i++)
		ASSERT_EQ(0, sysfs_export(&self->a, "export", lines[i]));

	EXPECT_EQ('0', sysfs_read(&self->app, &self->a, LINE_IN, "value"));
	EXPECT_EQ('i', sysfs_read(&self->app, &self->a, LINE_IN, "direction"));
	EXPECT_EQ(0, sysfs_write(&self->app, &self->a, LINE_IN, "direction",
				 "in"));
	EXPECT_EQ(-EACCES, sysfs_write(&self->app, &self->a, LINE_IN,
				       "direction", "out"));
	EXPECT_EQ(-EACCES, sysfs_write(&self->app, &self->a, LINE_IN,
				       "direction", "high"));
	EXPECT_EQ(-EACCES, sysfs_write(&self->app, &self->a, LINE_IN, "value",
				       "1"));

	EXPECT_EQ(0, sysfs_write(&self->app, &self->a, LINE_OUT, "direction",
				 "low"));
	EXPECT_EQ(0, sysfs_write(&self->app, &self->a, LINE_OUT, "value", "1"));
	EXPECT_EQ(1, sphere_chip_value(&self->a, LINE_OUT));
	EXPECT_EQ(-EACCES, sysfs_write(&self->app, &self->a, LINE_OUT,
				       "direction", "in"));

	EXPECT_EQ(0, sysfs_write(&self->app, &self->a, LINE_BOTH, "direction",
				 "high"));
	EXPECT_EQ(0, sysfs_write(&self->app, &self->a, LINE_BOTH, "direction",
				 "in"));

	EXPECT_EQ(-EACCES, sysfs_read(&self->app, &self->a, LINE_SIBLING,
				      "value"));
	EXPECT_EQ(-EACCES, sysfs_read(&self->app, &self->a, LINE_SIBLING,
				      "direction"));
	EXPECT_EQ(-EACCES, sysfs_write(&self->app, &self->a, LINE_SIBLING,
				       "direction", "high"));
	EXPECT_EQ(0, sphere_chip_value(&self->a, LINE_SIBLING));
	EXPECT_EQ('0', sysfs_read(&self->sibling, &self->a, LINE_SIBLING,
				  "value"));
	/* The files are root's. */
	EXPECT_EQ(-EACCES, sysfs_read(&self->root, &self->a, LINE_SIBLING,
				      "value"));
	EXPECT_EQ(-EACCES, sysfs_write(&self->root, &self->a, LINE_SIBLING,
				       "value", "1"));

	for (i = 0; i < ARRAY_SIZE(lines); i++)
		EXPECT_EQ(0, sysfs_export(&self->a, "unexport", lines[i]));
}

/* Exporting takes the line from everybody else, unexporting from its user. */
TEST_F(gpio, lines_are_exported_by_who_has_them)
{
	char path[PATH_MAX], both[PATH_MAX], other[PATH_MAX];
	static const char *const files[] = { "export", "unexport" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, 64, "/sys/class/gpio/chip%s/%s",
			 self->a.node + strlen("gpiochip"), files[i]);
		ASSERT_EQ(0, chmod(path, 0666));
		snprintf(both, sizeof(both), "%.64s %d", path, LINE_BOTH);
		snprintf(other, sizeof(other), "%.64s %d", path, LINE_SIBLING);
		if (i)
			ASSERT_EQ(0, sysfs_export(&self->a, "export",
						  LINE_SIBLING));
		EXPECT_EQ(-EACCES, sphere_call(&self->app, sphere_do_write_file, 0, 0,
					       other));
		EXPECT_EQ(-EACCES, sphere_call(&self->root, sphere_do_write_file, 0, 0,
					       other));
		EXPECT_EQ(0, sphere_call(&self->app, sphere_do_write_file, 0, 0,
					 both));
	}
	EXPECT_EQ(0, sysfs_export(&self->a, "unexport", LINE_SIBLING));
	EXPECT_EQ(0, sphere_gpio_info(self->manager_a, SPHERE_GPIO_V2,
				      LINE_SIBLING, false));
}

static int sysfs_base(const struct sphere_chip *chip)
{
	struct sphere_blob text;
	char path[PATH_MAX];
	int base;

	/* The directory of a chip is named after its base. */
	for (base = 0; base < 2048; base++) {
		snprintf(path, sizeof(path), "/sys/class/gpio/gpiochip%d/label",
			 base);
		if (!sphere_read_file(path, &text) &&
		    !strncmp((char *)text.bytes, LABEL_A, strlen(LABEL_A)))
			return base;
	}
	return -ENOENT;
}

TEST_F(gpio, global_numbers_lead_to_the_same_lines)
{
	int base = sysfs_base(&self->a);
	char path[PATH_MAX];

	if (base < 0)
		SKIP(return, "no CONFIG_GPIO_SYSFS_LEGACY");
	ASSERT_EQ(0, chmod("/sys/class/gpio/export", 0666));
	ASSERT_EQ(0, chmod("/sys/class/gpio/unexport", 0666));
	snprintf(path, sizeof(path), "/sys/class/gpio/export %d",
		 base + LINE_SIBLING);
	EXPECT_EQ(-EACCES, sphere_call(&self->app, sphere_do_write_file, 0, 0, path));
	EXPECT_EQ(0, sphere_call(&self->sibling, sphere_do_write_file, 0, 0, path));

	snprintf(path, sizeof(path), "/sys/class/gpio/gpio%d/value",
		 base + LINE_SIBLING);
	EXPECT_EQ(-EACCES, sphere_call(&self->app, sphere_do_read_file, 0, 0, path));
	EXPECT_EQ('0', sphere_call(&self->sibling, sphere_do_read_file, 0, 0, path));
	snprintf(path, sizeof(path), "/sys/class/gpio/gpio%d/edge",
		 base + LINE_SIBLING);
	ASSERT_EQ(0, chmod(path, 0666));
	EXPECT_EQ(-EACCES, sphere_call(&self->app, sphere_do_read_file, 0, 0, path));
	strcat(path, " both");
	EXPECT_EQ(-EACCES, sphere_call(&self->app, sphere_do_write_file, 0, 0, path));
	EXPECT_EQ(0, sphere_call(&self->sibling, sphere_do_write_file, 0, 0, path));
	snprintf(path, sizeof(path), "/sys/class/gpio/gpio%d/active_low",
		 base + LINE_SIBLING);
	ASSERT_EQ(0, chmod(path, 0666));
	EXPECT_EQ(-EACCES, sphere_call(&self->app, sphere_do_read_file, 0, 0, path));
	strcat(path, " 1");
	EXPECT_EQ(-EACCES, sphere_call(&self->app, sphere_do_write_file, 0, 0, path));
	EXPECT_EQ(0, sphere_call(&self->sibling, sphere_do_write_file, 0, 0, path));

	snprintf(path, sizeof(path), "/sys/class/gpio/unexport %d",
		 base + LINE_SIBLING);
	EXPECT_EQ(-EACCES, sphere_call(&self->app, sphere_do_write_file, 0, 0, path));
	EXPECT_EQ(0, sphere_call(&self->sibling, sphere_do_write_file, 0, 0, path));
}

int main(int argc, char **argv)
{
	sphere_begin(argc, argv);
	return test_harness_run(argc, argv);
}
