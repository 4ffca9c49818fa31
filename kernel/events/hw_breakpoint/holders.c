// SPDX-License-Identifier: GPL-2.0
/*
 * Who of perf's events holds a slot: each CPU's own, then those of each task's context.
 *
 * There is no list of them all, since every open and fork would write to it. Tasks are gone
 * through by their numbers. What has a file and no task any more, or no context since its
 * task has executed a program, holds no slot, and is not come by.
 *
 * A snapshot: what changes meanwhile is seen or not, and in either state. A context is
 * looked at where it is: if perf swaps the contexts of two clones meanwhile, each task is
 * shown with the context that it has when its turn comes.
 */

#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/limits.h>
#include <linux/perf_event.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "internal.h"

/* ---- one ---- */

/* The task may be freed meanwhile; what is read of it then is not its number. */
static pid_t pid_of_holder(const struct perf_event *bp)
{
	struct perf_event_context *ctx = READ_ONCE(bp->ctx);
	struct task_struct *task = ctx ? READ_ONCE(ctx->task) : NULL;
	pid_t pid;

	if (IS_ERR_OR_NULL(task) ||
	    copy_from_kernel_nofault(&pid, &task->pid, sizeof(pid)))
		return 0;
	return pid;
}

/**
 * hwbp_holder() - describe an event that has reserved a slot
 * @bp: the event
 * @holder: filled
 *
 * Context: any, NMI included.
 */
void hwbp_holder(const struct perf_event *bp, struct hw_breakpoint_holder *holder)
{
	*holder = (struct hw_breakpoint_holder) {
		.pid	= pid_of_holder(bp),
		.cpu	= hwbp_reservation(bp)->cpu,
		.addr	= READ_ONCE(bp->attr.bp_addr),
		.type	= READ_ONCE(bp->attr.bp_type),
	};
	strscpy(holder->comm, hwbp_reservation(bp)->comm, sizeof(holder->comm));
}

/* ---- one after the other ---- */

static struct hw_breakpoint_reservation *next_of_cpus(struct hwbp_cursor *c)
{
	struct hw_breakpoint_reservation *res;

	for (; (unsigned int)c->cpu < nr_cpu_ids; c->cpu++, c->last = U64_MAX) {
		res = cpu_possible(c->cpu) ? hwbp_next_of_cpu(c->cpu, c->last) : NULL;
		if (res)
			return res;
	}
	return NULL;
}

static struct perf_event_context *context_of(const struct task_struct *task)
{
	/* read under RCU, though it is not marked so */
	return READ_ONCE(task->perf_event_ctxp);
}

static struct hw_breakpoint_reservation *next_of_task(const struct task_struct *task, u64 last)
{
	struct perf_event_context *ctx = task ? context_of(task) : NULL;

	return ctx ? hwbp_next_of_context(ctx, last) : NULL;
}

/* There may be many tasks without any: each is looked at in a section of its own. */
static struct hw_breakpoint_reservation *next_of_tasks(struct hwbp_cursor *c)
{
	struct hw_breakpoint_reservation *res;
	struct pid *pid;

	while ((pid = find_ge_pid(c->pid, &init_pid_ns))) {
		if (pid_nr(pid) != c->pid)
			c->last = U64_MAX;
		c->pid = pid_nr(pid);
		res = next_of_task(pid_task(pid, PIDTYPE_PID), c->last);
		if (res)
			return res;
		c->pid++;
		c->last = U64_MAX;
		rcu_read_unlock();
		cond_resched();
		rcu_read_lock();
	}
	return NULL;
}

/**
 * hwbp_cursor_event() - the event that holds a slot where a cursor is
 * @c: cursor; where there is none it goes on to the next one
 *
 * Context: task context, with the RCU read lock held, which is dropped between tasks.
 * Return: the event, or NULL after the last. It is valid while the lock is held.
 */
struct perf_event *hwbp_cursor_event(struct hwbp_cursor *c)
{
	struct hw_breakpoint_reservation *res = next_of_cpus(c) ?: next_of_tasks(c);

	return res ? res->event : NULL;
}

/* ---- all at once ---- */

static bool holds_on(const struct hw_breakpoint_reservation *res, int type, int cpu)
{
	return READ_ONCE(res->type) == type && (res->cpu < 0 || cpu < 0 || res->cpu == cpu);
}

/**
 * struct hwbp_search - what is found
 * @cpu: slots of this CPU, or of any if it is less than 0
 * @type: of this type
 * @holders: filled
 * @max: room there
 * @n: filled so far
 */
struct hwbp_search {
	int				cpu;
	int				type;
	struct hw_breakpoint_holder	*holders;
	unsigned int			max;
	unsigned int			n;
};

/* Return: false when there is no more room. */
static bool found(const struct hw_breakpoint_reservation *res, void *search)
{
	struct hwbp_search *s = search;

	if (s->n == s->max)
		return false;
	if (holds_on(res, s->type, s->cpu))
		hwbp_holder(res->event, &s->holders[s->n++]);
	return true;
}

static void search_cpus(struct hwbp_search *s)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		if (!hwbp_visit_cpu(cpu, found, s))
			return;
	}
}

static void search_tasks(struct hwbp_search *s)
{
	struct task_struct *process, *task;

	for_each_process_thread(process, task) {
		const struct perf_event_context *ctx = context_of(task);

		if (ctx && !hwbp_visit_context(ctx, found, s))
			return;
	}
}

/**
 * hwbp_holders() - which events have reserved slots of a CPU?
 * @cpu: the CPU, or HW_BREAKPOINT_ALL_CPUS
 * @type: TYPE_INST or TYPE_DATA
 * @holders: filled
 * @max: room there
 *
 * Goes through all tasks, until there is no more room. One that is being forked is not
 * among them yet.
 *
 * Context: any, NMI included; takes the RCU read lock.
 * Return: the number filled.
 */
unsigned int hwbp_holders(int cpu, int type, struct hw_breakpoint_holder *holders,
			  unsigned int max)
{
	struct hwbp_search s = { .cpu = cpu, .type = type, .holders = holders, .max = max };

	guard(rcu)();
	search_cpus(&s);
	search_tasks(&s);
	return s.n;
}
