// SPDX-License-Identifier: GPL-2.0
/*
 * Accounting of hardware breakpoints: who may have how many slots.
 *
 * A reservation is the right to a slot. It is counted here before anything is
 * programmed, so that whatever has been reserved can always be installed.
 *
 * For every CPU and type of slot
 *
 *	reservations of the CPU + the most any one task context and its process hold there
 *		+ debuggers' claims <= slots
 *
 * because one context at a time runs on a CPU, beside the CPU's own events and those of
 * the process, see process.c. The first two are the demand of perf. Debuggers claim from any context and can take no
 * lock; see claims.c.
 *
 * The unit on the task side is the perf context and not the task: it is the
 * context whose events are scheduled together, and perf swaps the contexts of
 * two tasks that were cloned from one parent instead of rescheduling their
 * events. A context keeps its reservations wherever it goes; a count kept for
 * the task would be somebody else's after the swap.
 *
 * When its task exits a context leaves the accounting: nothing of it can run any
 * more. Its events may stay open for long, and which of them it has depends on
 * the swaps before. A single event leaves it, too, when perf takes it out of a
 * context that lives on: attr.remove_on_exec.
 *
 * What a context holds is in context.c, the most that one holds in level.c.
 *
 * States of a reservation:
 *
 *	free		holds nothing
 *	held		counted in one pool			hwbp_hold(),
 *								hand_over()
 *	moving		counted in two, since it may change	prepare_move()
 *	held		in the new pool or the old one		end_move()
 *	free						let_go(), hand_over()
 */

#include <linux/atomic.h>
#include <linux/cleanup.h>
#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>

#include <trace/events/hw_breakpoint.h>

#include "account.h"

/*
 * Held by the task that raises a level, or changes what a CPU's own events hold: of two tasks that
 * want the last slot, one gets it. Protects @pinned of all CPUs, pinned_cpus, and the lists and
 * reservations of CPUs' events. A task does not take it for a context that is to hold no more than
 * contexts may hold anyway.
 */
DEFINE_MUTEX(hwbp_raise_lock);

/* Slots, and the level of contexts' events that run anywhere, by type. */
struct hwbp_total hwbp_totals[TYPE_MAX] __cacheline_aligned;

/* Reservations by CPU and type. */
DEFINE_PER_CPU(struct hwbp_cpu_account, hwbp_cpu_accounts[TYPE_MAX]);

/* Reservations of each CPU's own events, of either type. */
static DEFINE_PER_CPU(struct hwbp_list, cpu_lists);

#ifdef CONFIG_HAVE_HW_BREAKPOINT_BACKEND
/* What is read when a debugger, in an NMI, asks for the holders. */
const struct hwbp_entry_data hwbp_account_entry_data[] = {
	HWBP_PER_CPU(cpu_lists),
	{ }
};
#endif

/* How many CPUs have n events of their own, by type, at [n]; [0] is not kept. */
static unsigned int pinned_cpus[TYPE_MAX][HWBP_MAX_PER_TYPE + 1];

/* ---- events of a CPU; hwbp_raise_lock is held in all of these ---- */

/**
 * hwbp_pinned_on() - how many slots does a CPU hold for its own events?
 * @cpu: the CPU, or HWBP_ANYWHERE: the most that one holds
 * @type: TYPE_INST or TYPE_DATA
 *
 * Context: task context, with hwbp_raise_lock held.
 * Return: the number.
 */
unsigned int hwbp_pinned_on(int cpu, int type)
{
	unsigned int n = HWBP_MAX_PER_TYPE;

	if (cpu != HWBP_ANYWHERE)
		return hwbp_cpu_account(cpu, type)->pinned;
	while (n && !pinned_cpus[type][n])
		n--;
	return n;
}

static void set_pinned(int cpu, int type, unsigned int n)
{
	struct hwbp_cpu_account *ca = hwbp_cpu_account(cpu, type);

	pinned_cpus[type][ca->pinned]--;
	pinned_cpus[type][n]++;
	WRITE_ONCE(ca->pinned, n);
}

