// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - Ways around the table of system calls
 *
 * Each test tries one of them as an application. The document that names them
 * all is Documentation/security/sphere-syscalls.rst.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/filter.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#ifdef __x86_64__
#include <sys/user.h>
#endif
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "sphere_common.h"
#include "sphere_policy.h"
#include "sphere_securityfs.h"

/* Only this test uses it. */
#define APP		470

#define FOREIGN_ELF	"/tmp/sphere-foreign-elf"

/* Signals are told from errors and results. */
#define SIGNALLED	10000

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH	59
#define PR_SYS_DISPATCH_ON		1
#endif

static struct sphere_policy policy;

/* Not every architecture has doors that this, and a child, are needed for. */
static __maybe_unused long number_of(const char *name)
{
	unsigned int nr;

	for (nr = 0; nr < policy.count; nr++)
		if (!strcmp(policy.syscalls[nr].name, name))
			return nr;
	return -1;
}

/* A number with this decision, which has no arguments to go wrong. */
static long number_with(enum sphere_decision decision)
{
	unsigned int nr;

	for (nr = 0; nr < policy.count; nr++)
		if (policy.syscalls[nr].decision == decision)
			return nr;
	return -1;
}

static long call(long nr)
{
	return syscall(nr, -1L, -1L, -1L, -1L, -1L, -1L) == -1 ? -errno : 0;
}

/* What @attempt returns, or the signal that it ends by, in a child. */
static __maybe_unused long in_child(long (*attempt)(long a), long a)
{
	long *result = mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = 0;
	pid_t pid;
	long found;

	if (result == MAP_FAILED)
		return -errno;
	pid = fork();
	if (!pid) {
		*result = attempt(a);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -ECHILD;
	found = *result;
	munmap(result, sizeof(*result));
	return WIFSIGNALED(status) ? SIGNALLED + WTERMSIG(status) : found;
}

FIXTURE(doors)
{
	struct sphere_agent app;
};

FIXTURE_SETUP(doors)
{
	int err = sphere_policy_read(&policy);

	if (err == -ENOENT)
		SKIP(return, "the policy's files are not beside the test");
	ASSERT_EQ(0, err);
	ASSERT_EQ(0, sphere_agent(&self->app, APP));
}

FIXTURE_TEARDOWN(doors)
{
	if (policy.count)
		EXPECT_EQ(0, sphere_agent_stop(&self->app));
}

#define CALL(action, a, b, text) sphere_call(&self->app, action, a, b, text)

#ifdef __x86_64__

/* getpid() by the gate of 32-bit programs. */
static long int80(long nr)
{
	long result;

	asm volatile("int $0x80" : "=a" (result) : "0" (nr) : "memory");
	return result;
}

static long do_int80(const struct sphere_call *call)
{
	return in_child(int80, call->a);
}

TEST_F(doors, int80)
{
	EXPECT_EQ(SIGNALLED + SIGSEGV, CALL(do_int80, 20, 0, NULL));
}

static long vsyscall(long offset)
{
	unsigned long address = 0xffffffffff600000UL + offset;
	long (*entry)(void *time) = (void *)address;
	long time[2];

	return entry(time) < 0 ? -1 : 0;
}

static long do_vsyscall(const struct sphere_call *call)
{
	return in_child(vsyscall, call->a);
}

/* gettimeofday(), time() and getcpu(), which are kept, or nothing at all. */
TEST_F(doors, vsyscall)
{
	static const int offsets[] = { 0, 0x400, 0x800, 0x200, 0xc00 };
	unsigned int i;
	long got;

	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		got = CALL(do_vsyscall, offsets[i], 0, NULL);
		if (i >= 3 || got)
			EXPECT_EQ(SIGNALLED + SIGSEGV, got);
	}
}

static long raw(long nr)
{
	long result;

	asm volatile("syscall" : "=a" (result)
		     : "0" (nr), "D" (-1L), "S" (-1L), "d" (-1L)
		     : "rcx", "r11", "memory");
	return result;
}

static long do_raw(const struct sphere_call *call)
{
	return in_child(raw, call->a);
}

