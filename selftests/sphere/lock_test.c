// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere selftests - A policy that is locked
 *
 * What is done here cannot be undone until the machine boots again. So this runs
 * only where the command line has "sphere.lock", or "lock_test=file" to have it
 * locked by this program, or "lock_test=debugger" to have that done while a
 * debugger is at work: see scripts/stages/guest-locked.
 */

#include <errno.h>
#include <fcntl.h>
#include <endian.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "sphere_actions.h"
#include "sphere_common.h"
#include "sphere_securityfs.h"
#include "sphere_trace.h"

/* Only this test uses these. */
#define APP		1730
#define STRONG		1731	/* is uid 0, with all of Linux' capabilities */
#define DEBUGGER	1732
#define NOBODYS_UID	4715

#define MOUNT		"/tmp/sphere-lock"

#define ID		"8c2b0a1e-0000-4000-8000-000000000001"
#define OTHER_ID	"8c2b0a1e-0000-4000-8000-000000000002"
#define C		"component " ID " "

/* What is locked: by this program, or by the command line. */
#define VERSION		"version 1\n"
#define ALLOWS		C "allow gpio a 0-3 out\n"			\
			C "allow tcp connect 10.0.0.0/8 80-90\n"	\
			C "allow storage 8192\n"			\
			"nobody allow mtd p read\n"
#define DENIES		C "deny gpio b 0-3 out\n"			\
			C "limit storage 4096\n"			\
			"component * deny udp bind 53\n"
#define OFF		"check mtd off\n"

static const char by_file[] = VERSION OFF ALLOWS DENIES;

static bool is_locked_at_boot;

/* Opened before it was locked. */
static int old_lock = -1, old_mode = -1, old_policy = -1;

static const char *locked_policy(void)
{
	return is_locked_at_boot ? SPHERE_POLICY_DEFAULT : by_file;
}

static int write_anew(int fd, const char *text)
{
	if (lseek(fd, 0, SEEK_SET) || write(fd, text, strlen(text)) < 0)
		return -errno;
	return 0;
}

static int open_file(const char *name)
{
	char path[PATH_MAX];

	sphere_fs_path(path, name);
	return open(path, O_RDWR);
}

/* Wider than either, in one way each. */
static const char *const wider[] = {
	/* Allowed to somebody. */
	VERSION OFF ALLOWS DENIES C "allow gpio a 4 out\n",
	VERSION OFF ALLOWS DENIES C "allow gpio a 0-3 in\n",
	VERSION OFF ALLOWS DENIES C "allow gpio a 0-3 inout\n",
	VERSION OFF ALLOWS DENIES C "allow gpio aa 0-3 out\n",
	VERSION OFF ALLOWS DENIES "component " OTHER_ID " allow gpio a 0-3 out\n",
	VERSION OFF ALLOWS DENIES "component * allow gpio a 0-3 out\n",
	VERSION OFF ALLOWS DENIES "nobody allow gpio a 0-3 out\n",
	VERSION OFF ALLOWS DENIES "nobody allow mtd p write\n",
	VERSION OFF ALLOWS DENIES C "allow mtd p read\n",
	VERSION OFF ALLOWS DENIES C "allow tcp connect 10.0.0.0/7 80-90\n",
	VERSION OFF ALLOWS DENIES C "allow tcp connect 10.0.0.0/8 80-91\n",
	VERSION OFF ALLOWS DENIES C "allow udp connect 10.0.0.0/8 80-90\n",
	VERSION OFF ALLOWS DENIES C "allow tcp bind 80\n",
	VERSION OFF ALLOWS DENIES C "allow peer " OTHER_ID "\n",
	VERSION OFF ALLOWS DENIES C "allow capability HostName\n",
	VERSION OFF ALLOWS DENIES C "allow storage 8193\n",
	/* Checked no more. */
	VERSION OFF ALLOWS DENIES "check gpio off\n",
	VERSION OFF ALLOWS DENIES "check syscall off\n",
	/* Said otherwise. */
	VERSION OFF ALLOWS DENIES "reports 0 5000\n",
	VERSION OFF ALLOWS DENIES "reports 10 5001\n",
	VERSION OFF ALLOWS DENIES "reports 10000 1\n",
};

