// SPDX-License-Identifier: GPL-2.0
/*
 * Debuggers' claims of slots, beside what perf wants.
 *
 * A debugger claims slots from an NMI, perhaps while a task is in the middle of account.c,
 * on this CPU or on another. It publishes its claims, a word for each CPU, and then looks
 * at what perf wants. perf publishes what it wants, see level.c, and then looks at the
 * claims. When there is room on all its CPUs the debugger is granted the claims, and takes
 * a place in the list of each. The word says how many of the claims have a place: those
 * last.
 *
 *	free		holds nothing
 *	claimed		others count it, it may be refused	make_claim()
 *	free						withdraw()
 *	granted		has a place in the CPU's list		enter_on()
 *	free						leave_on()
 *
 * Both publish first and look at the other's after a full barrier. So of two that want
 * the last slot one at least sees the other. A claim that has been granted lasts. Where there is
 * no room beside the others, perf's task looks again until each is granted or withdrawn.
 *
 * Before it publishes either side looks whether there is room at all: the other side sees what
 * is published, and may be refused for it, even if it is taken back a moment later.
 *
 * Nobody is refused because level.c assumes more than contexts hold: the level is lowered first.
 */

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/hw_breakpoint.h>
#include <linux/hw_breakpoint_debug.h>
#include <linux/irqflags.h>
#include <linux/kprobes.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/processor.h>

#include <trace/events/hw_breakpoint.h>

#include "internal.h"

/* Debuggers' reservations that have begun and not been released or refused. */
atomic_t hwbp_nr_debuggers;

/*
 * A claim is counted before it is refused. Each CPU may be in the middle of four: of a task, of
 * an exception, of an NMI, and of an exception in the NMI.
 */
static_assert(CONFIG_NR_CPUS * 4 + HWBP_MAX_PER_TYPE <= U16_MAX);

/* ---- the debugger ---- */

/**
 * struct hwbp_claim - what a debugger wants, of each CPU
 * @total: slots and what perf wants of them on all CPUs
 * @slots: how many slots there are
 * @pool: of which pool
 * @flags: HW_BREAKPOINT_TAKE: what perf wants does not matter
 */
struct hwbp_claim {
	const struct hwbp_total	*total;
	unsigned int		slots;
	int			pool;
	unsigned int		flags;
};

/*
 * There is no room on @cpu beside @claims and what contexts are assumed to hold. They may hold
 * less, so the levels are lowered before the debugger is refused. Return: as room_beside().
 */
static int room_after_all(const struct hwbp_claim *claim, int cpu, u64 claims)
{
	const struct hwbp_cpu_account *ca = hwbp_cpu_account(cpu, claim->pool);
	unsigned int others = hwbp_nr_claims(claims);

	if (others >= claim->slots)
		return -ENOSPC;
	if (claim->flags & HW_BREAKPOINT_TAKE)
		return 1;
	others += READ_ONCE(ca->pinned);
	if (others + hwbp_assumed(&claim->total->anywhere) >= claim->slots)
		hwbp_level_lower(HWBP_ANYWHERE, claim->pool);
	if (others + hwbp_assumed(&ca->bound) >= claim->slots)
		hwbp_level_lower(cpu, claim->pool);
	return others + hwbp_demand_of_tasks(claim->total, ca) < claim->slots ? 0 : -ENOSPC;
}

/*
 * Is there room on @cpu beside @claims, those of other debuggers? Return: 0; 1 where there is only
 * if the debugger takes a slot that perf seems to want; -ENOSPC.
 *
 * Inlined, as are make_claim() and enter_on(): an NMI may have to wait for a reservation, and takes
 * one itself. Of the 120 instructions of one on one CPU (x86_64, the host's build) this saves 34
 * and make_claim() 12, of the 356 on four CPUs 144 and 56. enter_on() saves 5 for each CPU, of the
 * kernel's 106.
 */