/* Is there room for one more, beside the most that contexts hold? */
static bool cpu_has_room(int cpu, int type)
{
	const struct hwbp_cpu_account *ca = hwbp_cpu_account(cpu, type);
	const struct hwbp_total *total = &hwbp_totals[type];

	if (hwbp_demand(total, ca) >= total->slots)
		hwbp_lower_demand(cpu, type);
	return hwbp_demand(total, ca) < total->slots;
}

/*
 * Looks at debuggers' claims before the slot is counted, too, and refuses then what cannot be had
 * in any case. Otherwise a debugger in an NMI on this CPU could be refused because of a count that
 * this function takes back a moment later.
 */
static int reserve_of_cpu(int cpu, int type)
{
	unsigned int own = hwbp_cpu_account(cpu, type)->pinned + 1;
	int err;

	if (!cpu_has_room(cpu, type))
		return -ENOSPC;
	err = hwbp_cpu_beside_debuggers(cpu, type, own);
	if (err)
		return err;
	set_pinned(cpu, type, own);
	smp_mb();	/* claims:A, pairs with claims:B */
	err = hwbp_cpu_beside_debuggers(cpu, type, own);
	if (err)
		set_pinned(cpu, type, own - 1);
	return err;
}

/* ---- states of a reservation; lock_of() it is held in all of these ---- */

static struct mutex *lock_of(const struct hw_breakpoint_reservation *res)
{
	return res->account ? &res->account->lock : &hwbp_raise_lock;
}

static int count(const struct hw_breakpoint_reservation *res, int type)
{
	if (res->process)
		return hwbp_process_reserve(res->event, type);
	return res->account ? hwbp_context_reserve(res->account, res->cpu, type) :
			      reserve_of_cpu(res->cpu, type);
}

static void uncount(const struct hw_breakpoint_reservation *res, int type)
{
	if (res->process)
		hwbp_process_release(res->event, type);
	else if (res->account)
		hwbp_context_release(res->account, res->cpu, type);
	else
		set_pinned(res->cpu, type, hwbp_cpu_account(res->cpu, type)->pinned - 1);
}

/**
 * hwbp_hold() - reserve, with the lock held by the caller
 * @res: reservation
 * @type: TYPE_INST or TYPE_DATA
 *
 * free -> held
 *
 * Context: task context with the lock held, or while nobody else runs.
 * Return: 0; -ENOSPC; -ENOMEM; -EBUSY if @res holds a slot already.
 */
int hwbp_hold(struct hw_breakpoint_reservation *res, int type)
{
	int err;

	if (res->held)
		return -EBUSY;
	err = count(res, type);
	if (err)
		return err;
	res->type = type;
	res->held = true;
	return 0;
}

static void enlist(struct hw_breakpoint_reservation *res)
{
	struct hwbp_list *list = res->account ? &res->account->list :
						per_cpu_ptr(&cpu_lists, res->cpu);

	res->number = ++list->last;
	hlist_add_head_rcu(&res->node, &list->head);
	res->listed = true;
}

static void unlist(struct hw_breakpoint_reservation *res)
{
	if (res->listed)
		hlist_del_rcu(&res->node);
	res->listed = false;
}

/* held -> free, and free -> held in the same moment; both of one CPU */
static void hand_over(struct hw_breakpoint_reservation *to,
		      struct hw_breakpoint_reservation *from)
{
	lockdep_assert_held(&hwbp_raise_lock);
	unlist(from);
	to->cpu = from->cpu;
	to->type = from->type;
	to->held = from->held;
	from->held = false;
	if (to->held)
		trace_hwbp_hand_over(to->event ?: from->event, to->cpu, to->type, to->event);
}

/* @from: reservation that the event shall take over instead of counting one of its own, or NULL */
static int take_over_or_reserve(struct hw_breakpoint_reservation *res, int type,
				struct hw_breakpoint_reservation *from)
{
	if (!from || !from->held)
		return hwbp_hold(res, type);
	hand_over(res, from);
	return 0;
}

