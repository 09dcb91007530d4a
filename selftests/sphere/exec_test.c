// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - Every way to execute
 *
 * Each way is tried as everybody, and must end as what the rules say; each
 * way to fail must leave the task as it was.
 */

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "kselftest_harness.h"
#include "sphere_common.h"

#ifndef AT_EXECVE_CHECK
#define AT_EXECVE_CHECK		0x10000
#endif

#define APP		500
#define OTHER		501

#define DIRECTORY	"/tmp/sphere-exec"
#define BINFMT		"/proc/sys/fs/binfmt_misc"
#define BINFMT_NAME	"sphere-test"
#define BINFMT_MAGIC	"SPHERE-TEST-PROGRAM"

#define SCRIPT		DIRECTORY "/script"
#define NESTED		DIRECTORY "/nested"
#define COPY		DIRECTORY "/copy"
#define DELETED		DIRECTORY "/deleted"
#define MAGIC		DIRECTORY "/magic"
#define NOT_A_PROGRAM	DIRECTORY "/not-a-program"
#define NOT_EXECUTABLE	DIRECTORY "/not-executable"
#define TRUNCATED	DIRECTORY "/truncated"
#define NO_INTERPRETER	DIRECTORY "/no-interpreter"
#define LOOP		DIRECTORY "/loop"
#define LINK		DIRECTORY "/link"

static int make_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t len = strlen(text);
	int error = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, len) != len || fchmod(fd, mode))
		error = -EIO;
	close(fd);
	return error;
}

static int make_script(const char *path, const char *interpreter)
{
	char text[PATH_MAX + 8];

	snprintf(text, sizeof(text), "#!%s\n", interpreter);
	return make_file(path, text, 0755);
}

static int make_directory(const char *report)
{
	mkdir(DIRECTORY, 0755);
	unlink(LINK);
	if (symlink(report, LINK))
		return -errno;
	return make_script(SCRIPT, report) ?:
		make_script(NESTED, SCRIPT) ?:
		make_script(LOOP, LOOP) ?:
		make_script(NO_INTERPRETER, DIRECTORY "/nothing") ?:
		make_file(NOT_A_PROGRAM, "nothing to execute", 0755) ?:
		make_file(NOT_EXECUTABLE, "#!/bin/sh\n", 0644) ?:
		make_file(TRUNCATED, ELFMAG, 0755) ?:
		make_file(MAGIC, BINFMT_MAGIC, 0755) ?:
		sphere_copy(report, COPY, 0755);
}

/*
 * The ways. They return only if there is no exec; then 0 stands for an exec
 * somewhere else that has reported.
 */

static int by_execveat(const char *path, char *const argv[],
		       char *const envp[])
{
	int fd = open(path, O_PATH | O_CLOEXEC);

	execveat(fd, "", argv, envp, AT_EMPTY_PATH);
	return -errno;
}

static int by_execveat_directory(const char *path, char *const argv[],
				 char *const envp[])
{
	const char *name = strrchr(path, '/') + 1;
	char directory[PATH_MAX];
	int fd;

	snprintf(directory, sizeof(directory), "%.*s", (int)(name - path),
		 path);
	fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	execveat(fd, name, argv, envp, AT_SYMLINK_NOFOLLOW);
	return -errno;
}

static int by_proc_fd(const char *path, char *const argv[], char *const envp[])
{
	char proc[64];

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d",
		 open(path, O_RDONLY | O_CLOEXEC));
	execve(proc, argv, envp);
	return -errno;
}

static int copy_to_memfd(const char *path, unsigned int flags)
{
	int in = open(path, O_RDONLY | O_CLOEXEC), memfd;
	char proc[64];

	memfd = memfd_create("sphere-test", flags);
	if (in < 0 || memfd < 0)
		return -errno;
	close(in);
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", memfd);
	return sphere_copy(path, proc, 0755) ? -EIO : memfd;
}

static int by_memfd(const char *path, char *const argv[], char *const envp[])
{
	int fd = copy_to_memfd(path, MFD_CLOEXEC);

	if (fd < 0)
		return fd;
	execveat(fd, "", argv, envp, AT_EMPTY_PATH);
	return -errno;
}