/* The upper half of the register makes no other number. */
TEST_F(doors, upper_bits)
{
	static const enum sphere_decision decisions[] = {
		SPHERE_ENOSYS, SPHERE_EPERM, SPHERE_RESTRICTED,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(decisions); i++) {
		long nr = number_with(decisions[i]);

		ASSERT_LE(0, nr);
		EXPECT_EQ(sphere_policy_errno(decisions[i], false),
			  CALL(do_raw, nr | 1L << 32, 0, NULL));
		EXPECT_EQ(sphere_policy_errno(decisions[i], false),
			  CALL(do_raw, nr | ~0xffffffffL, 0, NULL));
	}
	EXPECT_LT(0, CALL(do_raw, number_of("getppid") | 1L << 32, 0, NULL));
}

/* Every number of the table, in the other ABI's clothes. */
TEST_F_TIMEOUT(doors, x32, 300)
{
	unsigned int nr;

	for (nr = 0; nr < 600; nr++)
		EXPECT_EQ(-ENOSYS, CALL(do_raw, nr | 0x40000000, 0, NULL));
}

/*
 * From 64-bit code to the code segment of 32-bit programs, where "syscall" and
 * "sysenter" are other entries.  If one of them was there, it would make a
 * directory.
 */
extern const char code32[], code32_end[], code32_sysenter[];
asm(".pushsection .rodata\n"
	".code32\n"
	"code32:\n"
	"	movl $39, %eax\n"		/* mkdir, of 32-bit programs */
	"	movl $0x10f00, %ebx\n"
	"	movl $0700, %ecx\n"
	"	movl $0x11000, %esp\n"
	"	movl %esp, %ebp\n"
	"	syscall\n"
	"	hlt\n"
	"code32_sysenter:\n"
	"	movl $39, %eax\n"
	"	movl $0x10f00, %ebx\n"
	"	movl $0700, %ecx\n"
	"	movl $0x11000, %esp\n"
	"	movl %esp, %ebp\n"
	"	sysenter\n"
	"	hlt\n"
	"code32_end:\n"
	".code64\n"
	".popsection\n");

static long enter_code32(long offset)
{
	char *page = mmap((void *)0x10000, 0x1000, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	/* Not by a far return: QEMU 7.2 reads its operands as the kernel. */
	struct {
		unsigned int offset;
		unsigned short segment;
	} to = { .segment = 0x23 };

	if (page == MAP_FAILED)
		return -errno;
	memcpy(page, code32, code32_end - code32);
	snprintf(page + 0xf00, 0x100, "/tmp/sphere-code32");
	if (mprotect(page, 0x1000, PROT_READ | PROT_EXEC))
		return -errno;
	to.offset = 0x10000 + offset;
	asm volatile("ljmpl *%0" : : "m" (to) : "memory");
	return 0;
}

static long do_code32(const struct sphere_call *call)
{
	return in_child(enter_code32, call->a);
}

TEST_F(doors, code32)
{
	const long offsets[] = { 0, code32_sysenter - code32 };
	unsigned int i;

	rmdir("/tmp/sphere-code32");
	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		EXPECT_LT(SIGNALLED, CALL(do_code32, offsets[i], 0, NULL));
		EXPECT_EQ(-1, rmdir("/tmp/sphere-code32"));
	}
}

#define NUMBER_REGISTER(context)	((context)->uc_mcontext.gregs[REG_RAX])
#endif /* __x86_64__ */

#ifdef __arm__

/* The number of the older ABI is in the instruction, which Thumb has no room for. */
static __attribute__((target("arm"))) long oabi(long nr)
{
	register long number asm("r7") = nr;
	register long result asm("r0") = -1;

	asm volatile("svc #0x90001a" : "+r" (result) : "r" (number) : "memory");
	return result;
}

static long do_oabi(const struct sphere_call *call)
{
	return in_child(oabi, call->a);
}

TEST_F(doors, oabi)
{
	/* getpid(), and what was syscall(). */
	EXPECT_LT(0, CALL(do_oabi, 20, 0, NULL));
	EXPECT_EQ(-ENOSYS, CALL(do_oabi, 113, 0, NULL));
	EXPECT_EQ(-EPERM, CALL(do_oabi, number_of("ptrace"), 0, NULL));
}