/* Wider than what this program locks: something is not denied any more. */
static const char *const undenied[] = {
	VERSION,
	VERSION OFF ALLOWS,
	VERSION OFF ALLOWS C "deny gpio b 0-3 out\n"
		"component * deny udp bind 53\n",
	VERSION OFF ALLOWS C "deny gpio b 0-2 out\n" C "limit storage 4096\n"
		"component * deny udp bind 53\n",
	VERSION OFF ALLOWS C "deny gpio b 0-3 in\n" C "limit storage 4096\n"
		"component * deny udp bind 53\n",
	VERSION OFF ALLOWS C "deny gpio b 0-3 out\n" C "limit storage 4097\n"
		"component * deny udp bind 53\n",
	VERSION OFF ALLOWS C "deny gpio b 0-3 out\n" C "limit storage 4096\n"
		C "deny udp bind 53\n",
	VERSION OFF ALLOWS "component " OTHER_ID " deny gpio b 0-3 out\n"
		C "limit storage 4096\ncomponent * deny udp bind 53\n",
};

static void expect_wider(struct __test_metadata *_metadata, const char *text,
			 int fd)
{
	char error[256];
	int got = fd < 0 ? sphere_fs_write("policy", text) :
			   write_anew(fd, text);

	EXPECT_EQ(-EPERM, got)
		TH_LOG("%s", text);
	EXPECT_TRUE(sphere_fs_is("policy", locked_policy()));
	ASSERT_LE(0, sphere_fs_read("policy_error", error, sizeof(error)));
	EXPECT_TRUE(sphere_has(error, "locked"))
		TH_LOG("'%s'", error);
}

/* It still is, by all that there is to tell. */
static void expect_locked(struct __test_metadata *_metadata)
{
	EXPECT_TRUE(sphere_fs_is("lock", "locked\n"));
	EXPECT_TRUE(sphere_fs_is("mode", "enforcing\n"));
	EXPECT_EQ(-EPERM, sphere_fs_write("mode", "permissive"));
	expect_wider(_metadata, wider[0], -1);
}

/* Locking has ended the permissive mode. */
TEST(locked)
{
	expect_locked(_metadata);
	EXPECT_TRUE(sphere_fs_is("policy", locked_policy()));
}

TEST(is_not_unlocked)
{
	static const char *const words[] = {
		"unlocked", "unlocked\n", "0", "0\n", "", "\n", "no", "unlock",
		"locked unlocked", "-1", "off", "locked\nunlocked",
	};
	size_t i;
	int got;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		got = sphere_fs_write("lock", words[i]);
		EXPECT_TRUE(got == -EINVAL || got == -EFBIG)
			TH_LOG("'%s': %d", words[i], got);
		expect_locked(_metadata);
	}
	/* Once more is no mistake. */
	EXPECT_EQ(0, sphere_fs_write("lock", "locked"));
	EXPECT_EQ(0, sphere_fs_write("lock", "locked\n"));
	expect_locked(_metadata);
}

/* Or that there is no such mode. */
static bool is_refused_development(const char *text)
{
	int got = sphere_fs_write("mode", text);

	return got == -EPERM || got == -EOPNOTSUPP;
}

TEST(is_not_for_development)
{
	EXPECT_TRUE(is_refused_development("development"));
	EXPECT_TRUE(is_refused_development("development\n"));
	EXPECT_EQ(-EINVAL, sphere_fs_write("mode", "Development"));
	expect_locked(_metadata);
}

