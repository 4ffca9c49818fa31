/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM hw_breakpoint

#if !defined(_TRACE_HW_BREAKPOINT_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_HW_BREAKPOINT_H

#include <linux/errno.h>
#include <linux/hw_breakpoint_debug.h>
#include <linux/perf_event.h>
#include <linux/tracepoint.h>

/*
 * Addresses are in the records, which perf and tracefs guard. Their text is %p, since it
 * may end up in the log (tp_printk, ftrace_dump_on_oops); tracefs' option hash-ptr
 * decides.
 */

/*
 * Why it was refused, behind the number. libtraceevent reads no negative numbers in a list, and
 * has 64 bits of the negated one unless it is cast, with the parentheses.
 */
#define show_hwbp_refusal(ret)				\
	__print_symbolic((unsigned int)(-(ret)),	\
			 { 0,		"" },		\
			 { EPERM,	" EPERM" },	\
			 { ENOMEM,	" ENOMEM" },	\
			 { EBUSY,	" EBUSY" },	\
			 { ENODEV,	" ENODEV" },	\
			 { EINVAL,	" EINVAL" },	\
			 { ENOSPC,	" ENOSPC" },	\
			 { EOPNOTSUPP,	" EOPNOTSUPP" })

/*
 * What was done with an event's reservation, and with which result. The events are told apart
 * by @id, which is what PERF_EVENT_IOC_ID has of one that is no copy; @parent is the id of the
 * event that this is a copy of, made by a fork of the current task, or 0. A copy has no @target
 * of its own when it reserves: the number is that of the task that forks.
 */
DECLARE_EVENT_CLASS(hwbp_reservation,

	TP_PROTO(struct perf_event *bp, int ret),

	TP_ARGS(bp, ret),

	TP_STRUCT__entry(
		__field(u64,	id)
		__field(u64,	parent)
		__field(u64,	addr)
		__field(u64,	len)
		__field(u32,	type)
		__field(int,	cpu)
		__field(pid_t,	target)
		__field(int,	ret)
	),

	TP_fast_assign(
		__entry->id	= bp->id;
		__entry->parent	= bp->parent ? bp->parent->id : 0;
		__entry->addr	= bp->attr.bp_addr;
		__entry->len	= bp->attr.bp_len;
		__entry->type	= bp->attr.bp_type;
		__entry->cpu	= bp->cpu;
		__entry->target	= bp->hw.target ? task_pid_nr(bp->hw.target) : 0;
		__entry->ret	= ret;
	),

	TP_printk("id=%llu parent=%llu addr=%p len=%llu type=%u cpu=%d target=%d ret=%d%s",
		  __entry->id, __entry->parent, (void *)(long)__entry->addr, __entry->len,
		  __entry->type, __entry->cpu, __entry->target, __entry->ret,
		  show_hwbp_refusal(__entry->ret))
);

DEFINE_EVENT(hwbp_reservation, hwbp_reserve,
	     TP_PROTO(struct perf_event *bp, int ret), TP_ARGS(bp, ret));

DEFINE_EVENT(hwbp_reservation, hwbp_release,
	     TP_PROTO(struct perf_event *bp, int ret), TP_ARGS(bp, ret));

DEFINE_EVENT(hwbp_reservation, hwbp_modify,
	     TP_PROTO(struct perf_event *bp, int ret), TP_ARGS(bp, ret));

/*
 * A call that re-aims a wide breakpoint, of all CPUs or of this one alone, and its result. With
 * @left an interrupt of this CPU does the rest.
 */
TRACE_EVENT(hwbp_modify_wide,

	TP_PROTO(const struct perf_event_attr *attr, bool local, bool left, int ret),

	TP_ARGS(attr, local, left, ret),

	TP_STRUCT__entry(
		__field(u64,	addr)
		__field(u64,	len)
		__field(u32,	type)
		__field(int,	ret)
		__field(bool,	local)
		__field(bool,	left)
	),

	TP_fast_assign(
		__entry->addr	= attr->bp_addr;
		__entry->len	= attr->bp_len;
		__entry->type	= attr->bp_type;
		__entry->ret	= ret;
		__entry->local	= local;
		__entry->left	= left;
	),

	TP_printk("addr=%p len=%llu type=%u local=%d left=%d ret=%d%s",
		  (void *)(long)__entry->addr, __entry->len, __entry->type, __entry->local,
		  __entry->left, __entry->ret, show_hwbp_refusal(__entry->ret))
);

