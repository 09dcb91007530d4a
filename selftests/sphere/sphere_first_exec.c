// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - PID 1 executes something in its own place
 *
 * Is /init of a guest of its own.  PID 1 shares its root directory with the
 * kernel, so nobody can be sure of an application's files who becomes one there:
 * it stays manager, or the exec fails and it still is manager.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/reboot.h>

#include "sphere_common.h"

#define APP	950

static int exec_again(void)
{
	char *const argv[] = { "/init", "again", NULL };
	char *const envp[] = { NULL };

	execve(argv[0], argv, envp);
	return -errno;
}

static void exec_as(int who)
{
	if (sphere_pend(who))
		ksft_print_msg("cannot choose what to be\n");
	ksft_test_result(exec_again() == -EPERM, "an exec as %s is refused\n",
			 who == APP ? "an application" : "nobody");
	ksft_test_result(sphere_current_is(SPHERE_MANAGER) && sphere_pending_is(who),
			 "and has changed nothing\n");
}

int main(int argc, char **argv __maybe_unused)
{
	if (argc == 1) {
		ksft_print_header();
		ksft_set_plan(6);
		ksft_test_result(sphere_current_is(SPHERE_MANAGER),
				 "the first exec makes a manager\n");
		exec_as(APP);
		exec_as(SPHERE_NOBODY);
		fflush(stdout);
		sphere_pend(SPHERE_MANAGER);
		exec_again();
	}
	/* Counted by hand: the library has forgotten those before the exec. */
	printf("%s 6 a manager that says so stays manager\n",
	       argc > 1 && sphere_current_is(SPHERE_MANAGER) ? "ok" : "not ok");
	fflush(stdout);
	reboot(RB_AUTOBOOT);
	return 1;
}
