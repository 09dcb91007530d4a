// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - Quota on JFFS2
 *
 * Needs no Sphere: what is tested is the kernel's quota. Each test runs on NOR
 * flash in RAM (mtdram) and on simulated NAND flash, because deletion differs.
 * After each, what the kernel says that everybody has must be what a walk
 * through the file system finds, and what the next mount counts.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <ftw.h>
#include <grp.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/quota.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <linux/blkpg.h>
#include <linux/capability.h>
#include <mtd/mtd-user.h>

#include "kselftest_harness.h"
#include "jffs2_common.h"
#include "sphere_common.h"
#include "sphere_fail.h"

#ifndef QFMT_JFFS2
#define QFMT_JFFS2		6
#endif

#define NAND_PART	"jffs2-quota"

/* The attacker, and who must not suffer. */
#define ALICE		5001
#define BOB		5002
/* A second group that Alice is in. */
#define CLUB		6001

#define LIMIT_KIB	64
#define LIMIT		(LIMIT_KIB * KIB)

/* A reservation for a page: less than this can be left when EDQUOT comes. */
#define SLACK		(4096 + 4 * INODE_COST(0))

static const uid_t everybody[] = { 0, ALICE, BOB };

/* ---- Flash ------------------------------------------------------------- */

/* 2 MiB of the simulated NAND chip, which is far larger. */
static int nand_partition(void)
{
	struct blkpg_partition part = {
		.length = 2 * MIB,
		.devname = NAND_PART,
	};
	struct blkpg_ioctl_arg arg = {
		.op = BLKPG_ADD_PARTITION,
		.datalen = sizeof(part),
		.data = &part,
	};
	int number = jffs2_mtd_find(NAND_PART);
	int fd, ret;

	if (number >= 0)
		return number;
	number = jffs2_mtd_find("NAND 128MiB");
	if (number < 0)
		return number;
	fd = jffs2_mtd_open(number, O_RDWR);
	if (fd < 0)
		return -errno;
	part.start = 64 * MIB;
	ret = ioctl(fd, BLKPG, &arg) ? -errno : 0;
	close(fd);
	return ret ? ret : jffs2_mtd_find(NAND_PART);
}

static int mount_it(int number, const char *options)
{
	return jffs2_mount(number, 0, options);
}

/* Instead of an errno, where something worked that should not. */
#define NOT_EXPECTED	250

/* ---- Acting as somebody ------------------------------------------------ */

typedef int action(const char *path);

/* Runs it in a child that is @uid; its errno, or 0. */
static int as(uid_t uid, action *act, const char *path)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return errno;
	if (!pid) {
		gid_t club = CLUB;

		if (setgroups(uid == ALICE, &club) || setresgid(uid, uid, uid) ||
		    setresuid(uid, uid, uid))
			_exit(255);
		_exit(act(path));
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 254;
	return WEXITSTATUS(status);
}

static int append_random(const char *path, size_t total)
{
	unsigned char bytes[4096];
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	int ret = 0;

	if (fd < 0)
		return errno;
	while (!ret && total) {
		size_t len = total < sizeof(bytes) ? total : sizeof(bytes);
		ssize_t done;

		jffs2_random(bytes, len);
		done = write(fd, bytes, len);
		if (done < 0)
			ret = errno;
		else
			total -= done;
	}
	close(fd);
	return ret;
}

static int write_1k(const char *path)
{
	return append_random(path, KIB);
}

static int write_16k(const char *path)
{
	return append_random(path, 16 * KIB);
}

static int write_endless(const char *path)
{
	return append_random(path, 64 * MIB);
}

static int remove_one(const char *path, const struct stat *st, int flag,
		      struct FTW *ftw)
{
	if (!ftw->level)
		return 0;
	return remove(path) ? errno : 0;
}

