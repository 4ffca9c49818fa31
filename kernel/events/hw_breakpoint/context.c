// SPDX-License-Identifier: GPL-2.0
/*
 * What the events of one task context hold, in all levels that they count in.
 *
 * A context may have events that run on any CPU and events that are bound to
 * one. The former are counted in the level of the type, and, only for CPUs that it has
 * bound events on, the sum is in the CPU's level. The first is a lower bound of the second,
 * so the larger of the two levels is the most a context holds on that CPU, and nothing has
 * to be converted when a context starts or ceases to have bound events.
 *
 * To hold one more, a context enters each of these levels with what it will hold, and then
 * leaves what it did hold. If a level allows what the context will hold, the context enters and
 * asks nobody. Otherwise the task takes hwbp_raise_lock, and raises the level if CPUs and
 * debuggers have left room: this is what "asks" means below.
 */

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/cleanup.h>
#include <linux/cpumask.h>
#include <linux/gfp.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "account.h"

/* ---- its records; the account's lock is held in all of these ---- */

static unsigned int bound_in(void *entry, int type)
{
	return entry ? xa_to_value(entry) >> (type * BITS_PER_BYTE) & U8_MAX : 0;
}

static unsigned int bound_on(struct hw_breakpoint_account *acc, int cpu, int type)
{
	return bound_in(xa_load(&acc->bound, cpu), type);
}

/* Makes room for the number of events that are bound to @cpu; a number of 0 takes no room. */
static int prepare_bound(struct hw_breakpoint_account *acc, int cpu)
{
	if (cpu == HWBP_ANYWHERE)
		return 0;
	if (!acc->spare)
		acc->spare = hwbp_level_prepare();
	if (!acc->spare)
		return -ENOMEM;
	return xa_reserve(&acc->bound, cpu, GFP_KERNEL_ACCOUNT);
}

/* Undoes prepare_bound(), if there are no events bound to @cpu after all. */
static void forget_bound(struct hw_breakpoint_account *acc, int cpu)
{
	if (cpu != HWBP_ANYWHERE)
		xa_release(&acc->bound, cpu);
}

/* After prepare_bound() this needs no memory. */
static void set_bound(struct hw_breakpoint_account *acc, int cpu, int type, unsigned int n)
{
	void *entry = xa_load(&acc->bound, cpu);
	unsigned long value = entry ? xa_to_value(entry) : 0;

	value &= ~((unsigned long)U8_MAX << (type * BITS_PER_BYTE));
	value |= (unsigned long)n << (type * BITS_PER_BYTE);
	acc->nr_bound[type] += n - bound_in(entry, type);
	if (value)
		xa_store(&acc->bound, cpu, xa_mk_value(value), GFP_KERNEL_ACCOUNT);
	else
		xa_erase(&acc->bound, cpu);
}

/**
 * struct context_change - a context comes to hold a slot more or less
 * @acc: its account
 * @type: of the slot
 * @more: how many more it holds, in each level: 1 or -1
 * @done: how many levels have been raised
 * @counted: it is in the tally of the only level that changes, but has to ask
 */
struct context_change {
	struct hw_breakpoint_account	*acc;
	int				type;
	int				more;
	unsigned int			done;
	bool				counted;
};

typedef int (*on_level)(struct context_change *c, int cpu, unsigned int old, unsigned int new);

/* In the level of @cpu a context counts with all that it holds on @cpu, if any of that is bound. */
static int for_level_of(struct context_change *c, int cpu, on_level fn)
{
	unsigned int anywhere = c->acc->anywhere[c->type];
	unsigned int old = bound_on(c->acc, cpu, c->type), new = old + c->more;

	return fn(c, cpu, old ? old + anywhere : 0, new ? new + anywhere : 0);
}

static int for_levels_of_bound(struct context_change *c, on_level fn)
{
	unsigned int anywhere = c->acc->anywhere[c->type];
	unsigned long cpu;
	void *entry;

	xa_for_each(&c->acc->bound, cpu, entry) {
		unsigned int held = bound_in(entry, c->type) + anywhere;
		int ret;

		if (held == anywhere)
			continue;
		ret = fn(c, cpu, held, held + c->more);
		if (ret)
			return ret;
	}
	return 0;
}

