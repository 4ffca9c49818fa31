// SPDX-License-Identifier: GPL-2.0
/*
 * Breakpoints of debuggers.
 *
 * No lock is taken and nothing is waited for: a debugger may have stopped the
 * machine anywhere, in this layer too. Which debugger may have a slot is decided in claims.c,
 * and which slot of a CPU it gets in place.c. Here is what lies between: what breakpoints
 * watch, and how CPUs come to know.
 *
 *	free		holds nothing
 *	reserved	holds a slot on each of its CPUs, watches
 *			nothing					hw_breakpoint_debug_reserve(),
 *								hw_breakpoint_debug_clear()
 *	set		watches something			hw_breakpoint_debug_set()
 *	free						hw_breakpoint_debug_release()
 *
 * A change is in the registers of the CPU that makes it when the call returns; if the call has
 * interrupted a commit there, when that commit ends. The other CPUs are sent an interrupt. A
 * debugger that has stopped them has each call hw_breakpoint_debug_sync() before it goes on.
 */

#define pr_fmt(fmt) "hw_breakpoint: " fmt

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/cleanup.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/hw_breakpoint.h>
#include <linux/hw_breakpoint_debug.h>
#include <linux/init.h>
#include <linux/irq_work.h>
#include <linux/irqflags.h>
#include <linux/kprobes.h>
#include <linux/limits.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/rcupdate.h>
#include <linux/smp.h>
#include <linux/string.h>

#include <trace/events/hw_breakpoint.h>

#include "internal.h"

static void look_work(struct irq_work *work);
static void tell_others(struct irq_work *work);

/**
 * struct hwbp_debug_cpu - what debuggers have on a CPU
 * @victims: the events that slots were taken from last, each at its number modulo HWBP_NR_SLOTS
 * @nr_victims: how many there have been
 * @nr_told: how many of them have been reported
 * @missing: perf does without a slot of this CPU that it was promised, see hwbp_missing()
 * @tell: tells the other CPUs that something has changed; queued by this CPU
 * @follow: has this CPU look at what has changed; queued by any CPU
 * @look: the same, queued by this CPU alone: @follow may be queued by another CPU already,
 *	whose interrupt takes long, and meanwhile an event here counts nothing
 *
 * Written by the CPU itself, with interrupts off or in an NMI.
 */
struct hwbp_debug_cpu {
	struct hw_breakpoint_holder	victims[HWBP_NR_SLOTS];
	unsigned int			nr_victims;
	unsigned int			nr_told;
	bool				missing;
	struct irq_work			tell;
	struct irq_work			follow;
	struct irq_work			look;
};

static DEFINE_PER_CPU(struct hwbp_debug_cpu, hwbp_debug_cpu) = {
	.tell	= IRQ_WORK_INIT_HARD(tell_others),
	.follow	= IRQ_WORK_INIT_HARD(look_work),
	.look	= IRQ_WORK_INIT_HARD(look_work),
};

/* What a commit reads of them, and what else the layer has on each CPU. */
const struct hwbp_entry_data hwbp_debug_entry_data[] = {
	HWBP_PER_CPU(hwbp_debug_cpu),
	HWBP_PER_CPU(hwbp_cpu_accounts),
	HWBP_PER_CPU(hwbp_refusals),
	HWBP_PER_CPU(hwbp_writes),
	{ }
};

/* ---- what they watch ---- */

/*
 * The CPU that changes what @bp watches may be interrupted in the middle by an exception that
 * reads it. So there are two copies, and the one in use is never written.
 */
static void watch(struct hw_breakpoint_debug *bp,
		  const struct hw_breakpoint_aim *aim)
{
	unsigned int next = bp->generation + 1;

	/* whoever still reads the aim before the last, overwritten here, finds another number */
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
		/* if it is overwritten meanwhile the number is another, and this is repeated */
		*aim = data_race(bp->aims[generation & 1]);
		smp_rmb();	/* watch:B, pairs with watch:C, too */
	} while (READ_ONCE(bp->generation) != generation);
	return aim->type != HW_BREAKPOINT_EMPTY;
}
NOKPROBE_SYMBOL(hwbp_debugger_aim);

/* ---- letting CPUs know ---- */

/* Interrupts are off here, so nothing waits for a console. */
static void tell_of(const struct hw_breakpoint_holder *h)
{
	static DEFINE_RATELIMIT_STATE(seldom, DEFAULT_RATELIMIT_INTERVAL,
				      DEFAULT_RATELIMIT_BURST);

	trace_hwbp_taken(h);
	if (!__ratelimit(&seldom))
		return;
	printk_deferred(pr_fmt("CPU %d: a debugger has taken the slot of %s for task %d, at %p\n"),
			smp_processor_id(), h->comm, h->pid, (void *)(long)h->addr);
}

/*
 * Tells which events have lost slots of this CPU, and has perf schedule with what is left. An NMI
 * may take more meanwhile: they are told here, or in another call that the NMI asks for.
 */
static void resched_perf(struct hwbp_debug_cpu *d)
{
	unsigned int nr_victims;

	WRITE_ONCE(d->missing, false);
	barrier();	/* told:A, pairs with told:B in an NMI */
	nr_victims = READ_ONCE(d->nr_victims);
	if (nr_victims - d->nr_told > HWBP_NR_SLOTS)
		d->nr_told = nr_victims - HWBP_NR_SLOTS;
	for (; d->nr_told != nr_victims; d->nr_told++)
		tell_of(&d->victims[d->nr_told % HWBP_NR_SLOTS]);
	if (hwbp_overdrawn(smp_processor_id()))
		WRITE_ONCE(d->missing, true);
	/* of every PMU: a breakpoint may be in the group of another one's event */
	perf_pmu_resched(NULL);
}

