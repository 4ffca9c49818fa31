// SPDX-License-Identifier: GPL-2.0
/*
 * The slots of a CPU: who owns them, and which slot somebody gets.
 *
 * Each CPU has a desired set, the images of the slots that have an owner, and a
 * shadow, the images that its registers hold. hwbp_add() and hwbp_del() change the
 * desired set only; hwbp_commit() writes what differs, see commit.c.
 *
 * A register whose slot cannot fire is left alone: if the next owner wants what
 * it holds, nothing has to be written. Hence slots are handed out to whoever
 * wants their present content first, and otherwise from the top.
 *
 * States of a slot:
 *
 *	free		no owner, cannot fire; registers hold anything
 *	installed	an owner, whose image the registers may not hold yet
 *	live		an owner, registers written, may fire
 *	leaving		no owner, may still fire
 *	resting		an owner, its own enable bit off as long as arch_hwbp_rests()
 *			says so
 *	placed		a debugger's, whether an event owns it as well or not
 *
 * Each change is made by one function; commit.c and place.c have the others:
 *
 *	free, leaving			-> installed	occupy()
 *	live, resting, installed	-> installed	change_slot()
 *	live, resting, installed	-> leaving	uninstall()
 *	placed				-> free		hwbp_prepare_cpu()
 *
 * No breakpoint can be set on these functions, but the last, which runs while the CPU is
 * down: a hit half way would find shadow and hardware apart.
 *
 * A hit in a slot that is installed or leaving belongs to nobody. There are such slots only
 * with interrupts off: between pmu_disable() and pmu_enable(), in hwbp_adopt() and, in a
 * commit, after unplace(). Each of these ends with a commit, which leaves no such slot.
 *
 * Debuggers have slots, too, which they get in place.c: perhaps in an NMI, between any two
 * instructions of perf's side on this CPU. So what both sides write, perf's side writes by
 * single instructions, this_cpu_and() and this_cpu_or(); and while perf's side is choosing a
 * slot, @choosing says so.
 */

#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/kprobes.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/sched.h>

#include <trace/events/hw_breakpoint.h>

#include "internal.h"
#include "slots.h"

DEFINE_PER_CPU(struct hwbp_cpu, hwbp_cpu);

static_assert(HWBP_NR_SLOTS <= BITS_PER_TYPE(u32));

/* free, leaving -> installed */
static nokprobe_inline void occupy(struct hwbp_cpu *c, unsigned long slot, struct perf_event *bp)
{
	struct hw_breakpoint_reservation *res = hwbp_reservation(bp);

	/* owner:A; show_slot() reads on from here, see owner:B. */
	smp_store_release(&c->owner[slot], bp);
	c->owned |= BIT(slot);
	c->changed |= BIT(slot);
	WRITE_ONCE(res->slot, slot);	/* the table of holders reads it */
	res->had = slot + 1;
}

/*
 * The rest of an installation after occupy(), where there is any. This function and the noinline
 * ones below are not inlined because what they call would have hwbp_add() save registers each
 * time: 2 instructions on x86_64 for this one, 4 for install_first(), 6 for install_slowly(), 2
 * for add_sampling(), of the 57 that it takes to install an event that gets its slot again.
 */
static noinline void occupied(struct perf_event *bp)
{
	if (data_race(__this_cpu_read(hwbp_cpu.pending)))	/* as in hwbp_choice_ends() */
		hwbp_sync_debuggers();
	trace_hwbp_install(bp, hwbp_reservation(bp)->slot);
}
NOKPROBE_SYMBOL(occupied);

static nokprobe_inline int end_install(struct hwbp_cpu *c, struct perf_event *bp)
{
	if (hwbp_choice_ends(c) || trace_hwbp_install_enabled())
		occupied(bp);
	return 0;
}

/*
 * An event of perf's gets no slot on this CPU. If no debugger has taken that slot, the accounting
 * is wrong. Then perf is not asked to schedule again: it would find the same and be asked for ever.
 */
static void report_no_slot(bool overdrawn)
{
	if (overdrawn)
		hwbp_report_missing();
	else
		WARN_ONCE(1, "no slot for a reservation\n");
}
NOKPROBE_SYMBOL(report_no_slot);

/* Looks through all of @free: any of these slots may hold the event's image already. */
static noinline int install_first(struct perf_event *bp, u32 free)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);

	occupy(c, hwbp_choose_slot(c, free, &hwbp_reservation(bp)->image), bp);
	return end_install(c, bp);
}
NOKPROBE_SYMBOL(install_first);

