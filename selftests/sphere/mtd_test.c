// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - Raw MTD partitions
 *
 * On each of two simulated chips, one of RAM and one of NAND, there are three
 * partitions. What tests know as an application has been granted to read
 * "config", and to read and write "data", but nothing of "other"; see
 * sphere_record_full().
 */

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <linux/blkpg.h>
#include <linux/fs.h>
#include <linux/major.h>
#include <linux/mount.h>

#include "kselftest_harness.h"
#include "sphere_common.h"
#include "sphere_mtd.h"

/* Only this test uses these, so that no other holds their uids. */
#define APP		1300
#define SIBLING		1301

/* Of no component. */
#define STRANGER_UID	12345

enum partition {
	CONFIG,
	DATA,
	OTHER,
	PARTITIONS,
};

static const char *const names[] = {
	[CONFIG] = "config",
	[DATA] = "data",
	[OTHER] = "other",
	/* What some tests add. */
	[PARTITIONS] = "spare",
	[PARTITIONS + 1] = NULL,
};

/* Erase blocks of a partition, and the first block of the first one. */
#define BLOCKS		2
#define FIRST_BLOCK	4

/* Of a partition that is large enough for a file system. */
#define SPARE_BLOCK	16
#define SPARE_BLOCKS	8

/* What is larger than any device, and a multiple of all block sizes. */
#define BEYOND		0x10000000000ULL

/*
 * Operations on an open device. Each returns 0 or more, or a negative errno.
 */
static struct mtd_info_user geometry;
static __u8 buffer[4096];

static int result(long ret)
{
	return ret < 0 ? -errno : (int)ret;
}

static int op_read(int fd)
{
	return result(pread(fd, buffer, 16, 8));
}

static int op_read_nothing(int fd)
{
	return result(pread(fd, buffer, 0, 0));
}

static int op_read_beyond(int fd)
{
	return result(pread(fd, buffer, 16, BEYOND));
}

static int op_read_at_pos(int fd)
{
	return result(read(fd, buffer, 16));
}

static int op_readv(int fd)
{
	struct iovec part = { buffer, 16 };

	return result(preadv(fd, &part, 1, 0));
}

static int op_get_info(int fd)
{
	struct mtd_info_user info;

	return result(ioctl(fd, MEMGETINFO, &info));
}

static int op_get_region_count(int fd)
{
	int count;

	return result(ioctl(fd, MEMGETREGIONCOUNT, &count));
}

static int op_get_region_info(int fd)
{
	struct region_info_user region = {};

	return result(ioctl(fd, MEMGETREGIONINFO, &region));
}

static int op_get_oobsel(int fd)
{
	struct nand_oobinfo oob;

	return result(ioctl(fd, MEMGETOOBSEL, &oob));
}

static int op_get_layout(int fd)
{
	static struct nand_ecclayout_user layout;

	return result(ioctl(fd, ECCGETLAYOUT, &layout));
}

static int op_get_stats(int fd)
{
	struct mtd_ecc_stats stats;

	return result(ioctl(fd, ECCGETSTATS, &stats));
}

static int op_otp_select(int fd)
{
	int mode = MTD_OTP_USER;

	return result(ioctl(fd, OTPSELECT, &mode));
}

static int op_otp_deselect(int fd)
{
	int mode = MTD_OTP_OFF;

	return result(ioctl(fd, OTPSELECT, &mode));
}

static int op_otp_count(int fd)
{
	int count;

	return result(ioctl(fd, OTPGETREGIONCOUNT, &count));
}

static int op_otp_info(int fd)
{
	return result(ioctl(fd, OTPGETREGIONINFO, buffer));
}

static int op_mode_raw(int fd)
{
	return result(ioctl(fd, MTDFILEMODE, MTD_FILE_MODE_RAW));
}

static int op_mode_normal(int fd)
{
	return result(ioctl(fd, MTDFILEMODE, MTD_FILE_MODE_NORMAL));
}

static int op_reread_partitions(int fd)
{
	return result(ioctl(fd, BLKRRPART, 0));
}

static int op_read_oob(int fd)
{
	struct mtd_oob_buf oob = { .length = 8, .ptr = buffer };

	return result(ioctl(fd, MEMREADOOB, &oob));
}

static int op_read_oob64(int fd)
{
	struct mtd_oob_buf64 oob = {
		.length = 8,
		.usr_ptr = (uintptr_t)buffer,
	};

	return result(ioctl(fd, MEMREADOOB64, &oob));
}

static int op_mem_read(int fd)
{
	struct mtd_read_req request = {
		.len = 16,
		.usr_data = (uintptr_t)buffer,
	};

	return result(ioctl(fd, MEMREAD, &request));
}

static int op_is_locked(int fd)
{
	struct erase_info_user range = { .length = geometry.erasesize };

	return result(ioctl(fd, MEMISLOCKED, &range));
}

static int op_is_bad(int fd)
{
	loff_t at = 0;

	return result(ioctl(fd, MEMGETBADBLOCK, &at));
}

static int op_write(int fd)
{
	memset(buffer, 0x5a, geometry.writesize);
	return result(pwrite(fd, buffer, geometry.writesize, 0));
}

static int op_write_nothing(int fd)
{
	return result(pwrite(fd, buffer, 0, 0));
}

static int op_writev(int fd)
{
	struct iovec part = { buffer, geometry.writesize };

	memset(buffer, 0xa5, geometry.writesize);
	return result(pwritev(fd, &part, 1, geometry.writesize));
}

static int op_write_beyond(int fd)
{
	return result(pwrite(fd, buffer, geometry.writesize, BEYOND));
}

static int op_erase(int fd)
{
	struct erase_info_user range = { .length = geometry.erasesize };

	return result(ioctl(fd, MEMERASE, &range));
}

static int op_erase64(int fd)
{
	struct erase_info_user64 range = {
		.start = geometry.erasesize,
		.length = geometry.erasesize,
	};

	return result(ioctl(fd, MEMERASE64, &range));
}