static int by_deleted(const char *path, char *const argv[], char *const envp[])
{
	int fd;

	if (sphere_copy(path, DELETED, 0755))
		return -EIO;
	fd = open(DELETED, O_RDONLY | O_CLOEXEC);
	unlink(DELETED);
	execveat(fd, "", argv, envp, AT_EMPTY_PATH);
	return -errno;
}

static int by_script(const char *path __maybe_unused, char *const argv[],
		     char *const envp[])
{
	execve(SCRIPT, argv, envp);
	return -errno;
}

static int by_nested_script(const char *path __maybe_unused,
			    char *const argv[], char *const envp[])
{
	execve(NESTED, argv, envp);
	return -errno;
}

static int by_script_fd(const char *path __maybe_unused, char *const argv[],
			char *const envp[])
{
	/* Stays open, as the interpreter has to open it again. */
	int fd = open(SCRIPT, O_RDONLY);

	execveat(fd, "", argv, envp, AT_EMPTY_PATH);
	return -errno;
}

static int by_link(const char *path __maybe_unused, char *const argv[],
		   char *const envp[])
{
	execve(LINK, argv, envp);
	return -errno;
}

static int by_binfmt(const char *path __maybe_unused, char *const argv[],
		     char *const envp[])
{
	execve(MAGIC, argv, envp);
	return -errno;
}

static int by_pie(const char *path __maybe_unused, char *const argv[],
		  char *const envp[])
{
	char pie[PATH_MAX];

	sphere_beside(pie, "sphere_report_pie");
	execve(pie, argv, envp);
	return -errno;
}

static int by_dynamic(const char *path __maybe_unused, char *const argv[],
		      char *const envp[])
{
	char dynamic[PATH_MAX];

	sphere_beside(dynamic, "sphere_report_dynamic");
	execve(dynamic, argv, envp);
	return -errno;
}

static const char *const loaders[] = {
	"/lib64/ld-linux-x86-64.so.2",
	"/lib/ld-linux-aarch64.so.1",
	"/lib/ld-linux-armhf.so.3",
};

static int by_loader(const char *path __maybe_unused, char *const argv[],
		     char *const envp[])
{
	char dynamic[PATH_MAX];
	char *const arguments[] = { argv[0], dynamic, NULL };
	unsigned int i;

	sphere_beside(dynamic, "sphere_report_dynamic");
	for (i = 0; i < ARRAY_SIZE(loaders); i++)
		execve(loaders[i], arguments, envp);
	return -errno;
}

static int wait_for(pid_t pid)
{
	int status;

	if (pid < 0)
		return -errno;
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -ECHILD;
	return -WEXITSTATUS(status);
}

static int by_vfork(const char *path, char *const argv[], char *const envp[])
{
	pid_t pid = vfork();

	if (!pid) {
		execve(path, argv, envp);
		_exit(errno);
	}
	return wait_for(pid);
}

static int by_spawn(const char *path, char *const argv[], char *const envp[])
{
	pid_t pid;
	int error = posix_spawn(&pid, path, NULL, NULL, argv, envp);

	return error ? -error : wait_for(pid);
}

struct exec_arguments {
	const char *path;
	char *const *argv;
	char *const *envp;
};

static int exec_in_clone(void *argument)
{
	const struct exec_arguments *arguments = argument;

	execve(arguments->path, arguments->argv, arguments->envp);
	_exit(errno);
}

static int clone_and_exec(int flags, const char *path, char *const argv[],
			  char *const envp[])
{
	static char stack[64 * 1024];
	struct exec_arguments arguments = { path, argv, envp };

	return wait_for(clone(exec_in_clone, stack + sizeof(stack),
			      flags | SIGCHLD, &arguments));
}

static int by_clone_vm(const char *path, char *const argv[], char *const envp[])
{
	return clone_and_exec(CLONE_VM | CLONE_VFORK, path, argv, envp);
}

static int by_clone_files(const char *path, char *const argv[],
			  char *const envp[])
{
	return clone_and_exec(CLONE_VM | CLONE_VFORK | CLONE_FILES |
			      CLONE_SIGHAND, path, argv, envp);
}

