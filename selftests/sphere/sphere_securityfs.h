/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sphere selftests - Sphere's files in securityfs, which are the manager's
 *
 * Functions return 0 or more, or a negative errno.
 */

#ifndef SPHERE_SECURITYFS_H
#define SPHERE_SECURITYFS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "kselftest.h"

/* Bytes of the largest policy. */
#define SPHERE_POLICY_MAX	16384

/* The policy that changes nothing. */
#define SPHERE_POLICY_DEFAULT	"version 1\n"

/* Room for the text of any of the files. */
#define SPHERE_TEXT_MAX		65536

/* Bytes of a component's id as text, with the final zero. */
#define SPHERE_UUID_SIZE	37

/* The path of a file, wherever securityfs is mounted. */
void sphere_fs_path(char path[PATH_MAX], const char *name);

/* The text of a file that is open, from its start, or by its name: its length. */
int sphere_fs_read_fd(int fd, char *text, size_t size);
int sphere_fs_read(const char *name, char *text, size_t size);

/* Whether this is all that is in the file. */
bool sphere_fs_is(const char *name, const char *text);

/* In one write. */
int sphere_fs_write(const char *name, const char *text);

/* Replaces the policy: "version 1" and what is given. */
__printf(1, 2) int sphere_fs_set_policy(const char *format, ...);
/* The one that changes nothing. */
int sphere_fs_reset_policy(void);

/* Ends the program, its tests skipped, where the policy cannot be replaced. */
void sphere_fs_want_policy(void);

/* How often this gate, or this system call's number, has been denied. */
long sphere_fs_denials(const char *gate);
long sphere_fs_syscall_denials(long nr);

/* The id of @who as text; "none" and "manager" for who has no id. */
const char *sphere_uuid(char text[SPHERE_UUID_SIZE], int who);

/*
 * What "components" says of start number @nth, from 0, of @who; -ESRCH if there
 * is none. How many starts there are.
 */
int sphere_fs_block(int who, int nth, char *text, size_t size);
int sphere_fs_starts(int who);

/* Whether this is somewhere in a text; whether it is one of its lines. */
bool sphere_has(const char *text, const char *part);
__printf(2, 3) bool sphere_has_line(const char *text, const char *format, ...);

#endif /* SPHERE_SECURITYFS_H */
