// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - The GPIO tools of a distribution
 *
 * What libgpiod's tools do unconfined, and what they do and say as an
 * application. Without Sphere in the kernel, or with it off, only the first.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "kselftest_harness.h"
#include "sphere_common.h"
#include "sphere_gpio.h"
#include "sphere_tool.h"

/* Only this test uses it, so that no other holds its uid. */
#define APP		1700

FIXTURE(tools)
{
	/* As sphere_record_full() grants them. */
	struct sphere_chip a, b;
	/* The tools of libgpiod 2 take other arguments than those of 1. */
	const char *get, *set, *info;
};

FIXTURE_SETUP(tools)
{
	const int who = SPHERE_MANAGER;

	if (access("/usr/bin/gpioget", X_OK))
		SKIP(return, "libgpiod's tools are not there");
	ASSERT_EQ(0, sphere_chip_make(&self->a, "sphere-a", "chip-a", 70));
	ASSERT_EQ(0, sphere_chip_make(&self->b, "sphere-b", "chip-b", 8));
	EXPECT_STATUS(0, "gpiodetect --version");
	if (strstr(sphere_printed, "v1.")) {
		self->get = "gpioget %s %d";
		self->set = "gpioset %s %d=1";
		self->info = "gpioinfo %s";
	} else {
		self->get = "gpioget --numeric -c %s %d";
		self->set = "gpioset -t 0 -c %s %d=1";
		self->info = "gpioinfo -c %s";
	}
}

FIXTURE_TEARDOWN(tools)
{
	sphere_chip_remove(&self->a);
	sphere_chip_remove(&self->b);
}

/* The rest of the command, for a chip and one of its lines. */
static const char *on(const char *format, const struct sphere_chip *chip,
		      int line)
{
	static char text[128];

	snprintf(text, sizeof(text), format, chip->node, line);
	return text;
}

TEST_F(tools, unconfined)
{
	const int who = SPHERE_MANAGER;
	int line;

	EXPECT_STATUS(0, "gpiodetect");
	EXPECT_TRUE(!!strstr(sphere_printed, "[chip-a] (70 lines)"))
		sphere_show_run();
	EXPECT_STATUS(0, "%s", on(self->info, &self->b, 0));
	for (line = 0; line < 8; line++) {
		EXPECT_STATUS(0, "%s", on(self->get, &self->b, line));
		EXPECT_EQ(0, strcmp(sphere_printed, "0\n"))
			sphere_show_run();
		EXPECT_STATUS(0, "%s", on(self->set, &self->b, line));
	}
	EXPECT_STATUS(0, "%s", on(self->get, &self->a, 69));
}

TEST_F(tools, granted)
{
	const int who = APP;

	if (!sphere_present())
		SKIP(return, "Sphere is not in this kernel, or not on");
	EXPECT_STATUS(0, "%s", on(self->get, &self->a, 0));
	EXPECT_STATUS(0, "%s", on(self->set, &self->a, 1));
	EXPECT_STATUS(0, "%s", on(self->get, &self->b, 0));
	EXPECT_STATUS(0, "%s", on(self->set, &self->b, 0));
	EXPECT_STATUS(0, "%s", on(self->get, &self->b, 1));
	EXPECT_STATUS(0, "%s", on(self->set, &self->b, 1));
}

TEST_F(tools, not_granted)
{
	const int who = APP;

	if (!sphere_present())
		SKIP(return, "Sphere is not in this kernel, or not on");
	/* In the other direction, another line, information about all lines. */
	EXPECT_DENIED("%s", on(self->set, &self->a, 0));
	EXPECT_DENIED("%s", on(self->get, &self->a, 1));
	EXPECT_DENIED("%s", on(self->get, &self->a, 2));
	EXPECT_DENIED("%s", on(self->set, &self->b, 2));
	EXPECT_DENIED("%s", on(self->info, &self->b, 0));
}

/* Root by uid, with all capabilities. */
TEST_F(tools, no_identity)
{
	const int who = SPHERE_NOBODY;

	if (!sphere_present())
		SKIP(return, "Sphere is not in this kernel, or not on");
	EXPECT_DENIED("%s", on(self->get, &self->b, 0));
	EXPECT_DENIED("%s", on(self->set, &self->b, 0));
	EXPECT_DENIED("%s", on(self->info, &self->b, 0));
}

int main(int argc, char **argv)
{
	/* Not sphere_begin(): the first is about kernels without Sphere. */
	return test_harness_run(argc, argv);
}
