// SPDX-License-Identifier: GPL-2.0
/*
 * Accounting of hardware breakpoints: who may have how many slots.
 *
 * A reservation is the right to a slot. It is counted here before anything is
 * programmed, so that whatever has been reserved can always be installed.
 *
 * For every CPU and type of slot
 *
 *	reservations of the CPU + the most any one task context holds there
 *		+ debuggers' claims <= slots
 *
 * because one context at a time runs on a CPU, beside the CPU's own events. The
 * first two are the demand of perf, counted under a lock. Debuggers claim from any
 * context and cannot take it; see "debuggers" below.
 *
 * The unit on the task side is the perf context and not the task: it is the
 * context whose events are scheduled together, and perf swaps the contexts of
 * two tasks that were cloned from one parent instead of rescheduling their
 * events. A context keeps its reservations wherever it goes; a count kept for
 * the task would be somebody else's after the swap.
 *
 * When its task exits a context leaves the accounting: nothing of it can run any
 * more. Its events may stay open for long, and which of them it has depends on
 * the swaps before.
 *
 * A context may have events that run on any CPU and events that are bound to
 * one. It is in the histogram @everywhere with the number of the former, and,
 * only for CPUs that it has bound events on, in the CPU's histogram with the
 * sum. The first entry is a lower bound of the second, so the larger of the two
 * maxima is the most a context holds on that CPU, and nothing has to be
 * converted when a context starts or ceases to have bound events.
 */

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/rculist.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <trace/events/hw_breakpoint.h>

#include "internal.h"

/**
 * struct hw_breakpoint_account - the reservations of one task context
 * @reserved: what perf has of it
 * @refs: one of the context, and one of each event that was attached to it: when
 *	creation fails perf drops the context before the event
 * @anywhere: those of events that may run on any CPU, by type
 * @nr_bound: those of events bound to a CPU, by type
 * @bound: the same by type and CPU, at ``[type * nr_cpu_ids + cpu]``; or NULL
 *	until there is the first
 * @retired: the task has exited, what is left counts no more
 *
 * Hangs off the perf context, see hw_breakpoint_attach().
 */
struct hw_breakpoint_account {
	struct perf_reserved reserved;
	refcount_t refs;
	u32	anywhere[TYPE_MAX];
	u32	nr_bound[TYPE_MAX];
	u8	*bound;
	bool	retired;
};

/**
 * struct hwbp_cpu_account - the reservations that concern one CPU
 * @pinned: those of events of the CPU itself
 * @tasks: contexts with events bound to this CPU, by what they hold on it
 * @claims: those of debuggers; not under the lock
 */
struct hwbp_cpu_account {
	u32			pinned;
	struct hwbp_histogram	tasks;
	atomic_t		claims;
};

/*
 * Protects every count in this file but those of debuggers, the accounts, and all
 * of struct hw_breakpoint_reservation but its slot. Innermost: nothing is called
 * under it. Held for a handful of instructions; for a loop over the possible
 * CPUs only when a context mixes bound events with others, or a debugger has slots.
 */
static DEFINE_RAW_SPINLOCK(hwbp_account_lock);

/*
 * Debuggers' reservations that have begun and not been released or refused, and in
 * the upper half those of them that may yet be refused.
 */
static atomic_long_t debuggers;

#define UNDECIDED	BIT(BITS_PER_LONG / 2)

/* Those that have been refused, ever: claims came and went. */
static atomic_t withdrawn;

/* Reservations by CPU; see struct hwbp_cpu_account. */
static DEFINE_PER_CPU(struct hwbp_cpu_account, hwbp_cpu_accounts[TYPE_MAX]);

/* Contexts by the number of their events that may run on any CPU. */
static struct hwbp_histogram everywhere[TYPE_MAX];

/* CPUs by the number of reservations of their own. */
static struct hwbp_histogram cpus[TYPE_MAX];

/* Slots of each type; constant after init. */
static unsigned int capacity[TYPE_MAX] __ro_after_init;

/* All reservations of events, for the table of holders. Readers: RCU. */
static LIST_HEAD(reservations);

/*
 * The task that creates an event in the place of a reservation, and that
 * reservation; see hwbp_leave_to_next(). Written by that task alone.
 */
static struct task_struct *heir;
static struct hw_breakpoint_reservation *left_to_heir;

/* ---- counting; hwbp_account_lock is held in all of these ---- */

static struct hwbp_cpu_account *cpu_account(int cpu, int type)
{
	return per_cpu_ptr(&hwbp_cpu_accounts[type], cpu);
}

static struct hw_breakpoint_account *account_of(struct perf_reserved *reserved)
{
	return container_of(reserved, struct hw_breakpoint_account, reserved);
}

static unsigned int bound_on(const struct hw_breakpoint_account *acc, int type,
			     int cpu)
{
	return acc->nr_bound[type] ? acc->bound[type * nr_cpu_ids + cpu] : 0;
}