/* Not in the first pages of the block, where bad ones have their mark. */
static int op_write_oob(int fd)
{
	struct mtd_oob_buf oob = {
		.start = geometry.erasesize + 4 * geometry.writesize,
		.length = 8,
		.ptr = buffer,
	};

	memset(buffer, 0x77, 8);
	return result(ioctl(fd, MEMWRITEOOB, &oob));
}

static int op_write_oob64(int fd)
{
	struct mtd_oob_buf64 oob = {
		.start = geometry.erasesize + 5 * geometry.writesize,
		.length = 8,
		.usr_ptr = (uintptr_t)buffer,
	};

	memset(buffer, 0x77, 8);
	return result(ioctl(fd, MEMWRITEOOB64, &oob));
}

static int op_mem_write(int fd)
{
	struct mtd_write_req request = {
		.start = geometry.erasesize + 3 * geometry.writesize,
		.len = geometry.writesize,
		.usr_data = (uintptr_t)buffer,
		.mode = MTD_OPS_PLACE_OOB,
	};

	memset(buffer, 0x33, geometry.writesize);
	return result(ioctl(fd, MEMWRITE, &request));
}

static int op_lock(int fd)
{
	struct erase_info_user range = { .length = geometry.erasesize };

	return result(ioctl(fd, MEMLOCK, &range));
}

static int op_unlock(int fd)
{
	struct erase_info_user range = { .length = geometry.erasesize };

	return result(ioctl(fd, MEMUNLOCK, &range));
}

/* Where it is allowed, it must not work: a block stays bad for ever. */
static int op_set_bad_beyond(int fd)
{
	loff_t at = BEYOND;

	return result(ioctl(fd, MEMSETBADBLOCK, &at));
}

static int op_set_bad(int fd)
{
	loff_t at = 0;

	return result(ioctl(fd, MEMSETBADBLOCK, &at));
}

static int op_otp_lock(int fd)
{
	struct otp_info range = { .length = 8 };

	return result(ioctl(fd, OTPLOCK, &range));
}

static int op_otp_erase(int fd)
{
	struct otp_info range = { .length = 8 };

	return result(ioctl(fd, OTPERASE, &range));
}

/* What an operation does, and what Linux has against it by itself. */
enum kind {
	READS,		/* EBADF if the file was not opened for that */
	ASKS,		/* an ioctl, however the file was opened */
	WRITES,		/* EBADF if the file was not opened for that */
	CHANGES,	/* an ioctl, EPERM if the file was opened for reading */
	NOT_HERE,	/* CHANGES, but first EINVAL: no such file mode here */
	FOR_GOOD,	/* CHANGES what cannot be undone: not where it works */
};

/* Where an operation has to work for those who may. */
enum chips {
	NOWHERE,
	ON_NAND,
	ON_BOTH,
};

static const struct operation {
	const char *name;
	int (*run)(int fd);
	enum kind kind;
	enum chips works;
} operations[] = {
	{ "read", op_read, READS, ON_BOTH },
	{ "read nothing", op_read_nothing, READS, ON_BOTH },
	{ "read beyond the end", op_read_beyond, READS, ON_BOTH },
	{ "read at the position", op_read_at_pos, READS, ON_BOTH },
	{ "preadv", op_readv, READS, ON_BOTH },
	{ "MEMGETINFO", op_get_info, ASKS, ON_BOTH },
	{ "MEMGETREGIONCOUNT", op_get_region_count, ASKS, ON_BOTH },
	{ "MEMGETREGIONINFO", op_get_region_info, ASKS, NOWHERE },
	{ "MEMGETOOBSEL", op_get_oobsel, ASKS, ON_NAND },
	{ "ECCGETLAYOUT", op_get_layout, ASKS, ON_NAND },
	{ "ECCGETSTATS", op_get_stats, ASKS, ON_BOTH },
	{ "OTPSELECT", op_otp_select, ASKS, NOWHERE },
	{ "OTPSELECT off", op_otp_deselect, ASKS, ON_BOTH },
	{ "OTPGETREGIONCOUNT", op_otp_count, ASKS, NOWHERE },
	{ "OTPGETREGIONINFO", op_otp_info, ASKS, NOWHERE },
	{ "MTDFILEMODE raw", op_mode_raw, ASKS, ON_NAND },
	{ "MTDFILEMODE normal", op_mode_normal, ASKS, ON_BOTH },
	{ "BLKRRPART", op_reread_partitions, ASKS, ON_BOTH },
	{ "MEMREADOOB", op_read_oob, ASKS, ON_NAND },
	{ "MEMREADOOB64", op_read_oob64, ASKS, ON_NAND },
	{ "MEMREAD", op_mem_read, ASKS, ON_NAND },
	{ "MEMISLOCKED", op_is_locked, ASKS, NOWHERE },
	{ "MEMGETBADBLOCK", op_is_bad, ASKS, ON_BOTH },
	{ "MEMERASE", op_erase, CHANGES, ON_BOTH },
	{ "MEMERASE64", op_erase64, CHANGES, ON_BOTH },
	{ "pwrite", op_write, WRITES, ON_BOTH },
	{ "pwrite nothing", op_write_nothing, WRITES, ON_BOTH },
	{ "pwritev", op_writev, WRITES, ON_BOTH },
	{ "pwrite beyond the end", op_write_beyond, WRITES, NOWHERE },
	{ "MEMWRITEOOB", op_write_oob, CHANGES, ON_NAND },
	{ "MEMWRITEOOB64", op_write_oob64, CHANGES, ON_NAND },
	{ "MEMWRITE", op_mem_write, CHANGES, ON_NAND },
	{ "MEMLOCK", op_lock, CHANGES, NOWHERE },
	{ "MEMUNLOCK", op_unlock, CHANGES, NOWHERE },
	{ "MEMSETBADBLOCK beyond the end", op_set_bad_beyond, CHANGES,
	  NOWHERE },
	{ "MEMSETBADBLOCK", op_set_bad, FOR_GOOD, ON_NAND },
	{ "OTPLOCK", op_otp_lock, NOT_HERE, NOWHERE },
	{ "OTPERASE", op_otp_erase, NOT_HERE, NOWHERE },
};

#define OPERATIONS	ARRAY_SIZE(operations)

