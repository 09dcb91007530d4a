// SPDX-License-Identifier: GPL-2.0
/*
 * Sphere - The end of debuggers
 */

#include <linux/sched/signal.h>

#include "sphere.h"

void sphere_kill_processes(bool (*is_one)(struct task_struct *process))
{
	struct task_struct *process;

	/* One that is about to fork is seen, or its child is. */
	read_lock(&tasklist_lock);
	for_each_process(process) {
		if (is_one(process))
			do_send_sig_info(SIGKILL, SEND_SIG_PRIV, process,
					 PIDTYPE_TGID);
	}
	read_unlock(&tasklist_lock);
}