/* The most that any one context holds on the CPU of @ca */
static __always_inline unsigned int most_of_tasks(const struct hwbp_cpu_account *ca,
						  int type)
{
	return hwbp_histograms_max(&everywhere[type], &ca->tasks);
}

/* Fits @tasks slots for tasks beside what @cpu has of its own? */
static bool cpu_has_room(int cpu, int type, unsigned int tasks)
{
	return cpu_account(cpu, type)->pinned + tasks <= capacity[type];
}

static bool room_for_cpu_event(int cpu, int type)
{
	return cpu_has_room(cpu, type, most_of_tasks(cpu_account(cpu, type), type) + 1);
}

static bool room_for_bound_event(const struct hw_breakpoint_account *acc,
				 int type, int cpu)
{
	return cpu_has_room(cpu, type, acc->anywhere[type] +
				       bound_on(acc, type, cpu) + 1);
}

/* Fits one more that runs anywhere, on each CPU, beside those that are bound? */
static noinline bool room_beside_bound(const struct hw_breakpoint_account *acc, int type)
{
	unsigned int tasks = acc->anywhere[type] + 1;
	int cpu;

	for_each_possible_cpu(cpu) {
		if (!cpu_has_room(cpu, type, tasks + bound_on(acc, type, cpu)))
			return false;
	}
	return true;
}

static __always_inline bool room_for_free_event(const struct hw_breakpoint_account *acc,
						int type)
{
	unsigned int tasks = acc->anywhere[type] + 1;

	if (hwbp_histogram_max(&cpus[type]) + tasks > capacity[type])
		return false;
	return likely(!acc->nr_bound[type]) || room_beside_bound(acc, type);
}

static bool has_room(const struct hw_breakpoint_reservation *res, int type)
{
	if (!res->account)
		return room_for_cpu_event(res->cpu, type);
	if (res->account->retired)
		return true;
	if (res->cpu >= 0)
		return room_for_bound_event(res->account, type, res->cpu);
	return room_for_free_event(res->account, type);
}

static void count_cpu_event(int cpu, int type, int n)
{
	struct hwbp_cpu_account *ca = cpu_account(cpu, type);

	hwbp_histogram_move(&cpus[type], ca->pinned, ca->pinned + n);
	WRITE_ONCE(ca->pinned, ca->pinned + n);
}

/* What a context holds on @cpu goes from @bound and @anywhere to the new two. */
static void move_on_cpu(int cpu, int type, unsigned int bound,
			unsigned int anywhere, unsigned int new_bound,
			unsigned int new_anywhere)
{
	hwbp_histogram_move(&cpu_account(cpu, type)->tasks,
			    bound ? bound + anywhere : 0,
			    new_bound ? new_bound + new_anywhere : 0);
}

static void count_bound_event(struct hw_breakpoint_account *acc, int type,
			      int cpu, int n)
{
	u8 *bound = &acc->bound[type * nr_cpu_ids + cpu];
	unsigned int anywhere = acc->anywhere[type];

	move_on_cpu(cpu, type, *bound, anywhere, *bound + n, anywhere);
	*bound += n;
	acc->nr_bound[type] += n;
}

/* On the CPUs that a context has bound events on, those that run anywhere count, too. */
static noinline void count_beside_bound(const struct hw_breakpoint_account *acc, int type,
					unsigned int anywhere, int n)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		unsigned int bound = bound_on(acc, type, cpu);

		move_on_cpu(cpu, type, bound, anywhere, bound, anywhere + n);
	}
}

static __always_inline void count_free_event(struct hw_breakpoint_account *acc, int type,
					     int n)
{
	unsigned int anywhere = acc->anywhere[type];

	hwbp_histogram_move(&everywhere[type], anywhere, anywhere + n);
	acc->anywhere[type] += n;
	if (unlikely(acc->nr_bound[type]))
		count_beside_bound(acc, type, anywhere, n);
}

static void count(const struct hw_breakpoint_reservation *res, int type, int n)
{
	if (!res->account)
		count_cpu_event(res->cpu, type, n);
	else if (res->account->retired)
		return;
	else if (res->cpu >= 0)
		count_bound_event(res->account, type, res->cpu, n);
	else
		count_free_event(res->account, type, n);
}

/* Takes what an account holds out of all counts. Return: the number of slots. */
static unsigned int empty_account(struct hw_breakpoint_account *acc, int type)
{
	unsigned int slots = acc->anywhere[type] + acc->nr_bound[type];
	int cpu;

	for_each_possible_cpu(cpu) {
		if (!acc->nr_bound[type])
			break;
		count_bound_event(acc, type, cpu, -bound_on(acc, type, cpu));
	}
	count_free_event(acc, type, -acc->anywhere[type]);
	return slots;
}

/* Its events remain held: they hold nothing that anybody else could have. */
static unsigned int retire_locked(struct hw_breakpoint_account *acc)
{
	unsigned int slots = 0;
	int type;

	lockdep_assert_held(&hwbp_account_lock);
	for (type = 0; type < TYPE_MAX; type++)
		slots += empty_account(acc, type);
	acc->retired = true;
	return slots;
}

