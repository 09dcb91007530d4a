// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - What a complete C library has: threads, shells, names
 */

#include <arpa/inet.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sphere_libc.h"

#define THREADS		4
#define ROUNDS		500

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

static const struct timespec short_time = { .tv_nsec = 20 * 1000 * 1000 };

/* What a signal handler has seen. */
static int handled;
static int handled_value;

static void handle(int number, siginfo_t *info, void *context)
{
	(void)context;
	__atomic_store_n(&handled_value, info->si_value.sival_int,
			 __ATOMIC_RELAXED);
	__atomic_store_n(&handled, number, __ATOMIC_RELEASE);
}

static int last_handled(void)
{
	return __atomic_load_n(&handled, __ATOMIC_ACQUIRE);
}

static bool install(int number, int flags)
{
	struct sigaction action = {
		.sa_sigaction = handle,
		.sa_flags = SA_SIGINFO | flags,
	};

	return CHECK(!sigaction(number, &action, NULL));
}

/* False if it does not come within some seconds. */
static bool wait_handled(int number)
{
	int rounds;

	for (rounds = 0; last_handled() != number && rounds < 1000; rounds++)
		nanosleep(&short_time, NULL);
	return CHECK(last_handled() == number);
}

/*
 * Processes
 */

static char *const helper_arguments[] = {
	"sphere_libc", "helper", "from exec", NULL
};

static char *const helper_environment[] = { "SPHERE_LIBC=helper", NULL };

static bool spawn(void)
{
	pid_t pid;

	return CHECK(!posix_spawn(&pid, "/proc/self/exe", NULL, NULL,
				  helper_arguments, helper_environment)) &&
		CHECK(wait_status(pid) == HELPER_STATUS << 8);
}

/* With the search for it, and its output sent elsewhere. */
static bool spawn_redirected(void)
{
	char *const argv[] = { "sh", "-c", "echo spawned", NULL };
	posix_spawn_file_actions_t actions;
	char line[16] = "";
	int fds[2];
	pid_t pid;

	return CHECK(!pipe2(fds, O_CLOEXEC)) &&
		CHECK(!posix_spawn_file_actions_init(&actions)) &&
		CHECK(!posix_spawn_file_actions_adddup2(&actions, fds[1], 1)) &&
		CHECK(!posix_spawnp(&pid, "sh", &actions, NULL, argv,
				    helper_environment)) &&
		CHECK(!wait_status(pid)) &&
		CHECK(read(fds[0], line, sizeof(line)) == 8) &&
		CHECK(!memcmp(line, "spawned\n", 8));
}

static bool popen_read(void)
{
	FILE *stream = popen("echo one; echo two; exit 3", "r");
	char line[16];

	return CHECK(stream) && CHECK(fgets(line, sizeof(line), stream)) &&
		CHECK(!strcmp(line, "one\n")) &&
		CHECK(fgets(line, sizeof(line), stream)) &&
		CHECK(!strcmp(line, "two\n")) &&
		CHECK(!fgets(line, sizeof(line), stream)) &&
		CHECK(pclose(stream) == 3 << 8);
}

static bool popen_write(void)
{
	FILE *stream = popen("read line; test \"$line\" = 'to the shell'", "w");

	return CHECK(stream) && CHECK(fputs("to the shell\n", stream) >= 0) &&
		CHECK(!pclose(stream));
}

/* A pipeline of processes of the shell's. */
static bool system_status(void)
{
	return CHECK(system(NULL)) && CHECK(system("exit 7") == 7 << 8) &&
		CHECK(!system("echo x | cat | grep -q x"));
}

static bool waitid_status(void)
{
	siginfo_t info = {};
	pid_t pid = fork();

	if (!pid)
		_exit(9);
	return CHECK(!waitid(P_PID, pid, &info, WEXITED | WNOWAIT)) &&
		CHECK(info.si_pid == pid) && CHECK(info.si_status == 9) &&
		CHECK(wait_status(pid) == 9 << 8);
}

