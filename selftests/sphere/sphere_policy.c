// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - What the policy says about system calls
 */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sphere_common.h"
#include "sphere_policy.h"

/* What this architecture is called in the classes, and its lines in the table. */
#if defined(__x86_64__)
#define ARCH		"x86"
#define ABIS		"64"
#elif defined(__arm__)
#define ARCH		"arm"
#define ABIS		"eabi"
#elif defined(__aarch64__)
#define ARCH		"arm64"
#define ABIS		"64", "renameat", "rlimit", "memfd_secret"
#elif defined(__riscv)
#define ARCH		"riscv"
#define ABIS		"64", "riscv", "rlimit", "memfd_secret"
#else
#define ARCH		""
#define ABIS		""
#endif

#define CLASSES_FILE	"syscalls.classes"
#define TABLE_FILE	"syscall.tbl"
#define CONFIG_FILE	"kernel.config"

#define LINE_MAX_BYTES	4096

/* What names, of classes and system calls, stand for. */
struct names {
	unsigned int count;
	struct {
		char name[SPHERE_NAME_MAX];
		char class[SPHERE_NAME_MAX];
		enum sphere_decision decision;
	} entries[2 * SPHERE_SYSCALLS_MAX];
};

static int add(struct names *names, const char *name, const char *class,
	       enum sphere_decision decision)
{
	if (names->count == ARRAY_SIZE(names->entries) ||
	    strlen(name) >= SPHERE_NAME_MAX || strlen(class) >= SPHERE_NAME_MAX)
		return -EBADMSG;
	memcpy(names->entries[names->count].name, name, strlen(name) + 1);
	memcpy(names->entries[names->count].class, class, strlen(class) + 1);
	names->entries[names->count++].decision = decision;
	return 0;
}

/* Negative if there is no such name. */
static int find(const struct names *names, const char *name)
{
	unsigned int i;

	for (i = 0; i < names->count; i++)
		if (!strcmp(names->entries[i].name, name))
			return i;
	return -1;
}

static FILE *open_beside(const char *name)
{
	char path[PATH_MAX];

	sphere_beside(path, name);
	return fopen(path, "r");
}

typedef int use_line(void *context, char *line);

/* Calls @use with each line, until it fails. */
static int read_lines(const char *name, void *context, use_line *use)
{
	FILE *file = open_beside(name);
	char line[LINE_MAX_BYTES];
	int number = 0, err = 0;

	if (!file)
		return -errno;
	while (!err && fgets(line, sizeof(line), file)) {
		number++;
		err = use(context, line);
	}
	fclose(file);
	if (err)
		printf("# %s:%d: %s\n", name, number, line);
	return err;
}

struct classes {
	struct names names;
	char class[SPHERE_NAME_MAX];
	enum sphere_decision decision;
};

static int begin_class(struct classes *classes, const char *line)
{
	char decision[16] = "", error[16] = "";

	if (sscanf(line, "class %39s %15s %15s", classes->class, decision,
		   error) < 2)
		return -EBADMSG;
	if (!strcmp(decision, "kept"))
		classes->decision = SPHERE_KEPT;
	else if (!strcmp(decision, "restricted"))
		classes->decision = SPHERE_RESTRICTED;
	else if (!strcmp(error, "ENOSYS"))
		classes->decision = SPHERE_ENOSYS;
	else if (!strcmp(error, "EPERM"))
		classes->decision = SPHERE_EPERM;
	else
		return -EBADMSG;
	return 0;
}

/* Past the architectures, or NULL if this one is not among them. */
static char *names_of_line(char *line)
{
	char *colon = strchr(line, ':'), *arch, *rest;
	bool ours = false;

	if (!colon)
		return line;
	*colon = 0;
	for (arch = strtok_r(line, " \t", &rest); arch;
	     arch = strtok_r(NULL, " \t", &rest))
		ours |= !strcmp(arch, ARCH);
	return ours ? colon + 1 : NULL;
}