/*
 * Calls @fn for all levels that change with an event of @cpu, until it returns other than 0.
 * Inlined, so that @fn is called directly: a release takes some 20 instructions less.
 */
static __always_inline int for_levels(struct context_change *c, int cpu, on_level fn)
{
	unsigned int anywhere = c->acc->anywhere[c->type];
	int ret;

	if (cpu != HWBP_ANYWHERE)
		return for_level_of(c, cpu, fn);
	ret = fn(c, cpu, anywhere, anywhere + c->more);
	return ret || !c->acc->nr_bound[c->type] ? ret : for_levels_of_bound(c, fn);
}

/*
 * A context with events of both kinds always asks. Otherwise it might enter one level, have
 * another context refused because of that, and then fail in another level.
 */
static int enter(struct context_change *c, int cpu, unsigned int old, unsigned int new)
{
	if (new > hwbp_totals[c->type].slots)
		return -ENOSPC;
	if (cpu == HWBP_ANYWHERE && c->acc->nr_bound[c->type])
		return -EAGAIN;
	return hwbp_level_enter(cpu, c->type, new, c->acc->spare, &c->counted) ? 0 : -EAGAIN;
}

static int undo(struct context_change *c, int cpu, unsigned int old, unsigned int new)
{
	if (!c->done && !c->counted)
		return 1;
	if (c->done)
		c->done--;
	else
		c->counted = false;
	hwbp_level_leave(cpu, c->type, new, c->acc->spare);
	return 0;
}

/* What is more the context has entered by now. To hold less it need not ask. */
static int leave_old(struct context_change *c, int cpu, unsigned int old, unsigned int new)
{
	if (c->more < 0)
		hwbp_level_fall(cpu, c->type, old, new, c->acc->spare);
	else if (old)
		hwbp_level_leave(cpu, c->type, old, c->acc->spare);
	return 0;
}

/*
 * What a level assumes already, CPUs and debuggers leave to contexts in any case. Debuggers'
 * claims are looked at before any level is raised, for the reason that reserve_of_cpu() has: no
 * debugger shall be refused because one level was raised when there is no room in another.
 */
static int has_room(struct context_change *c, int cpu, unsigned int old, unsigned int new)
{
	if (hwbp_pinned_on(cpu, c->type) + new > hwbp_totals[c->type].slots)
		return -ENOSPC;
	if (new <= hwbp_level_assumed(cpu, c->type))
		return 0;
	return hwbp_beside_debuggers(cpu, c->type, new);
}

/*
 * Raises a level to more than contexts may hold without asking. Where one of several levels
 * allows what the context will hold, that level stays as it is: whoever is lowering it would have
 * to begin anew.
 */
static int raise(struct context_change *c, int cpu, unsigned int old, unsigned int new)
{
	unsigned int before;
	int err = 0;

	if (!c->counted && hwbp_level_enter(cpu, c->type, new, c->acc->spare, &c->counted)) {
		c->counted = false;
		c->done++;
		return 0;
	}
	if (!c->counted)
		hwbp_level_count(cpu, c->type, new, c->acc->spare);
	c->counted = false;
	before = hwbp_level_assume(cpu, c->type, new);
	if (before < new)
		err = hwbp_beside_debuggers(cpu, c->type, new);
	if (err) {
		hwbp_level_leave(cpu, c->type, new, c->acc->spare);
		hwbp_level_forgo(cpu, c->type, before);
		return err;
	}
	hwbp_level_allow(cpu, c->type);
	c->done++;
	return 0;
}

/*
 * Raises all levels, or none. A debugger that takes a slot after the first of several levels has
 * been raised finds the context counted there, and leaves that level as it is. So if another level
 * cannot be raised, the first is lowered here, or the next context could have the debugger's slot
 * without asking.
 */