/*
 * ---- debuggers ----
 *
 * A debugger claims slots from an NMI, perhaps in the middle of anything above, or
 * while another CPU is. Both sides publish first and look at the other's after a
 * full barrier: a debugger its claims by CPU, each a single word, the task side its
 * counts, of which each is a word, too, that never shows less than is held. So of
 * two that want the last slot one at least sees the other and takes back what it
 * has published. The task side then tries again until it is clear who stays.
 *
 * Before that both look whether there is any hope. What is published is seen by the
 * other side though it may be taken back, and it is refused for it: no NMI shall be
 * refused for somebody on its own CPU who cannot be granted anything.
 */

/* The most that perf may want at one time. */
static __always_inline unsigned int demand(const struct hwbp_cpu_account *ca, int type)
{
	return READ_ONCE(ca->pinned) + most_of_tasks(ca, type);
}

/*
 * Does a reservation raise the demand on @cpu? Where others hold as much as its
 * context does with it, it does not. @counted: the context's count has it already.
 */
static bool raises_demand(const struct hw_breakpoint_reservation *res, int type,
			  int cpu, bool counted)
{
	const struct hwbp_cpu_account *ca = cpu_account(cpu, type);
	unsigned int most = most_of_tasks(ca, type);
	unsigned int n;

	if (!res->account)
		return true;
	n = res->account->anywhere[type] + bound_on(res->account, type, cpu);
	if (!counted)
		return n == most;
	return n == most &&
	       everywhere[type].count[n] + ca->tasks.count[n] == 1;
}

static bool fits(const struct hw_breakpoint_reservation *res, int type, int cpu,
		 bool counted)
{
	const struct hwbp_cpu_account *ca = cpu_account(cpu, type);
	unsigned int others = atomic_read(&ca->claims) + !counted;

	return !raises_demand(res, type, cpu, counted) ||
	       demand(ca, type) + others <= capacity[type];
}

static noinline bool fits_beside_claims(const struct hw_breakpoint_reservation *res,
					int type, bool counted)
{
	int cpu;

	if (res->account && res->account->retired)
		return true;
	if (res->cpu >= 0)
		return fits(res, type, res->cpu, counted);
	for_each_possible_cpu(cpu) {
		if (!fits(res, type, cpu, counted))
			return false;
	}
	return true;
}

static __always_inline bool
fits_beside_debuggers(const struct hw_breakpoint_reservation *res, int type, bool counted)
{
	return likely(!atomic_long_read(&debuggers)) || fits_beside_claims(res, type, counted);
}

/*
 * Might a claim that was seen not have lasted? @seen: what @withdrawn was before.
 * The debugger takes its claims back, then counts itself withdrawn, and then ceases
 * to be undecided; here it is looked for in the same order.
 */
static bool claims_moved(int seen)
{
	smp_rmb();	/* withdrawn:A, pairs with withdrawn:B */
	if (atomic_long_read_acquire(&debuggers) >= UNDECIDED) {
		cpu_relax();
		return true;
	}
	return atomic_read(&withdrawn) != seen;
}

/* Counts a reservation that there is room for as far as perf is concerned. */
static bool count_beside_debuggers(const struct hw_breakpoint_reservation *res,
				   int type)
{
	int seen;

	do {
		seen = atomic_read_acquire(&withdrawn);
		if (!fits_beside_debuggers(res, type, false))
			continue;
		count(res, type, 1);
		smp_mb();	/* claims:A, pairs with claims:B */
		if (fits_beside_debuggers(res, type, true))
			return true;
		count(res, type, -1);
	} while (claims_moved(seen));
	return false;
}

/* Also before init, for a debugger that the boot waits for. */
static unsigned int slots_of(int type)
{
	return capacity[type] ?: hw_breakpoint_slots(type);
}

/**
 * struct hwbp_claim - what a debugger wants, of each CPU
 * @type: TYPE_INST or TYPE_DATA
 * @flags: HW_BREAKPOINT_TAKE: what perf wants does not matter
 * @slots: how many there are
 */
struct hwbp_claim {
	int		type;
	unsigned int	flags;
	unsigned int	slots;
};

/* Is there room beside @others, the claims of other debuggers? */
static __always_inline bool room_beside(const struct hwbp_claim *claim,
					const struct hwbp_cpu_account *ca,
					unsigned int others)
{
	if (!(claim->flags & HW_BREAKPOINT_TAKE))
		others += demand(ca, claim->type);
	return others < claim->slots;
}

static __always_inline bool may_claim(const struct hwbp_claim *claim,
				      const struct hwbp_cpu_account *ca)
{
	return room_beside(claim, ca, atomic_read(&ca->claims));
}