static void exit_with_another(void)
{
	_exit(17);
}

static bool at_exit(void)
{
	pid_t pid = fork();

	if (!pid) {
		atexit(exit_with_another);
		exit(0);
	}
	return CHECK(wait_status(pid) == 17 << 8);
}

static bool resources_used(void)
{
	struct rusage usage;

	/* Memory is counted per processor first: of a small program, 0 bytes. */
	return CHECK(!getrusage(RUSAGE_SELF, &usage)) &&
		CHECK(usage.ru_maxrss >= 0) &&
		CHECK(sysconf(_SC_NPROCESSORS_ONLN) > 0) &&
		CHECK(sysconf(_SC_OPEN_MAX) > 0);
}

static bool passwd_entry(void)
{
	struct passwd *entry = getpwuid(getuid());

	return CHECK(entry) && CHECK(!strcmp(entry->pw_name, "tester"));
}

/*
 * Memory
 */

static bool do_write_protected(void)
{
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	page[0] = 1;
	mprotect(page, 4096, PROT_READ);
	page[0] = 2;
	return true;
}

static bool protection(void)
{
	int status = in_child(do_write_protected);

	return CHECK(WIFSIGNALED(status)) && CHECK(WTERMSIG(status) == SIGSEGV);
}

static bool memory_advice(void)
{
	char *map = mmap(NULL, 16 * 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (!CHECK(map != MAP_FAILED))
		return false;
	map[4096] = 1;
	return CHECK(!madvise(map, 16 * 4096, MADV_DONTNEED)) &&
		CHECK(!map[4096]);
}

/*
 * Files
 */

static bool more_streams(void)
{
	FILE *file = tmpfile();
	char word[8];
	double number;

	if (!CHECK(file) || !CHECK(fprintf(file, "%.3f word", 1.5) == 10))
		return false;
	rewind(file);
	return CHECK(fscanf(file, "%lf %7s", &number, word) == 2) &&
		CHECK(number == 1.5) && CHECK(!strcmp(word, "word")) &&
		CHECK(!fseek(file, 6, SEEK_SET)) && CHECK(fgetc(file) == 'w') &&
		CHECK(ftell(file) == 7) && CHECK(!fclose(file));
}

static bool temporary_files(void)
{
	char path[] = "temporary-XXXXXX", real[PATH_MAX], cwd[PATH_MAX];
	int fd = mkstemp(path);
	size_t len;

	if (!CHECK(fd >= 0) || !CHECK(realpath(path, real)) ||
	    !CHECK(getcwd(cwd, sizeof(cwd))))
		return false;
	len = strlen(cwd);
	return CHECK(!strncmp(real, cwd, len)) && CHECK(real[len] == '/') &&
		CHECK(!strcmp(real + len + 1, path)) && CHECK(!unlink(path)) &&
		CHECK(!realpath(path, real)) && CHECK(errno == ENOENT);
}

static bool more_file_names(void)
{
	const struct timespec times[2] = { { .tv_sec = 1000 }, { .tv_sec = 2000 } };
	int fd = open("before", O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct stat stat_;

	return CHECK(fd >= 0) && CHECK(!rename("before", "after")) &&
		CHECK(access("before", F_OK) == -1) &&
		CHECK(!faccessat(AT_FDCWD, "after", R_OK | W_OK, AT_EACCESS)) &&
		CHECK(!futimens(fd, times)) && CHECK(!fchmod(fd, 0640)) &&
		CHECK(!fstatat(AT_FDCWD, "after", &stat_, AT_SYMLINK_NOFOLLOW)) &&
		CHECK(stat_.st_mtime == 2000) &&
		CHECK((stat_.st_mode & 0777) == 0640) &&
		CHECK(!posix_fallocate(fd, 0, 8192)) && CHECK(!fstat(fd, &stat_)) &&
		CHECK(stat_.st_size == 8192) && CHECK(!unlink("after"));
}

static bool positions(void)
{
	int from = open("from", O_RDWR | O_CREAT | O_TRUNC, 0600);
	int to = open("to", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char bytes[3] = "";
	off_t offset = 6;

	return CHECK(from >= 0 && to >= 0) &&
		CHECK(pwrite(from, "abc", 3, 6) == 3) &&
		CHECK(pread(from, bytes, 3, 6) == 3) &&
		CHECK(!memcmp(bytes, "abc", 3)) &&
		CHECK(sendfile(to, from, &offset, 3) == 3) &&
		CHECK(pread(to, bytes, 3, 0) == 3) &&
		CHECK(!memcmp(bytes, "abc", 3)) && CHECK(!unlink("from")) &&
		CHECK(!unlink("to"));
}

static int is_x(const struct dirent *entry)
{
	return entry->d_name[0] == 'x';
}

static bool sorted_directory(void)
{
	struct dirent **entries;

	return CHECK(!mkdir("scan", 0700)) && CHECK(!mkdir("scan/xb", 0700)) &&
		CHECK(!mkdir("scan/xa", 0700)) &&
		CHECK(scandir("scan", &entries, is_x, alphasort) == 2) &&
		CHECK(!strcmp(entries[0]->d_name, "xa")) &&
		CHECK(!strcmp(entries[1]->d_name, "xb")) &&
		CHECK(!rmdir("scan/xa")) && CHECK(!rmdir("scan/xb")) &&
		CHECK(!rmdir("scan"));
}

/* Whether the parent has locked it. */
static bool do_flock(void)
{
	int fd = open("locked", O_RDWR);

	return flock(fd, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK;
}

static bool file_lock(void)
{
	int fd = open("locked", O_RDWR | O_CREAT, 0600);

	return CHECK(fd >= 0) && CHECK(!flock(fd, LOCK_EX)) &&
		CHECK(!in_child(do_flock)) && CHECK(!flock(fd, LOCK_UN)) &&
		CHECK(in_child(do_flock) > 0);
}

static bool do_record_lock(void)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open("locked", O_RDWR);

	return fcntl(fd, F_SETLK, &lock) == -1 &&
		(errno == EAGAIN || errno == EACCES);
}

static bool record_lock(void)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open("locked", O_RDWR | O_CREAT, 0600);

	return CHECK(fd >= 0) && CHECK(!fcntl(fd, F_SETLK, &lock)) &&
		CHECK(!in_child(do_record_lock)) &&
		CHECK(!lockf(fd, F_ULOCK, 0)) && CHECK(in_child(do_record_lock) > 0);
}

/*
 * Threads
 */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static unsigned long counter;
static __thread unsigned long own;

static bool join_all(void *(*function)(void *))
{
	pthread_t threads[THREADS];
	unsigned long sum = 0;
	void *result;
	size_t i;

	for (i = 0; i < THREADS; i++)
		if (!CHECK(!pthread_create(&threads[i], NULL, function,
					   (void *)(i + 1))))
			return false;
	for (i = 0; i < THREADS; i++) {
		if (!CHECK(!pthread_join(threads[i], &result)))
			return false;
		sum += (unsigned long)result;
	}
	return CHECK(sum == THREADS * (THREADS + 1) / 2);
}

static void *give_back(void *argument)
{
	return argument;
}

static bool threads(void)
{
	return join_all(give_back);
}

static void *count_locked(void *argument)
{
	unsigned long seen;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&mutex);
		seen = counter;
		if (i % 50 == 0)
			sched_yield();
		counter = seen + 1;
		pthread_mutex_unlock(&mutex);
	}
	return argument;
}