/* Everything in a directory, but not itself. */
static int remove_below(const char *path)
{
	return nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static int unlink_it(const char *path)
{
	return unlink(path) ? errno : 0;
}

static bool same(const struct jffs2_usage *a, const struct jffs2_usage *b)
{
	return a->space == b->space && a->inodes == b->inodes;
}

/* Seconds: a kernel with KASAN takes its time to write. */
#define PATIENCE	120
#define LONG		900

FIXTURE(quota)
{
	int mtd;
};

FIXTURE_VARIANT(quota)
{
	bool nand;
};

FIXTURE_VARIANT_ADD(quota, nor)
{
	.nand = false,
};

FIXTURE_VARIANT_ADD(quota, nand)
{
	.nand = true,
};

#define OPTIONS		"usrquota,grpquota"
#define A		JFFS2_MNT "/alice"
#define B		JFFS2_MNT "/bob"

FIXTURE_SETUP(quota)
{
	self->mtd = variant->nand ? nand_partition() : jffs2_mtd_find("mtdram");
	if (self->mtd < 0)
		SKIP(return, "there is no such flash");
	mkdir(JFFS2_MNT, 0755);
	/* What a test that was stopped has left. */
	umount2(JFFS2_MNT, MNT_DETACH);
	ASSERT_EQ(0, jffs2_mtd_erase(self->mtd));
	ASSERT_EQ(0, mount_it(self->mtd, OPTIONS));
	ASSERT_EQ(0, mkdir(A, 0755));
	ASSERT_EQ(0, chown(A, ALICE, ALICE));
	ASSERT_EQ(0, mkdir(B, 0755));
	ASSERT_EQ(0, chown(B, BOB, BOB));
	ASSERT_EQ(0, jffs2_set_limit(USRQUOTA, ALICE, LIMIT_KIB, 0));
}

/* Whether a walk, and another mount, count what the kernel accounted. */
static void recount(struct __test_metadata *_metadata, int mtd)
{
	struct jffs2_usage before[2][3], now;
	unsigned int i, type;

	ASSERT_EQ(0, jffs2_set_readonly(true));
	for (i = 0; i < ARRAY_SIZE(everybody); i++) {
		EXPECT_TRUE(jffs2_walk_agrees(everybody[i]));
		for (type = 0; type < 2; type++)
			before[type][i] = jffs2_used(type, everybody[i]);
	}
	ASSERT_EQ(0, umount(JFFS2_MNT));
	ASSERT_EQ(0, jffs2_mount(mtd, MS_RDONLY, OPTIONS));
	for (i = 0; i < ARRAY_SIZE(everybody); i++) {
		for (type = 0; type < 2; type++) {
			now = jffs2_used(type, everybody[i]);
			EXPECT_TRUE(same(&now, &before[type][i])) {
				TH_LOG("id %d type %d: %llu/%llu before, %llu/%llu after the mount",
				       everybody[i], type,
				       (unsigned long long)before[type][i].space,
				       (unsigned long long)before[type][i].inodes,
				       (unsigned long long)now.space,
				       (unsigned long long)now.inodes);
			}
		}
		EXPECT_TRUE(jffs2_walk_agrees(everybody[i]));
	}
	ASSERT_EQ(0, jffs2_set_readonly(false));
}

FIXTURE_TEARDOWN(quota)
{
	if (self->mtd < 0)
		return;
	recount(_metadata, self->mtd);
	/* Who has deleted everything has only the directory. */
	EXPECT_EQ(0, as(ALICE, remove_below, A));
	EXPECT_EQ(INODE_COST(0), jffs2_used(USRQUOTA, ALICE).space);
	EXPECT_EQ(1, jffs2_used(USRQUOTA, ALICE).inodes);
	recount(_metadata, self->mtd);
	EXPECT_EQ(0, umount(JFFS2_MNT));
}

/* Alice does something until she may not; Bob does not notice. */
#define EXHAUST(act, path) do {						\
	EXPECT_EQ(EDQUOT, as(ALICE, act, path));			\
	EXPECT_GE(LIMIT, jffs2_used(USRQUOTA, ALICE).space);			\
	EXPECT_LE(LIMIT - SLACK, jffs2_used(USRQUOTA, ALICE).space);		\
	EXPECT_EQ(0, as(BOB, write_16k, B "/file"));			\
} while (0)

TEST_F_TIMEOUT(quota, contents, PATIENCE)
{
	struct stat st;

	EXHAUST(write_endless, A "/file");
	ASSERT_EQ(0, stat(A "/file", &st));
	EXPECT_LT(LIMIT - 10 * KIB, st.st_size);
	EXPECT_GT(LIMIT, st.st_size);
	/* Again: nothing is left over, and nothing is added. */
	EXHAUST(write_endless, A "/file");
	EXPECT_EQ(0, as(ALICE, unlink_it, A "/file"));
	EXPECT_EQ(0, as(ALICE, write_16k, A "/file"));
}

/* ---- Many small things ------------------------------------------------- */

static char *numbered(char name[PATH_MAX], const char *dir, int i)
{
	snprintf(name, PATH_MAX, "%s/%d", dir, i);
	return name;
}

static int make_files(const char *dir)
{
	char name[PATH_MAX];
	int i, fd;

	for (i = 0; i < 4000; i++) {
		fd = open(numbered(name, dir, i), O_WRONLY | O_CREAT, 0600);
		if (fd < 0)
			return errno;
		close(fd);
	}
	return 0;
}

static int make_directories(const char *dir)
{
	char name[PATH_MAX];
	int i;

	for (i = 0; i < 4000; i++) {
		if (mkdir(numbered(name, dir, i), 0700))
			return errno;
	}
	return 0;
}

static int make_symlinks(const char *dir)
{
	char name[PATH_MAX], target[255];
	int i;

	memset(target, 'x', 254);
	target[254] = '\0';
	for (i = 0; i < 4000; i++) {
		if (symlink(target, numbered(name, dir, i)))
			return errno;
	}
	return 0;
}

static int make_fifos(const char *dir)
{
	char name[PATH_MAX];
	int i;

	for (i = 0; i < 4000; i++) {
		if (mknod(numbered(name, dir, i), S_IFIFO | 0600, 0))
			return errno;
	}
	return 0;
}

static int make_links(const char *dir)
{
	char first[PATH_MAX], name[PATH_MAX];
	int i, fd = open(numbered(first, dir, 0), O_WRONLY | O_CREAT, 0600);

	if (fd < 0)
		return errno;
	close(fd);
	for (i = 1; i < 4000; i++) {
		if (link(first, numbered(name, dir, i)))
			return errno;
	}
	return 0;
}

static int make_long_names(const char *dir)
{
	char name[PATH_MAX];
	int i, fd;

	for (i = 0; i < 4000; i++) {
		snprintf(name, sizeof(name), "%s/%0254d", dir, i);
		fd = open(name, O_WRONLY | O_CREAT, 0600);
		if (fd < 0)
			return errno;
		close(fd);
	}
	return 0;
}

static int make_xattrs(const char *dir)
{
	char name[64], value[200];
	int i;

	for (i = 0; i < 4000; i++) {
		snprintf(name, sizeof(name), "user.%d", i);
		jffs2_random((unsigned char *)value, sizeof(value));
		if (setxattr(dir, name, value, sizeof(value), 0))
			return errno;
	}
	return 0;
}

static int remove_xattrs(const char *dir)
{
	char name[64];
	int i;

	for (i = 0; i < 4000; i++) {
		snprintf(name, sizeof(name), "user.%d", i);
		if (removexattr(dir, name))
			return errno == ENODATA ? 0 : errno;
	}
	return 0;
}

TEST_F_TIMEOUT(quota, empty_files, PATIENCE)
{
	EXHAUST(make_files, A);
}

