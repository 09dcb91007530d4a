// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - PID 1 of the test guests
 *
 * Runs every line of /tests.list:
 *
 *   [manager|none] [timeout=SECONDS] PATH [ARGUMENT]...
 *
 * as a manager unless it says "none", and ends the machine.  Whatever happens
 * in a test, the machine ends: a test has its time, and everything that it
 * leaves behind is killed.  What the host wants to know is printed in lines
 * that start with "# sphere-test:".
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/reboot.h>

#include "sphere_common.h"

#define LIST		"/tests.list"
#define KMEMLEAK	"/sys/kernel/debug/kmemleak"

/* Seconds that a test gets, and that it gets to die afterwards. */
#define TIMEOUT		300
#define DEATH_TIMEOUT	20

/* kmemleak leaves what is younger than this out. */
#define KMEMLEAK_AGE	6

#define ARGUMENTS_MAX	32

struct test {
	int who;
	unsigned int timeout;
	char *arguments[ARGUMENTS_MAX + 1];
};

static __printf(1, 2) void say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	printf("# sphere-test: ");
	vprintf(format, arguments);
	va_end(arguments);
	fflush(stdout);
}

/* Returns 0 or the error, which is said if it is @needed. */
static int mount_at(const char *type, const char *path, bool needed)
{
	int error;

	mkdir(path, 0755);
	error = mount(type, path, type, 0, NULL) ? errno : 0;
	if (error && needed && error != EBUSY)
		say("cannot mount %s at %s: %s\n", type, path, strerror(error));
	return error;
}

/* A small kernel has no sysfs, and what is mounted in it has to be somewhere. */
static void mount_sysfs(void)
{
	if (mount_at("sysfs", "/sys", true) != ENODEV)
		return;
	mount_at("tmpfs", "/sys", true);
	mkdir("/sys/kernel", 0755);
}

static void mount_all(void)
{
	mount_at("devtmpfs", "/dev", true);
	mount_at("proc", "/proc", true);
	mount_sysfs();
	mount_at("tmpfs", "/tmp", true);
	mount_at("securityfs", "/sys/kernel/security", false);
	mount_at("debugfs", "/sys/kernel/debug", false);
	mount_at("configfs", "/sys/kernel/config", false);
	chmod("/tmp", 01777);
}