/* Root of something, but of nothing that counts. */
static int by_user_namespace(const char *path, char *const argv[],
			     char *const envp[])
{
	/* Else the answer can also be that it is not permitted. */
	if (access("/proc/self/ns/user", F_OK))
		return -EINVAL;
	return clone_and_exec(CLONE_VM | CLONE_VFORK | CLONE_NEWUSER, path,
			      argv, envp);
}

/* PID 1 of something, but not of the machine. */
static int by_pid_namespace(const char *path, char *const argv[],
			    char *const envp[])
{
	if (access("/proc/self/ns/pid", F_OK))
		return -EINVAL;
	return clone_and_exec(CLONE_VM | CLONE_VFORK | CLONE_NEWUSER |
			      CLONE_NEWPID, path, argv, envp);
}

static void *exec_in_thread(void *argument)
{
	exec_in_clone(argument);
	return NULL;
}

/* Not the first thread: it takes the PID over, and the others die. */
static int by_thread(const char *path, char *const argv[], char *const envp[])
{
	struct exec_arguments arguments = { path, argv, envp };
	pthread_t thread;

	if (pthread_create(&thread, NULL, exec_in_thread, &arguments))
		return -EAGAIN;
	pthread_join(thread, NULL);
	return -ECHILD;
}

static void *stay_in_thread(void *unused)
{
	while (pause())
		;
	return unused;
}

/* The first thread, while there are others. */
static int by_leader(const char *path, char *const argv[], char *const envp[])
{
	pthread_t threads[3];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(threads); i++)
		if (pthread_create(&threads[i], NULL, stay_in_thread, NULL))
			return -EAGAIN;
	execve(path, argv, envp);
	return -errno;
}

/* Fails in every way first, which must not use anything up. */
static int by_second_attempt(const char *path, char *const argv[],
			     char *const envp[])
{
	execve(NOT_A_PROGRAM, argv, envp);
	execve(TRUNCATED, argv, envp);
	execve(LOOP, argv, envp);
	execveat(AT_FDCWD, path, argv, envp, AT_EXECVE_CHECK);
	execve(path, argv, envp);
	return -errno;
}

static const struct {
	const char *name;
	sphere_exec *exec;
	/* Errors that say that this cannot be tried here. */
	int missing;
	/* What others than managers get. */
	int refusal;
} ways[] = {
	{ "execve", sphere_execve, 0 },
	{ "execveat", by_execveat, 0 },
	{ "execveat of a directory", by_execveat_directory, 0 },
	{ "/proc/self/fd", by_proc_fd, 0 },
	{ "memfd", by_memfd, 0 },
	{ "deleted file", by_deleted, 0 },
	{ "script", by_script, 0 },
	{ "nested script", by_nested_script, 0 },
	{ "script by descriptor", by_script_fd, 0 },
	{ "symbolic link", by_link, 0 },
	{ "binfmt_misc", by_binfmt, -ENOEXEC },
	{ "static PIE", by_pie, -ENOENT },
	{ "dynamic program", by_dynamic, -ENOENT },
	{ "loader", by_loader, -ENOENT },
	{ "vfork", by_vfork, 0 },
	{ "posix_spawn", by_spawn, 0 },
	{ "CLONE_VM | CLONE_VFORK", by_clone_vm, 0 },
	{ "CLONE_FILES | CLONE_SIGHAND", by_clone_files, 0 },
	{ "user namespace", by_user_namespace, -EINVAL, -EPERM },
	{ "PID namespace", by_pid_namespace, -EINVAL, -EPERM },
	{ "thread", by_thread, 0 },
	{ "thread group leader", by_leader, 0 },
	{ "second attempt", by_second_attempt, 0 },
};

FIXTURE(ways)
{
	char report[PATH_MAX];
};

FIXTURE_VARIANT(ways)
{
	/* Who executes. */
	int who;
	/* What a manager has chosen. */
	int pending;
	int expected;
};

FIXTURE_VARIANT_ADD(ways, manager_to_application)
{
	.who = SPHERE_MANAGER,
	.pending = APP,
	.expected = APP,
};

FIXTURE_VARIANT_ADD(ways, manager_to_manager)
{
	.who = SPHERE_MANAGER,
	.pending = SPHERE_MANAGER,
	.expected = SPHERE_MANAGER,
};