TEST_F_TIMEOUT(quota, directories, PATIENCE)
{
	EXHAUST(make_directories, A);
}

TEST_F_TIMEOUT(quota, symlinks, PATIENCE)
{
	EXHAUST(make_symlinks, A);
}

TEST_F_TIMEOUT(quota, special_files, PATIENCE)
{
	EXHAUST(make_fifos, A);
}

TEST_F_TIMEOUT(quota, hard_links, PATIENCE)
{
	EXHAUST(make_links, A);
	EXPECT_EQ(2, jffs2_used(USRQUOTA, ALICE).inodes);
}

TEST_F_TIMEOUT(quota, long_names, PATIENCE)
{
	EXHAUST(make_long_names, A);
}

TEST_F_TIMEOUT(quota, xattrs, PATIENCE)
{
	EXHAUST(make_xattrs, A);
	/* One value in the place of another. */
	EXPECT_EQ(0, as(ALICE, remove_xattrs, A));
	EXPECT_EQ(INODE_COST(0), jffs2_used(USRQUOTA, ALICE).space);
	recount(_metadata, self->mtd);
	EXPECT_EQ(0, setxattr(A, "user.same", "12345678", 8, 0));
	EXPECT_EQ(INODE_COST(0) + XATTR_COST(4, 8), jffs2_used(USRQUOTA, ALICE).space);
	EXPECT_EQ(0, setxattr(A, "user.same", "1", 1, 0));
	EXPECT_EQ(INODE_COST(0) + XATTR_COST(4, 1), jffs2_used(USRQUOTA, ALICE).space);
	EXPECT_EQ(-1, setxattr(A, "user.same", "1", 1, XATTR_CREATE));
	EXPECT_EQ(-1, setxattr(A, "user.other", "1", 1, XATTR_REPLACE));
	EXPECT_EQ(INODE_COST(0) + XATTR_COST(4, 1), jffs2_used(USRQUOTA, ALICE).space);
	recount(_metadata, self->mtd);
	/* What was replaced does not come back when the last one goes. */
	EXPECT_EQ(0, setxattr(A, "user.same", "123", 3, 0));
	EXPECT_EQ(0, removexattr(A, "user.same"));
	EXPECT_EQ(INODE_COST(0), jffs2_used(USRQUOTA, ALICE).space);
	recount(_metadata, self->mtd);
	EXPECT_EQ(-1, getxattr(A, "user.same", NULL, 0));
	EXPECT_EQ(ENODATA, errno);
	EXPECT_EQ(0, rmdir(A));
	EXPECT_EQ(0, jffs2_used(USRQUOTA, ALICE).space);
	ASSERT_EQ(0, mkdir(A, 0755));
	ASSERT_EQ(0, chown(A, ALICE, ALICE));
}

TEST_F_TIMEOUT(quota, inodes, PATIENCE)
{
	ASSERT_EQ(0, jffs2_set_limit(USRQUOTA, ALICE, 0, 10));
	EXPECT_EQ(EDQUOT, as(ALICE, make_files, A));
	EXPECT_EQ(10, jffs2_used(USRQUOTA, ALICE).inodes);
	EXPECT_EQ(EDQUOT, as(ALICE, make_long_names, A));
	EXPECT_EQ(10, jffs2_used(USRQUOTA, ALICE).inodes);
	/* Names are not inodes, and contents neither. */
	EXPECT_EQ(0, as(ALICE, write_16k, A "/0"));
	EXPECT_EQ(0, as(ALICE, unlink_it, A "/1"));
	EXPECT_EQ(9, jffs2_used(USRQUOTA, ALICE).inodes);
}

/* ---- Sizes that are not what they seem --------------------------------- */

/* The largest offsets, and holes: they cost nodes, not their size. */
static int make_sparse(const char *path)
{
	static const off_t offsets[] = {
		INT32_MAX, 1LL << 31, (1LL << 31) + 5, 3LL << 30, UINT32_MAX - 1,
	};
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	unsigned int i;

	if (fd < 0)
		return errno;
	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		if (pwrite(fd, "x", 1, offsets[i]) != 1)
			return errno;
	}
	if (pwrite(fd, "x", 1, 1LL << 32) != -1 || errno != EFBIG)
		return NOT_EXPECTED;
	if (ftruncate(fd, UINT32_MAX))
		return errno;
	close(fd);
	return 0;
}

static int make_holes(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	int i;

	if (fd < 0)
		return errno;
	for (i = 1; i < 4000; i++) {
		if (ftruncate(fd, i * (off_t)MIB))
			return errno;
	}
	return 0;
}

static int make_holes_by_writes(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	int i;

	if (fd < 0)
		return errno;
	for (i = 1; i < 4000; i++) {
		if (pwrite(fd, "x", 1, i * (off_t)MIB) != 1)
			return errno;
	}
	return 0;
}

TEST_F_TIMEOUT(quota, beyond_2_gib, PATIENCE)
{
	ASSERT_EQ(0, as(ALICE, make_sparse, A "/sparse"));
	/* Ten holes and ten bytes at most. */
	EXPECT_GE(INODE_COST(0) * 30, jffs2_used(USRQUOTA, ALICE).space);
	recount(_metadata, self->mtd);
	ASSERT_EQ(0, truncate(A "/sparse", (1LL << 31) + 2));
	recount(_metadata, self->mtd);
	ASSERT_EQ(0, truncate(A "/sparse", 0));
	EXPECT_EQ(INODE_COST(0) * 2 + NAME_COST(6), jffs2_used(USRQUOTA, ALICE).space);
}

TEST_F_TIMEOUT(quota, holes_by_truncate, PATIENCE)
{
	EXHAUST(make_holes, A "/file");
}

TEST_F_TIMEOUT(quota, holes_by_write, PATIENCE)
{
	EXHAUST(make_holes_by_writes, A "/file");
}

