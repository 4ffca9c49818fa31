// SPDX-License-Identifier: GPL-2.0
/*
 * The perf PMU "breakpoint".
 *
 * perf brackets every change of what runs on a CPU with pmu_disable() and
 * pmu_enable(). Between the two, add() and del() only say what the CPU's
 * registers shall hold; the outermost pmu_enable() writes the difference.
 */

#include <linux/build_bug.h>
#include <linux/hw_breakpoint.h>
#include <linux/init.h>
#include <linux/perf_event.h>
#include <linux/slab.h>
#include <linux/stddef.h>

#define CREATE_TRACE_POINTS
#include <trace/events/hw_breakpoint.h>

#include "internal.h"

/*
 * perf reads the flags of every event, whosever it is; those of a breakpoint are 0. And no
 * event becomes larger for ours.
 */
static_assert(offsetofend(struct hw_perf_event, info) <=
	      offsetof(struct hw_perf_event, flags));

/*
 * Only checks. The slot is reserved when perf knows which context the event
 * joins, see hw_breakpoint_attach(): an invalid request never holds one.
 */
static int check_event(struct perf_event *bp)
{
	int err;

	if (bp->parent)
		return 0;	/* hw_breakpoint_join() copies the original. */
	if (!hwbp_capacity(hwbp_type(bp->attr.bp_type)) || has_branch_stack(bp))
		return -EOPNOTSUPP;
	err = register_perf_hw_breakpoint(bp);
	return !err && hwbp_is_of_process(bp) ? hwbp_process_check(bp) : err;
}

static int hwbp_event_init(struct perf_event *bp)
{
	struct hw_breakpoint_reservation *res;
	int err;

	if (bp->attr.type != PERF_TYPE_BREAKPOINT)
		return -ENOENT;
	res = kzalloc(sizeof(*res), GFP_KERNEL);
	if (!res)
		return hwbp_refused(-ENOMEM);
	res->event = bp;
	res->slot = -1;
	bp->pmu_private = res;
	bp->attach_state |= PERF_ATTACH_RESERVED;
	err = check_event(bp);
	if (err)
		return hwbp_refused(err);
	bp->destroy = hwbp_detach;
	return 0;
}

static void hwbp_start(struct perf_event *bp, int flags)
{
	bp->hw.state = 0;
}

static void hwbp_stop(struct perf_event *bp, int flags)
{
	bp->hw.state = PERF_HES_STOPPED;
}

/* perf would change the period of an original and of none of its copies. */
static int hwbp_check_period(struct perf_event *bp, u64 value)
{
	return hwbp_is_of_process(bp) ? -EOPNOTSUPP : 0;
}

/* Hits are counted as they happen. */
static void hwbp_read(struct perf_event *bp) { }

static void hwbp_pmu_disable(struct pmu *pmu) { }

/*
 * A group always fits: it holds reservations. Otherwise perf would bracket it with
 * pmu_disable() and pmu_enable(), inside of others.
 */
static void hwbp_start_txn(struct pmu *pmu, unsigned int flags) { }
static void hwbp_cancel_txn(struct pmu *pmu) { }

static int hwbp_commit_txn(struct pmu *pmu)
{
	return 0;
}

/* What is opened is reserved, so that it always fits. */
const struct perf_reserve_ops hwbp_reserve_ops = {
	.attach		= hw_breakpoint_attach,
	.leave		= hw_breakpoint_leave,
	.retire		= hw_breakpoint_retire_account,
	.free		= hw_breakpoint_free_account,
	.prepare	= hw_breakpoint_prepare,
	.join		= hw_breakpoint_join,
	.waits		= hw_breakpoint_waits,
	.fork		= hw_breakpoint_fork,
	.process	= hwbp_process_events,
	.free_process	= hw_breakpoint_free_process,
};

/* In the sched-in order of software events, which never fail to schedule. */
struct pmu hwbp_pmu = {
	.reserve	= &hwbp_reserve_ops,
	.attr_groups	= IS_ENABLED(CONFIG_SYSFS) ? hwbp_groups : NULL,
	.task_ctx_nr	= perf_sw_context,
	.pmu_enable	= hwbp_pmu_enable,
	.pmu_disable	= hwbp_pmu_disable,
	.start_txn	= hwbp_start_txn,
	.commit_txn	= hwbp_commit_txn,
	.cancel_txn	= hwbp_cancel_txn,
	.event_init	= hwbp_event_init,
	.add		= hwbp_add,
	.del		= hwbp_del,
	.start		= hwbp_start,
	.stop		= hwbp_stop,
	.read		= hwbp_read,
	.sched_task	= hwbp_sched_task,
	.check_period	= hwbp_check_period,
};

/**
 * init_hw_breakpoint() - let perf have breakpoints
 *
 * perf_event_init() calls it.
 *
 * Context: task context, boot, on the first CPU.
 * Return: 0; -E2BIG or -EINVAL if the back end's slots are not what the core can count; what
 * register_die_notifier() returns, without a back end; or what perf_pmu_register() returns.
 */
int __init init_hw_breakpoint(void)
{
	int ret;

	ret = hwbp_account_init();
	if (ret)
		return ret;
	ret = hwbp_slots_init();
	if (ret)
		return ret;
	return perf_pmu_register(&hwbp_pmu, "breakpoint", PERF_TYPE_BREAKPOINT);
}