static long do_number(const struct sphere_call *command)
{
	return in_child(call, command->a);
}

/* Cache and thread pointer, and nothing more. */
TEST_F(doors, private_calls)
{
	EXPECT_EQ(-ENOSYS, CALL(do_number, 0x0f07ff, 0, NULL));
	EXPECT_EQ(SIGNALLED + SIGILL, CALL(do_number, 0x100000, 0, NULL));
}

#define NUMBER_REGISTER(context)	((context)->uc_mcontext.arm_r0)
#endif /* __arm__ */

#ifdef __aarch64__
#define NUMBER_REGISTER(context)	((context)->uc_mcontext.regs[0])
#endif

#ifdef __riscv
#define NUMBER_REGISTER(context)	((context)->uc_mcontext.__gregs[REG_A0])
#endif

/* A program for another architecture, or for an older ABI. */
static long do_execute(const struct sphere_call *call)
{
	char *const none[] = { NULL };

	execve(call->text, none, none);
	return -errno;
}

TEST_F(doors, foreign_programs)
{
	static const unsigned char header[] = {
		/* 32 bits, little-endian. */
		0x7f, 'E', 'L', 'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		/* A program for the 386, with one program header at 52. */
		2, 0, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 52, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 52, 0, 32, 0, 1, 0, 0, 0,
	};
	char bytes[4096] = {};
	int fd;

	memcpy(bytes, header, sizeof(header));
	unlink(FOREIGN_ELF);
	fd = open(FOREIGN_ELF, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	ASSERT_LE(0, fd);
	ASSERT_EQ(sizeof(bytes), write(fd, bytes, sizeof(bytes)));
	close(fd);
	EXPECT_EQ(-ENOEXEC, CALL(do_execute, 0, 0, FOREIGN_ELF));
	unlink(FOREIGN_ELF);
}

/* What unshare() would do, by a new process. */
static long do_clone(const struct sphere_call *call)
{
	struct clone_args arguments = {
		.flags = call->a,
		.exit_signal = SIGCHLD,
	};
	long pid;

	if (call->b)
		pid = syscall(SYS_clone3, &arguments, sizeof(arguments));
	else
		pid = syscall(SYS_clone, call->a | SIGCHLD, 0, 0, 0, 0);
	if (!pid)
		_exit(0);
	if (pid < 0)
		return -errno;
	waitpid(pid, NULL, 0);
	return 0;
}

TEST_F(doors, clone_flags)
{
	static const unsigned int flags[] = {
		CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWPID,
		CLONE_NEWNET, CLONE_NEWCGROUP,
	};
	unsigned int i, newer;

	for (newer = 0; newer < 2; newer++) {
		EXPECT_EQ(0, CALL(do_clone, 0, newer, NULL));
		/* Of its own, which is no privilege. */
		EXPECT_EQ(0, CALL(do_clone, CLONE_FILES, newer, NULL));
		EXPECT_EQ(-EPERM, CALL(do_clone, CLONE_NEWUSER, newer, NULL));
		for (i = 0; i < ARRAY_SIZE(flags); i++) {
			long err = CALL(do_clone, flags[i], newer, NULL);

			/* Of some kinds this kernel has none. */
			if (err != -EINVAL)
				EXPECT_EQ(-EPERM, err)
					TH_LOG("%x", flags[i]);
		}
	}
	EXPECT_EQ(-EPERM, CALL(do_clone, CLONE_NEWUSER | CLONE_NEWNS, 0, NULL));
}

static long do_setns(const struct sphere_call *call)
{
	int fd = open(call->text, O_RDONLY | O_CLOEXEC);
	long err;

	if (fd < 0)
		return -errno;
	err = syscall(SYS_setns, fd, 0) ? -errno : 0;
	close(fd);
	return err;
}

TEST_F(doors, namespace_files)
{
	if (access("/proc/self/ns/uts", F_OK))
		SKIP(return, "no namespaces in this kernel");
	EXPECT_EQ(-EPERM, CALL(do_setns, 0, 0, "/proc/self/ns/uts"));
	EXPECT_EQ(-EPERM, CALL(do_setns, 0, 0, "/proc/self/ns/mnt"));
}

/* A call that was never begun is not continued, nor is one that was denied. */
static long do_restart(const struct sphere_call *command)
{
	long err;

	if (command->a >= 0)
		call(command->a);
	err = syscall(SYS_restart_syscall);
	return err ? -errno : 0;
}

TEST_F(doors, restart)
{
	EXPECT_EQ(-EINTR, CALL(do_restart, -1, 0, NULL));
	EXPECT_EQ(-EINTR, CALL(do_restart, number_with(SPHERE_ENOSYS), 0, NULL));
	EXPECT_EQ(-EINTR, CALL(do_restart, number_with(SPHERE_RESTRICTED), 0,
			       NULL));
}

/* "Make the call again", which only the kernel says to itself. */
#define RESTART	513

static void pretend_restart(int signal __maybe_unused,
			    siginfo_t *info __maybe_unused, void *context)
{
	NUMBER_REGISTER((ucontext_t *)context) = -RESTART;
}

static long do_sigreturn(const struct sphere_call *call __maybe_unused)
{
	struct sigaction action = {
		.sa_sigaction = pretend_restart,
		.sa_flags = SA_SIGINFO,
	};
	register long result;

	if (sigaction(SIGUSR1, &action, NULL))
		return -errno;
#ifdef __x86_64__
	/* The handler runs on the way out of this call, instead of its result. */
	asm volatile("syscall" : "=a" (result)
		     : "0" (SYS_tkill), "D" (gettid()), "S" (SIGUSR1)
		     : "rcx", "r11", "memory");
#elif defined(__arm__)
	register long number asm("r7") = SYS_tkill;
	register long first asm("r0") = gettid();
	register long second asm("r1") = SIGUSR1;

	asm volatile("svc #0" : "+r" (first) : "r" (second), "r" (number)
		     : "memory");
	result = first;
#else
	/* The C library takes that for an error, as it takes every number so small. */
	result = syscall(SYS_tkill, gettid(), SIGUSR1) ? -errno : 0;
#endif
	return result;
}

TEST_F(doors, sigreturn)
{
	EXPECT_EQ(-RESTART, CALL(do_sigreturn, 0, 0, NULL));
}

#ifdef __x86_64__
static char selector;
static long dispatched;

static void call_it(int signal __maybe_unused, siginfo_t *info,
		    void *context __maybe_unused)
{
	selector = 0;
	dispatched = call(info->si_syscall);
}

/* The number comes as a signal, and is called from the handler. */
static long do_dispatch(const struct sphere_call *command)
{
	struct sigaction action = {
		.sa_sigaction = call_it,
		.sa_flags = SA_SIGINFO,
	};

	if (sigaction(SIGSYS, &action, NULL) ||
	    prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0, 0,
		  &selector))
		return 1;
	selector = 1;
	syscall(command->a);
	return dispatched;
}