FIXTURE_VARIANT_ADD(ways, manager_to_nobody)
{
	.who = SPHERE_MANAGER,
	.pending = SPHERE_NOBODY,
	.expected = SPHERE_NOBODY,
};

FIXTURE_VARIANT_ADD(ways, application)
{
	.who = APP,
	.expected = APP,
};

FIXTURE_VARIANT_ADD(ways, nobody)
{
	.who = SPHERE_NOBODY,
	.expected = SPHERE_NOBODY,
};

FIXTURE_SETUP(ways)
{
	char line[PATH_MAX + 64];

	sphere_beside(self->report, "sphere_report");
	ASSERT_EQ(0, make_directory(self->report));
	/* Writable for the application, which makes a file, too. */
	ASSERT_EQ(0, chmod(DIRECTORY, 01777));
	if (access(BINFMT "/register", F_OK))
		mount("binfmt_misc", BINFMT, "binfmt_misc", 0, NULL);
	sphere_write_text(BINFMT "/" BINFMT_NAME, "-1");
	snprintf(line, sizeof(line), ":" BINFMT_NAME ":M::" BINFMT_MAGIC "::%s:",
		 self->report);
	sphere_write_text(BINFMT "/register", line);
}

FIXTURE_TEARDOWN(ways)
{
	sphere_write_text(BINFMT "/" BINFMT_NAME, "-1");
}

/* In an agent: goes way @a, and says whether that made it @b. */
static long go(const struct sphere_call *call)
{
	static struct sphere_report report;
	int error = sphere_report_by(ways[call->a].exec, call->text, NULL,
				     &report);

	return error ? error : sphere_report_is(&report, call->b);
}

static long go_from_manager(int way, int pending, int expected,
			    const char *path)
{
	static struct sphere_report report;
	const struct sphere_start start = {
		.who = pending,
		.uid = sphere_uid(pending),
	};
	int error = sphere_report_by(ways[way].exec, path, &start, &report);

	return error ? error : sphere_report_is(&report, expected);
}

TEST_F(ways, all)
{
	struct sphere_agent agent;
	long result, good;
	unsigned int i;

	ASSERT_EQ(0, sphere_agent(&agent, variant->who));
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		if (variant->who == SPHERE_MANAGER)
			result = go_from_manager(i, variant->pending,
						 variant->expected,
						 self->report);
		else
			result = sphere_call(&agent, go, i, variant->expected,
					     self->report);
		if (result < 0 && result == ways[i].missing) {
			ksft_print_msg("%s: not here\n", ways[i].name);
			continue;
		}
		good = 1;
		if (variant->who != SPHERE_MANAGER && ways[i].refusal)
			good = ways[i].refusal;
		EXPECT_EQ(good, result) {
			TH_LOG("%s", ways[i].name);
		}
	}
	/* Whatever its children have become. */
	EXPECT_EQ(1, sphere_call(&agent, sphere_do_current_is, variant->who, 0,
				 NULL));
	EXPECT_TRUE(sphere_current_is(SPHERE_MANAGER));
	EXPECT_EQ(0, sphere_agent_stop(&agent));
}

/*
 * The ways to fail.
 */

static const char *const arguments[] = { "sphere-test", NULL };
static const char *const environment[] = { NULL };

static int exec_path(const char *path)
{
	execve(path, (char *const *)arguments, (char *const *)environment);
	return -errno;
}

static int fail_too_large(void)
{
	static char large[256 * 1024];
	char *many[64];
	unsigned int i;

	memset(large, 'x', sizeof(large) - 1);
	for (i = 0; i < ARRAY_SIZE(many) - 1; i++)
		many[i] = large;
	many[i] = NULL;
	execve(COPY, many, (char *const *)environment);
	return -errno;
}

static int fail_bad_pointer(void)
{
	execve(COPY, (char *const *)-4096UL, (char *const *)environment);
	return -errno;
}

static int fail_bad_argument(void)
{
	char *const bad[] = { (char *)-4096UL, NULL };

	execve(COPY, bad, (char *const *)environment);
	return -errno;
}

static int fail_descriptor(void)
{
	execveat(-1, "", (char *const *)arguments, (char *const *)environment,
		 AT_EMPTY_PATH);
	return -errno;
}

