// SPDX-License-Identifier: GPL-2.0
/*
 * Events that watch a whole process: what they hold, and when a CPU installs them.
 *
 * Such an event is an original that never runs, and a copy for each CPU, which is one of the CPU's
 * own events to perf. perf adds the copies once and leaves them. Which of them are in slots
 * depends on whose thread the CPU runs:
 *
 *	absent	the CPU runs no thread of the process, nor has one been the last that it ran of
 *		all whose process has such events here
 *	here	the copies have slots: the CPU runs such a thread, or has done so, and what came
 *		after has had no need of the slots yet and has not been switched in
 *
 *	absent	-> here		put_in()
 *	here	-> absent	take_out()
 *
 * A process has an account of its own, for the threads that hold nothing themselves. A thread's
 * context that holds anything shares: it holds what the process holds, beside its own. So what is
 * in the levels is what a thread and its process hold together, and nobody who asks or is
 * refused has to know of processes. The states of a context:
 *
 *	apart		its process holds nothing, or it holds nothing itself yet
 *	sharing		holds what its process holds; pinned, so that perf does not swap it
 *
 *	apart	-> sharing	begin_sharing()
 *	sharing	-> apart	end_sharing()
 */

#include <linux/atomic.h>
#include <linux/cleanup.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/kprobes.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "account.h"

/**
 * struct hwbp_process - a process that has had events of its own
 * @perf: how perf knows it
 * @refs: one of the process, and one of each event and copy
 * @rcu: it is freed a grace period after that
 * @account: what the events hold; its lock is that of all that follows but @copies
 * @held: how many slots that is, by type
 * @sharing: the accounts of threads' contexts that share
 * @copies: those that perf has added on a CPU, whose affair they are, with interrupts off
 */
struct hwbp_process {
	struct perf_process		perf;
	refcount_t			refs;
	struct rcu_head			rcu;
	struct hw_breakpoint_account	*account;
	unsigned int			held[TYPE_MAX];
	struct hlist_head		sharing;
	struct hlist_head __percpu	*copies;
};

/* The process whose copies are in slots of this CPU, or NULL */
static DEFINE_PER_CPU(struct hwbp_process *, process_here);

/* ---- processes ---- */

static void free_process(struct hwbp_process *p)
{
	hwbp_put_account(p->account);
	free_percpu(p->copies);
	kfree(p);
}

static struct hwbp_process *new_process(void)
{
	struct hwbp_process *p = kzalloc(sizeof(*p), GFP_KERNEL_ACCOUNT);

	if (!p)
		return NULL;
	refcount_set(&p->refs, 1);
	p->perf.ops = &hwbp_reserve_ops;
	p->account = hwbp_new_account();
	p->copies = alloc_percpu(struct hlist_head);
	if (p->account && p->copies)
		return p;
	free_process(p);
	return NULL;
}

/*
 * With the RCU read lock held or interrupts off; or of a task that does not exit meanwhile: then it
 * stays. Another PMU's is none.
 */
static nokprobe_inline struct hwbp_process *process_of(const struct task_struct *task)
{
	/* process:B, pairs with process:A */
	struct perf_process *p = perf_process_find(task->signal);

	return p && p->ops == &hwbp_reserve_ops ? container_of(p, struct hwbp_process, perf) : NULL;
}

/* The same, where the task does not exit meanwhile */
static struct hwbp_process *living_process_of(const struct task_struct *task)
{
	guard(rcu)();
	return process_of(task);
}

/* Return: with a reference for the caller; or -ENOMEM; -EBUSY if it is another PMU's */
static struct hwbp_process *get_process(const struct task_struct *task)
{
	struct hwbp_process *p = living_process_of(task);
	struct perf_process *known;

	if (!p) {
		p = new_process();
		if (!p)
			return ERR_PTR(-ENOMEM);
		known = perf_process_add(&p->perf, task->signal);
		smp_mb();	/* process:A, pairs with process:B */
		if (known != &p->perf)
			free_process(p);
		if (known->ops != &hwbp_reserve_ops)
			return ERR_PTR(-EBUSY);
		p = container_of(known, struct hwbp_process, perf);
	}
	refcount_inc(&p->refs);
	return p;
}

static void free_process_rcu(struct rcu_head *rcu)
{
	free_process(container_of(rcu, struct hwbp_process, rcu));
}

static void put_process(struct hwbp_process *p)
{
	if (refcount_dec_and_test(&p->refs))
		call_rcu(&p->rcu, free_process_rcu);
}