static bool thread_mutex(void)
{
	return join_all(count_locked) && CHECK(counter == THREADS * ROUNDS);
}

/* Of the parts of this, each waits for the one before. */
static void *take_turns(void *argument)
{
	unsigned long turn = (unsigned long)argument - 1;

	pthread_mutex_lock(&mutex);
	while (counter != turn)
		pthread_cond_wait(&condition, &mutex);
	counter++;
	pthread_cond_broadcast(&condition);
	pthread_mutex_unlock(&mutex);
	return argument;
}

static bool thread_condition(void)
{
	return join_all(take_turns) && CHECK(counter == THREADS);
}

static bool thread_condition_timeout(void)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += 20 * 1000 * 1000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	return CHECK(!pthread_mutex_lock(&mutex)) &&
		CHECK(pthread_cond_timedwait(&condition, &mutex, &until) ==
		      ETIMEDOUT) && CHECK(!pthread_mutex_unlock(&mutex));
}

static void *set_own(void *argument)
{
	int i;

	own += (unsigned long)argument;
	for (i = 0; i < 20; i++)
		sched_yield();
	return (void *)own;
}

static bool thread_local_storage(void)
{
	own = 100;
	return join_all(set_own) && CHECK(own == 100);
}

static sem_t semaphore;
static pthread_barrier_t barrier;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;