static __always_inline int room_beside(const struct hwbp_claim *claim,
				       const struct hwbp_cpu_account *ca, int cpu, u64 claims)
{
	if (likely(hwbp_nr_claims(claims) + hwbp_demand(claim->total, ca) < claim->slots))
		return 0;
	return room_after_all(claim, cpu, claims);
}

static bool may_claim(const struct hwbp_claim *claim, const struct hwbp_cpu_account *ca, int cpu)
{
	return room_beside(claim, ca, cpu, atomic64_read(&ca->claims)) >= 0;
}

/* free -> claimed, even if there is no room. Return: as room_beside(). */
static __always_inline int make_claim(const struct hwbp_claim *claim,
				      struct hwbp_cpu_account *ca, int cpu)
{
	/* claims:B: value-returning and so a full barrier; pairs with claims:A */
	return room_beside(claim, ca, cpu, atomic64_fetch_add(HWBP_CLAIM, &ca->claims));
}

/* claimed -> free */
static void withdraw(struct hwbp_cpu_account *ca)
{
	atomic64_sub(HWBP_CLAIM, &ca->claims);
}

/*
 * claimed -> granted
 *
 * The list has as many places as there are slots, so one is free. The loop is repeated once for
 * each debugger that enters or leaves the list of this CPU meanwhile. What other CPUs read of
 * @bp was written before the claim, which is a full barrier.
 */
static __always_inline void enter_on(struct hwbp_cpu_account *ca,
				     struct hw_breakpoint_debug *bp)
{
	s64 claims = atomic64_read(&ca->claims);
	u64 place;

	do {
		place = ~claims & (claims + 1);
		/*
		 * place:A, pairs with place:B: the debugger that had it before has left it empty.
		 * list:A, pairs with list:B: a full barrier.
		 */
	} while (unlikely(!atomic64_try_cmpxchg(&ca->claims, &claims,
						claims + (place | HWBP_GRANTED_ONCE))));
	WRITE_ONCE(ca->list[__ffs(place)], bp);
}

/* granted -> free */
static void leave_on(struct hwbp_cpu_account *ca, const struct hw_breakpoint_debug *bp)
{
	int i;

	for (i = 0; i < HWBP_MAX_PER_TYPE && READ_ONCE(ca->list[i]) != bp; i++)
		;
	if (WARN_ON_ONCE(i == HWBP_MAX_PER_TYPE))
		return;
	WRITE_ONCE(ca->list[i], NULL);
	/* place:B, pairs with place:A; and list:C, pairs with list:B */
	atomic64_fetch_sub_release(HWBP_CLAIM | BIT(i), &ca->claims);
}

/*
 * Interrupts are off from the first claim until the last has been granted or withdrawn: a task
 * that came in between on this CPU could wait for the decision, and not let this go on.
 * Return: as room_beside().
 */
static int claim_one(const struct hwbp_claim *claim, struct hw_breakpoint_debug *bp)
{
	struct hwbp_cpu_account *ca = hwbp_cpu_account(bp->cpu, bp->pool);
	unsigned long flags;
	int err;

	if (!may_claim(claim, ca, bp->cpu))
		return -ENOSPC;
	local_irq_save(flags);
	atomic_inc(&hwbp_nr_debuggers);
	err = make_claim(claim, ca, bp->cpu);
	if (likely(err >= 0)) {
		enter_on(ca, bp);
	} else {
		withdraw(ca);
		atomic_dec(&hwbp_nr_debuggers);
	}
	local_irq_restore(flags);
	return err;
}

static bool may_claim_all(const struct hwbp_claim *claim,
			  struct hwbp_cpu_account __percpu *accounts)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		if (!may_claim(claim, per_cpu_ptr(accounts, cpu), cpu))
			return false;
	}
	return true;
}

static void withdraw_up_to(int last, struct hwbp_cpu_account __percpu *accounts)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		if (cpu <= last)
			withdraw(per_cpu_ptr(accounts, cpu));
	}
}

