// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - Sphere's files in securityfs, which are the manager's
 */

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sphere_common.h"
#include "sphere_securityfs.h"

#define DEFAULT_MOUNT	"/sys/kernel/security"

/* Where the next block begins. */
#define BLOCK		"component "

static const char *mount_point(void)
{
	static char point[256];
	struct mntent *entry;
	FILE *mounts;

	if (point[0] && !access(point, F_OK))
		return point;
	snprintf(point, sizeof(point), "%s", DEFAULT_MOUNT);
	mounts = setmntent("/proc/self/mounts", "re");
	if (!mounts)
		return point;
	while ((entry = getmntent(mounts))) {
		if (strcmp(entry->mnt_type, "securityfs"))
			continue;
		snprintf(point, sizeof(point), "%s", entry->mnt_dir);
		break;
	}
	endmntent(mounts);
	return point;
}

void sphere_fs_path(char path[PATH_MAX], const char *name)
{
	snprintf(path, PATH_MAX, "%s/sphere/%s", mount_point(), name);
}

int sphere_fs_read_fd(int fd, char *text, size_t size)
{
	size_t len = 0;
	ssize_t got;

	while (len < size - 1) {
		got = pread(fd, text + len, size - 1 - len, len);
		if (got < 0)
			return -errno;
		if (!got)
			break;
		len += got;
	}
	text[len] = '\0';
	return len;
}

int sphere_fs_read(const char *name, char *text, size_t size)
{
	char path[PATH_MAX];
	int fd, len;

	sphere_fs_path(path, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	len = sphere_fs_read_fd(fd, text, size);
	close(fd);
	return len;
}

bool sphere_fs_is(const char *name, const char *text)
{
	static char found[SPHERE_TEXT_MAX];
	int len = sphere_fs_read(name, found, sizeof(found));

	if (len < 0)
		printf("# %s: %s\n", name, strerror(-len));
	else if (strcmp(found, text))
		printf("# %s: '%s', not '%s'\n", name, found, text);
	return len >= 0 && !strcmp(found, text);
}

int sphere_fs_write(const char *name, const char *text)
{
	char path[PATH_MAX];

	sphere_fs_path(path, name);
	return sphere_write_text(path, text);
}

int sphere_fs_set_policy(const char *format, ...)
{
	char text[SPHERE_POLICY_MAX + 2] = SPHERE_POLICY_DEFAULT;
	size_t len = strlen(text);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text + len, sizeof(text) - len, format, arguments);
	va_end(arguments);
	return sphere_fs_write("policy", text);
}

int sphere_fs_reset_policy(void)
{
	return sphere_fs_write("policy", SPHERE_POLICY_DEFAULT);
}

void sphere_fs_want_policy(void)
{
	char text[SPHERE_TEXT_MAX];
	int got = sphere_fs_read("policy", text, sizeof(text));

	if (got < 0)
		ksft_exit_fail_msg("the policy cannot be read: %s\n", strerror(-got));
	/* The one that is in force narrows nothing. */
	if (sphere_fs_write("policy", text) == -EOPNOTSUPP)
		ksft_exit_skip("no CONFIG_SECURITY_SPHERE_POLICY\n");
}

/* The number behind this word in a file of such lines; 0 where it is not. */
static long count_of(const char *name, const char *word)
{
	char path[PATH_MAX], found[40];
	long count = 0, number;
	FILE *file;

	sphere_fs_path(path, name);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (fscanf(file, "%39s %ld", found, &number) == 2)
		if (!strcmp(found, word))
			count = number;
	fclose(file);
	return count;
}

long sphere_fs_denials(const char *gate)
{
	return count_of("denials", gate);
}

long sphere_fs_syscall_denials(long nr)
{
	char word[24];

	snprintf(word, sizeof(word), "%ld", nr);
	return count_of("syscalls", word);
}

const char *sphere_uuid(char text[SPHERE_UUID_SIZE], int who)
{
	__u8 id[16];
	int i, len = 0;

	if (who <= 0) {
		snprintf(text, SPHERE_UUID_SIZE, "%s",
			 who == SPHERE_MANAGER ? "manager" : "none");
		return text;
	}
	sphere_component(id, who);
	for (i = 0; i < 16; i++)
		len += sprintf(text + len, i == 4 || i == 6 || i == 8 ||
			       i == 10 ? "-%02x" : "%02x", id[i]);
	return text;
}

/* The next block of @who in a text, or NULL. */
static const char *next_block(const char *text, int who)
{
	char head[sizeof(BLOCK) + SPHERE_UUID_SIZE], id[SPHERE_UUID_SIZE];
	const char *found = text;

	snprintf(head, sizeof(head), BLOCK "%s\n", sphere_uuid(id, who));
	while ((found = strstr(found, head))) {
		if (found == text || found[-1] == '\n')
			return found;
		found++;
	}
	return NULL;
}

int sphere_fs_block(int who, int nth, char *text, size_t size)
{
	char *all = malloc(SPHERE_TEXT_MAX);
	int len = all ? sphere_fs_read("components", all, SPHERE_TEXT_MAX) :
			-ENOMEM;
	const char *block, *end;

	if (len < 0)
		goto out;
	block = next_block(all, who);
	while (block && nth--)
		block = next_block(block + 1, who);
	len = -ESRCH;
	if (!block)
		goto out;
	/* A blank line, or the end of all. */
	end = strstr(block, "\n\n");
	len = end ? end + 1 - block : (long)strlen(block);
	if ((size_t)len >= size)
		len = -ENOSPC;
	else
		snprintf(text, size, "%.*s", len, block);
out:
	free(all);
	return len;
}

int sphere_fs_starts(int who)
{
	static char block[SPHERE_TEXT_MAX];
	int starts = 0, len;

	while ((len = sphere_fs_block(who, starts, block, sizeof(block))) > 0)
		starts++;
	return len == -ESRCH ? starts : len;
}

bool sphere_has(const char *text, const char *part)
{
	return strstr(text, part);
}

bool sphere_has_line(const char *text, const char *format, ...)
{
	char line[512];
	va_list arguments;
	size_t len;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	len = strlen(line);
	for (; text && *text; text = strchr(text, '\n'), text += !!text)
		if (!strncmp(text, line, len) &&
		    (text[len] == '\n' || !text[len]))
			return true;
	return false;
}