/* A debugger runs, and may trace nobody. */
TEST(debuggers_trace_nobody)
{
	struct sphere_blob record;
	struct sphere_agent debugger, app;
	long address;

	sphere_record_application(&record, DEBUGGER);
	sphere_header(&record)->capabilities = htole64(1ULL << SPHERE_CAP_DEBUG);
	if (sphere_set(LSM_ATTR_EXEC, record.bytes, record.len) == -EOPNOTSUPP)
		SKIP(return, "no CONFIG_SECURITY_SPHERE_DEVELOPMENT");
	EXPECT_EQ(0, sphere_pend(SPHERE_NOBODY));
	ASSERT_EQ(0, sphere_agent_with(&debugger, DEBUGGER, &record));
	sphere_record_application(&record, APP);
	ASSERT_EQ(0, sphere_agent_with(&app, APP, &record));
	address = sphere_call(&app, sphere_do_keep_secret, SPHERE_SECRET, 0,
			      NULL);
	EXPECT_EQ(0, sphere_call(&debugger, sphere_do_trace, app.pid, address,
				 SPHERE_TRACE_REFUSED));
	EXPECT_EQ(0, sphere_call(&debugger, sphere_do_read_process, app.pid,
				 address, SPHERE_TRACE_REFUSED));
	EXPECT_EQ(0, sphere_agent_stop(&debugger));
	EXPECT_EQ(0, sphere_agent_stop(&app));
}

TEST(is_not_permissive)
{
	EXPECT_EQ(-EPERM, sphere_fs_write("mode", "permissive"));
	EXPECT_EQ(-EPERM, sphere_fs_write("mode", "permissive\n"));
	EXPECT_EQ(-EINVAL, sphere_fs_write("mode", "Permissive"));
	EXPECT_EQ(0, sphere_fs_write("mode", "enforcing"));
	expect_locked(_metadata);
}

TEST(is_not_widened)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wider); i++)
		expect_wider(_metadata, wider[i], -1);
	if (is_locked_at_boot)
		return;
	for (i = 0; i < ARRAY_SIZE(undenied); i++)
		expect_wider(_metadata, undenied[i], -1);
}

/* What is wrong is wrong in the same way as ever. */
TEST(mistakes_are_mistakes)
{
	EXPECT_EQ(-EINVAL, sphere_fs_write("policy", "version 2\n"));
	EXPECT_EQ(-EINVAL, sphere_fs_write("policy", ""));
	EXPECT_EQ(-EINVAL, sphere_fs_set_policy("check exec off\n"));
	EXPECT_TRUE(sphere_fs_is("policy", locked_policy()));
}

/* What was opened before is no way back. */
TEST(old_files_are_locked)
{
	size_t i;

	if (is_locked_at_boot)
		SKIP(return, "nothing is older than the boot");
	EXPECT_EQ(-EINVAL, write_anew(old_lock, "unlocked"));
	EXPECT_EQ(-EPERM, write_anew(old_mode, "permissive"));
	EXPECT_NE(0, write_anew(old_mode, "development"));
	for (i = 0; i < ARRAY_SIZE(wider); i++)
		expect_wider(_metadata, wider[i], old_policy);
	for (i = 0; i < ARRAY_SIZE(undenied); i++)
		expect_wider(_metadata, undenied[i], old_policy);
	expect_locked(_metadata);
}

static void expect_locked_at(struct __test_metadata *_metadata,
			     const char *directory)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/sphere/lock", directory);
	EXPECT_EQ(-EINVAL, sphere_write_text(path, "unlocked"));
	snprintf(path, sizeof(path), "%s/sphere/mode", directory);
	EXPECT_EQ(-EPERM, sphere_write_text(path, "permissive"));
	snprintf(path, sizeof(path), "%s/sphere/policy", directory);
	EXPECT_EQ(-EPERM, sphere_write_text(path, wider[0]));
	expect_locked(_metadata);
}

static void mount_point(char path[PATH_MAX])
{
	sphere_fs_path(path, "");
	/* Without "/sphere/". */
	path[strlen(path) - strlen("/sphere/")] = '\0';
}