/*
 * In ascending order, so that of two debuggers that want all CPUs the one that comes first on
 * the first CPU is not refused because of the other.
 */
static int claim_each(const struct hwbp_claim *claim,
		      struct hwbp_cpu_account __percpu *accounts)
{
	int cpu, err, beyond = 0;

	for_each_possible_cpu(cpu) {
		err = make_claim(claim, per_cpu_ptr(accounts, cpu), cpu);
		if (err < 0) {
			withdraw_up_to(cpu, accounts);
			return err;
		}
		beyond |= err;
	}
	return beyond;
}

static void enter_on_all(struct hw_breakpoint_debug *bp,
			 struct hwbp_cpu_account __percpu *accounts)
{
	int cpu;

	for_each_possible_cpu(cpu)
		enter_on(per_cpu_ptr(accounts, cpu), bp);
}

static int claim_all(const struct hwbp_claim *claim, struct hw_breakpoint_debug *bp)
{
	struct hwbp_cpu_account __percpu *accounts = &hwbp_cpu_accounts[bp->pool];
	unsigned long flags;
	int err;

	if (!may_claim_all(claim, accounts))
		return -ENOSPC;
	local_irq_save(flags);
	atomic_inc(&hwbp_nr_debuggers);
	err = claim_each(claim, accounts);
	if (err >= 0)
		enter_on_all(bp, accounts);
	else
		atomic_dec(&hwbp_nr_debuggers);
	local_irq_restore(flags);
	return err;
}

/*
 * A debugger has taken slots that perf seemed to want. Contexts may hold less than is assumed: the
 * levels are lowered, or a context could come to hold a slot that is taken without asking.
 */
static void lower_where_taken(const struct hw_breakpoint_debug *bp)
{
	int cpu;

	hwbp_level_lower(HWBP_ANYWHERE, bp->pool);
	for_each_possible_cpu(cpu) {
		if (bp->cpu == HW_BREAKPOINT_ALL_CPUS || bp->cpu == cpu)
			hwbp_level_lower(cpu, bp->pool);
	}
}

/* free -> granted, on all of its CPUs or on none */
static int claim(struct hw_breakpoint_debug *bp, unsigned int flags)
{
	const struct hwbp_claim claim = {
		.total	= &hwbp_totals[bp->pool],
		.slots	= hwbp_slots(bp->pool),
		.pool	= bp->pool,
		.flags	= flags,
	};
	int err;

	if (bp->cpu == HW_BREAKPOINT_ALL_CPUS)
		err = claim_all(&claim, bp);
	else
		err = claim_one(&claim, bp);
	if (unlikely(err > 0))
		lower_where_taken(bp);
	return min(err, 0);
}

/* @bp watches nothing: it is new, or hw_breakpoint_debug_release() has cleared it. */
static int reserve(struct hw_breakpoint_debug *bp, int cpu, unsigned int type,
		   unsigned int flags)
{
	int err;

	if (bp->granted)
		return -EBUSY;
	if (!type || type & ~HW_BREAKPOINT_INVALID || flags & ~HW_BREAKPOINT_TAKE)
		return -EINVAL;
	if (cpu != HW_BREAKPOINT_ALL_CPUS &&
	    ((unsigned int)cpu >= nr_cpu_ids || !cpu_possible(cpu)))
		return -EINVAL;

	bp->cpu = cpu;
	bp->pool = hwbp_type(type);
	err = claim(bp, flags);
	if (!err)
		bp->granted = true;
	return err;
}