static int ask(struct context_change *c, int cpu)
{
	unsigned int raised;
	int err;

	guard(mutex)(&hwbp_raise_lock);
	err = for_levels(c, cpu, has_room) ?: for_levels(c, cpu, raise);
	if (!err)
		return 0;
	raised = c->done;
	for_levels(c, cpu, undo);
	if (raised && hwbp_debuggers_present())
		hwbp_context_fell(c->acc, cpu, c->type);
	return err;
}

/* Inlined, so that a release knows that @more is -1: saves 12 instructions of 183 on x86_64. */
static __always_inline void count_change(struct context_change *c, int cpu)
{
	for_levels(c, cpu, leave_old);
	if (cpu == HWBP_ANYWHERE)
		c->acc->anywhere[c->type] += c->more;
	else
		set_bound(c->acc, cpu, c->type, bound_on(c->acc, cpu, c->type) + c->more);
}

/**
 * hwbp_context_reserve() - a context holds one slot more
 * @acc: its account
 * @cpu: CPU that the event is bound to, or HWBP_ANYWHERE
 * @type: TYPE_INST or TYPE_DATA
 *
 * Context: task context, may sleep, with the account's lock held.
 * Return: 0; -ENOSPC; -ENOMEM.
 */
int hwbp_context_reserve(struct hw_breakpoint_account *acc, int cpu, int type)
{
	struct context_change c = { .acc = acc, .type = type, .more = 1 };
	int err;

	if (acc->retired)
		return 0;
	err = prepare_bound(acc, cpu);
	if (err)
		return err;
	err = for_levels(&c, cpu, enter);
	if (err == -EAGAIN)
		err = ask(&c, cpu);
	if (!err)
		count_change(&c, cpu);
	else
		forget_bound(acc, cpu);
	return err;
}

/**
 * hwbp_context_release() - a context holds one slot less
 * @acc: its account
 * @cpu: CPU that the event is bound to, or HWBP_ANYWHERE
 * @type: TYPE_INST or TYPE_DATA
 *
 * Context: as hwbp_context_reserve().
 */
void hwbp_context_release(struct hw_breakpoint_account *acc, int cpu, int type)
{
	struct context_change c = { .acc = acc, .type = type, .more = -1 };

	if (!acc->retired)
		count_change(&c, cpu);
}

/**
 * hwbp_context_fell() - a context holds less than it did
 * @acc: its account
 * @cpu: CPU that it had an event bound to, or HWBP_ANYWHERE
 * @type: TYPE_INST or TYPE_DATA
 *
 * While there are debuggers, this lowers the levels that the context was counted in to what
 * contexts hold: a slot that perf has lost to a debugger may be free for perf by that.
 *
 * Context: task context, may sleep; with the account's lock held, and only needed while there
 * are debuggers.
 */
void hwbp_context_fell(struct hw_breakpoint_account *acc, int cpu, int type)
{
	unsigned long bound;
	void *entry;

	if (acc->retired)
		return;
	hwbp_level_lower(cpu, type);
	if (cpu != HWBP_ANYWHERE)
		return;
	xa_for_each(&acc->bound, bound, entry) {
		if (bound_in(entry, type))
			hwbp_level_lower(bound, type);
	}
}

/* Leaves what @acc holds in all levels. Return: the number of slots. */
static unsigned int empty_account(struct hw_breakpoint_account *acc, int type)
{
	unsigned int slots = acc->anywhere[type];
	unsigned long cpu;
	void *entry;

	xa_for_each(&acc->bound, cpu, entry) {
		if (!bound_in(entry, type))
			continue;
		slots += bound_in(entry, type);
		hwbp_level_leave(cpu, type, acc->anywhere[type] + bound_in(entry, type),
				 acc->spare);
	}
	if (acc->anywhere[type])
		hwbp_level_leave(HWBP_ANYWHERE, type, acc->anywhere[type], acc->spare);
	return slots;
}

/**
 * hwbp_context_retire() - a context holds nothing any more
 * @acc: its account
 *
 * @held stays set in the reservations of its events; they are counted nowhere.
 *
 * Context: task context, may sleep.
 * Return: how many slots it held.
 */