/* The process that a context shares with; another thread may be ending its events. */
static struct hwbp_process *get_shared(const struct hw_breakpoint_account *acc)
{
	struct hwbp_process *p;

	guard(rcu)();
	p = READ_ONCE(acc->process);
	return p && refcount_inc_not_zero(&p->refs) ? p : NULL;
}

/**
 * hw_breakpoint_free_process() - the last thread of a process has exited
 * @process: how perf knows the process; files of its events may be open
 *
 * Context: task context; nobody finds the process any more.
 */
void hw_breakpoint_free_process(struct perf_process *process)
{
	put_process(container_of(process, struct hwbp_process, perf));
}

/* ---- what they hold; the lock of p->account is held in all of these ---- */

static bool holds_any(const struct hwbp_process *p)
{
	unsigned int n = 0;
	int type;

	for (type = 0; type < TYPE_MAX; type++)
		n += p->held[type];
	return n;
}

/* Of a context that has been retired nothing is counted. */
static int share(struct hwbp_process *p, struct hw_breakpoint_account *acc, int type)
{
	int err;

	if (acc != p->account)
		mutex_lock_nested(&acc->lock, SINGLE_DEPTH_NESTING);
	err = hwbp_context_reserve(acc, HWBP_ANYWHERE, type);
	if (!err)
		acc->shared[type]++;
	if (acc != p->account)
		mutex_unlock(&acc->lock);
	return err;
}

static void unshare(struct hwbp_process *p, struct hw_breakpoint_account *acc, int type)
{
	if (acc != p->account)
		mutex_lock_nested(&acc->lock, SINGLE_DEPTH_NESTING);
	hwbp_context_release(acc, HWBP_ANYWHERE, type);
	acc->shared[type]--;
	if (hwbp_debuggers_present())
		hwbp_context_fell(acc, HWBP_ANYWHERE, type);
	if (acc != p->account)
		mutex_unlock(&acc->lock);
}

static void unshare_above(struct hwbp_process *p, struct hw_breakpoint_account *acc, int type,
			  unsigned int n)
{
	while (acc->shared[type] > n)
		unshare(p, acc, type);
}

/* What all have that share is what the process holds, again. */
static void unshare_all(struct hwbp_process *p, int type)
{
	struct hw_breakpoint_account *acc;

	hlist_for_each_entry(acc, &p->sharing, sharer)
		unshare_above(p, acc, type, p->held[type]);
	unshare_above(p, p->account, type, p->held[type]);
}

static struct hw_breakpoint_account *greatest(struct hwbp_process *p, int type)
{
	struct hw_breakpoint_account *acc, *most = p->account;

	hlist_for_each_entry(acc, &p->sharing, sharer) {
		/* a number that was right a moment ago is good enough */
		if (data_race(acc->anywhere[type]) > most->anywhere[type])
			most = acc;
	}
	return most;
}

/*
 * Whoever holds most comes first. If there is room for that one there is for the others, as far as
 * events go that run anywhere: so what is refused is refused before anybody has come to hold more,
 * and nobody else is refused because of it.
 */
static int share_all(struct hwbp_process *p, int type)
{
	struct hw_breakpoint_account *acc, *most = greatest(p, type);
	int err = share(p, most, type);

	hlist_for_each_entry(acc, &p->sharing, sharer) {
		if (!err && acc != most)
			err = share(p, acc, type);
	}
	if (!err && most != p->account)
		err = share(p, p->account, type);
	if (err)
		unshare_all(p, type);
	else
		p->held[type]++;
	return err;
}

/* ---- who shares ---- */

/*
 * apart -> sharing, with nothing yet. Return: false if it shares already, if it holds nothing of
 * ours, or if @ctx is not the context of @task any more.
 *
 * An exiting task leaves its context under the same spinlock before the context is retired, so
 * end_sharing_of() finds what is noted here.
 */
static bool begin_sharing(struct hwbp_process *p, const struct task_struct *task,
			  struct perf_event_context *ctx)
{
	struct hw_breakpoint_account *acc;
	bool begins;

	guard(raw_spinlock_irqsave)(&ctx->lock);
	acc = hwbp_account_in(ctx);
	begins = acc && !acc->process && ctx->task == task;
	if (begins) {
		acc->ctx = ctx;
		acc->process = p;
		ctx->pin_count++;
		hlist_add_head(&acc->sharer, &p->sharing);
	}
	return begins;
}

