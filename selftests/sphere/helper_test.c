// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - Programs that the kernel starts by itself
 *
 * A usermode helper is a child of the kernel with all of Linux' privileges. It
 * is nobody to Sphere, whoever has caused it to start.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

#include "kselftest_harness.h"
#include "sphere_common.h"

#define APP		300

#define CORE_PATTERN	"/proc/sys/kernel/core_pattern"
#define UEVENT_HELPER	"/sys/kernel/uevent_helper"
#define UEVENT		"/sys/devices/virtual/mem/null/uevent"
#define NAME		"/tmp/sphere-helper"
#define REPORT		"/tmp/sphere-helper" SPHERE_REPORT_SUFFIX

#define PATIENCE_MS	15000

static int wait_for_report(struct sphere_report *report)
{
	const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };
	int waited, fd = -1, error;

	for (waited = 0; waited < PATIENCE_MS; waited += 10) {
		fd = open(REPORT, O_RDONLY | O_CLOEXEC);
		if (fd >= 0)
			break;
		nanosleep(&pause, NULL);
	}
	if (fd < 0)
		return -ETIMEDOUT;
	error = sphere_report_read(fd, report);
	close(fd);
	return error;
}

/* Whether the helper has run, with Linux' privileges and without Sphere's. */
static bool helper_was_nobody(void)
{
	struct sphere_report report;
	int error = wait_for_report(&report);

	if (error) {
		ksft_print_msg("no report: %d\n", error);
		return false;
	}
	return sphere_report_is(&report, SPHERE_NOBODY) && !report.uid[1];
}

static long crash(const struct sphere_call *call)
{
	signal(call->a, SIG_DFL);
	raise(call->a);
	return 0;
}

FIXTURE(helper)
{
	struct sphere_agent agent;
	char path[PATH_MAX];
};

FIXTURE_VARIANT(helper)
{
	int who;
};

FIXTURE_VARIANT_ADD(helper, manager)
{
	.who = SPHERE_MANAGER,
};

FIXTURE_VARIANT_ADD(helper, nobody)
{
	.who = SPHERE_NOBODY,
};

FIXTURE_VARIANT_ADD(helper, application)
{
	.who = APP,
};

FIXTURE_SETUP(helper)
{
	unlink(NAME ".partial");
	unlink(REPORT);
	unlink(NAME);
	sphere_beside(self->path, "sphere_report");
	ASSERT_EQ(0, sphere_agent(&self->agent, variant->who));
}

FIXTURE_TEARDOWN(helper)
{
	sphere_agent_stop(&self->agent);
}

TEST_F(helper, core_dump)
{
	struct sphere_blob saved;
	char pattern[PATH_MAX + 64];

	if (sphere_read_file(CORE_PATTERN, &saved))
		SKIP(return, "no CONFIG_COREDUMP");
	snprintf(pattern, sizeof(pattern), "|%s file " NAME, self->path);
	/* The kernel cuts longer ones, silently. */
	ASSERT_GT(128, strlen(pattern));
	ASSERT_EQ(0, sphere_write_text(CORE_PATTERN, pattern));
	EXPECT_EQ(-EPIPE, sphere_call(&self->agent, crash, SIGSEGV, 0, NULL));
	EXPECT_TRUE(helper_was_nobody());
	sphere_write_file(CORE_PATTERN, saved.bytes, saved.len);
}

static long trigger(const struct sphere_call *call)
{
	return sphere_write_text(call->text, "add");
}

/* The helper gets a script that leads to the report. */
TEST_F(helper, uevent)
{
	FILE *script;

	if (access(UEVENT_HELPER, F_OK))
		SKIP(return, "no CONFIG_UEVENT_HELPER");
	script = fopen(NAME, "we");
	ASSERT_NE(NULL, script);
	fprintf(script, "#!%s file\n", self->path);
	fclose(script);
	ASSERT_EQ(0, chmod(NAME, 0755));
	/* Only root may cause an event. */
	ASSERT_EQ(0, chmod(UEVENT, 0666));
	ASSERT_EQ(0, sphere_write_text(UEVENT_HELPER, NAME));
	EXPECT_EQ(0, sphere_call(&self->agent, trigger, 0, 0, UEVENT));
	EXPECT_TRUE(helper_was_nobody());
	EXPECT_EQ(0, sphere_write_text(UEVENT_HELPER, "\n"));
}

int main(int argc, char **argv)
{
	sphere_begin(argc, argv);
	return test_harness_run(argc, argv);
}