/**
 * hw_breakpoint_debug_reserve() - reserve slots for a debugger
 * @bp: breakpoint that holds nothing
 * @cpu: CPU, or HW_BREAKPOINT_ALL_CPUS: those that are possible, for a CPU that
 *	comes online later has it from the start
 * @type: HW_BREAKPOINT_X, or any of _R, _W and _RW
 * @flags: HW_BREAKPOINT_TAKE, or 0
 *
 * free -> reserved, on all the CPUs or on none.
 *
 * It is refused only for want of a slot, never because somebody holds a lock. If a task
 * reserves the last slot at the same time, the task gets it, or the debugger, or neither of them,
 * but never both. With HW_BREAKPOINT_TAKE only other debuggers' slots count: those
 * of perf are taken when the breakpoint is set, of flexible events first. perf is
 * told and the loss is logged as soon as the CPU takes interrupts; such events do
 * not count (PERF_FORMAT_TOTAL_TIME_RUNNING stands still) until the slot is
 * released.
 *
 * Steps: two atomic operations and a few reads for each CPU. On x86_64 that is at
 * most 112 instructions for one CPU, and 118 for each of four; on arm64 with LSE
 * atomics 128 and 115, as compiled by gcc 12. Another debugger
 * that comes or goes on the same CPU meanwhile adds a look for a free place. Where perf
 * seems to want what is left, what contexts hold is counted on all CPUs first, and again, but
 * not without end, if tasks come or go meanwhile.
 *
 * Context: any, NMI included, at any time of the boot. No memory is allocated.
 * Return: 0; -ENOSPC; -EINVAL; -EBUSY if it holds slots already.
 */
int hw_breakpoint_debug_reserve(struct hw_breakpoint_debug *bp, int cpu,
				unsigned int type, unsigned int flags)
{
	int ret = reserve(bp, cpu, type, flags);

	trace_hwbp_debug_reserve(bp, ret);
	return ret;
}
EXPORT_SYMBOL_GPL(hw_breakpoint_debug_reserve);

static void leave_all(const struct hw_breakpoint_debug *bp)
{
	int cpu;

	for_each_possible_cpu(cpu)
		leave_on(hwbp_cpu_account(cpu, bp->pool), bp);
}

/**
 * hwbp_unclaim() - a debugger gives its slots back
 * @bp: breakpoint that hw_breakpoint_debug_reserve() was called for
 *
 * granted -> free. Whoever gets the slots finds that @bp has left the lists.
 *
 * Context: any, NMI included.
 */
void hwbp_unclaim(const struct hw_breakpoint_debug *bp)
{
	if (bp->cpu == HW_BREAKPOINT_ALL_CPUS)
		leave_all(bp);
	else
		leave_on(hwbp_cpu_account(bp->cpu, bp->pool), bp);
	atomic_dec(&hwbp_nr_debuggers);
}

/* ---- perf ---- */

/*
 * Is there room for @wanted slots of @cpu? Return: 0; -ENOSPC; -EAGAIN: it is not yet clear
 * whether a debugger is granted what it has claimed.
 */
static int room_for(unsigned int wanted, int cpu, int type)
{
	unsigned int slots = hwbp_totals[type].slots;
	u64 claims = atomic64_read(&hwbp_cpu_account(cpu, type)->claims);

	if (wanted + hwbp_nr_claims(claims) <= slots)
		return 0;
	return hwbp_nr_claims(claims) > hwbp_nr_granted(claims) ? -EAGAIN : -ENOSPC;
}

/*
 * If other contexts hold @n slots by the other level of @on, a context that comes to hold as many
 * by this one takes nothing from anybody. Not so while a debugger has claimed and still looks: it
 * may have read this level before it was raised, and may read the other after those contexts have
 * gone.
 */
static int fits_on(int on, int cpu, int type, unsigned int n)
{
	int err = room_for(READ_ONCE(hwbp_cpu_account(on, type)->pinned) + n, on, type);
	int other = cpu == HWBP_ANYWHERE ? on : HWBP_ANYWHERE;

	if (likely(!err) || err == -EAGAIN)
		return err;
	hwbp_level_lower(other, type);
	return n <= hwbp_level_assumed(other, type) ? 0 : err;
}

static int fits(int cpu, int type, unsigned int n)
{
	int on, err;

	if (cpu != HWBP_ANYWHERE)
		return fits_on(cpu, cpu, type, n);
	for_each_possible_cpu(on) {
		err = fits_on(on, cpu, type, n);
		if (err)
			return err;
	}
	return 0;
}

