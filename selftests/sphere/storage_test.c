// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - Storage on flash
 *
 * No limit is set on the file system here: it is the identity that has it.
 */

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "jffs2_common.h"
#include "sphere_common.h"

/* Only this test uses these, so that no other holds their uids. */
#define APP		1500
#define SIBLING		1501
#define WITHOUT		1502
#define WEARING		1503
#define NOBODYS_UID	4711

#define STORAGE		(64 * KIB)

#define OWN		JFFS2_MNT "/own"
#define SIBLINGS	JFFS2_MNT "/siblings"
#define PUBLIC		JFFS2_MNT "/public"

/* A reservation for a page: less than this can be left when EDQUOT comes. */
#define SLACK		(4096 + 4 * INODE_COST(0))

static int start(struct sphere_agent *agent, int who, __u64 storage)
{
	struct sphere_blob record;
	const struct sphere_start how = {
		.who = who,
		.record = &record,
		.uid = sphere_uid(who),
	};

	sphere_record_application(&record, who);
	sphere_header(&record)->storage_bytes = htole64(storage);
	return sphere_agent_start_patiently(agent, &how);
}

static int start_nobody(struct sphere_agent *agent)
{
	const struct sphere_start how = {
		.who = SPHERE_NOBODY,
		.uid = NOBODYS_UID,
	};

	return sphere_agent_start_patiently(agent, &how);
}

/* Appends until an error comes or @a bytes are written. */
static long do_write(const struct sphere_call *call)
{
	unsigned char bytes[4096];
	int fd = open(call->text, O_WRONLY | O_CREAT | O_APPEND, 0600);
	long ret = 0, left;

	if (fd < 0)
		return -errno;
	for (left = call->a; !ret && left > 0; left -= sizeof(bytes)) {
		jffs2_random(bytes, sizeof(bytes));
		if (write(fd, bytes, sizeof(bytes)) < 0)
			ret = -errno;
	}
	close(fd);
	return ret;
}

static long do_chmod(const struct sphere_call *call)
{
	return chmod(call->text, call->a) ? -errno : 0;
}

static long do_truncate(const struct sphere_call *call)
{
	return truncate(call->text, call->a) ? -errno : 0;
}

static long do_mkdir(const struct sphere_call *call)
{
	return mkdir(call->text, 0700) ? -errno : 0;
}

static long do_symlink(const struct sphere_call *call)
{
	return symlink("target", call->text) ? -errno : 0;
}

static long do_fifo(const struct sphere_call *call)
{
	return mknod(call->text, S_IFIFO | 0600, 0) ? -errno : 0;
}

static long do_setxattr(const struct sphere_call *call)
{
	return setxattr(call->text, "user.x", "1", 1, 0) ? -errno : 0;
}

/* Links, or renames, PUBLIC/file to the path. */
static long do_link(const struct sphere_call *call)
{
	return link(PUBLIC "/file", call->text) ? -errno : 0;
}

static long do_rename(const struct sphere_call *call)
{
	return rename(PUBLIC "/file", call->text) ? -errno : 0;
}

static long do_unlink(const struct sphere_call *call)
{
	return unlink(call->text) ? -errno : 0;
}