TEST(other_mounts_are_locked)
{
	char point[PATH_MAX];

	mount_point(point);
	mkdir(MOUNT, 0755);
	ASSERT_EQ(0, mount("securityfs", MOUNT, "securityfs", 0, NULL));
	expect_locked_at(_metadata, MOUNT);
	EXPECT_EQ(0, umount(MOUNT));
	ASSERT_EQ(0, mount(point, MOUNT, NULL, MS_BIND, NULL));
	expect_locked_at(_metadata, MOUNT);
	EXPECT_EQ(0, umount(MOUNT));
	rmdir(MOUNT);
}

TEST(remounting_does_not_unlock)
{
	char point[PATH_MAX];

	mount_point(point);
	/* While there are files that are open for writing, it cannot be. */
	if (mount(NULL, point, NULL, MS_REMOUNT | MS_RDONLY, NULL))
		EXPECT_EQ(EBUSY, errno);
	EXPECT_TRUE(sphere_fs_is("lock", "locked\n"));
	EXPECT_EQ(0, mount(NULL, point, NULL, MS_REMOUNT, NULL));
	expect_locked(_metadata);
	EXPECT_EQ(0, umount2(point, MNT_DETACH));
	EXPECT_EQ(0, mount("securityfs", point, "securityfs", 0, NULL));
	expect_locked(_metadata);
}

/* In a mount namespace of one's own. */
TEST(a_mount_namespace_does_not_unlock)
{
	char point[PATH_MAX];

	mount_point(point);
	if (unshare(CLONE_NEWNS))
		SKIP(return, "no CONFIG_NAMESPACES");
	ASSERT_EQ(0, mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	umount2(point, MNT_DETACH);
	EXPECT_EQ(0, mount("securityfs", point, "securityfs", 0, NULL));
	expect_locked_at(_metadata, point);
}

/* Files cannot be replaced by others, nor taken away. */
TEST(files_stay)
{
	static const char *const names[] = { "lock", "mode", "policy" };
	char path[PATH_MAX], other[PATH_MAX + 4];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		sphere_fs_path(path, names[i]);
		snprintf(other, sizeof(other), "%s.old", path);
		EXPECT_NE(0, unlink(path));
		EXPECT_NE(0, rename(path, other));
		EXPECT_NE(0, link(path, other));
		EXPECT_GT(0, open(other, O_RDWR | O_CREAT, 0600));
		EXPECT_NE(0, symlink("/dev/null", other));
	}
	expect_locked(_metadata);
}

/* Other ways to other code in the kernel, or to its memory, are not there. */
TEST(the_kernel_is_not_replaced)
{
	static const char *const devices[] = {
		"/dev/mem", "/dev/kmem", "/dev/port", "/proc/kcore",
		"/sys/kernel/kexec_loaded", "/sys/module/sphere/parameters",
		"/proc/sys/kernel/sphere",
	};
	size_t i;

	EXPECT_EQ(-1, syscall(__NR_init_module, NULL, 0, ""));
	EXPECT_EQ(ENOSYS, errno);
	EXPECT_EQ(-1, syscall(__NR_finit_module, -1, "", 0));
	EXPECT_EQ(ENOSYS, errno);
	EXPECT_EQ(-1, syscall(__NR_delete_module, "sphere", 0));
	EXPECT_EQ(ENOSYS, errno);
	EXPECT_EQ(-1, syscall(__NR_kexec_load, 0, 0, NULL, 0));
	EXPECT_EQ(ENOSYS, errno);
#ifdef __NR_kexec_file_load
	EXPECT_EQ(-1, syscall(__NR_kexec_file_load, -1, -1, 0, NULL, 0));
	EXPECT_EQ(ENOSYS, errno);
#endif
	/* The same numbers with nothing behind them. */
	mknod("/tmp/sphere-mem", S_IFCHR | 0600, 1 << 8 | 1);
	EXPECT_EQ(-1, open("/tmp/sphere-mem", O_RDWR));
	EXPECT_EQ(ENXIO, errno);
	unlink("/tmp/sphere-mem");
	for (i = 0; i < ARRAY_SIZE(devices); i++)
		EXPECT_NE(0, access(devices[i], F_OK))
			TH_LOG("device %zu", i);
	expect_locked(_metadata);
}