static void *use_others(void *argument)
{
	int serial;

	sem_wait(&semaphore);
	sem_post(&semaphore);
	serial = pthread_barrier_wait(&barrier);
	pthread_rwlock_wrlock(&rwlock);
	counter += serial == PTHREAD_BARRIER_SERIAL_THREAD ? 100 : 1;
	pthread_rwlock_unlock(&rwlock);
	return argument;
}

static bool thread_other_locks(void)
{
	return CHECK(!sem_init(&semaphore, 0, 1)) &&
		CHECK(!pthread_barrier_init(&barrier, NULL, THREADS)) &&
		join_all(use_others) && CHECK(counter == 100 + THREADS - 1);
}

static void *die_with_lock(void *lock)
{
	pthread_mutex_lock(lock);
	return NULL;
}

static bool robust_mutex(void)
{
	pthread_mutexattr_t attributes;
	pthread_mutex_t robust;
	pthread_t thread;

	return CHECK(!pthread_mutexattr_init(&attributes)) &&
		CHECK(!pthread_mutexattr_setrobust(&attributes,
						   PTHREAD_MUTEX_ROBUST)) &&
		CHECK(!pthread_mutex_init(&robust, &attributes)) &&
		CHECK(!pthread_create(&thread, NULL, die_with_lock, &robust)) &&
		CHECK(!pthread_join(thread, NULL)) &&
		CHECK(pthread_mutex_lock(&robust) == EOWNERDEAD);
}

static void *wait_for_ever(void *argument)
{
	while (poll(NULL, 0, -1))
		;
	return argument;
}

static bool thread_cancel(void)
{
	pthread_t thread;
	void *result;

	return CHECK(!pthread_create(&thread, NULL, wait_for_ever, NULL)) &&
		CHECK(!pthread_cancel(thread)) &&
		CHECK(!pthread_join(thread, &result)) &&
		CHECK(result == PTHREAD_CANCELED);
}

static void *wait_for_signal(void *argument)
{
	sigset_t set;
	int number = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigwait(&set, &number);
	return number == SIGUSR2 ? argument : NULL;
}

/* One that the others have blocked, too. */
static bool thread_signal(void)
{
	pthread_t thread;
	sigset_t set;
	void *result;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	return CHECK(!pthread_sigmask(SIG_BLOCK, &set, NULL)) &&
		CHECK(!pthread_create(&thread, NULL, wait_for_signal, &set)) &&
		CHECK(!pthread_kill(thread, SIGUSR2)) &&
		CHECK(!pthread_join(thread, &result)) && CHECK(result == &set);
}

static void *exec_in_thread(void *argument)
{
	exec_helper();
	return argument;
}

static bool exec_from_thread(void)
{
	pid_t pid = fork();
	pthread_t thread;

	if (!pid) {
		pthread_create(&thread, NULL, wait_for_ever, NULL);
		pthread_create(&thread, NULL, exec_in_thread, NULL);
		wait_for_ever(NULL);
	}
	return CHECK(wait_status(pid) == HELPER_STATUS << 8);
}

