// SPDX-License-Identifier: GPL-2.0
/*
 * The slots of a CPU: who owns them and what their registers hold.
 *
 * Each CPU has a desired set, the images of the slots that have an owner, and a
 * shadow, the images that its registers hold. hwbp_add() and hwbp_del() change the
 * desired set only. hwbp_commit() writes what differs, with the slots concerned
 * silenced by one write of the master register before and armed by one after.
 *
 * A register whose slot cannot fire is left alone: if the next owner wants what
 * it holds, nothing has to be written. Hence slots are handed out to whoever
 * wants their present content first, and otherwise from the top.
 *
 * States of a slot, each change made by the one function named:
 *
 *	free		no owner, cannot fire; registers hold anything
 *	installed	owner, registers not yet written	install(),
 *			change_slot()
 *	live		owner, registers written, may fire	commit()
 *	leaving		no owner, may still fire		uninstall()
 *	held		owner, registers written, silenced	commit(), for
 *			arch_hwbp_held()
 *	debugger's	the owner is a debugger			place()
 *
 * No breakpoint can be set on the functions that move slots between these states:
 * a hit half way would find shadow and hardware apart.
 *
 * A hit in a slot that is installed or leaving belongs to nobody. There is none
 * of either outside pmu_disable()/pmu_enable(), where interrupts are off.
 *
 * How debuggers get slots of a CPU, at any instruction of this, is in place.c.
 */

#include <linux/bitops.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/kprobes.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>

#include <trace/events/hw_breakpoint.h>

#include "internal.h"
#include "slots.h"

DEFINE_PER_CPU(struct hwbp_cpu, hwbp_cpu);

static_assert(HWBP_NR_SLOTS <= BITS_PER_TYPE(u32));

static nokprobe_inline void own(struct hwbp_cpu *c, unsigned long slot,
				struct perf_event *bp)
{
	/* owner:A; show_slot() reads on from here, see owner:B. */
	smp_store_release(&c->owner[slot], bp);
	c->owned |= BIT(slot);
	c->changed |= BIT(slot);
	bp->hw.reservation.slot = slot;
}

/*
 * What follows on occupy(), where anything does. Apart, or registers would be saved for it
 * each time.
 */
static noinline int occupied(struct perf_event *bp)
{
	int slot = bp->hw.reservation.slot;

	if (this_cpu_read(hwbp_cpu.pending))
		hwbp_sync_debuggers();
	trace_hwbp_install(bp, slot);
	return 0;
}
NOKPROBE_SYMBOL(occupied);

/* free or leaving -> installed */
static nokprobe_inline int occupy(struct hwbp_cpu *c, u32 free, struct perf_event *bp)
{
	own(c, hwbp_choose_slot(c, free, &bp->hw.reservation.image), bp);
	if (hwbp_claim_ends(c) || trace_hwbp_install_enabled())
		return occupied(bp);
	return 0;
}

/* install(), where there is more to it than to find a free slot. Apart for the same reason */
static noinline int install_slowly(struct perf_event *bp)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);
	u32 free;

	hwbp_end_claim(c);
	if (!bp->hw.reservation.held || hwbp_must_pause(bp))
		return -ENOSPC;

	hwbp_begin_claim(c);
	free = hwbp_free_slots_again(c, arch_hwbp_pool(hwbp_type(bp->attr.bp_type)));
	if (free)
		return occupy(c, free, bp);
	hwbp_end_claim(c);
	hwbp_report_missing();
	return -ENOSPC;
}
NOKPROBE_SYMBOL(install_slowly);

static nokprobe_inline int install(struct perf_event *bp)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);
	u32 free;

	lockdep_assert_irqs_disabled();
	hwbp_begin_claim(c);
	free = hwbp_free_slots(c, arch_hwbp_pool(hwbp_type(bp->attr.bp_type)));
	if (unlikely(!free || !bp->hw.reservation.held || bp->hw.reservation.lost))
		return install_slowly(bp);
	return occupy(c, free, bp);
}

