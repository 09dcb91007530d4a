// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - Who may look into whom
 *
 * A tracer can make its tracee do whatever it likes. So only a manager, or who
 * is the same anyway, may trace; all of Linux' capabilities do not help.
 */

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <linux/capability.h>

#include "kselftest_harness.h"
#include "sphere_common.h"
#include "sphere_trace.h"

#define APP	700
#define OTHER	701

static void drop(struct __user_cap_data_struct data[2], int cap)
{
	data[CAP_TO_INDEX(cap)].effective &= ~CAP_TO_MASK(cap);
	data[CAP_TO_INDEX(cap)].permitted &= ~CAP_TO_MASK(cap);
}

/* The two of Linux' capabilities that mm_access() asks about. */
static long give_up_perfmon(const struct sphere_call *call __maybe_unused)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	if (syscall(__NR_capget, &header, data))
		return -errno;
	drop(data, CAP_PERFMON);
	drop(data, CAP_SYS_ADMIN);
	return syscall(__NR_capset, &header, data) ? -errno : 0;
}

static int start_capable(struct sphere_agent *agent, int who)
{
	const struct sphere_start start = {
		.who = who,
		.uid = sphere_uid(who),
		.all_capabilities = true,
	};

	return sphere_agent_start(agent, &start);
}

FIXTURE(pair)
{
	struct sphere_agent tracer;
	struct sphere_agent tracee;
	/* Of the tracee's secret. */
	long address;
	const char *expected;
};

FIXTURE_VARIANT(pair)
{
	int tracer;
	int tracee;
	bool allowed;
};

#define PAIR(_tracer, _tracee, _allowed)				\
	{								\
		.tracer = _tracer,					\
		.tracee = _tracee,					\
		.allowed = _allowed,					\
	}

FIXTURE_VARIANT_ADD(pair, manager_manager)
	PAIR(SPHERE_MANAGER, SPHERE_MANAGER, true);
FIXTURE_VARIANT_ADD(pair, manager_nobody)
	PAIR(SPHERE_MANAGER, SPHERE_NOBODY, true);
FIXTURE_VARIANT_ADD(pair, manager_app)
	PAIR(SPHERE_MANAGER, APP, true);
FIXTURE_VARIANT_ADD(pair, nobody_manager)
	PAIR(SPHERE_NOBODY, SPHERE_MANAGER, false);
FIXTURE_VARIANT_ADD(pair, nobody_nobody)
	PAIR(SPHERE_NOBODY, SPHERE_NOBODY, true);
FIXTURE_VARIANT_ADD(pair, nobody_app)
	PAIR(SPHERE_NOBODY, APP, false);
FIXTURE_VARIANT_ADD(pair, app_manager)
	PAIR(APP, SPHERE_MANAGER, false);
FIXTURE_VARIANT_ADD(pair, app_nobody)
	PAIR(APP, SPHERE_NOBODY, false);
FIXTURE_VARIANT_ADD(pair, app_app)
	PAIR(APP, APP, true);
FIXTURE_VARIANT_ADD(pair, app_other)
	PAIR(APP, OTHER, false);
FIXTURE_VARIANT_ADD(pair, other_app)
	PAIR(OTHER, APP, false);

FIXTURE_SETUP(pair)
{
	ASSERT_EQ(0, start_capable(&self->tracer, variant->tracer));
	ASSERT_EQ(0, start_capable(&self->tracee, variant->tracee));
	self->address = sphere_call(&self->tracee, sphere_do_keep_secret,
				    SPHERE_SECRET, 0, NULL);
	self->expected = variant->allowed ? SPHERE_TRACE_ALLOWED :
					    SPHERE_TRACE_REFUSED;
}

FIXTURE_TEARDOWN(pair)
{
	/* The tracee is as it was. */
	EXPECT_EQ(SPHERE_SECRET,
		  sphere_call(&self->tracee, sphere_do_reveal_secret, 0, 0,
			      NULL));
	EXPECT_EQ(1, sphere_call(&self->tracee, sphere_do_current_is,
				 variant->tracee, 0, NULL));
	EXPECT_EQ(0, sphere_agent_stop(&self->tracer));
	EXPECT_EQ(0, sphere_agent_stop(&self->tracee));
}