/* held -> moving, which holds a slot of either pool */
static int prepare_move(struct hw_breakpoint_reservation *res, int type)
{
	int err;

	if (!res->held || res->type == type)
		return 0;
	err = count(res, type);
	if (err)
		return err;
	res->next_type = type;
	res->moving = true;
	return 0;
}

/* moving -> held, in the new pool or again in the old one */
static void end_move(struct hw_breakpoint_reservation *res, bool move)
{
	if (!res->moving)
		return;
	uncount(res, move ? res->type : res->next_type);
	/* read for the tables */
	if (move)
		WRITE_ONCE(res->type, res->next_type);
	res->moving = false;
}

/* held or moving -> free. Return: true if it held anything. */
static inline bool let_go(struct hw_breakpoint_reservation *res)
{
	if (!res->held)
		return false;
	end_move(res, false);
	uncount(res, res->type);
	res->held = false;
	unlist(res);
	return true;
}

/**
 * hwbp_let_go() - release, with the lock held by the caller
 * @res: reservation
 *
 * Context: as hwbp_hold().
 * Return: true if it held anything.
 */
bool hwbp_let_go(struct hw_breakpoint_reservation *res)
{
	return let_go(res);
}

/* ---- what the other files use ---- */

/**
 * hwbp_lower_demand() - assume no more of contexts than they hold on a CPU
 * @cpu: the CPU
 * @type: TYPE_INST or TYPE_DATA
 *
 * Called before a slot is refused because of what is assumed. The caller has to look again after
 * this in any case: another CPU may have lowered it.
 *
 * Context: any, NMI included.
 */
void hwbp_lower_demand(int cpu, int type)
{
	hwbp_level_lower(HWBP_ANYWHERE, type);
	hwbp_level_lower(cpu, type);
}

/* @res holds less than it did; lock_of() it is held */
static void fell(struct hw_breakpoint_reservation *res)
{
	int type;

	for (type = 0; res->account && type < TYPE_MAX; type++)
		hwbp_context_fell(res->account, res->cpu, type);
}

/**
 * hw_breakpoint_waits() - does an event that does not fit wait for a debugger?
 * @bp: event whose group perf could not schedule on this CPU
 *
 * If it does, its group waits, pinned or not, and is not in error. The debugger may have gone
 * between perf's attempt to schedule the group and this call: that does not matter.
 *
 * Context: interrupts off, with the lock of the event's context held.
 * Return: true if perf was left without a slot of this CPU that it was promised.
 */
bool hw_breakpoint_waits(struct perf_event *bp)
{
	return hwbp_missing();
}

/**
 * hwbp_overdrawn() - have debuggers taken slots that perf has promised?
 * @cpu: the CPU
 *
 * Context: any.
 * Return: true if some reservation may find no slot.
 */
bool hwbp_overdrawn(int cpu)
{
	int type;

	for (type = 0; type < TYPE_MAX; type++) {
		const struct hwbp_cpu_account *ca = hwbp_cpu_account(cpu, type);

		if (hwbp_demand(&hwbp_totals[type], ca) +
		    hwbp_nr_claims(atomic64_read(&ca->claims)) > hwbp_slots(type))
			return true;
	}
	return false;
}

/**
 * hwbp_capacity() - number of slots of a type on every CPU
 * @type: TYPE_INST or TYPE_DATA
 *
 * Context: any.
 * Return: the number, 0 if the machine has none.
 */
unsigned int hwbp_capacity(int type)
{
	return hwbp_totals[type].slots;
}

static int reserve_and_list(struct hw_breakpoint_reservation *res, int type,
			    struct hw_breakpoint_reservation *from)
{
	int err;

	guard(mutex)(lock_of(res));
	err = take_over_or_reserve(res, type, from);
	if (err)
		return hwbp_refused(err);
	enlist(res);
	return 0;
}

