// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - Several things at once
 *
 * Every loop has an end by count and by time, so that the slowest machine with
 * all debugging on gets through. More CPUs and KASAN find more.
 */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include "kselftest_harness.h"
#include "sphere_common.h"

#define APP		800
/* Numbers that one test alone uses. */
#define KILLED		900
#define RIVAL		910
#define CLAIMANT	1000

#define THREADS		4
#define ROUNDS		2000
#define MILLISECONDS	1500

#define EXEC_PATH	"/proc/thread-self/attr/sphere/exec"

static long long deadline;

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

static void start_clock(void)
{
	deadline = now() + MILLISECONDS;
}

static bool time_left(void)
{
	return now() < deadline;
}

/* A context that everybody may write to at any time. */
static union {
	struct lsm_ctx ctx;
	__u8 bytes[4096];
} shared;

static __u32 shared_size;
static atomic_bool stop;
static atomic_uint wrong;
static const char *wrong_how;

/* For threads, in which no expectation may stand. */
static void note(bool good, const char *how)
{
	if (good)
		return;
	wrong++;
	wrong_how = how;
}

static void fill_shared(int who)
{
	struct sphere_blob blob;

	sphere_record_of(&blob, who);
	shared.ctx.id = LSM_ID_SPHERE;
	shared.ctx.flags = 0;
	shared.ctx.ctx_len = blob.len;
	shared.ctx.len = sizeof(shared.ctx) + blob.len;
	memcpy(shared.ctx.ctx, blob.bytes, blob.len);
	shared_size = shared.ctx.len;
}

/* Valid, then not, then valid with other contents; never for long. */
static void *keep_changing(void *unused)
{
	unsigned int i = 0;

	while (!stop) {
		fill_shared(APP + i % 2);
		sched_yield();
		shared.ctx.ctx[i % shared_size] ^= 0xff;
		shared.ctx.ctx_len = i % 3 ? ~0ULL - i : shared.ctx.len;
		sched_yield();
		shared.ctx.len = i;
		i++;
	}
	return unused;
}

static bool is_refusal(int error)
{
	return error == -EINVAL || error == -E2BIG || error == -EOPNOTSUPP;
}

static int submit_shared(bool by_proc)
{
	if (by_proc)
		return sphere_write_file(EXEC_PATH, shared.ctx.ctx,
					 shared_size - sizeof(shared.ctx));
	return sphere_set_ctx(LSM_ATTR_EXEC, &shared.ctx, shared_size, 0);
}

/*
 * What has been accepted was one whole, valid record at the moment when it was
 * copied, and what has been refused has changed nothing.
 */
static void *keep_submitting(void *by_proc)
{
	struct sphere_blob before, after;
	const char *fault;
	unsigned int i;
	int error;

	note(!sphere_get(LSM_ATTR_EXEC, &before), "get");
	for (i = 0; i < ROUNDS && time_left(); i++) {
		error = submit_shared(by_proc);
		note(!sphere_get(LSM_ATTR_EXEC, &after), "get");
		note(!error || is_refusal(error), "strange error");
		note(!error || sphere_blob_equal(&before, &after),
		     "changed by an error");
		fault = sphere_record_fault(after.bytes, after.len);
		note(!fault, fault);
		before = after;
	}
	return NULL;
}

static void race_submitters(void *by_proc)
{
	pthread_t changer, submitters[THREADS];
	unsigned int i;

	start_clock();
	fill_shared(APP);
	pthread_create(&changer, NULL, keep_changing, NULL);
	for (i = 0; i < THREADS; i++)
		pthread_create(&submitters[i], NULL, keep_submitting, by_proc);
	for (i = 0; i < THREADS; i++)
		pthread_join(submitters[i], NULL);
	stop = true;
	pthread_join(changer, NULL);
}

TEST(changing_buffer)
{
	race_submitters(NULL);
	EXPECT_EQ(0, atomic_load(&wrong)) {
		TH_LOG("%s", wrong_how);
	}
}

TEST(changing_buffer_by_proc)
{
	race_submitters(&shared);
	EXPECT_EQ(0, atomic_load(&wrong)) {
		TH_LOG("%s", wrong_how);
	}
}

static pid_t threads[THREADS];

