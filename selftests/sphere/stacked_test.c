// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - Beside another security module in Rust
 *
 * The other one is the example in the documentation of rust/kernel/lsm.rs, which
 * is in kernels with CONFIG_RUST_KERNEL_DOCTESTS and on with lsm=sphere,secrets.
 * Both keep something in credentials, both decide about tracing: neither may
 * touch what is the other's, and what one denies stays denied.
 */

#include <errno.h>
#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "sphere_common.h"

#define LSM_ID_SECRETS	0xdecafbad

#define APP	900

static int set_secret(__u32 secret)
{
	struct {
		struct lsm_ctx ctx;
		__u32 value;
	} arg = {
		.ctx = {
			.id = LSM_ID_SECRETS,
			.len = sizeof(struct lsm_ctx) + sizeof(secret),
			.ctx_len = sizeof(secret),
		},
		.value = secret,
	};

	if (syscall(__NR_lsm_set_self_attr, LSM_ATTR_CURRENT, &arg, sizeof(arg), 0))
		return -errno;
	return 0;
}

static long do_set_secret(const struct sphere_call *call)
{
	return set_secret(call->a);
}

static bool secrets_present(void)
{
	char names[256] = "";
	int fd = open("/sys/kernel/security/lsm", O_RDONLY);

	if (fd < 0)
		return false;
	if (read(fd, names, sizeof(names) - 1) < 0)
		names[0] = '\0';
	close(fd);
	return strstr(names, "secrets");
}

static int try_seize(pid_t pid)
{
	int status;

	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) ||
	    ptrace(PTRACE_INTERRUPT, pid, NULL, NULL))
		return -errno;
	if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
		return -ECHILD;
	return ptrace(PTRACE_DETACH, pid, NULL, NULL) ? -errno : 0;
}

FIXTURE(stacked)
{
	struct sphere_agent app;
};

FIXTURE_SETUP(stacked)
{
	if (!secrets_present())
		SKIP(return, "the kernel runs without lsm=sphere,secrets");
	ASSERT_EQ(0, sphere_agent(&self->app, APP));
}

FIXTURE_TEARDOWN(stacked)
{
	if (self->app.pid)
		sphere_agent_stop(&self->app);
}

TEST_F(stacked, both_are_listed)
{
	__u64 ids[16];
	__u32 size = sizeof(ids);
	bool sphere = false, secrets = false;
	int i, count;

	count = syscall(__NR_lsm_list_modules, ids, &size, 0);
	ASSERT_LT(0, count);
	for (i = 0; i < count; i++) {
		sphere |= ids[i] == LSM_ID_SPHERE;
		secrets |= ids[i] == LSM_ID_SECRETS;
	}
	EXPECT_TRUE(sphere);
	EXPECT_TRUE(secrets);
}

/* One's blob is not the other's. */
TEST_F(stacked, a_secret_leaves_the_identity_alone)
{
	ASSERT_EQ(true, sphere_call(&self->app, sphere_do_current_is, APP, 0, ""));
	ASSERT_EQ(0, sphere_call(&self->app, do_set_secret, -1, 0, ""));
	EXPECT_EQ(true, sphere_call(&self->app, sphere_do_current_is, APP, 0, ""));
}

/* And the other way: a secret survives the exec that gives an identity. */
TEST_F(stacked, an_identity_leaves_the_secret_alone)
{
	struct sphere_agent secretive;
	int status;
	pid_t pid;

	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		if (set_secret(7) || sphere_agent(&secretive, APP + 1))
			_exit(1);
		/* Seizing works for who has the same secret. */
		if (try_seize(secretive.pid))
			_exit(2);
		/* Not for who has none. */
		if (set_secret(0) || try_seize(secretive.pid) != -EPERM)
			_exit(3);
		sphere_agent_stop(&secretive);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(0, WEXITSTATUS(status));
}

/* Sphere lets a manager trace; the other module has the last word. */
TEST_F(stacked, each_can_deny)
{
	EXPECT_EQ(0, try_seize(self->app.pid));
	ASSERT_EQ(0, sphere_call(&self->app, do_set_secret, 7, 0, ""));
	EXPECT_EQ(-EPERM, try_seize(self->app.pid));
	ASSERT_EQ(0, sphere_call(&self->app, do_set_secret, 0, 0, ""));
	EXPECT_EQ(0, try_seize(self->app.pid));
}

int main(int argc, char **argv)
{
	sphere_begin(argc, argv);
	return test_harness_run(argc, argv);
}