/* Apart for the same reason */
static noinline int add_sampling(struct perf_event *bp)
{
	bp->hw.last_period = bp->hw.sample_period;
	perf_swevent_set_period(bp);
	return install(bp);
}
NOKPROBE_SYMBOL(add_sampling);

/**
 * hwbp_add() - give an event a slot of this CPU
 * @bp: event
 * @flags: PERF_EF_START, if its hits count from here
 *
 * free or leaving -> installed; hwbp_commit() makes it live.
 *
 * Context: interrupts off.
 * Return: 0, or -ENOSPC for an event that holds no reservation, or whose slot a
 * debugger has taken, or had taken when it was uninstalled.
 */
int hwbp_add(struct perf_event *bp, int flags)
{
	bp->hw.state = flags & PERF_EF_START ? 0 : PERF_HES_STOPPED;
	if (unlikely(is_sampling_event(bp)))
		return add_sampling(bp);
	return install(bp);
}
NOKPROBE_SYMBOL(hwbp_add);

/* Has the owner that @slot had until now missed hits? Nobody can take it any more. */
static nokprobe_inline bool had_lost(struct hwbp_cpu *c, int slot)
{
	if (likely(!(READ_ONCE(c->taken) & BIT(slot))))
		return false;
	this_cpu_and(hwbp_cpu.taken, ~BIT(slot));
	return true;
}

static nokprobe_inline void uninstall(struct perf_event *bp)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);
	int slot = bp->hw.reservation.slot;

	lockdep_assert_irqs_disabled();
	/* Changed while a debugger had its slot: perf is about to be told. */
	if (slot < 0)
		return;
	if (WARN_ON_ONCE(c->owner[slot] != bp))
		return;

	this_cpu_and(hwbp_cpu.owned, ~BIT(slot));
	if (had_lost(c, slot))
		bp->hw.reservation.lost = true;
	this_cpu_or(hwbp_cpu.changed, BIT(slot));
	WRITE_ONCE(c->owner[slot], NULL);
	bp->hw.reservation.slot = -1;
	trace_hwbp_uninstall(bp, slot);
}

/**
 * hwbp_del() - take an event's slot of this CPU away
 * @bp: event that hwbp_add() was called for on this CPU
 * @flags: unused
 *
 * live, held or installed -> leaving; hwbp_commit() makes it free. Or the slot is
 * a debugger's by now and remains so.
 *
 * Context: interrupts off.
 */
void hwbp_del(struct perf_event *bp, int flags)
{
	uninstall(bp);
}
NOKPROBE_SYMBOL(hwbp_del);

/* ---- the registers ---- */

static nokprobe_inline void write_slots(struct hwbp_cpu *c, u32 slots)
{
	u32 left;

	for (left = slots; left; left &= left - 1) {
		int slot = __ffs(left);
		const struct hwbp_image *image = hwbp_wanted(c, slot);

		arch_hwbp_write(slot, hwbp_known_image(c, slot), image);
		c->have[slot] = *image;
	}
	c->known |= slots;
	c->unwritten &= ~slots;
	if (HWBP_SLOT_ENABLE)
		c->armed |= slots;
}

void hwbp_disarm_slots(struct hwbp_cpu *c, u32 slots)
{
	u32 left;

	for (left = slots; left; left &= left - 1) {
		int slot = __ffs(left);

		arch_hwbp_write(slot, hwbp_known_image(c, slot), NULL);
		c->have[slot].ctrl = 0;
	}
	c->armed &= ~slots;
	/* Of those that rest. */
	c->unwritten |= slots & (c->owned | c->placed);
}
NOKPROBE_SYMBOL(hwbp_disarm_slots);

static nokprobe_inline void write_master(struct hwbp_cpu *c, u64 master, bool force)
{
	if (master == c->master && !force)
		return;
	arch_hwbp_write_master(c->master, master);
	c->master = master;
}

/* ---- commit ---- */