static long do_read(const struct sphere_call *call)
{
	char byte;
	int fd = open(call->text, O_RDONLY);
	long ret;

	if (fd < 0)
		return -errno;
	ret = read(fd, &byte, 1) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

/* Changes a mode again and again; how often that worked, if EDQUOT came. */
static long do_wear(const struct sphere_call *call)
{
	long i;

	for (i = 0; i < call->a; i++) {
		if (chmod(call->text, i & 1 ? 0600 : 0644))
			return errno == EDQUOT ? i : -errno;
	}
	return -ETIME;
}

/* Seconds: a kernel with KASAN takes its time to write. */
#define PATIENCE	120
#define LONG		900

FIXTURE(storage)
{
	int mtd;
	struct sphere_agent app, sibling;
};

static int mount_fresh(int mtd, const char *options)
{
	int ret = jffs2_mtd_erase(mtd);

	if (!ret)
		ret = jffs2_mount(mtd, 0, options);
	return ret;
}

static int make_directory(const char *path, uid_t uid, mode_t mode)
{
	if (mkdir(path, 0755) || chmod(path, mode) || chown(path, uid, uid))
		return -errno;
	return 0;
}

/* A new file of the manager's, or one that there is. */
static int write_new(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return -errno;
	close(fd);
	return sphere_write_text(path, text);
}

static int populate(void)
{
	int ret = make_directory(OWN, sphere_uid(APP), 0755);

	if (!ret)
		ret = make_directory(SIBLINGS, sphere_uid(SIBLING), 0755);
	if (!ret)
		ret = make_directory(PUBLIC, 0, 01777);
	if (!ret)
		ret = write_new(PUBLIC "/file", "for everybody");
	if (!ret && chmod(PUBLIC "/file", 0666))
		ret = -errno;
	return ret;
}

FIXTURE_SETUP(storage)
{
	self->mtd = jffs2_mtd_find("mtdram");
	if (self->mtd < 0)
		SKIP(return, "there is no flash in RAM");
	mkdir(JFFS2_MNT, 0755);
	/* What a test that was stopped has left. */
	umount2(JFFS2_MNT, MNT_DETACH);
	/* They start first: the limit does not depend on the order. */
	ASSERT_EQ(0, start(&self->app, APP, STORAGE));
	ASSERT_EQ(0, start(&self->sibling, SIBLING, STORAGE));
	ASSERT_EQ(0, mount_fresh(self->mtd, "usrquota"));
	ASSERT_EQ(0, populate());
}

FIXTURE_TEARDOWN(storage)
{
	if (self->mtd < 0)
		return;
	sphere_agent_stop(&self->app);
	sphere_agent_stop(&self->sibling);
	EXPECT_TRUE(jffs2_walk_agrees(0));
	EXPECT_TRUE(jffs2_walk_agrees(sphere_uid(APP)));
	EXPECT_TRUE(jffs2_walk_agrees(sphere_uid(SIBLING)));
	EXPECT_EQ(0, umount(JFFS2_MNT));
}

TEST_F_TIMEOUT(storage, quota_of_the_identity, PATIENCE)
{
	EXPECT_EQ(-EDQUOT, sphere_call(&self->app, do_write, MIB, 0, OWN "/file"));
	EXPECT_GE(STORAGE, jffs2_used(USRQUOTA, sphere_uid(APP)).space);
	EXPECT_LE(STORAGE - SLACK, jffs2_used(USRQUOTA, sphere_uid(APP)).space);
	/* Everything else that would grow. */
	EXPECT_EQ(-EDQUOT, sphere_call(&self->app, do_write, MIB, 0, OWN "/file"));
	EXPECT_EQ(-EDQUOT, sphere_call(&self->app, do_write, MIB, 0, OWN "/other"));
	/* What does not grow, and deletion. */
	EXPECT_EQ(0, sphere_call(&self->app, do_chmod, 0640, 0, OWN "/file"));
	EXPECT_EQ(0, sphere_call(&self->app, do_truncate, 0, 0, OWN "/file"));
	EXPECT_EQ(0, sphere_call(&self->app, do_write, 8192, 0, OWN "/file"));
	EXPECT_EQ(0, sphere_call(&self->app, do_unlink, 0, 0, OWN "/file"));
	/* The sibling has all of its own. */
	EXPECT_EQ(0, sphere_call(&self->sibling, do_write, 40 * KIB, 0, SIBLINGS "/file"));
}

TEST_F_TIMEOUT(storage, limits_of_the_file_system_hold_too, PATIENCE)
{
	ASSERT_EQ(0, jffs2_set_limit(USRQUOTA, sphere_uid(APP), 16, 0));
	EXPECT_EQ(-EDQUOT, sphere_call(&self->app, do_write, MIB, 0, OWN "/file"));
	EXPECT_GE(16 * KIB, jffs2_used(USRQUOTA, sphere_uid(APP)).space);
	ASSERT_EQ(0, jffs2_set_limit(USRQUOTA, sphere_uid(APP), 0, 0));
	EXPECT_EQ(-EDQUOT, sphere_call(&self->app, do_write, MIB, 0, OWN "/file"));
	EXPECT_LT(16 * KIB, jffs2_used(USRQUOTA, sphere_uid(APP)).space);
	EXPECT_GE(STORAGE, jffs2_used(USRQUOTA, sphere_uid(APP)).space);
}

/* What others pay for is not for an application, whatever the modes say. */
TEST_F_TIMEOUT(storage, not_at_the_expense_of_others, PATIENCE)
{
	__u64 root = jffs2_used(USRQUOTA, 0).space;

	EXPECT_EQ(0, sphere_call(&self->sibling, do_read, 0, 0, PUBLIC "/file"));
	EXPECT_EQ(-EDQUOT, sphere_call(&self->sibling, do_write, 4096, 0, PUBLIC "/file"));
	EXPECT_EQ(-EDQUOT, sphere_call(&self->sibling, do_truncate, 100000, 0, PUBLIC "/file"));
	EXPECT_EQ(-EDQUOT, sphere_call(&self->sibling, do_write, 1, 0, PUBLIC "/new"));
	EXPECT_EQ(-EDQUOT, sphere_call(&self->sibling, do_mkdir, 0, 0, PUBLIC "/new"));
	EXPECT_EQ(-EDQUOT, sphere_call(&self->sibling, do_symlink, 0, 0, PUBLIC "/new"));
	EXPECT_EQ(-EDQUOT, sphere_call(&self->sibling, do_fifo, 0, 0, PUBLIC "/new"));
	EXPECT_EQ(-EDQUOT, sphere_call(&self->sibling, do_link, 0, 0, PUBLIC "/new"));
	EXPECT_EQ(-EDQUOT, sphere_call(&self->sibling, do_setxattr, 0, 0, PUBLIC "/file"));
	/* Nor those of another application. */
	ASSERT_EQ(0, chmod(OWN, 0777));
	EXPECT_EQ(-EDQUOT, sphere_call(&self->sibling, do_mkdir, 0, 0, OWN "/new"));
	EXPECT_EQ(-EDQUOT, sphere_call(&self->sibling, do_link, 0, 0, OWN "/new"));
	EXPECT_EQ(root, jffs2_used(USRQUOTA, 0).space);
	EXPECT_EQ(INODE_COST(0), jffs2_used(USRQUOTA, sphere_uid(APP)).space);
	EXPECT_EQ(0, sphere_call(&self->sibling, do_write, 4096, 0, SIBLINGS "/file"));
}

static void cannot_write(struct __test_metadata *_metadata,
			 struct sphere_agent *agent, uid_t uid)
{
	ASSERT_EQ(0, make_directory(JFFS2_MNT "/theirs", uid, 0755));
	ASSERT_EQ(0, write_new(JFFS2_MNT "/theirs/file", "text"));
	ASSERT_EQ(0, chown(JFFS2_MNT "/theirs/file", uid, uid));
	EXPECT_EQ(-EDQUOT, sphere_call(agent, do_write, 1, 0, JFFS2_MNT "/theirs/new"));
	EXPECT_EQ(-EDQUOT, sphere_call(agent, do_write, 1, 0, JFFS2_MNT "/theirs/file"));
	EXPECT_EQ(-EDQUOT, sphere_call(agent, do_mkdir, 0, 0, JFFS2_MNT "/theirs/new"));
	EXPECT_EQ(-EDQUOT, sphere_call(agent, do_symlink, 0, 0, JFFS2_MNT "/theirs/new"));
	EXPECT_EQ(-EDQUOT, sphere_call(agent, do_fifo, 0, 0, JFFS2_MNT "/theirs/new"));
	EXPECT_EQ(-EDQUOT, sphere_call(agent, do_setxattr, 0, 0, JFFS2_MNT "/theirs/file"));
	EXPECT_EQ(-EDQUOT, sphere_call(agent, do_chmod, 0600, 0, JFFS2_MNT "/theirs/file"));
	EXPECT_EQ(-EDQUOT, sphere_call(agent, do_truncate, 100, 0, JFFS2_MNT "/theirs/file"));
	EXPECT_EQ(0, sphere_call(agent, do_read, 0, 0, JFFS2_MNT "/theirs/file"));
	EXPECT_EQ(0, sphere_call(agent, do_unlink, 0, 0, JFFS2_MNT "/theirs/file"));
}

TEST_F_TIMEOUT(storage, none_granted, PATIENCE)
{
	struct sphere_agent without;

	ASSERT_EQ(0, start(&without, WITHOUT, 0));
	cannot_write(_metadata, &without, sphere_uid(WITHOUT));
	EXPECT_EQ(0, sphere_agent_stop(&without));
}

TEST_F_TIMEOUT(storage, no_identity, PATIENCE)
{
	struct sphere_agent nobody;

	ASSERT_EQ(0, start_nobody(&nobody));
	cannot_write(_metadata, &nobody, NOBODYS_UID);
	EXPECT_EQ(0, sphere_agent_stop(&nobody));
}

/* Where nobody counts, a limit cannot be kept. */
TEST_F_TIMEOUT(storage, file_system_without_quota, PATIENCE)
{
	ASSERT_EQ(0, umount(JFFS2_MNT));
	ASSERT_EQ(0, mount_fresh(self->mtd, NULL));
	ASSERT_EQ(0, populate());
	EXPECT_EQ(-EDQUOT, sphere_call(&self->app, do_write, 1, 0, OWN "/file"));
	EXPECT_EQ(-EDQUOT, sphere_call(&self->app, do_mkdir, 0, 0, OWN "/new"));
	EXPECT_EQ(0, write_new(OWN "/file", "by the manager"));
	ASSERT_EQ(0, umount(JFFS2_MNT));
	ASSERT_EQ(0, mount_fresh(self->mtd, "usrquota"));
}

#define WORN		JFFS2_MNT "/worn"

/* By the smallest thing that can be written, a node without data. */
TEST_F_TIMEOUT(storage, wear, LONG)
{
	const long budget = MIB;
	struct sphere_agent wearing;
	long times;

	ASSERT_EQ(0, make_directory(WORN, sphere_uid(WEARING), 0755));
	ASSERT_EQ(0, start(&wearing, WEARING, KIB));
	ASSERT_EQ(0, sphere_call(&wearing, do_fifo, 0, 0, WORN "/fifo"));
	ASSERT_EQ(0, sphere_call(&wearing, do_fifo, 0, 0, WORN "/second"));
	times = sphere_call(&wearing, do_wear, budget, 0, WORN "/fifo");
	EXPECT_GE(budget / INODE_COST(0), times);
	EXPECT_LE(budget / INODE_COST(0) - 10, times);
	/* It has not got larger, and still nothing can be written any more, */
	EXPECT_GT(KIB, jffs2_used(USRQUOTA, sphere_uid(WEARING)).space);
	EXPECT_EQ(-EDQUOT, sphere_call(&wearing, do_chmod, 0600, 0, WORN "/fifo"));
	EXPECT_EQ(-EDQUOT, sphere_call(&wearing, do_fifo, 0, 0, WORN "/new"));
	EXPECT_EQ(-EDQUOT, sphere_call(&wearing, do_setxattr, 0, 0, WORN));
	/* but deleted. */
	EXPECT_EQ(0, sphere_call(&wearing, do_unlink, 0, 0, WORN "/second"));
	/* A new start is no new budget. */
	EXPECT_EQ(0, sphere_agent_stop(&wearing));
	ASSERT_EQ(0, start(&wearing, WEARING, KIB));
	EXPECT_EQ(-EDQUOT, sphere_call(&wearing, do_chmod, 0600, 0, WORN "/fifo"));
	EXPECT_EQ(0, sphere_call(&wearing, do_unlink, 0, 0, WORN "/fifo"));
	EXPECT_EQ(0, sphere_agent_stop(&wearing));
	EXPECT_EQ(0, sphere_call(&self->app, do_write, 8192, 0, OWN "/file"));
}

/* A rename into a directory of one's own is paid for there. */
TEST_F_TIMEOUT(storage, rename, PATIENCE)
{
	ASSERT_EQ(0, chown(PUBLIC "/file", sphere_uid(APP), 0));
	EXPECT_EQ(-EDQUOT, sphere_call(&self->app, do_rename, 0, 0, PUBLIC "/another"));
	EXPECT_EQ(0, sphere_call(&self->app, do_rename, 0, 0, OWN "/moved"));
}

int main(int argc, char **argv)
{
	sphere_begin(argc, argv);
	return test_harness_run(argc, argv);
}
