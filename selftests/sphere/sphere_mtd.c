// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - Flash to test with
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>
#include <linux/blkpg.h>

#include "sphere_mtd.h"

/* More devices than any test has. */
#define DEVICES_MAX	64

#define NAME_MAX_LEN	64

void sphere_mtd_path(char path[PATH_MAX], int index, enum sphere_mtd_node node)
{
	static const char *const formats[] = {
		[SPHERE_MTD_CHAR] = "/dev/mtd%d",
		[SPHERE_MTD_CHAR_RO] = "/dev/mtd%dro",
		[SPHERE_MTD_BLOCK] = "/dev/mtdblock%d",
	};

	snprintf(path, PATH_MAX, formats[node], index);
}

void sphere_mtd_publish(int index)
{
	enum sphere_mtd_node node;
	char path[PATH_MAX];

	for (node = SPHERE_MTD_CHAR; node <= SPHERE_MTD_BLOCK; node++) {
		sphere_mtd_path(path, index, node);
		chmod(path, 0666);
	}
}

static int open_device(int index)
{
	char path[PATH_MAX];
	int fd;

	sphere_mtd_path(path, index, SPHERE_MTD_CHAR);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Reads an attribute without its line break; false if there is none. */
static bool attribute(int index, const char *attr, char *value, size_t size)
{
	char path[PATH_MAX];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/sys/class/mtd/mtd%d/%s", index, attr);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	len = read(fd, value, size - 1);
	close(fd);
	if (len < 0)
		return false;
	value[len] = '\0';
	value[strcspn(value, "\n")] = '\0';
	return true;
}

static bool is_partition(int index)
{
	char offset[32];

	return attribute(index, "offset", offset, sizeof(offset));
}

static bool exists(int index)
{
	char type[32];

	return attribute(index, "type", type, sizeof(type));
}

static void remove_leftovers(const struct sphere_mtd_chip *chip,
			     const char *const *leftovers)
{
	char name[NAME_MAX_LEN + 1];
	int i;

	for (; *leftovers; leftovers++)
		for (i = 0; i < DEVICES_MAX; i++)
			if (is_partition(i) &&
			    attribute(i, "name", name, sizeof(name)) &&
			    !strcmp(name, *leftovers))
				sphere_mtd_remove(chip, i);
}

int sphere_mtd_find(struct sphere_mtd_chip *chip, int type,
		    const char *const *leftovers)
{
	int fd, error;

	for (chip->index = 0; chip->index < DEVICES_MAX; chip->index++) {
		if (is_partition(chip->index))
			continue;
		fd = open_device(chip->index);
		if (fd < 0)
			continue;
		error = ioctl(fd, MEMGETINFO, &chip->info);
		close(fd);
		if (error || chip->info.type != type)
			continue;
		remove_leftovers(chip, leftovers);
		sphere_mtd_publish(chip->index);
		return 0;
	}
	return -ENODEV;
}

static int blkpg(const struct sphere_mtd_chip *chip, int op,
		 struct blkpg_partition *partition)
{
	struct blkpg_ioctl_arg argument = {
		.op = op,
		.datalen = sizeof(*partition),
		.data = partition,
	};
	int fd = open_device(chip->index), error;

	if (fd < 0)
		return fd;
	error = ioctl(fd, BLKPG, &argument) ? -errno : 0;
	close(fd);
	return error;
}

int sphere_mtd_add(const struct sphere_mtd_chip *chip, const char *name,
		   unsigned int first_block, unsigned int blocks)
{
	struct blkpg_partition partition = {
		.start = (long long)first_block * chip->info.erasesize,
		.length = (long long)blocks * chip->info.erasesize,
	};
	int index = 0, error;

	/* The new device gets the first number that is free. */
	while (exists(index))
		index++;
	snprintf(partition.devname, sizeof(partition.devname), "%s", name);
	/* The kernel may have a remark on it: not in the middle of a line. */
	fflush(stdout);
	tcdrain(STDOUT_FILENO);
	error = blkpg(chip, BLKPG_ADD_PARTITION, &partition);
	if (error)
		return error;
	sphere_mtd_publish(index);
	return index;
}

int sphere_mtd_remove(const struct sphere_mtd_chip *chip, int index)
{
	struct blkpg_partition partition = { .pno = index };

	return blkpg(chip, BLKPG_DEL_PARTITION, &partition);
}

static bool dump_data(int fd, const struct mtd_info_user *info, __u8 *bytes)
{
	return pread(fd, bytes, info->size, 0) == (ssize_t)info->size;
}

/* One page at a time: more at once would be one block's at the most. */
static bool dump_oob(int fd, const struct mtd_info_user *info, __u8 *bytes)
{
	__u32 at;

	for (at = 0; at < info->size; at += info->writesize) {
		struct mtd_oob_buf request = {
			.start = at,
			.length = info->oobsize,
			.ptr = bytes + at / info->writesize * info->oobsize,
		};

		if (ioctl(fd, MEMREADOOB, &request))
			return false;
	}
	return true;
}

void *sphere_mtd_dump(int index, size_t *len)
{
	int fd = open_device(index);
	struct mtd_info_user info;
	__u8 *bytes = NULL;

	if (fd < 0)
		return NULL;
	if (ioctl(fd, MEMGETINFO, &info))
		goto out;
	*len = info.size + info.size / info.writesize * info.oobsize;
	bytes = calloc(1, *len);
	/* As it is on the flash: no correction of errors. */
	if (info.oobsize)
		ioctl(fd, MTDFILEMODE, MTD_FILE_MODE_RAW);
	if (bytes && (!dump_data(fd, &info, bytes) ||
		      (info.oobsize &&
		       !dump_oob(fd, &info, bytes + info.size)))) {
		free(bytes);
		bytes = NULL;
	}
out:
	close(fd);
	return bytes;
}