/* sharing -> apart, of one that shares nothing any more, or has been retired */
static void end_sharing(struct hw_breakpoint_account *acc)
{
	guard(raw_spinlock_irqsave)(&acc->ctx->lock);
	hlist_del(&acc->sharer);
	acc->ctx->pin_count--;
	acc->process = NULL;
}

static void end_all_sharing(struct hwbp_process *p)
{
	struct hw_breakpoint_account *acc;
	struct hlist_node *next;

	hlist_for_each_entry_safe(acc, next, &p->sharing, sharer)
		end_sharing(acc);
}

/*
 * Does any context hold anything, of whatever task? The levels tell without a look at each
 * thread. Who comes to hold a slot after they have been read finds the process, and waits for its
 * lock: process:B comes after level:A, and level:B after process:A.
 */
static bool anybody_holds(int type)
{
	int cpu;

	if (hwbp_level_assumed(HWBP_ANYWHERE, type))
		hwbp_level_lower(HWBP_ANYWHERE, type);
	if (hwbp_level_assumed(HWBP_ANYWHERE, type))
		return true;
	for_each_possible_cpu(cpu) {
		if (hwbp_level_assumed(cpu, type))
			return true;
	}
	return false;
}

static bool any_context_holds(void)
{
	int type;

	for (type = 0; type < TYPE_MAX; type++) {
		if (anybody_holds(type))
			return true;
	}
	return false;
}

/* The contexts of all threads that hold anything begin to share. */
static void find_sharers(struct hwbp_process *p, struct task_struct *process)
{
	struct task_struct *task;

	guard(rcu)();
	for_each_thread(process, task) {
		struct perf_event_context *ctx;

		/* perf may be swapping it with a clone's: then the other one is looked at */
		do {
			/* read under RCU, though it is not marked so */
			ctx = READ_ONCE(task->perf_event_ctxp);
		} while (ctx && !begin_sharing(p, task, ctx) &&
			 ctx != READ_ONCE(task->perf_event_ctxp));
	}
}

/* What the process holds is too much for the context of one of its threads, which is new. */
static void give_up(struct hwbp_process *p, struct hw_breakpoint_account *acc)
{
	int type;

	for (type = 0; type < TYPE_MAX; type++)
		unshare_above(p, acc, type, 0);
	end_sharing(acc);
}

static int catch_up(struct hwbp_process *p, struct hw_breakpoint_account *acc)
{
	int type, err = 0;

	for (type = 0; type < TYPE_MAX && !err; type++) {
		while (!err && acc->shared[type] < p->held[type])
			err = share(p, acc, type);
	}
	if (err)
		give_up(p, acc);
	return err;
}

/**
 * hwbp_share_with_process() - a context has come to hold a slot: it shares, too
 * @task: the task
 * @ctx: its context, which is not swapped meanwhile
 *
 * Context: task context, may sleep; the lock of the context's account is not held.
 * Return: 0; -ENOSPC if the process holds as much that there is no room for what @ctx holds.
 */
int hwbp_share_with_process(const struct task_struct *task, struct perf_event_context *ctx)
{
	struct hwbp_process *p = living_process_of(task);

	if (likely(!p))
		return 0;
	guard(mutex)(&p->account->lock);
	if (!holds_any(p) || !begin_sharing(p, task, ctx))
		return 0;
	return catch_up(p, hwbp_account_in(ctx));
}

/**
 * hw_breakpoint_fork() - a fork is through, but for waking the new task
 * @task: the new task, which is of the process that it will be of
 * @ctx: its context
 *
 * When the context was made it was not known yet whether it would be a thread's or another
 * process's. There is room for the process's slots beside what it holds: the context that has
 * forked holds as much, and shares, see invariant 6 in the design document.
 *
 * Context: task context, may sleep.
 */
void hw_breakpoint_fork(struct task_struct *task, struct perf_event_context *ctx)
{
	hwbp_share_with_process(task, ctx);
}

/**
 * hwbp_end_sharing() - a context has been retired
 * @acc: its account
 *
 * Context: task context, may sleep.
 */
void hwbp_end_sharing(struct hw_breakpoint_account *acc)
{
	struct hwbp_process *p;

	if (likely(!READ_ONCE(acc->process)))
		return;
	p = get_shared(acc);
	if (!p)
		return;
	scoped_guard(mutex, &p->account->lock) {
		if (acc->process)
			end_sharing(acc);
	}
	put_process(p);
}

/**
 * hwbp_process_reserve() - a process holds one slot more, for one of its events
 * @bp: the event; nothing happens for a copy
 * @type: TYPE_INST or TYPE_DATA
 *
 * Context: task context, may sleep, with the lock of the process's account held.
 * Return: 0, -ENOSPC or -ENOMEM.
 */
