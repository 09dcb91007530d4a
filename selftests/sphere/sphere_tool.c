// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - Running a distribution's programs, and what they say
 */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sphere_common.h"
#include "sphere_tool.h"

#define WORDS_MAX	16

#define OUTSIDER_UID	12345

char sphere_printed[8192];

static char command[1024];

static __noreturn void become_tool(char **words, int who)
{
	static const char *const places[] = { "/usr/sbin", "/usr/bin" };
	char *const environment[] = { "LC_ALL=C", NULL };
	const struct sphere_start start = {
		.who = who == SPHERE_OUTSIDER ? SPHERE_MANAGER : who,
		.uid = who == SPHERE_OUTSIDER ? OUTSIDER_UID : sphere_uid(who),
	};
	char path[PATH_MAX];
	size_t i;

	if (sphere_present() && sphere_prepare(&start))
		_exit(126);
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		snprintf(path, sizeof(path), "%s/%s", places[i], words[0]);
		execve(path, words, environment);
	}
	_exit(127);
}

/* Reads what comes, up to the end, and keeps what there is room for. */
static void keep_output(int fd)
{
	char rest[512];
	size_t len = 0;
	ssize_t got = 1;

	while (got > 0 && len < sizeof(sphere_printed) - 1) {
		got = read(fd, sphere_printed + len,
			   sizeof(sphere_printed) - 1 - len);
		if (got > 0)
			len += got;
	}
	sphere_printed[len] = '\0';
	while (read(fd, rest, sizeof(rest)) > 0)
		;
}

int sphere_run(int who, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	return sphere_run_again(who);
}

void sphere_set_command(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
}

int sphere_run_again(int who)
{
	char line[sizeof(command)], *words[WORDS_MAX + 1], *rest = NULL;
	size_t count = 0;
	int fds[2], status;
	pid_t pid;

	snprintf(line, sizeof(line), "%s", command);
	words[0] = strtok_r(line, " ", &rest);
	while (words[count] && count < WORDS_MAX)
		words[++count] = strtok_r(NULL, " ", &rest);
	words[count] = NULL;
	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (!pid) {
		dup2(fds[1], STDOUT_FILENO);
		dup2(fds[1], STDERR_FILENO);
		become_tool(words, who);
	}
	close(fds[1]);
	keep_output(fds[0]);
	close(fds[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -ECHILD;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EPIPE;
}

void sphere_show_run(void)
{
	char *line, *rest = NULL;

	ksft_print_msg("$ %s\n", command);
	for (line = strtok_r(sphere_printed, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		ksft_print_msg("%s\n", line);
}

bool sphere_says_denied(void)
{
	return strcasestr(sphere_printed, "permission denied") ||
		strstr(sphere_printed, "errno 13") ||
		strstr(sphere_printed, "error 13");
}
