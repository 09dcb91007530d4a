// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - Reports what it was executed as
 *
 * To the file descriptor that the environment names, or, for what the kernel
 * starts, to a new file PATH.report: sphere_report file PATH. All other
 * arguments are ignored, so that it also serves as an interpreter; PATH is the
 * script then.
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sphere_common.h"
#include "sphere_fail.h"

static int to_file(const char *path, const struct sphere_report *report)
{
	char partial[PATH_MAX], whole[PATH_MAX];
	int fd;

	/* The reader must not meet half a report. */
	snprintf(partial, sizeof(partial), "%s.partial", path);
	snprintf(whole, sizeof(whole), "%s" SPHERE_REPORT_SUFFIX, path);
	fd = open(partial, O_WRONLY | O_CREAT | O_EXCL, 0644);
	if (fd < 0 || write(fd, report, sizeof(*report)) != sizeof(*report))
		return 1;
	return rename(partial, whole) ? 1 : 0;
}

int main(int argc, char **argv)
{
	static struct sphere_report report;
	const char *fd = getenv(SPHERE_REPORT_VARIABLE);

	sphere_stop_failing();
	sphere_report_make(&report);
	if (argc >= 3 && !strcmp(argv[1], "file"))
		return to_file(argv[2], &report);
	if (!fd)
		return 2;
	return write(atoi(fd), &report, sizeof(report)) != sizeof(report);
}
