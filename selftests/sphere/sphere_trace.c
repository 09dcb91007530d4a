// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - All ways into another process
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/kcmp.h>

#include "sphere_common.h"
#include "sphere_trace.h"

/* What a tracee keeps where a tracer finds it. */
static long secret;

long sphere_do_keep_secret(const struct sphere_call *call)
{
	secret = call->a;
	return (long)&secret;
}

long sphere_do_reveal_secret(const struct sphere_call *call __maybe_unused)
{
	return secret;
}

static int detach(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
		return -ECHILD;
	return ptrace(PTRACE_DETACH, pid, NULL, NULL) ? -errno : 0;
}

static int try_attach(pid_t pid, long address __maybe_unused)
{
	if (ptrace(PTRACE_ATTACH, pid, NULL, NULL))
		return -errno;
	return detach(pid);
}

static int try_seize(pid_t pid, long address __maybe_unused)
{
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) ||
	    ptrace(PTRACE_INTERRUPT, pid, NULL, NULL))
		return -errno;
	return detach(pid);
}

static int try_readv(pid_t pid, long address)
{
	long seen = 0;
	struct iovec local = { &seen, sizeof(seen) };
	struct iovec remote = { (void *)address, sizeof(seen) };

	if (process_vm_readv(pid, &local, 1, &remote, 1, 0) != sizeof(seen))
		return -errno;
	return seen == SPHERE_SECRET ? 0 : -EBADMSG;
}

/* Writes what is there, so that whoever comes next finds it. */
static int try_writev(pid_t pid, long address)
{
	long value = SPHERE_SECRET;
	struct iovec local = { &value, sizeof(value) };
	struct iovec remote = { (void *)address, sizeof(value) };

	if (process_vm_writev(pid, &local, 1, &remote, 1, 0) != sizeof(value))
		return -errno;
	return 0;
}

static int try_getfd(pid_t pid, long address __maybe_unused)
{
	int fd = sphere_take_fd(pid, STDERR_FILENO);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int try_kcmp(pid_t pid, long address __maybe_unused)
{
	return syscall(__NR_kcmp, pid, getpid(), KCMP_VM, 0, 0) < 0 ? -errno :
		0;
}

/* Without CONFIG_KCMP, not even oneself can be asked about. */
static bool no_kcmp(void)
{
	return try_kcmp(getpid(), 0) == -ENOSYS;
}

static int try_mem(pid_t pid, long address)
{
	long seen = 0;
	char path[64];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	got = pread(fd, &seen, sizeof(seen), address);
	close(fd);
	return got == sizeof(seen) && seen == SPHERE_SECRET ? 0 : -EBADMSG;
}

/* Opens and reads a file of the process. */
static int try_file(pid_t pid, const char *name)
{
	char path[64], byte;
	int fd, error = 0;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (read(fd, &byte, 1) < 0)
		error = -errno;
	close(fd);
	return error;
}

static int try_link(pid_t pid, const char *name)
{
	char path[64], target[PATH_MAX];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return readlink(path, target, sizeof(target)) < 0 ? -errno : 0;
}

static int try_maps(pid_t pid, long address __maybe_unused)
{
	return try_file(pid, "maps");
}

static int try_auxv(pid_t pid, long address __maybe_unused)
{
	return try_file(pid, "auxv");
}

static int try_environ(pid_t pid, long address __maybe_unused)
{
	return try_file(pid, "environ");
}

static int try_personality(pid_t pid, long address __maybe_unused)
{
	return try_file(pid, "personality");
}

static int try_thread_mem(pid_t pid, long address __maybe_unused)
{
	char name[64];

	snprintf(name, sizeof(name), "task/%d/mem", pid);
	/* Page 0 is not there, which is no matter of permission. */
	return try_file(pid, name) == -EACCES ? -EACCES : 0;
}

static int try_exe(pid_t pid, long address __maybe_unused)
{
	return try_link(pid, "exe");
}

static int try_cwd(pid_t pid, long address __maybe_unused)
{
	return try_link(pid, "cwd");
}

static int try_root(pid_t pid, long address __maybe_unused)
{
	return try_link(pid, "root");
}

static int try_fd(pid_t pid, long address __maybe_unused)
{
	return try_link(pid, "fd/2");
}

static int try_namespace(pid_t pid, long address __maybe_unused)
{
	return try_link(pid, "ns/mnt");
}

struct attempt {
	const char *name;
	int (*attempt)(pid_t pid, long address);
	/* The error of who is refused. */
	int refusal;
	/* By a system call of which there need be none. */
	bool traces;
	/* What a debugger may not do either: it is about open files. */
	bool takes_file;
};

static const struct attempt attempts[] = {
	{ "PTRACE_ATTACH", try_attach, -EPERM, true },
	{ "PTRACE_SEIZE", try_seize, -EPERM, true },
	{ "process_vm_readv", try_readv, -EPERM, true },
	{ "process_vm_writev", try_writev, -EPERM, true },
	{ "pidfd_getfd", try_getfd, -EPERM, true, true },
	{ "kcmp", try_kcmp, -EPERM, true },
	{ "mem", try_mem, -EACCES },
	{ "task/mem", try_thread_mem, -EACCES },
	{ "personality", try_personality, -EPERM },
	{ "exe", try_exe, -EACCES },
	{ "cwd", try_cwd, -EACCES },
	{ "root", try_root, -EACCES },
	{ "fd", try_fd, -EACCES, .takes_file = true },
	{ "ns", try_namespace, -EACCES },
};

/* What mm_access() decides about reading. */
static const struct attempt readings[] = {
	{ "maps", try_maps, -EACCES },
	{ "auxv", try_auxv, -EACCES },
	{ "environ", try_environ, -EACCES },
};

/* Tries all of @list, and counts what does not end as it should. */
static long count_surprises(const struct attempt *list, size_t count,
			    const struct sphere_call *call)
{
	const bool can_trace = sphere_can_trace();
	const bool debugs = !strcmp(call->text, SPHERE_TRACE_DEBUGGER);
	const bool may = debugs || !strcmp(call->text, SPHERE_TRACE_ALLOWED);
	long surprises = 0;
	bool allowed;
	int error;

	for (; count--; list++) {
		allowed = may && (can_trace || !list->traces) &&
			  !(debugs && list->takes_file);
		if (list->attempt == try_kcmp && no_kcmp())
			continue;
		error = list->attempt(call->a, call->b);
		if (error == (allowed ? 0 : list->refusal))
			continue;
		/* For procfs, one refusal is as good as the other. */
		if (!allowed && (error == -EPERM || error == -EACCES))
			continue;
		ksft_print_msg("%s: %d\n", list->name, error);
		surprises++;
	}
	return surprises;
}

long sphere_do_trace(const struct sphere_call *call)
{
	return count_surprises(attempts, ARRAY_SIZE(attempts), call);
}

long sphere_do_read_process(const struct sphere_call *call)
{
	return count_surprises(readings, ARRAY_SIZE(readings), call);
}

long sphere_do_traceme(const struct sphere_call *call __maybe_unused)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) ? -errno : 0;
}
