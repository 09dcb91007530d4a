/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM sphere

#if !defined(_TRACE_SPHERE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_SPHERE_H

#include <linux/tracepoint.h>

struct sphere_denial;

/**
 * sphere_denied - Something was denied
 * @denial: what, by whom, to whom, and why; valid during the call
 *
 * Fires for each denial, however many of them the log takes, in the context of
 * the task that asked.
 */
TRACE_EVENT(sphere_denied,
	    TP_PROTO(const struct sphere_denial *denial),
	    TP_ARGS(denial),
	    TP_STRUCT__entry(__string(gate, denial->gate)
			     __string(object, denial->object)
			     __string(right, denial->right)
			     __string(reason, denial->reason)
			     __string(component, denial->component)
			     __field(pid_t, pid)
			     __array(char, comm, TASK_COMM_LEN)
			     __field(int, error)
			     __field(int, permitted)),
	    TP_fast_assign(__assign_str(gate);
			   __assign_str(object);
			   __assign_str(right);
			   __assign_str(reason);
			   __assign_str(component);
			   __entry->pid = current->tgid;
			   memcpy(__entry->comm, current->comm, TASK_COMM_LEN);
			   __entry->error = denial->error;
			   __entry->permitted = denial->permitted;),
	    TP_printk("gate=%s object=%s right=%s reason=%s errno=%d component=%s pid=%d comm=%s permitted=%d",
		      __get_str(gate), __get_str(object), __get_str(right),
		      __get_str(reason), __entry->error, __get_str(component),
		      __entry->pid, __entry->comm, __entry->permitted)
);

#endif /* _TRACE_SPHERE_H */

#include <trace/define_trace.h>