static void *fork_in_thread(void *argument)
{
	pid_t pid = fork();

	if (!pid)
		_exit(5);
	return wait_status(pid) == 5 << 8 ? argument : NULL;
}

static bool fork_from_thread(void)
{
	return join_all(fork_in_thread);
}

/*
 * Signals
 */

static bool signal_handler(void)
{
	return install(SIGUSR1, 0) && CHECK(!raise(SIGUSR1)) &&
		CHECK(last_handled() == SIGUSR1);
}

static bool signal_value(void)
{
	const union sigval value = { .sival_int = 1234 };

	return install(SIGRTMIN, 0) &&
		CHECK(!sigqueue(getpid(), SIGRTMIN, value)) &&
		wait_handled(SIGRTMIN) && CHECK(handled_value == 1234);
}

static bool signal_mask(void)
{
	sigset_t set, pending, none;

	sigemptyset(&none);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	return install(SIGUSR1, 0) &&
		CHECK(!sigprocmask(SIG_BLOCK, &set, NULL)) &&
		CHECK(!raise(SIGUSR1)) && CHECK(!last_handled()) &&
		CHECK(!sigpending(&pending)) &&
		CHECK(sigismember(&pending, SIGUSR1) == 1) &&
		CHECK(sigsuspend(&none) == -1) && CHECK(errno == EINTR) &&
		CHECK(last_handled() == SIGUSR1);
}

static bool signal_wait(void)
{
	const struct timespec patience = { .tv_nsec = 1000 * 1000 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	return CHECK(!sigprocmask(SIG_BLOCK, &set, NULL)) &&
		CHECK(sigtimedwait(&set, NULL, &patience) == -1) &&
		CHECK(errno == EAGAIN) && CHECK(!raise(SIGUSR1)) &&
		CHECK(sigtimedwait(&set, NULL, &patience) == SIGUSR1);
}

static char stack[64 * 1024];

static void exit_on_stack(int number)
{
	char here;

	(void)number;
	_exit(&here >= stack && &here < stack + sizeof(stack) ? 33 : 34);
}

/* For which there is no room on the ordinary one. */
static bool do_overflow(void)
{
	const stack_t alternative = {
		.ss_sp = stack,
		.ss_size = sizeof(stack),
	};
	struct sigaction action = {
		.sa_handler = exit_on_stack,
		.sa_flags = SA_ONSTACK,
	};

	sigaltstack(&alternative, NULL);
	sigaction(SIGSEGV, &action, NULL);
	raise(SIGSEGV);
	return true;
}

static bool signal_stack(void)
{
	return CHECK(in_child(do_overflow) == 33 << 8);
}

static bool interrupted_call(void)
{
	const struct itimerval soon = { .it_value.tv_usec = 20000 };
	char byte;
	int fds[2];

	return install(SIGALRM, 0) && CHECK(!pipe(fds)) &&
		CHECK(!setitimer(ITIMER_REAL, &soon, NULL)) &&
		CHECK(read(fds[0], &byte, 1) == -1) && CHECK(errno == EINTR);
}

/*
 * Timers
 */

static bool alarm_signal(void)
{
	return install(SIGALRM, 0) && CHECK(!alarm(1)) && CHECK(alarm(1) == 1) &&
		wait_handled(SIGALRM);
}

static const struct itimerspec soon = {
	.it_value.tv_nsec = 20 * 1000 * 1000,
};

static bool timer_signal(void)
{
	struct sigevent event = {
		.sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGUSR1,
		.sigev_value.sival_int = 77,
	};
	timer_t timer;

	return install(SIGUSR1, 0) &&
		CHECK(!timer_create(CLOCK_MONOTONIC, &event, &timer)) &&
		CHECK(!timer_settime(timer, 0, &soon, NULL)) &&
		wait_handled(SIGUSR1) && CHECK(handled_value == 77) &&
		CHECK(!timer_getoverrun(timer)) && CHECK(!timer_delete(timer));
}

static void post(union sigval value)
{
	sem_post(value.sival_ptr);
}

static bool timer_thread(void)
{
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD,
		.sigev_notify_function = post,
		.sigev_value.sival_ptr = &semaphore,
	};
	timer_t timer;

	return CHECK(!sem_init(&semaphore, 0, 0)) &&
		CHECK(!timer_create(CLOCK_MONOTONIC, &event, &timer)) &&
		CHECK(!timer_settime(timer, 0, &soon, NULL)) &&
		CHECK(!sem_wait(&semaphore)) && CHECK(!timer_delete(timer));
}

