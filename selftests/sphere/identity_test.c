// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - The life of an identity
 *
 * Given by a manager, in force from the exec on, inherited, never changed.
 */

#include <errno.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <linux/keyctl.h>

#include "kselftest_harness.h"
#include "sphere_common.h"

#define APP	100
#define OTHER	101

/* In a child: whether it is @current, with @pending. */
static bool child_is(int current, int pending)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(sphere_current_is(current) &&
		      sphere_pending_is(pending) ? 0 : 1);
	return waitpid(pid, &status, 0) == pid && !status;
}

TEST(test_is_manager)
{
	EXPECT_TRUE(sphere_current_is(SPHERE_MANAGER));
	EXPECT_TRUE(sphere_pending_is(SPHERE_NOBODY));
}

TEST(pid_1_is_manager)
{
	struct sphere_blob expected, seen;

	sphere_record_of(&expected, SPHERE_MANAGER);
	ASSERT_EQ(0, sphere_read_file("/proc/1/attr/sphere/current", &seen));
	EXPECT_TRUE(sphere_blob_equal(&expected, &seen));
}

TEST(set_and_clear)
{
	struct sphere_blob nobody;

	sphere_record_of(&nobody, SPHERE_NOBODY);
	EXPECT_EQ(0, sphere_pend(APP));
	EXPECT_TRUE(sphere_pending_is(APP));
	EXPECT_EQ(0, sphere_pend(OTHER));
	EXPECT_TRUE(sphere_pending_is(OTHER));
	EXPECT_EQ(0, sphere_set(LSM_ATTR_EXEC, NULL, 0));
	EXPECT_TRUE(sphere_pending_is(SPHERE_NOBODY));
	EXPECT_EQ(0, sphere_set(LSM_ATTR_EXEC, NULL, 0));
	EXPECT_EQ(0, sphere_pend(SPHERE_MANAGER));
	EXPECT_TRUE(sphere_pending_is(SPHERE_MANAGER));
	EXPECT_EQ(0, sphere_pend(SPHERE_NOBODY));
	EXPECT_TRUE(sphere_pending_is(SPHERE_NOBODY));
	/* And what is in force has not changed by all that. */
	EXPECT_TRUE(sphere_current_is(SPHERE_MANAGER));
}

TEST(set_and_clear_by_proc)
{
	static const char path[] = "/proc/self/attr/sphere/exec";
	struct sphere_blob record;

	sphere_record_of(&record, APP);
	EXPECT_EQ(0, sphere_write_file(path, record.bytes, record.len));
	EXPECT_TRUE(sphere_pending_is(APP));
	EXPECT_EQ(0, sphere_write_file(path, "", 0));
	EXPECT_TRUE(sphere_pending_is(SPHERE_NOBODY));
	EXPECT_EQ(0, sphere_write_file(path, record.bytes, record.len));
	sphere_record_of(&record, SPHERE_NOBODY);
	EXPECT_EQ(0, sphere_write_file(path, record.bytes, record.len));
	EXPECT_TRUE(sphere_pending_is(SPHERE_NOBODY));
}

/* Setting copies: what becomes of the buffer afterwards does not matter. */
TEST(set_copies)
{
	union {
		struct lsm_ctx ctx;
		__u8 bytes[4096];
	} buffer = { .ctx = { .id = LSM_ID_SPHERE } };
	struct sphere_blob record;

	sphere_record_of(&record, APP);
	memcpy(buffer.ctx.ctx, record.bytes, record.len);
	buffer.ctx.ctx_len = record.len;
	buffer.ctx.len = sizeof(buffer.ctx) + record.len;
	ASSERT_EQ(0, sphere_set_ctx(LSM_ATTR_EXEC, &buffer.ctx,
				    sizeof(buffer), 0));
	memset(&buffer, 0xff, sizeof(buffer));
	EXPECT_TRUE(sphere_pending_is(APP));
}

FIXTURE(agent)
{
	struct sphere_agent agent;
};

FIXTURE_VARIANT(agent)
{
	int who;
};

FIXTURE_VARIANT_ADD(agent, manager)
{
	.who = SPHERE_MANAGER,
};