static void *keep_own(void *argument)
{
	unsigned int own = (pid_t *)argument - threads, i;
	struct sphere_blob seen;
	char path[64];
	pid_t neighbour;

	threads[own] = syscall(__NR_gettid);
	for (i = 0; i < ROUNDS && time_left(); i++) {
		note(!sphere_pend(APP + own), "set");
		note(sphere_pending_is(APP + own), "not its own");
		neighbour = threads[(own + 1) % THREADS];
		if (!neighbour)
			continue;
		snprintf(path, sizeof(path),
			 "/proc/self/task/%d/attr/sphere/exec", neighbour);
		/* It may have ended. */
		if (!sphere_read_file(path, &seen))
			note(!sphere_record_fault(seen.bytes, seen.len),
			     "neighbour's is no record");
	}
	return NULL;
}

TEST(each_thread_has_its_own)
{
	pthread_t handles[THREADS];
	unsigned int i;

	start_clock();
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&handles[i], NULL, keep_own,
					    &threads[i]));
	for (i = 0; i < THREADS; i++)
		pthread_join(handles[i], NULL);
	EXPECT_EQ(0, atomic_load(&wrong)) {
		TH_LOG("%s", wrong_how);
	}
}

static void ignore_signal(int signal)
{
	(void)signal;
}

static void *set_under_signals(void *unused)
{
	int expected = SPHERE_NOBODY, next, error;
	unsigned int i;

	for (i = 0; i < ROUNDS && time_left(); i++) {
		next = APP + i % 3;
		error = sphere_pend(next);
		if (!error)
			expected = next;
		note(!error || error == -EINTR, "strange error");
		note(sphere_pending_is(expected), "pending");
	}
	return unused;
}

TEST(signals)
{
	const struct itimerval often = {
		.it_interval.tv_usec = 200,
		.it_value.tv_usec = 200,
	};
	const struct itimerval never = {};
	struct sigaction action = { .sa_handler = ignore_signal };
	pthread_t handles[THREADS];
	unsigned int i;

	start_clock();
	ASSERT_EQ(0, sigaction(SIGALRM, &action, NULL));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &often, NULL));
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&handles[i], NULL,
					    set_under_signals, NULL));
	for (i = 0; i < THREADS; i++)
		pthread_join(handles[i], NULL);
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &never, NULL));
	EXPECT_EQ(0, atomic_load(&wrong)) {
		TH_LOG("%s", wrong_how);
	}
}

/*
 * Buffers of which a part is not there.
 */

FIXTURE(border)
{
	size_t page;
	/* Two pages; the second is out of reach. */
	__u8 *pages;
	__u8 *border;
	struct sphere_blob record;
	__u32 size;
};

FIXTURE_VARIANT(border)
{
	int protection;
	bool unmapped;
};

FIXTURE_VARIANT_ADD(border, forbidden)
{
	.protection = PROT_NONE,
};

FIXTURE_VARIANT_ADD(border, unmapped)
{
	.unmapped = true,
};

FIXTURE_SETUP(border)
{
	self->page = sysconf(_SC_PAGESIZE);
	self->pages = mmap(NULL, 2 * self->page, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->pages);
	self->border = self->pages + self->page;
	if (variant->unmapped) {
		ASSERT_EQ(0, munmap(self->border, self->page));
	} else {
		ASSERT_EQ(0, mprotect(self->border, self->page,
				      variant->protection));
	}
	sphere_record_of(&self->record, APP + 1);
	self->size = sizeof(struct lsm_ctx) + self->record.len;
	ASSERT_EQ(0, sphere_pend(APP));
}

FIXTURE_TEARDOWN(border)
{
}

/* As much of the context as there is room for before the border. */
static struct lsm_ctx *place(FIXTURE_DATA(border) * self, size_t room)
{
	struct lsm_ctx ctx = {
		.id = LSM_ID_SPHERE,
		.len = self->size,
		.ctx_len = self->record.len,
	};
	__u8 *start = self->border - room;

	memcpy(start, &ctx, room < sizeof(ctx) ? room : sizeof(ctx));
	if (room > sizeof(ctx))
		memcpy(start + sizeof(ctx), self->record.bytes,
		       room - sizeof(ctx));
	return (struct lsm_ctx *)start;
}

