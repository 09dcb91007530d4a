// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - What the kernel says of what it denies
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sphere_denial.h"

/* In front of what is said in the log. */
#define PREFIX		"sphere: "

/* Takes "key=" and the word behind it off a text, which may end then. */
static bool take(const char **text, const char *key, char *word)
{
	size_t len = strlen(key);

	if (strncmp(*text, key, len) || (*text)[len] != '=')
		return false;
	*text += len + 1;
	len = strcspn(*text, "\n ");
	if (!len || len >= SPHERE_DENIAL_WORD)
		return false;
	memcpy(word, *text, len);
	word[len] = '\0';
	*text += len;
	if (**text == ' ')
		(*text)++;
	return true;
}

static bool take_number(const char **text, const char *key, long *number)
{
	char word[SPHERE_DENIAL_WORD], *end;

	if (!take(text, key, word))
		return false;
	*number = strtol(word, &end, 10);
	return !*end && *number > 0;
}

static bool take_outcome(const char **text, bool *permitted)
{
	static const char *const outcomes[] = { "denied ", "permitted " };
	int i;

	for (i = 0; i < 2; i++) {
		if (strncmp(*text, outcomes[i], strlen(outcomes[i])))
			continue;
		*text += strlen(outcomes[i]);
		*permitted = i;
		return true;
	}
	return false;
}

bool sphere_denial_parse(struct sphere_denial *denial, const char *text)
{
	long error, pid, missed = 0;

	memset(denial, 0, sizeof(*denial));
	if (!take_outcome(&text, &denial->permitted) ||
	    !take(&text, "gate", denial->gate) ||
	    !take(&text, "object", denial->object) ||
	    !take(&text, "right", denial->right) ||
	    !take(&text, "reason", denial->reason) ||
	    !take_number(&text, "errno", &error) ||
	    !take(&text, "component", denial->component) ||
	    !take_number(&text, "pid", &pid) ||
	    !take(&text, "comm", denial->comm))
		return false;
	if (text[-1] == ' ' && !take_number(&text, "missed", &missed))
		return false;
	denial->error = error;
	denial->pid = pid;
	denial->missed = missed;
	return text[-1] != ' ' && (!*text || *text == '\n');
}

int sphere_log_open(void)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (log < 0)
		return -errno;
	lseek(log, 0, SEEK_END);
	return log;
}

void sphere_log_skip(int log)
{
	lseek(log, 0, SEEK_END);
}

static bool is_denial(const char *text)
{
	return !strncmp(text, "denied ", 7) || !strncmp(text, "permitted ", 10);
}

bool sphere_log_next(int log, pid_t pid, struct sphere_denial *denial)
{
	char record[8192], *text;
	ssize_t len;

	/* What was overwritten before it was read is -EPIPE, once. */
	while ((len = read(log, record, sizeof(record) - 1)) > 0 ||
	       (len < 0 && errno == EPIPE)) {
		if (len < 0)
			continue;
		record[len] = '\0';
		text = strchr(record, ';');
		if (!text || strncmp(text + 1, PREFIX, strlen(PREFIX)))
			continue;
		text += 1 + strlen(PREFIX);
		if (!is_denial(text))
			continue;
		if (!sphere_denial_parse(denial, text))
			printf("# this is no denial: %s\n", text);
		else if (!pid || denial->pid == pid)
			return true;
	}
	return false;
}