/**
 * hwbp_reserve() - count an event's right to a slot
 * @bp: event that hw_breakpoint_attach() has tied to its context
 *
 * Context: task context, may sleep.
 * Return: 0; -ENOSPC when some CPU the event may run on has no slot left; -ENOMEM; -EBUSY if
 * it holds one already.
 */
int hwbp_reserve(struct perf_event *bp)
{
	bool takes_over = bp->overflow_handler == hwbp_takes_over;
	int ret = reserve_and_list(hwbp_reservation(bp), hwbp_type(bp->attr.bp_type),
				   takes_over ? bp->overflow_handler_context : NULL);

	trace_hwbp_reserve(bp, ret);
	return ret;
}

/*
 * Where there are debuggers, perf tries again what it had no slots for: one may be free now.
 * Return: true if @res held anything.
 */
static bool release_one(struct hw_breakpoint_reservation *res)
{
	bool held = false, retry = false;

	scoped_guard(mutex, lock_of(res)) {
		held = let_go(res);
		retry = held && hwbp_debuggers_present();
		if (retry)
			fell(res);
	}
	if (retry)
		hwbp_retry_missing();
	return held;
}

/**
 * hwbp_release() - give an event's right to a slot back
 * @bp: the event; nothing happens when it holds none
 *
 * Context: task context, may sleep. The event must have been uninstalled for good.
 */
void hwbp_release(struct perf_event *bp)
{
	if (release_one(hwbp_reservation(bp)))
		trace_hwbp_release(bp, 0);
}

/**
 * hwbp_reserve_for_cpu() - hold a slot of a CPU that need not be online
 * @res: reservation that is not an event's
 * @cpu: the CPU, possible
 * @type: TYPE_INST or TYPE_DATA
 *
 * Context: task context, may sleep.
 * Return: 0, or -ENOSPC.
 */
int hwbp_reserve_for_cpu(struct hw_breakpoint_reservation *res, int cpu, int type)
{
	int err;

	scoped_guard(mutex, &hwbp_raise_lock) {
		res->cpu = cpu;
		err = hwbp_hold(res, type);
	}
	if (err)
		hwbp_refused(err);
	trace_hwbp_reserve_for_cpu(cpu, type, err);
	return err;
}

/**
 * hwbp_release_reservation() - give back what hwbp_reserve_for_cpu() took
 * @res: reservation; nothing happens when it holds no slot
 *
 * Context: task context, may sleep.
 */
void hwbp_release_reservation(struct hw_breakpoint_reservation *res)
{
	if (release_one(res))
		trace_hwbp_release_for_cpu(res->cpu, res->type, 0);
}

/**
 * hwbp_hand_over() - let a reservation hold what another one of the CPU held
 * @to: holds nothing
 * @from: afterwards holds nothing; its event is disabled and stays so
 *
 * Nobody can take the slot in between.
 *
 * Context: task context, may sleep.
 */
void hwbp_hand_over(struct hw_breakpoint_reservation *to,
		    struct hw_breakpoint_reservation *from)
{
	guard(mutex)(&hwbp_raise_lock);
	hand_over(to, from);
}

/**
 * hwbp_takes_over() - the handler of an event that takes a reservation over
 * @bp: event of a CPU, created disabled; its handler's context is the reservation that it shall
 *	have instead of one of its own, if that holds a slot
 * @data: not used
 * @regs: not used
 *
 * It is never called: whoever creates such an event gives it its own handler before it is
 * enabled.
 */
void hwbp_takes_over(struct perf_event *bp, struct perf_sample_data *data,
		     struct pt_regs *regs)
{
	WARN_ON_ONCE(1);
}

/**
 * hwbp_prepare_move() - let an event hold a slot of another type as well
 * @bp: the event; nothing happens when it holds none
 * @type: TYPE_INST or TYPE_DATA
 *
 * hwbp_finish_move() or hwbp_cancel_move() gives one of the two back.
 *
 * Context: if @type is not the type that the event has, task context, may sleep; nobody else
 * changes the event's type meanwhile. Otherwise any.
 * Return: 0, or -ENOSPC, and then the event holds what it held.
 */