static void look_work(struct irq_work *work)
{
	struct hwbp_debug_cpu *d = this_cpu_ptr(&hwbp_debug_cpu);
	unsigned long flags;

	local_irq_save(flags);
	hwbp_sync_debuggers();
	if (d->missing)
		resched_perf(d);
	local_irq_restore(flags);
}

/* In an interrupt of the CPU that made the change: an NMI cannot send other CPUs interrupts. */
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
	/* missing:B, in an NMI; pairs with missing:A, which it may have interrupted */
	if (num_online_cpus() > 1 || this_cpu_read(hwbp_debug_cpu.missing))
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

	WRITE_ONCE(d->missing, true);	/* told:B, pairs with told:A */
	hwbp_holder(bp, &d->victims[d->nr_victims % HWBP_NR_SLOTS]);
	WRITE_ONCE(d->nr_victims, d->nr_victims + 1);
	irq_work_queue(&d->look);
}
NOKPROBE_SYMBOL(hwbp_report_taken);

/**
 * hwbp_look_again() - this CPU has to look at debuggers' wishes once more
 *
 * Context: interrupts off, or NMI.
 */
void hwbp_look_again(void)
{
	irq_work_queue(this_cpu_ptr(&hwbp_debug_cpu.look));
}
NOKPROBE_SYMBOL(hwbp_look_again);

/**
 * hwbp_report_missing() - perf does without a slot of this CPU that it was promised
 *
 * A debugger has taken the slot, perhaps while it was free. As soon as a debugger gives one
 * back perf is asked to schedule again.
 *
 * Context: interrupts off.
 */
void hwbp_report_missing(void)
{
	struct hwbp_debug_cpu *d = this_cpu_ptr(&hwbp_debug_cpu);

	WRITE_ONCE(d->missing, true);
	/*
	 * missing:A, pairs with missing:B: a debugger that gives a slot back in an NMI here does so
	 * before the next look, or finds @missing.
	 *
	 * What other CPUs do needs no barrier. As long as interrupts are off here, each slot that
	 * is not free is a debugger's, or an event's that perf has installed here. A debugger that
	 * gives a slot back on another CPU has this CPU interrupted after that, and look_work()
	 * looks at @missing. A task that releases an event on another CPU has had perf uninstall it
	 * here first: by an interrupt to this CPU, or with the lock of a context that this CPU
	 * holds now. Either comes after this, so hwbp_retry_missing() finds @missing.
	 */
	barrier();
	if (!hwbp_overdrawn(smp_processor_id()))
		irq_work_queue(&d->look);
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

	WRITE_ONCE(d->missing, true);
	irq_work_queue(&d->look);
}
NOKPROBE_SYMBOL(hwbp_report_pause);

/**
 * hwbp_missing() - has perf been left without a slot that it was promised?
 *
 * Context: interrupts off.
 * Return: true from then on, until perf has scheduled while debuggers have none of its slots.
 */
bool hwbp_missing(void)
{
	return this_cpu_read(hwbp_debug_cpu.missing);
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
	int cpu;

	/* no CPU goes offline meanwhile */
	guard(preempt)();
	for_each_online_cpu(cpu) {
		if (READ_ONCE(per_cpu(hwbp_debug_cpu.missing, cpu)))
			irq_work_queue_on(per_cpu_ptr(&hwbp_debug_cpu.follow, cpu), cpu);
	}
}

/* ---- for debuggers ---- */

static int set(struct hw_breakpoint_debug *bp, struct hw_breakpoint_aim *aim)
{
	struct arch_hw_breakpoint hw = { };
	int err;

	if (!bp->granted || bp->pool != hwbp_type(aim->type))
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

	if (!bp->granted)
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
 * set or reserved -> free
 *
 * Context: any, NMI included.
 */
void hw_breakpoint_debug_release(struct hw_breakpoint_debug *bp)
{
	static const struct hw_breakpoint_aim nothing;

	if (!bp->granted)
		return;
	watch(bp, &nothing);
	hwbp_unclaim(bp);
	bp->granted = false;
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

/*
 * In the hotplug thread of @cpu. A debugger that has changed a breakpoint after @cpu had called
 * hwbp_restore(), and before @cpu was online, did not send it an interrupt.
 */
static int debug_cpu_up(unsigned int cpu)
{
	hw_breakpoint_debug_sync();
	return 0;
}

/* Before the CPUs of the boot come up: kgdb may have stopped the first one by then. */
static int __init debug_init(void)
{
	int ret = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "perf/hw_breakpoint:debug",
					    debug_cpu_up, NULL);

	return ret < 0 ? ret : 0;
}
early_initcall(debug_init);

/**
 * hw_breakpoint_debug_flush() - wait until all CPUs have followed
 *
 * A breakpoint that has been released may be freed after this: no CPU has it in a slot any more,
 * and no reader of a table looks at it, see describe_on() and show_debugger().
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

	for (i = 0; i < HWBP_MAX_PER_TYPE && n < max; i++) {
		const struct hw_breakpoint_debug *bp = hwbp_debugger_at(cpu, pool, i);

		if (bp && (all || bp->cpu != HW_BREAKPOINT_ALL_CPUS))
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
