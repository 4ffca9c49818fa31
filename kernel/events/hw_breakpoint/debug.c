// SPDX-License-Identifier: GPL-2.0
/*
 * Breakpoints of debuggers.
 *
 * No lock is taken and nothing is waited for: a debugger may have stopped the
 * machine anywhere, in this layer too. account.c says who may have a slot, by one
 * word per CPU; slots.c gives each CPU its slots. Here is what lies between: which
 * breakpoints a CPU has, and what they watch.
 *
 *	free		holds nothing
 *	reserved	holds a slot on each of its CPUs, watches
 *			nothing					hw_breakpoint_debug_reserve(),
 *								hw_breakpoint_debug_clear()
 *	set		watches something			hw_breakpoint_debug_set()
 *	free						hw_breakpoint_debug_release()
 *
 * What has changed is in the registers of the CPU that changed it on return, or if
 * it has interrupted their being written, when that is through. Other CPUs are sent
 * an interrupt; a debugger that has them stopped has each call
 * hw_breakpoint_debug_sync() on its way out.
 */

#define pr_fmt(fmt) "hw_breakpoint: " fmt

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/hw_breakpoint.h>
#include <linux/hw_breakpoint_debug.h>
#include <linux/irq_work.h>
#include <linux/irqflags.h>
#include <linux/kprobes.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/smp.h>
#include <linux/string.h>

#include <trace/events/hw_breakpoint.h>

#include "internal.h"

static void follow(struct irq_work *work);
static void tell_others(struct irq_work *work);

/**
 * struct hwbp_debug_cpu - what debuggers have on a CPU
 * @used: the places in @bp that somebody has, who alone writes there, on any CPU
 * @bp: their breakpoints, in no order; NULL where there is none
 * @changes: how often @bp has changed, see list:A
 * @lost: whom slots were taken from last, each at its number modulo HWBP_NR_SLOTS
 * @nr_lost: how many there have been
 * @nr_told: how many of them have been reported
 * @taken: slots were taken that perf has not got back, or it was refused one
 * @tell: tells the other CPUs that something has changed
 * @follow: sees to it here, asked by any CPU
 * @settle: the same, asked by this CPU: @follow may have been claimed by another one
 *	whose interrupt takes long, and here an event counts nothing meanwhile
 *
 * All but @used, @bp and @changes is written by the CPU itself, with interrupts off or in an
 * NMI.
 */
struct hwbp_debug_cpu {
	atomic_t			used;
	struct hw_breakpoint_debug	*bp[HWBP_NR_SLOTS];
	atomic_t			changes;
	struct hw_breakpoint_holder	lost[HWBP_NR_SLOTS];
	unsigned int			nr_lost;
	unsigned int			nr_told;
	bool				taken;
	struct irq_work			tell;
	struct irq_work			follow;
	struct irq_work			settle;
};

static DEFINE_PER_CPU(struct hwbp_debug_cpu, hwbp_debug_cpu) = {
	.tell	= IRQ_WORK_INIT_HARD(tell_others),
	.follow	= IRQ_WORK_INIT_HARD(follow),
	.settle	= IRQ_WORK_INIT_HARD(follow),
};

/* ---- which breakpoints a CPU has ---- */

/**
 * hwbp_debugger_at() - a breakpoint that debuggers have on a CPU
 * @cpu: the CPU
 * @i: less than HWBP_NR_SLOTS
 *
 * Context: any.
 * Return: the breakpoint, or NULL.
 */
struct hw_breakpoint_debug *hwbp_debugger_at(int cpu, int i)
{
	return READ_ONCE(per_cpu(hwbp_debug_cpu, cpu).bp[i]);
}
NOKPROBE_SYMBOL(hwbp_debugger_at);

/**
 * hwbp_debuggers() - the breakpoints that debuggers have on this CPU at one moment
 * @list: filled: HWBP_NR_SLOTS of them, NULL where there is none
 *
 * Nobody is found beside one who had to go before he could come. So there is a slot
 * for each, and for each event of perf's here, unless some were taken.
 *
 * Looks again if the list has changed meanwhile, which is as often as debuggers come
 * and go.
 *
 * Context: interrupts off, or NMI.
 */
void hwbp_debuggers(struct hw_breakpoint_debug **list)
{
	const struct hwbp_debug_cpu *d = this_cpu_ptr(&hwbp_debug_cpu);
	int changes, i;

	do {
		/* list:B, pairs with list:A */
		changes = atomic_read_acquire(&d->changes);
		for (i = 0; i < HWBP_NR_SLOTS; i++)
			list[i] = READ_ONCE(d->bp[i]);
		smp_rmb();	/* list:B */
	} while (atomic_read(&d->changes) != changes);
}
NOKPROBE_SYMBOL(hwbp_debuggers);