int hwbp_prepare_move(struct perf_event *bp, int type)
{
	struct hw_breakpoint_reservation *res = hwbp_reservation(bp);

	if (res->type == type)
		return 0;
	guard(mutex)(lock_of(res));
	return prepare_move(res, type);
}

static void finish(struct hw_breakpoint_reservation *res, bool move)
{
	if (!res->moving)
		return;
	scoped_guard(mutex, lock_of(res)) {
		end_move(res, move);
		if (hwbp_debuggers_present())
			fell(res);
	}
	if (hwbp_debuggers_present())
		hwbp_retry_missing();
}

/**
 * hwbp_finish_move() - the event has left its old slot
 * @bp: event that hwbp_prepare_move() was called for
 *
 * Context: as hwbp_prepare_move().
 */
void hwbp_finish_move(struct perf_event *bp)
{
	finish(hwbp_reservation(bp), true);
}

/**
 * hwbp_cancel_move() - the event keeps its old slot
 * @bp: event that hwbp_prepare_move() was called for
 *
 * Context: as hwbp_prepare_move().
 */
void hwbp_cancel_move(struct perf_event *bp)
{
	finish(hwbp_reservation(bp), false);
}

/* ---- for the tables ---- */

/**
 * hwbp_next_of_cpu() - go through the reservations of a CPU's own events
 * @cpu: the CPU
 * @last: number of the last one, or U64_MAX for the first
 *
 * No CPU has more events of its own than slots, so a call passes over no more than that.
 *
 * Context: any, NMI included, with the RCU read lock held.
 * Return: the next one, or NULL. A reservation that is given back meanwhile may be returned or
 * not; none is returned twice.
 */
struct hw_breakpoint_reservation *hwbp_next_of_cpu(int cpu, u64 last)
{
	return hwbp_next_in(per_cpu_ptr(&cpu_lists, cpu), last);
}

/**
 * hwbp_visit_cpu() - the same, all at once
 * @cpu: the CPU
 * @visit: called for each; says false when it wants no more
 * @data: for @visit
 *
 * Context: as hwbp_next_of_cpu().
 * Return: false if @visit wants no more.
 */
bool hwbp_visit_cpu(int cpu, hwbp_visit_fn visit, void *data)
{
	return hwbp_visit(per_cpu_ptr(&cpu_lists, cpu), visit, data);
}

/* ---- public ---- */

static bool type_is_used(int type)
{
	int cpu;

	if (!hwbp_level_is_empty(HWBP_ANYWHERE, type) || hwbp_pinned_on(HWBP_ANYWHERE, type))
		return true;
	for_each_possible_cpu(cpu) {
		if (!hwbp_level_is_empty(cpu, type))
			return true;
	}
	return false;
}

/**
 * hw_breakpoint_is_used() - does anybody hold a reservation?
 *
 * Context: task context, may sleep; reads every CPU's counts, for tests.
 * Return: true if so.
 */
bool hw_breakpoint_is_used(void)
{
	bool used = false;
	int type;

	guard(mutex)(&hwbp_raise_lock);
	for (type = 0; type < TYPE_MAX; type++)
		used |= type_is_used(type);
	return used;
}

/**
 * hwbp_account_init() - learn how many slots of each type every CPU has
 *
 * Called before the PMU is registered, and again when the CPUs of the boot are
 * up: they may have fewer slots in common than the first one has.
 *
 * Context: task context, boot.
 * Return: 0, or -E2BIG for more slots of a type than HWBP_MAX_PER_TYPE.
 */
int __init hwbp_account_init(void)
{
	int type;

	for (type = 0; type < TYPE_MAX; type++) {
		hwbp_totals[type].slots = hw_breakpoint_slots(type);
		if (WARN_ON(hwbp_totals[type].slots > HWBP_MAX_PER_TYPE))
			return -E2BIG;
	}
	return 0;
}
core_initcall(hwbp_account_init);
