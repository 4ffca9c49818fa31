// SPDX-License-Identifier: GPL-2.0
/*
 * The slots of a CPU: who owns them and what their registers hold.
 *
 * Each CPU has a desired set, the images of the slots that have an owner, and a
 * shadow, the images that its registers hold. hwbp_install() and
 * hwbp_uninstall() change the desired set only. hwbp_commit() writes what
 * differs, with the slots concerned silenced by one write of the master register
 * before and armed by one after.
 *
 * A register whose slot cannot fire is left alone: if the next owner wants what
 * it holds, nothing has to be written. Hence slots are handed out to whoever
 * wants their present content first, and otherwise from the top.
 *
 * States of a slot, each change made by the one function named:
 *
 *	free		no owner, cannot fire; registers hold anything
 *	installed	owner, registers not yet written	hwbp_install()
 *	live		owner, registers written, may fire	commit()
 *	leaving		no owner, may still fire		hwbp_uninstall()
 *	held		owner, registers written, silenced	commit(), for
 *			arch_hwbp_held()
 *
 * No breakpoint can be set on the functions that move slots between these states:
 * a hit half way would find shadow and hardware apart.
 *
 * A hit in a slot that is installed or leaving belongs to nobody. There is none
 * of either outside pmu_disable()/pmu_enable(), where interrupts are off.
 */

#include <linux/bitops.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/kprobes.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>

#include <trace/events/hw_breakpoint.h>

#include "internal.h"

/**
 * struct hwbp_cpu - the slots of one CPU
 * @owner: event that each slot belongs to, or NULL
 * @want: desired set, valid where @owned
 * @have: shadow, valid where @known
 * @owned: slots with an owner
 * @changed: slots whose owner changed since the last commit
 * @live: slots that may fire
 * @armed: slots whose own enable bit is set, see HWBP_SLOT_ENABLE; they fire
 *	only if the master register lets them
 * @known: slots whose registers hold what @have says
 * @unwritten: slots with an owner whose registers do not hold what it wants
 * @master: what the master register holds
 *
 * Written by its own CPU with interrupts off, and by the control CPU while its
 * own is down. Others read @owner for the table of slots, under RCU.
 */
struct hwbp_cpu {
	struct perf_event	*owner[HWBP_NR_SLOTS];
	struct hwbp_image	want[HWBP_NR_SLOTS];
	struct hwbp_image	have[HWBP_NR_SLOTS];
	u32			owned;
	u32			changed;
	u32			live;
	u32			armed;
	u32			known;
	u32			unwritten;
	u64			master;
};

static DEFINE_PER_CPU(struct hwbp_cpu, hwbp_cpu);

static_assert(HWBP_NR_SLOTS <= BITS_PER_TYPE(u32));

/* The slots that this machine has. */
static u32 all_slots(void)
{
	return arch_hwbp_pool(TYPE_INST) | arch_hwbp_pool(TYPE_DATA);
}
NOKPROBE_SYMBOL(all_slots);

/* Return: the highest of @free that holds @image already, or -1. */
static nokprobe_inline int find_image(const struct hwbp_cpu *c, u32 free,
				      const struct hwbp_image *image)
{
	u32 left;

	for (left = free & c->known; left; left &= ~BIT(__fls(left))) {
		if (hwbp_image_equal(&c->have[__fls(left)], image))
			return __fls(left);
	}
	return -1;
}

static nokprobe_inline void own(struct hwbp_cpu *c, int slot,
				struct perf_event *bp)
{
	/* owner:A; show_slot() reads on from here, see owner:B. */
	smp_store_release(&c->owner[slot], bp);
	c->owned |= BIT(slot);
	c->changed |= BIT(slot);
	bp->hw.reservation.slot = slot;
}

/**
 * hwbp_install() - give an event a slot of this CPU
 * @bp: event
 *
 * free or leaving -> installed; hwbp_commit() makes it live.
 *
 * Context: interrupts off.
 * Return: 0, or -ENOSPC for an event that holds no reservation.
 */
int hwbp_install(struct perf_event *bp)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);
	u32 free = arch_hwbp_pool(hwbp_type(bp->attr.bp_type)) & ~c->owned;
	struct hwbp_image image;
	int slot;

	lockdep_assert_irqs_disabled();
	if (!bp->hw.reservation.held)
		return -ENOSPC;
	if (WARN_ONCE(!free, "no slot for a reservation\n"))
		return -ENOSPC;

	arch_hwbp_encode(counter_arch_bp(bp), &image);
	slot = find_image(c, free, &image);
	if (slot < 0) {
		slot = __fls(free);
		c->unwritten |= BIT(slot);
	}
	c->want[slot] = image;
	own(c, slot, bp);
	trace_hwbp_install(bp, slot);
	return 0;
}
NOKPROBE_SYMBOL(hwbp_install);