/* Return: 0; -ENOSPC, and then the claim has been made, too. */
static __always_inline int make_claim(const struct hwbp_claim *claim,
				      struct hwbp_cpu_account *ca)
{
	/* claims:B: value-returning and so a full barrier; pairs with claims:A */
	return room_beside(claim, ca, atomic_fetch_inc(&ca->claims)) ? 0 : -ENOSPC;
}

static __always_inline void unclaim(int cpu, int type)
{
	atomic_dec(&cpu_account(cpu, type)->claims);
}

/*
 * Between begin_claims() and end_claims() claims are made that may not last. A task
 * that waits for the decision does not let the debugger go on, so interrupts are off.
 */
static __always_inline void begin_claims(void)
{
	atomic_long_add(UNDECIDED + 1, &debuggers);
}

static __always_inline void end_claims(int refused)
{
	if (refused) {
		atomic_long_dec(&debuggers);
		smp_mb__before_atomic();	/* withdrawn:B, pairs with withdrawn:A */
		atomic_inc(&withdrawn);
	}
	smp_mb__before_atomic();	/* withdrawn:B, pairs with withdrawn:A */
	atomic_long_sub(UNDECIDED, &debuggers);
}

static __always_inline int claim_one(const struct hwbp_claim *claim, int cpu)
{
	struct hwbp_cpu_account *ca = cpu_account(cpu, claim->type);
	unsigned long flags;
	int err;

	if (!may_claim(claim, ca))
		return -ENOSPC;
	local_irq_save(flags);
	begin_claims();
	err = make_claim(claim, ca);
	if (err)
		unclaim(cpu, claim->type);
	end_claims(err);
	local_irq_restore(flags);
	return err;
}

static bool may_claim_all(const struct hwbp_claim *claim)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		if (!may_claim(claim, cpu_account(cpu, claim->type)))
			return false;
	}
	return true;
}

static void unclaim_up_to(int last, int type)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		if (cpu <= last)
			unclaim(cpu, type);
	}
}

/*
 * In ascending order, so that of two debuggers that want all CPUs the one that
 * comes first on the first CPU is not refused for the other's sake.
 */
static int claim_each(const struct hwbp_claim *claim)
{
	int cpu, err;

	for_each_possible_cpu(cpu) {
		err = make_claim(claim, cpu_account(cpu, claim->type));
		if (!err)
			continue;
		unclaim_up_to(cpu, claim->type);
		return err;
	}
	return 0;
}

static noinline int claim_all(int type, unsigned int flags, unsigned int slots)
{
	const struct hwbp_claim claim = { type, flags, slots };
	unsigned long irq_flags;
	int err;

	if (!may_claim_all(&claim))
		return -ENOSPC;
	local_irq_save(irq_flags);
	begin_claims();
	err = claim_each(&claim);
	end_claims(err);
	local_irq_restore(irq_flags);
	return err;
}

static __always_inline int claim(int cpu, int type, unsigned int flags,
				 unsigned int slots)
{
	const struct hwbp_claim claim = { type, flags, slots };

	if (cpu == HW_BREAKPOINT_ALL_CPUS)
		return claim_all(type, flags, slots);
	return claim_one(&claim, cpu);
}

/* Apart, or registers would be saved for the call each time. */
static noinline int claim_before_init(int cpu, int type, unsigned int flags)
{
	return claim(cpu, type, flags, hw_breakpoint_slots(type));
}

/**
 * hwbp_claim() - reserve for a debugger
 * @cpu: CPU that is possible, or HW_BREAKPOINT_ALL_CPUS
 * @type: TYPE_INST or TYPE_DATA
 * @flags: HW_BREAKPOINT_TAKE: what perf wants does not matter, only what other debuggers
 *	have; or 0
 *
 * All or none. Takes no lock and waits for nothing.
 *
 * Context: any, NMI included.
 * Return: 0, or -ENOSPC: a CPU has no slot left.
 */
int hwbp_claim(int cpu, int type, unsigned int flags)
{
	if (unlikely(!capacity[type]))
		return claim_before_init(cpu, type, flags);
	return claim(cpu, type, flags, capacity[type]);
}

/**
 * hwbp_unclaim() - give back what hwbp_claim() has granted
 * @cpu: as then
 * @type: as then
 *
 * Context: any, NMI included.
 */
void hwbp_unclaim(int cpu, int type)
{
	if (cpu == HW_BREAKPOINT_ALL_CPUS)
		unclaim_up_to(nr_cpu_ids, type);
	else
		unclaim(cpu, type);
	atomic_long_dec(&debuggers);
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
		const struct hwbp_cpu_account *ca = cpu_account(cpu, type);

		if (demand(ca, type) + atomic_read(&ca->claims) > slots_of(type))
			return true;
	}
	return false;
}

/**
 * hw_breakpoint_was_taken() - is it a debugger's doing that an event does not fit?
 * @event: event of a group that perf could not schedule on this CPU
 *
 * Then the group waits, pinned or not, and is not in error. Whether the debugger is
 * still there does not matter: he may have gone while perf went on to this.
 *
 * Context: interrupts off, with the lock of the event's context held.
 * Return: true if perf was left without a slot of this CPU that it was promised.
 */
