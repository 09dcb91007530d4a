// SPDX-License-Identifier: GPL-2.0
/*
 * Entry points that a system call policy puts in the place of others.
 *
 * The decisions are in the system call table, which kernel/gen_syscall_policy.sh
 * generates: a system call that is kept does not come by here.
 */

#include <linux/linkage.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/security.h>
#include <linux/syscalls.h>
#include <linux/types.h>

#include <asm/syscall.h>
#include <asm/syscall_policy.h>

static long deny(long error)
{
	security_syscall_denied(syscall_get_nr(current, current_pt_regs()), error);
	return error;
}

SYSCALL_DEFINE0(denied_enosys)
{
	return deny(-ENOSYS);
}

SYSCALL_DEFINE0(denied_eperm)
{
	return deny(-EPERM);
}

#ifdef CONFIG_ARCH_HAS_SYSCALL_WRAPPER
/* All arguments are in the registers that the entry code has saved. */
#define ENTRY_PARAMETERS	const struct pt_regs *regs
#define ENTRY_ARGUMENTS		regs
#else
/* As many as any system call has, handed on as the registers that they are. */
#define SYSCALL_ENTRY_PREFIX	""
#define ENTRY_REGISTERS(form)	__MAP(6, form,				\
				      unsigned long, a, unsigned long, b, \
				      unsigned long, c, unsigned long, d, \
				      unsigned long, e, unsigned long, f)
#define ENTRY_PARAMETERS	ENTRY_REGISTERS(__SC_DECL)
#define ENTRY_ARGUMENTS		ENTRY_REGISTERS(__SC_ARGS)
#endif

/* What the table knows an entry point as. */
#define ENTRY_NAME(name)	asm(SYSCALL_ENTRY_PREFIX "sys_" #name)

/* All entry points are of this type, as far as their callers know. */
asmlinkage long entry_point(ENTRY_PARAMETERS);

/*
 * The compiler's names are not those of the table, because it knows sys_mount()
 * with the types of its arguments.
 */
#define DEFINE_RESTRICTED(nr, name)					\
	__typeof__(entry_point) do_##name ENTRY_NAME(name);		\
	__typeof__(entry_point) ask_##name ENTRY_NAME(restricted_##name); \
	asmlinkage long ask_##name(ENTRY_PARAMETERS)			\
	{								\
		long error = security_syscall_restricted(nr);		\
									\
		return error ? error : do_##name(ENTRY_ARGUMENTS);	\
	}

FOR_EACH_SYSCALL_RESTRICTED(DEFINE_RESTRICTED)