static int fail_flags(void)
{
	execveat(AT_FDCWD, COPY, (char *const *)arguments,
		 (char *const *)environment, 0x40000000);
	return -errno;
}

/* It is closed before the interpreter could open it. */
static int fail_script_cloexec(void)
{
	int fd = open(SCRIPT, O_RDONLY | O_CLOEXEC);

	execveat(fd, "", (char *const *)arguments, (char *const *)environment,
		 AT_EMPTY_PATH);
	close(fd);
	return -errno;
}

static int fail_busy(void)
{
	int fd = open(COPY, O_WRONLY | O_CLOEXEC);
	int error = fd < 0 ? -errno : exec_path(COPY);

	close(fd);
	return error;
}

static int fail_link(void)
{
	execveat(AT_FDCWD, LINK, (char *const *)arguments,
		 (char *const *)environment, AT_SYMLINK_NOFOLLOW);
	return -errno;
}

static int fail_missing(void)
{
	return exec_path(DIRECTORY "/nothing");
}

static int fail_directory(void)
{
	return exec_path(DIRECTORY);
}

static int fail_not_directory(void)
{
	return exec_path(COPY "/nothing");
}

static int fail_empty_path(void)
{
	return exec_path("");
}

static int fail_not_executable(void)
{
	return exec_path(NOT_EXECUTABLE);
}

static int fail_not_a_program(void)
{
	return exec_path(NOT_A_PROGRAM);
}

static int fail_truncated(void)
{
	return exec_path(TRUNCATED);
}

static int fail_no_interpreter(void)
{
	return exec_path(NO_INTERPRETER);
}

static int fail_loop(void)
{
	return exec_path(LOOP);
}

static int fail_long_name(void)
{
	static char name[8192];

	memset(name, 'x', sizeof(name) - 1);
	return exec_path(name);
}

static int only_check(void)
{
	return execveat(AT_FDCWD, COPY, (char *const *)arguments,
			(char *const *)environment, AT_EXECVE_CHECK) ?
		-errno : 0;
}

static const struct {
	const char *name;
	int (*fail)(void);
	int error;
} failures[] = {
	{ "missing", fail_missing, -ENOENT },
	{ "empty path", fail_empty_path, -ENOENT },
	{ "missing interpreter", fail_no_interpreter, -ENOENT },
	{ "script closed on exec", fail_script_cloexec, -ENOENT },
	{ "directory", fail_directory, -EACCES },
	{ "not executable", fail_not_executable, -EACCES },
	{ "no directory", fail_not_directory, -ENOTDIR },
	{ "long name", fail_long_name, -ENAMETOOLONG },
	{ "no program", fail_not_a_program, -ENOEXEC },
	{ "truncated program", fail_truncated, -ENOEXEC },
	{ "interpreters without end", fail_loop, -ELOOP },
	{ "link not followed", fail_link, -ELOOP },
	{ "too large", fail_too_large, -E2BIG },
	{ "bad pointer", fail_bad_pointer, -EFAULT },
	{ "bad argument", fail_bad_argument, -EFAULT },
	{ "bad descriptor", fail_descriptor, -EBADF },
	{ "bad flags", fail_flags, -EINVAL },
	{ "only a check", only_check, 0 },
};

/* Executes nothing, in every way; counts what is not as it was. */
static long fail_all(const struct sphere_call *call)
{
	unsigned int i, wrong = 0;
	int error;

	for (i = 0; i < ARRAY_SIZE(failures); i++) {
		error = failures[i].fail();
		if (error == failures[i].error && sphere_current_is(call->a) &&
		    sphere_pending_is(call->b))
			continue;
		ksft_print_msg("%s: %d\n", failures[i].name, error);
		wrong++;
	}
	return wrong;
}

FIXTURE(failure)
{
};

FIXTURE_SETUP(failure)
{
	char report[PATH_MAX];

	sphere_beside(report, "sphere_report");
	ASSERT_EQ(0, make_directory(report));
}

FIXTURE_TEARDOWN(failure)
{
}

