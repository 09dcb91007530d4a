// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - Writing to a chip that programs are executed in
 *
 * The board has partitions for images, "slot0" and so on, and "data", all in one
 * chip of NOR flash. A program is installed in a slot and started there. While
 * it runs, everything else in the chip is written. A kernel that cannot do that
 * lets who writes sleep for ever; one that does it wrong lets the program
 * execute and read what is not the flash's contents.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <mtd/mtd-user.h>

#include "kselftest_harness.h"
#include "jffs2_common.h"
#include "sphere_common.h"

#define MOUNT		"/tmp/xip"
#define PROGRAM		MOUNT "/bin/sphere_xip"

/* Of one partition, and of one file. */
#define ROUNDS		6
#define FILE_SIZE	(48 * KIB)

/* What a program may have of files in memory: the page of its variables. */
#define FILE_KIB_MAX	4

static unsigned char bytes[8 * KIB], found[sizeof(bytes)];

static int slot, other, data;

/* The bytes at an offset in the round. */
static void make_bytes(unsigned int round, size_t offset)
{
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (offset + i) * 7 + ((offset + i) >> 8) + round * 13;
}

/* Writes to @to, which is erased, what is in @from, and reads it again. */
static int install(const char *from, int to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = jffs2_mtd_open(to, O_RDWR);
	int ret = in < 0 || out < 0 ? -errno : 0;
	off_t at = 0;
	ssize_t got;

	while (!ret && (got = read(in, bytes, sizeof(bytes))) > 0) {
		if (pwrite(out, bytes, got, at) != got ||
		    pread(out, found, got, at) != got)
			ret = -errno;
		else if (memcmp(bytes, found, got))
			ret = -EIO;
		at += got;
	}
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return ret;
}

static int write_bytes(int fd, unsigned int round, size_t size)
{
	size_t at;

	for (at = 0; at < size; at += sizeof(bytes)) {
		make_bytes(round, at);
		if (pwrite(fd, bytes, sizeof(bytes), at) != sizeof(bytes))
			return -errno;
	}
	return 0;
}

static int compare_bytes(int fd, unsigned int round, size_t size)
{
	size_t at;

	for (at = 0; at < size; at += sizeof(bytes)) {
		make_bytes(round, at);
		if (pread(fd, found, sizeof(found), at) != sizeof(found))
			return -errno;
		if (memcmp(bytes, found, sizeof(bytes)))
			return -EIO;
	}
	return 0;
}

/* Erases the partition, writes all of it, and compares. */
static int rewrite(int number, unsigned int round)
{
	int fd = jffs2_mtd_open(number, O_RDWR);
	struct mtd_info_user info;
	int ret;

	if (fd < 0)
		return -errno;
	ret = ioctl(fd, MEMGETINFO, &info) ? -errno : jffs2_mtd_erase(number);
	if (!ret)
		ret = write_bytes(fd, round, info.size);
	if (!ret)
		ret = compare_bytes(fd, round, info.size);
	close(fd);
	return ret;
}