static bool calendar(void)
{
	time_t when = 86400 * 365;
	struct tm tm;
	char text[32];

	return CHECK(gmtime_r(&when, &tm)) &&
		CHECK(strftime(text, sizeof(text), "%Y-%m-%d", &tm) == 10) &&
		CHECK(!strcmp(text, "1971-01-01")) &&
		CHECK(localtime_r(&when, &tm)) && CHECK(mktime(&tm) == when);
}

/*
 * Waiting
 */

static bool ppoll_signal(void)
{
	const struct itimerval alarm_soon = { .it_value.tv_usec = 20000 };
	sigset_t blocked, none;

	sigemptyset(&none);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGALRM);
	return install(SIGALRM, 0) &&
		CHECK(!sigprocmask(SIG_BLOCK, &blocked, NULL)) &&
		CHECK(!ppoll(NULL, 0, &short_time, NULL)) &&
		CHECK(!setitimer(ITIMER_REAL, &alarm_soon, NULL)) &&
		CHECK(ppoll(NULL, 0, NULL, &none) == -1) &&
		CHECK(errno == EINTR) && CHECK(last_handled() == SIGALRM);
}

static bool pselect_signal(void)
{
	sigset_t blocked, none;

	sigemptyset(&none);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	return install(SIGUSR1, 0) &&
		CHECK(!sigprocmask(SIG_BLOCK, &blocked, NULL)) &&
		CHECK(!raise(SIGUSR1)) &&
		CHECK(!pselect(0, NULL, NULL, NULL, &short_time, NULL)) &&
		CHECK(pselect(0, NULL, NULL, NULL, NULL, &none) == -1) &&
		CHECK(errno == EINTR) && CHECK(last_handled() == SIGUSR1);
}

static bool epoll_add(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return CHECK(fd >= 0) &&
		CHECK(!epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
}

/* Whether it is this one and no other that is ready. */
static bool epoll_is(int epoll, int fd)
{
	struct epoll_event events[4];

	return CHECK(epoll_wait(epoll, events, ARRAY_SIZE(events), 20000) == 1) &&
		CHECK(events[0].data.fd == fd) &&
		CHECK(events[0].events == EPOLLIN);
}

/* A pipe, a counter and a signal in one loop. */
static bool epoll_loop(void)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC), event = eventfd(0, EFD_CLOEXEC);
	struct epoll_event none;
	struct signalfd_siginfo info;
	int fds[2], signals;
	unsigned long long number;
	sigset_t set;
	char byte;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signals = signalfd(-1, &set, SFD_CLOEXEC);
	return CHECK(epoll >= 0) && CHECK(!pipe(fds)) && epoll_add(epoll, event) &&
		epoll_add(epoll, signals) && epoll_add(epoll, fds[0]) &&
		CHECK(!epoll_wait(epoll, &none, 1, 1)) &&
		CHECK(write(fds[1], "x", 1) == 1) && epoll_is(epoll, fds[0]) &&
		CHECK(read(fds[0], &byte, 1) == 1) &&
		CHECK(!eventfd_write(event, 5)) && epoll_is(epoll, event) &&
		CHECK(read(event, &number, sizeof(number)) == sizeof(number)) &&
		CHECK(number == 5) && CHECK(!raise(SIGUSR1)) &&
		epoll_is(epoll, signals) &&
		CHECK(read(signals, &info, sizeof(info)) == sizeof(info)) &&
		CHECK(info.ssi_signo == SIGUSR1) &&
		CHECK(!epoll_pwait(epoll, &none, 1, 1, &set)) &&
		CHECK(!epoll_ctl(epoll, EPOLL_CTL_DEL, fds[0], NULL));
}