TEST_F(doors, user_dispatch)
{
	long err = CALL(do_dispatch, number_with(SPHERE_ENOSYS), 0, NULL);

	if (err == 1)
		SKIP(return, "no syscall user dispatch in this kernel");
	EXPECT_EQ(-ENOSYS, err);
	EXPECT_EQ(-EPERM, CALL(do_dispatch, number_with(SPHERE_EPERM), 0, NULL));
}
#endif

#ifdef __x86_64__
/* A child that lets itself be traced and asks who its parent is. */
static __noreturn void be_traced(void)
{
	long err;

	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		_exit(1);
	raise(SIGSTOP);
	err = raw(SYS_getppid);
	_exit(err < 0 ? -err : 0);
}

/* Its tracer makes another call of that; 1 where there is no tracing. */
static long do_trace(const struct sphere_call *call)
{
	struct user_regs_struct registers;
	int status = 0;
	pid_t pid = fork();

	if (!pid)
		be_traced();
	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		ptrace(PTRACE_GETREGS, pid, NULL, &registers);
		if (registers.orig_rax == SYS_getppid) {
			registers.orig_rax = call->a;
			ptrace(PTRACE_SETREGS, pid, NULL, &registers);
			ptrace(PTRACE_CONT, pid, NULL, NULL);
		} else {
			ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
		}
	}
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -ECHILD;
}