/* What agents do for the test. */
static long do_operation(const struct sphere_call *call)
{
	/* Agents have been executed anew, and have not seen the chip. */
	if (sscanf(call->text, "%u %u", &geometry.erasesize,
		   &geometry.writesize) != 2)
		return -EBADMSG;
	return operations[call->b].run(call->a);
}

static long do_open(const struct sphere_call *call)
{
	return result(open(call->text, call->a | O_CLOEXEC));
}

static long do_close(const struct sphere_call *call)
{
	return result(close(call->a));
}

static long do_dup(const struct sphere_call *call)
{
	return result(dup(call->a));
}

static long do_write_file(const struct sphere_call *call)
{
	return sphere_write_text(call->text, "7\n");
}

static long do_read_file(const struct sphere_call *call)
{
	struct sphere_blob blob;

	return sphere_read_file(call->text, &blob);
}

static long do_map(const struct sphere_call *call)
{
	void *at = mmap(NULL, 4096, PROT_READ, call->b, call->a, 0);

	return at == MAP_FAILED ? -errno : 0;
}

static long do_sendfile(const struct sphere_call *call)
{
	int fds[2], error;

	if (pipe(fds))
		return -errno;
	error = result(splice(call->a, NULL, fds[1], NULL, 16, 0));
	close(fds[0]);
	close(fds[1]);
	return error;
}

/* Receives a file over the socket. */
static long do_receive(const struct sphere_call *call)
{
	return sphere_receive_fd(call->a);
}

/* Takes file @b of process @a. */
static long do_getfd(const struct sphere_call *call)
{
	return sphere_take_fd(call->a, call->b);
}

FIXTURE(mtd)
{
	struct sphere_mtd_chip chip;
	int index[PARTITIONS];
	/* What the manager gets on OTHER. */
	int expected[OPERATIONS];
	struct sphere_agent app;
};

FIXTURE_VARIANT(mtd)
{
	int type;
};

FIXTURE_VARIANT_ADD(mtd, mtdram)
{
	.type = MTD_RAM,
};

FIXTURE_VARIANT_ADD(mtd, nandsim)
{
	.type = MTD_NANDFLASH,
};

static int open_index(int index, int flags)
{
	char path[PATH_MAX];

	sphere_mtd_path(path, index, SPHERE_MTD_CHAR);
	return result(open(path, flags));
}

static int erase_blocks(int index, unsigned int blocks)
{
	int fd = open_index(index, O_RDWR | O_CLOEXEC), error;
	struct erase_info_user range = {
		.length = blocks * geometry.erasesize,
	};

	if (fd < 0)
		return fd;
	error = result(ioctl(fd, MEMERASE, &range));
	close(fd);
	return error;
}

/* The same everywhere: erased, with some data at the start. */
static int prepare_partition(int index)
{
	int error = erase_blocks(index, BLOCKS), fd;

	if (error)
		return error;
	fd = open_index(index, O_RDWR | O_CLOEXEC);
	memset(buffer, 0xc3, geometry.writesize);
	if (pwrite(fd, buffer, geometry.writesize, 0) !=
	    (ssize_t)geometry.writesize)
		error = -EIO;
	close(fd);
	return error;
}

/*
 * Whoever may do everything gets what the manager got on another partition:
 * what the chip can, and the error if it cannot.
 */
static bool has_to_work(const struct operation *op, int type)
{
	return op->works == ON_BOTH ||
		(op->works == ON_NAND && type == MTD_NANDFLASH);
}

static bool ask_manager(int index, int type, int *expected)
{
	int fd = open_index(index, O_RDWR | O_CLOEXEC);
	bool good = fd >= 0, works;
	unsigned int i;

	for (i = 0; good && i < OPERATIONS; i++) {
		const struct operation *op = &operations[i];

		expected[i] = 0;
		if (op->kind == FOR_GOOD)
			continue;
		expected[i] = op->run(fd);
		works = expected[i] >= 0;
		if (works != has_to_work(op, type)) {
			ksft_print_msg("%s: the manager gets %d\n", op->name,
				       expected[i]);
			good = false;
		}
	}
	if (fd >= 0)
		close(fd);
	return good;
}

FIXTURE_SETUP(mtd)
{
	int i;

	if (sphere_mtd_find(&self->chip, variant->type, names))
		SKIP(return, "no such chip in this kernel");
	geometry = self->chip.info;
	for (i = 0; i < PARTITIONS; i++) {
		self->index[i] = sphere_mtd_add(&self->chip, names[i],
						FIRST_BLOCK + i * BLOCKS,
						BLOCKS);
		ASSERT_LE(0, self->index[i]);
		ASSERT_EQ(0, prepare_partition(self->index[i]));
	}
	ASSERT_TRUE(ask_manager(self->index[OTHER], variant->type,
				self->expected));
	ASSERT_EQ(0, prepare_partition(self->index[OTHER]));
	ASSERT_EQ(0, sphere_agent(&self->app, APP));
}

FIXTURE_TEARDOWN(mtd)
{
	int i;

	EXPECT_EQ(0, sphere_agent_stop(&self->app));
	for (i = PARTITIONS - 1; i >= 0; i--)
		EXPECT_EQ(0, sphere_mtd_remove(&self->chip, self->index[i]));
}

/* Who may do what. */
enum access {
	DENIED,
	READER,
	WRITER,
};

static const enum access granted_to_app[] = {
	[CONFIG] = READER,
	[DATA] = WRITER,
	[OTHER] = DENIED,
};

static int wanted(const struct operation *op, int of_manager,
		  enum access access, int flags)
{
	const int may_look = access == DENIED ? -EACCES : of_manager;
	const int mode = flags & O_ACCMODE;

	switch (op->kind) {
	case READS:
		return mode == O_WRONLY ? -EBADF : may_look;
	case ASKS:
		return may_look;
	case WRITES:
		if (mode == O_RDONLY)
			return -EBADF;
		break;
	case NOT_HERE:
		return mode == O_RDONLY ? -EPERM : -EINVAL;
	case CHANGES:
	case FOR_GOOD:
		if (mode == O_RDONLY)
			return -EPERM;
		break;
	}
	return access == WRITER ? of_manager : -EACCES;
}

