// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - What all of them need
 */

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/capability.h>

#include "sphere_common.h"
#include "sphere_fail.h"

/* First uid of the tests' applications. */
#define FIRST_UID	10000

#define PATIENCE_MS	10000

bool sphere_present(void)
{
	__u64 ids[64];
	__u32 size = sizeof(ids);
	int i, count;

	count = syscall(__NR_lsm_list_modules, ids, &size, 0);
	for (i = 0; i < count; i++)
		if (ids[i] == LSM_ID_SPHERE)
			return true;
	return false;
}

void sphere_record_of(struct sphere_blob *blob, int who)
{
	if (who > 0)
		sphere_record_full(blob, who);
	else if (who == SPHERE_MANAGER)
		sphere_record_bare(blob, SPHERE_KIND_MANAGER);
	else
		sphere_record_bare(blob, SPHERE_KIND_NONE);
}

uid_t sphere_uid(int who)
{
	return who > 0 ? FIRST_UID + who : 0;
}

int sphere_set_ctx(unsigned int attr, const struct lsm_ctx *ctx, __u32 size,
		   __u32 flags)
{
	return syscall(__NR_lsm_set_self_attr, attr, ctx, size, flags) ?
		-errno : 0;
}

int sphere_get_ctx(unsigned int attr, struct lsm_ctx *ctx, __u32 *size,
		   __u32 flags)
{
	int count = syscall(__NR_lsm_get_self_attr, attr, ctx, size, flags);

	return count < 0 ? -errno : count;
}

int sphere_set(unsigned int attr, const void *record, size_t len)
{
	struct lsm_ctx *ctx = calloc(1, sizeof(*ctx) + len);
	int error;

	if (!ctx)
		return -ENOMEM;
	ctx->id = LSM_ID_SPHERE;
	ctx->len = sizeof(*ctx) + len;
	ctx->ctx_len = len;
	if (len)
		memcpy(ctx->ctx, record, len);
	error = sphere_set_ctx(attr, ctx, ctx->len, 0);
	free(ctx);
	return error;
}

int sphere_get(unsigned int attr, struct sphere_blob *blob)
{
	__u64 buffer[SPHERE_BLOB_MAX / sizeof(__u64)];
	struct lsm_ctx *ctx = (struct lsm_ctx *)buffer;
	__u32 size = sizeof(buffer);
	int count;

	/* Other modules may have something to say, too. */
	ctx->id = LSM_ID_SPHERE;
	count = sphere_get_ctx(attr, ctx, &size, LSM_FLAG_SINGLE);
	if (count < 0)
		return count;
	if (count != 1 || ctx->id != LSM_ID_SPHERE || ctx->flags ||
	    ctx->len != size || ctx->ctx_len > size - sizeof(*ctx))
		return -EBADMSG;
	blob->len = ctx->ctx_len;
	memcpy(blob->bytes, ctx->ctx, blob->len);
	return 0;
}

int sphere_pend(int who)
{
	struct sphere_blob blob;

	sphere_record_of(&blob, who);
	return sphere_set(LSM_ATTR_EXEC, blob.bytes, blob.len);
}

static bool attr_is(unsigned int attr, int who)
{
	struct sphere_blob expected, seen;

	sphere_record_of(&expected, who);
	return !sphere_get(attr, &seen) && sphere_blob_equal(&expected, &seen);
}

bool sphere_current_is(int who)
{
	return attr_is(LSM_ATTR_CURRENT, who);
}

bool sphere_pending_is(int who)
{
	return attr_is(LSM_ATTR_EXEC, who);
}

int sphere_read_fd(int fd, struct sphere_blob *blob)
{
	ssize_t got = pread(fd, blob->bytes, sizeof(blob->bytes), 0);

	if (got < 0)
		return -errno;
	blob->len = got;
	return 0;
}

int sphere_read_file(const char *path, struct sphere_blob *blob)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), error;

	if (fd < 0)
		return -errno;
	error = sphere_read_fd(fd, blob);
	close(fd);
	return error;
}