/**
 * hwbp_install() - find a slot of this CPU for an event that perf has added
 * @bp: the event, which is in none and whose reservation is held, or the original's is
 *
 * The slot is installed after this; hwbp_commit() makes it live.
 *
 * Context: interrupts off.
 * Return: 0; -ENOSPC if a debugger has the slot, or had it when the event was uninstalled.
 */
int hwbp_install(struct perf_event *bp)
{
	u32 pool = arch_hwbp_pool(hwbp_type(bp->attr.bp_type)), free;
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);
	bool overdrawn;

	if (hwbp_must_pause(bp))
		return -ENOSPC;
	hwbp_begin_choice(c);
	free = hwbp_free_slots_again(c, pool, &overdrawn);
	if (free)
		return install_first(bp, free);
	hwbp_end_choice(c);
	if (hwbp_step_aside())
		return hwbp_install(bp);
	report_no_slot(overdrawn);
	return -ENOSPC;
}
NOKPROBE_SYMBOL(hwbp_install);

/*
 * install(), where there is more to it than to find a free slot. A copy of an event of a process
 * always comes here, since it holds nothing itself: this costs no other event an instruction.
 */
static noinline int install_slowly(struct perf_event *bp)
{
	hwbp_end_choice(this_cpu_ptr(&hwbp_cpu));
	if (hwbp_reservation(bp)->process)
		return hwbp_process_add(bp);
	return hwbp_reservation(bp)->held ? hwbp_install(bp) : -ENOSPC;
}
NOKPROBE_SYMBOL(install_slowly);

/*
 * An event gets the slot again that it had, if that still holds its address. If it does not, the
 * other slots are not searched, and the event gets the highest free one: whoever has written the
 * event's old slot since has most likely written the others, too.
 */
static nokprobe_inline unsigned long choose_slot(struct hwbp_cpu *c, u32 free,
						 const struct hw_breakpoint_reservation *res)
{
	unsigned long slot = res->had - 1;

	if (free & c->known & BIT(slot) && c->have[slot].addr == res->image.addr) {
		if (unlikely(c->have[slot].both != res->image.both))
			c->unwritten |= BIT(slot);
		return slot;
	}
	slot = __fls(free);
	c->unwritten |= BIT(slot);
	return slot;
}

static nokprobe_inline int install(struct perf_event *bp)
{
	const struct hw_breakpoint_reservation *res = hwbp_reservation(bp);
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);
	u32 free;

	lockdep_assert_irqs_disabled();
	hwbp_begin_choice(c);
	free = hwbp_free_slots(c, arch_hwbp_pool(hwbp_type(bp->attr.bp_type)));
	if (unlikely(!free || !res->held || res->must_pause))
		return install_slowly(bp);
	if (unlikely(!res->had))
		return install_first(bp, free);
	occupy(c, choose_slot(c, free, res), bp);
	return end_install(c, bp);
}

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
 * The slot is installed after this; hwbp_commit() makes it live.
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

/*
 * live, resting, installed -> leaving
 *
 * The event and its reservation are allocated memory, which a breakpoint may watch. On arm64 the
 * handler of such a hit may re-aim the event in the middle of this function, see change_slot(). The
 * last access to either is the write of the reservation's slot: a hit at this write, or before it,
 * finds the slot as it was. No breakpoint can watch what is written after that.
 */
static nokprobe_inline void uninstall(struct perf_event *bp)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);
	struct hw_breakpoint_reservation *res = hwbp_reservation(bp);
	int slot = res->slot;

	lockdep_assert_irqs_disabled();
	/* The event was changed while a debugger had its slot: perf is about to be told. */
	if (slot < 0)
		return;
	if (WARN_ON_ONCE(c->owner[slot] != bp))
		return;

	WRITE_ONCE(res->slot, -1);
	barrier();	/* slot:D, pairs with slot:E in a handler on this CPU */
	this_cpu_and(hwbp_cpu.owned, ~BIT(slot));
	this_cpu_or(hwbp_cpu.changed, BIT(slot));
	WRITE_ONCE(c->owner[slot], NULL);
	trace_hwbp_uninstall(bp, slot);
}