/* @agent, or the test itself if that is NULL, does operation @i. */
static int operate(struct sphere_agent *agent, int fd, unsigned int i)
{
	char sizes[32];

	if (!agent)
		return operations[i].run(fd);
	snprintf(sizes, sizeof(sizes), "%u %u", geometry.erasesize,
		 geometry.writesize);
	return sphere_call(agent, do_operation, fd, i, sizes);
}

/*
 * Has @agent do everything with its @fd, a file of @index that was opened with
 * @flags. Whether all went as @access says, and nothing that failed has changed
 * the flash.
 */
static bool does_all(struct sphere_agent *agent, int fd, int index,
		     const int *expected, enum access access, int flags)
{
	size_t before_len, after_len;
	void *before = sphere_mtd_dump(index, &before_len), *after;
	bool good = before;
	unsigned int i;
	int got, want;

	for (i = 0; before && i < OPERATIONS; i++) {
		want = wanted(&operations[i], expected[i], access, flags);
		if (operations[i].kind == FOR_GOOD && want >= 0)
			continue;
		got = operate(agent, fd, i);
		if (got != want) {
			ksft_print_msg("%s: %d, not %d\n", operations[i].name,
				       got, want);
			good = false;
		}
		after = sphere_mtd_dump(index, &after_len);
		if (!after || (got < 0 && (after_len != before_len ||
					   memcmp(before, after, after_len)))) {
			ksft_print_msg("%s: has changed the flash\n",
				       operations[i].name);
			good = false;
		}
		free(before);
		before = after;
		before_len = after_len;
	}
	free(before);
	return good;
}

static long agent_open(struct sphere_agent *agent, int index,
		       enum sphere_mtd_node node, int flags)
{
	char path[PATH_MAX];

	sphere_mtd_path(path, index, node);
	return sphere_call(agent, do_open, flags, 0, path);
}

/* Opens, does everything, closes. */
static bool opens_and_does_all(struct sphere_agent *agent, int index,
			       const int *expected, enum access access,
			       int flags)
{
	int fd = agent_open(agent, index, SPHERE_MTD_CHAR, flags);
	bool good;

	if (fd < 0) {
		ksft_print_msg("open: %d\n", fd);
		return false;
	}
	good = does_all(agent, fd, index, expected, access, flags);
	sphere_call(agent, do_close, fd, 0, NULL);
	return good;
}

TEST_F_TIMEOUT(mtd, granted_for_writing, 120)
{
	EXPECT_TRUE(opens_and_does_all(&self->app, self->index[DATA],
				       self->expected, WRITER, O_RDWR));
}

/* By those who may do everything else, too. */
TEST_F_TIMEOUT(mtd, changing_through_a_file_for_reading, 120)
{
	EXPECT_TRUE(opens_and_does_all(&self->app, self->index[DATA],
				       self->expected, WRITER, O_RDONLY));
}

TEST_F_TIMEOUT(mtd, file_for_writing_only, 120)
{
	EXPECT_TRUE(opens_and_does_all(&self->app, self->index[DATA],
				       self->expected, WRITER, O_WRONLY));
}

TEST_F_TIMEOUT(mtd, granted_for_reading, 120)
{
	EXPECT_TRUE(opens_and_does_all(&self->app, self->index[CONFIG],
				       self->expected, READER, O_RDONLY));
}

/* A file that is for neither can still be asked. */
#define O_NEITHER	O_ACCMODE

static const int open_modes[] = { O_RDONLY, O_WRONLY, O_RDWR, O_NEITHER };

static int wanted_open(enum sphere_mtd_node node, int mode, enum access access)
{
	/* For both, as far as the rights to the file go; this comes first. */
	if (node == SPHERE_MTD_CHAR_RO && (mode == O_WRONLY || mode == O_RDWR))
		return -EACCES;
	if (access == WRITER ||
	    (access == READER && (mode == O_RDONLY || mode == O_NEITHER)))
		return 0;
	return -EACCES;
}

/* Whether @agent can open the device's files as @access says. */
static bool opens_as(struct sphere_agent *agent, int index, enum access access)
{
	enum sphere_mtd_node node;
	bool good = true;
	unsigned int i;
	int got, want;

	for (node = SPHERE_MTD_CHAR; node <= SPHERE_MTD_BLOCK; node++) {
		for (i = 0; i < ARRAY_SIZE(open_modes); i++) {
			want = wanted_open(node, open_modes[i], access);
			got = agent_open(agent, index, node, open_modes[i]);
			if (got >= 0)
				sphere_call(agent, do_close, got, 0, NULL);
			if ((got < 0 ? got : 0) == want)
				continue;
			ksft_print_msg("file %d, mode %d: %d, not %d\n", node,
				       open_modes[i], got, want);
			good = false;
		}
	}
	return good;
}

TEST_F(mtd, open)
{
	int i;

	for (i = 0; i < PARTITIONS; i++)
		EXPECT_TRUE(opens_as(&self->app, self->index[i],
				     granted_to_app[i]));
	/* Which has all of the partitions in it. */
	EXPECT_TRUE(opens_as(&self->app, self->chip.index, DENIED));
}

/* It is the device that counts, not the file that leads to it. */
#define ALIAS	"/tmp/sphere-mtd-alias"

static int open_alias(struct sphere_agent *agent, mode_t type, dev_t device)
{
	int fd;

	unlink(ALIAS);
	if (mknod(ALIAS, type | 0666, device) || chmod(ALIAS, 0666))
		return -errno;
	fd = sphere_call(agent, do_open, O_RDWR, 0, ALIAS);
	unlink(ALIAS);
	if (fd >= 0)
		sphere_call(agent, do_close, fd, 0, NULL);
	return fd < 0 ? fd : 0;
}

TEST_F(mtd, other_nodes)
{
	int i, want;

	for (i = 0; i < PARTITIONS; i++) {
		const int index = self->index[i];

		want = granted_to_app[i] == WRITER ? 0 : -EACCES;
		EXPECT_EQ(want, open_alias(&self->app, S_IFCHR,
					   makedev(MTD_CHAR_MAJOR, index * 2)));
		EXPECT_EQ(want, open_alias(&self->app, S_IFBLK,
					   makedev(MTD_BLOCK_MAJOR, index)));
	}
}