/* A node for a few bytes: far more flash than the size says. */
static int make_fragments(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	int i;

	if (fd < 0)
		return errno;
	if (ftruncate(fd, 64 * KIB))
		return errno;
	for (i = 64 * KIB / 4 - 2; i >= 0; i--) {
		if (pwrite(fd, &i, 1, i * 4) != 1)
			return errno;
	}
	return 0;
}

TEST_F_TIMEOUT(quota, fragments, PATIENCE)
{
	EXHAUST(make_fragments, A "/file");
}

static int overwrite(const char *path)
{
	unsigned char bytes[1000];
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	int i;

	if (fd < 0)
		return errno;
	for (i = 0; i < 6000; i++) {
		jffs2_random(bytes, sizeof(bytes));
		if (pwrite(fd, bytes, bytes[0] * 3 + 1,
			   (bytes[1] * 256 + bytes[2]) % 30000) < 0)
			return errno;
		if (!(i % 97) && ftruncate(fd, bytes[3] * 128))
			return errno;
	}
	return 0;
}

/* More than the whole flash is written: garbage collection moves everything. */
TEST_F_TIMEOUT(quota, garbage_collection, LONG)
{
	ASSERT_EQ(0, as(ALICE, write_16k, A "/still"));
	ASSERT_EQ(0, jffs2_set_limit(USRQUOTA, ALICE, 0, 0));
	EXPECT_EQ(0, as(ALICE, overwrite, A "/file"));
	recount(_metadata, self->mtd);
	EXPECT_EQ(0, as(ALICE, overwrite, A "/file"));
	EXPECT_EQ(0, as(ALICE, overwrite, A "/other"));
}

static int truncate_10k(const char *path)
{
	return truncate(path, 10 * KIB + 1) ? errno : 0;
}

static int truncate_0(const char *path)
{
	return truncate(path, 0) ? errno : 0;
}

static int truncate_1m(const char *path)
{
	return truncate(path, MIB) ? errno : 0;
}

TEST_F_TIMEOUT(quota, truncate, PATIENCE)
{
	__u64 full;

	EXHAUST(write_endless, A "/file");
	full = jffs2_used(USRQUOTA, ALICE).space;
	EXPECT_EQ(0, as(ALICE, truncate_10k, A "/file"));
	EXPECT_GT(20 * KIB, jffs2_used(USRQUOTA, ALICE).space);
	EXPECT_EQ(0, as(ALICE, truncate_1m, A "/file"));
	recount(_metadata, self->mtd);
	EXPECT_EQ(0, as(ALICE, truncate_0, A "/file"));
	EXPECT_EQ(INODE_COST(0) * 2 + NAME_COST(4), jffs2_used(USRQUOTA, ALICE).space);
	/* The same when far above the limit. */
	EXPECT_EQ(0, as(ALICE, write_16k, A "/file"));
	ASSERT_EQ(0, jffs2_set_limit(USRQUOTA, ALICE, 1, 0));
	EXPECT_EQ(EDQUOT, as(ALICE, truncate_1m, A "/file"));
	EXPECT_EQ(EDQUOT, as(ALICE, write_1k, A "/file"));
	EXPECT_EQ(0, as(ALICE, truncate_10k, A "/file"));
	EXPECT_EQ(0, as(ALICE, truncate_0, A "/file"));
	EXPECT_EQ(0, as(ALICE, unlink_it, A "/file"));
	EXPECT_LT(0, full);
}

static int write_from_nowhere(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	void *nowhere;

	if (fd < 0)
		return errno;
	nowhere = mmap(NULL, 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (write(fd, nowhere, 8192) != -1)
		return 0;
	return errno;
}

/* Apart from what garbage collection does: it splits nodes and joins them. */
static bool is_about(__u64 one, __u64 other)
{
	return (one > other ? one - other : other - one) < KIB;
}

TEST_F_TIMEOUT(quota, failed_writes, PATIENCE)
{
	struct jffs2_usage before;
	int i;

	EXPECT_EQ(EFAULT, as(ALICE, write_from_nowhere, A "/file"));
	before = jffs2_used(USRQUOTA, ALICE);
	for (i = 0; i < 50; i++)
		EXPECT_EQ(EFAULT, as(ALICE, write_from_nowhere, A "/file"));
	EXPECT_TRUE(is_about(before.space, jffs2_used(USRQUOTA, ALICE).space));
	EXHAUST(write_endless, A "/file");
	before = jffs2_used(USRQUOTA, ALICE);
	for (i = 0; i < 20; i++)
		EXPECT_EQ(EDQUOT, as(ALICE, write_endless, A "/file"));
	EXPECT_TRUE(is_about(before.space, jffs2_used(USRQUOTA, ALICE).space));
}

/* ---- Owners ------------------------------------------------------------ */

/* May give files away, but not exceed limits. */
static int give_to_alice(const char *path)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = {};
	const __u32 caps = 1 << CAP_CHOWN | 1 << CAP_DAC_OVERRIDE;

	data[0].effective = caps;
	data[0].permitted = caps;
	if (syscall(SYS_capset, &header, data))
		return errno;
	return lchown(path, ALICE, -1) ? errno : 0;
}

static int change_group(const char *path)
{
	return chown(path, -1, CLUB) ? errno : 0;
}

