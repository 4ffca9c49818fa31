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
 * Each change is made by one function; place.c has those of debuggers:
 *
 *	free, leaving			-> installed	occupy()
 *	live, resting, installed	-> installed	change_slot()
 *	live, resting, installed	-> leaving	uninstall()
 *	installed, resting		-> live		switch_over()
 *	installed, live			-> resting	switch_over()
 *	leaving				-> free		switch_over()
 *	live				-> resting	switch_rest()
 *	resting				-> live		switch_rest()
 *	placed				-> free		hwbp_prepare_cpu()
 *
 * No breakpoint can be set on these functions, but the last, which runs while the CPU is
 * down: a hit half way would find shadow and hardware apart.
 *
 * A hit in a slot that is installed or leaving belongs to nobody. There is none
 * of either outside pmu_disable()/pmu_enable(), where interrupts are off.
 *
 * Debuggers have slots, too. They get them in place.c, which is where an NMI may come in
 * between and what follows from that: what perf's side writes between instructions of a
 * debugger's it writes by single ones, this_cpu_and() and this_cpu_or(); it says when it
 * is choosing a slot, and when a commit is under way, which is then done over.
 */

#include <linux/bitops.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/kprobes.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/preempt.h>
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
	res->slot = slot;
	res->had = slot + 1;
}

/*
 * What follows on occupy(), where anything does. This function and the next ones are apart
 * because what they call would have hwbp_add() save registers each time: 2 instructions on
 * x86_64 for this one, 4 for install_first(), 6 for install_slowly(), 2 for add_sampling(),
 * of the 57 that an event takes which gets its slot again.
 */
static noinline void occupied(struct perf_event *bp)
{
	if (this_cpu_read(hwbp_cpu.pending))
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
 * perf does without a slot. Where no debugger has it the counts are wrong: perf is not asked
 * to schedule again for that, or it would find the same and be asked for ever.
 */
static void report_no_slot(bool overdrawn)
{
	if (overdrawn)
		hwbp_report_missing();
	else
		WARN_ONCE(1, "no slot for a reservation\n");
}
NOKPROBE_SYMBOL(report_no_slot);

/* The first of its slots: another event may have left the same image in one. */
static noinline int install_first(struct perf_event *bp, u32 free)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);

	occupy(c, hwbp_choose_slot(c, free, &hwbp_reservation(bp)->image), bp);
	return end_install(c, bp);
}
NOKPROBE_SYMBOL(install_first);

/* install(), where there is more to it than to find a free slot. */
static noinline int install_slowly(struct perf_event *bp)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);
	bool overdrawn;
	u32 free;

	hwbp_end_choice(c);
	if (!hwbp_reservation(bp)->held || hwbp_must_pause(bp))
		return -ENOSPC;

	hwbp_begin_choice(c);
	free = hwbp_free_slots_again(c, arch_hwbp_pool(hwbp_type(bp->attr.bp_type)), &overdrawn);
	if (free)
		return install_first(bp, free);
	hwbp_end_choice(c);
	report_no_slot(overdrawn);
	return -ENOSPC;
}
NOKPROBE_SYMBOL(install_slowly);

/*
 * An event gets the slot again that it had, if that still holds its address. The others are
 * not looked through then, but the highest is taken: whoever has written the slot since has
 * most likely written those, too.
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
	if (unlikely(!free || !res->held || res->lost))
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

/* live, resting, installed -> leaving */
static nokprobe_inline void uninstall(struct perf_event *bp)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);
	int slot = hwbp_reservation(bp)->slot;

	lockdep_assert_irqs_disabled();
	/* Changed while a debugger had its slot: perf is about to be told. */
	if (slot < 0)
		return;
	if (WARN_ON_ONCE(c->owner[slot] != bp))
		return;

	this_cpu_and(hwbp_cpu.owned, ~BIT(slot));
	this_cpu_or(hwbp_cpu.changed, BIT(slot));
	WRITE_ONCE(c->owner[slot], NULL);
	hwbp_reservation(bp)->slot = -1;
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
}
NOKPROBE_SYMBOL(hwbp_del);

/* ---- the registers ---- */

static nokprobe_inline void write_slots(struct hwbp_cpu *c, u32 slots)
{
	u32 known = c->known, left;

	for (left = slots; left; left &= left - 1) {
		unsigned long slot = __ffs(left);
		const struct hwbp_image *want = hwbp_wanted(c, slot);
		struct hwbp_image *have = &c->have[slot];

		arch_hwbp_write(slot, known & BIT(slot) ? have : NULL, want);
		*have = *want;
	}
	c->known |= slots;
	c->unwritten &= ~slots;
	if (HWBP_SLOT_ENABLE)
		c->armed |= slots;
}

/**
 * hwbp_disarm_slots() - clear slots' own enable bits
 * @c: this CPU's
 * @slots: slots that have one, see HWBP_SLOT_ENABLE
 *
 * Context: interrupts off, or NMI; @busy.
 */