static int read_class_line(void *context, char *line)
{
	struct classes *classes = context;
	char *name, *rest;
	int err = 0;

	if (strchr(line, '#'))
		*strchr(line, '#') = 0;
	if (!isspace((unsigned char)line[0]))
		return line[0] ? begin_class(classes, line) : 0;
	line += strspn(line, " \t");
	if (!strncmp(line, "reason", strlen("reason")))
		return 0;
	name = names_of_line(line);
	for (name = name ? strtok_r(name, " \t\n", &rest) : NULL; name && !err;
	     name = strtok_r(NULL, " \t\n", &rest))
		err = add(&classes->names, name, classes->class,
			  classes->decision);
	return err;
}

static const struct {
	const char *symbol;
	enum sphere_decision decision;
} options[] = {
	{ "CONFIG_SYSCALL_POLICY_KEPT=", SPHERE_KEPT },
	{ "CONFIG_SYSCALL_POLICY_RESTRICTED=", SPHERE_RESTRICTED },
	{ "CONFIG_SYSCALL_POLICY_ENOSYS=", SPHERE_ENOSYS },
	{ "CONFIG_SYSCALL_POLICY_EPERM=", SPHERE_EPERM },
};

static int read_config_line(void *context, char *line)
{
	struct names *overrides = context;
	char *name, *rest;
	unsigned int i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		size_t len = strlen(options[i].symbol);

		if (strncmp(line, options[i].symbol, len))
			continue;
		for (name = strtok_r(line + len, "\"\n ", &rest);
		     name && !err; name = strtok_r(NULL, "\"\n ", &rest))
			err = add(overrides, name, "", options[i].decision);
	}
	return err;
}

struct table {
	struct sphere_policy *policy;
	const struct classes *classes;
	const struct names *overrides;
};

static enum sphere_decision decide(const struct table *table, int at)
{
	const struct names *names = &table->classes->names;
	int override = find(table->overrides, names->entries[at].name);

	if (override < 0)
		override = find(table->overrides, names->entries[at].class);
	return override < 0 ? names->entries[at].decision :
			      table->overrides->entries[override].decision;
}

static bool is_ours(const char *abi)
{
	static const char *const abis[] = { "common", ABIS };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(abis); i++)
		if (!strcmp(abi, abis[i]))
			return true;
	return false;
}

static int read_table_line(void *context, char *line)
{
	struct table *table = context;
	char abi[16], name[SPHERE_NAME_MAX];
	unsigned int nr;
	int at;

	if (sscanf(line, "%u %15s %39s", &nr, abi, name) != 3 ||
	    !is_ours(abi))
		return 0;
	at = find(&table->classes->names, name);
	if (at < 0 || nr >= SPHERE_SYSCALLS_MAX)
		return -EBADMSG;
	memcpy(table->policy->syscalls[nr].name, name, strlen(name) + 1);
	table->policy->syscalls[nr].decision = decide(table, at);
	if (table->policy->count <= nr)
		table->policy->count = nr + 1;
	return 0;
}

int sphere_policy_read(struct sphere_policy *policy)
{
	static struct classes classes;
	static struct names overrides;
	struct table table = { policy, &classes, &overrides };
	int err;

	memset(policy, 0, sizeof(*policy));
	memset(&classes, 0, sizeof(classes));
	memset(&overrides, 0, sizeof(overrides));
	err = read_lines(CLASSES_FILE, &classes, read_class_line);
	if (!err)
		err = read_lines(CONFIG_FILE, &overrides, read_config_line);
	if (!err)
		err = read_lines(TABLE_FILE, &table, read_table_line);
	return err;
}

int sphere_policy_errno(enum sphere_decision decision, bool manager)
{
	switch (decision) {
	case SPHERE_NO_SYSCALL:
	case SPHERE_ENOSYS:
		return -ENOSYS;
	case SPHERE_EPERM:
		return -EPERM;
	case SPHERE_RESTRICTED:
		return manager ? 0 : -EPERM;
	default:
		return 0;
	}
}
