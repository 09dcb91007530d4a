// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - A program of an ordinary C library, whichever it is
 *
 * Built with glibc (static and dynamic), musl and nolibc, and executed by
 * libc_test as an application and as nobody.  Goes through all that the library
 * has and prints a line for each: "NAME ok" or "NAME failed"; what else there is
 * to say begins with "#".
 *
 * Here is what all of them have.
 */

#ifndef NOLIBC
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#endif

#include "sphere_libc.h"

#define KIB	1024
#define MIB	(1024 * KIB)

#define SELF	"/proc/self/exe"

char **arguments;

bool check(bool good, int line, const char *text)
{
	if (!good)
		dprintf(STDOUT_FILENO, "# line %d: %s, errno %d\n", line, text,
			errno);
	return good;
}

long long milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

int wait_status(int pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

int in_child(bool (*action)(void))
{
	int pid = fork();

	if (!pid)
		_exit(action() ? 0 : 1);
	return wait_status(pid);
}

void exec_helper(void)
{
	char *const argv[] = { "sphere_libc", "helper", "from exec", NULL };
	char *const envp[] = { "SPHERE_LIBC=helper", NULL };

	execve(SELF, argv, envp);
	_exit(1);
}

/*
 * Starting and ending
 */

static bool argument_list(void)
{
	return CHECK(arguments[0] && arguments[1] && arguments[2]) &&
		CHECK(!strcmp(arguments[1], "two words")) &&
		CHECK(!*arguments[2]) && CHECK(!arguments[3]);
}

static bool environment(void)
{
	return CHECK(getenv("SPHERE_LIBC")) &&
		CHECK(!strcmp(getenv("SPHERE_LIBC"), "an = b")) &&
		CHECK(getenv("EMPTY") && !*getenv("EMPTY")) &&
		CHECK(!getenv("SPHERE_LIB"));
}

static bool auxiliary_vector(void)
{
	return CHECK(getauxval(AT_PAGESZ) == (unsigned long)getpagesize()) &&
		CHECK(getauxval(AT_UID) == getuid()) &&
		CHECK(getauxval(AT_RANDOM));
}

static bool ids(void)
{
	int parent = getpid(), fds[2], seen = 0, pid;

	if (!CHECK(!pipe(fds)))
		return false;
	pid = fork();
	if (!pid) {
		seen = getppid();
		_exit(write(fds[1], &seen, sizeof(seen)) != sizeof(seen));
	}
	return CHECK(!wait_status(pid)) &&
		CHECK(read(fds[0], &seen, sizeof(seen)) == sizeof(seen)) &&
		CHECK(seen == parent) && CHECK(getuid() == geteuid());
}

static bool exit_status(void)
{
	int pid = fork(), status;

	if (!pid)
		exit(23);
	status = wait_status(pid);
	return CHECK(WIFEXITED(status)) && CHECK(WEXITSTATUS(status) == 23);
}

static bool do_abort(void)
{
	abort();
}

static bool abort_signal(void)
{
	int status = in_child(do_abort);

	return CHECK(WIFSIGNALED(status)) && CHECK(WTERMSIG(status) == SIGABRT);
}

static bool do_segv(void)
{
	int *nowhere = NULL;

	/* The compiler is not to see that. */
	__asm__("" : "+r"(nowhere));
	return !*nowhere;
}

static bool fault_signal(void)
{
	int status = in_child(do_segv);

	return CHECK(WIFSIGNALED(status)) && CHECK(WTERMSIG(status) == SIGSEGV);
}

/* With the limit, and without. */
static bool core_dump(void)
{
	struct rlimit limit = { .rlim_cur = 0, .rlim_max = MIB };
	int status;

	if (!CHECK(!setrlimit(RLIMIT_CORE, &limit)))
		return false;
	status = in_child(do_segv);
	if (!CHECK(WIFSIGNALED(status)) || !CHECK(!(status & 0x80)))
		return false;
	limit.rlim_cur = MIB;
	if (!CHECK(!setrlimit(RLIMIT_CORE, &limit)))
		return false;
	status = in_child(do_segv);
	return CHECK(WIFSIGNALED(status)) && CHECK(status & 0x80);
}

static bool fork_and_wait(void)
{
	int pids[4], i;

	for (i = 0; i < 4; i++) {
		pids[i] = fork();
		if (!pids[i])
			_exit(i);
	}
	while (i--)
		if (!CHECK(wait_status(pids[i]) == i << 8))
			return false;
	return CHECK(waitpid(-1, NULL, 0) == -1) && CHECK(errno == ECHILD);
}

static bool exec_again(void)
{
	int pid = fork();

	if (!pid)
		exec_helper();
	return CHECK(wait_status(pid) == HELPER_STATUS << 8);
}

static bool vfork_and_exec(void)
{
	int pid = vfork();

	if (!pid)
		exec_helper();
	return CHECK(wait_status(pid) == HELPER_STATUS << 8);
}

static bool do_wait_for_ever(void)
{
	return poll(NULL, 0, -1);
}

static bool kill_child(void)
{
	int pid = fork(), status;

	if (!pid)
		_exit(do_wait_for_ever());
	if (!CHECK(pid > 0) || !CHECK(!kill(pid, SIGTERM)))
		return false;
	status = wait_status(pid);
	return CHECK(WIFSIGNALED(status)) && CHECK(WTERMSIG(status) == SIGTERM);
}

/* The manager's choice; a program can only ask for it. */
static bool process_group(void)
{
	return CHECK(getpgid(0) >= 0) && CHECK(getpgid(0) == getpgid(getpid()));
}

static bool yield(void)
{
	return CHECK(!sched_yield());
}

static bool machine_name(void)
{
	struct utsname name;

	return CHECK(!uname(&name)) && CHECK(!strcmp(name.sysname, "Linux"));
}

/*
 * Memory
 */

static void fill(unsigned char *bytes, size_t size, unsigned int seed)
{
	size_t i;

	for (i = 0; i < size; i++)
		bytes[i] = seed + i * 7;
}

static bool filled(const unsigned char *bytes, size_t size, unsigned int seed)
{
	size_t i;

	for (i = 0; i < size; i++)
		if (bytes[i] != (unsigned char)(seed + i * 7))
			return false;
	return true;
}

/* The first ones come by brk() from most libraries. */
static bool malloc_small(void)
{
	static unsigned char *blocks[512];
	unsigned int i;

	for (i = 0; i < 512; i++) {
		blocks[i] = malloc(1 + i);
		if (!CHECK(blocks[i]))
			return false;
		fill(blocks[i], 1 + i, i);
	}
	for (i = 0; i < 512; i += 2)
		free(blocks[i]);
	for (i = 1; i < 512; i += 2) {
		if (!CHECK(filled(blocks[i], 1 + i, i)))
			return false;
		free(blocks[i]);
	}
	return true;
}

/* Such come by mmap(), and grow by mremap(). */
static bool malloc_large(void)
{
	unsigned char *block = malloc(4 * MIB), *grown;

	if (!CHECK(block))
		return false;
	fill(block, 64 * KIB, 1);
	grown = realloc(block, 8 * MIB);
	if (!CHECK(grown) || !CHECK(filled(grown, 64 * KIB, 1)))
		return false;
	grown[8 * MIB - 1] = 1;
	free(grown);
	block = calloc(1024, 1024);
	return CHECK(block) && CHECK(!block[0] && !block[MIB - 1]);
}

static bool map_anonymous(void)
{
	unsigned char *map = mmap(NULL, 64 * KIB, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (!CHECK(map != MAP_FAILED))
		return false;
	fill(map, 64 * KIB, 3);
	map = mremap(map, 64 * KIB, 256 * KIB, MREMAP_MAYMOVE,
		     NULL);
	return CHECK(map != MAP_FAILED) && CHECK(filled(map, 64 * KIB, 3)) &&
		CHECK(!map[256 * KIB - 1]) && CHECK(!munmap(map, 256 * KIB));
}

/* The two sides of a file: mapped and read. */
static bool map_file(void)
{
	int fd = open("mapped", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *map, bytes[6] = "";

	if (!CHECK(fd >= 0) || !CHECK(!ftruncate(fd, 4096)))
		return false;
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (!CHECK(map != MAP_FAILED))
		return false;
	memcpy(map + 100, "shared", 6);
	return CHECK(lseek(fd, 100, SEEK_SET) == 100) &&
		CHECK(read(fd, bytes, 6) == 6) &&
		CHECK(!memcmp(bytes, "shared", 6)) &&
		CHECK(!munmap(map, 4096)) && CHECK(!unlink("mapped"));
}

static bool memory_file(void)
{
	int fd = memfd_create("sphere", 0);
	char bytes[4] = "";

	return CHECK(fd >= 0) && CHECK(write(fd, "text", 4) == 4) &&
		CHECK(!lseek(fd, 0, SEEK_SET)) &&
		CHECK(read(fd, bytes, 4) == 4) &&
		CHECK(!memcmp(bytes, "text", 4));
}

static unsigned int descend(unsigned int depth)
{
	unsigned char frame[4096];

	frame[0] = depth;
	frame[4095] = depth >> 8;
	/* All of it is needed, as far as the compiler can tell. */
	__asm__("" : : "r"(frame) : "memory");
	if (!depth)
		return 0;
	return descend(depth - 1) + (frame[0] | frame[4095] << 8);
}

/* One that grows. */
static bool deep_stack(void)
{
	return CHECK(descend(500) == 500 * 501 / 2);
}

/*
 * Files
 */

static bool streams(void)
{
	char line[64];
	FILE *file = fopen("stream", "w");

	if (!CHECK(file) || !CHECK(fprintf(file, "%d %s %x\n", -42, "text", 255) > 0) ||
	    !CHECK(!fclose(file)))
		return false;
	file = fopen("stream", "r");
	return CHECK(file) && CHECK(fgets(line, sizeof(line), file)) &&
		CHECK(!strcmp(line, "-42 text ff\n")) &&
		CHECK(!fgets(line, sizeof(line), file)) &&
		CHECK(!fclose(file)) && CHECK(!unlink("stream"));
}

static bool file_contents(void)
{
	int fd = open("file", O_RDWR | O_CREAT | O_EXCL, 0600);
	struct iovec vector[2] = { { "one ", 4 }, { "two", 3 } };
	struct stat stat_;
	char bytes[8] = "";

	return CHECK(fd >= 0) && CHECK(writev(fd, vector, 2) == 7) &&
		CHECK(lseek(fd, 4, SEEK_SET) == 4) &&
		CHECK(read(fd, bytes, 8) == 3) && CHECK(!strcmp(bytes, "two")) &&
		CHECK(!ftruncate(fd, 3)) && CHECK(!fsync(fd)) &&
		CHECK(!fstat(fd, &stat_)) && CHECK(stat_.st_size == 3) &&
		CHECK(stat_.st_uid == getuid()) && CHECK(!close(fd)) &&
		CHECK(!unlink("file"));
}

static bool file_names(void)
{
	int fd = open("name", O_WRONLY | O_CREAT, 0600);
	struct stat stat_;
	char target[8] = "";

	return CHECK(fd >= 0) && CHECK(!close(fd)) &&
		CHECK(!link("name", "second")) && CHECK(!stat("second", &stat_)) &&
		CHECK(stat_.st_nlink == 2) && CHECK(!symlink("name", "symbolic")) &&
		CHECK(readlink("symbolic", target, sizeof(target)) == 4) &&
		CHECK(!memcmp(target, "name", 4)) && CHECK(!chmod("name", 0400)) &&
		CHECK(!stat("symbolic", &stat_)) &&
		CHECK((stat_.st_mode & 0777) == 0400) && CHECK(!unlink("name")) &&
		CHECK(stat("symbolic", &stat_) == -1) && CHECK(errno == ENOENT) &&
		CHECK(!unlink("second")) && CHECK(!unlink("symbolic"));
}

#ifdef NOLIBC
static struct dirent *next_entry(DIR *directory)
{
	static struct dirent entry;
	struct dirent *result;

	return readdir_r(directory, &entry, &result) ? NULL : result;
}
#else
static struct dirent *next_entry(DIR *directory)
{
	return readdir(directory);
}
#endif

static bool directories(void)
{
	struct dirent *entry;
	unsigned int seen = 0;
	DIR *directory;
	char path[256];
	bool good;

	good = CHECK(!mkdir("directory", 0700)) &&
		CHECK(!mkdir("directory/one", 0700)) &&
		CHECK(!mkdir("directory/two", 0700)) &&
		CHECK(!chdir("directory")) && CHECK(getcwd(path, sizeof(path))) &&
		CHECK(strstr(path, "/directory"));
	directory = opendir(".");
	if (!good || !CHECK(directory))
		return false;
	while ((entry = next_entry(directory))) {
		if (!strcmp(entry->d_name, "one"))
			seen |= 1;
		else if (!strcmp(entry->d_name, "two"))
			seen |= 2;
		else if (entry->d_name[0] != '.')
			seen |= 4;
	}
	closedir(directory);
	return CHECK(seen == 3) && CHECK(!rmdir("one")) && CHECK(!rmdir("two")) &&
		CHECK(!chdir("..")) && CHECK(!rmdir("directory"));
}

static bool descriptors(void)
{
	int fds[2], copy;
	char byte = 0;

	return CHECK(!pipe2(fds, O_CLOEXEC)) && CHECK((copy = dup(fds[1])) >= 0) &&
		CHECK(dup2(fds[0], 100) == 100) && CHECK(!close(fds[0])) &&
		CHECK(!close(fds[1])) && CHECK(write(copy, "x", 1) == 1) &&
		CHECK(!close(copy)) && CHECK(read(100, &byte, 1) == 1) &&
		CHECK(byte == 'x') && CHECK(!read(100, &byte, 1));
}

static bool limits(void)
{
	struct rlimit limit;
	int fd;

	if (!CHECK(!getrlimit(RLIMIT_NOFILE, &limit)))
		return false;
	limit.rlim_cur = 10;
	if (!CHECK(!setrlimit(RLIMIT_NOFILE, &limit)))
		return false;
	do
		fd = dup(0);
	while (fd >= 0 && fd < 10);
	return CHECK(fd == -1) && CHECK(errno == EMFILE);
}

/*
 * Time
 */

static bool clocks(void)
{
	struct timespec resolution, cpu, now;
	struct timeval day;

	return CHECK(!clock_getres(CLOCK_MONOTONIC, &resolution)) &&
		CHECK(resolution.tv_nsec > 0) &&
		CHECK(!clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu)) &&
		CHECK(!gettimeofday(&day, NULL)) &&
		CHECK(!clock_gettime(CLOCK_REALTIME, &now)) &&
		CHECK(now.tv_sec - day.tv_sec <= 1);
}

static bool sleeping(void)
{
	const struct timespec pause = { .tv_nsec = 30 * 1000 * 1000 };
	long long start = milliseconds();

	return CHECK(!nanosleep(&pause, NULL)) &&
		CHECK(milliseconds() - start >= 30);
}

static bool sleeping_until(void)
{
	long long start = milliseconds();
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec++;
	return CHECK(!clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until,
				      NULL)) &&
		CHECK(milliseconds() - start >= 999);
}

static bool timer_descriptor(void)
{
	const struct itimerspec soon = {
		.it_value.tv_nsec = 20 * 1000 * 1000,
		.it_interval.tv_nsec = 20 * 1000 * 1000,
	};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	struct pollfd poll_ = { .fd = fd, .events = POLLIN };
	long long start = milliseconds();
	unsigned long long first, second;

	return CHECK(fd >= 0) && CHECK(!timerfd_settime(fd, 0, &soon, NULL)) &&
		CHECK(poll(&poll_, 1, 20000) == 1) &&
		CHECK(read(fd, &first, sizeof(first)) == sizeof(first)) &&
		CHECK(read(fd, &second, sizeof(second)) == sizeof(second)) &&
		CHECK(first + second >= 2) &&
		CHECK(milliseconds() - start >= 39);
}

/*
 * Waiting for several things
 */

/* A child that writes to one of two pipes, and then closes both. */
static int write_later(int one[2], int other[2])
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	int pid;

	if (pipe(one) || pipe(other))
		return -1;
	pid = fork();
	if (!pid) {
		nanosleep(&pause, NULL);
		_exit(write(other[1], "x", 1) != 1);
	}
	close(one[1]);
	close(other[1]);
	return pid;
}