void hwbp_disarm_slots(struct hwbp_cpu *c, u32 slots)
{
	u32 left;

	if (!HWBP_SLOT_ENABLE)
		return;
	for (left = slots; left; left &= left - 1) {
		int slot = __ffs(left);

		arch_hwbp_write(slot, hwbp_known_image(c, slot), NULL);
		c->have[slot].ctrl &= ~HWBP_SLOT_ENABLE;
	}
	c->armed &= ~slots;
}
NOKPROBE_SYMBOL(hwbp_disarm_slots);

/* @free: arch_hwbp_master_is_free() has been true */
static nokprobe_inline void write_master(struct hwbp_cpu *c, u64 master, bool force, bool free)
{
	if (master == c->master && !force)
		return;
	if (free)
		arch_hwbp_write_free_master(c->master, master);
	else
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

/*
 * installed, resting -> live
 * installed, live -> resting
 * leaving -> free
 *
 * The slots' own registers hold what they shall by now. The master register is on for
 * those that rest, too, which their own enable bits keep from firing.
 */
static nokprobe_inline void switch_over(struct hwbp_cpu *c, u32 live, bool force, bool free)
{
	/* What fires at once, even here, must be known to be live. */
	c->live |= live;
	write_master(c, arch_hwbp_master(c->have, hwbp_desired_slots(c), 0), force, free);
	c->live = live;
	if (HWBP_SLOTS_REST)
		c->committed = hwbp_desired_slots(c);
	c->changed = 0;
}

/*
 * Is what rests all that the registers may differ in? The slots of @desired, the desired set,
 * are those of the last commit and hold what their owners want: so the master register is right.
 */
static nokprobe_inline bool only_rest_differs(const struct hwbp_cpu *c, u32 desired)
{
	return HWBP_SLOTS_REST && desired && desired == c->committed &&
	       !(c->unwritten & desired);
}

/*
 * live -> resting
 *
 * resting -> live
 *
 * One write for each slot, of its own enable bit.
 */
static nokprobe_inline void switch_rest(struct hwbp_cpu *c, u32 live)
{
	u32 left;

	trace_hwbp_commit(live, live ^ c->armed, c->master);
	for (left = live ^ c->armed; left; left &= left - 1) {
		unsigned long slot = __ffs(left);

		c->have[slot].ctrl ^= HWBP_SLOT_ENABLE;
		arch_hwbp_switch(slot, c->have[slot].ctrl);
	}
	c->armed = live;
	c->live = live;
	c->changed = 0;
}

/* Slots whose own enable bits have to be cleared, for @live of @desired alone to fire. */
static nokprobe_inline u32 stale_slots(const struct hwbp_cpu *c, u32 desired, u32 live, bool force)
{
	return HWBP_SLOT_ENABLE && (desired || force) ? c->armed & ~live : 0;
}

/*
 * Apart: most commits write the master register alone, or let a slot rest or fire again. Those
 * of a hit on arm64 save 8 instructions each, which would keep registers for this.
 */
static noinline void write_changes(struct hwbp_cpu *c, u32 change, u32 stale)
{
	u32 quiet = to_be_silenced(c, change & c->live);

	if (quiet)
		write_master(c, arch_hwbp_master(c->have, c->live & ~quiet, quiet),
			     false, false);
	write_slots(c, change);
	if (stale)
		hwbp_disarm_slots(c, stale);
}
NOKPROBE_SYMBOL(write_changes);

/* @force: see hwbp_commit_forced() */
static nokprobe_inline void write_difference(struct hwbp_cpu *c, bool force)
{
	u32 desired = hwbp_desired_slots(c), live = hwbp_desired_live(c, desired);
	u32 change, stale;

	if (only_rest_differs(c, desired)) {
		switch_rest(c, live);
		return;
	}
	change = hwbp_to_be_written(c, live);
	stale = stale_slots(c, desired, live, force);
	if (change | stale)
		write_changes(c, change, stale);
	switch_over(c, live, force, false);
	trace_hwbp_commit(live, change | stale, c->master);
}

/* From here to end_commit() an NMI on this CPU leaves its debugger's wish behind. */
static nokprobe_inline void begin_commit(void)
{
	this_cpu_write(hwbp_cpu.busy, true);
	barrier();	/* busy:A, pairs with busy:B in an NMI */
}

/*
 * The look at @pending comes after the end of @busy: nothing is left behind in between. A
 * wish waits until perf has its slot, see hwbp_end_choice().
 *
 * Return: true if a wish has been left behind: another commit has to follow.
 */
static nokprobe_inline bool end_commit(void)
{
	barrier();	/* busy:A */
	this_cpu_write(hwbp_cpu.busy, false);
	barrier();	/* busy:C, pairs with busy:B in an NMI */
	return unlikely(__this_cpu_read(hwbp_cpu.pending)) &&
	       !__this_cpu_read(hwbp_cpu.choosing);
}

/* Return: as end_commit() */
static nokprobe_inline bool commit_once(struct hwbp_cpu *c, bool force)
{
	begin_commit();
	if (unlikely(READ_ONCE(c->pending)) && !READ_ONCE(c->choosing))
		hwbp_place_debuggers(c);
	write_difference(c, force);
	return end_commit();
}

/*
 * Apart, and not a loop around the first time: the compiler would prepare the loop at each commit,
 * which takes 7 of the 81 instructions of one on arm64 that lets a slot rest.
 */
static noinline void commit_again(struct hwbp_cpu *c, bool force)
{
	while (commit_once(c, force))
		;
}
NOKPROBE_SYMBOL(commit_again);

/* Whoever interrupts a commit leaves wishes behind, and it is done over until there are none. */
static nokprobe_inline void commit(bool force)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);
	unsigned long flags;

	if (unlikely(c->busy)) {
		WRITE_ONCE(c->pending, true);
		return;
	}
	flags = arch_hwbp_mask();
	if (commit_once(c, force))
		commit_again(c, force);
	arch_hwbp_unmask(flags);
}

