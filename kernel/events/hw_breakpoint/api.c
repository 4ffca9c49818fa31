// SPDX-License-Identifier: GPL-2.0
/*
 * Registration of hardware breakpoints by the kernel and by ptrace.
 */

#include <linux/capability.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/hw_breakpoint.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/string.h>

#include <trace/events/hw_breakpoint.h>

#include "internal.h"

/**
 * hwbp_parse() - check attributes and encode them
 * @bp: event they are for
 * @attr: attributes
 * @hw: filled
 *
 * Context: task context.
 * Return: 0; -EINVAL or -EOPNOTSUPP from the back end; -EINVAL for a kernel
 * address in an event that excludes the kernel; -EPERM for a kernel address
 * without CAP_SYS_ADMIN, since a breakpoint in the trap path can be used to
 * attack it. An inherited event was checked against its opener; the task that
 * forks has not asked for it.
 */
int hwbp_parse(struct perf_event *bp, const struct perf_event_attr *attr,
	       struct arch_hw_breakpoint *hw)
{
	int err;

	if (attr->bp_type == HW_BREAKPOINT_EMPTY ||
	    attr->bp_type == HW_BREAKPOINT_INVALID)
		return -EINVAL;
	err = hw_breakpoint_arch_parse(bp, attr, hw);
	if (err || bp->parent || !arch_check_bp_in_kernelspace(hw))
		return err;
	if (attr->exclude_kernel)
		return -EINVAL;
	return capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
}

/**
 * register_perf_hw_breakpoint() - check a new event and encode it
 * @bp: event being initialised
 *
 * Context: task context.
 * Return: as hwbp_parse(); nothing is held either way.
 */
int register_perf_hw_breakpoint(struct perf_event *bp)
{
	struct arch_hw_breakpoint hw = { };
	int err;

	err = hwbp_parse(bp, &bp->attr, &hw);
	if (!err)
		bp->hw.info = hw;
	return err;
}

/**
 * register_user_hw_breakpoint() - set a breakpoint for one task
 * @attr: attributes, see ptrace_breakpoint_init()
 * @triggered: called at a hit, in the context of the exception
 * @context: for @triggered
 * @tsk: the task
 *
 * Context: task context, may sleep.
 * Return: the event, or an error pointer.
 */
struct perf_event *
register_user_hw_breakpoint(struct perf_event_attr *attr,
			    perf_overflow_handler_t triggered, void *context,
			    struct task_struct *tsk)
{
	return perf_event_create_kernel_counter(attr, -1, tsk, triggered,
						context);
}
EXPORT_SYMBOL_GPL(register_user_hw_breakpoint);

/* The attributes that may change during a breakpoint's life. */
static void copy_mutable(struct perf_event_attr *to,
			 const struct perf_event_attr *from)
{
	to->bp_addr	= from->bp_addr;
	to->bp_len	= from->bp_len;
	to->bp_type	= from->bp_type;
	to->disabled	= from->disabled;
}

/* True if @attr asks for no other change of @bp than of those attributes. */
static bool only_mutable_differ(const struct perf_event *bp,
				const struct perf_event_attr *attr)
{
	struct perf_event_attr merged = bp->attr;

	copy_mutable(&merged, attr);
	return !memcmp(&merged, attr, sizeof(merged));
}

/**
 * modify_user_hw_breakpoint_check() - change a breakpoint that is disabled
 * @bp: the event; it is not installed
 * @attr: what it shall be
 * @check: refuse changes of attributes that cannot change
 *
 * Context: task context, or with interrupts off for an event of the current
 * task.
 * Return: 0; as hwbp_parse(); -ENOSPC when the slots of another type are taken.
 * After an error the breakpoint is what it was.
 */
int modify_user_hw_breakpoint_check(struct perf_event *bp,
				    struct perf_event_attr *attr, bool check)
{
	struct arch_hw_breakpoint hw = { };
	int err;