unsigned int hwbp_context_retire(struct hw_breakpoint_account *acc)
{
	unsigned int slots = 0;
	int type;

	guard(mutex)(&acc->lock);
	for (type = 0; type < TYPE_MAX; type++) {
		slots += empty_account(acc, type);
		if (hwbp_debuggers_present())
			hwbp_context_fell(acc, HWBP_ANYWHERE, type);
	}
	acc->retired = true;
	/* not when RCU frees the account, in a callback: only tasks take the array's lock */
	xa_destroy(&acc->bound);
	return slots;
}

/* ---- the account ---- */

/**
 * hwbp_new_account() - an account that holds nothing
 *
 * Context: task context, may sleep.
 * Return: the account, with a reference for the caller; or NULL for want of memory.
 */
struct hw_breakpoint_account *hwbp_new_account(void)
{
	struct hw_breakpoint_account *acc = kzalloc(sizeof(*acc), GFP_KERNEL);

	if (!acc)
		return NULL;
	acc->reserved.ops = &hwbp_reserve_ops;
	refcount_set(&acc->refs, 1);
	mutex_init(&acc->lock);
	xa_init_flags(&acc->bound, XA_FLAGS_ACCOUNT);
	return acc;
}

/**
 * hwbp_context_account() - the account of a context, which is made if there is none
 * @ctx: the context
 *
 * Context: task context, may sleep; one task at a time for a context, and ctx->reserved is no
 * other PMU's, see perf_reserve_attach().
 * Return: the account, with a reference for the caller; or NULL for want of memory.
 */
struct hw_breakpoint_account *hwbp_context_account(struct perf_event_context *ctx)
{
	struct hw_breakpoint_account *acc;

	if (!ctx->reserved) {
		acc = hwbp_new_account();
		if (!acc)
			return NULL;
		/* account:A, pairs with account:B */
		smp_store_release(&ctx->reserved, &acc->reserved);
	}
	acc = hwbp_account_of(ctx->reserved);
	refcount_inc(&acc->refs);
	return acc;
}

/**
 * hwbp_put_account() - give up a reference to an account
 * @acc: the account, or NULL
 *
 * Context: any but NMI.
 */
void hwbp_put_account(struct hw_breakpoint_account *acc)
{
	if (!acc || !refcount_dec_and_test(&acc->refs))
		return;
	WARN_ON_ONCE(!xa_empty(&acc->bound));
	kfree(acc);
}

/* ---- what is left ---- */

/* What no task has of a CPU's slots, and none gets */
static unsigned int taken_on(int cpu, int type)
{
	const struct hwbp_cpu_account *ca = hwbp_cpu_account(cpu, type);

	return READ_ONCE(ca->pinned) + hwbp_nr_claims(atomic64_read(&ca->claims));
}

/* Of tasks only the caller's own context counts: contexts have a CPU one at a time. */
static unsigned int free_on(struct hw_breakpoint_account *acc, int cpu, int type)
{
	unsigned int own = acc ? acc->anywhere[type] + bound_on(acc, cpu, type) : 0;
	unsigned int slots = hwbp_totals[type].slots;

	return slots - min(own + taken_on(cpu, type), slots);
}

static unsigned int free_everywhere(struct hw_breakpoint_account *acc, int type)
{
	unsigned int least = HWBP_MAX_PER_TYPE;
	int cpu;

	for_each_possible_cpu(cpu)
		least = min(least, free_on(acc, cpu, type));
	return least;
}

/* A context without an account holds what its process holds. */
static struct hw_breakpoint_account *account_of_current(void)
{
	const struct perf_event_context *ctx;
	struct hw_breakpoint_account *acc = NULL;

	guard(rcu)();
	/* read under RCU, though it is not marked so */
	ctx = READ_ONCE(current->perf_event_ctxp);
	if (ctx)
		acc = hwbp_account_in(ctx);
	if (!acc)
		acc = hwbp_process_account(current);
	if (acc)
		hwbp_get_account(acc);
	return acc;
}