/* Writes a file, has it written to the flash, and compares. */
static int rewrite_file(unsigned int round)
{
	int fd = open(JFFS2_MNT "/file", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int ret;

	if (fd < 0)
		return -errno;
	ret = write_bytes(fd, round, FILE_SIZE);
	if (!ret && fsync(fd))
		ret = -errno;
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	if (!ret)
		ret = compare_bytes(fd, round, FILE_SIZE);
	close(fd);
	return ret;
}

/* Locks, unlocks and asks about the first block. */
static int lock_and_unlock(int number)
{
	struct erase_info_user block = {};
	struct mtd_info_user info;
	int fd = jffs2_mtd_open(number, O_RDWR);
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (ioctl(fd, MEMGETINFO, &info))
		ret = -errno;
	block.length = info.erasesize;
	if (!ret && (ioctl(fd, MEMLOCK, &block) || ioctl(fd, MEMUNLOCK, &block) ||
		     ioctl(fd, MEMISLOCKED, &block) < 0))
		ret = -errno;
	close(fd);
	return ret;
}

/* A program that runs in the slot. */
struct runner {
	pid_t pid;
	int input;
	int output;
};

/* Returns when it runs. */
static int run(struct runner *runner)
{
	unsigned int rounds;
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		return -errno;
	if (fcntl(in[0], F_SETFL, O_NONBLOCK))
		return -errno;
	runner->pid = fork();
	if (runner->pid < 0)
		return -errno;
	if (!runner->pid) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		execl(PROGRAM, "sphere_xip", NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	runner->input = in[1];
	runner->output = out[0];
	return read(out[0], &rounds, sizeof(rounds)) == sizeof(rounds) ? 0 : -EPIPE;
}

/* How often it has added itself up, or a negative errno. */
static int stop(struct runner *runner)
{
	int status, ret = 0;
	unsigned int rounds = 0;

	close(runner->input);
	if (read(runner->output, &rounds, sizeof(rounds)) != sizeof(rounds))
		ret = -EPIPE;
	close(runner->output);
	if (waitpid(runner->pid, &status, 0) != runner->pid)
		return -errno;
	if (status)
		return -EILSEQ;
	return ret ?: (int)rounds;
}

/* How many KiB of files it has in memory, or -1. */
static int file_kib(const struct runner *runner)
{
	char path[64], line[128];
	FILE *status;
	int kib = -1;

	snprintf(path, sizeof(path), "/proc/%d/status", runner->pid);
	status = fopen(path, "re");
	while (status && fgets(line, sizeof(line), status))
		sscanf(line, "RssFile: %d", &kib);
	if (status)
		fclose(status);
	return kib;
}

FIXTURE(xip)
{
	struct runner runner;
};

FIXTURE_SETUP(xip)
{
	char source[16], image[PATH_MAX];

	sphere_beside(image, "xip.cramfs");
	snprintf(source, sizeof(source), "mtd%d", slot);
	mkdir(MOUNT, 0755);
	mkdir(JFFS2_MNT, 0755);
	umount(MOUNT);
	ASSERT_EQ(0, jffs2_mtd_erase(slot));
	ASSERT_EQ(0, install(image, slot));
	ASSERT_EQ(0, mount(source, MOUNT, "cramfs", MS_RDONLY, NULL));
	ASSERT_EQ(0, run(&self->runner));
}

/*
 * The image stays mounted, so that the machine ends with it: that waits for the
 * chip, too.
 */
FIXTURE_TEARDOWN(xip)
{
	if (self->runner.pid > 0)
		kill(self->runner.pid, SIGKILL);
}

TEST_F(xip, the_program_is_not_in_memory)
{
	int kib;

	kib = file_kib(&self->runner);
	EXPECT_GE(kib, 0);
	EXPECT_LE(kib, FILE_KIB_MAX);
	usleep(20000);
	EXPECT_GT(stop(&self->runner), 0);
}

TEST_F(xip, others_erase_and_write)
{
	unsigned int round;

	for (round = 0; round < ROUNDS; round++)
		ASSERT_EQ(0, rewrite(other, round));
	EXPECT_GT(stop(&self->runner), 0);
}

TEST_F(xip, others_lock_and_unlock)
{
	unsigned int round;

	for (round = 0; round < ROUNDS; round++)
		ASSERT_EQ(0, lock_and_unlock(other));
	usleep(20000);
	EXPECT_GT(stop(&self->runner), 0);
}

TEST_F(xip, a_file_system_is_written)
{
	unsigned int round;

	ASSERT_EQ(0, jffs2_mtd_erase(data));
	ASSERT_EQ(0, jffs2_mount(data, 0, NULL));
	for (round = 0; round < ROUNDS; round++)
		ASSERT_EQ(0, rewrite_file(round));
	EXPECT_EQ(0, umount(JFFS2_MNT));
	EXPECT_GT(stop(&self->runner), 0);
}

TEST_F(xip, two_write_at_once)
{
	unsigned int round;
	int status;
	pid_t pid;

	ASSERT_EQ(0, jffs2_mtd_erase(data));
	ASSERT_EQ(0, jffs2_mount(data, 0, NULL));
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		for (round = 0; round < ROUNDS; round++)
			if (rewrite(other, round))
				_exit(1);
		_exit(0);
	}
	for (round = 0; round < ROUNDS; round++)
		ASSERT_EQ(0, rewrite_file(round));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(0, umount(JFFS2_MNT));
	EXPECT_GT(stop(&self->runner), 0);
}

TEST_F(xip, another_image_takes_the_place)
{
	char source[16], image[PATH_MAX];

	usleep(20000);
	EXPECT_GT(stop(&self->runner), 0);
	ASSERT_EQ(0, umount(MOUNT));
	ASSERT_EQ(0, rewrite(slot, 0));
	snprintf(source, sizeof(source), "mtd%d", slot);
	EXPECT_EQ(-1, mount(source, MOUNT, "cramfs", MS_RDONLY, NULL));
	sphere_beside(image, "xip.cramfs");
	ASSERT_EQ(0, jffs2_mtd_erase(slot));
	ASSERT_EQ(0, install(image, slot));
	ASSERT_EQ(0, mount(source, MOUNT, "cramfs", MS_RDONLY, NULL));
	ASSERT_EQ(0, run(&self->runner));
	usleep(20000);
	EXPECT_GT(stop(&self->runner), 0);
}

int main(int argc, char **argv)
{
	slot = jffs2_mtd_find("slot0");
	other = jffs2_mtd_find("slot1");
	data = jffs2_mtd_find("data");
	if (slot < 0 || other < 0 || data < 0)
		ksft_exit_skip("the board has no partitions for images\n");
	return test_harness_run(argc, argv);
}