TEST_F_TIMEOUT(quota, chown, PATIENCE)
{
	struct jffs2_usage alice, bob, club;
	struct stat st;

	ASSERT_EQ(0, as(BOB, write_16k, B "/small"));
	ASSERT_EQ(0, append_random(JFFS2_MNT "/large", 100 * KIB));
	alice = jffs2_used(USRQUOTA, ALICE);
	EXPECT_EQ(EDQUOT, as(0, give_to_alice, JFFS2_MNT "/large"));
	EXPECT_EQ(alice.space, jffs2_used(USRQUOTA, ALICE).space);
	EXPECT_EQ(alice.inodes, jffs2_used(USRQUOTA, ALICE).inodes);
	ASSERT_EQ(0, stat(JFFS2_MNT "/large", &st));
	EXPECT_EQ(0, st.st_uid);
	EXPECT_EQ(0, as(0, give_to_alice, B "/small"));
	bob = jffs2_used(USRQUOTA, BOB);
	/* The name is still Bob's. */
	EXPECT_EQ(INODE_COST(0) + NAME_COST(5), bob.space);
	EXPECT_EQ(1, bob.inodes);
	EXPECT_EQ(alice.inodes + 1, jffs2_used(USRQUOTA, ALICE).inodes);
	EXPECT_LT(alice.space + 16 * KIB, jffs2_used(USRQUOTA, ALICE).space);
	/* To a group that is full: by the owner, without any capability. */
	ASSERT_EQ(0, as(ALICE, write_16k, A "/mine"));
	ASSERT_EQ(0, jffs2_set_limit(GRPQUOTA, CLUB, 8, 0));
	EXPECT_EQ(EDQUOT, as(ALICE, change_group, A "/mine"));
	EXPECT_EQ(0, jffs2_used(GRPQUOTA, CLUB).space);
	ASSERT_EQ(0, jffs2_set_limit(GRPQUOTA, CLUB, 20, 0));
	EXPECT_EQ(0, as(ALICE, change_group, A "/mine"));
	club = jffs2_used(GRPQUOTA, CLUB);
	EXPECT_LT(16 * KIB, club.space);
	EXPECT_EQ(1, club.inodes);
	EXPECT_EQ(0, unlink(B "/small"));
}

static int make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

/* The medium has 16 bits for an owner. */
TEST_F_TIMEOUT(quota, large_ids, PATIENCE)
{
	struct jffs2_usage alice = jffs2_used(USRQUOTA, ALICE);

	ASSERT_EQ(0, mkdir(JFFS2_MNT "/public", 01777));
	ASSERT_EQ(0, chmod(JFFS2_MNT "/public", 01777));
	EXPECT_EQ(EOVERFLOW, as(ALICE + 65536, make_file, JFFS2_MNT "/public/x"));
	ASSERT_EQ(0, make_file(JFFS2_MNT "/public/x"));
	EXPECT_EQ(-1, chown(JFFS2_MNT "/public/x", ALICE + 65536, -1));
	EXPECT_EQ(EOVERFLOW, errno);
	EXPECT_EQ(-1, chown(JFFS2_MNT "/public/x", -1, 65536));
	EXPECT_EQ(EOVERFLOW, errno);
	EXPECT_EQ(alice.space, jffs2_used(USRQUOTA, ALICE).space);
	EXPECT_EQ(alice.inodes, jffs2_used(USRQUOTA, ALICE).inodes);
}

/* ---- Names ------------------------------------------------------------- */

static int rename_over(const char *path)
{
	return rename(A "/new", path) ? errno : 0;
}

static int rename_longer(const char *path)
{
	return rename(path, A "/a-name-that-is-longer-than-the-old-one") ? errno : 0;
}

static int rename_equal(const char *path)
{
	return rename(path, A "/elif") ? errno : 0;
}

TEST_F_TIMEOUT(quota, rename, PATIENCE)
{
	struct jffs2_usage before, after;

	ASSERT_EQ(0, as(ALICE, write_16k, A "/old"));
	ASSERT_EQ(0, as(ALICE, write_1k, A "/new"));
	before = jffs2_used(USRQUOTA, ALICE);
	EXPECT_EQ(0, as(ALICE, rename_over, A "/old"));
	after = jffs2_used(USRQUOTA, ALICE);
	EXPECT_EQ(before.inodes - 1, after.inodes);
	EXPECT_GT(before.space - 16 * KIB, after.space);
	recount(_metadata, self->mtd);
	/* Directories, into another one, and over an empty one. */
	ASSERT_EQ(0, mkdir(A "/d1", 0755));
	ASSERT_EQ(0, mkdir(A "/d2", 0755));
	ASSERT_EQ(0, mkdir(B "/d3", 0755));
	EXPECT_EQ(0, rename(A "/old", A "/d1/old"));
	EXPECT_EQ(0, rename(A "/d1", B "/d3"));
	EXPECT_EQ(-1, rename(A "/d2", B "/d3"));
	EXPECT_EQ(ENOTEMPTY, errno);
	recount(_metadata, self->mtd);
	EXPECT_EQ(0, unlink(B "/d3/old"));
	EXPECT_EQ(0, rmdir(B "/d3"));
	EXPECT_EQ(0, rmdir(A "/d2"));
	/* One who is full can still give another name, but not a longer one. */
	ASSERT_EQ(0, as(ALICE, write_16k, A "/file"));
	ASSERT_EQ(0, jffs2_set_limit(USRQUOTA, ALICE, 1, 0));
	EXPECT_EQ(EDQUOT, as(ALICE, rename_longer, A "/file"));
	EXPECT_EQ(0, as(ALICE, rename_equal, A "/file"));
}

/* A file without a name is paid for until its last user is gone. */
TEST_F_TIMEOUT(quota, open_unlinked, PATIENCE)
{
	__u64 full;
	int fd;

	EXHAUST(write_endless, A "/file");
	full = jffs2_used(USRQUOTA, ALICE).space;
	fd = open(A "/file", O_RDONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, as(ALICE, unlink_it, A "/file"));
	EXPECT_EQ(full - NAME_COST(4), jffs2_used(USRQUOTA, ALICE).space);
	EXPECT_EQ(EDQUOT, as(ALICE, write_16k, A "/again"));
	close(fd);
	EXPECT_EQ(0, as(ALICE, unlink_it, A "/again"));
	EXPECT_EQ(0, as(ALICE, write_16k, A "/again"));
	EXPECT_EQ(-1, open(A, O_TMPFILE | O_RDWR, 0600));
	EXPECT_EQ(EOPNOTSUPP, errno);
}

