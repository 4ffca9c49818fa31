/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Private to account.c, attach.c, context.c, holders.c, process.c and legacy.c.
 */
#ifndef _KERNEL_EVENTS_HW_BREAKPOINT_ACCOUNT_H
#define _KERNEL_EVENTS_HW_BREAKPOINT_ACCOUNT_H

#include <linux/container_of.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/perf_reserve.h>
#include <linux/rculist.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/xarray.h>

#include "internal.h"

/**
 * struct hwbp_list - reservations, the latest first
 * @head: the reservations; read under RCU
 * @last: the number of the latest
 *
 * Each keeps its number, so a reader who has shown some of a CPU's own knows which come next.
 */
struct hwbp_list {
	struct hlist_head	head;
	u64			last;
};

/* The latest that is older than number @last; the caller holds the RCU read lock. */
static inline struct hw_breakpoint_reservation *
hwbp_next_in(const struct hwbp_list *list, u64 last)
{
	struct hw_breakpoint_reservation *res;

	hlist_for_each_entry_rcu(res, &list->head, node) {
		if (res->number < last)
			return res;
	}
	return NULL;
}

/*
 * Each, the latest first, until @visit says false; the caller holds the RCU read lock.
 * Return: true if it never does.
 */
static inline bool hwbp_visit(const struct hwbp_list *list, hwbp_visit_fn visit, void *data)
{
	struct hw_breakpoint_reservation *res;

	hlist_for_each_entry_rcu(res, &list->head, node) {
		if (!visit(res, data))
			return false;
	}
	return true;
}

/**
 * struct hw_breakpoint_account - the reservations of one task context
 * @reserved: how perf knows it
 * @refs: one of the context, and one of each event that was attached to it: when
 *	creation fails perf drops the context before the event
 * @lock: protects all that follows, and the reservations. Outside hwbp_raise_lock.
 * @anywhere: those of events that may run on any CPU, by type
 * @bound: those of events bound to a CPU: by CPU a byte for each type
 * @nr_bound: how many these are on all CPUs, by type
 * @spare: tallies to count bound events in on a CPU that has none of its own
 * @list: all of them
 * @retired: the task has exited, what is left counts no more; written with the mutex of the
 *	context held, too
 * @shared: how many of @anywhere are those of events of the process, which @list has none of
 * @process: whose these are, if it shares, see process.c; as the next two it is written under the
 *	lock of that one's account, and of the context
 * @ctx: the context, while it shares
 * @sharer: in the list of the process
 *
 * Hangs off the perf context, see hw_breakpoint_attach(); or off a process, and then all of
 * @anywhere is @shared.
 */
struct hw_breakpoint_account {
	struct perf_reserved	reserved;
	refcount_t		refs;
	struct mutex		lock;	/* all that follows */
	u8			anywhere[TYPE_MAX];
	struct xarray		bound;
	unsigned int		nr_bound[TYPE_MAX];
	struct hwbp_tally	*spare;
	struct hwbp_list	list;
	bool			retired;
	u8			shared[TYPE_MAX];
	struct hwbp_process	*process;
	struct perf_event_context *ctx;
	struct hlist_node	sharer;
};

static inline struct hw_breakpoint_account *hwbp_account_of(struct perf_reserved *reserved)
{
	return container_of(reserved, struct hw_breakpoint_account, reserved);
}

/* account.c */
extern struct mutex hwbp_raise_lock;
unsigned int hwbp_pinned_on(int cpu, int type);
int hwbp_hold(struct hw_breakpoint_reservation *res, int type);
bool hwbp_let_go(struct hw_breakpoint_reservation *res);

/* context.c */
int hwbp_context_reserve(struct hw_breakpoint_account *acc, int cpu, int type);
void hwbp_context_release(struct hw_breakpoint_account *acc, int cpu, int type);
void hwbp_context_fell(struct hw_breakpoint_account *acc, int cpu, int type);
unsigned int hwbp_context_retire(struct hw_breakpoint_account *acc);
struct hw_breakpoint_account *hwbp_new_account(void);
struct hw_breakpoint_account *hwbp_account_in(const struct perf_event_context *ctx);
struct hw_breakpoint_account *hwbp_context_account(struct perf_event_context *ctx);
void hwbp_get_account(struct hw_breakpoint_account *acc);
void hwbp_put_account(struct hw_breakpoint_account *acc);
unsigned int hwbp_context_holds(const struct hw_breakpoint_account *acc, int type);
unsigned int hwbp_process_holds(const struct hw_breakpoint_account *acc, int type);
bool hwbp_visit_task(const struct hw_breakpoint_account *acc, hwbp_visit_fn visit, void *data);
bool hwbp_visit_account(struct hw_breakpoint_account *acc, hwbp_visit_fn visit, void *data);

/* process.c */
#ifdef CONFIG_HAVE_HW_BREAKPOINT_BACKEND
int hwbp_share_with_process(const struct task_struct *task, struct perf_event_context *ctx);
void hwbp_end_sharing(struct hw_breakpoint_account *acc);
int hwbp_process_reserve(struct perf_event *bp, int type);
void hwbp_process_release(struct perf_event *bp, int type);
struct hw_breakpoint_account *hwbp_process_account(const struct task_struct *task);
int hwbp_process_tie(struct perf_event *bp, struct task_struct *task);
void hwbp_process_detach(struct perf_event *bp);
#else
/* Only with a back end there are events of processes. */
static inline int hwbp_share_with_process(const struct task_struct *task,
					  struct perf_event_context *ctx)
{
	return 0;
}

static inline void hwbp_end_sharing(struct hw_breakpoint_account *acc) { }

static inline int hwbp_process_reserve(struct perf_event *bp, int type)
{
	return -EOPNOTSUPP;
}

static inline void hwbp_process_release(struct perf_event *bp, int type) { }

static inline struct hw_breakpoint_account *
hwbp_process_account(const struct task_struct *task)
{
	return NULL;
}

static inline int hwbp_process_tie(struct perf_event *bp, struct task_struct *task)
{
	return -EOPNOTSUPP;
}

static inline void hwbp_process_detach(struct perf_event *bp) { }
#endif

#endif /* _KERNEL_EVENTS_HW_BREAKPOINT_ACCOUNT_H */