/* Those of @slots, which may fire, that must not while they are written. */
static nokprobe_inline u32 to_be_silenced(const struct hwbp_cpu *c, u32 slots)
{
	u32 quiet = slots, left;

	for (left = slots & c->known; left; left &= left - 1) {
		int slot = __ffs(left);

		if (arch_hwbp_changes_at_once(&c->have[slot], hwbp_wanted(c, slot)))
			quiet &= ~BIT(slot);
	}
	return quiet;
}

/* installed -> live, leaving -> free, live <-> held: the slots' registers are right by now */
static nokprobe_inline void switch_over(struct hwbp_cpu *c, u32 live, u32 written, bool force)
{
	/* What fires at once, even here, must be known to be live. */
	c->live |= live;
	write_master(c, arch_hwbp_master(c->have, live, 0), force);
	c->live = live;
	c->changed = 0;
	trace_hwbp_commit(live, written, c->master);
}

/* Apart: most commits write the master register alone. */
static noinline void write_and_switch_over(struct hwbp_cpu *c, u32 live, u32 change, u32 stale,
					   bool force)
{
	u32 quiet = to_be_silenced(c, change & c->live) | (stale & c->live);

	if (quiet)
		write_master(c, arch_hwbp_master(c->have, c->live & ~quiet,
						 quiet), false);
	write_slots(c, change);
	if (stale)
		hwbp_disarm_slots(c, stale);
	switch_over(c, live, change | stale, force);
}
NOKPROBE_SYMBOL(write_and_switch_over);

/*
 * @force writes the master register, and disarms slots, even where the shadow
 * says that this is not needed.
 */
static nokprobe_inline void write_difference(struct hwbp_cpu *c, bool force)
{
	u32 live = hwbp_desired_live(c);
	u32 change = hwbp_to_be_written(c, live);
	u32 stale = HWBP_SLOT_ENABLE && (live || force) ? c->armed & ~live : 0;

	if (unlikely(change | stale))
		write_and_switch_over(c, live, change, stale, force);
	else
		switch_over(c, live, 0, force);
}

/* A debugger's wish waits until perf has its slot, see hwbp_end_claim(). */
static nokprobe_inline bool wishes_pending(const struct hwbp_cpu *c)
{
	return unlikely(READ_ONCE(c->pending)) && !READ_ONCE(c->claiming);
}

/*
 * Whoever interrupts a commit leaves his wishes behind, and the commit is done over
 * before it is through. It must not be left between the last look at @pending and
 * the end of @busy, hence the look after that.
 */
static nokprobe_inline void commit(struct hwbp_cpu *c, bool force)
{
	unsigned long flags;

	if (unlikely(c->busy)) {
		WRITE_ONCE(c->pending, true);
		return;
	}
	flags = arch_hwbp_mask();
	do {
		WRITE_ONCE(c->busy, true);
		barrier();	/* busy:A, pairs with busy:B in an NMI */
		if (wishes_pending(c))
			hwbp_place_debuggers(c);
		write_difference(c, force);
		barrier();	/* busy:A */
		WRITE_ONCE(c->busy, false);
		barrier();	/* busy:C, pairs with busy:B in an NMI */
	} while (wishes_pending(c));
	arch_hwbp_unmask(flags);
}

/**
 * hwbp_pmu_enable() - perf is through with a change of what runs on this CPU
 * @pmu: ours
 *
 * Context: interrupts off.
 */
void hwbp_pmu_enable(struct pmu *pmu)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);

	if (c->changed)
		commit(c, false);
}
NOKPROBE_SYMBOL(hwbp_pmu_enable);

/**
 * hwbp_commit() - let this CPU's registers hold the desired set
 *
 * Context: interrupts off, or NMI.
 */
void hwbp_commit(void)
{
	commit(this_cpu_ptr(&hwbp_cpu), false);
}
NOKPROBE_SYMBOL(hwbp_commit);