	err = hwbp_parse(bp, attr, &hw);
	if (err)
		return err;
	if (check && !only_mutable_differ(bp, attr))
		return -EINVAL;
	err = hwbp_move(bp, hwbp_type(attr->bp_type));
	if (err)
		return err;

	copy_mutable(&bp->attr, attr);
	bp->hw.info = hw;
	return 0;
}

/* Without an IPI where the event is the caller's own: interrupts may be off. */
static void disable_for_change(struct perf_event *bp)
{
	if (irqs_disabled() && bp->ctx && bp->ctx->task == current)
		perf_event_disable_local(bp);
	else
		perf_event_disable(bp);
}

/**
 * modify_user_hw_breakpoint() - change a breakpoint
 * @bp: the event
 * @attr: what it shall be
 *
 * Context: task context; with interrupts off only for the current task, which
 * needs no other CPU to be told.
 * Return: as modify_user_hw_breakpoint_check().
 */
int modify_user_hw_breakpoint(struct perf_event *bp,
			      struct perf_event_attr *attr)
{
	int ret;

	disable_for_change(bp);
	ret = modify_user_hw_breakpoint_check(bp, attr, false);
	/* By the new attributes or, after an error, the old ones. */
	if (!bp->attr.disabled)
		perf_event_enable(bp);
	return ret;
}
EXPORT_SYMBOL_GPL(modify_user_hw_breakpoint);

/**
 * unregister_hw_breakpoint() - remove a breakpoint
 * @bp: the event, or NULL
 *
 * Context: task context, may sleep.
 */
void unregister_hw_breakpoint(struct perf_event *bp)
{
	if (bp)
		perf_event_release_kernel(bp);
}
EXPORT_SYMBOL_GPL(unregister_hw_breakpoint);

/* Stops at the first failure; CPUs without an event have NULL. */
static int create_on_each_cpu(struct perf_event * __percpu *events,
			      struct perf_event_attr *attr,
			      perf_overflow_handler_t triggered, void *context)
{
	int cpu;

	for_each_online_cpu(cpu) {
		struct perf_event *bp;

		bp = perf_event_create_kernel_counter(attr, cpu, NULL,
						      triggered, context);
		if (IS_ERR(bp))
			return PTR_ERR(bp);
		*per_cpu_ptr(events, cpu) = bp;
	}
	return 0;
}

/**
 * register_wide_hw_breakpoint() - set a breakpoint on every online CPU
 * @attr: attributes, see hw_breakpoint_init()
 * @triggered: called at a hit, in the context of the exception
 * @context: for @triggered
 *
 * Context: task context, may sleep; takes the CPU hotplug lock for reading.
 * Return: an event for each CPU, or an error pointer, and then no CPU has it.
 */
struct perf_event * __percpu *
register_wide_hw_breakpoint(struct perf_event_attr *attr,
			    perf_overflow_handler_t triggered, void *context)
{
	struct perf_event * __percpu *events;
	int err;

	events = alloc_percpu(typeof(*events));
	if (!events)
		return (void __percpu __force *)ERR_PTR(-ENOMEM);

	cpus_read_lock();
	err = create_on_each_cpu(events, attr, triggered, context);
	cpus_read_unlock();

	if (!err)
		return events;
	unregister_wide_hw_breakpoint(events);
	return (void __percpu __force *)ERR_PTR(err);
}
EXPORT_SYMBOL_GPL(register_wide_hw_breakpoint);

/**
 * unregister_wide_hw_breakpoint() - remove a breakpoint from every CPU
 * @cpu_events: what register_wide_hw_breakpoint() returned
 *
 * Context: task context, may sleep.
 */
void unregister_wide_hw_breakpoint(struct perf_event * __percpu *cpu_events)
{
	int cpu;

	for_each_possible_cpu(cpu)
		unregister_hw_breakpoint(*per_cpu_ptr(cpu_events, cpu));
	free_percpu(cpu_events);
}
EXPORT_SYMBOL_GPL(unregister_wide_hw_breakpoint);