int hwbp_process_reserve(struct perf_event *bp, int type)
{
	struct hwbp_process *p = hwbp_reservation(bp)->process;
	int err;

	lockdep_assert_held(&p->account->lock);
	if (bp->parent)
		return 0;
	if (!holds_any(p) && any_context_holds())
		find_sharers(p, bp->hw.target);
	err = share_all(p, type);
	if (err && !holds_any(p))
		end_all_sharing(p);
	return err;
}

/**
 * hwbp_process_release() - a process holds one slot less
 * @bp: the event; nothing happens for a copy
 * @type: TYPE_INST or TYPE_DATA
 *
 * Context: as hwbp_process_reserve().
 */
void hwbp_process_release(struct perf_event *bp, int type)
{
	struct hwbp_process *p = hwbp_reservation(bp)->process;

	if (bp->parent)
		return;
	p->held[type]--;
	unshare_all(p, type);
	if (!holds_any(p))
		end_all_sharing(p);
}

/**
 * hwbp_process_account() - what the events of a process hold
 * @task: any of its threads
 *
 * Context: any, with the RCU read lock held.
 * Return: the account, or NULL if there have never been any.
 */
struct hw_breakpoint_account *hwbp_process_account(const struct task_struct *task)
{
	const struct hwbp_process *p = process_of(task);

	return p ? p->account : NULL;
}

/* ---- events come and go ---- */

/**
 * hwbp_process_check() - can there be such an event?
 * @bp: event being initialised, not a copy
 *
 * It is of all threads that there are, and of those to come until the process executes a
 * program: so it has to say that it is inherited by threads, and removed then. What needs a
 * buffer is refused, as is mmap() for what is inherited: several CPUs would write to it at once.
 *
 * Context: task context.
 * Return: 0; -EINVAL if it is of no process, of a CPU, in a group, or lacks what it has to say;
 * -EOPNOTSUPP for what it cannot do.
 */
int hwbp_process_check(struct perf_event *bp)
{
	const struct perf_event_attr *attr = &bp->attr;

	/* perf refuses a BPF program where there is a context: the original alone would have it */
	if (is_default_overflow_handler(bp))
		bp->overflow_handler_context = bp;

	if (!bp->hw.target || bp->cpu >= 0 || bp->group_leader != bp)
		return -EINVAL;
	if (!attr->inherit || !attr->inherit_thread || !attr->remove_on_exec)
		return -EINVAL;
	/* perf sends it from the context of the task that it is of, and a copy's is a CPU's */
	if (attr->sigtrap || attr->exclusive)
		return -EOPNOTSUPP;
	if (attr->mmap || attr->mmap_data || attr->mmap2 || attr->comm || attr->comm_exec ||
	    attr->task || attr->context_switch || attr->namespaces || attr->cgroup ||
	    attr->ksymbol || attr->bpf_event || attr->text_poke || attr->build_id ||
	    attr->inherit_stat)
		return -EOPNOTSUPP;
	return 0;
}

/**
 * hwbp_process_tie() - an event is about to be of a process
 * @bp: the event, or a copy of it
 * @task: a thread of the process
 *
 * Context: task context, may sleep.
 * Return: 0; -ENOMEM; -EBUSY if another PMU has events of the process.
 */
int hwbp_process_tie(struct perf_event *bp, struct task_struct *task)
{
	struct hw_breakpoint_reservation *res = hwbp_reservation(bp);

	struct hwbp_process *p = get_process(task);

	if (IS_ERR(p))
		return PTR_ERR(p);
	res->process = p;
	res->account = res->process->account;
	refcount_inc(&res->account->refs);
	bp->attach_state |= PERF_ATTACH_PROCESS;
	return 0;
}

/**
 * hwbp_process_detach() - an event or a copy of it is being destroyed
 * @bp: the event, which holds nothing any more
 *
 * Context: task context, may sleep.
 */
void hwbp_process_detach(struct perf_event *bp)
{
	struct hw_breakpoint_reservation *res = hwbp_reservation(bp);

	if (!res->process)
		return;
	if (!bp->parent)
		perf_process_remove(bp);
	put_process(res->process);
	res->process = NULL;
}

/**
 * hwbp_process_events() - how perf knows the process of an event
 * @bp: the event
 *
 * Context: any.
 * Return: what @bp is to be listed in.
 */
struct perf_process *hwbp_process_events(const struct perf_event *bp)
{
	return &hwbp_reservation(bp)->process->perf;
}