/* The number that counts is the one that the tracer has left. */
TEST_F(doors, tracer)
{
	long restricted = number_with(SPHERE_RESTRICTED), before;

	if (policy.syscalls[SYS_ptrace].decision != SPHERE_KEPT)
		SKIP(return, "this kernel denies ptrace()");
	before = sphere_fs_syscall_denials(restricted);
	EXPECT_EQ(0, CALL(do_trace, SYS_getppid, 0, NULL));
	EXPECT_EQ(-EPERM, CALL(do_trace, restricted, 0, NULL));
	EXPECT_EQ(before + 1, sphere_fs_syscall_denials(restricted));
	EXPECT_EQ(-ENOSYS, CALL(do_trace, number_with(SPHERE_ENOSYS), 0, NULL));
}
#endif

/* A filter that hands one system call to whom has the listener. */
static int listener_for(long nr)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {
		.len = ARRAY_SIZE(filter),
		.filter = filter,
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		       SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

/* The supervisor says: go on with it. */
static long answer_continue(int listener)
{
	struct seccomp_notif request = {};
	struct seccomp_notif_resp response = {
		.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE,
	};

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request))
		return -errno;
	response.id = request.id;
	return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response) ? -errno : 0;
}

#define NO_FILTER	255

/* A child's call that its parent lets go on; 1 if there is no such thing. */
static long do_notify(const struct sphere_call *command)
{
	int pair[2], status = 0, listener;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	pid = fork();
	if (!pid) {
		listener = listener_for(command->a);
		if (listener < 0 || sphere_send_fd(pair[1], listener))
			_exit(NO_FILTER);
		_exit(-call(command->a));
	}
	close(pair[1]);
	listener = sphere_receive_fd(pair[0]);
	close(pair[0]);
	if (listener > 0) {
		answer_continue(listener);
		close(listener);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -ECHILD;
	return WEXITSTATUS(status) == NO_FILTER ? 1 : -WEXITSTATUS(status);
}

TEST_F(doors, seccomp_says_continue)
{
	long nr = number_with(SPHERE_RESTRICTED), before = sphere_fs_syscall_denials(nr);
	long err = CALL(do_notify, nr, 0, NULL);

	if (err == 1)
		SKIP(return, "no seccomp filters in this kernel");
	EXPECT_EQ(-EPERM, err);
	EXPECT_EQ(before + 1, sphere_fs_syscall_denials(nr));
	EXPECT_EQ(-ENOSYS, CALL(do_notify, number_with(SPHERE_ENOSYS), 0, NULL));
}

/* Options of prctl() that are like calls that are denied. */
static long do_prctl(const struct sphere_call *call)
{
	return prctl(call->a, call->b, 0, 0, 0) < 0 ? -errno : 0;
}

TEST_F(doors, prctl_options)
{
	EXPECT_EQ(-EPERM, CALL(do_prctl, PR_SET_MM, PR_SET_MM_START_CODE, NULL));
	EXPECT_EQ(-EINVAL, CALL(do_prctl, PR_SET_PTRACER, -1, NULL));
	EXPECT_EQ(-EPERM, CALL(do_prctl, PR_CAPBSET_DROP, 0, NULL));
}

static long do_notify_directory(const struct sphere_call *call __maybe_unused)
{
	int fd = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	long err = fcntl(fd, F_NOTIFY, DN_CREATE) < 0 ? -errno : 0;

	close(fd);
	return err;
}

static long do_open(const struct sphere_call *call)
{
	int fd = open(call->text, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* Features that are switched off where they have a second entry. */
TEST_F(doors, second_entries)
{
	EXPECT_EQ(-EINVAL, CALL(do_notify_directory, 0, 0, NULL));
	EXPECT_EQ(-ENOENT, CALL(do_open, 0, 0, "/dev/userfaultfd"));
	EXPECT_EQ(-ENOENT, CALL(do_open, 0, 0, "/dev/mem"));
	EXPECT_EQ(-ENOENT, CALL(do_open, 0, 0, "/dev/port"));
	EXPECT_EQ(-ENOENT, CALL(do_open, 0, 0, "/proc/sysrq-trigger"));
}

int main(int argc, char **argv)
{
	sphere_begin(argc, argv);
	return test_harness_run(argc, argv);
}