FIXTURE_VARIANT_ADD(agent, nobody)
{
	.who = SPHERE_NOBODY,
};

FIXTURE_VARIANT_ADD(agent, application)
{
	.who = APP,
};

FIXTURE_SETUP(agent)
{
	ASSERT_EQ(0, sphere_agent(&self->agent, variant->who));
}

FIXTURE_TEARDOWN(agent)
{
	EXPECT_EQ(0, sphere_agent_stop(&self->agent));
}

TEST_F(agent, becomes)
{
	EXPECT_EQ(1, sphere_call(&self->agent, sphere_do_current_is,
				 variant->who, 0, NULL));
	EXPECT_EQ(1, sphere_call(&self->agent, sphere_do_pending_is,
				 SPHERE_NOBODY, 0, NULL));
	/* Whoever gave it has stayed what he was, and has used nothing up. */
	EXPECT_TRUE(sphere_current_is(SPHERE_MANAGER));
	EXPECT_TRUE(sphere_pending_is(SPHERE_NOBODY));
}

static int write_attr(const char *path, const struct sphere_blob *blob)
{
	return sphere_write_file(path, blob->bytes, blob->len);
}

/* Counts the attempts to get another identity that are not refused. */
static long try_everything(const struct sphere_call *call)
{
	static const char exec_path[] = "/proc/self/attr/sphere/exec";
	static const char current_path[] = "/proc/thread-self/attr/sphere/current";
	static const int wishes[] = { SPHERE_NOBODY, SPHERE_MANAGER, APP, OTHER };
	struct sphere_blob blob;
	unsigned int i, failures = 0;

	for (i = 0; i < ARRAY_SIZE(wishes); i++) {
		sphere_record_of(&blob, wishes[i]);
		failures += sphere_set(LSM_ATTR_EXEC, blob.bytes, blob.len) !=
			-EPERM;
		failures += sphere_set(LSM_ATTR_CURRENT, blob.bytes,
				       blob.len) != -EPERM;
		failures += write_attr(exec_path, &blob) != -EPERM;
		failures += write_attr(current_path, &blob) != -EPERM;
	}
	/* Nor is it told what is wrong with a record. */
	blob.bytes[0]++;
	failures += sphere_set(LSM_ATTR_EXEC, blob.bytes, blob.len) != -EPERM;
	failures += sphere_set(LSM_ATTR_EXEC, blob.bytes, 1) != -EPERM;
	failures += write_attr(exec_path, &blob) != -EPERM;
	failures += sphere_set(LSM_ATTR_EXEC, NULL, 0) != -EPERM;
	failures += sphere_set(LSM_ATTR_CURRENT, NULL, 0) != -EPERM;
	failures += !sphere_current_is(call->a);
	failures += !sphere_pending_is(SPHERE_NOBODY);
	return failures;
}

TEST_F(agent, tries_everything)
{
	long successes = sphere_call(&self->agent, try_everything, variant->who,
				     0, NULL);

	/* A manager shows that the attempts are good ones. */
	EXPECT_EQ(variant->who == SPHERE_MANAGER, successes > 0);
}

static long set_current(const struct sphere_call *call)
{
	struct sphere_blob blob;

	sphere_record_of(&blob, call->a);
	return sphere_set(LSM_ATTR_CURRENT, blob.bytes, blob.len);
}

/* Not even to what it is, and not even a manager. */
TEST_F(agent, current_is_for_good)
{
	static const int wishes[] = { SPHERE_NOBODY, SPHERE_MANAGER, APP, OTHER };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wishes); i++)
		EXPECT_EQ(-EPERM, sphere_call(&self->agent, set_current,
					      wishes[i], 0, NULL));
	EXPECT_EQ(1, sphere_call(&self->agent, sphere_do_current_is,
				 variant->who, 0, NULL));
}

static long fork_and_see(const struct sphere_call *call)
{
	return child_is(call->a, SPHERE_NOBODY);
}

TEST_F(agent, fork_inherits)
{
	EXPECT_EQ(1, sphere_call(&self->agent, fork_and_see, variant->who, 0,
				 NULL));
}