/**
 * hwbp_debugger_data() - would a breakpoint there hit what a commit reads here?
 * @addr: first byte
 * @end: last byte
 *
 * Context: any.
 * Return: true if the range overlaps what debuggers have on some CPU.
 */
bool hwbp_debugger_data(unsigned long addr, unsigned long end)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		unsigned long d = (unsigned long)per_cpu_ptr(&hwbp_debug_cpu, cpu);

		if (end >= d && addr < d + sizeof(struct hwbp_debug_cpu))
			return true;
	}
	return false;
}

/* Counts a change of the list. */
static __always_inline void list_changed(struct hwbp_debug_cpu *d)
{
	/*
	 * list:A, pairs with list:B: value-returning and so a full barrier. It is
	 * counted before the claim goes, which lets somebody else come.
	 */
	atomic_fetch_inc(&d->changes);
}

/*
 * As many claims are granted as there are places, so one is free. If another debugger
 * takes it first there is another: this goes round once for each who does. What others
 * read of @bp has been written before the claim, which is a full barrier, see claims:B.
 */
static __always_inline void enter_on(int cpu, struct hw_breakpoint_debug *bp)
{
	struct hwbp_debug_cpu *d = per_cpu_ptr(&hwbp_debug_cpu, cpu);
	u32 used, place;

	do {
		used = atomic_read(&d->used);
		place = ~used & (used + 1);
		/* place:A, pairs with place:B: who had it before has left it empty */
	} while (unlikely(atomic_fetch_or_acquire(place, &d->used) & place));
	WRITE_ONCE(d->bp[__ffs(place)], bp);
	list_changed(d);
}

static void leave_on(int cpu, const struct hw_breakpoint_debug *bp)
{
	struct hwbp_debug_cpu *d = per_cpu_ptr(&hwbp_debug_cpu, cpu);
	int i;

	for (i = 0; i < HWBP_NR_SLOTS && READ_ONCE(d->bp[i]) != bp; i++)
		;
	if (WARN_ON_ONCE(i == HWBP_NR_SLOTS))
		return;
	WRITE_ONCE(d->bp[i], NULL);
	list_changed(d);
	/* place:B, pairs with place:A: after the full barrier of list:A */
	atomic_andnot(BIT(i), &d->used);
}

static void enter_on_all(struct hw_breakpoint_debug *bp)
{
	int cpu;

	for_each_possible_cpu(cpu)
		enter_on(cpu, bp);
}

static __always_inline void enter(struct hw_breakpoint_debug *bp)
{
	if (bp->cpu == HW_BREAKPOINT_ALL_CPUS)
		enter_on_all(bp);
	else
		enter_on(bp->cpu, bp);
}

static void leave_all(const struct hw_breakpoint_debug *bp)
{
	int cpu;

	for_each_possible_cpu(cpu)
		leave_on(cpu, bp);
}

static void leave(const struct hw_breakpoint_debug *bp)
{
	if (bp->cpu == HW_BREAKPOINT_ALL_CPUS)
		leave_all(bp);
	else
		leave_on(bp->cpu, bp);
}

/* ---- what they watch ---- */

/*
 * The CPU that changes it may itself be interrupted by one that reads it, so there
 * are two copies, and the one in use is never written to.
 */
static void watch(struct hw_breakpoint_debug *bp,
		  const struct hw_breakpoint_aim *aim)
{
	unsigned int next = bp->generation + 1;

	/* not before everybody knows that the last one is the latest */
	smp_wmb();	/* watch:C, pairs with watch:B */
	bp->aims[next & 1] = *aim;
	/* watch:A, pairs with watch:B */
	smp_store_release(&bp->generation, next);
}

/**
 * hwbp_debugger_aim() - what does a debugger's breakpoint watch?
 * @bp: the breakpoint; it has not been freed
 * @aim: filled
 *
 * Looks again if it has changed meanwhile, which is as often as the debugger
 * changes it.
 *
 * Context: any.
 * Return: true if it watches anything.
 */
bool hwbp_debugger_aim(const struct hw_breakpoint_debug *bp,
		       struct hw_breakpoint_aim *aim)
{
	unsigned int generation;

	do {
		/* watch:B, pairs with watch:A */
		generation = smp_load_acquire(&bp->generation);
		/* if it is being written again this is done again */
		*aim = data_race(bp->aims[generation & 1]);
		smp_rmb();	/* watch:B, pairs with watch:C, too */
	} while (READ_ONCE(bp->generation) != generation);
	return aim->type != HW_BREAKPOINT_EMPTY;
}
NOKPROBE_SYMBOL(hwbp_debugger_aim);