static long do_write_fd(const struct sphere_call *call)
{
	return write_anew(call->a, call->text);
}

static void expect_powerless(struct __test_metadata *_metadata,
			     const struct sphere_start *start, bool root)
{
	static const char *const names[] = { "lock", "mode", "policy" };
	static const char *const words[] = { "unlocked", "permissive", VERSION };
	int fds[ARRAY_SIZE(names)];
	struct sphere_agent agent;
	char path[PATH_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		fds[i] = open_file(names[i]);
	ASSERT_EQ(0, sphere_agent_start_patiently(&agent, start));
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		sphere_fs_path(path, names[i]);
		EXPECT_EQ(-EPERM, sphere_call(&agent, do_write_fd, fds[i], 0,
					      words[i]));
		EXPECT_EQ(root ? -EPERM : -EACCES,
			  sphere_call(&agent, sphere_do_open, O_RDWR, 0, path));
		/* As if the manager had wanted to be helpful. */
		ASSERT_EQ(0, chmod(path, 0666));
		EXPECT_EQ(-EPERM, sphere_call(&agent, sphere_do_open, O_RDWR, 0,
					      path));
		EXPECT_EQ(-EPERM, sphere_call(&agent, sphere_do_open, O_WRONLY,
					      0, path));
		ASSERT_EQ(0, chmod(path, 0600));
		close(fds[i]);
	}
	EXPECT_EQ(0, sphere_agent_stop(&agent));
}

TEST(others_do_not_unlock)
{
	const struct sphere_start starts[] = {
		{ .who = APP, .uid = sphere_uid(APP) },
		{ .who = STRONG, .uid = 0, .all_capabilities = true },
		{ .who = SPHERE_NOBODY, .uid = NOBODYS_UID },
		{ .who = SPHERE_NOBODY, .uid = 0, .all_capabilities = true },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		expect_powerless(_metadata, &starts[i], !starts[i].uid);
		expect_locked(_metadata);
	}
}

static long do_manager_widens(const struct sphere_call *call __maybe_unused)
{
	return sphere_fs_write("policy", wider[0]);
}

static long do_manager_unlocks(const struct sphere_call *call __maybe_unused)
{
	return sphere_fs_write("lock", "unlocked");
}

/* Another manager is no other one. */
TEST(other_managers_do_not_unlock)
{
	struct sphere_agent agent;

	ASSERT_EQ(0, sphere_agent(&agent, SPHERE_MANAGER));
	EXPECT_EQ(-EPERM, sphere_call(&agent, do_manager_widens, 0, 0, NULL));
	EXPECT_EQ(-EINVAL, sphere_call(&agent, do_manager_unlocks, 0, 0, NULL));
	EXPECT_EQ(0, sphere_agent_stop(&agent));
	expect_locked(_metadata);
}

/* Many at once: one that is refused is not taken meanwhile. */
TEST(is_not_widened_by_many)
{
	pid_t pids[4];
	int i, n, status;

	for (i = 0; i < 4; i++) {
		pids[i] = fork();
		if (pids[i])
			continue;
		for (n = 0; n < 300; n++)
			if (!sphere_fs_write("policy", wider[n % 8]) ||
			    !sphere_fs_write("mode", "permissive"))
				_exit(1);
		_exit(0);
	}
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(pids[i], waitpid(pids[i], &status, 0));
		EXPECT_EQ(0, status);
	}
	expect_locked(_metadata);
}

/*
 * From here on the policy becomes narrower, step by step, and never wider. The
 * last of the tests, as there is no way back.
 */

#define MORE		"component * limit storage 8192\n"
#define QUARANTINE	"component " OTHER_ID " quarantine\n"