static void *see_in_thread(void *who)
{
	return sphere_current_is((long)who) ? who : NULL - 1;
}

static long thread_and_see(const struct sphere_call *call)
{
	void *result = NULL;
	pthread_t thread;

	if (pthread_create(&thread, NULL, see_in_thread, (void *)call->a))
		return -EAGAIN;
	pthread_join(thread, &result);
	return result == (void *)call->a;
}

TEST_F(agent, thread_inherits)
{
	EXPECT_EQ(1, sphere_call(&self->agent, thread_and_see, variant->who, 0,
				 NULL));
}

/* A manager that has not chosen executes as nobody; the others stay. */
TEST_F(agent, exec_inherits)
{
	int after = variant->who == SPHERE_MANAGER ? SPHERE_NOBODY :
						     variant->who;
	char path[PATH_MAX];

	sphere_beside(path, "sphere_report");
	EXPECT_EQ(1, sphere_call(&self->agent, sphere_do_report_is, after, 0,
				 path));
	EXPECT_EQ(1, sphere_call(&self->agent, sphere_do_current_is,
				 variant->who, 0, NULL));
}

static long start_another(const struct sphere_call *call)
{
	struct sphere_agent agent;
	const struct sphere_start start = { .who = call->a };
	long result = sphere_agent_start(&agent, &start);

	if (result)
		return result;
	result = sphere_call(&agent, sphere_do_current_is, call->a, 0, NULL);
	sphere_agent_stop(&agent);
	return result;
}

/* What sphere-run does works for a manager only, at any depth. */
TEST_F(agent, starts_another)
{
	int expected = variant->who == SPHERE_MANAGER ? 1 : -EPERM;

	EXPECT_EQ(expected, sphere_call(&self->agent, start_another,
					SPHERE_MANAGER, 0, NULL));
	EXPECT_EQ(expected, sphere_call(&self->agent, start_another,
					SPHERE_NOBODY, 0, NULL));
}