TEST_F(border, set)
{
	unsigned int failures = 0;
	struct lsm_ctx *ctx;
	size_t room;

	for (room = 0; room < self->size; room++) {
		ctx = place(self, room);
		failures += sphere_set_ctx(LSM_ATTR_EXEC, ctx, self->size, 0) !=
			-EFAULT;
		failures += !sphere_pending_is(APP);
	}
	EXPECT_EQ(0, failures);
	ctx = place(self, self->size);
	EXPECT_EQ(0, sphere_set_ctx(LSM_ATTR_EXEC, ctx, self->size, 0));
	EXPECT_TRUE(sphere_pending_is(APP + 1));
}

TEST_F(border, write)
{
	int fd = open(EXEC_PATH, O_WRONLY | O_CLOEXEC);
	unsigned int failures = 0;
	size_t room;

	ASSERT_LE(0, fd);
	for (room = 0; room < self->record.len; room++) {
		memcpy(self->border - room, self->record.bytes, room);
		failures += write(fd, self->border - room, self->record.len) !=
			-1 || errno != EFAULT;
		failures += !sphere_pending_is(APP);
	}
	EXPECT_EQ(0, failures);
	memcpy(self->border - room, self->record.bytes, room);
	EXPECT_EQ(room, write(fd, self->border - room, room));
	EXPECT_TRUE(sphere_pending_is(APP + 1));
	close(fd);
}

/* A question with so much room for the answer, which need not be aligned. */
static struct lsm_ctx *ask_before(FIXTURE_DATA(border) * self, size_t room)
{
	const __u64 id = LSM_ID_SPHERE;
	char *ctx = self->border - room;

	memcpy(ctx + offsetof(struct lsm_ctx, id), &id, sizeof(id));
	return (struct lsm_ctx *)ctx;
}

TEST_F(border, get)
{
	unsigned int failures = 0;
	struct lsm_ctx *ctx;
	size_t room;
	__u32 size;

	for (room = sizeof(*ctx); room < self->size; room++) {
		ctx = ask_before(self, room);
		size = self->page;
		failures += sphere_get_ctx(LSM_ATTR_EXEC, ctx, &size,
					   LSM_FLAG_SINGLE) != -EFAULT;
	}
	EXPECT_EQ(0, failures);
	ctx = ask_before(self, room);
	EXPECT_EQ(1, sphere_get_ctx(LSM_ATTR_EXEC, ctx, &size,
				    LSM_FLAG_SINGLE));
}

TEST_F(border, get_size)
{
	struct lsm_ctx *ctx = (struct lsm_ctx *)self->pages;
	unsigned int room;

	ctx->id = LSM_ID_SPHERE;
	for (room = 0; room < sizeof(__u32); room++)
		EXPECT_EQ(-EFAULT,
			  sphere_get_ctx(LSM_ATTR_EXEC, ctx,
					 (__u32 *)(self->border - room),
					 LSM_FLAG_SINGLE));
}

/* Out of reach now and then, while it is used. */
static void *keep_hiding(void *page)
{
	while (!stop) {
		mprotect(page, 4096, PROT_NONE);
		sched_yield();
		mprotect(page, 4096, PROT_READ | PROT_WRITE);
		sched_yield();
	}
	return NULL;
}

static __u8 *map_two_pages(int fd)
{
	return mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}

TEST(hidden_at_times)
{
	int fd = memfd_create("sphere-test", MFD_CLOEXEC), error, next;
	/* The same pages twice: what hides in one is written in the other. */
	__u8 *writable, *hiding;
	int expected = SPHERE_NOBODY;
	const size_t offset = 4096 - 200;
	struct sphere_blob record;
	struct lsm_ctx *ctx;
	pthread_t hider;
	unsigned int i;

	start_clock();
	ASSERT_EQ(0, ftruncate(fd, 2 * 4096));
	writable = map_two_pages(fd);
	hiding = map_two_pages(fd);
	ASSERT_NE(MAP_FAILED, writable);
	ASSERT_NE(MAP_FAILED, hiding);
	ASSERT_EQ(0, pthread_create(&hider, NULL, keep_hiding, hiding + 4096));
	ctx = (struct lsm_ctx *)(writable + offset);
	for (i = 0; i < ROUNDS && time_left(); i++) {
		next = APP + i % 2;
		sphere_record_of(&record, next);
		ctx->id = LSM_ID_SPHERE;
		ctx->ctx_len = record.len;
		ctx->len = sizeof(*ctx) + record.len;
		memcpy(ctx->ctx, record.bytes, record.len);
		error = sphere_set_ctx(LSM_ATTR_EXEC,
				       (struct lsm_ctx *)(hiding + offset),
				       ctx->len, 0);
		if (!error)
			expected = next;
		note(!error || error == -EFAULT, "strange error");
		note(sphere_pending_is(expected), "pending");
	}
	stop = true;
	pthread_join(hider, NULL);
	EXPECT_EQ(0, atomic_load(&wrong)) {
		TH_LOG("%s", wrong_how);
	}
}