/* ---- on this CPU; interrupts are off in all of these ---- */

/* here -> absent */
static nokprobe_inline void take_out(struct hwbp_process *p)
{
	struct hw_breakpoint_reservation *res;

	hlist_for_each_entry(res, this_cpu_ptr(p->copies), copy)
		hwbp_uninstall(res->event);
}

/*
 * absent -> here
 *
 * A copy that finds no slot, or has lost it to a debugger before, waits until perf schedules
 * anew, which has been asked for.
 */
static nokprobe_inline void put_in(struct hwbp_process *p)
{
	struct hw_breakpoint_reservation *res;

	hlist_for_each_entry(res, this_cpu_ptr(p->copies), copy)
		hwbp_install(res->event);
}

/* Return: true if another process's copies were in slots. */
static nokprobe_inline bool change_process(struct hwbp_process *next)
{
	struct hwbp_process *old = __this_cpu_read(process_here);

	if (old)
		take_out(old);
	if (next && hlist_empty(this_cpu_ptr(next->copies)))
		next = NULL;
	__this_cpu_write(process_here, next);
	if (next)
		put_in(next);
	return old;
}

/**
 * hwbp_sched_task() - a task is switched in
 * @pmu_ctx: not used
 * @task: the task
 * @sched_in: false while the task before is switched out: its copies stay until it is known
 *	whether the next is of the same process
 *
 * perf calls it, between pmu_disable() and pmu_enable(), on CPUs where it has added copies.
 *
 * Context: interrupts off.
 */
void hwbp_sched_task(struct perf_event_pmu_context *pmu_ctx, struct task_struct *task,
		     bool sched_in)
{
	struct hwbp_process *next;

	if (!sched_in)
		return;
	next = process_of(task);
	if (next != __this_cpu_read(process_here))
		change_process(next);
}
NOKPROBE_SYMBOL(hwbp_sched_task);

/**
 * hwbp_step_aside() - an event of the current task finds no slot
 *
 * perf schedules the events of a task before it calls hwbp_sched_task() for it, so copies of the
 * process before may have slots that the current task was promised.
 *
 * Context: interrupts off.
 * Return: true if there may be a slot now.
 */
bool hwbp_step_aside(void)
{
	struct hwbp_process *here = __this_cpu_read(process_here);

	return here && here != process_of(current) && change_process(NULL);
}
NOKPROBE_SYMBOL(hwbp_step_aside);

/**
 * hwbp_process_runs() - does this CPU run a thread that a copy watches?
 * @bp: a breakpoint that is active on this CPU
 *
 * Context: interrupts off.
 * Return: false if @bp is a copy of another process's event.
 */
bool hwbp_process_runs(const struct perf_event *bp)
{
	const struct hwbp_process *p = hwbp_reservation(bp)->process;

	return !p || p == process_of(current);
}
NOKPROBE_SYMBOL(hwbp_process_runs);

/**
 * hwbp_process_add() - perf adds a copy on this CPU
 * @bp: the copy
 *
 * Context: interrupts off.
 * Return: 0; -ENOSPC if its process runs here and there is no slot for the moment.
 */
int hwbp_process_add(struct perf_event *bp)
{
	struct hw_breakpoint_reservation *res = hwbp_reservation(bp);
	struct hwbp_process *p = res->process;

	hlist_add_head(&res->copy, this_cpu_ptr(p->copies));
	perf_sched_cb_inc(bp->pmu);
	if (p != process_of(current))
		return 0;
	if (p == __this_cpu_read(process_here))
		hwbp_install(bp);
	else
		change_process(p);
	if (res->slot >= 0)
		return 0;
	hwbp_process_del(bp);
	return -ENOSPC;
}
NOKPROBE_SYMBOL(hwbp_process_add);

/**
 * hwbp_process_del() - perf takes a copy from this CPU
 * @bp: the copy, which is in no slot any more
 *
 * Context: interrupts off.
 */
void hwbp_process_del(struct perf_event *bp)
{
	struct hw_breakpoint_reservation *res = hwbp_reservation(bp);
	struct hwbp_process *p = res->process;

	hlist_del(&res->copy);
	perf_sched_cb_dec(bp->pmu);
	/* Another process may be at the same address by the time that anybody compares. */
	if (hlist_empty(this_cpu_ptr(p->copies)) && __this_cpu_read(process_here) == p)
		__this_cpu_write(process_here, NULL);
}
NOKPROBE_SYMBOL(hwbp_process_del);
