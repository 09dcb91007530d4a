// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - Runs a program for some time, as an application
 *
 *   sphere_confine SECONDS [VARIABLE=VALUE]... PROGRAM [ARGUMENT]...
 *
 * For what calls the kernel at random.  The application may do something with
 * every gate: ports and addresses in a network namespace of its own, lines of a
 * chip, storage, a peer; its own directory is on JFFS2.  When the time is over
 * it is asked to end (SIGINT), and then made to.  All that it prints is printed
 * after "NAME: ".
 *
 * Meanwhile and afterwards: whoever has its uid has its identity and no other,
 * and the manager can do what it could before.
 */

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "jffs2_common.h"
#include "sphere_common.h"
#include "sphere_gpio.h"

#define APP		1700
#define OTHER		1701

#define OWN		JFFS2_MNT "/own"
#define STORAGE		(1 * MIB)

/*
 * Seconds between two looks at who is who, between two lines that say how late it
 * is, and that ending may take.
 */
#define LOOK		5
#define NEWS		60
#define GRACE		150

static const struct {
	int resource;
	rlim_t limit;
} limits[] = {
	{ RLIMIT_AS, 1024UL * MIB },
	{ RLIMIT_CORE, 0 },
	{ RLIMIT_FSIZE, 8 * MIB },
	{ RLIMIT_NOFILE, 512 },
	{ RLIMIT_NPROC, 128 },
};

static const char *name;
static struct sphere_blob record;

static void make_record(const char *chip)
{
	sphere_record_application(&record, APP);
	sphere_header(&record)->storage_bytes = htole64(STORAGE);
	sphere_record_gpio(&record, chip, 0, 0x0f, 0x03);
	sphere_record_bind(&record, IPPROTO_TCP, 1024, 65535);
	sphere_record_bind(&record, IPPROTO_UDP, 1024, 65535);
	sphere_record_connect(&record, IPPROTO_TCP, "0.0.0.0", 0, 1, 65535);
	sphere_record_connect(&record, IPPROTO_UDP, "0.0.0.0", 0, 1, 65535);
	sphere_record_connect(&record, IPPROTO_TCP, "::", 0, 1, 65535);
	sphere_record_connect(&record, IPPROTO_UDP, "::", 0, 1, 65535);
	sphere_record_sort_net(&record);
	sphere_record_peer(&record, OTHER);
}

static int make_directory(void)
{
	int mtd = jffs2_mtd_find("mtdram"), error;

	if (mtd < 0)
		return mtd;
	mkdir(JFFS2_MNT, 0755);
	error = jffs2_mtd_erase(mtd);
	if (!error)
		error = jffs2_mount(mtd, 0, "usrquota");
	if (error)
		return error;
	if (mkdir(OWN, 0700) || chown(OWN, sphere_uid(APP), -1))
		return -errno;
	return 0;
}

/* Who needs memory that there is not should be this one. */
static int give_limits(void)
{
	struct rlimit limit;
	unsigned int i;
	int error;

	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		limit.rlim_cur = limits[i].limit;
		limit.rlim_max = limits[i].limit;
		if (setrlimit(limits[i].resource, &limit))
			return -errno;
	}
	error = sphere_write_text("/proc/self/oom_score_adj", "1000");
	if (error)
		return error;
	return chdir(OWN) ? -errno : 0;
}

static void set_environment(char **variables)
{
	clearenv();
	setenv("PATH", "/bin:/usr/bin", 1);
	setenv("HOME", OWN, 1);
	setenv("TMPDIR", OWN, 1);
	while (*variables && strchr(*variables, '='))
		putenv(*variables++);
}

/* Its input is empty, and all of its output is the pipe. */
static __noreturn void become(char **argv, int output)
{
	const struct sphere_start start = {
		.record = &record,
		.uid = sphere_uid(APP),
	};
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC), error;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_DFL);
	setsid();
	dup2(null, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	error = give_limits();
	if (!error)
		error = sphere_prepare(&start);
	if (!error) {
		execv(argv[0], argv);
		error = -errno;
	}
	dprintf(STDERR_FILENO, "cannot start: %s\n", strerror(-error));
	_exit(126);
}

/*
 * Printing by whole lines.  They do not begin as those that somebody looks for:
 * who calls the kernel at random also writes at random.  False at the end.
 */
static bool print_output(int fd)
{
	static char line[512];
	static size_t len;
	char bytes[4096];
	ssize_t got, i;

	got = read(fd, bytes, sizeof(bytes));
	for (i = 0; i < got; i++) {
		if (bytes[i] != '\n' && len < sizeof(line) - 1) {
			line[len++] = bytes[i] >= ' ' && bytes[i] <= '~' ?
				bytes[i] : '?';
			continue;
		}
		line[len] = '\0';
		printf("%s: %s\n", name, line);
		len = 0;
	}
	fflush(stdout);
	return got > 0;
}

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

/*
 * Who is who
 */

struct census {
	unsigned int looks;
	unsigned int right;
	unsigned int wrong;
};

/* The owner of its directory would not do: that may be root. */
static bool has_uid(const char *process)
{
	struct sphere_blob text;
	const char *line;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%s/status", process);
	if (sphere_read_file(path, &text))
		return false;
	text.bytes[text.len < sizeof(text.bytes) ? text.len : text.len - 1] = 0;
	line = strstr((char *)text.bytes, "\nUid:");
	return line && (uid_t)atoi(line + 5) == sphere_uid(APP);
}