/* Names that come and go leave nothing that has to be paid for. */
TEST_F_TIMEOUT(quota, names_that_come_and_go, PATIENCE)
{
	int i;

	for (i = 0; i < 5; i++) {
		EXPECT_EQ(EDQUOT, as(ALICE, make_long_names, A));
		EXPECT_EQ(0, as(ALICE, remove_below, A));
		EXPECT_EQ(INODE_COST(0), jffs2_used(USRQUOTA, ALICE).space);
	}
}

/* ---- A full flash ------------------------------------------------------ */

static int fill_flash(const char *path)
{
	int ret = append_random(path, 64 * MIB);
	int small = ret;

	/* To the last byte. */
	while (ret == ENOSPC && small == ENOSPC) {
		small = append_random(path, 100);
		if (small == ENOSPC)
			break;
	}
	return ret;
}

TEST_F_TIMEOUT(quota, full_flash, LONG)
{
	struct jffs2_usage before, after;
	int i, failed = 0;

	ASSERT_EQ(0, as(ALICE, write_16k, A "/file"));
	ASSERT_EQ(ENOSPC, as(BOB, fill_flash, B "/all"));
	before = jffs2_used(USRQUOTA, ALICE);
	for (i = 0; i < 100; i++) {
		failed += as(ALICE, write_16k, A "/more") == ENOSPC;
		as(ALICE, make_long_names, A);
		as(ALICE, make_xattrs, A);
		as(ALICE, rename_longer, A "/file");
	}
	EXPECT_LT(0, failed);
	after = jffs2_used(USRQUOTA, ALICE);
	EXPECT_LE(before.space, after.space);
	EXPECT_GE(LIMIT, after.space);
	recount(_metadata, self->mtd);
	/* Deletion works. */
	EXPECT_EQ(0, as(BOB, unlink_it, B "/all"));
	EXPECT_EQ(0, as(ALICE, remove_below, A));
	remove_xattrs(A);
	EXPECT_EQ(0, as(ALICE, write_16k, A "/file"));
}

/* ---- Two at once ------------------------------------------------------- */

TEST_F_TIMEOUT(quota, two_at_once, PATIENCE)
{
	pid_t pids[4];
	char name[64];
	int i, status;

	for (i = 0; i < 4; i++) {
		pids[i] = fork();
		ASSERT_LE(0, pids[i]);
		if (!pids[i]) {
			snprintf(name, sizeof(name), A "/%d", i);
			_exit(as(ALICE, i % 2 ? write_endless : make_fragments,
				 name));
		}
	}
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(pids[i], waitpid(pids[i], &status, 0));
		EXPECT_TRUE(WIFEXITED(status));
		EXPECT_EQ(EDQUOT, WEXITSTATUS(status));
	}
	EXPECT_GE(LIMIT, jffs2_used(USRQUOTA, ALICE).space);
	EXPECT_EQ(0, as(BOB, write_16k, B "/file"));
}

/* ---- The interfaces ---------------------------------------------------- */

static int set_own_limit(const char *path)
{
	return -jffs2_set_limit(USRQUOTA, ALICE, 0, 0);
}

static int read_usage(int uid)
{
	int fd = open(JFFS2_MNT, O_RDONLY | O_DIRECTORY);
	struct dqblk dq;
	int ret = jffs2_quotactl(fd, Q_GETQUOTA, USRQUOTA, uid, &dq) ? errno : 0;

	close(fd);
	return ret;
}

static int read_own_usage(const char *path)
{
	return read_usage(ALICE);
}

static int read_other_usage(const char *path)
{
	return read_usage(BOB);
}

TEST_F_TIMEOUT(quota, quotactl, PATIENCE)
{
	/* struct if_nextdqblk, whose header does not go with this one. */
	struct {
		__u64 dqb_bhardlimit;
		__u64 others[7];
		__u32 dqb_valid;
		__u32 id;
	} next;
	struct dqinfo info = {};
	int fd = open(JFFS2_MNT, O_RDONLY | O_DIRECTORY);
	__u32 format = 0;

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, jffs2_quotactl(fd, Q_GETFMT, USRQUOTA, 0, &format));
	EXPECT_EQ(QFMT_JFFS2, format);
	EXPECT_EQ(0, jffs2_quotactl(fd, Q_GETINFO, USRQUOTA, 0, &info));
	EXPECT_EQ(7 * 24 * 3600, info.dqi_bgrace);
	/* Who has something, or a limit, is found. */
	ASSERT_EQ(0, jffs2_set_limit(USRQUOTA, 7000, 100, 0));
	EXPECT_EQ(0, jffs2_quotactl(fd, Q_GETNEXTQUOTA, USRQUOTA, 0, &next));
	EXPECT_EQ(0, next.id);
	EXPECT_EQ(0, jffs2_quotactl(fd, Q_GETNEXTQUOTA, USRQUOTA, 1, &next));
	EXPECT_EQ(ALICE, next.id);
	EXPECT_EQ(LIMIT_KIB, next.dqb_bhardlimit);
	EXPECT_EQ(0, jffs2_quotactl(fd, Q_GETNEXTQUOTA, USRQUOTA, BOB + 1, &next));
	EXPECT_EQ(7000, next.id);
	EXPECT_EQ(-1, jffs2_quotactl(fd, Q_GETNEXTQUOTA, USRQUOTA, 7001, &next));
	EXPECT_EQ(ENOENT, errno);
	close(fd);
	EXPECT_EQ(EPERM, as(ALICE, set_own_limit, NULL));
	EXPECT_EQ(0, as(ALICE, read_own_usage, NULL));
	EXPECT_EQ(EPERM, as(ALICE, read_other_usage, NULL));
	ASSERT_EQ(0, jffs2_set_limit(USRQUOTA, ALICE, LIMIT_KIB, 0));
}