/**
 * hwbp_uninstall() - take an event's slot of this CPU away
 * @bp: event that hwbp_install() was called for on this CPU
 *
 * live, held or installed -> leaving; hwbp_commit() makes it free.
 *
 * Context: interrupts off.
 */
void hwbp_uninstall(struct perf_event *bp)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);
	int slot = bp->hw.reservation.slot;

	lockdep_assert_irqs_disabled();
	if (WARN_ON_ONCE(slot < 0 || c->owner[slot] != bp))
		return;

	WRITE_ONCE(c->owner[slot], NULL);
	c->owned &= ~BIT(slot);
	c->unwritten &= ~BIT(slot);
	c->changed |= BIT(slot);
	bp->hw.reservation.slot = -1;
	trace_hwbp_uninstall(bp, slot);
}
NOKPROBE_SYMBOL(hwbp_uninstall);

/* ---- commit ---- */

/* Slots of the desired set that shall fire. */
static u32 desired_live(const struct hwbp_cpu *c)
{
	u32 live = c->owned, left;

	if (!HWBP_SLOTS_REST)
		return live;
	for (left = c->owned; left; left &= left - 1) {
		if (arch_hwbp_held(&c->want[__ffs(left)]))
			live &= ~BIT(__ffs(left));
	}
	return live;
}
NOKPROBE_SYMBOL(desired_live);

static nokprobe_inline const struct hwbp_image *
known_image(const struct hwbp_cpu *c, int slot)
{
	return c->known & BIT(slot) ? &c->have[slot] : NULL;
}

static void write_slots(struct hwbp_cpu *c, u32 slots)
{
	u32 left;

	for (left = slots; left; left &= left - 1) {
		int slot = __ffs(left);

		arch_hwbp_write(slot, known_image(c, slot), &c->want[slot]);
		c->have[slot] = c->want[slot];
	}
	c->known |= slots;
	c->unwritten &= ~slots;
	if (HWBP_SLOT_ENABLE)
		c->armed |= slots;
}
NOKPROBE_SYMBOL(write_slots);

static void disarm_slots(struct hwbp_cpu *c, u32 slots)
{
	u32 left;

	for (left = slots; left; left &= left - 1) {
		int slot = __ffs(left);

		arch_hwbp_write(slot, known_image(c, slot), NULL);
		c->have[slot].ctrl = 0;
	}
	c->armed &= ~slots;
	/* Of those that rest. */
	c->unwritten |= slots & c->owned;
}
NOKPROBE_SYMBOL(disarm_slots);

static void write_master(struct hwbp_cpu *c, u64 master, bool force)
{
	if (master == c->master && !force)
		return;
	arch_hwbp_write_master(c->master, master);
	c->master = master;
}
NOKPROBE_SYMBOL(write_master);

/*
 * installed -> live, leaving -> free, live <-> held.
 *
 * @force writes the master register, and disarms slots, even where the shadow
 * says that this is not needed.
 */
static void commit(struct hwbp_cpu *c, bool force)
{
	u32 live = desired_live(c);
	u32 change = c->unwritten & live;
	u32 stale = live || force ? c->armed & ~live : 0;
	u32 quiet = (change | stale) & c->live;

	if (quiet)
		write_master(c, arch_hwbp_master(c->have, c->live & ~quiet,
						 quiet), false);
	write_slots(c, change);
	disarm_slots(c, stale);
	/* What fires at once, even here, must be known to be live. */
	c->live |= live;
	write_master(c, arch_hwbp_master(c->have, live, 0), force);
	c->live = live;
	c->changed = 0;
	trace_hwbp_commit(live, change | stale, c->master);
}
NOKPROBE_SYMBOL(commit);

/**
 * hwbp_commit() - let this CPU's registers hold the desired set
 *
 * Context: interrupts off.
 */
void hwbp_commit(void)
{
	commit(this_cpu_ptr(&hwbp_cpu), false);
}
NOKPROBE_SYMBOL(hwbp_commit);

/**
 * hwbp_commit_changed() - the same, if an owner changed since the last time
 *
 * Context: interrupts off.
 */
void hwbp_commit_changed(void)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);

	if (c->changed)
		commit(c, false);
}
NOKPROBE_SYMBOL(hwbp_commit_changed);

/**
 * hwbp_invalidate() - somebody else writes this CPU's slot registers
 *
 * To be called before he does; nothing of ours may be live then. The next
 * commit writes whatever it needs.
 *
 * Context: interrupts off.
 */
