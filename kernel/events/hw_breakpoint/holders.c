// SPDX-License-Identifier: GPL-2.0
/*
 * Who of perf's events holds a slot: each CPU's own, then those of each task's context.
 *
 * There is no list of all events, since every open and fork would write to it. A reader goes
 * through the tasks by their numbers. An event that has a file and no task any more, or no
 * context since its task has executed a program, holds no slot, and the reader does not find it.
 *
 * The reader gets a snapshot: what changes meanwhile is seen or not, and in its old state or its
 * new one. A reader may go through the events in pieces, and stop between any two. It goes through
 * those
 *
 *	of a CPU	its own events by number, so that each is shown once: there are no
 *			more of them than slots
 *	of a task	copied, all at one moment, when the turn of its number comes; no
 *			number's turn comes twice
 *	of a process	the same, after those of the task that has the process's number
 *
 * A reader who may not know of all of them, see struct hwbp_viewer, gets the number of the others:
 * a CPU's when it is passed, a task's when its turn comes, and its context is not copied.
 *
 * Perf swaps the contexts of two clones as it likes, but only while both have copies of the
 * same events. So whichever of the two contexts a task has when its turn comes, what the task
 * has had all the time is among the rows, once. But a thread that executes a program takes the
 * number of its process then: it may come twice, or not at all.
 */

#include <linux/cpumask.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/limits.h>
#include <linux/perf_event.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/uidgid.h>

#include "account.h"

/* ---- one ---- */

/* The task may be freed meanwhile; what is read of it then is not its number. */
static pid_t pid_of_holder(const struct perf_event *bp)
{
	struct perf_event_context *ctx = READ_ONCE(bp->ctx);
	struct task_struct *task = ctx ? READ_ONCE(ctx->task) : NULL;
	bool of_process = hwbp_is_of_process(bp);
	pid_t pid;

	if (of_process)
		task = bp->hw.target;
	if (IS_ERR_OR_NULL(task) ||
	    copy_from_kernel_nofault(&pid, of_process ? &task->tgid : &task->pid, sizeof(pid)))
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

/* ---- who may know of whom ---- */

/**
 * hwbp_opener_pid() - the number that the opener of an event has for a reader
 * @opener: the opener
 * @viewer: the reader
 *
 * Context: any.
 * Return: the number in the reader's PID namespace; 0 if the opener is not in it, or if it is
 * neither the initial one nor the opener's own.
 */
pid_t hwbp_opener_pid(const struct hwbp_opener *opener, const struct hwbp_viewer *viewer)
{
	if (viewer->ns == &init_pid_ns)
		return opener->pid;
	return viewer->ns->ns.inum == opener->ns ? opener->own_pid : 0;
}

/**
 * hwbp_knows_opener() - may a reader know who has opened an event?
 * @opener: the opener
 * @viewer: the reader
 *
 * Context: any.
 * Return: true if the reader may know everything, or it was the same user, in sight.
 */
bool hwbp_knows_opener(const struct hwbp_opener *opener, const struct hwbp_viewer *viewer)
{
	return viewer->all || (uid_eq(opener->uid, viewer->cred->fsuid) &&
			       hwbp_opener_pid(opener, viewer));
}

/*
 * May the one who opened the file look at this task? Whoever reads it now may have more rights,
 * and pass on what is read.
 */
static bool may_look_at(const struct hwbp_viewer *viewer, struct task_struct *task)
{
	const struct cred *old = override_creds(viewer->cred);
	bool may = ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS | PTRACE_MODE_NOAUDIT);

	revert_creds(old);
	return may;
}

/* Notes the number of the task whose turn it is, or that there is somebody else. */
static bool knows_task(struct hwbp_cursor *c, struct pid *pid, struct task_struct *task,
		       const struct hw_breakpoint_account *acc)
{
	const struct hwbp_viewer *viewer = c->viewer;
	int type;

	c->target = viewer ? pid_nr_ns(pid, viewer->ns) : c->pid;
	if (!viewer || (c->target && may_look_at(viewer, task)))
		return true;
	for (type = 0; type < TYPE_MAX; type++)
		c->hidden[type] += c->of_process ? hwbp_process_holds(acc, type) :
						   hwbp_context_holds(acc, type);
	return false;
}

/* What a CPU accesses may be anybody's. */
static bool knows_own(const struct hwbp_cursor *c)
{
	return !c->viewer || hwbp_knows_opener(&c->own.opener, c->viewer);
}

/* ---- one after the other ---- */

static void fill_row(struct hwbp_row *row, const struct perf_event *bp)
{
	hwbp_holder(bp, &row->holder);
	row->id = bp->id;
	row->len = READ_ONCE(bp->attr.bp_len);
	row->state = READ_ONCE(bp->state);
	row->on_cpu = READ_ONCE(bp->oncpu);
	row->slot = READ_ONCE(hwbp_reservation(bp)->slot);
	row->opener = hwbp_reservation(bp)->opener;
}

static bool fill_own(struct hwbp_cursor *c)
{
	struct hw_breakpoint_reservation *res;

	guard(rcu)();
	res = hwbp_next_of_cpu(c->cpu, c->last);
	if (!res)
		return false;
	fill_row(&c->own, res->event);
	c->number = res->number;
	return true;
}

static const struct hwbp_row *next_of_cpus(struct hwbp_cursor *c)
{
	for (; (unsigned int)c->cpu < nr_cpu_ids; c->cpu++, c->last = U64_MAX) {
		while (cpu_possible(c->cpu) && fill_own(c)) {
			if (knows_own(c))
				return &c->own;
			c->hidden[hwbp_type(c->own.holder.type)]++;
			c->last = c->number;
		}
		cond_resched();
	}
	return NULL;
}

