/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How kernel/events/core.c calls a PMU that reserves, see linux/perf_reserve.h. For all
 * others these do nothing.
 */
#ifndef _KERNEL_EVENTS_RESERVE_H
#define _KERNEL_EVENTS_RESERVE_H

#include <linux/perf_event.h>
#include <linux/perf_reserve.h>
#include <linux/slab.h>

static inline int perf_reserve_attach(struct perf_event *event, struct perf_event_context *ctx)
{
	return event->pmu->reserve ? event->pmu->reserve->attach(event, ctx) : 0;
}

static inline void perf_reserve_leave(struct perf_event *event)
{
	if (event->pmu->reserve)
		event->pmu->reserve->leave(event);
}

static inline void perf_reserve_retire(struct perf_event_context *ctx)
{
	if (ctx->reserved)
		ctx->reserved->ops->retire(ctx->reserved);
}

static inline void perf_reserve_free(struct perf_event_context *ctx)
{
	if (ctx->reserved)
		ctx->reserved->ops->free(ctx->reserved);
}

/* By now the PMU may be gone, whosever it was. */
static inline void perf_reserve_free_event(struct perf_event *event)
{
	if (event->attach_state & PERF_ATTACH_RESERVED)
		kfree(event->pmu_private);
}

static inline int perf_reserve_prepare(struct perf_event *event,
				       const struct perf_event_attr *attr)
{
	return event->pmu->reserve ? event->pmu->reserve->prepare(event, attr) : 0;
}

static inline int perf_reserve_join(struct perf_event *event)
{
	return event->pmu->reserve ? event->pmu->reserve->join(event) : 0;
}

static inline bool perf_event_waits(struct perf_event *event)
{
	return event->pmu->reserve && event->pmu->reserve->waits(event);
}

/* Does a group wait for what one of its events has reserved? */
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