/* ---- letting CPUs know ---- */

static void tell_of(const struct hw_breakpoint_holder *h)
{
	trace_hwbp_taken(h);
	pr_warn_ratelimited("CPU %d: a debugger has taken the slot of %s's event for task %d, address %#llx\n",
			    smp_processor_id(), h->comm, h->pid, h->addr);
}

/*
 * Tells who has lost slots, and lets perf schedule with what is left. An NMI may take
 * more meanwhile; that is seen to here or asked for again.
 */
static void settle_with_perf(struct hwbp_debug_cpu *d)
{
	unsigned int lost;

	WRITE_ONCE(d->taken, false);
	barrier();	/* an NMI that takes after this sets it, and has us called again */
	lost = READ_ONCE(d->nr_lost);
	if (lost - d->nr_told > HWBP_NR_SLOTS)
		d->nr_told = lost - HWBP_NR_SLOTS;
	for (; d->nr_told != lost; d->nr_told++)
		tell_of(&d->lost[d->nr_told % HWBP_NR_SLOTS]);
	if (hwbp_overdrawn(smp_processor_id()))
		WRITE_ONCE(d->taken, true);
	/* of every PMU: a breakpoint may be in the group of another one's event */
	perf_pmu_resched(NULL);
}

static void follow(struct irq_work *work)
{
	struct hwbp_debug_cpu *d = this_cpu_ptr(&hwbp_debug_cpu);
	unsigned long flags;

	local_irq_save(flags);
	hwbp_sync_debuggers();
	if (d->taken)
		settle_with_perf(d);
	local_irq_restore(flags);
}

/* From an NMI another CPU cannot be sent anything; from an interrupt it can. */
static void tell_others(struct irq_work *work)
{
	int cpu;

	for_each_online_cpu(cpu)
		irq_work_queue_on(per_cpu_ptr(&hwbp_debug_cpu.follow, cpu), cpu);
}

/* Before there are other CPUs there may be no interrupts either. */
static void changed(const struct hw_breakpoint_debug *bp)
{
	unsigned long flags;

	local_irq_save(flags);
	hwbp_sync_debuggers();
	if (num_online_cpus() > 1 || this_cpu_read(hwbp_debug_cpu.taken))
		irq_work_queue(this_cpu_ptr(&hwbp_debug_cpu.tell));
	local_irq_restore(flags);
}

/**
 * hwbp_report_taken() - perf loses a slot of this CPU
 * @bp: event that has the slot, or was to have it
 *
 * Context: interrupts off, or NMI.
 */
void hwbp_report_taken(const struct perf_event *bp)
{
	struct hwbp_debug_cpu *d = this_cpu_ptr(&hwbp_debug_cpu);

	WRITE_ONCE(d->taken, true);
	hwbp_holder(bp, &d->lost[d->nr_lost % HWBP_NR_SLOTS]);
	WRITE_ONCE(d->nr_lost, d->nr_lost + 1);
	irq_work_queue(&d->settle);
}
NOKPROBE_SYMBOL(hwbp_report_taken);

/**
 * hwbp_look_again() - this CPU has to look at debuggers' wishes once more
 *
 * Context: interrupts off, or NMI.
 */
void hwbp_look_again(void)
{
	irq_work_queue(this_cpu_ptr(&hwbp_debug_cpu.settle));
}
NOKPROBE_SYMBOL(hwbp_look_again);

/**
 * hwbp_report_missing() - perf does without a slot of this CPU that it was promised
 *
 * A debugger has taken it, perhaps while it was free. As soon as he gives one back
 * perf is asked to schedule again.
 *
 * Context: interrupts off.
 */
void hwbp_report_missing(void)
{
	struct hwbp_debug_cpu *d = this_cpu_ptr(&hwbp_debug_cpu);

	WRITE_ONCE(d->taken, true);
	barrier();	/* who gives a slot back after this tells perf */
	if (!hwbp_overdrawn(smp_processor_id()))
		irq_work_queue(&d->settle);
}
NOKPROBE_SYMBOL(hwbp_report_missing);

/**
 * hwbp_report_pause() - perf does without a slot of this CPU for a moment
 *
 * It is asked to schedule again at once.
 *
 * Context: interrupts off.
 */
void hwbp_report_pause(void)
{
	struct hwbp_debug_cpu *d = this_cpu_ptr(&hwbp_debug_cpu);

	WRITE_ONCE(d->taken, true);
	irq_work_queue(&d->settle);
}
NOKPROBE_SYMBOL(hwbp_report_pause);

