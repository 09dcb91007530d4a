// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - JFFS2 with quota when the power fails
 *
 *   jffs2_cut ACKNOWLEDGED
 *
 * The flash is RAM that outlives the machine, see scripts/stages/power-cut. It
 * first checks what is there: all that was acknowledged before the power
 * failed, and a quota that a count agrees with. Then it goes on writing, for
 * ever, and acknowledges on the console what must be there next time.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jffs2_common.h"

#define DEVICE		"flash"
#define OPTIONS		"usrquota,grpquota,usrquota_block_hardlimit=64k"

#define ALICE		5001
#define DIR		JFFS2_MNT "/alice"
#define TEMPORARY	DIR "/temporary"
#define LOG		DIR "/log"

/* Version V of the files is in file V % FILES. */
#define FILES		6
#define LENGTH_MAX	6000

static size_t contents(unsigned int version, unsigned char *bytes)
{
	__u32 state = version * 2654435761u + 1;
	size_t len = 200 + state % (LENGTH_MAX - 200);
	size_t i;

	memcpy(bytes, &version, sizeof(version));
	for (i = sizeof(version); i < len; i++) {
		state = state * 1664525 + 1013904223;
		bytes[i] = state >> 24;
	}
	return len;
}

static void file_name(char *name, size_t size, unsigned int version)
{
	snprintf(name, size, DIR "/file%u", version % FILES);
}

/* The version that a file has: 0 if it is not there, -EBADMSG if it is torn. */
static int version_of(unsigned int file)
{
	unsigned char is[LENGTH_MAX + 1], should[LENGTH_MAX];
	unsigned int version;
	char name[64];
	ssize_t len;
	int fd;

	file_name(name, sizeof(name), file);
	fd = open(name, O_RDONLY);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	len = read(fd, is, sizeof(is));
	close(fd);
	if (len < (ssize_t)sizeof(version))
		return -EBADMSG;
	memcpy(&version, is, sizeof(version));
	if (version % FILES != file || contents(version, should) != len ||
	    memcmp(is, should, len))
		return -EBADMSG;
	return version;
}

/* Whether no acknowledged version is lost; the newest version in @newest. */
static bool all_there(unsigned int acknowledged, unsigned int *newest)
{
	bool good = true;
	unsigned int file;

	*newest = acknowledged;
	for (file = 0; file < FILES; file++) {
		unsigned int age = (acknowledged % FILES + FILES - file) % FILES;
		int want = (int)acknowledged - (int)age;
		int version = version_of(file);

		if (version < 0 || version < want) {
			printf("# file %u has version %d, %d was acknowledged\n",
			       file, version, want);
			good = false;
		}
		if (version > (int)*newest)
			*newest = version;
	}
	return good;
}

static bool quota_is_right(int mtd)
{
	struct jffs2_usage before, after;

	if (jffs2_set_readonly(true) || !jffs2_walk_agrees(0) ||
	    !jffs2_walk_agrees(ALICE))
		return false;
	before = jffs2_used(USRQUOTA, ALICE);
	if (umount(JFFS2_MNT) || jffs2_mount(mtd, MS_RDONLY, OPTIONS))
		return false;
	after = jffs2_used(USRQUOTA, ALICE);
	if (jffs2_set_readonly(false))
		return false;
	printf("# %llu bytes in %llu inodes, after another mount %llu in %llu\n",
	       (unsigned long long)before.space,
	       (unsigned long long)before.inodes,
	       (unsigned long long)after.space,
	       (unsigned long long)after.inodes);
	return before.space == after.space && before.inodes == after.inodes &&
	       before.space <= 64 * KIB;
}

static int write_version(unsigned int version)
{
	unsigned char bytes[LENGTH_MAX];
	size_t len = contents(version, bytes);
	char name[64];
	int fd = open(TEMPORARY, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || fsync(fd))
		return -errno;
	close(fd);
	file_name(name, sizeof(name), version);
	return rename(TEMPORARY, name) ? -errno : 0;
}

/* Up to the quota now and then, and back. */
static int fill_log(void)
{
	unsigned char bytes[3000];
	int fd = open(LOG, O_WRONLY | O_CREAT | O_APPEND, 0600);

	if (fd < 0)
		return -errno;
	do
		jffs2_random(bytes, sizeof(bytes));
	while (write(fd, bytes, sizeof(bytes)) > 0);
	if (errno != EDQUOT || ftruncate(fd, 0))
		return -errno;
	return close(fd);
}

static int go_on(unsigned int version)
{
	int ret;

	if (setresgid(ALICE, ALICE, ALICE) || setresuid(ALICE, ALICE, ALICE))
		return -errno;
	unlink(LOG);
	/* A rename that was cut off leaves both names: not to be written to. */
	unlink(TEMPORARY);
	for (;;) {
		ret = write_version(++version);
		if (ret)
			return ret;
		printf("# acknowledged %u\n", version);
		fflush(stdout);
		if (version % 7)
			continue;
		ret = fill_log();
		if (ret)
			return ret;
	}
}

int main(int argc, char **argv)
{
	unsigned int acknowledged = argc > 1 ? atoi(argv[1]) : 0;
	int mtd = jffs2_mtd_find(DEVICE);
	unsigned int newest;
	int ret;

	mkdir(JFFS2_MNT, 0755);
	ret = jffs2_mount(mtd, 0, OPTIONS);
	if (ret) {
		printf("# cannot mount device %d: %s\n", mtd, strerror(-ret));
		return 1;
	}
	if (mkdir(DIR, 0755) && errno != EEXIST)
		return 1;
	if (chown(DIR, ALICE, ALICE))
		return 1;
	printf("# contents %s\n", all_there(acknowledged, &newest) ? "good" : "bad");
	printf("# quota %s\n", quota_is_right(mtd) ? "good" : "bad");
	fflush(stdout);
	if (argc > 2)
		return 0;
	ret = go_on(newest);
	printf("# stopped: %s\n", strerror(-ret));
	return 1;
}