static void look_at(const char *process, struct census *census)
{
	struct sphere_blob seen;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%s/attr/sphere/current", process);
	/* It may have ended. */
	if (sphere_read_file(path, &seen) || !has_uid(process))
		return;
	if (sphere_blob_equal(&record, &seen)) {
		census->right++;
	} else {
		census->wrong++;
		ksft_print_msg("process %s is somebody else\n", process);
	}
}

static void look_at_all(struct census *census)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	if (!proc)
		return;
	census->looks++;
	while ((entry = readdir(proc)))
		if (atoi(entry->d_name) && has_uid(entry->d_name))
			look_at(entry->d_name, census);
	closedir(proc);
}

static unsigned int left_over(void)
{
	DIR *proc = opendir("/proc");
	unsigned int count = 0;
	struct dirent *entry;

	while (proc && (entry = readdir(proc)))
		if (atoi(entry->d_name) && has_uid(entry->d_name))
			count++;
	if (proc)
		closedir(proc);
	return count;
}

static void kill_uid(void)
{
	pid_t pid = fork();

	if (!pid) {
		if (!syscall(__NR_setresuid, sphere_uid(APP), sphere_uid(APP),
			     sphere_uid(APP)))
			kill(-1, SIGKILL);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

/*
 * All that have its uid: a process can set itself apart in every other way.
 * Several times: some may be forking, and what is killed dies a little later.
 */
static bool kill_all(void)
{
	unsigned int rounds;

	for (rounds = 0; left_over() && rounds < 10; rounds++) {
		kill_uid();
		sleep(1);
	}
	return !left_over();
}

/* Prints and looks until it has ended; false if it had to be made to. */
static bool watch(pid_t pid, int output, unsigned int seconds,
		  struct census *census, int *status)
{
	struct pollfd poll_ = { .fd = output, .events = POLLIN };
	time_t begin = now(), end = begin + seconds;
	time_t next = begin + 1, news = begin + NEWS;
	bool asked = false;

	while (waitpid(pid, status, WNOHANG) != pid) {
		if (poll(&poll_, 1, 1000) == 1 && !print_output(output))
			poll_.fd = -1;
		if (now() >= next) {
			look_at_all(census);
			next = now() + LOOK;
		}
		if (now() >= news) {
			ksft_print_msg("%ld s\n", (long)(now() - begin));
			news += NEWS;
		}
		if (!asked && now() >= end) {
			asked = true;
			kill(pid, SIGINT);
		}
		if (now() >= end + GRACE)
			return false;
	}
	while (poll(&poll_, 1, 0) == 1 && print_output(output))
		;
	return true;
}

/*
 * The manager, afterwards
 */

static bool reports(int who)
{
	static struct sphere_report report;
	const struct sphere_start start = {
		.who = who,
		.uid = sphere_uid(who),
	};
	char path[PATH_MAX];

	sphere_beside(path, "sphere_report");
	return !sphere_report_by(sphere_execve, path, &start, &report) &&
		sphere_report_is(&report, who);
}

static void run(char **argv, unsigned int seconds)
{
	struct census census = {};
	bool by_itself, gone;
	int output[2], status = 0;
	pid_t pid;

	if (pipe2(output, O_CLOEXEC))
		ksft_exit_fail_perror("pipe2");
	pid = fork();
	if (!pid)
		become(argv, output[1]);
	close(output[1]);
	by_itself = watch(pid, output[0], seconds, &census, &status);
	if (!by_itself) {
		kill_uid();
		waitpid(pid, &status, 0);
	}
	gone = kill_all();
	ksft_print_msg("status %#x, %u looks at %u processes\n", status,
		       census.looks, census.right);
	ksft_test_result(by_itself && WIFEXITED(status) &&
			 WEXITSTATUS(status) != 126, "%s: ran, and ended\n",
			 name);
	ksft_test_result(census.right && !census.wrong,
			 "%s: kept its identity\n", name);
	ksft_test_result(gone, "%s: nothing is left of it\n", name);
}

/* What is executed, after the variables. */
static char **program_of(char **argv)
{
	while (*argv && strchr(*argv, '='))
		argv++;
	return argv;
}

int main(int argc, char **argv)
{
	struct sphere_chip chip;
	char **program;
	int error;

	sphere_begin(argc, argv);
	program = argc < 3 ? NULL : program_of(argv + 2);
	if (!program || !*program)
		ksft_exit_fail_msg("what is to be run, for how many seconds?\n");
	set_environment(argv + 2);
	name = strrchr(*program, '/');
	name = name ? name + 1 : *program;
	ksft_print_header();
	ksft_set_plan(6);
	error = sphere_own_network();
	if (!error)
		error = sphere_chip_make(&chip, "sphere-confine", "confine", 8);
	if (!error)
		error = make_directory();
	if (error)
		ksft_exit_fail_msg("cannot prepare: %s\n", strerror(-error));
	make_record("confine");
	run(program, atoi(argv[1]));
	ksft_test_result(sphere_current_is(SPHERE_MANAGER) &&
			 reports(SPHERE_MANAGER), "the manager is manager\n");
	ksft_test_result(reports(OTHER), "it can start an application\n");
	ksft_test_result(reports(SPHERE_NOBODY), "and what is nobody\n");
	umount2(JFFS2_MNT, MNT_DETACH);
	sphere_chip_remove(&chip);
	ksft_finished();
}