int sphere_write_file(const char *path, const void *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), error = 0;
	ssize_t done;

	if (fd < 0)
		return -errno;
	done = write(fd, bytes, len);
	if (done < 0)
		error = -errno;
	else if (done != (ssize_t)len)
		error = -EBADMSG;
	close(fd);
	return error;
}

int sphere_write_text(const char *path, const char *text)
{
	return sphere_write_file(path, text, strlen(text));
}

void sphere_beside(char path[PATH_MAX], const char *name)
{
	ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - 1);
	char *end;

	path[len < 0 ? 0 : len] = '\0';
	end = strrchr(path, '/');
	end = end ? end + 1 : path;
	snprintf(end, PATH_MAX - (end - path), "%s", name);
}

int sphere_own_network(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd, error = 0;

	/* A kernel without namespaces has one network, which nobody uses. */
	if (unshare(CLONE_NEWNET) && errno != EINVAL)
		return -errno;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request))
		error = -errno;
	close(fd);
	return error;
}

int sphere_copy(const char *from, const char *to, mode_t mode)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out, error = 0;
	struct stat stat;
	void *bytes;

	if (in < 0)
		return -errno;
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
	if (out < 0 || fstat(in, &stat)) {
		error = -errno;
		goto out_in;
	}
	bytes = malloc(stat.st_size);
	/* fchmod() last: writing takes set-id bits away. */
	if (!bytes || read(in, bytes, stat.st_size) != stat.st_size ||
	    write(out, bytes, stat.st_size) != stat.st_size ||
	    fchmod(out, mode))
		error = -EIO;
	free(bytes);
	close(out);
out_in:
	close(in);
	return error;
}

int sphere_send_fd(int socket, int fd)
{
	char control[CMSG_SPACE(sizeof(fd))] = {}, byte = 0;
	struct iovec vector = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	return sendmsg(socket, &message, 0) == 1 ? 0 : -errno;
}

int sphere_receive_fd(int socket)
{
	char control[CMSG_SPACE(sizeof(int))], byte;
	struct iovec vector = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header;
	int fd;

	if (recvmsg(socket, &message, 0) != 1)
		return -errno;
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_RIGHTS)
		return -EBADMSG;
	memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

bool sphere_can_trace(void)
{
	/* All of them are of one class. */
	return syscall(__NR_pidfd_getfd, -1, -1, 0) && errno == EBADF;
}

int sphere_take_fd(pid_t pid, int fd)
{
	int pidfd = syscall(__NR_pidfd_open, pid, 0), taken;

	if (pidfd < 0)
		return -ENOTSUP;
	taken = syscall(__NR_pidfd_getfd, pidfd, fd, 0);
	if (taken < 0)
		taken = -errno;
	close(pidfd);
	return taken;
}

void sphere_report_make(struct sphere_report *report)
{
	memset(report, 0, sizeof(*report));
	report->current_error = sphere_get(LSM_ATTR_CURRENT, &report->current);
	report->exec_error = sphere_get(LSM_ATTR_EXEC, &report->exec);
	report->set_error = sphere_pend(SPHERE_NOBODY);
	getresuid(&report->uid[0], &report->uid[1], &report->uid[2]);
	getresgid(&report->gid[0], &report->gid[1], &report->gid[2]);
}

/* Reads or writes all of it; -EPIPE at an early end. */
static int transfer(int fd, void *bytes, size_t len,
		    ssize_t (*step)(int fd, void *bytes, size_t len))
{
	ssize_t done;

	while (len) {
		done = step(fd, bytes, len);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		if (!done)
			return -EPIPE;
		bytes = (char *)bytes + done;
		len -= done;
	}
	return 0;
}

static ssize_t write_step(int fd, void *bytes, size_t len)
{
	return write(fd, bytes, len);
}

int sphere_report_read(int fd, struct sphere_report *report)
{
	return transfer(fd, report, sizeof(*report), read);
}

bool sphere_report_is(const struct sphere_report *report, int who)
{
	const int set_error = who == SPHERE_MANAGER ? 0 : -EPERM;
	struct sphere_blob current, none;

	sphere_record_of(&current, who);
	sphere_record_of(&none, SPHERE_NOBODY);
	return !report->current_error && !report->exec_error &&
		report->set_error == set_error &&
		sphere_blob_equal(&report->current, &current) &&
		sphere_blob_equal(&report->exec, &none);
}