/*
 * Set, exec and exit.
 */

static char report_path[PATH_MAX];
static pthread_barrier_t all_there;

static void *pend_and_exec(void *argument)
{
	char *const *arguments = argument;
	char *const argv[] = { report_path, NULL };
	char *const envp[] = { arguments[0], NULL };
	int who = RIVAL + atoi(arguments[1]);

	/* While one executes, no thread can be made. */
	pthread_barrier_wait(&all_there);
	/* EBUSY: the last winner is not quite gone. */
	while (!sphere_pend(who)) {
		execve(report_path, argv, envp);
		if (errno != EBUSY && errno != EAGAIN)
			_exit(errno);
		sched_yield();
	}
	_exit(255);
}

/* All threads want to become somebody else; one wins. */
static int exec_all(const char *path __maybe_unused,
		    char *const argv[] __maybe_unused, char *const envp[])
{
	static char numbers[THREADS][4];
	static char *arguments[THREADS][2];
	pthread_t handles[THREADS];
	unsigned int i;

	pthread_barrier_init(&all_there, NULL, THREADS);
	for (i = 0; i < THREADS; i++) {
		snprintf(numbers[i], sizeof(numbers[i]), "%u", i);
		arguments[i][0] = envp[0];
		arguments[i][1] = numbers[i];
		if (pthread_create(&handles[i], NULL, pend_and_exec,
				   arguments[i]))
			return -EAGAIN;
	}
	pthread_join(handles[0], NULL);
	return -ECHILD;
}

static bool is_one_of_them(const struct sphere_report *report)
{
	unsigned int i;

	for (i = 0; i < THREADS; i++)
		if (sphere_report_is(report, RIVAL + i))
			return true;
	return false;
}

TEST(threads_exec_at_once)
{
	const struct sphere_start start = {
		.who = RIVAL,
		.uid = sphere_uid(RIVAL),
	};
	static struct sphere_report report;
	unsigned int i;

	start_clock();
	sphere_beside(report_path, "sphere_report");
	for (i = 0; i < 50 && time_left(); i++) {
		ASSERT_EQ(0, sphere_report_by(exec_all, report_path, &start,
					      &report));
		EXPECT_TRUE(is_one_of_them(&report));
	}
}

static void spin(unsigned int count)
{
	while (count--)
		asm volatile("" : : : "memory");
}

/* Killed somewhere between fork and exit, it leaves nothing behind. */
TEST(killed_at_any_time)
{
	const struct sphere_start start = {
		.who = KILLED,
		.uid = sphere_uid(KILLED),
	};
	const struct sphere_start heir = {
		.who = KILLED + 1,
		.uid = sphere_uid(KILLED),
	};
	struct sphere_agent agent;
	unsigned int i;
	pid_t pid;

	start_clock();
	sphere_beside(report_path, "sphere_report");
	for (i = 0; i < 300 && time_left(); i++) {
		pid = fork();
		if (!pid) {
			if (!sphere_prepare(&start))
				execl(report_path, report_path, NULL);
			_exit(1);
		}
		sched_yield();
		spin(i * 2000);
		kill(pid, SIGKILL);
		ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	}
	ASSERT_EQ(0, sphere_agent_start_patiently(&agent, &heir));
	EXPECT_EQ(0, sphere_agent_stop(&agent));
}

static void *set_for_ever(void *unused)
{
	while (!sphere_pend(APP))
		;
	return unused;
}

