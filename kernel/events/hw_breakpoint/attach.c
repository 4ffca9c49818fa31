// SPDX-License-Identifier: GPL-2.0
/*
 * Events come and go: what perf tells a PMU that reserves, see linux/perf_reserve.h. Changes
 * of an event are in change.c.
 */

#include <linux/cleanup.h>
#include <linux/cpumask.h>
#include <linux/cred.h>
#include <linux/mutex.h>
#include <linux/perf_event.h>
#include <linux/pid_namespace.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/string.h>

#include <trace/events/hw_breakpoint.h>

#include "account.h"

/*
 * A CPU's event that has a context already is moving to another CPU: it is in the group of an
 * event whose PMU migrates its events, see perf_pmu_migrate_context(). The move cannot fail. If
 * the other CPU has no slot left, the event holds none from now on, and waits.
 */
static void move_to_cpu(struct perf_event *bp)
{
	struct hw_breakpoint_reservation *res = hwbp_reservation(bp);
	int from = res->cpu;

	hwbp_release(bp);
	/* A reader of the list that @bp has left must not go on in the list that @bp joins. */
	synchronize_rcu();
	res->cpu = bp->cpu;
	if (hwbp_reserve(bp))
		pr_warn_ratelimited("no slot of CPU %d for %s's event that was moved from CPU %d: it does not count any more\n",
				    bp->cpu, res->comm, from);
}

/* For the tables. A copy that a fork makes is still of whoever opened the original. */
static void note_opener(struct hw_breakpoint_reservation *res, const struct perf_event *original)
{
	if (original) {
		memcpy(res->comm, hwbp_reservation(original)->comm, sizeof(res->comm));
		res->opener = hwbp_reservation(original)->opener;
		return;
	}
	/* while the name is being changed, the copy may have parts of both names */
	data_race(memcpy(res->comm, current->comm, sizeof(res->comm)));
	res->opener = (struct hwbp_opener) {
		.pid	 = task_tgid_nr(current),
		.own_pid = task_tgid_vnr(current),
		.ns	 = task_active_pid_ns(current)->ns.inum,
		.uid	 = current_euid(),
	};
}

/* Ties an event to what its slot is counted for: the context of a task, or the CPU. */
static int tie_to(struct perf_event *bp, struct perf_event_context *ctx)
{
	struct hw_breakpoint_reservation *res = hwbp_reservation(bp);

	/* perf only compares with nr_cpu_ids. */
	if (bp->cpu >= 0 && !cpu_possible(bp->cpu))
		return -EINVAL;

	res->cpu = bp->cpu;
	note_opener(res, bp->parent);
	if (hwbp_is_of_process(bp))
		return hwbp_process_tie(bp, bp->hw.target);
	if (!ctx->task)
		return 0;
	res->account = hwbp_context_account(ctx);
	return res->account ? 0 : -ENOMEM;
}

static int reserve(struct perf_event *bp, struct perf_event_context *ctx)
{
	int err = hwbp_reserve(bp);

	if (err || !ctx->task)
		return err;
	err = hwbp_is_of_process(bp) ? perf_process_copy(bp) :
				       hwbp_share_with_process(ctx->task, ctx);
	if (err)
		hwbp_release(bp);
	return err ? hwbp_refused(err) : 0;
}

/**
 * hw_breakpoint_attach() - an event joins a context: reserve a slot, if it is no copy
 * @bp: the event
 * @ctx: context that it is about to belong to, for good
 *
 * perf knows the context only after it has initialised the event, and until
 * then the context of the target task may still be swapped with a clone. This
 * is the first moment when it is fixed, and the last when creation can fail. A copy that
 * a fork makes reserves a little later, in hw_breakpoint_join(). Only there perf holds the
 * original's child_mutex; to take it here as well would be one more write to a word that all
 * tasks with copies of the original share.
 *
 * An event of a process gets its copies here, which perf attaches to the contexts of the CPUs in
 * the middle of this.
 *
 * Context: task context, may sleep. perf holds ctx->mutex, or the context is a
 * child's that nobody else sees yet; either serialises the account's creation.
 * Return: 0, -ENOSPC, -ENOMEM, or -EINVAL for a CPU that cannot exist. The
 * event's destruction gives the slot back.
 */
int hw_breakpoint_attach(struct perf_event *bp, struct perf_event_context *ctx)
{
	int err;

	if (bp->ctx && !ctx->task && !hwbp_is_of_process(bp)) {
		move_to_cpu(bp);
		return 0;
	}
	err = tie_to(bp, ctx);
	if (err) {
		trace_hwbp_reserve(bp, err);
		return hwbp_refused(err);
	}
	return bp->parent ? 0 : reserve(bp, ctx);
}

/**
 * hw_breakpoint_leave() - an event has left its context, and its file stays open
 * @bp: the event; it runs no more
 *
 * Either the task executes a program, and the event has attr.remove_on_exec: then its slot is free
 * at once, and not only when the file is closed. Or the task exits: then its context has been
 * retired, with all that its events held.
 *
 * Context: task context, with the mutex of the context held; may sleep.
 */
void hw_breakpoint_leave(struct perf_event *bp)
{
	const struct hw_breakpoint_account *acc = hwbp_reservation(bp)->account;

	if (!acc || !acc->retired)
		hwbp_release(bp);
}

/**
 * hw_breakpoint_retire_account() - a task exits and leaves its context
 * @reserved: the context's account
 *
 * The slots are free at once, not only when the last file of an event is closed.
 *
 * Context: task context, with ctx->mutex held and the context scheduled out for
 * good.
 */
void hw_breakpoint_retire_account(struct perf_reserved *reserved)
{
	struct hw_breakpoint_account *acc = hwbp_account_of(reserved);
	unsigned int slots = hwbp_context_retire(acc);

	hwbp_end_sharing(acc);
	if (hwbp_debuggers_present())
		hwbp_retry_missing();
	trace_hwbp_retire(slots);
}

/**
 * hw_breakpoint_free_account() - a context is being freed
 * @reserved: the context's account
 *
 * Context: RCU callback.
 */
void hw_breakpoint_free_account(struct perf_reserved *reserved)
{
	hwbp_put_account(hwbp_account_of(reserved));
}

/**
 * hwbp_detach() - an event is being destroyed
 * @bp: breakpoint event, attached or not
 *
 * Context: task context, may sleep.
 */
void hwbp_detach(struct perf_event *bp)
{
	hwbp_release(bp);
	hwbp_process_detach(bp);
	hwbp_put_account(hwbp_reservation(bp)->account);
	hwbp_reservation(bp)->account = NULL;
}
