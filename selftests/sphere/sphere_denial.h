/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sphere selftests - What the kernel says of what it denies
 */

#ifndef SPHERE_DENIAL_H
#define SPHERE_DENIAL_H

#include <stdbool.h>
#include <sys/types.h>

/* More than a line of the log has. */
#define SPHERE_DENIAL_WORD	2048

/* The words as they stand there. */
struct sphere_denial {
	bool permitted;
	char gate[SPHERE_DENIAL_WORD];
	char object[SPHERE_DENIAL_WORD];
	char right[SPHERE_DENIAL_WORD];
	char reason[SPHERE_DENIAL_WORD];
	int error;
	char component[SPHERE_DENIAL_WORD];
	pid_t pid;
	char comm[SPHERE_DENIAL_WORD];
	/* 0 if there is none. */
	unsigned int missed;
};

/*
 * Reads the text of a denial, up to its end or a line break, which has to have
 * every field in its place and nothing else.
 */
bool sphere_denial_parse(struct sphere_denial *denial, const char *text);

/* The log, from now on; a negative errno. */
int sphere_log_open(void);

/*
 * The next denial of the process in the log, of any for 0; false if there is
 * none. Lines of denials that are wrong are printed, and count as none.
 */
bool sphere_log_next(int log, pid_t pid, struct sphere_denial *denial);

/* Nothing of what has been said so far. */
void sphere_log_skip(int log);

#endif /* SPHERE_DENIAL_H */