/* A limit outlives the last inode and dquot in memory. */
TEST_F_TIMEOUT(quota, limits_stay, PATIENCE)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);

	ASSERT_LE(0, fd);
	EXHAUST(write_endless, A "/file");
	EXPECT_EQ(1, write(fd, "3", 1));
	sleep(2);
	EXPECT_EQ(1, write(fd, "3", 1));
	close(fd);
	EXPECT_TRUE(jffs2_walk_agrees(ALICE));
	EXHAUST(write_endless, A "/file");
}

static bool mounted_with(const char *option)
{
	char line[1024];
	FILE *mounts = fopen("/proc/mounts", "r");
	bool found = false;

	while (mounts && fgets(line, sizeof(line), mounts)) {
		if (strstr(line, " " JFFS2_MNT " ") && strstr(line, option))
			found = true;
	}
	if (mounts)
		fclose(mounts);
	return found;
}

static int remount(unsigned long flags, const char *options)
{
	return mount(NULL, JFFS2_MNT, NULL, MS_REMOUNT | flags, options) ? -errno : 0;
}

TEST_F_TIMEOUT(quota, remount, PATIENCE)
{
	__u64 full;

	EXHAUST(write_endless, A "/file");
	full = jffs2_used(USRQUOTA, ALICE).space;
	EXPECT_EQ(0, remount(MS_RDONLY, OPTIONS));
	EXPECT_EQ(EROFS, as(ALICE, write_1k, A "/file"));
	EXPECT_EQ(0, remount(0, ""));
	EXPECT_EQ(full, jffs2_used(USRQUOTA, ALICE).space);
	EXHAUST(write_endless, A "/file");
	EXPECT_TRUE(mounted_with(",usrquota,grpquota"));
	EXPECT_EQ(-EINVAL, remount(0, "usrquota_block_hardlimit=1M"));
	/* A read-only mount counts the same; quotactl() says so for others only. */
	ASSERT_EQ(0, umount(JFFS2_MNT));
	ASSERT_EQ(0, jffs2_mount(self->mtd, MS_RDONLY, OPTIONS));
	EXPECT_EQ(0, remount(0, ""));
	EXPECT_EQ(full, jffs2_used(USRQUOTA, ALICE).space);
}

#define TOO_LARGE	"usrquota_block_hardlimit=0xffffffffffffffff"

TEST_F_TIMEOUT(quota, mount_options, PATIENCE)
{
	ASSERT_EQ(0, umount(JFFS2_MNT));
	EXPECT_EQ(-EINVAL, mount_it(self->mtd, "usrquota_block_hardlimit=64k"));
	EXPECT_EQ(-EINVAL, mount_it(self->mtd, "usrquota,grpquota_inode_hardlimit=9"));
	EXPECT_EQ(-EINVAL, mount_it(self->mtd, "usrquota,usrquota_block_hardlimit="));
	EXPECT_EQ(-EINVAL, mount_it(self->mtd, "usrquota,usrquota_block_hardlimit=0"));
	EXPECT_EQ(-EINVAL, mount_it(self->mtd, "usrquota,usrquota_block_hardlimit=64q"));
	EXPECT_EQ(-EINVAL, mount_it(self->mtd, "usrquota," TOO_LARGE));
	/* Everybody starts with a limit, root's capability apart. */
	ASSERT_EQ(0, mount_it(self->mtd,
			      "quota,usrquota_block_hardlimit=64k,grpquota_inode_hardlimit=100"));
	EXPECT_TRUE(mounted_with(",usrquota,usrquota_block_hardlimit=65536,"));
	EXPECT_TRUE(mounted_with(",grpquota,grpquota_inode_hardlimit=100"));
	EXPECT_EQ(EDQUOT, as(ALICE, write_endless, A "/file"));
	EXPECT_GE(LIMIT, jffs2_used(USRQUOTA, ALICE).space);
	EXPECT_EQ(EDQUOT, as(BOB, write_endless, B "/file"));
	EXPECT_EQ(0, append_random(JFFS2_MNT "/file", 128 * KIB));
	EXPECT_EQ(0, unlink(JFFS2_MNT "/file"));
	/* One who gets no limit at all. */
	ASSERT_EQ(0, jffs2_set_limit(USRQUOTA, BOB, 0, 0));
	EXPECT_EQ(0, as(BOB, write_16k, B "/file"));
	ASSERT_EQ(0, umount(JFFS2_MNT));
	/* Without quota there is none, and it cannot come later. */
	ASSERT_EQ(0, mount_it(self->mtd, NULL));
	EXPECT_EQ(UINT64_MAX, jffs2_used(USRQUOTA, ALICE).space);
	EXPECT_EQ(0, as(ALICE, write_16k, A "/more"));
	EXPECT_EQ(-EINVAL, remount(0, "usrquota"));
	ASSERT_EQ(0, umount(JFFS2_MNT));
	/* Users only. */
	ASSERT_EQ(0, mount_it(self->mtd, "usrquota"));
	EXPECT_TRUE(jffs2_walk_agrees(ALICE));
	EXPECT_EQ(UINT64_MAX, jffs2_used(GRPQUOTA, ALICE).space);
	ASSERT_EQ(0, umount(JFFS2_MNT));
	ASSERT_EQ(0, mount_it(self->mtd, OPTIONS));
}

/* ---- Without memory ---------------------------------------------------- */

/* More allocations than any operation has. */
#define ALLOCATIONS	400

#define FILE_F		A "/file"
#define NEW_F		A "/new"