/**
 * hwbp_free_for_current() - how many slots more could the current task have now?
 * @type: TYPE_INST or TYPE_DATA
 *
 * For events that run on any CPU: the least that is left on one. If both types share a pool, it
 * is the same that is left for either.
 *
 * Context: task context, may sleep.
 * Return: the number; somebody may take a slot at any moment.
 */
unsigned int hwbp_free_for_current(int type)
{
	struct hw_breakpoint_account *acc = account_of_current();
	unsigned int n;

	if (!acc)
		return free_everywhere(NULL, type);
	scoped_guard(mutex, &acc->lock)
		n = free_everywhere(acc, type);
	hwbp_put_account(acc);
	return n;
}

/* ---- for the tables ---- */

/**
 * hwbp_account_in() - the account of a context, if it has one
 * @ctx: the context
 *
 * Context: any, with the RCU read lock held or while @ctx is not freed.
 * Return: the account, or NULL.
 */
struct hw_breakpoint_account *hwbp_account_in(const struct perf_event_context *ctx)
{
	/* account:B, pairs with account:A */
	struct perf_reserved *reserved = smp_load_acquire(&ctx->reserved);

	/* or another PMU's, see perf_reserve_attach() */
	if (!reserved || reserved->ops != &hwbp_reserve_ops)
		return NULL;
	return hwbp_account_of(reserved);
}

/**
 * hwbp_get_account() - take a reference to an account
 * @acc: account of a context or a process
 *
 * Context: any but NMI, with the RCU read lock held: until it is given up neither is freed, and it
 * has a reference of its own.
 */
void hwbp_get_account(struct hw_breakpoint_account *acc)
{
	refcount_inc(&acc->refs);
}

/**
 * hwbp_context_holds() - how many slots do the events of a context hold?
 * @acc: its account
 * @type: TYPE_INST or TYPE_DATA
 *
 * For who may not know which events: nobody waits for this, not even who opens one. What its
 * process holds is not counted.
 *
 * Context: any, with the RCU read lock held.
 * Return: the number; events bound to different CPUs are counted each.
 */
unsigned int hwbp_context_holds(const struct hw_breakpoint_account *acc, int type)
{
	/* a number that was right a moment ago is good enough */
	return data_race(acc->retired ? 0 : acc->anywhere[type] - acc->shared[type] +
			 acc->nr_bound[type]);
}

/**
 * hwbp_process_holds() - how many slots do the events of a process hold?
 * @acc: its account
 * @type: TYPE_INST or TYPE_DATA
 *
 * Context: as hwbp_context_holds().
 * Return: the number.
 */
unsigned int hwbp_process_holds(const struct hw_breakpoint_account *acc, int type)
{
	return data_race(acc->shared[type]);	/* as there */
}

/**
 * hwbp_visit_account() - go through the reservations of a context as they are at one moment
 * @acc: its account
 * @visit: called for each; says false when it wants no more, may sleep
 * @data: for @visit
 *
 * A task that opens or closes an event of the context waits for this, as for another such task.
 *
 * Context: task context, may sleep.
 * Return: false if @visit wants no more.
 */
bool hwbp_visit_account(struct hw_breakpoint_account *acc, hwbp_visit_fn visit, void *data)
{
	struct hw_breakpoint_reservation *res;

	guard(mutex)(&acc->lock);
	/* what is left of a task that has exited holds nothing */
	if (acc->retired)
		return true;
	hlist_for_each_entry(res, &acc->list.head, node) {
		if (!visit(res, data))
			return false;
	}
	return true;
}

/**
 * hwbp_visit_task() - go through what a task or its process has reserved, whoever changes it
 * @acc: the account, or NULL
 * @visit: called for each; says false when it wants no more
 * @data: for @visit
 *
 * Context: any, NMI included, with the RCU read lock held.
 * Return: false if @visit wants no more.
 */
bool hwbp_visit_task(const struct hw_breakpoint_account *acc, hwbp_visit_fn visit, void *data)
{
	return !acc || hwbp_visit(&acc->list, visit, data);
}