/* A call on its way to the agent. */
struct message {
	/*
	 * From sphere_begin() to the function: the agent is the same program,
	 * but may be loaded elsewhere.
	 */
	long distance;
	struct sphere_call call;
};

static __noreturn void serve(int command, int reply)
{
	static struct message message;
	sphere_action *action;
	long result = 0;

	/* The first reply says that the exec has worked. */
	while (!transfer(reply, &result, sizeof(result), write_step)) {
		if (transfer(command, &message, sizeof(message), read))
			break;
		action = (sphere_action *)((long)sphere_begin +
					   message.distance);
		result = action(&message.call);
	}
	_exit(0);
}

int sphere_agent_pipes(struct sphere_agent *agent)
{
	if (pipe2(agent->command, O_CLOEXEC))
		return -errno;
	if (pipe2(agent->reply, O_CLOEXEC)) {
		close(agent->command[0]);
		close(agent->command[1]);
		return -errno;
	}
	return 0;
}

static int keep_all_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];
	int cap;

	if (syscall(__NR_capget, &header, data))
		return -errno;
	data[0].effective = data[0].permitted;
	data[1].effective = data[1].permitted;
	data[0].inheritable = data[0].permitted;
	data[1].inheritable = data[1].permitted;
	if (syscall(__NR_capset, &header, data))
		return -errno;
	for (cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0))
			return -errno;
	return 0;
}

static int take_uid(const struct sphere_start *start)
{
	if (!start->uid)
		return 0;
	if (prctl(PR_SET_KEEPCAPS, start->all_capabilities) ||
	    syscall(SPHERE_NR_ID(setresuid), start->uid, start->uid, start->uid))
		return -errno;
	return start->all_capabilities ? keep_all_capabilities() : 0;
}

int sphere_prepare(const struct sphere_start *start)
{
	struct sphere_blob record;
	int error;

	sphere_record_of(&record, start->who);
	if (start->record)
		record = *start->record;
	error = sphere_set(LSM_ATTR_EXEC, record.bytes, record.len);
	return error ? error : take_uid(start);
}

int sphere_execve(const char *path, char *const argv[], char *const envp[])
{
	execve(path, argv, envp);
	return -errno;
}

static __noreturn void exec_report(sphere_exec *exec, const char *path,
				   const struct sphere_start *start, int fd)
{
	char variable[sizeof(SPHERE_REPORT_VARIABLE) + 16];
	char *const arguments[] = { (char *)path, NULL };
	char *const environment[] = { variable, NULL };
	int error = 0;

	snprintf(variable, sizeof(variable), "%s=%d", SPHERE_REPORT_VARIABLE,
		 fd);
	if (start)
		error = sphere_prepare(start);
	if (!error)
		error = exec(path, arguments, environment);
	_exit(-error);
}

int sphere_report_by(sphere_exec *exec, const char *path,
		     const struct sphere_start *start,
		     struct sphere_report *report)
{
	int fds[2], error, status;
	pid_t pid;

	if (pipe(fds))
		return -errno;
	pid = fork();
	if (!pid) {
		close(fds[0]);
		exec_report(exec, path, start, fds[1]);
	}
	close(fds[1]);
	error = pid < 0 ? -errno : sphere_report_read(fds[0], report);
	close(fds[0]);
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !error)
		return error;
	if (WIFEXITED(status) && WEXITSTATUS(status))
		return -WEXITSTATUS(status);
	return error;
}

static int exec_agent(struct sphere_agent *agent,
		      const struct sphere_start *start)
{
	char *const environment[] = { NULL };
	char command[12], reply[12];
	char *const arguments[] = { "sphere-agent", command, reply, NULL };
	int error = sphere_prepare(start);

	if (error)
		return error;
	snprintf(command, sizeof(command), "%d", agent->command[0]);
	snprintf(reply, sizeof(reply), "%d", agent->reply[1]);
	if (fcntl(agent->command[0], F_SETFD, 0) ||
	    fcntl(agent->reply[1], F_SETFD, 0))
		return -errno;
	return sphere_execve("/proc/self/exe", arguments, environment);
}

