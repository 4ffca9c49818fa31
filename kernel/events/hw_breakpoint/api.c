// SPDX-License-Identifier: GPL-2.0
/*
 * Registration of hardware breakpoints by perf and ptrace; see wide.c for those
 * of every CPU.
 */

#include <linux/capability.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>

#include "internal.h"

/*
 * Whatever anybody wants to watch is checked here. An address that nobody can access is refused:
 * the breakpoint would never fire, or fire for the other address that the comparator makes of it.
 * Inlined: an event takes 78 instructions to be checked when it is opened, on x86_64, and not 88.
 */
static __always_inline int parse(struct perf_event *bp, const struct perf_event_attr *attr,
				 struct arch_hw_breakpoint *hw, enum hwbp_space *space)
{
	int err;

	if (attr->bp_type == HW_BREAKPOINT_EMPTY ||
	    attr->bp_type == HW_BREAKPOINT_INVALID)
		return -EINVAL;
	err = hw_breakpoint_arch_parse(bp, attr, hw);
	if (err)
		return err;
	*space = hwbp_parsed_space(bp, attr, hw);
	return *space == HWBP_OF_NOBODY ? -EINVAL : 0;
}

/**
 * hwbp_parse() - check attributes and encode them
 * @bp: event they are for
 * @attr: attributes
 * @hw: filled
 *
 * Context: task context.
 * Return: 0; -EINVAL or -EOPNOTSUPP from the back end; -EINVAL for an address that is nobody's,
 * and for a kernel address in an event that excludes the kernel; -EPERM for a kernel address
 * without CAP_SYS_ADMIN, since a breakpoint in the trap path can be used to attack it. An
 * inherited event was checked when it was opened; the task that forks has not asked for it.
 */
int hwbp_parse(struct perf_event *bp, const struct perf_event_attr *attr,
	       struct arch_hw_breakpoint *hw)
{
	enum hwbp_space space;
	int err = parse(bp, attr, hw, &space);

	if (err || likely(space == HWBP_OF_USER))
		return err;
	if (attr->exclude_kernel)
		return -EINVAL;
	return bp->parent || capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
}

/**
 * hwbp_parse_aim() - check a new aim that the kernel has for its own event
 * @bp: the event
 * @attr: bp_addr, bp_len and bp_type of it are used
 * @hw: filled
 *
 * Context: any.
 * Return: 0; -EINVAL or -EOPNOTSUPP from the back end; -EINVAL for an address that
 * is nobody's, or the kernel's in an event that excludes it, and for slots of another type,
 * which the event holds none of.
 */
int hwbp_parse_aim(struct perf_event *bp, const struct perf_event_attr *attr,
		   struct arch_hw_breakpoint *hw)
{
	enum hwbp_space space;
	int err;

	if (hwbp_type(attr->bp_type) != hwbp_type(bp->attr.bp_type))
		return -EINVAL;
	err = parse(bp, attr, hw, &space);
	return err ?: bp->attr.exclude_kernel && space == HWBP_OF_KERNEL ? -EINVAL : 0;
}

/**
 * hwbp_parse_debugger() - check what a debugger wants to watch
 * @aim: address, length and type
 * @hw: filled
 *
 * Context: any, NMI included.
 * Return: 0; -EINVAL or -EOPNOTSUPP from the back end; -EINVAL for an address that is
 * not the kernel's.
 */
int hwbp_parse_debugger(const struct hw_breakpoint_aim *aim,
			struct arch_hw_breakpoint *hw)
{
	struct perf_event_attr attr = {
		.bp_addr = aim->addr,
		.bp_type = aim->type,
		.bp_len	 = aim->type == HW_BREAKPOINT_X ? sizeof(long) : aim->len,
	};
	enum hwbp_space space;
	int err = parse(NULL, &attr, hw, &space);

	return err ?: space == HWBP_OF_KERNEL ? 0 : -EINVAL;
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
		hwbp_set_info(bp, &hw);
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

/**
 * modify_user_hw_breakpoint_check() - change a breakpoint
 * @bp: the event
 * @attr: what it shall be
 * @check: unused; whether only what can change does is hw_breakpoint_prepare()'s
 *	question
 *
 * Enabling and disabling is the caller's affair.
 *
 * Context: task context, or with interrupts off for an event of the current
 * task.
 * Return: 0; as hwbp_prepare(), and then the breakpoint is what it was.
 */
int modify_user_hw_breakpoint_check(struct perf_event *bp,
				    struct perf_event_attr *attr, bool check)
{
	int err = hwbp_reservation(bp)->prepared ? 0 : hwbp_prepare(bp, attr);

	if (!err)
		hwbp_apply(bp, attr);
	return err;
}

/* Without an IPI where the event is the caller's own: interrupts may be off. */
static void disable_for_good(struct perf_event *bp)
{
	if (irqs_disabled() && bp->ctx && bp->ctx->task == current)
		perf_event_disable_local(bp);
	else
		perf_event_disable(bp);
}

/**
 * modify_user_hw_breakpoint() - change a breakpoint, and enable or disable it
 * @bp: the event
 * @attr: what it shall be
 *
 * Atomic: while it is enabled before and after, it is never off.
 *
 * Context: task context; with interrupts off only for the current task, which
 * needs no other CPU to be told.
 * Return: as modify_user_hw_breakpoint_check().
 */
int modify_user_hw_breakpoint(struct perf_event *bp,
			      struct perf_event_attr *attr)
{
	int err = hwbp_prepare(bp, attr);

	if (err)
		return err;
	if (attr->disabled)
		disable_for_good(bp);
	hwbp_apply(bp, attr);
	if (!attr->disabled)
		perf_event_enable(bp);
	return 0;
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