/* An initramfs without /dev/console starts init without any open file. */
static void open_console(void)
{
	int fd;

	mkdir("/dev", 0755);
	mknod("/dev/console", S_IFCHR | 0600, makedev(5, 1));
	fd = open("/dev/console", O_RDWR);
	if (fd < 0)
		return;
	dup2(fd, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

/*
 * A machine without a clock starts in 1970, and the kernel takes no time back
 * that is before its start.
 */
static void set_clock(void)
{
	const struct timespec date = { .tv_sec = 1767225600 };	/* 2026-01-01 */
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (now.tv_sec < date.tv_sec && clock_settime(CLOCK_REALTIME, &date))
		say("cannot set the clock: %s\n", strerror(errno));
}

static __noreturn void end_machine(void)
{
	fflush(stdout);
	sync();
	/*
	 * Not POWER_OFF: without a driver that can do it, it halts, and a
	 * halted machine runs for ever.  QEMU's -no-reboot makes an end of
	 * this.
	 */
	reboot(LINUX_REBOOT_CMD_RESTART);
	/* The end of PID 1 is a panic, which panic=-1 makes a restart. */
	_exit(1);
}

static const char *bare_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Splits a line in place; false if there is no test in it. */
static bool parse(char *line, struct test *test)
{
	unsigned int count = 0;
	char *word, *rest = NULL;

	test->who = SPHERE_MANAGER;
	test->timeout = TIMEOUT;
	for (word = strtok_r(line, " \t\r\n", &rest); word;
	     word = strtok_r(NULL, " \t\r\n", &rest)) {
		if (!count && *word == '#')
			return false;
		if (!count && !strcmp(word, "manager"))
			test->who = SPHERE_MANAGER;
		else if (!count && !strcmp(word, "none"))
			test->who = SPHERE_NOBODY;
		else if (!count && !strncmp(word, "timeout=", 8))
			test->timeout = atoi(word + 8);
		else if (count < ARGUMENTS_MAX)
			test->arguments[count++] = word;
	}
	test->arguments[count] = NULL;
	return count;
}

static __noreturn void become(const struct test *test)
{
	char *const environment[] = { "PATH=/bin:/sbin", "HOME=/", NULL };
	sigset_t none;
	int error;

	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (sphere_present()) {
		error = sphere_pend(test->who);
		if (error) {
			say("cannot choose an identity: %s\n",
			    strerror(-error));
			_exit(126);
		}
	}
	execve(test->arguments[0], test->arguments, environment);
	say("cannot execute %s: %s\n", test->arguments[0], strerror(errno));
	_exit(127);
}

/*
 * Reaps until @pid has ended or @seconds are over. SIGCHLD is blocked, so none
 * gets lost between looking and waiting.
 */
static bool reap(pid_t pid, unsigned int seconds, int *status)
{
	struct timespec now, end, left;
	sigset_t child;
	pid_t dead;
	int any;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	for (;;) {
		while ((dead = waitpid(-1, &any, WNOHANG)) > 0) {
			if (dead != pid)
				continue;
			*status = any;
			return true;
		}
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec >= end.tv_sec)
			return false;
		left = (struct timespec){ .tv_sec = 1 };
		sigtimedwait(&child, NULL, &left);
	}
}

static void print_status(const char *name, bool ended, int status)
{
	if (!ended)
		say("end %s status timeout\n", name);
	else if (WIFSIGNALED(status))
		say("end %s status signal %d\n", name, WTERMSIG(status));
	else
		say("end %s status %d\n", name, WEXITSTATUS(status));
}

static void run(const struct test *test)
{
	const char *name = bare_name(test->arguments[0]);
	int status = 0;
	bool ended;
	pid_t pid;

	say("begin %s\n", name);
	pid = fork();
	if (!pid)
		become(test);
	if (pid < 0) {
		say("end %s status fork: %s\n", name, strerror(errno));
		return;
	}
	ended = reap(pid, test->timeout, &status);
	/* Everything but PID 1, so that no test meets another's remains. */
	kill(-1, SIGKILL);
	if (!ended && !reap(pid, DEATH_TIMEOUT, &status))
		say("%s cannot be killed\n", name);
	print_status(name, ended, status);
}

static void run_all(void)
{
	FILE *list = fopen(LIST, "re");
	char line[1024];
	struct test test;

	if (!list) {
		say("cannot open %s: %s\n", LIST, strerror(errno));
		return;
	}
	while (fgets(line, sizeof(line), list))
		if (parse(line, &test))
			run(&test);
	fclose(list);
}

static void print_file(const char *path)
{
	char buffer[4096];
	ssize_t got;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	while ((got = read(fd, buffer, sizeof(buffer))) > 0)
		fwrite(buffer, 1, got, stdout);
	fflush(stdout);
	close(fd);
}

/* Silence must mean that there are no leaks, not that nobody has looked. */
static void scan_for_leaks(void)
{
	int error;

	sleep(KMEMLEAK_AGE);
	error = sphere_write_text(KMEMLEAK, "scan");
	if (error)
		printf("kmemleak does not scan: %s\n", strerror(-error));
}

static void check_leaks(void)
{
	if (access(KMEMLEAK, F_OK))
		return;
	say("kmemleak begin\n");
	/*
	 * What is freed after a grace period, or found in a stale register or
	 * stack slot, is sorted out by the second scan.
	 */
	scan_for_leaks();
	scan_for_leaks();
	print_file(KMEMLEAK);
	say("kmemleak end\n");
}

static void print_taint(void)
{
	struct sphere_blob text;

	if (sphere_read_file("/proc/sys/kernel/tainted", &text) || !text.len)
		return;
	say("tainted %.*s\n", (int)strcspn((char *)text.bytes, "\n"),
	    (char *)text.bytes);
}

int main(void)
{
	sigset_t child;

	if (getpid() != 1) {
		fprintf(stderr, "sphere_test_init: only for PID 1, it ends the machine\n");
		return 1;
	}
	open_console();
	mount_all();
	/* That of devtmpfs, now. */
	open_console();
	set_clock();
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	say("start, %s Sphere\n", sphere_present() ? "with" : "without");
	run_all();
	check_leaks();
	print_taint();
	say("done\n");
	end_machine();
}