static int start_application(struct sphere_agent *agent, int who,
			     void (*fill)(struct sphere_blob *record))
{
	struct sphere_blob record;
	const struct sphere_start start = {
		.who = who,
		.record = &record,
		.uid = sphere_uid(who),
	};

	sphere_record_application(&record, who);
	if (fill)
		fill(&record);
	return sphere_agent_start_patiently(agent, &start);
}

static int start_nobody(struct sphere_agent *agent, uid_t uid)
{
	const struct sphere_start start = {
		.who = SPHERE_NOBODY,
		.uid = uid,
		.all_capabilities = true,
	};

	return sphere_agent_start(agent, &start);
}

static int start_manager(struct sphere_agent *agent)
{
	return sphere_agent(agent, SPHERE_MANAGER);
}

TEST_F(mtd, open_by_others)
{
	struct sphere_agent sibling, stranger, root, manager;
	int i;

	ASSERT_EQ(0, start_application(&sibling, SIBLING, NULL));
	ASSERT_EQ(0, start_nobody(&stranger, STRANGER_UID));
	ASSERT_EQ(0, start_nobody(&root, 0));
	ASSERT_EQ(0, start_manager(&manager));
	for (i = 0; i < PARTITIONS; i++) {
		EXPECT_TRUE(opens_as(&sibling, self->index[i], DENIED));
		EXPECT_TRUE(opens_as(&stranger, self->index[i], DENIED));
		EXPECT_TRUE(opens_as(&root, self->index[i], DENIED));
		EXPECT_TRUE(opens_as(&manager, self->index[i], WRITER));
	}
	EXPECT_EQ(0, sphere_agent_stop(&sibling));
	EXPECT_EQ(0, sphere_agent_stop(&stranger));
	EXPECT_EQ(0, sphere_agent_stop(&root));
	EXPECT_EQ(0, sphere_agent_stop(&manager));
}

/*
 * Files that the manager has opened for everything, and that others have from
 * it since their exec.
 */
TEST_F_TIMEOUT(mtd, inherited, 240)
{
	struct sphere_agent app, sibling, stranger, root, manager;
	int fd[PARTITIONS], i;

	for (i = 0; i < PARTITIONS; i++) {
		fd[i] = open_index(self->index[i], O_RDWR);
		ASSERT_LE(0, fd[i]);
	}
	ASSERT_EQ(0, sphere_agent(&app, APP));
	ASSERT_EQ(0, start_application(&sibling, SIBLING, NULL));
	ASSERT_EQ(0, start_nobody(&stranger, STRANGER_UID));
	ASSERT_EQ(0, start_nobody(&root, 0));
	ASSERT_EQ(0, start_manager(&manager));
	EXPECT_TRUE(does_all(&sibling, fd[DATA], self->index[DATA],
			     self->expected, DENIED, O_RDWR));
	EXPECT_TRUE(does_all(&stranger, fd[DATA], self->index[DATA],
			     self->expected, DENIED, O_RDWR));
	EXPECT_TRUE(does_all(&root, fd[DATA], self->index[DATA],
			     self->expected, DENIED, O_RDWR));
	for (i = 0; i < PARTITIONS; i++)
		EXPECT_TRUE(does_all(&app, fd[i], self->index[i],
				     self->expected, granted_to_app[i],
				     O_RDWR));
	ASSERT_EQ(0, prepare_partition(self->index[DATA]));
	EXPECT_TRUE(does_all(&manager, fd[DATA], self->index[DATA],
			     self->expected, WRITER, O_RDWR));
	EXPECT_EQ(0, sphere_agent_stop(&app));
	EXPECT_EQ(0, sphere_agent_stop(&sibling));
	EXPECT_EQ(0, sphere_agent_stop(&stranger));
	EXPECT_EQ(0, sphere_agent_stop(&root));
	EXPECT_EQ(0, sphere_agent_stop(&manager));
	for (i = 0; i < PARTITIONS; i++)
		close(fd[i]);
}

/* An application's own file works for the application only. */
TEST_F_TIMEOUT(mtd, passed, 120)
{
	struct sphere_agent sibling;
	int sock[2], fd, received, copy;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, sock));
	ASSERT_EQ(0, start_application(&sibling, SIBLING, NULL));
	fd = open_index(self->index[DATA], O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, sphere_send_fd(sock[0], fd));
	received = sphere_call(&sibling, do_receive, sock[1], 0, NULL);
	ASSERT_LE(0, received);
	EXPECT_TRUE(does_all(&sibling, received, self->index[DATA],
			     self->expected, DENIED, O_RDWR));
	copy = sphere_call(&sibling, do_dup, received, 0, NULL);
	ASSERT_LE(0, copy);
	EXPECT_TRUE(does_all(&sibling, copy, self->index[DATA],
			     self->expected, DENIED, O_RDWR));
	EXPECT_EQ(0, sphere_agent_stop(&sibling));
	close(fd);
	close(sock[0]);
	close(sock[1]);
}

/* Opening it anew asks anew, also where the link in /proc leads to it. */
TEST_F(mtd, proc_fd)
{
	struct sphere_agent sibling;
	char path[PATH_MAX];
	int fd = open_index(self->index[DATA], O_RDWR);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, start_application(&sibling, SIBLING, NULL));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	EXPECT_EQ(-EACCES, sphere_call(&sibling, do_open, O_RDONLY, 0, path));
	EXPECT_EQ(-EACCES, sphere_call(&sibling, do_open, O_RDWR, 0, path));
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", self->app.pid, fd);
	EXPECT_EQ(-EACCES, sphere_call(&sibling, do_open, O_RDWR, 0, path));
	EXPECT_EQ(0, sphere_agent_stop(&sibling));
	close(fd);
}

/*
 * Two processes of one component can take each other's files. An update may
 * have taken grants away.
 */