static int say(int failed)
{
	return failed ? -errno : 0;
}

static int clean(void)
{
	remove_below(A);
	return say(mknod(FILE_F, S_IFREG | 0600, 0) ||
		   setxattr(FILE_F, "user.a", "1", 1, 0) ||
		   setxattr(FILE_F, "user.a", "22", 2, 0));
}

static int op_create(void)
{
	int fd = creat(NEW_F, 0600);
	int ret = say(fd < 0);

	close(fd);
	return ret;
}

static int op_write(void)
{
	static unsigned char bytes[2 * 4096 + 100];
	int fd, ret;

	jffs2_random(bytes, sizeof(bytes));
	fd = open(FILE_F, O_WRONLY);
	ret = say(fd < 0 || write(fd, bytes, sizeof(bytes)) < 0);
	close(fd);
	return ret;
}

static int op_extend(void)
{
	return say(truncate(FILE_F, 10000));
}

static int op_cut(void)
{
	return say(truncate(FILE_F, 0));
}

static int op_mkdir(void)
{
	return say(mkdir(NEW_F, 0700));
}

static int op_symlink(void)
{
	return say(symlink("a target that is not there", NEW_F));
}

static int op_fifo(void)
{
	return say(mkfifo(NEW_F, 0600));
}

static int op_link(void)
{
	return say(link(FILE_F, NEW_F));
}

static int op_rename(void)
{
	return say(rename(FILE_F, NEW_F));
}

static int op_unlink(void)
{
	return say(unlink(FILE_F));
}

static int op_set_xattr(void)
{
	return say(setxattr(FILE_F, "user.b", "value", 5, 0));
}

static int op_replace_xattr(void)
{
	return say(setxattr(FILE_F, "user.a", "value", 5, 0));
}

static int op_remove_xattr(void)
{
	return say(removexattr(FILE_F, "user.a"));
}

static int op_chown(void)
{
	return say(chown(FILE_F, -1, CLUB));
}

static const struct {
	const char *name;
	int (*act)(void);
} operations[] = {
	{ "create", op_create },
	{ "write", op_write },
	{ "extend", op_extend },
	{ "cut", op_cut },
	{ "mkdir", op_mkdir },
	{ "symlink", op_symlink },
	{ "fifo", op_fifo },
	{ "link", op_link },
	{ "rename", op_rename },
	{ "unlink", op_unlink },
	{ "set an attribute", op_set_xattr },
	{ "replace an attribute", op_replace_xattr },
	{ "remove an attribute", op_remove_xattr },
	{ "change the group", op_chown },
};

/*
 * As Alice, lets each allocation of an operation fail in turn, which starts from
 * the same state each time. The exit status says what is wrong.
 */
static int starve(int (*act)(void))
{
	gid_t club = CLUB;
	int fail = sphere_fail_open(), error;
	unsigned int n;

	if (fail < 0)
		return 1;
	if (setgroups(1, &club) || setresgid(ALICE, ALICE, ALICE) ||
	    setresuid(ALICE, ALICE, ALICE))
		return 2;
	for (n = 1; n < ALLOCATIONS; n++) {
		if (clean())
			return 3;
		sphere_fail_nth(fail, n);
		error = act();
		if (!sphere_has_failed(fail))
			return error ? 4 : n == 1 ? 5 : 0;
		if (error && error != -ENOMEM) {
			printf("# allocation %u: %s\n", n, strerror(-error));
			return 6;
		}
	}
	return 7;
}

TEST_F_TIMEOUT(quota, no_memory, LONG)
{
	unsigned int i;
	int status;
	pid_t pid;

	/*
	 * The simulated NAND takes memory for each page that is written, so that
	 * pages fail, and JFFS2 sleeps in atomic context when it recovers from
	 * that (jffs2_wbuf_recover()), with quota or without.
	 */
	if (variant->nand)
		SKIP(return, "JFFS2 does not cope with pages that fail");
	if (sphere_fail_begin())
		SKIP(return, "no CONFIG_FAULT_INJECTION, or no CONFIG_FAILSLAB");
	for (i = 0; i < ARRAY_SIZE(operations); i++) {
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid)
			_exit(starve(operations[i].act));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_EQ(0, status) {
			TH_LOG("%s: status %#x", operations[i].name, status);
		}
		recount(_metadata, self->mtd);
	}
}

/* Is there, and right, or is not there. */
TEST_F_TIMEOUT(quota, no_memory_to_mount, LONG)
{
	int fail = sphere_fail_open();
	bool has_failed = true;
	unsigned int n;
	int error;

	if (fail < 0 || sphere_fail_begin())
		SKIP(return, "no CONFIG_FAULT_INJECTION, or no CONFIG_FAILSLAB");
	ASSERT_EQ(0, as(ALICE, write_16k, A "/file"));
	ASSERT_EQ(0, umount(JFFS2_MNT));
	for (n = 1; n < 20 * ALLOCATIONS && has_failed; n++) {
		sphere_fail_nth(fail, n);
		error = mount_it(self->mtd, OPTIONS);
		has_failed = sphere_has_failed(fail);
		if (error) {
			/* JFFS2 calls whatever it cannot build -EIO. */
			EXPECT_TRUE(error == -ENOMEM || error == -EIO) {
				TH_LOG("allocation %u: %s", n, strerror(-error));
			}
			continue;
		}
		EXPECT_TRUE(jffs2_walk_agrees(ALICE)) {
			TH_LOG("allocation %u", n);
		}
		ASSERT_EQ(0, umount(JFFS2_MNT));
	}
	EXPECT_FALSE(has_failed);
	EXPECT_EQ(0, error);
	close(fail);
	ASSERT_EQ(0, mount_it(self->mtd, OPTIONS));
}

TEST_HARNESS_MAIN