static const struct perf_event_context *context_of(const struct task_struct *task)
{
	/* read under RCU, though it is not marked so */
	return READ_ONCE(task->perf_event_ctxp);
}

/* What a task holds, or its process, whose number it has */
static struct hw_breakpoint_account *account_of(struct task_struct *task, bool of_process)
{
	const struct perf_event_context *ctx;

	if (of_process)
		return thread_group_leader(task) ? hwbp_process_account(task) : NULL;
	ctx = context_of(task);
	return ctx ? hwbp_account_in(ctx) : NULL;
}

/*
 * Finds the next task from c->pid on, and its account; NULL if the task has none, or none that the
 * reader may know of.
 * Return: false if there is no more task.
 */
static bool next_account(struct hwbp_cursor *c, struct hw_breakpoint_account **acc)
{
	struct task_struct *task;
	struct pid *pid;

	guard(rcu)();
	pid = find_ge_pid(c->pid, &init_pid_ns);
	if (!pid)
		return false;
	/* or of a later one, if that task has gone since its own were shown */
	c->of_process &= c->pid == pid_nr(pid);
	c->pid = pid_nr(pid);
	task = pid_task(pid, PIDTYPE_PID);
	*acc = task ? account_of(task, c->of_process) : NULL;
	if (*acc && !knows_task(c, pid, task, *acc))
		*acc = NULL;
	if (*acc)
		hwbp_get_account(*acc);
	return true;
}

/* After the events of a task come those of its process, where it has the process's number. */
static void advance_turn(struct hwbp_cursor *c)
{
	c->pid += c->of_process;
	c->of_process = !c->of_process;
}

/* Twice as much, so that each row is moved once or twice however many there are */
static bool make_room(struct hwbp_cursor *c)
{
	unsigned int room = 2 * c->room ?: 2 * TYPE_MAX * HWBP_MAX_PER_TYPE;
	struct hwbp_row *rows = kvmalloc_array(room, sizeof(*rows), GFP_KERNEL);

	if (!rows)
		return false;
	if (c->n)
		memcpy(rows, c->rows, c->n * sizeof(*rows));
	kvfree(c->rows);
	c->rows = rows;
	c->room = room;
	return true;
}

static bool add_row(const struct hw_breakpoint_reservation *res, void *cursor)
{
	struct hwbp_cursor *c = cursor;

	if (c->n == c->room && !make_room(c))
		return false;
	fill_row(&c->rows[c->n], res->event);
	/* the task whose turn it is; perf may have given the context to another one by now */
	c->rows[c->n++].holder.pid = c->target;
	cond_resched();
	return true;
}

/* Return: false for want of memory, and then there are none. */
static bool fill_rows(struct hwbp_cursor *c, struct hw_breakpoint_account *acc)
{
	bool filled;

	c->n = 0;
	c->shown = 0;
	filled = hwbp_visit_account(acc, add_row, c);
	if (!filled)
		c->n = 0;
	return filled;
}

/* There may be many tasks in a row without a breakpoint, so this lets others run. */
static const struct hwbp_row *next_of_tasks(struct hwbp_cursor *c)
{
	struct hw_breakpoint_account *acc;

	while (c->shown == c->n) {
		bool filled;

		if (!next_account(c, &acc))
			return NULL;
		filled = !acc || fill_rows(c, acc);
		hwbp_put_account(acc);
		if (!filled)
			return ERR_PTR(-ENOMEM);
		advance_turn(c);
		cond_resched();
	}
	return &c->rows[c->shown];
}

/**
 * hwbp_cursor_begin() - go through all that hold slots, from the beginning
 * @c: cursor, all 0 but @viewer, or as an earlier use has left it
 */
void hwbp_cursor_begin(struct hwbp_cursor *c)
{
	c->cpu = 0;
	c->last = U64_MAX;
	c->pid = 0;
	c->of_process = false;
	c->n = 0;
	c->shown = 0;
	memset(c->hidden, 0, sizeof(c->hidden));
}

/**
 * hwbp_cursor_row() - the event that is to be shown next
 * @c: cursor
 *
 * Finds the same event until hwbp_cursor_advance(); or the next one, if the event has gone
 * meanwhile.
 *
 * Context: task context, may sleep.
 * Return: its row, or NULL after the last; -ENOMEM, and then the caller may try again.
 */
const struct hwbp_row *hwbp_cursor_row(struct hwbp_cursor *c)
{
	return next_of_cpus(c) ?: next_of_tasks(c);
}

/**
 * hwbp_cursor_advance() - an event has been shown
 * @c: cursor; hwbp_cursor_row() has returned the event's row
 */
void hwbp_cursor_advance(struct hwbp_cursor *c)
{
	if ((unsigned int)c->cpu < nr_cpu_ids)
		c->last = c->number;
	else
		c->shown++;
}

/**
 * hwbp_cursor_end() - a cursor is not used any more
 * @c: cursor
 *
 * Context: task context.
 */
void hwbp_cursor_end(struct hwbp_cursor *c)
{
	kvfree(c->rows);
}

/* ---- all at once ---- */

static bool holds_on(const struct hw_breakpoint_reservation *res, int type, int cpu)
{
	return READ_ONCE(res->type) == type && (res->cpu < 0 || cpu < 0 || res->cpu == cpu);
}

/**
 * struct hwbp_search - what hwbp_holders() looks for, and has found
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
		if (!hwbp_visit_task(account_of(task, false), found, s) ||
		    !hwbp_visit_task(account_of(task, true), found, s))
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
 * Goes through all tasks, until there is no more room. A task that is being forked is not
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