static const char *const steps_by_file[] = {
	/* The same, in another order and in other words. */
	by_file,
	VERSION DENIES ALLOWS OFF,
	VERSION "# locked\n" OFF ALLOWS C "deny gpio %62 0-3 out\n"
		C "limit storage 4096\ncomponent * deny udp bind 53\n",
	/* More is denied. */
	VERSION OFF ALLOWS DENIES C "deny gpio c 1 in\n",
	VERSION OFF ALLOWS DENIES C "deny gpio c 0-63 inout\n" MORE,
	/* Less is allowed: less of it, to fewer, nothing. */
	VERSION OFF C "allow gpio a 0-2 out\n"
		C "allow tcp connect 10.1.0.0/16 80\n"
		DENIES C "deny gpio c 0-63 inout\n" MORE,
	VERSION OFF DENIES C "deny gpio c 0-63 inout\n" MORE,
	/* All is checked. */
	VERSION DENIES C "deny gpio c 0-63 inout\n" MORE,
	VERSION DENIES C "deny gpio c 0-63 inout\n" MORE QUARANTINE,
};

static const char *const steps_by_boot[] = {
	VERSION,
	VERSION C "deny gpio c 1 in\n",
	VERSION C "deny gpio c 0-63 inout\n" MORE,
	VERSION C "deny gpio c 0-63 inout\n" MORE QUARANTINE,
};

static void narrow(struct __test_metadata *_metadata, const char *const *steps,
		   size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		EXPECT_EQ(0, sphere_fs_write("policy", steps[i]))
			TH_LOG("step %zu", i);
		EXPECT_TRUE(sphere_fs_is("policy", steps[i]));
		EXPECT_TRUE(sphere_fs_is("policy_error", ""));
	}
	/* The first ones say the same as each other; then there is no way back. */
	for (i = count - 2; i < count; i--) {
		if (!strcmp(steps[i], steps[count - 1]))
			continue;
		EXPECT_EQ(-EPERM, sphere_fs_write("policy", steps[i]))
			TH_LOG("step %zu", i);
		EXPECT_TRUE(sphere_fs_is("policy", steps[count - 1]));
	}
}

TEST(z_is_narrowed)
{
	if (is_locked_at_boot)
		narrow(_metadata, steps_by_boot, ARRAY_SIZE(steps_by_boot));
	else
		narrow(_metadata, steps_by_file, ARRAY_SIZE(steps_by_file));
	EXPECT_TRUE(sphere_fs_is("lock", "locked\n"));
}

/* And what is narrower takes effect. */
TEST(z_narrower_is_in_force)
{
	char policy[SPHERE_POLICY_MAX + 1], id[SPHERE_UUID_SIZE];
	struct sphere_blob record;
	const struct sphere_start start = {
		.who = APP,
		.record = &record,
		.uid = sphere_uid(APP),
	};
	struct sphere_agent agent;
	size_t len;
	int got;

	sphere_record_application(&record, APP);
	sphere_header(&record)->capabilities =
		htole64(1ULL << SPHERE_CAP_HOST_NAME);
	ASSERT_EQ(0, sphere_agent_start_patiently(&agent, &start));
	EXPECT_EQ(0, sphere_call(&agent, sphere_do_sethostname, 0, 0, NULL));
	got = sphere_fs_read("policy", policy, sizeof(policy));
	ASSERT_LT(0, got);
	len = got;
	snprintf(policy + len, sizeof(policy) - len,
		 "component %s deny capability HostName\n",
		 sphere_uuid(id, APP));
	EXPECT_EQ(0, sphere_fs_write("policy", policy));
	EXPECT_EQ(-EPERM, sphere_call(&agent, sphere_do_sethostname, 0, 0,
				      NULL));
	/* Nobody gives it back. */
	policy[len] = '\0';
	EXPECT_EQ(-EPERM, sphere_fs_write("policy", policy));
	EXPECT_EQ(-EPERM, sphere_fs_write("mode", "permissive"));
	EXPECT_EQ(-EPERM, sphere_call(&agent, sphere_do_sethostname, 0, 0,
				      NULL));
	EXPECT_EQ(0, sphere_agent_stop(&agent));
}