bool hw_breakpoint_was_taken(struct perf_event *event)
{
	return hwbp_missing();
}

/* ---- states of a reservation ---- */

/* free -> held */
static int reserve_locked(struct hw_breakpoint_reservation *res, int type)
{
	lockdep_assert_held(&hwbp_account_lock);
	if (res->held)
		return -EBUSY;
	if (!has_room(res, type) || !count_beside_debuggers(res, type))
		return -ENOSPC;
	res->type = type;
	res->held = true;
	return 0;
}

static void list_locked(struct hw_breakpoint_reservation *res)
{
	list_add_tail_rcu(&res->node, &reservations);
	res->listed = true;
}

static void unlist_locked(struct hw_breakpoint_reservation *res)
{
	if (res->listed)
		list_del_rcu(&res->node);
	res->listed = false;
}

/* held -> free, and free -> held in the same moment; both of one CPU */
static void inherit_locked(struct hw_breakpoint_reservation *to,
			   struct hw_breakpoint_reservation *from)
{
	lockdep_assert_held(&hwbp_account_lock);
	unlist_locked(from);
	to->cpu = from->cpu;
	to->type = from->type;
	to->held = from->held;
	from->held = false;
}

static int inherit_or_reserve(struct hw_breakpoint_reservation *res, int type)
{
	if (READ_ONCE(heir) != current || !left_to_heir->held)
		return reserve_locked(res, type);
	inherit_locked(res, left_to_heir);
	return 0;
}

/* held -> moving, which holds a slot of either pool */
static int prepare_move_locked(struct hw_breakpoint_reservation *res, int type)
{
	lockdep_assert_held(&hwbp_account_lock);
	if (!res->held || res->type == type)
		return 0;
	if (!has_room(res, type) || !count_beside_debuggers(res, type))
		return -ENOSPC;
	res->next_type = type;
	res->moving = true;
	return 0;
}

/* moving -> held, in the new pool or again in the old one */
static void end_move_locked(struct hw_breakpoint_reservation *res, bool move)
{
	lockdep_assert_held(&hwbp_account_lock);
	if (!res->moving)
		return;
	count(res, move ? res->type : res->next_type, -1);
	if (move)
		res->type = res->next_type;
	res->moving = false;
}

/* held or moving -> free */
static void release_locked(struct hw_breakpoint_reservation *res)
{
	lockdep_assert_held(&hwbp_account_lock);
	if (!res->held)
		return;
	end_move_locked(res, false);
	count(res, res->type, -1);
	res->held = false;
	unlist_locked(res);
}

/* ---- what the other files use ---- */

/* Of what a debugger has taken, something may now be there for perf again. */
static void demand_fell(void)
{
	if (unlikely(atomic_long_read(&debuggers)))
		hwbp_retry_missing();
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
	return capacity[type];
}

/**
 * hwbp_reserve() - count an event's right to a slot
 * @bp: event that hw_breakpoint_attach() has tied to its context
 *
 * Context: any but NMI; takes hwbp_account_lock.
 * Return: 0, or -ENOSPC when some CPU the event may run on has no slot left.
 */
int hwbp_reserve(struct perf_event *bp)
{
	struct hw_breakpoint_reservation *res = &bp->hw.reservation;
	unsigned long flags;
	int ret;

	raw_spin_lock_irqsave(&hwbp_account_lock, flags);
	ret = inherit_or_reserve(res, hwbp_type(bp->attr.bp_type));
	if (!ret)
		list_locked(res);
	raw_spin_unlock_irqrestore(&hwbp_account_lock, flags);
	trace_hwbp_reserve(bp, ret);
	return ret;
}

/**
 * hwbp_release() - give an event's right to a slot back
 * @bp: the event; nothing happens when it holds none
 *
 * Context: any but NMI; takes hwbp_account_lock. The event must have been
 * uninstalled for good.
 */
void hwbp_release(struct perf_event *bp)
{
	unsigned long flags;
	bool held;

	raw_spin_lock_irqsave(&hwbp_account_lock, flags);
	held = bp->hw.reservation.held;
	release_locked(&bp->hw.reservation);
	raw_spin_unlock_irqrestore(&hwbp_account_lock, flags);
	if (!held)
		return;
	demand_fell();
	trace_hwbp_release(bp, 0);
}

/**
 * hwbp_reserve_for_cpu() - hold a slot of a CPU that need not be online
 * @res: reservation that is not an event's
 * @cpu: the CPU, possible
 * @type: TYPE_INST or TYPE_DATA
 *
 * Context: any but NMI; takes hwbp_account_lock.
 * Return: 0, or -ENOSPC.
 */
