/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How kernel/events/core.c calls a PMU that reserves, see linux/perf_reserve.h. For all
 * others these do nothing.
 */
#ifndef _KERNEL_EVENTS_RESERVE_H
#define _KERNEL_EVENTS_RESERVE_H

#include <linux/errno.h>
#include <linux/perf_event.h>
#include <linux/perf_reserve.h>
#include <linux/sched.h>
#include <linux/slab.h>

/* process.h */
bool perf_process_install(struct perf_event *event, struct perf_event_context *ctx);
void perf_process_exec(void);
void perf_process_exit(struct task_struct *task);

/**
 * perf_reserve_attach() - an event is about to join a context
 * @event: the event
 * @ctx: the context; perf has pinned it, and no task is swapped with it any more
 *
 * What a context has reserved is one PMU's, and remains so as long as there is the context: an
 * event of another PMU that reserves is refused.
 *
 * Context: task context, may sleep; ctx->mutex is held, or @ctx is a child's that nobody else
 * sees yet.
 * Return: 0; -EBUSY if another PMU has reserved for @ctx; or the PMU's error. After an error the
 * event must not be created.
 */
static inline int perf_reserve_attach(struct perf_event *event, struct perf_event_context *ctx)
{
	if (!event->pmu->reserve)
		return 0;
	if (ctx->reserved && ctx->reserved->ops != event->pmu->reserve)
		return -EBUSY;
	return event->pmu->reserve->attach(event, ctx);
}

/**
 * perf_reserve_leave() - an event has left its context, and its file stays open
 * @event: the event; it never runs again
 *
 * Context: task context, may sleep; ctx->mutex is held.
 */
static inline void perf_reserve_leave(struct perf_event *event)
{
	if (event->pmu->reserve)
		event->pmu->reserve->leave(event);
}

/**
 * perf_reserve_retire() - a task exits, or its fork has failed, and its context runs no more
 * @ctx: the context, scheduled out
 *
 * Context: task context, may sleep; ctx->mutex is held.
 */
static inline void perf_reserve_retire(struct perf_event_context *ctx)
{
	if (ctx->reserved)
		ctx->reserved->ops->retire(ctx->reserved);
}

/**
 * perf_reserve_free() - a context is being freed
 * @ctx: the context
 *
 * Context: RCU callback.
 */
static inline void perf_reserve_free(struct perf_event_context *ctx)
{
	if (ctx->reserved)
		ctx->reserved->ops->free(ctx->reserved);
}

/**
 * perf_reserve_free_event() - an event is being freed
 * @event: the event; its PMU may be gone by now
 *
 * Context: RCU callback.
 */
static inline void perf_reserve_free_event(struct perf_event *event)
{
	if (event->attach_state & PERF_ATTACH_RESERVED)
		kfree(event->pmu_private);
}

/**
 * perf_reserve_prepare() - reserve what a change of an event and all its copies needs
 * @event: the event, not inherited itself
 * @attr: what all of them shall be
 *
 * Context: task context, may sleep; event->child_mutex is held.
 * Return: 0, or the PMU's error: nothing has changed, and nothing must be.
 */
static inline int perf_reserve_prepare(struct perf_event *event,
				       const struct perf_event_attr *attr)
{
	return event->pmu->reserve ? event->pmu->reserve->prepare(event, attr) : 0;
}

/**
 * perf_reserve_join() - an inherited event is about to be one of its original's copies
 * @event: the copy; it is attached and runs nowhere
 *
 * The last moment to refuse a copy that a fork makes.
 *
 * Context: task context, may sleep; the child_mutex of the original is held.
 * Return: 0, or the PMU's error: the fork fails.
 */
static inline int perf_reserve_join(struct perf_event *event)
{
	return event->pmu->reserve ? event->pmu->reserve->join(event) : 0;
}

/**
 * perf_reserve_fork() - a fork is through, but for waking the new task
 * @task: the new task, of the process that it will be of
 *
 * Context: task context, may sleep.
 */
static inline void perf_reserve_fork(struct task_struct *task)
{
	/* nobody else changes it before the task runs */
	struct perf_event_context *ctx = task->perf_event_ctxp;

	if (ctx && ctx->reserved && ctx->reserved->ops->fork)
		ctx->reserved->ops->fork(task, ctx);
}

/**
 * perf_event_waits() - does an event wait for what it has reserved?
 * @event: event that perf could not schedule on this CPU
 *
 * Context: interrupts off, with the lock of the event's context held.
 * Return: true if the PMU will have perf schedule again; the event is not in error then.
 */
static inline bool perf_event_waits(struct perf_event *event)
{
	return event->pmu->reserve && event->pmu->reserve->waits(event);
}

/**
 * perf_reserve_waits() - does a group wait for what one of its events has reserved?
 * @leader: leader of a group that perf could not schedule on this CPU
 *
 * Context: as perf_event_waits().
 * Return: true if any of its events waits.
 */
static inline bool perf_reserve_waits(struct perf_event *leader)
{
	struct perf_event *sibling;

	if (perf_event_waits(leader))
		return true;
	for_each_sibling_event(sibling, leader) {
		if (perf_event_waits(sibling))
			return true;
	}
	return false;
}

#endif /* _KERNEL_EVENTS_RESERVE_H */