/* Writes the master register, and disarms slots, even if that seems not to be needed. */
void hwbp_commit_forced(void)
{
	commit(this_cpu_ptr(&hwbp_cpu), true);
}
NOKPROBE_SYMBOL(hwbp_commit_forced);

/* ---- changes ---- */

/*
 * Whose hits the event has reported: that task may be about to execute the
 * instruction, which must not count again. NULL if the event has not run.
 */
static nokprobe_inline struct task_struct *hit_task(const struct perf_event *bp)
{
	const struct perf_event_context *ctx = bp->ctx;

	if (bp->oncpu != -1)
		return current;
	return ctx->is_active || IS_ERR_OR_NULL(ctx->task) ? NULL : ctx->task;
}

/* What rests for the old setting rests for the new one. */
static nokprobe_inline void carry_hits(struct perf_event *bp, const struct hwbp_image *old)
{
	struct task_struct *tsk = hit_task(bp);

	if (tsk)
		arch_hwbp_carry_hits(tsk, old, &bp->hw.reservation.image);
}

static nokprobe_inline void take_next(struct perf_event *bp)
{
	struct hwbp_image old = bp->hw.reservation.image;

	hwbp_settle(bp, &bp->hw.next);
	if (HWBP_SLOTS_REST)
		carry_hits(bp, &old);
}

/*
 * live, held or installed -> installed, in the same slot. Nobody commits half an image:
 * while it changes the slot is not owned, and no debugger gets it. A handler may have come
 * in the middle of another claim, by a breakpoint on what that reads: it goes on after.
 */
static nokprobe_inline void change_slot(struct perf_event *bp, int slot)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);
	bool inside = READ_ONCE(c->claiming);

	hwbp_begin_claim(c);
	this_cpu_and(hwbp_cpu.owned, ~BIT(slot));
	take_next(bp);
	if (likely(!(c->placed & BIT(slot))))
		hwbp_want(c, slot, &bp->hw.reservation.image);
	this_cpu_or(hwbp_cpu.changed, BIT(slot));
	this_cpu_or(hwbp_cpu.owned, BIT(slot));
	if (likely(!inside))
		hwbp_end_claim(c);
}

/* To a slot of the other pool, of which it holds one, too, unless a debugger takes it. */
static void change_pool(struct perf_event *bp)
{
	struct hw_breakpoint_reservation *res = &bp->hw.reservation;
	bool lost;

	uninstall(bp);
	take_next(bp);
	/* If it has lost its slot before, it pauses when perf is told, and not now. */
	lost = res->lost;
	res->lost = false;
	if (install(bp)) {
		lost = true;
		hwbp_report_taken(bp);
	}
	res->lost = lost;
}
NOKPROBE_SYMBOL(change_pool);

/**
 * hwbp_adopt() - what hwbp_prepare() has checked is an event's setting from now on
 * @bp: event that runs on this CPU or on none; its attributes are the new ones
 *
 * Context: interrupts off.
 */
void hwbp_adopt(struct perf_event *bp)
{
	int slot = bp->hw.reservation.slot;

	if (slot < 0) {
		take_next(bp);
		return;
	}
	if (arch_hwbp_pool(hwbp_type(bp->attr.bp_type)) & BIT(slot))
		change_slot(bp, slot);
	else
		change_pool(bp);
	hwbp_commit();
}
NOKPROBE_SYMBOL(hwbp_adopt);

/* ---- for the back ends ---- */

/**
 * hwbp_core_data() - would a breakpoint there hit this layer itself?
 * @addr: first byte
 * @end: last byte
 *
 * Context: any.
 * Return: true if the range overlaps the slots of some CPU.
 */
bool hwbp_core_data(unsigned long addr, unsigned long end)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		unsigned long c = (unsigned long)per_cpu_ptr(&hwbp_cpu, cpu);

		if (end >= c && addr < c + sizeof(struct hwbp_cpu))
			return true;
	}
	return hwbp_debugger_data(addr, end);
}

/* ---- debugfs ---- */