int hwbp_reserve_for_cpu(struct hw_breakpoint_reservation *res, int cpu, int type)
{
	unsigned long flags;
	int ret;

	res->cpu = cpu;
	raw_spin_lock_irqsave(&hwbp_account_lock, flags);
	ret = reserve_locked(res, type);
	raw_spin_unlock_irqrestore(&hwbp_account_lock, flags);
	return ret;
}

/**
 * hwbp_release_reservation() - give back what hwbp_reserve_for_cpu() took
 * @res: reservation; nothing happens when it holds no slot
 *
 * Context: any but NMI; takes hwbp_account_lock.
 */
void hwbp_release_reservation(struct hw_breakpoint_reservation *res)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&hwbp_account_lock, flags);
	release_locked(res);
	raw_spin_unlock_irqrestore(&hwbp_account_lock, flags);
	demand_fell();
}

/**
 * hwbp_inherit() - let a reservation hold what another one of the CPU held
 * @to: holds nothing
 * @from: afterwards holds nothing; its event is disabled and stays so
 *
 * Nobody can take the slot in between.
 *
 * Context: any but NMI; takes hwbp_account_lock.
 */
void hwbp_inherit(struct hw_breakpoint_reservation *to,
		  struct hw_breakpoint_reservation *from)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&hwbp_account_lock, flags);
	inherit_locked(to, from);
	raw_spin_unlock_irqrestore(&hwbp_account_lock, flags);
}

/**
 * hwbp_leave_to_next() - the next event that this task creates takes over
 * @res: what it shall have instead of a reservation of its own, unless @res holds
 *	nothing; or NULL: from now on none does
 *
 * perf has no way to hand a reservation to an event that it creates.
 *
 * Context: task context. The caller lets only one task at a time do this.
 */
void hwbp_leave_to_next(struct hw_breakpoint_reservation *res)
{
	left_to_heir = res;
	WRITE_ONCE(heir, res ? current : NULL);
}

/**
 * hwbp_prepare_move() - let an event hold a slot of another type as well
 * @bp: the event; nothing happens when it holds none
 * @type: TYPE_INST or TYPE_DATA
 *
 * hwbp_finish_move() or hwbp_cancel_move() gives one of the two back.
 *
 * Context: any but NMI; takes hwbp_account_lock if the type is another one, which
 * nobody else changes meanwhile.
 * Return: 0, or -ENOSPC, and then the event holds what it held.
 */
int hwbp_prepare_move(struct perf_event *bp, int type)
{
	unsigned long flags;
	int ret;

	if (bp->hw.reservation.type == type)
		return 0;
	raw_spin_lock_irqsave(&hwbp_account_lock, flags);
	ret = prepare_move_locked(&bp->hw.reservation, type);
	raw_spin_unlock_irqrestore(&hwbp_account_lock, flags);
	return ret;
}

static void end_move(struct perf_event *bp, bool move)
{
	unsigned long flags;

	if (!bp->hw.reservation.moving)
		return;
	raw_spin_lock_irqsave(&hwbp_account_lock, flags);
	end_move_locked(&bp->hw.reservation, move);
	raw_spin_unlock_irqrestore(&hwbp_account_lock, flags);
	demand_fell();
}

/**
 * hwbp_finish_move() - the event has left its old slot
 * @bp: event that hwbp_prepare_move() was called for
 *
 * Context: any but NMI; takes hwbp_account_lock.
 */
void hwbp_finish_move(struct perf_event *bp)
{
	end_move(bp, true);
}

/**
 * hwbp_cancel_move() - the event keeps its old slot
 * @bp: event that hwbp_prepare_move() was called for
 *
 * Context: any but NMI; takes hwbp_account_lock.
 */
void hwbp_cancel_move(struct perf_event *bp)
{
	end_move(bp, false);
}

static int get_account(struct perf_event_context *ctx, int cpu,
		       struct hw_breakpoint_account **accp)
{
	struct hw_breakpoint_account *acc = ctx->reserved ? account_of(ctx->reserved) : NULL;

	if (!acc) {
		acc = kzalloc(sizeof(*acc), GFP_KERNEL_ACCOUNT);
		if (!acc)
			return -ENOMEM;
		refcount_set(&acc->refs, 1);
		acc->reserved.ops = &hwbp_reserve_ops;
		ctx->reserved = &acc->reserved;
	}
	if (cpu >= 0 && !acc->bound) {
		acc->bound = kcalloc(TYPE_MAX, nr_cpu_ids, GFP_KERNEL_ACCOUNT);
		if (!acc->bound)
			return -ENOMEM;
	}
	refcount_inc(&acc->refs);
	*accp = acc;
	return 0;
}

static void put_account(struct hw_breakpoint_account *acc)
{
	if (!acc || !refcount_dec_and_test(&acc->refs))
		return;
	kfree(acc->bound);
	kfree(acc);
}

