// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - JFFS2, and who has how much of it
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <mtd/mtd-user.h>

#include "jffs2_common.h"

#ifndef __NR_quotactl_fd
#define __NR_quotactl_fd	443
#endif

/* By procfs: small kernels have no sysfs. */
int jffs2_mtd_find(const char *prefix)
{
	char line[128], name[64];
	int number, found = -ENODEV;
	FILE *list = fopen("/proc/mtd", "re");

	if (!list)
		return -ENODEV;
	while (found < 0 && fgets(line, sizeof(line), list))
		if (sscanf(line, "mtd%d: %*x %*x \"%63[^\"]", &number, name) == 2 &&
		    !strncmp(name, prefix, strlen(prefix)))
			found = number;
	fclose(list);
	return found;
}

int jffs2_mtd_open(int number, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/mtd%d", number);
	return open(path, flags | O_CLOEXEC);
}

int jffs2_mtd_erase(int number)
{
	struct erase_info_user erase;
	struct mtd_info_user info;
	int fd = jffs2_mtd_open(number, O_RDWR);
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (ioctl(fd, MEMGETINFO, &info))
		ret = -errno;
	erase.length = info.erasesize;
	for (erase.start = 0; !ret && erase.start < info.size;
	     erase.start += info.erasesize) {
		if (ioctl(fd, MEMERASE, &erase))
			ret = -errno;
	}
	close(fd);
	return ret;
}

int jffs2_mount(int number, unsigned long flags, const char *options)
{
	char source[16];

	snprintf(source, sizeof(source), "mtd%d", number);
	return mount(source, JFFS2_MNT, "jffs2", flags, options) ? -errno : 0;
}

int jffs2_set_readonly(bool on)
{
	return mount(NULL, JFFS2_MNT, NULL, MS_REMOUNT | (on ? MS_RDONLY : 0),
		     NULL) ? -errno : 0;
}

/* Bytes that do not compress. */
void jffs2_random(unsigned char *bytes, size_t len)
{
	static __u64 state = 0x9e3779b97f4a7c15;
	size_t i;

	for (i = 0; i < len; i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		bytes[i] = state >> 24;
	}
}

int jffs2_quotactl(int fd, int cmd, int type, int id, void *data)
{
	return syscall(__NR_quotactl_fd, fd, QCMD(cmd, type), id, data);
}

/*
 * By the block device that stands for the flash: a descriptor will not do where
 * the file system is read-only, for what the kernel takes for a change.
 */
struct jffs2_usage jffs2_used(int type, int id)
{
	struct jffs2_usage usage = { UINT64_MAX, UINT64_MAX };
	static const char device[] = "/tmp/jffs2-device";
	struct dqblk dq = {};
	struct stat st;

	if (stat(JFFS2_MNT, &st) ||
	    mknod(device, S_IFBLK | 0600, st.st_dev))
		return usage;
	if (!quotactl(QCMD(Q_GETQUOTA, type), device, id, (caddr_t)&dq))
		usage = (struct jffs2_usage){ dq.dqb_curspace, dq.dqb_curinodes };
	unlink(device);
	return usage;
}

int jffs2_set_limit(int type, int id, __u64 kib, __u64 inodes)
{
	struct dqblk dq = {
		.dqb_bhardlimit = kib,
		.dqb_ihardlimit = inodes,
		.dqb_valid = QIF_LIMITS,
	};
	int fd = open(JFFS2_MNT, O_RDONLY | O_DIRECTORY);
	int ret = jffs2_quotactl(fd, Q_SETQUOTA, type, id, &dq) ? -errno : 0;

	close(fd);
	return ret;
}

/* What a walk finds that one user has. */
static struct walk {
	uid_t uid;
	__u64 at_least;
	__u64 at_most;
	__u64 inodes;
	ino_t linked[512];
	unsigned int nr_linked;
	bool wrong;
} walked;

static __u64 names_cost(const char *path)
{
	struct dirent **list;
	__u64 cost = 0;
	int count = scandir(path, &list, NULL, NULL);

	while (count-- > 0) {
		if (strcmp(list[count]->d_name, ".") &&
		    strcmp(list[count]->d_name, ".."))
			cost += NAME_COST(strlen(list[count]->d_name));
		free(list[count]);
	}
	return cost;
}

static __u64 xattrs_cost(const char *path)
{
	static char names[64 * KIB];
	ssize_t len = llistxattr(path, names, sizeof(names));
	__u64 cost = 0;
	char *name;

	for (name = names; len > 0 && name < names + len;
	     name += strlen(name) + 1) {
		/* The medium has a number for "user." and "trusted.". */
		cost += XATTR_COST(strlen(strchr(name, '.') + 1),
				   lgetxattr(path, name, NULL, 0));
	}
	return cost;
}

static int count_one(const char *path, const struct stat *st, int flag,
		     struct FTW *ftw)
{
	__u64 cost = INODE_COST(0);
	unsigned int i;

	if (st->st_uid != walked.uid)
		return 0;
	if (S_ISREG(st->st_mode) && st->st_nlink > 1) {
		for (i = 0; i < walked.nr_linked; i++) {
			if (walked.linked[i] == st->st_ino)
				return 0;
		}
		walked.linked[walked.nr_linked++] = st->st_ino;
	}
	walked.inodes++;
	if (S_ISREG(st->st_mode)) {
		/* Only the kernel knows the nodes: rounded to 512 bytes. */
		walked.at_least += st->st_blocks * 512;
		walked.at_most += st->st_blocks * 512 + 511;
		return 0;
	}
	if (S_ISDIR(st->st_mode))
		cost += names_cost(path);
	else if (S_ISLNK(st->st_mode))
		cost = INODE_COST(st->st_size);
	else if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))
		cost = INODE_COST(2);
	cost += xattrs_cost(path);
	if (st->st_blocks != cost / 512) {
		printf("# %s: %llu blocks, not %llu\n", path,
		       (unsigned long long)st->st_blocks,
		       (unsigned long long)cost / 512);
		walked.wrong = true;
	}
	walked.at_least += cost;
	walked.at_most += cost;
	return 0;
}

bool jffs2_walk_agrees(uid_t uid)
{
	struct jffs2_usage usage = jffs2_used(USRQUOTA, uid);

	walked = (struct walk){ .uid = uid };
	if (nftw(JFFS2_MNT, count_one, 16, FTW_PHYS))
		return false;
	if (!walked.wrong && usage.inodes == walked.inodes &&
	    usage.space >= walked.at_least && usage.space <= walked.at_most)
		return true;
	printf("# uid %d: kernel %llu bytes in %llu inodes, walk %llu to %llu in %llu\n",
	       uid, (unsigned long long)usage.space,
	       (unsigned long long)usage.inodes,
	       (unsigned long long)walked.at_least,
	       (unsigned long long)walked.at_most,
	       (unsigned long long)walked.inodes);
	return false;
}