/* What was done with a slot of a CPU that is held for no event, and with which result. */
DECLARE_EVENT_CLASS(hwbp_for_cpu,

	TP_PROTO(int cpu, int pool, int ret),

	TP_ARGS(cpu, pool, ret),

	TP_STRUCT__entry(
		__field(int,	cpu)
		__field(int,	pool)
		__field(int,	ret)
	),

	TP_fast_assign(
		__entry->cpu	= cpu;
		__entry->pool	= pool;
		__entry->ret	= ret;
	),

	TP_printk("cpu=%d pool=%d ret=%d%s", __entry->cpu, __entry->pool, __entry->ret,
		  show_hwbp_refusal(__entry->ret))
);

DEFINE_EVENT(hwbp_for_cpu, hwbp_reserve_for_cpu,
	     TP_PROTO(int cpu, int pool, int ret), TP_ARGS(cpu, pool, ret));

DEFINE_EVENT(hwbp_for_cpu, hwbp_release_for_cpu,
	     TP_PROTO(int cpu, int pool, int ret), TP_ARGS(cpu, pool, ret));

/*
 * A slot of a CPU that was held for an event is held for none, or the other way round. In
 * the latter case hwbp_reserve of the event follows.
 */
TRACE_EVENT(hwbp_hand_over,

	TP_PROTO(const struct perf_event *bp, int cpu, int pool, bool to_event),

	TP_ARGS(bp, cpu, pool, to_event),

	TP_STRUCT__entry(
		__field(u64,	id)
		__field(int,	cpu)
		__field(int,	pool)
		__field(bool,	to_event)
	),

	TP_fast_assign(
		__entry->id		= bp->id;
		__entry->cpu		= cpu;
		__entry->pool		= pool;
		__entry->to_event	= to_event;
	),

	TP_printk("id=%llu cpu=%d pool=%d to_event=%d", __entry->id, __entry->cpu,
		  __entry->pool, __entry->to_event)
);

/* The current task has left a context, with so many slots of its events. */
TRACE_EVENT(hwbp_retire,

	TP_PROTO(unsigned int slots),

	TP_ARGS(slots),

	TP_STRUCT__entry(
		__field(unsigned int,	slots)
	),

	TP_fast_assign(
		__entry->slots	= slots;
	),

	TP_printk("slots=%u", __entry->slots)
);

/* What a debugger did, and with which result. Its breakpoints are told apart by @id. */
DECLARE_EVENT_CLASS(hwbp_debug,

	TP_PROTO(const struct hw_breakpoint_debug *bp, int ret),

	TP_ARGS(bp, ret),

	TP_STRUCT__entry(
		__field(unsigned long,	id)
		__field(unsigned long,	addr)
		__field(unsigned int,	len)
		__field(unsigned int,	type)
		__field(int,		cpu)
		__field(int,		pool)
		__field(int,		ret)
		__string(owner,		bp->owner)
	),

	TP_fast_assign(
		__assign_str(owner);
		__entry->id	= (unsigned long)bp;
		__entry->addr	= bp->aims[bp->generation & 1].addr;
		__entry->len	= bp->aims[bp->generation & 1].len;
		__entry->type	= bp->aims[bp->generation & 1].type;
		__entry->cpu	= bp->cpu;
		__entry->pool	= bp->pool;
		__entry->ret	= ret;
	),

	TP_printk("id=%p owner=%s addr=%p len=%u type=%u cpu=%d pool=%d ret=%d%s",
		  (void *)__entry->id, __get_str(owner), (void *)__entry->addr,
		  __entry->len, __entry->type, __entry->cpu, __entry->pool,
		  __entry->ret, show_hwbp_refusal(__entry->ret))
);

DEFINE_EVENT(hwbp_debug, hwbp_debug_reserve,
	     TP_PROTO(const struct hw_breakpoint_debug *bp, int ret), TP_ARGS(bp, ret));

DEFINE_EVENT(hwbp_debug, hwbp_debug_set,
	     TP_PROTO(const struct hw_breakpoint_debug *bp, int ret), TP_ARGS(bp, ret));

DEFINE_EVENT(hwbp_debug, hwbp_debug_clear,
	     TP_PROTO(const struct hw_breakpoint_debug *bp, int ret), TP_ARGS(bp, ret));

DEFINE_EVENT(hwbp_debug, hwbp_debug_release,
	     TP_PROTO(const struct hw_breakpoint_debug *bp, int ret), TP_ARGS(bp, ret));

/*
 * A row of the table of holders has been read. So a tracer that reads the table has in its trace
 * who held slots before it began. @on_cpu is the CPU whose @slot the event is in, or both are -1.
 */