static bool command_line_has(const char *word)
{
	char line[4096] = "";
	int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t len = read(fd, line, sizeof(line) - 1);

	close(fd);
	return len > 0 && strstr(line, word);
}

#define TOGGLERS	2

static pid_t togglers[TOGGLERS];

/* Switches to another mode and back until it is killed. */
static void start_toggling(void)
{
	static const char *const modes[TOGGLERS] = {
		"permissive", "development",
	};
	int i;

	for (i = 0; i < TOGGLERS; i++) {
		togglers[i] = fork();
		if (togglers[i])
			continue;
		for (;;) {
			sphere_fs_write("mode", modes[i]);
			sphere_fs_write("mode", "enforcing");
		}
	}
}

/* Once it is locked, nobody comes too late with what he had begun before. */
static void watch_toggling(void)
{
	int i;

	for (i = 0; i < 200; i++)
		if (!sphere_fs_is("mode", "enforcing\n"))
			ksft_exit_fail_msg("the mode is another again\n");
	for (i = 0; i < TOGGLERS; i++) {
		kill(togglers[i], SIGKILL);
		waitpid(togglers[i], NULL, 0);
	}
}

static void prepare_to_lock(void)
{
	if (!sphere_fs_is("lock", "unlocked\n"))
		ksft_exit_fail_msg("it was locked before\n");
	if (sphere_fs_write("policy", by_file))
		ksft_exit_fail_msg("the policy that is to be locked is not taken\n");
	old_lock = open_file("lock");
	old_mode = open_file("mode");
	old_policy = open_file("policy");
	if (old_lock < 0 || old_mode < 0 || old_policy < 0)
		ksft_exit_fail_msg("the files cannot be opened\n");
}

/* The permissive mode, which there need not be, is what the lock has to end. */
static void lock_by_file(void)
{
	prepare_to_lock();
	sphere_fs_write("mode", "permissive");
	start_toggling();
	if (sphere_fs_write("lock", "locked\n"))
		ksft_exit_fail_msg("it cannot be locked\n");
	watch_toggling();
}

/* Here it is the development mode, and a debugger with what it has got. */
static void lock_debugger_out(void)
{
	struct sphere_agent debugger;
	struct sphere_blob record;
	char path[64];
	int status;

	prepare_to_lock();
	if (sphere_fs_write("mode", "development"))
		ksft_exit_skip("no CONFIG_SECURITY_SPHERE_DEVELOPMENT\n");
	sphere_record_application(&record, DEBUGGER);
	sphere_header(&record)->capabilities = htole64(1ULL << SPHERE_CAP_DEBUG);
	if (sphere_agent_with(&debugger, DEBUGGER, &record))
		ksft_exit_fail_msg("the debugger does not start\n");
	snprintf(path, sizeof(path), "/proc/%d/mem", debugger.pid);
	if (sphere_call(&debugger, sphere_do_open, O_RDWR, 0, path) < 0)
		ksft_exit_fail_msg("the debugger opens nothing\n");
	if (sphere_fs_write("lock", "locked\n"))
		ksft_exit_fail_msg("it cannot be locked\n");
	status = sphere_agent_stop(&debugger);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		ksft_exit_fail_msg("the debugger does not end\n");
}

int main(int argc, char **argv)
{
	sphere_begin(argc, argv);
	sphere_fs_want_policy();
	is_locked_at_boot = command_line_has("sphere.lock");
	if (command_line_has("lock_test=debugger"))
		lock_debugger_out();
	else if (command_line_has("lock_test=file"))
		lock_by_file();
	else if (!is_locked_at_boot)
		ksft_exit_skip("this would lock the policy until the next boot\n");
	return test_harness_run(argc, argv);
}