/**
 * hwbp_missing() - has perf been left without a slot that it was promised?
 *
 * Context: interrupts off.
 * Return: true since then, until it has scheduled when no debugger has any of them.
 */
bool hwbp_missing(void)
{
	return this_cpu_read(hwbp_debug_cpu.taken);
}

/**
 * hwbp_retry_missing() - perf wants less than it did
 *
 * Where a debugger has left an event without a slot there may be one for it now.
 *
 * Context: any but NMI.
 */
void hwbp_retry_missing(void)
{
	unsigned long flags;
	int cpu;

	local_irq_save(flags);
	for_each_online_cpu(cpu) {
		if (READ_ONCE(per_cpu(hwbp_debug_cpu.taken, cpu)))
			irq_work_queue_on(per_cpu_ptr(&hwbp_debug_cpu.follow, cpu), cpu);
	}
	local_irq_restore(flags);
}

/* ---- for debuggers ---- */

/* It watches nothing: it is new, or hw_breakpoint_debug_release() has seen to that. */
static int reserve(struct hw_breakpoint_debug *bp, int cpu, unsigned int type,
		   unsigned int flags)
{
	if (bp->held)
		return -EBUSY;
	if (!type || type & ~HW_BREAKPOINT_INVALID || flags & ~HW_BREAKPOINT_TAKE)
		return -EINVAL;
	if (cpu != HW_BREAKPOINT_ALL_CPUS &&
	    ((unsigned int)cpu >= nr_cpu_ids || !cpu_possible(cpu)))
		return -EINVAL;

	bp->cpu = cpu;
	bp->pool = hwbp_type(type);
	if (hwbp_claim(cpu, bp->pool, flags))
		return -ENOSPC;
	bp->held = true;
	enter(bp);
	return 0;
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
 * It is refused only for want of a slot, never because somebody holds a lock; a
 * task that is about to reserve the last slot may have it, or may be refused, but
 * not both have. With HW_BREAKPOINT_TAKE only other debuggers' slots count: those
 * of perf are taken when the breakpoint is set, of flexible events first. perf is
 * told and the loss is logged as soon as the CPU takes interrupts; such events do
 * not count (PERF_FORMAT_TOTAL_TIME_RUNNING stands still) until the slot is
 * released.
 *
 * Steps: one atomic operation and a few reads for each CPU; and at most as many
 * again to take back what was claimed, and to enter @bp in each CPU's list. On x86_64
 * that is at most 129 instructions for one CPU, 107 with HW_BREAKPOINT_TAKE, and 126
 * for each of four; on arm64 with LSE atomics 149, 123 and 120. Counted by ./run check
 * reserve. An interruption by another debugger, who takes the same place there, adds a
 * look for the next place.
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

static int set(struct hw_breakpoint_debug *bp, struct hw_breakpoint_aim *aim)
{
	struct arch_hw_breakpoint hw = { };
	int err;

	if (!bp->held || bp->pool != hwbp_type(aim->type))
		return -EINVAL;
	err = hwbp_parse_debugger(aim, &hw);
	if (err)
		return err;
	arch_hwbp_encode(&hw, &aim->image);
	watch(bp, aim);
	changed(bp);
	return 0;
}

/**
 * hw_breakpoint_debug_set() - let a debugger's breakpoint watch something
 * @bp: breakpoint that holds slots
 * @addr: first byte
 * @len: number of bytes; of no concern for HW_BREAKPOINT_X
 * @type: HW_BREAKPOINT_X, _R, _W or _RW, of the pool that was reserved
 *
 * reserved or set -> set. The same addresses are refused as for everybody, those
 * that the exception entry and this layer need themselves among them; and those of
 * user space, where every process would hit it.
 *
 * Context: any, NMI included. Looks at the lists of functions that must not be
 * probed, so the number of steps has no bound that could be stated.
 * Return: 0; -EINVAL; -EOPNOTSUPP for a range that this CPU cannot watch. After an
 * error it watches what it did before.
 */
int hw_breakpoint_debug_set(struct hw_breakpoint_debug *bp, unsigned long addr,
			    unsigned int len, unsigned int type)
{
	struct hw_breakpoint_aim aim = { .addr = addr, .len = len, .type = type };
	int ret = set(bp, &aim);

	trace_hwbp_debug_set(bp, ret);
	return ret;
}
EXPORT_SYMBOL_GPL(hw_breakpoint_debug_set);

/**
 * hw_breakpoint_debug_clear() - let a debugger's breakpoint watch nothing
 * @bp: breakpoint; nothing happens if it holds no slots
 *
 * set -> reserved
 *
 * Context: any, NMI included.
 */
void hw_breakpoint_debug_clear(struct hw_breakpoint_debug *bp)
{
	static const struct hw_breakpoint_aim nothing;

	if (!bp->held)
		return;
	watch(bp, &nothing);
	changed(bp);
	trace_hwbp_debug_clear(bp, 0);
}
EXPORT_SYMBOL_GPL(hw_breakpoint_debug_clear);

/**
 * hw_breakpoint_debug_release() - give a debugger's slots back
 * @bp: breakpoint; nothing happens if it holds none
 *
 * set or reserved -> free. The claim goes last: whoever gets the slot then finds
 * that this breakpoint has left.
 *
 * Context: any, NMI included.
 */
void hw_breakpoint_debug_release(struct hw_breakpoint_debug *bp)
{
	static const struct hw_breakpoint_aim nothing;

	if (!bp->held)
		return;
	watch(bp, &nothing);
	leave(bp);
	bp->held = false;
	hwbp_unclaim(bp->cpu, bp->pool);
	changed(bp);
	trace_hwbp_debug_release(bp, 0);
}
EXPORT_SYMBOL_GPL(hw_breakpoint_debug_release);

/**
 * hw_breakpoint_debug_sync() - let this CPU's registers follow what has been set
 *
 * For the CPUs that a debugger lets go; on others it happens by itself.
 *
 * Context: any, NMI included.
 */
void hw_breakpoint_debug_sync(void)
{
	unsigned long flags;

	local_irq_save(flags);
	hwbp_sync_debuggers();
	local_irq_restore(flags);
}
EXPORT_SYMBOL_GPL(hw_breakpoint_debug_sync);

static void sync_here(void *unused)
{
	hw_breakpoint_debug_sync();
}

/**
 * hw_breakpoint_debug_flush() - wait until all CPUs have followed
 *
 * What has been released may be freed after this. Nor does anybody look at it any more for
 * a table: see describe_on() and show_debugger().
 *
 * Context: task context, may sleep; not in the middle of CPU hotplug.
 */
void hw_breakpoint_debug_flush(void)
{
	on_each_cpu(sync_here, NULL, 1);
	synchronize_rcu();
}
EXPORT_SYMBOL_GPL(hw_breakpoint_debug_flush);

static void describe(const struct hw_breakpoint_debug *bp,
		     struct hw_breakpoint_holder *holder)
{
	struct hw_breakpoint_aim aim;

	hwbp_debugger_aim(bp, &aim);
	*holder = (struct hw_breakpoint_holder) {
		.cpu	= bp->cpu,
		.addr	= aim.addr,
		.type	= aim.type,
	};
	strscpy(holder->comm, bp->owner, sizeof(holder->comm));
}

/* What debuggers have on @cpu; what they have on all CPUs only with @all. */
static unsigned int describe_on(int cpu, int pool, bool all,
				struct hw_breakpoint_holder *holders, unsigned int max)
{
	unsigned int n = 0;
	int i;

	for (i = 0; i < HWBP_NR_SLOTS && n < max; i++) {
		const struct hw_breakpoint_debug *bp = hwbp_debugger_at(cpu, i);

		if (bp && bp->pool == pool && (all || bp->cpu != HW_BREAKPOINT_ALL_CPUS))
			describe(bp, &holders[n++]);
	}
	return n;
}

/**
 * hw_breakpoint_debug_holders() - who has the slots of a CPU?
 * @cpu: the CPU, or HW_BREAKPOINT_ALL_CPUS: of any
 * @type: HW_BREAKPOINT_X, or any of _R, _W and _RW
 * @holders: filled, debuggers first
 * @max: room there
 *
 * A snapshot. Of task contexts all are listed, not only the one that holds most.
 *
 * Context: any, NMI included; takes the RCU read lock.
 * Return: the number filled.
 */
unsigned int hw_breakpoint_debug_holders(int cpu, unsigned int type,
					 struct hw_breakpoint_holder *holders,
					 unsigned int max)
{
	unsigned int n = 0;
	bool first = true;
	int c;

	guard(rcu)();
	for_each_possible_cpu(c) {
		if (cpu != HW_BREAKPOINT_ALL_CPUS && c != cpu)
			continue;
		n += describe_on(c, hwbp_type(type), first, holders + n, max - n);
		first = false;
	}
	return n + hwbp_holders(cpu, hwbp_type(type), holders + n, max - n);
}
EXPORT_SYMBOL_GPL(hw_breakpoint_debug_holders);