/**
 * hwbp_del() - take an event's slot of this CPU away
 * @bp: event that hwbp_add() was called for on this CPU
 * @flags: unused
 *
 * The slot is leaving after this; hwbp_commit() makes it free. Or it has been placed by
 * now, and remains the debugger's.
 *
 * Context: interrupts off.
 */
void hwbp_del(struct perf_event *bp, int flags)
{
	uninstall(bp);
	if (unlikely(hwbp_reservation(bp)->process))
		hwbp_process_del(bp);
}
NOKPROBE_SYMBOL(hwbp_del);

/**
 * hwbp_uninstall() - take the slot of this CPU away that hwbp_install() has found
 * @bp: the event; nothing happens if it is in none
 *
 * Context: interrupts off.
 */
void hwbp_uninstall(struct perf_event *bp)
{
	uninstall(bp);
}
NOKPROBE_SYMBOL(hwbp_uninstall);

/* ---- changes ---- */

/*
 * The task whose hits the event has reported: that task may be about to execute an instruction
 * that has hit already and must not count again. NULL if the event has not run.
 */
static nokprobe_inline struct task_struct *hit_task(const struct perf_event *bp)
{
	const struct perf_event_context *ctx = bp->ctx;

	if (bp->oncpu != -1)
		return hwbp_process_runs(bp) ? current : NULL;
	return ctx->is_active || IS_ERR_OR_NULL(ctx->task) ? NULL : ctx->task;
}

/* What rests for the old setting rests for the new one. */
static nokprobe_inline void carry_hits(struct perf_event *bp, const struct hwbp_image *old)
{
	struct task_struct *tsk = hit_task(bp);

	if (tsk)
		arch_hwbp_carry_hits(tsk, old, &hwbp_reservation(bp)->image);
}

static nokprobe_inline void take_next(struct perf_event *bp,
				      const struct arch_hw_breakpoint *next)
{
	struct hwbp_image old = hwbp_reservation(bp)->image;

	hwbp_set_info(bp, next);
	if (HWBP_SLOTS_REST)
		carry_hits(bp, &old);
}

/*
 * live, resting, installed -> installed
 *
 * The event keeps its slot. Nobody commits half an image: while the image changes the slot is not
 * owned, and no debugger gets the slot. Through wide.c the handler of a hit may call this on arm64,
 * and the handler of a kprobe that is no INT3 on any architecture: in the middle of any code that
 * touches something that can be watched or probed, but never in the middle of a choice of a slot or
 * of another change_slot(), see hwbp_is_changing().
 */
static nokprobe_inline void change_slot(struct perf_event *bp, int slot,
					const struct arch_hw_breakpoint *next)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);

	hwbp_begin_choice(c);
	this_cpu_and(hwbp_cpu.owned, ~BIT(slot));
	take_next(bp, next);
	if (likely(!(c->placed & BIT(slot))))
		hwbp_want(c, slot, &hwbp_reservation(bp)->image);
	this_cpu_or(hwbp_cpu.changed, BIT(slot));
	this_cpu_or(hwbp_cpu.owned, BIT(slot));
	hwbp_end_choice(c);
}

/* Moves an event to a slot of the other pool; it holds one there, unless a debugger takes that. */
static void change_pool(struct perf_event *bp, const struct arch_hw_breakpoint *next)
{
	struct hw_breakpoint_reservation *res = hwbp_reservation(bp);
	bool must_pause;

	uninstall(bp);
	take_next(bp, next);
	/* If the event has lost its old slot, it pauses when perf is told, and not here. */
	must_pause = res->must_pause;
	res->must_pause = false;
	if (hwbp_install(bp)) {
		must_pause = true;
		hwbp_report_taken(bp);
	}
	/* Never cleared here: a debugger's NMI that takes the new slot sets it, too. */
	if (must_pause)
		WRITE_ONCE(res->must_pause, true);
}
NOKPROBE_SYMBOL(change_pool);

/**
 * hwbp_adopt() - what hwbp_prepare() has checked is an event's setting from now on
 * @bp: event that runs on this CPU or on none; its attributes are the new ones
 * @next: what hw_breakpoint_arch_parse() made of these
 *
 * Context: interrupts off.
 */
void hwbp_adopt(struct perf_event *bp, const struct arch_hw_breakpoint *next)
{
	int slot = READ_ONCE(hwbp_reservation(bp)->slot);	/* slot:E, pairs with slot:D */

	if (slot < 0) {
		take_next(bp, next);
		return;
	}
	if (arch_hwbp_pool(hwbp_type(bp->attr.bp_type)) & BIT(slot))
		change_slot(bp, slot, next);
	else
		change_pool(bp, next);
	hwbp_commit();
}
NOKPROBE_SYMBOL(hwbp_adopt);