void sphere_agent_become(struct sphere_agent *agent,
			 const struct sphere_start *start)
{
	long error = exec_agent(agent, start);

	/* In the place of the agent's hello. */
	transfer(agent->reply[1], &error, sizeof(error), write_step);
	_exit(1);
}

int sphere_agent_hello(struct sphere_agent *agent)
{
	long result;
	int error;

	close(agent->command[0]);
	close(agent->reply[1]);
	agent->command[0] = -1;
	agent->reply[1] = -1;
	error = transfer(agent->reply[0], &result, sizeof(result), read);
	return error ? error : result;
}

int sphere_agent_start(struct sphere_agent *agent,
		       const struct sphere_start *start)
{
	int error = sphere_agent_pipes(agent);

	if (error)
		return error;
	agent->pid = fork();
	if (!agent->pid)
		sphere_agent_become(agent, start);
	error = sphere_agent_hello(agent);
	if (error)
		sphere_agent_stop(agent);
	return error;
}

int sphere_agent_start_patiently(struct sphere_agent *agent,
				 const struct sphere_start *start)
{
	const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };
	int error, waited;

	/* The last reference to credentials goes after a grace period. */
	for (waited = 0; waited < PATIENCE_MS; waited += 10) {
		error = sphere_agent_start(agent, start);
		if (error != -EBUSY)
			return error;
		nanosleep(&pause, NULL);
	}
	return -EBUSY;
}

int sphere_agent(struct sphere_agent *agent, int who)
{
	const struct sphere_start start = {
		.who = who,
		.uid = sphere_uid(who),
	};

	return sphere_agent_start(agent, &start);
}

int sphere_agent_with(struct sphere_agent *agent, int who,
		      const struct sphere_blob *record)
{
	const struct sphere_start start = {
		.who = who,
		.record = record,
		.uid = who > 0 ? sphere_uid(who) : SPHERE_NOBODYS_UID,
	};

	return sphere_agent_start_patiently(agent, &start);
}

int sphere_agent_stop(struct sphere_agent *agent)
{
	int status = -ECHILD;

	close(agent->command[1]);
	close(agent->reply[0]);
	while (waitpid(agent->pid, &status, 0) < 0 && errno == EINTR)
		;
	agent->pid = -1;
	return status;
}

long sphere_call(struct sphere_agent *agent, sphere_action *action, long a,
		 long b, const char *text)
{
	static struct message message;
	long result;
	int error;

	memset(&message, 0, sizeof(message));
	message.distance = (long)action - (long)sphere_begin;
	message.call.a = a;
	message.call.b = b;
	snprintf(message.call.text, sizeof(message.call.text), "%s",
		 text ? text : "");
	error = transfer(agent->command[1], &message, sizeof(message),
			 write_step);
	if (!error)
		error = transfer(agent->reply[0], &result, sizeof(result),
				 read);
	return error ? error : result;
}

long sphere_do_current_is(const struct sphere_call *call)
{
	return sphere_current_is(call->a);
}

long sphere_do_pending_is(const struct sphere_call *call)
{
	return sphere_pending_is(call->a);
}

long sphere_do_pend(const struct sphere_call *call)
{
	return sphere_pend(call->a);
}

long sphere_do_report_is(const struct sphere_call *call)
{
	static struct sphere_report report;
	int error = sphere_report_by(sphere_execve, call->text, NULL, &report);

	return error ? error : sphere_report_is(&report, call->a);
}

void sphere_begin(int argc, char **argv)
{
	/* A lost agent shows as -EPIPE where it is called. */
	signal(SIGPIPE, SIG_IGN);
	if (argc == 3 && !strcmp(argv[0], "sphere-agent")) {
		/* No agent outlives the test that has started it. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(atoi(argv[1]), atoi(argv[2]));
	}
	if (!sphere_present())
		ksft_exit_skip("Sphere is not in this kernel, or not on\n");
	if (!sphere_current_is(SPHERE_MANAGER))
		ksft_exit_skip("only a manager can run this\n");
}