static bool entropy(void)
{
	unsigned char one[16] = {}, other[16] = {};

	return CHECK(!getentropy(one, sizeof(one))) &&
		CHECK(!getentropy(other, sizeof(other))) &&
		CHECK(memcmp(one, other, sizeof(one)));
}

/*
 * Sockets between tasks of one application
 */

static bool socket_pair(void)
{
	char bytes[4] = "";
	int fds[2];

	return CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds)) &&
		CHECK(send(fds[0], "text", 4, MSG_NOSIGNAL) == 4) &&
		CHECK(recv(fds[1], bytes, 4, MSG_WAITALL) == 4) &&
		CHECK(!memcmp(bytes, "text", 4)) && CHECK(!close(fds[0])) &&
		CHECK(!recv(fds[1], bytes, 4, 0)) &&
		CHECK(send(fds[1], "x", 1, MSG_NOSIGNAL) == -1) &&
		CHECK(errno == EPIPE);
}

static bool do_client(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX,
				       .sun_path = "socket" };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char byte = 0;

	return CHECK(!connect(fd, (void *)&address, sizeof(address))) &&
		CHECK(read(fd, &byte, 1) == 1) && CHECK(byte == 's');
}

static bool socket_server(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX,
				       .sun_path = "socket" };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), fd;
	pid_t pid;

	if (!CHECK(listener >= 0) ||
	    !CHECK(!bind(listener, (void *)&address, sizeof(address))) ||
	    !CHECK(!listen(listener, 4)))
		return false;
	pid = fork();
	if (!pid)
		_exit(!do_client());
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	return CHECK(fd >= 0) && CHECK(write(fd, "s", 1) == 1) &&
		CHECK(!wait_status(pid)) && CHECK(!unlink("socket"));
}

/*
 * Names
 */

/* The one address that a name has, as text; or an error, negative. */
static int resolve(const char *node, int family, int flags, char *text)
{
	const struct addrinfo hints = {
		.ai_family = family,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = flags,
	};
	struct addrinfo *found;
	int error = getaddrinfo(node, "80", &hints, &found), count = 0;
	struct addrinfo *one;

	if (error)
		return error;
	for (one = found; one; one = one->ai_next)
		count++;
	error = getnameinfo(found->ai_addr, found->ai_addrlen, text,
			    INET6_ADDRSTRLEN, NULL, 0, NI_NUMERICHOST);
	freeaddrinfo(found);
	return error ?: count;
}

static bool resolves(const char *node, int family, int flags,
		     const char *expected)
{
	char text[INET6_ADDRSTRLEN] = "";
	int count = resolve(node, family, flags, text);

	if (count < 0)
		dprintf(STDOUT_FILENO, "# %s: %s\n", node, gai_strerror(count));
	return CHECK(count == 1) && CHECK(!strcmp(text, expected));
}

static bool numeric_address(void)
{
	return resolves("192.0.2.1", AF_UNSPEC, AI_NUMERICHOST, "192.0.2.1") &&
		resolves("2001:db8::1", AF_UNSPEC, 0, "2001:db8::1");
}

static bool hosts_file(void)
{
	return resolves("listed.sphere.test", AF_INET, 0, "192.0.2.9");
}

static bool dns_ipv4(void)
{
	return resolves("device.sphere.test", AF_INET, 0, "192.0.2.7");
}

static bool dns_ipv6(void)
{
	return resolves("device.sphere.test", AF_INET6, 0, "2001:db8::7");
}

/* Both are asked for at the same time. */
static bool dns_both(void)
{
	char text[INET6_ADDRSTRLEN] = "";

	return CHECK(resolve("device.sphere.test", AF_UNSPEC, 0, text) == 2);
}