TRACE_EVENT(hwbp_held,

	TP_PROTO(const struct hw_breakpoint_holder *holder, u64 id, u64 len, int on_cpu, int slot),

	TP_ARGS(holder, id, len, on_cpu, slot),

	TP_STRUCT__entry(
		__field(u64,	id)
		__field(u64,	addr)
		__field(u64,	len)
		__field(u32,	type)
		__field(int,	cpu)
		__field(pid_t,	target)
		__field(int,	on_cpu)
		__field(int,	slot)
		__string(opener, holder->comm)
	),

	TP_fast_assign(
		__assign_str(opener);
		__entry->id	= id;
		__entry->addr	= holder->addr;
		__entry->len	= len;
		__entry->type	= holder->type;
		__entry->cpu	= holder->cpu;
		__entry->target	= holder->pid;
		__entry->on_cpu	= on_cpu;
		__entry->slot	= slot;
	),

	TP_printk("id=%llu opener=%s addr=%p len=%llu type=%u cpu=%d target=%d on_cpu=%d slot=%d",
		  __entry->id, __get_str(opener), (void *)(long)__entry->addr,
		  __entry->len, __entry->type, __entry->cpu, __entry->target,
		  __entry->on_cpu, __entry->slot)
);

/* A debugger has taken the slot of an event. */
TRACE_EVENT(hwbp_taken,

	TP_PROTO(const struct hw_breakpoint_holder *holder),

	TP_ARGS(holder),

	TP_STRUCT__entry(
		__field(u64,	addr)
		__field(u32,	type)
		__field(int,	cpu)
		__field(pid_t,	pid)
		__string(comm,	holder->comm)
	),

	TP_fast_assign(
		__assign_str(comm);
		__entry->pid	= holder->pid;
		__entry->cpu	= holder->cpu;
		__entry->addr	= holder->addr;
		__entry->type	= holder->type;
	),

	TP_printk("opener=%s target=%d cpu=%d addr=%p type=%u",
		  __get_str(comm), __entry->pid, __entry->cpu,
		  (void *)(long)__entry->addr, __entry->type)
);

/* What became of a slot of this CPU. */
DECLARE_EVENT_CLASS(hwbp_slot,

	TP_PROTO(struct perf_event *bp, int slot),

	TP_ARGS(bp, slot),

	TP_STRUCT__entry(
		__field(u64,	id)
		__field(u64,	addr)
		__field(u32,	type)
		__field(int,	slot)
	),

	TP_fast_assign(
		__entry->id	= bp->id;
		__entry->addr	= bp->attr.bp_addr;
		__entry->type	= bp->attr.bp_type;
		__entry->slot	= slot;
	),

	TP_printk("id=%llu slot=%d addr=%p type=%u", __entry->id, __entry->slot,
		  (void *)(long)__entry->addr, __entry->type)
);

DEFINE_EVENT(hwbp_slot, hwbp_install,
	     TP_PROTO(struct perf_event *bp, int slot), TP_ARGS(bp, slot));

DEFINE_EVENT(hwbp_slot, hwbp_uninstall,
	     TP_PROTO(struct perf_event *bp, int slot), TP_ARGS(bp, slot));

/* The registers of this CPU were brought to what they should hold. */
TRACE_EVENT(hwbp_commit,

	TP_PROTO(u32 live, u32 written, u64 master),

	TP_ARGS(live, written, master),

	TP_STRUCT__entry(
		__field(u32,	live)
		__field(u32,	written)
		__field(u64,	master)
	),

	TP_fast_assign(
		__entry->live		= live;
		__entry->written	= written;
		__entry->master		= master;
	),

	TP_printk("live=%#x written=%#x master=%#llx", __entry->live,
		  __entry->written, __entry->master)
);

/* Slots of this CPU that @pc has hit rest for longer than that instruction. */
TRACE_EVENT(hwbp_unwatched,

	TP_PROTO(unsigned long pc),

	TP_ARGS(pc),

	TP_STRUCT__entry(
		__field(unsigned long,	pc)
	),

	TP_fast_assign(
		__entry->pc	= pc;
	),

	TP_printk("pc=%p", (void *)__entry->pc)
);

/* A guest is about to run that has @slots enabled. */
TRACE_EVENT(hwbp_lend,

	TP_PROTO(u32 slots, u32 written),

	TP_ARGS(slots, written),

	TP_STRUCT__entry(
		__field(u32,	slots)
		__field(u32,	written)
	),

	TP_fast_assign(
		__entry->slots		= slots;
		__entry->written	= written;
	),

	TP_printk("slots=%#x written=%#x", __entry->slots, __entry->written)
);

/* The current task dies; this CPU was in a section or a loan that is never ended. */
TRACE_EVENT(hwbp_heal,

	TP_PROTO(unsigned int count),

	TP_ARGS(count),

	TP_STRUCT__entry(
		__field(unsigned int,	count)
	),

	TP_fast_assign(
		__entry->count	= count;
	),

	TP_printk("count=%u", __entry->count)
);

#endif /* _TRACE_HW_BREAKPOINT_H */

#include <trace/define_trace.h>
