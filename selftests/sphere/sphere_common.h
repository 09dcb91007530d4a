/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sphere selftests - What all of them need
 *
 * Functions return 0 or more, or a negative errno.
 */

#ifndef SPHERE_COMMON_H
#define SPHERE_COMMON_H

#include <limits.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <linux/lsm.h>

#include "kselftest.h"
#include "sphere_record.h"

#ifndef LSM_ID_SPHERE
#define LSM_ID_SPHERE		0x53504852
#endif

/*
 * The number of a call that takes user or group ids of 32 bits. Where ids had
 * 16 bits at first, the plain name is that of the older call.
 */
#ifdef __NR_setuid32
#define SPHERE_NR_ID(call)	(__NR_##call##32)
#else
#define SPHERE_NR_ID(call)	(__NR_##call)
#endif

/*
 * Who a task is, or is to be: an application's number, which is larger than 0,
 * or one of these.
 */
#define SPHERE_NOBODY		0
#define SPHERE_MANAGER		(-1)

/* Whether this kernel has Sphere, and it is on. */
bool sphere_present(void);

/* The record of @who; an application's is sphere_record_full(). */
void sphere_record_of(struct sphere_blob *blob, int who);

/* The uid that @who has unless a test says otherwise. */
uid_t sphere_uid(int who);

/* One that no application has, for who has no identity. */
#define SPHERE_NOBODYS_UID	4713

/* The two system calls, and them with a context that is in order. */
int sphere_set_ctx(unsigned int attr, const struct lsm_ctx *ctx, __u32 size,
		   __u32 flags);
int sphere_get_ctx(unsigned int attr, struct lsm_ctx *ctx, __u32 *size,
		   __u32 flags);
int sphere_set(unsigned int attr, const void *record, size_t len);
int sphere_get(unsigned int attr, struct sphere_blob *blob);

/* Chooses what the next exec makes of the caller. */
int sphere_pend(int who);

/* Whether the caller is, or is to become, exactly @who. */
bool sphere_current_is(int who);
bool sphere_pending_is(int who);

int sphere_read_fd(int fd, struct sphere_blob *blob);
int sphere_read_file(const char *path, struct sphere_blob *blob);
int sphere_write_file(const char *path, const void *bytes, size_t len);
int sphere_write_text(const char *path, const char *text);

/* Sends a descriptor by a socket of AF_UNIX; receives one, -EBADMSG if none. */
int sphere_send_fd(int socket, int fd);
int sphere_receive_fd(int socket);

/*
 * Whether there are system calls to look into other processes at all: kernels
 * for products have none, not even for managers.
 */
bool sphere_can_trace(void);

/* Takes the descriptor that is @fd in the process @pid. */
int sphere_take_fd(pid_t pid, int fd);

/* The path of a file beside the running program. */
void sphere_beside(char path[PATH_MAX], const char *name);

/* A network namespace of the caller's own, with the loopback interface up. */
int sphere_own_network(void);

/* Copies a file, with this mode. */
int sphere_copy(const char *from, const char *to, mode_t mode);

/* What sphere_report, executed as something, found out about itself. */
struct sphere_report {
	int current_error;
	int exec_error;
	int set_error;
	uid_t uid[3];
	gid_t gid[3];
	struct sphere_blob current;
	struct sphere_blob exec;
};

/* Where sphere_report is told the number of the file descriptor to write to. */
#define SPHERE_REPORT_VARIABLE	"SPHERE_REPORT"

/* What "sphere_report file PATH" adds to the path. */
#define SPHERE_REPORT_SUFFIX	".report"

void sphere_report_make(struct sphere_report *report);
/* -EPIPE if there is no report. */
int sphere_report_read(int fd, struct sphere_report *report);
/* Whether @report is of a task that is exactly @who and that can do no more. */
bool sphere_report_is(const struct sphere_report *report, int who);

/* How somebody starts. */
struct sphere_start {
	int who;
	/* Instead of the record of @who. */
	const struct sphere_blob *record;
	uid_t uid;
	/* Has all of Linux' capabilities whatever the uid. */
	bool all_capabilities;
};

/* Everything before the exec. */
int sphere_prepare(const struct sphere_start *start);

/* One way to execute a file. Returns if it fails. */
typedef int sphere_exec(const char *path, char *const argv[],
			char *const envp[]);
sphere_exec sphere_execve;

/*
 * Forks a child that prepares for @start, if there is one, and executes
 * sphere_report, or a file that leads to it. Fails as the child did.
 */
int sphere_report_by(sphere_exec *exec, const char *path,
		     const struct sphere_start *start,
		     struct sphere_report *report);

/*
 * Agents: this program, executed again as somebody else, waiting for calls.
 */
struct sphere_agent {
	pid_t pid;
	int command[2];
	int reply[2];
};

/* Starts @who with its uid; or as @start says. Fails as the exec did. */
int sphere_agent(struct sphere_agent *agent, int who);
int sphere_agent_start(struct sphere_agent *agent,
		       const struct sphere_start *start);
/* The same, waiting some seconds for a uid or a component to get free. */
int sphere_agent_start_patiently(struct sphere_agent *agent,
				 const struct sphere_start *start);
/* The same for @who with this record, and with its uid. */
int sphere_agent_with(struct sphere_agent *agent, int who,
		      const struct sphere_blob *record);
/* Ends it and returns its wait status. */
int sphere_agent_stop(struct sphere_agent *agent);

/* The parts of sphere_agent_start(), for who wants to fork on his own. */
int sphere_agent_pipes(struct sphere_agent *agent);
__noreturn void sphere_agent_become(struct sphere_agent *agent,
				    const struct sphere_start *start);
int sphere_agent_hello(struct sphere_agent *agent);

/* What an agent can be asked to do: any function of the program. */
struct sphere_call {
	long a;
	long b;
	char text[PATH_MAX];
};

typedef long sphere_action(const struct sphere_call *call);

/* Returns what the action returns. */
long sphere_call(struct sphere_agent *agent, sphere_action *action, long a,
		 long b, const char *text);

/* Some that several tests need. */
sphere_action sphere_do_current_is;
sphere_action sphere_do_pending_is;
sphere_action sphere_do_pend;
/* Executes the file; whether it reports that it is @a. */
sphere_action sphere_do_report_is;

/*
 * First thing in main(): becomes the agent if that is what the program was
 * executed for, else skips all tests where they cannot run.
 */
void sphere_begin(int argc, char **argv);

#endif /* SPHERE_COMMON_H */