static bool poll_loop(void)
{
	int one[2], other[2], pid = write_later(one, other), open_ends = 2, got;
	unsigned int bytes = 0, i;
	struct pollfd polls[2];
	char byte;

	if (!CHECK(pid > 0) || !CHECK(!poll(NULL, 0, 1)))
		return false;
	polls[0] = (struct pollfd){ .fd = one[0], .events = POLLIN };
	polls[1] = (struct pollfd){ .fd = other[0], .events = POLLIN };
	while (open_ends) {
		if (!CHECK(poll(polls, 2, 20000) > 0))
			return false;
		for (i = 0; i < 2; i++) {
			if (polls[i].fd < 0 || !polls[i].revents)
				continue;
			got = read(polls[i].fd, &byte, 1);
			if (got > 0) {
				bytes += got << i;
			} else {
				polls[i].fd = -1;
				open_ends--;
			}
		}
	}
	return CHECK(bytes == 2) && CHECK(!wait_status(pid));
}

static bool select_loop(void)
{
	int one[2], other[2], pid = write_later(one, other), got = 1;
	struct timeval patience = { .tv_sec = 20 };
	struct timeval none = { .tv_usec = 1000 };
	unsigned int bytes = 0;
	fd_set set;
	char byte;

	FD_ZERO(&set);
	if (!CHECK(pid > 0) || !CHECK(!select(0, &set, NULL, NULL, &none)))
		return false;
	while (got > 0) {
		FD_ZERO(&set);
		FD_SET(other[0], &set);
		if (!CHECK(select(other[0] + 1, &set, NULL, NULL,
				  &patience) == 1) ||
		    !CHECK(FD_ISSET(other[0], &set)))
			return false;
		got = read(other[0], &byte, 1);
		if (got > 0)
			bytes += got;
	}
	return CHECK(bytes == 1) && CHECK(!wait_status(pid));
}

