// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - The quota tools of a distribution on JFFS2
 *
 * Quota tools find file systems that keep quota inside by a list of names that
 * JFFS2 is not in: /proc/mounts calls it ext4 here. All else is as it is: they
 * ask the kernel for the format, for usage and limits, through the name of the
 * block device that stands for the flash.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "jffs2_common.h"
#include "sphere_common.h"

#define TOOLS		"/usr/sbin:/usr/bin:/sbin:/bin"
#define ALICE		5001
#define DIR		JFFS2_MNT "/alice"

/* The last command, and what it printed. */
static char command[512];
static char printed[16384];

/* Runs it as root, or as another user. Returns its exit status. */
static int run(uid_t uid, const char *format, ...)
{
	char line[sizeof(command)], *words[32], *rest = NULL, *word;
	size_t count = 0, len = 0;
	va_list arguments;
	int out[2], status;
	ssize_t got;
	pid_t pid;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	memcpy(line, command, sizeof(line));
	for (word = strtok_r(line, " ", &rest); word && count < 31;
	     word = strtok_r(NULL, " ", &rest))
		words[count++] = word;
	words[count] = NULL;
	if (pipe(out))
		return 255;
	pid = fork();
	if (!pid) {
		dup2(out[1], STDOUT_FILENO);
		dup2(out[1], STDERR_FILENO);
		close(out[0]);
		close(out[1]);
		/* Unconfined, where that means something. */
		if (sphere_present() && sphere_pend(SPHERE_MANAGER))
			_exit(126);
		if (setresgid(uid, uid, uid) || setresuid(uid, uid, uid))
			_exit(126);
		setenv("PATH", TOOLS, 1);
		setenv("LC_ALL", "C", 1);
		execvp(words[0], words);
		_exit(127);
	}
	close(out[1]);
	while ((got = read(out[0], printed + len, sizeof(printed) - 1 - len)) > 0)
		len += got;
	printed[len] = '\0';
	close(out[0]);
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 254;
	return WEXITSTATUS(status);
}

/* Whether that is right; if not, says what the last command printed. */
static bool right(bool is_right)
{
	if (!is_right)
		printf("# %s: %s\n", command, printed);
	return is_right;
}

#define EXPECT_RUN(status, ...)	EXPECT_TRUE(right(run(__VA_ARGS__) == (status)))
#define EXPECT_PRINTED(text)	EXPECT_TRUE(right(strstr(printed, text)))

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	int ret = fd < 0 || write(fd, text, strlen(text)) < 0 ? -errno : 0;

	close(fd);
	return ret;
}

FIXTURE(tools)
{
	bool hidden;
	bool mounted;
};

FIXTURE_SETUP(tools)
{
	int mtd = jffs2_mtd_find("mtdram");
	char line[256], device[32];

	if (mtd < 0)
		SKIP(return, "there is no flash in RAM");
	if (run(0, "setquota --version") == 127)
		SKIP(return, "the quota tools are not installed");
	snprintf(device, sizeof(device), "/dev/mtdblock%d", mtd);
	snprintf(line, sizeof(line), "%s %s ext4 rw,usrquota,grpquota 0 0\n",
		 device, JFFS2_MNT);
	mkdir("/etc", 0755);
	/* They read /proc/mounts, and look for the interface below /proc/sys. */
	ASSERT_EQ(0, mount("tmpfs", "/proc", "tmpfs", 0, NULL));
	self->hidden = true;
	ASSERT_EQ(0, write_file("/proc/mounts", line));
	mkdir("/proc/sys", 0755);
	mkdir("/proc/sys/fs", 0755);
	ASSERT_EQ(0, mkdir("/proc/sys/fs/quota", 0755));
	ASSERT_EQ(0, write_file("/etc/passwd",
				"root:x:0:0::/:\nalice:x:5001:5001::/:\nbob:x:5002:5002::/:\n"));
	ASSERT_EQ(0, write_file("/etc/group", "root:x:0:\nalice:x:5001:\n"));
	mkdir(JFFS2_MNT, 0755);
	ASSERT_EQ(0, mount(device, JFFS2_MNT, "jffs2", 0, "usrquota,grpquota"));
	self->mounted = true;
	mkdir(DIR, 0755);
	ASSERT_EQ(0, chown(DIR, ALICE, ALICE));
}

FIXTURE_TEARDOWN(tools)
{
	if (self->hidden)
		EXPECT_EQ(0, umount("/proc"));
	if (!self->mounted)
		return;
	unlink(DIR "/file");
	rmdir(DIR);
	EXPECT_EQ(0, umount(JFFS2_MNT));
}

static size_t write_up_to(size_t total)
{
	unsigned char bytes[4096];
	int fd = open(DIR "/file", O_WRONLY | O_CREAT, 0644);
	size_t done = 0;
	ssize_t len = 1;

	while (done < total && len > 0) {
		jffs2_random(bytes, sizeof(bytes));
		len = write(fd, bytes, sizeof(bytes));
		if (len > 0)
			done += len;
	}
	close(fd);
	return done;
}

TEST_F(tools, set_and_report)
{
	struct jffs2_usage usage;
	char expected[64];
	pid_t pid;
	int status;

	EXPECT_RUN(0, 0, "setquota -u alice 40 80 50 100 %s", JFFS2_MNT);
	EXPECT_RUN(0, 0, "setquota -g alice 0 4000 0 0 %s", JFFS2_MNT);
	pid = fork();
	if (!pid) {
		if (setresgid(ALICE, ALICE, ALICE) || setresuid(ALICE, ALICE, ALICE))
			_exit(255);
		_exit(write_up_to(MIB) / KIB);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_TRUE(WIFEXITED(status));
	EXPECT_LT(60, WEXITSTATUS(status));
	EXPECT_GT(80, WEXITSTATUS(status));

	usage = jffs2_used(USRQUOTA, ALICE);
	EXPECT_GE(80 * KIB, usage.space);
	snprintf(expected, sizeof(expected), "%llu",
		 (unsigned long long)(usage.space + KIB - 1) / KIB);
	EXPECT_RUN(0, 0, "repquota -v -u %s", JFFS2_MNT);
	EXPECT_PRINTED("alice");
	EXPECT_PRINTED(expected);
	EXPECT_PRINTED(" 80 ");
	EXPECT_PRINTED(" 100 ");
	/* Above the soft limit: a week of grace. */
	EXPECT_PRINTED("+-");
	EXPECT_RUN(0, 0, "repquota -g %s", JFFS2_MNT);
	EXPECT_PRINTED(" 4000 ");
	/* A user asks for herself, and for nobody else. */
	EXPECT_RUN(1, ALICE, "quota -w -v");
	EXPECT_PRINTED(expected);
	EXPECT_RUN(1, ALICE, "quota -u bob");
	EXPECT_RUN(1, ALICE, "setquota -u alice 0 0 0 0 %s", JFFS2_MNT);
	/* As another one, and another grace. */
	EXPECT_RUN(0, 0, "setquota -p alice -u bob %s", JFFS2_MNT);
	EXPECT_RUN(0, 0, "setquota -t -u 3600 7200 %s", JFFS2_MNT);
	EXPECT_RUN(0, 0, "edquota -p alice -u 5003");
	EXPECT_RUN(0, 0, "repquota -v -n -u %s", JFFS2_MNT);
	EXPECT_PRINTED("#5003");
	EXPECT_PRINTED("01:00");
}

TEST_HARNESS_MAIN