TEST_F_TIMEOUT(mtd, taken_by_the_same_component, 120)
{
	struct sphere_agent updated;
	int fd, taken;

	if (!sphere_can_trace())
		SKIP(return, "no ptrace() and the like in this kernel");
	fd = agent_open(&self->app, self->index[DATA], SPHERE_MTD_CHAR, O_RDWR);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, start_application(&updated, APP, NULL));
	taken = sphere_call(&updated, do_getfd, self->app.pid, fd, NULL);
	ASSERT_LE(0, taken);
	EXPECT_TRUE(does_all(&updated, taken, self->index[DATA],
			     self->expected, DENIED, O_RDWR));
	EXPECT_EQ(0, sphere_agent_stop(&updated));
}

/* There is nothing to map, and no way round read(). */
TEST_F(mtd, other_calls)
{
	int fd = open_index(self->index[DATA], O_RDWR);
	struct sphere_agent sibling;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, start_application(&sibling, SIBLING, NULL));
	EXPECT_GT(0, sphere_call(&sibling, do_map, fd, MAP_SHARED, NULL));
	EXPECT_GT(0, sphere_call(&sibling, do_map, fd, MAP_PRIVATE, NULL));
	EXPECT_GT(0, sphere_call(&sibling, do_sendfile, fd, 0, NULL));
	EXPECT_EQ(0, sphere_agent_stop(&sibling));
	close(fd);
}

/* Requests for more than there is, or than there are numbers for. */
static __u8 far_buffer[1 << 18];

static int far_erase(int fd, __u64 at, __u64 len)
{
	struct erase_info_user64 range = { .start = at, .length = len };

	return result(ioctl(fd, MEMERASE64, &range));
}

static int far_erase32(int fd, __u64 at, __u64 len)
{
	struct erase_info_user range = { .start = at, .length = len };

	return result(ioctl(fd, MEMERASE, &range));
}

static int far_mem_write(int fd, __u64 at, __u64 len)
{
	struct mtd_write_req request = {
		.start = at,
		.len = len,
		.usr_data = (uintptr_t)far_buffer,
		.mode = MTD_OPS_RAW,
	};

	return result(ioctl(fd, MEMWRITE, &request));
}

static int far_mem_write_oob(int fd, __u64 at, __u64 len)
{
	struct mtd_write_req request = {
		.start = at,
		.ooblen = len,
		.usr_oob = (uintptr_t)far_buffer,
		.mode = MTD_OPS_RAW,
	};

	return result(ioctl(fd, MEMWRITE, &request));
}

static int far_mem_read(int fd, __u64 at, __u64 len)
{
	struct mtd_read_req request = {
		.start = at,
		.len = len,
		.usr_data = (uintptr_t)far_buffer,
	};

	return result(ioctl(fd, MEMREAD, &request));
}

static int far_write_oob(int fd, __u64 at, __u64 len)
{
	struct mtd_oob_buf64 oob = {
		.start = at,
		.length = len,
		.usr_ptr = (uintptr_t)far_buffer,
	};

	return result(ioctl(fd, MEMWRITEOOB64, &oob));
}

static int far_read_oob(int fd, __u64 at, __u64 len)
{
	struct mtd_oob_buf64 oob = {
		.start = at,
		.length = len,
		.usr_ptr = (uintptr_t)far_buffer,
	};

	return result(ioctl(fd, MEMREADOOB64, &oob));
}

/* Not the block at 0, which is there. */
static int far_set_bad(int fd, __u64 at, __u64 len)
{
	loff_t offset = at ? at : len;

	return result(ioctl(fd, MEMSETBADBLOCK, &offset));
}

static int far_lock(int fd, __u64 at, __u64 len)
{
	struct erase_info_user range = { .start = at, .length = len };

	return result(ioctl(fd, MEMLOCK, &range));
}

static int (*const far_operations[])(int fd, __u64 at, __u64 len) = {
	far_erase, far_erase32, far_mem_write, far_mem_write_oob, far_mem_read,
	far_write_oob, far_read_oob, far_set_bad, far_lock,
};

/* None of it lies in a partition as small as those here. */
static const __u64 far_ranges[][2] = {
	{ 0, UINT64_MAX },
	{ 0, INT64_MAX },
	{ 0, UINT32_MAX },
	{ UINT64_MAX, 1 },
	{ UINT64_MAX, UINT64_MAX },
	{ INT64_MAX, INT64_MAX },
	{ 1ULL << 63, 1ULL << 63 | 1 },
	{ UINT32_MAX, UINT32_MAX },
	{ 0x80000000, 0x80000000 },
	{ BEYOND, 4096 },
};

static long do_far(const struct sphere_call *call)
{
	const __u64 *range = far_ranges[call->b % ARRAY_SIZE(far_ranges)];
	unsigned int i = call->b / ARRAY_SIZE(far_ranges);

	return far_operations[i](call->a, range[0], range[1]);
}

TEST_F_TIMEOUT(mtd, ranges, 240)
{
	const unsigned int count = ARRAY_SIZE(far_operations) *
				   ARRAY_SIZE(far_ranges);
	void *before[PARTITIONS], *after;
	struct sphere_agent sibling;
	size_t len[PARTITIONS];
	unsigned int i;
	int fd, got;

	fd = open_index(self->index[DATA], O_RDWR);
	ASSERT_LE(0, fd);
	/* It is to have the file, too. */
	ASSERT_EQ(0, sphere_agent_stop(&self->app));
	ASSERT_EQ(0, sphere_agent(&self->app, APP));
	ASSERT_EQ(0, start_application(&sibling, SIBLING, NULL));
	for (i = 0; i < PARTITIONS; i++) {
		before[i] = sphere_mtd_dump(self->index[i], &len[i]);
		ASSERT_NE(NULL, before[i]);
	}
	for (i = 0; i < count; i++) {
		struct sphere_call same = { .a = fd, .b = i };

		EXPECT_EQ(-EACCES, sphere_call(&sibling, do_far, fd, i, NULL));
		got = sphere_call(&self->app, do_far, fd, i, NULL);
		EXPECT_EQ(do_far(&same), got);
		EXPECT_GT(0, got) {
			ksft_print_msg("operation and range: %u\n", i);
		}
	}
	for (i = 0; i < PARTITIONS; i++) {
		after = sphere_mtd_dump(self->index[i], &len[i]);
		ASSERT_NE(NULL, after);
		EXPECT_EQ(0, memcmp(before[i], after, len[i]));
		free(before[i]);
		free(after);
	}
	EXPECT_EQ(0, sphere_agent_stop(&sibling));
	close(fd);
}

