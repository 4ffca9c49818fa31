// SPDX-License-Identifier: GPL-2.0
/*
 * A commit: the registers of a CPU's slots come to hold the desired set.
 *
 * It writes what differs from the shadow, with the slots concerned silenced by one write of
 * the master register before and armed by one after.
 *
 * States of a slot, whose others are in slots.c and place.c:
 *
 *	installed, resting		-> live		switch_over()
 *	installed, live			-> resting	switch_over()
 *	leaving				-> free		switch_over()
 *	live				-> resting	switch_rest()
 *	resting				-> live		switch_rest()
 *
 * No breakpoint can be set on these functions: a hit half way would find shadow and hardware
 * apart. An NMI that comes in the middle leaves its debugger's wish behind, and the commit is
 * done over. On arm64, where the handler of a hit commits as well, debug exceptions are
 * masked here, see arch_hwbp_mask().
 */

#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/kprobes.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>

#include <trace/events/hw_breakpoint.h>

#include "internal.h"
#include "slots.h"

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

/* Return: those of @slots that must not fire while they are written. All of @slots may fire now. */
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
	/* A slot may fire as soon as the master register is written, and must be known as live. */
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
 * Not inlined: most commits write the master register alone, or let a slot rest or fire again. This
 * spares each commit of a hit on arm64 the 8 instructions that would save registers for this.
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
static nokprobe_inline void begin_commit(struct hwbp_cpu *c)
{
	WRITE_ONCE(c->busy, true);
	barrier();	/* busy:A, pairs with busy:B in an NMI */
}

/*
 * The look at @pending comes after the end of @busy: nothing is left behind in between. A
 * wish waits until perf has its slot, see hwbp_end_choice().
 *
 * Return: true if a wish has been left behind: another commit has to follow.
 */
static nokprobe_inline bool end_commit(struct hwbp_cpu *c)
{
	barrier();	/* busy:A */
	WRITE_ONCE(c->busy, false);
	barrier();	/* busy:C, pairs with busy:B in an NMI */
	return unlikely(READ_ONCE(c->pending)) && !READ_ONCE(c->choosing);
}

/* Return: as end_commit() */
static nokprobe_inline bool commit_once(struct hwbp_cpu *c, bool force)
{
	begin_commit(c);
	if (unlikely(READ_ONCE(c->pending)) && !READ_ONCE(c->choosing))
		hwbp_place_debuggers(c);
	write_difference(c, force);
	return end_commit(c);
}

/*
 * Not inlined, and not one loop with the first commit_once(): the compiler would prepare the loop
 * at each commit. On arm64 that takes 7 of the 81 instructions of a commit that lets a slot rest.
 */
static noinline void commit_again(struct hwbp_cpu *c, bool force)
{
	while (commit_once(c, force))
		;
}
NOKPROBE_SYMBOL(commit_again);

/* A call in the middle of a commit of this CPU sets @pending, and that commit is done over. */
static nokprobe_inline void commit(bool force)
{
	struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);
	unsigned long flags;

	/* An NMI in the middle of this has ended its own commit before it returns. */
	if (unlikely(data_race(c->busy))) {
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
	begin_commit(c);
	desired = hwbp_desired_slots(c);
	live = hwbp_desired_live(c, desired);
	simple = !(hwbp_to_be_written(c, live) | stale_slots(c, desired, live, false));
	if (simple)
		switch_over(c, live, false, true);
	again = end_commit(c);
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
	/*
	 * Both reads may race with an NMI on this CPU that commits. One that finds @changed has
	 * written the registers before it clears @changed, and leaves @busy as it was.
	 */
	if (!data_race(__this_cpu_read(hwbp_cpu.changed)))
		return;
	/* The long way in the middle of a commit, and where the master register is not free */
	if (unlikely(data_race(__this_cpu_read(hwbp_cpu.busy)) || !arch_hwbp_master_is_free() ||
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