TEST_F(failure, of_manager)
{
	static const int choices[] = { SPHERE_NOBODY, SPHERE_MANAGER, APP };
	struct sphere_call call = { .a = SPHERE_MANAGER };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(choices); i++) {
		ASSERT_EQ(0, sphere_pend(choices[i]));
		call.b = choices[i];
		EXPECT_EQ(0, fail_all(&call));
	}
	EXPECT_EQ(-ETXTBSY, fail_busy());
	EXPECT_TRUE(sphere_pending_is(APP));
}

TEST_F(failure, of_others)
{
	static const int others[] = { SPHERE_NOBODY, APP };
	struct sphere_agent agent;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(others); i++) {
		ASSERT_EQ(0, sphere_agent(&agent, others[i]));
		EXPECT_EQ(0, sphere_call(&agent, fail_all, others[i],
					 SPHERE_NOBODY, NULL));
		EXPECT_EQ(0, sphere_agent_stop(&agent));
	}
}

/*
 * A neighbour that shares the root and working directory could make a program
 * open other files than it thinks.
 */

static int stay_in_clone(void *unused __maybe_unused)
{
	while (pause())
		;
	return 0;
}

static int exec_sharing_fs(const char *path, char *const argv[],
			   char *const envp[])
{
	static char stack[64 * 1024];
	int error;
	pid_t pid;

	pid = clone(stay_in_clone, stack + sizeof(stack), CLONE_FS | SIGCHLD,
		    NULL);
	if (pid < 0)
		return -errno;
	/* It dies with the report's writer in any case. */
	execve(path, argv, envp);
	error = -errno;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return error;
}

/* The same, from the other side: the one that executes is the clone. */
static int exec_as_clone(const char *path, char *const argv[],
			 char *const envp[])
{
	return clone_and_exec(CLONE_VM | CLONE_VFORK | CLONE_FS, path, argv,
			      envp);
}

static long report_sharing_fs(const struct sphere_call *call)
{
	static struct sphere_report report;
	int error = sphere_report_by(call->b ? exec_as_clone : exec_sharing_fs,
				     call->text, NULL, &report);

	return error ? error : sphere_report_is(&report, call->a);
}

TEST(shared_fs_changing)
{
	static const int choices[] = { APP, SPHERE_NOBODY };
	struct sphere_report report;
	struct sphere_start start;
	char path[PATH_MAX];
	unsigned int i;

	sphere_beside(path, "sphere_report");
	for (i = 0; i < ARRAY_SIZE(choices); i++) {
		start = (struct sphere_start){
			.who = choices[i],
			.uid = sphere_uid(choices[i]),
		};
		EXPECT_EQ(-EPERM, sphere_report_by(exec_sharing_fs, path,
						   &start, &report));
		EXPECT_EQ(-EPERM, sphere_report_by(exec_as_clone, path, &start,
						   &report));
	}
}

TEST(shared_fs_staying)
{
	static const int others[] = { SPHERE_NOBODY, APP };
	const struct sphere_start start = { .who = SPHERE_MANAGER };
	struct sphere_report report;
	struct sphere_agent agent;
	char path[PATH_MAX];
	unsigned int i;

	sphere_beside(path, "sphere_report");
	ASSERT_EQ(0, sphere_report_by(exec_as_clone, path, &start, &report));
	EXPECT_TRUE(sphere_report_is(&report, SPHERE_MANAGER));
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		ASSERT_EQ(0, sphere_agent(&agent, others[i]));
		EXPECT_EQ(1, sphere_call(&agent, report_sharing_fs, others[i],
					 1, path));
		EXPECT_EQ(0, sphere_agent_stop(&agent));
	}
}

/* Threads share it, too, but do not survive the exec: by_leader(). */

/*
 * A tracer keeps its tracee over the exec, so that must not change who the
 * tracee is; nor may a tracer change who it is.
 */

static int trace_until_end(pid_t pid)
{
	int status = 0, signal;

	while (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status)) {
		signal = WSTOPSIG(status);
		if (signal == SIGTRAP || signal == SIGSTOP)
			signal = 0;
		ptrace(PTRACE_CONT, pid, NULL, (long)signal);
	}
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -ECHILD;
}