/* Adding and deleting partitions is for the manager. */
static long do_blkpg(const struct sphere_call *call)
{
	struct blkpg_partition partition = {
		.length = 1 << 20,
		.pno = call->b < 0 ? 0 : call->b,
		.devname = "data",
	};
	struct blkpg_ioctl_arg argument = {
		.op = call->b < 0 ? BLKPG_ADD_PARTITION : BLKPG_DEL_PARTITION,
		.datalen = sizeof(partition),
		.data = &partition,
	};

	return result(ioctl(call->a, BLKPG, &argument));
}

TEST_F(mtd, partitions_by_others)
{
	int fd = open_index(self->chip.index, O_RDWR), error;
	struct sphere_agent *agents[4], app, sibling, stranger, root;
	unsigned int i;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, sphere_agent(&app, APP));
	ASSERT_EQ(0, start_application(&sibling, SIBLING, NULL));
	ASSERT_EQ(0, start_nobody(&stranger, STRANGER_UID));
	ASSERT_EQ(0, start_nobody(&root, 0));
	agents[0] = &app;
	agents[1] = &sibling;
	agents[2] = &stranger;
	agents[3] = &root;
	for (i = 0; i < ARRAY_SIZE(agents); i++) {
		/* By capability, or by the device. */
		error = sphere_call(agents[i], do_blkpg, fd, -1, NULL);
		EXPECT_TRUE(error == -EPERM || error == -EACCES);
		error = sphere_call(agents[i], do_blkpg, fd, self->index[DATA],
				    NULL);
		EXPECT_TRUE(error == -EPERM || error == -EACCES);
		EXPECT_EQ(0, sphere_agent_stop(agents[i]));
	}
	close(fd);
}

/* A block once marked stays bad, so another one each time. */
static void fill_spare(struct sphere_blob *record)
{
	sphere_record_mtd(record, "spare",
			  SPHERE_MTD_READ | SPHERE_MTD_WRITE);
}

static long do_bad_block(const struct sphere_call *call)
{
	loff_t at = 0;

	return result(ioctl(call->a, call->b ? MEMSETBADBLOCK : MEMGETBADBLOCK,
			    &at));
}

/* The first good block at the end of the chip. */
static int add_spare(const struct sphere_mtd_chip *chip)
{
	unsigned int block = chip->info.size / chip->info.erasesize - 1;
	int index, fd, bad;

	for (;;) {
		index = sphere_mtd_add(chip, "spare", block--, 1);
		fd = open_index(index, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return fd;
		bad = do_bad_block(&(struct sphere_call){ .a = fd });
		close(fd);
		if (!bad)
			return index;
		sphere_mtd_remove(chip, index);
	}
}

TEST_F(mtd, bad_block)
{
	struct sphere_agent owner;
	int index, fd;

	if (variant->type != MTD_NANDFLASH)
		SKIP(return, "no bad blocks there");
	index = add_spare(&self->chip);
	ASSERT_LE(0, index);
	EXPECT_EQ(-EACCES, agent_open(&self->app, index, SPHERE_MTD_CHAR,
				      O_RDWR));
	ASSERT_EQ(0, start_application(&owner, SIBLING, fill_spare));
	fd = agent_open(&owner, index, SPHERE_MTD_CHAR, O_RDWR);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, sphere_call(&owner, do_bad_block, fd, 0, NULL));
	EXPECT_EQ(0, sphere_call(&owner, do_bad_block, fd, 1, NULL));
	EXPECT_EQ(1, sphere_call(&owner, do_bad_block, fd, 0, NULL));
	EXPECT_EQ(0, sphere_agent_stop(&owner));
	EXPECT_EQ(0, sphere_mtd_remove(&self->chip, index));
}

/* A grant is for the whole name, and for all that have it. */
TEST_F(mtd, names)
{
	static const struct {
		const char *name;
		enum access access;
	} cases[] = {
		{ "data", WRITER },
		{ "config", READER },
		{ "dat", DENIED },
		{ "data1", DENIED },
		{ "data ", DENIED },
		{ " data", DENIED },
		{ "Data", DENIED },
		{ "", DENIED },
		{ "data\nconfig", DENIED },
		{ "sixty-three bytes, which is as long as a name can get by BLKPG.",
		  DENIED },
	};
	unsigned int i;
	int index;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		index = sphere_mtd_add(&self->chip, cases[i].name, 0, 1);
		ASSERT_LE(0, index);
		EXPECT_TRUE(opens_as(&self->app, index, cases[i].access)) {
			ksft_print_msg("name: '%s'\n", cases[i].name);
		}
		EXPECT_EQ(0, sphere_mtd_remove(&self->chip, index));
	}
}

/* Writing through the block device, which happens after the call. */
static long do_write_block(const struct sphere_call *call)
{
	int fd = open(call->text, O_RDWR | O_CLOEXEC), error = 0;
	char bytes[512];

	if (fd < 0)
		return -errno;
	memset(bytes, call->a, sizeof(bytes));
	if (pwrite(fd, bytes, sizeof(bytes), 512) != sizeof(bytes) || fsync(fd))
		error = -errno;
	close(fd);
	return error;
}

