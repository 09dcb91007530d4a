// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - The flash tools of a distribution
 *
 * What mtd-utils do unconfined, and what they do and say as an application.
 * Without Sphere in the kernel, or with it off, only the first.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "kselftest_harness.h"
#include "sphere_common.h"
#include "sphere_mtd.h"
#include "sphere_tool.h"

/* Only this test uses these, so that no other holds their uids. */
#define APP		1400

#define TOOL		"/usr/sbin/flash_erase"
#define INPUT		"/tmp/sphere-mtd-input"
#define OUTPUT		"/tmp/sphere-mtd-output"

#define BLOCKS		2
#define FIRST_BLOCK	4

static const char *const names[] = { "config", "data", "other", NULL };

static bool file_is(const char *path, const void *bytes, size_t len)
{
	void *seen = malloc(len + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool same;

	same = seen && fd >= 0 && read(fd, seen, len + 1) == (ssize_t)len &&
		!memcmp(seen, bytes, len);
	if (fd >= 0)
		close(fd);
	free(seen);
	return same;
}

/* A file that everybody may read. */
static bool make_file(const char *path, const void *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	bool good;

	if (fd < 0)
		return false;
	good = write(fd, bytes, len) == (ssize_t)len;
	close(fd);
	return good;
}

/* One erase block of contents. */
static char *bytes;
static size_t bytes_len;

FIXTURE(tools)
{
	struct sphere_mtd_chip chip;
	int config;
	int data;
	int other;
};

FIXTURE_VARIANT(tools)
{
	int type;
};

FIXTURE_VARIANT_ADD(tools, mtdram)
{
	.type = MTD_RAM,
};

FIXTURE_VARIANT_ADD(tools, nandsim)
{
	.type = MTD_NANDFLASH,
};

FIXTURE_SETUP(tools)
{
	size_t i;

	if (access(TOOL, X_OK))
		SKIP(return, "mtd-utils are not there");
	if (sphere_mtd_find(&self->chip, variant->type, names))
		SKIP(return, "no such chip in this kernel");
	self->config = sphere_mtd_add(&self->chip, "config", FIRST_BLOCK,
				      BLOCKS);
	self->data = sphere_mtd_add(&self->chip, "data", FIRST_BLOCK + BLOCKS,
				    BLOCKS);
	self->other = sphere_mtd_add(&self->chip, "other",
				     FIRST_BLOCK + 2 * BLOCKS, BLOCKS);
	ASSERT_LE(0, self->config);
	ASSERT_LE(0, self->data);
	ASSERT_LE(0, self->other);
	bytes_len = self->chip.info.erasesize;
	bytes = malloc(bytes_len);
	ASSERT_NE(NULL, bytes);
	for (i = 0; i < bytes_len; i++)
		bytes[i] = i * 7 + i / 256;
	ASSERT_TRUE(make_file(INPUT, bytes, bytes_len));
	ASSERT_TRUE(make_file(OUTPUT, "", 0));
	chmod(OUTPUT, 0666);
}

FIXTURE_TEARDOWN(tools)
{
	EXPECT_EQ(0, sphere_mtd_remove(&self->chip, self->other));
	EXPECT_EQ(0, sphere_mtd_remove(&self->chip, self->data));
	EXPECT_EQ(0, sphere_mtd_remove(&self->chip, self->config));
	free(bytes);
	unlink(INPUT);
	unlink(OUTPUT);
}

/*
 * What an application is refused looks to the tool, and to who reads what it
 * prints, like the refusal that everybody knows: that by the modes of the file.
 */
static void expect_usual_error(struct __test_metadata *const _metadata, int who,
			       int index, mode_t mode)
{
	static char usual[sizeof(sphere_printed)];
	char path[PATH_MAX];
	int status;

	sphere_mtd_path(path, index, SPHERE_MTD_CHAR);
	ASSERT_EQ(0, chmod(path, mode));
	status = sphere_run_again(SPHERE_OUTSIDER);
	/* Not that there was no tool to run. */
	ASSERT_NE(126, status);
	ASSERT_NE(127, status);
	memcpy(usual, sphere_printed, sizeof(usual));
	ASSERT_EQ(0, chmod(path, 0666));
	EXPECT_EQ(status, sphere_run_again(who));
	EXPECT_STREQ(usual, sphere_printed) {
		sphere_show_run();
	}
}

/* As who may read the file, but not write it. */
#define EXPECT_READER(...)					\
	do {							\
		sphere_set_command(__VA_ARGS__);			\
		expect_usual_error(_metadata, who, index, 0444);	\
	} while (0)

/* As who may do neither. */
#define EXPECT_KEPT_OUT(...)					\
	do {							\
		sphere_set_command(__VA_ARGS__);			\
		expect_usual_error(_metadata, who, index, 0600);	\
	} while (0)

static void use(struct __test_metadata *const _metadata, int who, int index,
		int type)
{
	EXPECT_STATUS(0, "mtdinfo -M /dev/mtd%d", index);
	EXPECT_STATUS(0, "mtd_debug info /dev/mtd%d", index);
	EXPECT_STATUS(0, "flash_erase -q /dev/mtd%d 0 0", index);
	EXPECT_STATUS(0, "mtd_debug write /dev/mtd%d 0 %zu " INPUT, index,
		      bytes_len);
	EXPECT_STATUS(0, "mtd_debug read /dev/mtd%d 0 %zu " OUTPUT, index,
		      bytes_len);
	EXPECT_TRUE(file_is(OUTPUT, bytes, bytes_len));
	EXPECT_STATUS(0, "mtd_debug erase /dev/mtd%d 0 %zu", index, bytes_len);
	EXPECT_STATUS(0, "flashcp " INPUT " /dev/mtd%d", index);
	EXPECT_STATUS(0, "mtd_debug read /dev/mtd%d 0 %zu " OUTPUT, index,
		      bytes_len);
	EXPECT_TRUE(file_is(OUTPUT, bytes, bytes_len));
	if (type != MTD_NANDFLASH)
		return;
	EXPECT_STATUS(0, "flash_erase -q /dev/mtd%d 0 0", index);
	EXPECT_STATUS(0, "nandwrite -q /dev/mtd%d " INPUT, index);
	EXPECT_STATUS(0, "nanddump -q -l %zu -f " OUTPUT " /dev/mtd%d",
		      bytes_len, index);
	EXPECT_TRUE(file_is(OUTPUT, bytes, bytes_len));
	EXPECT_STATUS(0, "nanddump -q -n -o -l %zu -f " OUTPUT " /dev/mtd%d",
		      bytes_len, index);
}

TEST_F_TIMEOUT(tools, unconfined, 120)
{
	use(_metadata, SPHERE_MANAGER, self->other, variant->type);
}

TEST_F_TIMEOUT(tools, granted, 120)
{
	if (!sphere_present())
		SKIP(return, "Sphere is not in this kernel, or not on");
	use(_metadata, APP, self->data, variant->type);
}

/* Whether @bytes are all that the device has on it. */
static bool device_is(int index, const void *contents, size_t len)
{
	void *seen;
	size_t size;
	bool same;

	seen = sphere_mtd_dump(index, &size);
	same = seen && size == len && !memcmp(seen, contents, len);
	free(seen);
	return same;
}

TEST_F_TIMEOUT(tools, granted_for_reading, 120)
{
	const int who = APP, index = self->config;
	void *before;
	size_t len;

	if (!sphere_present())
		SKIP(return, "Sphere is not in this kernel, or not on");
	before = sphere_mtd_dump(index, &len);
	ASSERT_NE(NULL, before);
	EXPECT_STATUS(0, "mtd_debug read /dev/mtd%d 0 %zu " OUTPUT, index,
		      bytes_len);
	EXPECT_TRUE(file_is(OUTPUT, before, bytes_len));
	EXPECT_READER("flash_erase /dev/mtd%d 0 0", index);
	EXPECT_READER("flashcp " INPUT " /dev/mtd%d", index);
	EXPECT_READER("nandwrite /dev/mtd%d " INPUT, index);
	EXPECT_READER("mtd_debug write /dev/mtd%d 0 %zu " INPUT, index,
		      bytes_len);
	EXPECT_TRUE(device_is(index, before, len));
	free(before);
}

static void be_denied(struct __test_metadata *const _metadata, int who,
		      int index)
{
	void *before;
	size_t len;

	before = sphere_mtd_dump(index, &len);
	ASSERT_NE(NULL, before);
	EXPECT_KEPT_OUT("flash_erase /dev/mtd%d 0 0", index);
	EXPECT_KEPT_OUT("flashcp " INPUT " /dev/mtd%d", index);
	EXPECT_KEPT_OUT("nandwrite /dev/mtd%d " INPUT, index);
	EXPECT_KEPT_OUT("nanddump -f " OUTPUT " /dev/mtd%d", index);
	EXPECT_KEPT_OUT("mtd_debug info /dev/mtd%d", index);
	EXPECT_KEPT_OUT("mtd_debug read /dev/mtd%d 0 %zu " OUTPUT, index,
			bytes_len);
	EXPECT_KEPT_OUT("mtd_debug write /dev/mtd%d 0 %zu " INPUT, index,
			bytes_len);
	EXPECT_KEPT_OUT("mtd_debug erase /dev/mtd%d 0 %zu", index, bytes_len);
	EXPECT_KEPT_OUT("mtdinfo -M /dev/mtd%d", index);
	EXPECT_TRUE(device_is(index, before, len));
	free(before);
}

TEST_F_TIMEOUT(tools, not_granted, 120)
{
	if (!sphere_present())
		SKIP(return, "Sphere is not in this kernel, or not on");
	be_denied(_metadata, APP, self->other);
}

/* Root by uid, with all capabilities. */
TEST_F_TIMEOUT(tools, no_identity, 120)
{
	if (!sphere_present())
		SKIP(return, "Sphere is not in this kernel, or not on");
	be_denied(_metadata, SPHERE_NOBODY, self->data);
}

int main(int argc, char **argv)
{
	/* Not sphere_begin(): much of it is about kernels without Sphere. */
	return test_harness_run(argc, argv);
}