/*
 * Most commits of perf's write the master register alone. This does so without a call.
 *
 * Return: false if there is more to do: hwbp_commit() has to follow.
 */
static nokprobe_inline bool commit_simply(void)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);
	unsigned long flags;
	bool simple, again;
	u32 desired, live;

	flags = arch_hwbp_mask();
	begin_commit();
	desired = hwbp_desired_slots(c);
	live = hwbp_desired_live(c, desired);
	simple = !(hwbp_to_be_written(c, live) | stale_slots(c, desired, live, false));
	if (simple)
		switch_over(c, live, false, true);
	again = end_commit();
	arch_hwbp_unmask(flags);
	return simple && !again;
}

/**
 * hwbp_pmu_enable() - perf is through with a change of what runs on this CPU
 * @pmu: ours
 *
 * Context: interrupts off.
 */
void hwbp_pmu_enable(struct pmu *pmu)
{
	if (!__this_cpu_read(hwbp_cpu.changed))
		return;
	if (unlikely(__this_cpu_read(hwbp_cpu.busy) || !arch_hwbp_master_is_free() ||
		     trace_hwbp_commit_enabled()) || !commit_simply())
		hwbp_commit();
}
NOKPROBE_SYMBOL(hwbp_pmu_enable);

/**
 * hwbp_commit() - let this CPU's registers hold the desired set
 *
 * Context: interrupts off, or NMI.
 */
void hwbp_commit(void)
{
	commit(false);
}
NOKPROBE_SYMBOL(hwbp_commit);

/**
 * hwbp_commit_forced() - hwbp_commit() on a CPU whose registers may hold anything
 *
 * The master register is written, and slots are disarmed, even where the shadow says that
 * this is not needed.
 *
 * Context: interrupts off, or NMI.
 */
void hwbp_commit_forced(void)
{
	commit(true);
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
		arch_hwbp_carry_hits(tsk, old, &hwbp_reservation(bp)->image);
}

static nokprobe_inline void take_next(struct perf_event *bp,
				      const struct arch_hw_breakpoint *next)
{
	struct hwbp_image old = hwbp_reservation(bp)->image;

	hwbp_settle(bp, next);
	if (HWBP_SLOTS_REST)
		carry_hits(bp, &old);
}

/*
 * live, resting, installed -> installed
 *
 * In the same slot. Nobody commits half an image: while it changes the slot is not owned,
 * and no debugger gets it. This may be called by the handler of a hit that has interrupted
 * hwbp_add() on this CPU in the middle of its choice of a slot. Then the choice is still
 * under way when this returns, and hwbp_add() ends it.
 */
static nokprobe_inline void change_slot(struct perf_event *bp, int slot,
					const struct arch_hw_breakpoint *next)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);
	bool inside = READ_ONCE(c->choosing);

	hwbp_begin_choice(c);
	this_cpu_and(hwbp_cpu.owned, ~BIT(slot));
	take_next(bp, next);
	if (likely(!(c->placed & BIT(slot))))
		hwbp_want(c, slot, &hwbp_reservation(bp)->image);
	this_cpu_or(hwbp_cpu.changed, BIT(slot));
	this_cpu_or(hwbp_cpu.owned, BIT(slot));
	if (likely(!inside))
		hwbp_end_choice(c);
}

/* To a slot of the other pool, of which it holds one, too, unless a debugger takes it. */
static void change_pool(struct perf_event *bp, const struct arch_hw_breakpoint *next)
{
	struct hw_breakpoint_reservation *res = hwbp_reservation(bp);
	bool lost;

	uninstall(bp);
	take_next(bp, next);
	/* If it has lost its slot before, it pauses when perf is told, and not now. */
	lost = res->lost;
	res->lost = false;
	if (install(bp)) {
		lost = true;
		hwbp_report_taken(bp);
	}
	/* An NMI may have taken the new slot by now, and says so itself. */
	if (lost)
		WRITE_ONCE(res->lost, true);
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
	int slot = hwbp_reservation(bp)->slot;

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
 * A back end has no other way to get on, and what else would hit them is missed.
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

/* ---- CPU hotplug ---- */

/*
 * A CPU starts with all slots off and their registers unknown. perf has taken
 * every event off it when it went down. What debuggers have reserved meanwhile is
 * placed when it calls hwbp_restore().
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