/* The library finds out first which kinds of addresses the machine has. */
static bool dns_configured(void)
{
	return resolves("device.sphere.test", AF_INET, AI_ADDRCONFIG,
			"192.0.2.7");
}

static bool dns_missing(void)
{
	char text[INET6_ADDRSTRLEN] = "";

	return CHECK(resolve("missing.sphere.test", AF_UNSPEC, 0, text) ==
		     EAI_NONAME);
}

/*
 * What only glibc has
 */

#ifdef __GLIBC__

static bool heap_break(void)
{
	char *before = sbrk(8192);

	if (!CHECK(before != (void *)-1))
		return false;
	before[8191] = 1;
	return CHECK(sbrk(0) >= (void *)(before + 8192)) &&
		CHECK(sbrk(-8192) != (void *)-1);
}

static bool arc4(void)
{
	unsigned char one[16] = {}, other[16] = {};

	arc4random_buf(one, sizeof(one));
	arc4random_buf(other, sizeof(other));
	return CHECK(memcmp(one, other, sizeof(one))) &&
		CHECK(arc4random_uniform(10) < 10);
}

#endif

#ifdef SPHERE_DYNAMIC

/* Whatever the program has not been linked with. */
static bool shared_object(void)
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	int (*function)(int number);
	void *object;

	if (!CHECK(len > 0))
		return false;
	path[len] = '\0';
	snprintf(strrchr(path, '/'), 32, "/sphere_libc_object.so");
	object = dlopen(path, RTLD_NOW);
	if (!CHECK(object)) {
		dprintf(STDOUT_FILENO, "# %s\n", dlerror());
		return false;
	}
	function = (int (*)(int))dlsym(object, "sphere_double");
	return CHECK(function) && CHECK(function(21) == 42) &&
		CHECK(!dlclose(object));
}

#endif

const struct feature full_features[] = {
	FEATURE(spawn),
	FEATURE(spawn_redirected),
	FEATURE(popen_read),
	FEATURE(popen_write),
	FEATURE(system_status),
	FEATURE(waitid_status),
	FEATURE(at_exit),
	FEATURE(resources_used),
	FEATURE(passwd_entry),
	FEATURE(protection),
	FEATURE(memory_advice),
	FEATURE(more_streams),
	FEATURE(temporary_files),
	FEATURE(more_file_names),
	FEATURE(positions),
	FEATURE(sorted_directory),
	FEATURE(file_lock),
	FEATURE(record_lock),
	FEATURE(threads),
	FEATURE(thread_mutex),
	FEATURE(thread_condition),
	FEATURE(thread_condition_timeout),
	FEATURE(thread_local_storage),
	FEATURE(thread_other_locks),
	FEATURE(robust_mutex),
	FEATURE(thread_cancel),
	FEATURE(thread_signal),
	FEATURE(exec_from_thread),
	FEATURE(fork_from_thread),
	FEATURE(signal_handler),
	FEATURE(signal_value),
	FEATURE(signal_mask),
	FEATURE(signal_wait),
	FEATURE(signal_stack),
	FEATURE(interrupted_call),
	FEATURE(alarm_signal),
	FEATURE(timer_signal),
	FEATURE(timer_thread),
	FEATURE(calendar),
	FEATURE(ppoll_signal),
	FEATURE(pselect_signal),
	FEATURE(epoll_loop),
	FEATURE(entropy),
	FEATURE(socket_pair),
	FEATURE(socket_server),
	FEATURE(numeric_address),
	FEATURE(hosts_file),
	FEATURE(dns_ipv4),
	FEATURE(dns_ipv6),
	FEATURE(dns_both),
	FEATURE(dns_configured),
	FEATURE(dns_missing),
#ifdef __GLIBC__
	FEATURE(heap_break),
	FEATURE(arc4),
#endif
#ifdef SPHERE_DYNAMIC
	FEATURE(shared_object),
#endif
	{}
};
