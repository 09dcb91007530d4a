// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - Records of real applications
 *
 * Takes every *.record of a directory (/records, or the first argument), as
 * "sphere pack" has made it of a manifest, all the way: set, read back,
 * executed, read again by the application itself. Not a byte may differ.
 */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sphere_common.h"

#define DIRECTORY	"/records"
#define SUFFIX		".record"

/* No other test uses these. */
#define FIRST_UID	20000

static int is_record(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && !strcmp(dot, SUFFIX);
}

static long current_is_file(const struct sphere_call *call)
{
	struct sphere_blob file, seen;
	int error = sphere_read_file(call->text, &file) ?:
		sphere_get(LSM_ATTR_CURRENT, &seen);

	return error ? error : sphere_blob_equal(&file, &seen);
}

static bool set_and_read_back(const struct sphere_blob *record)
{
	struct sphere_blob seen;
	int error = sphere_set(LSM_ATTR_EXEC, record->bytes, record->len);

	if (error) {
		ksft_print_msg("cannot be set: %s\n", strerror(-error));
		return false;
	}
	error = sphere_get(LSM_ATTR_EXEC, &seen);
	if (error || !sphere_blob_equal(record, &seen)) {
		ksft_print_msg("is pending as something else (%d)\n", error);
		return false;
	}
	return true;
}

static bool execute(const struct sphere_blob *record, const char *path,
		    uid_t uid)
{
	const struct sphere_start start = {
		.record = record,
		.uid = uid,
	};
	struct sphere_agent agent;
	long result;

	/* Several manifests may be of one component. */
	result = sphere_agent_start_patiently(&agent, &start);
	if (result) {
		ksft_print_msg("cannot be executed: %s\n", strerror(-result));
		return false;
	}
	result = sphere_call(&agent, current_is_file, 0, 0, path);
	sphere_agent_stop(&agent);
	if (result != 1)
		ksft_print_msg("is in force as something else (%ld)\n", result);
	return result == 1;
}

static bool follow(const char *path, uid_t uid)
{
	struct sphere_blob record;
	const char *fault;
	int error = sphere_read_file(path, &record);

	if (error) {
		ksft_print_msg("cannot be read: %s\n", strerror(-error));
		return false;
	}
	fault = sphere_record_fault(record.bytes, record.len);
	if (fault) {
		ksft_print_msg("is no record: %s\n", fault);
		return false;
	}
	return set_and_read_back(&record) && execute(&record, path, uid);
}

int main(int argc, char **argv)
{
	const char *directory = argc > 1 ? argv[1] : DIRECTORY;
	struct dirent **entries;
	char path[PATH_MAX];
	int count, i;

	sphere_begin(argc, argv);
	count = scandir(directory, &entries, is_record, alphasort);
	ksft_print_header();
	if (count <= 0)
		ksft_exit_skip("no *" SUFFIX " in %s\n", directory);
	ksft_set_plan(count);
	for (i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", directory,
			 entries[i]->d_name);
		ksft_test_result(follow(path, FIRST_UID + i), "%s\n",
				 entries[i]->d_name);
	}
	ksft_finished();
}