/**
 * hwbp_beside_debuggers() - have debuggers left a context so many slots?
 * @cpu: CPU that it has events bound to, or HWBP_ANYWHERE
 * @type: TYPE_INST or TYPE_DATA
 * @n: how many it holds there, or is about to
 *
 * Waits until it is clear, which is as long as debuggers take to claim slots.
 *
 * Context: task context, with hwbp_raise_lock held.
 * Return: 0, or -ENOSPC.
 */
int hwbp_beside_debuggers(int cpu, int type, unsigned int n)
{
	int err;

	if (!hwbp_debuggers_present())
		return 0;
	while ((err = fits(cpu, type, n)) == -EAGAIN)
		cpu_relax();
	return err;
}

static int fits_cpu(int cpu, int type, unsigned int own)
{
	const struct hwbp_cpu_account *ca = hwbp_cpu_account(cpu, type);
	const struct hwbp_total *total = &hwbp_totals[type];
	int err;

	err = room_for(own + hwbp_demand_of_tasks(total, ca), cpu, type);
	if (!err)
		return 0;
	hwbp_lower_demand(cpu, type);
	return room_for(own + hwbp_demand_of_tasks(total, ca), cpu, type);
}

/**
 * hwbp_cpu_beside_debuggers() - have debuggers left a CPU so many slots for its own events?
 * @cpu: the CPU
 * @type: TYPE_INST or TYPE_DATA
 * @own: how many it holds, or is about to
 *
 * Context: as hwbp_beside_debuggers().
 * Return: 0, or -ENOSPC.
 */
int hwbp_cpu_beside_debuggers(int cpu, int type, unsigned int own)
{
	int err;

	if (!hwbp_debuggers_present())
		return 0;
	while ((err = fits_cpu(cpu, type, own)) == -EAGAIN)
		cpu_relax();
	return err;
}

/* ---- which breakpoints a CPU has ---- */

/**
 * hwbp_debugger_at() - a breakpoint that debuggers have on a CPU
 * @cpu: the CPU
 * @type: TYPE_INST or TYPE_DATA
 * @i: less than HWBP_MAX_PER_TYPE
 *
 * Context: any.
 * Return: the breakpoint, or NULL.
 */
struct hw_breakpoint_debug *hwbp_debugger_at(int cpu, int type, int i)
{
	return READ_ONCE(hwbp_cpu_account(cpu, type)->list[i]);
}
NOKPROBE_SYMBOL(hwbp_debugger_at);

/**
 * hwbp_debuggers() - the breakpoints that debuggers have on this CPU at one moment
 * @type: TYPE_INST or TYPE_DATA
 * @list: filled; there is room for HWBP_MAX_PER_TYPE of them
 *
 * No breakpoint is in the list beside another that had to leave before there was room for it.
 * So there is a slot for each of them, and for each event that perf has installed here, unless a
 * debugger has taken some from perf.
 *
 * Looks again if a claim has changed meanwhile, which is as often as debuggers come
 * and go.
 *
 * Context: interrupts off, or NMI.
 * Return: the number filled.
 */
unsigned int hwbp_debuggers(int type, struct hw_breakpoint_debug **list)
{
	const struct hwbp_cpu_account *ca = this_cpu_ptr(&hwbp_cpu_accounts[type]);
	unsigned int n;
	s64 claims;
	u16 left;

	do {
		/* list:B, pairs with list:A and list:C */
		claims = atomic64_read_acquire(&ca->claims);
		for (n = 0, left = claims; left; left &= left - 1) {
			/* a debugger that has just taken its place, or leaves it, is not in it */
			list[n] = READ_ONCE(ca->list[__ffs(left)]);
			n += !!list[n];
		}
		smp_rmb();	/* list:B */
	} while (atomic64_read(&ca->claims) != claims);
	return n;
}
NOKPROBE_SYMBOL(hwbp_debuggers);
