/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sphere selftests - JFFS2, and who has how much of it
 *
 * Functions return 0 or more, or a negative errno.
 */

#ifndef JFFS2_COMMON_H
#define JFFS2_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/quota.h>
#include <sys/types.h>
#include <linux/types.h>

/* Where it is mounted. */
#define JFFS2_MNT	"/tmp/jffs2"

#define KIB		1024
#define MIB		(1024 * KIB)

/* What nodes cost, by the on-medium format; include/uapi/linux/jffs2.h. */
#define PAD(x)		(((x) + 3) & ~3)
#define INODE_COST(len)	PAD(68 + (len))
#define NAME_COST(len)	PAD(40 + (len))
#define XATTR_COST(name, value) \
			(PAD(32 + (name) + 1 + (value)) + PAD(28))

/* The number of the first MTD device whose name starts so. */
int jffs2_mtd_find(const char *prefix);

/* Its character device. */
int jffs2_mtd_open(int number, int flags);

/* Erases all of it. */
int jffs2_mtd_erase(int number);

/* Mounts it at JFFS2_MNT, which is there. */
int jffs2_mount(int number, unsigned long flags, const char *options);

/*
 * Makes it read-only, or writable again.  Garbage collection splits and joins
 * nodes, which changes how many headers there are, and goes on while somebody
 * counts; but not where nothing can be written.
 */
int jffs2_set_readonly(bool on);

/* Bytes that do not compress. */
void jffs2_random(unsigned char *bytes, size_t len);

/* As quotactl(2): -1 and errno. */
int jffs2_quotactl(int fd, int cmd, int type, int id, void *data);

struct jffs2_usage {
	__u64 space;
	__u64 inodes;
};

/* What the kernel says that an id has; all ones if it says nothing.  For root. */
struct jffs2_usage jffs2_used(int type, int id);

/* 0: no limit. */
int jffs2_set_limit(int type, int id, __u64 kib, __u64 inodes);

/* Whether the kernel says what a walk through the file system finds. */
bool jffs2_walk_agrees(uid_t uid);

#endif /* JFFS2_COMMON_H */