void hwbp_invalidate(void)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);

	c->known = 0;
	c->unwritten = c->owned;
	if (HWBP_SLOT_ENABLE)
		c->armed = all_slots();
}
EXPORT_SYMBOL_GPL(hwbp_invalidate);
NOKPROBE_SYMBOL(hwbp_invalidate);

/**
 * hwbp_restore() - write this CPU's registers, whatever they hold
 *
 * Context: interrupts off; the master register lets nothing fire.
 */
void hwbp_restore(void)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);

	hwbp_invalidate();
	c->live = 0;
	commit(c, true);
}
NOKPROBE_SYMBOL(hwbp_restore);

/**
 * hwbp_carry_hits() - what rests for one setting of an event rests for the next
 * @tsk: task that has hit it, current or not running; or NULL
 * @from: the setting
 * @to: the next
 *
 * Context: interrupts off.
 */
void hwbp_carry_hits(struct task_struct *tsk,
		     const struct arch_hw_breakpoint *from,
		     const struct arch_hw_breakpoint *to)
{
	struct hwbp_image old, new;

	if (!HWBP_SLOTS_REST || !tsk)
		return;
	arch_hwbp_encode(from, &old);
	arch_hwbp_encode(to, &new);
	arch_hwbp_carry_hits(tsk, &old, &new);
}
NOKPROBE_SYMBOL(hwbp_carry_hits);

/* ---- for the back ends ---- */

/**
 * hwbp_slot_owner() - whose hit is it?
 * @slot: slot of this CPU
 *
 * Context: interrupts off, from the exception.
 * Return: the event, or NULL if the slot has none or is between two.
 */
struct perf_event *hwbp_slot_owner(int slot)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);

	return c->changed & BIT(slot) ? NULL : c->owner[slot];
}
NOKPROBE_SYMBOL(hwbp_slot_owner);

/**
 * hwbp_slot_image() - what a slot's registers hold, from the shadow
 * @slot: slot of this CPU, one of hwbp_live()
 *
 * Context: interrupts off.
 * Return: the image; good until the next commit on this CPU.
 */
const struct hwbp_image *hwbp_slot_image(int slot)
{
	return this_cpu_ptr(&hwbp_cpu.have[slot]);
}
NOKPROBE_SYMBOL(hwbp_slot_image);

/**
 * hwbp_live() - the slots of this CPU that may fire
 *
 * Context: interrupts off.
 * Return: mask of slot numbers.
 */
u32 hwbp_live(void)
{
	return this_cpu_read(hwbp_cpu.live);
}
NOKPROBE_SYMBOL(hwbp_live);

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
	return false;
}

/* ---- the stock names, for kgdb ---- */

/**
 * arch_install_hw_breakpoint() - give an event a slot and arm it
 * @bp: event that holds a reservation
 *
 * Context: interrupts off.
 * Return: as hwbp_install().
 */
int arch_install_hw_breakpoint(struct perf_event *bp)
{
	int ret = hwbp_install(bp);

	hwbp_commit();
	return ret;
}
NOKPROBE_SYMBOL(arch_install_hw_breakpoint);

/**
 * arch_uninstall_hw_breakpoint() - disarm an event's slot and free it
 * @bp: event
 *
 * Context: interrupts off.
 */
void arch_uninstall_hw_breakpoint(struct perf_event *bp)
{
	hwbp_uninstall(bp);
	hwbp_commit();
}
NOKPROBE_SYMBOL(arch_uninstall_hw_breakpoint);

/* ---- debugfs ---- */

#ifdef CONFIG_DEBUG_FS
static void show_slot(struct seq_file *m, int cpu, int slot)
{
	/* owner:B, pairs with owner:A */
	struct perf_event *bp = READ_ONCE(per_cpu(hwbp_cpu, cpu).owner[slot]);

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
			if (all_slots() & BIT(slot))
				show_slot(m, cpu, slot);
		}
	}
	rcu_read_unlock();
}
#endif /* CONFIG_DEBUG_FS */

/* ---- CPU hotplug ---- */

/*
 * A CPU starts with all slots off and their registers unknown. perf has taken
 * every event off it when it went down; kgdb may have left some of its own, and
 * has them written by the next restore.
 */
static int hwbp_prepare_cpu(unsigned int cpu)
{
	struct hwbp_cpu *c = per_cpu_ptr(&hwbp_cpu, cpu);

	c->known = 0;
	c->unwritten = c->owned;
	c->live = 0;
	c->armed = 0;
	c->master = 0;
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