/* Not the same ones twice. */
static bool random_bytes(void)
{
	unsigned char one[16] = {}, other[16] = {};

	return CHECK(getrandom(one, sizeof(one), 0) == sizeof(one)) &&
		CHECK(getrandom(other, sizeof(other), 0) == sizeof(other)) &&
		CHECK(memcmp(one, other, sizeof(one)));
}

static const struct feature features[] = {
	FEATURE(argument_list),
	FEATURE(environment),
	FEATURE(auxiliary_vector),
	FEATURE(ids),
	FEATURE(exit_status),
	FEATURE(abort_signal),
	FEATURE(fault_signal),
	FEATURE(core_dump),
	FEATURE(fork_and_wait),
	FEATURE(exec_again),
	FEATURE(vfork_and_exec),
	FEATURE(kill_child),
	FEATURE(process_group),
	FEATURE(yield),
	FEATURE(machine_name),
	FEATURE(malloc_small),
	FEATURE(malloc_large),
	FEATURE(map_anonymous),
	FEATURE(map_file),
	FEATURE(memory_file),
	FEATURE(deep_stack),
	FEATURE(streams),
	FEATURE(file_contents),
	FEATURE(file_names),
	FEATURE(directories),
	FEATURE(descriptors),
	FEATURE(limits),
	FEATURE(clocks),
	FEATURE(sleeping),
	FEATURE(sleeping_until),
	FEATURE(timer_descriptor),
	FEATURE(poll_loop),
	FEATURE(select_loop),
	FEATURE(random_bytes),
	{}
};

static void run_all(const struct feature *feature)
{
	int status;

	for (; feature->name; feature++) {
		status = in_child(feature->run);
		if (status > 0 && WIFSIGNALED(status))
			dprintf(STDOUT_FILENO, "# signal %d\n",
				WTERMSIG(status));
		dprintf(STDOUT_FILENO, "%s %s\n", feature->name,
			status ? "failed" : "ok");
	}
}

static bool is_helper(int argc, char **argv)
{
	return argc == 3 && !strcmp(argv[1], "helper") &&
		!strcmp(argv[2], "from exec") && getenv("SPHERE_LIBC") &&
		!strcmp(getenv("SPHERE_LIBC"), "helper");
}

int main(int argc, char **argv)
{
	if (is_helper(argc, argv))
		return HELPER_STATUS;
	arguments = argv;
	run_all(features);
#ifndef NOLIBC
	run_all(full_features);
#endif
	return 0;
}