#ifdef CONFIG_DEBUG_FS
static bool is_listed(const struct hw_breakpoint_debug *bp, int cpu)
{
	int i;

	for (i = 0; i < HWBP_NR_SLOTS; i++) {
		if (hwbp_debugger_at(cpu, i) == bp)
			return true;
	}
	return false;
}

/* It may be freed once the CPU has let it go, hence the list and not the slot. */
static void show_debugger(struct seq_file *m, int cpu, int slot)
{
	struct hw_breakpoint_debug *bp = READ_ONCE(per_cpu(hwbp_cpu, cpu).debugger[slot]);
	struct hw_breakpoint_aim aim;

	if (!is_listed(bp, cpu) || !hwbp_debugger_aim(bp, &aim)) {
		seq_printf(m, "%d %d - - - - leaving\n", cpu, slot);
		return;
	}
	seq_printf(m, "%d %d %s %#lx %u %s debugger\n", cpu, slot,
		   hwbp_type_name(aim.type), aim.addr, aim.len, bp->owner);
}

static void show_slot(struct seq_file *m, int cpu, int slot)
{
	/* owner:B, pairs with owner:A */
	struct perf_event *bp = READ_ONCE(per_cpu(hwbp_cpu, cpu).owner[slot]);

	if (READ_ONCE(per_cpu(hwbp_cpu, cpu).placed) & BIT(slot)) {
		show_debugger(m, cpu, slot);
		return;
	}
	if (!bp) {
		seq_printf(m, "%d %d - - - - free\n", cpu, slot);
		return;
	}
	seq_printf(m, "%d %d %s %#llx %llu ", cpu, slot,
		   hwbp_type_name(READ_ONCE(bp->attr.bp_type)),
		   READ_ONCE(bp->attr.bp_addr), READ_ONCE(bp->attr.bp_len));
	hwbp_show_opener(m, bp);
	seq_printf(m, ">%d %s\n", hwbp_event_pid(bp), hwbp_state_name(bp));
}

/**
 * hwbp_show_slots() - print the slots of all CPUs and their owners
 * @m: where to
 *
 * Context: takes the RCU read lock, which keeps the owners from being freed. A
 * snapshot, like hwbp_show_holders().
 */
void hwbp_show_slots(struct seq_file *m)
{
	int cpu, slot;

	seq_puts(m, "# cpu slot type addr len owner state\n");
	rcu_read_lock();
	for_each_online_cpu(cpu) {
		for (slot = 0; slot < HWBP_NR_SLOTS; slot++) {
			if (hwbp_all_slots() & BIT(slot))
				show_slot(m, cpu, slot);
		}
	}
	rcu_read_unlock();
}
#endif /* CONFIG_DEBUG_FS */

/* ---- CPU hotplug ---- */

/*
 * A CPU starts with all slots off and their registers unknown. perf has taken
 * every event off it when it went down. What debuggers have reserved meanwhile is
 * placed when it calls hwbp_restore().
 */
static int hwbp_prepare_cpu(unsigned int cpu)
{
	struct hwbp_cpu *c = per_cpu_ptr(&hwbp_cpu, cpu);

	c->known = 0;
	c->placed = 0;
	c->unwritten = 0;
	c->live = 0;
	c->armed = 0;
	c->master = 0;
	c->busy = false;
	c->pending = true;
	return 0;
}

static int __init hwbp_hotplug_init(void)
{
	int ret;

	ret = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN,
					"perf/hw_breakpoint:prepare",
					hwbp_prepare_cpu, NULL);
	return ret < 0 ? ret : 0;
}
core_initcall(hwbp_hotplug_init);

/* The number of slots and the pools must agree, or accounting is not exact. */
int __init hwbp_slots_init(void)
{
	int type;

	for (type = 0; type < TYPE_MAX; type++) {
		if (WARN_ON(hweight32(arch_hwbp_pool(type)) != hwbp_capacity(type)))
			return -EINVAL;
	}
	return 0;
}