/* ---- for the back ends ---- */

static bool has_entry(const struct hwbp_entry_data *data, unsigned long addr,
		      unsigned long end)
{
	int cpu;

	if (data->global)
		return hwbp_overlaps(addr, end, (unsigned long)data->global, data->size);
	for_each_possible_cpu(cpu) {
		unsigned long start = (unsigned long)per_cpu_ptr(data->per_cpu, cpu);

		if (hwbp_overlaps(addr, end, start, data->size))
			return true;
	}
	return false;
}

/**
 * hwbp_in_entry_data() - is it in a table of what nobody may watch?
 * @data: the table
 * @addr: first byte
 * @end: last byte
 *
 * Context: any.
 * Return: true if the range has a byte of an entry's, on whatever CPU.
 */
bool hwbp_in_entry_data(const struct hwbp_entry_data *data, unsigned long addr,
			unsigned long end)
{
	for (; data->size; data++) {
		if (has_entry(data, addr, end))
			return true;
	}
	return false;
}

/* What a commit reads and writes, and so a hit's handling. */
const struct hwbp_entry_data hwbp_slots_entry_data[] = {
	HWBP_PER_CPU(hwbp_cpu),
	{ }
};

/**
 * hwbp_note_unwatched() - slots of this CPU rest for longer than one instruction
 * @pc: the instruction that they let pass
 *
 * The back end has no other way to get past the instruction. Other hits of these slots are missed
 * meanwhile.
 *
 * Context: interrupts off, from the exception.
 */
void hwbp_note_unwatched(unsigned long pc)
{
	this_cpu_inc(hwbp_cpu.unwatched);
	trace_hwbp_unwatched(pc);
}
NOKPROBE_SYMBOL(hwbp_note_unwatched);

/**
 * hwbp_core_data() - would a breakpoint there hit this layer itself?
 * @addr: first byte
 * @end: last byte
 *
 * Context: any.
 * Return: true if the range overlaps the slots of some CPU, its debuggers, or what is
 * counted there.
 */
bool hwbp_core_data(unsigned long addr, unsigned long end)
{
	return hwbp_in_entry_data(hwbp_slots_entry_data, addr, end) ||
	       hwbp_in_entry_data(hwbp_debug_entry_data, addr, end) ||
	       hwbp_in_entry_data(hwbp_level_entry_data, addr, end) ||
	       hwbp_in_entry_data(hwbp_account_entry_data, addr, end);
}

/* ---- what the CPUs have ---- */

/**
 * hwbp_context_slots() - how many slots can match a context as well as an address?
 *
 * Context: any.
 * Return: how many of those for instructions can on all CPUs that are online.
 */
unsigned int hwbp_context_slots(void)
{
	u32 slots = arch_hwbp_pool(TYPE_INST);
	struct hwbp_cpu_slots has;
	int cpu;

	for_each_online_cpu(cpu) {
		arch_hwbp_cpu_slots(cpu, &has);
		slots &= has.context;
	}
	return hweight32(slots);
}

/**
 * hwbp_has_more_slots() - has a CPU slots that others have not?
 * @cpu: the CPU, online
 *
 * Context: any.
 * Return: true if so; nobody uses them.
 */
bool hwbp_has_more_slots(int cpu)
{
	struct hwbp_cpu_slots has;

	arch_hwbp_cpu_slots(cpu, &has);
	return has.all & ~hwbp_all_slots();
}

/* ---- CPU hotplug ---- */

/*
 * Called on another CPU before @cpu comes up. A CPU starts with all slots off and their
 * registers unknown. perf has taken every event off it when it went down. What debuggers have
 * reserved meanwhile is placed when @cpu calls hwbp_restore().
 *
 * placed -> free
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

/**
 * hwbp_slots_init() - see that the back end's pools have as many slots as are counted
 *
 * If they had not, accounting would not be exact.
 *
 * Context: task context, boot.
 * Return: 0, or -EINVAL.
 */
int __init hwbp_slots_init(void)
{
	int type;

	for (type = 0; type < TYPE_MAX; type++) {
		if (WARN_ON(hweight32(arch_hwbp_pool(type)) != hwbp_capacity(type)))
			return -EINVAL;
	}
	return 0;
}