/**
 * hw_breakpoint_attach() - reserve a slot for an event joining a context
 * @bp: event of any PMU; only breakpoints are concerned
 * @ctx: context that it is about to belong to, for good
 *
 * perf knows the context only after it has initialised the event, and until
 * then the context of the target task may still be swapped with a clone. This
 * is the first moment when it is settled, and the last when creation can fail.
 *
 * Context: task context, may sleep. perf holds ctx->mutex, or the context is a
 * child's that nobody else sees yet; either serialises the account's creation.
 * Return: 0, -ENOSPC, -ENOMEM, or -EINVAL for a CPU that cannot exist. The
 * event's destruction gives it back.
 */
int hw_breakpoint_attach(struct perf_event *bp, struct perf_event_context *ctx)
{
	struct hw_breakpoint_reservation *res = &bp->hw.reservation;
	int ret;

	/*
	 * A CPU's event that has a context already is moving to another CPU in
	 * the group of an event whose PMU does so, see
	 * perf_pmu_migrate_context(). That cannot fail; without a slot on the
	 * other CPU the event holds none from now on.
	 */
	if (bp->ctx && !ctx->task) {
		hwbp_release(bp);
		res->cpu = bp->cpu;
		hwbp_reserve(bp);
		return 0;
	}

	/* perf only compares with nr_cpu_ids. */
	if (bp->cpu >= 0 && !cpu_possible(bp->cpu))
		return -EINVAL;

	res->cpu = bp->cpu;
	/* for the tables; of a name that is just being changed it may be either's part */
	data_race(memcpy(res->comm, current->comm, sizeof(res->comm)));
	if (ctx->task) {
		ret = get_account(ctx, bp->cpu, &res->account);
		if (ret)
			return ret;
	}
	return hwbp_reserve(bp);
}

/**
 * hw_breakpoint_retire_account() - a task exits and leaves its context
 * @reserved: the context's
 *
 * The slots are free at once, not only when the last file of an event is closed.
 *
 * Context: task context, with ctx->mutex held and the context scheduled out for
 * good; takes hwbp_account_lock.
 */
void hw_breakpoint_retire_account(struct perf_reserved *reserved)
{
	unsigned int slots;

	raw_spin_lock_irq(&hwbp_account_lock);
	slots = retire_locked(account_of(reserved));
	raw_spin_unlock_irq(&hwbp_account_lock);
	demand_fell();
	trace_hwbp_retire(slots);
}

/**
 * hw_breakpoint_free_account() - a context is being freed
 * @reserved: the context's
 *
 * Context: RCU callback.
 */
void hw_breakpoint_free_account(struct perf_reserved *reserved)
{
	put_account(account_of(reserved));
}

/**
 * hwbp_detach() - an event is being destroyed
 * @bp: breakpoint event, attached or not
 *
 * Context: any but NMI.
 */
void hwbp_detach(struct perf_event *bp)
{
	hwbp_release(bp);
	put_account(bp->hw.reservation.account);
	bp->hw.reservation.account = NULL;
}

/* ---- the stock names, for kgdb of unconverted architectures ---- */

/**
 * reserve_bp_slot() - hwbp_reserve() under its historical name
 * @bp: event that has been given back with release_bp_slot()
 *
 * Context: any but NMI.
 * Return: as hwbp_reserve().
 */
int reserve_bp_slot(struct perf_event *bp)
{
	return hwbp_reserve(bp);
}

/**
 * release_bp_slot() - hwbp_release() under its historical name
 * @bp: event
 *
 * Context: any but NMI.
 */
void release_bp_slot(struct perf_event *bp)
{
	hwbp_release(bp);
}

/**
 * dbg_reserve_bp_slot() - reserve from a debugger that has stopped the machine
 * @bp: event that has been given back with release_bp_slot()
 *
 * Not in the table of holders: kgdb frees such events without releasing them. No
 * debugger of the other kind is on such an architecture, whose decision would have
 * to be waited for.
 *
 * Context: any. Never waits.
 * Return: 0, -ENOSPC, or -EBUSY when the accounting was stopped half way.
 */
int dbg_reserve_bp_slot(struct perf_event *bp)
{
	int ret;

	if (!raw_spin_trylock(&hwbp_account_lock))
		return -EBUSY;
	ret = reserve_locked(&bp->hw.reservation, hwbp_type(bp->attr.bp_type));
	raw_spin_unlock(&hwbp_account_lock);
	return ret;
}

/**
 * dbg_release_bp_slot() - release from a debugger that has stopped the machine
 * @bp: event
 *
 * Context: any. Never waits.
 * Return: 0, or -EBUSY when the accounting was stopped half way.
 */
int dbg_release_bp_slot(struct perf_event *bp)
{
	if (!raw_spin_trylock(&hwbp_account_lock))
		return -EBUSY;
	release_locked(&bp->hw.reservation);
	raw_spin_unlock(&hwbp_account_lock);
	return 0;
}

/* ---- who has them ---- */

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
		.cpu	= bp->hw.reservation.cpu,
		.addr	= READ_ONCE(bp->attr.bp_addr),
		.type	= READ_ONCE(bp->attr.bp_type),
	};
	strscpy(holder->comm, bp->hw.reservation.comm, sizeof(holder->comm));
}