TEST_F(pair, strangers)
{
	EXPECT_EQ(0, sphere_call(&self->tracer, sphere_do_trace,
				 self->tracee.pid, self->address,
				 self->expected));
}

TEST_F(pair, readers)
{
	ASSERT_EQ(0, sphere_call(&self->tracer, give_up_perfmon, 0, 0, NULL));
	/* A tracee with more would be out of reach for another reason. */
	ASSERT_EQ(0, sphere_call(&self->tracee, give_up_perfmon, 0, 0, NULL));
	EXPECT_EQ(0, sphere_call(&self->tracer, sphere_do_read_process,
				 self->tracee.pid, self->address,
				 self->expected));
}

/* With these in effect, mm_access() would ask no security module. */
TEST_F(pair, readers_with_perfmon)
{
	EXPECT_EQ(0, sphere_call(&self->tracer, sphere_do_read_process,
				 self->tracee.pid, self->address,
				 self->expected));
}

/*
 * PTRACE_TRACEME makes a tracer of the parent, so here the tracee is a child of
 * the tracer, started when both were managers.
 */
static void __noreturn become_parent(struct sphere_agent *parent,
				     const struct sphere_start *parent_start,
				     struct sphere_agent *child,
				     const struct sphere_start *child_start)
{
	pid_t pid = fork();

	if (!pid)
		sphere_agent_become(child, child_start);
	sphere_agent_become(parent, parent_start);
}

TEST_F(pair, parent_and_child)
{
	const struct sphere_start parent_start = {
		.who = variant->tracer,
		.uid = sphere_uid(variant->tracer),
		.all_capabilities = true,
	};
	const struct sphere_start child_start = {
		.who = variant->tracee,
		.uid = sphere_uid(variant->tracee),
		.all_capabilities = true,
	};
	struct sphere_agent parent, child;

	ASSERT_EQ(0, sphere_agent_pipes(&parent));
	ASSERT_EQ(0, sphere_agent_pipes(&child));
	parent.pid = fork();
	if (!parent.pid)
		become_parent(&parent, &parent_start, &child, &child_start);
	ASSERT_EQ(0, sphere_agent_hello(&parent));
	ASSERT_EQ(0, sphere_agent_hello(&child));
	/* Not a manager either: it has not asked for a tracee. */
	EXPECT_EQ(variant->tracer == variant->tracee && sphere_can_trace() ?
			  0 : -EPERM,
		  sphere_call(&child, sphere_do_traceme, 0, 0, NULL));
	/* It ends without its parent: see sphere_begin(). */
	EXPECT_EQ(0, sphere_agent_stop(&parent));
}

/* The same uid and no capability are enough for who is the same. */
TEST(same_component_without_capabilities)
{
	struct sphere_agent tracer, tracee;
	long address;

	ASSERT_EQ(0, sphere_agent(&tracer, APP));
	ASSERT_EQ(0, sphere_agent(&tracee, APP));
	address = sphere_call(&tracee, sphere_do_keep_secret, SPHERE_SECRET, 0,
			      NULL);
	EXPECT_EQ(0, sphere_call(&tracer, sphere_do_trace, tracee.pid, address,
				 SPHERE_TRACE_ALLOWED));
	EXPECT_EQ(0, sphere_agent_stop(&tracer));
	EXPECT_EQ(0, sphere_agent_stop(&tracee));
}

/* Nor does PID 1 let anybody but managers in. */
TEST(init)
{
	static const int others[] = { SPHERE_NOBODY, APP };
	struct sphere_agent agent;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(others); i++) {
		ASSERT_EQ(0, start_capable(&agent, others[i]));
		EXPECT_EQ(0, sphere_call(&agent, sphere_do_trace, 1, 0,
					 SPHERE_TRACE_REFUSED));
		EXPECT_EQ(0, sphere_agent_stop(&agent));
	}
}

int main(int argc, char **argv)
{
	sphere_begin(argc, argv);
	return test_harness_run(argc, argv);
}