static long keyring_round(const struct sphere_call *call)
{
	pid_t pid = fork();
	int status;

	/*
	 * The child hands its session keyring, and with that new credentials,
	 * to its parent, which takes them on its way back to user space.
	 */
	if (!pid) {
		if (syscall(__NR_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0)
			_exit(errno);
		if (syscall(__NR_keyctl, KEYCTL_SESSION_TO_PARENT))
			_exit(errno);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -ECHILD;
	return WEXITSTATUS(status) ? -WEXITSTATUS(status) :
		sphere_current_is(call->a) && sphere_pending_is(call->b);
}

TEST_F(agent, credentials_from_child)
{
	int pending = SPHERE_NOBODY;

	if (syscall(__NR_keyctl, -1) && errno == ENOSYS)
		SKIP(return, "no keys in this kernel");
	if (variant->who == SPHERE_MANAGER) {
		pending = OTHER;
		ASSERT_EQ(0, sphere_call(&self->agent, sphere_do_pend, pending,
					 0, NULL));
	}
	EXPECT_EQ(1, sphere_call(&self->agent, keyring_round, variant->who,
				 pending, NULL));
}

TEST(fork_inherits_pending)
{
	const struct sphere_start start = {
		.who = APP,
		.uid = sphere_uid(APP),
	};
	struct sphere_report report;
	char path[PATH_MAX];

	sphere_beside(path, "sphere_report");
	ASSERT_EQ(0, sphere_pend(OTHER));
	EXPECT_TRUE(child_is(SPHERE_MANAGER, OTHER));
	/* The child's exec, with its own choice, does not use ours up. */
	EXPECT_EQ(0, sphere_report_by(sphere_execve, path, &start, &report));
	EXPECT_TRUE(sphere_report_is(&report, APP));
	EXPECT_TRUE(sphere_pending_is(OTHER));
	EXPECT_TRUE(sphere_current_is(SPHERE_MANAGER));
}

/* The child executes with what it has inherited. */
TEST(exec_uses_inherited_pending)
{
	struct sphere_report report;
	char path[PATH_MAX];

	sphere_beside(path, "sphere_report");
	ASSERT_EQ(0, sphere_pend(SPHERE_MANAGER));
	ASSERT_EQ(0, sphere_report_by(sphere_execve, path, NULL, &report));
	EXPECT_TRUE(sphere_report_is(&report, SPHERE_MANAGER));
	EXPECT_TRUE(sphere_pending_is(SPHERE_MANAGER));
}

TEST(exec_without_pending)
{
	struct sphere_report report;
	char path[PATH_MAX];

	sphere_beside(path, "sphere_report");
	ASSERT_EQ(0, sphere_pend(APP));
	ASSERT_EQ(0, sphere_set(LSM_ATTR_EXEC, NULL, 0));
	ASSERT_EQ(0, sphere_report_by(sphere_execve, path, NULL, &report));
	EXPECT_TRUE(sphere_report_is(&report, SPHERE_NOBODY));
}

static void *pend_in_thread(void *unused __maybe_unused)
{
	/* Inherited from who has created the thread, then its own. */
	if (!sphere_pending_is(APP) || sphere_pend(OTHER) ||
	    !sphere_pending_is(OTHER) || !sphere_current_is(SPHERE_MANAGER))
		return (void *)1;
	return NULL;
}

TEST(pending_is_per_thread)
{
	void *result = (void *)1;
	pthread_t thread;

	ASSERT_EQ(0, sphere_pend(APP));
	ASSERT_EQ(0, pthread_create(&thread, NULL, pend_in_thread, NULL));
	ASSERT_EQ(0, pthread_join(thread, &result));
	EXPECT_EQ(NULL, result);
	EXPECT_TRUE(sphere_pending_is(APP));
}

/* Two tasks of one component, and one task of each of two. */
TEST(several_at_once)
{
	struct sphere_agent first, second, other;

	ASSERT_EQ(0, sphere_agent(&first, APP));
	ASSERT_EQ(0, sphere_agent(&second, APP));
	ASSERT_EQ(0, sphere_agent(&other, OTHER));
	EXPECT_EQ(1, sphere_call(&first, sphere_do_current_is, APP, 0, NULL));
	EXPECT_EQ(1, sphere_call(&second, sphere_do_current_is, APP, 0, NULL));
	EXPECT_EQ(1, sphere_call(&other, sphere_do_current_is, OTHER, 0, NULL));
	sphere_agent_stop(&first);
	EXPECT_EQ(1, sphere_call(&second, sphere_do_current_is, APP, 0, NULL));
	sphere_agent_stop(&second);
	sphere_agent_stop(&other);
}

/* The largest record makes its way, too. */
TEST(largest)
{
	struct sphere_blob record, seen;
	struct sphere_start start = {
		.who = APP,
		.record = &record,
		.uid = sphere_uid(APP),
	};
	struct sphere_agent agent;
	char path[64];
	int peer = 0;

	sphere_record_application(&record, APP);
	while (record.len < SPHERE_RECORD_MAX)
		sphere_record_peer(&record, peer++);
	ASSERT_EQ(0, sphere_agent_start(&agent, &start));
	snprintf(path, sizeof(path), "/proc/%d/attr/sphere/current", agent.pid);
	EXPECT_EQ(0, sphere_read_file(path, &seen));
	EXPECT_TRUE(sphere_blob_equal(&record, &seen));
	sphere_agent_stop(&agent);
}

FIXTURE(get)
{
	struct sphere_blob record;
	__u32 needed;
	union {
		struct lsm_ctx ctx;
		__u8 bytes[SPHERE_BLOB_MAX];
	};
};

FIXTURE_SETUP(get)
{
	sphere_record_of(&self->record, APP);
	ASSERT_EQ(0, sphere_pend(APP));
	self->needed = sizeof(self->ctx) + self->record.len;
	memset(self->bytes, 0x5a, sizeof(self->bytes));
}

FIXTURE_TEARDOWN(get)
{
}

static bool untouched(const __u8 *bytes, size_t len)
{
	while (len--)
		if (*bytes++ != 0x5a)
			return false;
	return true;
}

TEST_F(get, exactly)
{
	__u32 size = self->needed;

	self->ctx.id = LSM_ID_SPHERE;
	EXPECT_EQ(1, sphere_get_ctx(LSM_ATTR_EXEC, &self->ctx, &size,
				    LSM_FLAG_SINGLE));
	EXPECT_EQ(self->needed, size);
	EXPECT_EQ(LSM_ID_SPHERE, self->ctx.id);
	EXPECT_EQ(0, self->ctx.flags);
	EXPECT_EQ(self->needed, self->ctx.len);
	ASSERT_EQ(self->record.len, self->ctx.ctx_len);
	EXPECT_EQ(0, memcmp(self->record.bytes, self->ctx.ctx,
			    self->record.len));
	EXPECT_TRUE(untouched(self->bytes + size, sizeof(self->bytes) - size));
}

/* Among all modules that have something to say, exactly one is this. */
TEST_F(get, from_all)
{
	__u32 size = sizeof(self->bytes), offset = 0;
	int count, i, seen = 0;
	struct lsm_ctx *ctx;

	count = sphere_get_ctx(LSM_ATTR_CURRENT, &self->ctx, &size, 0);
	ASSERT_LE(1, count);
	for (i = 0; i < count; i++) {
		ctx = (struct lsm_ctx *)(self->bytes + offset);
		seen += ctx->id == LSM_ID_SPHERE;
		offset += ctx->len;
	}
	EXPECT_EQ(1, seen);
	EXPECT_EQ(size, offset);
}

TEST_F(get, too_small)
{
	__u32 sizes[] = { 32, 33, 200, self->needed - 1 }, size;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		self->ctx.id = LSM_ID_SPHERE;
		size = sizes[i];
		EXPECT_EQ(-E2BIG, sphere_get_ctx(LSM_ATTR_EXEC, &self->ctx,
						 &size, LSM_FLAG_SINGLE));
		EXPECT_EQ(self->needed, size);
		EXPECT_TRUE(untouched(self->bytes + sizeof(self->ctx.id),
				      sizeof(self->bytes) -
				      sizeof(self->ctx.id)));
	}
}

TEST_F(get, size_only)
{
	__u32 size = 0;

	EXPECT_EQ(-E2BIG, sphere_get_ctx(LSM_ATTR_EXEC, NULL, &size, 0));
	EXPECT_LE(self->needed, size);
	size = ~0U;
	EXPECT_LE(1, sphere_get_ctx(LSM_ATTR_EXEC, NULL, &size, 0));
	EXPECT_LE(self->needed, size);
}

TEST_F(get, wrong_arguments)
{
	__u32 size = sizeof(self->bytes);

	self->ctx.id = LSM_ID_SPHERE;
	EXPECT_EQ(-EINVAL, sphere_get_ctx(LSM_ATTR_EXEC, &self->ctx, NULL, 0));
	EXPECT_EQ(-EINVAL, sphere_get_ctx(LSM_ATTR_EXEC, &self->ctx, &size, 2));
	EXPECT_EQ(-EINVAL, sphere_get_ctx(LSM_ATTR_UNDEF, &self->ctx, &size,
					  LSM_FLAG_SINGLE));
	EXPECT_EQ(-EOPNOTSUPP, sphere_get_ctx(LSM_ATTR_PREV, &self->ctx, &size,
					      LSM_FLAG_SINGLE));
	EXPECT_EQ(-EOPNOTSUPP, sphere_get_ctx(LSM_ATTR_FSCREATE, &self->ctx,
					      &size, LSM_FLAG_SINGLE));
	EXPECT_EQ(-EOPNOTSUPP, sphere_get_ctx(~0U, &self->ctx, &size,
					      LSM_FLAG_SINGLE));
	self->ctx.id = LSM_ID_SPHERE + 1;
	EXPECT_EQ(-EOPNOTSUPP, sphere_get_ctx(LSM_ATTR_EXEC, &self->ctx, &size,
					      LSM_FLAG_SINGLE));
}

int main(int argc, char **argv)
{
	sphere_begin(argc, argv);
	return test_harness_run(argc, argv);
}