TEST(exit_while_setting)
{
	pthread_t handle;
	unsigned int i, j;
	pid_t pid;

	start_clock();
	for (i = 0; i < 200 && time_left(); i++) {
		pid = fork();
		if (!pid) {
			for (j = 0; j < THREADS; j++)
				pthread_create(&handle, NULL, set_for_ever,
					       NULL);
			spin(i * 2000);
			_exit(0);
		}
		ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	}
}

static __noreturn void work(int who)
{
	const struct sphere_start start = {
		.who = who,
		.uid = sphere_uid(who),
	};
	static struct sphere_report report;
	int i, error;

	for (i = 0; i < 50 && time_left(); i++) {
		error = sphere_report_by(sphere_execve, report_path, &start,
					 &report);
		if (error)
			_exit(-error);
		if (!sphere_report_is(&report, who))
			_exit(255);
	}
	_exit(0);
}

TEST(many_at_once)
{
	pid_t workers[8];
	unsigned int i;
	int status;

	start_clock();
	sphere_beside(report_path, "sphere_report");
	for (i = 0; i < ARRAY_SIZE(workers); i++) {
		workers[i] = fork();
		/* Two of each. */
		if (!workers[i])
			work(APP + i / 2);
	}
	for (i = 0; i < ARRAY_SIZE(workers); i++) {
		ASSERT_EQ(workers[i], waitpid(workers[i], &status, 0));
		EXPECT_EQ(0, status);
	}
}

struct claimant {
	struct sphere_agent agent;
	int error;
};

static void start_claimant(struct claimant *claimant, int who, uid_t uid,
			   atomic_bool *go)
{
	const struct sphere_start start = {
		.who = who,
		.uid = uid,
	};

	if (sphere_agent_pipes(&claimant->agent))
		abort();
	claimant->agent.pid = fork();
	if (claimant->agent.pid)
		return;
	while (!*go)
		sched_yield();
	sphere_agent_become(&claimant->agent, &start);
}

/* Of two that want the same, one gets it. */
TEST(two_claimants)
{
	struct claimant claimants[2];
	atomic_bool *go;
	unsigned int i, j;
	int who, successes;
	uid_t uid;

	start_clock();
	go = mmap(NULL, sizeof(*go), PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, go);
	for (i = 0; i < 50 && time_left(); i++) {
		who = CLAIMANT + 2 * i;
		uid = sphere_uid(who);
		*go = false;
		for (j = 0; j < 2; j++)
			start_claimant(&claimants[j], who + j, uid, go);
		*go = true;
		successes = 0;
		for (j = 0; j < 2; j++) {
			claimants[j].error =
				sphere_agent_hello(&claimants[j].agent);
			successes += !claimants[j].error;
		}
		EXPECT_EQ(1, successes);
		EXPECT_EQ(-EBUSY, claimants[0].error + claimants[1].error);
		for (j = 0; j < 2; j++)
			sphere_agent_stop(&claimants[j].agent);
	}
}

/* Reads everything of everybody while everybody changes and ends. */
TEST(read_while_changing)
{
	static const char *const attributes[] = { "current", "exec" };
	struct sphere_blob seen;
	unsigned int i, j;
	char path[64];
	pid_t worker;
	int error;

	start_clock();
	sphere_beside(report_path, "sphere_report");
	worker = fork();
	if (!worker)
		work(APP);
	for (i = 0; i < ROUNDS * 10 && time_left(); i++) {
		for (j = 0; j < 2; j++) {
			snprintf(path, sizeof(path),
				 "/proc/%d/attr/sphere/%s",
				 worker + i % 50, attributes[j]);
			error = sphere_read_file(path, &seen);
			/* Gone, or not there yet. */
			if (error == -ENOENT || error == -ESRCH)
				continue;
			note(!error, "strange error");
			note(error || !sphere_record_fault(seen.bytes,
							   seen.len),
			     "no record");
		}
	}
	EXPECT_EQ(0, atomic_load(&wrong)) {
		TH_LOG("%s", wrong_how);
	}
	kill(worker, SIGKILL);
	waitpid(worker, NULL, 0);
}

int main(int argc, char **argv)
{
	sphere_begin(argc, argv);
	return test_harness_run(argc, argv);
}