static bool holds_on(const struct hw_breakpoint_reservation *res, int type,
		     int cpu)
{
	return res->type == type && (!res->account || !res->account->retired) &&
	       (res->cpu < 0 || cpu < 0 || res->cpu == cpu);
}

/**
 * hwbp_holders() - which events have reserved slots of a CPU?
 * @cpu: the CPU, or HW_BREAKPOINT_ALL_CPUS
 * @type: TYPE_INST or TYPE_DATA
 * @holders: filled
 * @max: room there
 *
 * A snapshot, like hwbp_show_holders().
 *
 * Context: any, NMI included; takes the RCU read lock.
 * Return: the number filled.
 */
unsigned int hwbp_holders(int cpu, int type, struct hw_breakpoint_holder *holders,
			  unsigned int max)
{
	struct hw_breakpoint_reservation *res;
	unsigned int n = 0;

	guard(rcu)();
	list_for_each_entry_rcu(res, &reservations, node) {
		if (n == max)
			break;
		if (holds_on(res, type, cpu))
			hwbp_holder(hwbp_reservation_event(res), &holders[n++]);
	}
	return n;
}

/* ---- debugfs ---- */

#ifdef CONFIG_DEBUG_FS
/**
 * hwbp_show_holders() - print every reservation with its holder
 * @m: where to
 *
 * Context: takes the RCU read lock. A snapshot: what changes meanwhile may be
 * shown or not, and in either state.
 */
void hwbp_show_holders(struct seq_file *m)
{
	struct hw_breakpoint_reservation *res;

	seq_puts(m, "# opener target cpu type addr len state\n");
	rcu_read_lock();
	list_for_each_entry_rcu(res, &reservations, node) {
		struct perf_event *bp = hwbp_reservation_event(res);

		hwbp_show_opener(m, bp);
		seq_printf(m, " %d %d %s %#llx %llu %s\n",
			   hwbp_event_pid(bp), res->cpu,
			   hwbp_type_name(READ_ONCE(bp->attr.bp_type)),
			   READ_ONCE(bp->attr.bp_addr),
			   READ_ONCE(bp->attr.bp_len), hwbp_state_name(bp));
	}
	rcu_read_unlock();
}

static void show_cpu(struct seq_file *m, int cpu, int type)
{
	struct hwbp_cpu_account *ca = cpu_account(cpu, type);
	unsigned int pinned, wanted, claims;

	raw_spin_lock_irq(&hwbp_account_lock);
	pinned = ca->pinned;
	wanted = demand(cpu_account(cpu, type), type);
	claims = atomic_read(&ca->claims);
	raw_spin_unlock_irq(&hwbp_account_lock);
	/* Debuggers may have taken slots that perf has promised. */
	seq_printf(m, "%d %d %u %u %u %u %u\n", cpu, type, capacity[type],
		   pinned, wanted - pinned, claims,
		   capacity[type] - min(wanted + claims, capacity[type]));
}

/**
 * hwbp_show_cpus() - print what is reserved on every CPU, and of how many
 * @m: where to
 *
 * Context: any but NMI; takes hwbp_account_lock for a line at a time.
 */
void hwbp_show_cpus(struct seq_file *m)
{
	int cpu, type;

	seq_puts(m, "# cpu pool slots cpu-events largest-task debuggers free\n");
	for_each_possible_cpu(cpu) {
		for (type = 0; type < TYPE_MAX; type++)
			show_cpu(m, cpu, type);
	}
}
#endif /* CONFIG_DEBUG_FS */

/* ---- public ---- */

static bool type_is_used(int type)
{
	int cpu;

	if (everywhere[type].used || cpus[type].used)
		return true;
	for_each_possible_cpu(cpu) {
		if (cpu_account(cpu, type)->tasks.used)
			return true;
	}
	return false;
}

/**
 * hw_breakpoint_is_used() - does anybody hold a reservation?
 *
 * Context: any but NMI; takes hwbp_account_lock and reads every CPU's counts
 * under it, for tests.
 * Return: true if so.
 */
bool hw_breakpoint_is_used(void)
{
	bool used = false;
	int type;

	raw_spin_lock_irq(&hwbp_account_lock);
	for (type = 0; type < TYPE_MAX; type++)
		used |= type_is_used(type);
	raw_spin_unlock_irq(&hwbp_account_lock);
	return used;
}

/*
 * Called before the PMU is registered, and again when the CPUs of the boot are
 * up: they may have fewer slots in common than the first one has.
 */
int __init hwbp_account_init(void)
{
	int type;

	for (type = 0; type < TYPE_MAX; type++) {
		capacity[type] = hw_breakpoint_slots(type);
		if (WARN_ON(capacity[type] > HWBP_MAX_PER_TYPE))
			return -E2BIG;
	}
	return 0;
}
core_initcall(hwbp_account_init);