/* Executes while the parent traces. */
static int exec_traced(const char *path, char *const argv[],
		       char *const envp[])
{
	pid_t pid = fork();

	if (pid)
		return pid < 0 ? -errno : trace_until_end(pid);
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		_exit(errno);
	raise(SIGSTOP);
	execve(path, argv, envp);
	_exit(errno);
}

static long report_traced(const struct sphere_call *call)
{
	static struct sphere_report report;
	int error = sphere_report_by(exec_traced, call->text, NULL, &report);

	return error ? error : sphere_report_is(&report, call->a);
}

TEST(traced_staying)
{
	static const int others[] = { SPHERE_NOBODY, APP };
	struct sphere_agent agent;
	char path[PATH_MAX];
	unsigned int i;

	if (!sphere_can_trace())
		SKIP(return, "no ptrace() and the like in this kernel");
	sphere_beside(path, "sphere_report");
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		ASSERT_EQ(0, sphere_agent(&agent, others[i]));
		EXPECT_EQ(1, sphere_call(&agent, report_traced, others[i], 0,
					 path));
		EXPECT_EQ(0, sphere_agent_stop(&agent));
	}
}

static long traceme(const struct sphere_call *call __maybe_unused)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) ? -errno : 0;
}

static long prepare_and_exec(const struct sphere_call *call)
{
	const struct sphere_start start = {
		.who = call->a,
		.uid = sphere_uid(call->a),
	};
	char *const argv[] = { (char *)call->text, NULL };
	char *const envp[] = { NULL };
	int error = sphere_prepare(&start);

	if (error)
		return error;
	execve(call->text, argv, envp);
	return -errno;
}

/* Its child, an agent that is a manager, too, and that it traces. */
static struct sphere_agent tracee;

static long start_tracee(const struct sphere_call *call __maybe_unused)
{
	int error = sphere_agent(&tracee, SPHERE_MANAGER);

	return error ? error : sphere_call(&tracee, traceme, 0, 0, NULL);
}

static long exec_of_tracee(const struct sphere_call *call)
{
	return sphere_call(&tracee, prepare_and_exec, call->a, 0, call->text);
}

static long tracee_is(const struct sphere_call *call)
{
	return sphere_call(&tracee, sphere_do_current_is, call->a, 0, NULL) &&
		sphere_call(&tracee, sphere_do_pending_is, call->b, 0, NULL);
}

FIXTURE(traced)
{
	struct sphere_agent tracer;
	char path[PATH_MAX];
};

FIXTURE_SETUP(traced)
{
	if (!sphere_can_trace())
		SKIP(return, "no ptrace() and the like in this kernel");
	sphere_beside(self->path, "sphere_report");
	ASSERT_EQ(0, sphere_agent(&self->tracer, SPHERE_MANAGER));
	ASSERT_EQ(0, sphere_call(&self->tracer, start_tracee, 0, 0, NULL));
}

FIXTURE_TEARDOWN(traced)
{
	if (self->tracer.pid)
		sphere_agent_stop(&self->tracer);
}

TEST_F(traced, tracee_changing)
{
	EXPECT_EQ(-EPERM, sphere_call(&self->tracer, exec_of_tracee, APP, 0,
				      self->path));
	EXPECT_EQ(1, sphere_call(&self->tracer, tracee_is, SPHERE_MANAGER, APP,
				 NULL));
	EXPECT_EQ(-EPERM, sphere_call(&self->tracer, exec_of_tracee,
				      SPHERE_NOBODY, 0, self->path));
	EXPECT_EQ(1, sphere_call(&self->tracer, tracee_is, SPHERE_MANAGER,
				 SPHERE_NOBODY, NULL));
}

TEST_F(traced, tracer_changing)
{
	EXPECT_EQ(-EPERM, sphere_call(&self->tracer, prepare_and_exec,
				      SPHERE_NOBODY, 0, self->path));
	EXPECT_EQ(-EPERM, sphere_call(&self->tracer, prepare_and_exec, APP, 0,
				      self->path));
	EXPECT_EQ(1, sphere_call(&self->tracer, sphere_do_current_is,
				 SPHERE_MANAGER, 0, NULL));
}

int main(int argc, char **argv)
{
	sphere_begin(argc, argv);
	return test_harness_run(argc, argv);
}