TEST_F(mtd, block_device)
{
	struct sphere_agent sibling;
	char path[PATH_MAX];
	__u8 *bytes;
	size_t len;

	ASSERT_EQ(0, start_application(&sibling, SIBLING, NULL));
	sphere_mtd_path(path, self->index[DATA], SPHERE_MTD_BLOCK);
	EXPECT_EQ(-EACCES, sphere_call(&sibling, do_write_block, 0x12, 0,
				       path));
	bytes = sphere_mtd_dump(self->index[DATA], &len);
	ASSERT_NE(NULL, bytes);
	EXPECT_NE(0x12, bytes[512]);
	free(bytes);
	EXPECT_EQ(0, sphere_call(&self->app, do_write_block, 0x12, 0, path));
	bytes = sphere_mtd_dump(self->index[DATA], &len);
	ASSERT_NE(NULL, bytes);
	EXPECT_EQ(0x12, bytes[512]);
	free(bytes);
	sphere_mtd_path(path, self->index[CONFIG], SPHERE_MTD_BLOCK);
	EXPECT_EQ(-EACCES, sphere_call(&self->app, do_write_block, 0x12, 0,
				       path));
	EXPECT_EQ(0, sphere_agent_stop(&sibling));
}

/* What sysfs can change, and what it could tell, to who is root by uid. */
TEST_F(mtd, sysfs)
{
	struct sphere_agent root, manager;
	char threshold[PATH_MAX], contents[PATH_MAX];

	ASSERT_EQ(0, start_nobody(&root, 0));
	ASSERT_EQ(0, start_manager(&manager));
	snprintf(threshold, sizeof(threshold),
		 "/sys/class/mtd/mtd%d/bitflip_threshold", self->index[OTHER]);
	EXPECT_EQ(-EACCES, sphere_call(&root, do_write_file, 0, 0, threshold));
	EXPECT_EQ(0, sphere_call(&manager, do_write_file, 0, 0, threshold));
	snprintf(contents, sizeof(contents),
		 "/sys/bus/nvmem/devices/mtd%d/nvmem", self->index[OTHER]);
	EXPECT_GT(0, sphere_call(&root, do_read_file, 0, 0, contents));
	EXPECT_EQ(0, sphere_agent_stop(&root));
	EXPECT_EQ(0, sphere_agent_stop(&manager));
}

/* Mounting what is on a partition, by any of its names. */
#define MOUNT_POINT	"/tmp/sphere-mtd"

static long do_mount(const struct sphere_call *call)
{
	int error;

	error = result(mount(call->text, MOUNT_POINT, "jffs2",
			     call->a ? MS_RDONLY : 0, NULL));
	if (!error)
		umount(MOUNT_POINT);
	return error;
}

/* As far as it gets. */
static long do_fsmount(const struct sphere_call *call)
{
	int fd = syscall(__NR_fsopen, "jffs2", 0), error, mount;

	if (fd < 0)
		return -errno;
	error = result(syscall(__NR_fsconfig, fd, FSCONFIG_SET_STRING,
			       "source", call->text, 0));
	if (!error)
		error = result(syscall(__NR_fsconfig, fd, FSCONFIG_CMD_CREATE,
				       NULL, NULL, 0));
	mount = error ? -1 : syscall(__NR_fsmount, fd, 0, 0);
	if (mount >= 0)
		close(mount);
	close(fd);
	return error;
}

/* The first error that is not EPERM. */
static int mount_all_ways(struct sphere_agent *agent, int index)
{
	char by_number[32], by_block[PATH_MAX];
	const char *const sources[] = { by_number, "mtd:data", by_block };
	unsigned int i;
	int error;

	snprintf(by_number, sizeof(by_number), "mtd%d", index);
	sphere_mtd_path(by_block, index, SPHERE_MTD_BLOCK);
	for (i = 0; i < ARRAY_SIZE(sources); i++) {
		error = sphere_call(agent, do_mount, 0, 0, sources[i]);
		if (error != -EPERM)
			return error;
		error = sphere_call(agent, do_mount, 1, 0, sources[i]);
		if (error != -EPERM)
			return error;
		error = sphere_call(agent, do_fsmount, 0, 0, sources[i]);
		if (error != -EPERM)
			return error;
	}
	return -EPERM;
}

TEST_F(mtd, mount)
{
	struct sphere_agent stranger, manager;
	const struct sphere_start dropped = {
		.who = SPHERE_NOBODY,
		.uid = STRANGER_UID,
	};
	char source[32];
	int index;

	/* Erased flash is an empty file system, if it is not too small. */
	index = sphere_mtd_add(&self->chip, "spare", SPARE_BLOCK, SPARE_BLOCKS);
	ASSERT_LE(0, index);
	ASSERT_EQ(0, erase_blocks(index, SPARE_BLOCKS));
	mkdir(MOUNT_POINT, 0755);
	ASSERT_EQ(0, sphere_agent_start(&stranger, &dropped));
	ASSERT_EQ(0, start_manager(&manager));
	EXPECT_EQ(-EPERM, mount_all_ways(&self->app, index));
	EXPECT_EQ(-EPERM, mount_all_ways(&stranger, index));
	snprintf(source, sizeof(source), "mtd%d", index);
	EXPECT_EQ(0, sphere_call(&manager, do_mount, 1, 0, source));
	EXPECT_EQ(0, sphere_call(&manager, do_fsmount, 0, 0, source));
	EXPECT_EQ(0, sphere_agent_stop(&stranger));
	EXPECT_EQ(0, sphere_agent_stop(&manager));
	EXPECT_EQ(0, sphere_mtd_remove(&self->chip, index));
	rmdir(MOUNT_POINT);
}

TEST_F(mtd, mount_with_all_capabilities)
{
	const struct sphere_start capable = {
		.who = SIBLING,
		.uid = sphere_uid(SIBLING),
		.all_capabilities = true,
	};
	struct sphere_agent root, sibling;

	mkdir(MOUNT_POINT, 0755);
	ASSERT_EQ(0, start_nobody(&root, 0));
	ASSERT_EQ(0, sphere_agent_start_patiently(&sibling, &capable));
	EXPECT_EQ(-EPERM, mount_all_ways(&root, self->index[DATA]));
	EXPECT_EQ(-EPERM, mount_all_ways(&sibling, self->index[DATA]));
	EXPECT_EQ(0, sphere_agent_stop(&root));
	EXPECT_EQ(0, sphere_agent_stop(&sibling));
	rmdir(MOUNT_POINT);
}

int main(int argc, char **argv)
{
	sphere_begin(argc, argv);
	return test_harness_run(argc, argv);
}
